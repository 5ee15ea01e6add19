# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks of OVN over a fleet: from one declaration to the northbound database, and to the members of each host."""

from __future__ import annotations

import copy
import pathlib
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.netloom.linux.plugins.filter import (
    ovn_network_northbound,
    ovn_network_places,
    ovn_network_topology,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import _ovn_intent, _ovn_names

Lists = dict[str, list[dict[str, t.Any]]]
northbound = ovn_network_northbound.FilterModule().filters()["ovn_network_northbound"]
share = ovn_network_topology.FilterModule().filters()["ovn_network_topology"]
table = ovn_network_places.FilterModule().filters()["ovn_network_places"]

HOSTS = ["central1", "node1", "node2", "node3"]
CHASSIS = HOSTS[1:]


def inventory(**of_all: t.Any) -> dict[str, dict[str, t.Any]]:
    """Host variables of a central host and three chassis that are connected with the outside."""
    return {
        host: {
            "ansible_host": f"192.0.2.{number}",
            "groups": {"ovn_chassis": CHASSIS},
            "ovn_chassis_bridge_mappings": {"physnet1": "br-ex"},
            **of_all,
        }
        for number, host in enumerate(HOSTS, 1)
    }


PLACES = table(HOSTS, inventory())
OUT = {"name": "out", "external": {"bridge": "br-ex", "subnet": "198.51.100.0/24", "gateway": "198.51.100.1"}}


def network(*members: dict[str, t.Any], **more: t.Any) -> dict[str, t.Any]:
    """A network."""
    return {"name": "red", "subnet": "10.50.50.0/24", "members": list(members), **more}


def member(name: str, host: str, **more: t.Any) -> dict[str, t.Any]:
    """A member."""
    return {"name": name, "host": host, **more}


def router(**more: t.Any) -> dict[str, t.Any]:
    """A router between the network and the outside."""
    external = {"network": "out", "address": "198.51.100.10", "hosts": ["node2", "node3"]}
    return {"name": "r1", "networks": ["red"], "external": external, **more}


RED = network(member("red1", "node2"), member("red2", "node3"))


def named(lists: Lists, kind: str, name: str) -> dict[str, t.Any]:
    """The one object of this name."""
    (found,) = [one for one in lists[kind] if one["name"] == name]
    return found


def addresses(lists: Lists) -> dict[str, str]:
    """The first address of each port that is to be there."""
    return {one["name"]: one["addresses"][0].split()[1] for one in lists["ovn_port"] if "addresses" in one}


def test_a_whole_network() -> None:
    lists = northbound([RED, OUT], PLACES, routers=[router(floating=[{"address": "198.51.100.50", "member": "red2"}])])
    macs = {one["name"]: one["addresses"][0].split()[0] for one in lists["ovn_port"]}
    inner, outer = named(lists, "ovn_router", "r1")["ports"]
    assert lists == {
        "ovn_switch": [
            {"name": "red", "dns": {"red1": ["10.50.50.2"], "red2": ["10.50.50.3"]}},
            {"name": "out", "dns": {}, "localnet": {"network": "physnet1"}},
        ],
        "ovn_dhcp_options": [
            {
                "name": "red",
                "cidr": "10.50.50.0/24",
                "options": {
                    "server_id": "10.50.50.1",
                    "server_mac": inner["mac"],
                    "lease_time": "3600",
                    "mtu": "1442",
                    "router": "10.50.50.1",
                },
            }
        ],
        "ovn_port": [
            {
                "switch": "red",
                "name": f"red-red{number}",
                "addresses": [f"{macs[f'red-red{number}']} 10.50.50.{number + 1}"],
                "port_security": [f"{macs[f'red-red{number}']} 10.50.50.{number + 1}"],
                "dhcp_options": "red",
                "chassis": f"node{number + 1}",
            }
            for number in (1, 2)
        ],
        "ovn_port_group": [],
        "ovn_address_set": [],
        "ovn_router": [
            {
                "name": "r1",
                "ports": [
                    {"name": "r1-red", "switch": "red", "mac": inner["mac"], "networks": ["10.50.50.1/24"]},
                    {
                        "name": "r1-out",
                        "switch": "out",
                        "mac": outer["mac"],
                        "networks": ["198.51.100.10/24"],
                        "gateway_chassis": {"node2": 100, "node3": 99},
                    },
                ],
                "routes": [{"ip_prefix": "0.0.0.0/0", "nexthop": "198.51.100.1"}],
                "nat": [
                    {"type": "snat", "external_ip": "198.51.100.10", "logical_ip": "10.50.50.0/24"},
                    {"type": "dnat_and_snat", "external_ip": "198.51.100.50", "logical_ip": "10.50.50.3"},
                ],
            }
        ],
        "ovn_load_balancer": [],
        "ovn_global": [],
    }


def test_a_whole_share() -> None:
    red = network(member("red1", "node2"), member("red2", "node3"), member("red3", "node3", address="dhcp"))
    macs = {one["name"]: one["addresses"][0].split()[0] for one in northbound([red], PLACES)["ovn_port"]}
    routers = [{"name": "r1", "networks": ["red"]}]
    assert share([red], "node3", PLACES, routers=routers) == {
        "netns": [{"name": "red2"}, {"name": "red3"}],
        "ovs_bridge": [{"name": "br-int"}],
        "veth": [
            {
                "name": "v-red2",
                "mtu": 1442,
                "peer": {
                    "name": "eth0",
                    "netns": "red2",
                    "addresses": ["10.50.50.3/24"],
                    "mac": macs["red-red2"],
                    "mtu": 1442,
                },
            },
            {
                "name": "v-red3",
                "mtu": 1442,
                "peer": {"name": "eth0", "netns": "red3", "mac": macs["red-red3"], "mtu": 1442},
            },
        ],
        "ovs_port": [
            {"bridge": "br-int", "name": "v-red2", "iface_id": "red-red2"},
            {"bridge": "br-int", "name": "v-red3", "iface_id": "red-red3"},
        ],
        "netns_route": [{"netns": "red2", "destination": "default", "gateway": "10.50.50.1", "device": "eth0"}],
        "netns_dhcp_client": [{"netns": "red3", "interface": "eth0", "hostname": "red3", "default_route": True}],
    }
    assert share([red], "node1", PLACES) == {name: [] for name in share([red], "node1", PLACES)}


def test_written_addresses_come_first_wherever_they_are_written() -> None:
    red = network(
        member("a", "node1"), member("b", "node2"), member("c", "node3", address="10.50.50.2"), member("d", "node1")
    )
    balancer = {"name": "lb", "address": "10.50.50.4", "port": 80, "members": ["a"]}
    lists = northbound([red, OUT], PLACES, routers=[router()], load_balancers=[balancer])
    assert addresses(lists) == {
        "red-a": "10.50.50.3",
        "red-b": "10.50.50.5",
        "red-c": "10.50.50.2",
        "red-d": "10.50.50.6",
    }


def test_who_is_to_be_absent_keeps_its_place() -> None:
    red = copy.deepcopy(RED)
    red["members"][0]["state"] = "absent"
    lists = northbound([red], PLACES)
    assert addresses(lists) == {"red-red2": "10.50.50.3"}
    assert lists["ovn_port"][0] == {"switch": "red", "name": "red-red1", "state": "absent"}
    assert named(lists, "ovn_switch", "red")["dns"] == {"red2": ["10.50.50.3"]}
    there = share([red], "node2", PLACES)
    assert {kind: [one.get("state") for one in there[kind]] for kind in ("netns", "veth", "ovs_port")} == {
        "netns": ["absent"],
        "veth": ["absent"],
        "ovs_port": ["absent"],
    }
    assert there["ovs_bridge"] == there["netns_route"] == []


def test_a_network_that_goes() -> None:
    lists = northbound([network(member("red1", "node2"), state="absent")], PLACES)
    assert lists["ovn_switch"] == [{"name": "red", "state": "absent"}]
    assert lists["ovn_dhcp_options"] == [{"name": "red", "cidr": "10.50.50.0/24", "state": "absent"}]
    assert lists["ovn_port"] == []


def test_routers_groups_and_balancers_that_go() -> None:
    gone = {"state": "absent"}
    balancer = {"name": "lb", "address": "10.50.50.100", "port": 80, "members": ["red1"], **gone}
    lists = northbound(
        [RED, OUT],
        PLACES,
        routers=[router(**gone)],
        security_groups=[{"name": "web", **gone}],
        load_balancers=[balancer],
    )
    assert lists["ovn_router"] == [{"name": "r1", **gone}]
    assert lists["ovn_port_group"] == [{"name": "web", **gone}]
    assert lists["ovn_load_balancer"] == [{"name": "lb", **gone}]


def test_the_gateways_address_is_kept_without_a_router() -> None:
    """A router that comes later moves nobody. Until then it is the address of OVN's DHCP, and no default route."""
    alone, routed = northbound([RED], PLACES), northbound([RED, OUT], PLACES, routers=[router()])
    assert addresses(alone) == addresses(routed)
    assert share([RED], "node2", PLACES)["netns_route"] == []
    options = named(alone, "ovn_dhcp_options", "red")["options"]
    assert options["server_id"] == "10.50.50.1"
    assert "router" not in options


def test_the_gateway_is_somebody_elses() -> None:
    red = network(member("red1", "node2"), gateway="10.50.50.254")
    assert share([red], "node2", PLACES)["netns_route"][0]["gateway"] == "10.50.50.254"
    assert named(northbound([red], PLACES), "ovn_dhcp_options", "red")["options"]["router"] == "10.50.50.254"


def test_no_gateway() -> None:
    red = network(member("red1", "node2"), member("red2", "node2", address="10.50.50.2"), gateway="none")
    lists = northbound([red], PLACES)
    assert named(lists, "ovn_dhcp_options", "red")["options"]["server_id"] == "10.50.50.1"
    assert addresses(lists) == {"red-red1": "10.50.50.3", "red-red2": "10.50.50.2"}
    lists = northbound([{**red, "dhcp": False}], PLACES)
    assert lists["ovn_dhcp_options"] == []
    assert addresses(lists)["red-red1"] == "10.50.50.1"
    assert "dhcp_options" not in lists["ovn_port"][0]


def test_dhcp_in_detail() -> None:
    red = network(
        dhcp={"lease_time": "2h", "options": {"tftp_server": "10.0.0.1", "mtu": 1400}},
        dns={"domain": "example.test.", "servers": ["192.0.2.53", "2001:db8::53", "192.0.2.54"]},
    )
    options = named(northbound([red], PLACES), "ovn_dhcp_options", "red")["options"]
    assert options["lease_time"] == "7200"
    assert options["mtu"] == "1400"
    assert options["tftp_server"] == "10.0.0.1"
    assert options["dns_server"] == "{192.0.2.53, 192.0.2.54}"
    assert options["domain_name"] == '"example.test"'
    for written, seconds in (("infinite", "4294967295"), (600, "600"), ("1w", "604800")):
        lists = northbound([network(dhcp={"lease_time": written})], PLACES)
        assert named(lists, "ovn_dhcp_options", "red")["options"]["lease_time"] == seconds


def test_names_of_members() -> None:
    red = network(member("Web1", "node1"), dns={"domain": "Example.test"}, subnet=["10.50.50.0/24", "fd00:50::/64"])
    both = ["10.50.50.2", "fd00:50::2"]
    found = named(northbound([red], PLACES), "ovn_switch", "red")["dns"]
    assert found == {"web1": both, "web1.example.test": both}
    assert named(northbound([{**red, "dns": False}], PLACES), "ovn_switch", "red")["dns"] == {}


def test_both_families() -> None:
    red = network(member("a", "node1", address=["dhcp", "fd00:50::7"]), subnet=["10.50.50.0/24", "fd00:50::/64"])
    lists = northbound([red, OUT], PLACES, routers=[router()])
    (port,) = lists["ovn_port"]
    assert port["addresses"][0].split()[1:] == ["10.50.50.2", "fd00:50::7"]
    there = share([red, OUT], "node1", PLACES, routers=[router()])
    assert there["veth"][0]["peer"]["addresses"] == ["fd00:50::7/64"]
    assert [one["gateway"] for one in there["netns_route"]] == ["fd00:50::1"]
    assert named(lists, "ovn_router", "r1")["ports"][0]["networks"] == ["10.50.50.1/24", "fd00:50::1/64"]


def test_dhcp_leases_a_written_address() -> None:
    red = network(member("a", "node1", address=["dhcp", "10.50.50.9"]))
    assert addresses(northbound([red], PLACES)) == {"red-a": "10.50.50.9"}
    assert "addresses" not in share([red], "node1", PLACES)["veth"][0]["peer"]


@pytest.mark.parametrize(
    ("of_all", "mtu"),
    [
        ({}, 1442),
        ({"ovn_network_underlay_mtu": 9000}, 8942),
        ({"ovn_chassis_encap_address": "2001:db8::1"}, 1422),
    ],
)
def test_the_mtu_is_what_geneve_leaves(of_all: dict[str, t.Any], mtu: int) -> None:
    places = table(HOSTS, inventory(**of_all))
    assert named(northbound([RED], places), "ovn_dhcp_options", "red")["options"]["mtu"] == str(mtu)
    (cable,) = share([RED], "node2", places)["veth"]
    assert cable["mtu"] == cable["peer"]["mtu"] == mtu


def test_a_written_mtu() -> None:
    (cable,) = share([{**RED, "mtu": 1300}], "node2", PLACES)["veth"]
    assert cable["mtu"] == 1300


def test_the_names_of_chassis() -> None:
    variables = inventory()
    variables["node2"]["ovn_chassis_system_id"] = "c2"
    places = table(HOSTS, variables)
    lists = northbound([RED, OUT], places, routers=[router()])
    assert named(lists, "ovn_port", "red-red1")["chassis"] == "c2"
    assert named(lists, "ovn_router", "r1")["ports"][1]["gateway_chassis"] == {"c2": 100, "node3": 99}


def test_a_chassis_has_the_name_to_which_ports_are_bound() -> None:
    """Nobody asks the host, so the role that makes it a chassis gives it the name that the inventory tells."""
    roles = pathlib.Path(__file__).parents[4] / "roles"
    options = yaml.safe_load((roles / "ovn_chassis/vars/main.yml").read_text(encoding="utf-8"))["ovn_chassis__options"]
    assert options["ovn_chassis_system_id"] == "{{ ovn_chassis_system_id or inventory_hostname }}"
    assert {host: one["chassis"] for host, one in PLACES.items() if one["chassis"]} == {one: one for one in CHASSIS}


def test_bridge_mappings_that_are_none() -> None:
    """A run that leaves the host out meets them here."""
    with pytest.raises(AnsibleFilterError, match="of host 'central1': 'a br' is not a mapping; write the name of a"):
        table(HOSTS, inventory(ovn_chassis_bridge_mappings="a br", groups={"ovn_chassis": HOSTS}))


def test_a_distributed_floating_address() -> None:
    floating = [{"address": "198.51.100.50", "member": "red1", "distributed": True}]
    nat = named(northbound([RED, OUT], PLACES, routers=[router(floating=floating, snat=False)]), "ovn_router", "r1")
    (row,) = nat["nat"]
    assert row["logical_port"] == "red-red1"
    assert int(row["external_mac"][:2], 16) & 3 == 2


def test_floating_addresses_and_backends_of_who_is_absent() -> None:
    red = copy.deepcopy(RED)
    red["members"][0]["state"] = "absent"
    balancer = {"name": "lb", "address": "10.50.50.100", "port": 80, "members": ["red1", "red2"]}
    lists = northbound(
        [red, OUT],
        PLACES,
        routers=[router(floating=[{"address": "198.51.100.50", "member": "red1"}], snat=False)],
        load_balancers=[balancer],
    )
    assert named(lists, "ovn_router", "r1")["nat"] == []
    assert named(lists, "ovn_load_balancer", "lb")["vips"] == {"10.50.50.100:80": ["10.50.50.3:80"]}


def test_routes() -> None:
    routes = [{"destination": "10.9.0.0/16", "gateway": "10.50.50.200"}]
    lists = northbound([RED, OUT], PLACES, routers=[router(routes=routes)])
    assert named(lists, "ovn_router", "r1")["routes"] == [
        {"ip_prefix": "0.0.0.0/0", "nexthop": "198.51.100.1"},
        {"ip_prefix": "10.9.0.0/16", "nexthop": "10.50.50.200"},
    ]


def test_another_way_out() -> None:
    one = router()
    one["external"]["gateway"] = "198.51.100.254"
    lists = northbound([RED, OUT], PLACES, routers=[one])
    assert named(lists, "ovn_router", "r1")["routes"] == [{"ip_prefix": "0.0.0.0/0", "nexthop": "198.51.100.254"}]


def test_a_member_outside() -> None:
    out = {**OUT, "members": [member("dmz", "node1", address="198.51.100.9")]}
    lists = northbound([out], PLACES)
    assert lists["ovn_dhcp_options"] == []
    assert addresses(lists) == {"out-dmz": "198.51.100.9"}
    there = share([out], "node1", PLACES)
    assert there["netns_route"] == [
        {"netns": "dmz", "destination": "default", "gateway": "198.51.100.1", "device": "eth0"}
    ]
    assert "mtu" not in there["veth"][0]


def test_a_vlan_outside() -> None:
    out = {"name": "out", "external": {"bridge": "br-ex", "subnet": "198.51.100.0/24", "tag": 42}}
    places = table(HOSTS, inventory(ovn_chassis_bridge_mappings={"a": "br-ex", "b": "br-ex"}))
    out["external"]["physical_network"] = "b"  # type: ignore[index]
    lists = northbound([RED, out], places, routers=[router()])
    assert named(lists, "ovn_switch", "out")["localnet"] == {"network": "b", "tag": 42}
    assert named(lists, "ovn_router", "r1")["routes"] == []


def test_what_no_rule_allows_is_dropped() -> None:
    red = network(member("red1", "node1", security_groups=["web"]), member("red2", "node2"))
    rules = [
        {"direction": "ingress", "protocol": "tcp", "ports": [80, "8000-8100"]},
        {"direction": "ingress", "protocol": "icmp"},
        {"direction": "ingress", "remote": "web"},
        {"direction": "egress", "protocol": "udp", "ports": 53, "remote": "192.0.2.0/24"},
    ]
    web, drop = northbound([red], PLACES, security_groups=[{"name": "web", "rules": rules}])["ovn_port_group"]
    allowed = {"priority": 1002, "action": "allow-related"}
    assert web == {
        "name": "web",
        "ports": ["red-red1"],
        "acls": [
            {"direction": "ingress", **allowed, "protocol": "tcp", "ports": ["80", "8000-8100"]},
            {"direction": "ingress", **allowed, "protocol": "icmp"},
            {"direction": "ingress", **allowed, "from": "web"},
            {"direction": "egress", **allowed, "protocol": "udp", "ports": ["53"], "to": "192.0.2.0/24"},
        ],
    }
    assert drop == {
        "name": "drop__",
        "ports": ["red-red1"],
        "acls": [
            {"direction": "ingress", "priority": 1001, "action": "drop"},
            {"direction": "egress", "priority": 1001, "action": "drop"},
            {"direction": "egress", "priority": 1002, "action": "allow", "protocol": "udp", "ports": ["67"]},
        ],
    }


def test_neighbours_are_found_in_spite_of_rules() -> None:
    red = network(member("red1", "node1", security_groups=["web"]), subnet="fd00::/64")
    drop = northbound([red], PLACES, security_groups=[{"name": "web"}])["ovn_port_group"][1]
    types = [(one["direction"], one["icmp_type"]) for one in drop["acls"] if one.get("protocol") == "icmp6"]
    assert types == [(way, number) for way in ("ingress", "egress") for number in (133, 134, 135, 136)]
    assert not [one for one in drop["acls"] if one.get("protocol") == "udp"]


def test_a_load_balancer() -> None:
    blue = {"name": "blue", "subnet": "10.60.60.0/24", "members": [member("blue1", "node1")]}
    balancer = {
        "name": "lb",
        "address": "10.50.50.100",
        "port": 80,
        "to_port": 8080,
        "members": ["red1", "red2"],
        "health_check": {"interval": 2},
    }
    lists = northbound([RED, blue, OUT], PLACES, routers=[router(networks=["red", "blue"])], load_balancers=[balancer])
    assert lists["ovn_load_balancer"] == [
        {
            "name": "lb",
            "protocol": "tcp",
            "vips": {"10.50.50.100:80": ["10.50.50.2:8080", "10.50.50.3:8080"]},
            "health_check": {
                "interval": 2,
                "timeout": 20,
                "success_count": 3,
                "failure_count": 3,
                "sources": {
                    "10.50.50.2": {"port": "red-red1", "address": "10.50.50.254"},
                    "10.50.50.3": {"port": "red-red2", "address": "10.50.50.254"},
                },
            },
            "switches": ["red", "blue"],  # those of the clients
            "routers": ["r1"],
        }
    ]


def test_a_load_balancer_of_ipv6() -> None:
    red = network(member("red1", "node1"), subnet="fd00::/64")
    balancer = {"name": "lb", "address": "fd00::100", "port": 80, "members": ["red1"]}
    lists = northbound([red], PLACES, routers=[{"name": "r1", "networks": ["red"]}], load_balancers=[balancer])
    assert lists["ovn_load_balancer"][0]["vips"] == {"[fd00::100]:80": ["[fd00::2]:80"]}


def test_two_ports_of_one_address() -> None:
    balancers = [
        {"name": f"lb{port}", "address": "198.51.100.80", "port": port, "members": ["red1"]} for port in (80, 443)
    ]
    lists = northbound([RED, OUT], PLACES, routers=[router()], load_balancers=balancers)
    assert [list(one["vips"]) for one in lists["ovn_load_balancer"]] == [["198.51.100.80:80"], ["198.51.100.80:443"]]


def test_options_of_the_database() -> None:
    lists = northbound([RED], PLACES, options={"bfd-min-rx": 200})
    assert lists["ovn_global"] == [{"options": {"bfd-min-rx": "200"}}]


def test_two_topologies_share_no_name() -> None:
    red = network(member("red1", "node1", security_groups=["web"]))
    groups = [{"name": "web", "rules": [{"direction": "ingress", "remote_group": "web"}]}]
    seen: list[set[str]] = []
    for topology in ("ovn_network", "b", "b-c", "b_c", "b__c"):
        lists = northbound([red, OUT], PLACES, routers=[router()], security_groups=groups, topology=topology)
        names = {one["name"] for items in lists.values() for one in items}
        names |= {port["name"] for one in lists["ovn_router"] for port in one["ports"]}
        names |= {one["addresses"][0].split()[0] for one in lists["ovn_port"]}
        names |= {port["mac"] for one in lists["ovn_router"] for port in one["ports"]}
        assert not any(names & others for others in seen)
        seen.append(names)
        assert lists["ovn_port_group"][0]["acls"][0]["from"] == lists["ovn_port_group"][0]["name"]


def test_names_of_groups_are_words() -> None:
    assert _ovn_names.Names("b-c.d").group("web") == "b_2dc_2ed__web"
    assert _ovn_names.Names("1b").group("web") == "_31b__web"
    assert _ovn_names.Names().group("web") == "web"
    assert _ovn_names.Names("b").drop == "b__drop__"


def test_an_absent_topology_needs_no_container() -> None:
    red = network(member("red1", "node1", container="web"))
    assert share([red], "node1", PLACES)["netns"] == [{"name": "red1", "container": "web", "engine": "auto"}]
    assert share([red], "node1", PLACES, state="absent")["netns"] == [{"name": "red1"}]


def test_without_the_inventory_the_mtu_is_unknown() -> None:
    found = _ovn_intent.read(_ovn_intent.Declared([RED]))
    assert [one.name for one in found.networks[0].members] == ["red1", "red2"]


def test_no_place_is_left_for_a_health_check() -> None:
    red = network(member("a", "node1"), subnet="10.0.0.0/30")
    balancer = {"name": "lb", "address": "192.0.2.80", "port": 80, "members": ["a"], "health_check": True}
    with pytest.raises(_errors.BadInput, match="no address is left for the health checks in network 'red'"):
        _ovn_intent.read(_ovn_intent.Declared([red], [{"name": "r1", "networks": ["red"]}], load_balancers=[balancer]))
