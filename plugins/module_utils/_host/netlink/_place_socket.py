# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A socket in one exact namespace, which finds exactly the links that a run means by their names."""

from __future__ import annotations

import contextlib
import os
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _message, _netlink
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _identity, _snapshot

# linux/rtnetlink.h, if_link.h
RTM_GETLINK = 18
IFLA_IFNAME, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS = 3, 29, 8
WITHOUT_COUNTERS = _netlink.attribute(IFLA_EXT_MASK, struct.pack("=I", RTEXT_FILTER_SKIP_STATS))


class PlaceSocket:
    """An rtnetlink socket that was opened in a namespace and stays there, whatever the name means later."""

    def __init__(self, ns: _snapshot.NsKey) -> None:
        self.ns = ns
        self._socket = _netlink.opened(ns)
        self.key = _netlink.key_of(self._socket, ns)  # of the namespace
        self.book: _identity.Book | None = None  # which links are meant; without one: those that have the names

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def ask(self, form: _message.Form, kind: int, body: bytes) -> _message.Message:
        """The answer of the kernel to a question. Raises OSError."""
        return form.read(_netlink.ask(self._socket, kind, body))

    @contextlib.contextmanager
    def namespace(self) -> t.Iterator[int]:
        """The namespace as an open file. Raises HostError."""
        try:
            found = _netlink.namespace_of(self._socket)
        except OSError as error:
            raise _errors.HostError(f"Cannot open namespace '{self.ns}': {error.strerror}.") from error
        try:
            yield found
        finally:
            os.close(found)

    @contextlib.contextmanager
    def entered(self) -> t.Iterator[None]:
        """Run the body inside the namespace."""
        with self.namespace() as found, _namespaces.inside(found, self.ns):
            yield

    def index_of(self, name: str, by_name: bool = False) -> int:
        """The ifindex of the link that the run means by this name. ``by_name``: the kernel will look it up by its name.

        Raises Conflict if that link is gone, or another one has the name now.
        """
        place = (self.ns, name)
        meant = self.book.link(place) if self.book is not None else None
        found = self.named(name)
        has_it = found is not None and found.get_attr("IFLA_IFNAME") == name  # else as an alternative name
        if has_it and meant in (None, found["index"]):
            if self.book is not None:
                self.book.learn(place, int(found["index"]))
            return int(found["index"])
        if meant is None:
            of = (
                f"it is an alternative name of '{found.get_attr('IFLA_IFNAME')}'"
                if found is not None
                else "no such link"
            )
            raise _errors.HostError(f"Cannot find link {_identity.place_words(place)}: {of}.")
        if self.book is not None and self.book.retreating and not by_name and self._has(meant):
            return meant
        raise _errors.Conflict(_identity.other_link(place) if has_it else _identity.gone_link(place))

    def is_gone(self, name: str) -> bool:
        """Whether no link has the name, and the link that the run means by it does not exist under another name
        either.
        """
        meant = self.book.link((self.ns, name)) if self.book is not None else None
        return self.named(name) is None and (meant is None or not self._has(meant))

    def has_made(self, name: str, peer: _identity.Place | None = None, like: _snapshot.Link | None = None) -> None:
        """Learn that the run has just made the link of this name, or moved it there, and ``peer``, its other end, whose
        number it tells.

        ``like``: the link as it was requested. Raises Conflict if the name already belongs to another link, or to none.
        """
        if self.book is None:
            return
        found = self.named(name)
        if found is None:
            raise _errors.Conflict(_identity.gone_link((self.ns, name)))
        info = found.get_attr("IFLA_LINKINFO")
        if like is not None and (
            (info.get_attr("IFLA_INFO_KIND") if info is not None else None) != like.kind
            or like.mac not in (None, found.get_attr("IFLA_ADDRESS"))
        ):
            raise _errors.Conflict(_identity.other_link((self.ns, name)))
        self.book.made((self.ns, name), int(found["index"]))
        if peer is not None and found.get_attr("IFLA_LINK"):
            self.book.made(peer, int(found.get_attr("IFLA_LINK")))

    def _has(self, index: int) -> bool:
        try:
            self.ask(_message.LINKS, RTM_GETLINK, _message.LINKS.header.pack(0, 0, index, 0, 0) + WITHOUT_COUNTERS)
        except OSError:
            return False
        return True

    def named(self, name: str) -> t.Any:
        """The kernel's message about the link with this name or alternative name, or None."""
        question = _message.LINKS.empty + _netlink.attribute(IFLA_IFNAME, name.encode() + b"\0") + WITHOUT_COUNTERS
        try:
            return self.ask(_message.LINKS, RTM_GETLINK, question)
        except OSError:
            return None
