# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of a namespace, read only as far as they are looked up.

A router has a million routes, of which a topology needs two. So the snapshot of a host has a source of routes. What was
found there is kept, so that the same question has the same answer for all copies of the snapshot.
"""

from __future__ import annotations

import collections.abc
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _route

# What one looks for: ("to", destination, table), ("by", device), ("from", preferred source), ("near", address, device
# or ''), ("connected",), ("all",).
Question = tuple[t.Any, ...]
ALL: Question = ("all",)
CONNECTED: Question = ("connected",)


class Source(t.Protocol):
    """The source of routes that nobody has looked up yet."""

    @property
    def complete(self) -> bool:
        """Whether an answer has all existing routes: if there are only a few, it is cheaper to read them all."""

    def prepare(self, questions: t.Iterable[Question]) -> None:
        """Read at once what answers these questions, which will be asked. Raises HostError."""

    def answer(self, question: Question) -> t.Sequence[_route.Route]:
        """The routes that existed when the snapshot was read. Those of one slot are in the kernel's order. Raises
        HostError.
        """

    def takes_in(self, address: str) -> bool:
        """Whether the kernel took packets to an address for the host's own. Raises HostError."""


# pylint: disable=too-many-ancestors  # a list, to those who iterate
class Routes(collections.abc.MutableSequence[_route.Route]):
    """All routes, those of one slot in the kernel's order. To iterate, or to count, reads all of them."""

    def __init__(self, routes: t.Iterable[_route.Route] = (), source: Source | None = None) -> None:
        self._source = source
        self._asked: set[Question] = set()
        self._known: set[_route.Route] = set()  # routes from the source, whether they still exist or not
        self._slots: dict[t.Any, list[_route.Route]] = {}
        # The keys are ("by", device), ("from", source) and ("to", destination).
        self._indexes: dict[t.Any, dict[_route.Route, None]] = {}
        for route in routes:
            self.append(route)

    def clone(self) -> Routes:
        """A copy that can be changed."""
        other = Routes(source=self._source)
        other._asked, other._known = set(self._asked), set(self._known)
        other._slots = {slot: list(routes) for slot, routes in self._slots.items()}
        other._indexes = {key: dict(routes) for key, routes in self._indexes.items()}
        return other

    # --- looking ---

    def of(self, slot: tuple[int, str, int, int, str]) -> list[_route.Route]:
        """The routes that have one key of the kernel, in its order."""
        self.ask(("to", slot[1], slot[0]))
        return list(self._slots.get(slot, ()))

    def to(self, destination: str, table: int) -> list[_route.Route]:
        """The routes to a destination, with any metric."""
        self.ask(("to", destination, table))
        return [route for route in self._indexes.get(("to", destination), ()) if route.table == table]

    def by(self, device: str) -> list[_route.Route]:
        """The routes that leave through a link."""
        self.ask(("by", device))
        return list(self._indexes.get(("by", device), ()))

    def connected(self) -> list[_route.Route]:
        """The routes of the main table to the networks of links, which the kernel makes with addresses."""
        self.ask(CONNECTED)
        return list(self._indexes.get(CONNECTED, ()))

    def preferring(self, source: str) -> list[_route.Route]:
        """The routes that prefer this address as source."""
        self.ask(("from", source))
        return list(self._indexes.get(("from", source), ()))

    def reach(self, address: str, device: str | None, but: t.Container[str] = ()) -> bool:
        """Whether a route through a link without a gateway leads to the address. The default route does not count.
        ``but``: links that do not count.
        """
        self.ask(("near", address, device or ""))
        kind, bits = (ipaddress.IPv6Network, 128) if ":" in address else (ipaddress.IPv4Network, 32)
        number = int(ipaddress.ip_address(address))
        networks = (kind((number >> (bits - length) << (bits - length), length)) for length in range(bits, 0, -1))
        covering = (route for network in networks for route in self._indexes.get(("to", str(network)), ()))
        return any(
            route.type == "unicast"
            and not route.leans
            and route.device
            and route.device not in but
            and device in (None, route.device)
            for route in covering
        )

    def takes_in(self, address: str) -> bool:
        """Whether the kernel took packets to an address for the host's own when the snapshot was read. These routes are
        the kernel's alone, and are not among the others.
        """
        return self._source is None or self._source.takes_in(address)

    def expect(self, routes: t.Iterable[_route.Route]) -> None:
        """Look up at once everything at the places of these routes. One by one, each of them would cost a reading."""
        self.prepare({("to", route.destination, route.table) for route in routes})

    def prepare(self, questions: t.Iterable[Question]) -> None:
        """Prepare questions of the form ("to", destination, table)."""
        new = set(questions) - self._asked
        if self._source is not None and new and ALL not in self._asked:
            self._source.prepare(new)

    def ask(self, question: Question) -> None:
        """Read what answers the question, unless that was done before."""
        if self._source is None or question in self._asked or ALL in self._asked:
            return
        answer = self._source.answer(question)
        self._asked.add(ALL if self._source.complete else question)
        for route in answer:
            if route not in self._known:
                self._known.add(route)
                self.append(route)

    # --- changing ---

    def put(self, route: _route.Route, instead_of: _route.Route | None = None) -> None:
        """Add a route in the place of another one of its slot, or behind the others."""
        self.ask(("to", route.destination, route.table))
        if instead_of is not None:
            self._slots[route.slot][self._slots[route.slot].index(instead_of)] = route
            self._forget(instead_of)
            self._note(route)
        else:
            self.append(route)

    def append(self, value: _route.Route) -> None:
        """Add a route that was read, or a new one. The first route of its slot stays first."""
        if self._has(value):
            return
        found = self._slots.setdefault(value.slot, [])
        behind = [
            number
            for number, other in enumerate(found)
            if value.place is not None and other.place is not None and other.place > value.place
        ]
        found.insert(0 if value.place == 0 else min(behind, default=len(found)), value)
        self._note(value)

    def discard(self, route: _route.Route) -> None:
        """Remove a route. If it was never looked up, it is looked up first, because otherwise a later look-up would
        find it.
        """
        if not self._has(route):
            self.ask(("to", route.destination, route.table))
        found = self._slots.get(route.slot, [])
        if route in found:
            found.remove(route)
            self._forget(route)

    def _keys(self, route: _route.Route) -> list[t.Any]:
        keys: list[t.Any] = [("by", device) for device in route.devices]
        keys += [CONNECTED] if (route.protocol, route.table, route.leans) == ("kernel", _route.MAIN, False) else []
        return [*keys, ("to", route.destination), *([("from", route.source)] if route.source else [])]

    def _note(self, route: _route.Route) -> None:
        for key in self._keys(route):
            self._indexes.setdefault(key, {})[route] = None

    def _forget(self, route: _route.Route) -> None:
        for key in self._keys(route):
            self._indexes.get(key, {}).pop(route, None)

    # --- as a sequence ---

    def _all(self) -> list[_route.Route]:
        self.ask(ALL)
        return [route for routes in self._slots.values() for route in routes]

    def _has(self, route: _route.Route) -> bool:
        return route in self._indexes.get(("to", route.destination), ())

    def __contains__(self, route: object) -> bool:
        if not isinstance(route, _route.Route):
            return False
        self.ask(("to", route.destination, route.table))
        return self._has(route)

    def __iter__(self) -> t.Iterator[_route.Route]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __getitem__(self, index: t.Any) -> t.Any:
        return self._all()[index]

    def __setitem__(self, index: t.Any, value: t.Any) -> None:
        routes = self._all()
        routes[index] = value
        self._slots, self._indexes = {}, {}
        for route in routes:
            self.append(route)

    def __delitem__(self, index: t.Any) -> None:
        for route in self._all()[index] if isinstance(index, slice) else [self._all()[index]]:
            self.discard(route)

    def insert(self, index: int, value: _route.Route) -> None:
        """Insert a route, as a sequence does. Slots keep the kernel's order, so the index has no meaning."""
        self.append(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Routes) and self._all() == other._all()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Routes({[route for routes in self._slots.values() for route in routes]})"
