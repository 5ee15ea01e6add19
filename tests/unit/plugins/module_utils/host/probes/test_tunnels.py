# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ends of tunnels, as the kernel and Open vSwitch describe them."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _tunnels
from ansible_collections.netloom.linux.plugins.module_utils._model import _fdb, _snapshot

ALL, RED = "00:00:00:00:00:00", "02:00:00:00:00:02"


def link(**data: object) -> _snapshot.Link:
    """A VXLAN link."""
    return _snapshot.Link(
        "vx", "vxlan", index=5, mtu=1450, up=True, master="br", data={"id": 4100, "port": 4789, **data}
    )


def told(
    one: _snapshot.Link, *entries: tuple[str, str | None], ports: dict[str, str] | None = None
) -> dict[str, object]:
    own = [_fdb.Tunnel(mac, to) for mac, to in entries if to is not None]
    return _tunnels._of_kernel(one, own, [_fdb.Static(mac) for mac, to in entries if to is None], ports or {})


def test_peers_are_told_apart_from_members() -> None:
    found = told(
        link(local="192.0.2.1", learning=False),
        (ALL, "192.0.2.2"),
        (ALL, "192.0.2.3"),
        (RED, "192.0.2.2"),
        ("33:33:00:00:00:01", None),
    )
    assert found == {
        "name": "vx",
        "type": "vxlan",
        "number": 4100,
        "port": 4789,
        "local": "192.0.2.1",
        "remotes": ["192.0.2.2", "192.0.2.3"],
        "group": None,
        "fdb": {RED: "192.0.2.2"},
        "learning": False,
        "flood": True,
        "bridge_fdb": ["33:33:00:00:00:01"],
        "bridge": "br",
        "mtu": 1450,
        "up": True,
        "stuck": {},
    }


@pytest.mark.parametrize(
    ("remote", "group"), [("239.1.1.1", True), ("ff05::1", True), ("192.0.2.9", False), ("fd00::9", False)]
)
def test_one_remote_is_a_peer_and_a_group_is_none(remote: str, group: bool) -> None:
    found = told(link(remote=remote), (ALL, remote))  # the kernel has the entry, too
    assert (found["group"], found["remotes"]) == ((remote, []) if group else (None, [remote]))


def test_a_port_of_open_vswitch_is_on_its_bridge() -> None:
    assert told(link(), ports={"vx": "OVS1"})["bridge"] == "OVS1"


@pytest.mark.parametrize(
    ("kind", "options", "number", "port", "remotes"),
    [
        ("vxlan", {"remote_ip": "192.0.2.2", "key": "7"}, 7, 4789, ["192.0.2.2"]),
        ("geneve", {"remote_ip": "192.0.2.2", "key": "flow", "dst_port": "6082"}, None, 6082, ["192.0.2.2"]),
        ("gre", {"remote_ip": "flow"}, None, None, []),
    ],
)
def test_tunnels_of_open_vswitch(
    kind: str, options: dict[str, str], number: int | None, port: int | None, remotes: list[str]
) -> None:
    found = _tunnels._of_ovs(_snapshot.OvsPort("t", "OVS1", kind, options))
    assert (found["number"], found["port"], found["remotes"]) == (number, port, remotes)
    assert found["bridge"] == "OVS1"


@pytest.mark.parametrize(
    ("options", "bridge", "found"),
    [
        ({"local_ip": "192.0.2.1"}, "OVS1", {"192.0.2.1": "eth0"}),
        ({"local_ip": "198.51.100.1"}, "OVS1", {}),  # on a bridge of Open vSwitch
        ({}, "OVS1", {}),
        ({}, "br-int", {"192.0.2.1": "eth0"}),  # OVN's tunnels do not name their own end
        ({"local_ip": "192.0.2.1"}, "OVS2", {}),  # on the kernel's datapath
    ],
)
def test_a_tunnel_that_cannot_leave(options: dict[str, str], bridge: str, found: dict[str, str]) -> None:
    names = {"OVS1": "netdev", "br-int": "netdev", "OVS2": ""}
    bridges = {name: _snapshot.OvsBridge(name, kind) for name, kind in names.items()}
    ovs = _snapshot.Ovs(bridges=bridges, external_ids={"ovn-encap-ip": "192.0.2.1,198.51.100.1"})
    snapshot = _snapshot.Snapshot(namespaces={None: _snapshot.Namespace(None)})
    for name, address in (("eth0", "192.0.2.1/24"), ("OVS1", "198.51.100.1/24")):
        snapshot.put(None, _snapshot.Link(name, addresses=(_snapshot.Address(address),)))
    assert _tunnels._stuck(_snapshot.OvsPort("t", bridge, "geneve", options), ovs, snapshot) == found


def test_a_table_and_several_groups_have_one_order() -> None:
    """The kernel's table is a hash table."""
    macs = [f"02:00:00:00:00:{number:02x}" for number in range(9)]
    found = told(link(remote="239.0.0.9"), *((mac, "192.0.2.2") for mac in reversed(macs)), (ALL, "239.0.0.1"))
    assert list(dict(t.cast("t.Any", found["fdb"]))) == macs
    assert found["group"] == "239.0.0.1"
