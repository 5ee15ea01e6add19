# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports of a bridge have their flags before they forward, and forwarding tables come back with what they belong to."""

from __future__ import annotations

import contextlib
import subprocess
import time
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.tests.contract.judge import (
    Refusing,
    carry_out,
    host_picture,
    lab_host_only,
    told,
)

pytestmark = lab_host_only

Params = dict[str, t.Any]
FLAGS = {"isolated": True, "neigh_suppress": True, "learning": False}
PORTS: dict[str, tuple[str, Params]] = {
    "veth": ("veth", {"peer": {"name": "far0"}}),
    "vxlan": ("netns_interface", {"kind": "vxlan", "id": 7, "remotes": ["192.0.2.2"]}),
    "tap": ("netns_interface", {"kind": "tap"}),
}


@pytest.fixture(autouse=True)
def _clean() -> t.Iterator[None]:
    told("systemctl start openvswitch-switch")  # which the judge asks
    yield
    with contextlib.closing(Host(10)) as host:
        carry_out({"name": "t", "state": "absent"}, host)
    told("for l in old0 old1 port0 vx9 br9; do ip link delete $l 2>/dev/null; done; true")


def told_while(do: t.Callable[[], None]) -> list[str]:
    """What the kernel told of links."""
    with subprocess.Popen(["ip", "-d", "-o", "monitor", "link"], stdout=subprocess.PIPE, text=True) as monitor:
        try:
            time.sleep(0.5)
            do()
            time.sleep(0.5)
        finally:
            monitor.terminate()
        assert monitor.stdout is not None
        return monitor.stdout.read().splitlines()


def without_flags(lines: list[str], bridge_is_up: bool) -> list[str]:
    """What was told of port0 while it and its bridge were up and it lacked a flag."""
    found = []
    for line in lines:
        is_up = "UP" in line.partition("<")[2].partition(">")[0].split(",")
        if ": br9" in line and "bridge_slave" not in line:
            bridge_is_up = is_up
        elif ": port0" in line and "bridge_slave" in line and is_up and bridge_is_up:
            found += (
                [] if all(flag in line for flag in ("isolated on", "neigh_suppress on", "learning off")) else [line]
            )
    return found


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("bridge_is_there", [False, True])
@pytest.mark.parametrize("port", sorted(PORTS))
def test_a_port_that_is_made_has_its_flags_before_it_forwards(port: str, bridge_is_there: bool, listed: bool) -> None:
    if bridge_is_there:
        told("ip link add br9 up type bridge")
    kind, member = PORTS[port]
    wish: Params = {
        "name": "t",
        "linux_bridge": [{"name": "br9", "port_flags": {"port0": FLAGS}, **({"ports": ["port0"]} if listed else {})}],
        kind: [{"name": "port0", **member, **({} if listed else {"master": "br9"})}],
    }
    with contextlib.closing(Host(10)) as host:
        lines = told_while(lambda: assert_changes(wish, host))
        assert carry_out(wish, host) == []
    assert any(": port0" in line and "isolated on" in line for line in lines)
    assert without_flags(lines, bridge_is_there) == []


def assert_changes(wish: Params, host: Host) -> None:
    """Carry it out."""
    assert carry_out(wish, host)


def test_a_link_that_is_up_has_its_flags_before_it_forwards() -> None:
    told("ip link add br9 up type bridge; ip link add port0 up type veth peer name far0; ip link set far0 up")
    wish: Params = {"name": "t", "linux_bridge": [{"name": "br9", "ports": ["port0"], "port_flags": {"port0": FLAGS}}]}
    with contextlib.closing(Host(10)) as host:
        lines = told_while(lambda: assert_changes(wish, host))
    assert any(": port0" in line and "isolated on" in line for line in lines)
    assert without_flags(lines, bridge_is_up=True) == []


def test_by_hand_it_is_not_so() -> None:
    """So the two tests above can fail."""
    told("ip link add br9 up type bridge; ip link add port0 up type veth peer name far0; ip link set far0 up")
    by_hand = "ip link set port0 master br9; bridge link set dev port0 isolated on neigh_suppress on learning off"
    assert without_flags(told_while(lambda: print(told(by_hand))), bridge_is_up=True)


FOREIGN = """
    ip link add br9 up address 02:00:00:00:00:99 type bridge; ip link add old0 type veth peer name old1
    ip link set old0 up; ip link set old1 up
    ip link add vx9 up type vxlan id 9 dstport 4789 local 192.0.2.1 ttl 7 nolearning
    ip link set old0 master br9; ip link set vx9 master br9; bridge link set dev vx9 neigh_suppress on learning off
    bridge fdb append 00:00:00:00:00:00 dev vx9 dst 192.0.2.2; bridge fdb append 00:00:00:00:00:00 dev vx9 dst 192.0.2.3
    bridge fdb add 02:00:00:00:00:09 dev vx9 dst 192.0.2.2 port 4790 vni 8
    bridge fdb append 01:00:5e:00:00:05 dev vx9 dst 192.0.2.2; bridge fdb append 01:00:5e:00:00:05 dev vx9 dst 192.0.2.3
    bridge fdb add 02:00:00:00:00:09 dev vx9 master static; bridge fdb add 02:00:00:00:00:08 dev old0 master static
    bridge fdb add 02:00:00:00:00:07 dev old0 master static sticky
"""
VX9: Params = {"name": "vx9", "kind": "vxlan", "id": 9, "local": "192.0.2.1"}
CHANGES: dict[str, Params] = {
    "another id": {"netns_interface": [{**VX9, "id": 10, "remotes": ["192.0.2.9"]}]},
    "other entries": {
        "netns_interface": [{**VX9, "remotes": ["192.0.2.9"], "fdb": [], "learning": True, "ttl": 5}],
        "linux_bridge": [{"name": "br9", "fdb": [{"mac": "02:00:00:00:00:08", "port": "vx9"}]}],
    },
    "a multicast group": {"netns_interface": [{**VX9, "group": "239.9.9.9", "parent": "old1"}]},
    "no port": {"linux_bridge": [{"name": "br9", "ports": ["vx9"], "fdb": []}]},
    "no bridge": {"linux_bridge": [{"name": "br9", "state": "absent"}]},
    "no vxlan": {"netns_interface": [{"name": "vx9", "kind": "vxlan", "id": 9, "state": "absent"}]},
    "no veth": {"veth": [{"name": "old0", "state": "absent"}]},
}


@pytest.mark.parametrize("what", sorted(CHANGES))
def test_an_undo_gives_forwarding_tables_back(what: str) -> None:
    told(FOREIGN)
    number, before = 0, host_picture()
    while True:
        with contextlib.closing(Refusing(10)) as refusing:
            refusing.number = number
            try:
                assert carry_out({"name": "t", **CHANGES[what]}, refusing)
                break
            except Failed as error:
                assert "refused by the test" in str(error), str(error)
                assert error.remains == [], str(error)
        assert host_picture() == before, f"after a failure at batch {number}"
        number += 1
    assert number
