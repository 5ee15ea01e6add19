# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netns_dhcp_client: values and plans as tables."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._kinds._netns_dhcp_client import ASK, CLIENTS, DhcpClientKind
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Missing
from ansible_collections.netloom.linux.plugins.module_utils._model._plan import Planner
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Program
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Address, Daemon, Lease, Link, Namespace, Snapshot

KIND = DhcpClientKind()
LEASED = "10.0.0.20/24"


def params(**given: t.Any) -> dict[str, t.Any]:
    """Options as the argument spec leaves them."""
    return {"netns": "red", "interface": "eth0", "client": "auto", "hostname": None, "timeout": 30, "state": "present", "clear": None, **given}


def host(*daemons: Daemon, inode: int = 7, index: int = 2, addresses: tuple[str, ...] = (LEASED,), programs: tuple[str, ...] = CLIENTS) -> Snapshot:
    """A host with eth0 in namespace red, and these programs."""
    link = Link("eth0", "veth", index=index, addresses=tuple(Address(cidr, dynamic=True) for cidr in addresses))
    found = Snapshot(
        {None: Namespace(None), "red": Namespace("red", inode=inode, links={"lo": Link("lo", index=1), "eth0": link}, processes={100: "x", 101: "x"})}
    )
    found.daemons = {f"dhcp_client/red/{daemon.name}": daemon for daemon in daemons}
    for names in [CLIENTS, *((name,) for name in CLIENTS)]:
        there = [name for name in names if name in programs]
        found.answers[Program(names)] = (there[0], f"/sbin/{there[0]}") if there else None
    return found


def client(**changed: t.Any) -> Daemon:
    """A client of ours that holds a lease."""
    daemon = Daemon("dhclient", "eth0", "red", 100, True, 7, links={"eth0": 2}, lease=Lease(LEASED), settings={"hostname": ""}, pids=(100, 101))
    return dataclasses.replace(daemon, **changed)


def plan(snapshot: Snapshot, assume: bool = False, **given: t.Any) -> Planner:
    """The plan for one entry."""
    spec = KIND.normalise(params(**given), "")
    planner = Planner(snapshot, assume)
    if spec.state == "absent":
        KIND.remove(spec, planner)
    else:
        KIND.make(spec, planner)
        KIND.settle(spec, planner)
    return planner


BAD = {
    "netns": ({"netns": ".."}, "netns:"),
    "null netns": ({"netns": None}, "netns: is required"),
    "null interface": ({"interface": None}, "interface: is required"),
    "no interface": ({"interface": ""}, "interface:"),
    "long interface": ({"interface": "x" * 16}, "16 bytes"),
    "looks like an option": ({"interface": "-r"}, "begin with '-'"),
    "lo": ({"interface": "lo"}, "not lo"),
    "hostname": ({"hostname": "a b"}, "hostname:"),
    "quote in hostname": ({"hostname": 'a"; script "/tmp/x'}, "hostname:"),
    "line break": ({"hostname": "a\nb"}, "line break"),
    "timeout": ({"timeout": 0}, "timeout: 0"),
}


@pytest.mark.parametrize(("given", "message"), BAD.values(), ids=BAD)
def test_bad_input(given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        KIND.normalise(params(**given), "")


AGAIN = ["stop dhclient on eth0 in red ({})", "start dhclient on eth0 in red"]


def again(reason: str) -> list[str]:
    """A restart for this reason."""
    return [AGAIN[0].format(reason), AGAIN[1]]


PLANS: dict[str, tuple[Snapshot, dict[str, t.Any], list[str]]] = {
    "new": (host(addresses=()), {}, ["start dhclient on eth0 in red"]),
    "what is there": (host(addresses=(), programs=("udhcpc",)), {}, ["start udhcpc on eth0 in red"]),
    "well": (host(client()), {}, []),
    "well, and another is installed": (host(client(kind="udhcpc")), {}, []),
    "killed": (
        host(client(alive=False, pid=None)),
        {},
        ["stop dhclient on eth0 in red (the client is not running)", "start dhclient on eth0 in red (the client is not running)"],
    ),
    "killed before it had a lease": (host(client(alive=False, pid=None, lease=None)), {}, ["start dhclient on eth0 in red (the client is not running)"]),
    "address gone": (host(client(), addresses=()), {}, again(f"the leased address {LEASED} is not on eth0")),
    "similar address": (host(client(), addresses=("10.0.0.20/25",)), {}, again(f"the leased address {LEASED} is not on eth0")),
    "no answer": (host(client(lease=None), addresses=()), {}, again("no server has answered")),
    "namespace anew": (host(client(), inode=8), {}, again("namespace red was made anew")),
    "interface anew": (host(client(), index=9), {}, again("eth0 was made anew")),
    "another client": (host(client()), {"client": "udhcpc"}, ["stop dhclient on eth0 in red (the client is to be udhcpc)", "start udhcpc on eth0 in red"]),
    "hostname": (host(client()), {"hostname": "web"}, again("the host name is to be web")),
    "hostname left out": (host(client(settings={"hostname": "web"})), {}, []),
    "hostname cleared": (host(client(settings={"hostname": "web"})), {"clear": ["hostname"]}, again("the host name is to be none")),
    "absent": (host(client()), {"state": "absent"}, ["stop dhclient on eth0 in red and delete its files"]),
    "absent without namespace": (
        Snapshot({None: Namespace(None)}, daemons={"dhcp_client/red/eth0": client(alive=False)}),
        {"state": "absent"},
        ["stop dhclient on eth0 in red and delete its files"],
    ),
    "absent, never there": (host(), {"state": "absent"}, []),
}


@pytest.mark.parametrize(("snapshot", "given", "steps"), PLANS.values(), ids=PLANS)
def test_plan(snapshot: Snapshot, given: dict[str, t.Any], steps: list[str]) -> None:
    planner = plan(snapshot, **given)
    assert [step.sentence for step in planner.steps] == steps
    if steps:
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
    assert [(step.sentence, step.inverse) for step in planner.steps] == [("stop dhclient on eth0 in red (eth0 is gone)", ())]


def test_what_is_missing() -> None:
    with pytest.raises(Missing, match="no such namespace"):
        plan(host(), netns="redhat")
    with pytest.raises(Missing, match="no such link in namespace 'red'"):
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
    assert KIND.pending(spec, host(client(lease=None), addresses=())) == f"'eth0' in red has no lease: no server has answered ({ASK})"
    assert "is not on eth0" in str(KIND.pending(spec, host(client(), addresses=())))
    assert KIND.patience(spec) == 45.0


def test_facts() -> None:
    spec = KIND.normalise(params(), "")
    facts = KIND.facts(spec, host(client(lease=Lease(LEASED, "10.0.0.1", ("10.0.0.1",), ("10.0.0.53",), "a.example", "2026-01-01T00:00:00Z"))))
    assert facts["pid"] == 100
    assert facts["lease"]["routers"] == ["10.0.0.1"]
    assert facts["lease"]["address"] == LEASED
    assert KIND.facts(spec, host()) == {}
