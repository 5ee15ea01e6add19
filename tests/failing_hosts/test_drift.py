# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody changes one attribute of a network on one host: it is named, and it alone is mended."""

from __future__ import annotations

import typing as t

import pytest
from declared import RED, address, link, networks, proven
from fleet import Fleet
from lab_host import EVERYBODY, LabHost

OTHER = 4999  # a VNI that nobody declares
NOBODY = "198.18.78.77"  # an address that no lab host has


class Spoil(t.NamedTuple):
    """What somebody does on the second host, and the attribute that then differs. In the script $vx is the tunnel's
    link, $br the bridge, $one the first host's address, $mac and $ip are those of the first host's member.
    """

    what: str
    script: str
    attribute: str


SPOILS = [
    Spoil("a remote is lost", f"bridge fdb del {EVERYBODY} dev $vx dst $one", "remotes"),
    Spoil("a remote too many", f"bridge fdb append {EVERYBODY} dev $vx dst {NOBODY}", "remotes"),
    Spoil("an entry is lost", "bridge fdb del $mac dev $vx dst $one", "fdb"),
    Spoil("an entry leads elsewhere", f"bridge fdb replace $mac dev $vx dst {NOBODY}", "fdb"),
    Spoil("an entry too many", f"bridge fdb add 02:00:00:00:00:77 dev $vx dst {NOBODY}", "fdb"),
    Spoil("the bridge forgets a member", "bridge fdb del $mac dev $vx master", "fdb"),
    Spoil("the bridge knows somebody else", "bridge fdb add 02:00:00:00:00:77 dev $vx master static", "fdb"),
    Spoil("the link learns", "ip link set $vx type vxlan learning", "learning"),
    Spoil("the port learns", "bridge link set dev $vx learning on", "learning"),
    Spoil("ARP is not answered here", "bridge link set dev $vx neigh_suppress off", "neigh_suppress"),
    Spoil("who is there is forgotten", "ip neighbour delete $ip dev $br", "neighbours"),
    Spoil("another MTU", "ip link set $vx mtu 1300", "mtu"),
    Spoil("a member has another MTU", "ip -n red2 link set eth0 mtu 1300", "mtu"),
    Spoil("a member has another MAC address", "ip -n red2 link set eth0 address 02:00:00:00:00:78", "mac"),
    Spoil("the tunnel is down", "ip link set $vx down", "up"),
    Spoil("the tunnel leaves the bridge", "ip link set $vx nomaster", "master ports port_flags fdb"),
]
OTHER_VNI = """
ip link delete $vx
ip link add $vx type vxlan id {other} local {local} dstport 4789 nolearning
ip link set $vx master $br up
"""


@pytest.fixture(scope="module")
def spoilt(lab: Fleet) -> t.Iterator[tuple[Fleet, LabHost, str]]:
    """A fleet that is as declared, its second host, and the names that scripts use."""
    hosts = lab.all[:3]
    lab.declare(networks(hosts), hosts)
    lab.run("site").good()
    one, two = hosts[:2]
    names = {
        "vx": two.tunnel(RED), "br": two.bridge(RED),
        "one": one.address, "mac": link(RED, one)["mac"], "ip": address(RED, one),
    }  # fmt: skip
    yield lab, two, "".join(f"{name}={value}\n" for name, value in names.items())
    lab.run("teardown").good()


def drifted(fleet: Fleet, host: LabHost) -> list[str]:
    """The attributes that differ, on this host only; drift tells it by its status, too."""
    found = fleet.run("drift")
    assert (found.status, found.artifact["drifted"]) == (2, [host.name]), found.printed
    return [row["attribute"] for row in found.artifact["drift"]]


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.what)
def test_an_attribute_is_named_and_mended_alone(spoilt: tuple[Fleet, LabHost, str], spoil: Spoil) -> None:
    fleet, two, names = spoilt
    before = [host.state() for host in fleet.hosts]
    two.does(names + spoil.script)
    attributes = drifted(fleet, two)
    named = spoil.attribute.split()
    assert attributes and all(any(one in attribute for one in named) for attribute in attributes)
    assert fleet.run("site").good().changed == [two.name]
    assert [host.state() for host in fleet.hosts] == before
    assert fleet.run("site", "--check", "--limit", two.name).good().changed == []


def test_a_tunnel_with_another_vni_is_named_and_made_anew(spoilt: tuple[Fleet, LabHost, str]) -> None:
    """The kernel cannot change the number of a link. The new one has all that the old one had."""
    fleet, two, names = spoilt
    entries = two.forwards(RED)
    two.does(names + OTHER_VNI.format(local=two.address, other=OTHER))
    assert any("id" in attribute.split(".") for attribute in drifted(fleet, two))
    assert fleet.run("site").good().changed == [two.name]
    assert two.forwards(RED) == entries
    proven(fleet.hosts)
    fleet.settled()
    # What somebody made by hand comes back when the network goes, until he takes it away.
    fleet.run("teardown").good()
    two.does(f"ip link delete {two.tunnel(OTHER)}; rm -r /run/netloom")
