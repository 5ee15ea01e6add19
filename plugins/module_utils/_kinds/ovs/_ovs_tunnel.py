# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a tunnel (ovs-vswitchd.conf.db(5), "Tunnel Options"). Open vSwitch reads a key that is no number as 0,
and a truth value that is none as false, and says nothing: two tenants would be one.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import _ovs
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _encapsulation,
    _errors,
    _ops,
    _ovs_ops,
    _snapshot,
    _tunnel_ports,
    _values,
)

BY_FLOW = "flow"  # the flow of each packet says which
INHERIT = "inherit"  # that of the inner packet
ENDS = ("remote_ip", "local_ip")
KEYS = ("key", "in_key", "out_key")
BOOLEANS = ("df_default", "csum")
OCTETS = ("ttl", "tos")


def check(kind: str, options: t.Mapping[str, str], path: str) -> None:
    """Refuse values that Open vSwitch would misread."""
    for name, value in options.items():
        where = f"{path}options.{name}"
        if name in ENDS and value != BY_FLOW:
            _values.host_address(value, where)
        elif name in KEYS and value != BY_FLOW:
            _number(value, where, 0, _encapsulation.HIGHEST_NUMBER[kind], f"'{BY_FLOW}'")
        elif name == "dst_port":
            if kind not in _encapsulation.PORTS:
                raise _errors.BadInput(f"{where}: a tunnel of type {kind} has no port; leave it out.")
            _number(value, where, 1, 65535, decimal=True)
        elif name in OCTETS and value != INHERIT:
            _number(value, where, 0, 255, f"'{INHERIT}'", decimal=name == "ttl")
        elif name in BOOLEANS and value not in ("true", "false"):
            raise _errors.BadInput(f"{where}: {value!r} is neither true nor false.")
    ends = [options[end] for end in ENDS if options.get(end, BY_FLOW) != BY_FLOW]
    if len({":" in end for end in ends}) > 1:
        raise _errors.BadInput(
            f"{path}options.local_ip: '{options['local_ip']}' and the remote_ip '{options['remote_ip']}' must be of one"
            " IP family."
        )


def _number(value: str, where: str, least: int, most: int, other: str = "", *, decimal: bool = False) -> None:
    """Check a number. ``decimal``: Open vSwitch reads it by atoi(3), to which 0x64 is 0, and not by strtoull(3)."""
    number = int(value) if decimal and value.isascii() and value.isdecimal() else _encapsulation.number(value)
    if number is not None and decimal and not value.isdecimal():
        raise _errors.BadInput(f"{where}: Open vSwitch reads {value!r} as 0; write {number}.")
    if number is None or not least <= number <= most:
        raise _errors.BadInput(
            f"{where}: {value!r} is not a number from {least} to {most}{f', and not {other}' if other else ''}."
        )


def refuse_taken(
    now: _snapshot.Snapshot,
    target: _snapshot.OvsTarget,
    port: _snapshot.OvsPort | None,
    wanted: _snapshot.OvsPort,
    wish: str,
) -> None:
    """Refuse a tunnel whose packets somebody else receives. ``port``: as it is; None: there is none."""
    if wanted.type in _encapsulation.TYPES and (port is None or port.options != wanted.options):
        _refuse_twin(now.ovs[target], wanted, wish)
        if _ovs.is_local(target, now):
            _refuse_taken_port(now, now.ovs[target].bridges[wanted.bridge], wanted, wish)


def _refuse_twin(ovs: _snapshot.Ovs, wanted: _snapshot.OvsPort, wish: str) -> None:
    """Refuse a second tunnel that receives the same packets: Open vSwitch makes it, and gives it no port number."""
    ours = _received(wanted)
    others = (port for port in ovs.ports.values() if port.name != wanted.name and port.type == wanted.type)
    twin = next((port for port in others if _received(port) == ours), None)
    if twin is not None:
        raise _errors.Conflict(
            f"Cannot {wish}: '{twin.name}' of OVS bridge '{twin.bridge}' is a {twin.type} tunnel with the same ends and"
            " key, and Open vSwitch could not tell whose a packet is. Give another key, or remove that port first."
        )


def _refuse_taken_port(
    now: _snapshot.Snapshot, bridge: _snapshot.OvsBridge, wanted: _snapshot.OvsPort, wish: str
) -> None:
    """Refuse a UDP port at which a vxlan of the kernel receives. The kernel's datapath cannot have it, too; the
    userspace datapath takes all that comes to the same address.
    """
    udp = wanted.options.get("dst_port") or _encapsulation.PORTS.get(wanted.type)
    in_kernel = _ovs_ops.device_kind(bridge) == "openvswitch"
    for ns, link in _tunnel_ports.vxlans(now, None, int(udp)) if udp else ():
        if in_kernel or link.data.get("local") == wanted.options.get("local_ip", ""):
            raise _errors.Conflict(
                f"Cannot {wish}: the vxlan '{link.name}'{_ops.where(ns)} receives at UDP port {udp}, which Open vSwitch"
                " has to have for itself. Give another dst_port, on all hosts that this tunnel joins, or take that link"
                " away."
            )


def _received(port: _snapshot.OvsPort) -> tuple[str, ...]:
    """What distinguishes the packets of a tunnel."""
    options = port.options
    key = options.get("in_key", options.get("key", "0"))
    udp = options.get("dst_port", str(_encapsulation.PORTS.get(port.type, "")))
    numbers = ((text, _encapsulation.number(text)) for text in (key, udp))  # 0x64 is 100
    ends = (options.get("remote_ip", ""), options.get("local_ip", ""))
    return (*ends, *(text if number is None else str(number) for text, number in numbers))
