# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exact lists of a router whose rows have no name: routes, NAT and policies."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _acls, _match, _rows
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _northbound, _plan, _values

NAT_TYPES = ("snat", "dnat", "dnat_and_snat")
POLICIES = ("dst-ip", "src-ip")
ACTIONS = ("allow", "drop", "reroute")

ROUTES: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "ip_prefix": {"type": "str", "required": True},
        "nexthop": {"type": "str", "required": True},
        "output_port": {"type": "str"},
        "policy": {"type": "str", "choices": list(POLICIES), "default": "dst-ip"},
        "route_table": {"type": "str"},
    },
}
NAT: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "type": {"type": "str", "required": True, "choices": list(NAT_TYPES)},
        "external_ip": {"type": "str", "required": True},
        "logical_ip": {"type": "str", "required": True},
        "logical_port": {"type": "str"},
        "external_mac": {"type": "str"},
    },
}
RULES: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "priority": {"type": "int", "required": True},
        "action": {"type": "str", "required": True, "choices": list(ACTIONS)},
        "nexthops": {"type": "list", "elements": "str"},
        **_match.OPTIONS,
    },
}


class Routes(_rows.Rows):
    """Static routes."""

    option, table, column = "routes", "Logical_Router_Static_Route", "static_routes"

    def words(self, row: _northbound.Row) -> str:
        return f"route {row['ip_prefix']} via {row['nexthop']}"

    def read(self, values: t.Sequence[t.Mapping[str, t.Any]], path: str) -> list[dict[str, t.Any]]:
        """The declared routes as columns."""
        found: list[dict[str, t.Any]] = []
        for index, value in enumerate(values):
            here = f"{path}[{index}]"
            network = _values.network(value["ip_prefix"], f"{here}.ip_prefix")
            nexthop = value["nexthop"]
            if nexthop != "discard":
                address = _values.host_address(nexthop, f"{here}.nexthop")
                nexthop = str(address)
                if address.version != network.version:
                    raise _errors.BadInput(
                        f"{here}.nexthop: {nexthop} is of another family of addresses than {network}."
                    )
            one: dict[str, t.Any] = {"ip_prefix": str(network), "nexthop": nexthop}
            one["policy"] = None if value["policy"] == "dst-ip" else value["policy"]
            one["output_port"] = value.get("output_port") or None
            if value.get("route_table"):
                one["route_table"] = value["route_table"]
            _once(one, found, here)
        return found

    def shown(self, row: _northbound.Row) -> dict[str, t.Any]:
        """A row in the shape of the options."""
        found = {"ip_prefix": row["ip_prefix"], "nexthop": row["nexthop"], "policy": row["policy"] or "dst-ip"}
        for name in ("output_port", "route_table"):
            if row.get(name):
                found[name] = row[name]
        return found


class Nat(_rows.Rows):
    """Translations of addresses."""

    option, table, column = "nat", "NAT", "nat"

    def words(self, row: _northbound.Row) -> str:
        return f"{row['type']} {row['logical_ip']} as {row['external_ip']}"

    def read(self, values: t.Sequence[t.Mapping[str, t.Any]], path: str) -> list[dict[str, t.Any]]:
        """The declared translations as columns."""
        found: list[dict[str, t.Any]] = []
        for index, value in enumerate(values):
            here = f"{path}[{index}]"
            outside = _values.host_address(value["external_ip"], f"{here}.external_ip")
            if value["type"] == "snat":
                inside = str(_values.network(value["logical_ip"], f"{here}.logical_ip"))
                inside = inside.partition("/")[0] if inside.endswith(("/32", "/128")) else inside
            else:
                inside = str(_values.host_address(value["logical_ip"], f"{here}.logical_ip"))
            if (":" in inside) != (outside.version == 6):
                raise _errors.BadInput(f"{here}.logical_ip: {inside} is of another family of addresses than {outside}.")
            port, mac = value.get("logical_port") or None, value.get("external_mac") or None
            if bool(port) != bool(mac) or (port and value["type"] != "dnat_and_snat"):
                raise _errors.BadInput(
                    f"{here}: logical_port and external_mac belong together, and to type dnat_and_snat: the translation"
                    " is then done on the chassis of that port."
                )
            one = {
                "type": value["type"],
                "external_ip": str(outside),
                "logical_ip": inside,
                "logical_port": port,
                "external_mac": None if mac is None else _values.mac(mac, f"{here}.external_mac"),
            }
            _once(one, found, here)
        return found

    def shown(self, row: _northbound.Row) -> dict[str, t.Any]:
        """A row in the shape of the options."""
        found = {name: row[name] for name in ("type", "external_ip", "logical_ip")}
        return {**found, **{name: row[name] for name in ("logical_port", "external_mac") if row[name]}}


class Policies(_rows.Rows):
    """Policies of routing."""

    option, table, column = "policies", "Logical_Router_Policy", "policies"

    def words(self, row: _northbound.Row) -> str:
        return f"policy {row['priority']} {row['action']} {row['match']}"

    def read(self, values: t.Sequence[t.Mapping[str, t.Any]], path: str) -> list[dict[str, t.Any]]:
        """The declared policies in normal form; their matches are composed when the sets are known."""
        found: list[dict[str, t.Any]] = []
        for index, value in enumerate(values):
            here = f"{path}[{index}]"
            _values.number(value["priority"], f"{here}.priority", 0, _acls.HIGHEST_PRIORITY)
            hops = {str(_values.host_address(one, f"{here}.nexthops")) for one in value.get("nexthops") or ()}
            if len({":" in one for one in hops}) > 1:
                raise _errors.BadInput(f"{here}.nexthops: are of IPv4 and of IPv6; give those of one family.")
            if (value["action"] == "reroute") != bool(hops):
                raise _errors.BadInput(f"{here}.nexthops: belong to action reroute, which needs at least one.")
            one = {
                "priority": value["priority"],
                "action": value["action"],
                "nexthops": tuple(sorted(hops)),
                **_match.read(value, f"{here}."),
            }
            _acls.refuse_twin(one, found, ("action", "nexthops"), here, path)
            found.append(one)
        return found

    def rows(
        self,
        values: t.Sequence[t.Mapping[str, t.Any]],
        planner: _plan.Planner,
        parent: _northbound.Place,
        path: str,
    ) -> list[dict[str, t.Any]]:
        """The columns of the declared policies."""
        nb = planner.now.nb
        there = {nb.row(child)["match"] for child in nb.children(parent, self.column)}
        found: list[dict[str, t.Any]] = []
        for index, value in enumerate(values):
            here = f"{path}policies[{index}]."
            if value.get("match") and value["match"] not in there:
                raise _errors.BadInput(
                    f"{here}match: no policy of the router has this match. Nobody checks a new one: OVN would take it"
                    " and maybe never obey it. Declare it by protocol, from, to, ports and icmp_type."
                )
            _match.assume_ends(value, planner, here)
            one: dict[str, t.Any] = {"priority": value["priority"], "action": value["action"]}
            one["match"] = _match.compose(value, nb, "", here)
            if value["nexthops"]:
                one["nexthops"] = value["nexthops"]
            composed = {name: value[name] for name in _match.OPTIONS if name in value and name != "match"}
            if nb.has(self.table, "external_ids") and "match" not in value:
                one["external_ids"] = {_acls.RULE: json.dumps(composed, sort_keys=True)}
            found.append(one)
        return found

    def shown(self, row: _northbound.Row, nb: _northbound.Northbound) -> dict[str, t.Any]:
        """A row in the shape of the options."""
        found: dict[str, t.Any] = {"priority": row["priority"], "action": row["action"]}
        if row.get("nexthops"):
            found["nexthops"] = list(row["nexthops"])
        return {**found, **_acls.options_of(row, nb, "")}


ROUTE_ROWS, NAT_ROWS, POLICY_ROWS = Routes(), Nat(), Policies()
OPTION_OF = {one.table: one.option for one in (ROUTE_ROWS, NAT_ROWS, POLICY_ROWS)}


def _once(one: dict[str, t.Any], found: list[dict[str, t.Any]], path: str) -> None:
    if one in found:
        raise _errors.BadInput(f"{path}: stands in the list twice; remove one.")
    found.append(one)
