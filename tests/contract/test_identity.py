# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another program deletes, renames and makes links and namespaces under the names of a run, on the real kernel: nothing
of it is touched.

Runs as root inside a lab host only: ``tests/run contract``. More rounds: tests/soak/races.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _rtnl, _tuntap
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import Op
from ansible_collections.netloom.linux.tests.contract.judge import (
    carry_out,
    host_picture,
    lab_host_only,
    outcome_of,
    told,
)
from ansible_collections.netloom.linux.tests.contract.rival import FOREIGN

pytestmark = lab_host_only

ROUNDS = int(os.environ.get("NETLOOM_RACES") or 4)
WISH: dict[str, t.Any] = {
    "name": "race",
    "netns": [{"name": "race-a"}, {"name": "race-b", "sysctl": {"net.ipv4.ip_forward": 1}}],
    "linux_bridge": [{"name": "race-br", "addresses": ["10.9.0.254/24"], "stp": False}],
    "veth": [
        {
            "name": f"race-v{one}",
            "master": "race-br",
            "peer": {"name": "eth0", "netns": f"race-{one}", "addresses": [f"10.9.0.{number}/24"]},
        }
        for number, one in ((1, "a"), (2, "b"))
    ],
    "netns_interface": [
        {"name": "race-tap", "kind": "tap", "sysctl": {"rp_filter": 0}},
        {"name": "race-mv", "kind": "macvlan", "parent": "race-br"},
    ],
    "netns_route": [{"netns": "race-a", "destination": "default", "gateway": "10.9.0.254"}],
}
LINKS = ("race-br", "race-va", "race-vb", "race-tap", "race-mv")
SPACES = ("race-a", "race-b")


class Meddled(Host):
    """The real host; at these steps another program acts, and at one of them the run fails."""

    def __init__(self, at: t.Mapping[str, str], fails: str = "") -> None:
        super().__init__(2)
        self.at, self.fails = dict(at), fails

    def do(self, ops: t.Sequence[Op]) -> None:
        """What was asked for, and the other program."""
        sentences = [op.sentence() for op in ops]
        if self.fails in sentences:
            self.fails = ""
            raise AssertionError("refused by the test")
        super().do(ops)
        for sentence in sentences:
            if sentence in self.at:
                told(self.at.pop(sentence))


def foreigners() -> list[str]:
    """What the other program has, by its alias and numbers."""
    found = []
    for name in ["", *(entry["name"] for entry in json.loads(told("ip -j netns list") or "[]"))]:
        ip = f"ip -n {name}" if name else "ip"
        for link in json.loads(told(f"{ip} -j -d address show") or "[]"):
            if link.get("ifalias") == FOREIGN:
                addresses = sorted(one["local"] for one in link["addr_info"])
                found.append(
                    f"{name}/{link['ifname']} {link['ifindex']} {link['flags']} {link['mtu']} {link.get('master')}"
                    f" {link.get('altnames')} {addresses}"
                )
        if name:
            found += (
                [f"namespace {name} {os.stat(f'/run/netns/{name}').st_ino}"]
                if os.path.exists(f"/run/netns/{name}-{FOREIGN}")
                else []
            )
    return sorted(found)


def another_link(name: str) -> str:
    """Shell: the link goes, and somebody else's of that name comes."""
    return (
        f"ip link delete {name} 2>/dev/null; ip link add {name} type bridge; ip link set {name} alias {FOREIGN}; ip"
        f" address add 10.66.0.1/24 dev {name}"
    )


@pytest.fixture(autouse=True)
def _clean() -> t.Iterator[None]:
    told("systemctl start openvswitch-switch")
    before = host_picture()
    yield
    with contextlib.closing(Host(10)) as host:
        carry_out({"name": "race", "state": "absent"}, host)
    for name in (*LINKS, "race-x", "race-nic"):
        subprocess.run(["ip", "link", "delete", name], check=False, capture_output=True)
    for name in SPACES:
        subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
    assert host_picture() == before


CASES: dict[str, tuple[dict[str, str], str]] = {
    "a tap": ({"create tap race-tap": another_link("race-tap")}, "set route default via 10.9.0.254 in race-a"),
    "a tap, and nothing fails": ({"create tap race-tap": another_link("race-tap")}, ""),
    "an altname": (
        {"create tap race-tap": "ip link delete race-tap; ip link add race-nic type bridge;"
         f" ip link set race-nic alias {FOREIGN} up; ip link property add dev race-nic altname race-tap"},
        "set route default via 10.9.0.254 in race-a",
    ),
    "a bridge": ({"create bridge race-br": another_link("race-br")}, ""),
    "an end of a veth": ({"set route default via 10.9.0.254 in race-a": another_link("race-va")}, ""),
    "our own link is renamed": (
        {"create tap race-tap": "ip link set race-tap name race-x; ip link add race-tap type bridge;"
         f" ip link set race-tap alias {FOREIGN}"},
        "set route default via 10.9.0.254 in race-a",
    ),
    "a namespace": (
        {"set lo in race-a: up": "ip netns delete race-a; ip netns add race-a;"
         f" ip -n race-a link add theirs type bridge; ip -n race-a link set theirs alias {FOREIGN}"},
        "",
    ),
    "a namespace, and its undo": (
        {"create tap race-tap": "ip netns delete race-b; ip netns add race-b; ip -n race-b link add theirs type bridge;"
         f" ip -n race-b link set theirs alias {FOREIGN}"},
        "set route default via 10.9.0.254 in race-a",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_another_program_put_under_our_names_is_left_alone(case: str) -> None:
    at, fails = CASES[case]
    with contextlib.closing(Meddled(at, fails)) as host:
        with pytest.raises((NetloomError, AssertionError)) as caught:
            outcome_of(WISH, host, wait=2)
        assert not host.at, "the other program never acted"
    theirs = foreigners()
    assert theirs
    if isinstance(caught.value, NetloomError):
        assert "left alone" in str(caught.value) or "is gone" in str(caught.value)
    left = told("ip -br link; ip netns list")
    assert not re.findall(r"^race-x\b", left, re.MULTILINE), left
    with contextlib.closing(Host(2)) as host:
        assert carry_out({"name": "race", "state": "absent"}, host) == []
    assert foreigners() == theirs
    assert not os.path.exists("/run/netloom"), told("find /run/netloom")


@pytest.mark.parametrize("gone", ["race-va", "race-va; ip link delete race-vb", "race-tap"])
def test_a_link_that_is_gone_already_is_deleted(gone: str) -> None:
    """A namespace that lost its name dies with its links when the kernel finds time for it: maybe right now."""
    with contextlib.closing(Host(2)) as host:
        carry_out(WISH, host)
        steps = outcome_of({"name": "race", "state": "absent"}, host, check=True).steps
    first = next(number for number, step in enumerate(steps) if step.startswith("delete link"))
    assert first > 0
    with contextlib.closing(Meddled({steps[first - 1]: f"ip link delete {gone}"})) as host:
        assert outcome_of({"name": "race", "state": "absent"}, host).steps == steps
        assert not host.at


BIRTHS: list[tuple[str, str, t.Any, str]] = [
    ("race-br", "bridge", _rtnl.Rtnl, "link_request"),
    ("race-tap", "tap", _tuntap, "configure"),
]


@pytest.mark.parametrize("birth", BIRTHS)
@pytest.mark.parametrize("comes", [True, False])
def test_what_takes_the_name_at_the_birth_of_a_link_is_left_alone(
    birth: tuple[str, str, t.Any, str], comes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the birth of a link and the look at its number."""
    name, made, module, call = birth
    births = []
    carry = getattr(module, call)

    def meddled(*args: t.Any, **options: t.Any) -> t.Any:
        done = carry(*args, **options)
        if (name in args or f"create {made} {name}" in args) and not births:
            births.append(name)
            told(another_link(name) if comes else f"ip link delete {name}")
        return done

    monkeypatch.setattr(module, call, meddled)
    with contextlib.closing(Host(2)) as host, pytest.raises(NetloomError, match="left alone" if comes else "is gone"):
        outcome_of(WISH, host, wait=2)
    assert births
    theirs = foreigners()
    assert len(theirs) == comes
    with contextlib.closing(Host(2)) as host:
        carry_out({"name": "race", "state": "absent"}, host)
    assert foreigners() == theirs


@pytest.mark.parametrize("present", [True, False])
def test_what_has_the_name_of_a_bridge_that_was_renamed_is_left_alone(present: bool) -> None:
    with contextlib.closing(Host(2)) as host:
        carry_out(WISH, host)
    told(f"ip link set race-br name race-x; ip link add race-br type bridge; ip link set race-br alias {FOREIGN}")
    indexes = [one.split()[1] for one in foreigners()]
    if present:
        with contextlib.closing(Host(2)) as host, contextlib.suppress(NetloomError):
            outcome_of(WISH, host, wait=2)
    with contextlib.closing(Host(2)) as host:
        carry_out({"name": "race", "state": "absent"}, host)
    assert [one.split()[1] for one in foreigners()] == indexes


@pytest.mark.parametrize("fails", [True, False])
def test_a_row_that_another_program_made_is_left_alone(fails: bool) -> None:
    told("systemctl start openvswitch-switch")
    wish = {
        "name": "race",
        "ovs_bridge": [{"name": "race-o"}],
        "ovs_port": [{"bridge": "race-o", "name": "race-p", "type": "internal"}],
    }
    wish["netns"] = [{"name": "race-a"}]
    wish["netns_route"] = [{"netns": "race-a", "destination": "192.0.2.0/24", "type": "blackhole"}]
    with contextlib.closing(Host(2)) as host:
        steps = outcome_of(wish, host, check=True).steps
    after = next(step for step in steps if step.startswith("create OVS bridge"))
    another = (
        "ovs-vsctl del-br race-o -- add-br race-o -- set bridge race-o datapath_type=netdev"
        " external_ids:of=somebody-else"
    )
    with (
        contextlib.closing(Meddled({after: another}, steps[-1] if fails else "")) as host,
        pytest.raises(NetloomError) as caught,
    ):
        outcome_of(wish, host, wait=2)
    assert "OVS bridge race-o is there, which was not before" in str(caught.value)
    assert "somebody-else" in told("ovs-vsctl get bridge race-o external_ids")
    with contextlib.closing(Host(2)) as host:
        assert carry_out({"name": "race", "state": "absent"}, host) == []
    assert "somebody-else" in told("ovs-vsctl get bridge race-o external_ids")
    told("ovs-vsctl del-br race-o")


def test_a_mount_namespace_of_its_own_gets_no_names() -> None:
    script = (
        "import contextlib, sys; from ansible_collections.netloom.linux.tests.contract.judge import outcome_of;"
        "from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host;"
        "outcome_of({'name': 'race', 'netns': [{'name': 'race-a'}]}, Host(1), check=sys.argv[1] == 'check')"
    )
    for propagation in ("private", "slave"):  # as unshare --mount has it, and a unit with PrivateTmp=
        for mode in ("check", "run"):
            command = ["unshare", "--mount", "--propagation", propagation, sys.executable, "-c", script, mode]
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            assert (
                "Cannot give a namespace the name 'race-a': this run is in a mount namespace of its own" in done.stderr
            ), done.stderr
    assert not os.path.lexists("/run/netns/race-a")


# --- killed ---


def kill_once(wish: dict[str, t.Any], there: str) -> None:
    """Start a run, and kill it as soon as this path is there."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException), contextlib.closing(Host(10)) as host:
            outcome_of(wish, host)
        os._exit(0)
    while not os.path.exists(there):
        time.sleep(0.0005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_what_a_killed_run_never_made_is_not_its_own() -> None:
    wish = {"name": "race", "netns": [{"name": f"kill{number:03}"} for number in range(300)]}
    kill_once(wish, "/run/netns/kill279")  # what is made last has the least number
    made = set(os.listdir("/run/netns"))
    late = next(f"kill{number:03}" for number in range(300) if f"kill{number:03}" not in made)
    first = next(f"kill{number:03}" for number in reversed(range(300)) if f"kill{number:03}" not in made)
    for name in sorted({late, first}):
        told(
            f"ip netns add {name}; ip -n {name} link add theirs type bridge; ip -n {name} link set theirs alias"
            f" {FOREIGN}"
        )
    theirs = foreigners()
    with contextlib.closing(Host(10)) as host:
        steps = carry_out({"name": "race", "state": "absent"}, host)
    assert theirs
    assert foreigners() == theirs
    assert len(steps) == len(made)
    for name in sorted({late, first}):
        told(f"ip netns delete {name}")


def test_a_read_only_etc_leaves_no_claims() -> None:
    """What was never written cannot be deleted, and is no reason to remember what was undone."""
    told("mount --bind /etc /etc && mount -o remount,ro,bind /etc")
    try:
        with contextlib.closing(Host(10)) as host, pytest.raises(NetloomError) as caught:
            entries = {"name": "race", "persist": True, "netns": [{"name": "race-a"}, {"name": "race-b"}]}
            outcome_of(entries, host)
        assert "Could not be undone" not in str(caught.value), str(caught.value)
    finally:
        told("umount /etc")
    told("ip netns add race-a")
    with contextlib.closing(Host(10)) as host:
        assert carry_out({"name": "race", "state": "absent"}, host) == []
    assert os.path.exists("/run/netns/race-a")


# --- a race without a script ---


def lost(ledger: t.Sequence[tuple[str | None, int]]) -> list[tuple[str | None, int]]:
    """What the other program has no more, or not as it was."""
    gone = []
    for space, index in ledger:
        links = json.loads(told(f"{f'ip -n {space}' if space else 'ip'} -j -d link show || true") or "[]")
        if not [link for link in links if link["ifindex"] == index and link.get("ifalias") == FOREIGN]:
            gone.append((space, index))
    return gone


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_race(seed: int) -> None:
    """Whatever happens: what the other program has at its end is there, and after absent, too."""
    messages = []
    try:
        rival = subprocess.Popen(
            [
                sys.executable,
                str(pathlib.Path(__file__).with_name("rival.py")),
                str(seed),
                "1.5",
                ",".join(LINKS),
                ",".join(SPACES),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        while rival.poll() is None:
            for state in ("present", "absent"):
                try:
                    with contextlib.closing(Host(1)) as host:
                        outcome_of({**WISH, "state": state}, host, wait=1)
                except NetloomError as error:
                    messages.append(str(error))
        ledger = json.loads(rival.communicate()[0].splitlines()[-1])
        assert lost(ledger) == [], messages
        with contextlib.closing(Host(2)) as host:
            carry_out({"name": "race", "state": "absent"}, host)
        assert lost(ledger) == [], messages
    finally:
        for link in json.loads(told("ip -j link show")):
            if link["ifname"].startswith("race-"):
                subprocess.run(["ip", "link", "delete", link["ifname"]], check=False, capture_output=True)
