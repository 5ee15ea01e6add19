# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of networks of OVN if a daemon, a host or a setting goes wrong: check mode names it, a run heals it, and
packets reach everybody again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t

import cloud
from cloud import says, within
from hosts import FLEET, LAB, arrives, number, on, play

# The central host is the last one of the inventory, and the first one of those that are built in turns.
*CHASSIS, CENTRAL = HOSTS = ["lab1", "lab2", "lab3", "lab4"]
ONE, TWO, THREE = CHASSIS
MTU = 1500 - 58
MEMBERS = {"red1": (ONE, "10.50.50.2"), "red2": (TWO, "10.50.50.3"), "red3": (THREE, "10.50.50.4")}
NETWORKS = [
    {
        "name": "red",
        "subnet": "10.50.50.0/24",
        "members": [{"name": name, "host": host, "address": address} for name, (host, address) in MEMBERS.items()],
    },
    {"name": "out", "external": {"bridge": "br-ex", "subnet": "198.51.100.0/24", "gateway": cloud.OUTSIDE}},
]
ROUTER = {
    "name": "r1",
    "networks": ["red"],
    "external": {"network": "out", "address": "198.51.100.10", "hosts": [ONE, TWO]},
}
ROGUE = "ovs-vsctl add-port br-int rogue -- set interface rogue type=internal external_ids:iface-id=red-red2"
# What heals alone, each on another host: what is done to it.
HEALS_ALONE = {
    ONE: "systemctl restart ovn-controller",
    TWO: "kill -9 $(cat /run/ovn/ovn-controller.pid)",
    THREE: "systemctl restart openvswitch-switch",
}
# What a run heals, each on another host: what is done, and words by which check mode has to name it. A port of somebody
# else claims red2, and may.
A_RUN_HEALS = {
    CENTRAL: (
        "ovn-nbctl remove logical_switch_port red-red2 options requested-chassis",
        '"attribute": "chassis"',
    ),
    ONE: ("systemctl stop ovn-controller", "start ovn-controller"),
    TWO: ("ovs-vsctl set open . external_ids:ovn-bridge-mappings=physical:br-typo", "br-typo"),
    THREE: (
        f"{ROGUE}; ip netns delete red3",
        "red3",
    ),
}
# What a host loses that is installed anew: it gets another system-id.
DISK = (
    "/etc/openvswitch/* /var/lib/openvswitch/* /etc/ovn /var/lib/ovn /etc/netloom /var/lib/netloom"
    " /etc/systemd/system/netloom-topology-* /etc/systemd/system/*.wants/{netloom-topology,ovn,openvswitch}*"
)
# Whose rows the southbound database has.
CHASSIS_ROWS = {"chassis": "name", "chassis_private": "name", "encap": "chassis_name"}
# What must not be left of it. The certificate authority stays.
LOOK = f"{cloud.LOOK}; ls -d /etc/netloom/ovn/ce* /etc/netloom/ovn/ch* 2>/dev/null; true"
BEFORE: dict[str, str] = {}


def declare() -> None:
    """The hosts and a network over all chassis, which outlive a boot."""
    cloud.declare(
        CENTRAL,
        CHASSIS,
        ovn_chassis_persist=True,
        ovn_network_persist=True,
        ovn_chassis_wait=30,
        ovn_network_networks=NETWORKS,
        ovn_network_routers=[ROUTER],
    )


def holds() -> None:
    """Whole packets reach everybody, and the outside."""
    for name, (host, _address) in MEMBERS.items():
        for target in (*(address for other, (_host, address) in MEMBERS.items() if other != name), cloud.OUTSIDE):
            within(lambda h=host, n=name, to=target: arrives(h, n, to, MTU), f"{name} to {target}", 60.0)


def named() -> str:
    """What the playbook drift tells, as text."""
    report, told = play("drift", fails=True)
    return told + json.dumps(report["drift"])


def as_declared() -> None:
    """Packets pass, and there is nothing to be done."""
    holds()
    found, text = play("site", "--check", "--diff")
    assert not found["changed"], text


def heals_alone() -> None:
    """Daemons that are restarted or killed: nothing has to be done."""
    says("daemons are restarted and killed")
    for host, command in HEALS_ALONE.items():
        on(host, command)
    as_declared()


def is_healed() -> None:
    """Something goes wrong on each host: drift names it, one run heals it."""
    says("a daemon is stopped, a mapping is wrong, two chassis claim one port")
    for host, (command, _words) in A_RUN_HEALS.items():
        on(host, command)
    told = named()
    assert not [words for _command, words in A_RUN_HEALS.values() if words not in told], told
    play("site")
    as_declared()
    assert on(THREE, "ovs-vsctl get interface rogue external_ids:iface-id").strip('"') == "red-red2"
    on(THREE, "ovs-vsctl del-port br-int rogue")


def loses_northd() -> None:
    """On Debian, a restart of ovn-northd stops the databases of the host: packets pass, and a run starts them."""
    says("ovn-northd is restarted, and its databases stop")
    on(CENTRAL, "systemctl restart ovn-northd")
    holds()
    told = named()
    assert "start ovn-ovsdb-server-nb" in told and "cannot be compared before its server runs" in told, told
    play("site")
    as_declared()


def in_a_play_of_their_own() -> None:
    """The roles in a play that says check_mode itself neither wait nor fail: they tell what is to be done."""
    roles = [f"netloom.linux.{role}" for role in ("ovn_central", "ovn_chassis", "ovn_network")]
    own = {"hosts": HOSTS, "become": True, "gather_facts": False, "check_mode": True, "roles": roles}
    (FLEET.parent / "own.yml").write_text(json.dumps([own]), encoding="utf-8")
    command = ["ansible-playbook", "--inventory", str(FLEET), str(FLEET.parent / "own.yml")]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=FLEET)
    assert done.returncode == 0, done.stdout
    assert "FAILED - RETRYING" not in done.stdout, done.stdout


def is_cut_off() -> None:
    """A chassis that does not reach the southbound database: packets still pass; nothing is green that is not."""
    says("a chassis does not reach the southbound database")
    on(ONE, "ip route add unreachable 198.18.78.4/32; systemctl restart ovn-controller")
    told = named()
    assert "The southbound database cannot be asked" in told, told
    failed, text = play("site", fails=True)
    assert list(failed["failed"]) == [ONE], failed
    assert "This host is no chassis of OVN: the southbound database did not have it within 30 s." in text, text
    in_a_play_of_their_own()
    on(ONE, "ip route delete unreachable 198.18.78.4/32")
    play("site")
    holds()


def boots() -> None:
    """A chassis loses its power: with persist all is there again without a run."""
    says("a chassis is rebooted")
    subprocess.run([LAB, "reboot", number(TWO)], check=True)
    on(TWO, "ethtool -K eth0 tx off >/dev/null")
    as_declared()


def system_id(host: str) -> str:
    """The name of a host as a chassis."""
    return on(host, "ovs-vsctl get open . external_ids:system-id").strip('"')


def rows() -> dict[str, list[str]]:
    """The names of chassis in each table of the southbound database that has them."""
    return {
        table: sorted(on(CENTRAL, f"ovn-sbctl --bare --columns={column} list {table}").split())
        for table, column in CHASSIS_ROWS.items()
    }


def reinstalled() -> None:
    """A chassis loses its power and its disk, then also the name that it had in the southbound database: drift names
    what it lacks, a run makes it a chassis again, and nothing stale is left.
    """
    for name in (TWO, "by-hand"):
        says(f"a chassis is installed anew that was '{name}'")
        on(TWO, f"rm -rf {DISK}")
        subprocess.run([LAB, "reboot", number(TWO)], check=True)
        cloud.prepare([TWO])
        if name != TWO:
            address = on(CENTRAL, f"ovn-sbctl --bare --columns=ip find encap chassis_name={TWO}")
            row = f"chassis-add {name} geneve {address} -- set chassis {name} hostname={TWO}"
            on(CENTRAL, f"ovn-sbctl chassis-del {TWO} -- {row} -- create chassis_private name={name}")
        assert system_id(TWO) not in (TWO, name)
        assert all(name in names for names in rows().values()), rows()
        told = named()
        assert "make a certificate" in told, told
        made, _text = play("site")
        assert made["changed"] == [TWO], made
        assert rows() == dict.fromkeys(CHASSIS_ROWS, CHASSIS), rows()
        as_declared()


def goes() -> None:
    """One host after the other is taken down, the central host last: until then, each chassis takes leave of it."""
    says("teardown, one host after the other")
    turns = ("--extra-vars", "netloom_serial=1")
    checked, _text = play("teardown", "--check", *turns)
    made, _text = play("teardown", *turns)
    assert sorted(checked["changed"]) == sorted(made["changed"]) == HOSTS, (checked, made)
    for host in HOSTS:
        assert on(host, LOOK) == BEFORE[host], (host, on(host, LOOK), BEFORE[host])
    again, _text = play("teardown", *turns)
    assert sorted(again["ok"]) == HOSTS, again


PARTS: dict[str, t.Callable[[], None]] = {
    "heals_alone": heals_alone,
    "is_healed": is_healed,
    "loses_northd": loses_northd,
    "is_cut_off": is_cut_off,
    "boots": boots,
    "reinstalled": reinstalled,
    "goes": goes,
}


def main() -> None:
    """Build, then break one thing after the other."""
    cloud.prepare(HOSTS)
    on(CENTRAL, f"ip address replace {cloud.OUTSIDE}/24 dev eth0")
    BEFORE.update({host: on(host, LOOK) for host in HOSTS})
    declare()
    play("site", "--check")
    play("site", "--extra-vars", "netloom_serial=1")
    holds()
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()


main()
