# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bridge that joins a tunnel with ports of a greater MTU: their full-size packets do not fit, and nobody tells them.
TCP hides it as long as segmentation offload works; a ping with -M do -s 1472 is lost.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _encapsulation,
    _fdb,
    _mtus,
    _ops,
    _ovs_ops,
    _parents,
    _plan,
    _route,
    _snapshot,
    _ties,
    _words,
)

# Links of the kernel, and types of ports of Open vSwitch, that are tunnels: what encapsulates their frames.
TUNNELS = {**dict(zip(_encapsulation.TYPES, _encapsulation.TYPES)), "gretap": "gre", "ip6gretap": "gre"}
GRE_OPTIONS = ("key", "csum", "seq")  # RFC 2890
BY_FLOW = "flow"  # ovs-vswitchd.conf.db(5): the flow of each packet says who is meant

Place = _parents.Place


def warn(planner: _plan.Planner, switches: t.Iterable[_ties.Claim]) -> None:
    """Warn of each of these bridges whose tunnel carries less than a port sends."""
    for key in sorted(_with_tunnels(planner.now) & set(switches), key=str):
        if key[0] == "link":
            _warn(planner, str(key[2]), _of_linux(planner.now, key[1], str(key[2])))
        for target, ovs in planner.now.ovs.items() if key[0] == "ovs_row" else ():
            if target.ovsdb == key[1]:
                _warn(planner, str(key[2]), _of_ovs(planner.now, ovs, str(key[2])))


def _with_tunnels(now: _snapshot.Snapshot) -> set[_ties.Claim]:
    """The bridges that have a tunnel, by their keys (see Switch)."""
    found: set[_ties.Claim] = {
        ("link", ns, link.master)
        for ns, space in now.namespaces.items()
        for link in space.links.values()
        if link.kind in TUNNELS and link.master is not None
    }
    tunnels = {link.name for link in now.namespaces[None].links.values() if link.kind in TUNNELS}
    for target, ovs in now.ovs.items():
        ports = ovs.ports.values() if target.ovsdb.startswith("unix:") else ()
        found |= {
            ("ovs_row", target.ovsdb, port.bridge) for port in ports if port.type in TUNNELS or port.name in tunnels
        }
    return found


Found = tuple[dict[str, int], list[Place]]  # what each tunnel carries, and the links that send


def _warn(planner: _plan.Planner, bridge: str, found: Found) -> None:
    tunnels, senders = found
    if not tunnels:
        return
    tunnel = min(tunnels, key=lambda name: tunnels[name])
    least = tunnels[tunnel]
    large = [(place, mtu) for place in senders if (mtu := _mtus.mtu_of(planner.now, place)) > least]
    if large:
        names = _words.some([f"'{name}'{_ops.where(ns)} (MTU {mtu})" for (ns, name), mtu in large], between=", ")
        planner.warn(
            f"'{bridge}' joins the tunnel '{tunnel}', in which packets of at most {least} bytes fit, with {names}:"
            f" larger packets are lost. Write mtu: {least} for each of them."
        )


def _of_linux(now: _snapshot.Snapshot, ns: _snapshot.NsKey, bridge: str) -> Found:
    space = now.namespaces.get(ns)
    if space is None or bridge not in space.links:
        return {}, []
    ports = [link for link in space.links.values() if link.master == bridge]
    return _sorted(now, ns, ports, space.links[bridge])


def _of_ovs(now: _snapshot.Snapshot, ovs: _snapshot.Ovs, bridge: str) -> Found:
    mine = [port for port in ovs.ports.values() if port.bridge == bridge != port.name]
    links = [link for port in mine if port.type == "" and (link := now.link(None, port.name)) is not None]
    tunnels, senders = _sorted(now, None, links, now.link(None, bridge))
    for port in mine:
        carries = _carried(now, None, port.type, port.options, None)
        if carries is not None:
            tunnels[port.name] = carries
    devices = [_device(now, port) for port in mine if port.type == "internal"]
    return tunnels, [*senders, *(place for place in devices if place is not None)]


def _device(now: _snapshot.Snapshot, port: _snapshot.OvsPort) -> Place | None:
    """The place of an internal port's device. The MAC of one that the plan makes is not known yet."""
    named = (
        (key, port.name)
        for key, space in now.namespaces.items()
        if port.name in space.links and space.links[port.name].kind in _ovs_ops.DEVICE_KINDS
    )
    return _ovs_ops.device_of(now, port) or next(named, None)


def _sorted(
    now: _snapshot.Snapshot, ns: _snapshot.NsKey, ports: list[_snapshot.Link], bridge: _snapshot.Link | None
) -> Found:
    """Tunnels, and the links that send: a port, the other end of a veth, and the bridge itself if it has addresses."""
    tunnels: dict[str, int] = {}
    senders: list[Place] = []
    for link in ports:
        if link.kind in TUNNELS:
            own = _mtus.mtu_of(now, (ns, link.name))
            ends = {"local_ip": link.data.get("local"), "remote_ip": _remote(link)}
            carries = _carried(now, ns, link.kind, ends, _parents.parent_of(ns, link.data))
            tunnels[link.name] = own if carries is None else min(own, carries)
        far = link.peer if link.kind == "veth" and link.peer and now.link(*link.peer) else None
        senders += [(ns, link.name), *([far] if far else [])]
    if bridge is not None and any(address.lasting for address in bridge.addresses):
        senders.append((ns, bridge.name))
    return tunnels, senders


def _remote(link: _snapshot.Link) -> str | None:
    """The other end of a tunnel, or one of several."""
    ends = [link.data.get("remote"), *(one.remote for one in _fdb.of_vxlan(link) if one.is_default)]
    return next((str(end) for end in ends if end), None)


def _carried(
    now: _snapshot.Snapshot,
    ns: _snapshot.NsKey,
    kind: str,
    options: t.Mapping[str, str | None],
    parent: Place | None,
) -> int | None:
    """The largest packet that fits into a tunnel; None if the link by which it leaves is not known."""
    local, remote = (None if options.get(end) == BY_FLOW else options.get(end) for end in ("local_ip", "remote_ip"))
    if kind not in TUNNELS or not (local or remote or parent):
        return None
    below = parent or _underlay(now, ns, local, remote)
    if below is None or now.link(*below) is None:
        return None
    given = sum(options.get(name) not in (None, "false") for name in GRE_OPTIONS) if "gre" in kind else 0
    headers = _encapsulation.overhead(TUNNELS[kind], 6 if ":" in (local or remote or "") else 4)
    return _mtus.mtu_of(now, below) - headers - given * _encapsulation.GRE_OPTION


def _underlay(now: _snapshot.Snapshot, ns: _snapshot.NsKey, local: str | None, remote: str | None) -> Place | None:
    """The link that has the local address, or by which the remote one is reached."""
    space = now.namespaces[ns]
    try:
        end = ipaddress.ip_address(local or remote or "")
    except ValueError:  # somebody else's, who gave a name
        return None
    addresses = [(link.name, address.cidr) for link in space.links.values() for address in link.addresses]
    if local:
        return next(((ns, name) for name, cidr in addresses if ipaddress.ip_interface(cidr).ip == end), None)
    near = next(((ns, name) for name, cidr in addresses if end in ipaddress.ip_interface(cidr).network), None)
    if near is not None:
        return near
    defaults = space.routes.to("::/0" if end.version == 6 else "0.0.0.0/0", _route.MAIN)
    device = min(defaults, key=lambda route: route.metric).device if defaults else None
    return (ns, device) if device else None
