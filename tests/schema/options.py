# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options in the words of JSON schema, draft 7, which is what editors know best.

What the modules and roles take, the schema takes: null for an option that may be left out, numbers and truth values as
text, and a template for anything.
"""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _options
from ansible_collections.netloom.linux.tests.schema import documentation

Schema = dict[str, t.Any]

STRINGS = "strings"  # a type that only the roles have: one string, or a list of them
SIZE = "a number or auto"
SWITCH = "a truth value, or a mapping with details"
TEMPLATE = r"\{[{%]"
TRUTHS = r"^(?:[yYnNtTfF]|[yY][eE][sS]|[nN][oO]|[oO][nN]|[oO][fF][fF]|[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|[01])$"
WHOLE = r"^\s*[+-]?[0-9]+\s*$"
NUMBER = r"^\s*[+-]?[0-9]*\.?[0-9]+\s*$"
SORTS: t.Mapping[str, Schema] = {
    "bool": {
        "type": ["boolean", "string", "integer"],
        "minimum": 0,
        "maximum": 1,
        "pattern": f"{TRUTHS}|{TEMPLATE}",
        "patternErrorMessage": "Write true or false, or a template.",
    },
    "int": {
        "type": ["integer", "string"],
        "pattern": f"{WHOLE}|{TEMPLATE}",
        "patternErrorMessage": "Write a whole number, or a template.",
    },
    "float": {
        "type": ["number", "string"],
        "pattern": f"{NUMBER}|{TEMPLATE}",
        "patternErrorMessage": "Write a number, or a template.",
    },
    "raw": {},
    STRINGS: {"type": ["string", "array"], "items": {"type": "string"}},
    SIZE: {
        "type": ["integer", "string"],
        "pattern": f"^auto$|{WHOLE}|{TEMPLATE}",
        "patternErrorMessage": "Write a whole number, auto, or a template.",
    },
}


def template(hint: str) -> Schema:
    """The keywords that allow a string only if it is a template."""
    return {"pattern": TEMPLATE, "patternErrorMessage": f"Write {hint}, or a template."}


def a_mapping(found: Schema) -> str:
    """What to write instead of something that is no mapping."""
    needed = found.get("required")
    return f"a mapping such as {{{needed[0]}: ...}}" if needed else "a mapping"


def mapping(options: documentation.Options, rules: t.Mapping[str, t.Any] | None = None) -> Schema:
    """A mapping with these options, and no others. ``rules``: those of the kind (mutually_exclusive, required_if)."""
    properties: Schema = {}
    needed: list[str] = []
    more: list[Schema] = []
    for name, option in options.items():
        properties[name] = value(option, name)
        for alias in option.get("aliases", ()):
            properties[alias] = {**properties[name], "description": f"The same as '{name}'."}
        if option.get("required") and not option.get("aliases"):
            needed.append(name)
        elif option.get("required"):
            more.append({"anyOf": [{"required": [one]} for one in (name, *option["aliases"])]})
    more += [*_exclusions(rules or {}), *_needs(rules or {}, options)]
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": needed} if needed else {}),
        **({"allOf": more} if more else {}),
    }


def value(option: t.Mapping[str, t.Any], name: str) -> Schema:
    """What one option may be."""
    found = _value(option, name)
    if not option.get("required"):
        found = _or_null(found)
    if "description" in option:
        found["description"] = documentation.readable(documentation.whole(option["description"]))
    if "default" in option:
        found["default"] = option["default"]
    return found


def _value(option: t.Mapping[str, t.Any], name: str) -> Schema:
    sort = option.get("type", "str")
    if sort == "list":
        items = _value({**option, "type": option.get("elements", "raw")}, name)
        # Ansible splits a string at its commas, but makes no mapping of it.
        return {"type": ["array", "string"], "items": items, **(_listed(option) if _complex(option) else {})}
    if sort == SWITCH:
        return {"anyOf": [dict(SORTS["bool"]), mapping(option["suboptions"])]}
    if sort == "dict":
        suboptions = option.get("suboptions")
        found = mapping(suboptions) if suboptions else {}
        return {**found, "type": ["object", "string"], **template(a_mapping(found))}
    return _scalar(option, sort, name)


def _scalar(option: t.Mapping[str, t.Any], sort: str, name: str) -> Schema:
    if sort in SORTS:
        return dict(SORTS[sort])
    if option.get("choices"):
        return {"anyOf": [{"enum": list(option["choices"])}, {"type": "string", **template("one of the choices")}]}
    return {"type": ["string", "integer"] if name in _options.NUMBERS else ["string"]}


def _complex(option: t.Mapping[str, t.Any]) -> bool:
    return option.get("elements") in ("dict", "list")


def _listed(option: t.Mapping[str, t.Any]) -> Schema:
    named = "name" in option.get("suboptions", {})
    return template("a list of mappings, such as [{name: ...}]" if named else "a list of mappings")


def _or_null(found: Schema) -> Schema:
    if "anyOf" in found:
        return {**found, "anyOf": [*found["anyOf"], {"type": "null"}]}
    return {**found, "type": [*found["type"], "null"]} if "type" in found else found


def _exclusions(rules: t.Mapping[str, t.Any]) -> list[Schema]:
    given = {"not": {"type": "null"}}
    return [
        {"not": {"type": "object", "required": list(pair), "properties": dict.fromkeys(pair, given)}}
        for names in rules.get("mutually_exclusive", ())
        for pair in itertools.combinations(names, 2)
    ]


def _needs(rules: t.Mapping[str, t.Any], options: documentation.Options) -> list[Schema]:
    """'If this option has that value, those must be there.' An option that is left out has its default."""
    return [
        {
            "if": {
                "properties": {name: {"const": wanted}},
                **({} if options[name].get("default") == wanted else {"required": [name]}),
            },
            "then": {"required": list(needed)},
        }
        for name, wanted, needed in rules.get("required_if", ())
    ]
