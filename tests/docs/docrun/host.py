# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab hosts: commands there and on the control node, plays, and what the hosts have."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess

import yaml

# What tests/demo/host-state leaves out.
MORE_STATE = "echo all links; ip -brief link | sed 's/@.*//; s/ .*//'; ip -brief -6 address show scope global"


class Wrong(Exception):
    """The documentation does not hold."""


def of_the_lab() -> list[str]:
    """The names of the lab hosts of this `lab run`."""
    try:
        inventory = pathlib.Path(os.environ["NETLOOM_LAB_INVENTORY"])
    except KeyError:
        raise SystemExit("This needs a lab host: tests/lab/lab run 1 -- tests/docs/run") from None
    return list(yaml.safe_load(inventory.read_text(encoding="utf-8"))["lab_hosts"]["hosts"])


class Host:
    """The first ``count`` lab hosts of a `lab run`, with a folder on the control node for the files of a page.

    With several, the page makes an inventory of its own in the folder's ``inventory``, where the variables of the lab
    are already.
    """

    def __init__(self, root: pathlib.Path, folder: pathlib.Path, verbose: bool, count: int = 1) -> None:
        self.root, self.folder, self.verbose = root, folder, verbose
        self.names = of_the_lab()[:count]
        self.lab, inventory = os.environ["NETLOOM_LAB"], os.environ["NETLOOM_LAB_INVENTORY"]
        self.variables: dict[str, str] = {}
        if count > 1:
            inventory = str(folder / "inventory")
        self.environment = {
            **os.environ,
            # As in the shell of `make lab`.
            "PATH": f"{root / 'tests/demo/bin'}:{root / 'tests/lab'}:{os.environ['PATH']}",
            "ANSIBLE_CONFIG": str(root / "tests/docs/ansible.cfg"),
            # The checkout, unless the package is to be tried.
            "ANSIBLE_COLLECTIONS_PATH": os.environ.get("NETLOOM_COLLECTIONS", str(root / ".build/links")),
            "ANSIBLE_HOME": str(folder / ".ansible"),
            "ANSIBLE_INVENTORY": inventory,
            "ANSIBLE_NOCOLOR": "1",
            "NETLOOM_SOURCE": str(root),
        }
        if count > 1:
            self.here("mkdir inventory && lab inventory --vars >inventory/lab.yml")

    def here(self, command: str) -> str:
        """Run a command on the control node, in the page's folder."""
        return self._run(["bash", "-c", command], command)

    def there(self, command: str, number: int = 1) -> str:
        """Run a command on a lab host, as root."""
        return self._run([self.lab, "exec", str(number), "--", "bash", "-c", command], command)

    def play(self, path: pathlib.Path) -> None:
        """Run a playbook."""
        output = self._run(
            ["ansible-playbook", str(path), "-e", json.dumps(self.variables)], f"ansible-playbook {path.name}"
        )
        if self.verbose:
            print(output)

    def state(self) -> list[str]:
        """What the hosts have, as the usual tools see it."""
        script = (self.root / "tests/demo/host-state").read_text(encoding="utf-8").removesuffix("exit 0\n")
        return [
            f"{name}: {line}"
            for number, name in enumerate(self.names, 1)
            for line in self.there(f"{script}\n{MORE_STATE}", number).splitlines()
        ]

    def _run(self, argv: list[str], shown: str) -> str:
        # setpriv: what we started ends with us, even if we are killed. Ansible would wait for ever for a worker that
        # was killed with us.
        argv = ["setpriv", "--pdeathsig", "TERM", *argv]
        done = subprocess.run(
            argv,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
        if done.returncode:
            raise Wrong(f"'{shown}' ended with {done.returncode}:\n{output}")
        return output
