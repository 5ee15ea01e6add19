# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab host: scripts that are timed there, playbooks, and Ansible's own payload of a module, run without Ansible."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import typing as t

from netloom_bench.networks import Wish

HERE = pathlib.Path(__file__).resolve().parents[1]
ROOT = HERE.parents[1]
LAB = os.environ.get("NETLOOM_LAB", str(ROOT / "tests/lab/lab"))
ON_HOST = str(HERE / "on_host")  # a lab host shows the machine's files
PAYLOADS = "/tmp/bench/payloads"


@dataclasses.dataclass(frozen=True)
class Run:
    """One timed run. steps: what a module changed; None for a script. processor: seconds of it, with all children."""

    seconds: float
    megabytes: float
    steps: int | None = None
    processor: float = 0.0


def there(script: str, number: int = 1, given: str = "") -> str:
    """Run a shell script on the lab host of that number, as root; what it prints. ``given``: its standard input."""
    command = [LAB, "exec", str(number), "--", "bash", "-ec", script]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(
            f"A script of the benchmark failed ({done.returncode}):"
            f" {script[:300]}\n{done.stdout[-1000:]}{done.stderr[-2000:]}"
        )
    return done.stdout


def timed(*command: str) -> Run:
    """Run a command on the lab host, measured there."""
    words = [LAB, "exec", "1", "--", "python3", f"{ON_HOST}/timed.py", *command]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(
            f"A command of the benchmark failed: {' '.join(command)[:300]}\n{done.stdout[-1000:]}{done.stderr[-3000:]}"
        )
    return Run(**json.loads(done.stdout))


def script(text: str) -> Run:
    """Run a shell script on the lab host, measured there. The kernel takes no argument of its length."""
    there(f"mkdir -p {PAYLOADS}; cat >{PAYLOADS}/script", given=text)
    return timed("bash", "-e", f"{PAYLOADS}/script")


def playbook(wish: Wish, *options: str, name: str = "topology", **environment: str) -> float:
    """One ansible-playbook for the wish; its seconds from start to end, as a user waits."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as values:
        json.dump({"wish": wish}, values)
        values.flush()
        settings = {
            **os.environ,
            "ANSIBLE_CONFIG": str(HERE / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/links"),
            **environment,
        }
        inventory = os.environ["NETLOOM_LAB_INVENTORY"]
        command = [
            str(ROOT / ".venv/bin/ansible-playbook"),
            "-i",
            inventory,
            str(HERE / f"playbooks/{name}.yml"),
            "-e",
            f"@{values.name}",
            *options,
        ]
        start = time.monotonic()
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=settings
        )
        seconds = time.monotonic() - start
    if done.returncode:
        sys.exit(f"ansible-playbook failed: {done.stdout[-3000:]}")
    return seconds


def payload(phase: str, wish: Wish, *options: str, name: str = "topology") -> list[str]:
    """Run the wish once by Ansible, and keep the payload that it sent: the command that runs it again on the lab
    host.
    """
    keep = f"rm -rf /root/.ansible/tmp; mkdir -p {PAYLOADS}"
    there(keep)
    kept = {"ANSIBLE_KEEP_REMOTE_FILES": "1", "ANSIBLE_PIPELINING": "false", "ANSIBLE_SSH_PIPELINING": "false"}
    playbook(wish, *options, name=name, **kept)
    there(f"mv /root/.ansible/tmp/*/AnsiballZ_{name}.py {PAYLOADS}/{phase}.py; rm -rf /root/.ansible/tmp")
    return ["/usr/bin/python3", f"{PAYLOADS}/{phase}.py"]


def machine() -> dict[str, t.Any]:
    """What the figures come from."""
    facts = (
        "uname -r | sed s/-.*//; . /etc/os-release; echo $PRETTY_NAME; ovs-vsctl --version | head -1 | sed 's/.* //';"
        " /usr/bin/python3 -V | sed 's/.* //'"
    )
    kernel, system, ovs, python = there(facts).splitlines()
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
            if "model name" in line
        ),
        "",
    )
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "kernel": kernel,
        "system": system,
        "openvswitch": ovs,
        "python": python,
    }
