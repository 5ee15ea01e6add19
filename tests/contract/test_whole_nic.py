# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NIC with all that iproute2 can give it at once comes back as it was: after absent, when nobody confirms, after a
failure at any step, and after a kill at any step and another run. What cannot come back is refused, or said by check
mode and by the run.

In passing every fifth step of a move onto a bridge, which has a guard each time, and every second one of a move into a
namespace; all of them: NETLOOM_STEPS=all (see run, and tests/soak/steps).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb._ovsdb import system_datapath
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import Op
from ansible_collections.netloom.linux.tests.contract.judge import (
    Refusing,
    differences,
    every,
    guards_end,
    lab_host_only,
    module,
    told,
)
from ansible_collections.netloom.linux.tests.contract.whole_nic import GONE, make, moved, picture

pytestmark = lab_host_only

Params = dict[str, t.Any]
STRIDES = {"netns_interface": every(2), "linux_bridge": every(5), "ovs_bridge": every(5)}
AWAY: Params = {"name": "eth0", "netns": "inn", "source": {"name": "nic0"}}
UPLINK: Params = {"name": "br0", "uplink": "nic0", "confirm_timeout": 20}
MOVES: dict[str, tuple[str, Params]] = {
    "a namespace": ("netns_interface", AWAY),
    "a bridge": ("linux_bridge", UPLINK),
    "Open vSwitch": ("ovs_bridge", {**UPLINK, "datapath_type": "netdev"}),
    "Open vSwitch in the kernel": ("ovs_bridge", {**UPLINK, "datapath_type": "system"}),
}
NEIGHBOUR = "198.51.100.33"
BRIDGES = [where for where, (kind, _params) in MOVES.items() if kind != "netns_interface"]


def back(params: Params) -> Params:
    """The way home."""
    return {**{name: value for name, value in params.items() if name != "uplink"}, "state": "absent"}


@pytest.fixture(autouse=True)
def before(request: pytest.FixtureRequest) -> t.Iterator[t.Any]:
    """The NIC as it is, and at the end nothing of it, whatever failed."""
    if "Open vSwitch in the kernel" in request.node.name and not system_datapath():
        pytest.skip("this kernel lacks Open vSwitch's datapath")
    try:
        make()
        yield picture()
        guards_end()
    finally:
        subprocess.run(["sh", "-c", GONE], check=False, capture_output=True)


@pytest.mark.parametrize("where", MOVES)
def test_it_comes_back(where: str, before: t.Any) -> None:
    kind, there = MOVES[where]
    for params in (there, back(there)):
        foretold = module(kind, params, check=True)
        done = module(kind, params)
        assert (done.steps, done.warnings) == (foretold.steps, foretold.warnings)
        assert module(kind, params).steps == []
    assert not differences(before, picture())


def test_it_comes_back_from_where_its_mtu_was_too_small_for_ipv6(before: t.Any) -> None:
    module("netns_interface", {**AWAY, "mtu": 1200})
    module("netns_interface", back(AWAY))
    assert not differences(before, picture())


@pytest.mark.parametrize("where", BRIDGES)
def test_it_comes_back_when_nobody_confirms(where: str, before: t.Any) -> None:
    kind, there = MOVES[where]
    module(kind, {**there, "confirm_timeout": 5}, confirmed=False)
    assert "198.51.100.7" in told("ip address show br0")
    guards_end()
    assert not differences(before, picture())


@pytest.mark.parametrize("where", BRIDGES)
def test_it_stays_there_when_nobody_confirms_the_way_home(where: str) -> None:
    kind, there = MOVES[where]
    module(kind, there)
    was = moved()
    module(kind, {**back(there), "confirm_timeout": 5}, confirmed=False)
    assert "198.51.100.7" in told("ip address show nic0")
    guards_end()
    assert not differences(was, moved())
    module(kind, back(there))


@pytest.mark.parametrize("dead", ["ovsdb-server", "ovs-vswitchd", "ovsdb-server ovs-vswitchd"])
@pytest.mark.parametrize("where", [where for where in BRIDGES if MOVES[where][0] == "ovs_bridge"])
def test_it_comes_back_though_open_vswitch_died_meanwhile(where: str, dead: str, before: t.Any) -> None:
    """On the kernel's datapath a living ovs-vswitchd takes the NIC again and again, until its database lets it go."""
    kind, there = MOVES[where]
    until_it_lives = dead == "ovsdb-server" and "kernel" in where
    told(f"ip -n gw address add {NEIGHBOUR}/24 dev wire0")
    assert answers()
    module(kind, {**there, "confirm_timeout": 5}, confirmed=False)
    try:
        send(dead, "STOP")
        until = time.monotonic() + 60
        while "198.51.100.7" not in told("ip address show nic0") and time.monotonic() < until:
            time.sleep(0.1)
        assert "198.51.100.7" in told("ip address show nic0")
        if until_it_lives:
            send(dead, "CONT")
        while not answers() and time.monotonic() < until:
            time.sleep(0.1)
        assert answers()
    finally:
        send(dead, "CONT")
    guards_end(90)
    told("ovs-vsctl --if-exists del-br br0")
    assert not differences(before, picture())


def send(daemons: str, what: str) -> None:
    """Send a signal to daemons of Open vSwitch."""
    for daemon in daemons.split():
        told(f"kill -{what} $(cat /run/openvswitch/{daemon}.pid)")


def answers() -> bool:
    """Whether the NIC reaches its neighbour."""
    return " 1 received" in told(f"ping -c 1 -W 1 {NEIGHBOUR} || true")


@pytest.mark.parametrize("where", MOVES)
def test_it_is_as_before_after_a_failure_at_any_step(where: str, before: t.Any) -> None:
    kind, there = MOVES[where]
    assert failures(kind, there, picture) > 3
    assert failures(kind, back(there), moved) > 10
    assert not differences(before, picture())


def failures(kind: str, params: Params, look: t.Callable[[], t.Any]) -> int:
    """Refuse one batch of a run after the other, until none is left; the number of the last one."""
    number, was = 0, look()
    while True:
        host = Refusing(5)
        host.number = number
        try:
            module(kind, params, host=host)
            return number
        except Failed as error:
            assert "refused by the test" in str(error), str(error)
            assert error.remains == [], f"at batch {number}: {error}"
        guards_end()
        assert not differences(was, look()), f"after a failure at batch {number}"
        number += STRIDES[kind]


class Dying(Host):
    """The real host; the process is killed before the batch of this number."""

    number = -1

    def do(self, ops: t.Sequence[Op]) -> None:
        """Count down to the end."""
        self.number -= 1
        if self.number == -1:
            os.kill(os.getpid(), signal.SIGKILL)
        super().do(ops)


def killed(number: int, kind: str, params: Params) -> bool:
    """A run in a process of its own, which is killed before a batch; False: it came to its end before."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            host = Dying(5)
            host.number = number
            module(kind, params, host=host)
            os._exit(0)
        os._exit(1)
    _pid, status = os.waitpid(child, 0)
    guards_end()
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("where", MOVES)
def test_it_comes_back_after_a_kill_at_any_step(where: str, before: t.Any) -> None:
    kind, there = MOVES[where]
    number = 0
    while killed(number, kind, there):
        if number // STRIDES[kind] % 2:  # else the way home begins at once
            module(kind, there)
            assert module(kind, there).steps == []
        module(kind, back(there))
        assert not differences(before, picture()), f"after a kill at batch {number}"
        number += STRIDES[kind]
    assert number > 3
    number = 0
    while killed(number, kind, back(there)):
        module(kind, there if number // STRIDES[kind] % 2 else back(there))
        module(kind, back(there))
        assert not differences(before, picture()), f"after a kill at batch {number} of the way home"
        module(kind, there)
        number += STRIDES[kind]
    assert number > 10
    assert not differences(before, picture())


@pytest.mark.parametrize("where", MOVES)
@pytest.mark.parametrize("route", ["ip route add 10.70.9.0/24 nhid 98", "ip -6 route add fd70:9::/64 nhid 99"])
def test_a_route_by_a_nexthop_object_is_refused_by_name(where: str, route: str) -> None:
    told(
        "ip nexthop add id 98 via 198.51.100.3 dev nic0; ip nexthop add id 97 via fd01:0::3 dev nic0; ip nexthop add id"
        " 99 group 97"
    )
    told(route)
    kind, there = MOVES[where]
    was = (picture(), told("ip -d nexthop"))
    for check in (True, False):
        with pytest.raises(
            NetloomError, match=rf"route {route.split()[-3]}.* leaves by nexthop object {route.rsplit(maxsplit=1)[-1]}"
        ):
            module(kind, there, check=check)
        assert not differences(was, (picture(), told("ip -d nexthop")))


def test_a_queueing_discipline_keeps_a_nic_where_it_is() -> None:
    told("tc qdisc add dev nic0 clsact")
    had = told("tc qdisc show dev nic0")
    for kind in ("linux_bridge", "ovs_bridge"):
        module(kind, UPLINK)
        module(kind, back(UPLINK))
    for check in (True, False):
        with pytest.raises(
            NetloomError, match=r"it has the qdisc clsact ffff: \(tc\(8\)\), which it loses when it moves"
        ):
            module("netns_interface", AWAY, check=check)
    assert told("tc qdisc show dev nic0") == had


def test_a_vxlan_that_the_kernel_would_delete_is_named(before: t.Any) -> None:
    told("ip link add vx0 type vxlan id 5 dev nic0 dstport 4789 group 239.1.1.1")
    try:
        for check in (True, False):
            with pytest.raises(NetloomError, match="the kernel would delete the vxlan 'vx0', which stands on it"):
                module("netns_interface", AWAY, check=check)
        assert told("ip -br link show vx0")
    finally:
        told("ip link delete vx0")
    assert not differences(before, picture())
