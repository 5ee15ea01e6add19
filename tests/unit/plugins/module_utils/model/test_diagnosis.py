# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a probe did not end as expected: facts in, sentences out."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _diagnosis,
    _diagnosis_case,
    _probe,
    _probe_options,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._evidence import (
    Chain,
    Evidence,
    Neighbour,
    Translation,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._lease import Lease
from ansible_collections.netloom.linux.plugins.module_utils._model._probe import Outcome, Way
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import (
    Address,
    Daemon,
    Link,
    Namespace,
    Ovs,
    OvsBridge,
    OvsPort,
    OvsTarget,
    Snapshot,
)

RED, GREEN = "10.0.0.1", "10.0.0.2"


class Told(Evidence):
    """Answers from plain values. A route that is not told is the connected one by eth0."""

    def __init__(self):
        self.ways, self.values, self.known, self.flags, self.rules = {}, {}, {}, {}, {}

    def route(self, ns, address, source=None, link=None):
        return self.ways.get((ns, address), Way("", "unicast", None, "eth0", RED if ns == "red" else GREEN))

    def sysctl(self, ns, link, key):
        return self.values.get((ns, link, key))

    def neighbours(self, ns):
        return self.known.get(ns, {})

    def ports(self, ns):
        return self.flags.get(ns, {})

    def chains(self, ns):
        return self.rules.get(ns, [])


class World:
    """red and green on the bridge br of the host, each by a veth pair; what a test spoils is told by its methods."""

    def __init__(self):
        self.told = Told()
        self.told.ways[("green", GREEN)] = self.told.ways[("red", RED)] = Way("", "local", None, "lo", None)
        self.snapshot = Snapshot({None: Namespace(None, links={"br": Link("br", "bridge", up=True, mtu=1500)})})
        for number, (name, address) in enumerate((("red", RED), ("green", GREEN)), 1):
            self.add(name, "eth0", f"v-{name}", f"{address}/24", number)

    def add(self, name, link, outer, cidr, number):
        space = self.snapshot.namespaces.setdefault(name, Namespace(name))
        mac = f"02:00:00:00:00:{number:02x}"
        address = (Address(cidr),) if cidr else ()
        space.links[link] = Link(
            link,
            "veth",
            mac=mac,
            up=True,
            carrier=True,
            mtu=1500,
            addresses=address,
            peer=(None, outer),
            tx_checksum=True,
        )
        self.snapshot.namespaces[None].links[outer] = Link(
            outer, "veth", up=True, carrier=True, mtu=1500, master="br", peer=(name, link)
        )

    def change(self, ns, name, **more):
        links = self.snapshot.namespaces[ns].links
        links[name] = dataclasses.replace(links[name], **more)

    def switch(self, *tags):
        """The same on an OVS bridge."""
        for name in ("v-red", "v-green"):
            self.change(None, name, master=None)
        ports = {name: OvsPort(name, "ovs1", tag=tag) for name, tag in zip(("v-red", "v-green"), tags)}
        self.snapshot.ovs[OvsTarget()] = Ovs({"ovs1": OvsBridge("ovs1", "netdev")}, ports)

    def causes(self, pings=None, reason="", seen=False, lease=None, **given):
        probe = _probe_options.parse(
            [{"from": "red", "to": "green", "protocol": "icmp", "expect": "reachable", **given}]
        )
        outcome = Outcome(_probe.resolve(probe, self.snapshot)[0], seen=seen, reason=reason, lease=lease)
        return _diagnosis.causes(outcome, _diagnosis_case.Case(self.snapshot, self.told, pings or {}))


@pytest.fixture
def world():
    return World()


def test_nothing_wrong_is_nothing_said(world):
    assert world.causes() == []


@pytest.mark.parametrize(
    ("ns", "link", "sentence"),
    [
        ("red", "eth0", "eth0 of red is down: bring it up (netloom.linux.veth with 'up: true')."),
        (None, "v-green", "v-green of the host is down: bring it up (netloom.linux.veth with 'up: true')."),
        (None, "br", "br of the host is down: bring it up (netloom.linux.linux_bridge with 'up: true')."),
    ],
)
def test_a_link_that_is_down(world, ns, link, sentence):
    world.change(ns, link, up=False)
    assert world.causes()[0] == sentence
    assert world.causes(protocol="ethernet")[0] == sentence


def test_a_link_that_is_down_takes_its_routes_along(world):
    world.change("red", "eth0", up=False)
    world.told.ways[("red", GREEN)] = Way("none")
    assert world.causes() == ["eth0 of red is down: bring it up (netloom.linux.veth with 'up: true')."]


def test_no_carrier(world):
    world.change("red", "eth0", carrier=False)
    assert world.causes()[0].startswith("eth0 of red has no carrier")


def test_no_route(world):
    world.told.ways[("red", GREEN)] = Way("none")
    expected = "red has no route to 10.0.0.2: add one with netloom.linux.netns_route, or an address in its subnet."
    assert world.causes() == [expected]
    assert world.causes(protocol="route") == [expected]
    world.told.ways[("red", GREEN)] = Way("blackhole")
    assert world.causes()[0].startswith("In red a route of type blackhole leads to 10.0.0.2: take it away")


def test_no_route_back(world):
    world.told.ways[("green", RED)] = Way("none")
    assert world.causes() == [
        "green has no route to 10.0.0.1: add one with netloom.linux.netns_route, or an address in its subnet."
    ]


def test_no_address(world):
    world.change("green", "eth0", addresses=())
    assert world.causes()[0].startswith("green has no address that could be reached")


def test_in_no_bridge_and_in_another(world):
    world.change(None, "v-red", master=None)
    assert world.causes()[0].startswith("v-red of the host, the other end of eth0 of red, is a port of no bridge")
    world.snapshot.namespaces[None].links["br2"] = Link("br2", "bridge", up=True)
    world.change(None, "v-red", master="br2")
    assert world.causes()[0].startswith(
        "eth0 of red hangs on the bridge br2 and eth0 of green on the bridge br, which are not connected"
    )


@pytest.mark.parametrize(
    ("tags", "part"),
    [
        ((100, 200), "On the OVS bridge ovs1 v-red has tag 100 and v-green has tag 200, so no frame of theirs passes"),
        ((100, None), "v-red has tag 100 and v-green has no tag"),
        ((100, 100), None),
        ((None, None), None),
    ],
)
def test_tags(world, tags, part):
    world.switch(*tags)
    assert [part in sentence for sentence in world.causes()] == ([True] if part else [])


def test_isolated_ports_and_spanning_tree(world):
    world.told.flags[None] = {"v-red": (True, ""), "v-green": (True, "")}
    assert world.causes()[0].startswith("v-red and v-green are both isolated ports of the bridge br")
    world.told.flags[None] = {"v-red": (True, ""), "v-green": (False, "learning")}
    assert world.causes() == [
        (
            "The port v-green of the bridge br is still learning: spanning tree lets frames pass after twice"
            " 'forward_delay'. Wait."
        )
    ]


def test_neighbours(world):
    world.told.known["red"] = {("eth0", GREEN): Neighbour(None, True)}
    assert "eth0 of green has it, but the frames do not get there and back" in world.causes()[0]
    assert world.causes(to="10.0.0.9") == []
    world.told.known["red"] = {("eth0", GREEN): Neighbour("02:00:00:00:00:99")}
    assert world.causes()[0].startswith(
        "red takes 10.0.0.2 to be at 02:00:00:00:00:99, while eth0 of green has 02:00:00:00:00:02"
    )


def test_an_address_that_is_there_twice(world):
    world.add("blue", "eth0", "v-blue", f"{GREEN}/24", 3)
    assert (
        "10.0.0.2 is there twice, at eth0 of green and at eth0 of blue: give one of them another address."
        in world.causes()
    )


def test_tenants_with_equal_addresses(world):
    world.switch(100, 100)
    world.add("blue", "eth0", "v-blue", f"{GREEN}/24", 3)
    world.change(None, "v-blue", master=None)
    ports = world.snapshot.ovs[OvsTarget()].ports
    ports["v-blue"] = OvsPort("v-blue", "ovs1", tag=200)
    world.snapshot.namespaces["green"] = world.snapshot.namespaces.pop("green")
    assert world.causes() == [], "the address of another VLAN is no double"
    world.change("green", "eth0", up=False)
    assert world.causes(to=GREEN, protocol="arp")[0].startswith("eth0 of green is down")
    assert world.causes(to=GREEN, protocol="arp", answered_by="blue")[0].startswith(
        "On the OVS bridge ovs1 v-red has tag 100 and v-blue has tag 200"
    )


# --- a router between ------------------------------------------------------------------------------


@pytest.fixture
def routed(world):
    """red - r - green."""
    host = world.snapshot.namespaces[None].links
    host["br2"] = Link("br2", "bridge", up=True)
    world.change(None, "v-green", master="br2")
    world.change("green", "eth0", addresses=(Address("10.0.2.2/24"),))
    world.add("r", "r0", "v-r0", "10.0.0.254/24", 8)
    world.add("r", "r1", "v-r1", "10.0.2.254/24", 9)
    world.change(None, "v-r1", master="br2")
    world.told.ways.update(
        {
            ("red", "10.0.2.2"): Way("", "unicast", "10.0.0.254", "eth0", RED),
            ("r", "10.0.2.2"): Way("", "unicast", None, "r1", "10.0.2.254"),
            ("green", "10.0.2.2"): Way("", "local", None, "lo"),
            ("green", RED): Way("", "unicast", "10.0.2.254", "eth0", "10.0.2.2"),
            ("r", RED): Way("", "unicast", None, "r0", "10.0.0.254"),
        }
    )
    return world


def test_a_router_that_routes(routed):
    assert routed.causes() == []


def test_forwarding_is_off(routed):
    routed.told.values[("r", "r0", "ipv4.forwarding")] = "0"
    assert routed.causes() == [
        "r does not forward packets: net.ipv4.ip_forward is 0 there. Set it to 1 (sysctl of netloom.linux.netns)."
    ]


def test_a_packet_filter(routed):
    routed.told.rules["r"] = [
        Chain("ip", "filter", "FORWARD", "forward", True, False),
        Chain("ip6", "filter", "FORWARD", "forward", True, False),
    ]
    assert routed.causes() == [
        (
            "The packet filter of r: chain FORWARD of table ip filter has policy drop for what no rule of it accepts"
            " (forward). Add a rule that accepts this traffic."
        )
    ]
    routed.told.rules["r"] = [Chain("inet", "t", "c", "forward", False, True)]
    assert "has rules that drop or reject (forward)" in routed.causes()[0]


def test_a_filter_that_cannot_be_read_is_not_one_that_lets_all_pass(routed):
    routed.told.rules["r"] = [
        Chain("inet", "", "", "forward", False, False, unread="Cannot run nft: it did not end within 20 s")
    ]
    assert routed.causes() == [
        (
            "The packet filter of r (forward) could not be read, so it is not known whether it lets this traffic pass: "
            "Cannot run nft: it did not end within 20 s. See what 'nft list ruleset' says there."
        )
    ]


DROPS = Chain("ip", "filter", "FORWARD", "forward", True, False)


def masquerade(source=None, device=None):
    return Chain("ip", "nat", "POSTROUTING", "postrouting", False, False, translations=(Translation(source, device),))


@pytest.mark.parametrize(
    "rule", [masquerade(), masquerade("10.0.0.0/24"), masquerade(RED), masquerade("10.0.0.0/24", "r1")]
)
def test_no_route_back_is_needed_where_the_source_is_translated(routed, rule):
    routed.told.ways[("green", RED)] = Way("none")
    routed.told.values[("green", "all", "ipv4.rp_filter")] = "1"
    assert "has no route there: rp_filter is 1" in routed.causes()[0]
    routed.told.rules["r"] = [rule]
    assert routed.causes() == []
    routed.told.rules["r"] = [rule, DROPS]
    assert [cause.split(" has policy")[0] for cause in routed.causes()] == [
        "The packet filter of r: chain FORWARD of table ip filter"
    ]


@pytest.mark.parametrize(
    "rule", [masquerade("10.9.0.0/24"), masquerade(device="r0"), dataclasses.replace(masquerade(), family="ip6")]
)
def test_a_translation_of_others_is_none(routed, rule):
    routed.told.ways[("green", RED)] = Way("none")
    routed.told.rules["r"] = [rule]
    assert "green has no route to 10.0.0.1" in routed.causes()[0]


def test_a_policy_that_drops_comes_before_what_stops_the_answer(routed):
    routed.told.ways[("green", RED)] = Way("none")
    routed.told.rules["r"] = [DROPS]
    assert ["chain FORWARD" in routed.causes()[0], "green has no route to 10.0.0.1" in routed.causes()[1]] == [
        True,
        True,
    ]
    routed.told.values[("r", "r0", "ipv4.forwarding")] = "0"
    assert "r does not forward packets" in routed.causes()[0], "what stops the question for certain comes first"


def test_a_packet_filter_of_iptables_legacy(routed):
    routed.told.rules["r"] = [Chain("ip", "filter", "FORWARD", "forward", False, False, legacy=True)]
    assert routed.causes() == [
        (
            "r has a table filter of iptables-legacy, which nft does not show (forward): see 'iptables-legacy -S"
            " FORWARD' there, and accept this traffic if it drops it."
        )
    ]


def test_reverse_path_filter(routed):
    routed.told.values[("r", "all", "ipv4.rp_filter")] = "1"
    assert routed.causes() == []
    routed.told.ways[("r", RED)] = Way("", "unicast", None, "r1", "10.0.2.254")
    assert (
        "r drops what comes from 10.0.0.1 by r0, since its own route there leaves by r1: rp_filter is 1 (strict)."
        in routed.causes()[0]
    )
    routed.told.values[("r", "r0", "ipv4.rp_filter")] = "2"
    assert not [sentence for sentence in routed.causes() if "rp_filter" in sentence]


def test_the_router_does_not_know_the_way(routed):
    routed.told.ways[("r", "10.0.2.2")] = Way("none")
    assert routed.causes()[0].startswith("r has no route to 10.0.2.2")


def test_reached_through_a_router(routed):
    assert routed.causes(expect="unreachable", seen=True) == [
        "r forwards the packets: switch forwarding off there, or take the route away."
    ]


# --- what only some packets meet -------------------------------------------------------------------


def test_no_listener(world):
    assert world.causes(protocol="tcp", port=80, reason="connection refused")[0].startswith(
        "The packets get through, and no service listens on tcp port 80 in green"
    )
    assert "udp port 53" in world.causes(protocol="udp", port=53, reason="port unreachable")[0]


def test_a_silent_service(world):
    assert world.causes(protocol="udp", port=53, pings={("red", GREEN): True})[0].startswith(
        "A UDP service need not answer"
    )
    assert world.causes(protocol="udp", pings={("red", GREEN): True}) == []


def test_checksum_offload(world):
    world.switch(None, None)
    found = world.causes(protocol="tcp", pings={("red", GREEN): True})
    assert found[0].startswith(
        "eth0 of red leaves checksums to its link (transmit checksum offload is on), which the userspace datapath of"
        " ovs1 does not do"
    )
    assert world.causes(protocol="tcp") == [], "ping fails as well, so it is something else"
    world.change("red", "eth0", tx_checksum=False)
    world.change("green", "eth0", tx_checksum=False)
    assert world.causes(protocol="tcp", pings={("red", GREEN): True}) == []


def test_mtu(world):
    world.change(None, "v-green", mtu=1400)
    found = world.causes(size=1500, pings={("red", GREEN): True})
    assert found == [
        (
            "The MTU of v-green of the host is 1400: a packet of 1500 bytes cannot pass, while small ones do. Raise"
            " it, or lower the others' 'mtu'."
        )
    ]
    assert world.causes(protocol="tcp", pings={("red", GREEN): True})[0].startswith(
        "The MTU of v-green of the host is 1400: packets of 1500 bytes"
    )
    assert "not of this host" in world.causes(size=1300, pings={("red", GREEN): True})[0]


def test_bridged_frames_meet_the_packet_filter(world):
    world.told.rules[None] = [Chain("ip", "filter", "FORWARD", "forward", True, False)]
    assert world.causes() == []
    world.told.values[(None, None, "net.bridge.bridge-nf-call-iptables")] = "1"
    assert "Frames on the bridge br pass it too" in world.causes()[0]


# --- reached, leased -------------------------------------------------------------------------------


def test_why_it_is_reached(world):
    assert world.causes(expect="unreachable", seen=True)[0].startswith(
        "eth0 of red and eth0 of green hang on the same bridge br"
    )
    world.switch(100, 100)
    assert world.causes(expect="unreachable", seen=True, protocol="ethernet")[0].startswith(
        "v-red and v-green have the same tag 100 on the OVS bridge ovs1"
    )
    world.switch(100, None)
    assert "v-green has no tag on the OVS bridge ovs1" in world.causes(expect="unreachable", seen=True)[0]


def test_leases(world):
    assert world.causes(protocol="dhcp") == [
        "Nobody asks for a lease in red: start a client with netloom.linux.netns_dhcp_client."
    ]
    world.snapshot.daemons["c"] = Daemon("dhclient", "eth0", "red", 7, True)
    assert (
        world.causes(protocol="dhcp")[0]
        == "No DHCP server of ours is in green: start one with netloom.linux.dnsmasq_in_ns."
    )
    world.snapshot.daemons["s"] = Daemon("dnsmasq", "d", "green")
    assert world.causes(protocol="dhcp")[0].startswith("The DHCP server d in green does not run")
    lease = ("eth0", Lease("10.0.0.7/24", server=GREEN))
    assert world.causes(protocol="dhcp", to="10.0.0.9", lease=lease)[0].startswith(
        "10.0.0.2 is an address of eth0 of green, which is on the same Ethernet"
    )
    assert (
        world.causes(protocol="dhcp", to="10.0.0.9")[0]
        == "No namespace of this host has the address 10.0.0.9: give it to the server's link."
    )


def test_on_the_link(world):
    assert world.causes(protocol="arp", to="10.0.0.9") == [
        "No other namespace of this host has the address 10.0.0.9: check it, or who should have it."
    ]
    world.snapshot.namespaces["empty"] = Namespace("empty", links={"lo": Link("lo")})
    assert world.causes(protocol="ethernet", to="empty") == [
        "empty has no link but lo: give it one with netloom.linux.veth."
    ]


def test_another_way_needs_no_cause(world):
    assert world.causes(seen=True, via="10.0.0.9") == []
