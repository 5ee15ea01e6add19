# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nft says of its rules, and what a router's complaint says of our packet."""

from __future__ import annotations

import struct

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _probe_echo, _witness
from ansible_collections.netloom.linux.plugins.module_utils._host.probes._probe_echo import EchoProber, EchoSocket
from ansible_collections.netloom.linux.plugins.module_utils._model import _probe_options
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError
from ansible_collections.netloom.linux.plugins.module_utils._model._evidence import Chain, Translation
from ansible_collections.netloom.linux.plugins.module_utils._model._probe import Outcome


def chain(name, **more):
    return {"chain": {"family": "ip", "table": "filter", "name": name, **more}}


def rule(name, *expressions):
    return {"rule": {"family": "ip", "table": "filter", "chain": name, "expr": list(expressions)}}


def test_chains_that_hang_on_a_hook():
    said = [
        {"metainfo": {}},
        chain("FORWARD", hook="forward", policy="drop"),
        chain("INPUT", hook="input", policy="accept"),
        chain("OUTPUT", hook="output", policy="accept"),
        chain("DOCKER"),
        rule("INPUT", {"match": {}}, {"jump": {"target": "DOCKER"}}),
        rule("DOCKER", {"jump": {"target": "DOCKER"}}),
        rule("DOCKER", {"reject": {}}),
        rule("OUTPUT", {"accept": None}),
    ]
    assert _witness._chains_of(said) == [
        Chain("ip", "filter", "FORWARD", "forward", True, False),
        Chain("ip", "filter", "INPUT", "input", False, True),
        Chain("ip", "filter", "OUTPUT", "output", False, False),
    ]


@pytest.mark.parametrize(
    ("expressions", "told"),
    [
        ([{"masquerade": None}], Translation()),
        (
            [
                {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "10.0.0.1"}},
                {"snat": {}},
            ],
            Translation("10.0.0.1"),
        ),
        (
            [
                {
                    "match": {
                        "op": "==",
                        "left": {"payload": {"protocol": "ip", "field": "saddr"}},
                        "right": {"prefix": {"addr": "10.0.0.0", "len": 8}},
                    }
                },
                {"match": {"op": "==", "left": {"meta": {"key": "oifname"}}, "right": "wan"}},
                {"xt": {"type": "target", "name": "MASQUERADE"}},
            ],
            Translation("10.0.0.0/8", "wan"),
        ),
        (
            [
                {
                    "match": {
                        "op": "==",
                        "left": {"payload": {"protocol": "ip", "field": "saddr"}},
                        "right": {"set": ["10.0.0.1"]},
                    }
                },
                {"snat": {}},
            ],
            Translation(),
        ),
        (
            [{"match": {"op": "==", "left": {"meta": {"key": "oifname"}}, "right": "w*"}}, {"masquerade": None}],
            Translation(),
        ),
        ([{"accept": None}], None),
    ],
)
def test_who_gets_another_source(expressions, told):
    said = [
        chain("out", hook="postrouting"),
        chain("far"),
        rule("out", {"jump": {"target": "far"}}),
        rule("far", *expressions),
    ]
    assert _witness._chains_of(said)[0].translations == ((told,) if told else ())


def test_rules_that_nft_cannot_tell_are_not_none(monkeypatch):
    def refuse(ns):
        raise HostError("nft did not answer in JSON.")

    monkeypatch.setattr(_witness._nfnetlink, "tables", lambda ns: {(2, "filter")})
    monkeypatch.setattr(_witness._nftables, "ruleset", refuse)
    found = _witness.Witness(None).chains(None)
    assert [(one.hook, one.unread) for one in found if one.unread] == [
        (hook, "nft did not answer in JSON") for hook in _witness.FILTER_HOOKS
    ]
    monkeypatch.setattr(_witness._nfnetlink, "tables", lambda ns: None)
    assert not [one for one in _witness.Witness(None).chains(None) if one.unread], (
        "a kernel without nf_tables has no rules"
    )


@pytest.fixture
def echo():
    made = EchoSocket.__new__(EchoSocket)
    made.version, made.icmp, made.identifier, made.nonce, made.waiting = 4, _probe_echo.ICMP[4], 0x1234, b"n" * 16, []
    return made


def prober(echo, **given):
    probe = _probe_options.parse([{"from": "a", "to": "10.0.0.9", "protocol": "icmp", "expect": "reachable", **given}])[
        0
    ]
    return EchoProber(Outcome(probe), echo)


def complaint(kind, code, number, mtu=0, identifier=0x1234):
    """An ICMP error that quotes an IP header of 20 bytes and the first 8 of our echo request."""
    return (
        struct.pack("!BBHHH", kind, code, 0, 0, mtu)
        + b"\x45"
        + b"\0" * 19
        + struct.pack("!BBHHH", 8, 0, 0, identifier, number)
    )


@pytest.mark.parametrize(
    ("kind", "code", "mtu", "reason"),
    [
        (3, 0, 0, "10.0.0.1 answers that it has no route to it"),
        (3, 4, 1300, "10.0.0.1 answers that the packet is too large for the next link, whose MTU is 1300"),
        (3, 13, 0, "10.0.0.1 answers that it must not go there"),
        (11, 0, 0, "10.0.0.1 answers that it went round and round until it expired"),
    ],
)
def test_complaints(echo, kind, code, mtu, reason):
    first, second = prober(echo), prober(echo)
    echo._complaint(complaint(kind, code, second.first, mtu), "10.0.0.1")
    assert (first.outcome.reason, second.outcome.reason) == ("", reason)
    echo._complaint(complaint(kind, code, first.first, mtu, identifier=0x4321), "10.0.0.1")
    assert first.outcome.reason == "", "another program's packet"


def test_hops(echo):
    one = prober(echo, hops=["10.0.0.1", "10.0.0.2"])
    numbers = [number for number, (who, _ttl) in enumerate(echo.waiting) if who is one]
    one.sent = 0.0
    echo._reply(numbers[0], "10.0.0.9")
    assert one.outcome.seen
    assert not one.decided
    echo._complaint(complaint(11, 0, numbers[1]), "10.0.0.1")
    echo._complaint(complaint(11, 0, numbers[2]), "10.0.0.2")
    echo._reply(numbers[3], "10.0.0.9")
    assert one.decided
    assert one.outcome.hops == ["10.0.0.1", "10.0.0.2"]
    assert one.outcome.surprise() is None


def test_an_answer_from_elsewhere_does_not_count(echo):
    one = prober(echo)
    echo._reply(0, "10.0.0.8")
    assert not one.outcome.seen


def test_checksum():
    # RFC 1071, section 3: the sum of these is ddf2.
    assert _probe_echo._checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2
    assert _probe_echo._checksum(b"\x01") == 0xFFFF - 0x0100
