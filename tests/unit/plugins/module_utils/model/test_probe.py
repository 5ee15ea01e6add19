# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes of reachability: read, resolved and judged."""

from __future__ import annotations

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _inconclusive,
    _probe,
    _probe_lease,
    _probe_options,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Missing
from ansible_collections.netloom.linux.plugins.module_utils._model._lease import Lease
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import (
    Address,
    Daemon,
    Link,
    Namespace,
    Snapshot,
)


def probe(**more):
    given = {"from": "a", "to": "b", "protocol": "icmp", "expect": "reachable", **more}
    return _probe_options.parse([given])[0]


def namespace(name, *cidrs, mac="02:00:00:00:00:01"):
    addresses = tuple(Address(cidr, link_local=cidr.startswith("fe80")) for cidr in cidrs)
    return Namespace(
        name,
        links={
            "lo": Link("lo", addresses=(Address("127.0.0.1/8"),)),
            "eth0": Link("eth0", index=2, mac=mac, up=True, addresses=addresses),
        },
    )


def snapshot(*namespaces):
    return Snapshot({None: Namespace(None), **{one.key: one for one in namespaces}})


def test_an_address_and_a_name():
    assert probe(to="10.0.0.1").address == "10.0.0.1"
    assert probe(to="FD00::1").address == "fd00::1"
    assert probe().target == "b"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"from": "../x"}, "probes[0].from: '../x' is not a namespace name"),
        ({"to": ""}, "probes[0].to: is empty"),
        ({"to": "a"}, "probes[0].to: is where the probe comes from"),
        ({"port": 80}, "probes[0].port: icmp has no ports"),
        ({"protocol": "tcp", "to": "10.0.0.1"}, "probes[0].port: is missing"),
        ({"protocol": "tcp", "port": 70000}, "probes[0].port: 70000 is out of range"),
        (
            {"protocol": "ethernet", "from": None},
            "probes[0].from: an ethernet probe goes from one namespace to another",
        ),
        ({"protocol": "ethernet", "to": "10.0.0.1"}, "probes[0].to: an ethernet probe goes"),
        ({"to": "fe80::1"}, "probes[0].to: 'fe80::1' is link-local"),
        ({"to": "fe80::1%eth0"}, "probes[0].to: 'fe80::1%eth0' names a link after the address"),
        ({"to": "224.0.0.1"}, "probes[0].to: '224.0.0.1' is not an address of a host"),
        ({"protocol": "udp", "to": "10.0.0.1"}, "probes[0].port: is missing"),
        ({"protocol": "udp", "port": 0}, "probes[0].port: 0 is out of range"),
        ({"listen": True}, "probes[0].listen: icmp needs no listener"),
        (
            {"protocol": "tcp", "to": "10.0.0.1", "port": 80, "listen": True},
            "probes[0].listen: '10.0.0.1' does not say in which namespace",
        ),
        (
            {"protocol": "tcp", "port": 80, "listen_in": "x"},
            "probes[0].listen_in: says where to listen, so it needs 'listen: true'",
        ),
        ({"protocol": "tcp", "listen": True, "listen_in": "x"}, "probes[0].port: is missing"),
        ({"size": 20}, "probes[0].size: 20 is out of range"),
        (
            {"protocol": "tcp", "size": 1500},
            "probes[0].size: tcp has no use for 'size'; leave it out, or set 'protocol: icmp or udp'.",
        ),
        ({"protocol": "arp", "via": "eth0"}, "probes[0].via: arp has no use for 'via'"),
        ({"via": "no such name"}, "probes[0].via: 'no such name' is not a link name"),
        ({"hops": ["r1"]}, "probes[0].hops[0]: 'r1' is not an IP address"),
        ({"hops": ["10.0.0.1"] * 17}, "probes[0].hops: 17 routers are too many"),
        (
            {"protocol": "dhcp", "from": None, "to": "10.0.0.1"},
            "probes[0].from: is missing; say which namespace has the lease.",
        ),
        ({"protocol": "dhcp", "to": "fd00::1"}, "probes[0].to: 'fd00::1' is IPv6; dhcp knows"),
        (
            {"protocol": "dhcp", "range": "10.0.0.9-10.0.0.1"},
            "probes[0].range: '10.0.0.9-10.0.0.1' ends before it begins",
        ),
        ({"protocol": "dhcp", "range": "10.0.0.1-fd00::9"}, "is not a range of IPv4 addresses"),
        ({"answered_by": "x"}, "probes[0].answered_by: icmp does not tell who answered"),
    ],
)
def test_bad_input(given, complaint):
    with pytest.raises(BadInput) as caught:
        probe(**given)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (["10.0.0.1/24"], ["10.0.0.2/24"], "10.0.0.2"),
        (["10.0.0.1/24"], ["10.9.0.2/24", "10.0.0.2/24"], "10.0.0.2"),
        (["10.0.0.1/24"], ["fd00::2/64", "10.9.0.2/24"], "10.9.0.2"),
        (["fd00::1/64"], ["10.9.0.2/24", "fd00::2/64"], "fd00::2"),
        (["10.0.0.1/24"], ["fe80::1/64"], None),
    ],
)
def test_which_address_of_a_namespace(source, target, expected):
    known = snapshot(namespace("a", *source), namespace("b", *target))
    assert _probe.resolve([probe()], known)[0].address == expected


def test_a_missing_namespace():
    with pytest.raises(Missing, match=r"probes\[0\]\.to: there is no namespace 'b', and it is not an IP address"):
        _probe.resolve([probe()], snapshot(namespace("a")))


def test_a_missing_namespace_may_be_another_one():
    with pytest.raises(Missing, match=r"no namespace 'blue', .* first\. Did you mean 'blu'\?"):
        _probe.resolve([probe(to="blue")], snapshot(namespace("a"), namespace("blu")))


def test_judgement():
    silent = _probe.Outcome(probe(expect="reachable"), reason="no route to it")
    assert silent.surprise() == "a -> b (icmp): no route to it, though it should be reachable."
    silent.answer(0.001)
    assert silent.surprise() is None
    assert silent.report()["rtt"] == 1.0
    heard = _probe.Outcome(probe(protocol="ethernet", expect="unreachable"), seen=True)
    assert heard.surprise() == "a -> b (ethernet): a frame arrived, though it should be unreachable."
    wrong = _probe.Outcome(
        probe(protocol="arp", to="10.0.0.2", answered_by="x"), seen=True, macs=["02:00:00:00:00:01"], holders=["y"]
    )
    assert wrong.surprise() == "a -> 10.0.0.2 (arp): answered by y (02:00:00:00:00:01), not by x alone."
    assert wrong.report()["as_expected"] is False


def test_whose_mac():
    known = snapshot(namespace("a", mac="02:00:00:00:00:01"), namespace("b", mac="02:00:00:00:00:02"))
    assert _probe.holders_of("02:00:00:00:00:02", known) == ["b"]
    assert _probe.holders_of("02:00:00:00:00:09", known) == []


@pytest.mark.parametrize(
    ("given", "lease", "reason"),
    [
        ({}, None, "the DHCP client on eth0 has no lease"),
        ({"interface": "eth1"}, None, "no DHCP client of ours runs on eth1 of a"),
        ({}, "10.0.0.2", ""),
        ({"to": "10.0.0.2", "range": "10.0.0.10-10.0.0.20"}, "10.0.0.2", ""),
        (
            {"to": "10.0.0.2", "range": "10.0.0.16/28"},
            "10.0.0.2",
            "its lease of 10.0.0.15 is outside of 10.0.0.16 to 10.0.0.31",
        ),
        ({"to": "10.0.0.3"}, "10.0.0.2", "its lease of 10.0.0.15/24 is from 10.0.0.2, not from 10.0.0.3"),
    ],
)
def test_leases(given, lease, reason):
    known = snapshot(namespace("a", "10.0.0.15/24"), namespace("b", "10.0.0.2/24"))
    known.daemons["x"] = Daemon(
        "udhcpc", "eth0", "a", 7, True, lease=Lease("10.0.0.15/24", server=lease) if lease else None
    )
    outcome = _probe.Outcome(_probe.resolve([probe(protocol="dhcp", **given)], known)[0])
    _probe_lease.judge_lease(outcome, known)
    assert outcome.reason == reason
    assert outcome.seen is (reason == "")
    assert (outcome.surprise() is None) is (reason == "")
    if lease:
        assert outcome.report()["lease"] == {
            "interface": "eth0",
            "address": "10.0.0.15/24",
            "server": lease,
            "expires": None,
        }


def test_a_lease_whose_address_is_gone_is_none():
    known = snapshot(namespace("a"), namespace("b", "10.0.0.2/24"))
    known.daemons["x"] = Daemon("udhcpc", "eth0", "a", 7, True, lease=Lease("10.0.0.15/24", server="10.0.0.2"))
    outcome = _probe.Outcome(_probe.resolve([probe(protocol="dhcp")], known)[0])
    _probe_lease.judge_lease(outcome, known)
    assert (
        outcome.surprise()
        == "a -> b (dhcp): the leased address 10.0.0.15/24 is not on eth0, though it should have a lease from there."
    )
    del known.namespaces["a"].links["eth0"]
    _probe_lease.judge_lease(outcome, known)
    assert "the leased address 10.0.0.15/24 is not on eth0" in outcome.reason


SEVERAL = ["02:00:00:00:00:01", "02:00:00:00:00:02"]


@pytest.mark.parametrize(
    ("given", "outcome", "said"),
    [
        ({}, {"holders": ["y", "z"]}, "it is there 2 times: y, z answer (02:00:00:00:00:01, 02:00:00:00:00:02)."),
        (
            {},
            {"holders": ["y"], "strangers": SEVERAL[1:]},
            "it is there 2 times: y, 02:00:00:00:00:02 answer (02:00:00:00:00:01, 02:00:00:00:00:02).",
        ),
        ({}, {"strangers": SEVERAL}, "it is there 2 times: 02:00:00:00:00:01, 02:00:00:00:00:02 answer"),
        (
            {"answered_by": "y"},
            {"holders": ["y"], "strangers": SEVERAL[1:]},
            "answered by y, 02:00:00:00:00:02 (02:00:00:00:00:01, 02:00:00:00:00:02), not by y",
        ),
        ({}, {"holders": ["y"]}, None),
        ({"answered_by": "y"}, {"holders": ["y"]}, None),
        ({"expect": "unreachable"}, {"holders": ["y", "z"]}, "it answered, though it should be unreachable."),
    ],
)
def test_an_address_that_several_have(given, outcome, said):
    """One namespace that answers by two links is one; a MAC that is nobody's here is somebody elsewhere."""
    found = _probe.Outcome(probe(protocol="arp", to="10.0.0.2", **given), seen=True, macs=SEVERAL, **outcome).surprise()
    assert found == said if said is None else f"a -> 10.0.0.2 (arp): {said}" in str(found)


def test_the_server_of_a_lease_is_there_once():
    leased = _probe.Outcome(probe(protocol="dhcp"), seen=True, lease=("eth0", Lease("10.0.0.15/24", server="10.0.0.2")))
    assert (leased.server, leased.surprise()) == ("10.0.0.2", None)
    leased.macs, leased.holders = SEVERAL, ["y", "z"]
    assert "the server's address 10.0.0.2 is there 2 times: y, z answer" in leased.surprise()


@pytest.mark.parametrize("expect", ["reachable", "unreachable"])
def test_what_could_not_be_probed_is_neither(expect):
    outcome = _probe.Outcome(
        probe(expect=expect), unproven="no raw socket could be opened in a: Operation not permitted"
    )
    assert (
        outcome.surprise()
        == "a -> b (icmp): could not be probed: no raw socket could be opened in a: Operation not permitted."
    )
    report = outcome.report()
    assert (report["seen"], report["reason"], report["as_expected"]) == ("inconclusive", outcome.unproven, False)
    outcome.answer(0.001)
    assert outcome.report()["seen"] == "reachable", "an answer is a proof, whatever was in doubt"


SILENT = [
    (probe(expect="unreachable"), [namespace("a", "10.0.0.1/24"), namespace("b")], "b has no address"),
    (
        probe(expect="unreachable"),
        [namespace("a"), namespace("b", "10.0.0.2/24")],
        "a has no IPv4 address to send from",
    ),
    (probe(expect="unreachable", to="fd00::2"), [namespace("a", "10.0.0.1/24")], "a has no IPv6 address to send from"),
    (probe(expect="unreachable", to="fd00::2"), [namespace("a", "fe80::1/64")], "a has no IPv6 address to send from"),
    (
        probe(expect="unreachable", protocol="tcp"),
        [namespace("a", "10.0.0.1/24"), namespace("b", "fe80::2/64")],
        "b has no address",
    ),
    (probe(expect="unreachable", protocol="ethernet"), [namespace("a"), Namespace("b")], "b has no link that is up"),
    (probe(expect="unreachable", protocol="ethernet"), [Namespace("a"), namespace("b")], "a has no link that is up"),
    (probe(expect="unreachable", protocol="arp", to="10.0.0.2"), [Namespace("a")], "a has no link that is up"),
    # And where silence proves something.
    (probe(expect="unreachable"), [namespace("a", "10.0.0.1/24"), namespace("b", "10.0.0.2/24")], ""),
    (probe(expect="unreachable", protocol="ethernet"), [namespace("a"), namespace("b")], ""),
    (probe(expect="unreachable", to="127.0.0.1"), [namespace("a")], ""),
    (probe(expect="unreachable", protocol="route", to="10.0.0.2"), [namespace("a")], ""),
    (probe(expect="unreachable", protocol="dhcp"), [namespace("a"), namespace("b")], ""),
    # What is to be reached and has no address is not reached.
    (probe(), [namespace("a"), namespace("b")], ""),
]


@pytest.mark.parametrize(("asked", "spaces", "why"), SILENT)
def test_silence_proves_something_only_where_something_could_be_heard(asked, spaces, why):
    known = snapshot(*spaces)
    assert _inconclusive.why(_probe.resolve([asked], known)[0], known) == why


def test_by_another_way():
    by_gateway = _probe.Outcome(
        probe(via="10.0.0.9"), seen=True, way=_probe.Way("", "unicast", "10.0.0.1", "eth0", "10.0.0.2")
    )
    assert (
        by_gateway.surprise()
        == "a -> b (icmp): its packets leave by eth0 through 10.0.0.1, though they should leave by 10.0.0.9."
    )
    assert by_gateway.report()["route"] == {"gateway": "10.0.0.1", "device": "eth0", "source": "10.0.0.2"}
    assert _probe.Outcome(probe(via="eth0"), seen=True, way=by_gateway.way).surprise() is None
    met = _probe.Outcome(probe(hops=["10.0.0.1"]), seen=True, heard={1: "10.0.0.1", 3: "10.0.0.3"})
    assert (
        met.surprise() == "a -> b (icmp): on the way it met 10.0.0.1 -> * -> 10.0.0.3, though it should meet 10.0.0.1."
    )
    met.heard = {1: "10.0.0.1"}
    assert met.surprise() is None


@pytest.mark.parametrize(
    ("macs", "surprise"),
    [
        (["02:00:00:00:00:02"], None),
        (
            ["02:00:00:00:00:09"],
            "a -> 10.0.0.2 on node2 (arp): answered by 02:00:00:00:00:09, not by 02:00:00:00:00:02 alone.",
        ),
        (
            ["02:00:00:00:00:02", "02:00:00:00:00:09"],
            (
                "a -> 10.0.0.2 on node2 (arp): answered by 02:00:00:00:00:02, 02:00:00:00:00:09, not by"
                " 02:00:00:00:00:02 alone."
            ),
        ),
    ],
)
def test_only_one_mac_address_may_answer(macs, surprise):
    asked = probe(protocol="arp", to="10.0.0.2", host="node2", answered_by_mac="02:00:00:00:00:02")
    outcome = _probe.Outcome(asked, seen=True, macs=macs)
    assert outcome.surprise() == surprise
    assert outcome.report()["answered_by_macs"] == macs


def test_a_target_on_another_host_is_said_to_be_there():
    told = _probe.Outcome(probe(to="10.0.0.2", host="node2", size=1450))
    assert told.surprise() == "a -> 10.0.0.2 on node2 (icmp, 1450 bytes): no answer, though it should be reachable."
    assert told.report()["host"] == "node2"
