# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as people read it: a line for each object, with what becomes of it and what that disturbs."""

from __future__ import annotations

import collections.abc as c
import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _plan_values

SIGNS = {"create": "+", "delete": "-", "change": "~", "renew": "~", "adopt": "="}
# What a step disturbs, in the words of a reader: of an object that stays, and of one that is deleted.
STAYS = {"none": "", "brief": "brief", "recreate": "recreated"}
GOES = {"none": "", "brief": "brief", "recreate": "gone"}
WIDEST = 100  # columns that what a line disturbs is aligned at; a longer line has it behind its end
HOSTS_WIDTH = 80  # columns for the names of hosts
GAP = "  "
Result = c.Mapping[str, t.Any]
WHOLES = ("topology", "ovn_topology")  # the modules of many objects, and the keys of their results


@dataclasses.dataclass(frozen=True)
class _Line:
    sign: str
    kind: str
    name: str
    attributes: str
    disturbs: str


@dataclasses.dataclass(frozen=True)
class Plan:
    """A plan without its hosts: two hosts whose plans are equal share one block of lines."""

    what: str
    facts: str
    lines: tuple[str, ...]

    def on(self, hosts: c.Sequence[str], complete: bool = False) -> list[str]:
        """The lines of the plan, the hosts in the first one."""
        where = f" on {shortened(hosts, complete)}" if hosts else ""
        return [f"{self.what}{where}: {self.facts}", *self.lines]


def lines(result: Result, host: str | None = None, picture: bool = False) -> list[str]:
    """The plan in the result of a module. Empty if there is nothing to do."""
    plan = plan_of(result, picture)
    return plan.on([host] if host else []) if plan else []


def plan_of(result: Result, picture: bool = False) -> Plan | None:
    """The plan in the result of a module, or None if there is nothing to do. ``picture``: a topology of which nothing
    is there yet is a picture, and not a line for each object.
    """
    changes = result.get("plan") or []
    if not result.get("steps"):
        return None
    whole = next((one for one in WHOLES if one in result), None)
    name = (result[whole] or {}).get("name") if whole else None
    first = next(iter(changes), None)
    what = f"{whole} {_plan_values.printable(str(name))}" if name else _called(first) if first else "plan"
    new = bool(name) and all(change["change"] == "create" for change in changes)
    table = _pictured(result) if picture and new and whole == WHOLES[0] else _aligned(list(_lines(result)))
    # What a role does beside its topology: services, files.
    beside = [f"{SIGNS['change']} {_plan_values.printable(step)}" for step in result.get("beside") or ()]
    return Plan(what, _counted(result), tuple(f"{GAP}{line}" for line in (*beside, *table)))


def _pictured(result: Result) -> list[str]:
    """What is to be created, drawn as it will be; a line for each route that no picture shows."""
    # Only for those who want it.
    from ansible_collections.netloom.linux.plugins.plugin_utils import _picture_reader, _picture_text, _picture_words

    _before, after = states_of(result)
    drawn = _picture_text.draw([_picture_reader.host_of("", {"netns_info": after})])
    routes = [line for line in _lines(result) if line.kind == "netns_route"]
    routes = [line for route, line in zip(after.get("netns_route") or (), routes) if not _picture_words.shows(route)]
    return [*(f"{SIGNS['create']} {line}" for line in drawn.splitlines()), *_aligned(routes)]


def _called(change: Result) -> str:
    return f"{change['kind']} {named(change['identity'])}".rstrip()  # a host is one chassis, without a name


def named(identity: Result) -> str:
    """The name of an object with its place: 'eth0 in red', 'default in red', 'OVS1 v-red'."""
    words = " ".join(
        _plan_values.text(list(value) if isinstance(value, c.Mapping) else value)  # of a map only the keys
        for key, value in identity.items()
        if key != "netns"
    )
    return f"{words} in {_plan_values.text(identity['netns'])}" if identity.get("netns") else words


def _counted(result: Result) -> str:
    steps, disturbing = len(result["steps"]), len(result.get("disruptions") or ())
    counted = f"{steps} step{'' if steps == 1 else 's'}"
    if not disturbing:
        return f"{counted}, disturbing nothing"
    return f"{counted}, {disturbing} disturb{'s' if disturbing == 1 else ''} something"


def states_of(result: Result) -> tuple[Result, Result]:
    """Before and after in the result of a module or of its action plugin. Of a topology, both have lists of objects."""
    source = result if "before" in result and "after" in result else result.get("diff")
    found = source if isinstance(source, c.Mapping) else {}
    before, after = (found.get(key) for key in ("before", "after"))
    return before if isinstance(before, c.Mapping) else {}, after if isinstance(after, c.Mapping) else {}


def changes_of(result: Result) -> c.Iterator[tuple[Result, Result, Result]]:
    """The changes in the result of a module, each with its object before and after."""
    before, after = states_of(result)
    counted: dict[str, int] = {}
    for change in result.get("plan") or ():
        kind = change["kind"]
        pair: tuple[Result, Result] = ({}, {})
        if change["change"] not in ("renew", "adopt"):  # the others are in before and after, in the order of the plan
            index = counted[kind] = counted.get(kind, -1) + 1
            pair = (_at(before, kind, index, result), _at(after, kind, index, result))
        yield (change, *pair)


def _lines(result: Result) -> c.Iterator[_Line]:
    for change, before, after in changes_of(result):
        kind = change["kind"]
        words = GOES if change["change"] == "delete" else STAYS
        disturbs = words.get(change["disturbs"], "")
        yield _Line(
            SIGNS[change["change"]], kind, named(change["identity"]), _attributes(change, before, after), disturbs
        )


def _at(states: Result, kind: str, index: int, result: Result) -> Result:
    if all(whole not in result for whole in WHOLES):
        return states
    objects = states.get(kind) or ()
    return objects[index] if index < len(objects) else {}


def _attributes(change: Result, before: Result, after: Result) -> str:
    if change["change"] == "adopt":
        return "adopted: it was there before"
    if change["change"] == "renew":
        return "; ".join(_plan_values.printable(step) for step in change.get("steps") or ())
    if change["change"] == "create":
        return GAP.join(_plan_values.of_new(change["kind"], after, change["identity"], change.get("declared")))
    return GAP.join(_plan_values.of_changed(before, after)) if change["change"] == "change" else ""


def _aligned(table: c.Sequence[_Line]) -> list[str]:
    kinds, names = (max((len(getattr(line, column)) for line in table), default=0) for column in ("kind", "name"))
    texts = [
        (f"{one.sign} {one.kind:<{kinds}}{GAP}{one.name:<{names}}{GAP}{one.attributes}".rstrip(), one.disturbs)
        for one in table
    ]
    width = min(max((len(text) for text, _disturbs in texts), default=0), WIDEST)
    return [f"{text:<{width}}{GAP}{disturbs}".rstrip() for text, disturbs in texts]


def shortened(hosts: c.Sequence[str], complete: bool = False) -> str:
    """The names of hosts, so many that they fit on a line."""
    names = [_plan_values.printable(str(host)) for host in hosts]
    shown: list[str] = []
    for name in names:
        if shown and not complete and len(", ".join([*shown, name])) > HOSTS_WIDTH:
            return f"{', '.join(shown)} and {len(names) - len(shown)} more"
        shown.append(name)
    return ", ".join(shown)


def grouped(plans: c.Mapping[str, t.Any], complete: bool = False, picture: bool = False) -> list[str]:
    """The plans of several hosts, equal ones once. ``plans``: host -> its results; ``complete``: name all hosts;
    ``picture``: draw what is new.
    """
    blocks: dict[Plan, list[str]] = {}
    idle: list[str] = []
    for host, results in plans.items():
        found = [plan for one in _each(results) if (plan := plan_of(one, picture))]
        if not found and not any(one.get("failed") or one.get("unreachable") for one in _each(results)):
            idle.append(host)
        for plan in found:
            if host not in blocks.setdefault(plan, []):
                blocks[plan].append(host)
    told = [line for plan, hosts in blocks.items() for line in plan.on(hosts, complete)]
    return [*told, *([f"nothing to do on {shortened(idle, complete)}"] if idle else [])]


def _each(results: t.Any) -> c.Iterator[Result]:
    """The results of the modules, also those of the turns of a loop."""
    for one in [results] if isinstance(results, c.Mapping) else results or ():
        if isinstance(one, c.Mapping):
            yield from _each(one["results"]) if isinstance(one.get("results"), list) else [one]
