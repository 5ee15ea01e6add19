# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random fleets: the shares of all hosts together are the whole, and they fit each other."""

from __future__ import annotations

import collections
import ipaddress
import typing as t

import hypothesis
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _fleet_ends,
    _fleet_input,
    _judge,
    _vxlan_network,
    _vxlan_share,
)
from hypothesis import strategies as st

SUBNETS: list[t.Any] = ["10.50.50.0/24", "fd00:50::/64", ["10.50.50.0/24", "fd00:50::/64"], "10.60.0.0/26"]
HOSTS = st.integers(1, 6)


class Fleet(t.NamedTuple):
    """A declaration, and the hosts that have it."""

    networks: list[dict[str, t.Any]]
    ends: dict[str, _fleet_ends.End]

    def shares(self, state: str = "present") -> dict[str, dict[str, list[dict[str, t.Any]]]]:
        """What each host builds."""
        options = _vxlan_share.options_of(state=state)
        return {host: _vxlan_share.topology(self.networks, host, self.ends, options) for host in self.ends}


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """Networks with members on some of up to six hosts, with and without servers and gateways."""
    names = [f"node{number}" for number in range(1, draw(HOSTS) + 1)]
    family = draw(st.sampled_from(["192.0.2.", "2001:db8::"]))
    ends = {
        name: _fleet_ends.End(name, f"{family}{number + 1}", draw(st.sampled_from([1500, 9000])))
        for number, name in enumerate(names)
    }
    host = st.sampled_from(names)
    networks = []
    for number in range(draw(st.integers(1, 4))):
        subnet = draw(st.sampled_from(SUBNETS))
        members: list[dict[str, t.Any]] = [
            {"name": f"n{number}m{index}", "host": draw(host)} for index in range(draw(st.integers(1, 6)))
        ]
        one: dict[str, t.Any] = {"name": f"net{number}", "vni": 100 + number, "subnet": subnet, "members": members}
        if draw(st.booleans()):
            one["gateway"] = {"host": members[0]["host"]}
            one["subnet"] = f"10.{number}.0.0/24"  # a host must tell the networks of its gateways
        if "." in str(one["subnet"]) and draw(st.booleans()):
            one["dhcp"] = {"host": draw(host)}
            leased = [member for member in members if draw(st.booleans())]
            for member in leased:
                member["address"] = "dhcp"
        gone = [member for member in members if draw(st.integers(0, 5)) == 0]
        for member in gone:
            member["state"] = "absent"
        networks.append(one)
    return Fleet(networks, ends)


def places(fleet: Fleet) -> dict[str, dict[str, str]]:
    """Network -> MAC address -> host, from what the hosts build."""
    found: dict[str, dict[str, str]] = {one["name"]: {} for one in fleet.networks}
    for host, lists in fleet.shares().items():
        for cable in lists["veth"]:
            if cable.get("state") != "absent":
                found[cable["master"].removeprefix("br-")][cable["peer"]["mac"]] = host
        for bridge in lists["linux_bridge"]:
            if bridge.get("addresses") and bridge.get("state") != "absent":
                found[bridge["name"].removeprefix("br-")][bridge["mac"]] = host
    return found


def tunnels(fleet: Fleet) -> dict[tuple[str, str], dict[str, t.Any]]:
    """The VXLAN links that are to be there, by host and network."""
    return {
        (host, link["name"].removeprefix("vx-")): link
        for host, lists in fleet.shares().items()
        for link in lists["netns_interface"]
        if link.get("state") != "absent"
    }


@hypothesis.given(fleets())
@hypothesis.settings(deadline=None, max_examples=60)
def test_the_shares_together_are_the_whole(fleet: Fleet) -> None:
    shares = fleet.shares()
    members = [one for network in fleet.networks for one in network["members"]]
    servers = [f"dhcp-{network['name']}" for network in fleet.networks if "dhcp" in network]
    built = [one["name"] for lists in shares.values() for one in lists["netns"]]
    assert sorted(built) == sorted([*(one["name"] for one in members), *servers])
    for one in members:
        assert one["name"] in [netns["name"] for netns in shares[one["host"]]["netns"]]


@hypothesis.given(fleets())
@hypothesis.settings(deadline=None, max_examples=60)
def test_no_address_is_there_twice(fleet: Fleet) -> None:
    taken: dict[tuple[str, str], str] = {}
    macs = collections.Counter()
    for lists in fleet.shares().values():
        for cable in lists["veth"]:
            network, peer = cable["master"], cable["peer"]
            macs[peer["mac"]] += 1
            for address in peer.get("addresses", ()):
                assert taken.setdefault((network, address), peer["netns"]) == peer["netns"]
                for server in (one for one in lists["dnsmasq_in_ns"] if network == f"br-{one['name'][5:]}"):
                    span = [ipaddress.ip_address(server["ranges"][0][key]) for key in ("start", "end")]
                    here = ipaddress.ip_interface(address).ip
                    assert here.version == 6 or not span[0] <= here <= span[1]
        macs.update(bridge["mac"] for bridge in lists["linux_bridge"])
    assert set(macs.values()) <= {1}
    ids = {(name, link["id"]) for (_host, name), link in tunnels(fleet).items()}
    assert len(ids) == len({name for name, _id in ids}) == len({number for _name, number in ids})


@hypothesis.given(fleets())
@hypothesis.settings(deadline=None, max_examples=60)
def test_each_remote_has_its_counterpart_and_leads_to_somebody(fleet: Fleet) -> None:
    links, macs = tunnels(fleet), places(fleet)
    locals_of = {end.local: host for host, end in fleet.ends.items()}
    for (host, network), link in links.items():
        assert link["local"] == fleet.ends[host].local
        there = {locals_of[remote] for remote in link["remotes"]}
        # Servers and gateways are places as well as members.
        assert there == set(macs[network].values()) - {host}
        assert len(there) == len(link["remotes"]) > 0
        for other in there:
            assert fleet.ends[host].local in links[other, network]["remotes"]
            assert links[other, network]["mtu"] == link["mtu"]


@hypothesis.given(fleets())
@hypothesis.settings(deadline=None, max_examples=60)
def test_forwarding_tables_name_exactly_what_is_elsewhere(fleet: Fleet) -> None:
    macs, shares = places(fleet), fleet.shares()
    for (host, network), link in tunnels(fleet).items():
        elsewhere = {mac: fleet.ends[where].local for mac, where in macs[network].items() if where != host}
        assert {one["mac"]: one["remote"] for one in link["fdb"]} == elsewhere
        bridge = next(one for one in shares[host]["linux_bridge"] if one["name"] == f"br-{network}")
        assert {one["mac"] for one in bridge["fdb"]} == set(elsewhere)
        assert {one["mac"] for one in bridge["neighbours"]} <= set(elsewhere)


@hypothesis.given(fleets(), st.randoms(use_true_random=False))
@hypothesis.settings(deadline=None, max_examples=60)
def test_every_host_computes_the_same_in_whichever_order(fleet: Fleet, random: t.Any) -> None:
    shuffled = list(fleet.ends.items())
    random.shuffle(shuffled)
    assert Fleet(fleet.networks, dict(shuffled)).shares() == fleet.shares()
    assert _vxlan_share.segments(fleet.networks, dict(shuffled)) == _vxlan_share.segments(fleet.networks, fleet.ends)


@hypothesis.given(fleets())
@hypothesis.settings(deadline=None, max_examples=60)
def test_what_can_be_built_is_no_complaint_and_can_be_taken_down(fleet: Fleet) -> None:
    variables = {
        host: {_vxlan_network.OPTION: fleet.networks, "vxlan_network_local": end.local}
        for host, end in fleet.ends.items()
    }
    for hosts in (list(variables), list(variables)[:1]):  # as with --limit
        assert _fleet_input.complaint(hosts, variables, {}, everybody=list(variables)) == ""
    for state in ("present", "absent"):
        for lists in fleet.shares(state).values():
            assert _judge.task("netloom.linux.topology", {"name": "vxlan_network", "state": state, **lists}) == ""
    assert {name for lists in fleet.shares("absent").values() for name in lists} == set(_vxlan_share.LISTS)
