# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Breaks programs on purpose, and what they keep: dnsmasq, DHCP clients and Open vSwitch."""

from __future__ import annotations

import os
import signal
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _host
from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _dhcp_programs
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovn_rows
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _proof
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _daemon_ops,
    _errors,
    _fault,
    _ovn,
    _ovn_ops,
    _ovs_ops,
    _scope,
    _snapshot,
)

OVS = _snapshot.OvsTarget()
NOBODY = "192.0.2.254"  # an address that no host has (RFC 5737)
PATIENCE = 5.0  # seconds for what needs its time: an address that fails, ovs-vswitchd that comes back
LEASE = """\
lease {{
  interface "{interface}";
  fixed-address 192.0.2.77;
  option subnet-mask 255.255.255.0;
  option dhcp-lease-time 86400;
  option dhcp-server-identifier 192.0.2.1;
  renew 4 2038/01/14 00:00:00;
  rebind 4 2038/01/14 00:00:00;
  expire 4 2038/01/14 00:00:00;
}}
"""


class ProgramBreaker:
    """The faults of programs, with one method for each sort of fault."""

    def __init__(self, host: _host.Host) -> None:
        self.host = host

    # --- daemons ---

    def _daemon(self, key: str, what: str) -> _snapshot.Daemon:
        daemon = self.host.read(_scope.Scope(every_namespace=True, daemons={key})).daemons.get(key)
        if daemon is None or not daemon.alive or daemon.pid is None:
            raise _errors.HostError(f"Cannot kill {what}: it does not run.")
        return daemon

    def _kill(self, key: str, what: str) -> _snapshot.Daemon:
        daemon = self._daemon(key, what)
        for pid in daemon.pids or (daemon.pid or 0,):
            proof = _proof.proof_of(pid)
            if proof is not None:
                _proof.send(proof, signal.SIGKILL)
                _proof.gone(proof, PATIENCE)
        return daemon

    def _dnsmasq_killed(self, fault: _fault.Fault) -> None:
        self._kill(f"dnsmasq/{fault.name}", f"dnsmasq '{fault.name}'")

    def _dnsmasq_pid_reused(self, fault: _fault.Fault) -> None:
        self._dnsmasq_killed(fault)
        _files.write(_daemon_ops.dnsmasq_file(fault.name, "pid"), "1\n")

    def _dnsmasq_edited(self, fault: _fault.Fault) -> None:
        path = _daemon_ops.dnsmasq_file(fault.name, "dnsmasq.conf")
        text = _files.read(path)
        if text is None:
            raise _errors.HostError(f"Cannot edit the configuration of dnsmasq '{fault.name}': there is none.")
        _files.write(path, f"{text}# edited by hand\n")

    def _dhcp_client_killed(self, fault: _fault.Fault) -> None:
        self._kill(_daemon_ops.dhcp_client_key(fault.netns, fault.name), f"the DHCP client of '{fault.name}'")

    def _dhcp_lease_stale(self, fault: _fault.Fault) -> None:
        """Write a lease file as an earlier boot leaves it: a lease of another network, by a server that is gone, and
        still valid.
        """
        key = _daemon_ops.dhcp_client_key(fault.netns, fault.name)
        if self._daemon(key, f"the DHCP client of '{fault.name}'").kind != "dhclient":
            raise _errors.HostError("Cannot make a lease file stale: only dhclient's files are known.")
        self._dhcp_client_killed(fault)
        _files.write(_dhcp_programs.Place(fault.netns, fault.name).dhclient_leases, LEASE.format(interface=fault.name))

    # --- Open vSwitch ---

    def _ovs(self) -> _snapshot.Ovs:
        ovs = self.host.read(_scope.Scope(ovs={OVS})).ovs[OVS]
        if ovs.unreachable:
            raise _errors.HostError(f"Cannot break Open vSwitch: {ovs.unreachable}")
        return ovs

    def _port(self, name: str) -> None:
        if name not in self._ovs().ports:
            raise _errors.HostError(f"Cannot break OVS port '{name}': there is no such port.")

    def _ovs_port_deleted(self, fault: _fault.Fault) -> None:
        self._port(fault.name)
        self.host.do([_ovs_ops.OvsPortDelete(OVS, fault.name)])

    def _ovs_port_tag(self, fault: _fault.Fault) -> None:
        self._port(fault.name)
        self.host.do([_ovs_ops.OvsPortSet(OVS, fault.name, {"tag": int(fault.value or 4000)})])

    def _ovs_port_unprotected(self, fault: _fault.Fault) -> None:
        self._port(fault.name)
        self.host.do([_ovs_ops.OvsPortSet(OVS, fault.name, {"protected": False})])

    def _ovs_port_iface_id_lost(self, fault: _fault.Fault) -> None:
        self._port(fault.name)
        if self._ovs().ports[fault.name].iface_id is None:
            raise _errors.HostError(f"Cannot break OVS port '{fault.name}': it has no iface-id.")
        self.host.do([_ovs_ops.OvsPortSet(OVS, fault.name, {"iface_id": None})])

    def _ovs_bridge_deleted(self, fault: _fault.Fault) -> None:
        if fault.name not in self._ovs().bridges:
            raise _errors.HostError(f"Cannot break OVS bridge '{fault.name}': there is no such bridge.")
        self.host.do([_ovs_ops.OvsBridgeDelete(OVS, fault.name)])

    def _ovs_vswitchd_crashed(self, _fault: _fault.Fault) -> None:
        """Send the signal of a bad access. The monitor restarts it, as ovs-vswitchd(8) says of --monitor. A confirmed
        write shows that it is back.
        """
        bridges = sorted(self._ovs().bridges)
        pids = [pid for pid in _namespaces.pids() if _is_switch(pid)]
        if not pids:
            raise _errors.HostError("Cannot let ovs-vswitchd crash: it does not run.")
        for pid in pids:
            os.kill(pid, signal.SIGSEGV)
        self._await(lambda: self._new_switch(pids), "ovs-vswitchd does not come back")
        if bridges:
            self.host.do([_ovs_ops.OvsBridgeSet(OVS, bridges[0], {})])

    # --- OVN ---

    def _ovn_encap_changed(self, fault: _fault.Fault) -> None:
        if not self._ovs().external_ids.get(_ovn.ENCAP_IP):
            raise _errors.HostError("Cannot break OVN on this host: nothing says where its tunnels end.")
        self.host.do([_ovn_ops.ExternalIdsSet(OVS, {_ovn.ENCAP_IP: fault.value or NOBODY})])

    @staticmethod
    def _ovn_row_deleted(fault: _fault.Fault) -> None:
        _ovn_rows.delete(str(fault.value), fault.name)

    @staticmethod
    def _new_switch(old: t.Collection[int]) -> bool:
        return any(_is_switch(pid) for pid in _namespaces.pids() if pid not in old)

    @staticmethod
    def _await(holds: t.Callable[[], bool], complaint: str) -> None:
        until = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > until:
                raise _errors.HostError(f"The fault did not come about: {complaint}.")
            time.sleep(0.05)


def _is_switch(pid: int) -> bool:
    """Whether the process is a working ovs-vswitchd of this network namespace, and not its monitor."""
    proof = _proof.proof_of(pid)
    if proof is None or proof.inode != _namespaces.inode_of("/proc/self/ns/net"):
        return False
    return os.path.basename(proof.command[0] if proof.command else "") == "ovs-vswitchd"
