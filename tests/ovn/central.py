# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of OVN on lab hosts: one central host and three chassis, then a cluster, and what is lost of it."""

from __future__ import annotations

import sys
import typing as t

import cloud
import hosts as lab
from cloud import says, within
from hosts import number, on, plan, play

HOSTS = ["lab1", "lab2", "lab3", "lab4"]
CHASSIS = HOSTS[1:]
AUTHORITY = "/etc/netloom/ovn/ca"


def declare(centrals: list[str], **variables: t.Any) -> None:
    """Say who is what."""
    addresses = {"ovn_central_address": "{{ lab_address }}", "ovn_chassis_encap_address": "{{ lab_address }}"}
    mappings = {"ovn_chassis_bridge_mappings": {"out": "br-ex"}}
    lab.declare({**addresses, **mappings, **variables}, {"ovn_central": centrals, "ovn_chassis": CHASSIS})


def nothing_more(*options: str) -> None:
    """A second run changes nothing."""
    again, _text = play("site", *options)
    assert not again["changed"], again


def builds() -> None:
    """Check mode tells what the run does, as far as it can without a certificate; then nothing more."""
    says("one central host, three chassis")
    for host in HOSTS:
        on(host, "systemctl start openvswitch-switch")
    declare(HOSTS[:1])
    checked, foretold = play("site", "--check", "--diff")
    made, done = play("site", "--diff")
    assert sorted(checked["changed"]) == sorted(made["changed"]) == HOSTS, (checked, made)
    assert set(plan(foretold)) <= set(plan(done)), (plan(foretold), plan(done))
    print("\n".join(plan(done)))
    nothing_more()
    assert chassis() == {f"198.18.78.{number(host)}" for host in CHASSIS}
    for host in CHASSIS:
        assert on(host, "ovs-vsctl get-ssl | grep -c /etc/netloom/ovn/chassis") == "3"
    assert on("lab2", f"test -e {AUTHORITY}/key.pem || echo none") == "none"
    assert (
        on("lab2", "ovn-sbctl --timeout=3 --db=tcp:198.18.78.1:6642 show >/dev/null 2>&1 || echo refused") == "refused"
    )


def chassis(host: str = "lab1") -> set[str]:
    """The addresses of the chassis in the southbound database."""
    return set(on(host, "ovn-sbctl --no-leader-only --bare --columns=ip list encap").split())


def grows() -> None:
    """The database of the one host becomes a cluster of three, with all that is in it."""
    says("a cluster of three")
    on("lab1", "ovn-nbctl --may-exist ls-add red")
    declare(HOSTS[:3])
    checked, _text = play("site", "--check")
    made, _text = play("site")
    assert sorted(checked["changed"]) == sorted(made["changed"]) == HOSTS, (checked, made)
    nothing_more()
    whole()
    assert on("lab3", "ovn-nbctl --no-leader-only --bare --columns=name list logical_switch") == "red"
    remote = on("lab4", "ovs-vsctl get open . external_ids:ovn-remote").strip('"')
    assert remote == ",".join(f"ssl:198.18.78.{one}:6642" for one in (1, 2, 3)), remote
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


def forgets(host: str, certificates: str) -> None:
    """A host loses its databases and its certificates, and its services do not run."""
    on(host, f"systemctl stop ovn-northd ovn-ovsdb-server-nb ovn-ovsdb-server-sb; rm -rf /var/lib/ovn {certificates}")


def goes() -> None:
    """A teardown of the cluster, with a network in it; and once more, when the certificates are gone."""
    says("teardown")
    declare(HOSTS[:3], ovn_network_networks=[{"name": "blue", "subnet": "10.50.50.0/24"}])
    play("site")
    cloud.teardown(HOSTS, HOSTS[0])
    assert on(HOSTS[0], "ls /etc/netloom/ovn/central 2>/dev/null || echo none") == "none"


PARTS: dict[str, t.Callable[[], None]] = {
    "builds": builds,
    "grows": grows,
    "loses": loses,
    "goes": goes,
}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
