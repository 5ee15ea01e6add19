# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of modules and roles as data, with what their fragments add."""

from __future__ import annotations

import ast
import functools
import pathlib
import re
import typing as t

import yaml
from ansible_collections.netloom.linux.plugins.module_utils._engine import _order
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = ROOT / "plugins/modules"
FRAGMENTS = ROOT / "plugins/doc_fragments"
OURS = "netloom.linux."
# The modules that take lists of objects -> the kinds of these lists, in their order.
WHOLES = {"topology": _order.KIND_NAMES, "ovn_topology": _order.NORTHBOUND_NAMES}

Options = dict[str, dict[str, t.Any]]


class Dumper(yaml.SafeDumper):
    """YAML without anchors, with lists that are indented as yamllint wants them."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def module_names() -> list[str]:
    """All modules of the collection."""
    return sorted(path.stem for path in MODULES.glob("*.py"))


@functools.cache
def module_options(name: str) -> Options:
    """The options of a module, with those of the fragments that its documentation extends."""
    documentation = yaml.safe_load(_strings(MODULES / f"{name}.py")["DOCUMENTATION"])
    found: Options = {}
    for fragment in documentation.get("extends_documentation_fragment", ()):
        found.update(_fragment(fragment))
    found.update(documentation.get("options", {}))
    return found


@functools.cache
def role_options() -> dict[str, Options]:
    """role -> its options, with ``suboptions`` in place of ``options``, as in a module."""
    return {
        path.parents[1].name: {
            name: _as_in_a_module(option)
            for name, option in yaml.safe_load(path.read_text())["argument_specs"]["main"]["options"].items()
        }
        for path in sorted(ROOT.glob("roles/*/meta/argument_specs.yml"))
    }


@functools.cache
def role_defaults(role: str) -> dict[str, t.Any]:
    """The defaults of a role."""
    return dict(yaml.safe_load((ROOT / "roles" / role / "defaults/main.yml").read_text()) or {})


def entry_options(kind: str) -> Options:
    """The options of a kind as an entry of a topology: without ``wait``, and what else is given once."""
    once = ("wait", *_registry.KINDS[kind].connection)
    return {name: option for name, option in module_options(kind).items() if name not in once}


def kinds() -> tuple[str, ...]:
    """All kinds of objects, in the order of the lists of the topologies."""
    return tuple(kind for kinds in WHOLES.values() for kind in kinds)


def fragment_name(kind: str) -> str:
    """The fragment with a kind's options as suboptions of its topology."""
    return f"{OURS}topology_{kind}"


def first_paragraph(text: str | list[str]) -> str:
    """The beginning of a description."""
    return (text if isinstance(text, str) else text[0]).strip()


def whole(text: str | list[str]) -> str:
    """A description as one text, with an empty line between its paragraphs."""
    return text.strip() if isinstance(text, str) else "\n\n".join(one.strip() for one in text)


def readable(text: str) -> str:
    """The text without Ansible's markup. What is code there stands in quotes: editors show no Markdown."""
    text = re.sub(r"\b(?:O|RV)\((?:ignore:)?(?:[\w.]+#\w+:)?([^)=]+)(=[^)]*)?\)", r"'\1\2'", text)
    text = re.sub(r"\bP\(([\w.]+)#\w+\)", r"\1", text)
    text = re.sub(r"\b[VCE]\(((?:[^)\\]|\\.)*)\)", lambda found: f"'{found[1]}'".replace("\\", ""), text)
    return re.sub(r"\b[MBIU]\(([^)]+)\)", r"\1", text)


def _as_in_a_module(option: dict[str, t.Any]) -> dict[str, t.Any]:
    rest = {key: value for key, value in option.items() if key != "options"}
    if "options" in option:
        rest["suboptions"] = {name: _as_in_a_module(inner) for name, inner in option["options"].items()}
    return rest


def _fragment(full_name: str) -> Options:
    name, _dot, part = full_name.removeprefix(OURS).partition(".")
    text = _strings(FRAGMENTS / f"{name}.py").get((part or "documentation").upper(), "")
    return dict((yaml.safe_load(text) or {}).get("options", {}))


def _strings(path: pathlib.Path) -> dict[str, str]:
    """The strings that a file assigns to names, in classes too."""
    return {
        node.targets[0].id: node.value.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
