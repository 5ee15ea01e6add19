# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that several options of dnsmasq_in_ns share, in their normal form: as the record keeps them (dnsmasq(8))."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values

Entry = dict[str, t.Any]

UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
SHORTEST_LEASE = 120  # seconds; dnsmasq raises anything shorter to this, without a word
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
TAG = re.compile(r"[A-Za-z0-9_.-]+")
# Lines that would take the daemon's files, its process or its test out of our hands.
OURS = (
    *(
        "conf-file",
        "conf-dir",
        "conf-script",
        "servers-file",
        "pid-file",
        "log-facility",
        "dhcp-leasefile",
        "leasefile-ro",
    ),
    *("dhcp-hostsfile", "dhcp-optsfile", "dhcp-hostsdir", "dhcp-optsdir", "no-daemon", "keep-in-foreground", "test"),
    *("bind-dynamic", "bind-interfaces", "interface", "except-interface", "port"),
)


def hostname(value: str, option: str) -> str:
    """A host's name, with or without a domain (RFC 1123)."""
    _values.text(value, option)
    if len(value) > 253 or not all(LABEL.fullmatch(label) for label in value.split(".")):
        raise _errors.BadInput(
            f"{option}: {value!r} is not a host name; take letters, digits and '-' in parts of up to 63, separated by"
            " dots, such as 'web1'."
        )
    return value


def lease_time(value: t.Any, option: str) -> str:
    """Convert seconds, a number with a unit, or infinite to the number with the largest unit that fits, so that 60m and
    1h are equal.
    """
    written = str(value).strip().lower()
    _values.text(str(value), option)
    if written == "infinite":
        return written
    found = re.fullmatch(r"(\d{1,10})([wdhms]?)", written)
    if not found:
        raise _errors.BadInput(
            f"{option}: {value!r} is not a lease time; write seconds, or a number with m, h, d or w such as '1h', or"
            " 'infinite'."
        )
    seconds = int(found.group(1)) * UNITS[found.group(2) or "s"]
    if not SHORTEST_LEASE <= seconds < 2**32 - 1:
        raise _errors.BadInput(
            f"{option}: {value!r} is out of range; the shortest lease is 2m, and for one without an end write"
            " 'infinite'."
        )
    unit = next(unit for unit, size in UNITS.items() if seconds % size == 0)
    return f"{seconds // UNITS[unit]}{'' if unit == 's' else unit}"


def tag(value: str, option: str) -> str:
    """A tag that a value sets."""
    if not TAG.fullmatch(value):
        raise _errors.BadInput(f"{option}: {value!r} is not a tag; take letters, digits, '_', '.' and '-'.")
    return value


def condition(value: str, option: str) -> str:
    """A tag that is required. '!' in front means that the client must not have it."""
    tag(value[1:] if value.startswith("!") else value, option)
    return value


def interface(value: str, option: str) -> str:
    """A link's name that dnsmasq accepts: ',', '*', quotes, '#' and a backslash have a meaning of their own there."""
    _values.link_name(value, option)
    if not re.fullmatch(r"[A-Za-z0-9_.@+=~-]+", value):
        raise _errors.BadInput(
            f"{option}: {value!r} cannot be named to dnsmasq; it takes letters, digits and '_.@+=~-' only. Rename the"
            " link."
        )
    return value


def need(value: t.Any, option: str) -> t.Any:
    """A required value. Ansible accepts an explicit null as given."""
    if value is None:
        raise _errors.BadInput(f"{option}: is required; null is no value.")
    return value


def kept(**values: t.Any) -> Entry:
    """An entry without the options that were left out."""
    return {key: value for key, value in values.items() if value is not None}


def each(value: t.Any) -> list[t.Any]:
    """An option that takes one value or a list of them, as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]


def folded(values: t.Sequence[t.Any]) -> t.Any:
    """A list as a value: one element stands alone, and an empty list is left out."""
    return None if not values else values[0] if len(values) == 1 else list(values)


def several(value: t.Any, option: str, one: t.Callable[[str, str], str]) -> t.Any:
    """One string or a list of strings, each once and in the normal form that ``one`` makes."""
    if value is None:
        return None
    listed = isinstance(value, list)
    for index, text in enumerate(each(value)):
        _values.refuse_converted(text, f"{option}[{index}]" if listed else option)
    found: list[str] = []
    for index, text in enumerate(_values.strings(each(value), option)):
        here = f"{option}[{index}]" if listed else option
        new = one(text, here)
        if new in found:
            raise _errors.BadInput(f"{here}: '{new}' stands in the list twice; remove one.")
        found.append(new)
    return folded(found)


def extra_config(value: t.Any, option: str) -> list[str]:
    """Raw lines. A bare string is refused, because Ansible would split it at its commas."""
    if not isinstance(value, list):
        raise _errors.BadInput(
            f"{option}: {value!r} is not a list; write each line of configuration as an item of its own."
        )
    lines = _values.strings(value, option) if value else []
    for index, line in enumerate(lines):
        _values.text(line, f"{option}[{index}]")
        word = line.replace('"', "").split("=")[0].strip()  # dnsmasq takes quotes away wherever they are
        if word in OURS:
            raise _errors.BadInput(
                f"{option}[{index}]: {line!r} would change what the module itself decides; remove it."
            )
    return [line.strip() for line in lines]
