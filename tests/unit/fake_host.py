# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host without a kernel: it takes each op's own effect, chooses what a kernel would choose, and can refuse."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import itertools
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine._entry import Entry, Outcome
from ansible_collections.netloom.linux.plugins.module_utils._engine._hooks import Hooks
from ansible_collections.netloom.linux.plugins.module_utils._engine._run import run
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader, manifest_of
from ansible_collections.netloom.linux.plugins.module_utils._model._address import IFA_F_NOPREFIXROUTE, Address
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import Conflict, HostError
from ansible_collections.netloom.linux.plugins.module_utils._model._identity import (
    NO_KEY,
    Book,
    gone_link,
    other_link,
    other_space,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._kind import Kind
from ansible_collections.netloom.linux.plugins.module_utils._model._link_ops import LinkAdd
from ansible_collections.netloom.linux.plugins.module_utils._model._move_ops import LinkMove
from ansible_collections.netloom.linux.plugins.module_utils._model._netns_ops import (
    NetnsAttach,
    NetnsCreate,
    NetnsDelete,
    NetnsRestore,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._nft import Nft
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import DISTURBANCES, Op
from ansible_collections.netloom.linux.plugins.module_utils._model._plan import Planner
from ansible_collections.netloom.linux.plugins.module_utils._model._remains import touched_by
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Route
from ansible_collections.netloom.linux.plugins.module_utils._model._routes import Routes
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import (
    DnsmasqTest,
    EngineHere,
    Listeners,
    MountsPrivate,
    Program,
    PythonReplaceable,
    Scope,
    SwitchPorts,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import (
    Link,
    Namespace,
    Ovs,
    OvsTarget,
    Snapshot,
)


class FakeHost:
    """Stateful. ``fail_at``: the number of the op that is refused; ``read_only``: every op is an assertion error.

    ``halfway``: what is refused has had its effect before, if the host may do such an op by halves.
    """

    def __init__(self, *names: str, fail_at: int | None = None, read_only: bool = False) -> None:
        self.state = Snapshot({None: _namespace(None, 1)}, ovs={OvsTarget(): Ovs()})
        self._numbers = itertools.count(10)
        for name in names:
            self.state.namespaces[name] = _namespace(name, next(self._numbers))
        self._kept: dict[str, Namespace] = {}
        self.book: Book | None = None
        self.fail_at, self.read_only, self.halfway = fail_at, read_only, False
        self.done: list[str] = []
        # (namespace, ifindex, name, address's key) of links that are up: for each the kernel has made a route
        self._connected: set[t.Any] = set()
        self._choose()

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Nobody else is here; check mode must not even ask."""
        assert not self.read_only, "check mode takes no lock"
        return contextlib.nullcontext()

    def read(self, scope: Scope) -> Snapshot:
        """All there is: more than the scope asks is allowed, less is not. Questions are answered kindly."""
        self.settle()
        seen = self.state.clone()
        answers: dict[object, t.Any] = {
            question: None if isinstance(question, (DnsmasqTest, Listeners, SwitchPorts)) else True
            for question in scope.questions
        }
        answers.update(
            {question: None for question in scope.questions if isinstance(question, (PythonReplaceable, MountsPrivate))}
        )
        programs = [question for question in scope.questions if isinstance(question, Program)]
        answers.update({question: (question.names[0], f"/usr/sbin/{question.names[0]}") for question in programs})
        answers.update(
            {
                question: ("digest", "/usr/bin/python3")
                for question in scope.questions
                if isinstance(question, EngineHere)
            }
        )
        seen.answers = {question: self.state.answers.get(question, answer) for question, answer in answers.items()}
        return seen

    def expect(self, snapshot: Snapshot, planned: Snapshot | None = None) -> Book:
        """Names mean these objects from now on."""
        del planned
        self.book = Book(snapshot)
        return self.book

    def note(self, path: str, text: str) -> None:
        """Append it."""
        self.state.files[path] = (self.state.files.get(path) or "") + text

    def _require(self, op: Op) -> None:
        """As the real host: nothing is done to another object than the one that the run means."""
        if self.book is None:
            return
        touched = touched_by([op])
        for name in touched.spaces:
            found = self.state.namespaces.get(name)
            if not isinstance(op, (NetnsCreate, NetnsRestore)) and not self.book.means(
                name, (found.inode, found.cookie) if found else NO_KEY
            ):
                raise Conflict(other_space(name))
        made = (
            {(op.ns, op.link.name)}
            if isinstance(op, LinkAdd)
            else {(op.to_ns, op.to_name)}
            if isinstance(op, LinkMove)
            else set()
        )
        for place in touched.links - made if not isinstance(op, LinkAdd) else ():
            meant, link = self.book.link(place), self.state.link(*place)
            if meant is not None and (link is None or link.index != meant):
                raise Conflict(gone_link(place) if link is None else other_link(place))

    def _follow(self, op: Op) -> None:
        if self.book is None:
            return
        for place in touched_by([op]).links:
            link = self.state.link(*place)
            if link is not None and link.index is not None:
                (self.book.made if isinstance(op, (LinkAdd, LinkMove)) else self.book.learn)(place, link.index)
        for name in touched_by([op]).spaces:
            space = self.state.namespaces.get(name)
            if space is not None:
                self.book.learn_space(name, (space.inode, space.cookie))
        self.book.follow(op)

    def tree(self, folder: str) -> dict[str, str]:
        """The files below it."""
        return {
            path: text for path, text in self.state.files.items() if text is not None and path.startswith(f"{folder}/")
        }

    def text(self, path: str) -> str | None:
        """One of them."""
        return self.state.files.get(path)

    def do(self, ops: t.Sequence[Op]) -> None:
        """The effects, or a refusal that leaves everything as it was (a batch is a transaction), or halfway."""
        assert not self.read_only, f"check mode writes: {ops[0].sentence()}"
        if self.fail_at is not None and len(self.done) <= self.fail_at < len(self.done) + len(ops):
            refused = ops[self.fail_at - len(self.done)]
            self.fail_at = None
            if self.halfway and not refused.atomic:
                refused.effect(self.state)
            raise HostError(f"Cannot {refused.sentence()}: refused by the test.")
        for op in ops:
            self._require(op)
            self._keep(op)
            op.effect(self.state)
            self.done.append(op.sentence())
            self._choose()
            self._follow(op)

    def _keep(self, op: Op) -> None:
        if isinstance(op, (NetnsAttach, NetnsDelete)) and op.name in self.state.namespaces:
            self._kept[op.name] = self.state.namespaces[op.name].clone()
        if isinstance(op, NetnsRestore):
            self.state.namespaces[op.name] = self._kept.pop(op.name)

    def _choose(self) -> None:
        """What a kernel and ovs-vswitchd add by themselves: inodes, indexes, carriers, port numbers."""
        for ovs in self.state.ovs.values():
            ovs.bridges.update(
                {
                    name: dataclasses.replace(bridge, datapath_id="1", uuid=bridge.uuid or name)
                    for name, bridge in ovs.bridges.items()
                }
            )
            ovs.ports.update(
                {name: dataclasses.replace(port, ofport=1, uuid=port.uuid or name) for name, port in ovs.ports.items()}
            )
        for ns in self.state.namespaces.values():
            if ns.inode is None and not ns.dangling:
                ns.inode = ns.cookie = next(self._numbers)
            for name, link in list(ns.links.items()):
                carrier = link.up and (link.peer is None or bool((far := self.state.link(*link.peer)) and far.up))
                ns.links[name] = dataclasses.replace(
                    link,
                    index=link.index or next(self._numbers),
                    mtu=link.mtu or 1500,
                    txqueuelen=link.txqueuelen or 1000,
                    carrier=carrier,
                )
        self.settle()

    def settle(self) -> None:
        """The kernel's routes: one for the network of each address that comes to a link that is up, or whose link comes
        up.
        """
        found = {
            (ns.key, link.index, link.name, address.key)
            for ns in self.state.namespaces.values()
            for link, address in _in_use(ns)
        }
        for ns, _index, name, address in sorted(found - self._connected, key=str):
            connect(self.state.namespaces[ns], name, address)
        self._connected = found


def _in_use(ns: Namespace) -> t.Iterator[tuple[Link, Address]]:
    return (
        (link, address)
        for link in ns.links.values()
        for address in (link.addresses if link.up and link.name != "lo" else ())
    )


def connect(ns: Namespace, name: str | None = None, key: str | None = None) -> None:
    """The routes to the networks of addresses, as the kernel makes them, unless they are there; of one address or of
    all.
    """
    for link, address in _in_use(ns):
        lone = (
            not address.six and address.cidr.endswith("/32") and "peer" not in address.detail
        ) or address.detail.get("flags", 0) & IFA_F_NOPREFIXROUTE
        there = any(
            (route.destination, route.device) == (address.network, link.name) for route in ns.routes.connected()
        )
        if name in (None, link.name) and key in (None, address.key) and not lone and not there:
            source, scope = (None, None) if address.six else (address.cidr.split("/")[0], "link")
            metric = address.detail.get("metric") or (256 if address.six else 0)
            ns.routes.append(
                Route(address.network, metric=metric, device=link.name, source=source, scope=scope, protocol="kernel")
            )


def connected(snapshot: Snapshot) -> Snapshot:
    """A snapshot that was written by hand, with the kernel's routes."""
    for ns in snapshot.namespaces.values():
        connect(ns)
    return snapshot


def _namespace(name: str | None, inode: int) -> Namespace:
    return Namespace(
        name, inode, inode, links={"lo": Link("lo", index=1, mtu=65536, up=True, carrier=True)}, processes={}, nft=Nft()
    )


def picture(host: FakeHost) -> t.Any:
    """The state without what a kernel chooses anew: for comparing before and after."""
    host.settle()
    state = copy.deepcopy(host.state)
    for ns in state.namespaces.values():
        ns.inode = ns.cookie = None
        ns.sysctl = {key: value for key, value in sorted(ns.sysctl.items(), key=str) if value is not None}
        ns.links = {
            name: dataclasses.replace(
                link,
                index=None,
                carrier=None,
                addresses=tuple(sorted(link.addresses, key=lambda address: address.cidr)),
            )
            for name, link in sorted(ns.links.items())
        }
        ns.routes = Routes(sorted(ns.routes, key=lambda route: route.slot))
        ns.neighbours.sort(key=lambda one: one.key)
        ns.rules.sort(key=str)
    daemons = {
        key: dataclasses.replace(daemon, inode=None, links=dict.fromkeys(daemon.links))
        for key, daemon in state.daemons.items()
    }
    # Records name inodes and indexes, which a restored object has anew.
    files = {
        path: re.sub(r'"(inode|cookie|ifindex|netns)": \d+', r'"\1": 0', content)
        for path, content in state.files.items()
        if content is not None
    }
    return (dict(sorted(state.namespaces.items(), key=lambda item: item[0] or "")), state.ovs, daemons, files)


def planned(kind: Kind[t.Any], params: dict[str, t.Any], snapshot: Snapshot, assume: bool = False) -> Planner:
    """The plan for one entry of a kind, without the flow around it."""
    spec = kind.normalise(params, "")
    planner = Planner(snapshot, assume)
    if spec.state == "absent":
        kind.remove(spec, planner)
    else:
        kind.make(spec, planner)
        kind.settle(spec, planner)
    return planner


def run_one(host: FakeHost, kind: str, params: dict[str, t.Any], check: bool = False) -> Outcome:
    """One module's run."""
    entry: Entry = EntryReader().read(kind, params, "")
    return run(Hooks([entry]), host, check=check, alone=True, wait=0)


def run_topology(host: FakeHost, params: dict[str, t.Any], check: bool = False) -> Outcome:
    """One topology's run."""
    manifest = manifest_of({"state": "present", **params})
    most = params.get("max_disruption", DISTURBANCES[-1])
    return run(manifest, host, check=check, alone=False, wait=0, most=most)
