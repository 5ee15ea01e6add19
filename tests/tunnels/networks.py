# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VXLAN networks over three hosts: equal subnets, whole packets, no broadcast where nobody is, drift, nothing left."""

from __future__ import annotations

import copy
import json
import time
import typing as t

from hosts import HOSTS, arrives, broadcast, counting, declare, on, pinging, plan, play

ONE, TWO, THREE = HOSTS
MTU = 1450
LEASES_WITHIN = 40.0
# A broadcast of red in a tunnel (RFC 7348, section 5): flags, VNI, and the address of all.
BROADCAST = f"08000000{4100:06x}00" + "ff" * 6
RED = {
    "name": "red",
    "vni": 4100,
    "subnet": "10.50.50.0/24",
    "dhcp": {"host": TWO, "start": "10.50.50.100", "end": "10.50.50.150"},
    "gateway": {"host": ONE, "masquerade": True},
    "members": [
        {"name": "red1", "host": ONE},
        {"name": "red2", "host": TWO, "address": "10.50.50.20", "publish": [{"port": 8080, "to_port": 80}]},
        {"name": "red3", "host": THREE, "address": "dhcp"},
        {"name": "red4", "host": TWO},
    ],
}
GREEN = {
    "name": "green",
    "vni": 4200,
    "subnet": ["10.50.50.0/24", "fd00:50::/64"],
    "members": [
        {"name": "green1", "host": ONE},
        {"name": "green2", "host": TWO},
        {"name": "green3", "host": ONE},
        {"name": "green4", "host": TWO, "address": ["10.50.50.99", "fd00:50::99"]},
    ],
}
ADDRESSES = {"red1": "10.50.50.3", "red2": "10.50.50.20", "red4": "10.50.50.4"}
GREENS = {"green1": "10.50.50.1", "green2": "10.50.50.2", "green3": "10.50.50.3", "green4": "10.50.50.99"}


def networks(*found: dict[str, t.Any]) -> None:
    """Declare networks for all hosts."""
    declare({"vxlan_network_networks": list(found), "vxlan_network_local": "{{ lab_address }}"})


def state(host: str) -> str:
    """What a host has."""
    links = "ip -o link | sed 's/^[0-9]*: //; s/[:@].*//' | sort"
    rest = "ip netns list; pgrep -ax dnsmasq; nft list ruleset; cat /proc/sys/net/ipv4/ip_forward; true"
    return on(host, f"{links}; {rest}", check=False)


def refuses() -> None:
    """Bad input is one sentence for the fleet, and no host is asked."""
    wrong = copy.deepcopy(RED)
    wrong["members"][1]["host"] = "lab9"
    networks(wrong)
    outcomes, text = play("site", fails=True)
    said = "vxlan_network_networks[0].members[1].host: host 'lab9' is not in the inventory"
    assert said in " ".join(text.split()), text
    assert text.count("fatal: ") == 1, text
    assert not outcomes
    # Only the host knows what its underlay carries.
    networks(RED | {"mtu": 1451})
    outcomes, text = play("site", fails=True)
    assert "vxlan_network_networks[0].mtu: 1451 does not fit" in " ".join(text.split()), text
    assert not outcomes.get("changed"), outcomes
    assert sorted(outcomes["failed"]) == HOSTS, outcomes
    declare(
        {
            "vxlan_network_networks": [RED],
            "vxlan_network_local": "{{ '203.0.113.9' if inventory_hostname == 'lab3' else lab_address }}",
        }
    )
    for turns in ((), ("--extra-vars", "netloom_serial=1")):
        outcomes, text = play("site", *turns, fails=True)
        assert "no link of the host has the address 203.0.113.9" in " ".join(text.split()), text
        assert not outcomes.get("changed"), outcomes


def builds() -> None:
    """Check mode on hosts that have nothing tells all of the run; then there is nothing more to do."""
    networks(RED, GREEN)
    checked, foretold = play("site", "--check", "--diff")
    made, done = play("site", "--diff")
    assert sorted(checked["changed"]) == sorted(made["changed"]) == HOSTS, (checked, made)
    assert plan(foretold), foretold
    assert plan(foretold) == plan(done), (plan(foretold), plan(done))
    again, _text = play("site")
    assert sorted(again["ok"]) == HOSTS, again
    limited, _text = play("site", "--limit", TWO)
    assert limited["ok"] == [TWO], limited


def lease() -> str:
    """The address that red3 has from the one server, on another host."""
    until = time.monotonic() + LEASES_WITHIN
    while time.monotonic() < until:
        found = on(THREE, "ip -n red3 -4 -brief address show eth0 | awk '{print $3}' | cut -d/ -f1")
        if found:
            return found
        time.sleep(0.5)
    raise SystemExit("red3 has no lease")


def carries() -> None:
    """Whole packets reach everybody of a network, through the gateway too, and nobody of another one."""
    leased = lease()
    assert leased.startswith("10.50.50.1"), leased
    everybody = {**ADDRESSES, "red3": leased}
    places = {one["name"]: one["host"] for network in (RED, GREEN) for one in network["members"]}
    for host in HOSTS:
        ways = {
            (name, address)
            for found in (everybody, GREENS)
            for name in found
            for other, address in found.items()
            if places[name] == host and name != other
        }
        ways |= {(name, "10.50.50.1") for name in everybody if places[name] == host}
        lost = on(
            host, "\n".join(f"{pinging(*way, MTU)} || echo {way[0]} to {way[1]} &" for way in sorted(ways)) + "\nwait"
        )
        assert not lost, lost
    assert arrives(ONE, "green1", "fd00:50::99", MTU - 20)
    assert not arrives(ONE, "red1", leased, MTU + 1)
    # .99 is only in green, .20 only in red.
    assert not arrives(ONE, "red1", GREENS["green4"], 100)
    assert not arrives(TWO, "green2", ADDRESSES["red2"], 100)
    print(f"whole packets of {MTU} bytes reach everybody of red and green, and nobody else; lease of red3: {leased}")


def reaches_the_outside() -> None:
    """Members of all hosts reach the outside through the gateway's host, and are reached by published ports."""
    outside = {host: on(host, "ip -4 -brief address show eth0 | awk '{print $3}' | cut -d/ -f1") for host in HOSTS}
    assert arrives(TWO, "red2", outside[THREE], 100)
    on(TWO, "ip netns exec red2 timeout 20 python3 -m http.server 80 --directory /proc/sys/net >/dev/null 2>&1 &")
    fetch = f"import urllib.request; print(urllib.request.urlopen('http://{outside[ONE]}:8080/', timeout=5).status)"
    assert on(THREE, f'sleep 1; python3 -c "{fetch}"') == "200"


def stays_where_it_belongs() -> None:
    """A broadcast is one packet for each host that has a part of the network. ARP does not leave the host at all."""
    for host, netns, left, arrived in (
        (ONE, "red1", {ONE: 2, TWO: 0, THREE: 0}, {TWO: 1, THREE: 1}),
        (TWO, "green2", {ONE: 0, TWO: 1, THREE: 0}, {ONE: 1, THREE: 0}),
    ):
        with counting(HOSTS, "out", 14) as out, counting(arrived, "in", 10) as inside:
            broadcast(host, netns)
        print(f"one broadcast of {netns}: packets that left {out}, arrived {inside}")
        assert (out, inside) == (left, arrived), (out, inside)
    with counting(HOSTS, "out", 8, BROADCAST) as out:
        on(ONE, "ip -n red1 neigh flush all")
        assert arrives(ONE, "red1", ADDRESSES["red2"], 100)
    print(f"red1 asked for the MAC address of red2: broadcasts in tunnels {out}")
    assert set(out.values()) == {0}, out


def tells_drift() -> None:
    """Each attribute that is changed by hand is named, and mended alone."""
    peer = "$(bridge fdb show dev vx-red | grep -om1 '00:00:00:00:00:00 dst [0-9.]*' | cut -d' ' -f3)"
    entry = "$(bridge fdb show dev vx-red | grep -v '^00:00:00:00:00:00' | grep -m1 dst | cut -d' ' -f1)"
    drifts = {
        f"bridge fdb del 00:00:00:00:00:00 dev vx-red dst {peer}": "remotes",
        f"bridge fdb del {entry} dev vx-red self": "fdb",
        "bridge link set dev vx-red neigh_suppress off": "neigh_suppress",
        "bridge link set dev vx-red learning on": "learning",
        "ip link set vx-red mtu 1300": "mtu",
        "ip neigh flush dev br-red nud permanent": "neighbours",
        "ip link delete vx-red": "vx-red",
    }
    for together in (list(drifts)[:-1], list(drifts)[-1:]):
        for command in together:
            on(ONE, command)
        found, _text = play("drift", fails=True)
        assert found["drifted"] == [ONE], found
        assert not [drifts[one] for one in together if drifts[one] not in json.dumps(found["drift"])], found["drift"]
        mended, _text = play("site")
        assert mended["changed"] == [ONE], mended
    again, _text = play("site", "--check")
    assert sorted(again["ok"]) == HOSTS, again


def lets_hosts_join_and_leave() -> None:
    """A member on another host is one remote and its entries for the others; it leaves them as they were."""
    more = copy.deepcopy(GREEN)
    more["members"].append({"name": "green5", "host": THREE})
    networks(RED, more)
    joined, text = play("site", "--diff")
    assert sorted(joined["changed"]) == HOSTS, joined
    print("\n".join(plan(text)))
    assert arrives(THREE, "green5", GREENS["green1"], MTU)
    networks(RED, GREEN)
    left, _text = play("site")
    assert sorted(left["changed"]) == HOSTS, left
    assert "green" not in on(THREE, "ip -o link; ip netns list")


def main() -> None:
    """Build, prove, break, mend, and take down."""
    networks(RED, GREEN)
    before = {host: state(host) for host in HOSTS}
    refuses()
    assert {host: state(host) for host in HOSTS} == before
    builds()
    carries()
    reaches_the_outside()
    stays_where_it_belongs()
    lets_hosts_join_and_leave()
    tells_drift()
    carries()
    play("teardown")
    for host in HOSTS:
        assert state(host) == before[host], (state(host), before[host])
    print("nothing is left")


main()
