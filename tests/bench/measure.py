# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure `topology` against scripts that do the same by hand, on a fresh lab host. Prints a table.

tests/bench/run [--namespaces 64] [--tenants 20] [--repeat 1]
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import typing as t

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LAB = os.environ.get("NETLOOM_LAB", str(ROOT / "tests/lab/lab"))
Numbers = dict[str, float]


def on_host(script: str) -> float:
    """Run a shell script on the lab host; its seconds, measured there."""
    # Daemons that the script starts must inherit none of our pipes, or we wait for them.
    timed = 's=$(date +%s%N); bash -ec "$1" </dev/null >/dev/null 2>/tmp/bench.err || { tail -n 5 /tmp/bench.err >&2; exit 1; }; echo $(($(date +%s%N) - s))'
    done = subprocess.run([LAB, "exec", "1", "--", "bash", "-c", timed, "timed", script], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"A script of the benchmark failed ({done.returncode}): {done.stderr[-2000:]}")
    return int(done.stdout) / 1e9


def play(wish: dict[str, t.Any]) -> tuple[float, float, int]:
    """One ansible-playbook with one task: seconds of the whole, seconds of the task, steps."""
    with tempfile.TemporaryDirectory() as folder:
        values, durations = pathlib.Path(folder, "wish.json"), pathlib.Path(folder, "durations")
        values.write_text(json.dumps({"wish": wish}), encoding="utf-8")
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/links"),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "durations",
            "ANSIBLE_PIPELINING": "true",
            "BENCH_DURATIONS": str(durations),
        }
        command = [ROOT / ".venv/bin/ansible-playbook", "-i", os.environ["NETLOOM_LAB_INVENTORY"], HERE / "topology.yml", "-e", f"@{values}"]
        start = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment)
        whole = time.monotonic() - start
        if done.returncode:
            sys.exit(f"ansible-playbook failed: {done.stdout[-3000:]}")
        _name, seconds, steps = durations.read_text(encoding="utf-8").splitlines()[-1].split("\t")
        return whole, float(seconds), int(steps)


def bridged(count: int) -> dict[str, t.Any]:
    """Namespaces on one Linux bridge, each with a cable, an address and a default route."""
    names = [f"n{i}" for i in range(count)]
    address = {name: f"10.9.{i // 250}.{i % 250 + 1}" for i, name in enumerate(names)}
    return {
        "name": "bridged",
        "netns": [{"name": name} for name in names],
        "linux_bridge": [{"name": "br0", "addresses": ["10.9.255.254/16"], "ports": [f"v-{name}" for name in names]}],
        "veth": [{"name": f"v-{name}", "master": "br0", "peer": {"name": "eth0", "netns": name, "addresses": [f"{address[name]}/16"]}} for name in names],
        "netns_route": [{"netns": name, "destination": "default", "gateway": "10.9.255.254"} for name in names],
    }


def bridged_by_hand(count: int) -> tuple[str, str]:
    """The same as a loop of ip commands: build, tear down."""
    build = f"""
ip link add br0 type bridge; ip address add 10.9.255.254/16 dev br0; ip link set br0 up
for i in $(seq 0 {count - 1}); do
    ip netns add n$i
    ip link add v-n$i type veth peer name eth0 netns n$i
    ip link set v-n$i master br0; ip link set v-n$i up
    ip -n n$i link set lo up
    ip -n n$i address add 10.9.$((i / 250)).$((i % 250 + 1))/16 dev eth0
    ip -n n$i link set eth0 up
    ip -n n$i route add default via 10.9.255.254
done"""
    return build, f"for i in $(seq 0 {count - 1}); do ip link delete v-n$i; ip netns delete n$i; done; ip link delete br0"


def bridged_by_batch(count: int) -> tuple[str, str]:
    """The same by `ip -batch`: one for the host, one for each namespace (a batch cannot change the namespace)."""
    build = f"""
{{ echo link add br0 type bridge; echo address add 10.9.255.254/16 dev br0; echo link set br0 up
   for i in $(seq 0 {count - 1}); do
       echo netns add n$i
   done; }} | ip -batch -
for i in $(seq 0 {count - 1}); do
    echo link add v-n$i up master br0 type veth peer name eth0 netns n$i
done | ip -batch -
for i in $(seq 0 {count - 1}); do
    printf '%s\\n' 'link set lo up' \\
        "address add 10.9.$((i / 250)).$((i % 250 + 1))/16 dev eth0" 'link set eth0 up' 'route add default via 10.9.255.254' | ip -n n$i -batch -
done"""
    return (
        build,
        (
            f"last={count - 1}; {{ for i in $(seq 0 $last); do echo link delete v-n$i; done; for i in $(seq 0 $last); do echo netns delete n$i; done"
            "; echo link delete br0; } | ip -batch -"
        ),
    )


def tenants(count: int) -> dict[str, t.Any]:
    """Tenants on one Open vSwitch, each with a VLAN, a DHCP server and a client; all use 10.50.50.0/24."""
    numbers = range(count)
    return {
        "name": "tenants",
        "netns": [{"name": f"{role}{i}"} for i in numbers for role in ("s", "c")],
        "ovs_bridge": [{"name": "OVS1"}],
        "veth": [{"name": f"v{i}", "peer": {"name": "eth0", "netns": f"c{i}"}} for i in numbers],
        "ovs_port": [{"bridge": "OVS1", "name": f"v{i}", "tag": 100 + i} for i in numbers]
        + [{"bridge": "OVS1", "name": f"t{i}", "type": "internal", "tag": 100 + i, "netns": f"s{i}", "addresses": ["10.50.50.2/24"]} for i in numbers],
        "dnsmasq_in_ns": [
            {"name": f"s{i}", "netns": f"s{i}", "interfaces": [f"t{i}"], "ranges": [{"start": "10.50.50.10", "end": "10.50.50.100", "prefix": 24}]}
            for i in numbers
        ],
        "netns_dhcp_client": [{"netns": f"c{i}", "interface": "eth0"} for i in numbers],
    }


def tenants_by_hand(count: int, together: bool) -> tuple[str, str]:
    """The same by ip, ovs-vsctl, ethtool, dnsmasq and dhclient; ``together``: the clients ask at the same time."""
    build = f"""
mkdir -p /tmp/bench; ovs-vsctl add-br OVS1 -- set bridge OVS1 datapath_type=netdev
for i in $(seq 0 {count - 1}); do
    ip netns add s$i; ip netns add c$i; ip -n s$i link set lo up; ip -n c$i link set lo up
    mkdir -p /etc/netns/c$i; touch /etc/netns/c$i/resolv.conf
    ip link add v$i type veth peer name eth0 netns c$i
    ip link set v$i up; ip -n c$i link set eth0 up
    ip netns exec c$i ethtool -K eth0 tx off
    ovs-vsctl add-port OVS1 v$i tag=$((100 + i)) -- add-port OVS1 t$i tag=$((100 + i)) -- set interface t$i type=internal
    ip link set t$i netns s$i
    ip -n s$i address add 10.50.50.2/24 dev t$i; ip -n s$i link set t$i up
    ip netns exec s$i dnsmasq --conf-file=/dev/null --port=0 --interface=t$i --bind-interfaces --dhcp-range=10.50.50.10,10.50.50.100,255.255.255.0 \
        --dhcp-leasefile=/tmp/bench/s$i.leases --pid-file=/tmp/bench/s$i.pid
done
for i in $(seq 0 {count - 1}); do
    ip netns exec c$i dhclient -1 -lf /tmp/bench/c$i.leases -pf /tmp/bench/c$i.pid eth0 2>/dev/null {"&" if together else ""}
done
wait
for i in $(seq 0 {count - 1}); do ip -n c$i -4 -o address show dev eth0 | grep -q 10.50.50; done"""
    down = f"""
for i in $(seq 0 {count - 1}); do
    ip netns exec c$i dhclient -r -lf /tmp/bench/c$i.leases -pf /tmp/bench/c$i.pid eth0 2>/dev/null; kill $(cat /tmp/bench/s$i.pid)
    ovs-vsctl del-port OVS1 t$i -- del-port OVS1 v$i; ip link delete v$i; ip netns delete c$i; ip netns delete s$i; rm -r /etc/netns/c$i
done
ovs-vsctl del-br OVS1; rm -r /tmp/bench"""
    return build, down


def by_topology(wish: dict[str, t.Any]) -> Numbers:
    """Build, look again, take down."""
    build, task, steps = play(wish)
    again, again_task, none = play(wish)
    down, down_task, _steps = play({"name": wish["name"], "state": "absent"})
    if not steps or none:
        sys.exit(f"The second run of {wish['name']} changed {none} things.")
    return {"build": build, "build_task": task, "again": again, "again_task": again_task, "down": down, "down_task": down_task, "steps": steps}


def by_script(build: str, down: str) -> Numbers:
    """Build and take down; a script cannot look."""
    return {"build": on_host(build), "down": on_host(down)}


def measured(what: t.Callable[[], Numbers], repeat: int) -> Numbers:
    """The median of some runs."""
    found = [what() for turn in range(repeat)]
    return {key: statistics.median(numbers[key] for numbers in found) for key in found[0]}


def table(title: str, rows: dict[str, Numbers], base: str) -> None:
    """Seconds, and how many times the base's."""
    print(f"\n{title}\n{'':44}{'build':>16}{'again':>10}{'tear down':>18}")
    for name, numbers in rows.items():
        for suffix, label in (("", name), ("_task", "    of which the task")):
            if f"build{suffix}" not in numbers:
                continue
            words = f"{label:44}"
            for phase, width in (("build", 8), ("again", 10), ("down", 10)):
                value = numbers.get(f"{phase}{suffix}")
                words += f"{value:{width}.2f}" if value is not None else f"{'-':>{width}}"
                if phase != "again":
                    words += f"  x{value / rows[base][phase]:<5.2f}" if value is not None else " " * 8
            print(words.rstrip())


def main() -> None:
    """Everything, on a lab host; if there is none, on a fresh one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--namespaces", type=int, default=64)
    parser.add_argument("--tenants", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=1, help="runs of each, of which the median is shown")
    options = parser.parse_args()
    if "NETLOOM_LAB_INVENTORY" not in os.environ:
        os.execv(LAB, [LAB, "run", "--", str(HERE / "run"), *sys.argv[1:]])
    on_host("systemctl start openvswitch-switch; for i in $(seq 100); do ovs-vsctl show >/dev/null && break; sleep 0.1; done")
    play({"name": "warm", "netns": [{"name": "warm"}]})
    play({"name": "warm", "state": "absent"})
    floor = measured(lambda: dict(zip(("build", "build_task"), play({"name": "floor"})[:2])), options.repeat)
    print(f"Load of the machine while measuring: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores. Seconds; x: times the script of commands.")
    print(f"An empty topology: {floor['build']:.2f} the playbook, {floor['build_task']:.2f} the task.")
    count = options.namespaces
    hand = "bash: ip commands"
    rows = {
        "topology: ansible-playbook": measured(lambda: by_topology(bridged(count)), options.repeat),
        hand: measured(lambda: by_script(*bridged_by_hand(count)), options.repeat),
        "ip -batch": measured(lambda: by_script(*bridged_by_batch(count)), options.repeat),
    }
    table(f"{count} namespaces on a Linux bridge ({rows['topology: ansible-playbook']['steps']:.0f} steps)", rows, hand)
    count = options.tenants
    hand = "bash: ip, ovs-vsctl, dnsmasq, dhclient"
    rows = {
        "topology: ansible-playbook": measured(lambda: by_topology(tenants(count)), options.repeat),
        hand: measured(lambda: by_script(*tenants_by_hand(count, together=False)), options.repeat),
        "the same, clients asking at the same time": measured(lambda: by_script(*tenants_by_hand(count, together=True)), options.repeat),
    }
    table(f"{count} tenants with DHCP on Open vSwitch ({rows['topology: ansible-playbook']['steps']:.0f} steps)", rows, hand)
    print(f"\nLoad of the machine at the end: {os.getloadavg()[0]:.1f}.")


main()
