# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks over three hosts, made with ip, proven by the playbook verify, and broken behind its back."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import typing as t

LAB = os.environ["NETLOOM_LAB"]
INVENTORY = pathlib.Path(os.environ["NETLOOM_LAB_INVENTORY"])
VARIABLES = pathlib.Path(os.environ["NETLOOM_LAB_DIR"]) / "segments.json"
NETWORKS = {"red": 4100, "green": 4200}  # with equal subnets
MTU = 1450
HOSTS = (1, 2, 3)
ADDRESS = "198.18.78.{}"
LISTENING = "ss -Hxl | grep @netloom; pgrep -x netloom-listen; ls -d /run/netloom/*listen* 2>/dev/null"


class Told(t.NamedTuple):
    """The end of a playbook: its status, its artifact, and what it printed."""

    status: int
    artifact: dict[str, t.Any]
    printed: str

    def surprises(self, host: str) -> str:
        """All surprises of a host."""
        return "\n".join(self.artifact["surprises"].get(host, ()))


def names() -> list[str]:
    """The hosts, as the inventory calls them."""
    command = ["ansible-inventory", "-i", INVENTORY, "--list"]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)
    return sorted(found["lab_hosts"]["hosts"])


def on_host(number: int, command: str) -> str:
    """Do something on a host, and return what it prints."""
    done = subprocess.run(
        [LAB, "exec", str(number), "--", "bash", "-c", command], stdout=subprocess.PIPE, check=True, text=True
    )
    return done.stdout


def mac(number: int, index: int) -> str:
    """The MAC address of a member."""
    return f"02:00:00:00:{index:02x}:{number:02x}"


def build(number: int) -> None:
    """Networks of one host: a bridge, a VXLAN link with a list of peers and no learning, and a member."""
    lines = ["set -e"]
    for index, (name, vni) in enumerate(NETWORKS.items()):
        lines += [
            f"ip link add br-{name} type bridge; ip link set br-{name} up",
            f"ip link add vx-{name} type vxlan id {vni} local {ADDRESS.format(number)} dstport 4789 nolearning",
            f"ip link set vx-{name} mtu {MTU} master br-{name} up",
            f"ip netns add {name}{number}",
            (
                f"ip link add v-{name} mtu {MTU} type veth peer name eth0 mtu {MTU} address {mac(number, index)}"
                f" netns {name}{number}"
            ),
            f"ip link set v-{name} master br-{name} up",
            f"ip -n {name}{number} address add 10.50.50.1{number}/24 dev eth0; ip -n {name}{number} link set eth0 up",
        ]
        for other in (one for one in HOSTS if one != number):
            to = ADDRESS.format(other)
            lines += [
                f"bridge fdb append 00:00:00:00:00:00 dev vx-{name} dst {to}",
                f"bridge fdb replace {mac(other, index)} dev vx-{name} dst {to}",
            ]
    on_host(number, "\n".join(lines))


def segments(hosts: list[str]) -> list[dict[str, t.Any]]:
    """The networks as verify takes them."""
    return [
        {
            "name": name,
            "number": vni,
            "mtu": MTU,
            "members": [
                {"name": f"{name}{number}", "host": hosts[number - 1], "mac": mac(number, index)} for number in HOSTS
            ],
        }
        for index, (name, vni) in enumerate(NETWORKS.items())
    ]


def command(*options: str) -> list[str]:
    """The playbook."""
    python = "ansible_python_interpreter=/usr/bin/python3"
    more = ["--extra-vars", f"@{VARIABLES}", "--extra-vars", python, *options]
    return ["ansible-playbook", "-i", str(INVENTORY), "netloom.linux.verify", *more]


def verify(*options: str) -> Told:
    """Run the playbook."""
    plain = {**os.environ, "ANSIBLE_SHOW_CUSTOM_STATS": "true", "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
    start = time.monotonic()
    done = subprocess.run(command(*options), stdout=subprocess.PIPE, env=plain, text=True, check=False)
    ends = [line for line in done.stdout.splitlines() if line.startswith("\tRUN: ")]
    assert ends, done.stdout
    found = Told(done.returncode, json.loads(ends[0].partition(" ")[2])["netloom_verify"], done.stdout)
    print(f"  verify {' '.join(options)}: status {found.status}, {time.monotonic() - start:.1f} s")
    for host, sentences in found.artifact["surprises"].items():
        for one in sentences:
            print(f"    {host}: {one}")
    for one in found.artifact["unproven"]:
        print(f"    {one}")
    return found


def nothing_listens() -> None:
    """Nobody listens on any host, and nothing is in a file."""
    for number in HOSTS:
        found = on_host(number, f"{LISTENING}; true")
        assert not found, found
        inside = on_host(number, "for n in $(ls /run/netns); do ip netns exec $n ss -Hltnup; done")
        assert not inside, inside


def test_all_is_well(hosts: list[str]) -> None:
    """Each ordered pair of hosts, and the isolation of equal subnets."""
    told = verify()
    assert (told.status, told.artifact["surprises"], told.artifact["unproven"]) == (0, {}, [])
    assert set(told.artifact["held"]) == set(hosts)
    # Two networks and two peers: icmp, arp, tcp, udp and a frame to each, and isolation of two members.
    assert set(told.artifact["held"].values()) == {2 * 2 * 5 + 2}
    nothing_listens()


def test_serial_and_one_fork_change_nothing(hosts: list[str]) -> None:
    """The proofs have a play without serial, whatever the others have."""
    told = verify("--extra-vars", "netloom_serial=1", "--forks", "1")
    assert (told.status, told.artifact["surprises"], len(told.artifact["held"])) == (0, {}, len(hosts))


def test_limit_says_what_it_leaves_out(hosts: list[str]) -> None:
    """What is among the limited hosts is proven."""
    told = verify("--limit", f"{hosts[0]},{hosts[1]}")
    assert (told.status, told.artifact["surprises"]) == (0, {})
    assert told.artifact["unproven"] == [
        (
            f"{hosts[2]} is not among the hosts of this run, so nothing between it and {hosts[0]}, {hosts[1]} was"
            " proven (red, green)."
        )
    ]


def broken(number: int, breaks: str, heals: str, sentences: dict[str, str], absent: t.Sequence[str] = ()) -> Told:
    """Break something on a host: exactly these hosts have surprises, with these words. Then heal it."""
    on_host(number, breaks)
    try:
        told = verify()
    finally:
        on_host(number, heals)
    assert told.status == 2, told.printed
    for host, sentence in sentences.items():
        assert sentence in told.surprises(host), (host, sentence)
    for host in absent:
        assert not told.surprises(host), told.surprises(host)
    return told


def test_a_remote_is_missing(hosts: list[str]) -> None:
    """Frames to all do not reach the third host; unicast does."""
    entry = f"00:00:00:00:00:00 dev vx-red dst {ADDRESS.format(3)}"
    says = f"vx-red of {hosts[0]} does not send to {ADDRESS.format(3)}, where the tunnels of {hosts[2]} end"
    broken(1, f"bridge fdb del {entry}", f"bridge fdb append {entry}", {hosts[0]: says}, [hosts[1]])


def test_a_forwarding_entry_is_wrong(hosts: list[str]) -> None:
    """What is for a member of the second host goes to the third one."""
    entry = f"bridge fdb replace {mac(2, 0)} dev vx-red dst"
    says = f"vx-red of {hosts[0]} sends what is for {mac(2, 0)} (red2 on {hosts[1]}) to {ADDRESS.format(3)}, not to"
    broken(1, f"{entry} {ADDRESS.format(3)}", f"{entry} {ADDRESS.format(2)}", {hosts[0]: says}, [hosts[2]])


def test_a_forwarding_entry_is_missing(hosts: list[str]) -> None:
    """With flooding off, nothing else tells the bridge where a member is."""
    off = "bridge link set dev vx-red flood off learning off"
    entries = [f"bridge fdb replace {mac(other, 0)} dev vx-red master static" for other in (2, 3)]
    forget = f"bridge fdb del {mac(2, 0)} dev vx-red master"
    on_host(1, "; ".join([off, *entries]))
    assert verify().status == 0
    says = f"br-red of {hosts[0]} has no forwarding entry for {mac(2, 0)} (red2 on {hosts[1]}) at vx-red"
    broken(1, forget, "bridge link set dev vx-red flood on learning on", {hosts[0]: says}, [hosts[2]])


def test_a_wrong_vni(hosts: list[str]) -> None:
    """One host is in another network."""
    remake = "ip link del vx-red; ip link add vx-red type vxlan id {} local {} dstport 4789 nolearning;"
    remake += f" ip link set vx-red mtu {MTU} master br-red up;"
    for other in (1, 3):
        remake += f" bridge fdb append 00:00:00:00:00:00 dev vx-red dst {ADDRESS.format(other)};"
        remake += f" bridge fdb replace {mac(other, 0)} dev vx-red dst {ADDRESS.format(other)};"
    says = f"vx-red of {hosts[1]} has VNI 4101, though that of red is 4100"
    told = broken(
        2,
        remake.format(4101, ADDRESS.format(2)),
        remake.format(4100, ADDRESS.format(2)),
        dict.fromkeys(hosts, says),
    )
    assert not any(one.startswith("green") for one in told.surprises(hosts[0]).splitlines())


def test_the_underlay_is_cut(hosts: list[str]) -> None:
    """SSH does not need the cable here."""
    subprocess.run([LAB, "cut", "3"], check=True)
    try:
        told = verify()
    finally:
        subprocess.run([LAB, "heal", "3"], check=True)
    assert told.status == 2
    says = f"{hosts[0]} does not reach {hosts[2]} itself at {ADDRESS.format(3)}, where its tunnels end"
    assert says in told.surprises(hosts[0])
    assert f"{hosts[0]} -> {hosts[1]}" not in told.surprises(hosts[0])


def test_the_underlay_is_too_small(hosts: list[str]) -> None:
    """Small packets pass."""
    # Of the host's own link, so that the kernel says what does not fit.
    told = broken(
        2, "ip link set eth0 mtu 1400", "ip link set eth0 mtu 1500", {hosts[1]: "Small packets pass, those of"}
    )
    assert f"they need an MTU of {MTU + 50} all the way from {hosts[1]}" in told.surprises(hosts[1])


def test_a_packet_filter_drops_the_tunnel(hosts: list[str]) -> None:
    """The hosts reach each other, and the tunnel's packets arrive and get no further."""
    table = "nft add table inet t; nft add chain inet t i '{ type filter hook input priority 0; }'"
    rule = "nft add rule inet t i udp dport 4789 drop"
    says = f"Frames of {hosts[0]} arrive at {hosts[1]} on port 4789 with the number 4100, and no member hears them"
    # The other way everything arrives, and the answers do not.
    broken(2, f"{table}; {rule}", "nft delete table inet t", {hosts[0]: says, hosts[1]: says})


def test_a_tunnel_port_is_not_on_its_bridge(hosts: list[str]) -> None:
    """The link is there, and joins nothing."""
    says = f"vx-red of {hosts[1]}, which has VNI 4100, is not a port of br-red"
    broken(2, "ip link set vx-red nomaster", "ip link set vx-red master br-red", dict.fromkeys(hosts, says))


def test_two_networks_are_joined(hosts: list[str]) -> None:
    """A cable between two bridges of one host: frames of each network arrive in the other, on all hosts."""
    told = broken(
        3,
        "ip link add leak0 type veth peer name leak1; ip link set leak0 master br-red up;"
        " ip link set leak1 master br-green up",
        "ip link del leak0",
        {
            hosts[0]: f"red, red1 on {hosts[0]}: frames of green1 on {hosts[0]}, green2 on {hosts[1]}, green3 on",
            hosts[1]: f"green, green2 on {hosts[1]}: frames of red1 on {hosts[0]}, red2 on {hosts[1]}, red3 on",
        },
    )
    assert "though the two networks must be isolated" in told.surprises(hosts[2])
    assert f"Look on {hosts[2]} for a link" in told.surprises(hosts[0])


def test_a_namespace_is_gone(hosts: list[str]) -> None:
    """Its host says so, and the others go on."""
    on_host(
        3, "ip link set v-green down; ip netns add kept; ip -n green3 link set eth0 netns kept; ip netns del green3"
    )
    heals = "ip netns add green3; ip -n kept link set eth0 netns green3; ip netns del kept; ip link set v-green up;"
    heals += " ip -n green3 address add 10.50.50.13/24 dev eth0; ip -n green3 link set eth0 up"
    told = broken(3, "true", heals, {hosts[2]: f"green, {hosts[2]}: there is no namespace 'green3'."}, hosts[:2])
    assert told.artifact["held"][hosts[0]] > 0


def test_a_host_does_not_answer(hosts: list[str]) -> None:
    """It is unreachable, and no surprise of the others."""
    lost = json.dumps({"ansible_ssh_args": "-F /dev/null", "ansible_host": "198.18.78.250", "ansible_timeout": 3})
    extra = INVENTORY.parent / "lost.json"
    extra.write_text(json.dumps({"all": {"hosts": {hosts[2]: json.loads(lost)}}}))
    told = verify("-i", str(extra))
    extra.unlink()
    assert told.status == 4
    assert told.artifact["surprises"] == {}
    assert list(told.artifact["unreachable"]) == [hosts[2]]
    assert told.artifact["unproven"] == [
        f"{hosts[2]} was not reached, so nothing between it and {hosts[0]}, {hosts[1]} was proven (red, green)."
    ]


def test_a_killed_run_leaves_nothing_after_its_time(hosts: list[str]) -> None:
    """The listeners end by themselves."""
    assert hosts
    seconds = 15
    run = subprocess.Popen(command("--extra-vars", f"verify_listen_seconds={seconds}"), start_new_session=True)
    while not on_host(1, "pgrep -x netloom-listen; true"):
        assert run.poll() is None
        time.sleep(0.2)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    time.sleep(seconds + 3)
    nothing_listens()


def test_check_mode_sends_nothing(hosts: list[str]) -> None:
    """It says so, and nobody listens."""
    told = verify("--check")
    assert told.status == 0 and not told.artifact["held"] and hosts
    nothing_listens()


def main() -> int:
    """All tests, each on what the one before it has healed."""
    hosts = names()
    for number in HOSTS:
        build(number)
    VARIABLES.write_text(json.dumps({"verify_segments": segments(hosts)}))
    chosen = [one for name, one in globals().items() if name.startswith("test_") and "".join(sys.argv[1:]) in name]
    for one in chosen:
        print(f"{one.__name__}")
        one(hosts)
    print(f"fleet: {len(chosen)} tests are as they should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
