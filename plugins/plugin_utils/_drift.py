# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between what is declared and what a host has, attribute by attribute, as data and as Markdown."""

from __future__ import annotations

import collections.abc as c
import json
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _fleet

Row = dict[str, t.Any]
Result = c.Mapping[str, t.Any]
COLUMNS = {
    "host": "Host",
    "object": "Object",
    "attribute": "Attribute",
    "declared": "Declared",
    "found": "Found",
    "disturbs": "Mending disturbs",
}
STATE, UNUSABLE = "state", "usable"
NOT_IN_STATES = ("renew", "adopt")  # changes whose objects are equal before and after


def rows(hosts: c.Iterable[str], variables: c.Mapping[str, c.Mapping[str, t.Any]]) -> list[Row]:
    """A row for each attribute that differs on one of the hosts. ``variables``: host -> its variables."""
    found: list[Row] = []
    for host in hosts:
        own = variables[host]
        for name in _fleet.RESULTS:
            result, role = own.get(name), name.partition("_result")[0]
            if isinstance(result, c.Mapping):
                found += [{"host": host, "role": role, **row} for row in of_result(result)]
    return found


def of_result(result: Result) -> c.Iterator[Row]:
    """The rows of what a topology would mend."""
    changes = result.get("plan")
    # As declared, and of no use yet.
    yield from (_row("", UNUSABLE, None, words, "none") for words in result.get("unusable") or ())
    # What a role does beside its topology has no attributes.
    yield from (_row("", "", None, step, "") for step in result.get("steps" if changes is None else "beside") or ())
    if changes is None:
        return
    places: dict[str, int] = {}
    for change in changes:
        kind = change["kind"]
        called, disturbs = f"{kind} {_called(change['identity'])}".rstrip(), change["disturbs"]
        if change["change"] in NOT_IN_STATES:
            # An adopted object is as declared: there is nothing to mend.
            yield from (_row(called, "", None, step, disturbs) for step in change.get("steps") or ())
            continue
        place = places[kind] = places.get(kind, -1) + 1
        before, after = (_at(result.get(key), kind, place) for key in ("before", "after"))
        if change["change"] == "change":
            for path, found, declared in _differences(before, after):
                yield _row(called, path, declared, found, disturbs)
        else:
            # The states of a daemon are started and stopped.
            made = change["change"] == "create"
            declared, found = after.get(STATE) or "present", before.get(STATE) or "absent"
            yield _row(
                called,
                STATE,
                *((declared, found) if made else (after.get(STATE) or "absent", before.get(STATE) or "present")),
                disturbs,
            )


def _row(called: str, attribute: str, declared: t.Any, found: t.Any, disturbs: str) -> Row:
    return {"object": called, "attribute": attribute, "declared": declared, "found": found, "disturbs": disturbs}


def _called(identity: Result) -> str:
    words = " ".join(str(value) for key, value in identity.items() if key != "netns")
    return f"{words} in {identity['netns']}" if identity.get("netns") else words


def _at(states: t.Any, kind: str, place: int) -> Result:
    objects = (states.get(kind) if isinstance(states, c.Mapping) else None) or ()
    found: Result = objects[place] if place < len(objects) else {}
    return found


def _differences(old: t.Any, new: t.Any, path: str = "") -> c.Iterator[tuple[str, t.Any, t.Any]]:
    """(path, old, new) of each attribute that differs; of one with suboptions each of these."""
    if isinstance(old, c.Mapping) and isinstance(new, c.Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from _differences(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
    elif old != new:
        yield path, old, new


def report(found: c.Mapping[str, t.Any]) -> str:
    """The artifact of the playbook drift as Markdown."""
    table = found["drift"]
    lines = ["# Drift", "", *_fleet.summary(found)[:1], ""]
    if table:
        lines += [f"| {' | '.join(COLUMNS.values())} |", f"|{'---|' * len(COLUMNS)}"]
        lines += [f"| {' | '.join(_cell(row[column]) for column in COLUMNS)} |" for row in table]
    else:
        lines += ["Nothing differs." if found["ok"] else "No host could be compared."]
    for word in _fleet.WITH_REASON:
        if found.get(word):
            lines += ["", f"## {_fleet.WORDS[word].capitalize()}", ""]
            lines += [f"- {host}: {_cell(why)}" for host, why in found[word].items()]
    return "\n".join(lines) + "\n"


def _cell(value: t.Any) -> str:
    text = value if isinstance(value, str) else "-" if value is None else json.dumps(value, default=str, sort_keys=True)
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ") or "-"
