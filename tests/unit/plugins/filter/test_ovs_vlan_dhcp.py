# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ovs_vlan_dhcp_topology: from tenants to the lists of topology."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netloom.linux.plugins.filter.ovs_vlan_dhcp_topology import FilterModule
from ansible_collections.netloom.linux.plugins.plugin_utils._link_names import mac_address

topology = FilterModule().filters()["ovs_vlan_dhcp_topology"]


def tenant(**more):
    return {"name": "red", "tag": 100, "subnet": "10.50.50.0/24", "members": [{"name": "red1"}], **more}


def test_whole():
    lists = topology([tenant()], bridge="OVS1", seed="host")
    server = {
        "bridge": "OVS1",
        "name": "tap-red",
        "type": "internal",
        "tag": 100,
        "netns": "dhcp-red",
        "addresses": ["10.50.50.2/24"],
    }
    assert lists == {
        "netns": [{"name": "dhcp-red"}, {"name": "red1"}],
        "ovs_bridge": [{"name": "OVS1"}],
        "veth": [{"name": "v-red1", "peer": {"name": "eth0", "netns": "red1"}}],
        "ovs_port": [
            {**server, "mac": mac_address("host", "dhcp-red", "server")},
            {"bridge": "OVS1", "name": "v-red1", "tag": 100},
        ],
        "netns_route": [],
        "dnsmasq_in_ns": [
            {
                "name": "dhcp-red",
                "netns": "dhcp-red",
                "interfaces": ["tap-red"],
                "ranges": [{"start": "10.50.50.10", "end": "10.50.50.100", "prefix": 24, "lease_time": "1h"}],
                "options": [{"option": "router"}],
            }
        ],
        "netns_dhcp_client": [{"netns": "red1", "interface": "eth0", "hostname": "red1", "default_route": True}],
    }


def test_internal_ports_keep_their_name_and_their_mac():
    lists = topology([tenant(attach="internal", members=[{"name": "a"}, {"name": "b", "attach": "veth"}])], seed="h")
    assert lists["ovs_port"][1] == {
        "bridge": "OVS1",
        "name": "p-a",
        "type": "internal",
        "tag": 100,
        "netns": "a",
        "altnames": ["eth0"],
        "mac": mac_address("h", "a", "eth0"),
    }
    assert [client["interface"] for client in lists["netns_dhcp_client"]] == ["p-a", "eth0"]
    assert lists["ovs_port"][2] == {"bridge": "OVS1", "name": "v-b", "tag": 100}
    assert [veth["name"] for veth in lists["veth"]] == ["v-b"]


def test_a_fixed_address_has_its_route_from_us():
    members = [{"name": "a", "address": "10.50.50.5"}, {"name": "b"}]
    lists = topology([tenant(gateway="10.50.50.1", members=members)])
    assert lists["netns_route"] == [{"netns": "a", "destination": "default", "gateway": "10.50.50.1", "device": "eth0"}]


def test_the_route_of_an_internal_port_names_its_device():
    lists = topology(
        [tenant(gateway="10.50.50.1", attach="internal", members=[{"name": "a", "address": "10.50.50.5"}])]
    )
    assert [route["device"] for route in lists["netns_route"]] == ["p-a"]


def test_one_name_is_enough():
    port = topology([tenant(attach="internal", members=[{"name": "a", "interface": "lan", "port": "lan"}])])[
        "ovs_port"
    ][1]
    assert (port["name"], "altnames" in port, "rename" in port) == ("lan", False, False)


def test_a_fixed_address_needs_no_client():
    lists = topology(
        [
            tenant(
                members=[
                    {"name": "a", "address": "10.50.50.5"},
                    {"name": "b", "address": "10.50.50.6", "attach": "internal"},
                ]
            )
        ]
    )
    assert lists["netns_dhcp_client"] == []
    assert lists["veth"][0]["peer"]["addresses"] == ["10.50.50.5/24"]
    assert lists["ovs_port"][2]["addresses"] == ["10.50.50.6/24"]


def test_a_gateway_is_told():
    assert topology([tenant(gateway="10.50.50.1")])["dnsmasq_in_ns"][0]["options"] == [
        {"option": "router", "value": "10.50.50.1"}
    ]


@pytest.mark.parametrize(
    ("subnet", "start", "end"),
    [
        ("10.0.0.0/27", "10.0.0.10", "10.0.0.30"),
        ("10.0.0.0/28", "10.0.0.3", "10.0.0.14"),
        ("10.0.0.0/16", "10.0.0.10", "10.0.0.100"),
    ],
)
def test_default_range(subnet, start, end):
    found = topology([tenant(subnet=subnet)])["dnsmasq_in_ns"][0]["ranges"][0]
    assert (found["start"], found["end"]) == (start, end)


def test_a_name_that_no_host_may_have_is_not_sent():
    assert topology([tenant(members=[{"name": "a_b"}])])["netns_dhcp_client"] == [
        {"netns": "a_b", "interface": "eth0", "default_route": True}
    ]


def test_who_takes_no_default_route():
    members = [
        {"name": "a", "default_route": False},
        {"name": "b", "address": "10.50.50.5", "default_route": False},
        {"name": "c", "address": "10.50.50.6"},
    ]
    lists = topology([tenant(gateway="10.50.50.1", members=members)])
    assert [(client["netns"], client["default_route"]) for client in lists["netns_dhcp_client"]] == [("a", False)]
    assert [route["netns"] for route in lists["netns_route"]] == ["c"]


def test_a_member_of_two_tenants_has_one_default_route():
    first, second = tenant(gateway="10.50.50.1"), {**tenant(), "name": "green", "tag": 200, "gateway": "10.50.50.1"}
    second["members"] = [{"name": "red1", "interface": "eth1"}]
    where = (
        "ovs_vlan_dhcp_tenants[1].members[0].default_route: the default route of namespace 'red1' (switch one off with"
        " 'default_route: false') is already"
    )
    with pytest.raises(AnsibleFilterError) as refused:
        topology([first, second])
    assert where in str(refused.value)
    second["members"][0]["default_route"] = False
    assert [client["default_route"] for client in topology([first, second])["netns_dhcp_client"]] == [True, False]
    del second["members"][0]["default_route"], second["gateway"]
    assert len(topology([first, second])["netns_dhcp_client"]) == 2


def test_absent_tenant_and_member():
    lists = topology([tenant(members=[{"name": "a", "state": "absent"}, {"name": "b"}])])
    assert [one["name"] for key in lists for one in lists[key] if one.get("state") == "absent" and "name" in one] == [
        "a",
        "v-a",
        "v-a",
    ]
    lists = topology([tenant(state="absent")])
    assert all(one.get("state") == "absent" for key in lists if key != "ovs_bridge" for one in lists[key])


def test_fifty_equal_tenants():
    tenants = [tenant(name=f"tenant{number}", tag=number, members=[{"name": f"m{number}"}]) for number in range(1, 51)]
    lists = topology(tenants)
    assert len({port["name"] for port in lists["ovs_port"]}) == 100
    assert len({port["mac"] for port in lists["ovs_port"] if "mac" in port}) == 50


@pytest.mark.parametrize(
    ("tenants", "complaint"),
    [
        ([tenant(tag=4095)], "[0].tag: 4095 is out of range; it must lie between 1 and 4094"),
        ([tenant(tag=0)], "[0].tag: 0 is out of range"),
        ([tenant(tag=None)], "[0]: 'tag' is missing"),
        (
            [tenant(), tenant(name="green", members=[])],
            "[1].tag: VLAN 100 is already used by ovs_vlan_dhcp_tenants[0].tag",
        ),
        ([tenant(), tenant(tag=2)], "[1].name: the name 'red' is already used"),
        (
            [tenant(), tenant(tag=2, name="green")],
            "[1].members[0].name: 'red1' is already ovs_vlan_dhcp_tenants[0].members[0], with interface 'eth0'",
        ),
        ([tenant(subnet="fd00::/64")], "[0].subnet: 'fd00::/64' is IPv6"),
        ([tenant(dhcp={"start": "10.50.50.30", "end": "10.50.50.20"})], "[0].dhcp.start: the range is upside down"),
        ([tenant(dhcp={"start": "10.9.9.9"})], "[0].dhcp.start: '10.9.9.9' lies outside"),
        ([tenant(dhcp={"strt": "10.9.9.9"})], "[0].dhcp: 'strt' is not an option of this entry; did you mean 'start'?"),
        (
            [tenant(dhcp={"start": "10.50.50.1"})],
            "[0].dhcp: the range 10.50.50.1 to 10.50.50.100 holds the fixed address of the DHCP server",
        ),
        (
            [tenant(members=[{"name": "a", "address": "10.50.50.20"}])],
            "[0].dhcp: the range 10.50.50.10 to 10.50.50.100 holds the fixed address of a (",
        ),
        (
            [tenant(members=[{"name": "a", "address": "10.50.50.2"}])],
            "[0].members[0].address: 10.50.50.2 is already the address of the DHCP server.",
        ),
        (
            [tenant(dhcp={"start": "10.50.50.10", "end": "10.50.50.10"}, members=[{"name": "a"}, {"name": "b"}])],
            "[0].dhcp: the range 10.50.50.10 to 10.50.50.10 has 1 addresses for 2 members",
        ),
        (
            [tenant(members=[{"name": "a", "attach": "macvlan"}])],
            "[0].members[0].attach: 'macvlan' is not possible; the choices are veth or internal.",
        ),
        (
            [tenant(server={"netns": "red1"}, members=[{"name": "red1", "interface": "tap-red"}])],
            "[0].members[0].interface: 'tap-red' of namespace 'red1'",
        ),
        ([tenant(name="a" * 64)], "[0].name: 'dhcp-aaa"),
        ([tenant(server={"interface": "OVS1"})], "ovs_vlan_dhcp_bridge: 'OVS1' is also the name of a port of it"),
    ],
)
def test_bad_input(tenants, complaint):
    with pytest.raises(AnsibleFilterError) as caught:
        topology(tenants)
    assert complaint in str(caught.value)


def test_bad_bridge():
    with pytest.raises(AnsibleFilterError, match="ovs_vlan_dhcp_bridge: 'a/b' is not a link name"):
        topology([], bridge="a/b")
