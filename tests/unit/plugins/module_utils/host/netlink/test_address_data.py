# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What RTM_NEWADDR says of an address, and that the same goes back to the kernel."""

from __future__ import annotations

import ipaddress
import socket
import struct
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import (
    _address_data,
    _addresses,
    _message,
    _netlink,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._address import FOREVER, Address

pytest.importorskip("pyroute2", reason="composes the requests; the units of the newest Python have it")
PERMANENT, DEPRECATED, STABLE_PRIVACY = 0x80, 0x20, 0x800


def answer(
    cidr: str, flags: int = PERMANENT, scope: int = 0, lifetimes: tuple[int, int] = (FOREVER, FOREVER), **numbers: bytes
) -> _message.Message:
    """A message of the kernel, byte by byte."""
    address = ipaddress.ip_interface(cidr)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    body = _message.ADDRESSES.header.pack(family, address.network.prefixlen, flags & 0xFF, scope, 7)
    attributes = {
        1: address.ip.packed,
        2: address.ip.packed,
        6: struct.pack("=IIII", *lifetimes, 0, 0),
        8: struct.pack("=I", flags),
    }
    attributes.update({int(number[1:]): value for number, value in numbers.items()})
    return _message.ADDRESSES.read(
        body + b"".join(_netlink.attribute(number, value) for number, value in attributes.items())
    )


def decoded(*arguments: t.Any, told: bool = True, **more: t.Any) -> Address:
    """The address of such a message."""
    return _address_data.decode(answer(*arguments, **more), "eth0", told)


@pytest.mark.parametrize("written", ["::ffff:0:0/96", "::10.0.0.1/96", "::1:2/64", "fd00::a00:1/64"])
def test_what_is_read_has_the_form_of_what_is_declared(written: str) -> None:
    declared = ipaddress.ip_interface(written)
    assert decoded(written).cidr == f"{declared.ip}/{declared.network.prefixlen}"


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        ({}, {}),
        ({"_9": struct.pack("=I", 100), "_11": b"\3"}, {"metric": 100, "protocol": 3}),
        ({"flags": PERMANENT | DEPRECATED}, {"lifetimes": (0, FOREVER)}),
        ({"lifetimes": (0, FOREVER)}, {"lifetimes": (0, FOREVER)}),
        ({"flags": 0, "lifetimes": (100, 200)}, {"lifetimes": (100, 200)}),
        ({"flags": PERMANENT | 0x610}, {"flags": 0x610}),
        ({"scope": 253}, {"scope": 253}),
        ({"_3": b"eth0:x\0", "_4": bytes([10, 0, 0, 255])}, {"label": ":x", "broadcast": "10.0.0.255"}),
        ({"_1": bytes([10, 0, 9, 9])}, {"peer": "10.0.9.9"}),
    ],
)
def test_nothing_is_lost_on_the_way_there_and_back(message: dict[str, t.Any], detail: dict[str, t.Any]) -> None:
    found = decoded("10.0.0.1/24", **message)
    assert found.detail == detail
    sent: list[bytes] = []
    whole = {**detail, **({"label": "eth0" + detail["label"]} if "label" in detail else {})}
    _addresses.add(Recorder(sent), "add it", 7, "10.0.0.1/24", whole)  # type: ignore[arg-type]
    assert len(sent) == 1
    assert _address_data.decode(_message.ADDRESSES.read(sent[0]), "eth0").detail == detail


class Recorder:
    """A socket that keeps what is sent."""

    def __init__(self, sent: list[bytes]) -> None:
        self.sent = sent

    def request(self, _what: str, _kind: int, body: bytes, _flags: int) -> None:
        """As Rtnl.request."""
        self.sent.append(body)


@pytest.mark.parametrize(
    ("cidr", "told", "more", "own"),
    [
        ("fe80::5054:ff:fe00:1/64", True, {"_11": b"\3"}, True),
        ("fe80::5054:ff:fe00:1/64", True, {}, False),  # this kernel would say so
        ("fe80::5054:ff:fe00:1/64", False, {}, True),
        ("fe80::1/64", False, {}, False),
        ("fe80::1/64", False, {"flags": PERMANENT | STABLE_PRIVACY}, True),
        ("127.0.0.1/8", False, {}, True),
        ("::1/128", True, {}, True),
        ("10.0.0.1/24", True, {}, False),
    ],
)
def test_what_the_kernel_made_by_itself(cidr: str, told: bool, more: dict[str, t.Any], own: bool) -> None:
    assert decoded(cidr, told=told, **more).link_local is own


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Address("fd00::1/64"), Address("fd00::1/128"), True),
        (Address("10.0.0.1/24"), Address("10.0.0.1/16"), False),
        (Address("10.0.0.1/24"), Address("10.0.0.1/24", detail={"peer": "10.0.0.9"}), True),  # of the same network
        (
            Address("10.0.0.1/32", detail={"peer": "10.0.0.2"}),
            Address("10.0.0.1/32", detail={"peer": "10.0.0.3"}),
            False,
        ),
    ],
)
def test_the_kernels_key(one: Address, other: Address, same: bool) -> None:
    assert (one.key == other.key) is same
