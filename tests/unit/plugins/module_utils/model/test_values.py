# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The border: normal forms, and refusals that name option, value and remedy."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model import _values
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput


@pytest.mark.parametrize(
    ("check", "value", "normal"),
    [
        (_values.link_name, "veth0", "veth0"),
        (_values.link_name, "fifteen-bytes-x", "fifteen-bytes-x"),
        (
            _values.netns_name,
            "qdhcp-f130c5a0-1879-4e83-91c0-0c9950eb2182",
            "qdhcp-f130c5a0-1879-4e83-91c0-0c9950eb2182",
        ),
        (_values.mac, "52:54:00:AB:CD:EF", "52:54:00:ab:cd:ef"),
        (_values.mac, "52-54-00-ab-cd-ef", "52:54:00:ab:cd:ef"),
        (_values.interface, "10.0.1.0/24", "10.0.1.0/24"),  # a network's own address is legal
        (_values.interface, "FD00:0::1/64", "fd00::1/64"),
        (_values.interface, " 10.0.0.1/8 ", "10.0.0.1/8"),
    ],
)
def test_normal_forms_are_fixed_points(check: t.Callable[[str, str], str], value: str, normal: str) -> None:
    assert check(value, "option") == normal
    assert check(normal, "option") == normal


@pytest.mark.parametrize(
    ("check", "value", "fragment"),
    [
        (_values.link_name, "", "is empty"),
        (_values.link_name, "..", "'..' is not a link name"),
        (_values.link_name, "a/b", "is not a link name"),
        (_values.link_name, "a b", "white space"),
        (_values.link_name, "a%d", "'%'"),
        (_values.link_name, "a\udcff", "not UTF-8"),
        (_values.link_name, "sixteen-bytes-xx", "has 16 bytes; the kernel takes at most 15"),
        (_values.link_name, "ünf-zehn-bytes", None),
        (_values.netns_name, "", "is empty"),
        (_values.netns_name, "..", "is not a namespace name"),
        (_values.netns_name, "../etc", "is not a namespace name"),
        (_values.netns_name, "x" * 256, "at most 255"),
        (_values.netns_name, "a\nb", "white space"),
        (_values.netns_name, "a\udcff", "not UTF-8"),
        (_values.object_name, "../x", "not a usable name"),
        (_values.mac, "190053484", "YAML read this MAC address as the number 190053484; quote it"),
        (_values.mac, "01:00:5e:00:00:01", "multicast MAC"),
        (_values.mac, "00:00:00:00:00:00", "not an address a link can have"),
        (_values.mac, "52:54:00:12:34", "is not a MAC address"),
        (_values.interface, "10.0.0.1", "has no prefix length; did you mean '10.0.0.1/24'?"),
        (_values.interface, "10.0.0.1/255.255.255.0", "write the prefix length, as in '10.0.0.1/24'"),
        (_values.interface, "10.0.0.256/24", "is not an address with a prefix length"),
        (_values.interface, "10.0.0.1/33", "is not an address with a prefix length"),
        (_values.interface, "224.0.0.1/24", "not an address of a host"),
        (_values.interface, "fe80::1%eth0/64", "write 'fe80::1', the link is told by an option of its own"),
        (_values.interface, "::ffff:10.0.0.1/96", "write '10.0.0.1'"),
        (_values.host_address, "fe80::1%eth0", "names a link after the address"),
        (_values.network, "10.0.0.5/24", "has host bits set; did you mean '10.0.0.0/24'?"),
        (_values.network, "red", "is not a network"),
        (_values.host_address, "10.0.0.1/24", "without a prefix length"),
        (_values.text, "a\nb", "a line break"),
        (_values.text, "a\x00b", "a control character"),
    ],
)
def test_refusals_name_option_and_value(check: t.Callable[[str, str], t.Any], value: str, fragment: str | None) -> None:
    if fragment is None:
        assert check(value, "veth[0].name") == value
        return
    with pytest.raises(BadInput) as caught:
        check(value, "veth[0].name")
    assert str(caught.value).startswith("veth[0].name: ")
    assert fragment in str(caught.value)


@pytest.mark.parametrize("value", [67, 65536, -1])
def test_mtu_out_of_range(value: int) -> None:
    with pytest.raises(BadInput, match=f"mtu: {value} is out of range; it must lie between 68 and 65535 bytes"):
        _values.mtu(value, "mtu")


def test_lists() -> None:
    assert _values.interfaces(["10.0.0.1/24", "fd00::1/64"], "addresses") == ("10.0.0.1/24", "fd00::1/64")
    with pytest.raises(BadInput, match=r"addresses\[1\]: '10.0.0.1/24' stands in the list twice"):
        _values.interfaces(["10.0.0.1/24", "10.0.0.1/24 "], "addresses")
    with pytest.raises(BadInput, match=r"default\(omit\)"):
        _values.interfaces([""], "addresses")
