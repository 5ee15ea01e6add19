# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks of OVN with IPv6, proven by packets: one with both families, two with IPv6 alone, a router between them with
the outside, a security group, a load balancer; also with tunnels over IPv6.
"""

from __future__ import annotations

import json
import typing as t

import cloud
from cloud import says, within
from hosts import on, plan, play

CENTRAL, *CHASSIS = HOSTS = ["lab1", "lab2", "lab3"]
ONE, TWO = CHASSIS
MTU = 1500 - 78
OUTSIDE = "2001:db8:100::1"
NETWORKS: list[dict[str, t.Any]] = [
    {
        "name": "red",
        "subnet": ["10.50.50.0/24", "fd00:50::/64"],
        "members": [
            {"name": "red1", "host": ONE},
            {"name": "red2", "host": TWO, "security_groups": ["web"]},
            {"name": "red3", "host": TWO, "address": ["dhcp", "fd00:50::99"]},
        ],
    },
    {
        "name": "six",
        "subnet": "fd00:60::/64",
        "members": [{"name": "six1", "host": ONE}, {"name": "six2", "host": TWO}],
    },
    {
        "name": "blue",
        "subnet": "fd00:60::/64",
        "members": [{"name": "blue1", "host": ONE, "address": "fd00:60::77"}, {"name": "blue2", "host": TWO}],
    },
    {
        "name": "out",
        "external": {
            "bridge": "br-ex",
            "subnet": ["198.51.100.0/24", "2001:db8:100::/64"],
            "gateway": [cloud.OUTSIDE, OUTSIDE],
        },
    },
]
DECLARED: dict[str, t.Any] = {
    "ovn_network_networks": NETWORKS,
    "ovn_network_routers": [
        {
            "name": "r1",
            "networks": ["red", "six"],
            "external": {
                "network": "out",
                "address": ["198.51.100.10", "2001:db8:100::10"],
                "hosts": [ONE, TWO],
            },
        }
    ],
    "ovn_network_security_groups": [
        {
            "name": "web",
            "rules": [
                {"direction": "ingress", "protocol": "tcp", "ports": [80], "remote": "fd00:60::/64"},
                {"direction": "ingress", "protocol": "icmp6"},
                {"direction": "egress"},
            ],
        }
    ],
    "ovn_network_load_balancers": [
        {"name": "www6", "address": "fd00:50::100", "port": 80, "members": ["red1", "red2"]}
    ],
}
LOOK = f"{cloud.LOOK}; ip -6 route | grep fd00:18"
PLACES = cloud.places(NETWORKS)
UNDERLAY = "{{ 'fd00:18::' ~ lab_address.split('.') | last }}"


def declare(**more: t.Any) -> None:
    """Who is what; the databases and the ends of the tunnels have addresses of IPv6."""
    cloud.declare(
        CENTRAL,
        CHASSIS,
        **{"ovn_central_address": UNDERLAY, "ovn_chassis_encap_address": UNDERLAY, **more},
    )


def inside(member: str, command: str) -> str:
    """What a command prints in the namespace of a member; '' if it fails."""
    return on(PLACES[member], f"ip netns exec {member} {command} 2>/dev/null", check=False)


def reaches(member: str, address: str) -> bool:
    """Whether whole packets reach an address, and come back."""
    return " 0% packet loss" in inside(member, f"ping -q -M do -s {MTU - 48} -c 2 -i 0.2 -W 2 {address}")


def fetched(member: str, address: str, port: int = 80) -> str:
    """Which server answers at an address; '' if none."""
    return inside(member, f"python3 -c '{cloud.FETCH}' http://[{address}]:{port}/")


def builds() -> None:
    """Check mode foretells what a run does; a second run has nothing to do."""
    says("hosts, then networks")
    declare()
    play("site")
    declare(**DECLARED)
    _checked, foretold = play("site", "--check", "--diff")
    _made, done = play("site", "--diff")
    assert plan(foretold) == plan(done), (plan(foretold), plan(done))
    print("\n".join(plan(done)))
    again, text = play("site")
    assert not again.get("changed"), text


def carries() -> None:
    """Whole packets reach whom they should, through the router and outside too, and nobody else."""
    says("packets")
    found = {
        name: inside(name, "ip -6 -brief address show eth0 scope global | awk '{print $3}' | cut -d/ -f1")
        for name in PLACES
    }
    for source, target in (("red1", "red2"), ("six1", "six2"), ("blue1", "blue2"), ("six2", "red1"), ("red3", "six1")):
        within(lambda s=source, to=found[target]: reaches(s, to), f"{source} to {target}")
    within(lambda: reaches("six2", OUTSIDE), "the outside")
    within(lambda: inside("red3", "ip -4 -brief address show eth0 | grep 10.50.50."), "a lease beside it")
    assert not reaches("six2", found["blue1"]), "two networks with one subnet are joined"


def serves() -> None:
    """A rule by IPv6, and a load balancer."""
    says("services")
    for member in ("red1", "red2"):
        cloud.serve(PLACES[member], member)
    within(lambda: fetched("six1", "fd00:50::3") == "red2", "a web server")
    assert fetched("six1", "fd00:50::2", 81) == "red1"
    assert not fetched("six1", "fd00:50::3", 81), "the security group lets port 81 pass"
    assert not fetched("red1", "fd00:50::3"), "the security group lets others pass"
    within(lambda: {fetched("six2", "fd00:50::100") for _turn in range(12)} == {"red1", "red2"}, "both backends")


def mends() -> None:
    """What differs is named, with what was found, and mended."""
    says("drift")
    drifts = {
        "fd00:66::1/64": "ovn-nbctl set logical_router_port r1-six 'networks=\"fd00:66::1/64\"'",
        "0a:00:00:00:00:67": "ovn-nbctl lsp-set-addresses red-red3 0a:00:00:00:00:67",
        "vips": 'ovn-nbctl set load_balancer www6 \'vips={"[fd00:50::100]:80"="[fd00:50::9]:80"}\'',
    }
    for command in drifts.values():
        on(CENTRAL, command)
    found, _text = play("drift", fails=True)
    report = json.dumps(found["drift"])
    assert not [what for what in drifts if what not in report], report
    play("site")
    again, text = play("site", "--check")
    assert not again.get("changed"), text


def main() -> None:
    """Build, prove, mend, take down."""
    cloud.prepare(HOSTS)
    for host in HOSTS:
        on(host, f"ip address replace fd00:18::{host[-1]}/64 dev eth0 nodad")
    before = {host: on(host, LOOK) for host in HOSTS}
    builds()
    on(CENTRAL, f"ip address replace {cloud.OUTSIDE}/24 dev eth0; ip address replace {OUTSIDE}/64 dev eth0 nodad")
    on(
        CENTRAL,
        "ip route replace fd00:50::/64 via 2001:db8:100::10; ip route replace fd00:60::/64 via 2001:db8:100::10",
    )
    carries()
    play("verify")
    serves()
    mends()
    carries()
    for member in ("red1", "red2"):
        on(PLACES[member], f"ip netns pids {member} | xargs kill")
    play("teardown")
    on(CENTRAL, f"ip address delete {cloud.OUTSIDE}/24 dev eth0; ip address delete {OUTSIDE}/64 dev eth0")
    for host in HOSTS:
        assert on(host, LOOK) == before[host], (host, on(host, LOOK), before[host])
    print("nothing is left")


main()
