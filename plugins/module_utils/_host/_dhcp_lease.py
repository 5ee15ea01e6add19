# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the DHCP clients write about their leases, read into one shape: dhclient.leases(5), the packet that dhcpcd keeps, our udhcpc record."""

from __future__ import annotations

import datetime
import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

INFINITE = 0xFFFFFFFF  # RFC 2131, section 3.3
MAGIC = b"\x63\x82\x53\x63"  # RFC 1497: options follow
BOOTP_BYTES = 236  # RFC 2131, section 2: the fixed part
PAD, MASK, ROUTERS, DNS, DOMAIN, LEASE_TIME, SERVER, END = 0, 1, 3, 6, 15, 51, 54, 255
_STATEMENT = re.compile(r'\s*(?:option\s+)?([a-z0-9-]+)\s+((?:"(?:[^"\\]|\\.)*"|[^;"])*);')


def _address(text: str, mask: str | None) -> str | None:
    """Address and netmask (or prefix length) as 10.0.0.5/24; None if they are none."""
    try:
        return ipaddress.IPv4Interface(f"{text}/{mask or 32}").with_prefixlen
    except ValueError:
        return None


def _instant(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[\s,]+", text.strip()) if word)


# --- dhclient -------------------------------------------------------------------------------------


def of_dhclient(text: str, now: float) -> _snapshot.Lease | None:
    """The last lease in a leases file; None if there is none that has not expired."""
    blocks = re.findall(r"^lease \{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE)
    if not blocks:
        return None
    said = {key: value.strip() for key, value in _STATEMENT.findall(blocks[-1])}
    address = _address(said.get("fixed-address", ""), said.get("subnet-mask"))
    expires = _expiry(said.get("expire", ""))
    if address is None or (expires is not None and expires <= now):
        return None
    return _snapshot.Lease(
        address,
        said.get("dhcp-server-identifier"),
        _words(said.get("routers", "")),
        _words(said.get("domain-name-servers", "")),
        said.get("domain-name", "").strip('"') or None,
        # An infinite lease is one of 136 years to dhclient.
        None if expires is None or expires > now + INFINITE / 2 else _instant(expires),
    )


def _expiry(text: str) -> float | None:
    """'3 2026/11/25 10:20:30' is in UTC; 'epoch 1764066030; # ...' is what db-time-format local writes; 'never'."""
    parts = text.split()
    if len(parts) == 2 and parts[0] == "epoch":
        return float(parts[1])
    if len(parts) != 3:
        return None
    moment = datetime.datetime.strptime(f"{parts[1]} {parts[2]}", "%Y/%m/%d %H:%M:%S")
    return moment.replace(tzinfo=datetime.timezone.utc).timestamp()


# --- dhcpcd ---------------------------------------------------------------------------------------


def of_packet(packet: bytes, written: float, now: float) -> _snapshot.Lease | None:
    """The server's ACK as dhcpcd keeps it; ``written``: when (the file's mtime)."""
    if len(packet) < BOOTP_BYTES + 4 or packet[BOOTP_BYTES : BOOTP_BYTES + 4] != MAGIC:
        return None
    options = _options(packet[BOOTP_BYTES + 4 :])
    mask = _addresses(options.get(MASK, b""))
    address = _address(str(ipaddress.IPv4Address(packet[16:20])), mask[0] if mask else None)
    seconds = int.from_bytes(options.get(LEASE_TIME, b""), "big")
    if address is None or (seconds != INFINITE and written + seconds <= now):
        return None
    server = _addresses(options.get(SERVER, b""))
    return _snapshot.Lease(
        address,
        server[0] if server else None,
        _addresses(options.get(ROUTERS, b"")),
        _addresses(options.get(DNS, b"")),
        options.get(DOMAIN, b"").rstrip(b"\0").decode("ascii", "replace") or None,
        None if seconds == INFINITE else _instant(written + seconds),
    )


def _options(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != END:
        if data[at] == PAD:
            at += 1
            continue
        if at + 1 >= len(data):
            break
        code, length = data[at], data[at + 1]
        # RFC 3396: an option that comes again goes on.
        found[code] = found.get(code, b"") + data[at + 2 : at + 2 + length]
        at += 2 + length
    return found


def _addresses(data: bytes) -> tuple[str, ...]:
    return tuple(str(ipaddress.IPv4Address(data[at : at + 4])) for at in range(0, len(data) - 3, 4))


# --- udhcpc ---------------------------------------------------------------------------------------


def of_record(text: str, now: float) -> _snapshot.Lease | None:
    """What our script for udhcpc wrote: KEY=VALUE lines."""
    said: dict[str, str] = {}
    for line in text.splitlines():
        key, _equals, value = line.partition("=")
        said.setdefault(key, value.strip())
    address = _address(*t.cast("tuple[str, str]", tuple(said.get("address", "").partition("/")[::2])))
    try:
        at, seconds = int(said.get("at", "")), int(said.get("lease", ""))
    except ValueError:
        return None
    if address is None or (seconds != INFINITE and at + seconds <= now):
        return None
    expires = None if seconds == INFINITE else _instant(at + seconds)
    return _snapshot.Lease(
        address, said.get("server") or None, _words(said.get("routers", "")), _words(said.get("dns", "")), said.get("domain") or None, expires
    )
