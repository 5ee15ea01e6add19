# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts by declaration, each with a name, a kernel and a distribution of its own: for playbook lab_create."""

from __future__ import annotations

import json
import re
import typing as t

from labhost import access, hosts, kernels, roots
from labhost.rundir import BASE, MOST_HOSTS, LabError, Run, Settings, load_quietly

# What a host may have beside its name. Molecule itself reads groups and children, and the playbook packages.
_KEYS = ("name", "kernel", "distribution", "packages", "groups", "children")
_HOST_NAME = re.compile("[a-zA-Z]([a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?")
# Short: below it are unix sockets, whose paths have 107 bytes.
_RUN_NAME = re.compile("[a-zA-Z][a-zA-Z0-9_-]{0,31}")


def make(name: str, text: str, *, look_only: bool = False) -> dict[str, t.Any]:
    """Start the hosts that `text` declares, unless they are up already; tell how Ansible reaches them.

    text: JSON with the list `hosts`, `called` (what messages call that list) and `disk`.
    """
    told = json.loads(text)
    entries, called = told["hosts"], told["called"]
    if not _RUN_NAME.fullmatch(name):
        raise LabError(f"'{name}' cannot name lab hosts: use at most 32 letters, digits, '_' and '-', a letter first.")
    _judge(entries, called)
    run = load_quietly(BASE / name)
    is_up = run is not None and run.owner is not None
    if look_only and not is_up:
        return {"changed": True, "hosts": []}
    wanted = _settings(entries, bool(told["disk"]))
    if run is None or not is_up:
        run = hosts.bring_up(wanted, name)
        hosts.keep_running(run)
    elif run.settings != wanted:
        raise LabError(
            f"The lab hosts of '{name}' are up, but are not the declared ones ({_unlike(run.settings, wanted)})."
            " Remove them first: molecule destroy, or netloom.linux.lab_destroy."
        )
    return {"changed": not is_up, **_tell(run, entries)}


def _judge(entries: t.Any, called: str) -> None:
    """Refuse what cannot be meant, before anything is made."""
    if not isinstance(entries, list) or not entries:
        raise LabError(f"{called}: no lab host is declared; write a list such as [{{name: node1}}, {{name: node2}}].")
    if len(entries) > MOST_HOSTS:
        raise LabError(f"{called}: {len(entries)} hosts; at most {MOST_HOSTS} can be started.")
    names: dict[str, int] = {}
    for number, entry in enumerate(entries):
        where = f"{called}[{number}]"
        if not isinstance(entry, dict):
            raise LabError(f"{where}: {entry!r} is not a mapping; write {{name: {entry}}}.")
        for key in entry:
            if key not in _KEYS:
                raise LabError(f"{where}.{key}: is no key of a lab host; its keys are {', '.join(_KEYS)}.")
        name = entry.get("name")
        if not isinstance(name, str) or not _HOST_NAME.fullmatch(name) or name == "localhost":
            raise LabError(f"{where}.name: {name!r} is not the name of a host.")
        if name in names:
            raise LabError(f"{where}.name: '{name}' is already {called}[{names[name]}].")
        names[name] = number
        _judge_choice(f"{where}.kernel", entry.get("kernel"), kernels.KERNELS)
        _judge_choice(f"{where}.distribution", entry.get("distribution"), roots.SUITES)
        packages = entry.get("packages") or []
        if not isinstance(packages, list) or not all(isinstance(package, str) for package in packages):
            raise LabError(f"{where}.packages: {packages!r} is not a list of names of packages.")


def _judge_choice(where: str, value: t.Any, choices: t.Collection[str]) -> None:
    # Without quotes a version is a number.
    if value and str(value) not in choices:
        raise LabError(f"{where}: there is no '{value}'; there are {', '.join(choices)}.")


def _settings(entries: list[dict[str, t.Any]], disk: bool) -> Settings:
    chosen = {
        number: roots.choose("/", entry["distribution"])
        for number, entry in enumerate(entries, 1)
        if entry.get("distribution")
    }
    own = {number: str(entry["kernel"]) for number, entry in enumerate(entries, 1) if entry.get("kernel")}
    names = [entry["name"] for entry in entries]
    return Settings(names=names, count=len(names), disk=disk, roots=chosen, kernels=own)


def _unlike(found: Settings, wanted: Settings) -> str:
    """What tells the hosts that are up from the declared ones."""
    if found.names != wanted.names:
        return f"up: {', '.join(found.names)}; declared: {', '.join(wanted.names)}"
    return "another kernel, distribution or place on disk"


def _tell(run: Run, entries: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    common = access.connection(run)
    return {
        "directory": str(run.directory),
        "inventory": access.inventory(run),
        "hosts": [
            {
                "name": host.name,
                "packages": entry.get("packages") or [],
                "vars": {**common, **access.of_host(host)},
            }
            for host, entry in zip(run.hosts, entries)
        ],
    }
