# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the inventory's variables, checked and in one form."""

from __future__ import annotations

import re
import typing as t

from ansible import template
from ansible_collections.netloom.linux.plugins.plugin_utils import _namespaces

Variables = dict[str, t.Any]


def _strings(value: t.Any) -> t.Iterator[str]:
    """Yield all strings in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (one for inner in value.values() for one in _strings(inner))
    elif isinstance(value, (list, tuple)):
        yield from (one for inner in value for one in _strings(inner))


def plain(value: t.Any) -> bool:
    """Return whether the value is exactly what is written: no template, and nothing that a vault has encrypted."""
    if isinstance(value, (list, tuple, dict)):
        return all(plain(inner) for inner in (value.values() if isinstance(value, dict) else value))
    if isinstance(value, str):
        return not any(mark in value for mark in ("{{", "{%"))
    return value is None or isinstance(value, (bool, int, float))


def needed(value: t.Any, variables: Variables) -> list[str]:
    """Return the other variables that a template uses, and those that these use in turn."""
    found: list[str] = []
    waiting = [value]
    while waiting:
        words = {
            word for text in _strings(waiting.pop()) if not plain(text) for word in re.findall(r"[A-Za-z_]\w*", text)
        }
        new = [word for word in sorted(words & set(variables)) if word not in (*found, "inventory_hostname")]
        found += new
        waiting += [variables[word] for word in new]
    return found


def of_parent(value: t.Any) -> t.Any:
    """Return the template for a namespace of the parent, with netloom_parent in place of inventory_hostname."""
    if isinstance(value, str) and not plain(value):
        return as_template(re.sub(r"\binventory_hostname\b", "netloom_parent", value))
    return value


def as_template(text: str) -> str:
    """Mark a string as a template: ansible-core 2.19 and later evaluate only marked strings."""
    trust = getattr(template, "trust_as_template", str)
    return t.cast("str", trust(text))


def declaring(variables: Variables) -> list[str]:
    return [key for key in (*_namespaces.VARIABLES, *_namespaces.MORE) if key in variables]


def groups(parent: str, namespace: _namespaces.Namespace) -> list[str]:
    return [
        "namespaces",
        f"parent_{parent}",
        *(f"network_{name}" for name in namespace.networks),
        *(f"bridge_{name}" for name in namespace.bridges),
        *(f"vlan_{tag}" for tag in namespace.vlans),
        *(f"role_{role}" for role in namespace.roles),
    ]
