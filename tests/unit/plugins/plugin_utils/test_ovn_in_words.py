# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of OVN on the control node: what is judged before a host is contacted, and plans in words."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.plugin_utils import _judge, _plan_text, _plan_values

SWITCH: dict[str, t.Any] = {"name": "red", "state": "present", "subnet": "10.0.0.0/24", "dns": {"web": ["10.0.0.5"]}}
DROP = {"direction": "ingress", "priority": 900, "action": "drop", "log": True, "name": "last"}


@pytest.mark.parametrize(
    ("module", "given", "says"),
    [
        ("ovn_switch", {"name": "red", "subnet": "10.0.0.1/24"}, "subnet: '10.0.0.1/24' has host bits set"),
        ("ovn_switch", {"name": "red", "localnet": {"tag": 7}}, "localnet.network: is missing"),
        ("ovn_switch", {"name": "red", "subnets": "10.0.0.0/24"}, "'subnets' is not an option of ovn_switch"),
        ("ovn_switch", {"name": "red", "netns": "x"}, "'netns' is not an option of ovn_switch"),
        ("ovn_topology", {"name": "t", "ovn_port": [{"name": "p"}]}, "ovn_port[0]: 'switch' is missing"),
        ("ovn_topology", {"name": "t", "ovn_switch": [{"name": "a"}, {"name": "a"}]}, "ovn_switch[1]"),
        ("ovn_topology", {"name": "t", "ovn_switch": [{"name": "a", "ovn_nb": "x"}]}, "ovn_switch[0]: 'ovn_nb' is not"),
        ("ovn_topology", {"name": "t", "netns": [{"name": "a"}]}, "'netns' is not an option of ovn_topology"),
        ("ovn_topology", {"name": "t", "wait": -1}, "wait: "),
    ],
)
def test_a_mistake_is_named_before_a_host_is_contacted(module: str, given: dict[str, t.Any], says: str) -> None:
    assert says in _judge.task(f"netloom.linux.{module}", given)


@pytest.mark.parametrize(
    ("module", "given"),
    [
        ("ovn_switch", {"name": "red", "localnet": {}, "ovn_nb": "tcp:192.0.2.1:6641", "timeout": 5, "wait": 0}),
        (
            "ovn_port_group",
            {
                "name": "g",
                "acls": [{"direction": "ingress", "action": "allow", "protocol": "tcp", "ports": [80, "81-83"]}],
            },
        ),
        ("ovn_topology", {"name": "t", "ovn_switch": [{"name": "a"}], "ovn_nb": "tcp:192.0.2.1:6641"}),
        ("ovn_global", {"options": {"bfd-min-rx": 200, "bfd-min-tx": None}}),
        ("ovn_load_balancer", {"name": "l", "health_check": {}}),
    ],
)
def test_what_a_user_writes_is_taken(module: str, given: dict[str, t.Any]) -> None:
    assert _judge.task(f"netloom.linux.{module}", given) == ""


def test_a_new_network_of_ovn_reads_like_a_plan() -> None:
    change = {
        "kind": "ovn_switch",
        "identity": {"name": "red"},
        "change": "create",
        "disturbs": "none",
        "declared": ["subnet", "dns", "dns.web"],
    }
    result = {
        "ovn_topology": {"name": "all", "state": "present"},
        "steps": ["create OVN switch red", "add names web to OVN switch red"],
        "plan": [change],
        "diff": {"before": {"ovn_switch": [{"name": "red", "state": "absent"}]}, "after": {"ovn_switch": [SWITCH]}},
    }
    expected = [
        "ovn_topology all on node1: 2 steps, disturbing nothing",
        "  + ovn_switch  red  subnet=10.0.0.0/24  dns.web=10.0.0.5",
    ]
    assert _plan_text.lines(result, "node1") == expected
    assert _plan_text.lines(result, "node1", picture=True) == expected  # no picture shows a northbound database


def test_options_of_the_whole_ovn_are_named_by_their_keys() -> None:
    given = {"bfd-min-rx": "200", "bfd-min-tx": None}
    change = {"kind": "ovn_global", "identity": {"options": given}, "change": "create", "disturbs": "none"}
    result = {
        "steps": ["set options of OVN: bfd-min-rx=200"],
        "plan": [{**change, "declared": ["options", "options.bfd-min-rx"]}],
        "diff": {"before": {"options": given, "state": "absent"}, "after": {"options": {"bfd-min-rx": "200"}}},
    }
    assert _plan_text.lines(result)[1] == "  + ovn_global  bfd-min-rx, bfd-min-tx  options.bfd-min-rx=200"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (DROP, "{ingress drop priority 900 logged named last}"),
        (
            {
                "direction": "egress",
                "priority": 1000,
                "action": "allow-related",
                "protocol": "tcp",
                "ports": ["80", "443"],
            },
            "{egress allow-related tcp 80,443}",
        ),
        (
            {
                "direction": "ingress",
                "priority": 1000,
                "action": "allow",
                "protocol": "icmp",
                "icmp_type": 8,
                "from": "web",
            },
            "{ingress allow icmp type 8 from web}",
        ),
        (
            {"priority": 10, "action": "reroute", "nexthops": ["10.0.0.9"], "to": "10.9.0.0/16"},
            "{policy 10 reroute via 10.0.0.9 to 10.9.0.0/16}",
        ),
        ({"type": "snat", "external_ip": "192.0.2.1", "logical_ip": "10.0.0.0/24"}, "{snat 10.0.0.0/24 as 192.0.2.1}"),
        ({"ip_prefix": "0.0.0.0/0", "nexthop": "192.0.2.9", "policy": "dst-ip"}, "{0.0.0.0/0 via 192.0.2.9}"),
        (
            {
                "name": "r1-out",
                "switch": "out",
                "mac": "02:00:00:00:00:01",
                "networks": ["192.0.2.1/24"],
                "gateway_chassis": {"node3": 10, "node2": 20},
                "ra": {},
            },
            "{r1-out 192.0.2.1/24 02:00:00:00:00:01 on out, gateway node2:20 node3:10}",
        ),
    ],
)
def test_a_row_of_an_exact_list_is_a_few_words(row: dict[str, t.Any], words: str) -> None:
    assert _plan_values.text(row) == words


def test_a_rule_that_comes_and_one_that_goes_are_told() -> None:
    new = {"direction": "ingress", "priority": 1000, "action": "allow", "protocol": "icmp"}
    assert _plan_values.of_changed({"acls": [DROP]}, {"acls": [new]}) == [
        "acls: -{ingress drop priority 900 logged named last} +{ingress allow icmp}"
    ]


def test_entries_of_other_kinds_stay_as_they_are() -> None:
    assert _plan_values.text({"from": "br0", "to": "br1", "allow": False}) == "{from: br0, to: br1, allow: false}"
    assert (
        _plan_values.text({"destination": "default", "type": "blackhole"}) == "{destination: default, type: blackhole}"
    )
