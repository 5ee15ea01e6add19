# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy rules that name an interface (ip-rule(8)).

A rule belongs to its namespace and not to a link. An exact list is possible because a rule names the interface. So the
list takes nothing from others.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _plan,
    _rule,
    _snapshot,
    _stack_ops,
    _values,
)

FAMILIES = {"ipv4": 4, "ipv6": 6}
MARK = r"(0x[0-9a-f]+|[0-9]+)"
MOST = 2**32 - 1

OPTION: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "priority": {"type": "int", "required": True},
        "match": {"type": "str", "choices": ["iif", "oif"], "default": "iif"},
        "family": {"type": "str", "choices": list(FAMILIES)},
        "from": {"type": "str"},
        "to": {"type": "str"},
        "fwmark": {"type": "str"},
        "action": {"type": "str", "choices": ["lookup", "blackhole", "unreachable", "prohibit"], "default": "lookup"},
        "table": {"type": "str"},
        "suppress_prefixlength": {"type": "int"},
    },
}


def normalise(values: t.Sequence[_plan.Params] | None, device: str, option: str) -> tuple[_rule.Rule, ...] | None:
    """The option rules of an interface; None: leave alone."""
    if values is None:
        return None
    found: dict[tuple[t.Any, ...], _rule.Rule] = {}
    for index, value in enumerate(values):
        rule = _read_rule(value, device, f"{option}[{index}].")
        if found.get(rule.selector) == rule:
            raise _errors.BadInput(f"{option}[{index}]: stands in the list twice; remove one.")
        if rule.selector in found:
            raise _errors.BadInput(
                f"{option}[{index}].priority: {rule.priority} is that of another rule for the same packets, so nothing"
                " says which comes first; give another."
            )
        found[rule.selector] = rule
    return tuple(found.values())


def _read_rule(value: _plan.Params, device: str, here: str) -> _rule.Rule:
    networks = {
        name: _values.network(value[name], f"{here}{name}") for name in ("from", "to") if value.get(name) is not None
    }
    family = (
        FAMILIES[value["family"]]
        if value.get("family")
        else next((network.version for network in networks.values()), 4)
    )
    for name, network in networks.items():
        if network.version != family:
            raise _errors.BadInput(
                f"{here}{name}: '{network}' is IPv{network.version}, but the rule is for IPv{family}; it is for one of"
                " them."
            )
    source, destination = (
        str(networks[name]) if name in networks and networks[name].prefixlen else None for name in ("from", "to")
    )
    return _rule.Rule(
        device,
        value["match"],
        _values.number(value["priority"], f"{here}priority", 1, MOST),
        family,
        source,
        destination,
        None if value.get("fwmark") is None else _mark(value["fwmark"], f"{here}fwmark"),
        value["action"],
        *_lookup(value, 128 if family == 6 else 32, here),
    )


def _lookup(value: _plan.Params, bits: int, here: str) -> tuple[int | None, int | None]:
    """The table and suppress_prefixlength of a rule."""
    table, suppress = value.get("table"), value.get("suppress_prefixlength")
    if value["action"] != "lookup":
        for name, given in (("table", table), ("suppress_prefixlength", suppress)):
            if given is not None:
                raise _errors.BadInput(
                    f"{here}{name}: a rule with the action '{value['action']}' looks nothing up; leave it out."
                )
        return None, None
    if table is None:
        raise _errors.BadInput(f"{here}table: is missing; name the table to look up, or an action.")
    number = _values.routing_table(table, f"{here}table")
    return number, None if suppress is None else _values.number(suppress, f"{here}suppress_prefixlength", 0, bits)


def _mark(value: str, option: str) -> str:
    """The normal form of a firewall mark: '0x1', with a mask '0x1/0xff'."""
    found = re.fullmatch(f"{MARK}(?:/{MARK})?", value.strip().lower())
    if not found:
        raise _errors.BadInput(
            f"{option}: {value!r} is not a firewall mark; write it as '0x1', or with a mask as '0x1/0xff'."
        )
    mark, mask = (
        _values.number(int(text, 16 if text.startswith("0x") else 10), option, 0, MOST)
        for text in (found[1], found[2] or hex(MOST))
    )
    if not mask:
        raise _errors.BadInput(
            f"{option}: {value!r} has a mask that leaves nothing of the mark; give another, or leave the option out."
        )
    if mark & ~mask:
        raise _errors.BadInput(
            f"{option}: {value!r} has bits that its mask leaves out; did you mean '{mark & mask:#x}/{mask:#x}'?"
        )
    return f"{mark:#x}" if mask == MOST else f"{mark:#x}/{mask:#x}"


def complete(ns: _snapshot.NsKey, device: str, wanted: tuple[_rule.Rule, ...] | None, planner: _plan.Planner) -> None:
    """Plan that exactly these rules name the interface. Rules that no option can describe are left alone."""
    if wanted is None:
        return
    have = _naming(planner.now, ns, device)
    for rule in wanted:
        if rule not in have:
            planner.do(_stack_ops.RuleAdd(ns, rule))
    # Rules are deleted last, so that at no moment packets are without a rule.
    for rule in have:
        if rule not in wanted:
            planner.do(_stack_ops.RuleDelete(ns, rule))


def remove(ns: _snapshot.NsKey, going: t.Sequence[_rule.Rule], planner: _plan.Planner) -> None:
    """Plan that no rule of this priority for these packets exists, whatever it does with them now."""
    selectors = {rule.selector for rule in going}
    for rule in [rule for rule in planner.now.namespaces[ns].rules if rule.selector in selectors]:
        planner.do(_stack_ops.RuleDelete(ns, rule))


def remove_all(ns: _snapshot.NsKey, device: str, planner: _plan.Planner) -> None:
    """Plan that no rule names an interface that is deleted. Otherwise the rules would apply to the next one of that
    name.
    """
    for rule in _naming(planner.now, ns, device):
        planner.do(_stack_ops.RuleDelete(ns, rule))


def view(snapshot: _snapshot.Snapshot, ns: _snapshot.NsKey, device: str) -> list[dict[str, t.Any]]:
    """The present value of the option. Two rules that differ only in who made them are one."""
    found = sorted(dict.fromkeys(_naming(snapshot, ns, device)), key=lambda rule: (rule.priority, str(rule.selector)))
    return [{name: value for name, value in _told(rule).items() if value is not None} for rule in found]


def _told(rule: _rule.Rule) -> dict[str, t.Any]:
    return {
        "priority": rule.priority,
        "match": rule.match,
        "family": f"ipv{rule.family}",
        "from": rule.source,
        "to": rule.destination,
        "fwmark": rule.fwmark,
        "action": rule.action,
        "table": rule.table_name,
        "suppress_prefixlength": rule.suppress_prefixlength,
    }


def _naming(snapshot: _snapshot.Snapshot, ns: _snapshot.NsKey, device: str) -> list[_rule.Rule]:
    return [rule for rule in snapshot.namespaces[ns].rules if rule.device == device]
