# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of objects of OVN's northbound database, in the few words that fit into a picture."""

from __future__ import annotations

import collections.abc as c
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _diagram_words, _ovn_names, _plan_rows

Entry = c.Mapping[str, t.Any]
DIRECTIONS = {"ingress": "in", "egress": "out"}
DEFAULTS = {"0.0.0.0/0", "::/0"}


class Words:
    """Speaks of one database. ``hosts``: chassis -> name of its host."""

    def __init__(self, lists: c.Mapping[str, t.Sequence[Entry]], hosts: c.Mapping[str, str]) -> None:
        self.lists, self.hosts = lists, hosts
        self.groups: dict[str, list[str]] = {}  # by the name of a port
        for group in lists.get("ovn_port_group") or ():
            for port in group.get("ports") or ():
                self.groups.setdefault(str(port), []).append(str(group["name"]))
        self.subnets: dict[str, list[t.Any]] = {}  # by the name of a switch
        for router in lists.get("ovn_router") or ():
            for port in router.get("ports") or ():
                found = [ipaddress.ip_interface(one).network for one in port.get("networks") or ()]
                self.subnets.setdefault(str(port["switch"]), []).extend(found)
        cidrs = {one["name"]: one["cidr"] for one in lists.get("ovn_dhcp_options") or ()}
        for port in lists.get("ovn_port") or ():
            if port.get("dhcp_options") in cidrs:
                subnet = ipaddress.ip_network(cidrs[port["dhcp_options"]])
                self.subnets.setdefault(str(port["switch"]), []).append(subnet)

    def options(self) -> list[str]:
        """Those of the whole database."""
        return [f"{key}={value}" for one in self.lists.get("ovn_global") or () for key, value in one["options"].items()]

    def port(self, view: Entry) -> list[str]:
        """The addresses of a port, the host that it is bound to, and its security groups."""
        found: list[str] = []
        for words in view.get("addresses") or ():
            first, *addresses = str(words).split()
            found += [self._in_subnet(str(view["switch"]), one) for one in addresses] or [first]
        found = [one for one in dict.fromkeys(found) if len(found) == 1 or one != "unknown"]
        if view.get("chassis"):
            found.append(f"on {self._host(view['chassis'])}")
        if view.get("parent"):
            found.append(f"in {view['parent']}, VLAN {view.get('tag')}")
        groups = [one for one in self.groups.get(view["name"], ()) if not one.endswith(_ovn_names.DROP)]
        return found + ([f"groups {', '.join(groups)}" if len(groups) > 1 else f"group {groups[0]}"] if groups else [])

    def _in_subnet(self, switch: str, address: str) -> str:
        """An address with the length of the prefix, if a router or DHCP tells it."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return address
        near = (one for one in self.subnets.get(switch, ()) if found in one)
        return next((f"{address}/{one.prefixlen}" for one in near), address)

    def _host(self, chassis: t.Any) -> str:
        return self.hosts.get(str(chassis), str(chassis))

    def router(self, view: Entry) -> list[str]:
        """Where a router leads: gateways by their priority, routes, and address translation."""
        found = []
        for port in view.get("ports") or ():
            gateways = sorted((port.get("gateway_chassis") or {}).items(), key=lambda one: (-int(one[1]), one[0]))
            if gateways:
                found.append(f"gateway {', then '.join(self._host(name) for name, _priority in gateways)}")
        for route in view.get("routes") or ():
            destination = "default" if route["ip_prefix"] in DEFAULTS else route["ip_prefix"]
            found.append(f"{destination} via {route['nexthop']}")
        switches = {port["switch"] for port in view.get("ports") or ()}
        found += [self._translation(one, switches) for one in view.get("nat") or ()]
        found += [str(_plan_rows.words(one)) for one in view.get("policies") or ()]
        return [*found, *([] if view.get("enabled", True) else ["disabled"])]

    def _translation(self, nat: Entry, switches: t.Container[str]) -> str:
        inside, outside = nat["logical_ip"], nat["external_ip"]
        if nat["type"] == "snat":
            return f"{inside} leaves as {outside}"
        ports = (one for one in self.lists.get("ovn_port") or () if one["switch"] in switches)
        owner = next((one for one in ports if inside in " ".join(map(str, one.get("addresses") or ())).split()), None)
        named = f"{str(owner['name']).removeprefix(owner['switch'] + '-')}, {inside}" if owner else inside
        where = f" on {self._host(owner['chassis'])}" if owner and nat.get("logical_port") and owner["chassis"] else ""
        return f"{outside} is {named}{where}" if nat["type"] == "dnat_and_snat" else f"{outside} leads to {named}"

    def switch(self, view: Entry, dhcp: t.Sequence[Entry]) -> list[str]:
        """What a switch offers: DHCP, names, rules."""
        found = [" ".join(["DHCP", *self.dhcp(one)]) for one in dhcp]
        subnets = [view["subnet"]] if view.get("subnet") else self.subnets.get(str(view["name"]), ())
        found += [] if dhcp else dict.fromkeys(map(str, subnets))
        found += [f"DNS of {_diagram_words.counted(len(view['dns']), 'name')}"] if view.get("dns") else []
        return found + ([_diagram_words.counted(len(view["acls"]), "rule")] if view.get("acls") else [])

    @staticmethod
    def dhcp(view: Entry) -> list[str]:
        """What DHCP tells."""
        told = view.get("options") or {}
        return [str(view["cidr"]), *(f"{key} {told[key]}" for key in ("router", "mtu") if told.get(key))]

    @staticmethod
    def balancer(view: Entry) -> list[str]:
        """Which address stands for which."""
        found = []
        for vip, backends in (view.get("vips") or {}).items():
            found.append(f"{view.get('protocol') or 'tcp'} {vip}")
            found.append(f"-> {_words.some([str(one) for one in backends], 3)}")
        places = [str(one) for key in ("switches", "routers") for one in view.get(key) or ()]
        found += [f"on {_words.some(places)}"] if places else []
        return [*found, *(["health check"] if view.get("health_check") else [])]

    @staticmethod
    def group(view: Entry) -> list[str]:
        """The members and the rules of a group."""
        found = [_diagram_words.counted(len(view.get("ports") or ()), "port")]
        for rule in view.get("acls") or ():
            words = str(_plan_rows.words({**rule, "priority": _plan_rows.USUAL_PRIORITY}))
            direction, _space, rest = words.partition(" ")
            found.append(f"{DIRECTIONS[direction]}: {rest}".replace("allow-related", "allow"))
        return found
