# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exact list of rules (table ACL) of a switch or a port group."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _fields, _match, _rows
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _northbound,
    _plan,
    _values,
)

RULE = f"{_fields.OURS}rule"  # external_ids: the options of which we composed the match
DIRECTIONS = {"ingress": "to-lport", "egress": "from-lport"}  # as the member sees it -> as OVN does
ACTIONS = ("allow-related", "allow", "drop", "reject")
HIGHEST_PRIORITY = 32767
NAME_BYTES = 63
AS_TOLD = ("action", "log", "name")  # what a rule does with the packets that it matches
OPTION: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "direction": {"type": "str", "required": True, "choices": list(DIRECTIONS)},
        "priority": {"type": "int", "default": 1000},
        "action": {"type": "str", "required": True, "choices": list(ACTIONS)},
        **_match.OPTIONS,
        "log": {"type": "bool", "default": False},
        "name": {"type": "str"},
    },
}


def _option_of(direction: str) -> str:
    """The direction as the member sees it."""
    return next(name for name, stored in DIRECTIONS.items() if stored == direction)


class Acls(_rows.Rows):
    """The rules."""

    option, table, column = "acls", "ACL", "acls"

    def words(self, row: _northbound.Row) -> str:
        return f"rule {row['priority']} {row['action']} {_option_of(row['direction'])} {row['match']}"


ACLS = Acls()


def read(rules: t.Sequence[_match.Rule] | None, path: str) -> list[dict[str, t.Any]] | None:
    """The declared rules in normal form; None: leave them alone."""
    if rules is None:
        return None
    found: list[dict[str, t.Any]] = []
    for index, rule in enumerate(rules):
        here = f"{path}[{index}]"
        _values.number(rule["priority"], f"{here}.priority", 0, HIGHEST_PRIORITY)
        name = rule.get("name") or None
        if name is not None and len(_values.text(name, f"{here}.name").encode()) > NAME_BYTES:
            raise _errors.BadInput(f"{here}.name: {name[:20]!r}... is too long; OVN takes {NAME_BYTES} bytes.")
        one = {
            "direction": rule["direction"],
            "priority": rule["priority"],
            "action": rule["action"],
            **_match.read(rule, f"{here}."),
            "log": bool(rule.get("log")),
            "name": name,
        }
        refuse_twin(one, found, AS_TOLD, here, path)
        found.append(one)
    return found


def refuse_twin(
    one: t.Mapping[str, t.Any],
    others: t.Sequence[t.Mapping[str, t.Any]],
    but: t.Collection[str],
    here: str,
    path: str,
) -> None:
    """Refuse two rules of one priority for the same packets. ``but``: what may differ, and would make no other rule."""
    if one in others:
        raise _errors.BadInput(f"{here}: stands in the list twice; remove one.")
    same = {name: value for name, value in one.items() if name not in but}
    for index, other in enumerate(others):
        if same == {name: value for name, value in other.items() if name not in but}:
            raise _errors.BadInput(
                f"{here}: is for the same packets as {path}[{index}], with the same priority, and OVN obeys one of the"
                " two. Remove one, or give it another priority."
            )


def plan(
    rules: t.Sequence[_match.Rule] | None,
    planner: _plan.Planner,
    parent: _northbound.Place,
    *,
    group: str | None,
    of: str,
    path: str,
) -> None:
    """Plan that the parent has exactly these rules. ``group``: the name of the port group that they are of."""
    if rules is None:
        return
    nb = planner.now.nb
    there = {nb.row(child)["match"] for child in nb.children(parent, "acls")}
    wanted = []
    for index, rule in enumerate(rules):
        here = f"{path}acls[{index}]."
        if rule.get("match") and rule["match"] not in there:
            raise _errors.BadInput(
                f"{here}match: no rule of {of} has this match. Nobody checks a new one: OVN would take it and maybe"
                " never obey it. Declare it by protocol, from, to, ports and icmp_type."
            )
        _match.assume_ends(rule, planner, here)
        wanted.append(_row(rule, nb, group, here))
    ACLS.plan(planner, parent, wanted, of)


def _row(rule: _match.Rule, nb: _northbound.Northbound, group: str | None, path: str) -> dict[str, t.Any]:
    composed = {name: rule[name] for name in _match.OPTIONS if name in rule and name != "match"}
    return {
        "direction": DIRECTIONS[rule["direction"]],
        "priority": rule["priority"],
        "action": rule["action"],
        "match": _match.compose(rule, nb, _member(rule["direction"], group), path),
        "log": rule["log"],
        "name": rule["name"],
        "external_ids": {} if "match" in rule else {RULE: json.dumps(composed, sort_keys=True)},
    }


def shown(parent: _northbound.Place, nb: _northbound.Northbound, group: str | None) -> list[dict[str, t.Any]]:
    """The rules in the shape of the options, the one that acts first first."""
    rows = [nb.row(child) for child in nb.children(parent, "acls")]
    rows.sort(key=lambda row: (row["direction"], -row["priority"], row["match"]))
    return [_shown(row, nb, group) for row in rows]


def _shown(row: _northbound.Row, nb: _northbound.Northbound, group: str | None) -> dict[str, t.Any]:
    direction = _option_of(row["direction"])
    found: dict[str, t.Any] = {"direction": direction, "priority": row["priority"], "action": row["action"]}
    found.update(options_of(row, nb, _member(direction, group)))
    found["log"] = row["log"]
    if row["name"]:
        found["name"] = row["name"]
    return found


def _member(direction: str, group: str | None) -> str:
    """What says in a match whose rule it is."""
    side = "outport" if direction == "ingress" else "inport"
    return f"{side} == @{group}" if group else ""


def options_of(row: _northbound.Row, nb: _northbound.Northbound, member: str) -> dict[str, t.Any]:
    """The options of which the match was composed; the match itself if it was not, or if somebody changed it."""
    try:
        told: dict[str, t.Any] = json.loads(row["external_ids"][RULE])
        if _match.compose(told, nb, member, "") == row["match"]:
            return told
    except (KeyError, ValueError, TypeError, AttributeError, _errors.NetloomError):
        pass
    return {"match": row["match"]}
