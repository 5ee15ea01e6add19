# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are down, come back, are installed anew, join or leave: what that means for the others."""

from __future__ import annotations

import re

import pytest
from declared import BLUE, RED, address, link, member, networks, proven, where
from fleet import Fleet
from lab_host import EVERYBODY, LabHost, differences

WIPE = """
for netns in $(ls /run/netns); do ip netns delete $netns; done
for link in $(ip -json -details link show | python3 -c '
import json, sys
for link in json.load(sys.stdin):
    if link.get("linkinfo", {}).get("info_kind") in ("vxlan", "bridge"): print(link["ifname"])'); do
    ip link delete $link
done
rm -rf /run/netloom /var/lib/netloom /etc/netloom
"""


def built(fleet: Fleet, hosts: list[LabHost]) -> None:
    """Networks on these hosts, all of which are up."""
    fleet.declare(networks(hosts), hosts)
    assert fleet.run("site").good().changed == [host.name for host in hosts]
    proven(hosts)


def test_a_host_is_down_and_comes_back(fleet: Fleet) -> None:
    """The rest is built and proven without it. One run makes it whole."""
    one, two, three = hosts = fleet.all[:3]
    fleet.declare(networks(hosts), hosts)
    two.power_off()
    found = fleet.run("site")
    assert (found.status, found.changed) == (4, [one.name, three.name]), found.printed
    assert list(found.artifact["unreachable"]) == [two.name]
    assert found.artifact["missing"] == [f"red (vxlan_network): {member(RED, two)} on {two.name}"]
    proven([one, three])
    told = fleet.run("verify").artifact
    assert (list(told["unreachable"]), told["surprises"]) == ([two.name], {})
    assert all(told["held"][host.name] for host in (one, three))
    states = [host.state() for host in (one, three)]
    two.switch_on()
    assert fleet.run("site").good().changed == [two.name]
    assert [host.state() for host in (one, three)] == states
    proven(hosts)
    assert fleet.run("verify").good().artifact["surprises"] == {}
    fleet.settled()


@pytest.mark.parametrize("installed", [True, False], ids=["installed anew", "wiped"])
def test_a_host_lost_everything(fleet: Fleet, installed: bool) -> None:
    """One run makes it whole, and its peers need no change."""
    one, two, three = hosts = fleet.all[:3]
    built(fleet, hosts)
    states = [host.state() for host in (one, three)]
    if installed:
        two.power_off()
        two.switch_on(fresh=True)
    else:
        two.does(WIPE)
    assert fleet.run("site").good().changed == [two.name]
    assert [host.state() for host in (one, three)] == states
    proven(hosts)
    fleet.settled()


def network(state: list[str]) -> list[str]:
    """Without the checksums of what the collection remembers, and without the numbers of processes."""
    return [line for line in state if not re.search(r" /run/netloom/topologies/\w+\.json$|^\d+$", line)]


@pytest.mark.parametrize("listed", [True, False], ids=["stays in the inventory", "leaves the inventory"])
def test_a_host_joins_and_leaves(fleet: Fleet, listed: bool) -> None:
    """For each peer it is one more remote and an entry for its member, nothing else, and nobody's packet is lost."""
    one, _two, three = peers = fleet.all[:3]
    four, hosts = fleet.all[3], fleet.all[:4]
    built(fleet, peers)
    before = {host: network(host.state()) for host in peers}
    forwards = {(host, vni): host.forwards(vni) for vni, there in where(peers).items() for host in there}
    with Pings(one, member(RED, one), address(RED, three)) as under_way:
        fleet.declare(networks(hosts), hosts)
        assert fleet.run("site").good().changed == [host.name for host in hosts]
        for (host, vni), entries in forwards.items():
            mine = {(EVERYBODY, four.address), (link(vni, four)["mac"], four.address)}
            assert set(host.forwards(vni)) == {*entries, *mine}
        its_own = [
            four.address,
            *(link(vni, four)["mac"] for vni in (RED, BLUE)),
            address(RED, four),
            address(BLUE, four),
        ]
        for host in peers:
            gone, new = differences(before[host], network(host.state()))
            assert (gone, [line for line in new if not any(word in line for word in its_own)]) == ([], [])
        proven(hosts)
        fleet.settled()

        fleet.declare(networks(peers), hosts if listed else peers)
        assert fleet.run("site").good().changed == [host.name for host in (hosts if listed else peers)]
        assert under_way.lost() == 0
        assert {host: network(host.state()) for host in peers} == before
        if listed:
            assert network(four.state()) == network(four.before)
        fleet.settled()


class Pings:
    """Twenty a second from a namespace, until somebody asks for the result."""

    def __init__(self, host: LabHost, netns: str, target: str) -> None:
        self._host = host
        self._ping = f"exec ip netns exec {netns} ping -i 0.05 -q {target} >/run/pings.log 2>&1 </dev/null"

    def __enter__(self) -> Pings:
        self._host.does(f"({self._ping}) & echo $! >/run/pings.pid")
        return self

    def __exit__(self, *_error: object) -> None:
        self._host.does("[ ! -e /run/pings.pid ] || kill $(cat /run/pings.pid); rm -f /run/pings.*")

    def lost(self) -> int:
        """How many had no answer. There were some."""
        told = self._host.does(
            "kill -INT $(cat /run/pings.pid); until grep -q received /run/pings.log; do sleep 0.05; done;"
            " cat /run/pings.log; rm /run/pings.*"
        )
        sent, received = re.findall(r"(\d+) packets transmitted, (\d+) received", told)[0]
        assert int(sent) > 100, told
        return int(sent) - int(received)


def test_limit_shortens_no_list_of_peers(fleet: Fleet) -> None:
    """A run for one host makes that host as a run for all makes it, and touches no other."""
    one, two, three, four = hosts = fleet.all[:4]
    fleet.declare(networks(hosts[:3]), hosts)
    only = ("--limit", two.name)
    assert fleet.run("site", *only).good().changed == [two.name]
    assert {where_to for _mac, where_to in two.forwards(RED)} == {one.address, three.address}
    assert [host.state() for host in (one, three, four)] == [host.before for host in (one, three, four)]
    assert fleet.run("site").good().changed == [one.name, three.name]
    proven(hosts[:3])

    states = [host.state() for host in hosts]
    assert fleet.run("site", *only).good().changed == []
    assert [host.state() for host in hosts] == states

    fleet.declare(networks(hosts), hosts)
    assert fleet.run("site", *only).good().changed == [two.name]
    assert {where_to for _mac, where_to in two.forwards(RED)} == {one.address, three.address, four.address}
    assert [host.state() for host in (one, three, four)] == [states[0], *states[2:]]
    assert fleet.run("site").good().changed == [one.name, three.name, four.name]
    proven(hosts)
