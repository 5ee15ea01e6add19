# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the roles. Their argument specs say `raw`, as the roles judge them themselves; what they take stands
in the descriptions and defaults.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _namespaces, _role_options
from ansible_collections.netloom.linux.tests.schema import documentation, options

# Variables in the shape of another one, or of the options of a module.
SHAPES = {
    "verify_networks": "#/definitions/variables/properties/bridge_network_networks",
    "verify_vxlan_networks": "#/definitions/variables/properties/vxlan_network_networks",
    "verify_tenants": "#/definitions/variables/properties/ovs_vlan_dhcp_tenants",
    "verify_routers": "#/definitions/variables/properties/router_routers",
    "verify_probes": "#/definitions/reachability/properties/probes",
    "faults_probes": "#/definitions/reachability/properties/probes",
    "faults_topology": "#/definitions/topology",
}
FRACTIONS = ("verify_timeout",)
# Variables of the playbooks and of the inventory plugin that no role has.
PLAYBOOKS: dict[str, dict[str, t.Any]] = {
    "netloom_hosts": {"type": "str", "description": "The hosts of the playbook, as a pattern."},
    "netloom_become": {"type": "bool", "description": "Whether the playbook's tasks become root. The default is true."},
    "netloom_prepare": {"type": "bool", "description": "Whether the playbook installs what is missing."},
    "netloom_picture": {"type": "bool", "description": "Whether the plan of a wholly new network is a picture."},
    "netloom_verify_table": {"type": "bool", "description": "Whether verify prints the table of all probes of a host."},
    "netloom_capture": {
        "type": "list",
        "elements": "str",
        "description": "The members whose packets are captured, as [HOST:]NAMESPACE[/INTERFACE].",
    },
    "netloom_capture_seconds": {"type": "int", "description": "After how many seconds a capture ends."},
    "netloom_capture_count": {"type": "int", "description": "How many packets are captured at an interface."},
    "netloom_capture_filter": {"type": "dict", "description": "Which packets are captured, as netns_capture says it."},
    "netloom_capture_dest": {"type": "str", "description": "The folder on the control node with captured packets."},
    "netloom_capture_ping": {"type": "bool", "description": "Whether the members ping each other during a capture."},
    "netloom_capture_underlay": {
        "type": "bool",
        "description": "Whether packets are also captured at the link by which the tunnels of the host leave.",
    },
    "netloom_verify_capture": {"type": "str", "description": "The folder where verify captures packets if it fails."},
    "netloom_diagram": {
        "type": "list",
        "elements": "str",
        "description": "Paths on the control node, where diagram, verify, drift and site with --check draw a picture.",
    },
    "netloom_diagram_source": {
        "type": "str",
        "choices": ["live", "declared", "both"],
        "description": "What the playbook diagram draws. The default is live.",
    },
    "netloom_diagram_title": {"type": "str", "description": "The heading of a picture."},
    "netloom_drift_fail": {"type": "bool", "description": "Whether drift fails if something differs."},
    "netloom_drift_json": {"type": "str", "description": "Where drift writes its report as JSON; empty: nowhere."},
    "netloom_drift_markdown": {
        "type": "str",
        "description": "Where drift writes the report as Markdown; empty: nowhere.",
    },
}
LEAST_LETTERS = 6  # of a word; one that differs from a shorter one by a letter may be another word
_WORDS = re.compile(r"(?:V\((\w+)\)(?:, | or )?)+\.")


def variables() -> options.Schema:
    """The variables that a file may set. Other people's are allowed, unless they begin as ours do."""
    found: options.Schema = {}
    for role, ours in documentation.role_options().items():
        defaults = documentation.role_defaults(role)
        for name, option in ours.items():
            found[name] = _variable(name, option, defaults.get(name))
    for name, option in PLAYBOOKS.items():
        found[name] = options.value(option, name)
    found[_namespaces.TOPOLOGY] = {
        "$ref": "#/definitions/lists",
        "description": "A topology, from which the inventory plugin netloom.linux.namespaces reads the namespaces.",
    }
    return {
        "type": ["object", "null"],
        "properties": found,
        "patternProperties": {_strange(role): False for role in documentation.role_options()},
    }


def _strange(role: str) -> str:
    """The names that begin as the options of a role do, and are none of them: all of them if nobody else uses such
    names, else those that are nearly an option. See _role_options.
    """
    rests = [name.removeprefix(f"{role}_") for name in documentation.role_options()[role]]
    near = "|".join(pattern for rest in rests for pattern in _near(rest))
    strange = "" if role in _role_options.OURS else f"(?:{near})$"
    return rf"^{role}_(?!_)(?!(?:{'|'.join(rests)})$){strange}"


def _near(word: str) -> list[str]:
    """Patterns for a word with one letter too few, too many or wrong, or with two letters exchanged."""
    if len(word) < LEAST_LETTERS:
        return []
    edited = [f"{word[:at]}.{{0,2}}{word[at + 1 :]}" for at in range(len(word))]
    return edited + [f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}" for at in range(len(word) - 1)]


def _variable(name: str, option: dict[str, t.Any], default: t.Any) -> options.Schema:
    description = documentation.readable(documentation.whole(option["description"]))
    if name in SHAPES:
        return {"$ref": SHAPES[name], "description": description}
    if name == "faults_list":
        service = {"type": "object", "properties": {"service": {"type": "string"}}, "additionalProperties": False}
        item = {
            "if": {"type": "object", "required": ["service"]},
            "then": service,
            "else": {"$ref": "#/definitions/fault"},
        }
        return {"type": ["array", "string"], "items": item, **options.template("a list"), "description": description}
    return options.value({**_told(name, option, default), "description": option["description"]}, name)


def _told(name: str, option: dict[str, t.Any], default: t.Any) -> dict[str, t.Any]:
    """The option with the type that its description and its default tell."""
    first = documentation.first_paragraph(option["description"])
    with_default = {} if default is None else {"default": default}
    suboptions = {"suboptions": _addressed(option["suboptions"])} if "suboptions" in option else {}
    if suboptions or first.startswith("A mapping."):
        shape = {"type": "dict"} if first.startswith("A mapping.") else {"type": "list", "elements": "dict"}
        return {**shape, **suboptions, **with_default}
    words = re.findall(r"V\((\w+)\)", found[0]) if (found := _WORDS.match(first)) else []
    if words == ["true", "false"]:
        return {"type": "bool", **with_default}
    if words and isinstance(default, str):
        return {"type": "str", "choices": words, **with_default}
    if first.startswith("A number."):
        return {"type": "float" if name in FRACTIONS else "int", **with_default}
    texts = {"type": "list", "elements": "str"} if isinstance(default, list) else {"type": "str"}
    return {**({"type": "dict"} if first.startswith("A mapping.") else texts), **with_default}


def _addressed(suboptions: documentation.Options) -> documentation.Options:
    """The options of an entry, of which the raw ones are addresses, or truth values with details, and texts that are
    'auto' may be numbers.
    """
    return {
        name: {
            **option,
            **({"type": options.STRINGS} if option.get("type") == "raw" else {}),
            **({"type": options.SIZE} if option.get("default") == "auto" and "choices" not in option else {}),
            **({"suboptions": _addressed(option["suboptions"])} if "suboptions" in option else {}),
            **({"type": options.SWITCH} if option.get("type") == "raw" and "suboptions" in option else {}),
        }
        for name, option in suboptions.items()
    }
