# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of an object in a drawing: its options as YAML, as somebody would declare it."""

from __future__ import annotations

import collections.abc as c
import json
import re
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _picture_model, _plan_values

MOST_ENTRIES = 12  # of a list; a forwarding table is long
_PLAIN = re.compile(r"[A-Za-z_/.][A-Za-z0-9_./@%+-]*( [A-Za-z0-9_./@%+-]+)*|[0-9]+(\.[0-9]+){3}(/[0-9]+)?")
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", "none"}


def options(views: c.Iterable[_picture_model.View]) -> str:
    """Objects in the shape of their options, each below the name of its module."""
    found: dict[str, list[str]] = {}
    seen: set[int] = set()
    for kind, view in views:
        if id(view) not in seen:
            seen.add(id(view))
            lines = _mapping({key: value for key, value in view.items() if key != "state" or value != "present"})
            found.setdefault(kind, []).extend(
                f"{'  - ' if index == 0 else '    '}{line}" for index, line in enumerate(lines)
            )
    return "\n".join(line for kind, lines in found.items() for line in (f"{kind}:", *lines))


def _mapping(value: c.Mapping[str, t.Any]) -> list[str]:
    found: list[str] = []
    for key, one in value.items():
        if one is None or one in ({}, []):
            continue
        name = _scalar(str(key))
        if isinstance(one, c.Mapping):
            found += [f"{name}:", *(f"  {line}" for line in _mapping(one))]
        elif isinstance(one, c.Sequence) and not isinstance(one, str):
            found += _sequence(name, one)
        else:
            found.append(f"{name}: {_scalar(one)}")
    return found


def _sequence(name: str, value: c.Sequence[t.Any]) -> list[str]:
    shown, more = value[:MOST_ENTRIES], len(value) - MOST_ENTRIES
    rest = [f"  # and {more} more"] if more > 0 else []
    if any(isinstance(one, c.Mapping) for one in value):
        return [f"{name}:", *(f"  - {_flow(one)}" for one in shown), *rest]
    return [f"{name}: [{', '.join(_flow(one) for one in shown)}]", *rest]


def _flow(value: t.Any) -> str:
    if isinstance(value, c.Mapping):
        inner = ", ".join(
            f"{_scalar(str(key))}: {_flow(one)}" for key, one in value.items() if one not in (None, {}, [])
        )
        return f"{{{inner}}}"
    if isinstance(value, c.Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_flow, value))}]"
    return _scalar(value)


def _scalar(value: t.Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    text = _plan_values.printable(str(value))
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else json.dumps(text, ensure_ascii=False)
