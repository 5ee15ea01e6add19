# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection tracking (nfnetlink, subsystem ctnetlink): forgetting connections."""

from __future__ import annotations

import contextlib
import errno
import socket
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _namespaces, _pyroute2
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _flows, _nat_ops

IPS_SEEN_REPLY = 1 << 1  # linux/netfilter/nf_conntrack_common.h
PROTOCOLS = {socket.IPPROTO_TCP: "tcp", socket.IPPROTO_UDP: "udp"}


class _Way(t.NamedTuple):
    """One direction of a connection."""

    source: str
    destination: str
    protocol: int
    source_port: int
    port: int


def drop(op: _nat_ops.FlowsDrop | _nat_ops.TranslatedDrop) -> None:
    """Delete the stale connections; one that ended meanwhile is no error."""
    # Only who changes a translation pays for this part of pyroute2.
    NetlinkError, NFCTSocket = _pyroute2.classes("netlink.exceptions.NetlinkError", "netlink.nfnetlink.nfctsocket.NFCTSocket")
    try:
        for family in (socket.AF_INET6 if version == 6 else socket.AF_INET for version in op.families):
            with _namespaces.entered(op.ns), contextlib.closing(NFCTSocket(nfgen_family=family)) as tracking:
                for message in list(tracking.dump()):
                    there, back = _way(message, "CTA_TUPLE_ORIG", family), _way(message, "CTA_TUPLE_REPLY", family)
                    if there is not None and back is not None and op.stale(_flow(message, there, back)):
                        _delete(tracking, there, family)
    except (NetlinkError, OSError) as error:
        raise _errors.HostError(f"Cannot {op.sentence()}: {_errors.quoted(error)}.") from error


def _flow(message: t.Any, there: _Way, back: _Way) -> _flows.Flow:
    replied = bool((message.get_attr("CTA_STATUS") or 0) & IPS_SEEN_REPLY)
    protocol = PROTOCOLS.get(there.protocol, str(there.protocol))
    return _flows.Flow(there.source, there.destination, back.destination, back.source, replied, protocol, there.port, back.source_port)


def _way(message: t.Any, name: str, family: int) -> _Way | None:
    """One tuple of an entry; None of protocols without ports."""
    version = "V6" if family == socket.AF_INET6 else "V4"
    ways = message.get_attr(name)
    address, protocol = ways.get_attr("CTA_TUPLE_IP"), ways.get_attr("CTA_TUPLE_PROTO")
    ports = protocol.get_attr("CTA_PROTO_SRC_PORT"), protocol.get_attr("CTA_PROTO_DST_PORT")
    if address is None or None in ports:
        return None
    return _Way(address.get_attr(f"CTA_IP_{version}_SRC"), address.get_attr(f"CTA_IP_{version}_DST"), protocol.get_attr("CTA_PROTO_NUM"), *ports)


def _delete(tracking: t.Any, way: _Way, family: int) -> None:
    NetlinkError, NFCTAttrTuple = _pyroute2.classes("netlink.exceptions.NetlinkError", "netlink.nfnetlink.nfctsocket.NFCTAttrTuple")
    entry = NFCTAttrTuple(family, saddr=way.source, daddr=way.destination, proto=way.protocol, sport=way.source_port, dport=way.port)
    try:
        tracking.entry("del", tuple_orig=entry)
    except NetlinkError as error:
        if error.code != errno.ENOENT:
            raise
