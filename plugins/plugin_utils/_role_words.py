# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module says of the entries of its lists, in the words of who uses a role: the role composed these lists, so
its user knows a variable and the names of objects, and no index.
"""

from __future__ import annotations

import collections.abc as c
import re
import typing as t

# Role -> kind of entry -> the variable that such entries are made of. '': those of all other kinds. The role faults is
# not here: its user writes the lists.
MADE_OF: dict[str, dict[str, str]] = {
    "bridge_network": {"": "bridge_network_networks"},
    "vxlan_network": {"": "vxlan_network_networks"},
    "ovs_vlan_dhcp": {
        "": "ovs_vlan_dhcp_tenants",
        "netns_interface": "ovs_vlan_dhcp_tunnels",
        "ovs_bridge": "ovs_vlan_dhcp_bridge",
    },
    "router": {"": "router_routers"},
    "ovn_chassis": {},
    "ovn_network": {
        "": "ovn_network_networks",
        "ovn_router": "ovn_network_routers",
        "ovn_port_group": "ovn_network_security_groups",
        "ovn_address_set": "ovn_network_security_groups",
        "ovn_load_balancer": "ovn_network_load_balancers",
        "ovn_global": "ovn_network_options",
    },
}
COLLECTION = "netloom.linux."
NAMES = ("name", "destination", "interface", "cidr")  # what an entry is called by, whichever it has
ENTRY = re.compile(r"\b([a-z]+(?:_[a-z]+)*)\[(\d+)\](?:\.([a-z_]+(?:[.\[][\w\]]+)*))?")
OPTION = re.compile(r"(?<![\w.])(?=(?:persist|max_disruption): )")  # of topology; each role has it under its own name
Lists = c.Mapping[str, t.Any]


def told(result: dict[str, t.Any], role: str, lists: Lists) -> dict[str, t.Any]:
    """The result of a task of a role. ``role``: its full name; ``lists``: the arguments of the task."""
    variables = MADE_OF.get(role.removeprefix(COLLECTION)) if role.startswith(COLLECTION) else None
    if variables is None:
        return result
    found = dict(result)
    if result.get("failed") and isinstance(result.get("msg"), str):
        found["msg"] = words(result["msg"], role, lists)
        if found["msg"] != result["msg"] and not isinstance(result.get("exception"), str):
            # Since ansible-core 2.19 it repeats the message, and Ansible prints it first. A text is a traceback.
            found.pop("exception", None)
    if isinstance(result.get("warnings"), list):
        found["warnings"] = [_warning(one, role, lists) for one in result["warnings"]]
    return found


def _warning(told: t.Any, role: str, lists: Lists) -> t.Any:
    """Since ansible-core 2.19, a warning of a module is no text any more."""
    text = told if isinstance(told, str) else getattr(getattr(told, "event", None), "msg", None)
    new = words(text, role, lists) if isinstance(text, str) else text
    return told if new == text else new


def words(text: str, role: str, lists: Lists) -> str:
    """A sentence, or several, without indexes of lists. One that begins with an entry begins with the variable now."""
    short = role.removeprefix(COLLECTION)
    text = OPTION.sub(f"{short}_", text)
    first = ENTRY.match(text)
    if first is None or _entry(first, lists) is None:
        return ENTRY.sub(lambda one: _called(one, lists), text)
    kinds = MADE_OF[short]
    variable = kinds.get(first[1], kinds.get("")) or f"role {short}"
    rest = ENTRY.sub(lambda one: _called(one, lists), text[first.end() :])
    # A sentence about a whole entry names it by itself.
    return f"{variable}{rest}" if first[3] is None else f"{variable}: {_called(first, lists)}{rest}"


def _entry(found: re.Match[str], lists: Lists) -> c.Mapping[str, t.Any] | None:
    entries, index = lists.get(found[1]), int(found[2])
    entry = entries[index] if isinstance(entries, list) and index < len(entries) else None
    return entry if isinstance(entry, c.Mapping) else None


def _called(found: re.Match[str], lists: Lists) -> str:
    """The entry by its name, and which of its options is meant."""
    entry = _entry(found, lists)
    if entry is None:
        return found[0]
    name = next((f" '{entry[key]}'" for key in NAMES if entry.get(key)), "")
    where = f" in '{entry['netns']}'" if entry.get("netns") else ""
    option = f"{found[3]} of " if found[3] else ""
    return f"{option}{found[1]}{name}{where}"
