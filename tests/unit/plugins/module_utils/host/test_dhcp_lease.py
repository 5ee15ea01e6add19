# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What DHCP clients wrote, read back."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host import _dhcp_lease
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Lease

NOW = 1795314000.0  # 2026-11-22 02:20 UTC
WANTED = Lease("10.0.0.20/24", "10.0.0.2", ("10.0.0.1", "10.0.0.3"), ("10.0.0.53",), "a.example", "2026-11-22T02:30:00Z")


def dhclient(expire: str, address: str = "10.0.0.20") -> str:
    return f"""default-duid "\\000\\001";
lease {{
  interface "eth0";
  fixed-address 10.9.9.9;
  expire 0 2020/01/01 00:00:00;
}}
lease {{
  interface "eth0";
  fixed-address {address};
  option subnet-mask 255.255.255.0;
  option routers 10.0.0.1,10.0.0.3;
  option dhcp-server-identifier 10.0.0.2;
  option domain-name-servers 10.0.0.53;
  option domain-name "a.example";
  expire {expire};
}}
"""


def packet(seconds: int, address: str = "10.0.0.20") -> bytes:
    fixed = bytearray(_dhcp_lease.BOOTP_BYTES)
    fixed[16:20] = ipaddress.IPv4Address(address).packed
    options = {1: "ffffff00", 3: "0a000001" + "0a000003", 6: "0a000035", 15: b"a.example".hex(), 51: f"{seconds:08x}", 54: "0a000002"}
    body = b"".join(bytes([code, len(value) // 2]) + bytes.fromhex(value) for code, value in options.items())
    return bytes(fixed) + _dhcp_lease.MAGIC + b"\0" + body + b"\xff"


def record(seconds: int) -> str:
    lines = ["address=10.0.0.20/24", "server=10.0.0.2", "routers=10.0.0.1 10.0.0.3", "dns=10.0.0.53", f"lease={seconds}", f"at={int(NOW)}"]
    return "\n".join([*lines, "domain=a.example", "address=1.2.3.4/5", ""])


def test_all_say_the_same() -> None:
    assert _dhcp_lease.of_dhclient(dhclient("0 2026/11/22 02:30:00"), NOW) == WANTED
    assert _dhcp_lease.of_dhclient(dhclient("epoch 1795314600"), NOW) == WANTED
    assert _dhcp_lease.of_packet(packet(600), NOW, NOW) == WANTED
    assert _dhcp_lease.of_record(record(600), NOW) == WANTED


def test_infinite() -> None:
    for lease in (
        _dhcp_lease.of_dhclient(dhclient("never"), NOW),
        _dhcp_lease.of_dhclient(dhclient("1 2162/12/29 07:54:14"), NOW),
        _dhcp_lease.of_packet(packet(_dhcp_lease.INFINITE), NOW, NOW + 10**9),
        _dhcp_lease.of_record(record(_dhcp_lease.INFINITE), NOW + 10**9),
    ):
        assert lease is not None
        assert lease.expires is None


def test_expired() -> None:
    assert _dhcp_lease.of_dhclient(dhclient("0 2026/11/22 02:19:00"), NOW) is None
    assert _dhcp_lease.of_packet(packet(600), NOW, NOW + 601) is None
    assert _dhcp_lease.of_record(record(600), NOW + 601) is None


@pytest.mark.parametrize("text", ["", "lease {\n", "lease {\n}\n", "\0\0", dhclient("0 2026/11/22 02:30:00", "x")])
def test_nonsense(text: str) -> None:
    assert _dhcp_lease.of_dhclient(text, NOW) is None
    assert _dhcp_lease.of_record(text, NOW) is None
    assert _dhcp_lease.of_packet(text.encode(), NOW, NOW) is None
    assert _dhcp_lease.of_packet(packet(600)[:245], NOW, NOW) is None
