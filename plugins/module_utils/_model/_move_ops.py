# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The move of a link to another namespace or name, and what the link loses by it."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address_ops,
    _bridge_port,
    _errors,
    _fallout,
    _link_names,
    _link_ops,
    _ops,
    _parents,
    _snapshot,
    _stack_ops,
)

LOST_BY_MOVING = ("token", "maddresses")  # attributes that a link loses in another namespace


@dataclasses.dataclass(frozen=True)
class LinkMove(_ops.Op):
    """Move a link to another namespace and name. It arrives down, without addresses, routes and master."""

    disturbs = _ops.BRIEF
    ns: _snapshot.NsKey
    name: str
    to_ns: _snapshot.NsKey
    to_name: str

    def sentence(self) -> str:
        if self.ns == self.to_ns:
            return f"rename {self.name}{_ops.where(self.ns)} to {self.to_name}"
        renamed = "" if self.name == self.to_name else f" as {self.to_name}"
        return f"move {self.name}{_ops.where(self.ns)} to {'the host' if self.to_ns is None else self.to_ns}{renamed}"

    def is_fresh(self, now: _snapshot.Snapshot) -> bool:
        return now.namespaces[self.ns].links[self.name].index is None

    def check(self, now: _snapshot.Snapshot) -> None:
        altnames = now.namespaces[self.ns].links[self.name].altnames
        if self.to_name in altnames:  # the kernel would take the link to the namespace, and then refuse the name
            raise _errors.Conflict(
                f"Cannot {self.sentence()}: '{self.to_name}' is an alternative name of it. Take that off first"
                " (altnames)."
            )
        _link_names.refuse_altname(now, self.to_ns, self.to_name, self.sentence())
        if self.ns != self.to_ns:
            _parents.refuse_to_move(now, (self.ns, self.name), self.sentence())
        for name in altnames if self.ns != self.to_ns else ():
            _link_names.refuse_name(now, self.to_ns, name, f"{self.sentence()} with its alternative name '{name}'")

    def falls(self, now: _snapshot.Snapshot) -> tuple[str, ...]:
        renamed = self.ns == self.to_ns and now.namespaces[self.ns].links[self.name].up
        falls = _fallout.of_down if renamed else _fallout.of_vlans_down
        return _fallout.words_of(falls(now, (self.ns, self.name)), now)

    def effect(self, now: _snapshot.Snapshot) -> None:
        for fall in _fallout.of_vlans_down(now, (self.ns, self.name)):
            fall.drop(now)
        _parents.follow_move(now, (self.ns, self.name), (self.to_ns, self.to_name))
        source = now.namespaces[self.ns]
        link = source.links[self.name]
        outlasting: dict[str, t.Any] = (
            {"master": link.master, "addresses": self._outlasting(source)}
            if self.ns == self.to_ns
            else {"master": None, "held_by": None, "port": {}, "addresses": (), **self._lost(link)}
        )
        sysctls = {
            key: value for (of, key), value in source.sysctl.items() if of == self.name and self.ns == self.to_ns
        }
        _fallout.forget_link(source, self.name, outlasting["addresses"])
        now.put(self.to_ns, dataclasses.replace(link, name=self.to_name, up=False, carrier=None, **outlasting))
        source.sysctl.update({(self.to_name, key): value for key, value in sysctls.items()})
        other = now.link(*link.peer) if link.peer else None
        if link.peer and other:
            now.put(link.peer[0], dataclasses.replace(other, peer=(self.to_ns, self.to_name)))

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        source = now.namespaces[self.ns]
        link = source.links[self.name]
        state = _bridge_port.as_port(link, link.master) if link.master and self.ns != self.to_ns else {}
        if self.ns != self.to_ns:
            state.update({key: getattr(link, key) for key in LOST_BY_MOVING if getattr(link, key)})
        if link.up:
            state["up"] = True
        back: tuple[_ops.Op, ...] = (LinkMove(self.to_ns, self.to_name, self.ns, self.name),)
        stays = {address.cidr for address in self._outlasting(source)} if self.ns == self.to_ns else set()
        rest = [
            op
            for op in _link_ops.rebuild_addresses(source, self.name)
            if not isinstance(op, _address_ops.AddressAdd) or op.cidr not in stays
        ]
        # Sysctls come before the link is up: accept_ra and its kind act when a link comes up.
        before, after = (
            [op for op in rest if isinstance(op, _stack_ops.SysctlSet) == first] for first in (True, False)
        )
        vlans = _link_ops.fallen_back(now, _fallout.of_vlans_down(now, (self.ns, self.name)))
        return (
            *back,
            *before,
            *((_link_ops.LinkSet(self.ns, self.name, state),) if state else ()),
            *_link_ops.down_again(now, (self.ns, self.name)),
            *after,
            *vlans,
        )

    @staticmethod
    def _lost(link: _snapshot.Link) -> dict[str, t.Any]:
        """The attributes that the link does not have in another namespace."""
        none: dict[str, t.Any] = {"token": "", "maddresses": (), "queueing": ()}
        return {key: value for key, value in none.items() if getattr(link, key) is not None}

    def _outlasting(self, ns: _snapshot.Namespace) -> tuple[_snapshot.Address, ...]:
        """The addresses that stay. A rename takes a link down that is up; its master and its IPv4 addresses stay. If
        the link is down already, all stay.
        """
        link = ns.links[self.name]
        fallen = _fallout.of_one_down(ns, self.name).addresses if link.up else ()
        return tuple(address for address in link.addresses if address not in fallen)
