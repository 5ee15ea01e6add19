# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of links and addresses of members: short, distinct, steady."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model import _values
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput
from ansible_collections.netloom.linux.plugins.plugin_utils._addresses import Subnet
from ansible_collections.netloom.linux.plugins.plugin_utils._link_names import link_name, mac_address


@pytest.mark.parametrize(
    ("prefix", "name", "interface", "expected"),
    [
        ("v", "web1", "eth0", "v-web1"),
        ("v", "web1", "eth1", "v-web1.eth1"),
        ("br", "web", "eth0", "br-web"),
        ("tap", "elevenchars", "eth0", "tap-elevenchars"),
        ("v", "thirteenchars", "eth0", "v-thirteenchars"),
        ("v", "a-long-namespace", "eth0", "v-a-lo~au46akxe"),
    ],
)
def test_readable_where_it_fits(prefix, name, interface, expected):
    found = link_name(prefix, name, interface)
    assert len(found) <= 15
    assert found == expected


def test_names_are_legal_and_never_meet():
    names = [
        "web",
        "web.1",
        "web~1",
        "web1",
        "a" * 13,
        "a" * 14,
        "a" * 200,
        "ä",
        "ö",
        "a:b",
        "web.eth1",
        "qdhcp-f130c5a0-1879",
        "qdhcp-f130c5a0-1870",
    ]
    interfaces = ["eth0", "eth1", "a.b", "fifteen-letters"]
    found = {(p, n, i): link_name(p, n, i) for p, n, i in itertools.product(["v", "p", "br", "tap"], names, interfaces)}
    assert len(set(found.values())) == len(found)
    for name in found.values():
        assert _values.link_name(name, "x") == name


def test_thousands_of_long_names():
    found = {link_name("v", f"qdhcp-f130c5a0-1879-4e83-91c0-{number:012x}") for number in range(20000)}
    assert len(found) == 20000


def test_macs_are_unicast_local_and_steady():
    assert mac_address("lab1", "red", "eth0") == mac_address("lab1", "red", "eth0")
    assert mac_address("lab1", "red", "eth0") != mac_address("lab2", "red", "eth0")
    # Words are not run together.
    assert mac_address("a", "bc") != mac_address("ab", "c")
    for number in range(500):
        first = int(mac_address(str(number))[:2], 16)
        assert first & 3 == 2
        assert _values.mac(mac_address(str(number)), "x") == mac_address(str(number))


@pytest.mark.parametrize(
    ("written", "first", "last", "size"),
    [
        ("10.0.0.0/24", "10.0.0.1", "10.0.0.254", 254),
        ("10.0.0.0/30", "10.0.0.1", "10.0.0.2", 2),
        ("10.0.0.0/31", "10.0.0.0", "10.0.0.1", 2),
        ("10.0.0.0/8", "10.0.0.1", "10.255.255.254", 2**24 - 2),
        ("fd00::/64", "fd00::1", "fd00::ffff:ffff:ffff:ffff", 2**64 - 1),
        ("::/127", "::", "::1", 2),
    ],
)
def test_hosts_of_a_subnet(written, first, last, size):
    subnet = Subnet(written, "subnet")
    assert subnet.host(1) == first
    assert subnet.host(2**70) == last
    assert subnet.size == size


def test_written_addresses_first_then_the_gaps():
    subnet = Subnet("10.0.0.0/29", "subnet")
    subnet.reserve("10.0.0.1", "gateway", "the gateway")
    subnet.reserve("10.0.0.3/29", "b", "b")
    assert [subnet.allot("x", "x") for turn in range(4)] == ["10.0.0.2", "10.0.0.4", "10.0.0.5", "10.0.0.6"]
    with pytest.raises(BadInput, match=r"no address is left for y; 10\.0\.0\.0/29 has room for 6"):
        subnet.allot("x", "y")


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("10.0.1.5", "lies outside of the subnet 10.0.0.0/24"),
        ("10.0.0.5/16", "another prefix length than the subnet 10.0.0.0/24"),
        ("10.0.0.0", "the subnet's own or its broadcast address"),
        ("10.0.0.255", "the subnet's own or its broadcast address"),
        ("fd00::1", "lies outside"),
        ("10.0.0", "is not an IP address"),
        ("224.0.0.1", "is not an address of a host"),
        ("10.0.0.1", "10.0.0.1 is already the address of the gateway"),
    ],
)
def test_bad_addresses(address, complaint):
    subnet = Subnet("10.0.0.0/24", "subnet")
    subnet.reserve("10.0.0.1", "gateway", "the gateway")
    with pytest.raises(BadInput, match="members") as caught:
        subnet.reserve(address, "members[0].address", "x")
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("written", "complaint"),
    [("10.0.0.5/24", "did you mean '10.0.0.0/24'"), ("10.0.0.0/32", "single address"), ("no", "is not a network")],
)
def test_bad_subnets(written, complaint):
    with pytest.raises(BadInput) as caught:
        Subnet(written, "networks[0].subnet")
    assert str(caught.value).startswith("networks[0].subnet: ")
    assert complaint in str(caught.value)
