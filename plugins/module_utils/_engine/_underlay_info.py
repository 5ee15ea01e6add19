# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point of the module underlay_info: what only a host knows about the place where its tunnels end."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils import _lazy  # noqa: F401 pylint: disable=unused-import
from ansible_collections.netloom.linux.plugins.module_utils._engine import _module, _requirements
from ansible_collections.netloom.linux.plugins.module_utils._host import _host
from ansible_collections.netloom.linux.plugins.module_utils._model import _plan, _scope, _snapshot, _values

SPEC: dict[str, t.Any] = {
    "local": {"type": "str", "required": True},
    "bridge": {"type": "str"},
}


def run_underlay() -> None:
    """main() of module underlay_info."""

    def body(module: AnsibleModule, host: _host.Host) -> _plan.Params:
        local = str(_values.host_address(module.params["local"], "local"))
        bridge = module.params["bridge"]
        if bridge is not None:
            _values.link_name(bridge, "bridge")
        target = _snapshot.OvsTarget()
        snapshot = host.read(_scope.Scope(namespaces={None}, ovs=_requirements.with_ovs(target)))
        return {"changed": False, **told(snapshot, target, local, bridge)}

    _module.at_the_edge(SPEC, {}, _requirements.needed(()), body)


def told(
    snapshot: _snapshot.Snapshot, target: _snapshot.OvsTarget, local: str, bridge: str | None = None
) -> _plan.Params:
    """The result of the module."""
    ovs = snapshot.ovs.get(target, _snapshot.Ovs())
    link = next((one for one in snapshot.namespaces[None].links.values() if _has(one, local)), None)
    underlay = None
    if link is not None:
        underlay = {"interface": link.name, "mtu": link.mtu, "on_ovs": link.name in ovs.bridges}
    return {"underlay": underlay, "datapath_type": _datapath(snapshot, ovs, bridge) if target in snapshot.ovs else None}


def _has(link: _snapshot.Link, address: str) -> bool:
    return any(one.cidr.partition("/")[0] == address for one in link.addresses)


def _datapath(snapshot: _snapshot.Snapshot, ovs: _snapshot.Ovs, name: str | None) -> str | None:
    """The datapath that the bridge has, or would have if it were created now."""
    if ovs.unreachable or name is None:
        return None
    known = ovs.bridges.get(name)
    if known is not None:
        return known.datapath_type or "system"
    return "system" if snapshot.system_datapath else "netdev"
