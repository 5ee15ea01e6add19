# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proofs over several hosts as data: where a host listens for the others, and from where it sends frames to them."""

from __future__ import annotations

import hashlib
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _snapshot, _values

Given = t.Mapping[str, t.Any]
WITH_PORTS = ("tcp", "udp")
PROTOCOLS = (*WITH_PORTS, "ethernet")
MOST_PORT = 65_535
LISTENERS: dict[str, t.Any] = {
    "netns": {"type": "str"},
    "interface": {"type": "str", "required": True},
    "protocols": {"type": "list", "elements": "str", "choices": list(PROTOCOLS), "default": list(PROTOCOLS)},
    "tcp_ports": {"type": "list", "elements": "int"},
    "udp_ports": {"type": "list", "elements": "int"},
}
FRAMES: dict[str, t.Any] = {
    "from": {"type": "str"},
    "interface": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "address": {"type": "str"},
}
MOST_LISTENERS = 10_000
LEAST_SECONDS, MOST_SECONDS = 1, 3600
MARK_BYTES = 16
MOST_NAME = 200  # bytes: with the mark, a frame fits through every link
RUN = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{7,63}")
FORMATS = "give 8 to 64 letters, digits, '-' or '_', the same on all hosts and new for each run"


class Ear(t.NamedTuple):
    """An interface at which the module listens. ``ports``: (protocol, port), beside a free port of each protocol."""

    ns: _snapshot.NsKey
    interface: str
    protocols: tuple[str, ...]
    ports: tuple[tuple[str, int], ...] = ()


class Frame(t.NamedTuple):
    """A frame to all on the link of an interface. Who hears it reports its name. ``address``: of IPv4, that it
    announces by ARP; None: it is of a type of its own.
    """

    ns: _snapshot.NsKey
    interface: str
    name: str
    address: str | None = None


def mark_of(run: str | None) -> bytes:
    """How frames and datagrams of a run begin. Without a run, nothing that anybody knows."""
    return hashlib.sha256(run.encode()).digest()[:MARK_BYTES] if run else b""


def checked_run(run: str | None, needed_by: str | None) -> None:
    """Check the name of a run. Raises BadInput."""
    if run is None and needed_by:
        raise _errors.BadInput(f"run: is missing; {needed_by} needs the name of the run: {FORMATS}.")
    if run is not None and not RUN.fullmatch(run):
        raise _errors.BadInput(f"run: {run!r} is not possible; {FORMATS}.")


def ears(given: t.Sequence[Given]) -> list[Ear]:
    """Read the option ``listeners``. Raises BadInput."""
    if len(given) > MOST_LISTENERS:
        raise _errors.BadInput(f"listeners: {len(given)} are too many for one run; at most {MOST_LISTENERS} are.")
    found: dict[tuple[_snapshot.NsKey, str], str] = {}
    result = []
    for index, one in enumerate(given):
        path = f"listeners[{index}]"
        place = _place(one.get("netns"), one["interface"], path, "netns")
        if place in found:
            raise _errors.BadInput(f"{path}: is the same interface as {found[place]}; name each once.")
        if not one["protocols"]:
            raise _errors.BadInput(f"{path}.protocols: is empty; give at least one of {', '.join(PROTOCOLS)}.")
        found[place] = path
        result.append(Ear(*place, tuple(one["protocols"]), tuple(_ports(one, path))))
    return result


def _ports(one: Given, path: str) -> t.Iterator[tuple[str, int]]:
    for protocol in WITH_PORTS:
        key = f"{protocol}_ports"
        for index, port in enumerate(one.get(key) or ()):
            here = f"{path}.{key}[{index}]"
            _values.number(port, here, 1, MOST_PORT)
            if protocol not in one["protocols"]:
                raise _errors.BadInput(f"{here}: needs {protocol} among the protocols of this listener.")
            yield protocol, port


def frames(given: t.Sequence[Given]) -> list[Frame]:
    """Read the option ``frames``. Raises BadInput."""
    result = []
    for index, one in enumerate(given):
        path, name = f"frames[{index}]", one["name"]
        if not name or len(name.encode("utf-8", "surrogateescape")) > MOST_NAME:
            raise _errors.BadInput(f"{path}.name: must have 1 to {MOST_NAME} bytes.")
        address = None if one.get("address") is None else _announced(one["address"], f"{path}.address")
        result.append(Frame(*_place(one.get("from"), one["interface"], path, "from"), name, address))
    return result


def _announced(value: str, path: str) -> str:
    found = _values.host_address(value, path)
    if found.version != 4:
        raise _errors.BadInput(f"{path}: {found} is not of IPv4, and ARP announces no other one; leave it out.")
    return str(found)


def _place(ns: str | None, interface: str, path: str, key: str) -> tuple[_snapshot.NsKey, str]:
    if ns is not None:
        _values.netns_name(ns, f"{path}.{key}")
    return ns, _values.link_name(interface, f"{path}.interface")


def problem(snapshot: _snapshot.Snapshot, ns: _snapshot.NsKey, interface: str) -> str:
    """Why nobody can listen or send there, or an empty string."""
    if not snapshot.has(ns):
        return f"there is no namespace '{ns}'"
    link = snapshot.namespaces[ns].links.get(interface)
    where = f"namespace '{ns}'" if ns else "the host"
    if link is None:
        return f"{where} has no interface '{interface}'"
    return "" if link.up else f"'{interface}' of {where} is down"
