# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host lacks, from its answer to the one question of the role prepare."""

from __future__ import annotations

import collections.abc as c
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _requirements
from ansible_collections.netloom.linux.plugins.module_utils._model import _words

Answer = dict[str, t.Any]
# Of which each has packages.
PARTS = ("openvswitch", "dnsmasq", "nftables", "ovn_central", "ovn_host")


def read(answer: str) -> Answer:
    """The lines of the answer by their first word. Packages: name -> version."""
    lines: dict[str, list[str]] = {}
    for line in answer.splitlines():
        word, _space, rest = line.partition(" ")
        lines.setdefault(word, []).append(rest)
    packages = [line.split() for line in lines.get("has", ())]
    return {
        "systems": " ".join(lines.get("system", ())).split(),
        "distribution": " ".join(lines.get("name", ())) or "an unknown system",
        "installed": {words[0]: words[1] for words in packages if words[2:] == ["installed"]},
        "there": lines.get("there", []),
        "rules": lines.get("rule", []),
        "venv": lines.get("venv", []),
    }


def needs(
    answer: str, options: c.Mapping[str, t.Any], families: c.Mapping[str, c.Mapping[str, t.Any]], rules: str
) -> Answer:
    """What the host has and lacks. ``options``: the variables of the role; ``rules``: of AppArmor, as they should be.

    ``lacks``: all that is missing, in words. ``unforetold``: those of them without which check mode
    cannot tell what comes after.
    """
    told = read(answer)
    family = next((name for name, one in families.items() if set(one["systems"]) & set(told["systems"])), "")
    found = {key: told[key] for key in ("distribution", "installed")}
    if not family:
        return {**found, "family": "", "lacks": ["a distribution that the role knows"], "unforetold": []}
    packages = families[family]["packages"]
    unforetold = [
        *_packages(told["installed"], options, packages),
        *_libraries(told, options, packages["python"]),
    ]
    if options["prepare_openvswitch"] and not unforetold and "socket" not in told["there"]:
        unforetold.append("a running Open vSwitch (no socket /run/openvswitch/db.sock)")
    late = []
    if options["prepare_openvswitch"] and "boot" not in told["there"]:
        late.append("a start of Open vSwitch at boot")
    if options["prepare_dnsmasq"] and options["prepare_apparmor"] and "apparmor" in told["there"]:
        late += [] if told["rules"] == rules.splitlines() else ["rules in the AppArmor profile of dnsmasq"]
    return {**found, "family": family, "lacks": [*unforetold, *late], "unforetold": unforetold}


def _packages(
    installed: c.Container[str], options: c.Mapping[str, t.Any], packages: c.Mapping[str, list[str]]
) -> list[str]:
    parts = [part for part in PARTS if options[f"prepare_{part}"]]
    wanted_packages = dict.fromkeys(name for part in parts for name in packages[part])
    lacks = [f"package {name}" for name in wanted_packages if name not in installed]
    wanted = options["prepare_dhcp_client_package"]
    clients = packages["dhcp_client"] if wanted == "auto" else [wanted]
    if options["prepare_dhcp_client"] and not any(name in installed for name in clients):
        lacks.append(f"package {_words.either(clients)}")
    return lacks


def _libraries(told: Answer, options: c.Mapping[str, t.Any], packages: list[str]) -> list[str]:
    source = options["prepare_python"]
    if source == "none":
        return []
    venv = told["venv"] == [str(one) for one in options["prepare_venv_packages"]]
    missing = [f"package {name}" for name in packages if name not in told["installed"]]
    if source == "venv":
        return [] if venv else [f"the virtual environment {options['prepare_venv']}"]
    if source == "distribution":
        return missing
    installed = told["installed"]
    old = [name for name in packages if name in installed and _numbers(installed[name]) < _oldest(name)]
    if venv or not (missing or old):
        return []
    return [f"the virtual environment {options['prepare_venv']}"] if old else missing


def _oldest(package: str) -> tuple[int, ...]:
    """The least version of the library in a package, such as python3-pyroute2."""
    return _numbers(_requirements.LEAST[package.removeprefix("python3-")])


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers that a version of a package begins with, without its epoch."""
    found = re.match(r"(?:\d+:)?(\d+(?:\.\d+)*)", version)
    return tuple(int(number) for number in found[1].split(".")) if found else ()
