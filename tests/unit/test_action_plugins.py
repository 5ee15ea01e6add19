# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible finds the action plugin of each module that has a plan before it forks the workers."""

from __future__ import annotations

import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACTIONS = ROOT / "plugins/action"


def test_each_module_with_a_plan_has_an_action_plugin_of_its_name() -> None:
    routes = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["plugin_routing"]["modules"]
    links = {path.stem for path in ACTIONS.iterdir() if path.is_symlink() and path.resolve() == ACTIONS / "topology.py"}
    assert links == {*routes}


def test_what_judges_is_imported_with_it_and_not_when_a_task_runs() -> None:
    lines = (ROOT / "plugins/plugin_utils/_confirm.py").read_text().splitlines()
    assert "from ansible_collections.netloom.linux.plugins.plugin_utils import _judge" in lines
