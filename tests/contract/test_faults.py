# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault of tests/faults/table.yml: named by check mode, healed by one run, nothing left for a second, and what is
healthy untouched.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import typing as t

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.module_utils._host._faults import Breaker
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb
from ansible_collections.netloom.linux.plugins.module_utils._model._fault import fault_of
from ansible_collections.netloom.linux.plugins.module_utils._model._link_ops import LinkAdd
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import Op
from ansible_collections.netloom.linux.tests.contract.judge import (
    differences,
    host_picture,
    lab_host_only,
    outcome_of,
    told,
)

pytestmark = lab_host_only

TABLE = yaml.safe_load((pathlib.Path(__file__).parents[1] / "faults/table.yml").read_text())
DATAPATH = "system" if _ovsdb.system_datapath() else "netdev"
TABLE["faults"] = [row for row in TABLE["faults"] if row.get("datapath") in (None, DATAPATH)]
# In passing: every third, without what somebody makes again under the declared name. That is adopted until another
# fault takes it away.
SOME = [row for row in TABLE["faults"][::3] if row.get("fault") not in ("netns_replaced", "link_remade")]
# In which namespace the device of an OVS port is, or ends.
PLACES = {
    **{
        port["name"]: port.get("netns", "")
        for topology in TABLE["topologies"].values()
        for port in topology.get("ovs_port", ())
    },
    **{pair["name"]: pair["peer"]["netns"] for topology in TABLE["topologies"].values() for pair in topology["veth"]},
}
PINGS = {name: [(ping["from"], ping["to"]) for ping in pings] for name, pings in TABLE["pings"].items()}
Marks = dict[tuple[str, str], t.Any]


def told_of(row: dict[str, t.Any]) -> str:
    """How a test is named after its fault."""
    return "-".join(str(row[key]) for key in ("service", "fault", "netns", "name", "value") if key in row).replace(
        "/", "%"
    )


def processes_by_namespace() -> dict[int, list[str]]:
    """The inode of each network namespace, with pid and name of the processes in it."""
    found: dict[int, list[str]] = collections.defaultdict(list)
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            found[(process / "ns/net").stat().st_ino].append(f"{process.name} {(process / 'comm').read_text().strip()}")
    return found


def marks() -> Marks:
    """What a thing loses that is made anew, by place: ifindex and MAC of links, pids of daemons, rows of Open
    vSwitch.
    """
    found, processes = Marks(), processes_by_namespace()
    for name in ["", *(entry["name"] for entry in json.loads(told("ip -j netns list 2>/dev/null") or "[]"))]:
        with contextlib.suppress(subprocess.CalledProcessError):  # a name that dangles
            for link in json.loads(told(f"ip {f'-n {name}' if name else ''} -j address show")):
                addresses = sorted(one["local"] for one in link["addr_info"])
                up = sorted(set(link["flags"]) & {"UP", "LOWER_UP"})
                found[name, link["ifname"]] = [
                    link["ifindex"],
                    link["address"],
                    up,
                    link["mtu"],
                    link.get("master"),
                    addresses,
                ]
            for line in processes[os.stat(f"/run/netns/{name}").st_ino] if name else ():
                found[name, line] = line
    for line in told("ovs-vsctl --no-heading --format=csv --columns=name,_uuid,tag list port").splitlines():
        name = line.split(",")[0]
        found[PLACES.get(name, ""), f"port {name}"] = line
    return found


def healthy(before: Marks, broken: Marks, row: dict[str, t.Any]) -> Marks:
    """What the fault did not touch: on the host each thing by itself, otherwise whole namespaces."""
    changed = {place for place in before if broken.get(place) != before[place]}
    spoiled = ({ns for ns, _what in changed} | {row.get("netns"), row.get("name")}) - {""}
    return {
        place: mark
        for place, mark in before.items()
        if place not in changed
        and not spoiled & {place[0], PLACES.get(place[1])}
        and place[1] != row.get("name")  # a cable's end on the host is its namespace's
    }


def whole(topology: str, forget: bool = False) -> None:
    """Packets arrive, once the neighbours' caches have forgotten what was before."""
    for netns, address in PINGS[topology]:
        if forget:
            told(f"ip -n {netns} neighbour flush all")
        told(f"for try in 1 2 3 4 5 6 7 8; do ip netns exec {netns} ping -q -c 1 -W 1 {address} && exit; done; exit 1")


def run_of(topology: str, check: bool = False) -> list[str]:
    """The steps of a run of its own, with its own connections; what it warns of is printed."""
    with contextlib.closing(Host(10)) as host:
        outcome = outcome_of({"name": topology, **TABLE["topologies"][topology]}, host, check)
    for sentence in outcome.warnings:
        print(f"  {topology}: warning: {sentence}")
    return outcome.steps


def take_down(topology: str) -> None:
    """A topology less."""
    with contextlib.closing(Host(10)) as host:
        outcome_of({"name": topology, "state": "absent"}, host)


@pytest.fixture(scope="module", autouse=True)
def pictures() -> t.Iterator[list[t.Any]]:
    """All topologies side by side, and at the end the host as before. The pictures are those of the whole host: it is
    looked at once for each fault.
    """
    told("systemctl start openvswitch-switch")
    before = host_picture()
    for name in TABLE["topologies"]:
        run_of(name)
        whole(name)
    yield [host_picture()]
    for name in TABLE["topologies"]:
        take_down(name)
    assert differences(before, host_picture()) == []


@contextlib.contextmanager
def watched(netns: str, address: str) -> t.Iterator[list[int]]:
    """Packets under way, twenty a second; afterwards the list has how many were sent, and how many got lost."""
    counted: list[int] = []
    ping = subprocess.Popen(
        ["ip", "netns", "exec", netns, "ping", "-q", "-i", "0.05", address], stdout=subprocess.PIPE, text=True
    )
    time.sleep(0.2)  # it is in the namespace before that breaks
    try:
        yield counted
    finally:
        ping.send_signal(signal.SIGINT)
        sent, received = map(int, re.findall(r"(\d+) packets transmitted, (\d+) received", ping.communicate()[0])[0])
        counted += [sent, sent - received]


def break_it(row: dict[str, t.Any]) -> None:
    """Make the fault."""
    if "service" in row:
        told(f"systemctl restart {row['service']}")
        return
    with contextlib.closing(Host(10)) as host:
        Breaker(host).make(fault_of(row))


@pytest.mark.parametrize("row", TABLE["faults"] if os.environ.get("NETLOOM_FAULTS") == "all" else SOME, ids=told_of)
def test_fault(row: dict[str, t.Any], pictures: list[t.Any]) -> None:
    topology, before = row["in"], marks()
    with contextlib.ExitStack() as stack:
        member = stack.enter_context(watched(*PINGS[topology][0]))
        neighbour = stack.enter_context(watched(*row["watch"])) if "watch" in row else [0, 0]
        break_it(row)
        broken = marks()
        if row.get("holds"):
            whole(topology)
        begun = time.monotonic()
        foretold = run_of(topology, check=True)
        done = run_of(topology)
        by_systemd = row.get("restarted") and done == []  # it was faster
        assert foretold == [] if row.get("holds") else by_systemd or any(row["names"] in step for step in foretold)
        assert by_systemd or done == foretold
        healed, seconds = marks(), time.monotonic() - begun
        assert run_of(topology) == []
    print(
        f"\n{told_of(row)}: {len(foretold)} steps in {seconds:.1f} s; lost {member[1]} of {member[0]} packets, a"
        f" healthy neighbour {neighbour[1]}"
    )
    assert neighbour[1] <= 1  # one may be under way at the end
    pictures.append(host_picture())
    assert differences(*pictures[-2:]) == []
    untouched = healthy(before, broken, row)
    assert {place: healed.get(place) for place in untouched} == untouched
    whole(topology, row.get("forget", False))
    assert [step for name in TABLE["topologies"] if name != topology for step in run_of(name, check=True)] == []


class SetDownAgain(Host):
    """Another program sets a new cable's end down, while the run is on."""

    def do(self, ops: t.Sequence[Op]) -> None:
        """What was asked for, and the other program."""
        super().do(ops)
        if any(isinstance(op, LinkAdd) for op in ops):
            told("ip link set v-red1 down")


def test_a_link_that_another_program_sets_down_during_the_run(pictures: list[t.Any]) -> None:
    break_it({"fault": "link_deleted", "name": "v-red1"})
    with contextlib.closing(SetDownAgain(10)) as host:
        outcome = outcome_of({"name": "tenants", **TABLE["topologies"]["tenants"]}, host)
    assert outcome.warnings == ["Had to set v-red1: up once more: another program took it back."]
    assert run_of("tenants") == []
    whole("tenants")
    assert differences(pictures[-1], host_picture()) == []
