# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""rtnetlink: one socket in one namespace, dumps into model values, requests with readable errors.

Requests are composed of pyroute2's messages, attribute by attribute, so that 0.7.2 and 0.9 send the same bytes and a
veth is made in one message with its peer at once in the right namespace (rtnetlink(7), linux/if_link.h). Answers are
read by _message.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import itertools
import os
import socket
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import (
    _address_data,
    _bridge_vlans,
    _link_data,
    _link_info,
    _message,
    _moving_links,
    _netlink,
    _nexthop_objects,
    _place_socket,
    _pyroute2,
    _route_data,
    _route_reader,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _route, _snapshot

# linux/netlink.h
NLM_F_REPLACE, NLM_F_EXCL, NLM_F_CREATE, NLM_F_APPEND = 0x100, 0x200, 0x400, 0x800
CREATE = NLM_F_CREATE | NLM_F_EXCL
CHANGE = 0
REPLACE = NLM_F_CREATE | NLM_F_REPLACE
LIKE_BEFORE = NLM_F_CREATE | NLM_F_APPEND  # of routes
# linux/rtnetlink.h
RTM_GETADDR, RTM_GETROUTE, RTM_GETNSID = 22, 26, 90
RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR, RTM_DELADDR, RTM_NEWROUTE, RTM_DELROUTE = 16, 17, 20, 21, 24, 25
RTM_NEWNEIGH, RTM_DELNEIGH = 28, 29
RTM_NEWLINKPROP, RTM_DELLINKPROP = 108, 109
NUD_PERMANENT, NTF_PROXY = 0x80, 0x08  # linux/neighbour.h
# linux/rtnetlink.h, if_link.h, net_namespace.h
IFLA_LINKINFO, IFLA_GROUP, IFLA_NUM_TX_QUEUES = 18, 27, 31
IFLA_PROP_LIST = 52 | 0x8000  # NLA_F_NESTED, without which RTM_NEWLINKPROP takes none
IFLA_INFO_KIND, NETNSA_FD = 1, 3
FIRST_GROUP = 0x6E6C0000  # where the search for a group that nobody uses begins; distributions name none so high


T = t.TypeVar("T")
Attributes = t.Sequence[t.Sequence[t.Any]]  # of a message, as pyroute2 takes them: [name, value]
_composed: dict[str, bytes] = {}


def compose(form: str, fields: t.Mapping[str, t.Any], attributes: Attributes) -> bytes:
    """The body of a request, composed by pyroute2, which is only imported when something is written. Many namespaces
    get the same bytes, for example to set lo up. Each of these is composed only once.
    """
    key = repr((form, fields, attributes))
    if key not in _composed:
        message = _pyroute2.classes(f"netlink.rtnl.{form}.{form}")[0]()
        for field, value in fields.items():
            message[field] = value
        message["attrs"] = attributes
        message.encode()
        _composed[key] = bytes(message.data[_netlink.HEADER.size :])
    return _composed[key]


def sentence_of(error: Exception) -> str:
    """An error with an errno, as words."""
    code = getattr(error, "errno", None)
    if code is None:
        return _errors.quoted(error)
    return {
        errno.EAGAIN: "other programs changed it all the while",
        errno.EEXIST: "it exists already",
        errno.ENODEV: "no such link",
        errno.EADDRNOTAVAIL: "no such address",
        errno.ESRCH: "no such route",
        errno.ENETUNREACH: "its gateway is not on a link (no address of the device covers it)",
        errno.EOPNOTSUPP: "this kernel does not support it (is the module for it there?)",
        errno.EPERM: "not permitted (root is needed)" if os.geteuid() else "the kernel does not permit it",
        errno.EBUSY: "it is in use by something else",
    }.get(code, os.strerror(code))


class Rtnl(_place_socket.PlaceSocket):
    """An rtnetlink socket that was opened in a namespace and stays there."""

    def request(self, what: str, kind: int, body: bytes, flags: int) -> None:
        """Send one request, and wait for its acknowledgement."""
        try:
            _netlink.request(self._socket, kind, body, flags)
        except OSError as error:
            raise _errors.HostError(f"Cannot {what}: {sentence_of(error)}.") from error

    # --- reading ---

    def dump(self, form: _message.Form, kind: int, more: bytes = b"") -> list[_message.Message]:
        """All objects of a form; ``more``: attributes of the question."""
        try:
            return [form.read(body) for body in _netlink.dump(self._socket, kind, form.empty + more)]
        except OSError as error:
            raise _errors.HostError(
                f"Cannot read {f'namespace {self.ns!r}' if self.ns else 'the host'}: {sentence_of(error)}."
            ) from error

    def by_hand(self, do: t.Callable[[socket.socket], T], what: str = "") -> T:
        """The result of ``do``, which reads or writes with this socket. Raises HostError."""
        try:
            return do(self._socket)
        except OSError as error:
            wish = what or f"read {f'namespace {self.ns!r}' if self.ns else 'the host'}"
            raise _errors.HostError(f"Cannot {wish}: {sentence_of(error)}.") from error

    def links(self) -> dict[str, _snapshot.Link]:
        """All links with their addresses."""
        messages = self.dump(_message.LINKS, _place_socket.RTM_GETLINK, _place_socket.WITHOUT_COUNTERS)
        names = {message["index"]: message.get_attr("IFLA_IFNAME") for message in messages}
        addresses: dict[int, list[_snapshot.Address]] = {}
        held = self.dump(_message.ADDRESSES, RTM_GETADDR)
        told = _address_data.protocols_told(held)
        for message in held:
            addresses.setdefault(message["index"], []).append(
                _address_data.decode(message, names.get(message["index"], ""), told)
            )
        links = [_link_data.link_of(message, names, tuple(addresses.get(message["index"], ()))) for message in messages]
        return self._with_vlans({link.name: link for link in links})

    def _with_vlans(self, links: dict[str, _snapshot.Link]) -> dict[str, _snapshot.Link]:
        """Add the VLANs of the ports of bridges that filter by VLAN, and of these bridges."""
        filtering = {
            link.name
            for link in links.values()
            if link.kind == "bridge"
            and any(number == _link_info.IFLA_BR_VLAN_FILTERING for number, _value in link.rest)
        }
        vlans = self.by_hand(_bridge_vlans.read) if filtering else {}
        for link in [link for link in links.values() if {link.name, link.master} & filtering and link.index in vlans]:
            links[link.name] = dataclasses.replace(link, port={**link.port, "vlans": vlans[link.index or 0]})
        return links

    def lost_by_moving(self, links: t.Collection[_snapshot.Link]) -> dict[str, dict[str, t.Any]]:
        """What these links would lose in another namespace, by their names. Must run in their namespace."""
        if not links:
            return {}
        try:
            found = _moving_links.read(self._socket, [link.index for link in links if link.index])
        except OSError as error:
            raise _errors.HostError(
                f"Cannot read {f'namespace {self.ns!r}' if self.ns else 'the host'}: {sentence_of(error)}."
            ) from error
        return {link.name: found[link.index] for link in links if link.index in found}

    def route_dump(self, question: bytes, keep: _netlink.Keep | None) -> list[bytes]:
        """The routes that answer a question, as they were received."""
        try:
            return _route_reader.dump(self._socket, question, keep)
        except OSError as error:
            raise _errors.HostError(
                f"Cannot read the routes of {f'namespace {self.ns!r}' if self.ns else 'the host'}:"
                f" {sentence_of(error)}."
            ) from error

    def few_routes(self, most: int) -> list[bytes] | None:
        """All routes, or None if there are more. Then the dump is stopped, by replacing this socket with another
        one.
        """
        try:
            found = _route_reader.few(self._socket, most)
            if found is None:
                old, self._socket = self._socket, _netlink.opened(self.ns)
                old.close()
        except OSError as error:
            raise _errors.HostError(
                f"Cannot read the routes of {f'namespace {self.ns!r}' if self.ns else 'the host'}:"
                f" {sentence_of(error)}."
            ) from error
        return found

    def route_to(self, question: bytes) -> bytes | None:
        """The route that answers a lookup, or None."""
        try:
            return _netlink.ask(self._socket, RTM_GETROUTE, question)
        except OSError:
            return None

    def nexthop_objects(self) -> dict[int, bytes]:
        """All nexthop objects as they were received, by their ids."""
        try:
            return _nexthop_objects.read(self._socket)
        except OSError as error:
            raise _errors.HostError(
                f"Cannot read the nexthop objects of {f'namespace {self.ns!r}' if self.ns else 'the host'}:"
                f" {sentence_of(error)}."
            ) from error

    def nsid_of(self, path: str) -> int | None:
        """The id by which this namespace knows another (rtnetlink RTM_GETNSID); None if it does not."""
        nsid = -1  # NETNSA_NSID_NOT_ASSIGNED
        with contextlib.suppress(OSError), open(path, "rb", buffering=0) as handle:
            question = _message.NSIDS.empty + _netlink.attribute(NETNSA_FD, struct.pack("=I", handle.fileno()))
            nsid = self.ask(_message.NSIDS, RTM_GETNSID, question).get_attr("NETNSA_NSID")
        return nsid if nsid >= 0 else None

    # --- writing ---

    def link_request(  # pylint: disable=too-many-arguments  # all but two by their names
        self,
        what: str,
        attributes: Attributes,
        *,
        index: int = 0,
        up: bool | None = None,
        flags: int = CHANGE,
        rest: _link_info.Rest = (),
        more: bytes = b"",
    ) -> None:
        """RTM_NEWLINK: make or change one link. ``rest``: more attributes of its kind; ``more``: more attributes of the
        link.
        """
        state = {} if up is None else {"flags": _link_data.IFF_UP if up else 0, "change": _link_data.IFF_UP}
        body = compose("ifinfmsg", {"index": index, **state}, attributes)
        self.request(what, RTM_NEWLINK, _link_info.with_rest(body, rest) + more, flags)

    def link_delete(self, what: str, index: int) -> None:
        """RTM_DELLINK: delete one link."""
        self.request(what, RTM_DELLINK, compose("ifinfmsg", {"index": index}, ()), CHANGE)

    def links_delete(self, what: str, indexes: t.Sequence[int]) -> None:
        """RTM_DELLINK of a group with exactly these links, all or none. One by one, each of them would wait for an RCU
        grace period.
        """
        before = self._groups()
        group = next(number for number in itertools.count(FIRST_GROUP) if number not in before.values())
        try:
            for index in indexes:
                self._set_group(index, group)
            if {index for index, number in self._groups().items() if number == group} != set(indexes):
                raise _errors.HostError(f"Cannot {what}: somebody else put links into group {group} meanwhile.")
            _netlink.request(
                self._socket,
                RTM_DELLINK,
                _message.LINKS.empty + _netlink.attribute(IFLA_GROUP, struct.pack("=I", group)),
            )
        except BaseException as error:
            for index in indexes:
                with contextlib.suppress(OSError):
                    self._set_group(index, before.get(index, 0))
            if isinstance(error, OSError):
                raise _errors.HostError(f"Cannot {what}: {sentence_of(error)}.") from error
            raise

    def _groups(self) -> dict[int, int]:
        messages = self.dump(_message.LINKS, _place_socket.RTM_GETLINK, _place_socket.WITHOUT_COUNTERS)
        return {message["index"]: message.get_attr("IFLA_GROUP") for message in messages}

    def _set_group(self, index: int, group: int) -> None:
        body = _message.LINKS.header.pack(0, 0, index, 0, 0) + _netlink.attribute(IFLA_GROUP, struct.pack("=I", group))
        _netlink.request(self._socket, RTM_NEWLINK, body)

    def set_altnames(self, what: str, index: int, wanted: t.Sequence[str]) -> None:
        """RTM_NEWLINKPROP and RTM_DELLINKPROP: give the link exactly these alternative names."""
        header = _message.LINKS.header.pack(0, 0, index, 0, 0)
        try:
            has = (
                self.ask(_message.LINKS, _place_socket.RTM_GETLINK, header + _place_socket.WITHOUT_COUNTERS).get_attr(
                    "IFLA_PROP_LIST"
                )
                or ()
            )
            changes = [(RTM_DELLINKPROP, name) for name in has if name not in wanted] + [
                (RTM_NEWLINKPROP, name) for name in wanted if name not in has
            ]
            for kind, name in changes:
                names = _netlink.attribute(_message.IFLA_ALT_IFNAME, name.encode() + b"\0")
                _netlink.request(self._socket, kind, header + _netlink.attribute(IFLA_PROP_LIST, names))
        except OSError as error:
            lacks = error.errno == errno.EOPNOTSUPP
            raise _errors.HostError(
                f"Cannot {what}: {'this kernel knows no altnames (Linux 5.5 does)' if lacks else sentence_of(error)}."
            ) from error

    def give_back_moved(self, what: str, index: int, name: str, wanted: t.Mapping[str, t.Any]) -> None:
        """Give a link back what it lost in another namespace: its token and its groups."""
        try:
            with self.entered():
                self.index_of(name, by_name=True)
                _moving_links.write(self._socket, index, name, wanted)
        except OSError as error:
            raise _errors.HostError(f"Cannot {what}: {sentence_of(error)}.") from error

    def neighbour(self, what: str, index: int, neighbour: _snapshot.Neighbour, add: bool) -> None:
        """RTM_NEWNEIGH (replacing) or RTM_DELNEIGH: set or delete a neighbour."""
        fields = {
            "family": socket.AF_INET6 if ":" in neighbour.address else socket.AF_INET,
            "ifindex": index,
            # A proxy that is not permanent goes with the carrier, in newer kernels (pneigh_ifdown() in
            # net/core/neighbour.c).
            "state": NUD_PERMANENT,
            "flags": neighbour.flags | (NTF_PROXY if neighbour.proxy else 0),
        }
        attributes = [
            ["NDA_DST", neighbour.address],
            *([["NDA_LLADDR", neighbour.mac]] if add and neighbour.mac else []),
        ]
        self.request(
            what,
            RTM_NEWNEIGH if add else RTM_DELNEIGH,
            compose("ndmsg", fields, attributes),
            REPLACE if add else CHANGE,
        )

    def route(self, what: str, route: _route.Route, indexes: t.Mapping[str, int], flags: int) -> None:
        """RTM_NEWROUTE: CREATE (there is none of its key), REPLACE (the first of its key), or LIKE_BEFORE: a route that
        was there comes back.
        """
        body = _route_data.encode(route, indexes, add=True)
        if flags != LIKE_BEFORE:
            self.request(what, RTM_NEWROUTE, body, flags)
            return
        # IPv6 appends always.
        flags = NLM_F_CREATE if route.place == 0 and route.family == 4 else NLM_F_CREATE | NLM_F_APPEND
        try:
            _nexthop_objects.give_back(self._socket, route.objects, indexes)
            _netlink.request(self._socket, RTM_NEWROUTE, body, flags)
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise _errors.HostError(f"Cannot {what}: {sentence_of(error)}.") from error
            if route.nexthops and route.family == 6:  # some of its next hops outlasted the others, and stop the whole
                with contextlib.suppress(_errors.HostError):
                    self.route_delete(what, route, indexes)
                self.request(what, RTM_NEWROUTE, body, flags)

    def route_delete(self, what: str, route: _route.Route, indexes: t.Mapping[str, int]) -> None:
        """RTM_DELROUTE: delete exactly this route."""
        self.request(what, RTM_DELROUTE, _route_data.encode(route, indexes, add=False), CHANGE)
