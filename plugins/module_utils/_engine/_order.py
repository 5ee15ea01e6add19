# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which kinds are handled, as data with the reason. Removal uses the reverse order."""

from __future__ import annotations

_MAKE = (
    ("netns", "everything else stands in one"),
    ("linux_bridge", "a link can be made as its port at once"),
    ("veth", "both ends go straight to their namespaces"),
    ("netns_interface", "moves or creates links, on parents made above"),
    ("ovs_bridge", "next to ovs_port, so that both share a transaction"),
    ("ovs_port", "its device may be a veth made above"),
    ("ovn_chassis", "ovn-controller finds the bridges of its mappings, and the ports that it is to bind"),
    ("netns_route", "needs its device"),
    ("netns_nat", "finds its networks by the addresses of links"),
    ("dnsmasq_in_ns", "needs its interfaces"),
    ("netns_dhcp_client", "needs its interface, and the server to be there"),
)
# Settling sets attributes, addresses and ports. Addresses come before routes, which need an on-link gateway;
# servers are started with addresses in place, before the clients ask them.
# A bridge comes after veth and netns_interface, which may add a link to it as a port again. Only then the port has
# flags to set.
_SETTLE = (_MAKE[0], *_MAKE[2:4], _MAKE[1], *_MAKE[4:])

# The kinds of OVN's northbound database. Lists that name others (ports of groups, rules, routers of load balancers) are
# settled.
_NORTHBOUND = (
    ("ovn_global", "the options of all that follows"),
    ("ovn_address_set", "rules name it"),
    ("ovn_dhcp_options", "ports name them"),
    ("ovn_switch", "ports are on one"),
    ("ovn_router", "its ports join switches"),
    ("ovn_port", "groups and translations name it"),
    ("ovn_port_group", "rules name it"),
    ("ovn_load_balancer", "acts on switches and routers"),
)

MAKE_ORDER = {name: rank for rank, (name, _why) in enumerate((*_MAKE, *_NORTHBOUND))}
SETTLE_ORDER = {name: rank for rank, (name, _why) in enumerate((*_SETTLE, *_NORTHBOUND))}
KIND_NAMES = tuple(name for name, _why in _MAKE)
NORTHBOUND_NAMES = tuple(name for name, _why in _NORTHBOUND)
