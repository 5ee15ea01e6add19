# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a default gateway answers: by ARP (RFC 826), which no firewall of the gateway drops, and for IPv6 by an echo
(RFC 4443).
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

ETH_P_ARP = 0x0806
BROADCAST = b"\xff" * 6
PAUSE = 0.2  # seconds between two questions
ECHO_REQUEST, ECHO_REPLY = 128, 129


def gateways(ns: _snapshot.Namespace, links: t.Iterable[str]) -> list[tuple[str, str]]:
    """The default gateways by these links: (device, gateway)."""
    defaults = (route for link in links for route in ns.routes.by(link) if route.destination.endswith("/0"))
    return list(dict.fromkeys((route.device or "", route.gateway or "") for route in defaults if route.gateway))


def answers(ns: _snapshot.Namespace, device: str, gateway: str, seconds: float) -> bool:
    """Whether the gateway answers on that link within so many seconds."""
    link = ns.links.get(device)
    if link is None or not link.mac:
        return False
    try:
        return (_echo if ":" in gateway else _arp)(ns.key, link, gateway, time.monotonic() + seconds)
    except OSError:
        return False  # the link is down, say


def _ask(
    sock: socket.socket, frame: bytes, is_answer: t.Callable[[bytes], bool], until: float, to: t.Any = None
) -> bool:
    while time.monotonic() < until:
        try:
            sock.send(frame) if to is None else sock.sendto(frame, to)
        except OSError:
            time.sleep(PAUSE)
            continue
        again = time.monotonic() + PAUSE
        while (left := min(again, until) - time.monotonic()) > 0:
            sock.settimeout(left)
            try:
                if is_answer(sock.recv(2048)):
                    return True
            except OSError:  # the time-out
                break
    return False


def _arp(ns: _snapshot.NsKey, link: _snapshot.Link, gateway: str, until: float) -> bool:
    wanted = socket.inet_aton(gateway)
    mac = bytes.fromhex(str(link.mac).replace(":", ""))
    frame = (
        BROADCAST
        + mac
        + struct.pack("!HHHBBH", ETH_P_ARP, 1, 0x0800, 6, 4, 1)
        + mac
        + socket.inet_aton(_own(link, gateway))
        + b"\0" * 6
        + wanted
    )
    with _namespaces.entered(ns):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    with sock:
        sock.bind((link.name, ETH_P_ARP))
        return _ask(
            sock, frame, lambda data: data[20:22] == b"\0\x02" and data[28:32] == wanted and data[32:38] == mac, until
        )


def _own(link: _snapshot.Link, gateway: str) -> str:
    """The address from which to ask: one in the gateway's network, else any."""
    mine = [ipaddress.ip_interface(address.cidr) for address in link.addresses if ":" not in address.cidr]
    near = [one for one in mine if ipaddress.ip_address(gateway) in one.network] or mine
    return str(near[0].ip) if near else "0.0.0.0"  # ARP's own word for 'nobody yet' (RFC 5227)


def _echo(ns: _snapshot.NsKey, link: _snapshot.Link, gateway: str, until: float) -> bool:
    with _namespaces.entered(ns):
        sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    with sock:
        # The kernel fills in the checksum (RFC 3542, section 3.1).
        frame = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, 0x6E6C, 1)
        return _ask(
            sock,
            frame,
            lambda data: data[0] == ECHO_REPLY and data[4:6] == frame[4:6],
            until,
            (gateway, 0, 0, link.index or 0),
        )
