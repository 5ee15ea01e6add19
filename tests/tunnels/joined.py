# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenants over three hosts: leases from one server, isolation, no storm, drift that is mended, nothing left."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
import typing as t

import hosts as lab
from hosts import HOSTS, LAB, PROGRAM, READY, arrives, broadcast, counting, number, on, plan, play

KIND = sys.argv[1]
SUBNET = "10.50.50.0/24"
LEASES_WITHIN = 40.0


def tenants(*members: str) -> list[dict[str, t.Any]]:
    """Two tenants with one subnet. The server of the first is on the last host, which is built last."""
    red = [{"name": f"red{number(host)}", "host": host} for host in members]
    green = [{"name": f"green{number(host)}", "host": host, "attach": "internal"} for host in members[:2]]
    printer = [{"name": "printer", "host": members[-1], "address": "10.50.50.200"}]
    return [
        {"name": "red", "tag": 100, "subnet": SUBNET, "server": {"host": members[-1]}, "members": red},
        {"name": "green", "tag": 200, "subnet": SUBNET, "server": {"host": members[0]}, "members": [*green, *printer]},
    ]


def declare(hosts: list[str], kind: str = KIND, local: str = "{{ lab_address }}") -> None:
    """Declare the tenants for these hosts, once for all."""
    lab.declare(
        {
            "ovs_vlan_dhcp_tenants": tenants(*hosts),
            "ovs_vlan_dhcp_tunnels": {"type": kind, "key": 7},
            "ovs_vlan_dhcp_local": local,
        }
    )


def address(host: str, netns: str) -> str:
    """The address of a member, without its prefix length; empty if it has none."""
    text = on(host, f"ip -n {netns} -4 -brief address show | awk '$1 !~ /^lo/ {{print $3}}' | cut -d/ -f1")
    return text.splitlines()[0] if text else ""


def leases(hosts: list[str]) -> dict[str, str]:
    """The address of each member of red, when all have one."""
    until = time.monotonic() + LEASES_WITHIN
    while True:
        found = {host: address(host, f"red{number(host)}") for host in hosts}
        if all(found.values()):
            return found
        if time.monotonic() > until:
            raise SystemExit(f"leases: {found}")
        time.sleep(1)


def builds(hosts: list[str]) -> bool:
    """Check mode on hosts that have nothing, host by host; then the run; then nothing more. Returns whether the tunnels
    of the first host are Open vSwitch's own.
    """
    declare(hosts[:2])
    checked, foretold = play("site", "--check", "--diff", "--extra-vars", "netloom_serial=1")
    made, done = play("site", "--diff", "--extra-vars", "netloom_serial=1")
    assert sorted(checked["changed"]) == sorted(made["changed"]) == hosts[:2], (checked, made)
    assert plan(foretold), foretold
    assert plan(foretold) == plan(done), (plan(foretold), plan(done))
    declare(hosts)
    leases(hosts[:2])
    joined, done = play("site", "--diff")
    assert sorted(joined["changed"]) == hosts, joined
    print("\n".join(plan(done)))
    again, _text = play("site")
    assert sorted(again["ok"]) == hosts, again
    limited, _text = play("site", "--limit", hosts[1])
    assert limited["ok"] == hosts[1:2], limited
    datapath = on(hosts[0], "ovs-vsctl get bridge OVS1 datapath_type").strip('"') or "system"
    own = "t-OVS1" not in on(hosts[0], "ovs-vsctl list-ports OVS1").split()
    print(f"{KIND}: datapath {datapath}, {'tunnels of Open vSwitch' if own else 'a link of the kernel'}")
    return own


def carries(hosts: list[str]) -> None:
    """Leases come from the one server, whole packets arrive, and equal subnets do not meet."""
    found = leases(hosts)
    print(f"leases of red: {found}")
    assert len(set(found.values())) == len(hosts)
    servers = {host: on(host, "pgrep -cx dnsmasq", check=False) for host in hosts}
    assert servers == {hosts[0]: "1", hosts[1]: "0", hosts[2]: "1"}, servers
    for one in hosts:
        mtu = int(on(one, f"ip netns exec red{number(one)} cat /sys/class/net/eth0/mtu"))
        for other in hosts:
            if other != one:
                assert arrives(one, f"red{number(one)}", found[other], mtu), (one, other, mtu)
        print(f"{one}: packets of {mtu} bytes reach all others")
    streams(hosts[0], hosts[1], found)
    streams(hosts[2], hosts[0], found)
    assert arrives(hosts[0], "green1", "10.50.50.200", mtu)
    assert not arrives(hosts[0], "red1", "10.50.50.200", 1000)
    play("verify")


def streams(one: str, other: str, found: dict[str, str]) -> None:
    """TCP moves more than a few packets: neither its length nor its checksums are in the way."""
    size, serve = 20_000_000, "import socket; s = socket.create_server(('', 5001)); s.settimeout(30); c, _ = s.accept()"
    inside = ["ip", "netns", "exec", f"red{number(other)}", "timeout", "90", "python3", "-c"]
    waiting = subprocess.Popen([LAB, "exec", number(other), "--", *inside, f"{serve}; c.sendall(bytes({size}))"])
    time.sleep(READY)
    fetch = (
        f"import socket, time; c = socket.create_connection(('{found[other]}', 5001), 10); c.settimeout(30)\n"
        "began, size = time.monotonic(), 0\n"
        "while data := c.recv(1 << 20): size += len(data)\n"
        "print(size, time.monotonic() - began)"
    )
    moved, seconds = on(one, f"ip netns exec red{number(one)} timeout 90 python3 -c {shlex.quote(fetch)}").split()
    assert waiting.wait() == 0
    assert int(moved) == size
    print(f"{one} from {other}: {size * 8 / float(seconds) / 1e6:.0f} Mbit/s by TCP")


def no_storm(hosts: list[str]) -> None:
    """One broadcast is one packet for each peer, and reaches the members of its tenant once."""
    inside = counting(hosts[1:], "in", 12, netns="red{}")
    with counting(hosts, "out", 12) as left, inside as arrived:
        broadcast(hosts[0], "red1")
    print(f"one broadcast: packets that left {left}, arrived {arrived}")
    assert left == {hosts[0]: 2, hosts[1]: 0, hosts[2]: 0}, left
    assert arrived == {hosts[1]: 1, hosts[2]: 1}, arrived


def no_storm_while_ports_are_added(hosts: list[str]) -> None:
    """All tunnels are taken away, and come back while a member broadcasts."""
    for host in hosts:
        on(host, "for port in $(ovs-vsctl list-ports OVS1 | grep ^t-); do ovs-vsctl del-port OVS1 $port; done")
    times = 800
    command = ["ip", "netns", "exec", "red1", *PROGRAM, "send", "eth0", str(times), "0.05"]
    with counting(hosts, "out", 56) as left:
        sender = subprocess.Popen([LAB, "exec", "1", "--", *command])
        made, _text = play("site")
        assert sorted(made["changed"]) == hosts, made
        assert sender.wait() == 0
    print(f"{times} broadcasts while tunnels were added: packets that left {left}")
    assert 0 < left[hosts[0]] <= 2 * times, left
    assert left[hosts[1]] == left[hosts[2]] == 0, left


def refuses_where_they_cannot_be(hosts: list[str]) -> None:
    """Geneve over a link of the kernel: told to all hosts with the same words, and nothing is touched."""
    declare(hosts, "geneve")
    told = refused_on_all(hosts)
    assert any(f"'geneve' is not possible on host '{host}'" in told for host in hosts), told
    declare(hosts)
    again, _text = play("site", "--check")
    assert sorted(again["ok"]) == hosts, again


def tells_drift(hosts: list[str], own: bool) -> None:
    """Each attribute that is changed by hand is named, and these alone are mended; then a whole object."""
    port = f"t-{hosts[1]}.OVS1"
    drifts = {
        True: {
            f"ovs-vsctl set port {port} protected=false": "protected",
            f"ovs-vsctl set interface {port} options:remote_ip=198.18.78.99": "remote_ip",
            f"ovs-vsctl set interface {port} options:key=8": "key",
            f"ovs-vsctl del-port OVS1 {port}": port,
        },
        False: {
            "ovs-vsctl set port t-OVS1 protected=false": "protected",
            "bridge fdb del 00:00:00:00:00:00 dev t-OVS1 dst $(bridge fdb show dev t-OVS1 | grep -om1 'dst [0-9.]*'"
            " | cut -c 5-)": "remotes",
            "ip link set t-OVS1 mtu 1300": "mtu",
            "ip link delete t-OVS1": "t-OVS1",
        },
    }
    attributes = {command: word for command, word in drifts[own].items() if word.islower()}
    objects = {command: word for command, word in drifts[own].items() if not word.islower()}
    for together in (attributes, objects):
        for command in together:
            on(hosts[0], command)
        found, _text = play("drift", fails=True)
        assert found["drifted"] == hosts[:1], found
        for word in together.values():
            assert word in json.dumps(found["drift"]), (word, found["drift"])
        mended, _text = play("site")
        assert mended["changed"] == hosts[:1], mended
        if together is attributes:  # no whole object; all columns of a port are one step
            assert mended["steps"] == {hosts[0]: 1 if own else len(attributes)}, mended
    again, _text = play("site", "--check")
    assert sorted(again["ok"]) == hosts, again


def leaves_nothing(hosts: list[str], before: dict[str, str]) -> None:
    """Each host is as it was."""
    play("teardown")
    for host in hosts:
        assert state(host) == before[host], (state(host), before[host])
    print("nothing is left")


def state(host: str) -> str:
    """What a host has."""
    links = "ip -o link | sed 's/^[0-9]*: //; s/[:@].*//' | grep -v '^ovs-\\|^vxlan_sys\\|^genev_sys\\|^gre' | sort"
    return on(host, f"{links}; ip netns list; ovs-vsctl list-br; pgrep -ax dnsmasq; true", check=False)


def refuses(hosts: list[str]) -> None:
    """Bad input is one sentence for the fleet, and no host is asked."""
    declare([*hosts[:2], "lab9"])
    _outcomes, text = play("site", fails=True)
    assert "ovs_vlan_dhcp_tenants[0].server.host: host 'lab9' is not in the inventory" in " ".join(text.split()), text


def refused_on_all(hosts: list[str], *options: str) -> str:
    """What a run says that all hosts refuse with the same words."""
    outcomes, _text = play("site", *options, fails=True)
    assert sorted(outcomes["failed"]) == hosts, outcomes
    (told,) = set(outcomes["failed"].values())
    return str(told)


def refuses_what_one_host_cannot_carry(hosts: list[str], before: dict[str, str]) -> None:
    """A host without its underlay, or with a smaller one, is told to all hosts: none of them is touched."""
    declare(hosts, local="{{ '198.18.250.9' if lab_number == 2 else lab_address }}")
    play("site", "--extra-vars", '{"ovs_vlan_dhcp_tenants": []}')  # packages, services
    for options in (["--check"], []):
        told = refused_on_all(hosts, *options)
        assert "ovs_vlan_dhcp_local of host 'lab2': no link of the host has the address 198.18.250.9" in told, told
    declare(hosts)
    on(hosts[1], "ip link set eth0 mtu 1400")
    for options in (["--check"], []):
        told = refused_on_all(hosts, *options)
        assert "ovs_vlan_dhcp_tenants[0].mtu: the automatic MTU would be another one on each host" in told, told
        assert "host 'lab2' with 1400. Write ovs_vlan_dhcp_underlay_mtu: 1400" in told, told
    on(hosts[1], "ip link set eth0 mtu 1500")
    assert {host: state(host) for host in hosts} == before


def main() -> None:
    """Build, prove, break, mend, and take down."""
    hosts = list(HOSTS)
    refuses(hosts)
    declare(hosts)
    before = {host: state(host) for host in hosts}
    refuses_what_one_host_cannot_carry(hosts, before)
    own = builds(hosts)
    carries(hosts)
    no_storm(hosts)
    no_storm_while_ports_are_added(hosts)
    carries(hosts)
    tells_drift(hosts, own)
    if not own:
        refuses_where_they_cannot_be(hosts)
    leaves_nothing(hosts, before)


main()
