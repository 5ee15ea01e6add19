# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that all messages share: the nearest known name, limited lists, and shortened values."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _contents

MOST_NAMED = 5  # items of a list that a message names
MOST_CHOICES = 8  # that are listed beside the nearest one
MOST_LETTERS = 60  # of a value that a message quotes
# Options, the likeliest first, and what people call them elsewhere: in iproute2, ifupdown, netplan, Docker, Neutron.
ELSEWHERE: t.Mapping[str, str] = {
    "addresses address": "ip ip_address ipaddr ipv4",
    "subnet addresses address": "cidr",
    "gateway": "gw gateway4",
    "id": "vni",
    "interface device name port": "iface ifname dev nic",
    "learning": "nolearning",
    "mac": "hwaddr macaddr mac_address lladdr",
    "master": "bridge",
    "netns": "namespace ns",
    "port": "dstport",
    "remote": "dst",
    "subnet destination": "network",
    "tag id": "vlan vlan_id vid",
    "to_address destination": "to",
}
SYNONYMS = {word: ours.split() for ours, theirs in ELSEWHERE.items() for word in theirs.split()}
# Letters of a message: with what is said between them, five lines of 160. What is wrong stands at the beginning, what
# to do at the end.
HEAD, TAIL = 540, 200
MARK = 60  # letters that leaving something out takes at most


def some(items: t.Sequence[str], most: int = MOST_NAMED, between: str = ", ") -> str:
    """The first items of a list, and the number of the others."""
    return between.join(listed(items, most))


def listed(items: t.Sequence[str], most: int) -> list[str]:
    """A limited list of sentences. The last one counts the sentences that are left out."""
    more = len(items) - most
    return list(items) if more <= 0 else [*items[:most], f"and {more} more"]


def either(choices: t.Sequence[str]) -> str:
    """Words of which one is to be chosen: 'a, b or c'."""
    return " or ".join([", ".join(choices[:-1]), choices[-1]] if len(choices) > 1 else choices)


def shown(value: object) -> str:
    """A value as it was written, without the contents of files. Of a long value, its beginning."""
    whole = repr(_contents.left_out(value))
    return whole if len(whole) <= MOST_LETTERS else f"{whole[:MOST_LETTERS]}..."


def nearest(word: object, known: t.Iterable[str]) -> str | None:
    """The known name that somebody may have meant."""
    import difflib  # only who made a mistake needs it

    names = list(known)
    found = difflib.get_close_matches(str(word), names, 1)
    if found:
        return found[0]
    lowered = {name.casefold(): name for name in reversed(names)}
    found = difflib.get_close_matches(str(word).casefold(), lowered, 1)
    return lowered[found[0]] if found else None


def meant(name: str, known: t.Iterable[str]) -> str:
    """The end of a message about a name that nobody has: which one somebody may have meant."""
    near = nearest(name, known)
    return f" Did you mean '{near}'?" if near else ""


def unknown(key: object, what: str, known: t.Iterable[str]) -> str:
    """The sentence about an unknown key. ``what``: the object whose option it would be."""
    names = sorted(known)
    near = next((name for name in SYNONYMS.get(str(key), ()) if name in names), None) or nearest(key, names)
    hint = f"did you mean '{near}'?" if near else f"its options are {', '.join(names)}."
    return f"{shown(key)} is not an option of {what}; {hint}"


def impossible(value: object, choices: t.Sequence[str]) -> str:
    """The sentence about a word that is not among the choices."""
    near = nearest(value, choices)
    hints = [f"did you mean '{near}'?"] if near else []
    if not near or len(choices) <= MOST_CHOICES:
        hints.append(f"{'The' if near else 'the'} choices are {either(choices)}.")
    return f"{shown(value)} is not possible; {' '.join(hints)}"


def is_legible(value: t.Any) -> bool:
    """Whether all strings of a value that JSON can carry are UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, TypeError):
        return False
    return True


def legible(value: t.Any) -> t.Any:
    r"""The same value, in whose strings bytes that are not UTF-8 stand as \xNN: Ansible declines a whole result for one
    of them.
    """
    if isinstance(value, str):
        return (
            value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        )
    if isinstance(value, dict):
        return {legible(key): legible(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [legible(inner) for inner in value]
    return tuple(legible(inner) for inner in value) if isinstance(value, tuple) else value


def bounded(message: str, head: int = HEAD, tail: int = TAIL) -> str:
    """A message of a readable length: what exceeds it is left out of its middle."""
    if len(message) <= head + tail + MARK:
        return message
    return f"{message[:head].rstrip()} [... {len(message) - head - tail} letters ...] {message[-tail:].lstrip()}"
