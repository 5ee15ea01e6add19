# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proofs over several hosts: what is asked, and what is judged of a world in which one thing is wrong."""

from __future__ import annotations

import copy
import pathlib
import re
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine import _hearing
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _probe_options
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _crossing_data,
    _crossing_fleet,
    _crossing_input,
    _crossing_report,
    _crossing_sources,
    _crossings,
    _fleet,
    _segments,
)

HOSTS = ("node1", "node2", "node3")
NETWORKS = {"red": 4100, "green": 4200}  # with equal subnets
MTU = 1450


def underlay(host: str) -> str:
    """The address of a host."""
    return f"192.0.2.{HOSTS.index(host) + 1}"


def mac(network: str, host: str) -> str:
    """The MAC address of a member."""
    return f"02:00:00:00:{NETWORKS[network] - 4000 & 0xFF:02x}:{HOSTS.index(host) + 1:02x}"


def declared(hosts: t.Sequence[str] = HOSTS) -> list[dict[str, t.Any]]:
    """Two networks with a member on each host."""
    return [
        {
            "name": network,
            "number": number,
            "mtu": MTU,
            "members": [
                {
                    "host": host,
                    "name": f"{network}{host[-1]}",
                    "addresses": [f"10.50.50.1{host[-1]}/24"],
                    "mac": mac(network, host),
                }
                for host in hosts
            ],
        }
        for network, number in NETWORKS.items()
    ]


def report(host: str) -> dict[str, t.Any]:
    """What a host says when it begins to listen."""
    return {
        "listening": [
            {
                "netns": f"{network}{host[-1]}",
                "interface": "eth0",
                "mac": mac(network, host),
                "mtu": MTU,
                "addresses": [f"10.50.50.1{host[-1]}/24"],
                "bridge": f"br-{network}",
                "ports": {"tcp": 40000, "udp": 40001},
                "problem": None,
            }
            for network in NETWORKS
        ],
        "tunnels": [tunnel(host, network) for network in NETWORKS],
        "addresses": [underlay(host)],
    }


def tunnel(host: str, network: str) -> dict[str, t.Any]:
    """The tunnel of a network on a host."""
    others = [other for other in HOSTS if other != host]
    return {
        "name": f"vx-{network}",
        "type": "vxlan",
        "number": NETWORKS[network],
        "port": 4789,
        "local": underlay(host),
        "remotes": [underlay(other) for other in others],
        "group": None,
        "fdb": {mac(network, other): underlay(other) for other in others},
        "learning": False,
        "bridge": f"br-{network}",
        "mtu": MTU,
        "up": True,
    }


class World:
    """Hosts that reach each other, unless a test takes something away."""

    def __init__(self, hosts: t.Sequence[str] = HOSTS) -> None:
        self.segments = _crossing_input.read(declared())
        self.reports: dict[str, t.Any] = {host: report(host) for host in hosts}
        self.lost: list[dict[str, t.Any]] = []  # questions without an answer: their hosts, network, or what is asked by
        self.unheard: set[tuple[str, str, str]] = set()  # from host, to host, network: frames that do not arrive
        self.leaks: dict[str, list[str]] = {}  # netns -> names of frames that it hears as well
        self.sent: dict[str, t.Any] = {}
        self.collected: dict[str, t.Any] = {}

    def tunnel(self, host: str, network: str) -> dict[str, t.Any]:
        """A tunnel, to be changed."""
        return next(one for one in self.reports[host]["tunnels"] if one["name"] == f"vx-{network}")

    def lose(self, **what: t.Any) -> World:
        """Lose the answers to such questions."""
        self.lost.append(what)
        return self

    def cut(self, source: str, target: str, network: str = "red") -> World:
        """Nothing gets from one host to the other or back in a network."""
        for one, other in ((source, target), (target, source)):
            self.lose(source=one, target=other, network=network)
            self.unheard.add((one, other, network))
        return self

    def _answer(self, question: _crossing_fleet.Question) -> dict[str, t.Any]:
        facts = {
            "source": question.source.host,
            "target": question.target.host,
            "network": question.segment.name if question.by not in ("underlay", "underlay_full") else None,
            "by": question.by,
        }
        silent = any(all(facts[key] == value for key, value in what.items()) for what in self.lost)
        return {**question.probe, "seen": "unreachable" if silent else "reachable", "as_expected": not silent}

    def run(self, **options: bool) -> dict[str, t.Any]:
        """The verdict."""
        fleet = _crossing_fleet.Fleet(self.segments, self.reports)
        for host in fleet.reports:
            work = _crossings.work(fleet, host, 240)
            self.sent.setdefault(
                host,
                {
                    "reachability": [self._answer(one) for one in _crossings.questions(fleet, host, 240)],
                    "frames": [{"name": one["name"], "problem": None} for one in work["frames"]],
                },
            )
        for host in fleet.reports:
            self.collected.setdefault(host, {"heard": self._heard(fleet, host), "underlay": []})
        return _crossing_report.of_run(
            _crossing_data.plain(self.segments), self.reports, self.sent, self.collected, 240, **options
        )

    def _heard(self, fleet: _crossing_fleet.Fleet, host: str) -> list[dict[str, t.Any]]:
        return [
            {
                "netns": place.netns,
                "interface": place.interface,
                "frames": [
                    _crossing_fleet.frame_name(other)
                    for other in segment.places
                    if other != place
                    and (other.host, host, segment.name) not in self.unheard
                    and other.host in fleet.reports
                ]
                + self.leaks.get(place.netns, []),
            }
            for segment in self.segments
            for place in segment.places
            if place.host == host and fleet.usable(place)
        ]


# --- what is asked --------------------------------------------------------------------------------


def questions(host: str = "node1") -> list[_crossing_fleet.Question]:
    return _crossings.questions(_crossing_fleet.Fleet(World().segments, World().reports), host, 240)


def test_each_ordered_pair_of_hosts_asks_everything_once() -> None:
    for host in HOSTS:
        asked = [(one.segment.name, one.target.host, one.by) for one in questions(host)]
        for network in NETWORKS:
            for other in (one for one in HOSTS if one != host):
                for by in ("icmp", "arp", "tcp", "udp", "small"):
                    assert asked.count((network, other, by)) == 1, (host, network, other, by)
        assert sum(by == "underlay" for _network, _other, by in asked) == 2


def test_packets_have_full_size_and_the_right_mac_must_answer() -> None:
    found = {one.by: one.probe for one in questions() if (one.segment.name, one.target.host) == ("red", "node2")}
    assert found["icmp"] == {
        "from": "red1", "to": "10.50.50.12", "host": "node2", "protocol": "icmp", "size": MTU
    }  # fmt: skip
    assert found["arp"]["answered_by_mac"] == mac("red", "node2")
    assert found["tcp"]["port"] == 40000
    assert found["udp"]["port"] == 40001
    assert found["underlay"] == {"to": "192.0.2.2", "host": "node2", "protocol": "icmp"}
    assert found["underlay_full"]["size"] == MTU + 50


@pytest.mark.parametrize(("kind", "more"), [("vxlan", 54), ("geneve", 54), ("gre", 46)])
def test_the_underlay_is_asked_with_the_headers_of_the_tunnels_that_carry_the_network(kind: str, more: int) -> None:
    """Frames of tenants have a VLAN tag inside of the tunnel."""
    world = World()
    for one in world.reports["node1"]["tunnels"]:
        one["type"] = kind
    tagged = _segments.Carrier(shared=True, tagged=True)
    segments = [one._replace(carrier=tagged) for one in world.segments]
    asked = _crossings.questions(_crossing_fleet.Fleet(segments, world.reports), "node1", 240)
    assert {one.probe["size"] for one in asked if one.by == "underlay_full"} == {MTU + more}


def test_what_is_not_declared_the_hosts_tell() -> None:
    world = World()
    world.segments = [
        one._replace(mtu=None, places=tuple(place._replace(addresses=(), mac=None) for place in one.places))
        for one in world.segments
    ]
    for one in world.reports["node2"]["listening"]:
        one["addresses"] = ["10.50.50.77/24"]
    fleet = _crossing_fleet.Fleet(world.segments, world.reports)
    asked = [one for one in _crossings.questions(fleet, "node1", 240) if one.target.host == "node2"]
    found = {one.by: one.probe for one in asked if one.segment.name == "red"}
    assert (found["icmp"]["to"], found["icmp"]["size"]) == ("10.50.50.77", MTU)
    assert found["arp"]["answered_by_mac"] == mac("red", "node2")


def test_ipv6_is_asked_where_there_is_no_ipv4() -> None:
    world = World()
    world.segments = [
        one._replace(places=tuple(place._replace(addresses=(f"fd00::1{place.host[-1]}",)) for place in one.places))
        for one in world.segments
    ]
    asked = _crossings.questions(_crossing_fleet.Fleet(world.segments, world.reports), "node1", 240)
    found = {one.by: one.probe for one in asked if (one.segment.name, one.target.host) == ("red", "node2")}
    assert {found[by]["to"] for by in ("icmp", "arp", "tcp", "udp")} == {"fd00::12"}


def test_what_is_asked_is_what_reachability_takes() -> None:
    fleet = _crossing_fleet.Fleet(World().segments, World().reports)
    work = _crossings.work(fleet, "node1", 240)
    for number, one in enumerate(work["probes"]):
        full = {name: option.get("default") for name, option in _probe_options.OPTIONS.items()}
        _probe_options.parse_one({**full, **one}, f"probes[{number}]")
    params = {"run": "20260101-1", "listen_seconds": 60, "collect": False}
    ears = [{**one, "protocols": ["tcp"]} for one in _crossings.listeners(World().segments, "node1")]
    _hearing.check({**params, "probes": work["probes"], "frames": work["frames"], "listeners": ears})


def test_many_members_are_asked_in_a_ring() -> None:
    world = World()
    red = world.segments[0]
    more = tuple(
        red.places[number % 3]._replace(netns=f"m{number}", addresses=(f"10.50.50.{number + 20}",))
        for number in range(40)
    )
    world.segments = [red._replace(places=more)]
    row = world.reports["node1"]["listening"][0]
    for index, host in enumerate(HOSTS):
        world.reports[host]["listening"] = [{**row, "netns": f"m{number}"} for number in range(index, 40, 3)]
    fleet = _crossing_fleet.Fleet(world.segments, world.reports)
    pings = [
        one
        for host in HOSTS
        for one in _crossings.questions(fleet, host, 240)
        if one.by == "icmp" and "size" not in one.probe
    ]
    assert 35 <= len(pings) <= 40
    assert len([one for host in HOSTS for one in _crossings.questions(fleet, host, 2000)]) > 1500


def test_leases_come_from_the_one_server() -> None:
    world = World()
    server, *others = world.segments[0].places
    members = tuple(place._replace(addresses=()) for place in others)
    # The server need not be the first, and the role may be one of which nobody here knows.
    world.segments = [world.segments[0]._replace(role="ovn_network", places=(*members, server), server=server)]
    asked = _crossings.questions(_crossing_fleet.Fleet(world.segments, world.reports), "node2", 240)
    assert [one.probe for one in asked if one.by == "dhcp"] == [
        {
            "from": "red2",
            "to": "10.50.50.11",
            "protocol": "dhcp",
            "interface": "eth0",
            "answered_by_mac": mac("red", "node1"),
        }
    ]


def test_a_network_says_itself_who_its_server_is_and_what_carries_it() -> None:
    given = copy.deepcopy(declared()[:1])
    given[0]["carrier"] = {"type": "geneve", "shared": True}
    given[0]["members"][1]["serves"] = True
    (found,) = _crossing_input.read(given)
    assert found.server == found.places[1]
    assert found.carrier == _segments.Carrier("geneve", shared=True, tagged=False)
    assert _crossing_data.read(_crossing_data.plain([found])) == [found]
    # Its number is not that of a tunnel.
    world = World()
    world.segments = [found]
    for host in HOSTS:
        world.tunnel(host, "red")["number"] = 9
    assert world.run()["surprises"] == {}
    assert "VNI" not in str(world.cut("node1", "node2").run()["surprises"])
    # No host tells of a tunnel: the size is that of its own type.
    for report_of_it in world.reports.values():
        report_of_it["tunnels"] = []
    fleet = _crossing_fleet.Fleet([found._replace(carrier=_segments.Carrier("gre", tagged=True))], world.reports)
    assert fleet.overhead(fleet.segments[0], "node1", "192.0.2.2") == 46


def test_members_reach_the_gateway_on_whichever_host_it_is() -> None:
    world = World()
    given = [{**declared()[0], "gateway": {"host": "node1", "addresses": "10.50.50.1", "mac": "02:00:00:00:00:01"}}]
    world.segments = _crossing_input.read(given)
    assert _crossing_data.read(_crossing_data.plain(world.segments)) == world.segments
    fleet = _crossing_fleet.Fleet(world.segments, world.reports)
    for host, where in (("node1", {}), ("node2", {"host": "node1"})):
        asked = [one.probe for one in _crossings.questions(fleet, host, 240) if not one.target.netns]
        assert asked == [
            {"from": f"red{host[-1]}", "to": "10.50.50.1", **where, "protocol": "icmp"},
            {
                "from": f"red{host[-1]}", "to": "10.50.50.1", **where,
                "protocol": "arp", "answered_by_mac": "02:00:00:00:00:01",
            },
        ]  # fmt: skip


def test_isolated_members_of_one_host_are_not_asked() -> None:
    world = World()
    red = world.segments[0]
    twin = red.places[0]._replace(netns="twin", addresses=("10.50.50.21",))
    world.reports["node1"]["listening"].append({**world.reports["node1"]["listening"][0], "netns": "twin"})
    for isolated in (True, False):
        places = tuple(place._replace(isolated=isolated) for place in (*red.places, twin))
        fleet = _crossing_fleet.Fleet([red._replace(places=places)], world.reports)
        asked = [one for one in _crossings.questions(fleet, "node1", 240) if one.target.host == "node1"]
        assert bool(asked) is not isolated


# --- where the networks come from -----------------------------------------------------------------

VXLAN = [
    {
        "name": "red",
        "vni": 4100,
        "subnet": "10.50.50.0/24",
        "dhcp": {"host": "node1", "start": "10.50.50.100", "end": "10.50.50.199"},
        "gateway": {"host": "node3", "address": "10.50.50.1"},
        "members": [
            {"name": "red1", "host": "node1"},
            {"name": "red2", "host": "node2", "address": "dhcp"},
            {"name": "red3", "host": "node3", "address": "10.50.50.20"},
        ],
    }
]
TENANTS = [
    {
        "name": "blue",
        "tag": 100,
        "subnet": "10.50.50.0/24",
        "server": {"host": "node1"},
        "members": [{"name": "blue1", "host": "node1"}, {"name": "blue2", "host": "node2"}],
    }
]


def test_the_roles_declare_networks_once_for_the_fleet() -> None:
    own = {
        host: {
            "ansible_host": underlay(host),
            "vxlan_network_networks": copy.deepcopy(VXLAN),
            "ovs_vlan_dhcp_tenants": copy.deepcopy(TENANTS),
            "ovs_vlan_dhcp_tunnels": {"type": "vxlan", "key": 7},
            "verify_segments": declared()[1:],
        }
        for host in HOSTS
    }
    found = _crossing_sources.segments(HOSTS, own, {})
    assert [(one.role, one.name, one.number) for one in found] == [
        ("vxlan_network", "red", 4100), ("ovs_vlan_dhcp", "blue", 100), ("verify", "green", 4200)
    ]  # fmt: skip
    red = found[0]
    assert [place.netns for place in red.places] == ["dhcp-red", "red1", "red2", "red3"]
    assert red.places[2].addresses == ()
    assert red.gateway is not None
    assert (red.gateway.host, red.gateway.addresses) == ("node3", ("10.50.50.1",))
    assert _crossing_data.read(_crossing_data.plain(found)) == found
    # The same if some of it is a variable of the play.
    shared = {name: own["node1"].pop(name) for name in list(own["node1"]) if name != "ansible_host"}
    assert _crossing_sources.segments(HOSTS, own, {}) == found
    addresses = {host: {"ansible_host": underlay(host)} for host in HOSTS}
    assert _crossing_sources.segments(HOSTS, addresses, shared) == found
    assert _crossing_sources.segments(HOSTS, addresses, {}) == []


def test_a_template_of_the_play_is_another_address_for_each_host() -> None:
    here = {"vxlan_network_networks": VXLAN, "vxlan_network_local": "192.0.2.1"}  # as the first host evaluates it
    noted: dict[str, t.Any] = {host: {"vxlan_network__local": underlay(host)} for host in HOSTS}
    assert [one.name for one in _crossing_sources.segments(HOSTS, noted, here)] == ["red"]
    with pytest.raises(_errors.BadInput, match="vxlan_network_local: is a variable of the play"):
        _crossing_sources.segments(HOSTS, {host: {} for host in HOSTS}, here)


# --- what is judged -------------------------------------------------------------------------------


def test_all_well() -> None:
    found = World().run()
    assert (found["surprises"], found["unproven"], found["inconclusive"]) == ({}, [], {})
    assert len(found["rows"]) == len(NETWORKS) * 6
    assert all(row["checks"] == dict.fromkeys(["icmp", "arp", "tcp", "udp", "frames"], True) for row in found["rows"])
    assert "node1: 22 proofs held with node2, node3 (red, green)" in found["lines"]


def test_a_probe_that_could_not_be_made_is_a_surprise_unless_it_is_allowed() -> None:
    world = World()
    world.run()
    world.sent["node1"]["reachability"][0].update(seen="inconclusive", as_expected=False, reason="not permitted")
    refused, allowed = world.run(), world.run(allow_inconclusive=True)
    assert list(refused["surprises"]) == ["node1"]
    assert (allowed["surprises"], allowed["unproven"]) == ({}, [])
    assert refused["inconclusive"] == allowed["inconclusive"] == {"node1": 1}


def test_a_host_that_was_not_reached_is_no_surprise_of_the_others() -> None:
    world = World()
    world.reports["node3"] = {"unreachable": True, "msg": "no route to host"}
    found = world.run()
    assert found["surprises"] == {}
    assert found["unproven"] == [
        "node3 was not reached, so nothing between it and node1, node2 was proven (red, green)."
    ]
    assert {(row["from"], row["to"]) for row in found["rows"]} == {("node1", "node2"), ("node2", "node1")}


def test_limit_leaves_out_and_says_so() -> None:
    found = World(hosts=HOSTS[:2]).run()
    assert found["surprises"] == {}
    assert found["unproven"] == [
        "node3 is not among the hosts of this run, so nothing between it and node1, node2 was proven (red, green)."
    ]


def test_a_host_whose_task_failed_fails_itself() -> None:
    world = World()
    world.reports["node3"] = {"msg": "pyroute2 is missing."}
    found = world.run()
    assert found["surprises"] == {"node3": ["Nothing was proven from node3: pyroute2 is missing."]}
    assert len(found["unproven"]) == 1


def test_a_host_that_is_lost_while_packets_are_sent_is_told() -> None:
    world = World()
    world.sent["node3"] = {"unreachable": True, "msg": "Connection timed out"}
    found = world.run()
    assert "node3: not everything was proven: Connection timed out" in found["unproven"]


def test_a_namespace_that_is_not_there_is_a_surprise_of_its_host() -> None:
    world = World()
    world.reports["node2"]["listening"][0] = {
        "netns": "red2", "interface": "eth0", "problem": "there is no namespace 'red2'"
    }  # fmt: skip
    found = world.run()
    assert found["surprises"] == {
        "node2": [
            (
                "red, node2: there is no namespace 'red2'. Nothing to and from it was proven; run"
                " netloom.linux.site for this host."
            )
        ]
    }


def causes(world: World, source: str = "node1", target: str = "node2") -> str:
    """What is said of two hosts."""
    return next(one for one in world.run()["surprises"][source] if one.startswith(f"red, {source} -> {target}: "))


def test_what_failed_is_told_with_both_ends() -> None:
    assert causes(World().cut("node1", "node2")).startswith(
        "red, node1 -> node2: red1 -> red2 (icmp, 1450 bytes): no answer; red1 -> red2 (arp): no answer; red1 -> red2"
        " (tcp): no answer; red1 -> red2 (udp): no answer; red1 -> red2 (broadcast frame): not seen there. "
    )


def test_the_underlay_is_down() -> None:
    world = World().cut("node1", "node2").lose(source="node1", target="node2", by="underlay")
    assert causes(world).endswith(
        "node1 does not reach node2 itself at 192.0.2.2, where its tunnels end (no answer): mend the network between"
        " the hosts (cable, address, route, packet filter)."
    )
    world.collected.clear()
    assert "node3" not in world.run()["surprises"]


def test_networks_that_fail_for_one_reason_are_told_together() -> None:
    world = World().cut("node1", "node2").cut("node1", "node2", "green")
    told = world.lose(source="node1", target="node2", by="underlay").run()["surprises"]["node1"]
    assert len(told) == 1
    assert told[0].startswith("red, green, node1 -> node2: red1 -> red2 (icmp, ")


def test_a_wrong_vni() -> None:
    world = World().cut("node1", "node2").cut("node2", "node3")
    world.tunnel("node2", "red")["number"] = 4101
    assert "vx-red of node2 has VNI 4101, though that of red is 4100: run netloom.linux.site for node2." in causes(
        world
    )
    assert "vx-red of node2 has VNI 4101" in causes(world, "node3", "node2")


def test_different_ports() -> None:
    world = World().cut("node1", "node2")
    world.tunnel("node2", "red")["port"] = 8472
    assert "The tunnels of node1 have the port 4789, those of node2 have 8472: give both the same." in causes(world)


def test_a_remote_is_missing() -> None:
    world = World()
    world.unheard.add(("node1", "node2", "red"))
    world.tunnel("node1", "red")["remotes"] = [underlay("node3")]
    assert causes(world).endswith(
        "red1 -> red2 (broadcast frame): not seen there. vx-red of node1 does not send to 192.0.2.2, where the tunnels"
        " of node2 end (remotes: 192.0.2.3): run netloom.linux.site for node1."
    )


@pytest.mark.parametrize(
    ("entry", "learning", "says"),
    [
        (
            None,
            False,
            (
                "vx-red of node1 has no forwarding entry for 02:00:00:00:64:02 (red2 on node2), and does not learn: run"
                " netloom.linux.site for node1."
            ),
        ),
        (
            "192.0.2.3",
            True,
            (
                "vx-red of node1 sends what is for 02:00:00:00:64:02 (red2 on node2) to 192.0.2.3, not to 192.0.2.2:"
                " run netloom.linux.site for node1."
            ),
        ),
    ],
)
def test_a_forwarding_entry(entry: str | None, learning: bool, says: str) -> None:
    world = World().lose(source="node1", target="node2", network="red").lose(source="node2", target="node1")
    one = world.tunnel("node1", "red")
    one["learning"] = learning
    del one["fdb"][mac("red", "node2")]
    if entry:
        one["fdb"][mac("red", "node2")] = entry
    else:  # else what is for nobody known goes to all
        one["remotes"] = [underlay("node3")]
    world.lost[1]["network"] = "red"
    assert causes(world).endswith(says)


def test_an_mtu_of_the_underlay() -> None:
    world = World().lose(source="node1", target="node2", by="icmp", network="red")
    world.lose(source="node1", target="node2", by="underlay_full")
    assert causes(world) == (
        "red, node1 -> node2: red1 -> red2 (icmp, 1450 bytes): no answer. Small packets pass, those of 1450 bytes do"
        " not: with the 50 bytes of the tunnel they need an MTU of 1500 all the way from node1 to 192.0.2.2, which it"
        " has not (no answer): raise the underlay's MTU, or lower that of red."
    )


def test_an_mtu_of_a_link() -> None:
    world = World().lose(source="node1", target="node2", by="icmp", network="red")
    world.tunnel("node2", "red")["mtu"] = 1400
    assert causes(world).endswith(
        "Small packets pass, those of 1450 bytes do not (vx-red of node2 has an MTU of 1400): give all links of red the"
        " same MTU, on both hosts."
    )


def test_a_tunnel_that_is_not_on_its_bridge() -> None:
    world = World().cut("node1", "node2")
    world.tunnel("node2", "red")["bridge"] = None
    assert causes(world).endswith(
        "vx-red of node2, which has VNI 4100, is not a port of br-red, the bridge of red's members: run"
        " netloom.linux.site for node2."
    )


def test_a_tunnel_that_is_not_there_or_down() -> None:
    world = World().cut("node1", "node2")
    world.reports["node2"]["tunnels"] = []
    assert causes(world).endswith("No tunnel is a port of br-red on node2: run netloom.linux.site for node2.")
    world = World().cut("node1", "node2")
    world.tunnel("node1", "red")["up"] = False
    assert causes(world).endswith("vx-red of node1 is down: set it up.")


def test_a_tunnel_that_cannot_leave_its_host_is_no_matter_of_packet_filters() -> None:
    world = World().cut("node1", "node2")
    world.tunnel("node1", "red")["stuck"] = {underlay("node1"): "eth0"}
    found = causes(world)
    assert f"No tunnel can leave node1: {underlay('node1')} is on eth0, and Open vSwitch's userspace" in found
    assert "packet filter" not in found


def test_a_packet_filter_between_the_hosts_or_on_one() -> None:
    world = World().cut("node1", "node2")
    assert causes(world).endswith(
        "Nothing that node1 sends into its tunnel arrives at node2, though the hosts reach each other: let packet"
        " filters between them pass the tunnel (UDP port 4789)."
    )
    arrival = {"name": "node1/red1/eth0", "sender": "192.0.2.1", "number": 4100, "port": 4789}
    world.collected["node2"]["underlay"] = [arrival]
    says = (
        "Frames of node1 arrive at node2 on port 4789 with the number 4100, and no member hears them: a packet filter"
        " of node2 drops them, or its tunnel expects another number, port or sender."
    )
    assert causes(world).endswith(says)
    # The other way, everything arrives, and the answers do not get back.
    world = (
        World().lose(source="node1", target="node2", network="red").lose(source="node2", target="node1", network="red")
    )
    world.unheard.add(("node1", "node2", "red"))
    world.run()
    world.collected["node2"]["underlay"] = [arrival]
    assert causes(world, "node2", "node1").endswith(says)


def test_another_mac_answers() -> None:
    world = World()
    world.run()
    wrong = next(one for one in world.sent["node1"]["reachability"] if one["protocol"] == "arp")
    wrong.update(as_expected=False, answered_by_macs=["02:00:00:00:00:99"])
    assert causes(world).startswith(
        "red, node1 -> node2: red1 -> red2 (arp): answered by 02:00:00:00:00:99, not by 02:00:00:00:64:02 alone."
    )


def test_a_leak_between_networks_is_a_surprise_of_who_hears_it() -> None:
    world = World()
    world.leaks["green2"] = ["node1/red1/eth0"]
    world.tunnel("node2", "red")["bridge"] = "br-green"
    found = world.run()
    assert found["surprises"]["node2"][-1] == (
        "green, green2 on node2: frames of red1 on node1 arrive, which are of red, though the two networks must be"
        " isolated. On node2, vx-red has VNI 4100, that of red, and is a port of br-green, the bridge of green: run"
        " netloom.linux.site for node2."
    )
    assert {"network": "green", "from": "node1", "to": "node2"}.items() <= next(
        row for row in found["rows"] if "isolation" in row["checks"]
    ).items()


@pytest.mark.parametrize(
    ("arrived", "where"),
    [
        ([], "node1, node2"),
        ([("192.0.2.1", 4100)], "node2"),
        ([("192.0.2.3", 4200)], "node3"),
        ([("192.0.2.1", 4100), ("192.0.2.3", 4200)], "node3"),
        ([("192.0.2.1", 4200)], "node1"),
    ],
)
def test_a_leak_is_looked_for_on_the_host_that_joins_the_networks(arrived: list[tuple[str, int]], where: str) -> None:
    world = World()
    world.leaks["green2"] = ["node1/red1/eth0"]
    world.run()
    world.collected["node2"]["underlay"] = [
        {"name": "node1/red1/eth0", "sender": sender, "number": number, "port": 4789} for sender, number in arrived
    ]
    assert world.run()["surprises"]["node2"][-1].endswith(
        f"Look on {where} for a link, a patch port or a tunnel that joins their bridges."
    )


def test_isolation_is_proven_only_where_somebody_else_sent() -> None:
    both, alone = World(), World()
    alone.segments = [one for one in alone.segments if one.name == "red"]
    held, of_one = both.run()["held"]["node1"], alone.run()["held"]["node1"]
    assert held == 2 * (of_one + 1), "each network's own proofs, and that nothing of the other one arrives"


def test_networks_of_different_roles_may_be_joined() -> None:
    world = World()
    world.segments[1] = world.segments[1]._replace(role="ovs_vlan_dhcp")
    world.leaks["green2"] = ["node1/red1/eth0"]
    assert world.run()["surprises"] == {}


def test_of_a_large_fleet_only_what_is_wrong_is_a_row_of_the_table() -> None:
    world = World().cut("node1", "node2")
    found = world.run()
    red = found["rows"][0]
    rows = [{**red, "from": f"n{number}", "as_promised": True} for number in range(100)]
    verdict = _crossing_report._crossing_verdict.judge(world.segments, world.reports, world.sent, world.collected, 240)
    shown = _crossing_report.lines(verdict, [*rows, *found["rows"]])
    assert len([line for line in shown if line.startswith(("red ", "green "))]) == 2


def test_namespaces_of_one_name_on_two_hosts_ask_each_other() -> None:
    written = declared()[:1]
    written[0]["members"] += [{"name": "web", "host": host, "addresses": f"10.50.50.2{host[-1]}"} for host in HOSTS[:2]]
    world = World()
    for host in HOSTS[:2]:
        row = {**world.reports[host]["listening"][0], "netns": "web", "addresses": []}
        world.reports[host]["listening"].append(row)
    fleet = _crossing_fleet.Fleet(_crossing_input.read(written), world.reports)
    asked = {(one.source[:2], one.target[:2]) for one in _crossings.questions(fleet, "node1", 240) if one.by == "icmp"}
    assert (("node1", "web"), ("node2", "web")) in asked


# --- what is declared -----------------------------------------------------------------------------

WRONG: list[tuple[t.Any, str]] = [
    (
        [
            {
                "name": "red",
                "members": [
                    {"name": n, "host": "node1", "addresses": f"10.0.0.{n[-1]}", "serves": True}
                    for n in ("red1", "red2")
                ],
            }
        ],
        (
            "verify_segments[0].members[1].serves: 'red1' is the DHCP server of the network, which has only one;"
            " leave the key out here, or there."
        ),
    ),
    (
        [{"name": "red", "members": [{"name": "red1", "host": "node1", "serves": True}]}],
        "verify_segments[0].members[0]: 'addresses' is missing; leases must name the server's address.",
    ),
    (
        [{"name": "red", "carrier": {"type": "vlan"}, "members": [{"name": "red1", "host": "node1"}]}],
        (
            "verify_segments[0].carrier.type: 'vlan' is not possible; did you mean 'vxlan'? The choices are vxlan,"
            " geneve or gre."
        ),
    ),
    ([{"name": "red"}], "verify_segments[0]: has no members; name those of at least two hosts."),
    (
        [{"name": "red", "members": [{"name": "red1"}]}],
        "verify_segments[0].members[0]: 'host' is missing.",
    ),
    (
        [{"name": "red", "members": [{"name": "red1", "host": "node9"}]}],
        ("verify_segments[0].members[0].host: host 'node9' is not in the inventory; did you mean 'node3'?"),
    ),
    (
        [
            {
                "name": "red",
                "members": [{"name": "red1", "host": "node1"}],
                "gateway": {"host": "elsewhere", "addresses": "10.50.50.1"},
            }
        ],
        (
            "verify_segments[0].gateway.host: host 'elsewhere' is not in the inventory; add it, or put"
            " this on another host."
        ),
    ),
    (
        [{"name": "red", "number": 1 << 24, "members": [{"name": "red1", "host": "node1"}]}],
        "verify_segments[0].number: 16777216 is out of range; it must lie between 1 and 16777215.",
    ),
    (
        [{"name": "red", "members": [{"name": "red1", "host": "node1", "addresses": "10.50.50.300"}]}],
        (
            "verify_segments[0].members[0].addresses: '10.50.50.300' is not an address; write it as '10.50.50.11' or"
            " '10.50.50.11/24'."
        ),
    ),
    (
        [{"name": "red", "members": [{"name": "red1", "host": "node1"}] * 2}],
        (
            "verify_segments[0].members[1]: 'eth0' of 'red1' on 'node1' is already used by"
            " verify_segments[0].members[0]; each may be used once."
        ),
    ),
]


@pytest.mark.parametrize(("given", "says"), WRONG)
def test_wrong_input_names_its_entry(given: t.Any, says: str) -> None:
    with pytest.raises(_errors.BadInput) as caught:
        _crossing_input.of_fleet(HOSTS, {host: {"verify_segments": given} for host in HOSTS}, {})
    assert str(caught.value) == says


def test_what_all_hosts_declare_is_one_network() -> None:
    variables = {host: {"verify_segments": copy.deepcopy(declared())} for host in HOSTS}
    assert _crossing_input.of_fleet(HOSTS, variables, {}) == World().segments
    assert (
        _crossing_input.of_fleet(HOSTS, {key: {} for key in HOSTS}, {"verify_segments": declared()}) == World().segments
    )
    assert _crossing_data.read(_crossing_data.plain(World().segments)) == World().segments


# --- what the documentation quotes ----------------------------------------------------------------


def _changed(world: World, host: str, **attributes: t.Any) -> World:
    world.tunnel(host, "red").update(attributes)
    return world


def _arrived(world: World) -> World:
    world.run()
    arrival = {"name": "node1/red1/eth0", "sender": "192.0.2.1", "number": 4100, "port": 4789}
    world.collected["node2"]["underlay"] = [arrival]
    return world


def _large() -> World:
    return World().lose(source="node1", target="node2", by="icmp", network="red")


def _entry_gone(learning: bool, **fdb: str) -> World:
    world = World().lose(source="node1", target="node2", network="red")
    remotes = [underlay("node3")] if not fdb else [underlay("node2"), underlay("node3")]
    entries = {mac("red", "node2"): to for to in fdb.values()}
    return _changed(world, "node1", learning=learning, fdb=entries, remotes=remotes)


def _leaking() -> World:
    world = _changed(World(), "node2", bridge="br-green")
    world.leaks["green2"] = ["node1/red1/eth0"]
    return world


def _unreached(**reports: t.Any) -> World:
    world = World(HOSTS[:2])
    world.reports.update(reports)
    return world


QUOTED = [
    World().cut("node1", "node2").lose(source="node1", target="node2", by="underlay"),
    _changed(World().cut("node1", "node2"), "node2", number=4101),
    _changed(World().cut("node1", "node2"), "node2", port=8472),
    _changed(World().cut("node1", "node2"), "node1", remotes=[underlay("node3")]),
    _entry_gone(learning=False),
    _entry_gone(learning=True, to="192.0.2.3"),
    _changed(_entry_gone(learning=False, to="192.0.2.2"), "node1", flood=False, bridge_fdb=[]),
    _changed(World().cut("node1", "node2"), "node2", bridge=None),
    _changed(World().cut("node1", "node2"), "node2", bridge=None, number=1),
    _changed(World().cut("node1", "node2"), "node1", up=False),
    _large().lose(source="node1", target="node2", by="underlay_full"),
    _changed(_large(), "node2", mtu=1400),
    World().cut("node1", "node2"),
    _arrived(World().cut("node1", "node2")),
    _leaking(),
    _unreached(node3={"unreachable": True}),
    _unreached(),
]


def test_the_documentation_quotes_what_is_said() -> None:
    page = (pathlib.Path(__file__).parents[4] / "docs/troubleshooting.md").read_text()
    section = page.partition("## Packets do not get from one host to another\n")[2].partition("\n## ")[0]
    quoted = re.findall(r"^> `(.+)`$", section, re.MULTILINE)
    assert len(quoted) == len(QUOTED)
    for sentence, world in zip(quoted, QUOTED):
        found = world.run()
        said = [*found["unproven"], *(one for told in found["surprises"].values() for one in told)]
        assert any(sentence in one for one in said), (sentence, said)


# --- the fleet ------------------------------------------------------------------------------------


def test_the_summary_and_the_artifact_know_it() -> None:
    world = World().cut("node1", "node2")
    world.reports["node3"] = {"unreachable": True}
    own = {"netloom__verify_contact": {}, "verify__crossings": world.run()}
    found = _fleet.outcomes(["node1", "node2"], {"node1": own, "node2": own}, "verify")
    assert found["held"]["node1"] == own["verify__crossings"]["held"]["node1"]
    assert len(found["surprises"]["node1"]) == 1
    assert found["unproven"] == own["verify__crossings"]["unproven"]
    assert any("node3 was not reached" in line for line in _fleet.summary(found))
