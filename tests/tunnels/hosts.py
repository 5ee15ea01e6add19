# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the suites on several lab hosts share: run a playbook, do something on a host, count frames."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import typing as t

LAB = os.environ["NETLOOM_LAB"]
FLEET = pathlib.Path(os.environ["NETLOOM_LAB_DIR"]) / "fleet"
FRAMES = (pathlib.Path(__file__).parent / "frames.py").read_text()
PROGRAM = ["timeout", "60", "python3", "-c", FRAMES]
HOSTS = ["lab1", "lab2", "lab3"]
JSON = {"ANSIBLE_SHOW_CUSTOM_STATS": "true", "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}  # so that the end can be read
READY = 4.0  # seconds until a counter counts


def declare(variables: dict[str, t.Any], groups: dict[str, list[str]] | None = None) -> None:
    """Write the inventory: the lab's hosts, what is declared once for all of them, and groups of them."""
    FLEET.mkdir(exist_ok=True)
    shutil.copy(os.environ["NETLOOM_LAB_INVENTORY"], FLEET / "hosts.yml")
    (FLEET / "declared.yml").write_text(
        json.dumps(
            {
                "declaring": {"children": {"lab_hosts": {}}, "vars": variables},
                **{name: {"hosts": {host: {} for host in hosts}} for name, hosts in (groups or {}).items()},
            }
        ),
        encoding="utf-8",
    )


def play(name: str, *options: str, fails: bool = False) -> tuple[dict[str, t.Any], str]:
    """Run a playbook. Return what became of the hosts, and what it printed."""
    reports = [
        f"--extra-vars={{netloom_drift_json: {FLEET}/../drift.json, netloom_drift_markdown: {FLEET}/../drift.md}}"
    ]
    command = ["ansible-playbook", "--inventory", str(FLEET), f"netloom.linux.{name}", *reports, *options]
    began = time.monotonic()
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=FLEET,
        env={**os.environ, **JSON},
    )
    told = re.search(r"^\tRUN: (.*)$", done.stdout, re.MULTILINE)
    artifacts = json.loads(told[1]) if told else {}
    outcomes = artifacts.get(f"netloom_{name}") or artifacts.get(f"netloom_{name}_result") or {}
    words = {key: outcomes[key] for key in ("changed", "ok", "drifted", "failed", "unreachable") if outcomes.get(key)}
    print(f"{name} {' '.join(options)}: rc {done.returncode}, {time.monotonic() - began:.1f} s, {words}", flush=True)
    if bool(done.returncode) != fails:
        print(done.stdout)
        raise SystemExit(f"{name} {options}: rc {done.returncode}")
    return outcomes, done.stdout


def number(host: str) -> str:
    """The number of a lab host, by which the lab knows it."""
    return host.removeprefix("lab")


def on(host: str, command: str, check: bool = True) -> str:
    """Do something on a lab host, behind the back of the collection."""
    done = subprocess.run(
        [LAB, "exec", number(host), "--", "bash", "-c", command], stdout=subprocess.PIPE, text=True, check=False
    )
    if check and done.returncode:
        raise SystemExit(f"{host}: {command}: rc {done.returncode}: {done.stdout}")
    return done.stdout.strip()


def plan(text: str) -> list[str]:
    """The lines of a plan: those with a sign."""
    lines = [line.strip().strip('",').strip() for line in text.splitlines()]  # of a list in JSON
    return [line for line in lines if re.match(r"[-+~=] \S", line)]


def pinging(netns: str, target: str, mtu: int) -> str:
    """A command that succeeds if two packets of this length reach an address, and come back."""
    ping = f"ip netns exec {netns} ping -q -M do -s {mtu - 28} -c 2 -i 0.2 -W 2 {target}"
    return f"{ping} 2>/dev/null | grep -q ' 0% packet loss'"


def arrives(host: str, netns: str, target: str, mtu: int) -> bool:
    """Whether packets of this length reach an address, and come back."""
    return bool(on(host, f"{pinging(netns, target, mtu)} && echo yes", check=False))


@contextlib.contextmanager
def counting(
    hosts: t.Iterable[str], what: str, seconds: float, sought: str = "", netns: str = ""
) -> t.Iterator[dict[str, int]]:
    """Count frames on the underlay of each host, or in its namespace, during the body; the figures are there after it.
    ``netns``: a name with {} in place of the number of the host.
    """
    found: dict[str, int] = {}
    running = {}
    for host in hosts:
        inside = ["ip", "netns", "exec", netns.format(number(host))] if netns else []
        counter = [*PROGRAM, "count", "eth0", str(seconds), what, *([sought] if sought else [])]
        command = [LAB, "exec", number(host), "--", *inside, *counter]
        running[host] = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    time.sleep(READY)
    yield found
    for host, counter in running.items():
        found[host] = int(counter.communicate()[0])


def broadcast(host: str, netns: str, times: int = 1) -> None:
    """Broadcasts of a member."""
    command = ["ip", "netns", "exec", netns, *PROGRAM, "send", "eth0", str(times), "0"]
    subprocess.run([LAB, "exec", number(host), "--", *command], check=True)
