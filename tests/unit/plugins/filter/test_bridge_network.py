# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""bridge_network_topology: from networks to the lists of topology."""

from __future__ import annotations

import copy

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netloom.linux.plugins.filter.bridge_network_topology import FilterModule

topology = FilterModule().filters()["bridge_network_topology"]


def network(**more):
    return {"name": "web", "subnet": "10.1.0.0/24", "members": [{"name": "a"}, {"name": "b"}], **more}


def addresses(lists):
    return {(end["netns"], end["name"]): end["addresses"][0] for end in (veth["peer"] for veth in lists["veth"])}


OFF = {"hairpin": False}  # of a port whose member publishes nothing, so that it goes off again


def test_whole():
    assert topology([network()]) == {
        "netns": [{"name": "a"}, {"name": "b"}],
        "linux_bridge": [
            {"name": "br-web", "addresses": ["10.1.0.1/24"], "stp": False, "port_flags": {"v-a": OFF, "v-b": OFF}}
        ],
        "veth": [
            {"name": "v-a", "master": "br-web", "peer": {"name": "eth0", "netns": "a", "addresses": ["10.1.0.2/24"]}},
            {"name": "v-b", "master": "br-web", "peer": {"name": "eth0", "netns": "b", "addresses": ["10.1.0.3/24"]}},
        ],
        "netns_route": [
            {"netns": "a", "destination": "default", "gateway": "10.1.0.1", "device": "eth0"},
            {"netns": "b", "destination": "default", "gateway": "10.1.0.1", "device": "eth0"},
        ],
        "netns_nat": [{"name": "web", "state": "absent"}],
    }


def test_everything_said():
    member = {
        "name": "a",
        "address": "10.1.0.9/24",
        "pid": "42",
        "interface": "lan",
        "host_interface": "vh",
        "mac": "02-00-00-00-00-0A",
        "default_route": "no",
    }
    lists = topology([network(bridge="docker1", gateway="10.1.0.254", stp=True, mtu=1400, members=[member])])
    assert lists == {
        "netns": [{"name": "a", "pid": 42}],
        "linux_bridge": [
            {"name": "docker1", "addresses": ["10.1.0.254/24"], "stp": True, "mtu": 1400, "port_flags": {"vh": OFF}}
        ],
        "veth": [
            {
                "name": "vh",
                "master": "docker1",
                "mtu": 1400,
                "peer": {
                    "name": "lan",
                    "netns": "a",
                    "addresses": ["10.1.0.9/24"],
                    "mac": "02:00:00:00:00:0a",
                    "mtu": 1400,
                },
            }
        ],
        "netns_route": [],
        "netns_nat": [{"name": "web", "state": "absent"}],
    }


def test_the_outside():
    ports = [{"port": 8080, "to_port": 80}, {"protocol": "udp", "address": "192.0.2.1", "port": "53"}]
    lists = topology([network(masquerade=True, beside_docker=True, members=[{"name": "a", "publish": ports}])])
    assert lists["netns_nat"] == [
        {
            "name": "web",
            "masquerade": [{"source": "10.1.0.0/24"}],
            "publish": [
                {"protocol": "tcp", "port": 8080, "to_address": "10.1.0.2", "to_port": 80},
                {"protocol": "udp", "address": "192.0.2.1", "port": 53, "to_address": "10.1.0.2"},
            ],
            "hairpin": True,
            "forward": [],
            "ip_forward": True,
            "beside_docker": True,
        }
    ]
    assert lists["linux_bridge"][0]["port_flags"] == {"v-a": {"hairpin": True}}


def test_an_internal_network_has_no_way_out():
    (nat,) = topology([network(internal=True)])["netns_nat"]
    assert nat["forward"] == [
        {"from": "br-web", "to": "br-web"},
        {"from": "br-web", "allow": False},
        {"to": "br-web", "allow": False},
    ]
    assert "ip_forward" not in nat


def test_members_of_containers_and_isolated_ones():
    members = [
        {"name": "a", "container": "shop", "isolated": True},
        {"name": "b", "container": "db", "engine": "podman", "isolated": False},
        {"name": "c"},
    ]
    lists = topology([network(members=members)])
    assert lists["netns"] == [
        {"name": "a", "container": "shop", "engine": "auto"},
        {"name": "b", "container": "db", "engine": "podman"},
        {"name": "c"},
    ]
    assert lists["linux_bridge"][0]["port_flags"] == {
        "v-a": {"isolated": True, **OFF},
        "v-b": {"isolated": False, **OFF},
        "v-c": OFF,
    }
    assert topology([network(members=members)], state="absent")["netns"] == [
        {"name": "a"},
        {"name": "b"},
        {"name": "c"},
    ]


def test_with_an_uplink_the_addresses_of_the_host_are_those_of_the_nic():
    lists = topology([network(uplink="eth0", gateway="10.1.0.254", confirm_timeout=60)])
    assert lists["linux_bridge"] == [{"name": "br-web", "stp": False, "uplink": "eth0", "confirm_timeout": 60}]
    assert {route["gateway"] for route in lists["netns_route"]} == {"10.1.0.254"}
    # The first address of the subnet is nobody's special one here.
    assert addresses(lists) == {("a", "eth0"): "10.1.0.1/24", ("b", "eth0"): "10.1.0.2/24"}


def test_isolated_has_no_address_and_no_routes():
    lists = topology([network(isolated=True)])
    assert lists["linux_bridge"] == [
        {"name": "br-web", "addresses": [], "stp": False, "port_flags": {"v-a": OFF, "v-b": OFF}}
    ]
    assert lists["netns_route"] == []
    assert addresses(lists) == {("a", "eth0"): "10.1.0.1/24", ("b", "eth0"): "10.1.0.2/24"}


def test_addresses_hold_still_when_members_come_at_the_end():
    members = [{"name": "a"}, {"name": "b", "address": "10.1.0.3"}, {"name": "c"}]
    before = addresses(topology([network(members=members)]))
    after = addresses(topology([network(members=[*members, {"name": "d"}])]))
    assert before == {("a", "eth0"): "10.1.0.2/24", ("b", "eth0"): "10.1.0.3/24", ("c", "eth0"): "10.1.0.4/24"}
    assert before.items() <= after.items()


def test_an_absent_member_keeps_its_place():
    members = [{"name": "a", "state": "absent"}, {"name": "b"}]
    lists = topology([network(members=members)])
    assert lists["netns"] == [{"name": "a", "state": "absent"}, {"name": "b"}]
    assert lists["veth"][0]["state"] == "absent"
    assert addresses(lists)["b", "eth0"] == "10.1.0.3/24"
    assert [route["netns"] for route in lists["netns_route"]] == ["b"]


def test_an_absent_network_takes_its_members_along():
    lists = topology([network(state="absent")])
    assert {one["state"] for key in ("netns", "linux_bridge", "veth") for one in lists[key]} == {"absent"}


def test_one_namespace_in_two_networks():
    second = network(
        name="db", subnet="10.2.0.0/24", members=[{"name": "a", "interface": "eth1", "default_route": False}]
    )
    lists = topology([network(), second])
    assert [one["name"] for one in lists["netns"]] == ["a", "b"]
    assert [one["name"] for one in lists["veth"]] == ["v-a", "v-b", "v-a.eth1"]
    second["state"] = "absent"
    assert topology([network(), second])["netns"][0] == {"name": "a"}, "it is still a member of the first"


def test_pid_is_not_needed_to_take_down():
    members = [{"name": "a", "pid": 42}]
    assert topology([network(members=members)])["netns"] == [{"name": "a", "pid": 42}]
    assert topology([network(members=members)], "absent")["netns"] == [{"name": "a"}]


def test_ipv6():
    lists = topology([network(subnet="fd00::/64")])
    assert lists["linux_bridge"][0]["addresses"] == ["fd00::1/64"]
    assert lists["netns_route"][0]["gateway"] == "fd00::1"


BOTH = ["10.1.0.0/24", "fd00:1::/64"]


def test_both_families():
    member = {"name": "a", "publish": [{"port": 80}, {"port": 443, "address": "2001:db8::9"}]}
    lists = topology(
        [
            network(
                subnet=BOTH,
                masquerade=True,
                members=[member, {"name": "b", "address": ["fd00:1::80"]}, {"name": "c", "address": "10.1.0.2"}],
            )
        ]
    )
    assert lists["linux_bridge"][0]["addresses"] == ["10.1.0.1/24", "fd00:1::1/64"]
    assert [veth["peer"]["addresses"] for veth in lists["veth"]] == [
        ["10.1.0.3/24", "fd00:1::2/64"],
        ["10.1.0.4/24", "fd00:1::80/64"],
        ["10.1.0.2/24", "fd00:1::3/64"],
    ]
    assert [route["gateway"] for route in lists["netns_route"]] == ["10.1.0.1", "fd00:1::1"] * 3
    (nat,) = lists["netns_nat"]
    assert nat["masquerade"] == [{"source": "10.1.0.0/24"}, {"source": "fd00:1::/64"}]
    assert nat["publish"] == [
        {"protocol": "tcp", "port": 80, "to_address": "10.1.0.3"},
        {"protocol": "tcp", "port": 80, "to_address": "fd00:1::2"},
        {"protocol": "tcp", "address": "2001:db8::9", "port": 443, "to_address": "fd00:1::2"},
    ]


def test_families_are_counted_apart():
    """A port of the host, and a default route, may be had once for each family."""
    one = network(members=[{"name": "a", "publish": [{"port": 8080}]}])
    other = network(
        name="six", subnet="fd00:2::/64", members=[{"name": "a", "interface": "eth1", "publish": [{"port": 8080}]}]
    )
    lists = topology([one, other])
    assert [route["gateway"] for route in lists["netns_route"]] == ["10.1.0.1", "fd00:2::1"]
    assert [nat["publish"][0]["to_address"] for nat in lists["netns_nat"]] == ["10.1.0.2", "fd00:2::2"]


def forwards(*networks):
    return {nat["name"]: nat.get("forward") for nat in topology(list(networks))["netns_nat"]}


def no(here, there):
    return {"from": f"br-{here}", "to": f"br-{there}", "allow": False}


def test_what_masquerades_is_apart_from_its_neighbours():
    a, b, c = (network(name=name, subnet=f"10.{number}.0.0/24", members=[]) for number, name in enumerate("abc"))
    assert forwards(a, b) == {"a": None, "b": None}, "the host does not forward"
    assert forwards(a | {"masquerade": True}, b) == {"a": [no("a", "b"), no("b", "a")], "b": None}
    assert forwards(a | {"masquerade": True}, b | {"masquerade": True}) == {"a": [no("a", "b")], "b": [no("b", "a")]}
    assert forwards(a | {"masquerade": True, "apart": False}, b | {"masquerade": True, "apart": False}) == {
        "a": [],
        "b": [],
    }
    assert forwards(a | {"apart": True}, b, c) == {
        "a": [no("a", "b"), no("b", "a"), no("a", "c"), no("c", "a")],
        "b": None,
        "c": None,
    }


@pytest.mark.parametrize(
    "more",
    [{"isolated": True}, {"internal": True}, {"state": "absent"}, {"uplink": "eth0", "gateway": "10.2.0.254"}],
    ids=lambda more: next(iter(more)),
)
def test_nothing_is_said_of_networks_that_the_host_leads_nobody_to(more):
    other = network(name="b", subnet="10.2.0.0/24", members=[], **more)
    assert forwards(network(masquerade=True), other)["web"] == []


@pytest.mark.parametrize(
    "more",
    [{}, {"internal": True}, {"isolated": True}, {"members": [{"name": "a", "publish": [{"port": 80}]}]}],
    ids=str,
)
def test_beside_docker_every_network_is_named(more):
    (nat,) = topology([network(subnet=BOTH, beside_docker=True, **more)])["netns_nat"]
    assert nat["beside_docker"] is True
    named = [{"from": subnet, "to": subnet} for subnet in BOTH]
    assert nat["forward"][-2:] == named
    # Of an internal network they stand after what refuses everything that comes from elsewhere.
    assert nat["forward"][:-2] == (
        [{"from": "br-web", "to": "br-web"}, {"from": "br-web", "allow": False}, {"to": "br-web", "allow": False}]
        if "internal" in more
        else []
    )


def test_mac_and_sysctls_of_the_bridge():
    (bridge,) = topology([network(mac="02-00-00-00-00-0A", sysctl={"disable_ipv6": False, "rp_filter": 2})])[
        "linux_bridge"
    ]
    assert bridge["mac"] == "02:00:00:00:00:0a"
    assert bridge["sysctl"] == {"disable_ipv6": "0", "rp_filter": "2"}


def test_equal_subnets_are_fine_and_input_is_left_alone():
    given = [network(), network(name="other", members=[{"name": "c"}])]
    kept = copy.deepcopy(given)
    topology(given)
    assert given == kept


@pytest.mark.parametrize(
    ("networks", "complaint"),
    [
        (
            "web",
            "bridge_network_networks: 'web' is not a list; write one of mappings, each with keys such as 'name: ...'.",
        ),
        (["web"], "bridge_network_networks[0]: 'web' is not a mapping"),
        ([{"subnet": "10.1.0.0/24"}], "bridge_network_networks[0]: 'name' is missing."),
        ([network(name=False)], "[0].name: YAML read this as the truth value false; quote it, so that"),
        ([network(name="")], "[0].name: is empty"),
        ([network(name="a b")], "[0].name: 'a b' is not a usable name"),
        ([network(subnt="x")], "[0]: 'subnt' is not an option of this entry; did you mean 'subnet'?"),
        (
            [network(publish=[])],
            (
                "[0]: 'publish' is not an option of this entry; its options are apart, beside_docker, bridge,"
                " confirm_timeout"
            ),
        ),
        ([network(subnet="10.1.0.5/24")], "[0].subnet: '10.1.0.5/24' has host bits set"),
        ([network(gateway="10.2.0.1")], "[0].gateway: '10.2.0.1' lies outside"),
        ([network(isolated=True, gateway="10.1.0.1")], "[0].gateway: an isolated network has no gateway"),
        ([network(isolated=True, uplink="eth0")], "[0].uplink: an isolated network has no way out"),
        (
            [network(uplink="eth0")],
            "[0].gateway: with an uplink this is the router of the network of 'eth0', which only you know; write it.",
        ),
        ([network(confirm_timeout=9)], "[0].confirm_timeout: is about the uplink, and the network has none"),
        (
            [
                network(uplink="eth0", gateway="10.1.0.254"),
                network(name="db", uplink="eth0", gateway="10.1.0.254", members=[]),
            ],
            "[1].uplink: the link name 'eth0'",
        ),
        ([network(isolated="maybe")], "[0].isolated: 'maybe' is neither true nor false."),
        ([network(mtu=20)], "[0].mtu: 20 is out of range"),
        ([network(mtu="x")], "[0].mtu: 'x' is not a whole number."),
        ([network(bridge="a-bridge-of-sixteen")], "[0].bridge: 'a-bridge-of-sixteen' has 19 bytes"),
        ([network(), network()], "[1].name: the name 'web' is already used by bridge_network_networks[0].name"),
        ([network(), network(name="b", bridge="br-web")], "[1].bridge: the link name 'br-web' is already used"),
        (
            [network(bridge="v-a")],
            "[0].members[0].host_interface: the link name 'v-a' is already used by bridge_network_networks[0].bridge",
        ),
        ([network(members={"name": "a"})], "[0].members: {'name': 'a'} is not a list; write [{'name': 'a'}]."),
        (
            [network(members=[{"name": "a"}, {"name": "a"}])],
            "[0].members[1].name: 'a' is already bridge_network_networks[0].members[0], with interface 'eth0'",
        ),
        ([network(members=[{"name": "../x"}])], "[0].members[0].name: '../x' is not a namespace name"),
        ([network(members=[{"name": 10}])], "[0].members[0].name: YAML read this as the number 10; quote it, so that"),
        (
            [network(members=[{"name": "a", "mac": 190006}])],
            "[0].members[0].mac: YAML read this as the number 190006; quote it, so that",
        ),
        (
            [network(members=[{"name": "a", "mac": "01:00:00:00:00:00"}])],
            "[0].members[0].mac: '01:00:00:00:00:00' is a multicast",
        ),
        (
            [network(members=[{"name": "a", "address": "10.1.0.1"}])],
            "[0].members[0].address: 10.1.0.1 is already the address of the gateway.",
        ),
        ([network(members=[{"name": "a", "pid": 0}])], "[0].members[0].pid: 0 is out of range"),
        (
            [network(members=[{"name": "a", "state": "gone"}])],
            "[0].members[0].state: 'gone' is not possible; the choices are present or absent.",
        ),
        (
            [network(isolated=True, members=[{"name": "a", "default_route": True}])],
            "[0].members[0].default_route: the network is isolated",
        ),
        (
            [network(subnet="10.1.0.0/30", members=[{"name": "a"}, {"name": "b"}])],
            "[0].members[1].address: no address is left for b",
        ),
        (
            [network(), network(name="x", members=[{"name": "a", "interface": "eth1"}])],
            "[1].members[0].default_route: the default IPv4 route of namespace 'a'",
        ),
        ([network(subnet=[])], "[0]: 'subnet' is missing."),
        (
            [network(subnet=["10.1.0.0/24", "10.2.0.0/24"])],
            "[0].subnet[1]: 10.2.0.0/24 is of one family with 10.1.0.0/24",
        ),
        ([network(subnet=["10.1.0.0/24", 7])], "[0].subnet[1]: YAML read this as the number 7; quote it, so that"),
        (
            [network(subnet=BOTH, gateway=["10.1.0.1", "10.1.0.2"])],
            "[0].gateway[1]: '10.1.0.2' and '10.1.0.1' are of one family",
        ),
        (
            [network(subnet=BOTH, uplink="eth0", gateway="10.1.0.254")],
            "[0].gateway: the router of fd00:1::/64 is missing",
        ),
        (
            [network(subnet=BOTH, members=[{"name": "a", "address": "10.1.0.1"}])],
            "[0].members[0].address: 10.1.0.1 is already the address of the gateway.",
        ),
        (
            [network(members=[{"name": "a", "publish": [{"port": 1, "address": "fd00::1"}]}])],
            "[0].address: 'fd00::1' is IPv6, and the network has no subnet",
        ),
        ([network(sysctl={"../x": 1})], "[0].sysctl: '../x' is not a sysctl of a link"),
        ([network(mac="x")], "[0].mac: 'x' is not a MAC address"),
        ([network(apart="maybe")], "[0].apart: 'maybe' is neither true nor false."),
        ([network(isolated=True, masquerade=True)], "[0].masquerade: an isolated network has no gateway"),
        ([network(internal=True, masquerade=True)], "[0].masquerade: an internal network has no way out"),
        (
            [network(internal=True, members=[{"name": "a", "publish": [{"port": 1}]}])],
            "[0].members[0].publish: the network is internal",
        ),
        (
            [network(members=[{"name": "a", "publish": [{"to_port": 1}]}])],
            "[0].members[0].publish[0]: 'port' is missing",
        ),
        (
            [network(members=[{"name": "a", "publish": [{"port": 70000}]}])],
            "[0].members[0].publish[0].port: 70000 is out of range",
        ),
        (
            [network(members=[{"name": "a", "publish": [{"port": 80}]}, {"name": "b", "publish": [{"port": 80}]}])],
            "tcp port 80 of the host is already used",
        ),
        (
            [network(masquerade=True), network(name="x", subnet="10.1.0.128/25", members=[])],
            "[1].subnet: 10.1.0.128/25 overlaps with 10.1.0.0/24 of",
        ),
        (
            [network(members=[{"name": "a", "pid": 3, "container": "x"}])],
            "[0].members[0].container: a member is a process or a container",
        ),
        (
            [network(members=[{"name": "a", "engine": "docker"}])],
            "[0].members[0].engine: says whom to ask for a container",
        ),
        (
            [
                network(),
                network(name="x", members=[{"name": "a", "interface": "eth1", "pid": 3, "default_route": False}]),
            ],
            "[1].members[0].pid: namespace 'a' is also a member elsewhere",
        ),
    ],
)
def test_bad_input(networks, complaint):
    with pytest.raises(AnsibleFilterError) as caught:
        topology(networks)
    assert complaint in str(caught.value)
    assert "bridge_network_networks" in str(caught.value)
