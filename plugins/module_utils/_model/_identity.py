# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The identity of objects. Names pass from one object to another; the kernel's own keys do not.

A link's key is its ifindex inside its namespace. A namespace's key is its inode together with its cookie. The kernel
reuses an inode number once its namespace is gone, and never reuses a cookie (Linux 5.14; older kernels have none, so
there the inode must do).
"""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _netns_ops, _ops, _snapshot

Place = tuple[_snapshot.NsKey, str]  # of a link: its namespace and its name
Key = tuple[t.Optional[int], t.Optional[int]]  # of a namespace: inode and cookie
NO_KEY: Key = (None, None)


def mark_of(ns: _snapshot.Namespace) -> dict[str, int | None]:
    """What a record says about the identity of its namespace."""
    return {"inode": ns.inode, **({} if ns.cookie is None else {"cookie": ns.cookie})}


def is_marked(ns: _snapshot.Namespace, record: t.Mapping[str, t.Any]) -> bool:
    """Whether a record is about exactly this namespace."""
    return ns.inode is not None and is_key((ns.inode, ns.cookie), (record.get("inode"), record.get("cookie")))


def is_key(now: Key, then: Key) -> bool:
    """Whether two keys are of one namespace. A record of an older release, or of an older kernel, has no cookie."""
    return now[0] == then[0] and (now[1] == then[1] or None in (now[1], then[1]))


def link_mark(link: _snapshot.Link) -> dict[str, t.Any]:
    """What a record says about the identity of its link."""
    return {"name": link.name, "ifindex": link.index, "permanent_mac": link.permanent_mac}


def place_words(place: Place) -> str:
    """A link in words: 'eth0' in namespace 'red'."""
    return f"'{place[1]}'" + (f" in namespace '{place[0]}'" if place[0] is not None else "")


class Book:
    """What the names of a run mean: the objects of its plan, followed through everything that the run makes, moves and
    deletes.

    ``retreating``: the run is being undone. Then a link is found by its number, under any name.
    """

    def __init__(self, snapshot: _snapshot.Snapshot) -> None:
        self._now = snapshot.clone()
        self._learned: dict[Place, int] = {}  # in the present step
        self._spaces: dict[str, Key] = {}  # the same for namespaces
        self._unnamed: dict[str, list[_snapshot.Namespace]] = {}  # namespaces that lost their names in this run
        self._touched: set[Place] = set()
        self._rows: set[tuple[_snapshot.OvsTarget, str]] = set()  # rows of OVSDB that the run made
        self.retreating = False
        self.on_link: t.Callable[[Place, int], None] | None = (
            None  # told of each link that the run makes or moves, when it is done
        )
        self.on_space: t.Callable[[str, Key], None] | None = (
            None  # told of each namespace that the run makes or attaches, before it has the name
        )

    def space(self, ns: _snapshot.NsKey) -> Key:
        """The key of the namespace that this name means. NO_KEY if it is unknown."""
        if ns is not None and ns in self._spaces:
            return self._spaces[ns]
        found = self._now.namespaces.get(ns)
        return NO_KEY if found is None else (found.inode, found.cookie)

    def link(self, place: Place) -> int | None:
        """The ifindex of the link that is meant. None if it is unknown. Then it is learned by a look-up of its name."""
        self._touched.add(place)
        if place in self._learned:
            return self._learned[place]
        found = self._now.link(*place)
        return None if found is None else found.index

    def learn(self, place: Place, index: int) -> None:
        """Note that the present step found this link under this name."""
        self._touched.add(place)
        self._learned[place] = index

    def made(self, place: Place, index: int) -> None:
        """Note that the present step made this link, or moved it there."""
        self.learn(place, index)
        if self.on_link is not None:
            self.on_link(place, index)

    def means(self, name: str, key: Key) -> bool:
        """Whether the namespace with this key (NO_KEY: no living one) is the one that the run means by this name, if it
        knows one.
        """
        return name not in self._now.namespaces or is_key(key, self.space(name))

    def learn_space(self, name: str, key: Key) -> None:
        """Note that the present step gives this namespace the name."""
        self._spaces[name] = key
        if self.on_space is not None:
            self.on_space(name, key)

    def follow(self, op: _ops.Op) -> None:
        """Let names mean the results of a step that is done."""
        name = getattr(op, "name", "")
        if isinstance(op, (_netns_ops.NetnsDelete, _netns_ops.NetnsAttach)) and name in self._now.namespaces:
            self._unnamed.setdefault(name, []).append(self._now.namespaces[name].clone())
        with contextlib.suppress(KeyError, _errors.HostError):  # about an object that was not read, or cannot be read
            op.effect(self._now)
        if isinstance(op, _netns_ops.NetnsRestore) and self._unnamed.get(name):
            self._now.namespaces[name] = self._unnamed[name].pop()
        for name, (inode, cookie) in self._spaces.items():
            if name in self._now.namespaces:
                self._now.namespaces[name].inode, self._now.namespaces[name].cookie = inode, cookie
        for place, index in self._learned.items():
            link = self._now.link(*place)
            if link is not None:
                self._now.put(place[0], dataclasses.replace(link, index=index))
        self.forget_step()

    def forget_step(self) -> None:
        """Forget what was learned in a step that failed."""
        self._learned.clear()
        self._spaces.clear()

    def require_row(self, found: _snapshot.Ovs, target: _snapshot.OvsTarget, name: str) -> None:
        """Raise Conflict if the OVSDB row that has this name now is not the one that the run means."""
        known = self._now.ovs.get(target)
        for mine, theirs in ((known.bridges, found.bridges), (known.ports, found.ports)) if known is not None else ():
            here, there = mine.get(name), theirs.get(name)
            if here is not None and there is not None and here.uuid is not None and here.uuid != there.uuid:
                raise _errors.Conflict(
                    f"'{name}' in the OVSDB at {target.ovsdb} is another row than the one that this run planned with:"
                    " another program deleted that one meanwhile, and made this. It is left alone. Run again when"
                    " nobody else changes it."
                )

    def learn_row(self, found: _snapshot.Ovs, target: _snapshot.OvsTarget, name: str) -> None:
        """Note that the run has just made these rows."""
        known = self._now.ovs.get(target)
        if known is not None and name in known.bridges and name in found.bridges:
            known.bridges[name] = dataclasses.replace(known.bridges[name], uuid=found.bridges[name].uuid)
        if known is not None and name in known.ports and name in found.ports:
            known.ports[name] = dataclasses.replace(known.ports[name], uuid=found.ports[name].uuid)
        self._rows.add((target, name))

    def is_other_row(self, name: str, uuid: str) -> bool:
        """Whether the OVSDB row that has this name now is certainly not the one that the run means."""
        known = {
            getattr(rows.get(name), "uuid", None) for ovs in self._now.ovs.values() for rows in (ovs.bridges, ovs.ports)
        } - {None}
        return bool(known) and uuid not in known

    def is_known(self, snapshot: _snapshot.Snapshot, place: Place) -> bool:
        """Whether the present link is the one that this run means."""
        here, there = self._now.link(*place), snapshot.link(*place)
        if here is None or there is None or here.index != there.index:
            return False
        return self.is_space(snapshot, place[0])

    def is_other(self, snapshot: _snapshot.Snapshot, place: Place) -> bool:
        """Whether the present link is certainly not the one that this run means."""
        here, there = self._now.link(*place), snapshot.link(*place)
        if there is None or (place[0] in self._now.namespaces and not self.is_space(snapshot, place[0])):
            return there is not None
        return here is None or (None not in (here.index, there.index) and here.index != there.index)

    def is_space(self, snapshot: _snapshot.Snapshot, ns: _snapshot.NsKey) -> bool:
        """Whether the present namespace is the one that this run means."""
        here, there = self._now.namespaces.get(ns), snapshot.namespaces.get(ns)
        return here is not None and there is not None and is_key((here.inode, here.cookie), (there.inode, there.cookie))

    def is_as_planned(self, now: _snapshot.Snapshot) -> bool:
        """Whether the plan is known to have come out exactly. Of a host nobody knows it: the kernel adds to a plan."""
        del now
        return False

    def recognise(self, snapshot: _snapshot.Snapshot) -> None:
        """Raise Conflict if a name under which this run made or changed an object belongs to another object now.

        A namespace without a name ends with its last process, which this run may have ended. What was done there ended
        with it.
        """
        touched = {place for place in self._touched if place[0] is None or not place[0].startswith("/")}
        for ns in sorted({ns for ns, _name in touched if ns is not None and self._now.has(ns)}):
            if not snapshot.has(ns):
                raise _errors.Conflict(gone_space(ns))
            if not self.is_space(snapshot, ns):
                raise _errors.Conflict(other_space(ns))
        for target, name in sorted(self._rows, key=str):
            if target in snapshot.ovs:
                self.require_row(snapshot.ovs[target], target, name)
        for place in sorted(touched, key=str):
            here, there = self._now.link(*place), snapshot.link(*place)
            if here is not None and here.index is not None and there is not None and there.index != here.index:
                raise _errors.Conflict(other_link(place))


class RowBook(Book):
    """What the names of a run on a northbound database mean: its rows. ``ids``: the UUIDs of those that the run made,
    by the ids that the plan gave them.
    """

    def __init__(
        self, snapshot: _snapshot.Snapshot, planned: _snapshot.Snapshot | None, ids: t.Mapping[str, str]
    ) -> None:
        super().__init__(snapshot)
        self._planned, self._ids = planned, ids

    def is_as_planned(self, now: _snapshot.Snapshot) -> bool:
        return self._planned is not None and now.nb.is_as(self._planned.nb, self._ids)


def other_space(ns: _snapshot.NsKey) -> str:
    """The sentence that another namespace has the name."""
    return (
        f"Namespace '{ns}' is another one than this run planned with: another program deleted that one meanwhile, and"
        " made this. What has the name now is left alone. Run again when nobody else changes it."
    )


def other_link(place: Place) -> str:
    """The sentence that another link has the name."""
    return (
        f"{place_words(place)} is another link than the one that this run planned with: another program deleted or"
        " renamed that one meanwhile. What has the name now is left alone. Run again when nobody else changes it."
    )


def gone_link(place: Place) -> str:
    """The sentence that no link has the name any more."""
    return (
        f"{place_words(place)} is gone: another program deleted or renamed it while this run was at work. Run again"
        " when nobody else changes it."
    )


def gone_space(ns: _snapshot.NsKey) -> str:
    """The sentence that no namespace has the name any more."""
    return (
        f"Namespace '{ns}' is gone: another program deleted it while this run was at work. Run again when nobody else"
        " changes it."
    )
