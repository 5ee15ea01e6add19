# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on a link, or is its port, when the link goes down, moves or is deleted: foretold, undone, or refused."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._engine._entry import scope_of
from ansible_collections.netloom.linux.plugins.module_utils._engine._planning import plan
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._model import _remains
from ansible_collections.netloom.linux.plugins.module_utils._model._address import Address
from ansible_collections.netloom.linux.plugins.module_utils._model._bridge_port import PORT_DEFAULTS
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import Conflict, HostError
from ansible_collections.netloom.linux.plugins.module_utils._model._link_ops import LinkAdd, LinkDelete, LinkSet
from ansible_collections.netloom.linux.plugins.module_utils._model._plan import Step
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Nexthop, Route
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link, Neighbour
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

MOVED = {"name": "eth0", "netns": "red", "source": {"name": "nic0"}}
SIZES: dict[str, t.Any] = {"mtu": 1500, "txqueuelen": 1000}
ROUTE = Route("fd09::/64", metric=1024, gateway="fd05::9", device="nic0.5")


def host(**more: t.Any) -> FakeHost:
    """A NIC that is up, with a VLAN on it that has an address and a route."""
    found = FakeHost("red", **more)
    links = found.state.namespaces[None].links
    links["nic0"] = Link("nic0", index=2, mac="02:00:00:00:00:02", permanent_mac="02:00:00:00:00:02", up=True, **SIZES)
    links["nic0.5"] = vlan("nic0.5", 3, addresses=(Address("fd05::1/64"),))
    found.settle()
    found.state.namespaces[None].routes.append(ROUTE)
    return found


def vlan(name: str, index: int, **more: t.Any) -> Link:
    return Link(
        name, **{"kind": "vlan", "index": index, "up": True, **SIZES, "data": {"id": index, "parent": "nic0"}, **more}
    )


def steps(found: FakeHost, kind: str, params: dict[str, t.Any]) -> list[Step]:
    """What it would do, our own records left out."""
    entry = EntryReader().read(kind, params, "")
    return [step for step in plan([entry], found.state, False).steps if not step.quiet]


def test_a_vlan_goes_down_with_its_parent_which_is_said() -> None:
    (step,) = steps(host(), "netns_interface", {"name": "nic0", "up": False})
    assert step.sentence == "set nic0: down (sets nic0.5 down, takes fd05::1/64 and the route fd09::/64 from nic0.5)"
    loose = host()
    loose.state.namespaces[None].links["nic0.5"] = vlan(
        "nic0.5", 3, data={"id": 5, "parent": "nic0", "loose_binding": True}
    )
    assert steps(loose, "netns_interface", {"name": "nic0", "up": False})[0].sentence == "set nic0: down"


@pytest.mark.parametrize("idle", [False, True])
def test_an_undo_gives_vlans_back_what_they_lost(idle: bool) -> None:
    found = host(fail_at=1)
    if idle:  # it would come up with its parent
        found.state.namespaces[None].links["nic0.6"] = vlan("nic0.6", 6, up=False)
    before = picture(found)
    with pytest.raises(Failed) as caught:
        run_one(found, "netns_interface", {"name": "nic0", "up": False, "mtu": 1400, "sysctl": {"rp_filter": 0}})
    assert (picture(found), caught.value.remains) == (before, [])


def test_a_nic_whose_vlans_would_lose_something_does_not_move() -> None:
    with pytest.raises(
        Conflict,
        match=(
            r"VLAN 'nic0\.5' on the host stands on it, and goes down and up when it moves, which takes fd05::1/64 and"
            r" the route"
        ),
    ):
        run_one(host(), "netns_interface", MOVED)
    with pytest.raises(Conflict, match=r"VLAN 'nic0\.6' on it is down, and would come up with it"):
        idle = host()
        idle.state.namespaces[None].routes.discard(ROUTE)
        idle.state.namespaces[None].links["nic0.5"] = vlan("nic0.5", 3)
        idle.state.namespaces[None].links["nic0.6"] = vlan("nic0.6", 6, up=False)
        run_one(idle, "netns_interface", MOVED)
    bare = host()
    bare.state.namespaces[None].routes.discard(ROUTE)
    bare.state.namespaces[None].links["nic0.5"] = vlan("nic0.5", 3)
    assert run_one(bare, "netns_interface", MOVED).steps[0] == "move nic0 to red as eth0 (sets nic0.5 down)"


def test_a_nic_that_would_lose_its_qdisc_does_not_move() -> None:
    found = FakeHost("red")
    found.state.namespaces[None].links["nic0"] = Link("nic0", index=2, up=True, queueing=("htb 1:",))
    with pytest.raises(
        Conflict, match=r"it has the qdisc htb 1: \(tc\(8\)\), which it loses when it moves\. Delete that first"
    ):
        run_one(found, "netns_interface", MOVED)


def test_a_port_comes_home_with_its_flags() -> None:
    found = FakeHost("red")
    links = found.state.namespaces[None].links
    links["br0"] = Link("br0", "bridge", index=3, up=True, **SIZES)
    links["nic0"] = Link(
        "nic0", index=2, mac="02:00:00:00:00:02", permanent_mac="02:00:00:00:00:02", up=True, master="br0", **SIZES
    )
    links["nic0"] = dataclasses.replace(links["nic0"], port={**PORT_DEFAULTS, "isolated": True, "bpdu_guard": True})
    links["lo"] = dataclasses.replace(links["lo"], **SIZES)
    links = found.state.namespaces["red"].links
    links["lo"] = dataclasses.replace(links["lo"], **SIZES)
    before = picture(found)
    run_one(found, "netns_interface", MOVED)
    run_one(found, "netns_interface", {**MOVED, "state": "absent"})
    assert picture(found) == before


def test_what_goes_with_a_link_is_said() -> None:
    found = FakeHost()
    space = found.state.namespaces[None]
    space.links["br0"] = Link("br0", "bridge", index=3, up=True, mtu=1500, addresses=(Address("10.0.0.1/24"),))
    space.links["br0.5"] = Link("br0.5", "vlan", index=4, up=True, data={"id": 5, "parent": "br0"}, rest=((5, "88a8"),))
    space.links["mac0"] = Link("mac0", "macvlan", index=5, up=True, data={"mode": "bridge", "parent": "br0.5"})
    space.links["nic0"] = Link("nic0", index=6, up=True, addresses=(Address("10.1.0.1/24"),))
    found.settle()
    space.routes.append(Route("10.9.0.0/16", nexthops=(Nexthop("10.0.0.9", "br0"), Nexthop("10.1.0.9", "nic0"))))
    space.routes.append(Route("10.8.0.0/16", device="nic0", source="10.0.0.1"))
    (step,) = steps(found, "linux_bridge", {"name": "br0", "state": "absent"})
    assert (
        step.sentence
        == "delete link br0 (takes the vlan br0.5, takes the macvlan mac0, takes the route 10.9.0.0/16 over 2 next"
        " hops, takes the route 10.8.0.0/16 dev nic0)"
    )
    again = next(op for op in step.inverse if isinstance(op, LinkAdd) and op.link.name == "br0.5")
    assert again.link.rest == ((5, "88a8"),)


def test_what_could_not_be_made_again_keeps_its_parent() -> None:
    found = FakeHost()
    links = found.state.namespaces[None].links
    links["br0"] = Link("br0", "bridge", index=3, up=True)
    links["secret"] = Link("secret", "macsec", index=4, up=True, data={"parent": "br0"})
    with pytest.raises(
        Conflict, match="the macsec 'secret' stands on it and would go with it, and could not be made again"
    ):
        run_one(found, "linux_bridge", {"name": "br0", "state": "absent"})
    links["secret"] = Link("tun0", "gre", index=4, up=True, data={"parent": "br0"})  # which outlives it
    assert run_one(found, "linux_bridge", {"name": "br0", "state": "absent"}).steps == ["delete link br0"]


def test_an_undo_lets_a_bridge_follow_its_ports_again() -> None:
    found = FakeHost()
    links = found.state.namespaces[None].links
    links["br0"] = Link("br0", "bridge", index=3, mac="02:00:00:00:00:07", up=True, mac_set=False)
    links["tap0"] = Link(
        "tap0", "tun", index=4, mac="02:00:00:00:00:07", up=True, master="br0", port=dict(PORT_DEFAULTS)
    )
    (step,) = steps(found, "linux_bridge", {"name": "br0", "state": "absent"})
    made, port, up = step.inverse[:3]
    assert isinstance(made, LinkAdd) and (made.link.mac, made.link.up) == (None, False)
    assert (port, up) == (LinkSet(None, "tap0", {"master": "br0"}), LinkSet(None, "br0", {"up": True}))
    pinned, looked = (dataclasses.replace(links["br0"], mac_set=value) for value in (True, False))
    touched = _remains.touched_by([step.op])
    after = found.state.clone()
    after.namespaces[None].links["br0"] = pinned
    assert _remains.differences(found.state, after, touched) == [
        "the MAC address of br0 does not follow its ports any more"
    ]
    after.namespaces[None].links["br0"] = dataclasses.replace(looked, rest=((7, "01"),))
    assert _remains.differences(found.state, after, touched) == ["further attributes of br0 are not as they were"]


@pytest.mark.parametrize("lifetimes", [(0, 0xFFFFFFFF), (100, 200)])
def test_a_lifetime_that_came_or_went_is_told(lifetimes: tuple[int, int]) -> None:
    found = FakeHost()
    lasting = Address("10.0.0.1/24")
    passing = Address("10.0.0.1/24", dynamic=lifetimes[1] < 0xFFFFFFFF, detail={"lifetimes": lifetimes})
    link = Link("eth0", "veth", index=3, addresses=(lasting,))
    found.state.namespaces[None].links["eth0"] = link
    after = found.state.clone()
    touched = _remains.touched_by([LinkDelete(None, "eth0")])
    after.namespaces[None].links["eth0"] = dataclasses.replace(link, addresses=(passing,))
    assert _remains.differences(found.state, after, touched) == ["address 10.0.0.1/24 of eth0 is not as it was"]


def test_neighbours_that_go_with_a_link_are_read() -> None:
    for params in ({"up": False}, {"mac": "02:00:00:00:00:09"}, {"mtu": 68}, {"state": "absent"}):
        entry = EntryReader().read("veth", {"name": "ve0", "peer": {"name": "ve1"}, **params}, "")
        assert scope_of([entry]).neighbours == {None}
    found = FakeHost(fail_at=1)
    found.state.namespaces[None].links["nic0"] = Link("nic0", index=2, up=True, **SIZES)
    found.state.namespaces[None].neighbours.append(Neighbour("10.0.0.9", "02:00:00:00:00:09", "nic0"))
    before = picture(found)
    with pytest.raises(Failed):
        run_one(found, "netns_interface", {"name": "nic0", "up": False, "sysctl": {"rp_filter": 0}})
    assert picture(found) == before


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"ifindex": 2, "permanent_mac": "02:00:00:00:00:02", "inode": 1, "cookie": 1, "bridge": "br0"}'],
)
def test_a_damaged_record_of_an_uplink_is_an_error(text: str) -> None:
    """Else the bridge would go, and the NIC's addresses with it."""
    found = FakeHost()
    links = found.state.namespaces[None].links
    links["br0"] = Link("br0", "bridge", index=3, up=True, addresses=(Address("10.0.0.1/24"),))
    links["nic0"] = Link(
        "nic0", index=2, permanent_mac="02:00:00:00:00:02", up=True, master="br0", port=dict(PORT_DEFAULTS)
    )
    found.state.files["/run/netloom/uplink/@host/nic0.json"] = text
    with pytest.raises(
        HostError,
        match=(
            r"Cannot read /run/netloom/uplink/@host/nic0\.json: it is damaged .*says what 'nic0' had before it became"
            r" an uplink"
        ),
    ):
        run_one(found, "linux_bridge", {"name": "br0", "state": "absent"})
    links["nic0"] = dataclasses.replace(links["nic0"], master=None, port={})  # it is no matter of this bridge
    run_one(found, "linux_bridge", {"name": "br0", "state": "absent"})


@pytest.mark.parametrize("text", ["{", "[]", "7"])
def test_a_damaged_record_of_a_moved_nic_is_an_error(text: str) -> None:
    found = FakeHost("red", "blue")
    found.state.namespaces["red"].links["eth0"] = Link("eth0", index=2, permanent_mac="02:00:00:00:00:02", up=True)
    found.state.files["/run/netloom/moved/red/eth0.json"] = text
    with pytest.raises(
        HostError, match=r"moved/red/eth0\.json: it is damaged .* It says where 'eth0' in namespace 'red' came from"
    ):
        run_one(found, "netns_interface", {**MOVED, "state": "absent"})
    with pytest.raises(
        HostError, match=r"moved/red/eth0\.json: it is damaged .* It says what was moved into that namespace"
    ):
        run_one(found, "netns", {"name": "red", "state": "absent"})
    assert run_topology(found, {"name": "t", "netns": [{"name": "blue", "state": "absent"}]}).changed


def test_vlans_of_an_adopted_link_get_back_what_they_lost() -> None:
    found = host()
    before = picture(found)
    declared = {"name": "t", "netns_interface": [{"name": "nic0", "up": False}]}
    assert run_topology(found, declared).changed
    assert not run_topology(found, declared).changed
    run_topology(found, {"name": "t", "state": "absent"})
    assert picture(found) == before
    assert not run_topology(found, {"name": "t", "state": "absent"}).changed
