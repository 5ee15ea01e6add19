# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a tunnel (ovs-vswitchd.conf.db(5), "Tunnel Options"). Open vSwitch reads a key that is no number as 0,
and a truth value that is none as false, and says nothing: two tenants would be one.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation, _errors, _snapshot, _values

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


def refuse_twin(ovs: _snapshot.Ovs, name: str, kind: str, options: t.Mapping[str, str] | None, wish: str) -> None:
    """Refuse a second tunnel that receives the same packets: Open vSwitch makes it, and gives it no port number."""
    if kind not in _encapsulation.TYPES:
        return
    ours = _received(kind, options or {})
    others = (port for port in ovs.ports.values() if port.name != name and port.type == kind)
    twin = next((port for port in others if _received(kind, port.options) == ours), None)
    if twin is not None:
        raise _errors.Conflict(
            f"Cannot {wish}: '{twin.name}' of OVS bridge '{twin.bridge}' is a {kind} tunnel with the same ends and key,"
            " and Open vSwitch could not tell whose a packet is. Give another key, or remove that port first."
        )


def _received(kind: str, options: t.Mapping[str, str]) -> tuple[str, ...]:
    """What distinguishes the packets of a tunnel."""
    key = options.get("in_key", options.get("key", "0"))
    port = options.get("dst_port", str(_encapsulation.PORTS.get(kind, "")))
    numbers = ((text, _encapsulation.number(text)) for text in (key, port))  # 0x64 is 100
    ends = (options.get("remote_ip", ""), options.get("local_ip", ""))
    return (*ends, *(text if number is None else str(number) for text, number in numbers))
