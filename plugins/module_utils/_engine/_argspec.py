# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs: what all kinds share, and the checks that Ansible's own types do not make."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _plan, _values

WAIT = {"type": "int", "default": 10}

# Options that are names or MAC addresses. YAML reads 52:54:00:12:34:56 as a number, no as false and 010 as 8;
# Ansible's type str would make text of them without a word.
QUOTED = frozenset(
    {
        "name",
        "names",
        "netns",
        "mac",
        "bridge",
        "interface",
        "interfaces",
        "master",
        "device",
        "dev",
        "parent",
        "rename",
        "altnames",
        "ports",
        "uplink",
        "addresses",
        "gateway",
        "via",
        "destination",
        "dst",
        "source",
        "src",
        "remote",
        "local",
        "hostname",
        "domain",
        "address",
        "server",
        "container",
        "out_interface",
        "from",
        "to",
        "to_address",
        "answered_by",
        "listen_in",
    }
)


def argument_spec(kind: _plan.Kind[t.Any]) -> dict[str, t.Any]:
    """The whole argument spec of a kind's entry in a topology."""
    return {
        **kind.options,
        "state": {"type": "str", "choices": list(kind.states), "default": kind.states[0]},
        "clear": {"type": "list", "elements": "str"},
    }


def module_spec(kind: _plan.Kind[t.Any]) -> dict[str, t.Any]:
    """The whole argument spec of a kind's module."""
    return {**argument_spec(kind), "wait": dict(WAIT)}


def refuse_null(options: t.Mapping[str, t.Any], params: t.Mapping[str, t.Any], path: str) -> None:
    """Refuse null for what is required: Ansible takes a key with null for an option that is there."""
    for name, option in options.items():
        value = params.get(name)
        if value is None:
            if option.get("required"):
                raise _errors.BadInput(f"{path}{name}: is null, but it is required; give it a value.")
        elif option.get("options"):
            for index, item in enumerate(value) if isinstance(value, list) else ((None, value),):
                refuse_null(option["options"], item, f"{path}{name}." if index is None else f"{path}{name}[{index}].")


def own_name(options: t.Mapping[str, t.Any], name: str) -> str:
    """The name of an option that an alias stands for: 'destination' for 'dst'."""
    if name in options:
        return name
    return next((own for own, option in options.items() if name in option.get("aliases", ())), name)


def refuse_unread(options: t.Mapping[str, t.Any], params: t.Any, path: str = "") -> None:
    """Refuse what would not be read as it was written, before Ansible converts it: names that YAML took for something else, and lists of other than strings."""
    for key, value in params.items() if isinstance(params, dict) else ():
        option = options.get(own_name(options, key), {})
        here = f"{path}{key}"
        if option.get("type") == "list" and isinstance(value, list):
            _values.refuse_empty_template(value, here)
        places = [(f"{here}[{index}]", one) for index, one in enumerate(value)] if isinstance(value, list) else [(here, value)]
        for place, one in places:
            if key in QUOTED and option:
                _refuse(one, place)
            if option.get("elements") == "str" and isinstance(value, list) and not isinstance(one, str):  # Ansible makes a string of anything: "['x']", "None"
                raise _errors.BadInput(f"{place}: {one!r} is not a string; {'quote it' if isinstance(one, (bool, int, float)) else 'give one'}.")
            if option.get("options"):
                refuse_unread(option["options"], one, f"{place}.")


def _refuse(value: t.Any, here: str) -> None:
    if isinstance(value, (bool, int, float)):
        was = f"the truth value {str(value).lower()}" if isinstance(value, bool) else f"the number {value}"
        # What was written is lost (52:54:00:12:34:56 became one number), so it cannot be proposed.
        raise _errors.BadInput(f"{here}: YAML read this as {was}; quote it, so that it stays the text that was written.")
