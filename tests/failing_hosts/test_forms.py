# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same networks over an underlay of IPv6, with learning, and after a reboot: built, proven, drifted and mended."""

from __future__ import annotations

import contextlib
import time
import typing as t

import pytest
from declared import RED, link, networks, proven
from fleet import Fleet, Values
from lab_host import EVERYBODY, LabHost

OF_IPV6 = "fd00:77::"
HEADERS = {4: 50, 6: 70}
PATIENCE = 30


@contextlib.contextmanager
def addresses_of_ipv6(hosts: t.Sequence[LabHost]) -> t.Iterator[None]:
    """The underlay of the hosts has IPv6, too."""
    for host in hosts:
        host.does(f"ip address add {OF_IPV6}{host.number}/64 dev eth0 nodad")
    try:
        yield
    finally:
        for host in hosts:
            host.does(f"ip address delete {OF_IPV6}{host.number}/64 dev eth0")


@pytest.mark.parametrize(
    ("version", "values"),
    [
        (6, {"vxlan_network_local": f"{OF_IPV6}{{{{ lab_number }}}}"}),
        (4, {"vxlan_network_learning": True}),
        (6, {"vxlan_network_local": f"{OF_IPV6}{{{{ lab_number }}}}", "vxlan_network_learning": True}),
        (4, {"vxlan_network_port": 8472}),
    ],
    ids=["IPv6", "learning", "IPv6, learning", "another port"],
)
def test_networks_hold_in_each_form(fleet: Fleet, version: int, values: Values) -> None:
    """Built as foretold, by whole packets; a remote that somebody takes away is named and comes back."""
    hosts = fleet.all[:3]
    with addresses_of_ipv6(hosts):
        fleet.values.update(values)
        fleet.declare(networks(hosts), hosts)
        foretold = fleet.run("site", "--check", "--diff").good()
        done = fleet.run("site", "--diff").good()
        assert foretold.changed == done.changed == [host.name for host in hosts]
        assert foretold.plans() == done.plans()
        underlay = next(one["mtu"] for one in hosts[0].links() if one["ifname"] == "eth0")
        assert link(RED, hosts[0])["mtu"] == underlay - HEADERS[version]
        proven(hosts)
        fleet.settled()
        told = fleet.run("verify").good().artifact
        assert told["surprises"] == {}
        assert all(told["held"][host.name] for host in hosts)

        one, two = hosts[:2]
        (remote,) = (to for mac, to in two.forwards(RED) if mac == EVERYBODY and to.endswith(f"{one.number}"))
        two.does(f"bridge fdb del {EVERYBODY} dev {two.tunnel(RED)} dst {remote}")
        found = fleet.run("drift")
        assert (found.status, found.artifact["drifted"]) == (2, [two.name]), found.printed
        assert [row["attribute"] for row in found.artifact["drift"]] == ["remotes"]
        assert fleet.run("site").good().changed == [two.name]
        proven(hosts)
        fleet.run("teardown").good()


def test_networks_are_back_after_a_boot(fleet: Fleet) -> None:
    """A host restores its share by itself. No run is needed, and one that comes finds nothing to do."""
    hosts = fleet.all[:3]
    two = hosts[1]
    fleet.values["vxlan_network_persist"] = True
    fleet.declare(networks(hosts), hosts)
    fleet.run("site").good()
    proven(hosts)
    two.power_off()
    two.switch_on()
    until = time.monotonic() + PATIENCE
    while two.does("systemctl is-system-running || true").strip() not in ("running", "degraded"):
        assert time.monotonic() < until, f"{two.name} still boots."
        time.sleep(0.5)
    proven(hosts)
    fleet.settled()
    assert fleet.run("verify").good().artifact["surprises"] == {}
    fleet.run("teardown").good()
    left = "find /run/netloom/topologies /etc/netloom/topologies -type f 2>/dev/null || true"
    assert two.does(f"ip netns list; {left}") == ""
    two.before = two.state()  # it booted: links have other numbers
