# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the exact lists of OVN's switches, routers and port groups in a few words, as a plan shows them."""

from __future__ import annotations

import collections.abc as c
import typing as t

Row = c.Mapping[str, t.Any]
USUAL_PRIORITY = 1000


def words(value: Row) -> str | None:
    """The row in words, or None if it is none of these."""
    for needed, told in SHAPES:
        if needed <= value.keys():
            return told(value)
    return None


def _rule(row: Row) -> str:
    """'ingress allow-related tcp 80,443 from web', 'policy 10 reroute via 10.0.0.1 to 10.9.0.0/16'."""
    policy = "direction" not in row
    found = [f"policy {row['priority']}" if policy else row["direction"], row["action"]]
    if row.get("nexthops"):
        found.append(f"via {','.join(map(str, row['nexthops']))}")
    if row.get("protocol"):
        found.append(row["protocol"])
    if row.get("ports"):
        found.append(",".join(map(str, row["ports"])))
    if row.get("icmp_type") is not None:
        found.append(f"type {row['icmp_type']}")
    found += [f"{end} {row[end]}" for end in ("from", "to") if row.get(end)]
    if row.get("match"):
        found.append(f"match {row['match']}")
    if not policy and row["priority"] != USUAL_PRIORITY:
        found.append(f"priority {row['priority']}")
    return " ".join(map(str, [*found, *(["logged"] if row.get("log") else []), *_called(row)]))


def _called(row: Row) -> list[str]:
    return [f"named {row['name']}"] if row.get("name") else []


def _translation(row: Row) -> str:
    where = f" on {row['logical_port']} ({row['external_mac']})" if row.get("logical_port") else ""
    return f"{row['type']} {row['logical_ip']} as {row['external_ip']}{where}"


def _route(row: Row) -> str:
    source = "from " if row.get("policy") == "src-ip" else ""
    port = f" by {row['output_port']}" if row.get("output_port") else ""
    table = f" in table {row['route_table']}" if row.get("route_table") else ""
    return f"{source}{row['ip_prefix']} via {row['nexthop']}{port}{table}"


def _port(row: Row) -> str:
    """'r1-red 10.0.0.1/24 02:00:00:00:00:01 on red', and the hosts that may be its gateway, the first one first."""
    gateways = sorted((row.get("gateway_chassis") or {}).items(), key=lambda one: (-int(one[1]), one[0]))
    told = f", gateway {' '.join(f'{name}:{priority}' for name, priority in gateways)}" if gateways else ""
    advertised = ", ".join(f"{key}={value}" for key, value in sorted((row.get("ra") or {}).items()))
    networks = " ".join(map(str, row["networks"]))
    where = f" on {row['switch']}" if row["switch"] else ""
    return f"{row['name']} {networks} {row['mac']}{where}{told}{f', ra {advertised}' if advertised else ''}"


# What a row of such a list has at least -> its words. No list of another kind has rows like these.
SHAPES: tuple[tuple[set[str], c.Callable[[Row], str]], ...] = (
    ({"direction", "action", "priority"}, _rule),
    ({"priority", "action"}, _rule),
    ({"external_ip", "logical_ip", "type"}, _translation),
    ({"ip_prefix", "nexthop"}, _route),
    ({"networks", "switch", "mac", "name"}, _port),
)
