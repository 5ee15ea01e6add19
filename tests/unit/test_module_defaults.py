# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""module_defaults reach each module that has a plan, by its own name and by its group, and no other one.

They go by the name that Ansible finds for the action plugin. Where one stands for several modules (a redirection in
meta/runtime.yml), each of them gets the defaults of that one, and not its own.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import typing as t

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.module_utils._engine import _order

MODULES = (*_order.KIND_NAMES, *_order.NORTHBOUND_NAMES, "topology", "ovn_topology")
GROUPS = dict.fromkeys((*_order.NORTHBOUND_NAMES, "ovn_topology"), "ovn")  # the others are in 'all'


def play(defaults: t.Mapping[str, t.Any], answers: pathlib.Path) -> dict[str, t.Any]:
    """Run each module without options but these defaults, and note what it says."""
    told = ", ".join(f"'{name}': of_{name}.msg" for name in MODULES)
    return {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable},
        "module_defaults": dict(defaults),
        "tasks": [
            *({f"netloom.linux.{name}": None, "register": f"of_{name}", "ignore_errors": True} for name in MODULES),
            {"ansible.builtin.copy": {"dest": str(answers), "content": f"{{{{ {{{told}}} | to_json }}}}"}},
        ],
    }


@pytest.fixture(name="told", scope="module")
def _told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each module says, first about its own defaults, then about those of its group."""
    folder = tmp_path_factory.mktemp("defaults")
    answers = [folder / "own.json", folder / "group.json"]
    own = {f"netloom.linux.{name}": {f"by_{name}": 1} for name in MODULES}
    groups = {f"group/netloom.linux.{group}": {f"by_{group}": 1} for group in ("all", "ovn")}
    (folder / "plays.yml").write_text(yaml.safe_dump([play(own, answers[0]), play(groups, answers[1])]))
    command = [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "-c", "local"]
    collections = {"ANSIBLE_COLLECTIONS_PATH": os.environ["PYTHONPATH"].split(os.pathsep)[0]}
    done = subprocess.run(
        [*command, str(folder / "plays.yml")],
        env={**os.environ, **collections},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    said = [json.loads(path.read_text()) for path in answers]
    return {name: [one[name] for one in said] for name in MODULES}


@pytest.mark.parametrize("name", MODULES)
def test_defaults_reach_the_module_that_they_are_for(told: dict[str, list[str]], name: str) -> None:
    own, group = told[name]
    assert own.startswith(f"'by_{name}' is not an option of {name};")
    assert group.startswith(f"'by_{GROUPS.get(name, 'all')}' is not an option of {name};")
