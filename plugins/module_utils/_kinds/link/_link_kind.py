# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kinds share whose objects have links: an adopted link gets back what it lost."""

from __future__ import annotations

import abc
import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _adopted, _link
from ansible_collections.netloom.linux.plugins.module_utils._model import _kind, _plan, _snapshot, _ties

SECOND = "peer"  # where options and a record have the second link of an object


class LinkKind(_kind.Kind[_kind.S], abc.ABC):
    """A kind whose objects have one link, or two."""

    def own_links(self, spec: _kind.S) -> tuple[_ties.DeclaredLink, ...]:
        """The links, with their attributes (LinkSpec)."""
        return self.links(spec)

    @abc.abstractmethod
    def with_links(self, spec: _kind.S, links: t.Sequence[_link.LinkSpec]) -> _kind.S:
        """The spec with other attributes of its links, in the order of ``own_links``."""

    def apart(self, spec: _kind.S, going: t.Collection[_plan.Claim]) -> _kind.S | None:
        found = super().apart(spec, going)
        if found is None:
            return None
        whole = [
            dataclasses.replace(link.attributes, master=None)
            if ("link", link.place[0], link.attributes.master) in going
            else link.attributes
            for link in self.own_links(found)
        ]
        return self.with_links(found, whole) if whole else found

    def lost(
        self,
        spec: _kind.S,
        known: _plan.Params,
        options: _plan.Params,
        before: _snapshot.Snapshot,
        planner: _plan.Planner,
    ) -> _plan.Params:
        first, *rest = self.own_links(spec) or (None,)
        if first is None:
            return known
        found = {name: value for name, value in known.items() if name != SECOND}
        found = _adopted.lost(first.place, found, options.get("addresses"), before, planner)
        for link in rest:
            old, was = known.get(SECOND) or {}, (options.get(SECOND) or {}).get("addresses")
            lost = _adopted.lost(link.place, old, was, before, planner)
            found = {**found, **({SECOND: lost} if lost else {})}
        return found

    def again(self, spec: _kind.S, lost: _plan.Params, restored: t.Callable[[], _kind.S]) -> _kind.S:
        found = restored()
        whole = [{name: value for name, value in lost.items() if name != SECOND}, lost.get(SECOND) or {}]
        links = []
        for was, declared, data in zip(self.own_links(found), self.own_links(spec), whole):
            wish = _adopted.again(data, was.attributes.addresses, declared.attributes.addresses)
            links.append(dataclasses.replace(was.attributes, again=wish, addresses=None) if data else was.attributes)
        return self.with_links(found, links)
