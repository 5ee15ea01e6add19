# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All kinds by name, each imported when it is first used.

A topology has entries of few kinds, and a kind that is not imported costs a run nothing (see _parts of _host).
"""

from __future__ import annotations

import importlib
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _kind

if t.TYPE_CHECKING:
    # For Ansible, which packs what is named here.
    from ansible_collections.netloom.linux.plugins.module_utils._kinds import (  # noqa: F401
        _dnsmasq_in_ns,
        _linux_bridge,
        _netns,
        _netns_dhcp_client,
        _netns_interface,
        _netns_nat,
        _netns_route,
        _ovn_address_set,
        _ovn_chassis,
        _ovn_dhcp_options,
        _ovn_global,
        _ovn_load_balancer,
        _ovn_port,
        _ovn_port_group,
        _ovn_router,
        _ovn_switch,
        _ovs_bridge,
        _ovs_port,
        _veth,
    )

ROOM = __name__.rpartition(".")[0]
CLASSES = {
    "netns": "NetnsKind",
    "linux_bridge": "LinuxBridgeKind",
    "veth": "VethKind",
    "netns_interface": "NetnsInterfaceKind",
    "ovs_bridge": "OvsBridgeKind",
    "ovs_port": "OvsPortKind",
    "ovn_chassis": "OvnChassisKind",
    "netns_route": "NetnsRouteKind",
    "netns_nat": "NetnsNatKind",
    "dnsmasq_in_ns": "DnsmasqKind",
    "netns_dhcp_client": "DhcpClientKind",
    "ovn_address_set": "AddressSetKind",
    "ovn_dhcp_options": "DhcpOptionsKind",
    "ovn_global": "GlobalKind",
    "ovn_load_balancer": "LoadBalancerKind",
    "ovn_port": "PortKind",
    "ovn_port_group": "PortGroupKind",
    "ovn_router": "RouterKind",
    "ovn_switch": "SwitchKind",
}


class _Kinds(t.Mapping[str, _kind.Kind[t.Any]]):
    """A mapping of name -> kind."""

    def __init__(self) -> None:
        self._known: dict[str, _kind.Kind[t.Any]] = {}

    def __getitem__(self, name: str) -> _kind.Kind[t.Any]:
        if name not in self._known:
            kind = CLASSES[name]  # raises KeyError, as it should
            self._known[name] = getattr(importlib.import_module(f"{ROOM}._{name}"), kind)()
        return self._known[name]

    def __iter__(self) -> t.Iterator[str]:
        return iter(CLASSES)

    def __len__(self) -> int:
        return len(CLASSES)


KINDS = _Kinds()
