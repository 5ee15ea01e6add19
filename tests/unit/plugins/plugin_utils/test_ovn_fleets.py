# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random fleets of OVN: the shares of all hosts together are the whole, and they fit the northbound database."""

from __future__ import annotations

import collections
import copy
import ipaddress
import typing as t

import hypothesis
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _fleet_input,
    _judge,
    _ovn_intent,
    _ovn_names,
    _ovn_northbound,
    _ovn_places,
    _ovn_share,
)
from hypothesis import strategies as st

SUBNETS: list[t.Any] = ["10.{}.0.0/24", "fd00:{}::/64", ["10.{}.0.0/26", "fd00:{}::/64"]]
TOPOLOGIES = ["ovn_network", "other", "a-b.c"]
Item = dict[str, t.Any]
Lists = dict[str, list[Item]]


class Fleet(t.NamedTuple):
    """A declaration, and the hosts."""

    declared: _ovn_intent.Declared
    places: dict[str, _ovn_places.Place]
    topology: str

    @property
    def northbound(self) -> Lists:
        """What is written into the database."""
        return _ovn_northbound.topology(self.declared, self.places, _ovn_names.names_of(self.topology))

    def shares(self, state: str = "present") -> dict[str, Lists]:
        """What each host builds."""
        options = _ovn_share.options_of(self.topology, state=state)
        return {host: _ovn_share.topology(self.declared, host, self.places, options) for host in self.places}


def _network(draw: st.DrawFn, number: int, hosts: st.SearchStrategy[str], groups: list[str]) -> Item:
    subnet = draw(st.sampled_from(SUBNETS))
    written = [one.format(number) for one in (subnet if isinstance(subnet, list) else [subnet])]
    members: list[Item] = []
    for index in range(draw(st.integers(0, 5))):
        one: Item = {"name": f"n{number}m{index}", "host": draw(hosts)}
        if "." in written[0] and draw(st.booleans()):
            one["address"] = "dhcp"
        if groups and draw(st.booleans()):
            one["security_groups"] = draw(st.lists(st.sampled_from(groups), unique=True, max_size=2))
        if draw(st.integers(0, 5)) == 0:
            one["state"] = "absent"
        members.append(one)
    return {"name": f"net{number}", "subnet": written, "members": members}


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """Networks with members on some of up to five chassis, routers, groups and load balancers."""
    names = [f"node{number}" for number in range(1, draw(st.integers(1, 5)) + 1)]
    groups = [f"g{number}" for number in range(draw(st.integers(0, 3)))]
    networks = [_network(draw, number, st.sampled_from(names), groups) for number in range(draw(st.integers(1, 4)))]
    outside = {"name": "out", "external": {"bridge": "br-ex", "subnet": "198.51.100.0/24", "gateway": "198.51.100.1"}}
    routers: list[Item] = []
    balancers: list[Item] = []
    for index, network in enumerate(networks):
        router: Item = {"name": f"r{index}", "networks": [network["name"]]}
        if not draw(st.booleans()):
            continue
        v4 = [one for one in network["members"] if "." in network["subnet"][0]]
        if draw(st.booleans()):
            hosts = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
            router["external"] = {"network": "out", "address": f"198.51.100.{10 + index}", "hosts": hosts}
            router["floating"] = [
                {
                    "address": f"198.51.100.{100 + 10 * index + place}",
                    "member": one["name"],
                    "distributed": draw(st.booleans()),
                }
                for place, one in enumerate(v4)
                if draw(st.booleans())
            ]
        if v4 and draw(st.booleans()):
            led = [one["name"] for one in v4]
            more = {"port": 80, "members": led, "health_check": draw(st.booleans())}
            balancers.append({"name": f"lb{index}", "address": f"10.{index}.0.{draw(st.integers(2, 40))}", **more})
        routers.append(router)
    rules = [{"direction": "ingress", "remote": one} for one in groups]
    declared = _ovn_intent.Declared(
        networks=[*networks, outside],
        routers=routers,
        security_groups=[{"name": one, "rules": rules} for one in groups],
        load_balancers=balancers,
    )
    table = {
        name: _ovn_places.Place(name, f"c-{name}", 4, draw(st.sampled_from([1500, 9000])), {"physnet": "br-ex"})
        for name in names
    }
    table["central"] = _ovn_places.Place("central", None, 4, 1500, {})
    return Fleet(declared, table, draw(st.sampled_from(TOPOLOGIES)))


def present(items: list[Item]) -> list[Item]:
    """Those that are to be there."""
    return [one for one in items if one.get("state") != "absent"]


def everybody(fleet: Fleet) -> list[Item]:
    """All members that are to be there."""
    return [one for network in fleet.declared.networks for one in present(network.get("members", []))]


@hypothesis.given(fleets())
@hypothesis.settings(deadline=None, max_examples=40)
def test_the_shares_together_are_the_whole(fleet: Fleet) -> None:
    """Each member is built by its host alone, and has one port, which is bound to that host."""
    ports = {one["name"]: one for one in present(fleet.northbound["ovn_port"])}
    built: dict[str, str] = {}
    for host, lists in fleet.shares().items():
        spaces = {one["name"]: one["peer"]["netns"] for one in present(lists["veth"])}
        assert sorted(spaces.values()) == sorted(one["name"] for one in present(lists["netns"]))
        for one in present(lists["ovs_port"]):
            assert built.setdefault(one["iface_id"], host) == host
            assert ports[one["iface_id"]]["chassis"] == fleet.places[host].chassis
            assert one["iface_id"].endswith(f"-{spaces[one['name']]}")
    assert built.keys() == ports.keys()
    assert len(ports) == len(everybody(fleet))


@hypothesis.given(fleets())
@hypothesis.settings(deadline=None, max_examples=40)
def test_nothing_is_there_twice(fleet: Fleet) -> None:
    lists = fleet.northbound
    names = [one["name"] for one in lists["ovn_port"]]
    names += [port["name"] for one in lists["ovn_router"] for port in one["ports"]]
    macs = [one["addresses"][0].split()[0] for one in present(lists["ovn_port"])]
    macs += [port["mac"] for one in lists["ovn_router"] for port in one["ports"]]
    macs += [row["external_mac"] for one in lists["ovn_router"] for row in one["nat"] if "external_mac" in row]
    assert not [one for one, count in collections.Counter([*names, *macs]).items() if count > 1]
    used = [
        (one["switch"], address) for one in present(lists["ovn_port"]) for address in one["addresses"][0].split()[1:]
    ]
    for router in lists["ovn_router"]:
        used += [(port["switch"], one.split("/")[0]) for port in router["ports"] for one in port["networks"]]
    for one in lists["ovn_load_balancer"]:
        used += [(switch, vip.rpartition(":")[0]) for vip in one["vips"] for switch in one["switches"]]
        asking = one.get("health_check", {}).get("sources", {}).values()
        used += {(one["switches"][0], source["address"]) for source in asking}
    assert not [one for one, count in collections.Counter(used).items() if count > 1]


@hypothesis.given(fleets())
@hypothesis.settings(deadline=None, max_examples=40)
def test_every_reference_leads_somewhere(fleet: Fleet) -> None:
    lists = fleet.northbound
    known = {kind: {one["name"] for one in present(lists[kind])} for kind in lists if kind != "ovn_global"}
    chassis = {one.chassis for one in fleet.places.values()} - {None}
    for one in lists["ovn_port"]:
        assert one["switch"] in known["ovn_switch"]
        assert one.get("dhcp_options", next(iter(known["ovn_dhcp_options"]), None)) in {
            *known["ovn_dhcp_options"],
            None,
        }
    for one in lists["ovn_port_group"]:
        assert set(one["ports"]) <= known["ovn_port"]
        for acl in one["acls"]:
            assert {acl[end] for end in ("from", "to") if end in acl} <= known["ovn_port_group"]
    for one in lists["ovn_router"]:
        for port in one["ports"]:
            assert port["switch"] in known["ovn_switch"]
            assert set(port.get("gateway_chassis", {})) <= chassis
        assert {row["logical_port"] for row in one["nat"] if "logical_port" in row} <= known["ovn_port"]
    for one in lists["ovn_load_balancer"]:
        assert set(one["switches"]) <= known["ovn_switch"]
        assert set(one["routers"]) <= known["ovn_router"]
        for source in one.get("health_check", {}).get("sources", {}).values():
            assert source["port"] in known["ovn_port"]
            assert ":" not in source["port"]  # OVN takes the rest for the address


@hypothesis.given(fleets())
@hypothesis.settings(deadline=None, max_examples=40)
def test_members_have_what_the_database_says(fleet: Fleet) -> None:
    """Their MAC addresses and addresses, and the MTU that DHCP tells."""
    lists = fleet.northbound
    told = {one["name"]: one["addresses"][0].split() for one in present(lists["ovn_port"])}
    mtus = {one["options"]["mtu"] for one in present(lists["ovn_dhcp_options"])}
    for share in fleet.shares().values():
        clients = {one["netns"] for one in present(share["netns_dhcp_client"])}
        ids = {one["name"]: one["iface_id"] for one in present(share["ovs_port"])}
        for cable in present(share["veth"]):
            mac, *addresses = told[ids[cable["name"]]]
            own = [str(ipaddress.ip_interface(one).ip) for one in cable["peer"].get("addresses", ())]
            assert cable["peer"]["mac"] == mac
            assert own == [one for one in addresses if ":" in one or cable["peer"]["netns"] not in clients]
            assert mtus | {str(cable["mtu"])} == {str(cable["mtu"])}


@hypothesis.given(fleets(), st.randoms())
@hypothesis.settings(deadline=None, max_examples=40)
def test_the_order_of_hosts_changes_nothing(fleet: Fleet, random: t.Any) -> None:
    hosts = list(fleet.places)
    random.shuffle(hosts)
    other = fleet._replace(places={host: fleet.places[host] for host in hosts})
    assert other.northbound == fleet.northbound
    assert other.shares() == fleet.shares()


@hypothesis.given(fleets())
@hypothesis.settings(deadline=None, max_examples=40)
def test_a_new_member_at_the_end_moves_nobody(fleet: Fleet) -> None:
    networks = copy.deepcopy(fleet.declared.networks)
    networks[0]["members"].append({"name": "new", "host": "node1"})
    more = fleet._replace(declared=fleet.declared._replace(networks=networks))
    before, after = ({one["name"]: one for one in each.northbound["ovn_port"]} for each in (fleet, more))
    assert {name: one for name, one in after.items() if name in before} == before
    assert len(after) == len(before) + 1


@hypothesis.given(fleets())
@hypothesis.settings(deadline=None, max_examples=40)
def test_what_can_be_built_is_no_complaint_and_can_be_taken_down(fleet: Fleet) -> None:
    chassis = [host for host, one in fleet.places.items() if one.chassis]
    groups = {"ovn_chassis": chassis, "ovn_central": ["central"]}
    declared = {name: getattr(fleet.declared, key) for key, name in _ovn_intent.OPTIONS.items()}
    variables = {
        host: {
            **{name: value for name, value in declared.items() if value is not None},
            "groups": groups,
            "ansible_host": f"192.0.2.{number}",
            "ovn_network_topology": fleet.topology,
            "ovn_chassis_bridge_mappings": dict(one.mappings),
        }
        for number, (host, one) in enumerate(fleet.places.items(), 1)
    }
    for hosts in (list(variables), list(variables)[:1]):  # as with --limit
        assert _fleet_input.complaint(hosts, variables, {}, everybody=list(variables)) == ""
    for state in ("present", "absent"):
        for lists in fleet.shares(state).values():
            given = {"name": "ovn_network", "state": state, **lists}
            assert _judge.task("netloom.linux.topology", given) == ""
        written = {"name": "ovn_network", "state": state, **fleet.northbound}
        assert _judge.task("netloom.linux.ovn_topology", written) == ""
