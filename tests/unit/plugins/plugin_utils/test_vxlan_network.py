# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VXLAN networks over a fleet: from one declaration to the share of each host."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netloom.linux.plugins.filter.vxlan_network_topology import FilterModule
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import _fleet_ends, _vxlan_network, _vxlan_share
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, run_topology

topology = FilterModule().filters()["vxlan_network_topology"]


def fleet(*hosts: str, mtu: int | None = 1500) -> dict[str, dict[str, t.Any]]:
    """The ends of hosts, whose names end with a digit."""
    return {host: {"local": f"192.0.2.{host[-1]}", "underlay_mtu": mtu} for host in hosts}


def network(*members: dict[str, t.Any], **more: t.Any) -> dict[str, t.Any]:
    """A network."""
    return {"name": "red", "vni": 4100, "subnet": "10.50.50.0/24", "members": list(members), **more}


def member(name: str, host: str, **more: t.Any) -> dict[str, t.Any]:
    """A member."""
    return {"name": name, "host": host, **more}


NODES = ("node1", "node2", "node3")
ENDS = fleet(*NODES)
RED = network(member("red1", "node1"), member("red2", "node2"), member("red3", "node3"))


def tunnel(lists: dict[str, t.Any]) -> dict[str, t.Any]:
    """The one VXLAN link of a share."""
    (found,) = lists["netns_interface"]
    return dict(found)


def address(lists: dict[str, t.Any], netns: str) -> str:
    """The address of a member of a share."""
    return str(next(one["peer"]["addresses"][0] for one in lists["veth"] if one["peer"]["netns"] == netns))


def test_a_whole_share() -> None:
    macs = {one.name: one.mac for one in _vxlan_network.read([RED])[0].members}
    assert topology([RED], "node1", ENDS) == {
        "netns": [{"name": "red1"}],
        "linux_bridge": [
            {
                "name": "br-red",
                "addresses": [],
                "mac": _vxlan_network.read([RED])[0].bridge_mac("node1"),
                "mtu": 1450,
                "sysctl": {"arp_ignore": "1"},
                "port_flags": {"v-red1": {"hairpin": False}, "vx-red": {"learning": False, "neigh_suppress": True}},
                "fdb": [{"mac": macs["red2"], "port": "vx-red"}, {"mac": macs["red3"], "port": "vx-red"}],
                "neighbours": [
                    {"address": "10.50.50.2", "mac": macs["red2"]},
                    {"address": "10.50.50.3", "mac": macs["red3"]},
                ],
            }
        ],
        "netns_interface": [
            {
                "name": "vx-red",
                "kind": "vxlan",
                "id": 4100,
                "port": 4789,
                "local": "192.0.2.1",
                "learning": False,
                "master": "br-red",
                "mtu": 1450,
                "remotes": ["192.0.2.2", "192.0.2.3"],
                "fdb": [
                    {"mac": macs["red2"], "remote": "192.0.2.2"},
                    {"mac": macs["red3"], "remote": "192.0.2.3"},
                ],
            }
        ],
        "veth": [
            {
                "name": "v-red1",
                "master": "br-red",
                "mtu": 1450,
                "peer": {
                    "name": "eth0",
                    "netns": "red1",
                    "addresses": ["10.50.50.1/24"],
                    "mac": macs["red1"],
                    "mtu": 1450,
                },
            }
        ],
        "netns_route": [],
        "netns_nat": [],
        "dnsmasq_in_ns": [],
        "netns_dhcp_client": [],
    }


def test_the_example_of_the_guide() -> None:
    """A fixed address in the range of the server is nobody else's, and automatic ones are outside of it."""
    red = network(
        member("red1", "node1"),
        member("red2", "node2", address="10.50.50.20"),
        member("red3", "node3", address="dhcp"),
        mtu="auto",
        dhcp={"host": "node1", "start": "10.50.50.10", "end": "10.50.50.99", "lease_time": "1h"},
        gateway={"host": "node1", "address": "10.50.50.1", "masquerade": True},
    )
    one, two, three = (topology([red], host, ENDS) for host in NODES)
    assert address(one, "dhcp-red") == "10.50.50.2/24"
    assert address(one, "red1") == "10.50.50.3/24"
    assert address(two, "red2") == "10.50.50.20/24"
    assert one["linux_bridge"][0]["addresses"] == ["10.50.50.1/24"]
    assert [bool(lists["dnsmasq_in_ns"]) for lists in (one, two, three)] == [True, False, False]
    mac = two["veth"][0]["peer"]["mac"]
    assert one["dnsmasq_in_ns"][0]["hosts"] == [{"mac": mac, "address": "10.50.50.20"}]
    assert one["dnsmasq_in_ns"][0]["options"] == [{"option": "router", "value": "10.50.50.1"}]
    assert three["netns_dhcp_client"] == [
        {
            "netns": "red3",
            "interface": "eth0",
            "hostname": "red3",
            "default_route": True,
            "wait_for_lease": False,
        }
    ]
    routed = [[route["netns"] for route in lists["netns_route"]] for lists in (one, two, three)]
    assert routed == [["red1"], ["red2"], []]
    assert one["netns_nat"][0]["masquerade"] == [{"source": "10.50.50.0/24"}]
    assert not two["netns_nat"] + three["netns_nat"]
    # The address of red3 is not known, its MAC address is.
    assert len(two["linux_bridge"][0]["fdb"]) == 4
    assert {one["address"] for one in two["linux_bridge"][0]["neighbours"]} == {
        "10.50.50.1",
        "10.50.50.2",
        "10.50.50.3",
    }


@pytest.mark.parametrize(
    ("members", "host", "remotes"),
    [
        ([("a", "node1"), ("b", "node2")], "node1", ["192.0.2.2"]),
        ([("a", "node1"), ("b", "node2")], "node3", None),
        ([("a", "node1"), ("b", "node2"), ("c", "node3")], "node1", ["192.0.2.2", "192.0.2.3"]),
        ([("a", "node1"), ("b", "node1")], "node1", None),
    ],
    ids=["joined", "no part", "another joins", "alone"],
)
def test_peers_are_exactly_the_others_with_a_part(
    members: list[tuple[str, str]], host: str, remotes: list[str] | None
) -> None:
    lists = topology([network(*(member(*one) for one in members))], host, ENDS)
    found = [one["remotes"] for one in lists["netns_interface"] if "remotes" in one]
    assert found == ([remotes] if remotes else [])


def test_a_host_that_joins_changes_one_remote_and_no_address() -> None:
    before, after = (
        topology([network(*RED["members"], *more)], "node1", fleet(*NODES, "node4"))
        for more in ([], [member("red4", "node4")])
    )
    assert tunnel(after)["remotes"] == [*tunnel(before)["remotes"], "192.0.2.4"]
    assert after["veth"] == before["veth"]
    assert after["linux_bridge"][0]["fdb"][:-1] == before["linux_bridge"][0]["fdb"]


def test_what_a_host_does_when_others_change() -> None:
    ends = fleet(*NODES, "node4")
    host = FakeHost()

    def steps(found: dict[str, t.Any]) -> list[str]:
        return run_topology(host, {"name": "vxlan_network", **topology([found], "node1", ends)}).steps

    assert steps(RED)[0] == "create namespace red1"
    assert steps(RED) == []
    joined = network(*RED["members"], member("red4", "node4"))
    mac = _vxlan_network.read([joined])[0].members[3].mac
    assert steps(joined) == [
        "add remote 192.0.2.4 to vx-red",
        f"set fdb entry {mac} of vx-red: remote=192.0.2.4",
        f"set fdb entry {mac}: port=vx-red",
        f"set neighbour 10.50.50.4 of br-red: mac={mac}",
    ]
    moved = copy.deepcopy(joined)
    moved["members"][3]["host"] = "node2"
    assert steps(moved) == ["delete remote 192.0.2.4 from vx-red", f"set fdb entry {mac} of vx-red: remote=192.0.2.2"]
    assert len(steps(RED)) == 3
    assert steps(RED) == []


def test_a_member_that_moves_keeps_its_addresses() -> None:
    moved = copy.deepcopy(RED)
    moved["members"][2]["host"] = "node2"
    before = topology([RED], "node3", ENDS)["veth"][0]["peer"]
    assert topology([moved], "node2", ENDS)["veth"][1]["peer"] == before
    assert topology([moved], "node3", ENDS)["veth"] == []
    assert tunnel(topology([moved], "node1", ENDS))["remotes"] == ["192.0.2.2"]


def test_a_member_that_is_absent_leaves_its_host() -> None:
    leaving = copy.deepcopy(RED)
    leaving["members"][2]["state"] = "absent"
    assert tunnel(topology([leaving], "node1", ENDS))["remotes"] == ["192.0.2.2"]
    lists = topology([leaving], "node3", ENDS)
    assert {one["state"] for name in ("linux_bridge", "netns_interface", "veth", "netns") for one in lists[name]} == {
        "absent"
    }
    assert address(topology([leaving], "node2", ENDS), "red2") == "10.50.50.2/24"


def test_a_network_that_never_needed_a_tunnel_speaks_of_none() -> None:
    """A link vx-red may be somebody else's."""
    alone = {**RED, "members": RED["members"][:1]}
    for part in ("gateway", "dhcp"):
        alone.pop(part, None)
    for declared in (alone, {**alone, "state": "absent"}):
        assert topology([declared], alone["members"][0]["host"], ENDS)["netns_interface"] == []


def test_an_absent_network_is_absent_everywhere() -> None:
    for host in NODES:
        lists = topology([{**RED, "state": "absent"}], host, ENDS)
        assert all(one["state"] == "absent" for name in lists for one in lists[name])


def test_the_order_of_the_hosts_does_not_matter() -> None:
    ends = dict(reversed(fleet(*NODES, "node4").items()))
    assert [topology([RED], host, ends) for host in NODES] == [topology([RED], host, ENDS) for host in NODES]


def test_learning() -> None:
    lists = topology([RED], "node1", ENDS, learning=True, port=8472)
    assert (tunnel(lists)["learning"], tunnel(lists)["fdb"], tunnel(lists)["port"]) == (True, [], 8472)
    assert lists["linux_bridge"][0]["fdb"] == lists["linux_bridge"][0]["neighbours"] == []
    assert lists["linux_bridge"][0]["port_flags"]["vx-red"] == {"learning": True, "neigh_suppress": False}


def test_both_families_over_an_underlay_of_ipv6() -> None:
    ends = {host: {"local": f"2001:db8::{host[-1]}", "underlay_mtu": 9000} for host in NODES}
    red = network(*RED["members"], subnet=["10.50.50.0/24", "fd00:50::/64"], gateway={"host": "node2"})
    lists = topology([red], "node1", ends)
    assert tunnel(lists)["remotes"] == ["2001:db8::2", "2001:db8::3"]
    assert tunnel(lists)["mtu"] == lists["linux_bridge"][0]["mtu"] == 8930
    assert lists["veth"][0]["peer"]["addresses"] == ["10.50.50.2/24", "fd00:50::2/64"]
    assert [route["gateway"] for route in lists["netns_route"]] == ["10.50.50.1", "fd00:50::1"]
    assert {"address": "fd00:50::1", "mac": topology([red], "node2", ends)["linux_bridge"][0]["mac"]} in lists[
        "linux_bridge"
    ][0]["neighbours"]


def test_an_ipv4_address_by_dhcp_and_one_of_ipv6() -> None:
    red = network(
        member("red1", "node1", address=["dhcp", "fd00:50::9"]),
        member("red2", "node2", address="dhcp"),
        subnet=["10.50.50.0/24", "fd00:50::/64"],
        dhcp={"host": "node1"},
    )
    assert topology([red], "node1", ENDS)["veth"][0]["peer"]["addresses"] == ["fd00:50::9/64"]
    assert topology([red], "node2", ENDS)["veth"][0]["peer"]["addresses"] == ["fd00:50::1/64"]


def test_published_ports_lead_to_members_of_all_hosts() -> None:
    red = network(
        member("red1", "node1"),
        member("red2", "node2", publish=[{"port": 8080, "to_port": 80}]),
        gateway={"host": "node1"},
    )
    assert topology([red], "node1", ENDS)["netns_nat"][0]["publish"] == [
        {"protocol": "tcp", "port": 8080, "to_address": "10.50.50.3", "to_port": 80}
    ]
    assert topology([red], "node2", ENDS)["netns_nat"] == []


def test_gateways_of_two_networks_on_a_host_are_apart() -> None:
    red = network(member("red1", "node1"), member("red2", "node2"), gateway={"host": "node1", "masquerade": True})
    blue = red | {"name": "blue", "vni": 2, "subnet": "10.60.0.0/24", "members": [member("blue1", "node1")]}
    lists = topology([red, blue], "node1", ENDS)
    assert {"from": "br-red", "to": "br-blue", "allow": False} in lists["netns_nat"][0]["forward"]


def test_what_attaches_a_namespace_is_not_needed_to_take_it_down() -> None:
    red = network(member("red1", "node1", pid=42), member("red2", "node2", container="shop"))
    assert topology([red], "node1", ENDS)["netns"] == [{"name": "red1", "pid": 42}]
    assert topology([red], "node2", ENDS, state="absent")["netns"] == [{"name": "red2"}]


@pytest.mark.parametrize(
    ("mtus", "asked", "mtu"),
    [
        ((1500, 1500, 1500), None, 1450),
        ((1500, 9000, 1400), None, 1350),
        ((None, None, None), 9000, 8950),
        ((None, 1500, None), 9000, 1450),
        ((None, None, None), None, None),
    ],
)
def test_the_mtu_is_the_least_of_what_is_known(
    mtus: tuple[int | None, ...], asked: int | None, mtu: int | None
) -> None:
    ends = {host: {**ENDS[host], "underlay_mtu": one} for host, one in zip(NODES, mtus)}
    told = {"underlay": {"interface": "eth0", "mtu": asked}} if asked else {"skipped": True}
    assert tunnel(topology([RED], "node1", ends, underlay=told)).get("mtu") == mtu


def test_hosts_and_networks_that_are_not_stretched_need_no_end() -> None:
    ends = {"node1": {"local": None, "underlay_mtu": None}, "node2": {"local": "192.0.2.2", "underlay_mtu": None}}
    lists = topology([network(member("a", "node1"), member("b", "node1"))], "node1", ends)
    assert "mtu" not in lists["veth"][0]


def test_segments() -> None:
    ends = _fleet_ends.read_table(ENDS)
    blue = network(member("red1", "node3"), name="blue", vni=7, dhcp={"host": "node2"})
    gone = network(name="x", vni=1, state="absent")
    red_segment, blue_segment = _vxlan_share.segments([RED, blue, gone], ends)
    assert (red_segment.role, red_segment.name, red_segment.number, red_segment.mtu) == (
        "vxlan_network",
        "red",
        4100,
        1450,
    )
    assert red_segment.hosts == NODES
    assert [(one.host, one.netns) for one in blue_segment.places] == [("node2", "dhcp-blue"), ("node3", "red1")]


def test_wrong_input_is_a_filter_error() -> None:
    with pytest.raises(AnsibleFilterError, match="VNI"):
        topology([RED, {**RED, "name": "blue"}], "node1", ENDS)
    with pytest.raises(_errors.BadInput, match="host 'node9' is not in the inventory"):
        _vxlan_network.read([network(member("a", "node9"))], _fleet_ends.read_table(ENDS))
