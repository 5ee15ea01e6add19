# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs: the options that all kinds share, and the checks of the values that Ansible has read."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _kind, _values

WAIT = {"type": "int", "default": 10}
LONGEST_WAIT = 86_400  # seconds: a day


def argument_spec(kind: _kind.Kind[t.Any]) -> dict[str, t.Any]:
    """The whole argument spec of a kind's entry in a topology."""
    return {
        **kind.options,
        "state": {"type": "str", "choices": list(kind.states), "default": kind.states[0]},
        "clear": {"type": "list", "elements": "str"},
    }


def module_spec(kind: _kind.Kind[t.Any]) -> dict[str, t.Any]:
    """The whole argument spec of a kind's module."""
    return {**argument_spec(kind), **kind.connection, "wait": dict(WAIT)}


def refuse_null(options: t.Mapping[str, t.Any], params: t.Mapping[str, t.Any], path: str) -> None:
    """Refuse null for a required option. Ansible accepts a key with the value null as given."""
    for name, option in options.items():
        value = params.get(name)
        if value is None:
            if option.get("required"):
                raise _errors.BadInput(f"{path}{name}: is null, but it is required; give it a value.")
        elif option.get("options"):
            for index, item in enumerate(value) if isinstance(value, list) else ((None, value),):
                refuse_null(option["options"], item, f"{path}{name}." if index is None else f"{path}{name}[{index}].")


def check_wait(params: t.Mapping[str, t.Any]) -> None:
    """Refuse a number of seconds that nobody can wait."""
    if params.get("wait") is not None and not _values.is_template(params["wait"]):
        _values.number(params["wait"], "wait", 0, LONGEST_WAIT, "seconds")
