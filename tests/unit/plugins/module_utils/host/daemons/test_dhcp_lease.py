# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What DHCP clients wrote, read back."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _dhcp_lease
from ansible_collections.netloom.linux.plugins.module_utils._model._lease import Lease

NOW = 1795314000.0  # 2026-11-22 02:20 UTC
WANTED = Lease(
    "10.0.0.20/24", "10.0.0.2", ("10.0.0.1", "10.0.0.3"), ("10.0.0.53",), "a.example", "2026-11-22T02:30:00Z"
)


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
    options = {
        1: "ffffff00",
        3: "0a000001" + "0a000003",
        6: "0a000035",
        15: b"a.example".hex(),
        51: f"{seconds:08x}",
        54: "0a000002",
    }
    body = b"".join(bytes([code, len(value) // 2]) + bytes.fromhex(value) for code, value in options.items())
    return bytes(fixed) + _dhcp_lease.MAGIC + b"\0" + body + b"\xff"


def record(seconds: int) -> str:
    lines = [
        "address=10.0.0.20/24",
        "server=10.0.0.2",
        "routers=10.0.0.1 10.0.0.3",
        "dns=10.0.0.53",
        f"lease={seconds}",
        f"at={int(NOW)}",
    ]
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


CLASSLESS = (("10.7.0.0/16", "10.0.0.9"), ("10.8.1.0/24", None), ("0.0.0.0/0", "10.0.0.1"))
BYTES = [16, 10, 7, 10, 0, 0, 9, 24, 10, 8, 1, 0, 0, 0, 0, 0, 10, 0, 0, 1]


def test_routes_and_mtu() -> None:
    options = (
        f"  option interface-mtu 1400;\n  option rfc3442-classless-static-routes {','.join(map(str, BYTES))};\n  expire"
    )
    words = " ".join(f"{destination} {gateway or '0.0.0.0'}" for destination, gateway in CLASSLESS)
    more = bytes([26, 2, 5, 120, 121, len(BYTES), *BYTES])
    for lease in (
        _dhcp_lease.of_dhclient(dhclient("never").replace("  expire", options), NOW),
        _dhcp_lease.of_packet(packet(600)[:-1] + more + b"\xff", NOW, NOW),
        _dhcp_lease.of_record(f"{record(600)}mtu=1400\nroutes={words}\n", NOW),
    ):
        assert lease is not None
        assert (lease.mtu, lease.routes) == (1400, CLASSLESS)
        assert lease.shown["routes"][1] == {"destination": "10.8.1.0/24", "gateway": None}


@pytest.mark.parametrize("cut", range(len(BYTES)))
def test_routes_that_break_off(cut: int) -> None:
    assert _dhcp_lease._classless(BYTES[:cut]) == CLASSLESS[: (cut >= 7) + (cut >= 15)]


def test_routes_that_are_none() -> None:
    assert _dhcp_lease._classless([33, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) == ()


SIX = """default-duid "\\000\\001";
lease6 {
  interface "eth0";
  ia-na 68:60:08:08 {
    starts 1795313000;
    renew 3600;
    rebind 6300;
    iaaddr 2001:db8:5::1fa {
      starts 1795313000;
      preferred-life 1000;
      max-life 1600;
    }
  }
  option dhcp6.server-id 0:1:0:1:32:9d:60:a7;
  option dhcp6.name-servers 2001:db8:5::53,2001:db8:5::54;
  option dhcp6.domain-search "six.example.";
}
"""
WANTED6 = Lease(
    "2001:db8:5::1fa/128",
    "0:1:0:1:32:9d:60:a7",
    (),
    ("2001:db8:5::53", "2001:db8:5::54"),
    "six.example",
    "2026-11-22T02:30:00Z",
)
# A REPLY: server identifier, an association with one address, DNS servers, search list.
REPLY = bytes.fromhex(
    "07c86eee00020008000100 01329d60a7".replace(" ", "")
    + "00030028686008080000a8c000012750"
    + "0005001820010db80005000000000000000001fa000003e800000640"
    + "0017002020010db800050000000000000000005320010db8000500000000000000000054"
    + "0018000d03736978076578616d706c6500"
)


def test_leases_of_dhcpv6() -> None:
    assert _dhcp_lease.of_dhclient6(SIX, NOW) == WANTED6
    assert _dhcp_lease.of_message(REPLY, 1795313000, NOW) == WANTED6


def test_leases_of_dhcpv6_that_are_over() -> None:
    assert _dhcp_lease.of_dhclient6(SIX, NOW + 600) is None
    assert _dhcp_lease.of_dhclient6(SIX.replace('  interface "eth0";', '  interface "eth0";\n  released;'), NOW) is None
    assert _dhcp_lease.of_message(REPLY, 1795313000, NOW + 600) is None
    assert _dhcp_lease.of_dhclient6(SIX.replace("iaaddr 2001", "iaaddr x2001"), NOW) is None
    forever = _dhcp_lease.of_dhclient6(SIX.replace("max-life 1600", "max-life 4294967295"), NOW + 10**9)
    assert forever is not None
    assert forever.expires is None


@pytest.mark.parametrize("cut", range(len(REPLY)))
def test_messages_that_break_off(cut: int) -> None:
    lease = _dhcp_lease.of_message(REPLY[:cut], NOW, NOW)
    assert lease is None or lease.address == WANTED6.address
