# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ovn_info tells of rows that other programs wrote: declared, it changes nothing. What it leaves out it names."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine import _ovn_told
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.tests.unit.fake_northbound import FakeNorthbound, build, run_ovn

MAC = "0a:00:00:00:00:0{}".format
Params = dict[str, t.Any]


@pytest.fixture(name="host")
def _host() -> FakeNorthbound:
    host = FakeNorthbound()
    red = host.add("Logical_Switch", name="red")
    host.add("Logical_Switch_Port", (red, "ports"), name="red1", addresses=(f"{MAC(1)} 10.5.0.11",))
    router = host.add("Logical_Router", name="r1")
    port = {"name": "r1-red", "mac": MAC(9), "networks": ("10.5.0.1/24",)}
    host.add("Logical_Router_Port", (router, "ports"), **port)
    way = {"name": "to-r1", "type": "router", "options": {"router-port": "r1-red"}, "addresses": ("router",)}
    host.add("Logical_Switch_Port", (red, "ports"), **way)
    return host


def told(host: FakeNorthbound) -> tuple[dict[str, list[Params]], list[str]]:
    """What ovn_info tells, and its warnings; declared, it changes nothing but marks."""
    result = _ovn_told.result_of(host.nb)
    lists, left_out = result["ovn_info"], result["warnings"]
    before = host.contents()
    assert run_ovn(host, {**lists, "name": "pasted"}).steps == []
    run_ovn(host, {"name": "pasted", "state": "absent"})
    assert host.contents() == before
    return lists, left_out


def of(lists: dict[str, list[Params]], kind: str, name: str) -> Params:
    """The entry of a name."""
    (entry,) = (entry for entry in lists[kind] if entry["name"] == name)
    return entry


def test_nothing_is_left_out_of_what_options_say(host: FakeNorthbound) -> None:
    lists, left_out = told(host)
    assert left_out == []
    assert of(lists, "ovn_router", "r1")["ports"][0]["switch"] == "red"


# Rows of which options do not say all: the table, the columns, and why the list that they are in is left out.
RULE = {"priority": 1, "direction": "to-lport", "action": "drop", "match": "ip6"}
FLOATING = {"type": "dnat_and_snat", "external_ip": "10.5.0.7", "logical_ip": "10.6.0.1"}
ROUTE = {"ip_prefix": "10.9.0.0/24", "nexthop": "10.5.0.2"}
ODD: dict[str, tuple[str, Params, str]] = {
    "a severity": ("ACL", {**RULE, "severity": "info"}, "declared, a run would delete rule 1 drop ingress ip6 of OVN"),
    "another action": ("ACL", {**RULE, "action": "allow-stateless"}, "acls[0].action: 'allow-stateless' is not possib"),
    "Neutron's port": ("NAT", {**FLOATING, "logical_port": "red1"}, "nat[0]: logical_port and external_mac belong tog"),
    "a range": ("NAT", {**FLOATING, "options": {"stateless": "true"}}, "declared, a run would delete dnat_and_snat"),
    "a way back": (
        "Logical_Router_Static_Route",
        {**ROUTE, "options": {"ecmp_symmetric_reply": "true"}},
        "declared, a run would delete route 10.9.0.0/24 via 10.5.0.2 of OVN router r1.",
    ),
    "a router behind it": (
        "Logical_Router_Port",
        {"name": "r1-r2", "mac": MAC(8), "networks": ("10.7.0.1/24",)},
        "ports[0].switch: '' is not a name; it must not be empty",
    ),
}
# Where such rows are, and by which option.
WHERE = {
    "ACL": ("ovn_switch", "red", "acls", "acls"),
    "NAT": ("ovn_router", "r1", "nat", "nat"),
    "Logical_Router_Static_Route": ("ovn_router", "r1", "static_routes", "routes"),
    "Logical_Router_Port": ("ovn_router", "r1", "ports", "ports"),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_list_of_which_options_do_not_say_all_is_left_out(host: FakeNorthbound, odd: str) -> None:
    table, values, why = ODD[odd]
    kind, name, column, option = WHERE[table]
    (place,) = host.nb.named(t.cast("t.Any", _registry.KINDS[kind]).table, name)
    host.add(table, (place, column), **values)
    lists, (sentence,) = told(host)
    assert sentence.startswith(f"Left out: `{option}` of {kind} {name}. ")
    assert why in sentence
    assert option not in of(lists, kind, name)
    assert len(of(lists, kind, name)) > 4  # the rest is told


def test_what_ovn_never_obeys_is_left_out(host: FakeNorthbound) -> None:
    host.add("Load_Balancer", name="lb", protocol="tcp", vips={"10.5.0.100": "10.5.0.11"})
    lists, sentences = told(host)
    assert sentences == [
        "Left out: `protocol` of ovn_load_balancer lb. protocol: needs a vip with a port, such as '10.0.0.100:80'."
    ]
    assert of(lists, "ovn_load_balancer", "lb")["vips"] == {"10.5.0.100": ["10.5.0.11"]}


def test_what_nobody_can_name_is_left_out(host: FakeNorthbound) -> None:
    for name in ("twice", "twice", "", "with space"):
        switch = host.add("Logical_Switch", name=name)
        host.add("Logical_Switch_Port", (switch, "ports"), name=f"on-{len(host.nb.rows('Logical_Switch'))}")
    host.add("Port_Group", name="pg-1")
    lists, sentences = told(host)
    assert [entry["name"] for entry in lists["ovn_switch"]] == ["red"]
    assert [entry["name"] for entry in lists["ovn_port"]] == ["on-2", "on-3", "red1"]  # where they are, they are
    assert "ovn_port_group" not in lists
    assert len(sentences) == 6  # both that are twice have one sentence
    assert any(one.startswith("Left out: ovn_switch twice. There are 2 rows of table") for one in sentences)


def test_of_many_that_are_left_out_the_first_are_named(host: FakeNorthbound) -> None:
    for number in range(30):
        host.add("Port_Group", name=f"pg-{number}")
    assert told(host)[1][-1] == "and 10 more"
    left_out = _ovn_told.result_of(host.nb)["left_out"]
    assert {one["options"]["name"] for one in left_out} == {f"pg-{number}" for number in range(30)}


def test_dhcp_options_of_others_have_no_name_and_are_left_alone(host: FakeNorthbound) -> None:
    options = host.add("DHCP_Options", cidr="10.5.0.0/24")
    host.edit("Logical_Switch_Port", "red1", dhcpv4_options=options.id)
    lists, left_out = told(host)
    assert left_out == []
    assert "dhcp_options" not in of(lists, "ovn_port", "red1")
    build(
        host,
        {"ovn_switch": [{"name": "red"}], "ovn_port": [{"switch": "red", "name": "red1", "clear": ["dhcp_options"]}]},
    )
    assert host.row("Logical_Switch_Port", "red1")["dhcpv4_options"] is None


def test_the_tags_of_neutron_are_told(host: FakeNorthbound) -> None:
    """It writes the column that northd otherwise makes of a request."""
    (red,) = host.nb.named("Logical_Switch", "red")
    way = {"name": "provnet-1", "type": "localnet", "addresses": ("unknown",), "options": {"network_name": "phys"}}
    host.add("Logical_Switch_Port", (red, "ports"), **way, tag=7)
    host.add("Logical_Switch_Port", (red, "ports"), name="sub", parent_name="red1", tag=9)
    lists, left_out = told(host)
    assert left_out == []
    assert of(lists, "ovn_switch", "red")["localnet"] == {"network": "phys", "tag": 7}
    assert of(lists, "ovn_port", "sub")["tag"] == 9
    switch = {"name": "red", "localnet": {"network": "phys", "tag": 8}}
    build(host, {"ovn_switch": [switch], "ovn_port": [{"switch": "red", "name": "sub", "tag": 10}]})
    assert host.row("Logical_Switch_Port", "provnet-1")["tag_request"] == 8
    assert host.row("Logical_Switch_Port", "sub")["tag_request"] == 10
    build(host, {"ovn_switch": [{"name": "red", "localnet": {"network": "phys"}}]})
    row = host.row("Logical_Switch_Port", "provnet-1")
    assert (row["tag_request"], row["tag"]) == (None, None)


def test_what_says_the_same_in_another_way_stays(host: FakeNorthbound) -> None:
    host.edit("Logical_Switch_Port", "red1", addresses=("0A:00:00:00:00:01 10.5.0.11 FD00::1",))
    host.edit("Logical_Switch_Port", "to-r1", addresses=(f"{MAC(9)} 10.5.0.1",))
    host.add("Load_Balancer", name="lb", vips={"10.5.0.100:80": "10.5.0.11:80, 10.5.0.12:80"})
    assert told(host)[1] == []
    entry = {"switch": "red", "name": "red1", "addresses": ["0a:00:00:00:00:02"]}
    assert build(host, {"ovn_switch": [{"name": "red"}], "ovn_port": [entry]}) == [
        f"set addresses {MAC(2)} of OVN port red1"
    ]


@pytest.mark.parametrize("addresses", [("unknown",), (f"{MAC(8)} 10.5.0.1",), (f"{MAC(9)} 10.5.0.2",), ()])
def test_a_way_to_a_router_with_other_addresses_is_mended(host: FakeNorthbound, addresses: tuple[str, ...]) -> None:
    lists, _left_out = told(host)
    host.edit("Logical_Switch_Port", "to-r1", addresses=addresses)
    assert build(host, lists) == ["join port r1-red to OVN switch red"]
    assert host.row("Logical_Switch_Port", "to-r1")["addresses"] == ("router",)
