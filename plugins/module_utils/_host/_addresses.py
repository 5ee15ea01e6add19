# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RTM_NEWADDR and RTM_DELADDR: addresses come, change and go (rtnetlink(7), linux/if_addr.h)."""

from __future__ import annotations

import socket
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _address_data, _netlink, _route_data, _rtnl


def add(rtnl: _rtnl.Rtnl, what: str, index: int, cidr: str, detail: t.Mapping[str, t.Any], again: bool = False) -> None:  # noqa: PLR0917
    """``detail`` and ``again`` as in AddressAdd, but with the whole label."""
    flags = detail.get("flags", 0)
    first = flags | (_address_data.IFA_F_NODAD if detail.get("nodad") else 0)
    begin = _rtnl.REPLACE if again else _rtnl.CREATE
    for now, kind in ((first, begin), (flags, _rtnl.REPLACE)) if first != flags else ((flags, begin),):
        # The second time NODAD goes again: it is about now, and not about the next time the link comes up.
        more = [["IFA_FLAGS", now]] if now or kind == _rtnl.REPLACE else []
        rtnl.request(what, _rtnl.RTM_NEWADDR, _body(index, cidr, detail, now, [*_address_data.encode(detail), *more]) + _numbers(detail), kind)


def delete(rtnl: _rtnl.Rtnl, what: str, index: int, cidr: str, peer: str | None) -> None:
    """Of two that differ by their peers only the one that is meant."""
    rtnl.request(what, _rtnl.RTM_DELADDR, _body(index, cidr, {"peer": peer} if peer else {}, 0, []), _rtnl.CHANGE)


def _body(index: int, cidr: str, detail: t.Mapping[str, t.Any], flags: int, more: list[list[t.Any]]) -> bytes:
    text, prefix = cidr.split("/")
    # The kernel takes a loopback address with no other scope.
    scope = detail.get("scope", _route_data.SCOPES["host"] if text.startswith("127.") else 0)
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    fields = {"family": family, "prefixlen": int(prefix), "index": index, "scope": scope, "flags": flags & 0xFF}
    return _rtnl.compose("ifaddrmsg", fields, [["IFA_LOCAL", text], ["IFA_ADDRESS", detail.get("peer", text)], *more])


def _numbers(detail: t.Mapping[str, t.Any]) -> bytes:
    """What older releases of pyroute2 have no name for."""
    metric, protocol = (detail.get(name) for name in ("metric", "protocol"))
    found = _netlink.attribute(_address_data.IFA_RT_PRIORITY, struct.pack("=I", metric)) if metric else b""
    return found + (_netlink.attribute(_address_data.IFA_PROTO, struct.pack("=B", protocol)) if protocol else b"")
