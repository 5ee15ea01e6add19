# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of lab hosts with an inventory that changes, and the playbooks that are run for it."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import pathlib
import subprocess
import typing as t

import yaml
from lab_host import LabHost

HERE = pathlib.Path(__file__).resolve().parent
INVENTORY = pathlib.Path(os.environ["NETLOOM_LAB_INVENTORY"])
Values = dict[str, t.Any]
MOST_SECONDS = 300
VALUES: Values = {"vxlan_network_local": "{{ lab_address }}"}  # what every test declares


@dataclasses.dataclass
class Outcome:
    """What became of a run of a playbook."""

    status: int
    printed: str
    told: Values

    @property
    def changed(self) -> list[str]:
        """The hosts on which something changed, or would."""
        return sorted(host for host, counts in self.told["recap"].items() if counts["changed"])

    @property
    def artifact(self) -> Values:
        """What became of each host, as the playbook tells it."""
        (found,) = self.told["artifacts"].values()
        return dict(found)

    def steps(self, host: str) -> list[str]:
        """The steps on a host."""
        return [step for run in self.told["runs"].get(host, ()) for step in run["steps"]]

    def plans(self) -> Values:
        """What each host's tasks tell of their plans."""
        return dict(self.told["runs"])

    def good(self) -> Outcome:
        """It must have succeeded."""
        assert self.status == 0, self.printed
        return self


class Fleet:
    """The inventory: which hosts are in it, and which networks."""

    def __init__(self, folder: pathlib.Path) -> None:
        group = yaml.safe_load(INVENTORY.read_text(encoding="utf-8"))["lab_hosts"]
        self._group, self._folder = group, folder
        self.all = [LabHost(name, own["lab_number"], own["lab_address"]) for name, own in group["hosts"].items()]
        self.hosts = list(self.all)
        self.values = dict(VALUES)

    def declare(self, networks: list[Values], hosts: t.Sequence[LabHost]) -> None:
        """From now on these networks, and only these hosts."""
        self.hosts = list(hosts)
        self.values["vxlan_network_networks"] = copy.deepcopy(networks)

    def start(self, playbook: str, *options: str) -> subprocess.Popen[str]:
        """Start a playbook of the collection, in a group of processes of its own."""
        inventory = self._folder / "inventory.json"
        hosts = {host.name: self._group["hosts"][host.name] for host in self.hosts}
        inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": {**self._group["vars"], **self.values}}}))
        self._told.unlink(missing_ok=True)
        settings = {
            **os.environ,
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "told",
            "ANSIBLE_RETRY_FILES_ENABLED": "false",
            "ANSIBLE_TIMEOUT": "5",
            "NETLOOM_FLEET_TOLD": str(self._told),
        }
        command = ["ansible-playbook", "-i", str(inventory), f"netloom.linux.{playbook}", *options]
        return subprocess.Popen(
            command, cwd=self._folder, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip

    def run(self, playbook: str, *options: str) -> Outcome:
        """Run a playbook of the collection."""
        process = self.start(playbook, *options)
        printed, _none = process.communicate(timeout=MOST_SECONDS)
        assert self._told.exists(), printed
        return Outcome(process.returncode, printed, json.loads(self._told.read_text(encoding="utf-8")))

    @property
    def _told(self) -> pathlib.Path:
        return self._folder / "told.json"

    def settled(self) -> None:
        """A run changes nothing, and it says so without a run, too."""
        assert self.run("site", "--check").good().changed == []
        assert self.run("site").good().changed == []
