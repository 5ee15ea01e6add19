# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netns_dhcp_client: values and plans as tables."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._kinds._dhcp_client_spec import CLIENTS
from ansible_collections.netloom.linux.plugins.module_utils._kinds._netns_dhcp_client import ASK, DhcpClientKind
from ansible_collections.netloom.linux.plugins.module_utils._model._daemon_ops import daemon_key
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Missing
from ansible_collections.netloom.linux.plugins.module_utils._model._lease import Lease
from ansible_collections.netloom.linux.plugins.module_utils._model._plan import Planner
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Route
from ansible_collections.netloom.linux.plugins.module_utils._model._routes import Routes
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Program
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import (
    Address,
    Daemon,
    Link,
    Namespace,
    Snapshot,
)
from ansible_collections.netloom.linux.tests.unit.fake_host import planned

KIND = DhcpClientKind()
LEASED = "10.0.0.20/24"


def params(**given: t.Any) -> dict[str, t.Any]:
    """Options as the argument spec leaves them."""
    return {
        "netns": "red",
        "interface": "eth0",
        "family": "ipv4",
        "client": "auto",
        "hostname": None,
        "default_route": None,
        "timeout": 30,
        "wait_for_lease": True,
        "state": "present",
        "clear": None,
        **given,
    }


def host(
    *daemons: Daemon,
    inode: int = 7,
    index: int = 2,
    addresses: tuple[str, ...] = (LEASED,),
    programs: tuple[str, ...] = CLIENTS,
    routes: tuple[Route, ...] = (),
    near: tuple[Route, ...] = (Route("10.0.0.0/24", device="eth0", scope="link", protocol="kernel"),),
    mtu: int = 1500,
) -> Snapshot:
    """A host with eth0 in namespace red, and these programs."""
    link = Link(
        "eth0", "veth", index=index, mtu=mtu, addresses=tuple(Address(cidr, dynamic=True) for cidr in addresses)
    )
    links = {"lo": Link("lo", index=1), "eth0": link}
    found = Snapshot(
        {
            None: Namespace(None),
            "red": Namespace(
                "red", inode=inode, links=links, routes=Routes([*near, *routes]), processes={100: "x", 101: "x"}
            ),
        }
    )
    found.daemons = {daemon_key(daemon): daemon for daemon in daemons}
    for names in [CLIENTS, CLIENTS[:2], *((name,) for name in CLIENTS)]:
        there = [name for name in names if name in programs]
        found.answers[Program(names)] = (there[0], f"/sbin/{there[0]}") if there else None
    return found


def client(**changed: t.Any) -> Daemon:
    """A client of ours that holds a lease."""
    daemon = Daemon(
        "dhclient",
        "eth0",
        "red",
        100,
        True,
        7,
        links={"eth0": 2},
        lease=Lease(LEASED),
        settings={"hostname": ""},
        pids=(100, 101),
    )
    return dataclasses.replace(daemon, **changed)


def plan(snapshot: Snapshot, assume: bool = False, **given: t.Any) -> Planner:
    """The plan for one entry."""
    return planned(KIND, params(**given), snapshot, assume)


BAD = {
    "netns": ({"netns": ".."}, "netns:"),
    "null netns": ({"netns": None}, "netns: is required"),
    "null interface": ({"interface": None}, "interface: is required"),
    "no interface": ({"interface": ""}, "interface:"),
    "long interface": ({"interface": "x" * 16}, "16 bytes"),
    "looks like an option": ({"interface": "-r"}, "begin with '-'"),
    "is lost to systemd": ({"interface": "c$HOME"}, "systemd does not keep"),
    "lo": ({"interface": "lo"}, "not lo"),
    "hostname": ({"hostname": "a b"}, "hostname:"),
    "quote in hostname": ({"hostname": 'a"; script "/tmp/x'}, "hostname:"),
    "line break": ({"hostname": "a\nb"}, "line break"),
    "timeout": ({"timeout": 0}, "timeout: 0"),
    "DHCPv6 by udhcpc": (
        {"family": "ipv6", "client": "udhcpc"},
        "client: 'udhcpc' has no DHCPv6; take dhclient or dhcpcd",
    ),
    "default route by DHCPv6": ({"family": "ipv6", "default_route": False}, "default_route: is not given by DHCPv6"),
}


@pytest.mark.parametrize(("given", "message"), BAD.values(), ids=BAD)
def test_bad_input(given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        KIND.normalise(params(**given), "")


AGAIN = ["stop dhclient on eth0 in red ({})", "start dhclient on eth0 in red"]


def again(reason: str) -> list[str]:
    """A restart for this reason."""
    return [AGAIN[0].format(reason), AGAIN[1]]


ROUTER = "10.0.0.1"
DEFAULT = Route("0.0.0.0/0", gateway=ROUTER, device="eth0", protocol="boot")
ROUTED = Lease(LEASED, ROUTER, (ROUTER, "10.0.0.2"), mtu=1400)
FAR = Route("10.7.0.0/16", gateway="10.0.0.9", device="eth0", protocol="boot")
NEAR = Route("10.8.0.0/24", device="eth0", protocol="boot")
CLASSLESS = dataclasses.replace(
    ROUTED, routes=((FAR.destination, FAR.gateway), (NEAR.destination, None), ("192.0.2.0/24", "198.51.100.1"))
)


def regained(reason: str, kind: str = "dhclient") -> list[str]:
    """A client that asks for its lease again, without giving it back."""
    return [f"start {kind} on eth0 in red ({reason})"]


LEASED6 = "2001:db8::15/128"
SIX = {"hostname": "", "family": "ipv6"}
PLANS: dict[str, tuple[Snapshot, dict[str, t.Any], list[str]]] = {
    "new": (host(addresses=()), {}, ["start dhclient on eth0 in red"]),
    "what is there": (host(addresses=(), programs=("udhcpc",)), {}, ["start udhcpc on eth0 in red"]),
    "well": (host(client()), {}, []),
    "well, and another is installed": (host(client(kind="udhcpc")), {}, []),
    "killed": (
        host(client(alive=False, pid=None)),
        {},
        [
            "stop dhclient on eth0 in red (the client is not running)",
            "start dhclient on eth0 in red (the client is not running)",
        ],
    ),
    "killed before it had a lease": (
        host(client(alive=False, pid=None, lease=None)),
        {},
        ["start dhclient on eth0 in red (the client is not running)"],
    ),
    "address gone": (host(client(), addresses=()), {}, again(f"the leased address {LEASED} is not on eth0")),
    "network unreachable": (host(client(), near=()), {}, again("the route 10.0.0.0/24 of the leased address is gone")),
    "network of another link": (
        host(client(), near=(Route("10.0.0.0/24", device="eth1", protocol="kernel"),)),
        {},
        again("the route 10.0.0.0/24 of the leased address is gone"),
    ),
    "similar address": (
        host(client(), addresses=("10.0.0.20/25",)),
        {},
        again(f"the leased address {LEASED} is not on eth0"),
    ),
    "no answer": (host(client(lease=None), addresses=()), {}, again("no server has answered")),
    "namespace anew": (host(client(), inode=8), {}, again("namespace red was made anew")),
    "interface anew": (host(client(), index=9), {}, again("eth0 was made anew")),
    "another client": (
        host(client()),
        {"client": "udhcpc"},
        ["stop dhclient on eth0 in red (the client is to be udhcpc)", "start udhcpc on eth0 in red"],
    ),
    "hostname": (host(client()), {"hostname": "web"}, again("the host name is to be web")),
    "hostname left out": (host(client(settings={"hostname": "web"})), {}, []),
    "hostname cleared": (
        host(client(settings={"hostname": "web"})),
        {"clear": ["hostname"]},
        again("the host name is to be none"),
    ),
    "no lease yet, and it may come later": (host(client(lease=None), addresses=()), {"wait_for_lease": False}, []),
    "a lease that may come later is lost": (
        host(client(), addresses=()),
        {"wait_for_lease": False},
        again(f"the leased address {LEASED} is not on eth0"),
    ),
    "absent": (host(client()), {"state": "absent"}, ["stop dhclient on eth0 in red and delete its files"]),
    "absent without namespace": (
        Snapshot({None: Namespace(None)}, daemons={"dhcp_client/red/eth0": client(alive=False)}),
        {"state": "absent"},
        ["stop dhclient on eth0 in red and delete its files"],
    ),
    "absent, never there": (host(), {"state": "absent"}, []),
    "all of a lease": (host(client(lease=ROUTED), routes=(DEFAULT,), mtu=1400), {}, []),
    "default route with a metric": (
        host(client(lease=ROUTED), routes=(dataclasses.replace(DEFAULT, metric=1002, protocol="dhcp"),), mtu=1400),
        {},
        [],
    ),
    "default route gone": (
        host(client(lease=ROUTED), mtu=1400),
        {},
        regained(f"its route default via {ROUTER} is gone"),
    ),
    "default route of another table": (
        host(client(lease=ROUTED), routes=(dataclasses.replace(DEFAULT, table=100),), mtu=1400),
        {},
        regained(f"its route default via {ROUTER} is gone"),
    ),
    "default route elsewhere": (
        host(client(lease=ROUTED), routes=(dataclasses.replace(DEFAULT, gateway="10.0.0.66"),), mtu=1400),
        {},
        again(f"its route default via {ROUTER} leads elsewhere"),
    ),
    "default route that is declared": (
        host(
            client(lease=ROUTED),
            routes=(dataclasses.replace(DEFAULT, gateway="10.0.0.66", protocol="static"),),
            mtu=1400,
        ),
        {},
        [],
    ),
    "default route of another link": (
        host(client(lease=ROUTED), routes=(dataclasses.replace(DEFAULT, device="eth1"),), mtu=1400),
        {},
        [],
    ),
    "default route not wanted": (
        host(client(lease=ROUTED, settings={"hostname": "", "default_route": False}), mtu=1400),
        {},
        [],
    ),
    "default route not wanted any more": (
        host(client(lease=ROUTED), routes=(DEFAULT,), mtu=1400),
        {"default_route": False},
        again("it is to set no default route"),
    ),
    "default route wanted again": (
        host(client(lease=ROUTED, settings={"hostname": "", "default_route": False}), mtu=1400),
        {"clear": ["default_route"]},
        again("it is to set the default route"),
    ),
    "router in no network": (
        host(client(lease=dataclasses.replace(ROUTED, routers=("198.51.100.1",))), mtu=1400),
        {},
        [],
    ),
    "classless routes": (host(client(lease=CLASSLESS), routes=(FAR, NEAR), mtu=1400), {}, []),
    "a classless route gone": (
        host(client(lease=CLASSLESS), routes=(NEAR,), mtu=1400),
        {},
        regained("its route 10.7.0.0/16 via 10.0.0.9 is gone"),
    ),
    "an on-link route gone": (
        host(client(lease=CLASSLESS), routes=(FAR,), mtu=1400),
        {},
        regained("its route 10.8.0.0/24 is gone"),
    ),
    "MTU": (host(client(lease=ROUTED), routes=(DEFAULT,)), {}, regained("its MTU is 1500, not 1400")),
    "smaller MTU": (host(client(lease=ROUTED), routes=(DEFAULT,), mtu=1300), {}, regained("its MTU is 1300, not 1400")),
    "MTU of dhcpcd": (host(client(lease=ROUTED, kind="dhcpcd"), routes=(DEFAULT,)), {}, []),
    "MTU that nobody takes": (host(client(lease=dataclasses.replace(ROUTED, mtu=576)), routes=(DEFAULT,)), {}, []),
    "DHCPv6": (host(client()), {"family": "ipv6"}, ["start dhclient -6 on eth0 in red"]),
    "both families": (
        host(client(), client(settings=SIX, lease=Lease(LEASED6)), addresses=(LEASED, LEASED6)),
        {"family": "ipv6"},
        [],
    ),
    "another prefix length": (
        host(client(settings=SIX, lease=Lease(LEASED6)), addresses=("2001:db8::15/64",)),
        {"family": "ipv6"},
        [],
    ),
    "address of DHCPv6 gone": (
        host(client(), client(settings=SIX, lease=Lease(LEASED6))),
        {"family": "ipv6"},
        [
            "stop dhclient -6 on eth0 in red (the leased address 2001:db8::15/128 is not on eth0)",
            "start dhclient -6 on eth0 in red",
        ],
    ),
    "absent of one family": (
        host(client(), client(settings=SIX, lease=Lease(LEASED6)), addresses=(LEASED, LEASED6)),
        {"family": "ipv6", "state": "absent"},
        ["stop dhclient -6 on eth0 in red and delete its files"],
    ),
}


def test_an_mtu_that_is_declared_is_not_the_leases() -> None:
    planner = Planner(host(client(lease=ROUTED), routes=(DEFAULT,)), assume=False)
    planner.pinned_mtus.add(("red", "eth0"))
    KIND.settle(KIND.normalise(params(), ""), planner)
    assert planner.steps == []


def test_in_a_vrf_no_route_is_missed() -> None:
    snapshot = host(client(lease=ROUTED), mtu=1400)
    snapshot.put("red", Link("vrf0", "vrf", index=9))
    snapshot.put("red", dataclasses.replace(snapshot.namespaces["red"].links["eth0"], master="vrf0"))
    assert plan(snapshot).steps == []


def test_what_is_lost_disturbs_little_and_comes_back() -> None:
    planner = plan(host(client(lease=ROUTED), mtu=1400))
    assert [(step.disturbs, len(step.inverse)) for step in planner.steps] == [("brief", 1)]
    assert planner.now.daemons["dhcp_client/red/eth0"].alive


@pytest.mark.parametrize(("snapshot", "given", "steps"), PLANS.values(), ids=PLANS)
def test_plan(snapshot: Snapshot, given: dict[str, t.Any], steps: list[str]) -> None:
    planner = plan(snapshot, **given)
    assert [step.sentence for step in planner.steps] == steps
    if steps and "its MTU" not in steps[0]:  # which the link shows
        spec = KIND.normalise(params(**given), "")
        before, after = KIND.view(spec, snapshot), KIND.view(spec, planner.now)
        assert before != after, "every change shows in the diff"


def test_stopping_takes_address_and_processes_away() -> None:
    planner = plan(host(client()), state="absent")
    link = planner.now.link("red", "eth0")
    assert link is not None
    assert link.addresses == ()
    assert planner.now.namespaces["red"].processes == {}


def test_a_client_whose_link_is_gone_stops_before_anything_is_made() -> None:
    snapshot = host(client())
    del snapshot.namespaces["red"].links["eth0"]
    planner = Planner(snapshot, assume=False)
    KIND.vacate(KIND.normalise(params(), ""), planner)
    assert [(step.sentence, step.inverse) for step in planner.steps] == [
        ("stop dhclient on eth0 in red (eth0 is gone)", ())
    ]


def test_what_is_missing() -> None:
    with pytest.raises(Missing, match="no such namespace"):
        plan(host(), netns="redhat")
    with pytest.raises(Missing, match="start a DHCP client on 'eth1': there is no such link in namespace 'red'"):
        plan(host(), interface="eth1")
    with pytest.raises(Missing, match=r"none of dhclient, dhcpcd, udhcpc.*netloom\.linux\.prepare"):
        plan(host(programs=()))
    with pytest.raises(Missing, match="no program dhcpcd"):
        plan(host(programs=("dhclient",)), client="dhcpcd")
    planner = plan(host(programs=()), assume=True, netns="redhat", interface="eth1")
    assert [step.sentence for step in planner.steps] == ["start dhclient on eth1 in redhat"]
    assert len(planner.warnings) == 3


def test_pending_until_the_lease_is_in_effect() -> None:
    spec = KIND.normalise(params(timeout=45), "")
    assert KIND.pending(spec, host(client())) is None
    assert (
        KIND.pending(spec, host(client(lease=None), addresses=()))
        == f"'eth0' in red has no lease: no server has answered ({ASK})"
    )
    assert "is not on eth0" in str(KIND.pending(spec, host(client(), addresses=())))
    assert KIND.patience(spec) == 45.0


def test_whose_lease_may_come_later_is_present_without_one() -> None:
    waits, asks = (KIND.normalise(params(wait_for_lease=wait), "") for wait in (True, False))
    asking, dead = (host(client(lease=None, alive=alive), addresses=()) for alive in (True, False))
    assert "no server has answered" in (KIND.pending(waits, asking) or "")
    assert KIND.pending(asks, asking) is None
    assert "not running" in (KIND.pending(asks, dead) or "")
    states = [(KIND.view(spec, asking) or {})["state"] for spec in (waits, asks)]
    assert states == ["absent", "present"]
    assert (KIND.view(asks, dead) or {})["state"] == "absent"
    assert (KIND.patience(waits), KIND.patience(asks)) == (30, 0)


def test_facts() -> None:
    spec = KIND.normalise(params(), "")
    facts = KIND.facts(
        spec,
        host(
            client(lease=Lease(LEASED, "10.0.0.1", ("10.0.0.1",), ("10.0.0.53",), "a.example", "2026-01-01T00:00:00Z"))
        ),
    )
    assert facts["pid"] == 100
    assert facts["lease"]["routers"] == ["10.0.0.1"]
    assert facts["lease"]["address"] == LEASED
    assert KIND.facts(spec, host()) == {}
