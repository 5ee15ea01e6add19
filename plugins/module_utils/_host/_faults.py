# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Breaks things on purpose, as crashes, careless administrators and other programs do."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _program_faults
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _libc, _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address_ops,
    _bridge_port,
    _errors,
    _fault,
    _fdb,
    _fdb_ops,
    _link_ops,
    _move_ops,
    _offload_ops,
    _route,
    _scope,
    _snapshot,
    _stack_ops,
    _words,
)


class Breaker(_program_faults.ProgramBreaker):
    """Causes faults on one host, with one method for each sort of fault. Those of programs are inherited."""

    def make(self, fault: _fault.Fault) -> None:
        """Cause the fault. Raises HostError if there is nothing to break."""
        getattr(self, f"_{fault.sort}")(fault)

    # --- links ---

    def _link_of(self, fault: _fault.Fault, snapshot: _snapshot.Snapshot | None = None) -> _snapshot.Link:
        snapshot = snapshot or self.host.read(_scope.Scope(every_namespace=True))
        link = snapshot.link(fault.netns, fault.name)
        if link is None:
            where = f"namespace '{fault.netns}'" if fault.netns else "the host"
            space = snapshot.namespaces.get(fault.netns)
            meant = _words.meant(fault.name, space.links if space else ())
            raise _errors.HostError(f"Cannot break '{fault.name}': there is no such link in {where}.{meant}")
        return link

    def _set(self, fault: _fault.Fault, **changes: t.Any) -> None:
        self._link_of(fault)
        self.host.do([_link_ops.LinkSet(fault.netns, fault.name, changes)])

    def _link_down(self, fault: _fault.Fault) -> None:
        self._set(fault, up=False)

    def _link_deleted(self, fault: _fault.Fault) -> None:
        if self._link_of(fault).kind == "openvswitch":
            raise _errors.HostError(
                f"Cannot delete '{fault.name}': on the kernel's datapath it goes with its OVS port only. Take"
                " 'ovs_port_deleted'."
            )
        self.host.do([_link_ops.LinkDelete(fault.netns, fault.name)])

    def _link_remade(self, fault: _fault.Fault) -> None:
        link = self._link_of(fault)
        if link.kind != "veth" or link.peer is None:
            raise _errors.HostError(f"Cannot make '{fault.name}' again: it is no veth whose other end is in sight.")
        self.host.do([_link_ops.LinkDelete(fault.netns, fault.name)])
        self.host.do(
            [
                _link_ops.LinkAdd(
                    fault.netns, _snapshot.Link(link.name, "veth"), (link.peer[0], _snapshot.Link(link.peer[1], "veth"))
                )
            ]
        )

    def _link_renamed(self, fault: _fault.Fault) -> None:
        self._link_of(fault)
        self.host.do([_move_ops.LinkMove(fault.netns, fault.name, fault.netns, fault.value or "odd")])

    def _link_moved(self, fault: _fault.Fault) -> None:
        self._link_of(fault)
        if fault.value == fault.netns:
            raise _errors.HostError(
                f"Cannot move '{fault.name}': it is where it would be moved. Give another namespace as value."
            )
        self.host.do([_move_ops.LinkMove(fault.netns, fault.name, fault.value, fault.name)])

    def _link_mtu(self, fault: _fault.Fault) -> None:
        link = self._link_of(fault)
        self._set(fault, mtu=int(fault.value) if fault.value else (link.mtu or 1500) - 100)

    def _link_mac(self, fault: _fault.Fault) -> None:
        index = self._link_of(fault).index or 0
        self._set(
            fault, mac=fault.value or f"02:fa:17:{index >> 16 & 255:02x}:{index >> 8 & 255:02x}:{index & 255:02x}"
        )

    def _link_detached(self, fault: _fault.Fault) -> None:
        self._set(fault, master=None)

    def _link_checksums(self, fault: _fault.Fault) -> None:
        self._link_of(fault)
        self.host.do([_offload_ops.TxChecksum(fault.netns, fault.name, True)])

    def _port_flags_lost(self, fault: _fault.Fault) -> None:
        special = _bridge_port.special_flags(self._link_of(fault))
        flags = {flag: _bridge_port.PORT_DEFAULTS[flag] for flag in special if flag in _bridge_port.PORT_DEFAULTS}
        if not flags:
            raise _errors.HostError(f"Cannot break '{fault.name}': it has no flags that a new port of a bridge lacks.")
        self.host.do([_link_ops.LinkSet(fault.netns, fault.name, {"port": flags})])

    # --- vxlans ---

    def _forget(self, fault: _fault.Fault, entries: t.Callable[[_fdb.Tunnel], bool], what: str) -> None:
        """Delete entries of a vxlan's own table."""
        snapshot = self.host.read(_scope.Scope(every_namespace=True, fdb={(fault.netns, fault.name)}))
        found = [one for one in _fdb.of_vxlan(self._link_of(fault, snapshot)) if entries(one)]
        if not found:
            raise _errors.HostError(f"Cannot break '{fault.name}': {what}.")
        for one in found:
            self.host.do([_fdb_ops.FdbDelete(fault.netns, fault.name, one)])

    def _vxlan_remote_lost(self, fault: _fault.Fault) -> None:
        self._forget(
            fault,
            lambda one: one.is_default and one.remote == fault.value,
            f"{fault.value} is none of its remotes",
        )

    def _vxlan_fdb_lost(self, fault: _fault.Fault) -> None:
        self._forget(fault, lambda one: one.mac == fault.value, f"it has no entry for {fault.value}")

    def _vxlan_learning(self, fault: _fault.Fault) -> None:
        link = self._link_of(fault)
        if link.kind != "vxlan":
            raise _errors.HostError(f"Cannot break '{fault.name}': it is no vxlan.")
        self._set(fault, data={"kind": link.kind, "learning": not link.data.get("learning")})

    # --- addresses, routes, sysctls ---

    def _link_addresses_lost(self, fault: _fault.Fault) -> None:
        for address in self._link_of(fault).addresses:
            if not address.link_local:
                self.host.do(
                    [_address_ops.AddressDelete(fault.netns, fault.name, address.cidr, address.detail.get("peer"))]
                )

    def _address_added(self, fault: _fault.Fault) -> None:
        self._link_of(fault)
        self.host.do([_address_ops.AddressAdd(fault.netns, fault.name, str(fault.value))])

    def _address_duplicated(self, fault: _fault.Fault) -> None:
        """Let another link have the address when the link asks for it, and answer (RFC 4862, duplicate address
        detection). Then remove it there.
        """
        cidr = str(fault.value)
        if fault.neighbour is None or ":" not in cidr:
            raise _errors.HostError(
                f"Cannot duplicate {cidr}: only IPv6 addresses are given up, and a neighbour must have it."
            )
        self._link_of(fault)
        self.host.do([_address_ops.AddressAdd(*fault.neighbour, cidr, {"nodad": True})])
        try:
            if any(address.cidr == cidr for address in self._link_of(fault).addresses):
                self.host.do([_address_ops.AddressDelete(fault.netns, fault.name, cidr)])
            self.host.do([_address_ops.AddressAdd(fault.netns, fault.name, cidr)])
            self._await(
                lambda: any(one.cidr == cidr and one.failed for one in self._link_of(fault).addresses),
                f"{cidr} of '{fault.name}' is not given up",
            )
        finally:
            self.host.do([_address_ops.AddressDelete(*fault.neighbour, cidr)])

    def _routes_lost(self, fault: _fault.Fault) -> None:
        snapshot = self.host.read(_scope.Scope(namespaces={None, fault.netns}))
        if not snapshot.has(fault.netns):
            raise _errors.HostError(f"Cannot delete the routes of '{fault.netns}': there is no such namespace.")
        for route in [
            route
            for route in snapshot.namespaces[fault.netns].routes
            if route.protocol != "kernel" and route.table != _route.LOCAL
        ]:
            self.host.do([_stack_ops.RouteDelete(fault.netns, route)])

    def _sysctl_changed(self, fault: _fault.Fault) -> None:
        self.host.do([_stack_ops.SysctlSet(fault.netns, None, fault.name, str(fault.value))])

    # --- namespaces ---

    @staticmethod
    def _living(name: str) -> str:
        path = _namespaces.path_of(name)
        if _namespaces.inode_of(path) is None:
            raise _errors.HostError(f"Cannot break namespace '{name}': there is none of that name.")
        return path

    def _netns_unmounted(self, fault: _fault.Fault) -> None:
        _libc.umount(self._living(fault.name))

    def _netns_deleted(self, fault: _fault.Fault) -> None:
        self._living(fault.name)
        descriptor = _namespaces.unname(fault.name)
        if descriptor is not None:
            os.close(descriptor)

    def _netns_replaced(self, fault: _fault.Fault) -> None:
        self._netns_deleted(fault)
        _namespaces.create(fault.name)
