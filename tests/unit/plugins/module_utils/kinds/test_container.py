# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netns with a container: what the engines say -> what is to be done, as tables on the fake host."""

from __future__ import annotations

import dataclasses
import json
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import (
    BadInput,
    Conflict,
    Missing,
    NetloomError,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import ContainerOf, ContainerState
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link, Namespace
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

Params = dict[str, t.Any]
WEB: Params = {"name": "web", "container": "c1"}
BOTH = ContainerOf(("docker", "podman"), "c1")
NOWHERE = ContainerState("podman", "absent", "/run/podman/podman.sock: No such file or directory")
UNKNOWN = ContainerState("podman", "unknown")


def running(pid: int, inode: int, engine: str = "docker") -> ContainerState:
    """A container that runs."""
    return ContainerState(engine, "running", pid=pid, started=pid * 10, inode=inode)


def host(*states: ContainerState) -> FakeHost:
    """A host whose engines answer so; the running containers' namespaces can be read."""
    fake = FakeHost("red")
    fake.state.answers = {BOTH: states, dataclasses.replace(BOTH, sysctls=("net.ipv4.ip_forward",)): states}
    for state in states:
        if state.state == "running":
            fake.state.namespaces[state.path] = Namespace(
                state.path, state.inode, links={"lo": Link("lo", mtu=65536, up=True, txqueuelen=1000)}, processes={}
            )
    return fake


def attached(pid: int, inode: int) -> FakeHost:
    """The container's namespace has the name, and a cable to the host."""
    fake = host(running(pid, inode), UNKNOWN)
    run_one(fake, "netns", WEB)
    run_one(fake, "veth", {"name": "v0", "peer": {"name": "eth0", "netns": "web"}})
    return fake


def restart(fake: FakeHost, pid: int, inode: int) -> None:
    """It has another process and another namespace."""
    fresh = host(running(pid, inode), UNKNOWN)
    fake.state.answers = fresh.state.answers
    fake.state.namespaces[f"/proc/{pid}/ns/net"] = fresh.state.namespaces[f"/proc/{pid}/ns/net"]


@pytest.mark.parametrize("other", [UNKNOWN, NOWHERE, ContainerState("podman", "silent", "no storage")])
def test_it_is_attached_once(other: ContainerState) -> None:
    fake = host(running(7, 70), other)
    foretold = run_one(fake, "netns", WEB, check=True)
    assert foretold.steps == ["attach container c1 (docker) as namespace web"]
    assert run_one(fake, "netns", WEB).steps == foretold.steps
    assert run_one(fake, "netns", WEB).steps == []
    assert run_one(fake, "netns", {"name": "web"}).steps == [], "without it the name is left as it is"
    assert json.loads(fake.state.files["/run/netloom/netns/web.json"] or "") == {"inode": 70, "path": "/proc/7/ns/net"}


def test_a_restart_is_noticed_and_the_dead_namespaces_cable_goes_before_its_name_is_free() -> None:
    fake = attached(7, 70)
    restart(fake, 8, 80)
    assert run_one(fake, "netns", WEB).steps == [
        "delete link eth0 in web",
        "attach container c1 (docker) as namespace web",
    ]
    assert fake.state.namespaces["web"].inode == 80
    assert fake.state.link(None, "v0") is None
    assert run_one(fake, "netns", WEB).steps == []


def test_a_restart_in_a_topology_lays_the_cable_anew() -> None:
    fake = attached(7, 70)
    restart(fake, 8, 80)
    entries = {"name": "t", "netns": [WEB], "veth": [{"name": "v0", "peer": {"name": "eth0", "netns": "web"}}]}
    assert run_topology(fake, entries).steps == [
        "delete link eth0 in web",
        "attach container c1 (docker) as namespace web",
        "create veth eth0 in web with peer v0",
    ]


def test_a_namespace_in_which_somebody_lives_keeps_its_cables() -> None:
    fake = attached(7, 70)
    restart(fake, 8, 80)
    fake.state.namespaces["web"].processes = {99: "sleep"}
    assert run_one(fake, "netns", WEB).steps == ["attach container c1 (docker) as namespace web"]
    link = fake.state.link(None, "v0")
    assert link is not None
    assert link.peer is None, "the other end is out of sight"


def test_a_failed_attachment_is_undone() -> None:
    fake = attached(7, 70)
    restart(fake, 8, 80)
    before = picture(fake)
    fake.fail_at = len(fake.done) + 2
    with pytest.raises(NetloomError):
        run_one(fake, "netns", {**WEB, "sysctl": {"net.ipv4.ip_forward": 1}})
    assert fake.state.namespaces["web"].inode == 70
    assert picture(fake) == before


def test_the_view_says_whether_the_name_is_the_containers() -> None:
    fake = attached(7, 70)
    restart(fake, 8, 80)
    (entry_kind, spec) = _entry(WEB)
    outcome = run_one(fake, "netns", WEB, check=True)
    assert [entry_kind.view(spec, snapshot)["container"] for snapshot in (outcome.before, outcome.planned)] == [
        None,
        "c1",
    ]


def test_absent_asks_no_engine() -> None:
    fake = attached(7, 70)
    fake.state.answers = {BOTH: (dataclasses.replace(NOWHERE, engine="docker"), NOWHERE)}
    _kind, spec = _entry({**WEB, "state": "absent"})
    assert spec.container is None
    assert run_one(fake, "netns", {**WEB, "state": "absent"}).steps == ["delete namespace web"]


@pytest.mark.parametrize(
    ("states", "params", "error", "fragment"),
    [
        (
            (running(7, 70), running(8, 80, "podman")),
            WEB,
            Conflict,
            "docker and podman each have a container 'c1'. Say which one you mean with engine",
        ),
        ((running(7, 70), ContainerState("podman", "stopped", "exited")), WEB, Conflict, "docker and podman each have"),
        ((running(7, 1), UNKNOWN), WEB, Conflict, "uses the host's (--network host)"),
        (
            (running(7, 70), UNKNOWN),
            {**WEB, "name": "red"},
            Conflict,
            "Cannot attach container c1 (docker) as namespace 'red': another namespace",
        ),
        (
            (ContainerState("docker", "stopped", "exited"), NOWHERE),
            WEB,
            Missing,
            "it does not run (docker says: exited). Start it first.",
        ),
        ((ContainerState("docker", "unknown"), UNKNOWN), WEB, Missing, "docker and podman know no such container"),
        (
            (ContainerState("docker", "unknown"), NOWHERE),
            WEB,
            Missing,
            "docker knows no such container. Create it first, or look for its name with",
        ),
        (
            (ContainerState("docker", "silent", "disk full"), UNKNOWN),
            WEB,
            Missing,
            "docker gives no answer (disk full). See to that engine first.",
        ),
        (
            (dataclasses.replace(NOWHERE, engine="docker"), NOWHERE),
            WEB,
            Missing,
            "docker and podman are not running here",
        ),
        ((), {**WEB, "container": "a/b"}, BadInput, "container: 'a/b' is not a container's name or id"),
        ((), {**WEB, "container": ""}, BadInput, "container: '' is not a container's name or id"),
        ((), {**WEB, "container": 17}, BadInput, "container: YAML read this as the number 17"),
        (
            (),
            {"name": "web", "engine": "podman"},
            BadInput,
            "engine: 'podman' is asked for a container, and none is named",
        ),
        ((), {**WEB, "pid": 1}, BadInput, "'pid' and 'container' exclude each other"),
    ],
)
def test_refusals_change_nothing(
    states: tuple[ContainerState, ...], params: Params, error: type[Exception], fragment: str
) -> None:
    fake = host(*states)
    before = picture(fake)
    with pytest.raises(error) as caught:
        run_one(fake, "netns", params)
    assert fragment in str(caught.value)
    assert picture(fake) == before


def test_in_check_mode_an_earlier_task_may_start_it() -> None:
    fake = host(ContainerState("docker", "unknown"), NOWHERE)
    outcome = run_one(fake, "netns", {**WEB, "sysctl": {"net.ipv4.ip_forward": 1}}, check=True)
    assert outcome.steps == ["attach container c1 as namespace web", "set sysctl net.ipv4.ip_forward=1 in web"]
    assert "knows no such container" in outcome.warnings[0]


def _entry(params: Params) -> tuple[t.Any, t.Any]:
    entry = EntryReader().read("netns", params, "")
    return entry.kind, entry.spec
