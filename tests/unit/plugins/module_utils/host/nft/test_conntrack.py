# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracked connections as the kernel tells them, in bytes: which are asked for, how they are read, and how they are
forgotten.
"""

from __future__ import annotations

import errno
import ipaddress
import struct

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink
from ansible_collections.netloom.linux.plugins.module_utils._host.nft import _conntrack, _nfnetlink
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _flows, _nat_ops

ICMP, TCP, UDP, GRE, ESP = 1, 6, 17, 47, 50
NESTED = 0x8000


def nested(kind, *parts):
    return _netlink.attribute(kind | NESTED, b"".join(parts))


def way(kind, source, destination, protocol, *more, turned=False):
    """A tuple of an entry. ``turned``: another kernel, with another order of attributes."""
    first = 3 if ":" in source else 1
    addresses = [
        _netlink.attribute(first + index, ipaddress.ip_address(one).packed)
        for index, one in enumerate((source, destination))
    ]
    return nested(
        kind,
        nested(1, *(addresses[::-1] if turned else addresses)),
        nested(2, _netlink.attribute(1, bytes([protocol])), *more),
    )


def ports(source, destination):
    return [_netlink.attribute(kind, struct.pack("!H", port)) for kind, port in ((2, source), (3, destination))]


def echo(number):
    """linux/netfilter/nfnetlink_conntrack.h: CTA_PROTO_ICMP_ID, TYPE, CODE."""
    return [
        _netlink.attribute(4, struct.pack("!H", number)),
        _netlink.attribute(5, b"\x08"),
        _netlink.attribute(6, b"\0"),
    ]


def entry(*ends, protocol=UDP, more=(), back=None, turned=False, replied=True):
    source, destination, seen_as, answers = ends
    there = way(1, source, destination, protocol, *more, turned=turned)
    answer = way(2, answers, seen_as, protocol, *(more if back is None else back))
    status = _netlink.attribute(3, struct.pack("!I", 0x188 | (2 if replied else 0)))
    return _nfnetlink.head(10 if ":" in source else 2) + there + answer + status + _netlink.attribute(12, b"\0\1\2\3")


class Kernel:
    """Tells these entries, and keeps what it was asked and told."""

    def __init__(self, monkeypatch, *entries, refuses=()):
        self.entries, self.refuses, self.asked, self.sent, self.complaints = entries, list(refuses), [], [], []
        monkeypatch.setattr(_nfnetlink, "opened", lambda ns: self)
        monkeypatch.setattr(_netlink, "stream", self._stream)
        monkeypatch.setattr(_netlink, "complaints", lambda sock: self.complaints)

    def _stream(self, sock, kind, body, holding=(b"",)):
        self.asked.append(body)
        if self.refuses:
            raise OSError(self.refuses.pop(0), "refused")
        yield from self.entries

    def send(self, data):
        at = 0
        while at < len(data):
            length, kind = _netlink.HEADER.unpack_from(data, at)[:2]
            self.sent.append((kind, data[at + _netlink.HEADER.size : at + length]))
            at += length

    def close(self):
        pass


def flow(body):
    return _conntrack._flow(_netlink.attributes(body[_nfnetlink.HEAD :]), 6 if body[0] == 10 else 4)


def test_an_entry_is_read():
    body = entry("192.0.2.1", "198.51.100.9", "192.0.2.1", "10.0.0.2", more=ports(5000, 5353), back=ports(53, 5000))
    assert flow(body) == _flows.Flow("192.0.2.1", "198.51.100.9", "192.0.2.1", "10.0.0.2", True, "udp", 5353, 53)
    body = entry(
        "2001:db8::1", "2001:db8::9", "2001:db8::1", "fd00::2", protocol=TCP, more=ports(5000, 80), replied=False
    )
    assert flow(body) == _flows.Flow("2001:db8::1", "2001:db8::9", "2001:db8::1", "fd00::2", False, "tcp", 80, 5000)


def test_addresses_have_the_form_in_which_options_are_read():
    """glibc writes the end of these as an IPv4 address."""
    flow = _conntrack._flow(
        _netlink.attributes(
            entry("::10.0.0.1", "::10.0.0.9", "::10.0.0.1", "::10.0.0.9", protocol=ICMP, more=echo(7))[4:]
        ),
        6,
    )
    assert flow.source == str(ipaddress.ip_address("::10.0.0.1")) == "::a00:1"


PORTLESS = [(ICMP, echo(7)), (GRE, ports(0, 0)), (ESP, [])]
ENDED = _nat_ops.TranslatedDrop(
    None, ("the end",), gone=(_flows.Leaving("10.0.0.12", ("30.0.0.10",), True),), led=(("30.0.0.10", None),)
)


@pytest.mark.parametrize(("protocol", "more"), PORTLESS)
def test_a_connection_without_ports_ends_with_its_floating_address(monkeypatch, protocol, more):
    """A floating address is for all protocols: what the kernel told is the tuple by which it forgets."""
    inwards = entry("30.0.0.1", "30.0.0.10", "30.0.0.1", "10.0.0.12", protocol=protocol, more=more)
    outwards = entry("10.0.0.12", "30.0.0.1", "30.0.0.10", "30.0.0.1", protocol=protocol, more=more)
    others = entry("30.0.0.1", "30.0.0.11", "30.0.0.1", "10.0.0.13", protocol=protocol, more=more)
    kernel = Kernel(monkeypatch, inwards, outwards, others)
    _conntrack.drop(ENDED)
    number = _netlink.attribute(12, b"\0\1\2\3")
    expected = [
        _nfnetlink.head(2) + way(1, *ends, protocol, *more) + number
        for ends in (("30.0.0.1", "30.0.0.10"), ("10.0.0.12", "30.0.0.1"))
    ]
    assert {kind for kind, _body in kernel.sent} == {_conntrack.DELETE}
    assert {body for _kind, body in kernel.sent} == set(expected)


def test_the_kernel_compares_what_it_can(monkeypatch):
    kernel = Kernel(monkeypatch)
    _conntrack.drop(ENDED)
    flags = [nested(25, _netlink.attribute(1, struct.pack("=I", flag))) for flag in (1, 2)]
    assert kernel.asked == [
        _nfnetlink.head(2) + nested(1, nested(1, _netlink.attribute(1, b"\x0a\0\0\x0c"))) + flags[0],
        _nfnetlink.head(2) + nested(1, nested(1, _netlink.attribute(2, b"\x1e\0\0\x0a"))) + flags[1],
    ]
    kernel.asked.clear()
    _conntrack.drop(_nat_ops.FlowsDrop(None, "udp", None, 53, ("10.0.0.2", 53), None))
    port = nested(1, nested(2, _netlink.attribute(1, bytes([UDP])), _netlink.attribute(3, struct.pack("!H", 53))))
    assert kernel.asked == [_nfnetlink.head(2) + port + nested(25, _netlink.attribute(1, struct.pack("=I", 8 | 32)))]


def test_an_older_kernel_is_asked_for_all(monkeypatch):
    stale = entry("10.0.0.12", "30.0.0.1", "30.0.0.10", "30.0.0.1", protocol=ICMP, more=echo(7))
    kernel = Kernel(monkeypatch, stale, refuses=[errno.EINVAL])
    _conntrack.drop(ENDED)
    assert (kernel.asked[1], len(kernel.sent) > 0) == (_nfnetlink.head(2), True)


@pytest.mark.parametrize("turned", [False, True])
def test_of_a_network_each_is_looked_at_only_as_far_as_its_addresses(monkeypatch, turned):
    read = []
    monkeypatch.setattr(
        _conntrack,
        "_flow",
        lambda found, version: read.append(found) or _flows.Flow("10.0.0.1", "8.8.8.8", "10.0.0.1", "8.8.8.8"),
    )
    inside, outside = (
        entry(one, "8.8.8.8", one, "8.8.8.8", more=ports(1, 2), turned=turned) for one in ("10.0.0.1", "10.1.0.1")
    )
    kernel = Kernel(monkeypatch, inside, outside)
    come = (_flows.Leaving("10.0.0.0/24", ("192.0.2.1",), True),)
    _conntrack.drop(_nat_ops.TranslatedDrop(None, ("masquerade",), come=come, kept=come))
    assert (len(read), len(kernel.sent), kernel.asked) == (1, 1, [_nfnetlink.head(2)])


def test_one_that_ended_meanwhile_is_no_error_and_a_refusal_is(monkeypatch):
    kernel = Kernel(monkeypatch, entry("10.0.0.12", "30.0.0.1", "30.0.0.10", "30.0.0.1", protocol=ICMP, more=echo(7)))
    kernel.complaints = [errno.ENOENT]
    _conntrack.drop(ENDED)
    kernel.complaints = [errno.EPERM]
    with pytest.raises(
        _errors.HostError, match="Cannot drop tracked connections that contradict the end: Operation not permitted"
    ):
        _conntrack.drop(ENDED)


def test_connections_that_cannot_be_read_are_not_none(monkeypatch):
    Kernel(monkeypatch, refuses=[errno.EINVAL, errno.EINVAL])
    with pytest.raises(_errors.HostError, match="Cannot drop tracked connections that contradict the end: refused"):
        _conntrack.drop(ENDED)


def test_networks_share_a_dump(monkeypatch):
    kernel = Kernel(
        monkeypatch,
        *(entry(one, "8.8.8.8", one, "8.8.8.8", more=ports(1, 2)) for one in ("10.0.0.1", "10.1.0.1", "10.2.0.1")),
    )
    come = tuple(_flows.Leaving(network, ("192.0.2.1",), True) for network in ("10.0.0.0/24", "10.2.0.0/24"))
    _conntrack.drop(_nat_ops.TranslatedDrop(None, ("masquerade",), come=come, kept=come))
    assert kernel.asked == [_nfnetlink.head(2)]
    assert len(kernel.sent) == 2


def test_many_questions_are_one(monkeypatch):
    kernel = Kernel(monkeypatch)
    led = tuple((f"30.0.0.{number}", None) for number in range(10))
    _conntrack.drop(_nat_ops.TranslatedDrop(None, ("the end",), led=led))
    assert kernel.asked == [_nfnetlink.head(2)]


@pytest.mark.parametrize(
    ("network", "inside"),
    [
        ("10.9.0.0/16", "10.9.7.1"),
        ("10.8.0.0/13", "10.15.0.1"),
        ("10.9.8.7/32", "10.9.8.7"),
        ("2001:db8::/33", "2001:db8:7f::1"),
    ],
)
def test_what_every_entry_from_a_network_holds(network, inside):
    version = 6 if ":" in network else 4
    other = "2003::1" if version == 6 else "192.0.2.1"
    held = _conntrack._begins_with(version, network)
    assert held in entry(inside, other, inside, other, turned=True)
    assert held not in entry(other, other, other, other)
    assert _conntrack._begins_with(version, None) == b""


ROUTER, CLIENT, SERVER = "192.0.2.1", "10.0.0.7", "8.8.8.8"
FLOWS = [
    (ends, replied, protocol)
    for ends in (
        (CLIENT, SERVER, CLIENT, SERVER),
        (CLIENT, SERVER, ROUTER, SERVER),
        (CLIENT, ROUTER, CLIENT, "10.0.0.9"),
        (ROUTER, SERVER, ROUTER, SERVER),
    )
    for replied in (True, False)
    for protocol in (UDP, TCP, ICMP)
]
BY_LINK = _flows.Leaving(None, (ROUTER,), False)
ALWAYS = _flows.Leaving(None, (ROUTER,), True)
DROPS = [
    {"come": (BY_LINK,), "kept": (BY_LINK,)},
    {"gone": (BY_LINK,)},
    {"gone": (ALWAYS,), "come": (BY_LINK,), "kept": (BY_LINK,)},
    {"come": (ALWAYS,), "kept": (ALWAYS,)},
    {"come": (BY_LINK,), "kept": (ALWAYS, BY_LINK)},
    {"led": ((SERVER, CLIENT), (ROUTER, None))},
]


@pytest.mark.parametrize("turned", [True, False])
@pytest.mark.parametrize("drop", DROPS)
def test_what_is_passed_over_at_a_glance_would_not_have_been_stale(drop, turned):
    op = _nat_ops.TranslatedDrop(None, ("masquerade",), **drop)
    passed_over = _conntrack._untouched(4, op.untouched)
    for ends, replied, protocol in FLOWS:
        more = echo(7) if protocol == ICMP else ports(5000, 53)
        body = entry(*ends, protocol=protocol, more=more, replied=replied, turned=turned)
        assert not (passed_over(body) and op.stale(flow(body))), (ends, replied, protocol)
    common = entry(CLIENT, SERVER, CLIENT, SERVER, more=ports(5000, 53), turned=turned)
    assert passed_over(common) == (
        not turned and not any(one.certain for one in drop.get("come", ())) and SERVER not in dict(drop.get("led", ()))
    )
