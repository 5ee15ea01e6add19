# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How others build the same networks: a shell script for each phase that they have."""

from __future__ import annotations

import dataclasses
import json

from netloom_bench.networks import GATEWAY, NETWORK_BITS, address

IFSTATE = "/opt/bench/ifstate/bin/ifstatecli"
IFSTATE_FILE = "/tmp/bench/ifstate.json"
MININET_READY, MININET_STOP = "/tmp/bench/mininet.ready", "/tmp/bench/mininet.stop"


@dataclasses.dataclass(frozen=True)
class Rival:
    """One way to do it by hand.

    prepare: what is not measured. The phases are scripts; empty: it cannot. only_up_to: larger ones take minutes.
    """

    name: str
    build: str
    down: str
    again: str = ""
    check: str = ""
    prepare: str = ""
    only_up_to: int = 100_000


def _numbers(count: int) -> str:
    return f"$(seq 0 {count - 1})"


def bridged(count: int, on_host: str) -> list[Rival]:
    """Everybody who can make namespaces on a Linux bridge. ``on_host``: where the scripts of folder on_host are."""
    numbers = _numbers(count)
    bridge = f"ip link add br0 type bridge; ip address add {GATEWAY}/{NETWORK_BITS} dev br0; ip link set br0 up"
    down = f"for i in {numbers}; do ip link delete v-n$i; ip netns delete n$i; done; ip link delete br0"
    script = f"""
{bridge}
for i in {numbers}; do
    ip netns add n$i
    ip link add v-n$i type veth peer name eth0 netns n$i
    ip link set v-n$i master br0; ip link set v-n$i up
    ip -n n$i link set lo up
    ip -n n$i address add 10.9.$((i / 250)).$((i % 250 + 1))/{NETWORK_BITS} dev eth0
    ip -n n$i link set eth0 up
    ip -n n$i route add default via {GATEWAY}
done"""
    # A batch cannot change the namespace: one for the host, one for each namespace.
    batch = f"""
{{ echo link add br0 type bridge; echo address add {GATEWAY}/{NETWORK_BITS} dev br0; echo link set br0 up
   for i in {numbers}; do echo netns add n$i; done; }} | ip -batch -
for i in {numbers}; do echo link add v-n$i up master br0 type veth peer name eth0 netns n$i; done | ip -batch -
for i in {numbers}; do
    printf '%s\\n' 'link set lo up' \\
        "address add 10.9.$((i / 250)).$((i % 250 + 1))/{NETWORK_BITS} dev eth0" 'link set eth0 up' \\
        'route add default via {GATEWAY}' | ip -n n$i -batch -
done"""
    batch_down = (
        f"{{ for i in {numbers}; do echo link delete v-n$i; done; for i in {numbers}; do echo netns delete n$i; done;"
        " echo link delete br0; }"
    )
    return [
        Rival("bash: ip commands", script, down),
        Rival("ip -batch", batch, f"{batch_down} | ip -batch -"),
        _cni(count),
        _mininet(count, on_host),
        _ifstate(count),
        Rival(
            "the kernel's floor: raw netlink, one process",
            f"python3 {on_host}/floor.py up {count}",
            f"python3 {on_host}/floor.py down {count}",
        ),
    ]


def _cni(count: int) -> Rival:
    """CNI's bridge plugin, as container engines call it: a process for each namespace, another one to assign the
    address.
    """
    ranges = {"subnet": f"10.9.0.0/{NETWORK_BITS}", "gateway": GATEWAY}
    ipam = {"type": "host-local", "dataDir": "/tmp/bench/cni", "ranges": [[ranges]], "routes": [{"dst": "0.0.0.0/0"}]}
    conf = json.dumps(
        {"cniVersion": "0.4.0", "name": "bench", "type": "bridge", "bridge": "br0", "isGateway": True, "ipam": ipam}
    )
    call = "CNI_CONTAINERID=n$i CNI_NETNS=/run/netns/n$i CNI_IFNAME=eth0 CNI_PATH=/usr/lib/cni /usr/lib/cni/bridge"
    return Rival(
        "CNI's bridge plugin",
        f"for i in {_numbers(count)}; do ip netns add n$i; CNI_COMMAND=ADD {call} <<<'{conf}'; done",
        f"for i in {_numbers(count)}; do CNI_COMMAND=DEL {call} <<<'{conf}'; ip netns delete n$i; done; ip link delete"
        " br0; rm -r /tmp/bench/cni",
    )


def _mininet(count: int, on_host: str) -> Rival:
    """Mininet with its LinuxBridge switch. Its network lives as long as its process."""
    start = (
        f"nohup python3 {on_host}/mininet_bridge.py {count} {MININET_READY} {MININET_STOP} >/tmp/bench/mininet.log"
        " 2>&1 &"
    )
    return Rival(
        "Mininet",
        f"{start} until [ -e {MININET_READY} ]; do kill -0 $!; sleep 0.01; done",
        f"touch {MININET_STOP}; while [ -e {MININET_READY} ]; do sleep 0.01; done",
        prepare=f"rm -f {MININET_READY} {MININET_STOP}",
    )


def _ifstate(count: int) -> Rival:
    """ifstate, which is declarative too. It leaves loopback links alone."""
    route = {"routes": [{"to": "0.0.0.0/0", "via": GATEWAY}]}

    def inside(number: int) -> dict[str, object]:
        link = {"kind": "veth", "state": "up", "peer": f"v-n{number}", "peer_netns": None}
        return {
            "interfaces": {"eth0": {"link": link, "addresses": [f"{address(number)}/{NETWORK_BITS}"]}},
            "routing": route,
        }

    ports = {
        f"v-n{i}": {"link": {"kind": "veth", "state": "up", "master": "br0", "peer": "eth0", "peer_netns": f"n{i}"}}
        for i in range(count)
    }
    bridge = {"br0": {"link": {"kind": "bridge", "state": "up"}, "addresses": [f"{GATEWAY}/{NETWORK_BITS}"]}}
    everything = {"interfaces": {**bridge, **ports}, "namespaces": {f"n{i}": inside(i) for i in range(count)}}
    apply = f"{IFSTATE} --config {IFSTATE_FILE} apply"
    return Rival(
        "ifstate",
        apply,
        f"for i in {_numbers(count)}; do ip netns delete n$i; done; ip link delete br0",
        again=apply,
        check=f"{IFSTATE} --config {IFSTATE_FILE} check",
        prepare=f"cat >{IFSTATE_FILE} <<'END'\n{json.dumps(everything)}\nEND",
        only_up_to=64,  # it takes minutes for 256
    )


def internal_ports(count: int) -> list[Rival]:
    """ovs-vsctl, one by one as tutorials type it, and all in one call."""
    bridge = "ovs-vsctl add-br OVS1 -- set bridge OVS1 datapath_type=netdev"
    port = "add-port OVS1 p$i tag=$((i % 4000 + 1)) -- set interface p$i type=internal"
    numbers = _numbers(count)
    return [
        Rival(
            "bash: ovs-vsctl, one by one",
            f"{bridge}; for i in {numbers}; do ovs-vsctl {port}; done",
            f"for i in {numbers}; do ovs-vsctl del-port OVS1 p$i; done; ovs-vsctl del-br OVS1",
        ),
        Rival(
            "ovs-vsctl, all in one call",
            f'{bridge}; all=; for i in {numbers}; do all="$all -- {port}"; done; ovs-vsctl $all',
            "ovs-vsctl del-br OVS1",
        ),
    ]


def tenants(count: int) -> list[Rival]:
    """ip, ovs-vsctl, ethtool, dnsmasq and dhclient; the clients ask one after the other, or at the same time."""
    return [_tenants(count, together=False), _tenants(count, together=True)]


def _tenants(count: int, *, together: bool) -> Rival:
    numbers = _numbers(count)
    build = f"""
ovs-vsctl add-br OVS1 -- set bridge OVS1 datapath_type=netdev
for i in {numbers}; do
    ip netns add s$i; ip netns add c$i; ip -n s$i link set lo up; ip -n c$i link set lo up
    mkdir -p /etc/netns/c$i; touch /etc/netns/c$i/resolv.conf
    ip link add v$i type veth peer name eth0 netns c$i
    ip link set v$i up; ip -n c$i link set eth0 up
    ip netns exec c$i ethtool -K eth0 tx off
    ovs-vsctl add-port OVS1 v$i tag=$((100 + i)) \\
        -- add-port OVS1 t$i tag=$((100 + i)) -- set interface t$i type=internal
    ip link set t$i netns s$i
    ip -n s$i address add 10.50.50.2/24 dev t$i; ip -n s$i link set t$i up
    ip netns exec s$i dnsmasq --conf-file=/dev/null --port=0 --interface=t$i --bind-interfaces \\
        --dhcp-range=10.50.50.10,10.50.50.100,255.255.255.0 \\
        --dhcp-leasefile=/tmp/bench/s$i.leases --pid-file=/tmp/bench/s$i.pid
done
for i in {numbers}; do
    ip netns exec c$i dhclient -1 -lf /tmp/bench/c$i.leases -pf /tmp/bench/c$i.pid eth0 \\
        2>/dev/null {"&" if together else ""}
done
wait
for i in {numbers}; do ip -n c$i -4 -o address show dev eth0 | grep -q 10.50.50; done"""
    down = f"""
for i in {numbers}; do
    ip netns exec c$i dhclient -r -lf /tmp/bench/c$i.leases -pf /tmp/bench/c$i.pid eth0 2>/dev/null
    kill $(cat /tmp/bench/s$i.pid)
    ovs-vsctl del-port OVS1 t$i -- del-port OVS1 v$i
    ip link delete v$i; ip netns delete c$i; ip netns delete s$i; rm -r /etc/netns/c$i
done
ovs-vsctl del-br OVS1"""
    return Rival(f"bash: ip, ovs-vsctl, dnsmasq, dhclient{', clients together' if together else ''}", build, down)
