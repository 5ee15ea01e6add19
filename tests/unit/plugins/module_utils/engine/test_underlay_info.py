# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What underlay_info tells of a host."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine import _underlay_info
from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

TARGET = _snapshot.OvsTarget()


def host(ovs: _snapshot.Ovs | None, system: bool = False) -> _snapshot.Snapshot:
    links = {
        name: _snapshot.Link(name, mtu=mtu, addresses=(_snapshot.Address(cidr),))
        for name, mtu, cidr in (("eth0", 1500, "192.0.2.1/24"), ("br-ex", 9000, "192.0.2.11/24"))
    }
    found = _snapshot.Snapshot({None: _snapshot.Namespace(None, links=links)}, system_datapath=system)
    if ovs is not None:
        found.ovs[TARGET] = ovs
    return found


BRIDGES = _snapshot.Ovs({"br-ex": _snapshot.OvsBridge("br-ex", "netdev"), "br-k": _snapshot.OvsBridge("br-k")})


@pytest.mark.parametrize(
    ("snapshot", "local", "bridge", "underlay", "datapath"),
    [
        (host(None), "192.0.2.1", "OVS1", {"interface": "eth0", "mtu": 1500, "on_ovs": False}, None),
        (host(None), "192.0.2.2", None, None, None),
        (host(BRIDGES), "192.0.2.11", None, {"interface": "br-ex", "mtu": 9000, "on_ovs": True}, None),
        (host(BRIDGES, True), "192.0.2.2", "OVS1", None, "system"),
        (host(BRIDGES), "192.0.2.2", "OVS1", None, "netdev"),
        (host(BRIDGES, True), "192.0.2.2", "br-ex", None, "netdev"),
        (host(BRIDGES), "192.0.2.2", "br-k", None, "system"),
        (host(_snapshot.Ovs(unreachable="It is down.")), "192.0.2.2", "OVS1", None, None),
    ],
)
def test_told(
    snapshot: _snapshot.Snapshot, local: str, bridge: str | None, underlay: t.Any, datapath: str | None
) -> None:
    told = _underlay_info.told(snapshot, TARGET, local, bridge)
    assert told == {"underlay": underlay, "datapath_type": datapath}
