# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What declared networks promise, as probes; and tables of text."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.filter.bridge_network_probes import FilterModule as Bridge
from ansible_collections.netloom.linux.plugins.filter.misspelt_options import FilterModule as Misspelt
from ansible_collections.netloom.linux.plugins.filter.ovs_vlan_dhcp_probes import FilterModule as Ovs
from ansible_collections.netloom.linux.plugins.filter.reachability_table import FilterModule as Probes
from ansible_collections.netloom.linux.plugins.filter.router_probes import FilterModule as Routers
from ansible_collections.netloom.linux.plugins.filter.text_table import FilterModule as Table
from ansible_collections.netloom.linux.plugins.filter.vxlan_network_probes import FilterModule as Vxlan
from ansible_collections.netloom.linux.plugins.module_utils._model import _probe_options
from ansible_collections.netloom.linux.plugins.plugin_utils import _confirm, _fleet_input, _role_options

bridge_probes = Bridge().filters()["bridge_network_probes"]
misspelt = Misspelt().filters()["misspelt_options"]
router_probes = Routers().filters()["router_probes"]
ovs_probes = Ovs().filters()["ovs_vlan_dhcp_probes"]
vxlan_probes = Vxlan().filters()["vxlan_network_probes"]


def network(name, *members, **more):
    return {"name": name, "subnet": "10.1.0.0/24", "members": [{"name": member} for member in members], **more}


def tenant(name, tag, *members):
    return {"name": name, "tag": tag, "subnet": "10.5.0.0/24", "members": [{"name": member} for member in members]}


def short(probes):
    return [(probe["from"], probe["to"], probe["protocol"], probe["expect"]) for probe in probes]


def as_the_module_reads_them(probes):
    assert all(probe.keys() <= _probe_options.OPTIONS.keys() for probe in probes)
    return _probe_options.parse(probes)


def test_bridge():
    probes = bridge_probes([network("web", "a", "b")])
    assert short(probes) == [
        ("a", "b", "icmp", "reachable"),
        ("b", "a", "icmp", "reachable"),
        ("a", "b", "tcp", "reachable"),
        ("b", "a", "tcp", "reachable"),
        ("a", "10.1.0.1", "icmp", "reachable"),
        ("b", "10.1.0.1", "icmp", "reachable"),
    ]
    as_the_module_reads_them(probes)


def test_of_networks_over_several_hosts_each_host_proves_what_is_there():
    members = [
        {"name": "red1", "host": "node1", "publish": [{"port": 8080, "to_port": 80}]},
        {"name": "red2", "host": "node1"},
        {"name": "red3", "host": "node2", "address": "dhcp"},
        {"name": "red4", "host": "node2"},
    ]
    red = {
        "name": "red",
        "vni": 1,
        "subnet": "10.1.0.0/24",
        "gateway": {"host": "node1"},
        "dhcp": {"host": "node1"},
        "members": members,
    }
    blue = {"name": "blue", "vni": 2, "subnet": "10.1.0.0/24", "members": [{"name": "blue1", "host": "node2"}]}
    one, two, three = (vxlan_probes([red, blue], host) for host in ("node1", "node2", "node3"))
    from_inside = [probe for probe in one if "from" in probe]
    assert ("red1", "red2", "icmp", "reachable") in short(from_inside)
    assert ("red2", "10.1.0.1", "icmp", "reachable") in short(from_inside)
    assert {probe["listen_port"] for probe in one if probe.get("listen")} == {80}
    assert short(two) == [
        ("red3", "red4", "icmp", "reachable"),
        ("red4", "red3", "icmp", "reachable"),
        ("red3", "red4", "tcp", "reachable"),
        ("red4", "red3", "tcp", "reachable"),
        ("red3", "blue1", "ethernet", "unreachable"),
        ("red4", "blue1", "ethernet", "unreachable"),
        ("blue1", "red3", "ethernet", "unreachable"),
        ("blue1", "red4", "ethernet", "unreachable"),
        ("red3", "10.1.0.2", "dhcp", "reachable"),
    ]
    assert three == []
    as_the_module_reads_them(one + two)


def test_both_families_are_proven():
    probes = short(bridge_probes([network("web", "a", "b", subnet=["10.1.0.0/24", "fd00:1::/64"])]))
    assert probes[:2] == [("a", "10.1.0.3", "icmp", "reachable"), ("a", "fd00:1::3", "icmp", "reachable")]
    assert ("a", "10.1.0.1", "icmp", "reachable") in probes and ("b", "fd00:1::1", "icmp", "reachable") in probes


def test_networks_that_are_apart():
    web, db = network("web", "a", masquerade=True), network("db", "b", subnet="10.2.0.0/24", masquerade=True)
    assert [probe for probe in short(bridge_probes([web, db])) if probe[2:] == ("icmp", "unreachable")] == [
        ("a", "10.2.0.2", "icmp", "unreachable"),
        ("b", "10.1.0.2", "icmp", "unreachable"),
    ]
    assert not [
        probe
        for probe in short(bridge_probes([web | {"apart": False}, db | {"apart": False}]))
        if probe[2:] == ("icmp", "unreachable")
    ]
    both = network(
        "both",
        subnet="10.3.0.0/24",
        masquerade=True,
        members=[{"name": "a", "interface": "eth1", "default_route": False}, {"name": "c"}],
    )
    assert ("a", "10.3.0.2", "icmp", "unreachable") not in short(bridge_probes([web, both])), "a is in both"


def test_isolated_members_do_not_reach_each_other():
    members = [{"name": "a", "isolated": True}, {"name": "b", "isolated": True}, {"name": "c"}]
    probes = short(bridge_probes([{"name": "web", "subnet": "10.1.0.0/24", "members": members}]))
    assert ("a", "b", "icmp", "unreachable") in probes
    assert ("a", "c", "icmp", "reachable") in probes
    assert ("a", "b", "tcp", "reachable") not in probes


def test_what_is_published():
    members = [
        {"name": "a", "publish": [{"port": 8080, "to_port": 80}, {"port": 53, "protocol": "udp"}]},
        {"name": "b"},
    ]
    probes = [probe for probe in bridge_probes([network("web") | {"members": members}]) if "port" in probe]
    as_the_module_reads_them(probes)
    assert [
        (probe.get("from"), probe["to"], probe["protocol"], probe["port"], probe["listen_in"], probe["listen_port"])
        for probe in probes
    ] == [
        (None, "10.1.0.1", "tcp", 8080, "a", 80),
        ("a", "10.1.0.1", "tcp", 8080, "a", 80),
        ("b", "10.1.0.1", "tcp", 8080, "a", 80),
        (None, "10.1.0.1", "udp", 53, "a", 53),
        ("a", "10.1.0.1", "udp", 53, "a", 53),
        ("b", "10.1.0.1", "udp", 53, "a", 53),
    ]


def test_what_is_published_on_localhost():
    members = [{"name": "a", "isolated": True, "publish": [{"port": 8080, "to_port": 80, "localhost": True}]}]
    probes = [probe for probe in bridge_probes([network("web") | {"members": members}]) if "port" in probe]
    as_the_module_reads_them(probes)
    assert [(probe.get("from"), probe["to"], probe["listen_in"]) for probe in probes] == [
        (None, "127.0.0.1", "a"),
        (None, "10.1.0.1", "a"),
    ]


@pytest.mark.parametrize(
    ("member", "more", "promised"),
    [
        ({"isolated": True}, {}, [(None, "10.1.0.1")]),
        ({}, {"address": "192.0.2.1"}, [(None, "192.0.2.1"), ("a", "192.0.2.1")]),
        ({"default_route": False}, {"address": "192.0.2.1"}, []),
        ({"default_route": False}, {}, [(None, "10.1.0.1"), ("a", "10.1.0.1")]),
    ],
)
def test_what_is_published_where_not_everybody_gets(member, more, promised):
    members = [{"name": "a", "publish": [{"port": 8080, **more}], **member}]
    probes = bridge_probes([network("web") | {"members": members}])
    assert [(probe.get("from"), probe["to"]) for probe in probes if "port" in probe] == promised


def test_of_a_network_with_an_uplink_the_hosts_address_is_unknown():
    members = [{"name": "a", "publish": [{"port": 8080}]}]
    probes = bridge_probes([network("web") | {"members": members, "uplink": "eth1", "gateway": "10.1.0.1"}])
    assert not [probe for probe in probes if "port" in probe]


def test_who_has_no_address_of_a_family_proves_nothing_by_it():
    both = {"name": "both", "subnet": ["10.3.0.0/24", "fd00:3::/64"], "masquerade": True, "members": [{"name": "b"}]}
    probes = short(bridge_probes([network("web", "a") | {"masquerade": True}, both]))
    apart = [probe[:2] for probe in probes if probe[2:] == ("icmp", "unreachable")]
    assert apart == [("a", "10.3.0.2"), ("b", "10.1.0.2")]


def test_networks_are_apart_unless_a_member_is_in_both():
    second = network("db", "c", isolated=True)
    second["members"].append({"name": "a", "interface": "eth1"})
    probes = bridge_probes([network("web", "a", "b"), second])
    apart = {probe[:2] for probe in short(probes) if probe[2] == "ethernet"}
    assert apart == {("b", "c"), ("c", "b")}
    assert not [probe for probe in probes if probe["to"] == "a"], "its name would mean two addresses"
    assert ("c", "10.1.0.2", "icmp", "reachable") in short(probes)


def test_large_networks_are_tested_round_the_ring():
    probes = bridge_probes([network("web", *[f"m{number}" for number in range(100)], subnet="10.0.0.0/16")])
    assert len(probes) == 300


def test_tenants():
    probes = ovs_probes([tenant("red", 1, "r"), tenant("green", 2, "g")])
    assert short(probes) == [
        ("r", "10.5.0.2", "icmp", "reachable"),
        ("r", "10.5.0.2", "arp", "reachable"),
        ("r", "10.5.0.2", "dhcp", "reachable"),
        ("g", "10.5.0.2", "icmp", "reachable"),
        ("g", "10.5.0.2", "arp", "reachable"),
        ("g", "10.5.0.2", "dhcp", "reachable"),
        ("r", "g", "ethernet", "unreachable"),
        ("g", "r", "ethernet", "unreachable"),
    ]
    assert [probe.get("answered_by") for probe in probes[1:5:3]] == ["dhcp-red", "dhcp-green"]
    assert (probes[2]["interface"], probes[2]["range"]) == ("eth0", "10.5.0.10-10.5.0.100")
    as_the_module_reads_them(probes)


def test_absent_ones_promise_nothing():
    assert bridge_probes([network("web", "a", "b", state="absent")]) == []
    assert bridge_probes([]) == []


def test_table():
    table = Table().filters()["text_table"]
    rows = [{"a": "x", "b": None, "c": ["p", "q"]}, {"a": "longer", "b": True, "c": []}]
    assert table(rows, {"a": "A", "b": "WHAT", "c": "LIST"}) == [
        "A       WHAT  LIST",
        "------  ----  ----",
        "x       -     p, q",
        "longer  yes   -",
    ]
    assert table([], {"a": "A"}) == ["A", "-"]


def test_table_of_probes():
    common = {"protocol": "icmp", "expect": "reachable", "seen": "reachable", "as_expected": True}
    reports = [
        {"from": "a", "to": "x", **common, "seen": "unreachable", "as_expected": False},
        {"from": "a", "to": "b", **common},
        {"from": "a", "to": "c", "port": 80, **common},
        {"from": None, "to": "10.0.0.2", **common, "protocol": "arp", "answered_by": ["d"]},
    ]
    assert Probes().filters()["reachability_table"](reports) == [
        "FROM      BY    EXPECTED   SEEN         AS PROMISED  TO",
        "--------  ----  ---------  -----------  -----------  ------------",
        "a         icmp  reachable  reachable    yes          b, c port 80",
        "the host  arp   reachable  reachable    yes          10.0.0.2 (d)",
        "a         icmp  reachable  unreachable  no           x",
    ]


OUTSIDE = {"address": "203.0.113.2/24", "gateway": "203.0.113.1"}


def test_routers():
    routers = [
        {
            "name": "r1",
            "interfaces": [
                {"tag": 1, "address": "10.5.0.1/24"},
                {"tag": 2, "address": "10.6.0.1/24"},
                {"tag": 3, "address": "10.7.0.1/24"},
            ],
            "external": OUTSIDE,
            "floating": [{"address": "203.0.113.9", "to": "10.5.0.200"}],
        },
        {"name": "gone", "state": "absent", "interfaces": [{"tag": 9, "address": "10.9.0.1/24"}]},
    ]
    red = {**tenant("red", 1, "r1"), "gateway": "10.5.0.1"}
    red["members"].append({"name": "r2", "address": "10.5.0.200"})
    green = {**tenant("green", 2, "g1"), "subnet": "10.6.0.0/24", "gateway": "10.6.0.1"}
    elsewhere = {**tenant("blue", 4, "b1"), "subnet": "10.8.0.0/24", "gateway": "10.8.0.1"}
    probes = router_probes(routers, [red, green, elsewhere])
    as_the_module_reads_them(probes)
    assert [(probe["from"], probe["to"], probe["protocol"], probe.get("via")) for probe in probes] == [
        ("qrouter-r1", "10.5.0.1", "route", "lo"),
        ("qrouter-r1", "10.6.0.1", "route", "lo"),
        ("qrouter-r1", "10.7.0.1", "route", "lo"),
        ("r1", "10.5.0.1", "icmp", None),
        ("r2", "10.5.0.1", "icmp", None),
        ("g1", "10.6.0.1", "icmp", None),
        ("r1", "g1", "icmp", None),
        ("g1", "r1", "icmp", None),
        ("qrouter-r1", "203.0.113.1", "route", "169.254.31.29"),
        ("snat-r1", "203.0.113.1", "arp", None),
        ("snat-r1", "203.0.113.9", "route", "lo"),
        ("snat-r1", "203.0.113.2", "route", "lo"),
        ("r1", "203.0.113.9", "icmp", None),
    ]
    assert (
        router_probes([{"name": "r1", "interfaces": [{"tag": 1, "address": "10.5.0.1/24"}]}])[0]["from"] == "qrouter-r1"
    ), "tenants need not be declared"


def test_who_takes_no_default_route_reaches_the_router_and_nobody_beyond():
    router = {"name": "r1", "interfaces": [{"tag": 1, "address": "10.5.0.1/24"}, {"tag": 2, "address": "10.6.0.1/24"}]}
    router |= {"external": OUTSIDE, "floating": [{"address": "203.0.113.9", "to": "10.5.0.200"}]}
    red = {**tenant("red", 1, "r1"), "gateway": "10.5.0.1"}
    red["members"] = [{"name": "r1", "default_route": False}, {"name": "r2", "address": "10.5.0.200"}]
    green = {**tenant("green", 2, "g1"), "subnet": "10.6.0.0/24", "gateway": "10.6.0.1"}
    probes = [
        (probe["from"], probe["to"]) for probe in router_probes([router], [red, green]) if probe["protocol"] == "icmp"
    ]
    assert probes == [("r1", "10.5.0.1"), ("r2", "10.5.0.1"), ("g1", "10.6.0.1"), ("r2", "g1"), ("g1", "r2")]


NEAR = {
    "bridge_network_network": "bridge_network_networks",
    "bridge_network_persit": "bridge_network_persist",
    "ovs_vlan_dhcp_tenant": "ovs_vlan_dhcp_tenants",
    "router_router": "router_routers",
    "verify_probe": "verify_probes",
    "prepare_nftable": "prepare_nftables",
}


@pytest.mark.parametrize(("name", "meant"), NEAR.items())
def test_an_option_that_lacks_a_letter(name, meant):
    assert misspelt([name]) == [
        f"'{name}' is not an option of the role {name[: name.rindex('_')]}; did you mean '{meant}'?"
    ]


def test_other_variables_are_none_of_our_business(monkeypatch):
    warned = []
    monkeypatch.setattr(Misspelt.filters.__globals__["display"], "warning", warned.append)
    known = [option for options in _role_options.options().values() for option in options]
    assert {"bridge_network_networks", "verify_routers", "router_routers", "prepare_python", "faults_probes"} <= set(
        known
    )
    assert misspelt([*known, "verify__promises", "router_id", "verify_ssl", "routers", "prepare_db"]) == []
    assert warned == []
    assert misspelt(["bridge_network_webserver"]) == []
    assert warned[0].startswith(
        "'bridge_network_webserver' is not an option of the role bridge_network, and is ignored; its options are"
        " bridge_netw"
    )


def test_the_playbooks_look_at_the_variables_of_all_their_roles() -> None:
    for name in ("site", "verify", "teardown", "drift"):
        tasks = yaml.safe_load((_role_options.ROLES.parent / f"playbooks/{name}.yml").read_text())[0]["tasks"]
        assert tasks[0]["ansible.builtin.import_tasks"] == "tasks/declared.yml"
    for name in ("site", "teardown", "drift"):
        play = yaml.safe_load((_role_options.ROLES.parent / f"playbooks/{name}.yml").read_text())[1]
        assert play["vars"][_confirm.JUDGED] is True  # so that no host's task judges it again
    assert {*_fleet_input.CHECKED, "faults"} == set(_role_options.options())
