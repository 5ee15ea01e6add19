# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find variables that look like an option of a role of this collection and are none. Ansible and the role silently
ignore them.
"""

from __future__ import annotations

import collections.abc as c
import difflib
import functools
import pathlib
import typing as t

import yaml

ROLES = pathlib.Path(__file__).parents[2] / "roles"
# Whose names others hardly use. 'router_id' or 'verify_ssl' may well be somebody's own.
OURS = ("bridge_network", "ovn_network", "ovs_vlan_dhcp", "vxlan_network")
ALIKE = 0.7  # of the letters after the role's name


class Found(t.NamedTuple):
    """Sentences about variables that are surely misspelt, and about variables that are only suspicious."""

    wrong: list[str]
    strange: list[str]


@functools.cache
def options() -> dict[str, set[str]]:
    """The options of each role, from its argument spec: role -> options."""
    return {path.parents[1].name: set(_read(path)) for path in sorted(ROLES.glob("*/meta/argument_specs.yml"))}


def of(role: str) -> tuple[str, ...]:
    """The options of a role, without a look at the other roles. Empty if there is no such role."""
    path = ROLES / role / "meta/argument_specs.yml"
    return tuple(_read(path)) if path.exists() else ()


@functools.cache
def defaults(role: str) -> dict[str, t.Any]:
    """The defaults of a role, without those that are templates."""
    text = (ROLES / role / "defaults/main.yml").read_text(encoding="utf-8")
    return {name: value for name, value in (yaml.safe_load(text) or {}).items() if "{{" not in str(value)}


def _read(path: pathlib.Path) -> dict[str, t.Any]:
    spec = yaml.safe_load(path.read_text(encoding="utf-8"))
    return dict(spec["argument_specs"]["main"].get("options") or {})


def look_at(names: c.Iterable[str]) -> Found:
    """The sentences about these names of variables."""
    found = Found([], [])
    for name in sorted(set(names)):
        role = next((role for role in options() if name.startswith(f"{role}_")), None)
        if role is None or name in options()[role] or name.startswith((f"{role}__", f"{role}_result")):
            continue
        rests = {option[len(role) + 1 :]: option for option in options()[role]}
        near = difflib.get_close_matches(name[len(role) + 1 :], rests, 1, ALIKE)
        if near:
            found.wrong.append(f"'{name}' is not an option of the role {role}; did you mean '{rests[near[0]]}'?")
        elif role in OURS:
            found.strange.append(
                f"'{name}' is not an option of the role {role}, and is ignored; its options are"
                f" {', '.join(sorted(rests.values()))}."
            )
    return found
