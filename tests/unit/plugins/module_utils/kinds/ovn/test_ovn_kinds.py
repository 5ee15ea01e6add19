# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of the northbound database: what is declared -> rows; drift of each option; clear; absent; adoption."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._ovn_told import lists_of
from ansible_collections.netloom.linux.plugins.module_utils._kinds._registry import KINDS
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.plugins.module_utils._model._northbound import Place
from ansible_collections.netloom.linux.tests.unit.fake_northbound import FakeNorthbound, build, run_ovn
from ansible_collections.netloom.linux.tests.unit.whole_northbound import MAC, WHOLE, whole, whole_network

# What another program does to the first row of a table, and the step that mends it
DRIFTS: list[tuple[str, dict[str, t.Any], str]] = [
    ("NB_Global", {"options": {}}, "set options of OVN: bfd-min-rx=200"),
    ("Address_Set", {"addresses": ()}, "set addresses 192.0.2.0/24, 192.0.3.7 of OVN address set office"),
    ("DHCP_Options", {"cidr": "10.0.0.0/8"}, "set cidr 10.50.50.0/24 of OVN DHCP options red4"),
    (
        "Logical_Switch",
        {"acls": ()},
        "add rule 1000 drop egress (udp.dst == 53 || 8000 <= udp.dst <= 8080) to OVN switch red",
    ),
    ("Logical_Router", {"enabled": False}, "set enabled true of OVN router r1"),
    ("Logical_Router", {"options": {}}, "set options mcast_relay=true of OVN router r1"),
    ("Logical_Router", {"static_routes": ()}, "add route 0.0.0.0/0 via 198.51.100.1 to OVN router r1"),
    (
        "Logical_Switch_Port",
        {"addresses": ("unknown",)},
        f"set addresses {MAC(5)} 10.50.50.11 fd00:5::b of OVN port red1",
    ),
    ("Logical_Switch_Port", {"port_security": ()}, f"set port_security {MAC(5)} 10.50.50.11 of OVN port red1"),
    ("Logical_Switch_Port", {"enabled": False}, "set enabled true of OVN port red1"),
    ("Logical_Switch_Port", {"dhcpv4_options": None}, "give OVN port red1 DHCP options red4"),
    ("Logical_Switch_Port", {"options": {"qos_burst": "9"}}, "set chassis node2 of OVN port red1"),
    ("Logical_Switch_Port", {"options": {"requested-chassis": "node2"}}, "set options qos_burst=9 of OVN port red1"),
    ("Port_Group", {"ports": ()}, "set ports of OVN port group web: +red2, +red1"),
    ("Load_Balancer", {"protocol": "udp"}, "set protocol tcp of OVN load balancer lb"),
    ("Load_Balancer", {"ip_port_mappings": {}}, "set the sources of health checks of OVN load balancer lb"),
    ("DNS", {"records": {}}, "set names of OVN switch red: +red1.test 10.50.50.11"),
    ("Logical_Router_Port", {"mac": MAC(9)}, f"set mac {MAC(1)} of port r1-red of OVN router r1"),
    ("Logical_Router_Port", {"ipv6_ra_configs": {}}, "set ipv6_ra_configs mtu=1400 of port r1-red of OVN router r1"),
]


@pytest.fixture
def host() -> FakeNorthbound:
    """A database with the whole network."""
    return whole_network()


FIRST = {"Logical_Switch": "red", "Logical_Switch_Port": "red1", "Logical_Router_Port": "r1-red"}


def first(host: FakeNorthbound, table: str) -> Place:
    """The row that DRIFTS speaks of."""
    if table in FIRST:
        return host.nb.named(table, FIRST[table])[0]
    return Place(table, min(host.nb.rows(table)))


def test_columns(host: FakeNorthbound) -> None:
    red, red1 = host.row("Logical_Switch", "red"), host.row("Logical_Switch_Port", "red1")
    assert red["other_config"] == {
        "subnet": "10.50.50.0/24",
        "exclude_ips": "10.50.50.1 10.50.50.200..10.50.50.220",
        "ipv6_prefix": "fd00:5::",
        "mcast_snoop": "true",
        "mcast_querier": "false",
    }
    assert red1["options"] == {"requested-chassis": "node2", "qos_burst": "9"}
    assert host.row("Logical_Switch_Port", "out-localnet")["tag_request"] == 7
    (dhcp,) = host.nb.rows("DHCP_Options").values()
    assert dhcp["options"] == {
        "server_id": "10.50.50.1",
        "server_mac": MAC(1),
        "lease_time": "3600",
        "domain_name": '"red.test"',
        "dns_server": "{10.50.50.1, 10.50.50.2}",
        "router_discovery": "1",
    }
    assert {row["match"] for row in host.nb.rows("ACL").values()} == {
        "(udp.dst == 53 || 8000 <= udp.dst <= 8080)",
        "outport == @web && tcp.dst == 80 && ip4.src == $office",
        "outport == @web && ip",
    }


@pytest.mark.parametrize(("table", "columns", "mends"), DRIFTS, ids=[f"{one[0]} {[*one[1]]}" for one in DRIFTS])
def test_drift_is_mended(host: FakeNorthbound, table: str, columns: dict[str, t.Any], mends: str) -> None:
    before, told = host.contents(), lists_of(host.nb)
    place = first(host, table)
    for column, value in columns.items():
        if not value and host.nb.schema[table][column].strong:
            for child in host.nb.children(place, column):
                host.nb.drop(child)
        else:
            host.nb.put(place, {column: value})
    assert host.contents() != before
    assert mends in build(host, whole())
    assert lists_of(host.nb) == told


def test_what_others_add_to_an_exact_list_goes(host: FakeNorthbound) -> None:
    before = host.contents()
    red, r1, web = (first(host, table) for table in ("Logical_Switch", "Logical_Router", "Port_Group"))
    host.add("ACL", (red, "acls"), priority=1, direction="to-lport", action="allow", match="ip6")
    host.add("ACL", (web, "acls"), priority=1, direction="to-lport", action="allow", match="ip6")
    host.add("NAT", (r1, "nat"), type="snat", external_ip="198.51.100.10", logical_ip="10.9.9.9")
    host.add("Logical_Router_Static_Route", (r1, "static_routes"), ip_prefix="10.0.0.0/8", nexthop="10.50.50.9")
    host.add("Logical_Router_Policy", (r1, "policies"), priority=1, match="ip4", action="drop")
    host.add("Logical_Router_Port", (r1, "ports"), name="r1-x", mac=MAC(8), networks=("10.7.7.1/24",))
    assert sorted(build(host, whole())) == [
        "delete policy 1 drop ip4 of OVN router r1",
        "delete port r1-x of OVN router r1",
        "delete route 10.0.0.0/8 via 10.50.50.9 of OVN router r1",
        "delete rule 1 allow ingress ip6 of OVN port group web",
        "delete rule 1 allow ingress ip6 of OVN switch red",
        "delete snat 10.9.9.9 as 198.51.100.10 of OVN router r1",
    ]
    assert host.contents() == before


def test_what_an_info_shows_changes_nothing(host: FakeNorthbound) -> None:
    before = host.contents()
    told, left_out = lists_of(host.nb)
    assert (set(told), left_out) == (set(WHOLE), [])
    assert run_ovn(host, told).steps == []
    assert host.contents() == before


def test_what_an_info_shows_builds_the_same(host: FakeNorthbound) -> None:
    new = FakeNorthbound()
    build(new, lists_of(host.nb)[0])
    assert new.contents() == host.contents()


@pytest.mark.parametrize("name", [name for name in WHOLE if KINDS[name].clearable])
def test_clear_empties_each_option(host: FakeNorthbound, name: str) -> None:
    kind: t.Any = KINDS[name]
    for option in kind.clearable:
        if (name, option) in (("ovn_dhcp_options", "options"), ("ovn_port", "tag"), ("ovn_switch", "subnet")):
            continue  # OVN needs it
        if (name, option) in (("ovn_router", "ports"), ("ovn_port", "addresses"), ("ovn_load_balancer", "vips")):
            continue  # other options need it
        entry = {key: value for key, value in WHOLE[name][0].items() if key != option}
        build(host, whole(**{name: [{**entry, "clear": [option]}, *WHOLE[name][1:]]}))
        (shown,) = [
            shown
            for place in host.nb.rows(kind.table)
            if (shown := kind.shown(Place(kind.table, place), host.nb))["name"] == entry["name"]
        ]
        assert shown[option] in (kind.clearable[option], None, False), option


def test_a_name_that_two_rows_have_is_refused() -> None:
    host = FakeNorthbound()
    host.add("Logical_Switch", name="red")
    host.add("Logical_Switch", name="red")
    with pytest.raises(NetloomError, match="There are 2 rows of table Logical_Switch with the name 'red'"):
        run_ovn(host, {"ovn_switch": [{"name": "red"}]}, check=True)


@pytest.mark.parametrize(
    ("lacks", "option", "since"),
    [
        ("Load_Balancer.options", "ovn_load_balancer[0]: options", "21.03"),
        ("Logical_Router_Policy.nexthops", "ovn_router[0]: policies", "21.03"),
        ("Logical_Router_Static_Route.route_table", "ovn_router[0]: routes", "21.12"),
    ],
)
def test_what_an_old_schema_lacks_is_refused(lacks: str, option: str, since: str) -> None:
    told = whole()
    told["ovn_router"][0]["routes"][0]["route_table"] = "blue"
    table, column = lacks.split(".")
    with pytest.raises(NetloomError) as caught:
        run_ovn(FakeNorthbound(lacks), told, check=True)
    assert str(caught.value) == (
        f"{option}: needs column {column} of table {table}, which the northbound database at unix:nb.sock lacks; OVN"
        f" {since} has it. Leave the option out, or upgrade OVN there."
    )


def test_a_rule_that_lost_our_key_is_told_apart_again(host: FakeNorthbound) -> None:
    before = host.contents()
    for key in host.nb.rows("ACL"):
        host.nb.put(Place("ACL", key), {"external_ids": {}})
    assert build(host, whole()) == []
    assert host.contents() == before


def test_a_tag_that_is_cleared_goes_from_both_columns(host: FakeNorthbound) -> None:
    host.edit("Logical_Switch_Port", "red2", tag=5)  # as northd does
    entry = {key: value for key, value in WHOLE["ovn_port"][1].items() if key not in ("tag", "parent")}
    build(host, whole(ovn_port=[WHOLE["ovn_port"][0], {**entry, "clear": ["tag", "parent"]}]))
    row = host.row("Logical_Switch_Port", "red2")
    assert (row["tag_request"], row["tag"], row["parent_name"]) == (None, None, None)
