# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the blocks of a page declare, as variables of hosts: inventories, variables of roles, plays and tasks."""

from __future__ import annotations

import pathlib
import re
import typing as t

import jinja2
import yaml
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry

Variables = dict[str, dict[str, t.Any]]
BLOCK = re.compile(r"^```yaml(?: file=(?P<name>\S+)| tasks)?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
MODULE = "netloom.linux."
TOPOLOGY = "netloom_topology"


def block(page: str, words: str) -> t.Any:
    """A block of a page, by the name of its file or by how it begins."""
    wanted, _sign, number = words.partition("#")
    found = [one["text"] for one in BLOCK.finditer(page) if one["name"] == wanted or one["text"].startswith(wanted)]
    return yaml.safe_load(found[int(number) - 1 if number else -1])


def variables(inventory: t.Any, declared: t.Sequence[t.Any], key: str = "") -> Variables:
    """The variables of all hosts of an inventory, with what blocks declare for all of them."""
    found: Variables = {}
    groups: dict[str, list[str]] = {}
    for name, group in inventory.items():
        _read_group(name, group or {}, {}, found, groups)
    own: dict[str, t.Any] = {}
    for one in declared:
        _add(one, own)
    if key:
        own[TOPOLOGY] = {name: entries for name, entries in own.pop(key).items() if name in _registry.KINDS}
    return {host: {**own, **more, "groups": groups} for host, more in found.items()}


def of_folder(folder: pathlib.Path) -> Variables:
    """The same of an inventory in files."""
    inventory = yaml.safe_load((folder / "hosts.yml").read_text(encoding="utf-8"))
    for name, group in inventory.items():
        group["vars"] = yaml.safe_load((folder / f"group_vars/{name}.yml").read_text(encoding="utf-8"))
    return variables(inventory, ())


def _read_group(
    name: str, group: dict[str, t.Any], above: dict[str, t.Any], found: Variables, groups: dict[str, list[str]]
) -> None:
    own = {**above, **(group.get("vars") or {})}
    for host, more in (group.get("hosts") or {}).items():
        groups.setdefault(name, []).append(host)
        found.setdefault(host, {}).update({**own, **(more or {})})
    for child, inner in (group.get("children") or {}).items():
        _read_group(child, inner or {}, own, found, groups)


def _add(declared: t.Any, own: dict[str, t.Any], around: t.Mapping[str, t.Any] | None = None) -> None:
    """Add what variables, plays or tasks declare. A task that is repeated, or waits for something, declares nothing."""
    if isinstance(declared, dict):
        own.update(declared)
        return
    for one in declared:
        given = {**(around or {}), **(one.get("vars") or {})}
        own.update({name: _rendered(value, given) for name, value in (one.get("vars") or {}).items() if "_" in name})
        for name, options in one.items():
            if name.startswith(MODULE) and not {"loop", "when"} & set(one):
                _add_task(name.removeprefix(MODULE), _rendered(options, given), own.setdefault(TOPOLOGY, {}))
        for inner in (one.get("tasks"), one.get("block")):
            _add(inner or [], own, given)


def _add_task(module: str, options: dict[str, t.Any], topology: dict[str, t.Any]) -> None:
    lists = {module: [options]} if module in _registry.KINDS else options if module == "topology" else {}
    for kind, entries in lists.items():
        if kind in _registry.KINDS:
            topology.setdefault(kind, []).extend(entries)


def _rendered(value: t.Any, given: dict[str, t.Any]) -> t.Any:
    """A value without templates, as Ansible would evaluate them."""
    if isinstance(value, dict):
        return {key: _rendered(one, given) for key, one in value.items()}
    if isinstance(value, list):
        return [_rendered(one, given) for one in value]
    if isinstance(value, str) and "{{" in value:
        return yaml.safe_load(jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(value).render(given))
    return value
