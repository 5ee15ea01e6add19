# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which turns the playbooks take the hosts: the central hosts of OVN first to build, and last to take down."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import pytest
import yaml

PLAYBOOKS = pathlib.Path(__file__).resolve().parents[2] / "playbooks"
INVENTORY = {
    "all": {
        "vars": {"ansible_connection": "local"},
        "children": {
            "ovn_chassis": {"hosts": dict.fromkeys("abcd")},
            "ovn_central": {"hosts": dict.fromkeys("cd")},
            "others": {"hosts": {"e": None}},
        },
    }
}
ONE_BY_ONE = "netloom_serial=1"
TURNS = {
    ("site",): ["abcde"],
    ("site", "-e", ONE_BY_ONE): ["cd", "a", "b", "e"],
    ("site", "-e", '{"netloom_serial": [1, "50%"]}'): ["cd", "a", "be"],
    ("site", "-e", ONE_BY_ONE, "--limit", "a,c"): ["c", "a"],
    ("site", "-e", ONE_BY_ONE, "-e", "netloom_hosts=a:e"): ["a", "e"],
    ("site", "-e", ONE_BY_ONE, "-e", "ovn_central_group=others"): ["e", "a", "b", "c", "d"],
    ("teardown",): ["abcde"],
    ("teardown", "-e", "netloom_serial=2"): ["ab", "e", "cd"],
    ("teardown", "-e", ONE_BY_ONE, "--limit", "a,d"): ["a", "d"],
}


@pytest.mark.parametrize("asked", TURNS, ids=" ".join)
def test_the_turns(asked: tuple[str, ...], tmp_path: pathlib.Path) -> None:
    name, *options = asked
    _declared, play = yaml.safe_load((PLAYBOOKS / f"{name}.yml").read_text(encoding="utf-8"))
    told = {"ansible.builtin.debug": {"msg": "TURN {{ ansible_play_batch | join('') }}"}, "run_once": True}
    plays = [{key: play[key] for key in ("hosts", "serial", "gather_facts", "vars")} | {"tasks": [told]}]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(INVENTORY, sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "hosts.yml", "play.yml", *options]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"TURN (\w+)", done.stdout) == TURNS[asked]
