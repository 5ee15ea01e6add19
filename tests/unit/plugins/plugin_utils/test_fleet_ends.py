# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the tunnels of each host end: from the inventory only, and every value checked."""

from __future__ import annotations

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import _fleet_ends


def _end(host="node1", **variables):
    return _fleet_ends.ends([host], {host: variables}, "vxlan_network")[host]


@pytest.mark.parametrize(
    ("host", "variables", "local"),
    [
        ("node1", {"vxlan_network_local": "192.0.2.1", "ansible_host": "192.0.2.9"}, "192.0.2.1"),
        ("node1", {"vxlan_network_local": "2001:DB8::0:1"}, "2001:db8::1"),
        ("node1", {"ansible_host": "192.0.2.9"}, "192.0.2.9"),
        ("node1", {"ansible_host": "node1.example.com"}, None),
        ("node1", {"ansible_host": "127.0.0.1"}, None),
        ("node1", {}, None),
        ("192.0.2.7", {}, "192.0.2.7"),
        ("node1", {"ovs_vlan_dhcp_local": "192.0.2.1"}, None),
    ],
)
def test_end(host, variables, local):
    assert _end(host, **variables).local == local


def test_mtu():
    assert _end(vxlan_network_underlay_mtu=9000).underlay_mtu == 9000
    assert _end(vxlan_network_underlay_mtu="1500").underlay_mtu == 1500
    assert _end().underlay_mtu is None


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"vxlan_network_local": "node1"}, "vxlan_network_local of host 'node1': 'node1' is not an address"),
        ({"vxlan_network_local": "127.0.0.1"}, "of host 'node1': other hosts cannot send to 127.0.0.1"),
        ({"vxlan_network_local": "fe80::1"}, "other hosts cannot send to fe80::1"),
        ({"vxlan_network_local": "239.0.0.1"}, "other hosts cannot send to 239.0.0.1"),
        ({"vxlan_network_underlay_mtu": 67}, "vxlan_network_underlay_mtu of host 'node1': 67 is not possible"),
        ({"vxlan_network_underlay_mtu": "big"}, "vxlan_network_underlay_mtu: 'big' is not a whole number"),
    ],
)
def test_refused(variables, words):
    with pytest.raises(_errors.BadInput, match=words.replace("(", r"\(")):
        _end(**variables)
