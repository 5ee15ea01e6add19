# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks that are measured, as the options of module topology."""

from __future__ import annotations

import typing as t

Wish = dict[str, t.Any]

GATEWAY = "10.9.255.254"
NETWORK_BITS = 16


def address(number: int) -> str:
    """The address of the namespace of that number; rivals count alike."""
    return f"10.9.{number // 250}.{number % 250 + 1}"


def bridged(count: int) -> Wish:
    """Namespaces on one Linux bridge, each with a cable, an address and a default route."""
    numbers = range(count)
    return {
        "name": "bridged",
        "netns": [{"name": f"n{i}"} for i in numbers],
        "linux_bridge": [
            {"name": "br0", "addresses": [f"{GATEWAY}/{NETWORK_BITS}"], "ports": [f"v-n{i}" for i in numbers]}
        ],
        "veth": [
            {
                "name": f"v-n{i}",
                "master": "br0",
                "peer": {"name": "eth0", "netns": f"n{i}", "addresses": [f"{address(i)}/{NETWORK_BITS}"]},
            }
            for i in numbers
        ],
        "netns_route": [{"netns": f"n{i}", "destination": "default", "gateway": GATEWAY} for i in numbers],
    }


def bridged_changed(count: int) -> Wish:
    """The same, but for one attribute of one link."""
    wish = bridged(count)
    wish["veth"][0]["peer"]["mtu"] = 1400
    return wish


def spread(hosts: t.Sequence[str], count: int) -> list[Wish]:
    """Networks of role vxlan_network that all have the same subnet, each with one member on each host."""
    return [
        {
            "name": f"net{i}",
            "vni": 4100 + i,
            "subnet": "10.50.50.0/24",
            "members": [{"name": f"m{i}-{number}", "host": host} for number, host in enumerate(hosts)],
        }
        for i in range(count)
    ]


def spread_changed(hosts: t.Sequence[str], count: int) -> list[Wish]:
    """The same, and one member more on the first host."""
    wish = spread(hosts, count)
    wish[0]["members"].append({"name": "more", "host": hosts[0]})
    return wish


def internal_ports(count: int) -> Wish:
    """Internal ports of one Open vSwitch bridge, each with a tag of its own."""
    return {
        "name": "ports",
        "ovs_bridge": [{"name": "OVS1", "datapath_type": "netdev"}],
        "ovs_port": [
            {"bridge": "OVS1", "name": f"p{i}", "type": "internal", "tag": i % 4000 + 1} for i in range(count)
        ],
    }


def internal_ports_changed(count: int) -> Wish:
    """The same, but for one tag."""
    wish = internal_ports(count)
    wish["ovs_port"][0]["tag"] = 4094
    return wish


def tenants(count: int) -> Wish:
    """Tenants on one Open vSwitch, each with a VLAN, a DHCP server and a client; all use 10.50.50.0/24."""
    numbers = range(count)
    return {
        "name": "tenants",
        "netns": [{"name": f"{role}{i}"} for i in numbers for role in ("s", "c")],
        "ovs_bridge": [{"name": "OVS1", "datapath_type": "netdev"}],
        "veth": [{"name": f"v{i}", "peer": {"name": "eth0", "netns": f"c{i}"}} for i in numbers],
        "ovs_port": [{"bridge": "OVS1", "name": f"v{i}", "tag": 100 + i} for i in numbers]
        + [
            {
                "bridge": "OVS1",
                "name": f"t{i}",
                "type": "internal",
                "tag": 100 + i,
                "netns": f"s{i}",
                "addresses": ["10.50.50.2/24"],
            }
            for i in numbers
        ],
        "dnsmasq_in_ns": [
            {
                "name": f"s{i}",
                "netns": f"s{i}",
                "interfaces": [f"t{i}"],
                "ranges": [{"start": "10.50.50.10", "end": "10.50.50.100", "prefix": 24}],
            }
            for i in numbers
        ],
        "netns_dhcp_client": [{"netns": f"c{i}", "interface": "eth0"} for i in numbers],
    }


def tenants_changed(count: int) -> Wish:
    """The same, but for one tag: that of a server and its client."""
    wish = tenants(count)
    wish["ovs_port"][0]["tag"] = wish["ovs_port"][count]["tag"] = 4094
    return wish
