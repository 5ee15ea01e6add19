# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows as aligned lines of text, for people who read a playbook's output."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _reach_matrix

Report = c.Mapping[str, t.Any]

GAP = "  "
PROBES = {
    "from": "FROM",
    "protocol": "BY",
    "expect": "EXPECTED",
    "seen": "SEEN",
    "as_promised": "AS PROMISED",
    "to": "TO",
}
FORMS = ("auto", "rows", "matrix")
MOST_LINES = 14  # a matrix tells more from here on


def _cell(value: t.Any) -> str:
    if value is None or value in ([], ""):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, c.Sequence) and not isinstance(value, str):
        return ", ".join(_cell(one) for one in value)
    return str(value)


def lines(rows: c.Iterable[c.Mapping[str, t.Any]], columns: c.Mapping[str, str]) -> list[str]:
    """A heading, a rule, and a line for each row. ``columns``: key -> heading."""
    table = [[*columns.values()], *([_cell(row.get(key)) for key in columns] for row in rows)]
    widths = [max(len(line[index]) for line in table) for index in range(len(columns))]
    table.insert(1, ["-" * width for width in widths])
    return [GAP.join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in table]


def of_probes(reports: c.Iterable[Report], form: str = "auto") -> list[str]:
    """The result of ``reachability``: as rows, or as a matrix if these were many or wide."""
    if form not in FORMS:
        raise _errors.BadInput(f"reachability_table: form {_words.impossible(form, list(FORMS))}")
    reports = list(reports)
    rows = lines(_rows(reports), PROBES)
    large = len(rows) > MOST_LINES or max(map(len, rows)) > _reach_matrix.WIDTH
    return _reach_matrix.lines(reports) if form == "matrix" or (form == "auto" and large) else rows


def _rows(reports: c.Iterable[Report]) -> list[dict[str, t.Any]]:
    """One row for all targets of a source with the same result. Rows that were not as expected come last."""
    rows: dict[tuple[t.Any, ...], list[str]] = {}
    for one in reports:
        source, target = _reach_matrix.source_of(one), _reach_matrix.target_of(one)
        key = (not one["as_expected"], source, one["protocol"], one["expect"], one["seen"])
        holders = one.get("answered_by")
        rows.setdefault(key, []).append(f"{target} ({_cell(holders)})" if holders else target)
    ordered = sorted(rows.items(), key=lambda row: row[0][0])
    return [dict(zip(PROBES, (*key[1:], not key[0], targets))) for key, targets in ordered]
