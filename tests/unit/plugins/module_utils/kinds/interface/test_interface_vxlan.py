# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netns_interface of kind vxlan: where it sends, as tables on the fake host."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._entry import scope_of
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._kinds.interface import _interface_view
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Conflict, NetloomError
from ansible_collections.netloom.linux.plugins.module_utils._model._fdb import DEFAULT, NTF_EXT_LEARNED, Tunnel
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

Params = dict[str, t.Any]
MAC, OTHER = "02:00:00:00:00:09", "02:00:00:00:00:0a"
DATA: Params = {"id": 7, "local": "192.0.2.1", "port": 4789, "learning": True, "ttl": "auto"}
TABLE = (
    Tunnel(DEFAULT, "192.0.2.2"),
    Tunnel(DEFAULT, "192.0.2.3"),
    Tunnel(MAC, "192.0.2.2"),
    Tunnel(OTHER, "192.0.2.3", 4790, 8),
    Tunnel("02:00:00:00:00:0b", "192.0.2.9", flags=NTF_EXT_LEARNED),  # a routing daemon's
    Tunnel("01:00:5e:00:00:01", "192.0.2.9"),  # of no unicast address
    Tunnel("02:00:00:00:00:0c", None, nexthop=5),
)


def host(*table: Tunnel, **data: t.Any) -> FakeHost:
    """A vxlan in red, and a link on which others can stand."""
    found = FakeHost("red")
    links = found.state.namespaces["red"].links
    links["under"] = Link("under", index=2, mac="02:00:00:00:00:02", mtu=1500, txqueuelen=1000, up=True)
    links["vx0"] = Link(
        "vx0",
        "vxlan",
        index=3,
        mac="02:00:00:00:00:03",
        mtu=1450,
        txqueuelen=1000,
        up=True,
        carrier=True,
        data={**DATA, **data, "fdb": tuple(sorted(table or TABLE, key=lambda one: one.order))},
    )
    return found


def vxlan(**options: t.Any) -> Params:
    """The same vxlan as declared."""
    return {"name": "vx0", "netns": "red", "kind": "vxlan", "id": 7, "local": "192.0.2.1", **options}


REMOTES = ["192.0.2.2", "192.0.2.3"]
ENTRIES: list[Params] = [
    {"mac": MAC, "remote": "192.0.2.2"},
    {"mac": OTHER, "remote": "192.0.2.3", "port": 4790, "vni": 8},
]
NEW = ["delete link vx0 in red", "create vxlan vx0 in red", "set vx0 in red: up"]


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        ({}, []),
        ({"remotes": REMOTES, "fdb": ENTRIES, "learning": True, "ttl": "0"}, []),
        ({"remotes": REMOTES[::-1], "fdb": ENTRIES[::-1]}, []),
        ({"fdb": [{**ENTRIES[0], "mac": MAC.upper(), "port": 4789, "vni": 7}, ENTRIES[1]]}, []),
        ({"remotes": [*REMOTES, "192.0.2.4"]}, ["add remote 192.0.2.4 to vx0 in red"]),
        ({"remotes": ["192.0.2.2"]}, ["delete remote 192.0.2.3 from vx0 in red"]),
        (
            {"remotes": ["192.0.2.2", "192.0.2.4"]},
            ["add remote 192.0.2.4 to vx0 in red", "delete remote 192.0.2.3 from vx0 in red"],
        ),
        (
            {"remotes": []},
            ["delete remote 192.0.2.2 from vx0 in red", "delete remote 192.0.2.3 from vx0 in red"],
        ),
        (
            {"clear": ["remotes"]},
            ["delete remote 192.0.2.2 from vx0 in red", "delete remote 192.0.2.3 from vx0 in red"],
        ),
        ({"fdb": ENTRIES[:1]}, [f"delete fdb entry {OTHER} of vx0 in red"]),
        ({"fdb": []}, [f"delete fdb entry {MAC} of vx0 in red", f"delete fdb entry {OTHER} of vx0 in red"]),
        (
            {"fdb": [*ENTRIES, {"mac": "02:00:00:00:00:0d", "remote": "192.0.2.4"}]},
            ["set fdb entry 02:00:00:00:00:0d of vx0 in red: remote=192.0.2.4"],
        ),
        (
            {"fdb": [{**ENTRIES[0], "remote": "192.0.2.4"}, ENTRIES[1]]},
            [f"set fdb entry {MAC} of vx0 in red: remote=192.0.2.4"],
        ),
        (
            {"fdb": [{**ENTRIES[0], "port": 4790}, {**ENTRIES[1], "vni": 9}]},
            [
                f"set fdb entry {MAC} of vx0 in red: remote=192.0.2.2 port 4790",
                f"set fdb entry {OTHER} of vx0 in red: remote=192.0.2.3 port 4790 vni 9",
            ],
        ),
        ({"learning": False}, ["set vx0 in red: learning=False"]),
        ({"ttl": 64, "learning": True}, ["set vx0 in red: ttl=64"]),
        ({"ttl": "inherit"}, NEW),
        (
            {"id": 8, "remotes": REMOTES, "fdb": ENTRIES[1:]},
            [
                "delete link vx0 in red",
                "create vxlan vx0 in red",
                "add remote 192.0.2.2 to vx0 in red",
                "add remote 192.0.2.3 to vx0 in red",
                f"set fdb entry {OTHER} of vx0 in red: remote=192.0.2.3 port 4790",
                "set vx0 in red: up",
            ],
        ),
        ({"group": "239.1.1.1", "parent": "under"}, NEW),
        ({"remote": "192.0.2.2"}, NEW),
        ({"state": "absent"}, ["delete link vx0 in red"]),
        ({"state": "absent", "remotes": REMOTES, "remote": "192.0.2.2"}, ["delete link vx0 in red"]),
    ],
)
def test_plans(options: Params, steps: list[str]) -> None:
    fake = host()
    assert run_one(fake, "netns_interface", vxlan(**options), check=True).steps == steps
    assert run_one(fake, "netns_interface", vxlan(**options)).steps == steps
    assert run_one(fake, "netns_interface", vxlan(**options)).steps == [], "a second run"


@pytest.mark.parametrize(
    ("data", "table", "options", "steps"),
    [
        ({"ttl": "inherit"}, (), {"ttl": 5}, NEW),
        ({"ttl": "inherit"}, (), {"ttl": "inherit", "learning": False}, ["set vx0 in red: learning=False"]),
        # Its own remote is an entry like the others.
        (
            {"remote": "192.0.2.2"},
            (Tunnel(DEFAULT, "192.0.2.2"),),
            {"remotes": ["192.0.2.3"]},
            ["add remote 192.0.2.3 to vx0 in red", "delete remote 192.0.2.2 from vx0 in red"],
        ),
        ({"remote": "192.0.2.2"}, (Tunnel(DEFAULT, "192.0.2.2"),), {"remotes": ["192.0.2.2"]}, []),
        # It would still be a member of the group.
        (
            {"remote": "239.1.1.1", "parent": "under"},
            (Tunnel(DEFAULT, "239.1.1.1", via=2),),
            {"remotes": ["192.0.2.2"]},
            [*NEW[:2], "add remote 192.0.2.2 to vx0 in red", NEW[2]],
        ),
        ({"remote": "239.1.1.1", "parent": "under"}, (), {"group": "239.1.1.1", "parent": "under"}, []),
        ({"remote": "239.1.1.1", "parent": "under"}, (), {"remote": "239.1.1.1", "parent": "under"}, []),
        ({"remote": "239.1.1.1", "parent": "under"}, (), {"group": "239.1.1.2", "parent": "under"}, NEW),
        # Somebody deleted the entry of its own remote, or of its group.
        ({"remote": "192.0.2.2"}, TABLE[2:3], {"remote": "192.0.2.2"}, ["add remote 192.0.2.2 to vx0 in red"]),
        ({"remote": "239.1.1.1", "parent": "under"}, TABLE[2:3], {"group": "239.1.1.1", "parent": "under"}, NEW),
        ({"remote": "192.0.2.2"}, TABLE[2:3], {}, []),
    ],
)
def test_plans_of_other_links(data: Params, table: tuple[Tunnel, ...], options: Params, steps: list[str]) -> None:
    fake = host(*(table or (Tunnel(DEFAULT, data.get("remote", "192.0.2.2")),)), **data)
    assert run_one(fake, "netns_interface", vxlan(**options), check=True).steps == steps
    assert run_one(fake, "netns_interface", vxlan(**options)).steps == steps
    assert run_one(fake, "netns_interface", vxlan(**options)).steps == [], "a second run"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"remotes": ["192.0.2.2"], "remote": "192.0.2.3"}, "remotes: excludes remote; a vxlan sends"),
        ({"remotes": [], "group": "239.1.1.1", "parent": "under"}, "remotes: excludes group"),
        ({"remote": "192.0.2.2", "group": "239.1.1.1"}, "group: excludes remote"),
        ({"group": "192.0.2.2", "parent": "under"}, "group: '192.0.2.2' is not a multicast address"),
        ({"group": "239.1.1.1"}, "parent: is missing; name the link by which the multicast group 239.1.1.1 is reached"),
        (
            {"remote": "239.1.1.1"},
            "parent: is missing; name the link by which the multicast group 239.1.1.1 is reached",
        ),
        (
            {"group": "ff05::1", "parent": "under"},
            "local: '192.0.2.1' and the group 'ff05::1' must be of one IP family",
        ),
        ({"remotes": ["there"]}, "remotes[0]: 'there' is not an IP address"),
        ({"remotes": ["192.0.2.2", "239.1.1.1"]}, "remotes[1]: '239.1.1.1' is not an address of a host"),
        ({"remotes": ["192.0.2.2", "192.0.2.2"]}, "remotes[1]: '192.0.2.2' stands in the list twice; remove one"),
        (
            {"remotes": ["192.0.2.2", "fd00::2"]},
            "remotes[1]: 'fd00::2' and the local '192.0.2.1' must be of one IP family",
        ),
        ({"remotes": ["fe80::2"], "local": "fd00::1"}, "remotes[0]: 'fe80::2' is link-local"),
        ({"remotes": ["192.0.2.2", "192.0.2.1"]}, "remotes[1]: '192.0.2.1' is the local end itself; name only others"),
        ({"fdb": [{"mac": MAC, "remote": "192.0.2.1"}]}, "fdb[0].remote: '192.0.2.1' is the local end itself"),
        ({"remote": "192.0.2.1"}, "remote: '192.0.2.1' is the local end itself"),
        ({"remote": "0.0.0.0"}, "remote: '0.0.0.0' is not an address of a host"),
        ({"fdb": [{"mac": MAC}]}, "'remote' is missing"),
        ({"fdb": [{"remote": "192.0.2.2"}]}, "'mac' is missing"),
        ({"fdb": [{"mac": DEFAULT, "remote": "192.0.2.2"}]}, f"fdb[0].mac: '{DEFAULT}' stands for all addresses"),
        ({"fdb": [{"mac": "01:00:5e:00:00:01", "remote": "192.0.2.2"}]}, "fdb[0].mac: '01:00:5e:00:00:01' is a multi"),
        (
            {"fdb": [{"mac": MAC, "remote": "fd00::2"}]},
            "fdb[0].remote: 'fd00::2' and the local '192.0.2.1' must be of one",
        ),
        ({"fdb": [*ENTRIES, ENTRIES[0]]}, f"fdb[2].mac: '{MAC}' stands in the list twice; remove one"),
        ({"fdb": [*ENTRIES, {**ENTRIES[0], "remote": "192.0.2.4"}]}, f"fdb[2].mac: '{MAC}' is behind another remote"),
        ({"fdb": [{**ENTRIES[0], "port": 0}]}, "fdb[0].port: 0 is out of range"),
        ({"fdb": [{**ENTRIES[0], "vni": 2**24}]}, "fdb[0].vni: 16777216 is out of range"),
        ({"ttl": 256}, "ttl: 256 is out of range"),
        ({"ttl": "far"}, "ttl: 'far' is neither a number of hops nor 'inherit' or 'auto'"),
        ({"remotes": [], "clear": ["remotes"]}, "clear[0]: 'remotes' is also given a value"),
        ({"kind": "dummy", "id": None, "local": None, "remotes": []}, "remotes: a dummy takes no remotes; it belongs"),
        (
            {"kind": None, "id": None, "local": None, "fdb": []},
            "fdb: without kind there is no fdb; it belongs to vxlan",
        ),
    ],
)
def test_refusals_change_nothing(options: Params, sentence: str) -> None:
    fake = host()
    before = picture(fake)
    with pytest.raises(BadInput) as caught:
        run_one(fake, "netns_interface", vxlan(**options))
    assert sentence in str(caught.value)
    assert picture(fake) == before


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"remotes": ["fd00::2"]}, "remotes[0]: 'fd00::2' is IPv6, and 'vx9' is of IPv4, as without local. Give it"),
        ({"fdb": [{"mac": MAC, "remote": "fd00::2"}]}, "fdb[0]: 'fd00::2' is IPv6, and 'vx9' is of IPv4"),
    ],
)
def test_a_new_vxlan_without_a_local_address_is_of_ipv4(options: Params, sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        run_one(host(), "netns_interface", {**vxlan(**options), "name": "vx9", "id": 9, "local": None}, check=True)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        ({}, True),
        ({"port": 4790}, False),
        ({"id": 8}, False),
        ({"local": "fd00::1"}, False),
        ({"netns": None}, False),
        ({"parent": "nic0"}, False),  # which is on the host, by whose addresses it sends
    ],
)
def test_an_id_that_another_vxlan_has_is_refused(options: Params, taken: bool) -> None:
    fake = host()
    fake.state.namespaces[None].links["nic0"] = Link("nic0", index=9, mtu=1500, txqueuelen=1000)
    wish = {**vxlan(), "name": "vx9", **options}
    if not taken:
        run_one(fake, "netns_interface", wish)
        return
    with pytest.raises(Conflict) as caught:
        run_one(fake, "netns_interface", wish, check=True)
    assert "Cannot create vxlan 'vx9' in red: 'vx0' in red has the id 7 on UDP port 4789" in str(caught.value)


def test_two_that_exchange_their_ids_let_go_first() -> None:
    fake = FakeHost()
    one, other = ({"name": name, "kind": "vxlan", "id": number} for name, number in (("a", 1), ("b", 2)))
    run_topology(fake, {"name": "t", "netns_interface": [one, other]})
    crossed = {"name": "t", "netns_interface": [{**one, "id": 2}, {**other, "id": 1}]}
    assert run_topology(fake, crossed).steps[:2] == ["delete link a", "delete link b"]
    assert run_topology(fake, crossed).steps == []


@pytest.mark.parametrize(
    ("data", "table", "shown"),
    [
        ({}, TABLE, {"remotes": REMOTES, "fdb": ENTRIES}),
        ({}, (Tunnel(MAC, "192.0.2.2"),), {"fdb": ENTRIES[:1]}),
        ({"remote": "192.0.2.2"}, TABLE[:1], {"remote": "192.0.2.2"}),
        ({"remote": "192.0.2.2"}, TABLE[:2], {"remotes": REMOTES}),
        ({"remote": "192.0.2.2"}, TABLE[2:3], {"remotes": [], "fdb": ENTRIES[:1]}),
        ({"remote": "239.1.1.1", "parent": "under"}, (), {"group": "239.1.1.1", "parent": "under"}),
    ],
)
def test_what_is_told_can_be_pasted(data: Params, table: tuple[Tunnel, ...], shown: Params) -> None:
    fake = host(*(table or (Tunnel(DEFAULT, data["remote"], via=2),)), **data)
    link = fake.state.namespaces["red"].links["vx0"]
    told = {
        name: value
        for name, value in _interface_view.view_interface(fake.state, "red", link).items()
        if value is not None
    }
    assert {name: told.get(name) for name in (*shown, "learning", "ttl")} == {**shown, "learning": True, "ttl": "auto"}
    assert {"remote", "group", "remotes"} & set(told) == {"remote", "group", "remotes"} & set(shown)
    assert run_one(fake, "netns_interface", told).steps == []


def test_the_result_speaks_of_entries_only_if_they_are_declared() -> None:
    fake = host()
    entry = EntryReader().read("netns_interface", vxlan(), "")
    view = entry.kind.view(entry.spec, fake.state) or {}
    assert not {"remotes", "fdb"} & {name for name, value in view.items() if value is not None}
    entry = EntryReader().read("netns_interface", vxlan(remotes=[], fdb=[]), "")
    view = entry.kind.view(entry.spec, fake.state) or {}
    assert (view["remotes"], view["fdb"]) == (REMOTES, ENTRIES)


@pytest.mark.parametrize(
    ("params", "asked"),
    [(vxlan(), {("red", "vx0")}), ({"name": "tap0", "netns": "red", "kind": "tap"}, set())],
)
def test_who_does_not_ask_does_not_pay(params: Params, asked: set[t.Any]) -> None:
    assert scope_of([EntryReader().read("netns_interface", params, "")]).fdb == asked


@pytest.mark.parametrize(
    "options",
    [
        {"remotes": ["192.0.2.3", "192.0.2.4"], "fdb": [{**ENTRIES[0], "remote": "192.0.2.4"}], "learning": False},
        {"ttl": 3, "learning": False, "fdb": []},
        {"id": 8, "remotes": REMOTES},
        {"group": "239.1.1.1", "parent": "under"},
        {"state": "absent"},
    ],
)
def test_undo_gives_all_back(options: Params) -> None:
    number = 0
    while True:
        fake = host()
        before = picture(fake)
        fake.fail_at = number
        try:
            run_one(fake, "netns_interface", vxlan(**options))
        except NetloomError:
            assert picture(fake) == before, number
        else:
            break
        number += 1
    assert number


@pytest.mark.parametrize(
    ("data", "table"),
    [
        ({}, TABLE),
        ({"remote": "192.0.2.2"}, TABLE[:1]),
        ({"remote": "192.0.2.2", "learning": False, "ttl": "9"}, (*TABLE[:1], TABLE[2])),
    ],
)
def test_an_adopted_vxlan_gets_back_what_it_had(data: Params, table: tuple[Tunnel, ...]) -> None:
    fake = host(*table, **data)
    before = dataclasses.replace(fake.state.namespaces["red"].links["vx0"])
    wish = vxlan(
        remotes=["192.0.2.9"], fdb=[{"mac": MAC, "remote": "192.0.2.9"}], learning=data.get("learning") is False
    )
    for number in (3, 4):
        run_topology(fake, {"name": "t", "netns_interface": [{**wish, "ttl": number}]})
    assert fake.state.namespaces["red"].links["vx0"] != before
    run_topology(fake, {"name": "t", "state": "absent"})
    assert fake.state.namespaces["red"].links["vx0"] == before


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ({"netns": None}, True),
        ({"netns": None, "local": "fd00::1"}, True),
        ({"parent": "nic0"}, True),
        ({"netns": None, "port": 4790}, False),
        ({}, False),  # it receives in its own namespace
    ],
)
def test_the_port_of_an_external_vxlan_is_refused(options: Params, refused: bool) -> None:
    """Open vSwitch makes one for its own tunnels. The kernel makes the other link, too, and it never comes up."""
    fake = host()
    links = fake.state.namespaces[None].links
    links["nic0"] = Link("nic0", index=9, mtu=1500, txqueuelen=1000)
    links["vxlan_sys_4789"] = Link("vxlan_sys_4789", "vxlan", index=10, data={"id": 0, "port": 4789, "external": True})
    wish = {**vxlan(), "name": "vx9", "id": 9, **options}
    if not refused:
        run_one(fake, "netns_interface", wish)
        return
    with pytest.raises(Conflict) as caught:
        run_one(fake, "netns_interface", wish, check=True)
    assert "'vxlan_sys_4789' receives whatever comes to UDP port 4789." in str(caught.value)
