# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RTM_NEWADDR and RTM_DELADDR: add, change and delete addresses (rtnetlink(7), linux/if_addr.h)."""

from __future__ import annotations

import contextlib
import socket
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import (
    _address_data,
    _message,
    _netlink,
    _route_data,
    _route_reader,
    _rtnl,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import _address, _route

IP6_RT_PRIO_ADDRCONF = 256
LINK = "the link"  # whatever its name is


def add(  # noqa: PLR0917
    rtnl: _rtnl.Rtnl, what: str, index: int, cidr: str, detail: t.Mapping[str, t.Any], again: bool = False
) -> None:
    """Add an address. ``detail`` and ``again`` are as in AddressAdd, but with the whole label."""
    flags = detail.get("flags", 0)
    first = flags | (_address_data.IFA_F_NODAD if detail.get("nodad") else 0)
    begin = _rtnl.REPLACE if again else _rtnl.CREATE
    with (
        _routes_of_others_kept(rtnl, what, index, cidr, detail)
        if ":" in cidr and (again or first != flags)
        else contextlib.nullcontext()
    ):
        for now, kind in ((first, begin), (flags, _rtnl.REPLACE)) if first != flags else ((flags, begin),):
            # The second time NODAD goes again: it is about now, and not about the next time the link comes up.
            more = [["IFA_FLAGS", now]] if now or kind == _rtnl.REPLACE else []
            rtnl.request(
                what,
                _rtnl.RTM_NEWADDR,
                _body(index, cidr, detail, now, [*_address_data.encode(detail), *more]) + _numbers(detail),
                kind,
            )


@contextlib.contextmanager
def _routes_of_others_kept(
    rtnl: _rtnl.Rtnl, what: str, index: int, cidr: str, detail: t.Mapping[str, t.Any]
) -> t.Iterator[None]:
    """Keep the routes of other addresses. A change of an IPv6 address drops the first route to its network, if its
    metric differs (modify_prefix_route()).
    """
    network, own = _address.network_of(cidr), detail.get("metric") or IP6_RT_PRIO_ADDRCONF
    metrics = _metrics_to(rtnl, index, network) - {own}
    before = _connected(rtnl, index, network) if metrics else {}
    yield
    after = _connected(rtnl, index, network) if before else {}
    for metric in sorted(metrics & set(before) - set(after)):
        rtnl.request(
            what, _rtnl.RTM_NEWROUTE, _route_data.encode(before[metric], {LINK: index}, add=True), _rtnl.LIKE_BEFORE
        )


def _metrics_to(rtnl: _rtnl.Rtnl, index: int, network: str) -> set[int]:
    """The metrics of the routes that addresses of a link have to a network."""
    found = set()
    for message in rtnl.dump(_message.ADDRESSES, _rtnl.RTM_GETADDR):
        bare = (message.get_attr("IFA_FLAGS") or message["flags"]) & _address.IFA_F_NOPREFIXROUTE
        if (message["index"], message["family"]) == (index, socket.AF_INET6) and not bare:
            text = message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS")
            if _address.network_of(f"{text}/{message['prefixlen']}") == network:
                found.add(message.get_attr("IFA_RT_PRIORITY") or IP6_RT_PRIO_ADDRCONF)
    return found


def _connected(rtnl: _rtnl.Rtnl, index: int, network: str) -> dict[int, _route.Route]:
    """The kernel's routes to a network by a link: metric -> route."""
    routes = (_route_data.decode(body, {index: LINK}) for body in rtnl.route_dump(_route_reader.of_kernel(index), None))
    return {
        route.metric: route
        for route in routes
        if (route.destination, route.device, route.type, route.protocol) == (network, LINK, "unicast", "kernel")
    }


def delete(rtnl: _rtnl.Rtnl, what: str, index: int, cidr: str, peer: str | None) -> None:
    """Delete an address. Of two that differ only by their peers, delete the one that is meant."""
    rtnl.request(what, _rtnl.RTM_DELADDR, _body(index, cidr, {"peer": peer} if peer else {}, 0, []), _rtnl.CHANGE)


def _body(index: int, cidr: str, detail: t.Mapping[str, t.Any], flags: int, more: list[list[t.Any]]) -> bytes:
    text, prefix = cidr.split("/")
    # The kernel takes a loopback address with no other scope.
    scope = detail.get("scope", _route_data.SCOPES["host"] if text.startswith("127.") else 0)
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    fields = {"family": family, "prefixlen": int(prefix), "index": index, "scope": scope, "flags": flags & 0xFF}
    return _rtnl.compose("ifaddrmsg", fields, [["IFA_LOCAL", text], ["IFA_ADDRESS", detail.get("peer", text)], *more])


def _numbers(detail: t.Mapping[str, t.Any]) -> bytes:
    """Attributes for which older releases of pyroute2 have no name."""
    metric, protocol = (detail.get(name) for name in ("metric", "protocol"))
    found = _netlink.attribute(_address_data.IFA_RT_PRIORITY, struct.pack("=I", metric)) if metric else b""
    return found + (_netlink.attribute(_address_data.IFA_PROTO, struct.pack("=B", protocol)) if protocol else b"")
