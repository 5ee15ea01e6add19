# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netns_interface with neighbours and rules, as tables on the fake host."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._entry import scope_of
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._kinds.interface import _interface_rules
from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _neighbours
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, NetloomError
from ansible_collections.netloom.linux.plugins.module_utils._model._rule import Rule
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Neighbour
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

Params = dict[str, t.Any]
MAC = "02:00:00:00:00:09"
PAIR: Params = {
    "name": "veth-a",
    "peer": {"name": "eth0", "netns": "red", "mac": "02:00:00:00:00:02", "addresses": ["10.0.0.2/24"]},
}


def host() -> FakeHost:
    """A pair whose end in red has two neighbours, a proxy, one of a routing daemon and two rules; another link and
    another name have some too.
    """
    fake = FakeHost("red")
    run_one(fake, "veth", PAIR)
    run_one(fake, "veth", {"name": "veth-b", "peer": {"name": "eth1", "netns": "red"}})
    red = fake.state.namespaces["red"]
    red.neighbours += [
        Neighbour("10.0.0.9", MAC, "eth0"),
        Neighbour("fd00::9", MAC, "eth0", flags=0x80),
        Neighbour("10.0.0.9", None, "eth0", True),
        Neighbour("10.0.0.8", MAC, "eth0", flags=0x10),
        Neighbour("10.0.0.7", "03:bf:0a:00:00:07", "eth0"),
        Neighbour("10.0.0.9", MAC, "eth1"),
    ]
    red.rules += [
        Rule("eth0", "iif", 100, source="10.0.0.0/24", table=7, protocol=0),
        Rule("eth0", "oif", 200, action="prohibit"),
        Rule("eth00", "iif", 100, table=7),
    ]
    return fake


def interface(**options: t.Any) -> Params:
    """The end in red, managed in place."""
    return {"name": "eth0", "netns": "red", **options}


def near(address: str = "10.0.0.9", mac: str | None = MAC, **more: t.Any) -> Params:
    """A neighbour."""
    return {"address": address, **({"mac": mac} if mac else {}), **more}


ALL_NEIGHBOURS = [near(), near("FD00:0::9", MAC.upper().replace(":", "-")), near(mac=None, proxy=True)]
ALL_RULES: list[Params] = [
    {"priority": 200, "match": "oif", "action": "prohibit"},
    {"priority": 100, "from": "10.0.0.0/24", "table": "7"},
]


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        ({}, []),
        ({"neighbours": None, "rules": None}, []),
        ({"neighbours": ALL_NEIGHBOURS, "rules": ALL_RULES}, []),
        (
            {"neighbours": []},
            [
                "delete neighbour 10.0.0.9 of eth0 in red",
                "delete neighbour fd00::9 of eth0 in red",
                "answer no more for 10.0.0.9 on eth0 in red",
            ],
        ),
        ({"neighbours": [*ALL_NEIGHBOURS, near("10.0.0.8")]}, []),
        ({"neighbours": [*ALL_NEIGHBOURS, near("10.0.0.7")]}, [f"set neighbour 10.0.0.7 of eth0 in red: mac={MAC}"]),
        (
            {"neighbours": [near(mac="02:00:00:00:00:0a"), near("fd00::8", None, proxy=True), *ALL_NEIGHBOURS[1:]]},
            ["set neighbour 10.0.0.9 of eth0 in red: mac=02:00:00:00:00:0a", "answer for fd00::8 on eth0 in red"],
        ),
        (
            {"rules": [ALL_RULES[0], {**ALL_RULES[1], "table": "main"}]},
            [
                "add rule priority 100 from 10.0.0.0/24 iif eth0 lookup main in red",
                "delete rule priority 100 from 10.0.0.0/24 iif eth0 lookup 7 in red",
            ],
        ),
        (
            {
                "rules": [
                    *ALL_RULES,
                    {
                        "priority": 5,
                        "family": "ipv6",
                        "fwmark": "16/0xFF",
                        "table": "local",
                        "suppress_prefixlength": 0,
                    },
                ]
            },
            ["add IPv6 rule priority 5 fwmark 0x10/0xff iif eth0 lookup local suppress_prefixlength 0 in red"],
        ),
        (
            {"rules": [*ALL_RULES, {"priority": 2**32 - 1, "from": "::/0", "to": "fd00::/64", "action": "blackhole"}]},
            ["add IPv6 rule priority 4294967295 to fd00::/64 iif eth0 blackhole in red"],
        ),
        ({"rules": ALL_RULES[1:]}, ["delete rule priority 200 oif eth0 prohibit in red"]),
        ({"mac": "02:00:00:00:00:01"}, ["set eth0 in red: mac=02:00:00:00:00:01"]),
        (
            {"mac": "02:00:00:00:00:01", "neighbours": ALL_NEIGHBOURS},
            [
                "set eth0 in red: mac=02:00:00:00:00:01",
                f"set neighbour 10.0.0.9 of eth0 in red: mac={MAC}",
                f"set neighbour fd00::9 of eth0 in red: mac={MAC}",
            ],
        ),
        (
            {"addresses": ["fd00::2/64"], "neighbours": [near(), near("fd00::9")]},
            [
                "add address fd00::2/64 to eth0 in red",
                "delete address 10.0.0.2/24 from eth0 in red",
                f"set neighbour 10.0.0.9 of eth0 in red: mac={MAC}",
            ],
        ),
        ({"state": "absent"}, []),
        ({"state": "absent", "neighbours": [near(), near("10.0.0.6")]}, ["delete neighbour 10.0.0.9 of eth0 in red"]),
        (
            {"state": "absent", "neighbours": [near(mac=None, proxy=True), near("fd00::9", None)]},
            ["delete neighbour fd00::9 of eth0 in red", "answer no more for 10.0.0.9 on eth0 in red"],
        ),
        (
            {"state": "absent", "rules": [{**ALL_RULES[1], "table": "8"}, {"priority": 9, "table": "9"}]},
            ["delete rule priority 100 from 10.0.0.0/24 iif eth0 lookup 7 in red"],
        ),
    ],
)
def test_plans(options: Params, steps: list[str]) -> None:
    fake = host()
    assert run_one(fake, "netns_interface", interface(**options), check=True).steps == steps
    assert run_one(fake, "netns_interface", interface(**options)).steps == steps
    assert run_one(fake, "netns_interface", interface(**options)).steps == [], "a second run"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"neighbours": [near("10.0.0.9/24")]}, "neighbours[0].address: '10.0.0.9/24' is not an IP address"),
        ({"neighbours": [near("224.0.0.1")]}, "neighbours[0].address: '224.0.0.1' is not an address of a host"),
        ({"neighbours": [near(mac=None)]}, "neighbours[0].mac: is missing; say at which MAC address '10.0.0.9' is"),
        ({"neighbours": [near(), near("10.0.0.8", "02:00")]}, "neighbours[1].mac: '02:00' is not a MAC address"),
        (
            {"neighbours": [near(mac="01:00:5e:00:00:01")]},
            "neighbours[0].mac: '01:00:5e:00:00:01' is a multicast MAC address",
        ),
        ({"neighbours": [near(proxy=True)]}, "neighbours[0].mac: a proxy has none"),
        ({"neighbours": [near(), near()]}, "neighbours[1].address: '10.0.0.9' stands in the list twice"),
        (
            {"neighbours": [near(), near(mac="02:00:00:00:00:0a")]},
            "neighbours[1].address: '10.0.0.9' has another MAC address above",
        ),
        (
            {"neighbours": [near(mac=41135040896)]},  # type: ignore[arg-type]
            "neighbours[0].mac: YAML read this as the number",
        ),
        ({"neighbours": [], "clear": ["neighbours"]}, "clear[0]: 'neighbours' is also given a value"),
        ({"rules": [{"table": "7"}]}, "'priority' is missing"),
        ({"rules": [{"priority": 0, "table": "7"}]}, "rules[0].priority: 0 is out of range"),
        ({"rules": [{"priority": 2**32, "table": "7"}]}, "rules[0].priority: 4294967296 is out of range"),
        ({"rules": [{"priority": 1}]}, "rules[0].table: is missing; name the table to look up, or an action"),
        ({"rules": [{"priority": 1, "table": "0"}]}, "rules[0].table: 0 is out of range"),
        ({"rules": [{"priority": 1, "table": "blue"}]}, "rules[0].table: 'blue' is not a routing table"),
        (
            {"rules": [{"priority": 1, "table": "7", "action": "prohibit"}]},
            "rules[0].table: a rule with the action 'prohibit' looks nothing up",
        ),
        (
            {"rules": [{"priority": 1, "suppress_prefixlength": 0, "action": "blackhole"}]},
            "rules[0].suppress_prefixlength: a rule with the action 'blackhole' looks nothing up",
        ),
        (
            {"rules": [{"priority": 1, "table": "7", "suppress_prefixlength": 33}]},
            "rules[0].suppress_prefixlength: 33 is out of range",
        ),
        (
            {"rules": [{"priority": 1, "table": "7", "from": "10.0.0.1/24"}]},
            "rules[0].from: '10.0.0.1/24' has host bits set; did you mean '10.0.0.0/24'?",
        ),
        ({"rules": [{"priority": 1, "table": "7", "to": "all"}]}, "rules[0].to: 'all' is not a network"),
        (
            {"rules": [{"priority": 1, "table": "7", "from": "10.0.0.1", "to": "fd00::/64"}]},
            "rules[0].to: 'fd00::/64' is IPv6, but the rule is for IPv4",
        ),
        (
            {"rules": [{"priority": 1, "table": "7", "from": "::/0", "family": "ipv4"}]},
            "rules[0].from: '::/0' is IPv6, but the rule is for IPv4",
        ),
        (
            {"rules": [{"priority": 1, "table": "7", "fwmark": "blue"}]},
            "rules[0].fwmark: 'blue' is not a firewall mark",
        ),
        (
            {"rules": [{"priority": 1, "table": "7", "fwmark": "4294967296"}]},
            "rules[0].fwmark: 4294967296 is out of range",
        ),
        (
            {"rules": [{"priority": 1, "table": "7", "fwmark": "0x10/0xf"}]},
            "rules[0].fwmark: '0x10/0xf' has bits that its mask leaves out; did you mean '0x0/0xf'?",
        ),
        (
            {"rules": [{"priority": 1, "table": "7", "fwmark": "0/0"}]},
            "rules[0].fwmark: '0/0' has a mask that leaves nothing of the mark",
        ),
        (
            {"rules": [{"priority": 1, "table": "7"}, {"priority": 1, "match": "iif", "table": "7"}]},
            "rules[1]: stands in the list twice",
        ),
        (
            {"rules": [{"priority": 1, "table": "7"}, {"priority": 1, "table": "8"}]},
            "rules[1].priority: 1 is that of another rule for the same packets",
        ),
    ],
)
def test_refusals_change_nothing(options: Params, sentence: str) -> None:
    fake = host()
    before = picture(fake)
    with pytest.raises(BadInput) as caught:
        run_one(fake, "netns_interface", interface(**options))
    assert sentence in str(caught.value)
    assert picture(fake) == before


def test_what_is_told_can_be_pasted() -> None:
    fake = host()
    view = run_one(fake, "netns_interface", interface(neighbours=ALL_NEIGHBOURS, rules=ALL_RULES)).now
    told = {
        "neighbours": _neighbours.view(view, "red", "eth0"),
        "rules": _interface_rules.view(view, "red", "eth0"),
    }
    assert told == {
        "neighbours": [near(), near(mac=None, proxy=True), near("fd00::9")],
        "rules": [
            {
                "priority": 100,
                "match": "iif",
                "family": "ipv4",
                "from": "10.0.0.0/24",
                "action": "lookup",
                "table": "7",
            },
            {"priority": 200, "match": "oif", "family": "ipv4", "action": "prohibit"},
        ],
    }
    assert run_one(fake, "netns_interface", interface(**told)).steps == []


@pytest.mark.parametrize(
    ("options", "neighbours", "rules"),
    [
        ({}, set(), set()),
        ({"neighbours": []}, {"red"}, set()),
        ({"clear": ["rules"]}, set(), {"red"}),
        ({"source": {"name": "nic"}}, {None}, set()),
        ({"state": "absent"}, {"red"}, {"red"}),
    ],
)
def test_who_does_not_ask_does_not_pay(options: Params, neighbours: set[str | None], rules: set[str | None]) -> None:
    scope = scope_of([EntryReader().read("netns_interface", interface(**options), "")])
    assert (scope.neighbours, scope.rules) == (neighbours, rules)


@pytest.mark.parametrize("gone", [False, True])
def test_a_created_link_takes_its_rules_along_and_nobody_elses(gone: bool) -> None:
    fake = host()
    before = picture(fake)
    tap = {
        "name": "eth",
        "netns": "red",
        "kind": "tap",
        "neighbours": [near()],
        "rules": [{"priority": 100, "table": "7"}],
    }
    run_one(fake, "netns_interface", tap)
    if gone:  # by hand: its rules stay, and would hold for the next link of that name
        del fake.state.namespaces["red"].links["eth"]
        fake.state.namespaces["red"].neighbours[:] = [
            one for one in fake.state.namespaces["red"].neighbours if one.device != "eth"
        ]
    steps = run_one(fake, "netns_interface", {"name": "eth", "netns": "red", "state": "absent"}).steps
    assert steps == ["delete rule priority 100 iif eth lookup 7 in red", *([] if gone else ["delete link eth in red"])]
    assert picture(fake) == before


def test_a_moved_link_has_its_neighbours_again_at_home() -> None:
    fake = host()
    fake.state.namespaces[None].neighbours.append(Neighbour("10.9.0.9", MAC, "veth-b"))
    before = picture(fake)
    moved = {
        "name": "nic",
        "netns": "red",
        "source": {"name": "veth-b"},
        "neighbours": [near()],
        "rules": [{"priority": 9, "table": "9"}],
    }
    run_one(fake, "netns_interface", moved)
    assert Neighbour("10.9.0.9", MAC, "veth-b") not in fake.state.namespaces[None].neighbours
    run_one(fake, "netns_interface", {"name": "nic", "netns": "red", "state": "absent"})
    assert picture(fake) == before


def test_what_another_entry_sets_takes_no_neighbours_along() -> None:
    fake = host()
    run_one(fake, "linux_bridge", {"name": "br0", "netns": "red"})
    wish = {
        "name": "t",
        "linux_bridge": [{"name": "br0", "netns": "red", "mac": "02:00:00:00:00:01"}],
        "netns_interface": [
            {"name": "br0", "netns": "red", "neighbours": [near()], "rules": [{"priority": 9, "table": "9"}]}
        ],
    }
    assert run_topology(fake, wish).steps[-2:] == [
        f"set neighbour 10.0.0.9 of br0 in red: mac={MAC}",
        "add rule priority 9 iif br0 lookup 9 in red",
    ]
    again = {**wish, "linux_bridge": [{"name": "br0", "netns": "red", "mac": "02:00:00:00:00:02"}]}
    assert run_topology(fake, again).steps == [
        "set br0 in red: mac=02:00:00:00:00:02",
        f"set neighbour 10.0.0.9 of br0 in red: mac={MAC}",
    ]
    assert len(run_topology(fake, {"name": "t", "state": "absent"}).steps) > 1
    assert not [
        one
        for one in (*fake.state.namespaces["red"].neighbours, *fake.state.namespaces["red"].rules)
        if one.device == "br0"
    ]


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("netns_interface", interface(neighbours=[near("fd00::8")], rules=[{"priority": 9, "table": "9"}])),
        ("netns_interface", interface(mac="02:00:00:00:00:01", up=False, addresses=[], neighbours=[], clear=["rules"])),
        (
            "netns_interface",
            {
                **interface(),
                "name": "nic",
                "source": {"name": "eth0", "netns": "red"},
                "netns": None,
                "neighbours": [near()],
            },
        ),
        ("veth", {"name": "veth-a", "state": "absent"}),
        ("netns_interface", {"name": "tap0", "netns": "red", "state": "absent"}),
    ],
)
def test_undo_gives_all_back(kind: str, params: Params) -> None:
    number = 0
    while True:
        fake = host()
        run_one(
            fake,
            "netns_interface",
            {
                "name": "tap0",
                "netns": "red",
                "kind": "tap",
                "neighbours": [near()],
                "rules": [{"priority": 9, "table": "9"}],
            },
        )
        before = picture(fake)
        fake.fail_at = len(fake.done) + number
        try:
            run_one(fake, kind, params)
        except NetloomError:
            assert picture(fake) == before, number
        else:
            break
        number += 1
    assert number
