# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow: check predicts, a second run is empty, a failure undoes itself."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed, batches
from ansible_collections.netloom.linux.plugins.module_utils._engine._hooks import Hooks
from ansible_collections.netloom.linux.plugins.module_utils._engine._run import run
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._engine._verify import MOST_REPEATED
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address_ops,
    _netns_ops,
    _ops,
    _ovs_ops,
    _remains,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._address import Address
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import (
    BadInput,
    Conflict,
    HostError,
    Missing,
    Uncertain,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import Op
from ansible_collections.netloom.linux.plugins.module_utils._model._plan import Step
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Route
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Scope
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import (
    Link,
    Namespace,
    Ovs,
    OvsBridge,
    OvsPort,
    OvsTarget,
    Snapshot,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._stack_ops import RouteSet
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

BRIDGED: dict[str, t.Any] = {
    "name": "pair",
    "netns": [
        {"name": "red", "etc_files": {"hosts": "10.0.0.2 green\n"}},
        {"name": "green", "sysctl": {"net.ipv4.ip_forward": 1}},
    ],
    "linux_bridge": [{"name": "br0", "addresses": ["10.0.0.254/24"], "ports": ["red-br", "green-br"], "stp": False}],
    "veth": [
        {
            "name": "red-br",
            "master": "br0",
            "peer": {"name": "eth0", "netns": "red", "addresses": ["10.0.0.1/24"], "sysctl": {"rp_filter": 0}},
        },
        {
            "name": "green-br",
            "master": "br0",
            "peer": {"name": "eth0", "netns": "green", "addresses": ["10.0.0.2/24", "fd00::2/64"], "mtu": 1400},
        },
    ],
    "netns_interface": [{"name": "tap0", "netns": "red", "kind": "tap"}],
    "netns_route": [
        {"netns": "red", "destination": "default", "gateway": "10.0.0.254"},
        {"netns": "green", "destination": "192.0.2.0/24", "type": "blackhole"},
    ],
    "ovs_bridge": [{"name": "ovs0", "datapath_type": "netdev"}],
    "ovs_port": [
        {
            "bridge": "ovs0",
            "name": "tap-r",
            "type": "internal",
            "netns": "red",
            "tag": 100,
            "addresses": ["10.1.0.1/24"],
        }
    ],
    "dnsmasq_in_ns": [
        {
            "name": "dhcp",
            "netns": "red",
            "interfaces": ["tap-r"],
            "ranges": [{"start": "10.1.0.10", "end": "10.1.0.20"}],
        }
    ],
}


def test_check_mode_predicts_the_run_and_writes_nothing() -> None:
    foretold = run_topology(FakeHost(read_only=True), BRIDGED, check=True)
    host = FakeHost()
    done = run_topology(host, BRIDGED)
    assert foretold.steps == done.steps
    assert foretold.changed
    assert len(done.steps) > 20


def test_second_run_is_empty() -> None:
    host = FakeHost()
    run_topology(host, BRIDGED)
    again = run_topology(host, BRIDGED)
    assert not again.changed
    assert again.steps == []


def test_absent_leaves_the_host_as_it_was() -> None:
    host = FakeHost("other")
    before = picture(host)
    run_topology(host, BRIDGED)
    assert picture(host) != before
    run_topology(host, {"name": "pair", "state": "absent"})
    assert picture(host) == before
    assert not run_topology(host, {**BRIDGED, "state": "absent"}).changed


@pytest.mark.parametrize("halfway", [False, True])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_failure_at_any_op_undoes_the_run(state: str, halfway: bool) -> None:
    """Each op of the run is refused once; every time the host is as before."""
    number = 0
    while True:
        host = FakeHost("other")
        if state == "absent":
            run_topology(host, BRIDGED)
        before = picture(host)
        host.done.clear()
        host.fail_at, host.halfway = number, halfway
        try:
            run_topology(host, {**BRIDGED, "state": state})
        except Failed as error:
            assert "refused by the test" in str(error)
            assert error.remains == []
            assert picture(host) == before, f"after a failure at op {number}"
            number += 1
            continue
        break
    assert number > 10


def test_a_failure_says_what_failed_and_what_was_undone() -> None:
    host = FakeHost(fail_at=3)
    with pytest.raises(Failed) as caught:
        run_topology(host, BRIDGED)
    assert caught.value.step
    # What users are told of: not our own record.
    assert caught.value.undone == [
        "create namespace green",
        "create namespace red",
    ]
    assert "Undone: 2 steps of this run." in str(caught.value)


class SetDownAgain(FakeHost):
    """Another program sets link a down, so many times after somebody set it up."""

    def __init__(self, *names: str, times: int) -> None:
        super().__init__(*names)
        self.times = times

    def do(self, ops: t.Sequence[_ops.Op]) -> None:
        """What was asked for, and the other program."""
        super().do(ops)
        link = self.state.link(None, "a")
        if link is not None and link.up and self.times:
            self.times -= 1
            self.state.put(None, dataclasses.replace(link, up=False, carrier=False))


PAIR = {"name": "a", "peer": {"name": "b", "netns": "red"}}


def test_a_link_that_another_program_sets_down_meanwhile_is_set_up_once_more() -> None:
    host = SetDownAgain("red", times=1)
    outcome = run_one(host, "veth", PAIR)
    assert outcome.warnings == ["Had to set a: up once more: another program took it back."]
    assert outcome.steps == run_one(FakeHost("red"), "veth", PAIR).steps
    assert not run_one(host, "veth", PAIR).changed


def test_what_is_not_usable_because_another_program_keeps_undoing_it_says_so() -> None:
    host = SetDownAgain("red", times=1000)
    with pytest.raises(Failed, match="'a' has no carrier; after the run it would still be necessary to set a: up"):
        run_one(host, "veth", PAIR)
    assert host.done.count("set a: up") == MOST_REPEATED


def test_what_is_set_but_not_in_effect_is_an_error_and_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    host = FakeHost("red")
    before = picture(host)
    monkeypatch.setattr(_address_ops.AddressAdd, "effect", lambda self, now: None)
    with pytest.raises(Failed, match="not in effect"):
        run_one(host, "veth", {"name": "a", "addresses": ["10.0.0.1/24"], "peer": {"name": "b", "netns": "red"}})
    monkeypatch.undo()
    host.state.namespaces[None].links.pop("a", None)
    host.state.namespaces["red"].links.pop("b", None)
    assert picture(host) == before


def test_keys_of_free_maps_are_the_users() -> None:
    assert run_topology(FakeHost(), {"name": "t", "ovs_bridge": [{"name": "sw", "external_ids": {"name": 7}}]}).changed


class Resists(FakeHost):
    """Links do not go."""

    def do(self, ops: t.Sequence[_ops.Op]) -> None:
        """What was asked for, or a refusal."""
        if any(op.sentence().startswith("delete link") for op in ops):
            raise HostError("no")
        super().do(ops)


def test_an_undo_goes_on_after_what_resists_and_remembers_it() -> None:
    wish = {
        "name": "t",
        "netns": [{"name": "green"}],
        "linux_bridge": [{"name": "br0"}],
        "netns_route": [{"destination": "192.0.2.0/24", "type": "blackhole"}],
    }
    steps = run_topology(FakeHost(read_only=True), wish, check=True).steps
    host = Resists(fail_at=len(steps))  # the record comes first
    with pytest.raises(Failed) as caught:
        run_topology(host, wish)
    assert caught.value.remains == ["create bridge br0 (no)"]
    assert "green" not in host.state.namespaces
    later = FakeHost()
    later.state = host.state
    assert run_topology(later, {"name": "t", "state": "absent"}).steps == ["delete link br0"]


class Silent(FakeHost):
    """An OVSDB that does what it is asked when nobody waits for its answer any more."""

    def do(self, ops: t.Sequence[_ops.Op]) -> None:
        """Done, though it fails."""
        super().do(ops)
        if isinstance(ops[0], _ovs_ops.OvsBridgeAdd):
            raise Uncertain("no answer")


def test_what_may_have_been_done_without_an_answer_is_remembered() -> None:
    wish = {"name": "t", "netns": [{"name": "green"}], "ovs_bridge": [{"name": "ovs0", "datapath_type": "netdev"}]}
    host = Silent()
    with pytest.raises(Failed) as caught:
        run_topology(host, wish)
    assert caught.value.remains == [
        "create OVS bridge ovs0 (netdev datapath) (nobody knows whether it is done; the next run looks)"
    ]
    assert "green" not in host.state.namespaces
    assert run_topology(host, {"name": "t", "state": "absent"}).steps == ["delete OVS bridge ovs0"]


class Late(FakeHost):
    """An OVSDB that does what it is asked after the run that asked is over: so many transactions are late."""

    times = 1

    def __init__(self) -> None:
        super().__init__()
        self.late: list[_ops.Op] = []

    def do(self, ops: t.Sequence[_ops.Op]) -> None:
        """Nothing yet, if it is for OVSDB."""
        if isinstance(ops[0], _ovs_ops.OvsOp) and self.times:
            self.times -= 1
            self.late += ops
            raise Uncertain("no answer")
        super().do(ops)

    def catch_up(self) -> None:
        """The server does it. A row that is made anew has another uuid."""
        for op in self.late:
            op.effect(self.state)
            if isinstance(op, _ovs_ops.OvsBridgeAdd):
                bridges = self.state.ovs[OvsTarget()].bridges
                bridges[op.row] = dataclasses.replace(bridges[op.row], uuid="late")
        self.late.clear()
        self._choose()


PORTED: dict[str, t.Any] = {
    "name": "t",
    "ovs_bridge": [{"name": "ovs0", "datapath_type": "netdev"}],
    "ovs_port": [{"bridge": "ovs0", "name": f"p{tag}", "type": "internal", "tag": tag} for tag in (10, 20)],
}


def test_what_is_done_when_the_run_is_over_is_remembered() -> None:
    host = Late()
    before = picture(host)
    with pytest.raises(Failed, match="nobody knows whether it is done"):
        run_topology(host, PORTED)
    assert not host.state.ovs[OvsTarget()].bridges
    host.catch_up()
    assert "delete OVS bridge ovs0" in " ".join(run_topology(host, {"name": "t", "state": "absent"}).steps)
    assert picture(host) == before


def test_what_a_late_undo_brings_back_is_remembered_as_ours() -> None:
    host = Late()
    host.times = 0
    run_topology(host, {**PORTED, "netns": [{"name": "green"}]})

    def refuses(ops: t.Sequence[_ops.Op]) -> None:
        if isinstance(ops[0], _netns_ops.NetnsDelete):
            host.times = 9  # all that the undo asks for
            raise HostError("refused by the test")
        Late.do(host, ops)

    host.do = refuses  # type: ignore[method-assign]
    with pytest.raises(Failed):
        run_topology(host, {"name": "t", "state": "absent"})
    del host.do
    host.times = 0
    host.late = [op for op in host.late if isinstance(op, _ovs_ops.OvsBridgeAdd)]
    assert not host.state.ovs[OvsTarget()].bridges
    host.catch_up()
    assert "delete OVS bridge ovs0" in " ".join(run_topology(host, {"name": "t", "state": "absent"}).steps)


@pytest.mark.parametrize("pinned", [False, True])
def test_a_mac_address_that_open_vswitch_chooses_need_not_be_as_it_was(pinned: bool) -> None:
    bridge = OvsBridge("ovs0", other_config={"hwaddr": "02:00:00:00:00:01"} if pinned else {})
    before, after = (
        Snapshot(
            {None: Namespace(None, links={"ovs0": Link("ovs0", mac=f"02:00:00:00:00:0{number}")})},
            ovs={OvsTarget(): Ovs({"ovs0": bridge})},
        )
        for number in (1, 2)
    )
    touched = _remains.Touched(links={(None, "ovs0")}, rows={(OvsTarget(), "ovs0")})
    expected = ["mac of ovs0 is 02:00:00:00:00:02, and was 02:00:00:00:00:01"] if pinned else []
    assert _remains.differences(before, after, touched) == expected


class Changes(FakeHost):
    """What is read changes at that moment, so many times after the first look."""

    times = 2
    looks = 0

    def read(self, scope: Scope) -> Snapshot:
        """What there is, or a refusal."""
        self.looks += 1
        if 1 < self.looks <= 1 + self.times:
            raise HostError("other writers changed it all the while")
        return super().read(scope)


def test_a_look_that_fails_while_others_write_is_taken_again() -> None:
    host = Changes("red")
    entry = EntryReader().read("veth", PAIR, "")
    run(Hooks([entry]), host, check=False, alone=True, wait=5)
    assert host.looks == 2 + host.times
    with pytest.raises(Failed, match="other writers"):
        run(
            Hooks([EntryReader().read("veth", {**PAIR, "name": "c"}, "")]),
            Changes("red"),
            check=False,
            alone=True,
            wait=0,
        )


def test_a_missing_namespace_is_assumed_in_check_mode_and_refused_in_a_run() -> None:
    params = {"name": "a", "peer": {"name": "b", "netns": "nowhere"}}
    foretold = run_one(FakeHost(read_only=True), "veth", params, check=True)
    assert foretold.changed
    assert "no such namespace" in foretold.warnings[0]
    with pytest.raises(Missing, match=r"netloom\.linux\.netns first"):
        run_one(FakeHost(), "veth", params)


def test_in_a_topology_a_missing_reference_is_refused_in_check_mode_too() -> None:
    with pytest.raises(Missing, match=r"veth\[0\]: Cannot put 'b' into namespace 'nowhere'"):
        run_topology(
            FakeHost(read_only=True),
            {"name": "t", "veth": [{"name": "a", "peer": {"name": "b", "netns": "nowhere"}}]},
            check=True,
        )


@pytest.mark.parametrize(
    ("params", "error", "fragment"),
    [
        ({"veth": [{"name": "a", "peer": {"name": "b", "netns": ""}}]}, BadInput, r"veth\[0\]\.peer\.netns: is empty"),
        ({"veth": [{"name": "a", "peer": {"name": "b"}, "colour": "red"}]}, BadInput, r"veth\[0\]: .*colour"),
        ({"veth": [{"name": "a"}]}, BadInput, r"veth\[0\]: .*peer"),
        ({"netns": [{"name": True}]}, BadInput, r"netns\[0\]\.name: YAML read this as the truth value true; quote it"),
        ({"netns": [{"name": 8}]}, BadInput, r"netns\[0\]\.name: YAML read this as the number 8; quote it"),
        ({"netns": ["red"]}, BadInput, r"netns\[0\]: 'red' is not a mapping; write \{name: red\}"),
        (
            {"netns": [{"name": "red", "clear": [""]}]},
            BadInput,
            r"netns\[0\]\.clear: is a list of one empty string.*omit",
        ),
        (
            {"netns_interface": [{"name": "lo", "altnames": [["x"]]}]},
            BadInput,
            r"netns_interface\[0\]\.altnames\[0\]: \['x'\] is not a string; give one",
        ),
        (
            {"linux_bridge": [{"name": "br0", "ports": [None]}]},
            BadInput,
            r"linux_bridge\[0\]\.ports\[0\]: None is not a string; give one",
        ),
        (
            {"ovs_bridge": [{"name": "o", "controllers": [5]}]},
            BadInput,
            r"ovs_bridge\[0\]\.controllers\[0\]: YAML read this as the number 5; quote it",
        ),
        ({"ovs_port": [{"bridge": "o", "name": "a", "trunks": [""]}]}, BadInput, r"ovs_port\[0\]\.trunks: .*omit"),
        (
            {"netns_route": [{"destination": "default", "nexthops": [""]}]},
            BadInput,
            r"netns_route\[0\]\.nexthops: .*omit",
        ),
        (
            {"netns_route": [{"dst": "default", "nexthops": [{"via": 10}]}]},
            BadInput,
            r"nexthops\[0\]\.via: YAML read this as the number 10",
        ),
        (
            {"netns": [{"name": "red"}, {"name": "red"}]},
            BadInput,
            r"netns\[1\]: speaks of the same netns 'red' as netns\[0\]",
        ),
        ({"veth": [{"name": "a", "peer": {"name": "b"}}], "linux_bridge": [{"name": "b"}]}, BadInput, r"same link 'b'"),
        (
            {
                "linux_bridge": [{"name": "br0", "ports": ["x"]}],
                "veth": [{"name": "a", "master": "br0", "peer": {"name": "b"}}],
            },
            BadInput,
            r"veth\[0\]: 'a' has master 'br0', but linux_bridge\[0\]\.ports",
        ),
        (
            {"linux_bridge": [{"name": "br0", "ports": ["x"]}, {"name": "br1", "ports": ["x"]}]},
            BadInput,
            r"'x' is declared as a port of 'br1' and of 'br0'",
        ),
        (
            {
                "linux_bridge": [{"name": "br0", "ports": ["a"]}],
                "ovs_bridge": [{"name": "o"}],
                "ovs_port": [{"bridge": "o", "name": "a"}],
            },
            BadInput,
            r"ovs_port\[0\]: 'a' is declared as a port of 'o' and of 'br0'",
        ),
        (
            {
                "veth": [{"name": "a", "addresses": ["10.0.0.1/24"], "peer": {"name": "b"}}],
                "netns_interface": [{"name": "a", "addresses": ["10.0.0.2/24"]}],
            },
            BadInput,
            r"netns_interface\[0\]: contradicts veth\[0\] about addresses of the same link 'a'",
        ),
        (
            {"linux_bridge": [{"name": "lo"}]},
            Conflict,
            r"linux_bridge\[0\]: Cannot create bridge 'lo': 'lo' is a loopback",
        ),
    ],
)
def test_bad_topologies_are_refused_before_anything_is_touched(
    params: dict[str, t.Any], error: type[Exception], fragment: str
) -> None:
    for check in (True, False):
        host = FakeHost()
        before = picture(host)
        with pytest.raises(error, match=fragment):
            run_topology(host, {"name": "t", **params}, check)
        assert host.done == []
        assert picture(host) == before


def test_adopted_objects_stay_and_get_their_attributes_back() -> None:
    host = FakeHost("red")
    run_one(
        host, "veth", {"name": "a", "mtu": 1400, "peer": {"name": "b", "netns": "red", "addresses": ["10.0.0.1/24"]}}
    )
    before = picture(host)
    params = {
        "name": "t",
        "veth": [{"name": "a", "mtu": 1300, "peer": {"name": "b", "netns": "red", "addresses": ["10.0.0.9/24"]}}],
    }
    assert run_topology(host, params).steps == [
        "set a: mtu=1300",
        "add address 10.0.0.9/24 to b in red",
        "delete address 10.0.0.1/24 from b in red",
    ]
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before


def test_what_no_run_of_the_topology_made_is_left_alone() -> None:
    host = FakeHost("red")
    before = picture(host)
    outcome = run_topology(host, {"name": "t", "state": "absent", "netns": [{"name": "red"}]})
    assert not outcome.changed
    assert "netns red" in outcome.warnings[0]
    assert picture(host) == before


def test_a_namesake_made_by_somebody_else_is_not_taken_for_ours() -> None:
    host = FakeHost()
    params = {"name": "t", "netns": [{"name": "red"}]}
    run_topology(host, params)
    host.state.namespaces["red"].inode = 99999
    assert not run_topology(host, {"name": "t", "state": "absent"}).changed
    assert host.state.has("red")


def test_topologies_live_side_by_side() -> None:
    host = FakeHost()
    run_topology(host, {"name": "one", "netns": [{"name": "red"}]})
    middle = picture(host)
    run_topology(host, {"name": "two", "netns": [{"name": "green"}]})
    run_topology(host, {"name": "two", "state": "absent"})
    assert picture(host) == middle


def test_entries_of_one_topology_may_go_while_others_come() -> None:
    host = FakeHost()
    run_topology(host, {"name": "t", "netns": [{"name": "red"}, {"name": "green"}]})
    outcome = run_topology(
        host, {"name": "t", "netns": [{"name": "red", "state": "absent"}, {"name": "green"}, {"name": "blue"}]}
    )
    assert outcome.steps == ["delete namespace red", "create namespace blue", "set lo in blue: up"]


def test_neighbouring_writes_on_one_ovsdb_go_together() -> None:
    target = OvsTarget()
    ops: list[_ops.Op] = [
        _ovs_ops.OvsBridgeAdd(target, OvsBridge("b")),
        _ovs_ops.OvsPortAdd(target, OvsPort("p", "b")),
        _ovs_ops.OvsPortAdd(OvsTarget("tcp:192.0.2.1:6640"), OvsPort("p", "b")),
        _netns_ops.NetnsCreate("red"),
        _netns_ops.NetnsCreate("green"),
    ]
    assert [len(batch) for batch in batches([Step("", op, ()) for op in ops])] == [2, 1, 1, 1]


class Careful(FakeHost):
    """Takes no route whose gateway no address covers."""

    def do(self, ops: t.Sequence[Op]) -> None:
        for op in ops:
            if isinstance(op, RouteSet) and not any(
                address.cidr == "10.1.0.1/24" for address in self.state.namespaces[None].links["e0"].addresses
            ):
                raise HostError("Cannot set route: its gateway is not on a link.")
        super().do(ops)


def test_an_undo_tries_again_what_resists_before_the_rest_is_back() -> None:
    """The last IPv4 address takes all routes; the one that covers the gateway went before it, and comes back after
    it.
    """
    host = Careful(fail_at=3)
    addresses = (Address("10.2.0.1/24"), Address("10.1.0.1/24"))
    host.state.put(None, Link("e0", index=2, up=True, mtu=1500, txqueuelen=1000, addresses=addresses))
    host.settle()
    host.state.namespaces[None].routes.append(Route("10.9.0.0/16", gateway="10.1.0.9", device="e0"))
    before = picture(host)
    with pytest.raises(Failed) as caught:
        run_topology(
            host,
            {
                "name": "t",
                "netns_interface": [{"name": "e0", "addresses": []}, {"name": "lo", "sysctl": {"rp_filter": 0}}],
            },
        )
    assert caught.value.remains == []
    assert picture(host) == before


class SlowToCome(FakeHost):
    """A link has a carrier at the fifth look only."""

    def __init__(self, *namespaces: str) -> None:
        super().__init__(*namespaces)
        self.scopes: list[set[str | None]] = []

    def read(self, scope: Scope) -> Snapshot:
        """What there is, and of what it was asked for."""
        self.scopes.append(scope.namespaces)
        found = super().read(scope)
        link = found.link(None, "slow")
        if link is not None and len(self.scopes) < 5:
            found.put(None, dataclasses.replace(link, carrier=False))
        return found


def test_who_waits_for_one_thing_does_not_read_all_the_others() -> None:
    host = SlowToCome()
    pairs = [{"name": f"v{number}", "peer": {"name": "eth0", "netns": f"n{number}"}} for number in range(3)]
    slow = {"name": "slow", "up": True, "peer": {"name": "fast", "up": True}}
    entries = EntryReader().read_all({"netns": [{"name": f"n{number}"} for number in range(3)], "veth": [*pairs, slow]})
    run(Hooks(entries), host, check=False, alone=False, wait=5)
    whole = {None, "n0", "n1", "n2"}
    assert host.scopes == [whole, whole, {None}, {None}, {None}, whole]


class ComingOneByOne(SlowToCome):
    """The links in namespaces n0, n1, ... have carriers at the fourth look, the fifth, ..."""

    def read(self, scope: Scope) -> Snapshot:
        found = super().read(scope)
        for key, ns in found.namespaces.items():
            if key is not None and "eth0" in ns.links and len(self.scopes) < 4 + int(key[1:]):
                found.put(key, dataclasses.replace(ns.links["eth0"], carrier=False))
        return found


def test_what_has_come_is_not_read_while_the_rest_is_waited_for() -> None:
    host = ComingOneByOne()
    pairs = [
        {"name": f"v{number}", "up": True, "peer": {"name": "eth0", "netns": f"n{number}", "up": True}}
        for number in range(2)
    ]
    entries = EntryReader().read_all({"netns": [{"name": f"n{number}"} for number in range(2)], "veth": pairs})
    run(Hooks(entries), host, check=False, alone=False, wait=5)
    assert [scope - {None} for scope in host.scopes] == [*[{"n0", "n1"}] * 4, {"n1"}, {"n0", "n1"}]
