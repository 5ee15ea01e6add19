# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the underlay of one host cannot carry is told once for the fleet, before a host is touched."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.filter.fleet_underlay import FilterModule
from ansible_collections.netloom.linux.plugins.plugin_utils import _fleet_ends

judge = FilterModule().filters()["fleet_underlay"]
ROLE = "ovs_vlan_dhcp"
HOSTS = ("node1", "node2", "node3", "node4")
Variables = dict[str, dict[str, t.Any]]
RED = {
    "name": "red",
    "tag": 100,
    "subnet": "10.5.0.0/24",
    "server": {"host": "node1"},
    "members": [{"name": f"red{number}", "host": f"node{number}"} for number in (1, 2, 3)],
}
NO_LINK = (
    "ovs_vlan_dhcp_local of host '{}': no link of the host has the address 192.0.2.{}; give an address that it has."
)
NETDEV = (
    "ovs_vlan_dhcp_tunnels.type: '{}' is not possible on host '{}': its bridge '{}' has Open vSwitch's userspace"
    " datapath, whose tunnels leave only by an Open vSwitch bridge, and 'eth0', which has 192.0.2.{}, is none. Take"
    " 'vxlan', or move the address to such a bridge."
)
DIFFERENT = (
    "ovs_vlan_dhcp_tenants[0].mtu: the automatic MTU would be another one on each host: host '{}' reckons with an"
    " underlay of {}, and host '{}' with {}. Write ovs_vlan_dhcp_underlay_mtu: {} for a group that has all hosts, or"
    " give a number here."
)


def told(mtu: int | None = 1500, datapath: str = "system") -> dict[str, t.Any]:
    """What a host says; without an MTU it has no link with the address."""
    link = {"interface": "eth0", "mtu": mtu, "on_ovs": False} if mtu else None
    return {"underlay": link, "datapath_type": datapath}


def fleet(answers: dict[str, dict[str, t.Any]], kind: str = "vxlan", **tenant: t.Any) -> Variables:
    """The variables of four hosts, of which three have members of red."""
    shared = {"ovs_vlan_dhcp_tenants": [{**RED, **tenant}], "ovs_vlan_dhcp_tunnels": {"type": kind, "key": 7}}
    found: Variables = {
        host: {"ansible_host": f"192.0.2.{number}", **shared} for number, host in enumerate(HOSTS, start=1)
    }
    for host, answer in answers.items():
        found[host]["ovs_vlan_dhcp__underlay"] = answer
    return found


def complaint(variables: Variables, here: dict[str, t.Any] | None = None) -> str:
    return str(judge(list(variables), variables, _fleet_ends.table(list(variables), variables, ROLE), ROLE, here=here))


@pytest.mark.parametrize(
    ("answers", "more", "says"),
    [
        ({host: told() for host in HOSTS}, {}, ""),
        ({}, {}, ""),
        ({"node1": {"skipped": True}, "node2": {"unreachable": True}}, {}, ""),
        ({"node1": told(), "node2": told(None)}, {}, NO_LINK.format("node2", 2)),
        # It joins no tunnels.
        ({"node1": told(), "node4": told(None)}, {}, ""),
        ({"node1": told(), "node3": told(datapath="netdev")}, {}, ""),
        (
            {"node1": told(), "node3": told(datapath="netdev")},
            {"kind": "geneve"},
            NETDEV.format("geneve", "node3", "OVS1", 3),
        ),
        (
            {"node1": told(None), "node3": told(datapath="netdev")},
            {"kind": "gre"},
            f"{NO_LINK.format('node1', 1)} {NETDEV.format('gre', 'node3', 'OVS1', 3)}",
        ),
        (
            {"node1": told(9000), "node2": told(), "node3": told(1400)},
            {},
            DIFFERENT.format("node1", 9000, "node3", 1400, 1400),
        ),
        ({"node1": told(9000), "node2": told()}, {"mtu": 1300}, ""),
        (
            {"node1": told(), "node2": told(1300)},
            {"mtu": 1300},
            (
                "ovs_vlan_dhcp_tenants[0].mtu: 1300 does not fit; between the hosts 1300 fit, of which the tunnels need"
                " 54 with the VLAN tag. Give 1246 or less, or leave it out."
            ),
        ),
        # All that count are on one host, and nobody else has the tenant.
        ({"node1": told(), "node2": told(9000)}, {"members": [{"name": "red1", "host": "node1"}]}, ""),
        ({"node1": told(), "node2": told(9000)}, {"state": "absent"}, ""),
    ],
)
def test_the_underlay_is_judged_for_all_hosts(answers: Variables, more: dict[str, t.Any], says: str) -> None:
    assert complaint(fleet(answers, **more)) == says


@pytest.mark.parametrize(
    ("links", "declared", "refused"),
    [
        ({"node1": 9000, "node2": 1500}, {}, True),
        ({"node1": 9000, "node2": 1500}, {"node3": 1400}, False),  # all know it, and it is the least
        ({"node1": 9000, "node2": 1500}, {"node1": 1500}, False),
        ({"node1": 1400, "node2": 9000}, {"node2": 1500}, True),
        ({"node1": 1400}, {"node2": 1500}, True),  # with --limit node1: what is declared, all know
        ({}, {"node1": 9000, "node2": 1500}, False),
        ({"node1": 9000}, {}, False),  # with --limit node1 nobody knows
    ],
)
def test_members_have_one_mtu_on_all_hosts(links: dict[str, int], declared: dict[str, int], refused: bool) -> None:
    """A packet that is too large for the other host is lost, and nobody tells the sender."""
    variables = fleet({host: told(mtu) for host, mtu in links.items()})
    for host, mtu in declared.items():
        variables[host]["ovs_vlan_dhcp_underlay_mtu"] = mtu
    assert ("automatic MTU" in complaint(variables)) == refused


def beside(*hosts: str, **network: t.Any) -> dict[str, t.Any]:
    """A network of the role vxlan_network, with members on these hosts."""
    members = [{"name": f"blue-{host}", "host": host} for host in hosts]
    return {"name": "blue", "vni": 42, "subnet": "10.6.0.0/24", "members": members, **network}


@pytest.mark.parametrize(
    ("datapath", "network", "port", "refused"),
    [
        ("system", beside("node1", "node2"), None, True),
        ("system", beside("node1", "node2"), 8472, False),
        ("netdev", beside("node1", "node2"), None, False),
        ("system", beside("node1"), None, False),  # it needs no tunnels
        ("system", beside("node2", "node4"), None, False),  # what node2 has, nobody knows
        ("system", beside("node1", "node2", state="absent"), None, False),
    ],
)
def test_tunnels_of_the_kernel_datapath_share_no_port(
    datapath: str, network: dict[str, t.Any], port: int | None, refused: bool
) -> None:
    variables = fleet({"node1": told(datapath=datapath)})
    for own in variables.values():
        own.update({"vxlan_network_networks": [network], "vxlan_network_port": port})
    says = (
        "ovs_vlan_dhcp_tunnels.port: 4789 is also the UDP port of vxlan_network_networks[0] of host 'node1', and Open"
        " vSwitch's tunnels in the kernel share it with no other link; take another port here, or another"
        " vxlan_network_port."
    )
    assert complaint(variables) == (says if refused else "")


def test_what_only_the_play_has_counts() -> None:
    variables = fleet({"node2": told(datapath="netdev")})
    here = {name: variables["node1"][name] for name in ("ovs_vlan_dhcp_tenants", "ovs_vlan_dhcp_tunnels")}
    for own in variables.values():
        del own["ovs_vlan_dhcp_tenants"], own["ovs_vlan_dhcp_tunnels"]
    here = {**here, "ovs_vlan_dhcp_bridge": "br7", "ovs_vlan_dhcp_tunnels": {"type": "geneve", "key": 7}}
    assert complaint(variables, here) == NETDEV.format("geneve", "node2", "br7", 2)


def test_without_tunnels_nothing_is_read() -> None:
    variables = fleet({host: {"skipped": True} for host in HOSTS})
    for own in variables.values():
        own.update({"ovs_vlan_dhcp_tunnels": "", "ovs_vlan_dhcp_tenants": "nonsense"})
    assert judge(list(variables), variables, None, ROLE) == ""
