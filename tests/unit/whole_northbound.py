# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A northbound database with all kinds and all options."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.netloom.linux.tests.unit.fake_northbound import FakeNorthbound, build

MAC = "0a:00:00:00:00:0{}".format
SIX = "fd00:5::{}".format
WHOLE: dict[str, list[dict[str, t.Any]]] = {
    "ovn_global": [{"options": {"bfd-min-rx": "200"}}],
    "ovn_address_set": [{"name": "office", "addresses": ["192.0.2.0/24", "192.0.3.7/32"], "external_ids": {"a": "b"}}],
    "ovn_dhcp_options": [
        {
            "name": "red4",
            "cidr": "10.50.50.0/24",
            "options": {
                "server_id": "10.50.50.1",
                "server_mac": MAC(1).upper(),
                "lease_time": 3600,
                "domain_name": "red.test",
                "dns_server": "10.50.50.1,10.50.50.2",
                "router_discovery": True,
            },
            "external_ids": {"a": "b"},
        }
    ],
    "ovn_switch": [
        {
            "name": "red",
            "subnet": "10.50.50.0/24",
            "exclude_ips": ["10.50.50.1", "10.50.50.200..10.50.50.220"],
            "ipv6_prefix": "fd00:5::/64",
            "mcast_snoop": True,
            "dns": {"Red1.test": ["10.50.50.11"]},
            "acls": [{"direction": "egress", "action": "drop", "protocol": "udp", "ports": ["53", "8000-8080"]}],
            "other_config": {"mcast_querier": "false"},
            "external_ids": {"a": "b"},
        },
        {"name": "out", "localnet": {"network": "phys", "tag": 7}},
    ],
    "ovn_router": [
        {
            "name": "r1",
            "enabled": True,
            "options": {"mcast_relay": "true"},
            "external_ids": {"a": "b"},
            "ports": [
                {
                    "name": "r1-red",
                    "switch": "red",
                    "mac": MAC(1),
                    "networks": ["10.50.50.1/24"],
                    "ra": {"mtu": "1400"},
                },
                {
                    "name": "r1-out",
                    "switch": "out",
                    "mac": MAC(2),
                    "networks": ["198.51.100.10/24"],
                    "gateway_chassis": {"node2": 20, "node3": 10},
                },
            ],
            "routes": [{"ip_prefix": "0.0.0.0/0", "nexthop": "198.51.100.1", "output_port": "r1-out"}],
            "nat": [
                {"type": "snat", "external_ip": "198.51.100.10", "logical_ip": "10.50.50.0/24"},
                {
                    "type": "dnat_and_snat",
                    "external_ip": "198.51.100.50",
                    "logical_ip": "10.50.50.12",
                    "logical_port": "red2",
                    "external_mac": MAC(3),
                },
            ],
            "policies": [{"priority": 9, "action": "reroute", "nexthops": ["198.51.100.2"], "from": "10.50.50.0/24"}],
        }
    ],
    "ovn_port": [
        {
            "switch": "red",
            "name": "red1",
            "addresses": [f"{MAC(5)} 10.50.50.11 {SIX('b')}"],
            "port_security": [f"{MAC(5)} 10.50.50.11"],
            "dhcp_options": "red4",
            "chassis": "node2",
            "enabled": True,
            "options": {"qos_burst": "9"},
            "external_ids": {"a": "b"},
        },
        {"switch": "red", "name": "red2", "addresses": [f"{MAC(6)} 10.50.50.12"], "parent": "red1", "tag": 5},
    ],
    "ovn_port_group": [
        {
            "name": "web",
            "ports": ["red2", "red1"],
            "acls": [
                {
                    "direction": "ingress",
                    "action": "allow-related",
                    "protocol": "tcp",
                    "ports": ["80"],
                    "from": "office",
                },
                {"direction": "ingress", "action": "drop", "priority": 1, "log": True, "name": "last"},
            ],
            "external_ids": {"a": "b"},
        }
    ],
    "ovn_load_balancer": [
        {
            "name": "lb",
            "protocol": "tcp",
            "vips": {"10.50.50.100:80": ["10.50.50.11:8080", "10.50.50.12:8080"]},
            "health_check": {
                "interval": 5,
                "sources": {
                    "10.50.50.11": {"port": "red1", "address": "10.50.50.2"},
                    "10.50.50.12": {"port": "red2", "address": "10.50.50.2"},
                },
            },
            "switches": ["red"],
            "routers": ["r1"],
            "options": {"reject": "true"},
            "external_ids": {"a": "b"},
        }
    ],
}


def whole(**lists: t.Any) -> dict[str, t.Any]:
    """All kinds with all options."""
    return {**copy.deepcopy(WHOLE), **lists}


def whole_network() -> FakeNorthbound:
    """A database with the whole network."""
    found = FakeNorthbound()
    build(found, whole())
    return found
