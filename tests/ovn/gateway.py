# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long nothing passes if a gateway of OVN fails or moves, in pings: of a router of role ovn_network, beside one
that is made by ovn-nbctl on the same hosts and loses the same cable.
"""

from __future__ import annotations

import functools
import subprocess
import time
import typing as t

import cloud
from cloud import says, within
from hosts import LAB, arrives, number, on, play

CENTRAL, FIRST, SECOND, MEMBERS = HOSTS = ["lab1", "lab2", "lab3", "lab4"]
BEFORE, SETTLED = 2.0, 12.0  # seconds of pings before an event, and after it
ROUNDS = 2  # of planned moves there and back
TOLERANCE = 20  # pings that a planned move of ours may lose more than one by hand, in all rounds: a second
FAST = {"bfd-min-rx": 200, "bfd-min-tx": 100}
FLOATING, BY_HAND = "198.51.100.50", "198.51.100.60"
Losses = dict[str, cloud.Lost]
# (host, namespace, target): the outside asks the member behind a floating address, and a member asks the outside.
WAYS = {
    "ours, from outside": (CENTRAL, "", FLOATING),
    "ours, to outside": (MEMBERS, "red1", cloud.OUTSIDE),
    "by hand, from outside": (CENTRAL, "", BY_HAND),
    "by hand, to outside": (MEMBERS, "hand1", cloud.OUTSIDE),
}
OURS, HAND = list(WAYS)[:2], list(WAYS)[2:]


def declare(gateways: t.Sequence[str], **options: t.Any) -> None:
    """A network with one member, behind a router with two gateways."""
    cloud.declare(
        CENTRAL,
        HOSTS[1:],
        ovn_network_networks=[
            {"name": "red", "subnet": "10.50.50.0/24", "members": [{"name": "red1", "host": MEMBERS}]},
            {"name": "out", "external": {"bridge": "br-ex", "subnet": "198.51.100.0/24", "gateway": cloud.OUTSIDE}},
        ],
        ovn_network_routers=[
            {
                "name": "r1",
                "networks": ["red"],
                "external": {"network": "out", "address": "198.51.100.10", "hosts": list(gateways)},
                "floating": [{"address": FLOATING, "member": "red1"}],
            }
        ],
        **options,
    )


def by_hand(*commands: str) -> None:
    """Commands of ovn-nbctl in one transaction."""
    on(CENTRAL, "ovn-nbctl " + " -- ".join(commands))


def gateways_by_hand(gateways: t.Sequence[str]) -> list[str]:
    """The commands that give the router by hand these gateways, the first one first."""
    return [f"lrp-set-gateway-chassis hand-up {host} {100 - index}" for index, host in enumerate(gateways)]


def joined(router_port: str, switch: str) -> list[str]:
    """The commands that lead from a switch to a port of the router by hand."""
    port = f"{switch}-{router_port}"
    return [
        f"lsp-add {switch} {port}",
        f"lsp-set-type {port} router",
        f"lsp-set-addresses {port} router",
        f"lsp-set-options {port} router-port={router_port}",
    ]


def builds() -> None:
    """Our network by the playbook, and the same one by hand."""
    says("a network with two gateways, and the same one by hand")
    cloud.prepare(HOSTS)
    declare([FIRST, SECOND])
    play("site")
    on(CENTRAL, f"ip address replace {cloud.OUTSIDE}/24 dev eth0")
    by_hand(
        "ls-add hand",
        "lsp-add hand hand1",
        "lsp-set-addresses hand1 '02:00:00:00:90:02 10.90.0.2'",
        "ls-add hand-out",
        "lsp-add hand-out hand-wire",
        "lsp-set-type hand-wire localnet",
        "lsp-set-addresses hand-wire unknown",
        "lsp-set-options hand-wire network_name=physical",
        "lr-add hand-router",
        "lrp-add hand-router hand-down 02:00:00:00:90:01 10.90.0.1/24",
        "lrp-add hand-router hand-up 02:00:00:00:90:03 198.51.100.20/24",
        *joined("hand-down", "hand"),
        *joined("hand-up", "hand-out"),
        *gateways_by_hand([FIRST, SECOND]),
        f"lr-nat-add hand-router dnat_and_snat {BY_HAND} 10.90.0.2",
    )
    on(
        MEMBERS,
        "ip netns add hand1; ip link add hand1-br type veth peer name eth0 netns hand1; ip link set hand1-br up;"
        " ip -n hand1 link set eth0 address 02:00:00:00:90:02 up; ip -n hand1 address add 10.90.0.2/24 dev eth0;"
        " ip -n hand1 route add default via 10.90.0.1; ip netns exec hand1 ethtool -K eth0 tx off >/dev/null;"
        " ovs-vsctl add-port br-int hand1-br -- set interface hand1-br external_ids:iface-id=hand1",
    )
    for netns in ("red1", "hand1"):
        within(lambda one=netns: arrives(MEMBERS, one, cloud.OUTSIDE, 1442), f"{netns} to the outside")
    for target in (FLOATING, BY_HAND):
        within(lambda to=target: on(CENTRAL, f"ping -c 1 -W 1 {to} >/dev/null && echo yes", check=False), target)


class Table:
    """What was lost by each event, and on which way."""

    def __init__(self) -> None:
        self.rows: dict[str, Losses] = {}

    def during(self, what: str, event: t.Callable[[], object]) -> Losses:
        """Send pings on all ways during an event, and until it is long over."""
        pings = {way: cloud.Pings(host, target, netns) for way, (host, netns, target) in WAYS.items()}
        time.sleep(BEFORE)
        event()
        time.sleep(SETTLED)
        found = {way: one.stop() for way, one in pings.items()}
        self.rows[what] = found
        words = ", ".join(f"{way} {one.lost} of {one.sent} ({one.silence:.1f} s)" for way, one in found.items())
        print(f"{what}: {words}", flush=True)
        return found

    def show(self) -> None:
        """A line for each event. Seconds are those of the longest silence."""
        print(f"\nlost pings, one each {cloud.EVERY * 1000:.0f} ms (longest silence)")
        print(f"{'':44}" + "".join(f"{way:>24}" for way in WAYS))
        for what, found in self.rows.items():
            cells = [f"{found[way].lost} ({found[way].silence:.1f} s)" for way in WAYS]
            print(f"{what:44}" + "".join(f"{cell:>24}" for cell in cells), flush=True)


def lost(found: Losses, ways: t.Sequence[str]) -> int:
    """How many pings were lost on these ways."""
    return sum(found[way].lost for way in ways)


def cable(does: str) -> None:
    """Pull the cable of the first gateway, or plug it in again."""
    subprocess.run([LAB, does, number(FIRST)], check=True)


def fails(table: Table) -> None:
    """A cable is cut, with OVN's own settings of BFD and with fast ones: the other gateway takes over."""
    says("the cable of the gateway is cut")
    found: dict[str, int] = {}
    for name, options in (("default", {}), ("fast", FAST)):
        declare([FIRST, SECOND], ovn_network_options=options)
        play("site")
        time.sleep(SETTLED / 2)
        found[name] = lost(table.during(f"cable cut, {name} BFD", lambda: cable("cut")), list(WAYS))
        table.during(f"cable back, {name} BFD", lambda: cable("heal"))
    assert 0 < found["fast"] < found["default"], found
    declare([FIRST, SECOND])
    play("site")
    assert "bfd" not in on(CENTRAL, "ovn-nbctl get nb_global . options")


def moves(table: Table) -> None:
    """Another gateway is declared the first one; by hand its priority is set. Ours must not lose more."""
    says("the gateway moves as planned")
    ours = hand = 0
    for turn in range(ROUNDS):
        for gateways in ([SECOND, FIRST], [FIRST, SECOND]):
            where = f"to {gateways[0]}, round {turn + 1}"
            declare(gateways)
            ours += lost(table.during(f"declared move {where}", lambda: play("site")), OURS)
            commands = gateways_by_hand(gateways)
            hand += lost(table.during(f"move by hand {where}", functools.partial(by_hand, *commands)), HAND)
    print(f"planned moves: {ours} pings lost by the playbook, {hand} by hand")
    assert ours <= hand + TOLERANCE, (ours, hand)


def dies(table: Table) -> None:
    """Daemons of the gateway are killed."""
    says("daemons of the gateway are killed")
    table.during("ovn-controller killed", lambda: on(FIRST, "kill -9 $(cat /run/ovn/ovn-controller.pid)"))
    on(FIRST, "systemctl restart ovn-controller")
    time.sleep(SETTLED)
    table.during("ovs-vswitchd killed", lambda: on(FIRST, "kill -9 $(cat /run/openvswitch/ovs-vswitchd.pid)"))
    play("site")
    again, _text = play("site")
    assert not again["changed"], again
    for netns in ("red1", "hand1"):
        within(lambda one=netns: arrives(MEMBERS, one, cloud.OUTSIDE, 1442), f"{netns} to the outside")


def main() -> None:
    """Build, and measure one event after the other."""
    table = Table()
    builds()
    try:
        moves(table)
        fails(table)
        dies(table)
    finally:
        table.show()


main()
