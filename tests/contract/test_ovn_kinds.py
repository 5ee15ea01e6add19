# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of OVN's northbound database on real ovsdb-servers with the schemas of several releases: it is made, made
again, mended after another client changed it, adopted, given back, and deleted.
"""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.tests.contract import northbound, schemas
from ansible_collections.netloom.linux.tests.contract.judge import lab_host_only

pytestmark = [lab_host_only, northbound.needs_server]
Params = dict[str, t.Any]

RULE = {"direction": "ingress", "priority": 1002, "action": "allow-related", "protocol": "tcp", "ports": ["80", "443"]}
DHCP = {"server_id": "10.5.0.1", "server_mac": "0a:00:00:00:00:01", "lease_time": "3600", "router": "10.5.0.1"}
PORTS = [{"name": "edge-red", "switch": "red", "mac": "0a:00:00:00:00:01", "networks": ["10.5.0.1/24"]}]
POLICIES = [{"priority": 1, "action": "reroute", "nexthops": ["10.5.0.9"], "from": "10.5.0.0/24"}]
WHOLE: Params = {
    "name": "tenants",
    "ovn_global": [{"options": {"bfd-min-rx": "200"}}],
    "ovn_address_set": [{"name": "office", "addresses": ["192.0.2.0/24", "198.51.100.7"], "external_ids": {"a": "b"}}],
    "ovn_dhcp_options": [{"name": "red4", "cidr": "10.5.0.0/24", "options": DHCP}],
    "ovn_switch": [
        {
            "name": "red",
            "subnet": "10.5.0.0/24",
            "exclude_ips": ["10.5.0.1"],
            "ipv6_prefix": "fd00:5::/64",
            "mcast_snoop": True,
            "other_config": {"mcast_querier": "false"},
            "external_ids": {"tenant": "red"},
            "dns": {"red1.test": "10.5.0.11"},
            "acls": [{"direction": "egress", "action": "drop", "to": "203.0.113.0/24"}],
        },
        {"name": "out", "localnet": {"network": "phys", "tag": 7}},
    ],
    "ovn_port": [
        {
            "switch": "red",
            "name": "red1",
            "type": "",
            "addresses": ["0a:00:00:00:00:11 10.5.0.11"],
            "port_security": ["0a:00:00:00:00:11 10.5.0.11"],
            "dhcp_options": "red4",
            "chassis": "node2",
            "enabled": False,
            "options": {"mcast_flood": "true"},
        },
        {"switch": "red", "name": "red2", "parent": "red1", "tag": 9, "external_ids": {"behind": "red1"}},
    ],
    "ovn_router": [
        {
            "name": "edge",
            "ports": [
                {
                    "name": "edge-red",
                    "switch": "red",
                    "mac": "0a:00:00:00:00:01",
                    "networks": ["10.5.0.1/24", "fd00:5::1/64"],
                    "ra": {"address_mode": "slaac"},
                },
                {
                    "name": "edge-out",
                    "switch": "out",
                    "mac": "0a:00:00:00:01:01",
                    "networks": ["198.51.100.10/24"],
                    "gateway_chassis": {"node2": 20, "node3": 10},
                },
            ],
            "routes": [{"ip_prefix": "0.0.0.0/0", "nexthop": "198.51.100.1"}],
            "nat": [{"type": "snat", "external_ip": "198.51.100.10", "logical_ip": "10.5.0.0/24"}],
            "policies": [{"priority": 100, "action": "drop", "from": "10.5.0.0/24", "to": "203.0.113.0/24"}],
            "options": {"mac_binding_age_threshold": "60"},
        }
    ],
    "ovn_port_group": [
        {"name": "web", "ports": ["red1"], "acls": [RULE, {**RULE, "protocol": "udp", "ports": ["53"]}]}
    ],
    "ovn_load_balancer": [
        {
            "name": "front",
            "protocol": "tcp",
            "vips": {"10.5.0.100:80": ["10.5.0.11:80"]},
            "switches": ["red"],
            "routers": ["edge"],
            "health_check": {"interval": 5, "sources": {"10.5.0.11": {"port": "red1", "address": "10.5.0.2"}}},
        }
    ],
}
# What another client writes: table, name, columns, and what a run says that it does about it.
DRIFTS: list[tuple[str, str, Params, str]] = [
    ("Address_Set", "office", {"addresses": ["192.0.2.1"]}, "set addresses .* of OVN address set office"),
    ("Address_Set", "office", {"addresses": []}, "set addresses .* of OVN address set office"),
    ("Logical_Switch", "red", {"acls": []}, "add rule 1000 drop egress .* to OVN switch red"),
    ("Logical_Switch", "red", {"dns_records": []}, "add names red1.test to OVN switch red"),
    ("Logical_Switch_Port", "out-localnet", {"tag_request": 8}, "join OVN switch out to .* phys, VLAN 7"),
    ("Logical_Switch_Port", "out-localnet", {"options": {}}, "join OVN switch out to .* phys, VLAN 7"),
    ("Logical_Switch_Port", "out-localnet", {"enabled": False}, "join OVN switch out to .* phys, VLAN 7"),
    ("Logical_Switch_Port", "out-localnet", {"addresses": []}, "join OVN switch out to .* phys, VLAN 7"),
    ("Logical_Switch_Port", "red-edge-red", {"enabled": False}, "join port edge-red to OVN switch red"),
    (
        "Logical_Switch_Port",
        "red-edge-red",
        {"port_security": ["0a:00:00:00:00:77"]},
        "join port edge-red to OVN .* red",
    ),
    ("Logical_Switch_Port", "red1", {"addresses": ["unknown"]}, "set addresses .* of OVN port red1"),
    ("Logical_Switch_Port", "red1", {"port_security": []}, "set port_security .* of OVN port red1"),
    ("Logical_Switch_Port", "red1", {"enabled": True}, "set enabled false of OVN port red1"),
    ("Logical_Switch_Port", "red1", {"options": {}}, "set chassis node2, options mcast_flood=true of OVN port red1"),
    ("Logical_Switch_Port", "red1", {"dhcpv4_options": []}, "give OVN port red1 DHCP options red4"),
    ("Logical_Switch_Port", "red1", {"type": "localport"}, "set no type of OVN port red1"),
    ("Logical_Switch_Port", "red2", {"parent_name": []}, "set parent red1 of OVN port red2"),
    ("Logical_Switch_Port", "red2", {"tag_request": 10}, "set tag 9 of OVN port red2"),
    ("Logical_Router", "edge", {"static_routes": []}, "add route 0.0.0.0/0 via 198.51.100.1 to OVN router edge"),
    ("Logical_Router", "edge", {"nat": []}, "add snat 10.5.0.0/24 as 198.51.100.10 to OVN router edge"),
    ("Logical_Router", "edge", {"policies": []}, "add policy 100 drop .* to OVN router edge"),
    ("Logical_Router", "edge", {"options": {}}, "set options mac_binding_age_threshold=60 of OVN router edge"),
    ("Logical_Router", "edge", {"load_balancer": []}, "put OVN load balancer front on router edge"),
    ("Logical_Switch", "red", {"load_balancer": []}, "put OVN load balancer front on switch red"),
    ("Logical_Router_Port", "edge-red", {"mac": "0a:00:00:00:00:ff"}, "set mac 0a:00:00:00:00:01 of port edge-red"),
    ("Logical_Router_Port", "edge-red", {"networks": ["10.5.0.1/24"]}, "set networks .* of port edge-red"),
    ("Logical_Router_Port", "edge-red", {"networks": ["10.77.0.1/24"]}, "set networks .* of port edge-red"),
    ("Logical_Router_Port", "edge-red", {"ipv6_ra_configs": {}}, "set ipv6_ra_configs .* of port edge-red"),
    ("Logical_Router_Port", "edge-red", {"enabled": False}, r"set enabled \(none\) of port edge-red"),
    ("Logical_Router_Port", "edge-red", {"peer": "edge-out"}, r"set peer \(none\) of port edge-red"),
    ("Logical_Router_Port", "edge-out", {"gateway_chassis": []}, "add gateway node2 .* to port edge-out"),
    ("Logical_Router", "edge", {"ports": []}, "add port edge-red .* to OVN router edge"),
    ("Port_Group", "web", {"ports": []}, r"set ports of OVN port group web: \+red1"),
    ("Port_Group", "web", {"acls": []}, "add rule 1002 allow-related ingress .* to OVN port group web"),
    ("Load_Balancer", "front", {"protocol": "udp"}, "set protocol tcp of OVN load balancer front"),
    ("Load_Balancer", "front", {"vips": {}}, "set vips .* of OVN load balancer front"),
    ("Load_Balancer", "front", {"health_check": []}, "add a health check of 10.5.0.100:80 to OVN load balancer front"),
    ("Load_Balancer", "front", {"ip_port_mappings": {}}, "set the sources of health checks"),
]


@pytest.fixture(name="release", params=list(schemas.RELEASES), scope="module")
def _release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(name="server")
def _server(release: str, tmp_path: pathlib.Path) -> t.Iterator[northbound.Server]:
    with northbound.serving(tmp_path / "nb", schemas.schema(release)) as server:
        yield server


def whole(release: str) -> Params:
    """Everything that a release can have."""
    if release != "20.03":
        return WHOLE
    routers = [{**WHOLE["ovn_router"][0]}]
    return {**WHOLE, "ovn_router": routers}


def both(server: northbound.Server, params: Params, **more: t.Any) -> list[str]:
    """The steps of a run, which check mode has foretold."""
    before = server.picture()
    foretold = northbound.apply(server.remote, params, check=True, **more)
    assert server.picture() == before
    done = northbound.apply(server.remote, params, **more)
    assert done.exact or not done.steps, "the database is not what the plan said, by its rows"
    assert (done.steps, done.warnings, done.planned.nb.tables.keys()) == (
        foretold.steps,
        foretold.warnings,
        foretold.planned.nb.tables.keys(),
    )
    return done.steps


def test_a_topology_is_made_found_again_and_deleted(server: northbound.Server, release: str) -> None:
    empty = server.picture()
    assert len(both(server, whole(release))) >= 30
    full = server.picture()
    assert both(server, whole(release)) == []
    assert server.picture() == full
    assert both(server, {"name": "tenants", "state": "absent"})
    assert server.picture() == empty


def test_what_ovn_info_tells_changes_nothing_when_it_is_declared(server: northbound.Server, release: str) -> None:
    northbound.apply(server.remote, whole(release))
    assert northbound.apply(server.remote, {"name": "pasted", **northbound.info(server.remote)}).steps == []


def test_each_drift_is_named_and_mended(server: northbound.Server, release: str) -> None:
    northbound.apply(server.remote, whole(release))
    full = server.picture()
    for table, name, columns, words in DRIFTS:
        server.update(table, name, **columns)
        assert server.picture() != full, (table, name, columns)
        steps = both(server, whole(release))
        assert any(re.search(words, step) for step in steps), (table, name, columns, steps)
        assert server.picture() == full, (table, name, columns, steps)


def test_each_option_is_cleared(server: northbound.Server, release: str) -> None:
    northbound.apply(server.remote, whole(release))
    bare: Params = {"name": "tenants"}
    for kind, entries in whole(release).items():
        if kind not in ("name", "ovn_global"):
            bare[kind] = [cleared(kind, entry) for entry in entries]
    assert both(server, bare)
    assert both(server, bare) == []
    for kind, entries in bare.items():
        for entry in entries if kind != "name" else ():
            shown = northbound.view(server.remote, kind, entry) or {}
            for option in entry["clear"]:
                assert not shown.get(option) or (option == "enabled" and shown[option]), (kind, entry, option)
    assert both(server, {"name": "tenants", "state": "absent"})
    assert {table for table in server.rows() if server.rows()[table]} <= {"NB_Global"}


def cleared(kind: str, entry: Params) -> Params:
    """An entry that clears what it declared."""
    options = _registry.KINDS[kind]
    kept = {name: value for name, value in entry.items() if options.options[name].get("required")}
    return {**kept, "clear": [name for name in entry if name in options.clearable and entry[name] != DHCP]}


def test_what_was_there_before_gets_back_what_it_had(server: northbound.Server, release: str) -> None:
    neutron = {"neutron:network_name": "theirs", "neutron:mtu": "1442"}
    server.transact(
        {
            "op": "insert",
            "table": "Logical_Switch_Port",
            "uuid-name": "port",
            "row": {"name": "red1", "addresses": "unknown", "external_ids": northbound.stored(neutron)},
        },
        {"op": "insert", "table": "DHCP_Options", "row": {"cidr": "10.9.0.0/24"}},
        {
            "op": "insert",
            "table": "Logical_Switch",
            "row": {
                "name": "red",
                "ports": ["named-uuid", "port"],
                "external_ids": northbound.stored(neutron),
                "other_config": northbound.stored({"subnet": "10.7.0.0/24", "vlan-passthru": "true"}),
            },
        },
        {"op": "insert", "table": "Address_Set", "row": {"name": "office", "addresses": "192.0.2.9"}},
        {"op": "insert", "table": "Address_Set", "row": {"name": "theirs", "addresses": "192.0.2.8"}},
        {"op": "insert", "table": "Load_Balancer", "row": {"name": "front", "protocol": "udp"}},
        {"op": "insert", "table": "Logical_Router", "row": {"name": "edge", "enabled": False}},
        {"op": "insert", "table": "Port_Group", "row": {"name": "web"}},
        {"op": "update", "table": "NB_Global", "where": [], "row": {"options": ["map", [["bfd-min-rx", "900"]]]}},
    )
    before = server.picture()
    assert both(server, whole(release))
    assert both(server, whole(release)) == []
    assert both(server, {"name": "tenants", "state": "absent"})
    assert server.picture() == before


def test_one_name_of_dhcp_options_for_both_families(server: northbound.Server, release: str) -> None:
    del release
    empty = server.picture()
    six = {"name": "red4", "cidr": "fd00:5::/64", "options": {"server_id": "0a:00:00:00:00:01"}}
    port = {"switch": "red", "name": "red1", "addresses": ["0a:00:00:00:00:11 10.5.0.11 fd00:5::11"]}
    params = {
        "name": "tenants",
        "ovn_switch": [{"name": "red"}],
        "ovn_dhcp_options": [*WHOLE["ovn_dhcp_options"], six],
        "ovn_port": [{**port, "dhcp_options": "red4"}],
    }
    assert both(server, params)
    assert both(server, params) == []
    row = server.find("Logical_Switch_Port", "red1")
    assert all(row[column][0] == "uuid" for column in ("dhcpv4_options", "dhcpv6_options"))
    assert both(server, {**params, "ovn_dhcp_options": WHOLE["ovn_dhcp_options"]})
    assert server.find("Logical_Switch_Port", "red1")["dhcpv6_options"] == ["set", []]
    assert both(server, {"name": "tenants", "state": "absent"})
    assert server.picture() == empty


def test_a_switch_name_that_is_there_twice_is_refused(server: northbound.Server, release: str) -> None:
    row = {"op": "insert", "table": "Logical_Switch", "row": {"name": "red"}}
    server.transact(row, row)
    before = server.picture()
    for check in (True, False):
        with pytest.raises(NetloomError, match="There are 2 rows of table Logical_Switch with the name 'red'"):
            northbound.apply(server.remote, whole(release), check=check)
    assert server.picture() == before


def test_what_an_old_schema_lacks_is_refused_by_name(server: northbound.Server, release: str) -> None:
    router = {"name": "edge", "ports": PORTS, "policies": POLICIES}
    switch = {"name": "red"}
    balancer = {"name": "front", "options": {"reject": "true"}}
    for kind, entry, words in (
        ("ovn_router", router, "needs column nexthops of table Logical_Router_Policy.* OVN 21.03 has it"),
        ("ovn_load_balancer", balancer, "needs column options of table Load_Balancer.* OVN 21.03 has it"),
    ):
        params = {"name": "tenants", "ovn_switch": [switch], kind: [entry]}
        if release == "20.03":
            with pytest.raises(NetloomError, match=words):
                northbound.apply(server.remote, params, check=True)
        else:
            assert northbound.apply(server.remote, params, check=True).steps


def test_tables_that_no_option_is_about_are_restored_with_the_rows_that_name_them(
    server: northbound.Server, release: str
) -> None:
    """A switch goes with what others hung on it, and comes back with it when the run fails."""
    if release != "newest":
        pytest.skip("the newest release has the most tables")
    northbound.apply(server.remote, {"name": "tenants", "ovn_switch": [{"name": "red"}, {"name": "blue"}]})
    server.transact(
        {"op": "insert", "table": "Sample", "uuid-name": "sample", "row": {"metadata": 7}},
        {
            "op": "insert",
            "table": "ACL",
            "uuid-name": "acl",
            "row": {
                "direction": "to-lport",
                "match": "ip4",
                "priority": 1,
                "action": "drop",
                "sample_new": ["named-uuid", "sample"],
            },
        },
        {"op": "update", "table": "Logical_Switch", "where": [], "row": {"acls": ["named-uuid", "acl"]}},
    )
    before = server.picture()
    with pytest.raises(NetloomError):
        northbound.apply(server.remote, {"name": "tenants", "state": "absent"}, database=northbound.failing_after)
    assert server.picture() == before
