# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab host: commands there and on the control node, plays, and what the host has."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess

# What tests/demo/host-state leaves out.
MORE_STATE = "echo all links; ip -brief link | sed 's/@.*//; s/ .*//'; ip -brief -6 address show scope global"


class Wrong(Exception):
    """The documentation does not hold."""


class Host:
    """One lab host of a `lab run`, with a folder on the control node for the files of a page."""

    def __init__(self, root: pathlib.Path, folder: pathlib.Path, verbose: bool) -> None:
        self.root, self.folder, self.verbose = root, folder, verbose
        self.variables: dict[str, str] = {}
        try:
            self.lab, inventory = os.environ["NETLOOM_LAB"], os.environ["NETLOOM_LAB_INVENTORY"]
        except KeyError:
            raise SystemExit("This needs a lab host: tests/lab/lab run 1 -- tests/docs/run") from None
        self.environment = {
            **os.environ,
            "PATH": f"{root / 'tests/demo/bin'}:{os.environ['PATH']}",  # as in the shell of `make lab`
            "ANSIBLE_CONFIG": str(root / "tests/docs/ansible.cfg"),
            # The checkout, unless the package is to be tried.
            "ANSIBLE_COLLECTIONS_PATH": os.environ.get("NETLOOM_COLLECTIONS", str(root / ".build/links")),
            "ANSIBLE_HOME": str(folder / ".ansible"),
            "ANSIBLE_INVENTORY": inventory,
            "ANSIBLE_NOCOLOR": "1",
            "NETLOOM_SOURCE": str(root),
        }

    def here(self, command: str) -> str:
        """Run a command on the control node, in the page's folder."""
        return self._run(["bash", "-c", command], command)

    def there(self, command: str) -> str:
        """Run a command on the lab host, as root."""
        return self._run([self.lab, "exec", "1", "--", "bash", "-c", command], command)

    def play(self, path: pathlib.Path) -> None:
        """Run a playbook."""
        output = self._run(
            ["ansible-playbook", str(path), "-e", json.dumps(self.variables)], f"ansible-playbook {path.name}"
        )
        if self.verbose:
            print(output)

    def state(self) -> list[str]:
        """What the host has, as the usual tools see it."""
        script = (self.root / "tests/demo/host-state").read_text(encoding="utf-8").removesuffix("exit 0\n")
        return self.there(f"{script}\n{MORE_STATE}").splitlines()

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
