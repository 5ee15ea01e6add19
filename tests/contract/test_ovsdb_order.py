# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which bridges and ports of a real OVSDB are read: that of their names, so that a plan has one order."""

from __future__ import annotations

import contextlib

from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Scope
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import OvsTarget
from ansible_collections.netloom.linux.tests.contract.judge import lab_host_only, outcome_of, told

pytestmark = lab_host_only

NAMES = [f"order{number}" for number in (7, 2, 9, 4, 0, 5, 8, 1, 6, 3)]


def test_bridges_and_ports_come_by_name() -> None:
    """The rows themselves come by their random UUIDs."""
    wish = {
        "name": "order",
        "ovs_bridge": [{"name": name} for name in NAMES],
        "ovs_port": [
            {"name": f"{name}p{port}", "bridge": name, "type": "internal"} for name in NAMES for port in (1, 0)
        ],
    }
    told("systemctl start openvswitch-switch")
    with contextlib.closing(Host(10)) as host:
        outcome_of(wish, host)
        found = host.read(Scope(ovs={OvsTarget()})).ovs[OvsTarget()]
        outcome_of({**wish, "state": "absent"}, host)
    assert list(found.bridges) == sorted(NAMES)
    by_bridge = {name: [port for port in found.ports.values() if port.bridge == name] for name in found.bridges}
    for name, ports in by_bridge.items():
        assert [port.name for port in ports] == [name, f"{name}p0", f"{name}p1"]
