# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What check mode says for all hosts together is what the run does on each."""

from __future__ import annotations

from declared import RED, networks, proven
from fleet import Fleet, Outcome


def checked(fleet: Fleet, playbook: str = "site") -> Outcome:
    """Run a playbook in check mode, and then in earnest: plans, states and changed hosts are the same, and the first
    one touches nothing.
    """
    states = [host.state() for host in fleet.all]
    check = fleet.run(playbook, "--check", "--diff").good()
    assert [host.state() for host in fleet.all] == states
    done = fleet.run(playbook, "--diff").good()
    assert check.changed == done.changed
    assert check.plans() == done.plans()
    return done


def test_check_is_the_run(fleet: Fleet) -> None:
    """On a fleet without anything, when a host joins, when one lost something, and when all of it goes."""
    one, two, *_others = hosts = fleet.all[:4]
    fleet.declare(networks(hosts[:3]), hosts)
    assert checked(fleet).changed == [host.name for host in hosts[:3]]
    fleet.settled()
    fleet.declare(networks(hosts), hosts)
    assert checked(fleet).changed == [host.name for host in hosts]
    one.does("ip netns delete red1")
    two.does(f"ip link delete {two.tunnel(RED)}")
    assert checked(fleet).changed == [one.name, two.name]
    proven(hosts)
    assert checked(fleet, "teardown").changed == [host.name for host in hosts]
    assert fleet.run("teardown").good().changed == []
