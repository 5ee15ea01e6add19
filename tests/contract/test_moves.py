# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NIC with whatever iproute2 can give it goes onto a bridge and back, and into a namespace and home: it is as before,
or the move was refused.

What it has is drawn from BELONGINGS: each is a strategy for a line of `ip`. With more rounds than in passing:
NETLOOM_MOVES=300 (see run).
"""

from __future__ import annotations

import json
import os
import subprocess
import typing as t

import hypothesis
import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.tests.contract.addresses import addresses_of, line, lines, words
from ansible_collections.netloom.linux.tests.contract.judge import differences, lab_host_only, module, told
from hypothesis import strategies as st

pytestmark = lab_host_only

MOVES = int(os.environ.get("NETLOOM_MOVES") or 6)
NIC = """
ip netns add gw; ip netns add inn
for n in 0 1; do
    ip link add nic$n address 02:00:00:00:00:0$n type veth peer name wire$n netns gw; ip -n gw link set wire$n up
    sysctl -qw net.ipv6.conf.nic$n.accept_ra=0; ip link set nic$n up; ip address add fd01:$n::7/64 dev nic$n nodad
done
ip -n gw address add fe80::1/64 dev wire0 nodad
ip address add 198.51.100.7/24 dev nic0; ip address add 198.51.100.8/24 dev nic0; ip address add 192.0.2.7/24 dev nic1
ip nexthop add id 77 via 198.51.100.3 dev nic0
"""
GONE = """
ip nexthop flush
for link in nic0 nic1 br0; do ip link del $link; done
ip netns del gw; ip netns del inn
for family in -4 -6; do ip $family route flush table 77; done
"""


METRICS = line(
    words("mtu 1300", "mtu lock 1280"),
    words("advmss 1200"),
    words("initcwnd 20 initrwnd 30"),
    words("quickack 1"),
    words("congctl cubic", "congctl lock reno"),
    words("hoplimit 9"),
    words("rtt 120ms rto_min 80ms"),
    words("window 4096 cwnd lock 12"),
    words("features ecn"),
)
WAYS_4 = st.sampled_from(
    [
        "via 198.51.100.1 dev nic0",
        "via 198.51.100.2",
        "dev nic0",
        "via 203.0.113.9 dev nic0 onlink",
        "via inet6 fe80::1 dev nic0",
        "via 192.0.2.9 dev nic1",
        "encap ip id 5 dst 10.9.9.9 ttl 7 via 198.51.100.1 dev nic0",
        "nexthop via 198.51.100.1 weight 3 nexthop via 198.51.100.2 realm 4",
        "nexthop via inet6 fe80::1 dev nic0 nexthop via 192.0.2.9 dev nic1 weight 2",
        "nexthop via 203.0.113.9 dev nic0 onlink nexthop dev nic1",
    ]
)
WAYS_6 = st.sampled_from(
    [
        "via fd01:0::1 dev nic0",
        "via fe80::1 dev nic0",
        "dev nic0",
        "dev nic1",
        "via fd99::9 dev nic0 onlink",
        "encap ip6 id 5 dst fd00:9::9 via fd01:0::1 dev nic0",
        "nexthop via fd01:0::1 weight 3 nexthop via fd01:1::1",
        "nexthop via fe80::1 dev nic0 nexthop via fe80::2 dev nic0",
    ]
)
VERB = st.sampled_from(["add", "append"])
TABLE = words("table 77")
PROTO = words("proto static", "proto bgp", "proto dhcp", "proto 55")
ROUTE_4 = line(
    st.just("ip route"),
    VERB,
    words("multicast"),
    st.sampled_from(["10.60.1.0/24", "10.60.2.2", "default"]),
    words("tos 0x10"),
    words("metric 5"),
    TABLE,
    PROTO,
    words("scope link", "scope site"),
    words("src 198.51.100.8"),
    words("realm 7"),
    METRICS,
    WAYS_4,
)
# The kernel joins what is appended to a route by a gateway that has the same key. Then it tells the attributes of the
# first way only, and nobody can give the others back. So what is appended leaves by a link alone.
ROUTE_6 = st.one_of(
    [
        line(
            st.just("ip -6 route"),
            st.just(verb),
            st.sampled_from(["fd60:1::/64", "fd60:2::2", "default"]),
            words("from fd70::/64"),
            words("metric 5"),
            TABLE,
            PROTO,
            words("src fd01:0::7"),
            words("pref high", "pref low"),
            words("expires 600"),
            METRICS,
            ways,
        )
        for verb, ways in (("add", WAYS_6), ("append", st.sampled_from(["dev nic0", "dev nic1"])))
    ]
)
OTHERS = st.sampled_from(
    [
        "ip route add 10.60.5.0/24 src 198.51.100.8 dev nic1",
        "ip -6 route add fd60:5::/64 src fd01:0::7 dev nic1",
        "ip route add 10.60.3.0/24 nhid 77",
        "ip route add local 10.60.4.0/24 dev nic0",
        "ip -6 route add local fd60:4::/64 dev nic0",
    ]
)
BELONGINGS = [ROUTE_4, ROUTE_6, OTHERS, *lines("nic0")]


def picture() -> t.Any:
    """The routes of the host as iproute2 tells them, and the NIC's addresses, in its order, without what passes
    meanwhile.
    """
    found = {"addresses": addresses_of("nic0")}
    for family in ("-4", "-6"):
        routes = json.loads(told(f"ip {family} -d -j route show table all") or "[]")
        found[family] = [
            {key: value for key, value in route.items() if key not in ("expires", "flags")}
            | {"expires": "expires" in route, "flags": sorted(set(route["flags"]) - {"linkdown"})}
            for route in routes
            if "kernel" not in (route.get("protocol"), route.get("type"))
        ]
    # IPv6 routes of one metric are taken by turns (find_rr_leaf() in net/ipv6/route.c): which is told first means
    # nothing.
    found["-6"].sort(key=lambda route: json.dumps(route, sort_keys=True))
    return found


def refused(kind: str, params: dict[str, t.Any]) -> bool:
    """Whether check mode refuses it; then the run does so, too, and nothing is touched."""
    before = picture()
    try:
        module(kind, params, check=True)
    except NetloomError as error:
        with pytest.raises(NetloomError) as caught:
            module(kind, params)
        assert str(caught.value) == str(error)
        assert not differences(before, picture())
        return True
    return False


def there_and_back(kind: str, there: dict[str, t.Any], back: dict[str, t.Any]) -> None:
    """Go, go nowhere more, and come back as it was."""
    if refused(kind, there):
        return
    before = picture()
    for params, again in ((there, False), (there, True), (back, False), (back, True)):
        foretold = module(kind, params, check=True).steps
        assert module(kind, params).steps == foretold
        assert not (again and foretold)
    assert not differences(before, picture())


def given(belongings: t.Iterable[str]) -> None:
    """The NIC has these, as far as the kernel takes them."""
    told(f"{NIC.strip()}\ntrue")
    for one in belongings:
        done = subprocess.run(one.split(), check=False, capture_output=True, text=True)
        hypothesis.event("taken" if done.returncode == 0 else f"not taken: {done.stderr.strip()}")


SETTINGS = hypothesis.settings(
    max_examples=MOVES,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.generate],
)
SEVERAL = st.lists(st.one_of(BELONGINGS), min_size=1, max_size=6)


@SETTINGS
@hypothesis.given(SEVERAL)
def test_an_uplink_comes_back_as_it_was(belongings: list[str]) -> None:
    try:
        given(belongings)
        there_and_back(
            "linux_bridge", {"name": "br0", "uplink": "nic0", "confirm_timeout": 20}, {"name": "br0", "state": "absent"}
        )
    finally:
        subprocess.run(["sh", "-c", GONE], check=False, capture_output=True)


@SETTINGS
@hypothesis.given(SEVERAL)
def test_a_nic_comes_home_as_it_was(belongings: list[str]) -> None:
    try:
        given(belongings)
        moved = {"name": "eth0", "netns": "inn", "source": {"name": "nic0"}}
        there_and_back("netns_interface", moved, {**moved, "state": "absent"})
    finally:
        subprocess.run(["sh", "-c", GONE], check=False, capture_output=True)


@SETTINGS
@hypothesis.given(SEVERAL)
def test_a_run_that_fails_leaves_all_as_it_was(belongings: list[str]) -> None:
    try:
        given(belongings)
        before = picture()
        for failing in ({"name": "nic0", "up": False}, {"name": "eth0", "netns": "inn", "source": {"name": "nic0"}}):
            with pytest.raises(NetloomError):
                module("netns_interface", {**failing, "sysctl": {"rp_filter": "abc"}})
            assert not differences(before, picture())
    finally:
        subprocess.run(["sh", "-c", GONE], check=False, capture_output=True)
