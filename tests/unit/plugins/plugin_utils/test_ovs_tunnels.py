# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenants over several hosts: the share of each host, its tunnels, and what is refused."""

from __future__ import annotations

import itertools
import random
import re
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netloom.linux.plugins.filter.ovs_vlan_dhcp_topology import FilterModule
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _fleet_ends,
    _fleet_input,
    _ovs_fleet,
    _ovs_tenant_lists,
    _segments,
)

build = FilterModule().filters()["ovs_vlan_dhcp_topology"]
VXLAN = {"type": "vxlan", "key": 7}
SYSTEM = {"underlay": {"interface": "eth0", "mtu": 1500, "on_ovs": False}, "datapath_type": "system"}
NETDEV = {**SYSTEM, "datapath_type": "netdev"}
LOOPBACK = {**SYSTEM, "underlay": {"interface": "lo", "mtu": 65536, "on_ovs": False}}
ENDS = {f"node{number}": {"local": f"192.0.2.{number}", "underlay_mtu": None} for number in range(1, 5)}
TENANTS = [
    {
        "name": "red",
        "tag": 100,
        "subnet": "10.5.0.0/24",
        "server": {"host": "node1"},
        "members": [{"name": f"red{number}", "host": f"node{number}"} for number in (1, 2, 3)],
    },
    {
        "name": "green",
        "tag": 200,
        "subnet": "10.5.0.0/24",
        "mtu": 1300,
        "server": {"host": "node2"},
        "members": [
            {"name": "green1", "host": "node1", "attach": "internal"},
            {"name": "green3", "host": "node3", "address": "10.5.0.9"},
        ],
    },
]


def share(host: str, tenants: t.Any = None, **more: t.Any) -> t.Any:
    given = {"seed": host, "host": host, "tunnels": VXLAN, "ends": ENDS, "underlay": SYSTEM, **more}
    return build(tenants or TENANTS, **given)


def complaint(everybody: list[str], variables: t.Any, here: t.Any) -> str:
    """What is told of the whole fleet."""
    try:
        _ovs_fleet.judge(everybody, variables, here)
    except _errors.BadInput as error:
        return str(error)
    return ""


def names(lists: t.Any, kind: str) -> list[str]:
    return [one.get("name") or one["netns"] for one in lists.get(kind, ())]


def test_each_host_has_its_share() -> None:
    first, third = share("node1"), share("node3")
    assert names(first, "netns") == ["dhcp-red", "red1", "green1"]
    assert names(third, "netns") == ["red3", "green3"]
    assert names(first, "dnsmasq_in_ns") == ["dhcp-red"]
    assert names(third, "dnsmasq_in_ns") == []
    assert names(share("node4"), "netns") == names(share("node4"), "ovs_bridge") == []


def test_tunnels_of_open_vswitch() -> None:
    lists = share("node1")
    assert [port for port in lists["ovs_port"] if port["name"].startswith("t-")] == [
        {
            "bridge": "OVS1",
            "name": f"t-node{number}.OVS1",
            "type": "vxlan",
            "options": {"remote_ip": f"192.0.2.{number}", "local_ip": "192.0.2.1", "key": "7", "dst_port": "4789"},
            "protected": True,
        }
        for number in (2, 3)
    ]
    assert lists["netns_interface"] == []


def test_on_the_userspace_datapath_one_link_of_the_kernel_sends_to_all() -> None:
    lists = share("node2", underlay=NETDEV)
    assert lists["netns_interface"] == [
        {
            "name": "t-OVS1",
            "kind": "vxlan",
            "id": 7,
            "local": "192.0.2.2",
            "remotes": ["192.0.2.1", "192.0.2.3"],
            "learning": True,
            "port": 4789,
            "mtu": 1450,
        }
    ]
    assert [port for port in lists["ovs_port"] if port["name"].startswith("t-")] == [
        {"bridge": "OVS1", "name": "t-OVS1", "type": "system", "protected": True}
    ]


def test_an_address_on_a_bridge_of_open_vswitch_lets_its_own_tunnels_leave() -> None:
    on_bridge = {**NETDEV, "underlay": {"interface": "br-ex", "mtu": 1500, "on_ovs": True}}
    assert names(share("node1", underlay=on_bridge), "ovs_port")[:2] == ["t-node2.OVS1", "t-node3.OVS1"]
    geneve = share("node1", underlay=on_bridge, tunnels={"type": "geneve", "key": 9, "port": 6000})
    assert geneve["ovs_port"][0]["options"]["dst_port"] == "6000"
    gre = share("node1", tunnels={"type": "gre", "key": 2**32 - 1})["ovs_port"][0]["options"]
    assert (gre["key"], "dst_port" in gre) == (str(2**32 - 1), False)


def test_taking_down_knows_every_form() -> None:
    lists = share("node1", underlay=None, state="absent")
    assert names(lists, "netns_interface") == ["t-OVS1"]
    assert names(lists, "ovs_port")[:3] == ["t-OVS1", "t-node2.OVS1", "t-node3.OVS1"]


@pytest.mark.parametrize(
    ("tunnels", "ends", "underlay", "mtu"),
    [
        (VXLAN, {}, 1500, 1446),
        ({**VXLAN, "type": "geneve"}, {}, 1500, 1446),
        ({**VXLAN, "type": "gre"}, {}, 1500, 1454),
        (VXLAN, {}, 9000, 8946),
        (VXLAN, {"node3": 1400}, 1500, 1346),
        (VXLAN, {"node1": 1400}, 9000, 1346),  # what is declared is true, whatever the link says
        (VXLAN, {f"node{number}": 1500 for number in (1, 2, 3)}, 1500, 1446),
    ],
)
def test_members_have_the_mtu_that_passes(tunnels: t.Any, ends: dict[str, int], underlay: int, mtu: int) -> None:
    table = {host: {**end, "underlay_mtu": ends.get(host)} for host, end in ENDS.items()}
    told = {**SYSTEM, "underlay": {**SYSTEM["underlay"], "mtu": underlay}}  # type: ignore[dict-item]
    lists = share("node1", underlay=told, tunnels=tunnels, ends=table)
    red, green = lists["veth"][0], next(port for port in lists["ovs_port"] if port["name"] == "p-green1")
    assert (red["mtu"], red["peer"]["mtu"], green["mtu"]) == (mtu, mtu, 1300)
    server = next(port for port in lists["ovs_port"] if port["name"] == "tap-red")
    assert server["mtu"] == mtu


def test_over_ipv6_twenty_bytes_more_are_needed() -> None:
    table = {host: {"local": f"2001:db8::{host[-1]}", "underlay_mtu": None} for host in ENDS}
    assert share("node1", ends=table)["veth"][0]["mtu"] == 1426


def test_a_lease_from_another_host_may_come_later() -> None:
    clients = {one["netns"]: one for host in ("node1", "node2") for one in share(host)["netns_dhcp_client"]}
    assert [clients[name].get("wait_for_lease") for name in ("red1", "red2", "green1")] == [None, False, False]


def test_macs_are_the_same_wherever_they_are_computed() -> None:
    declared = [_segments_of(seed) for seed in ("node1", "node2")]
    assert declared[0] == declared[1]
    places = {place.netns: place for segment in declared[0] for place in segment.places}
    assert places["red2"].mac == share("node2")["veth"][0]["peer"]["mac"]
    assert len({place.mac for place in places.values()}) == len(places)


def _segments_of(seed: str, tenants: t.Any = None, **more: t.Any) -> list[_segments.Segment]:
    ends = _fleet_ends.of_table(ENDS)
    tunnels = more.get("tunnels", VXLAN)
    return _ovs_tenant_lists.segments(_ovs_tenant_lists.fleet(tenants or TENANTS, seed, tunnels, None, ends))


def test_segments() -> None:
    red, green = _segments_of("")
    assert (red.role, red.name, red.number, red.mtu) == ("ovs_vlan_dhcp", "red", 100, None)
    assert (green.hosts, green.mtu) == (("node2", "node1", "node3"), 1300)
    assert [(place.host, place.netns, place.interface, place.addresses) for place in green.places] == [
        ("node2", "dhcp-green", "tap-green", ("10.5.0.2",)),
        ("node1", "green1", "p-green1", ()),
        ("node3", "green3", "eth0", ("10.5.0.9",)),
    ]
    gone = [{**TENANTS[0], "state": "absent"}, {**TENANTS[1], "members": [{"name": "x", "state": "absent"}]}]
    assert [[place.netns for place in one.places] for one in _segments_of("", gone)] == [["dhcp-green"]]
    assert _segments_of("", tunnels=None) == []


def test_without_tunnels_host_says_where_a_thing_is() -> None:
    tenant = {**TENANTS[0], "server": {}, "members": [{"name": "everywhere"}, {"name": "one", "host": "node1"}]}
    plain = {"seed": "node2", "tunnels": None}
    assert names(build([tenant], host="node1", **plain), "netns") == ["dhcp-red", "everywhere", "one"]
    elsewhere = build([tenant], host="node2", **plain)
    assert names(elsewhere, "netns") == ["dhcp-red", "everywhere"]
    assert "netns_interface" not in elsewhere
    assert elsewhere == build([{**tenant, "members": [{"name": "everywhere"}]}], seed="node2")
    served = {**tenant, "server": {"host": "node1"}}
    assert names(build([served], host="node2", **plain), "netns") == ["everywhere"]
    waits = [build([served], host=host, **plain)["netns_dhcp_client"][0].get("wait_for_lease") for host in ENDS]
    assert waits == [None, False, False, False]


def test_the_server_is_where_the_first_member_is() -> None:
    tenant = {**TENANTS[0], "server": {}}
    tenant["members"] = [{"name": "old", "host": "node3", "state": "absent"}, *TENANTS[0]["members"][1:]]  # type: ignore[index]
    assert [names(share(host, [tenant]), "dnsmasq_in_ns") for host in ENDS] == [[], ["dhcp-red"], [], []]


def test_names_may_be_equal_on_different_hosts() -> None:
    first, second = ({**tenant, "members": [{"name": "web", "host": host}]} for tenant, host in zip(TENANTS, ENDS))
    assert names(share("node1", [first, second]), "netns") == ["dhcp-red", "web"]


def red(**more: t.Any) -> list[dict[str, t.Any]]:
    return [{**TENANTS[0], **more}]


@pytest.mark.parametrize(
    ("tenants", "given", "says"),
    [
        (
            red(members=[{"name": "a", "host": "nod2"}]),
            {},
            "ovs_vlan_dhcp_tenants[0].members[0].host: host 'nod2' is not in the inventory; did you mean 'node2'?",
        ),
        (red(server={"host": "x"}), {}, "ovs_vlan_dhcp_tenants[0].server.host: host 'x' is not in the inventory; add"),
        (red(), {"hosts": ["node1", "node9"]}, "ovs_vlan_dhcp_hosts[1]: host 'node9' is not in the inventory"),
        (red(), {"hosts": ["node1", "node1"]}, "ovs_vlan_dhcp_hosts[1]: 'node1' is already ovs_vlan_dhcp_hosts[0];"),
        (red(), {"hosts": ["node1", "node2"]}, "members[2].host: 'node3' is not among ovs_vlan_dhcp_hosts; add it"),
        (red(members=[{"name": "a"}]), {}, "ovs_vlan_dhcp_tenants[0].members[0].host: is missing; with"),
        (red(server={}, members=[]), {}, "ovs_vlan_dhcp_tenants[0].server.host: is missing; with"),
        (
            red(members=[{"name": "a", "host": "node1"}, {"name": "a", "host": "node2"}]),
            {},
            "ovs_vlan_dhcp_tenants[0].members[1].name: 'a' is already ovs_vlan_dhcp_tenants[0].members[0]",
        ),
        (
            [
                *red(members=[{"name": "a", "host": "node1"}]),
                {**TENANTS[1], "members": [{"name": "a", "host": "node1"}]},
            ],
            {},
            "ovs_vlan_dhcp_tenants[1].members[0].name: 'a' is already ovs_vlan_dhcp_tenants[0].members[0]",
        ),
        (
            red(members=[{"name": name, "host": "node1", "address": "10.5.0.9"} for name in "ab"]),
            {},
            "ovs_vlan_dhcp_tenants[0].members[1].address: 10.5.0.9 is already the address of a",
        ),
        (
            red(),
            {"ends": {**ENDS, "node2": {"local": None, "underlay_mtu": None}}},
            "members[1].host: nobody knows where the tunnels of host 'node2' end; give it a ovs_vlan_dhcp_local",
        ),
        (
            red(),
            {"ends": {**ENDS, "node2": ENDS["node1"]}},
            "members[1].host: the tunnels of host 'node2' end at 192.0.2.1, as those of host 'node1' do",
        ),
        (
            red(),
            {"ends": {**ENDS, "node2": {"local": "2001:db8::2", "underlay_mtu": None}}},
            "members[1].host: the tunnels of host 'node2' end at 2001:db8::2, and those of host 'node1' at 192.0.2.1;",
        ),
        (
            red(mtu=1500),
            {"ends": {**ENDS, "node3": {"local": "192.0.2.3", "underlay_mtu": 1500}}},
            "ovs_vlan_dhcp_tenants[0].mtu: 1500 does not fit; between the hosts 1500 fit, of which the tunnels need 54",
        ),
        (
            red(),
            {"ends": {**ENDS, "node3": {"local": "192.0.2.3", "underlay_mtu": 100}}},
            "ovs_vlan_dhcp_underlay_mtu: 100 leaves 46 for members, because the tunnels need 54;",
        ),
        (
            red(members=[{"name": name, "host": host, "mac": "02:00:00:00:00:01"} for name, host in zip("ab", ENDS)]),
            {},
            "members[1].mac: the MAC address 02:00:00:00:00:01 of tenant 'red' is already used by ovs_vlan_dhcp",
        ),
        (
            red(server={"host": "node1", "interface": "t\u00e4p"}),
            {},
            "ovs_vlan_dhcp_tenants[0].server.interface: 't\u00e4p' cannot be named to dnsmasq; it takes letters",
        ),
        (red(members=[{"name": "a", "host": "node1", "port": "lo"}]), {}, "members[0].port: 'lo' is the loopback"),
        (red(), {"tunnels": {"type": "vxlan"}}, "ovs_vlan_dhcp_tunnels: 'key' is missing"),
        (red(), {"tunnels": {"type": "vxlan", "key": 2**24}}, "ovs_vlan_dhcp_tunnels.key: 16777216 is out of range"),
        (red(), {"tunnels": {"type": "vxlan", "key": 0}}, "ovs_vlan_dhcp_tunnels.key: 0 is out of range"),
        (red(), {"tunnels": {"type": "gre", "key": 1, "port": 7}}, "ovs_vlan_dhcp_tunnels.port: GRE has no ports"),
        (red(), {"tunnels": {"type": "vxlan", "key": 1, "port": 70000}}, "ovs_vlan_dhcp_tunnels.port: 70000"),
        (red(), {"tunnels": {"type": "stt", "key": 1}}, "ovs_vlan_dhcp_tunnels.type: 'stt' is not possible"),
        (red(), {"tunnels": {"kind": "vxlan"}}, "ovs_vlan_dhcp_tunnels: 'kind' is not an option of"),
        (red(), {"tunnels": ["vxlan"]}, "ovs_vlan_dhcp_tunnels: ['vxlan'] is not a mapping"),
    ],
)
def test_bad_input_is_judged_before_a_host_is_touched(tenants: t.Any, given: dict[str, t.Any], says: str) -> None:
    ends = given.get("ends", ENDS)
    own = {
        "ovs_vlan_dhcp_tenants": tenants,
        "ovs_vlan_dhcp_tunnels": given.get("tunnels", VXLAN),
        "ovs_vlan_dhcp_hosts": given.get("hosts"),
    }
    variables = {
        host: {**own, "ovs_vlan_dhcp_local": end["local"], "ovs_vlan_dhcp_underlay_mtu": end["underlay_mtu"]}
        for host, end in ends.items()
    }
    assert says in complaint(list(ends), variables, {})
    for host in ENDS:  # the same on every host
        with pytest.raises(AnsibleFilterError, match=re.escape(says)):
            share(host, tenants, **given)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"underlay": {**NETDEV, "underlay": None}},
            "ovs_vlan_dhcp_local of host 'node1': no link of the host has the",
        ),
        (
            {"underlay": NETDEV, "tunnels": {"type": "geneve", "key": 1}},
            "ovs_vlan_dhcp_tunnels.type: 'geneve' is not possible on host 'node1': its bridge 'OVS1' has",
        ),
        (
            {"underlay": {**SYSTEM, "underlay": {"interface": "eth0", "mtu": 1300, "on_ovs": False}}},
            "ovs_vlan_dhcp_tenants[1].mtu: 1300 does not fit",
        ),
        (
            {"underlay": LOOPBACK},
            "ovs_vlan_dhcp_local of host 'node1': 192.0.2.1 is on 'lo', whose MTU says nothing of the underlay; write",
        ),
    ],
)
def test_what_only_the_host_knows_is_refused_on_it(given: dict[str, t.Any], says: str) -> None:
    with pytest.raises(AnsibleFilterError, match=re.escape(says)):
        share("node1", **given)


def test_a_loopback_is_the_end_of_tunnels_if_the_mtu_is_written() -> None:
    ends = {**ENDS, "node1": {"local": "192.0.2.1", "underlay_mtu": 1500}}
    assert share("node1", underlay=LOOPBACK, ends=ends)["veth"][0]["mtu"] == 1500 - 54


def fleet(seed: int) -> tuple[list[dict[str, t.Any]], dict[str, t.Any], dict[str, t.Any]]:
    """A random declaration: tenants, ends, and what each host tells of its underlay."""
    dice = random.Random(seed)
    hosts = [f"h{number}.example.org" if dice.random() < 0.3 else f"h{number}" for number in range(dice.randint(1, 9))]
    tenants = [
        {
            "name": f"t{number}",
            "tag": number + 1,
            "subnet": "10.0.0.0/24",
            "server": {"host": dice.choice(hosts)},
            "members": [
                {"name": f"m{number}-{one}", "host": dice.choice(hosts), "attach": dice.choice(("veth", "internal"))}
                for one in range(dice.randint(0, 8))
            ],
        }
        for number in range(dice.randint(1, 4))
    ]
    ends = {host: {"local": f"192.0.2.{number + 1}", "underlay_mtu": None} for number, host in enumerate(hosts)}
    return tenants, ends, {host: dice.choice((SYSTEM, NETDEV)) for host in hosts}


def remotes(lists: t.Any) -> list[tuple[str, str]]:
    """The tunnels of a host: (local, remote)."""
    own = [port["options"] for port in lists["ovs_port"] if "remote_ip" in port.get("options", {})]
    found = [(one["local_ip"], one["remote_ip"]) for one in own]
    return found + [(link["local"], far) for link in lists.get("netns_interface", ()) for far in link["remotes"]]


@pytest.mark.parametrize("seed", range(40))
def test_the_shares_are_the_whole_and_each_tunnel_has_its_counterpart(seed: int) -> None:
    tenants, ends, underlays = fleet(seed)
    shares = {host: share(host, tenants, underlay=underlays[host], ends=ends) for host in ends}
    members = [member["name"] for tenant in tenants for member in tenant["members"]]
    built = [name for lists in shares.values() for name in names(lists, "netns")]
    assert sorted(built) == sorted([*members, *(f"dhcp-{tenant['name']}" for tenant in tenants)])
    used = {one["host"] for tenant in tenants for one in (tenant["server"], *tenant["members"])}
    tunnels = [one for lists in shares.values() for one in remotes(lists)]
    locals_of = [ends[host]["local"] for host in used]
    assert sorted(tunnels) == sorted(itertools.permutations(locals_of, 2))
    for lists in shares.values():
        links = [port for port in lists["ovs_port"] if port["name"].startswith("t-")]
        assert all(port["protected"] for port in links)
        assert all(len(port["name"]) <= 15 for port in links)
        assert len({port["name"] for port in lists["ovs_port"]}) == len(lists["ovs_port"])
    macs = [port["mac"] for lists in shares.values() for port in lists["ovs_port"] if "mac" in port]
    macs += [veth["peer"]["mac"] for lists in shares.values() for veth in lists["veth"]]
    assert len(set(macs)) == len(macs) == len(built)


def test_a_host_that_joins_is_one_tunnel_more_for_each_other() -> None:
    tenants = red(members=[*TENANTS[0]["members"], {"name": "red4", "host": "node4"}])  # type: ignore[misc]
    for host in ("node1", "node2", "node3"):
        for underlay in (SYSTEM, NETDEV):
            before, after = (remotes(share(host, wanted, underlay=underlay)) for wanted in (red(), tenants))
            assert set(after) - set(before) == {(ENDS[host]["local"], "192.0.2.4")}
            assert after[: len(before)] == before


def test_hosts_without_members_can_be_joined() -> None:
    lists = share("node4", hosts=list(ENDS))
    assert names(lists, "ovs_bridge") == ["OVS1"]
    assert len(remotes(lists)) == 3


def inventory(**changed: dict[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    shared = {"ovs_vlan_dhcp_tenants": TENANTS, "ovs_vlan_dhcp_tunnels": VXLAN}
    return {host: {"ansible_host": end["local"], **shared, **changed.get(host, {})} for host, end in ENDS.items()}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, ""),
        ({"node4": {"ovs_vlan_dhcp_tenants": None}}, ""),  # it is not joined
        ({"node2": {"ansible_host": "two.example.org"}}, "give it a ovs_vlan_dhcp_local"),
        ({"node2": {"ansible_host": "two.example.org", "ovs_vlan_dhcp_local": "192.0.2.9"}}, ""),
        ({"node2": {"ovs_vlan_dhcp_local": "two"}}, "ovs_vlan_dhcp_local of host 'node2': 'two' is not an address"),
        (
            {"node3": {"ovs_vlan_dhcp_tenants": None}},
            "ovs_vlan_dhcp_tenants[0].members[2].host: host 'node3' has other tenants or tunnels in its variables than",
        ),
        (
            {"node3": {"ovs_vlan_dhcp_tunnels": {"key": 8}}},
            "host 'node3' has other tenants or tunnels in its variables",
        ),
    ],
)
def test_the_fleet_is_judged_once(changed: dict[str, dict[str, t.Any]], says: str) -> None:
    told = complaint(list(ENDS), inventory(**changed), {})
    assert (says in told) if says else told == ""


def test_what_only_the_play_has_is_judged_too() -> None:
    plain = {host: {"ansible_host": end["local"]} for host, end in ENDS.items()}
    here = {"ovs_vlan_dhcp_tenants": TENANTS, "ovs_vlan_dhcp_tunnels": VXLAN, "ovs_vlan_dhcp_hosts": ["node1"]}
    assert "is not among ovs_vlan_dhcp_hosts" in complaint(list(ENDS), plain, here)


def test_no_host_takes_away_the_server_of_others() -> None:
    gone = {"ovs_vlan_dhcp_state": "absent"}
    told = _fleet_input.complaint(list(ENDS), inventory(node1=gone), {}, everybody=list(ENDS))
    assert told == (
        "ovs_vlan_dhcp_state of host 'node1': 'absent' takes away the DHCP server of network 'red', which members on"
        " node2, node3 need; declare it on another host first, or give all of these hosts this state."
    )
    assert _fleet_input.complaint(list(ENDS), inventory(node3=gone), {}, everybody=list(ENDS)) == ""


def test_who_says_something_of_other_hosts() -> None:
    plain = [{"name": "red", "tag": 1, "subnet": "10.0.0.0/24", "members": [{"name": "host"}]}]
    # Not what the JSON text of the data has, and not what has the form of something else.
    odd: list[t.Any] = [[{**plain[0], "members": [{"name": '"host":'}]}], "host", ["host"], [{"members": "host"}]]
    served = [{**plain[0], "server": {"host": "node1"}}]
    tenants = {
        option: [{"ovs_vlan_dhcp_tenants": one} for one in some]
        for option, some in {"alone": [plain, *odd], "several": [TENANTS, served]}.items()
    }
    assert not any(_ovs_fleet.spans_hosts(one) for one in [{}, *tenants["alone"]])
    assert all(_ovs_fleet.spans_hosts(one) for one in [{"ovs_vlan_dhcp_tunnels": {}}, *tenants["several"]])


def test_the_range_may_have_the_length_of_the_prefix() -> None:
    (server,) = share("node1", red(dhcp={"start": "10.5.0.20/24", "end": " 10.5.0.30"}))["dnsmasq_in_ns"]
    assert (server["ranges"][0]["start"], server["ranges"][0]["end"]) == ("10.5.0.20", "10.5.0.30")


@pytest.mark.parametrize(
    ("tunnels", "vni", "port", "says"),
    [
        ({"key": 7}, "007", None, "ovs_vlan_dhcp_tunnels.key: 7 is also the VNI of vxlan_network_networks[0] of host"),
        (
            {"key": 7},
            " 7 ",
            "4789 ",
            "ovs_vlan_dhcp_tunnels.key: 7 is also the VNI of vxlan_network_networks[0] of host",
        ),
        (
            {"type": "geneve", "key": 9, "port": 4789},
            7,
            None,
            "ovs_vlan_dhcp_tunnels.port: 4789 is also the UDP port of vxlan_network_networks[0] of host 'node1',",
        ),
        ({"key": 8}, 7, None, ""),
        ({"key": 7}, 7, 8472, ""),
        ({"type": "geneve", "key": 7}, 7, None, ""),
        ({"type": "gre", "key": 7}, 7, None, ""),
    ],
)
def test_a_host_has_a_port_and_a_vni_once(tunnels: t.Any, vni: t.Any, port: t.Any, says: str) -> None:
    own = {
        "ovs_vlan_dhcp_tenants": red(),
        "ovs_vlan_dhcp_tunnels": tunnels,
        "vxlan_network_networks": [{"name": "blue", "vni": vni, "subnet": "10.6.0.0/24"}],
        "vxlan_network_port": port,
    }
    variables = {host: {**own, "ovs_vlan_dhcp_local": end["local"]} for host, end in ENDS.items()}
    found = complaint(list(ENDS), variables, {})
    assert found.startswith(says)
    assert bool(found) == bool(says)
