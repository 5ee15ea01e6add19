# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NIC that has at once whatever iproute2 can give one, and what a judge tells of it."""

from __future__ import annotations

import collections
import json
import os
import typing as t

from ansible_collections.netloom.linux.tests.contract.addresses import without_the_kernels
from ansible_collections.netloom.linux.tests.contract.judge import told, told_each

NEIGHBOURS = """
systemctl start openvswitch-switch
ip netns add inn; ip netns add gw
ip link add nic0 address 02:00:00:00:00:10 type veth peer name wire0 netns gw
ip link add nic1 type veth peer name wire1 netns gw
ip -n gw link set lo up; ip -n gw link set wire0 up; ip -n gw link set wire1 up
ip -n gw address add fe80::1/64 dev wire0 nodad; ip -n gw address add 198.51.100.1/24 dev wire0
ip address add 192.0.2.7/24 dev nic1; ip address add fd01:1::7/64 dev nic1 nodad; ip link set nic1 up
"""
# The link itself, with what it loses in another namespace, and with what the kernel keeps.
LINK = """
ip link set nic0 mtu 1450 txqueuelen 77 group 9 alias whole promisc on allmulticast on
ethtool -K nic0 gro on
ip link property add dev nic0 altname enp0s99 altname wholenic
ip link set nic0 up
ip token set ::77 dev nic0
ip maddress add 01:00:5e:00:00:63 dev nic0; ip maddress add 33:33:00:00:00:63 dev nic0
"""
SYSCTLS = {
    "ipv4/conf/nic0/rp_filter": "2",
    "ipv4/conf/nic0/arp_ignore": "1",
    "ipv4/conf/nic0/proxy_arp": "1",
    "ipv4/conf/nic0/promote_secondaries": "0",
    "ipv4/conf/nic0/route_localnet": "1",
    "ipv6/conf/nic0/accept_ra": "0",
    "ipv6/conf/nic0/proxy_ndp": "1",
    "ipv6/conf/nic0/use_tempaddr": "1",
    "ipv6/conf/nic0/accept_dad": "0",
    "ipv4/neigh/nic0/gc_stale_time": "99",
    "ipv6/neigh/nic0/retrans_time_ms": "700",
}
ADDRESSES = """
ip address add 198.51.100.7/24 broadcast + label nic0:first metric 77 dev nic0
ip address add 198.51.100.8/24 dev nic0
ip address add 198.51.100.9/24 preferred_lft 0 valid_lft forever dev nic0
ip address add 203.0.113.1 peer 203.0.113.2/32 scope site dev nic0
ip address add 10.60.0.1/24 noprefixroute dev nic0
ip address add 10.61.0.1/24 scope link broadcast 10.61.0.77 dev nic0
ip -6 address add fd01:0::7/64 metric 78 nodad dev nic0
ip -6 address add fd01:0::8/64 preferred_lft 0 dev nic0
ip -6 address add fd01:2::7/64 noprefixroute home nodad dev nic0
ip -6 address add fd01:3::1 peer fd01:3::2/64 nodad dev nic0
ip -6 address add fe80::77/64 nodad dev nic0
"""
METRICS = (
    "mtu lock 1280 advmss 1200 window 4096 rtt 120ms rttvar 30ms rto_min 80ms ssthresh 9 cwnd 12 initcwnd 20 initrwnd"
    " 30 quickack 1 features ecn"
)
ROUTES = f"""
ip route add 10.70.0.0/24 dev nic0 scope link proto bgp realm 7 congctl lock reno reordering 4 {METRICS}
ip route add 10.70.1.0/24 via 198.51.100.1 tos 0x10 src 198.51.100.8 metric 5
ip route add 10.70.1.0/24 via 198.51.100.2 metric 5
ip route append 10.70.1.0/24 via 198.51.100.3 metric 5
ip route add 10.70.2.0/24 via inet6 fe80::1 dev nic0
ip route add 10.70.3.0/24 via 100.64.0.9 dev nic0 onlink table 77
ip route add 10.70.4.0/24 nexthop via inet6 fe80::1 dev nic0 weight 3 nexthop via 192.0.2.9 dev nic1 realm 4
ip route add 10.70.5.0/24 encap ip id 5 dst 10.9.9.9 ttl 7 via 198.51.100.1 dev nic0
ip route add 10.70.6.0/24 src 198.51.100.8 dev nic1
ip route add local 10.70.7.0/24 dev nic0
ip route add default via 198.51.100.1 metric 9 realm 1/2
ip -6 route add fd70::/64 dev nic0 proto bgp pref high hoplimit 9 {METRICS}
ip -6 route add fd70:1::/64 from fd71::/64 via fd01:0::1 dev nic0 src fd01:0::8
ip -6 route add fd70:1::/64 via fd01:0::1 dev nic0 metric 1024
ip -6 route append fd70:1::/64 via fd01:1::1 dev nic1 metric 1024
ip -6 route add fd70:2::/64 via fd99::9 dev nic0 onlink table 77
ip -6 route add fd70:3::/64 nexthop via fe80::1 dev nic0 weight 3 nexthop via fd01:1::1 dev nic1
ip -6 route add fd70:4::/64 encap ip6 id 5 dst fd00:9::9 via fd01:0::1 dev nic0
ip -6 route add fd70:5::/64 dev nic0 expires 3600 pref low
ip -6 route add default via fe80::1 dev nic0 proto static
"""
WRITTEN = """
ip neighbour add 198.51.100.1 lladdr 02:00:00:00:00:99 dev nic0
ip neighbour add fd01:0::1 lladdr 02:00:00:00:00:99 router dev nic0
ip neighbour add proxy 198.51.100.50 dev nic0; ip neighbour add proxy fd01:0::50 dev nic0
ip rule add priority 500 iif nic0 lookup 77; ip rule add priority 501 oif nic0 fwmark 5 lookup 77
ip -6 rule add priority 502 iif nic0 prohibit
"""
GONE = """
ovs-vsctl --if-exists del-br br0
ip rule delete priority 500; ip rule delete priority 501; ip -6 rule delete priority 502
for link in br0 nic0 nic1; do ip link delete $link; done
ip netns pids inn | xargs -r kill; ip netns delete inn; ip netns delete gw; rm -rf /run/netloom
for family in -4 -6; do ip $family route flush table 77; done
"""
OFFLOADS = (
    "ip netns exec gw ethtool -k wire0 | grep '^tx-checksumming';"
    " ethtool -k nic0 2>/dev/null | grep '^generic-receive-offload' || true"  # it may be away
)
ROUTES_OF = [f"ip {family} -d -j route show table all" for family in ("-4", "-6")]
# Of a link: what follows other links, or is counted, or is of a moment.
FLEETING = {
    "ifindex",
    "link_index",
    "link_netnsid",
    "operstate",
    "flags",
    "addr_info",
    "stats64",
    "promiscuity",
    "linkmode",
    "link",
    "link_netns",
}


def make() -> None:
    """All of it. Each line has to work, else nothing would be proven. Only guests may lack CONFIG_LWTUNNEL."""
    told("set -e\n" + NEIGHBOURS + LINK)
    for path, value in SYSCTLS.items():
        with open(f"/proc/sys/net/{path}", "w", encoding="ascii") as handle:
            handle.write(value)
    tunnels = "LWTUNNEL" not in told("ip route add 10.70.5.0/24 encap ip id 5 dst 10.9.9.9 dev nic0 2>&1 || true")
    told("ip route delete 10.70.5.0/24 2>/dev/null || true")
    routes = "".join(f"{line}\n" for line in ROUTES.splitlines() if tunnels or " encap " not in line)
    told("set -e\n" + ADDRESSES + routes + WRITTEN)


def _routes(told_of_both: list[str]) -> dict[str, list[t.Any]]:
    """In the kernel's order, which counts among those of one key."""
    found: dict[str, list[t.Any]] = {"-4": [], "-6": []}
    for family, text in zip(found, told_of_both):
        for route in json.loads(text or "[]"):
            if "kernel" in (route.get("protocol"), route.get("type")):  # with addresses they come by themselves
                continue
            more = {"expires": "expires" in route, "flags": sorted(set(route["flags"]) - {"linkdown"})}
            found[family].append({**route, **more})
        found[family].sort(
            key=lambda route: (str(route["dst"]), str(route.get("from")), str(route.get("tos")), route.get("metric", 0))
        )
    return found


def _own_routes(text: str) -> dict[str, int]:
    """The kernel's to the networks of the NIC's addresses, with how many there are of each."""
    return dict(collections.Counter(json.dumps(route, sort_keys=True) for route in json.loads(text or "[]")))


def _sysctls() -> dict[str, str]:
    """All of the NIC's, the test's own and the others."""
    found = {}
    for folder in ("ipv4/conf", "ipv6/conf", "ipv4/neigh", "ipv6/neigh"):
        for leaf in sorted(os.listdir(f"/proc/sys/net/{folder}/nic0")):
            try:
                with open(f"/proc/sys/net/{folder}/nic0/{leaf}", encoding="ascii") as handle:
                    found[f"{folder}/{leaf}"] = handle.read().strip()
            except OSError:  # stable_secret, where there is none
                found[f"{folder}/{leaf}"] = ""
    return found


def picture() -> t.Any:
    """All that a move may change, without what runs down meanwhile."""
    told_link, token, groups, neighbours, rules, own_4, own_6, links, inside, nics, rows, records, *routes = told_each(
        "ip -d -j address show nic0",
        "ip token get dev nic0",
        "ip maddress show dev nic0",
        "ip neighbour show dev nic0 nud permanent; ip neighbour show proxy dev nic0",
        "ip -d rule; ip -6 -d rule",
        "ip -4 -d -j route show dev nic0 proto kernel",
        "ip -6 -d -j route show dev nic0 proto kernel",
        "ip -j link show",
        "ip -n inn -br link show",
        OFFLOADS,
        "ovs-vsctl --no-heading --columns=name list port",
        "find /run/netloom -type f ! -name lock 2>/dev/null || true",
        *ROUTES_OF,
    )
    link = json.loads(told_link)[0]
    flags = sorted(set(link["flags"]) & {"UP", "PROMISC", "ALLMULTI", "NOARP"})
    return {
        "link": {
            **{key: value for key, value in link.items() if key not in FLEETING},
            "flags": flags,
            "altnames": sorted(link["altnames"]),
        },
        "token": token,
        "groups": sorted(line for line in groups.splitlines() if "static" in line),
        "addresses": without_the_kernels(link["addr_info"]),
        "sysctls": _sysctls(),
        "neighbours": sorted(neighbours.splitlines()),
        "rules": rules.splitlines(),
        "routes": _routes(routes),
        "own": {"-4": _own_routes(own_4), "-6": _own_routes(own_6)},
        "links": sorted(link["ifname"] for link in json.loads(links)),
        "inside": [line.split()[0] for line in inside.splitlines()],
        "offloads": nics,
        "rows": sorted(rows.split()),
        "records": records.split(),
    }


def moved() -> t.Any:
    """What the host has of it where it was brought."""
    here, inside, nics, neighbours, bridges, ports, interfaces, *routes = told_each(
        "ip -d -j address show",
        "ip -d -j -n inn address show",
        OFFLOADS,
        "ip neighbour show nud permanent; ip neighbour show proxy",
        "ovs-vsctl -f csv --no-heading --columns=name,other_config list bridge",
        "ovs-vsctl -f csv --no-heading --columns=name list port",
        "ovs-vsctl -f csv --no-heading --columns=name,mtu_request list interface",
        *ROUTES_OF,
    )
    there = json.loads(here) + [{**link, "ns": "inn"} for link in json.loads(inside)]
    return {
        "rows": [sorted(rows.splitlines()) for rows in (bridges, ports, interfaces)],
        "offloads": nics,
        "sysctls": _sysctls() if os.path.exists("/proc/sys/net/ipv4/conf/nic0") else {},
        "addresses": {link.get("ns", "") + link["ifname"]: without_the_kernels(link["addr_info"]) for link in there},
        "links": [
            [link["ifname"], link["address"], link["mtu"], link.get("master"), "UP" in link["flags"]]
            for link in there
            if not link["ifname"].startswith("ovs-")  # the devices of Open vSwitch's datapaths
        ],
        "neighbours": sorted(neighbours.splitlines()),
        "routes": _routes(routes),
    }
