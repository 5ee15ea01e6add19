# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose rows are whose: absent, purge, adoption, rows of other topologies and of other programs."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.netloom.linux.tests.unit.fake_northbound import FakeNorthbound, build, run_ovn
from ansible_collections.netloom.linux.tests.unit.whole_northbound import MAC, WHOLE, whole, whole_network


@pytest.fixture
def host() -> FakeNorthbound:
    """A database with the whole network."""
    return whole_network()


def test_absent_leaves_the_database_as_before(host: FakeNorthbound) -> None:
    run_ovn(host, whole(state="absent"))
    assert host.contents() == FakeNorthbound().contents()


def test_absent_finds_what_is_not_declared_any_more(host: FakeNorthbound) -> None:
    run_ovn(host, {"state": "absent"})
    assert host.contents() == FakeNorthbound().contents()


@pytest.mark.parametrize("name", WHOLE)
def test_purge_deletes_what_is_left_out(host: FakeNorthbound, name: str) -> None:
    """Each kind alone, last first, for those before name none of those behind."""
    kinds = list(WHOLE)
    kept = copy.deepcopy({kind: WHOLE[kind] for kind in kinds[: kinds.index(name)]})
    if "ovn_router" in kept and "ovn_port" not in kept:
        del kept["ovn_router"][0]["nat"][1]  # it names a port
    build(host, kept)
    expected = FakeNorthbound()
    build(expected, kept)
    assert host.contents() == expected.contents()


def test_adopted_rows_get_back_what_they_had() -> None:
    host = FakeNorthbound()
    red = host.add(
        "Logical_Switch", name="red", other_config={"subnet": "10.0.0.0/24", "x": "y"}, external_ids={"n": "1"}
    )
    host.add("Logical_Switch_Port", (red, "ports"), name="theirs", addresses=("unknown",))
    host.add("Address_Set", name="office", addresses=("192.0.2.9",))
    before = host.contents()
    outcome = run_ovn(host, {name: WHOLE[name] for name in ("ovn_address_set", "ovn_switch")})
    assert "create OVN switch red" not in outcome.steps
    run_ovn(host, {"state": "absent"})
    assert host.contents() == before


@pytest.mark.parametrize("adopted", [False, True])
def test_who_says_that_a_row_is_to_go_means_it(adopted: bool) -> None:
    host = FakeNorthbound()
    host.add("Address_Set", name="office", addresses=("192.0.2.9",))
    if adopted:
        run_ovn(host, {"ovn_address_set": [{"name": "office", "addresses": ["192.0.2.1"]}]})
    outcome = run_ovn(host, {"ovn_address_set": [{"name": "office", "state": "absent"}]})
    assert (outcome.steps, outcome.warnings) == (["delete OVN address set office"], [])
    assert not host.nb.named("Address_Set", "office")


def test_a_switch_with_ports_of_others_stays(host: FakeNorthbound) -> None:
    (red,) = host.nb.named("Logical_Switch", "red")
    host.add("Logical_Switch_Port", (red, "ports"), name="theirs", addresses=("unknown",))
    outcome = run_ovn(host, {"state": "absent"})
    assert outcome.warnings == [
        "ovn_switch red stays, because others use it: theirs. A later run deletes it when they are gone."
    ]
    assert [row["name"] for row in host.nb.rows("Logical_Switch_Port").values()] == ["theirs"]


@pytest.mark.parametrize(
    ("match", "kept"),
    [
        ("ip4.src == $office", ["ovn_address_set office"]),
        # The group keeps its own rules, which name the set.
        ("outport == @web && ip4.src == $web_ip4", ["ovn_port_group web", "ovn_address_set office"]),
    ],
)
def test_what_rules_of_others_name_stays(host: FakeNorthbound, match: str, kept: list[str]) -> None:
    """OVN would leave the rules out."""
    theirs = host.add("Port_Group", name="theirs")
    host.add("ACL", (theirs, "acls"), match=match, direction="to-lport", action="drop")
    outcome = run_ovn(host, {"state": "absent"})
    end = "A later run deletes it when they are gone."
    assert outcome.warnings == [
        f"{what} stays, because others use it: acls of ovn_port_group {user}. {end}"
        for what, user in zip(kept, ["theirs", "web"])
    ]
    host.nb.drop(theirs)
    assert len(run_ovn(host, {"state": "absent"}).steps) == len(kept)


@pytest.mark.parametrize(
    ("table", "parent", "columns", "words"),
    [
        ("QoS", ("Logical_Switch", "qos_rules"), {"match": "ip4.src == $office"}, "ovn_address_set office"),
        ("NAT", ("Logical_Router", "nat"), {"allowed_ext_ips": "office"}, "ovn_address_set office"),
        ("DHCP_Options", None, {"cidr": "10.0.0.0/24", "options": {"dns_server": "$office"}}, "ovn_address_set office"),
        ("Logical_Switch_Port", ("Logical_Switch", "ports"), {"dhcpv4_options": ""}, "ovn_dhcp_options red4"),
        ("Logical_Switch_Port", ("Logical_Switch", "ports"), {"parent_name": "red1"}, "ovn_port red red1"),
        ("NAT", ("Logical_Router", "nat"), {"logical_port": "red1"}, "ovn_port red red1"),
    ],
)
def test_what_rows_of_others_refer_to_stays(
    host: FakeNorthbound, table: str, parent: tuple[str, str] | None, columns: dict[str, t.Any], words: str
) -> None:
    """By their columns, or by a name in an expression. Their rows stay as they are."""
    refers = {name: host.nb.schema[table][name].refers for name in columns}
    values = {name: value if not refers[name] else _only(host, refers[name]) for name, value in columns.items()}
    names = {"name": "theirs"} if "name" in host.nb.schema[table] else {}
    holder = parent and (host.add(parent[0], name="theirs"), parent[1])
    theirs = host.add(table, holder, **names, **values)
    before = host.nb.row(theirs)
    (told,) = (one for one in run_ovn(host, {"state": "absent"}).warnings if one.startswith(words))
    assert "stays, because others use it: " in told
    assert host.nb.row(theirs) == before
    host.nb.drop(holder[0] if holder else theirs)
    run_ovn(host, {"state": "absent"})
    assert host.contents() == FakeNorthbound().contents()


@pytest.mark.parametrize("told", [{}, {"dhcp_options": ""}])
def test_what_only_an_own_port_has_used_goes(host: FakeNorthbound, told: dict[str, str]) -> None:
    """Also if the port says nothing of it any more, as that of a network without DHCP."""
    declared = whole(ovn_dhcp_options=[])
    declared["ovn_port"][0] = {**{k: v for k, v in declared["ovn_port"][0].items() if k != "dhcp_options"}, **told}
    outcome = run_ovn(host, declared)
    assert (outcome.warnings, "delete OVN DHCP options red4" in outcome.steps) == ([], True)


def _only(host: FakeNorthbound, table: str | None) -> str:
    """The only row of a table."""
    (key,) = host.nb.rows(table or "")
    return key


def test_lists_of_others_that_become_shorter_are_named(host: FakeNorthbound) -> None:
    (port,), (balancer,) = host.nb.named("Logical_Switch_Port", "red1"), host.nb.named("Load_Balancer", "lb")
    host.add("Port_Group", name="theirs", ports=(port.id,))
    host.add("Load_Balancer_Group", name="theirs", load_balancer=(balancer.id,))
    steps = run_ovn(host, {"state": "absent"}).steps
    assert "delete OVN port red1, and take it out of ports of ovn_port_group theirs" in steps
    assert "delete OVN load balancer lb, and take it out of load_balancer of Load_Balancer_Group theirs" in steps


@pytest.mark.parametrize("ports", [[], None])
def test_a_switch_goes_with_the_last_port_of_a_router_that_stays(ports: list[t.Any] | None) -> None:
    """And stays with a router whose ports are left alone."""
    host = FakeNorthbound()
    port = {"name": "edge-out", "switch": "out", "mac": MAC(1), "networks": ["10.0.0.1/24"]}
    build(host, {"ovn_switch": [{"name": "out"}], "ovn_router": [{"name": "edge", "ports": [port]}]})
    router = {"name": "edge", **({} if ports is None else {"ports": ports})}
    outcome = run_ovn(host, {"ovn_router": [router]})
    assert ("delete OVN switch out with its ports out-edge-out" in outcome.steps) == (ports == [])
    assert run_ovn(host, {"ovn_router": [router]}).steps == []


def test_a_vip_of_others_may_be_none() -> None:
    """OVN takes any text."""
    host = FakeNorthbound()
    host.add("Load_Balancer", name="theirs", vips={"[fd00::1": "[", "[": ""})
    port = {"switch": "red", "name": "red1", "addresses": [f"{MAC(5)} 10.50.50.11"]}
    assert build(host, {"ovn_switch": [{"name": "red"}], "ovn_port": [port]})


def test_rows_of_other_topologies_and_of_nobody_stay(host: FakeNorthbound) -> None:
    host.add("Logical_Switch", name="neutron-1", external_ids={"neutron:network_name": "x"})
    run_ovn(host, {"name": "t2", "ovn_switch": [{"name": "blue"}]})
    run_ovn(host, {"state": "absent"})
    assert sorted(row["name"] for row in host.nb.rows("Logical_Switch").values()) == ["blue", "neutron-1"]


def test_a_row_of_two_topologies_goes_with_the_last() -> None:
    host = FakeNorthbound()
    empty = host.contents()
    one = {"ovn_switch": [{"name": "red"}]}
    build(host, {"name": "a", **one})
    build(host, {"name": "b", **one})
    assert run_ovn(host, {"name": "a", "state": "absent"}).warnings == [
        "ovn_switch red stays, because topology 'b' declares it, too."
    ]
    run_ovn(host, {"name": "b", "state": "absent"})
    assert host.contents() == empty


def test_an_odd_row_gets_back_what_it_had() -> None:
    """What another program left is not judged when it comes back: two ports with one address, DHCP without a server."""
    host = FakeNorthbound()
    red = host.add("Logical_Switch", name="red")
    for name in ("red1", "red2"):
        host.add("Logical_Switch_Port", (red, "ports"), name=name, addresses=(f"{MAC(5)} 10.50.50.11",))
    host.add("DHCP_Options", cidr="10.50.50.0/24", options={"mtu": "many"}, external_ids={"netloom-key": "red4"})
    before = host.contents()
    port = {"switch": "red", "name": "red1", "addresses": [MAC(7)]}
    build(host, {"ovn_port": [port], "ovn_dhcp_options": WHOLE["ovn_dhcp_options"]})
    run_ovn(host, {"state": "absent"})
    assert host.contents() == before
