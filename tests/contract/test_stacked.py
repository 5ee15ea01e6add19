# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on a link, is its port or belongs to it by other programs' doing: an undo, a move and a topology that is
taken down leave it as it was.

A kernel that lacks a kind of link skips its case; one of its own has them all: lab run 1 --kernel 7.2 --
tests/contract/run -k stacked
"""

from __future__ import annotations

import json
import subprocess
import time
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._engine._hooks import Hooks
from ansible_collections.netloom.linux.plugins.module_utils._engine._run import run
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import Conflict
from ansible_collections.netloom.linux.tests.contract.judge import carry_out, differences, lab_host_only, told

pytestmark = lab_host_only

NIC = (
    "ip link add nic0 address 02:00:00:00:00:10 type veth peer name wire0; ip link set wire0 up; ip link set nic0 up;"
    " ip address add 10.1.0.1/24 dev nic0"
)
OTHER = "ip link add other0 type veth peer name other1"
GONE = (
    "ovs-vsctl --if-exists del-br nic0; ip link del nic0; ip link del other0; ip link del br0; ip link del bond0;"
    " ip link del t0; ip netns del inn; ip route flush table 77"
)
# Which the kernel refuses: what was done before it is taken back.
FAILS = {
    "name": "other0",
    "sysctl": {"rp_filter": "abc"},
}
PASSING = {
    "ifindex",
    "valid_life_time",
    "preferred_life_time",
    "gc_timer",
    "hello_timer",
    "tcn_timer",
    "promiscuity",
    "root_id",
    "bridge_id",
    "tentative",
}
PASSING |= {
    "designated_root",
    "designated_bridge",
    "message_age_timer",
    "forward_delay_timer",
    "hold_timer",
    "topology_change_timer",
    "expires",
    "link_index",
}

CASES = {
    "vlans": (
        """
        ip link add link nic0 name nic0.5 type vlan id 5; ip link set nic0.5 up
        ip address add fd05::1/64 dev nic0.5 nodad
        ip -6 route add fd09::/64 via fd05::9
        ip link add link nic0 name nic0.6 type vlan id 6 protocol 802.1ad reorder_hdr off; ip link set nic0.6 up
        ip link add link nic0 name nic0.7 type vlan id 7 loose_binding on egress-qos-map 1:2; ip link set nic0.7 up
        ip address add fd07::1/64 dev nic0.7 nodad"""
    ),
    "macvlans": (
        """
        ip link add link nic0 name mac0 type macvlan mode source
        ip link set mac0 type macvlan macaddr add 02:00:00:00:00:55; ip link set mac0 up
        ip address add 10.7.0.1/24 dev mac0; ip route add 10.77.0.0/16 via 10.7.0.9"""
    ),
    "addresses": (
        """
        ip address flush dev nic0; ip address add 10.1.0.1/24 broadcast + label nic0:x metric 100 dev nic0
        ip address add 10.2.0.1 peer 10.2.0.2 dev nic0
        ip address add 10.3.0.1/24 noprefixroute scope link dev nic0
        ip address add fd01::1/64 nodad preferred_lft 0 dev nic0
        ip route add 10.9.0.0/16 via 10.1.0.9; ip -6 route add fd09::/64 via fd01::9
        ip neighbour add 10.1.0.77 lladdr 02:00:00:00:00:77 nud permanent dev nic0"""
    ),
}
PORTS = """
    ip link add br0 type bridge; ip link set br0 type bridge mcast_querier 1 group_fwd_mask 8; ip link set br0 up
    ip link set nic0 master br0
    ip link set nic0 type bridge_slave isolated on guard on root_block on mcast_flood off cost 77 priority 9"""
FILTERING = (
    "ip link set br0 type bridge vlan_filtering 1; bridge vlan add vid 10 dev nic0 pvid untagged; bridge vlan add vid"
    " 20 dev br0 self"
)
DOWN = [{"name": "nic0", "up": False}]


@pytest.fixture(autouse=True)
def links() -> t.Iterator[None]:
    subprocess.run(["sh", "-c", GONE], check=False, capture_output=True)
    told(f"{NIC}; {OTHER}")
    yield
    subprocess.run(["sh", "-c", GONE], check=False, capture_output=True)


def given(commands: str) -> None:
    """Done as other programs do it, if this kernel can."""
    done = subprocess.run(["sh", "-ec", commands], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"not on this kernel: {done.stderr.strip()}")
    time.sleep(1.5)  # duplicate address detection


def picture() -> t.Any:
    """Links, addresses, routes, neighbours and VLANs as iproute2 tells them, without what passes."""
    found = {
        link["ifname"]: {key: value for key, value in link.items() if key not in ("qdisc", "operstate")}
        for link in json.loads(told("ip -d -j address show"))
    }
    routes = [
        route
        for family in ("-4", "-6")
        for route in json.loads(told(f"ip {family} -d -j route show table all") or "[]")
        if route["dst"] != "multicast"
    ]
    for link in found.values():  # the kernel's own come and go by themselves
        link["addr_info"] = [
            one
            for one in link["addr_info"]
            if not (one.get("local", "").startswith("fe80:") and "ff:fe" in one["local"])
        ]
    kept = [route for route in routes if not route["dst"].startswith("fe80")]
    words = [
        told("ip neighbour show nud permanent"),
        {one["ifname"]: one["vlans"] for one in json.loads(told("bridge -j vlan show") or "[]")},
    ]
    return _lasting([found, sorted(json.dumps(_lasting(route), sort_keys=True) for route in kept), words])


def _lasting(found: t.Any) -> t.Any:
    if isinstance(found, dict):
        return {key: _lasting(value) for key, value in found.items() if key not in PASSING}
    return [_lasting(one) for one in found] if isinstance(found, list) else found


def interface(**params: t.Any) -> None:
    """One module's run."""
    host = Host(5)
    try:
        run(Hooks([EntryReader().read("netns_interface", params, "")]), host, check=False, alone=True, wait=5)
    finally:
        host.close()


def topology(**params: t.Any) -> list[str]:
    host = Host(5)
    try:
        return carry_out({"name": "t", **params}, host)
    finally:
        host.close()


def undone(**params: t.Any) -> None:
    """The run fails, and leaves all as it was, which it says."""
    before = picture()
    with pytest.raises(Failed) as caught:
        topology(**{**params, "netns_interface": [*params.get("netns_interface", ()), FAILS]})
    time.sleep(1)
    assert not differences(before, picture())
    assert caught.value.remains == []


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    "interfaces",
    [
        DOWN,
        [{"name": "nic0", "mtu": 1279}],
        [{"name": "nic0", "addresses": []}],
        [{"name": "nic0", "mac": "02:00:00:00:00:11"}],
    ],
)
def test_stacked_links_outlast_a_run_that_fails(case: str, interfaces: list[dict[str, t.Any]]) -> None:
    given(CASES[case])
    undone(netns_interface=interfaces)


@pytest.mark.parametrize("case", ["vlans", "macvlans"])
def test_stacked_links_come_back_with_their_parent(case: str) -> None:
    given(CASES[case])
    undone(veth=[{"name": "nic0", "peer": {"name": "wire0"}, "state": "absent"}])


@pytest.mark.parametrize("more", ["true", FILTERING])
@pytest.mark.parametrize("bridge", [{"state": "absent"}, {"ports": []}])
def test_stacked_ports_come_back_with_all_flags(bridge: dict[str, t.Any], more: str) -> None:
    given(f"{PORTS}; {more}")
    undone(linux_bridge=[{"name": "br0", **bridge}])


@pytest.mark.parametrize(
    "port",
    [
        PORTS,
        f"{PORTS}; {FILTERING}",
        "ip link add bond0 type bond miimon 100; ip link set nic0 down; ip link set nic0 master bond0",
    ],
)
def test_stacked_ports_come_home(port: str) -> None:
    given(f"ip netns add inn; {port}; ip link set nic0 up")
    before = picture()
    moved: dict[str, t.Any] = {"name": "eth0", "netns": "inn", "source": {"name": "nic0"}}
    interface(**moved)
    interface(**moved, state="absent")
    time.sleep(1)
    assert not differences(before, picture())


@pytest.mark.parametrize(
    ("owned", "words"),
    [
        ("tc qdisc add dev nic0 root handle 1: htb", "qdisc htb"),
        ("tc qdisc add dev nic0 clsact", "clsact"),
        (CASES["vlans"], "nic0.5"),
    ],
)
def test_stacked_nics_that_would_lose_something_stay(owned: str, words: str) -> None:
    given(f"ip netns add inn; {owned}")
    before = picture()
    with pytest.raises(Conflict, match=words):
        interface(name="eth0", netns="inn", source={"name": "nic0"})
    assert not differences(before, picture())


# What somebody made, before its addresses, and how a topology declares it.
ADOPTED: dict[str, tuple[str, t.Callable[..., dict[str, t.Any]]]] = {
    "netns_interface": ("true", lambda **options: {"netns_interface": [{"name": "nic0", **options}]}),
    "veth": ("true", lambda **options: {"veth": [{"name": "nic0", "peer": {"name": "wire0"}, **options}]}),
    "peer": ("true", lambda **options: {"veth": [{"name": "wire0", "peer": {"name": "nic0", **options}}]}),
    "linux_bridge": (
        "ip link del nic0; ip link add nic0 type bridge; ip link set nic0 up",
        lambda **options: {"linux_bridge": [{"name": "nic0", **options}]},
    ),
    "ovs_bridge": (
        (
            "systemctl start openvswitch-switch; ip link del nic0;"
            " ovs-vsctl add-br nic0 -- set bridge nic0 datapath_type=netdev; ip link set nic0 up"
        ),
        lambda **options: {"ovs_bridge": [{"name": "nic0", **options}]},
    ),
}


@pytest.mark.parametrize("kind", ADOPTED)
@pytest.mark.parametrize(
    "options",
    [
        {"addresses": ["10.77.0.1/24"]},
        {"addresses": []},
        {"addresses": ["10.2.0.1/32", "fd01::1/64"]},
        {"up": False},
        {"mtu": 1279},
    ],
)
def test_stacked_attributes_of_an_adopted_link_come_back(kind: str, options: dict[str, t.Any]) -> None:
    made, declared = ADOPTED[kind]
    given(f"{made}; {CASES['addresses']}")
    before = picture()
    assert topology(**declared(**options))
    assert not topology(**declared(**options))
    topology(state="absent")
    time.sleep(1)
    assert not differences(before, picture())


def test_stacked_vlans_of_an_adopted_link_get_back_what_they_lost() -> None:
    given(CASES["vlans"])
    before = picture()
    topology(netns_interface=DOWN)
    topology(state="absent")
    time.sleep(1)
    assert not differences(before, picture())


def test_stacked_features_of_a_tap_come_back() -> None:
    given("ip tuntap add mode tap name t0 multi_queue vnet_hdr user 1")
    before = picture()
    undone(netns_interface=[{"name": "t0", "kind": "tap", "state": "absent"}])
    undone(netns_interface=[{"name": "t0", "kind": "tap", "owner": "2"}])
    assert not differences(before, picture())
