# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two IPv6 addresses of one network with routes of different metrics: what the kernel takes with a change of one is
given back to the other.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import (
    _addresses,
    _message,
    _netlink,
    _route_data,
    _rtnl,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import _address, _route

INDEX = 7


def held(text: str, metric: int = 0, flags: int = 0, index: int = INDEX) -> _message.Message:
    """An address that the kernel tells of."""
    body = _message.ADDRESSES.header.pack(socket.AF_INET6, 64, flags & 0xFF, 0, index) + _netlink.attribute(
        1, ipaddress.IPv6Address(text).packed
    )
    body += _netlink.attribute(8, struct.pack("=I", flags)) + (
        _netlink.attribute(9, struct.pack("=I", metric)) if metric else b""
    )
    return _message.ADDRESSES.read(body)


def route(metric: int) -> bytes:
    """The kernel's route to fd01::/64."""
    return _route_data.encode(
        _route.Route("fd01::/64", metric=metric, device="x", protocol="kernel"), {"x": INDEX}, add=True
    )


class Kernel:
    """It has these addresses; with the first change go all routes to the network but that of metric 256."""

    def __init__(self, *addresses: _message.Message) -> None:
        self.addresses, self.routes, self.sent = addresses, [route(78), route(256)], list[t.Any]()

    def dump(self, _form: t.Any, _kind: int) -> t.Any:
        """The addresses."""
        return self.addresses

    def route_dump(self, _question: bytes, _keep: t.Any) -> list[bytes]:
        """The routes."""
        return self.routes

    def request(self, _what: str, kind: int, body: bytes, _flags: int) -> None:
        """A change."""
        self.routes = [route(256)]
        self.sent.append((kind, body))


@pytest.mark.parametrize(
    ("others", "back"),
    [
        ([held("fd01::7", 78)], [route(78)]),
        ([held("fd01::7", 78, _address.IFA_F_NOPREFIXROUTE)], []),  # it had none
        ([held("fd01::7")], []),  # of the same metric
        ([held("fd02::7", 78)], []),  # of another network
        ([held("fd01::7", 78, index=8)], []),  # of another link
        ([], []),
    ],
)
def test_the_route_of_another_address_is_given_back(
    others: list[_message.Message], back: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_rtnl, "compose", lambda *_arguments: b"")
    kernel = Kernel(*others)
    _addresses.add(t.cast("_rtnl.Rtnl", kernel), "test", INDEX, "fd01::8/64", {"nodad": True}, again=True)
    assert [kind for kind, _body in kernel.sent] == [_rtnl.RTM_NEWADDR] * 2 + [_rtnl.RTM_NEWROUTE] * len(back)
    assert [body for kind, body in kernel.sent if kind == _rtnl.RTM_NEWROUTE] == back
