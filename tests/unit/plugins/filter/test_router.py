# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""router_topology: from routers to the lists of topology."""

from __future__ import annotations

import re

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netloom.linux.plugins.filter.router_topology import FilterModule
from ansible_collections.netloom.linux.plugins.plugin_utils._link_names import mac_address
from ansible_collections.netloom.linux.plugins.plugin_utils._router import port_name

topology = FilterModule().filters()["router_topology"]
OUTSIDE = {"address": "203.0.113.2/24", "gateway": "203.0.113.1", "bridge": "br-ex"}


def router(**more):
    return {
        "name": "r1",
        "interfaces": [{"tag": 100, "address": "10.1.0.1/24"}, {"tag": 200, "address": "10.2.0.1/24"}],
        **more,
    }


def test_without_an_outside_it_only_routes():
    lists = topology([router()], seed="h")
    leg = {"bridge": "OVS1", "type": "internal", "netns": "qrouter-r1"}
    legs = [
        {**leg, "name": port_name("qr", "h", "r1", str(number)), "tag": tag} for number, tag in enumerate((100, 200))
    ]
    macs = [mac_address("qr", "h", "r1", str(number)) for number in range(2)]
    assert lists == {
        "netns": [{"name": "qrouter-r1", "sysctl": {"net.ipv4.ip_forward": 1}}],
        "ovs_bridge": [{"name": "OVS1"}],
        "veth": [],
        "ovs_port": [
            {**legs[0], "addresses": ["10.1.0.1/24"], "mac": macs[0]},
            {**legs[1], "addresses": ["10.2.0.1/24"], "mac": macs[1]},
        ],
        "netns_route": [],
        "netns_nat": [],
    }


def test_an_outside_translates_and_knows_the_way_back():
    lists = topology([router(external=OUTSIDE, floating=[{"address": "203.0.113.9", "to": "10.1.0.7"}])], seed="h")
    inner, outer, outside = port_name("rfp", "r1"), port_name("fpr", "r1"), port_name("qg", "h", "r1", "external")
    assert lists["netns_route"] == [
        {"netns": "qrouter-r1", "destination": "default", "gateway": "169.254.31.29", "device": inner},
        {"netns": "snat-r1", "destination": "default", "gateway": "203.0.113.1", "device": outside},
        {"netns": "snat-r1", "destination": "10.1.0.0/24", "gateway": "169.254.31.28", "device": outer},
        {"netns": "snat-r1", "destination": "10.2.0.0/24", "gateway": "169.254.31.28", "device": outer},
    ]
    assert lists["ovs_port"][-1]["addresses"] == ["203.0.113.2/24", "203.0.113.9/32"]
    assert lists["ovs_port"][-1]["bridge"] == "br-ex"
    assert lists["netns_nat"] == [
        {
            "name": "r1",
            "netns": "snat-r1",
            "source_nat": [
                {"source": "10.1.0.0/24", "out_interface": outside, "to": "203.0.113.2"},
                {"source": "10.2.0.0/24", "out_interface": outside, "to": "203.0.113.2"},
            ],
            "floating": [{"address": "203.0.113.9", "to_address": "10.1.0.7"}],
            "hairpin": True,
        }
    ]


def test_absent_says_only_what_goes():
    lists = topology([router(external=OUTSIDE, state="absent")])
    assert {one["state"] for key in ("netns", "veth", "ovs_port", "netns_nat") for one in lists[key]} == {"absent"}
    assert lists["netns_route"] == []


@pytest.mark.parametrize("prefix", ["qr", "qg", "rfp", "fpr"])
def test_names_are_cut_as_neutron_cuts_them(prefix):
    name = port_name(prefix, "a-long-name-of-a-host.example.com", "8f6a3c1e-52d4-4c52-9b6f-0d1f3f2b7a11")
    assert re.fullmatch(rf"{prefix}-[0-9a-f]{{8}}-[0-9a-f]{{2}}", name)
    assert len(name) <= 15


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ([router(), router()], "router_routers[1].name: the name 'r1' is already used by router_routers[0].name"),
        ([router(interfaces=[])], "router_routers[0]: 'interfaces' is missing"),
        ([router(interfaces=[{"address": "10.0.0.1/24"}])], "router_routers[0].interfaces[0]: 'tag' is missing"),
        ([router(interfaces=[{"tag": 4096, "address": "10.0.0.1/24"}])], "router_routers[0].interfaces[0].tag: 4096"),
        ([router(interfaces=[{"tag": 1, "address": "10.0.0.1"}])], "did you mean '10.0.0.1/24'?"),
        (
            [router(interfaces=[{"tag": 1, "address": "10.0.0.1/24"}, {"tag": 2, "address": "10.0.0.129/25"}])],
            "10.0.0.128/25 overlaps with 10.0.0.0/24 of router_routers[0].interfaces[0]",
        ),
        (
            [router(external={**OUTSIDE, "gateway": "198.51.100.1"})],
            "external.gateway: '198.51.100.1' lies outside of 203.0.113.0/24",
        ),
        ([router(external={"address": "203.0.113.2/24"})], "router_routers[0].external: 'gateway' is missing"),
        ([router(floating=[{"address": "203.0.113.9", "to": "10.1.0.7"}])], "give the router an 'external' leg"),
        (
            [router(external=OUTSIDE, floating=[{"address": "192.0.2.9", "to": "10.1.0.7"}])],
            "floating[0].address: '192.0.2.9' lies outside of 203.0.113.0/24",
        ),
        (
            [router(external=OUTSIDE, floating=[{"address": "203.0.113.9", "to": "10.9.0.7"}])],
            "floating[0].to: '10.9.0.7' is in no network of this router",
        ),
        (
            [router(external=OUTSIDE, floating=[{"address": "203.0.113.1", "to": "10.1.0.7"}])],
            "is the router's own, or its gateway's",
        ),
        (
            [router(external=OUTSIDE, floating=[{"address": f"203.0.113.{n}", "to": "10.1.0.7"} for n in (8, 9)])],
            "the address 10.1.0.7 is already used",
        ),
    ],
)
def test_refused_before_a_host_is_touched(wrong, says):
    with pytest.raises(AnsibleFilterError) as caught:
        topology(wrong)
    assert says in str(caught.value)
