# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON schema as a whole: one file for files of variables, YAML inventories, topologies and playbooks, which it
tells apart by their shape.
"""

from __future__ import annotations

import json
import pathlib
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.tests.schema import documentation, options, variables

FILE = documentation.ROOT / "docs/schema/netloom.json"
TASK_LISTS = ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always")
GROUP = ("hosts", "children", "vars")
INVENTORY_PLUGIN = ("netloom.linux.namespaces",)


def files() -> dict[pathlib.Path, str]:
    """Path -> text of the schema."""
    return {FILE: json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"}


def schema() -> options.Schema:
    """The whole schema."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": "Written by `make schema` from the documentation of the modules and roles. GPL-3.0-or-later.",
        "title": "netloom.linux",
        **_by_shape(),
        "definitions": {
            **_entries(),
            **_modules(),
            "variables": variables.variables(),
            "group": _group(),
            "task": _task(),
        },
    }


def _ref(name: str) -> options.Schema:
    return {"$ref": f"#/definitions/{name}"}


def _by_shape() -> options.Schema:
    """What a file is. A chain of conditions gives exact errors, where `anyOf` would give one for each alternative."""
    plugin = {"required": ["plugin"], "properties": {"plugin": {"enum": list(INVENTORY_PLUGIN)}}}
    groups = {
        "minProperties": 1,
        "additionalProperties": {"type": ["object", "null"], "propertyNames": {"enum": list(GROUP)}},
        "not": {"additionalProperties": {"maxProperties": 0}},
    }
    chain = (
        ({"type": "array"}, {"items": _ref("task")}),
        ({"type": "object", **plugin}, {"properties": {"hosts": {"additionalProperties": _ref("variables")}}}),
        ({"type": "object", **groups}, {"additionalProperties": _ref("group")}),
        *(
            ({"type": "object", "required": ["name"], "anyOf": [{"required": [kind]} for kind in kinds]}, _ref(whole))
            for whole, kinds in documentation.WHOLES.items()
        ),
    )
    found: options.Schema = _ref("variables")
    for condition, then in reversed(chain):
        found = {"if": condition, "then": then, "else": found}
    return found


def _entries() -> options.Schema:
    """The entries of the topologies, their lists, and the topologies themselves. (A variable may have the lists of one
    without its name.)
    """
    return {
        **{
            kind: _or_template(options.mapping(documentation.entry_options(kind), _registry.KINDS[kind].rules))
            for kind in documentation.kinds()
        },
        "lists": _or_template(_lists("topology")),
        "topology": {"allOf": [_ref("lists"), {"if": {"type": "object"}, "then": {"required": ["name"]}}]},
        "ovn_topology": _or_template({**_lists("ovn_topology"), "required": ["name"]}),
    }


def _lists(whole: str) -> options.Schema:
    """The options of a topology, without the rule that it has a name."""
    told = documentation.module_options(whole)
    found = options.mapping({name: option for name, option in told.items() if name != "name"})
    for kind in documentation.WHOLES[whole]:
        found["properties"][kind]["items"] = {**_ref(kind), "description": f"An entry of {kind}."}
    name = options.value({**told["name"], "required": True}, "name")
    found["properties"] = {"name": name, **found["properties"]}
    return found


def _modules() -> options.Schema:
    """The options of the modules that are no kinds."""
    return {
        name: _or_template(options.mapping(documentation.module_options(name)))
        for name in documentation.module_names()
        if name not in _registry.KINDS and name not in documentation.WHOLES
    }


def _or_template(found: options.Schema) -> options.Schema:
    return {**found, "type": ["object", "string"], **options.template(options.a_mapping(found))}


def _group() -> options.Schema:
    """A group of a YAML inventory."""
    return {
        "type": ["object", "null"],
        "properties": {
            "hosts": {"type": ["object", "null"], "additionalProperties": _ref("variables")},
            "children": {"type": ["object", "null"], "additionalProperties": _ref("group")},
            "vars": _ref("variables"),
        },
    }


def _task() -> options.Schema:
    """A play, a task or a block. Only what belongs to the collection is judged."""
    names = documentation.module_names()
    tasks = {"type": ["array", "string", "null"], "items": _ref("task")}
    # A role may be given its variables beside its name.
    roles = {"type": ["array", "string", "null"], "items": {"if": {"type": "object"}, "then": _ref("variables")}}
    found: dict[str, t.Any] = {
        "vars": {"if": {"type": "object"}, "then": _ref("variables")},
        "roles": roles,
        **dict.fromkeys(TASK_LISTS, tasks),
        **{f"netloom.linux.{name}": _arguments(name) for name in names},
    }
    return {
        "type": "object",
        "properties": found,
        "patternProperties": {rf"^netloom\.linux\.(?!(?:{'|'.join(names)})$)": False},
    }


def _arguments(name: str) -> options.Schema:
    """The arguments of a task: also as `key=value`, which only Ansible reads."""
    if name not in documentation.kinds():
        return {"if": {"type": "object"}, "then": _ref(name), "else": {"type": ["string", "null"]}}
    entry = options.mapping(documentation.entry_options(name), _registry.KINDS[name].rules)
    more = {one: told for one, told in documentation.module_options(name).items() if one not in entry["properties"]}
    entry["properties"] = {
        **{one: _ref(f"{name}/properties/{one}") for one in entry["properties"]},
        **options.mapping(more)["properties"],
    }
    return {**entry, "type": ["object", "string", "null"]}
