# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the DHCP clients write about their leases, read into one shape: dhclient.leases(5), the packet that dhcpcd
keeps, our udhcpc record.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _lease

INFINITE = 0xFFFFFFFF  # RFC 2131, section 3.3
MAGIC = b"\x63\x82\x53\x63"  # RFC 1497: options follow
BOOTP_BYTES = 236  # RFC 2131, section 2: the fixed part
PAD, MASK, ROUTERS, DNS, DOMAIN, MTU, LEASE_TIME, SERVER, CLASSLESS, END = 0, 1, 3, 6, 15, 26, 51, 54, 121, 255
# RFC 8415, section 21, and RFC 3646.
SERVER6, IA_NA, IA_ADDR, DNS6, DOMAINS6 = 2, 3, 5, 23, 24
IA_ADDR_BYTES = 24  # an address and two times
_STATEMENT = re.compile(r'\s*(?:option\s+)?([a-z0-9-]+)\s+((?:"(?:[^"\\]|\\.)*"|[^;"])*);')


def _address(text: str, mask: str | None) -> str | None:
    """Address and netmask (or prefix length) in the form 10.0.0.5/24. None if they are invalid."""
    try:
        return ipaddress.IPv4Interface(f"{text}/{mask or 32}").with_prefixlen
    except ValueError:
        return None


def _mtu(text: str) -> int | None:
    return int(text) if text.strip().isdigit() else None


def _classless(data: t.Sequence[int]) -> tuple[tuple[str, str | None], ...]:
    """The routes of RFC 3442: a width, the significant bytes of the destination, a gateway; 0.0.0.0 is none."""
    found: list[tuple[str, str | None]] = []
    at = 0
    while at < len(data) and data[at] <= 32:
        size = (data[at] + 7) // 8
        rest = data[at + 1 : at + 5 + size]
        if len(rest) < 4 + size:
            break
        destination = ipaddress.IPv4Network((bytes([*rest[:size], 0, 0, 0, 0][:4]), data[at]), strict=False)
        found.append((str(destination), _gateway(str(ipaddress.IPv4Address(bytes(rest[size:]))))))
        at += 5 + size
    return tuple(found)


def _gateway(text: str) -> str | None:
    return None if text == "0.0.0.0" else text


def _instant(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[\s,]+", text.strip()) if word)


# --- dhclient -------------------------------------------------------------------------------------


def of_dhclient(text: str, now: float) -> _lease.Lease | None:
    """The last lease in a leases file. None if all leases have expired."""
    blocks = re.findall(r"^lease \{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE)
    if not blocks:
        return None
    said = {key: value.strip() for key, value in _STATEMENT.findall(blocks[-1])}
    address = _address(said.get("fixed-address", ""), said.get("subnet-mask"))
    expires = _expiry(said.get("expire", ""))
    if address is None or (expires is not None and expires <= now):
        return None
    return _lease.Lease(
        address,
        said.get("dhcp-server-identifier"),
        _words(said.get("routers", "")),
        _words(said.get("domain-name-servers", "")),
        said.get("domain-name", "").strip('"') or None,
        # An infinite lease is one of 136 years to dhclient.
        None if expires is None or expires > now + INFINITE / 2 else _instant(expires),
        _mtu(said.get("interface-mtu", "")),
        _classless(
            [int(word) & 0xFF for word in _words(said.get("rfc3442-classless-static-routes", "")) if word.isdigit()]
        ),
    )


def of_dhclient6(text: str, now: float) -> _lease.Lease | None:
    """The address of the last DHCPv6 lease in a leases file."""
    blocks = re.findall(r"^lease6 \{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE)
    found = (
        re.search(r"iaaddr (\S+) \{\s*starts (\d+);\s*preferred-life \d+;\s*max-life (\d+);", blocks[-1])
        if blocks
        else None
    )
    if found is None or re.search(r"^\s*released;", blocks[-1], re.MULTILINE):
        return None
    said = {key: value.strip() for key, value in re.findall(r"option dhcp6\.([a-z-]+) ([^;]*);", blocks[-1])}
    seconds = int(found.group(3))
    expires = None if seconds == INFINITE else int(found.group(2)) + seconds
    if not _is_six(found.group(1)) or (expires is not None and expires <= now):
        return None
    domain = _words(said.get("domain-search", "").replace('"', ""))
    return _lease.Lease(
        f"{found.group(1)}/128",
        said.get("server-id"),
        (),
        _words(said.get("name-servers", "")),
        domain[0].rstrip(".") if domain else None,
        None if expires is None else _instant(expires),
    )


def _is_six(text: str) -> bool:
    try:
        return ipaddress.IPv6Address(text) is not None
    except ValueError:
        return False


def _expiry(text: str) -> float | None:
    """Parse an expiry: '3 2026/11/25 10:20:30' is in UTC; 'epoch 1764066030; # ...' is what db-time-format local
    writes; 'never'.
    """
    parts = text.split()
    if len(parts) == 2 and parts[0] == "epoch":
        return float(parts[1])
    if len(parts) != 3:
        return None
    moment = datetime.datetime.strptime(f"{parts[1]} {parts[2]}", "%Y/%m/%d %H:%M:%S")
    return moment.replace(tzinfo=datetime.timezone.utc).timestamp()


# --- dhcpcd ---------------------------------------------------------------------------------------


def of_packet(packet: bytes, written: float, now: float) -> _lease.Lease | None:
    """The lease in the server's ACK, as dhcpcd keeps it; ``written``: the time of writing (the file's mtime)."""
    if len(packet) < BOOTP_BYTES + 4 or packet[BOOTP_BYTES : BOOTP_BYTES + 4] != MAGIC:
        return None
    options = _options(packet[BOOTP_BYTES + 4 :])
    mask = _addresses(options.get(MASK, b""))
    address = _address(str(ipaddress.IPv4Address(packet[16:20])), mask[0] if mask else None)
    seconds = int.from_bytes(options.get(LEASE_TIME, b""), "big")
    if address is None or (seconds != INFINITE and written + seconds <= now):
        return None
    server = _addresses(options.get(SERVER, b""))
    return _lease.Lease(
        address,
        server[0] if server else None,
        _addresses(options.get(ROUTERS, b"")),
        _addresses(options.get(DNS, b"")),
        options.get(DOMAIN, b"").rstrip(b"\0").decode("ascii", "replace") or None,
        None if seconds == INFINITE else _instant(written + seconds),
        int.from_bytes(options[MTU], "big") if MTU in options else None,
        _classless(list(options.get(CLASSLESS, b""))),
    )


def of_message(message: bytes, written: float, now: float) -> _lease.Lease | None:
    """The lease in the server's REPLY, as dhcpcd keeps it (RFC 8415, section 8): a type, a number, and options."""
    options = _options6(message[4:])
    association = options.get(IA_NA, b"")
    one = _options6(association[12:]).get(IA_ADDR, b"")  # after its number and two times
    if len(one) < IA_ADDR_BYTES:
        return None
    seconds = int.from_bytes(one[20:24], "big")
    if seconds != INFINITE and written + seconds <= now:
        return None
    dns = options.get(DNS6, b"")
    return _lease.Lease(
        f"{ipaddress.IPv6Address(one[:16])}/128",
        ":".join(f"{byte:x}" for byte in options.get(SERVER6, b"")) or None,
        (),
        tuple(str(ipaddress.IPv6Address(dns[at : at + 16])) for at in range(0, len(dns) - 15, 16)),
        _domain(options.get(DOMAINS6, b"")),
        None if seconds == INFINITE else _instant(written + seconds),
    )


def _options6(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(data):
        code, length = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 2 : at + 4], "big")
        found.setdefault(code, data[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def _domain(data: bytes) -> str | None:
    """The first name in a list of domain names (RFC 1035, section 3.1)."""
    labels: list[str] = []
    at = 0
    while at < len(data) and data[at]:
        labels.append(data[at + 1 : at + 1 + data[at]].decode("ascii", "replace"))
        at += 1 + data[at]
    return ".".join(labels) or None


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


def of_record(text: str, now: float) -> _lease.Lease | None:
    """The lease that our script for udhcpc wrote, as KEY=VALUE lines."""
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
    words = _words(said.get("routes", ""))
    return _lease.Lease(
        address,
        said.get("server") or None,
        _words(said.get("routers", "")),
        _words(said.get("dns", "")),
        said.get("domain") or None,
        None if seconds == INFINITE else _instant(at + seconds),
        _mtu(said.get("mtu", "")),
        tuple((destination, _gateway(gateway)) for destination, gateway in zip(words[::2], words[1::2])),
    )
