# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name may pass to an object of somebody else while a run is at work, or after one: that object is left alone, and
messages are true.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError, NetloomError
from ansible_collections.netloom.linux.plugins.module_utils._model._identity import NO_KEY, Book
from ansible_collections.netloom.linux.plugins.module_utils._model._move_ops import LinkMove
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import Op
from ansible_collections.netloom.linux.plugins.module_utils._model._remains import Touched, differences
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Route
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Address, Link, Namespace, Snapshot
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, _namespace, picture, run_topology

Params = dict[str, t.Any]
Meddler = t.Callable[[FakeHost], None]
WISH: Params = {
    "name": "t",
    "netns": [{"name": "red"}],
    "netns_interface": [{"name": "tap0", "kind": "tap"}, {"name": "dummy0", "netns": "blue", "kind": "dummy"}],
    "veth": [{"name": "v0", "peer": {"name": "eth0", "netns": "red", "addresses": ["10.0.0.1/24"]}}],
    "netns_route": [{"netns": "red", "destination": "default", "gateway": "10.0.0.254"}],
}
FOREIGN = "somebody else's"


class Meddled(FakeHost):
    """Another program acts right after the step of this sentence, and the run fails at another one."""

    def __init__(self, after: str, meddle: Meddler, fails: str | None = None) -> None:
        super().__init__("blue")
        self.after, self.meddle, self.fails = after, meddle, fails
        self.theirs: list[tuple[str | None, Link]] = []

    def do(self, ops: t.Sequence[Op]) -> None:
        """What was asked for, and the other program."""
        sentences = [op.sentence() for op in ops]
        if self.fails in sentences:
            self.fails = None
            raise HostError("refused by the test")
        super().do(ops)
        if self.after in sentences:
            self.after = ""
            self.meddle(self)
            self._choose()
            self.theirs = copy.deepcopy(foreigners(self))


def another_link(ns: str | None, name: str) -> Meddler:
    """Delete a link, and make another one of its name."""

    def meddle(host: FakeHost) -> None:
        old = host.state.namespaces[ns].links.pop(name)
        if old.peer:
            host.state.namespaces[old.peer[0]].links.pop(old.peer[1], None)
        host.state.put(ns, Link(name, "bridge", index=900, mtu=1500, txqueuelen=1000, alias=FOREIGN))

    return meddle


def an_altname(host: FakeHost) -> None:
    """Delete a link, and give its name to a NIC as an alternative name."""
    del host.state.namespaces[None].links["tap0"]
    host.state.put(None, Link("nic", index=901, mtu=1500, txqueuelen=1000, altnames=("tap0",), alias=FOREIGN))


def another_namespace(host: FakeHost) -> None:
    """Delete a namespace, and make another one of its name."""
    del host.state.namespaces["red"]
    host.state.namespaces["red"] = _namespace("red", 902)
    host.state.put("red", Link("theirs", "dummy", index=7, alias=FOREIGN))


def foreigners(host: FakeHost) -> list[tuple[str | None, Link]]:
    """The links of the other program, as they are."""
    return [
        (key, link) for key, ns in host.state.namespaces.items() for link in ns.links.values() if link.alias == FOREIGN
    ]


MEDDLERS = [
    (
        "create tap tap0",
        another_link(None, "tap0"),
        "link tap0 is there, which was not before (another program made it)",
    ),
    ("create tap tap0", an_altname, None),
    (
        "create dummy dummy0 in blue",
        another_link("blue", "dummy0"),
        "link dummy0 in blue is there, which was not before (another program made it)",
    ),
    (
        "create veth eth0 in red with peer v0",
        another_link(None, "v0"),
        "link v0 is there, which was not before (another program made it)",
    ),
    (
        "create veth eth0 in red with peer v0",
        another_namespace,
        "namespace red is there, which was not before (another program made it)",
    ),
]


@pytest.mark.parametrize(("after", "meddle", "remains"), MEDDLERS)
@pytest.mark.parametrize("fails", ["set route default via 10.0.0.254 in red", None])
def test_a_namesake_that_appears_meanwhile_is_left_alone(
    after: str, meddle: Meddler, remains: str | None, fails: str | None
) -> None:
    host = Meddled(after, meddle, fails)
    with pytest.raises(Failed) as caught:
        run_topology(host, WISH)
    assert host.theirs
    assert foreigners(host) == host.theirs
    if remains:
        assert [words for words in caught.value.remains if remains in words or "another" in words], caught.value.remains
    after_it = picture(host)
    assert not run_topology(host, {"name": "t", "state": "absent"}).changed
    assert picture(host) == after_it
    assert not [path for path, text in host.state.files.items() if text is not None and "/topologies/" in path]


def test_a_namespace_without_a_name_may_end_with_its_last_process() -> None:
    nameless, named = "/proc/4711/ns/net", "red"
    before = Snapshot(
        {
            ns: Namespace(ns, links={"eth0": Link("eth0", index=2)}, inode=number)
            for number, ns in enumerate((None, nameless, named))
        }
    )
    without = {
        ns: Snapshot({key: space for key, space in before.namespaces.items() if key != ns}) for ns in (nameless, named)
    }
    for ns in (nameless, named):
        book = Book(before)
        assert book.link((ns, "eth0")) == 2
        book.recognise(before)
        if ns == named:
            with pytest.raises(NetloomError, match="Namespace 'red' is gone"):
                book.recognise(without[ns])
        else:
            book.recognise(without[ns])


def test_an_inode_number_that_the_kernel_gave_anew_is_another_namespace() -> None:
    book = Book(Snapshot({"red": Namespace("red", inode=7, cookie=70)}))
    assert book.means("red", (7, 70))
    assert book.means("red", (7, None))  # a kernel that knows no cookies
    assert not book.means("red", (7, 71))
    assert not book.means("red", NO_KEY)
    assert book.means("blue", (7, 71))  # of which the run knows nothing


def test_a_link_that_was_exchanged_after_it_was_made_is_no_success() -> None:
    host = Meddled("create tap tap0", another_link(None, "tap0"))
    wish = {"name": "t", "netns_interface": [{"name": "tap0", "kind": "tap"}]}
    host.meddle = lambda one: one.state.put(
        None, dataclasses.replace(one.state.namespaces[None].links["tap0"], index=903)
    )
    with pytest.raises(
        Failed,
        match=(
            "'tap0' is another link than the one that this run planned with: another program deleted or renamed that"
            " one meanwhile"
        ),
    ):
        run_topology(host, wish)
    assert host.state.link(None, "tap0")


def test_a_namespace_that_was_exchanged_is_no_success() -> None:
    host = Meddled("set lo in red: up", another_namespace)
    with pytest.raises(Failed, match="Namespace 'red' is another one than this run planned with"):
        run_topology(host, {"name": "t", "netns": [{"name": "red"}]})
    assert host.state.link("red", "theirs")


# --- what is remembered ---


class Killed(FakeHost):
    """Ends like a killed process: after this step nothing is done any more."""

    def __init__(self, after: str) -> None:
        super().__init__()
        self.after, self.dead = after, False

    def do(self, ops: t.Sequence[Op]) -> None:
        """What was asked for, while it lives."""
        if self.dead:
            raise HostError("it was killed")
        super().do(ops)
        self.dead = self.after in [op.sentence() for op in ops]

    def successor(self) -> FakeHost:
        """The same host for the next run."""
        host = FakeHost()
        host.state = self.state
        host._numbers = self._numbers
        return host


def killed(wish: Params, after: str) -> FakeHost:
    """A host on which a run was killed after a step."""
    host = Killed(after)
    with pytest.raises(Failed):
        run_topology(host, wish)
    return host.successor()


MANY: Params = {
    "name": "t",
    "netns": [{"name": f"n{number}"} for number in range(4)],
    "netns_interface": [{"name": f"tap{number}", "kind": "tap"} for number in range(3)],
    "netns_route": [{"destination": "192.0.2.0/24", "type": "blackhole"}],
}


@pytest.mark.parametrize("wish", [{"name": "t", "state": "absent"}, {"name": "t"}])
def test_what_a_killed_run_never_made_is_not_its_own(wish: Params) -> None:
    host = killed(MANY, "create namespace n1")
    ours = [name for name in host.state.namespaces if name]
    theirs = next(f"n{number}" for number in range(4) if f"n{number}" not in ours)
    assert ours
    host.state.namespaces[theirs] = _namespace(theirs, 910)
    host.state.put(None, Link("tap2", "tun", index=911, data={"mode": "tap", "persist": True}))
    host.state.namespaces[None].routes.append(Route("192.0.2.0/24", type="blackhole"))
    steps = run_topology(host, wish).steps
    assert sorted(steps) == sorted(f"delete namespace {name}" for name in ours)
    assert [name for name in host.state.namespaces if name] == [theirs]
    assert not [path for path, text in host.state.files.items() if text is not None and "/topologies/" in path]


@pytest.mark.parametrize("wish", [{"name": "t", "state": "absent"}, {"name": "t"}])
def test_what_a_killed_run_made_goes_but_not_a_namesake_of_it(wish: Params) -> None:
    host = killed(MANY, "create tap tap1")
    host.state.put(None, dataclasses.replace(host.state.namespaces[None].links["tap0"], index=912))
    host.state.namespaces["n0"].inode = host.state.namespaces["n0"].cookie = 913
    steps = run_topology(host, wish).steps
    assert [step for step in steps if "tap" in step] == ["delete link tap1"]
    assert set(host.state.namespaces) == {None, "n0"}


def test_what_was_made_again_by_a_killed_run_is_still_ours() -> None:
    host = FakeHost()
    wish = {"name": "t", "netns_interface": [{"name": "tap0", "kind": "tap"}, {"name": "tap1", "kind": "tap"}]}
    run_topology(host, wish)
    del host.state.namespaces[None].links["tap0"]
    again = Killed("create tap tap0")
    again.state, again._numbers = host.state, host._numbers
    with pytest.raises(Failed):
        run_topology(again, wish)
    assert sorted(run_topology(again.successor(), {"name": "t", "state": "absent"}).steps) == [
        "delete link tap0",
        "delete link tap1",
    ]


def test_a_run_that_goes_on_after_a_killed_one_leaves_no_notes() -> None:
    host = killed(MANY, "create tap tap1")
    run_topology(host, MANY)
    assert not [path for path, text in host.state.files.items() if text is not None and path.endswith(".notes")]
    assert not run_topology(host, MANY).changed
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == picture(FakeHost())


def test_after_an_undo_a_namesake_is_not_ours_whatever_remains() -> None:
    """What the undo could not take back is remembered, and nothing else."""

    class Stubborn(FakeHost):
        def do(self, ops: t.Sequence[Op]) -> None:
            if ops[0].sentence() == "delete link tap0":
                raise HostError("no")
            super().do(ops)

    host = Stubborn(fail_at=12)
    with pytest.raises(Failed) as caught:
        run_topology(host, MANY)
    assert caught.value.remains == ["create tap tap0 (no)"]
    later = FakeHost()
    later.state = host.state
    for name in ("n0", "n1"):
        later.state.namespaces[name] = _namespace(name, 920)
    assert run_topology(later, {"name": "t", "state": "absent"}).steps == ["delete link tap0"]
    assert later.state.has("n0")


# --- what remains ---


class HalfMoves(FakeHost):
    """A move that is refused half-way has cost the link its addresses."""

    def do(self, ops: t.Sequence[Op]) -> None:
        """What was asked for, but for the move."""
        if isinstance(ops[0], LinkMove):
            link = self.state.namespaces[None].links["nic"]
            self.state.put(None, dataclasses.replace(link, up=False, addresses=()))
            self.state.namespaces[None].routes.clear()
            raise HostError("refused half-way")
        super().do(ops)


def test_what_a_move_that_was_refused_half_way_lost_remains() -> None:
    host = HalfMoves("red")
    host.state.put(
        None, Link("nic", index=930, up=True, mtu=1500, txqueuelen=1000, addresses=(Address("10.0.0.1/24"),))
    )
    host.state.namespaces[None].routes.append(Route("0.0.0.0/0", gateway="10.0.0.254", device="nic"))
    with pytest.raises(Failed) as caught:
        run_topology(
            host, {"name": "t", "netns_interface": [{"name": "eth0", "netns": "red", "source": {"name": "nic"}}]}
        )
    assert caught.value.remains == [
        "up of nic is false, and was true",
        "address 10.0.0.1/24 of nic is gone",
        "route default via 10.0.0.254 dev nic is gone",
    ]
    assert "Could not be undone: up of nic is false" in str(caught.value)


def test_what_others_did_elsewhere_meanwhile_is_not_told() -> None:
    host = Meddled(
        "create tap tap0", lambda one: one.state.put(None, Link("elsewhere", "dummy", index=940)), "set tap0: up"
    )
    with pytest.raises(Failed) as caught:
        run_topology(host, {"name": "t", "netns_interface": [{"name": "tap0", "kind": "tap"}]})
    assert caught.value.remains == []
    assert host.state.link(None, "elsewhere")


@pytest.mark.parametrize("kind", ["bridge", "vlan"])
def test_a_bridge_without_ports_has_no_mac_address_to_lose(kind: str) -> None:
    """The kernel takes it with the last port, so a port that comes and goes again costs a bridge the one that it was
    made with.
    """
    before, after, touched = FakeHost().state, FakeHost().state, Touched(links={(None, "br7")})
    was = Link("br7", kind, index=950, mac="02:00:00:00:00:07", up=True, addresses=(Address("fd18::1/64"),))
    before.put(None, was)
    after.put(None, dataclasses.replace(was, mac="00:00:00:00:00:00"))
    assert differences(before, after, touched) == []
    after.put(None, dataclasses.replace(was, mac="00:00:00:00:00:00", addresses=()))
    assert differences(before, after, touched) == ["address fd18::1/64 of br7 is gone"]
    after.put(None, dataclasses.replace(was, mac="02:00:00:00:00:08"))
    assert differences(before, after, touched) == ["mac of br7 is 02:00:00:00:00:08, and was 02:00:00:00:00:07"]


class Breaks(FakeHost):
    """Taking back fails in a way that nobody foresaw."""

    def do(self, ops: t.Sequence[Op]) -> None:
        """What was asked for, or a bug."""
        if ops[0].sentence() == "delete link tap1":
            raise KeyError("a bug")
        super().do(ops)


def test_no_exception_ends_an_undo() -> None:
    host = Breaks(fail_at=12)
    with pytest.raises(Failed) as caught:
        run_topology(host, MANY)
    assert caught.value.remains == ["create tap tap1 ('a bug')"]
    assert set(host.state.namespaces) == {None}
    assert host.state.link(None, "tap0") is None


def test_a_host_that_cannot_be_read_after_an_undo_is_not_said_to_be_as_before() -> None:
    class Unread(FakeHost):
        looks = 0

        def read(self, scope: t.Any) -> t.Any:
            self.looks += 1
            if self.looks > 1:
                raise HostError("Cannot read the host.")
            return super().read(scope)

    host = Unread(fail_at=5)
    with pytest.raises(Failed, match="what else is not as before is not known, for the host could not be read"):
        run_topology(host, MANY)


@pytest.mark.parametrize("renamed", [True, False])
def test_a_namesake_of_another_kind_does_not_stand_in_the_way_of_absent(renamed: bool) -> None:
    """What a run made goes, under whatever name it is now; what has its name stays."""
    host = FakeHost()
    wish = {
        "name": "t",
        "netns_interface": [{"name": "tap0", "kind": "tap"}],
        "veth": [{"name": "v0", "peer": {"name": "v1"}}],
    }
    run_topology(host, wish)
    links = host.state.namespaces[None].links
    tap = links.pop("tap0")
    if renamed:
        links["odd"] = dataclasses.replace(tap, name="odd")
    links["tap0"] = Link("tap0", "bridge", index=950, alias=FOREIGN)
    assert sorted(run_topology(host, {"name": "t", "state": "absent"}).steps) == [
        *(["delete link odd"] if renamed else []),
        "delete link v0",
    ]
    assert set(host.state.namespaces[None].links) == {"lo", "tap0"}
    assert foreigners(host)
    assert not [path for path, text in host.state.files.items() if text is not None]


@pytest.mark.parametrize("state", ["present", "absent"])
def test_after_an_undo_no_record_is_left_of_a_link_whose_name_is_anothers(state: str) -> None:
    wish: Params = {
        "name": "t",
        "netns_interface": [{"name": "tap0", "kind": "tap"}],
        "veth": [{"name": "v0", "peer": {"name": "v1"}}],
    }
    if state == "present":
        wish["netns"] = [{"name": "red"}]
    host = Meddled("", lambda _host: None)
    run_topology(host, {**wish, "netns": []})
    host.state.namespaces[None].links["tap0"] = Link("tap0", "bridge", index=950, alias=FOREIGN)
    host.fails = "delete link v0" if state == "absent" else "create namespace red"
    with pytest.raises(NetloomError):
        run_topology(
            host, {**({"name": "t"} if state == "absent" else {**wish, "netns_interface": []}), "state": state}
        )
    assert [path for path, text in host.state.files.items() if text is not None] == ["/run/netloom/topologies/t.json"]
    run_topology(host, {"name": "t", "state": "absent"})
    assert not [path for path, text in host.state.files.items() if text is not None]


RENAMED: list[tuple[str, Params, str]] = [
    ("linux_bridge", {}, "bridge"),
    ("netns_interface", {"kind": "tap"}, "tun"),
    ("netns_interface", {"kind": "dummy"}, "dummy"),
    ("netns_interface", {"kind": "vlan", "parent": "nic", "id": 5}, "vlan"),
    ("veth", {"peer": {"name": "v1"}}, "veth"),
]


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize("present", [True, False])
@pytest.mark.parametrize(("kind", "params", "made"), RENAMED)
def test_a_namesake_of_a_link_of_ours_that_was_renamed_is_left_alone(
    kind: str, params: Params, made: str, present: bool, same: bool
) -> None:
    """Ours lives on under another name; what has its name now is not ours for that."""
    host = FakeHost()
    host.state.put(None, Link("nic", index=5, mtu=1500, up=True))
    wish = {"name": "t", kind: [{"name": "ours", **params}]}
    run_topology(host, wish)
    links = host.state.namespaces[None].links
    ours = links.pop("ours")
    host.state.put(None, dataclasses.replace(ours, name="moved"))
    if ours.peer is not None:
        links["v1"] = dataclasses.replace(links["v1"], peer=(None, "moved"))
    like = dataclasses.replace(ours, name="ours", index=900, alias=FOREIGN, peer=None)
    host.state.put(
        None,
        like if same else Link("ours", "dummy" if made != "dummy" else "bridge", index=900, mtu=1500, alias=FOREIGN),
    )
    if present:
        with contextlib.suppress(NetloomError):
            run_topology(host, wish)
    run_topology(host, {"name": "t", "state": "absent"})
    assert [(link.name, link.index) for _ns, link in foreigners(host)] == [("ours", 900)]


def test_what_made_a_step_fail_is_not_ours_if_the_undo_is_cut_short() -> None:
    """Somebody's bridge took the name, so that ours was refused; then nothing is taken back, as after a kill."""
    host = FakeHost()
    do = host.do

    def refuses(ops: t.Sequence[Op]) -> None:
        if ops[0].sentence() == "create bridge br0":
            host.state.put(None, Link("br0", "bridge", index=900, mtu=1500, alias=FOREIGN))
            host.do = cut_short  # type: ignore[method-assign]
            raise HostError("File exists")
        do(ops)

    def cut_short(_ops: t.Sequence[Op]) -> None:
        raise HostError("killed")

    host.do = refuses  # type: ignore[method-assign]
    with pytest.raises(Failed):
        run_topology(host, {"name": "t", "linux_bridge": [{"name": "br0"}]})
    host.do = do  # type: ignore[method-assign]
    assert not run_topology(host, {"name": "t", "state": "absent"}).changed
    assert [link.index for _ns, link in foreigners(host)] == [900]
