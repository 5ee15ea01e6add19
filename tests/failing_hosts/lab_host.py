# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab host as the tests see it, behind the back of the collection: what it has, and how it fails."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import time
import typing as t

LAB = os.environ["NETLOOM_LAB"]
STATE = "/run/netloom-lab/checkout/tests/integration/targets/setup_behaviour/files/host-state"
# What switches know for good. The kernel's own groups (of IPv6, STP and the like) come and go with links.
FORWARDING = "bridge fdb show | grep -E 'permanent|static' | grep -vE '^(33:33|01:)'"
FLAGS = "bridge -d link show | sed -E 's/ state [a-z]+//'"
# A place in the forwarding table for all that are not in it.
EVERYBODY = "00:00:00:00:00:00"
PATIENCE = 30


class LabHost:
    """One of the run."""

    def __init__(self, name: str, number: int, address: str) -> None:
        self.name, self.number, self.address = name, number, address
        self.before: list[str] = []  # what it had before a test

    def does(self, script: str) -> str:
        """Run a shell script, which must succeed; what it prints."""
        done = subprocess.run(self.command(script), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{self.name}: {script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def command(self, script: str) -> list[str]:
        """The command that runs a shell script there."""
        return [LAB, "exec", str(self.number), "--", "bash", "-euc", script]

    def state(self) -> list[str]:
        """Everything that it has: links, addresses, routes, records, and what its bridges forward, line by line."""
        return self.does(f"{STATE}; echo == bridges; {{ {FORWARDING}; {FLAGS}; }} | sort").splitlines()

    def links(self) -> list[dict[str, t.Any]]:
        """Its own links, in detail."""
        found: list[dict[str, t.Any]] = json.loads(self.does("ip -json -details link show"))
        return found

    def tunnel(self, vni: int) -> str:
        """The name of its VXLAN link of this number."""
        kinds = [(link["ifname"], link.get("linkinfo", {})) for link in self.links()]
        names = [
            name
            for name, info in kinds
            if info.get("info_kind") == "vxlan" and info.get("info_data", {}).get("id") == vni
        ]
        assert len(names) == 1, f"{self.name} has {names} with VNI {vni}"
        return str(names[0])

    def bridge(self, vni: int) -> str:
        """The bridge of that link."""
        tunnel = self.tunnel(vni)
        return str(next(link["master"] for link in self.links() if link["ifname"] == tunnel))

    def forwards(self, vni: int) -> list[tuple[str, str]]:
        """(MAC address, the other host's address) of each entry of the VXLAN link that is there for good."""
        entries = json.loads(self.does(f"bridge -json fdb show dev {self.tunnel(vni)}"))
        return sorted((entry["mac"], entry["dst"]) for entry in entries if "dst" in entry and entry["state"] != "")

    # How it fails

    def power_off(self) -> None:
        """It is gone, until it is switched on."""
        subprocess.run(self.command("systemctl poweroff"), capture_output=True, check=False)
        end = time.monotonic() + PATIENCE
        while subprocess.run(self.command("true"), capture_output=True, check=False).returncode == 0:
            assert time.monotonic() < end, f"{self.name} is still there."
            time.sleep(0.2)

    def switch_on(self, fresh: bool = False) -> None:
        """Boot. The files are those of before; if it is ``fresh``, it has none of ours, as after an installation."""
        subprocess.run([LAB, "reboot", str(self.number)], check=True)
        if fresh:
            self.does(
                "rm -rf /etc/netloom /var/lib/netloom /etc/systemd/system/netloom-topology-*; systemctl daemon-reload"
            )
        self.does("ip netns add first; ip netns delete first")
        self.before = self.state()


def differences(before: list[str], after: list[str]) -> tuple[list[str], list[str]]:
    """(lines that are gone, lines that are new)."""
    found = [line for line in difflib.unified_diff(before, after, n=0, lineterm="") if line[:3] not in {"---", "+++"}]
    return [line[1:] for line in found if line[0] == "-"], [line[1:] for line in found if line[0] == "+"]
