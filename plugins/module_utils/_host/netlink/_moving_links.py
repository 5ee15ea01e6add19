# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a link loses in another namespace besides addresses, routes, neighbours and sysctls (dev_change_net_namespace()
in net/core/dev.c).

These are its IPv6 token (ip-token(8)), the link-layer groups that somebody joined (ip-maddress(8)) and its queueing
disciplines (tc(8)).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import ipaddress
import socket
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.files import _sysctl
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink

RTM_GETLINK, RTM_SETLINK, RTM_GETQDISC = 18, 19, 38
IFLA_AF_SPEC, IFLA_INET6_TOKEN, TCA_KIND = 26, 7, 1
IFINFO = struct.Struct("=BxHiII")  # struct ifinfomsg: family, type, index, flags, change
TCMSG = struct.Struct("=BxxxiIII")  # struct tcmsg: family, ifindex, handle, parent, info
IFREQ = struct.Struct("16sH14s8x")  # struct ifreq with an address of hardware: name, family, address
SIOCADDMULTI, SIOCDELMULTI = 0x8931, 0x8932
LONGEST_GROUP = 14  # bytes, of struct sockaddr
GROUPS = "/proc/thread-self/net/dev_mcast"
TC_H_ROOT, TC_H_INGRESS = 0xFFFFFFFF, 0xFFFFFFF1
# As a link has to be set to take a token.
LISTENING = {"ipv6.accept_ra": "2", "ipv6.router_solicitations": "3"}


def read(sock: socket.socket, indexes: t.Iterable[int]) -> dict[int, dict[str, t.Any]]:
    """By ifindex: token, maddresses and queueing, as in Link. Must run in the namespace in which the socket was opened.
    Raises OSError.
    """
    joined, queueing = _joined(), _queueing(sock)
    found = {}
    for index in indexes:
        with contextlib.suppress(OSError):  # it is gone by now
            found[index] = {
                "token": _token(sock, index),
                "maddresses": joined.get(index, ()),
                "queueing": queueing.get(index, ()),
            }
    return found


def _token(sock: socket.socket, index: int) -> str:
    """The token of a link. The kernel counts it among the statistics, so it is not told without these
    (inet6_fill_ifla6_attrs()).
    """
    found = _netlink.attributes(_netlink.ask(sock, RTM_GETLINK, IFINFO.pack(0, 0, index, 0, 0))[IFINFO.size :])
    six = _netlink.attributes(found.get(IFLA_AF_SPEC, b"")).get(socket.AF_INET6, b"")
    token = _netlink.attributes(six).get(IFLA_INET6_TOKEN, b"")
    return str(ipaddress.IPv6Address(token)) if any(token) else ""


def _joined() -> dict[int, tuple[str, ...]]:
    """The groups that somebody joined by hand. A line has: ifindex, name, references, by hand or not, address
    (dev_mc_seq_show()).
    """
    found: dict[int, tuple[str, ...]] = {}
    with open(GROUPS, encoding="utf-8", errors="replace") as handle:
        for line in handle:
            index, *_name, by_hand, address = line.split()
            if by_hand != "0" and len(address) <= 2 * LONGEST_GROUP:
                found[int(index)] = (*found.get(int(index), ()), bytes.fromhex(address).hex(":"))
    return {index: tuple(sorted(groups)) for index, groups in found.items()}


def _queueing(sock: socket.socket) -> dict[int, tuple[str, ...]]:
    """The disciplines that somebody gave to links. Those of the kernel itself have no handle, and those of classes
    belong to their parents.
    """
    found: dict[int, tuple[str, ...]] = {}
    try:
        bodies = _netlink.dump(sock, RTM_GETQDISC, TCMSG.pack(0, 0, 0, 0, 0))
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:  # a kernel without them
            return {}
        raise
    for body in bodies:
        _family, index, handle, parent, _info = TCMSG.unpack_from(body)
        if handle >> 16 and parent in (TC_H_ROOT, TC_H_INGRESS):
            kind = _netlink.attributes(body[TCMSG.size :]).get(TCA_KIND, b"").rstrip(b"\0").decode(errors="replace")
            found[index] = (*found.get(index, ()), f"{kind} {handle >> 16:x}:")
    return found


def write(sock: socket.socket, index: int, name: str, wanted: t.Mapping[str, t.Any]) -> None:
    """Give the link a token ('': none), or exactly these groups. Must run in its namespace. Raises OSError,
    HostError.
    """
    if "token" in wanted:
        _set_token(sock, index, name, wanted["token"])
    if "maddresses" in wanted:
        _join(name, _joined().get(index, ()), wanted["maddresses"])


def _set_token(sock: socket.socket, index: int, name: str, token: str) -> None:
    """Set the token of a link. The kernel takes one only if it would use it (inet6_set_iftoken()), but keeps it when
    that ends.
    """
    value = _netlink.attribute(IFLA_INET6_TOKEN, ipaddress.IPv6Address(token or "::").packed)
    spec = _netlink.attribute(IFLA_AF_SPEC, _netlink.attribute(socket.AF_INET6, value))
    before = {key: str(_sysctl.read(name, key)) for key in LISTENING}
    for key, listening in LISTENING.items():
        _sysctl.write(name, key, listening)
    try:
        _netlink.request(sock, RTM_SETLINK, IFINFO.pack(0, 0, index, 0, 0) + spec)
    finally:
        for key, was in before.items():
            _sysctl.write(name, key, was)


def _join(name: str, before: t.Collection[str], wanted: t.Collection[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        for request, groups in ((SIOCDELMULTI, set(before) - set(wanted)), (SIOCADDMULTI, set(wanted) - set(before))):
            for group in sorted(groups):
                fcntl.ioctl(
                    sock, request, IFREQ.pack(name.encode(), socket.AF_UNSPEC, bytes.fromhex(group.replace(":", "")))
                )
