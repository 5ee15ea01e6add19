# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what packets pay: one TCP connection, and pings of full size, between two hosts over each kind of network
that joins them, in turns.
"""

from __future__ import annotations

import json
import re
import statistics
import typing as t

from netloom_bench import fleet
from netloom_bench.host import there
from netloom_bench.networks import Wish

SECONDS, PINGS = 3, 1000
HEADERS, VXLAN_HEADERS = 28, 50  # of IPv4 and ICMP in a ping; of IPv4, UDP, VXLAN and Ethernet around a frame
TAKEN = "/tmp/bench/servers"
PREPARE = f"""
mkdir -p {TAKEN}
apt-get update >/tmp/bench/apt.log 2>&1 || true
apt-get install -y --no-install-recommends iperf3 >>/tmp/bench/apt.log 2>&1
"""
# What a person would type. The link floods, and learns.
BY_HAND = """
ip link add hand-vx type vxlan id 4999 local {local} remote {other} dstport 4789
ip netns add hand; ip link add hand-br type bridge; ip link add hand-v type veth peer name eth0 netns hand
for port in hand-vx hand-v; do ip link set $port master hand-br mtu {mtu} up; done
ip link set hand-br up
ip -n hand link set eth0 mtu {mtu} up; ip -n hand address add {address}/24 dev eth0
"""
GONE = "ip netns delete hand; ip link delete hand-vx; ip link delete hand-br"


class Path(t.NamedTuple):
    """A way between two hosts: the namespace at each end, and in it the link. No namespace: the host itself."""

    words: str
    netns: tuple[str, str]
    link: str = "eth0"

    def there(self, number: int, command: str) -> str:
        """Run a command at the end on the host of this number."""
        netns = self.netns[number - 1]
        return there(f"{f'ip netns exec {netns} ' if netns else ''}{command}", number)

    def address(self, number: int) -> str:
        """The address at the end on the host of this number."""
        told = json.loads(self.there(number, f"ip -4 -j address show dev {self.link}"))
        return str(told[0]["addr_info"][0]["local"])

    def mtu(self) -> int:
        """The MTU at the first end."""
        return int(self.there(1, f"cat /sys/class/net/{self.link}/mtu"))


CABLE = Path("the cable, from host to host", ("", ""))
HAND = Path("VXLAN by ip commands", ("hand", "hand"))
PATHS = (
    CABLE,
    HAND,
    Path("vxlan_network", ("red1", "red2")),
    Path("ovs_vlan_dhcp with tunnels, userspace datapath", ("over1", "over2")),
)
HEADING = ["", "MTU", "Gbit/s", "ratio", "there and back, µs", "ratio"]


class Samples(t.NamedTuple):
    """What one path does: bits per second of one TCP connection, seconds for a packet of full size and its answer."""

    path: Path
    mtu: int
    throughput: float
    latency: float


def prepare() -> None:
    """Install on both hosts what measures."""
    for number in (1, 2):
        there(PREPARE, number)


def costs(rounds: int) -> list[Samples]:
    """Build the networks, measure each path in each round, and take the networks down."""
    ends = {"vxlan_network_local": "{{ lab_address }}", "ovs_vlan_dhcp_local": "{{ lab_address }}"}
    pair = fleet.Fleet(2, ends)
    prepare()
    pair.play("site", _declared(pair.names))
    addresses, mtu = [CABLE.address(number) for number in (1, 2)], CABLE.mtu() - VXLAN_HEADERS
    for number in (1, 2):
        local, other = addresses[number - 1], addresses[2 - number]
        there(BY_HAND.format(local=local, other=other, mtu=mtu, address=f"10.49.49.{number}"), number)
    found = measure(PATHS, rounds)
    for number in (1, 2):
        there(GONE, number)
    pair.play("teardown", _declared(pair.names))
    return found


def _declared(hosts: t.Sequence[str]) -> Wish:
    red = [{"name": f"red{number}", "host": host} for number, host in enumerate(hosts, 1)]
    over = [
        {"name": f"over{number}", "host": host, "address": f"10.48.48.{200 + number}"}
        for number, host in enumerate(hosts, 1)
    ]
    tenant = {
        "name": "over",
        "tag": 100,
        "subnet": "10.48.48.0/24",
        "server": {"host": hosts[0]},
        "members": over,
    }
    return {
        "vxlan_network_networks": [{"name": "red", "vni": 4100, "subnet": "10.50.50.0/24", "members": red}],
        "ovs_vlan_dhcp_hosts": list(hosts),
        "ovs_vlan_dhcp_tunnels": {"type": "vxlan", "key": 7},
        "ovs_vlan_dhcp_tenants": [tenant],
    }


def measure(paths: t.Sequence[Path], rounds: int) -> list[Samples]:
    """Measure each path in each round, in turns; the medians."""
    targets, mtus = {path: path.address(2) for path in paths}, {path: path.mtu() for path in paths}
    for number, path in enumerate(paths):
        path.there(2, f"iperf3 --server --daemon --pidfile {TAKEN}/{number}")
    speeds: dict[Path, list[float]] = {path: [] for path in paths}
    delays: dict[Path, list[float]] = {path: [] for path in paths}
    for number in range(rounds):
        print(f"packets, round {number + 1} of {rounds}", flush=True)
        for path in paths:
            speeds[path].append(_throughput(path, targets[path]))
            delays[path].append(_latency(path, targets[path], mtus[path]))
    there(f"for file in {TAKEN}/*; do kill $(tr -d '\\0' <$file); done", 2)
    return [
        Samples(path, mtus[path], statistics.median(speeds[path]), statistics.median(delays[path])) for path in paths
    ]


def _throughput(path: Path, target: str) -> float:
    """Bits per second that arrive, of one TCP connection."""
    told = json.loads(path.there(1, f"iperf3 --client {target} --time {SECONDS} --json"))
    return float(told["end"]["sum_received"]["bits_per_second"])


def _latency(path: Path, target: str, mtu: int) -> float:
    """Seconds that the median of the pings takes; none of them may be lost."""
    told = path.there(1, f"ping -M do -s {mtu - HEADERS} -i 0.002 -c {PINGS} {target}")
    times = [float(one) / 1000 for one in re.findall(r"time=([0-9.]+) ms", told)]
    if len(times) < PINGS:
        raise SystemExit(f"{path.words}: {PINGS - len(times)} of {PINGS} pings were lost.")
    return statistics.median(times)


def rows(found: t.Sequence[Samples]) -> t.Iterator[list[str]]:
    """A row for each path; the ratios are to the cable, which is the first one."""
    cable = found[0]
    for one in found:
        yield [
            one.path.words,
            str(one.mtu),
            f"{one.throughput / 1e9:.2f}",
            f"{one.throughput / cable.throughput:.2f}",
            f"{one.latency * 1e6:.0f}",
            f"{one.latency / cable.latency:.2f}",
        ]
