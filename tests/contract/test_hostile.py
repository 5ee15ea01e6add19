# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hostile namespace can do to a run: nothing worse than an error. SECURITY.md says so."""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Scope
from ansible_collections.netloom.linux.tests.contract.judge import (
    differences,
    host_picture,
    lab_host_only,
    outcome_of,
    told,
)

pytestmark = lab_host_only

WISH: dict[str, t.Any] = {
    "name": "hostile",
    "netns": [{"name": "evil"}, {"name": "good"}],
    "veth": [
        {
            "name": "eth0",
            "netns": "evil",
            "addresses": ["10.66.0.1/24"],
            "peer": {"name": "eth0", "netns": "good", "addresses": ["10.66.0.2/24"]},
        },
        {"name": "v-evil", "peer": {"name": "eth1", "netns": "evil", "addresses": ["10.67.0.1/24"], "mtu": 1400}},
    ],
    "dnsmasq_in_ns": [
        {
            "name": "evil",
            "netns": "evil",
            "interfaces": ["eth0"],
            "ranges": [{"start": "10.66.0.10", "end": "10.66.0.20"}],
        }
    ],
}
# Links that are renamed, set down and deleted under a run's hands, a daemon that is killed, and mounts over what a run
# could read.
MISCHIEF = {
    "renames links": (
        "ip link set eth1 down; ip link set eth1 name odd; ip link set odd name eth1; ip link set odd name eth1"
    ),
    "kills daemons": "kill -9 $(pgrep -x dnsmasq); sleep 0.02",
    "deletes links": "ip link delete eth1; sleep 0.05",
    "mounts things": (
        "mount -t tmpfs none /sys; mount -t tmpfs none /proc; mount -t tmpfs none /run/netns; ip address flush dev"
        " eth1; sleep 0.05"
    ),
}


def run_once(params: dict[str, t.Any]) -> str:
    """What a run ends with; anything but our own errors is a failure of the test."""
    with contextlib.closing(Host(2)) as host:
        try:
            outcome_of(params, host, wait=2)
        except NetloomError as error:
            return str(error)
    return ""


@pytest.mark.parametrize("what", MISCHIEF)
def test_a_hostile_namespace(what: str) -> None:
    told("systemctl start openvswitch-switch; ip netns add first; ip netns delete first")
    before = host_picture()
    assert not run_once(WISH)
    # In mount and pid namespaces of its own, as a container's processes are, but for the one that kills.
    unshared = "" if what == "kills daemons" else "unshare --mount --pid --fork"
    script = f"while :; do {MISCHIEF[what]}; done 2>/dev/null"
    mischief = subprocess.Popen(
        ["ip", "netns", "exec", "evil", "sh", "-c", f"exec {unshared} sh -c '{script}'"], process_group=0
    )
    try:
        for turn in range(4):
            changed = {**WISH, "veth": [{**WISH["veth"][0], "mtu": 1300 + turn}, WISH["veth"][1]]}
            run_once(changed)
    finally:
        os.killpg(mischief.pid, 9)
        mischief.wait()
    told(
        "for pid in $(ip netns pids evil); do case $(cat /proc/$pid/comm) in dnsmasq) ;; *) kill -9 $pid ;; esac; done;"
        " sleep 0.2"
    )
    assert not run_once(WISH)
    assert not run_once({"name": "hostile", "state": "absent"})
    assert differences(before, host_picture()) == []


def test_a_name_that_leads_to_the_host_is_not_configured() -> None:
    """A tutorial linked a process, and another one, of the host, has its number now."""
    told("systemctl start openvswitch-switch; mkdir -p /run/netns")
    before = host_picture()
    os.symlink("/proc/1/ns/net", "/run/netns/own")
    try:
        for wish in (
            {"netns": [{"name": "own"}]},
            {"netns": [{"name": "own"}], "state": "absent"},
            {"linux_bridge": [{"name": "br66", "netns": "own"}]},
        ):
            assert (
                "/run/netns/own is a link to /proc/1/ns/net, and that process is in the host's own namespace"
                in run_once({"name": "own", **wish})
            )
        with contextlib.closing(Host(2)) as host:
            assert "own" not in host.read(Scope(every_namespace=True)).namespaces
        assert os.path.islink("/run/netns/own")
    finally:
        os.unlink("/run/netns/own")
    assert differences(before, host_picture()) == []


@pytest.mark.parametrize(("make", "says"), [("echo precious >", "a file with content"), ("mkdir", "no file")])
def test_what_is_no_name_of_a_namespace_stays(make: str, says: str) -> None:
    told(f"mkdir -p /run/netns; {make} /run/netns/theirs")
    try:
        assert says in run_once({"name": "theirs", "netns": [{"name": "theirs"}]})
        assert pathlib.Path("/run/netns/theirs").exists()
    finally:
        told("rm -rf /run/netns/theirs")


@pytest.mark.parametrize("folder", ["/etc/netns", "/etc/netns/linked", "/run/netloom/topologies"])
def test_files_are_not_written_through_links(folder: str, tmp_path: pathlib.Path) -> None:
    told(f"rm -rf {folder}; mkdir -p $(dirname {folder}); ln -s {tmp_path} {folder}")
    try:
        assert "symbolic link" in run_once(
            {"name": "linked", "netns": [{"name": "linked", "etc_files": {"hosts": "x\n"}}]}
        )
        assert not list(tmp_path.rglob("*"))
    finally:
        told(f"rm {folder}; ip netns delete linked 2>/dev/null || true")
