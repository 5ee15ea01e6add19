# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Address translation: entries to rules and back, and what is to be done, on the fake host."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._kinds._netns_nat import NFT
from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat._nat_flows import stale_flows
from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat._nat_read import declared_in, foreign_in
from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat._nat_rules import LISTS, Declared, table_for
from ansible_collections.netloom.linux.plugins.module_utils._model import _nft_words, _paths
from ansible_collections.netloom.linux.plugins.module_utils._model._bridge_port import PORT_DEFAULTS
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Conflict, HostError, Missing
from ansible_collections.netloom.linux.plugins.module_utils._model._flows import Flow
from ansible_collections.netloom.linux.plugins.module_utils._model._nat_ops import FlowsDrop, TranslatedDrop
from ansible_collections.netloom.linux.plugins.module_utils._model._nft import (
    NO_KERNEL,
    ForwardFilter,
    Nft,
    NftChain,
    NftTable,
    text_of,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Listeners
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Address, Link
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

Params = dict[str, t.Any]
WEB: Params = {"port": 8080, "to_address": "10.0.0.2", "to_port": 80}
DNS6: Params = {"protocol": "udp", "address": "2001:db8::2", "port": 53, "to_address": "fd00::3"}
FULL: Params = {
    "masquerade": [{"source": "10.0.0.0/24", "out_interface": "wan"}, {"source": "fd00::/64"}, {"out_interface": "lo"}],
    "source_nat": [
        {"source": "10.0.0.3", "to": "192.0.2.3"},
        {"source": "::/0", "out_interface": "wan", "to": "2001:db8::7"},
    ],
    "publish": [WEB, DNS6],
    "floating": [
        {"address": "192.0.2.9", "to_address": "10.0.0.9"},
        {"address": "2001:db8::9", "to_address": "fd00::9"},
    ],
    "forward": [
        {"from": "wan", "to": "10.0.0.2"},
        {"from": "wan", "to": "lan", "allow": False},
        {"from": "0.0.0.0/0", "to": "lan"},
        {"to": "fd00:9::/64"},
    ],
}
OFF = {
    (None, key): "0"
    for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding", "net.bridge.bridge-nf-call-iptables")
}


def nat(**params: t.Any) -> Params:
    """Options of table lan in namespace red."""
    return {"name": "lan", "netns": "red", **params}


def host() -> FakeHost:
    """A router that does not forward, and its namesake."""
    fake = FakeHost("red", "redhat")
    red = fake.state.namespaces["red"]
    red.sysctl.update(OFF)
    red.links["lan"] = Link(
        "lan",
        "bridge",
        index=5,
        mtu=1500,
        txqueuelen=1000,
        up=True,
        addresses=(Address("10.0.0.254/24"), Address("fd00::fe/64")),
    )
    red.links["wan"] = Link(
        "wan",
        "",
        index=6,
        mtu=1500,
        txqueuelen=1000,
        up=True,
        addresses=(Address("192.0.2.2/24"), Address("2001:db8::2/64")),
    )
    return fake


def declared(**params: t.Any) -> Declared:
    """Entries as the options say them."""
    spec = t.cast("t.Any", EntryReader().read("netns_nat", nat(**params), "").spec)
    return Declared(*(getattr(spec, option) or () for option, _kind in LISTS))


def nft(fake: FakeHost) -> Nft:
    """The rules of the router."""
    found = fake.state.namespaces["red"].nft
    assert found is not None
    return found


@pytest.mark.parametrize(
    "params", [{}, FULL, *({option: [entry]} for option, entries in FULL.items() for entry in entries)]
)
def test_rules_say_what_their_entries_said(params: Params) -> None:
    entries = declared(**params)
    table = table_for(entries)
    assert declared_in(table) == entries
    assert foreign_in(table) == ()
    assert table_for(declared_in(table)) == table


def test_a_rule_is_as_nft_tells_it() -> None:
    """The texts that a real nft gave back (its default for a network of one address included)."""
    table = table_for(declared(masquerade=[{"source": "10.0.0.3/32", "out_interface": "wan"}]))
    payload = {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "10.0.0.3"}}
    link = {"match": {"op": "==", "left": {"meta": {"key": "oifname"}}, "right": "wan"}}
    assert table.chains == (
        NftChain(
            "postrouting",
            "nat",
            "postrouting",
            100,
            "accept",
            (text_of({"expr": [payload, link, {"masquerade": None}]}),),
        ),
    )


def test_what_was_counted_and_lists_of_one_flag_are_no_difference() -> None:
    assert text_of({"counter": {"packets": 7, "bytes": 9}}) == text_of({"counter": {"packets": 0, "bytes": 0}})
    assert text_of({"fib": {"flags": ["daddr"]}}) == text_of({"fib": {"flags": "daddr"}})
    assert text_of({"fib": {"flags": ["daddr", "iif"]}}) != text_of({"fib": {"flags": ["daddr"]}})


@pytest.mark.parametrize(
    ("expressions", "words"),
    [
        ([{"masquerade": None}], "masquerade"),
        ([{"counter": {"packets": 0, "bytes": 0}}, {"jump": {"target": "x"}}], "counter jump x"),
        ([{"reject": {"type": "tcp reset"}}], '{"reject": {"type": "tcp reset"}}'),
        (
            [{"match": {"op": "!=", "left": {"meta": {"key": "oifname"}}, "right": "wan"}}, {"drop": None}],
            'oifname != "wan" drop',
        ),
        ([{"match": {"op": "==", "left": {"meta": {"key": "nfproto"}}, "right": "ipv6"}}], "meta nfproto ipv6"),
        ([{"match": {"op": "in", "left": {"ct": {"key": "status"}}, "right": "dnat"}}], "ct status dnat"),
        (
            [
                {
                    "match": {
                        "op": "==",
                        "left": {"payload": {"protocol": "tcp", "field": "dport"}},
                        "right": {"set": [80, {"range": [90, 99]}]},
                    }
                }
            ],
            "tcp dport { 80, 90-99 }",
        ),
        ([{"dnat": {"family": "ip6", "addr": "fd00::2", "port": 80}}], "dnat ip6 to [fd00::2]:80"),
        ([{"snat": {"addr": "192.0.2.1"}}], "snat to 192.0.2.1"),
        ([{"xt": {"type": "target", "name": "TCPMSS"}}], '{"xt": {"name": "TCPMSS", "type": "target"}}'),
        (
            [{"match": {"op": "==", "left": {"osf": {"key": "name"}}, "right": "Linux"}}],
            '{"match": {"left": {"osf": {"key": "name"}}, "op": "==", "right": "Linux"}}',
        ),
    ],
)
def test_a_rule_is_told_in_the_words_of_nft(expressions: list[t.Any], words: str) -> None:
    assert _nft_words.of_rule(text_of({"expr": expressions})) == words
    assert _nft_words.of_rule(text_of({"expr": expressions, "comment": "mine"})) == f'{words} comment "mine"'


def changed(table: NftTable, chain: str, **changes: t.Any) -> NftTable:
    """The table with one chain changed."""
    return dataclasses.replace(
        table, chains=tuple(dataclasses.replace(one, **changes) if one.name == chain else one for one in table.chains)
    )


STRANGE = text_of({"expr": [{"accept": None}]})


@pytest.mark.parametrize(
    ("drift", "says"),
    [
        (
            lambda table: changed(table, "forward", policy="drop"),
            "put right the policy drop and priority 0 of chain forward",
        ),
        (lambda table: changed(table, "forward", prio=7), "priority 7 of chain forward"),
        (
            lambda table: changed(table, "forward", rules=(STRANGE, *table.chain("forward").rules)),
            "put right the foreign rule 'accept' in chain forward",
        ),
        (
            lambda table: changed(table, "forward", rules=table.chain("forward").rules[1:]),
            "allow forwarding from wan to 10.0.0.2/32",
        ),
        (
            lambda table: changed(table, "forward", rules=tuple(reversed(table.chain("forward").rules))),
            "entries in their order",
        ),
        (
            lambda table: changed(table, "postrouting", rules=tuple(reversed(table.chain("postrouting").rules))),
            "put right the order of the rules in",
        ),
        (
            lambda table: changed(table, "output", rules=table.chain("output").rules[1:]),
            "put right the missing rule 'ip daddr 192.0.2.9 dnat ip to 10.0.0.9' in chain output",
        ),
        (lambda table: changed(table, "output", rules=table.chain("output").rules * 2), "put right the doubled rule"),
        (
            lambda table: changed(
                table, "prerouting", rules=tuple(rule for rule in table.chain("prerouting").rules if "8080" not in rule)
            ),
            "publish tcp 8080 to 10.0.0.2:80",
        ),
        (
            lambda table: dataclasses.replace(table, chains=(*table.chains, NftChain("mine"))),
            "put right the foreign chain mine",
        ),
        (
            lambda table: dataclasses.replace(table, others=(text_of({"set": {"name": "s"}}),)),
            "put right the foreign set s",
        ),
        (lambda table: dataclasses.replace(table, flags="dormant"), "put right the flag dormant of the table"),
    ],
)
def test_each_drift_is_named_and_mended(drift: t.Callable[[NftTable], NftTable], says: str) -> None:
    fake = host()
    run_one(fake, "netns_nat", nat(**FULL, hairpin=True))
    good = nft(fake).tables["lan"]
    nft(fake).tables["lan"] = drift(good)
    done = run_one(fake, "netns_nat", nat(**FULL))
    assert says in done.steps[0]
    kind = EntryReader().read("netns_nat", nat(), "")
    assert kind.kind.view(kind.spec, done.before) != kind.kind.view(kind.spec, done.planned), "the diff shows it"
    assert nft(fake).tables["lan"] == good


def test_options_left_out_are_left_alone_and_cleared_ones_are_not() -> None:
    fake = host()
    run_one(fake, "netns_nat", nat(**FULL, hairpin=True))
    assert run_one(fake, "netns_nat", nat()).steps == []
    assert run_one(fake, "netns_nat", nat(publish=[WEB, DNS6])).steps == []
    assert (
        "no hairpin from 10.0.0.0/24 to tcp 10.0.0.2 port 80"
        in run_one(fake, "netns_nat", nat(clear=["hairpin"])).steps[0]
    )
    assert "no publish tcp 8080 to 10.0.0.2:80" in run_one(fake, "netns_nat", nat(publish=[])).steps[0]
    assert declared_in(nft(fake).tables["lan"]).masquerade == declared(**FULL).masquerade


def test_check_foretells_and_absent_leaves_all_as_it_was() -> None:
    fake = host()
    before = picture(fake)
    wish = nat(**FULL, hairpin=True, ip_forward=True)
    foretold = run_one(fake, "netns_nat", wish, check=True)
    assert picture(fake) == before
    assert run_one(fake, "netns_nat", wish).steps == foretold.steps
    assert fake.state.namespaces["red"].sysctl[(None, "net.ipv6.conf.all.forwarding")] == "1"
    run_one(fake, "netns_nat", nat(state="absent"))
    assert picture(fake) == before
    assert run_one(fake, "netns_nat", nat(state="absent")).steps == []


def test_a_failure_at_any_step_is_taken_back() -> None:
    wish = nat(**FULL, hairpin=True, ip_forward=True)
    for number in range(len(run_one(host(), "netns_nat", wish, check=True).steps)):
        fake = host()
        before = picture(fake)
        fake.fail_at = number
        with pytest.raises(Failed) as caught:
            run_one(fake, "netns_nat", wish)
        assert caught.value.remains == []
        assert picture(fake) == before


def test_two_tables_share_the_switch_and_the_last_puts_it_back() -> None:
    fake = host()
    key = (None, "net.ipv4.ip_forward")
    sysctl = fake.state.namespaces["red"].sysctl
    run_one(fake, "netns_nat", nat(ip_forward=True))
    run_one(fake, "netns_nat", nat(name="two", ip_forward=True))
    run_one(fake, "netns_nat", nat(state="absent"))
    assert sysctl[key] == "1"
    with pytest.raises(Conflict, match="netns_nat 'two' in the same namespace has it true"):
        run_one(fake, "netns_nat", nat(ip_forward=False))
    run_one(fake, "netns_nat", nat(name="two", state="absent"))
    assert fake.state.namespaces["red"].sysctl[key] == "0"
    assert fake.state.files[_paths.nat_record("red")] is None


def test_a_switch_that_is_not_declared_any_more_is_left_alone() -> None:
    fake = host()
    key = (None, "net.ipv4.ip_forward")
    run_one(fake, "netns_nat", nat(ip_forward=True))
    assert not run_one(fake, "netns_nat", nat()).changed
    fake.state.namespaces["red"].sysctl[key] = "0"
    assert not run_one(fake, "netns_nat", nat()).changed
    fake.state.namespaces["red"].sysctl[key] = "1"
    run_one(fake, "netns_nat", nat(state="absent"))
    assert fake.state.namespaces["red"].sysctl[key] == "0"


def test_a_switch_that_was_on_stays_on() -> None:
    fake = host()
    fake.state.namespaces["red"].sysctl[(None, "net.ipv4.ip_forward")] = "1"
    run_one(fake, "netns_nat", nat(ip_forward=True))
    assert json.loads(fake.state.files[_paths.nat_record("red")] or "") == {
        "before": {},
        "cookie": 10,
        "inode": 10,
        "tables": {"lan": True},
    }
    run_one(fake, "netns_nat", nat(state="absent"))
    assert fake.state.namespaces["red"].sysctl[(None, "net.ipv4.ip_forward")] == "1"


@pytest.mark.parametrize(
    ("publish", "listening", "taken"),
    [
        (WEB, "0.0.0.0", True),
        (WEB, "::", True),
        (WEB, "192.0.2.2", True),
        (WEB, "127.0.0.1", False),
        (WEB, "2001:db8::2", False),
        ({**WEB, "address": "192.0.2.2"}, "192.0.2.2", True),
        ({**WEB, "address": "192.0.2.2"}, "10.0.0.254", False),
        (DNS6, "0.0.0.0", False),
        (DNS6, "::", True),
    ],
)
def test_a_port_on_which_somebody_listens(publish: Params, listening: str, taken: bool) -> None:
    fake = host()
    fake.state.answers[Listeners("red", publish.get("protocol", "tcp"), publish["port"])] = (
        (listening, "'nginx' (process 7)"),
    )
    if taken:
        with pytest.raises(Conflict, match=r"is taken by 'nginx' \(process 7\), which listens on"):
            run_one(fake, "netns_nat", nat(publish=[publish]))
    else:
        run_one(fake, "netns_nat", nat(publish=[publish]))
        assert run_one(fake, "netns_nat", nat(publish=[publish])).steps == []


def test_who_listens_later_is_no_reason_to_fail() -> None:
    fake = host()
    run_one(fake, "netns_nat", nat(publish=[WEB]))
    fake.state.answers[Listeners("red", "tcp", 8080)] = (("0.0.0.0", "'nginx' (process 7)"),)
    assert run_one(fake, "netns_nat", nat(publish=[WEB])).steps == []


def test_two_tables_cannot_publish_one_port() -> None:
    fake = host()
    with pytest.raises(Conflict, match="taken by netns_nat 'lan'"):
        run_topology(
            fake, {"name": "t", "netns_nat": [nat(publish=[WEB]), nat(name="two", publish=[{**WEB, "to_port": 81}])]}
        )
    run_topology(fake, {"name": "t", "netns_nat": [nat(publish=[WEB]), nat(name="two", netns="redhat", publish=[WEB])]})


def test_stale_connections_are_those_that_the_new_rules_would_lead_elsewhere() -> None:
    moved = FlowsDrop("red", "udp", None, 53, ("10.0.0.2", 53), ("10.0.0.3", 53), ("192.0.2.2",))

    def to(destination: str, answers: str) -> Flow:
        return Flow("192.0.2.1", destination, "192.0.2.1", answers, protocol="udp", port=53, answers_from=53)

    assert moved.stale(to("192.0.2.2", "10.0.0.2")), "led to the old target"
    assert moved.stale(to("192.0.2.2", "192.0.2.2")), "answered by the host itself"
    assert not moved.stale(to("192.0.2.2", "10.0.0.3")), "led to the new target"
    assert not moved.stale(to("198.51.100.1", "198.51.100.1")), "somebody else's, passing through"
    assert not moved.stale(dataclasses.replace(to("192.0.2.2", "10.0.0.2"), protocol="tcp"))
    named = dataclasses.replace(moved, address="192.0.2.9")
    assert named.stale(to("192.0.2.9", "192.0.2.9"))
    assert not named.stale(to("192.0.2.2", "10.0.0.2"))


LAN, WAN = {"source": "10.0.0.0/24"}, {"source": "10.0.0.0/24", "out_interface": "wan"}
SHARED, FLOATS = {**WAN, "to": "192.0.2.3"}, {"address": "192.0.2.9", "to_address": "10.0.0.9"}


# A secondary address, which masquerading does not take.
@pytest.mark.parametrize(
    ("before", "after", "seen_as", "stale"),
    [
        ({"masquerade": [WAN]}, {"masquerade": []}, "192.0.2.2", True),
        ({"masquerade": [WAN]}, {"masquerade": []}, "10.0.0.9", False),  # by another link
        ({"masquerade": [WAN]}, {"masquerade": []}, "198.51.100.9", False),  # somebody else's rule
        ({"masquerade": [WAN]}, {"masquerade": [LAN]}, "192.0.2.2", False),  # which is right again
        ({"masquerade": [WAN]}, {"masquerade": [], "source_nat": [SHARED]}, "192.0.2.2", True),
        ({}, {"masquerade": [WAN]}, "10.0.0.9", False),  # it may leave by another link
        ({}, {"masquerade": [LAN]}, "10.0.0.9", True),
        ({"source_nat": [SHARED]}, {"source_nat": [SHARED], "masquerade": [LAN]}, "192.0.2.3", False),
        ({"source_nat": [SHARED]}, {"source_nat": [SHARED], "floating": [FLOATS]}, "192.0.2.3", True),
        ({"source_nat": [SHARED], "floating": [FLOATS]}, {"source_nat": [SHARED], "floating": []}, "192.0.2.9", True),
        (
            {"source_nat": [SHARED]},
            {"source_nat": [], "masquerade": [WAN]},
            "192.0.2.3",
            True,
        ),
        ({"source_nat": [SHARED], "floating": [FLOATS]}, {"source_nat": [], "floating": [FLOATS]}, "192.0.2.9", False),
    ],
)
def test_stale_connections_are_those_that_would_be_seen_as_somebody_else(
    before: Params, after: Params, seen_as: str, stale: bool
) -> None:
    space = host().state.namespaces["red"]
    wan = space.links["wan"]
    space.links["wan"] = dataclasses.replace(wan, addresses=(*wan.addresses, Address("192.0.2.3/24")))
    (drop,) = (
        one
        for one in stale_flows("red", declared(**before), declared(**after), space)
        if isinstance(one, TranslatedDrop)
    )
    assert drop.stale(Flow("10.0.0.9", "198.51.100.1", seen_as, "198.51.100.1")) is stale


def test_connections_that_nobody_answered_begin_anew_and_others_are_let_alone() -> None:
    space = host().state.namespaces["red"]
    (drop,) = stale_flows("red", Declared(), declared(masquerade=[WAN, LAN], floating=[FLOATS]), space)
    assert isinstance(drop, TranslatedDrop)
    assert drop.stale(Flow("10.0.0.8", "198.51.100.1", "10.0.0.8", "198.51.100.1", replied=False))
    assert not drop.stale(Flow("10.1.0.8", "198.51.100.1", "10.1.0.8", "198.51.100.1", replied=False)), "another source"
    assert not drop.stale(Flow("10.0.0.8", "192.0.2.2", "10.0.0.254", "10.0.0.2")), "a published port, by hairpin"
    assert drop.stale(Flow("192.0.2.1", "192.0.2.9", "192.0.2.1", "192.0.2.9")), "to what floats now"
    assert not drop.stale(Flow("192.0.2.1", "192.0.2.9", "192.0.2.1", "10.0.0.9")), "led there already"
    assert drop.families == (4,)


@pytest.mark.parametrize(
    ("masquerade", "network"),
    [
        ([], "10.0.0.0/24"),
        ([{"source": "10.0.0.0/16"}], "10.0.0.0/16"),
        ([{"source": "10.0.0.0/16"}, {"source": "10.0.0.0/28"}], "10.0.0.0/28"),
    ],
)
def test_neighbours_of_a_target_are_those_of_the_least_network(masquerade: list[Params], network: str) -> None:
    fake = host()
    assert (
        f"hairpin from {network} to tcp 10.0.0.2 port 80"
        in run_one(fake, "netns_nat", nat(publish=[WEB], masquerade=masquerade, hairpin=True)).steps[0]
    )


ODD_LINKS = {
    "e*": "e\\*",
    "*": "\\*",
    "*a": "*a",
    'a"b': 'a"b',
    "a'b": "a'b",
    "a\\": "a\\",
    "a@": "a@",
    "drop": "drop",
    "0x10": "0x10",
    "br-é*": "br-é\\*",
    "$x": "$x",
    "0": "0",
    "100": "100",
}


@pytest.mark.parametrize(("link", "told"), ODD_LINKS.items())
def test_a_link_of_an_odd_name_is_meant_and_no_other(link: str, told: str) -> None:
    """As nft takes and tells it (libnftables 1.0.6): only a star at the end stands for anything, unless a backslash is
    before it.
    """
    fake = host()
    wish = nat(
        masquerade=[{"out_interface": link}], forward=[{"from": link, "to": "wan"}, {"to": link, "allow": False}]
    )
    run_one(fake, "netns_nat", wish)
    table = nft(fake).tables["lan"]
    matches = [
        one["match"]
        for chain in table.chains
        for rule in chain.rules
        for one in json.loads(rule)["expr"]
        if "match" in one
    ]
    assert [match["right"] for match in matches if match["left"].get("meta") and match["right"] != "wan"] == [told] * 3
    assert run_one(fake, "netns_nat", wish).steps == []
    assert declared_in(table).masquerade[0].out_interface == link


def test_a_link_whose_name_looks_like_an_address_is_a_link_where_nothing_else_is_meant() -> None:
    fake = host()
    wish = nat(masquerade=[{"source": "10.0.0.0/24", "out_interface": "10.100"}])
    run_one(fake, "netns_nat", wish)
    (rule,) = nft(fake).tables["lan"].chain("postrouting").rules
    assert '{"meta": {"key": "oifname"}}' in rule
    assert run_one(fake, "netns_nat", wish).steps == []


def test_a_rule_for_all_links_that_begin_so_is_not_one_for_that_link() -> None:
    fake = host()
    run_one(fake, "netns_nat", nat(masquerade=[{"out_interface": "e*"}]))
    table = nft(fake).tables["lan"]
    rules = tuple(rule.replace("e" + "\\" * 2 + "*", "e*") for rule in table.chain("postrouting").rules)
    nft(fake).tables["lan"] = changed(table, "postrouting", rules=rules)
    assert (
        "put right the foreign rule 'oifname \"e*\" masquerade'"
        in run_one(fake, "netns_nat", nat(masquerade=[{"out_interface": "e*"}])).steps[0]
    )
    assert nft(fake).tables["lan"] == table


@pytest.mark.parametrize("link", ["@foo", "@", "a\\*", "a" * 14 + "*", "é" * 7 + "*"])
@pytest.mark.parametrize(
    ("option", "entry"),
    [
        ("masquerade[0].out_interface", {"masquerade": [{"out_interface": "LINK"}]}),
        ("source_nat[0].out_interface", {"source_nat": [{"out_interface": "LINK", "to": "192.0.2.3"}]}),
        ("forward[0].from", {"forward": [{"from": "LINK"}]}),
        ("forward[0].to", {"forward": [{"to": "LINK"}]}),
    ],
)
def test_a_link_that_nft_cannot_name_is_refused(link: str, option: str, entry: Params) -> None:
    given = {
        key: [{name: link if value == "LINK" else value for name, value in one.items()} for one in value]
        for key, value in entry.items()
    }
    with pytest.raises(
        BadInput,
        match=re.escape(
            f"{option}: nft has no way to name the link {link!r} and no other; give the link another name."
        ),
    ):
        run_one(host(), "netns_nat", nat(**given))


FLOATING: Params = {"address": "192.0.2.9", "to_address": "10.0.0.9"}


def test_neighbours_reach_a_floating_address_too() -> None:
    """Else its target would answer them directly, from an address that they did not ask."""
    fake = host()
    wish = nat(floating=[FLOATING], source_nat=[{"source": "10.0.0.0/16", "to": "192.0.2.2"}], hairpin=True)
    assert "hairpin from 10.0.0.0/16 to 10.0.0.9" in run_one(fake, "netns_nat", wish).steps[0]
    saddr, daddr = ({"payload": {"protocol": "ip", "field": field}} for field in ("saddr", "daddr"))
    first = [
        {"match": {"op": "==", "left": saddr, "right": {"prefix": {"addr": "10.0.0.0", "len": 16}}}},
        {"match": {"op": "==", "left": daddr, "right": "10.0.0.9"}},
        {"match": {"op": "in", "left": {"ct": {"key": "status"}}, "right": "dnat"}},
        {"masquerade": None},
    ]
    chain = nft(fake).tables["lan"].chain("postrouting")
    assert chain is not None
    assert chain.rules[0] == text_of({"expr": first}), "before what gives the target's own packets the floating address"
    assert run_one(fake, "netns_nat", wish).steps == []
    assert run_one(fake, "netns_nat", nat()).steps == []
    kind = EntryReader().read("netns_nat", nat(), "")
    view = kind.kind.view(kind.spec, fake.state)
    assert view is not None
    assert (view["hairpin"], view["foreign"]) == (True, None)
    nft(fake).tables["lan"] = changed(nft(fake).tables["lan"], "postrouting", rules=chain.rules[1:])
    assert "hairpin from 10.0.0.0/16 to 10.0.0.9" in run_one(fake, "netns_nat", wish).steps[0]


LOCALNET = (None, "net.ipv4.conf.all.route_localnet")


def test_a_published_port_on_localhost() -> None:
    fake = host()
    red = fake.state.namespaces["red"]
    red.sysctl[LOCALNET] = "0"
    wish = nat(publish=[{**WEB, "localhost": True}, {**WEB, "port": 81}], hairpin=True)
    done = run_one(fake, "netns_nat", wish)
    assert "publish tcp 8080 and of localhost to 10.0.0.2:80, publish tcp 81 to 10.0.0.2:80" in done.steps[0]
    assert "set sysctl net.ipv4.conf.all.route_localnet=1 in red" in done.steps
    words = {chain.name: [_nft_words.of_rule(rule) for rule in chain.rules] for chain in nft(fake).tables["lan"].chains}
    assert "ip daddr 127.0.0.0/8 tcp dport 8080 dnat ip to 10.0.0.2:80" in words["output"]
    assert "ip saddr 127.0.0.0/8 ip daddr 10.0.0.2 tcp dport 80 ct status dnat masquerade" in words["postrouting"]
    assert words["input"] == ['iifname != "lo" ip daddr 127.0.0.0/8 ct direction original drop'], (
        "neighbours do not get at what listens on 127.0.0.1"
    )
    assert run_one(fake, "netns_nat", wish).steps == []
    assert run_one(fake, "netns_nat", nat()).steps == []
    kind = EntryReader().read("netns_nat", nat(), "")
    view = kind.kind.view(kind.spec, fake.state)
    assert view is not None
    assert view["publish"] == [{**WEB, "protocol": "tcp", "localhost": True}, {**WEB, "protocol": "tcp", "port": 81}]
    assert view["foreign"] is None
    red.sysctl[LOCALNET] = "0"
    assert run_one(fake, "netns_nat", wish).steps == ["set sysctl net.ipv4.conf.all.route_localnet=1 in red"]
    done = run_one(fake, "netns_nat", nat(publish=[WEB]))
    assert "set sysctl net.ipv4.conf.all.route_localnet=0 in red" in done.steps
    assert nft(fake).tables["lan"].chain("input") is None


def test_localhost_is_put_back_with_the_last_table_that_wants_it() -> None:
    fake = host()
    red = fake.state.namespaces["red"]
    red.sysctl[LOCALNET] = "0"
    before = picture(fake)
    run_one(fake, "netns_nat", nat(publish=[{**WEB, "localhost": True}], ip_forward=True))
    run_one(fake, "netns_nat", nat(name="two", publish=[{**WEB, "port": 81, "localhost": True}]))
    run_one(fake, "netns_nat", nat(state="absent"))
    assert red.sysctl[LOCALNET] == "1"
    run_one(fake, "netns_nat", nat(name="two", state="absent"))
    fake.state.files.clear()
    assert picture(fake) == before


LOCAL_PORT: Params = {**WEB, "localhost": True}


@pytest.mark.parametrize(
    ("params", "fragment"),
    [
        (
            {"publish": [{"port": 53, "to_address": "fd00::3", "localhost": True}]},
            "publish[0].localhost: the kernel lets no packet from ::1 leave",
        ),
        (
            {"publish": [{**LOCAL_PORT, "address": "192.0.2.1"}, {**LOCAL_PORT, "address": "192.0.2.2"}]},
            "publish[1]: tcp port 8080 is already published by publish[0]",
        ),
    ],
)
def test_a_port_on_localhost_that_cannot_be(params: Params, fragment: str) -> None:
    with pytest.raises(BadInput, match=re.escape(fragment)):
        run_one(host(), "netns_nat", nat(**params))


@pytest.mark.parametrize(("localhost", "taken"), [(False, False), (True, True)])
def test_who_listens_on_localhost_counts_where_the_port_is_published_there(localhost: bool, taken: bool) -> None:
    fake = host()
    fake.state.answers[Listeners("red", "tcp", 8080)] = (("127.0.0.1", "'nginx' (process 7)"),)
    with pytest.raises(Conflict, match="which listens on 127") if taken else contextlib.nullcontext():
        run_one(fake, "netns_nat", nat(publish=[{**WEB, "localhost": localhost}]))


ALL_OF_IT: Params = {"protocol": "all", "address": "192.0.2.8", "to_address": "10.0.0.8"}


def test_all_that_is_sent_to_an_address_is_led_on_one_way() -> None:
    """The rule inwards is a floating address's; that none is outwards tells the two apart."""
    fake = host()
    wish = nat(publish=[WEB, ALL_OF_IT], floating=[FLOATING], hairpin=True)
    done = run_one(fake, "netns_nat", wish)
    assert "publish all 192.0.2.8 to 10.0.0.8, floating 192.0.2.9 for 10.0.0.9" in done.steps[0]
    words = {chain.name: [_nft_words.of_rule(rule) for rule in chain.rules] for chain in nft(fake).tables["lan"].chains}
    assert "ip daddr 192.0.2.8 dnat ip to 10.0.0.8" in words["prerouting"]
    assert not [rule for rule in words["postrouting"] if "192.0.2.8" in rule]
    assert "ip saddr 10.0.0.0/24 ip daddr 10.0.0.8 ct status dnat masquerade" in words["postrouting"]
    assert run_one(fake, "netns_nat", wish).steps == []
    kind = EntryReader().read("netns_nat", nat(), "")
    view = kind.kind.view(kind.spec, fake.state)
    assert view is not None
    assert (view["publish"], view["floating"], view["foreign"]) == (
        [{**WEB, "protocol": "tcp"}, ALL_OF_IT],
        [FLOATING],
        None,
    )
    told = {key: value for key, value in view.items() if value is not None}
    assert run_one(fake, "netns_nat", told).steps == [], "what is told can be declared"
    ended = run_one(fake, "netns_nat", nat(publish=[WEB]))
    assert "drop tracked connections that contradict the end of publish all 192.0.2.8 to 10.0.0.8 in red" in ended.steps


def test_connections_of_all_protocols_end_with_it() -> None:
    old, new = declared(publish=[ALL_OF_IT]), declared(publish=[{**ALL_OF_IT, "to_address": "10.0.0.7"}])
    (drop,) = stale_flows("red", old, new, host().state.namespaces["red"])
    assert isinstance(drop, TranslatedDrop)
    assert drop.stale(Flow("198.51.100.1", "192.0.2.8", "198.51.100.1", "10.0.0.8", protocol="47"))
    assert not drop.stale(Flow("198.51.100.1", "192.0.2.8", "198.51.100.1", "10.0.0.7", protocol="47"))
    assert not drop.stale(Flow("10.0.0.8", "198.51.100.1", "10.0.0.8", "198.51.100.1")), (
        "what the target began leaves as before"
    )


@pytest.mark.parametrize(
    ("publish", "fragment"),
    [
        (
            [{"protocol": "all", "to_address": "10.0.0.8"}],
            "publish[0]: 'address' is missing; with 'protocol: all' nothing would reach the host itself",
        ),
        (
            [{**ALL_OF_IT, "port": 80}],
            "publish[0].port: with 'protocol: all' everything is led on, whatever its port; leave it out.",
        ),
        ([{**ALL_OF_IT, "localhost": True}], "publish[0].localhost: with 'protocol: all' everything is led on"),
        (
            [{"to_address": "10.0.0.8"}],
            "publish[0]: 'port' is missing; only with 'protocol: all' everything that is sent to an address is led on.",
        ),
        (
            [ALL_OF_IT, {**ALL_OF_IT, "to_address": "10.0.0.7"}],
            "publish[1]: what is sent to 192.0.2.8 is already published by publish[0]",
        ),
        (
            [ALL_OF_IT, {**WEB, "address": "192.0.2.8"}],
            "publish[1]: tcp port 8080 is already published by publish[0] (publish all 192.0.2.8 to 10.0.0.8)",
        ),
    ],
)
def test_all_of_an_address_that_cannot_be(publish: list[Params], fragment: str) -> None:
    with pytest.raises(BadInput, match=re.escape(fragment)):
        run_one(host(), "netns_nat", nat(publish=publish))


def test_a_bridge_that_leads_frames_through_the_rules_is_warned_of_once() -> None:
    fake = host()
    fake.state.namespaces["red"].sysctl[(None, "net.bridge.bridge-nf-call-iptables")] = "1"
    wish = nat(publish=[WEB], hairpin=True)
    said = "10.0.0.2 itself reaches its published port by bridge 'lan' in namespace 'red' only if"
    assert any(said in one for one in run_one(fake, "netns_nat", wish).warnings)
    assert run_one(fake, "netns_nat", wish).warnings == []


def test_a_port_in_hairpin_mode_is_not_warned_of() -> None:
    fake = host()
    red = fake.state.namespaces["red"]
    red.sysctl[(None, "net.bridge.bridge-nf-call-iptables")] = "1"
    red.links["port"] = Link(
        "port", "veth", index=7, master="lan", up=True, peer=("redhat", "eth0"), port={**PORT_DEFAULTS, "hairpin": True}
    )
    fake.state.namespaces["redhat"].links["eth0"] = Link(
        "eth0", "veth", index=8, up=True, peer=("red", "port"), addresses=(Address("10.0.0.2/24"),)
    )
    done = run_topology(
        fake, {"name": "t", "netns": [{"name": "redhat"}], "netns_nat": [nat(publish=[WEB], hairpin=True)]}
    )
    assert not [one for one in done.warnings if "hairpin mode" in one]


def dockered(**forward: t.Any) -> FakeHost:
    """A router beside dockerd."""
    fake = host()
    nft(fake).forward["ip"] = ForwardFilter(**{"policy": "drop", "docker_user": True, **forward})
    return fake


def test_beside_docker() -> None:
    fake = dockered()
    wish = nat(masquerade=FULL["masquerade"][:1], publish=[WEB, {**WEB, "port": 81, "to_address": "10.5.0.1"}])
    assert "Set beside_docker: true" in run_one(fake, "netns_nat", wish).warnings[0]
    done = run_one(fake, "netns_nat", {**wish, "beside_docker": True})
    assert (done.steps, done.warnings) == (["accept 10.0.0.0/24, 10.5.0.1/32 in chain DOCKER-USER (ip) in red"], [])
    assert run_one(fake, "netns_nat", wish).steps == []
    assert run_one(fake, "netns_nat", {**wish, "beside_docker": False}).steps == [
        "take the accept rules for 'lan' out of iptables' filter (ip) in red"
    ]
    run_one(fake, "netns_nat", {**wish, "beside_docker": True})
    run_one(fake, "netns_nat", nat(state="absent"))
    assert nft(fake).forward["ip"].accepted == ()


@pytest.mark.parametrize(
    ("forward", "steps"),
    [
        ({"docker_user": False}, ["accept 10.0.0.0/24 in chain FORWARD (ip) in red"]),
        ({"policy": "accept"}, ["accept 10.0.0.0/24 in chain DOCKER-USER (ip) in red"]),
        ({"policy": "accept", "docker_user": False}, []),
    ],
)
def test_where_the_accept_rules_go(forward: Params, steps: list[str]) -> None:
    fake = dockered(**forward)
    done = run_one(fake, "netns_nat", nat(masquerade=FULL["masquerade"][:1], beside_docker=True))
    assert (done.steps[2:], done.warnings) == (steps, [])


@pytest.mark.parametrize(
    ("params", "error", "fragment"),
    [
        (nat(netns="none"), Missing, "netloom.linux.netns first"),
        (nat(name="a@b"), BadInput, "is not a name for a table"),
        (nat(masquerade=[{}]), BadInput, "masquerade[0].source: give the network"),
        (
            nat(publish=[WEB, {**WEB, "address": "192.0.2.2"}]),
            BadInput,
            "publish[1]: tcp port 8080 is already published by publish[0]",
        ),
        (nat(publish=[{**WEB, "address": "fd00::1"}]), BadInput, "an entry has one family, so make two"),
        (nat(forward=[{}]), BadInput, "say where from or where to"),
        (
            nat(hairpin=True, publish=[{**WEB, "to_address": "10.77.0.2"}]),
            Missing,
            "no link has an address in the network of '10.77.0.2'",
        ),
    ],
)
def test_refusals_change_nothing(params: Params, error: type[Exception], fragment: str) -> None:
    fake = host()
    before = picture(fake)
    with pytest.raises(error) as caught:
        run_one(fake, "netns_nat", params)
    assert fragment in str(caught.value)
    assert picture(fake) == before


def without_nft(fake: FakeHost) -> None:
    """As _nftables.read tells it where the program is missing, or is no program."""
    fake.state.answers[NFT] = False
    fake.state.namespaces["red"].nft = Nft(
        unreadable="the program nft is not on this host", known=frozenset(nft(fake).tables)
    )


def hung(fake: FakeHost) -> None:
    """As it tells of an nft that does not end."""
    fake.state.namespaces["red"].nft = Nft(
        unreadable="Cannot run nft: it did not end within 20 s.", known=frozenset(nft(fake).tables)
    )


def without_kernel(fake: FakeHost) -> None:
    """As it tells of a kernel without nf_tables."""
    fake.state.namespaces["red"].nft = Nft(unreadable=NO_KERNEL)


UNREADABLE = [
    (without_nft, "in namespace 'red': the program nft is not on this host. Run role netloom.linux.prepare there"),
    (
        hung,
        "in namespace 'red': nft cannot read the rules there (Cannot run nft: it did not end within 20 s). See what",
    ),
    (without_kernel, "in namespace 'red': this kernel has no nf_tables. Load its modules nf_tables and nft_chain_nat"),
]


@pytest.mark.parametrize(("spoil", "said"), UNREADABLE)
@pytest.mark.parametrize("check", [True, False])
def test_what_cannot_be_read_is_not_empty(spoil: t.Callable[[FakeHost], None], said: str, check: bool) -> None:
    """Neither is a table made over it, nor taken to be gone: by the module, by a topology that is absent, by one that
    purges, by an undo.
    """
    fake = host()
    spoil(fake)
    with pytest.raises((Missing, HostError), match=re.escape(f"Cannot make the NAT table 'lan' {said}")):
        run_one(fake, "netns_nat", nat(), check=check)

    fake = host()
    wish = {"name": "t", "netns_nat": [nat(masquerade=FULL["masquerade"], ip_forward=True)]}
    run_topology(fake, wish)
    spoil(fake)
    before = picture(fake)
    remove = re.escape(f"Cannot remove the NAT table 'lan' {said}")
    for gone in ({"name": "t", "state": "absent"}, {"name": "t", "purge": True}, {**wish, "state": "absent"}):
        with pytest.raises((Missing, HostError), match=remove):
            run_topology(fake, gone, check=check)
    with pytest.raises((Missing, HostError), match=remove):
        run_one(fake, "netns_nat", nat(state="absent"), check=check)
    assert picture(fake) == before, "forwarding is not put back, and no record is lost"


def test_a_table_that_the_kernel_has_is_not_gone_though_no_record_names_it() -> None:
    fake = host()
    run_one(fake, "netns_nat", nat(masquerade=FULL["masquerade"]))
    fake.state.files.clear()
    hung(fake)
    with pytest.raises(HostError, match="Cannot remove the NAT table 'lan'"):
        run_one(fake, "netns_nat", nat(state="absent"))


def test_where_nothing_was_made_nothing_has_to_be_read_to_take_it_away() -> None:
    """A role says absent of what a network does not ask for, on hosts that never had nft."""
    fake = host()
    without_nft(fake)
    assert run_one(fake, "netns_nat", nat(state="absent")).steps == []


def test_a_damaged_record_does_not_say_that_nothing_was_switched() -> None:
    fake = host()
    run_one(fake, "netns_nat", nat(ip_forward=True))
    fake.state.files[_paths.nat_record("red")] = "{"
    with pytest.raises(Conflict, match=r"red\.json is damaged, so it is not known how forwarding was"):
        run_one(fake, "netns_nat", nat(state="absent"))


def test_a_namespace_takes_its_record_with_it() -> None:
    fake = host()
    run_one(fake, "netns_nat", nat(ip_forward=True))
    run_one(fake, "netns", {"name": "red", "state": "absent"})
    assert fake.state.files[_paths.nat_record("red")] is None
