# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What packets pay in a network of OVN, between two hosts: on the datapath that the hosts have, and on that of
ovs-vswitchd, beside the plain cable. All in one run: only ratios can be compared with those of another machine.
"""

from __future__ import annotations

import os

import cloud
from cloud import says, within
from hosts import arrives, on, play
from netloom_bench import host as bench
from netloom_bench import paths

*CHASSIS, CENTRAL = HOSTS = ["lab1", "lab2", "lab3"]  # the benchmark measures between the first two
MEMBERS = {"red1": CHASSIS[0], "red2": CHASSIS[1]}
MTU = 1500 - 58
ROUNDS = 3
WORDS = {"system": "OVN, the kernel's datapath", "netdev": "OVN, the userspace datapath"}


def declare(datapath: str) -> None:
    """A network with a member on each of the two hosts."""
    members = [{"name": name, "host": host} for name, host in MEMBERS.items()]
    cloud.declare(
        CENTRAL,
        CHASSIS,
        ovn_chassis_datapath_type=datapath,
        ovn_network_networks=[{"name": "red", "subnet": "10.50.50.0/24", "members": members}],
    )


def measured(datapath: str) -> tuple[str, paths.Samples]:
    """Build the network, measure, and take it down. Returns the datapath that it had, too."""
    says(f"datapath {datapath}")
    declare(datapath)
    play("site")
    (found,) = {on(host, "ovs-vsctl get bridge br-int datapath_type").strip('"') or "system" for host in CHASSIS}
    within(lambda: arrives(CHASSIS[0], "red1", "10.50.50.3", MTU), "whole packets")
    (samples,) = paths.measure([paths.Path(WORDS[found], ("red1", "red2"))], ROUNDS)
    play("teardown")
    return found, samples


def cable(words: str) -> paths.Samples:
    """Measure from host to host, without Open vSwitch."""
    says(words)
    (samples,) = paths.measure([paths.CABLE._replace(words=words)], ROUNDS)
    return samples


def main() -> None:
    """Measure the cable, each datapath, and the cable once more: whether the machine is still as quick as before."""
    cloud.prepare(HOSTS)
    paths.prepare()
    before = os.getloadavg()[0]
    found = [cable("the cable, from host to host")]
    own, samples = measured("auto")
    by_datapath = {own: samples}
    if own != "netdev":
        by_datapath["netdev"] = measured("netdev")[1]
    found += [*by_datapath.values(), cable("the cable, once more")]
    print(f"\n{bench.machine()}, load {before:.1f} to {os.getloadavg()[0]:.1f}, medians of {ROUNDS} rounds")
    for first, *figures in [paths.HEADING, *paths.rows(found)]:
        print(f"{first:36}" + "".join(f"{figure:>22}" for figure in figures), flush=True)
    if own != "netdev":
        assert by_datapath[own].throughput > by_datapath["netdev"].throughput, found


main()
