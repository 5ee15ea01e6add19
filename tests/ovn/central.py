# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of OVN on lab hosts: one central host and three chassis, then a cluster, and what is lost of it."""

from __future__ import annotations

import json
import sys
import time
import typing as t

import hosts as lab
from hosts import arrives, on, plan, play

HOSTS = ["lab1", "lab2", "lab3", "lab4"]
CHASSIS = HOSTS[1:]
SIGNS_WITHIN = 30.0
# A packet between members is shorter than one between the hosts by what Geneve adds.
MTU = 1500 - 58
STATE = (
    "find /etc/netloom /var/lib/netloom -type f 2>/dev/null | sort; ovs-vsctl --bare --columns=external_ids list open;"
    " ovs-vsctl list-br; ovs-vsctl get-ssl; systemctl is-active ovn-controller ovn-northd ovn-ovsdb-server-nb"
)
AUTHORITY = "/etc/netloom/ovn/ca"
BEFORE = lab.FLEET.parent / "before.json"


def declare(centrals: list[str], **variables: t.Any) -> None:
    """Say who is what."""
    addresses = {"ovn_central_address": "{{ lab_address }}", "ovn_chassis_encap_address": "{{ lab_address }}"}
    # On the userspace datapath, the address of the tunnels has to be on a bridge of Open vSwitch.
    mappings = {"ovn_chassis_bridge_mappings": {"out": "br-ex"}, "ovn_chassis_uplinks": {"br-ex": "eth0"}}
    lab.declare({**addresses, **mappings, **variables}, {"ovn_central": centrals, "ovn_chassis": CHASSIS})


def says(what: str) -> None:
    """Tell which part begins."""
    print(f"--- {what}", flush=True)


def nothing_more(*options: str) -> None:
    """A second run changes nothing."""
    again, _text = play("site", *options)
    assert not again["changed"], again


def builds() -> None:
    """Check mode tells what the run does, as far as it can without a certificate; then nothing more."""
    says("one central host, three chassis")
    for host in HOSTS:
        on(host, "systemctl start openvswitch-switch")
    BEFORE.write_text(json.dumps({host: on(host, STATE, check=False) for host in HOSTS}), encoding="utf-8")
    declare(HOSTS[:1])
    checked, foretold = play("site", "--check", "--diff")
    made, done = play("site", "--diff")
    assert sorted(checked["changed"]) == sorted(made["changed"]) == HOSTS, (checked, made)
    assert set(plan(foretold)) <= set(plan(done)), (plan(foretold), plan(done))
    print("\n".join(plan(done)))
    nothing_more()
    assert chassis() == {f"198.18.78.{host[-1]}" for host in CHASSIS}
    for host in CHASSIS:
        assert on(host, "ovs-vsctl get-ssl | grep -c /etc/netloom/ovn/chassis") == "3"
    assert on("lab2", f"test -e {AUTHORITY}/key.pem || echo none") == "none"
    assert (
        on("lab2", "ovn-sbctl --timeout=3 --db=tcp:198.18.78.1:6642 show >/dev/null 2>&1 || echo refused") == "refused"
    )


def chassis(host: str = "lab1") -> set[str]:
    """The addresses of the chassis in the southbound database."""
    return set(on(host, "ovn-sbctl --no-leader-only --bare --columns=ip list encap").split())


def carries() -> None:
    """Packets pass between members of one switch on two hosts, whole and by TCP."""
    says("packets between members on two hosts")
    on("lab1", "ovn-nbctl --may-exist ls-add red")
    for host in ("lab2", "lab3"):
        number = host[-1]
        mac = f"02:00:00:00:00:0{number}"
        on(
            "lab1",
            f"ovn-nbctl --may-exist lsp-add red red{number} -- lsp-set-addresses red{number} '{mac} 10.9.9.{number}'",
        )
        on(
            host,
            f"ip netns add red{number}; ip link add v-red{number} mtu {MTU} type veth peer name eth0 mtu {MTU}"
            f" address {mac} netns red{number}; ip link set v-red{number} up; ip -n red{number} link set eth0 up;"
            f" ip -n red{number} address add 10.9.9.{number}/24 dev eth0;"
            f" ip netns exec red{number} ethtool -K eth0 tx off >/dev/null;"
            f" ovs-vsctl --may-exist add-port br-int v-red{number}"
            f" -- set interface v-red{number} external_ids:iface-id=red{number}",
        )
    within(lambda: arrives("lab2", "red2", "10.9.9.3", MTU), "packets of full size")
    print(f"packets of {MTU} bytes pass between the chassis")


def within(holds: t.Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    until = time.monotonic() + SIGNS_WITHIN
    while not holds():
        if time.monotonic() > until:
            raise SystemExit(f"not within {SIGNS_WITHIN} s: {what}")
        time.sleep(1)


def mends() -> None:
    """Each drift is named in check mode, mended, and then gone."""
    says("drift")
    drifts = {
        "let OVN_Southbound listen on ptcp:6642 no more": ("lab1", "ovn-sbctl set-connection ptcp:6642 pssl:6642"),
        "start ovn-northd": ("lab1", "systemctl stop ovn-northd"),
        "make a certificate: the host has none": ("lab2", "rm /etc/netloom/ovn/chassis/cert.pem"),
        "start ovn-controller": ("lab3", "systemctl stop ovn-controller"),
        "198.18.78.99": ("lab4", "ovs-vsctl set open . external_ids:ovn-encap-ip=198.18.78.99"),
    }
    for host, command in drifts.values():
        on(host, command)
    drifted, _text = play("drift", fails=True)
    assert sorted(drifted["drifted"]) == HOSTS, drifted
    report = (lab.FLEET.parent / "drift.md").read_text(encoding="utf-8")
    for words in drifts:
        assert words in report, (words, report)
    made, _text = play("site")
    assert sorted(made["changed"]) == HOSTS, made
    nothing_more()
    within(lambda: chassis() == {f"198.18.78.{host[-1]}" for host in CHASSIS}, "chassis")


def grows() -> None:
    """The database of the one host becomes a cluster of three, with all that is in it."""
    says("a cluster of three")
    declare(HOSTS[:3])
    checked, _text = play("site", "--check")
    made, _text = play("site")
    assert sorted(checked["changed"]) == sorted(made["changed"]) == HOSTS, (checked, made)
    nothing_more()
    whole()
    assert on("lab3", "ovn-nbctl --no-leader-only --bare --columns=name list logical_switch") == "red"
    remote = on("lab4", "ovs-vsctl get open . external_ids:ovn-remote").strip('"')
    assert remote == ",".join(f"ssl:198.18.78.{number}:6642" for number in (1, 2, 3)), remote
    nothing_more("--limit", "lab2")


def members(host: str, database: str = "nb") -> list[str]:
    """The addresses of the members of a cluster, as a host sees them."""
    title = {"nb": "OVN_Northbound", "sb": "OVN_Southbound"}[database]
    shown = on(host, f"ovn-appctl -t /run/ovn/ovn{database}_db.ctl cluster/status {title} | grep ' at '")
    return sorted(line.split(" at ")[1].split(")")[0] for line in shown.splitlines())


def whole() -> None:
    """Each host sees three members of both databases, and a write comes through."""
    for host in HOSTS[:3]:
        for database, port in (("nb", 6643), ("sb", 6644)):
            assert members(host, database) == [f"ssl:198.18.78.{one}:{port}" for one in (1, 2, 3)], members(
                host, database
            )
    on("lab2", "ovn-nbctl --no-leader-only --timeout=20 --wait=sb sync")


def leader(database: str = "nb") -> str:
    """The host that leads the cluster of a database."""
    title = {"nb": "OVN_Northbound", "sb": "OVN_Southbound"}[database]
    command = f"ovn-appctl -t /run/ovn/ovn{database}_db.ctl cluster/status {title} | grep -q 'Role: leader' && echo yes"
    return next(host for host in HOSTS[:3] if on(host, command, check=False) == "yes")


def loses() -> None:
    """A leader that dies, a member whose disk is lost, and then the first host with the authority."""
    first = leader()
    says(f"the leader dies: {first}")
    on(first, "kill -9 $(cat /run/ovn/ovnnb_db.pid); systemctl stop ovn-ovsdb-server-nb")
    other = next(host for host in HOSTS[:3] if host != first)
    within(
        lambda: on(other, "ovn-nbctl --no-leader-only --timeout=5 --wait=sb sync && echo y", check=False) == "y",
        "a write",
    )
    made, _text = play("site")
    assert made["changed"] == [first], made
    whole()
    says("the disk of a member is lost")
    forgets("lab3", "/etc/netloom/ovn/central")
    play("site", "--limit", "lab3")
    whole()
    nothing_more()
    says("the disk of the first host is lost, with the authority")
    forgets("lab1", "/etc/netloom/ovn")
    _failed, text = play("site", "--limit", "lab1", fails=True)
    assert "put it back from a backup" in text, text
    made, _text = play("site")
    assert sorted(made["changed"]) == HOSTS, made
    whole()
    nothing_more()
    assert on("lab1", "ovn-nbctl --no-leader-only --bare --columns=name list logical_switch") == "red"
    within(lambda: arrives("lab2", "red2", "10.9.9.3", MTU), "packets after all of it")


def forgets(host: str, certificates: str) -> None:
    """A host loses its databases and its certificates, and its services do not run."""
    on(host, f"systemctl stop ovn-northd ovn-ovsdb-server-nb ovn-ovsdb-server-sb; rm -rf /var/lib/ovn {certificates}")


def goes() -> None:
    """Absent leaves the hosts as they were; the databases stay."""
    says("teardown")
    for host in ("lab2", "lab3"):
        on(host, f"ovs-vsctl del-port br-int v-red{host[-1]}; ip netns delete red{host[-1]}")
    play("teardown")
    again, _text = play("teardown")
    assert not again["changed"], again
    before = json.loads(BEFORE.read_text(encoding="utf-8"))
    found = {host: on(host, STATE, check=False) for host in CHASSIS}
    assert found == {host: before[host] for host in CHASSIS}, (before, found)
    assert on("lab2", "ls /var/lib/ovn | grep -c '^ovn.b_db.db$'") == "2"


PARTS: dict[str, t.Callable[[], None]] = {
    "builds": builds,
    "carries": carries,
    "grows": grows,
    "loses": loses,
    "mends": mends,
    "goes": goes,
}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
