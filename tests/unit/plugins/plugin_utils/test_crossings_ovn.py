# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proofs of networks of OVN: what is promised and asked, and what is judged of a world where one thing is wrong."""

from __future__ import annotations

import copy
import pathlib
import re
import typing as t

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.module_utils._engine import _hearing
from ansible_collections.netloom.linux.plugins.module_utils._model import _probe_options
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _crossing_data,
    _crossing_fleet,
    _crossing_report,
    _crossing_rules,
    _crossing_sources,
    _crossings,
    _fleet_input,
    _segments,
)

CENTRAL, ONE, TWO, THREE = HOSTS = ["node1", "node2", "node3", "node4"]
MTU = 1500 - 58
ENDS = {host: f"192.0.2.{number}" for number, host in enumerate(HOSTS, 1)}
DECLARED: dict[str, t.Any] = {
    "ovn_network_networks": [
        {
            "name": "red",
            "subnet": "10.50.50.0/24",
            "members": [
                {"name": "red1", "host": ONE},
                {"name": "red2", "host": TWO, "security_groups": ["web"]},
                {"name": "red3", "host": THREE, "address": "dhcp"},
            ],
        },
        {
            "name": "blue",
            "subnet": "10.50.50.0/24",
            "members": [{"name": "blue1", "host": ONE}, {"name": "blue2", "host": TWO}],
        },
        {"name": "green", "subnet": "10.60.60.0/24", "members": [{"name": "green1", "host": THREE}]},
        {"name": "out", "external": {"bridge": "br-ex", "subnet": "198.51.100.0/24", "gateway": "198.51.100.1"}},
    ],
    "ovn_network_routers": [
        {
            "name": "r1",
            "networks": ["red", "green"],
            "external": {"network": "out", "address": "198.51.100.10", "hosts": [ONE, TWO]},
            "floating": [{"address": "198.51.100.50", "member": "red2"}],
        }
    ],
    "ovn_network_security_groups": [
        {
            "name": "web",
            "rules": [
                {"direction": "ingress", "protocol": "tcp", "ports": [80, "8000-8100"]},
                {"direction": "ingress", "protocol": "icmp"},
                {"direction": "egress", "remote": "10.50.50.0/24"},
            ],
        }
    ],
    "ovn_network_load_balancers": [{"name": "www", "address": "10.50.50.100", "port": 80, "members": ["red1", "red2"]}],
}
Item = dict[str, t.Any]


def variables(declared: Item | None = None, **more: t.Any) -> dict[str, Item]:
    """The variables of each host, as ``hostvars``."""
    groups = {"ovn_central": [CENTRAL], "ovn_chassis": HOSTS[1:]}
    own = {**(declared or DECLARED), "ovn_chassis_bridge_mappings": {"physical": "br-ex"}, "groups": groups, **more}
    return {host: {**own, "ansible_host": ENDS[host]} for host in HOSTS}


def segments(declared: Item | None = None, **more: t.Any) -> list[_segments.Segment]:
    """The networks that are proven."""
    return _crossing_sources.segments(HOSTS, variables(declared, **more), {})


def changed(change: t.Callable[[Item], None]) -> Item:
    """The declaration with a change."""
    found = copy.deepcopy(DECLARED)
    change(found)
    return found


class World:
    """Hosts whose networks are as declared, unless a test takes something away."""

    def __init__(self, declared: Item | None = None) -> None:
        self.segments = segments(declared)
        self.reports: dict[str, t.Any] = {host: self._report(host) for host in HOSTS}
        self.silent: list[t.Callable[[_crossing_fleet.Question], bool]] = []
        self.unheard: set[tuple[str, str]] = set()

    def places(self) -> list[_segments.Place]:
        """All members."""
        return [place for one in self.segments for place in one.places]

    def _report(self, host: str) -> Item:
        mine = [place for place in self.places() if place.host == host]
        rows = [
            {
                "netns": place.netns,
                "interface": place.interface,
                "mac": place.mac,
                "mtu": MTU,
                "addresses": [f"{one}/24" for one in place.addresses],
                "bridge": "br-int",
                "ports": {"tcp": 40000, "udp": 40001},
                "served": _crossing_rules.ports_of(place),
                "problem": None,
            }
            for place in mine
        ]
        if host == CENTRAL:
            return {"listening": [], "tunnels": [], "addresses": [ENDS[host]]}
        others = [other for other in HOSTS[1:] if other != host]
        tunnels = [
            {
                "name": f"ovn-{other}",
                "type": "geneve",
                "number": None,
                "port": 6081,
                "local": None,
                "remotes": [ENDS[other]],
                "group": None,
                "fdb": {},
                "learning": True,
                "flood": True,
                "bridge_fdb": [],
                "bridge": "br-int",
                "mtu": None,
                "up": True,
            }
            for other in others
        ]
        ports = {str(place.port): {"name": f"v-{place.netns}", "bridge": "br-int", "installed": True} for place in mine}
        ovn = {
            "chassis": host,
            "encap": ENDS[host],
            "bridge": "br-int",
            "bridges": ["br-ex", "br-int"],
            "mappings": {"physical": "br-ex"},
            "ports": ports,
            "unreachable": None,
            "registered": {one: [ENDS[one]] for one in HOSTS[1:]},
            "bindings": dict.fromkeys(ports, host),
        }
        return {"listening": rows, "tunnels": tunnels, "addresses": [ENDS[host]], "ovn": ovn}

    def ovn(self, host: str) -> Item:
        """What a host tells of OVN, to be changed."""
        found: Item = self.reports[host]["ovn"]
        return found

    def cut(self, netns: str) -> World:
        """A member that nobody reaches, and that reaches nobody."""
        self.silent.append(lambda one: netns in (one.source.netns, one.target.netns) and one.by not in UNDERLAY)
        self.unheard |= {(netns, place.netns) for place in self.places()}
        self.unheard |= {(place.netns, netns) for place in self.places()}
        return self

    def ignore(self, **what: str) -> World:
        """Questions that nobody answers."""
        self.silent.append(
            lambda one: all(
                {"by": one.by, "to": one.probe["to"], "from": one.source.netns}[key] == value
                for key, value in what.items()
            )
        )
        return self

    def questions(self, host: str) -> list[_crossing_fleet.Question]:
        """What a host asks."""
        return _crossings.questions(_crossing_fleet.Fleet(self.segments, self.reports), host, 240)

    def _answer(self, one: _crossing_fleet.Question) -> Item:
        lost = any(silent(one) for silent in self.silent)
        wanted = one.probe.get("expect") != "unreachable"
        seen = wanted is not lost if not wanted else not lost
        return {**one.probe, "seen": "reachable" if seen else "unreachable", "as_expected": seen is wanted}

    def run(self) -> Item:
        """The verdict."""
        fleet = _crossing_fleet.Fleet(self.segments, self.reports)
        sent = {
            host: {
                "reachability": [self._answer(one) for one in self.questions(host)],
                "frames": [
                    {"name": one["name"], "problem": None} for one in _crossings.work(fleet, host, 240)["frames"]
                ],
            }
            for host in HOSTS
        }
        collected = {
            host: {
                "heard": [
                    {
                        "netns": place.netns,
                        "interface": place.interface,
                        "frames": [
                            _crossing_fleet.frame_name(other)
                            for other in one.places
                            if other is not place and (other.netns, place.netns) not in self.unheard
                        ],
                    }
                    for one in self.segments
                    for place in one.places
                    if place.host == host
                ],
                "underlay": [],
            }
            for host in HOSTS
        }
        return _crossing_report.of_run(_crossing_data.plain(self.segments), self.reports, sent, collected, 240)


UNDERLAY = ("underlay", "underlay_full")


def asked(host: str, world: World | None = None) -> list[tuple[str, str, str, str, t.Any]]:
    """Check, from, to, protocol, and port or size, of what is expected."""
    found = (world or World()).questions(host)
    return [
        (
            one.by,
            one.source.netns,
            one.probe["to"],
            one.probe["protocol"],
            one.probe.get("port") or one.probe.get("size"),
        )
        for one in found
        if one.by not in UNDERLAY
    ]


# --- what is promised -----------------------------------------------------------------------------


def test_the_ends_are_those_of_the_chassis_and_the_mtu_is_what_the_underlay_leaves() -> None:
    found = {one.name: one for one in segments()}
    assert list(found) == ["red", "blue", "green"]
    assert {one.mtu for one in found.values()} == {MTU}
    red = found["red"]
    assert {one.host: one.address for one in red.carrier.chassis} == {host: ENDS[host] for host in HOSTS[1:]}
    assert red.carrier.chassis_of(ONE) == _segments.Chassis(ONE, ONE, ENDS[ONE], (("physical", "br-ex"),))
    assert red.carrier.chassis_of(THREE) == _segments.Chassis(THREE, THREE, ENDS[THREE])
    assert (red.joined, found["blue"].joined, found["green"].joined) == (("green",), (), ("red",))
    assert [place.port for place in red.places] == ["red-red1", "red-red2", "red-red3"]


def test_an_address_that_is_written_is_the_end_and_another_topology_has_names_of_its_own() -> None:
    own = variables(ovn_network_topology="other", ovn_chassis_system_id="{{ none }}")
    for host in HOSTS:
        own[host] |= {"ovn_chassis_encap_address": f"203.0.113.{host[-1]}", "ovn_chassis_system_id": f"id-{host}"}
    red = _crossing_sources.segments(HOSTS, own, {})[0]
    assert (red.name, red.places[0].port) == ("other/red", "other/red-red1")
    assert red.carrier.chassis_of(TWO) is not None
    assert red.carrier.chassis_of(TWO)[:3] == (TWO, f"id-{TWO}", "203.0.113.3")  # type: ignore[index]


def test_what_is_to_be_absent_is_not_proven() -> None:
    assert segments(ovn_network_state="absent") == []
    gone = changed(lambda one: one["ovn_network_networks"][1].update(state="absent"))
    assert [one.name for one in segments(gone)] == ["red", "green"]


def test_what_passes_from_filter_to_filter_is_all_of_it() -> None:
    assert _crossing_data.read(_crossing_data.plain(segments())) == segments()


def test_what_is_asked_is_what_reachability_takes() -> None:
    world = World()
    for host in HOSTS[1:]:
        work = _crossings.work(_crossing_fleet.Fleet(world.segments, world.reports), host, 240)
        for number, one in enumerate(work["probes"]):
            full = {name: option.get("default") for name, option in _probe_options.OPTIONS.items()}
            _probe_options.parse_one({**full, **one}, f"probes[{number}]")
        ears = [{**one, "protocols": ["tcp", "udp"]} for one in _crossings.listeners(world.segments, host)]
        given = {"run": "20260101-1", "listen_seconds": 60, "collect": False, "frames": work["frames"]}
        _hearing.check({**given, "probes": work["probes"], "listeners": ears})


# --- what is asked --------------------------------------------------------------------------------


def test_members_send_whole_packets_to_members_on_other_hosts_also_through_the_router() -> None:
    found = asked(ONE)
    assert ("icmp", "red1", "10.50.50.3", "icmp", MTU) in found
    assert ("routed", "red1", "10.60.60.2", "icmp", MTU) in found
    assert ("arp", "red1", "10.50.50.3", "arp", None) in found
    assert ("routed", "green1", "10.50.50.2", "icmp", MTU) in asked(THREE)
    assert not [one for one in found if one[0] == "routed" and one[1].startswith("blue")]


def joined(size: int) -> Item:
    """So many networks behind one router, each with a member on each chassis."""
    names = [f"n{number}" for number in range(size)]
    return {
        "ovn_network_networks": [
            {
                "name": name,
                "subnet": f"10.{number}.0.0/24",
                "members": [{"name": f"{name}on{host}", "host": host} for host in HOSTS[1:]],
            }
            for number, name in enumerate(names)
        ],
        "ovn_network_routers": [{"name": "r1", "networks": names}],
    }


def test_what_a_router_leads_to_is_asked_of_one_host_each_if_there_are_many_networks() -> None:
    size, chassis = 6, len(HOSTS) - 1
    fleet = _crossing_fleet.Fleet((world := World(joined(size))).segments, world.reports)

    def routed(most: int) -> list[_crossing_fleet.Question]:
        return [one for host in HOSTS[1:] for one in _crossings.questions(fleet, host, most) if one.by == "routed"]

    ways = size * (size - 1)
    assert len(routed(chassis * (size - 1) * chassis)) == ways * chassis * chassis
    some = routed(chassis * (size - 1) * chassis - 1)
    assert len(some) == ways * chassis
    assert len({(one.segment.name, one.source.host, one.target.netns.partition("on")[0]) for one in some}) == len(some)
    assert len({(one.source.host, one.target.host) for one in some}) == chassis * chassis


def test_not_every_member_is_asked_for_by_every_other_one_at_a_port_of_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    members = [{"name": f"m{number}", "host": ONE, "security_groups": ["web"]} for number in range(20)]
    red = {"name": "red", "subnet": "10.50.50.0/24", "members": members}
    groups = DECLARED["ovn_network_security_groups"]
    world = World({"ovn_network_networks": [red], "ovn_network_security_groups": groups})
    calls = []
    real = _crossings._crossing_promises.asked
    monkeypatch.setattr(
        _crossings._crossing_promises, "asked", lambda *how, **more: calls.append(how) or real(*how, **more)
    )
    fleet = _crossing_fleet.Fleet(world.segments, world.reports)
    assert list(_crossings._crossing_promises.of_groups(fleet, world.segments[0], ONE))
    assert len(calls) < 20 * 20


def test_ports_are_proven_as_the_rules_say() -> None:
    found = asked(ONE)
    for port in (80, 8000):
        assert ("tcp", "red1", "10.50.50.3", "tcp", port) in found
    assert ("refused", "red1", "10.50.50.3", "tcp", 40000) in found
    assert ("refused", "red1", "10.50.50.3", "udp", 40001) in found
    # Without groups everything passes.
    assert ("tcp", "blue1", "10.50.50.3", "tcp", 40000) in found
    assert _crossings.listeners(segments(), TWO)[0] == {
        "netns": "red2",
        "interface": "eth0",
        "tcp_ports": [80, 8000],
    }
    # What the member itself may send ends at its own subnet.
    assert ("refused", "red2", "10.60.60.2", "icmp", None) in asked(TWO)
    assert ("tcp", "red2", "10.50.50.4", "tcp", 40000) in asked(TWO)


def test_a_port_of_a_service_is_proven_by_the_service_and_one_without_anybody_not_at_all() -> None:
    world = World()
    row = next(one for one in world.reports[TWO]["listening"] if one["netns"] == "red2")
    row |= {"served": {"tcp": [8000]}, "taken": {"tcp": [80]}}
    (at,) = [one for one in world.questions(ONE) if one.probe.get("port") == 80 and one.by == "tcp"]
    assert "host" not in at.probe
    row |= {"served": {}, "taken": {"udp": [80]}}
    assert not [one for one in world.questions(ONE) if one.probe.get("port") == 80 and one.by == "tcp"]


def test_the_router_the_lease_the_load_balancer_and_the_outside_are_asked() -> None:
    found = asked(THREE)
    assert ("gateway", "red3", "10.50.50.1", "icmp", None) in found
    assert ("gateway", "red3", "10.50.50.1", "arp", None) in found
    assert ("dhcp", "red3", "10.50.50.1", "dhcp", None) in found
    assert ("balanced", "red3", "10.50.50.100", "tcp", 80) in found
    assert ("outside", "red3", "198.51.100.1", "icmp", None) in found
    lease = next(one.probe for one in World().questions(THREE) if one.by == "dhcp")
    assert lease["range"] == "10.50.50.4-10.50.50.4"
    # A backend may be led to itself, and red2 may not send outside of its subnet.
    assert not [one for one in asked(ONE) + asked(TWO) if one[0] == "balanced"]
    assert not [one for one in asked(TWO) if one[0] == "outside"]
    # blue has no router.
    assert not [one for one in asked(TWO) if one[1] == "blue2" and one[0] in ("gateway", "outside")]


def names_asked(declared: Item | None = None) -> dict[str, tuple[str, str, list[str]]]:
    """Each name that is asked for in red: who asks whom, and what must be answered."""
    return {
        one.probe["name"]: (one.source.netns, one.probe["to"], one.probe["answers"])
        for host in HOSTS
        for one in World(declared).questions(host)
        if one.by == "dns" and one.segment.name == "red"
    }


def test_each_name_is_asked_for_and_each_host_asks() -> None:
    assert names_asked() == {
        "red1": ("red1", "10.50.50.1", ["10.50.50.2"]),
        "red2": ("red2", "10.50.50.1", ["10.50.50.3"]),
        "red3": ("red3", "10.50.50.1", ["10.50.50.4"]),
    }


def test_names_with_a_domain_and_of_both_families() -> None:
    def both(declared: Item) -> None:
        declared["ovn_network_networks"][0] |= {"subnet": ["10.50.50.0/24", "fd00:5::/64"], "dns": {"domain": "Lab."}}
        del declared["ovn_network_networks"][0]["members"][2]

    found = names_asked(changed(both))
    assert sorted(found) == ["red1", "red1.lab", "red2", "red2.lab"]
    world = World(changed(both))
    six = [one.probe["answers"] for one in world.questions(ONE) if one.by == "dns" and ":" in one.probe["answers"][0]]
    assert six


def test_without_a_router_a_neighbour_is_asked_and_rules_may_forbid_all() -> None:
    def closed(declared: Item) -> None:
        declared["ovn_network_routers"] = []
        declared["ovn_network_security_groups"] = [{"name": "web", "rules": []}]
        declared["ovn_network_load_balancers"] = []

    found = names_asked(changed(closed))
    assert found["red1"] == ("red1", "10.50.50.3", ["10.50.50.2"])
    assert {who for who, _to, _answers in found.values()} == {"red1", "red3"}
    green = next(one for one in World(changed(closed)).segments if one.name == "green")
    assert green.unproven == ("green: no member may ask for the names that OVN's DNS answers.",)


def test_a_floating_address_is_asked_by_a_member_outside_and_else_named() -> None:
    told = [sentence for one in segments() for sentence in one.unproven]
    assert "red: network 'out' has no member that could ask for 198.51.100.50 (floating) from outside." in told
    # From inside of the router, by one member of each host.
    assert ("floating", "red1", "198.51.100.50", "icmp", None) in asked(ONE)
    assert not [one for one in asked(TWO) if one[0] == "floating"]
    narrow = changed(lambda one: one["ovn_network_security_groups"][0]["rules"][1].update(remote="10.50.50.0/24"))
    assert not [one for one in asked(ONE, World(narrow)) if one[0] == "floating"]
    outside = {"name": "out1", "host": ONE, "address": "198.51.100.99"}
    world = World(changed(lambda one: one["ovn_network_networks"][3].update(members=[outside])))
    assert ("floating", "out1", "198.51.100.50", "icmp", None) in asked(ONE, world)
    assert "(floating)" not in str([one.unproven for one in world.segments])


def test_who_is_behind_a_checked_load_balancer_is_not_listened_for() -> None:
    checked = changed(lambda one: one["ovn_network_load_balancers"][0].update(health_check=True))
    assert {place.serves for one in segments(checked) for place in one.places} == {()}
    assert {place.serves for place in segments()[0].places} == {("tcp/80",), ()}
    # Not even where a rule allows the same port.
    assert _crossings.listeners(segments(checked), TWO)[0]["tcp_ports"] == [8000]
    told = [sentence for one in segments(checked) for sentence in one.unproven]
    assert "red: nobody listened at tcp/80 of red2, where OVN checks its health." in told
    assert _crossing_data.read(_crossing_data.plain(segments(checked))) == segments(checked)


RULES: list[tuple[dict[str, t.Any], bool]] = [
    ({"direction": "ingress"}, True),
    ({"direction": "egress"}, False),
    ({"direction": "ingress", "protocol": "tcp"}, True),
    ({"direction": "ingress", "protocol": "udp"}, False),
    ({"direction": "ingress", "protocol": "tcp", "ports": ("80",)}, True),
    ({"direction": "ingress", "protocol": "tcp", "ports": ("70-90",)}, True),
    ({"direction": "ingress", "protocol": "tcp", "ports": ("81-90", "79")}, False),
    ({"direction": "ingress", "remotes": ("10.0.0.1/32",)}, True),
    ({"direction": "ingress", "remotes": ("10.0.0.1",)}, True),
    ({"direction": "ingress", "remotes": ("10.0.1.0/24", "fd00::/8")}, False),
    ({"direction": "ingress", "remotes": ()}, False),
]


@pytest.mark.parametrize(("rule", "passing"), RULES)
def test_a_rule_lets_pass_what_it_names(rule: dict[str, t.Any], passing: bool) -> None:
    place = _segments.Place("node2", "red1", "eth0", ("10.0.0.1",), None)
    guarded = place._replace(rules=(_segments.Rule(**rule),))
    packet = _crossing_rules.Packet("tcp", "10.0.0.1", "10.0.0.2", 80)
    assert _crossing_rules.passes(place, guarded, packet) is passing
    assert _crossing_rules.passes(place, place, packet)
    assert not _crossing_rules.passes(place, place._replace(rules=()), packet)


@pytest.mark.parametrize(
    ("protocol", "number", "address", "passing"),
    [
        ("icmp", None, "10.0.0.1", True),
        ("icmp", None, "fd00::1", True),
        ("icmp4", None, "fd00::1", False),
        ("icmp6", None, "fd00::1", True),
        ("icmp6", None, "10.0.0.1", False),
        ("icmp", 8, "10.0.0.1", True),
        ("icmp", 0, "10.0.0.1", False),
        ("icmp", 128, "fd00::1", False),  # OVN's 'icmp' with a type is IPv4's
        ("icmp6", 128, "fd00::1", True),
    ],
)
def test_echo_requests_are_of_a_family(protocol: str, number: int | None, address: str, passing: bool) -> None:
    place = _segments.Place("node2", "red1", "eth0", (address,), None)
    guarded = place._replace(rules=(_segments.Rule("ingress", protocol, icmp_type=number),))
    assert _crossing_rules.passes(place, guarded, _crossing_rules.Packet("icmp", address, address)) is passing


# --- what is judged -------------------------------------------------------------------------------


def test_a_world_as_declared_has_no_surprise() -> None:
    found = World().run()
    assert found["surprises"] == {}
    assert any("which address the members of router" in one for one in found["unproven"])
    assert all(found["held"][host] > 5 for host in HOSTS[1:])


def surprises(world: World) -> str:
    """All sentences of a verdict."""
    return " ".join(one for told in world.run()["surprises"].values() for one in told)


def without_iface_id(world: World) -> None:
    world.ovn(TWO)["ports"].pop("red-red2")


def not_bound(world: World) -> None:
    world.ovn(TWO)["bindings"]["red-red2"] = None


def bound_elsewhere(world: World) -> None:
    world.ovn(TWO)["bindings"]["red-red2"] = THREE


def not_installed(world: World) -> None:
    world.ovn(TWO)["ports"]["red-red2"]["installed"] = False


def claimed_twice(world: World) -> None:
    world.ovn(THREE)["ports"]["red-red2"] = {"name": "v-red2", "bridge": "br-int", "installed": True}


def on_another_bridge(world: World) -> None:
    world.ovn(TWO)["ports"]["red-red2"]["bridge"] = "br-ex"


def encap_of_another(world: World) -> None:
    world.ovn(TWO)["encap"] = ENDS[THREE]


def not_registered(world: World) -> None:
    for host in HOSTS[1:]:
        world.ovn(host)["registered"].pop(TWO)


def registered_elsewhere(world: World) -> None:
    for host in HOSTS[1:]:
        world.ovn(host)["registered"][TWO] = ["203.0.113.9"]


def wrong_mapping(world: World) -> None:
    world.ovn(TWO)["mappings"] = {"physical": "br-lan"}


def no_bridge(world: World) -> None:
    world.ovn(TWO)["bridges"] = ["br-int"]


def another_name(world: World) -> None:
    world.ovn(TWO)["chassis"] = "an-old-name"


def no_chassis(world: World) -> None:
    del world.reports[TWO]["ovn"]


def database_away(world: World) -> None:
    world.ovn(TWO)["unreachable"] = "connection refused"


def no_tunnel(world: World) -> None:
    world.reports[TWO]["tunnels"] = world.reports[TWO]["tunnels"][1:]


def stuck(world: World) -> None:
    for one in world.reports[TWO]["tunnels"]:
        one["stuck"] = {ENDS[TWO]: "eth0"}


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (without_iface_id, "No interface of node3 has the iface-id 'red-red2' of red2"),
        (not_bound, "OVN has bound logical port 'red-red2' (v-red2 of node3) to no chassis"),
        (bound_elsewhere, "Chassis 'node4' has logical port 'red-red2', which is v-red2 of node3."),
        (not_installed, "The flows of logical port 'red-red2' (v-red2 of node3) are not in effect"),
        (claimed_twice, "node3 and node4 both have an interface with the iface-id 'red-red2'"),
        (on_another_bridge, "v-red2 of node3 is a port of br-ex, and not of br-int"),
        (
            encap_of_another,
            "node3 tells OVN that its tunnels end at 192.0.2.4, an address of node4, and not at 192.0.2.3",
        ),
        (not_registered, "OVN's southbound database has no chassis 'node3'"),
        (registered_elsewhere, "OVN's southbound database has chassis 'node3' at 203.0.113.9, and not at 192.0.2.3"),
        (wrong_mapping, "The bridge mapping of physical network 'physical' on node3 leads to br-lan, and not to br-ex"),
        (no_bridge, "br-ex of node3, where 'physical' is, does not exist"),
        (another_name, "node3 calls itself chassis 'an-old-name', and not 'node3'"),
        (no_chassis, "Open vSwitch of node3 does not say where OVN's southbound database is"),
        (database_away, "node3 cannot ask OVN's southbound database: connection refused."),
        (no_tunnel, "OVN made no tunnel from node3 to 192.0.2.2, where those of node2 end"),
        (
            stuck,
            "No tunnel can leave node3: 192.0.2.3 is on eth0, and Open vSwitch's userspace datapath (br-int) sends",
        ),
    ],
)
def test_the_hop_is_named(breaks: t.Callable[[World], None], words: str) -> None:
    world = World().cut("red2")
    breaks(world)
    assert words in surprises(world)


def test_the_underlay_is_named_first() -> None:
    world = World().cut("red2").ignore(by="underlay", to=ENDS[TWO])
    not_registered(world)
    assert f"{ONE} does not reach {TWO} itself at {ENDS[TWO]}" in surprises(world)


def test_of_the_way_outside_the_hosts_that_route_are_suspects() -> None:
    world = World().ignore(by="outside", to="198.51.100.1")
    world.ovn(ONE)["mappings"] = {}
    (told,) = world.run()["surprises"][THREE]
    assert "on node2 leads nowhere, and not to br-ex" in told


def test_large_packets_that_are_lost_are_told_from_lost_packets() -> None:
    world = World().ignore(by="icmp", to="10.50.50.2", **{"from": "red2"}).ignore(by="underlay_full", to=ENDS[ONE])
    found = surprises(world)
    assert f"Small packets pass, those of {MTU} bytes do not: with the 58 bytes of the tunnel" in found


def test_a_router_that_is_broken_is_no_matter_of_sizes() -> None:
    """Small packets pass between the members of one network, where nothing is routed."""
    world = World()
    world.silent.append(lambda one: one.by in ("routed", "gateway"))
    found = surprises(world)
    assert "Small packets pass" not in found
    assert "look at the router in OVN" in found
    assert "the router, the router" not in found


def test_a_port_that_is_not_in_effect_proves_no_refusal() -> None:
    """Nothing arrives there, as if its rules refused it."""

    def closed(declared: Item) -> None:
        declared["ovn_network_security_groups"].append({"name": "nothing", "rules": []})
        declared["ovn_network_networks"][0]["members"].append(
            {"name": "red4", "host": TWO, "security_groups": ["nothing"]}
        )

    world = World(changed(closed))
    assert world.run()["surprises"] == {}
    world.ovn(TWO)["ports"].pop("red-red4")
    found = world.run()
    assert sum(found["inconclusive"].values()) > 0
    assert "nobody is there to refuse it" in surprises(world)
    assert "No interface of node3 has the iface-id 'red-red4' of red4" in surprises(world)


# Nothing of red2 may reach green1. What is broken, and words by which the hop is named.
BROKEN_ROUTERS: list[tuple[t.Callable[[World], World], str]] = [
    (lambda world: world.ignore(by="gateway", **{"from": "red2"}), "the router does not answer red2"),
    (lambda world: world.ignore(by="gateway", **{"from": "green1"}), "the router does not answer green1"),
    (lambda world: world.ignore(by="routed"), "the router lets nothing of these networks pass"),
]


@pytest.mark.parametrize(("breaks", "words"), BROKEN_ROUTERS)
def test_a_router_that_is_broken_proves_no_refusal(breaks: t.Callable[[World], World], words: str) -> None:
    world = World()
    refused = [one for one in world.questions(TWO) if one.by == "refused" and one.target.netns == "green1"]
    assert [one.source.netns for one in refused] == ["red2"]
    breaks(world)
    found = world.run()
    assert found["inconclusive"] == {TWO: 1}
    told = [one for one in found["surprises"][TWO] if "red2 -> green1 (icmp)" in one]
    assert [re.search(words, one) is not None for one in told] == [True], found["surprises"]
    assert "look at the router" in told[0]


def test_hosts_that_do_not_reach_each_other_prove_no_refusal() -> None:
    world = World()
    assert any(one.by == "refused" and one.target.netns == "red2" for one in world.questions(ONE))
    apart = {ONE, TWO}
    # OVN answers ARP on the host of the one who asks.
    world.silent.append(
        lambda one: {one.source.host, one.target.host} == apart and one.by not in (*UNDERLAY, "refused", "arp")
    )
    assert world.run()["inconclusive"] == {}  # it may be the rules
    for host, other in ((ONE, TWO), (TWO, ONE)):
        world.reports[host]["tunnels"] = [
            one for one in world.reports[host]["tunnels"] if ENDS[other] not in one["remotes"]
        ]
    found = world.run()
    assert found["inconclusive"][ONE] > 0
    assert "the way between the hosts does not work" in surprises(world)
    assert "OVN made no tunnel from node2 to 192.0.2.3" in surprises(world)


def test_a_port_that_is_not_in_effect_proves_no_isolation() -> None:
    world = World()
    before = world.run()["held"]
    world.ovn(TWO)["ports"].pop("blue-blue2")
    after = world.run()["held"]
    assert {host: before[host] - after[host] for host in before} == {ONE: 0, TWO: 1, THREE: 0}


def test_the_router_is_asked_also_by_whom_rules_let_send_nothing() -> None:
    def closed(declared: Item) -> None:
        declared["ovn_network_security_groups"][0]["rules"] = []

    ways = [
        (by, protocol) for by, source, _to, protocol, _more in asked(TWO, World(changed(closed))) if source == "red2"
    ]
    assert ("gateway", "arp") in ways
    assert ("gateway", "icmp") not in ways


@pytest.mark.parametrize(
    ("by", "to", "words"),
    [
        ("refused", "10.50.50.3", "it passes, though no rule of the security groups lets it"),
        ("tcp", "10.50.50.3", "the rules of the security groups"),
        ("routed", "10.60.60.2", "the router"),
        ("balanced", "10.50.50.100", "load balancer 'www' (tcp port 80): no answer"),
        (
            "outside",
            "198.51.100.1",
            "look at the host that routes in OVN: run netloom.linux.drift. Ask whether the next",
        ),
        ("dhcp", "10.50.50.1", "the DHCP options of the port"),
        ("dns", "10.50.50.1", "red1 -> OVN's DNS, for 'red1' (dns): no answer"),
        ("dns", "10.50.50.1", "look at the names of the switch (DNS) in OVN"),
    ],
)
def test_what_the_database_must_have_wrong_is_named(by: str, to: str, words: str) -> None:
    found = surprises(World().ignore(by=by, to=to))
    assert words in found
    assert "run netloom.linux.drift" in found


def test_a_wrong_address_of_a_name_is_told() -> None:
    class Confused(World):
        def _answer(self, one: _crossing_fleet.Question) -> Item:
            wrong = {"answers": ["10.50.50.9"], "as_expected": False} if one.probe.get("name") == "red1" else {}
            return {**super()._answer(one), **wrong}

    says = "red1 -> OVN's DNS, for 'red1' (dns): the answer is 10.50.50.9, though it should be 10.50.50.2"
    assert says in surprises(Confused())


def _broken(breaks: t.Callable[[World], None]) -> World:
    world = World().cut("red2")
    breaks(world)
    return world


def test_the_documentation_quotes_what_is_said() -> None:
    page = (pathlib.Path(__file__).parents[4] / "docs/troubleshooting.md").read_text()
    section = page.partition("## Packets do not get through a network of OVN\n")[2].partition("\n## ")[0]
    worlds = [
        World().cut("red2").ignore(by="underlay", to=ENDS[TWO]),
        *(_broken(one) for one in (no_chassis, another_name, encap_of_another, database_away, not_registered)),
        *(_broken(one) for one in (registered_elsewhere, wrong_mapping, without_iface_id, claimed_twice)),
        *(_broken(one) for one in (bound_elsewhere, not_bound, not_installed, no_tunnel, stuck)),
        World().ignore(by="refused", to="10.50.50.3"),
        World().ignore(by="refused", to="10.50.50.3"),
        World(),
    ]
    quoted = re.findall(r"^> `(.+)`$", section, re.MULTILINE)
    assert len(quoted) == len(worlds)
    for sentence, world in zip(quoted, worlds):
        found = world.run()
        said = [*found["unproven"], *(one for told in found["surprises"].values() for one in told)]
        assert any(sentence in one for one in said), (sentence, said)


def test_the_example_is_accepted_and_proven() -> None:
    """Which the demonstration builds."""
    folder = pathlib.Path(__file__).parents[4] / "docs/examples/ovn"
    groups = yaml.safe_load((folder / "hosts.yml").read_text())["cloud"]["children"]
    declared = yaml.safe_load((folder / "group_vars/cloud.yml").read_text())
    named = {name: list(group["hosts"]) for name, group in groups.items()}
    own = {
        host: {**declared, **group.get("vars", {}), **one, "groups": named}
        for group in groups.values()
        for host, one in group["hosts"].items()
    }
    assert _fleet_input.complaint(list(own), own, {}) == ""
    found = _crossing_sources.segments(list(own), own, {})
    assert [one.name for one in found] == ["red", "green", "blue"]
    assert {one.check for segment in found for one in segment.promises} == {"gateway", "dhcp", "balanced", "dns"}
