# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a port of a switch that OVN takes, and then does not serve."""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import (
    _balancer_judge,
    _fields,
    _ovn,
    _residents,
    _router_ports,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _northbound, _plan

# The keys of options without which OVN does nothing with a port of a type
NEEDED: dict[str, tuple[str, ...]] = {
    "router": (_router_ports.ROUTER_PORT,),
    "localnet": ("network_name",),
    "l2gateway": ("network_name", "l2gateway-chassis"),
    "vtep": ("vtep-physical-switch", "vtep-logical-switch"),
    "virtual": ("virtual-ip", "virtual-parents"),
}
TAGGED = ("localnet", "l2gateway", "vtep")  # types whose tag is a VLAN of the outside


def refuse_combinations(row: _northbound.Row, path: str) -> None:
    """Refuse a type without the options that it needs, and a tag that belongs to nothing."""
    kind, options = row["type"], row["options"]
    for key in NEEDED.get(kind, ()):
        if not options.get(key):
            raise _errors.BadInput(
                f"{path}options: lack '{key}', without which OVN does nothing with a port of type {kind}. Give it."
            )
    if _router_ports.ROUTER_PORT in options and kind != "router":
        raise _errors.BadInput(
            f"{path}options.{_router_ports.ROUTER_PORT}: belongs to a port of type router. Declare the port of the"
            " router in netloom.linux.ovn_router, which makes both ends."
        )
    if "router" in row["addresses"] and kind != "router":
        raise _errors.BadInput(f"{path}addresses: 'router' belongs to a port of type router; give a MAC address.")
    if row["parent_name"] and kind:
        raise _errors.BadInput(f"{path}parent: belongs to a port without a type, and this one has type {kind}.")
    if row["parent_name"] and _fields.tag_of(row) is None:
        raise _errors.BadInput(
            f"{path}tag: is missing; with `parent` OVN tells the port by its VLAN. Give one, or 0 to let OVN choose."
        )
    if row["tag_request"] is not None and not row["parent_name"] and kind not in TAGGED:
        raise _errors.BadInput(f"{path}tag: needs `parent`, the port behind which this one is, or type localnet.")


def judge_way(planner: _plan.Planner, place: _northbound.Place, path: str) -> None:
    """Refuse a second way to a port of a router, and warn of one to nowhere."""
    nb = planner.now.nb
    name = nb.row(place)["options"].get(_router_ports.ROUTER_PORT)
    if nb.row(place)["type"] != "router" or not name:
        return
    here = f"{path}options.{_router_ports.ROUTER_PORT}"
    other = next((one for one in _router_ports.counterparts(nb, [name]) if one != place), None)
    if other is not None:
        raise _errors.Conflict(
            f"{here}: port '{nb.row(other)['name']}' leads to '{name}', too, and OVN knows one way to it. Declare the"
            " port of the router in netloom.linux.ovn_router, which makes both ends."
        )
    if not nb.named(_router_ports.TABLE, name):
        planner.warn(f"{here}: no router has a port '{name}', so the port leads nowhere until one has.")


def refuse_parent(planner: _plan.Planner, row: _northbound.Row, path: str) -> None:
    """Refuse a parent that is not there, or the port itself."""
    nb, name = planner.now.nb, row["parent_name"]
    if name == row["name"]:
        raise _errors.BadInput(f"{path}parent: '{name}' is the port itself; give the port behind which it is.")
    parent = _ovn.the_port(planner, name, f"{path}parent")
    if nb.row(parent)["parent_name"]:
        raise _errors.BadInput(
            f"{path}parent: '{name}' is itself behind port '{nb.row(parent)['parent_name']}', and OVN knows one tag of"
            " a packet. Give that one."
        )
    for place in nb.found(_ovn.PORTS, "parent_name", name):
        other = nb.row(place)
        if other["name"] != row["name"] and _fields.tag_of(other) == _fields.tag_of(row) and _fields.tag_of(row):
            raise _errors.BadInput(
                f"{path}tag: {_fields.tag_of(row)} is that of port '{other['name']}' behind '{name}', too, and OVN"
                " would give its packets to one of the two. Take another one."
            )


def refuse_two_names(nb: _northbound.Northbound, row: _northbound.Row, path: str) -> None:
    """Refuse the name of a router's port: chassis know both sorts of ports by one name."""
    for router in _router_ports.routers_of(nb, row["name"]):
        raise _errors.Conflict(
            f"{path}name: '{row['name']}' is a port of router '{router}', and OVN drops one of two ports with one name."
            " Take another one."
        )


def judge_addresses(planner: _plan.Planner, place: _northbound.Place, switch: _northbound.Place, path: str) -> None:
    """Refuse addresses that somebody else has, or that are not of the switch."""
    nb = planner.now.nb
    row, of = nb.row(place), nb.row(switch)
    _refuse_twice(row, path)
    for one in _residents.of_port(row, place):
        _residents.refuse_taken(planner, switch, one, lambda _told: f"{path}addresses")
        for told in one.addresses:
            _residents.refuse_outside(told, nb, switch, f"{path}addresses")
            _balancer_judge.refuse_vip(planner, switch, told, f"{path}addresses")
    if any("dynamic" in told.split() for told in row["addresses"]) and not _residents.subnets_of(of):
        planner.warn(
            f"{path}addresses: 'dynamic' lets OVN choose an address, and switch '{of['name']}' has neither subnet nor"
            " ipv6_prefix, of which it could. Declare one of them in netloom.linux.ovn_switch."
        )


def _refuse_twice(row: _northbound.Row, path: str) -> None:
    """Refuse an address behind two MAC addresses, and a second choice by OVN, which makes one for each port."""
    seen: set[str] = set()
    for line in row["addresses"]:
        for told in _residents.addresses_in(line):
            if told in seen:
                raise _errors.BadInput(f"{path}addresses: {told} stands there twice; remove one.")
            seen.add(told)
    if sum("dynamic" in line.split() for line in row["addresses"]) > 1:
        raise _errors.BadInput(
            f"{path}addresses: 'dynamic' stands there twice, and OVN allots addresses to a port once. Remove one."
        )


def refuse_unserved(nb: _northbound.Northbound, place: _northbound.Place, switch: _northbound.Place, path: str) -> None:
    """Refuse DHCP options that OVN would not use: it answers for the addresses of a port only, and only if they are of
    the network of the options. Of options for both families one is enough.
    """
    row = nb.row(place)
    columns = [(4, row["dhcpv4_options"]), (6, row["dhcpv6_options"])]
    had = [version for version, key in columns if key and _is_served(nb, place, switch, key, path)]
    lacking = [version for version, key in columns if key and version not in had]
    if lacking and not had:
        raise _errors.BadInput(
            f"{path}dhcp_options: OVN answers for the addresses of a port only, and this one has none of"
            f" IPv{lacking[0]}. Give `addresses` a MAC address with an address, or 'dynamic'."
        )


def _is_served(
    nb: _northbound.Northbound, place: _northbound.Place, switch: _northbound.Place, options: str, path: str
) -> bool:
    """Whether a port has addresses of the family of DHCP options, or gets some. They must be of their network."""
    row, told = nb.row(place), nb.row(_northbound.Place("DHCP_Options", options))
    name, version = told["external_ids"].get(_ovn.KEY, ""), 6 if ":" in told["cidr"] else 4
    addresses = [one for had in _residents.of_port(row, place) for one in had.addresses]
    networks = _residents.networks_in([told["cidr"]])
    served = [one for one in map(_residents.address, addresses) if one.version == version]
    for address in served:
        if str(address) == told["options"].get("server_id"):
            raise _errors.BadInput(
                f"{path}dhcp_options: {address} is the address of the DHCP server, too (server_id of '{name}'), so the"
                " port would ask itself. Take another address for one of the two."
            )
        if not any(address in network for network in networks):
            raise _errors.BadInput(
                f"{path}dhcp_options: '{name}' are for {told['cidr']}, and the port has {address}, for which OVN"
                " would never answer. Take DHCP options of its network."
            )
    if served or not any("dynamic" in one.split() for one in row["addresses"]):
        return bool(served)
    subnets = [one for one in _residents.subnets_of(nb.row(switch)) if one.version == version]
    if subnets and not any(one.overlaps(network) for one in subnets for network in networks):
        raise _errors.BadInput(
            f"{path}dhcp_options: '{name}' are for {told['cidr']}, and switch '{nb.row(switch)['name']}' has subnet"
            f" {subnets[0]}. Take DHCP options of its network."
        )
    return True
