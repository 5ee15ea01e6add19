# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict over several hosts as data, and as lines that people read."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _crossing_data, _crossing_verdict, _text_table

Item = dict[str, t.Any]
MOST_ENDS = 6  # of failed proofs, for each host
MOST_ROWS = 60  # of a table; what is not as promised is always in it
CHECKS = (
    *("icmp", "arp", "dhcp", "tcp", "udp", "refused", "routed", "gateway", "balanced", "floating", "outside", "dns"),
    *("frames", "isolation"),
)
COLUMNS = {"network": "NETWORK", "from": "FROM", "to": "TO"}
PROMISED = {"as_promised": "AS PROMISED"}


def plain(verdict: _crossing_verdict.Verdict) -> Item:
    """The verdict as data. ``rows``: for each network and ordered pair of hosts, which checks were as promised; of many
    only those that were not.
    """
    rows = _few([{**row, "checks": dict(row["checks"])} for row in verdict.rows.values()])
    return {
        "rows": rows,
        "held": dict(verdict.held),
        "inconclusive": dict(verdict.inconclusive),
        "surprises": verdict.surprises,
        "unproven": verdict.unproven,
        "ends": {
            host: [f"{one.host}:{one.netns}/{one.interface}" for one in list(ends)[:MOST_ENDS]]
            for host, ends in verdict.ends.items()
        },
        "lines": lines(verdict, rows),
    }


def _few(rows: c.Sequence[Item]) -> c.Sequence[Item]:
    return rows if len(rows) <= MOST_ROWS else [row for row in rows if not row["as_promised"]]


def lines(verdict: _crossing_verdict.Verdict, rows: c.Sequence[Item]) -> list[str]:
    """A line for each host, a table, and what was not proven."""
    shown = _few(rows)
    used = [check for check in CHECKS if any(check in row["checks"] for row in shown)]
    columns = {**COLUMNS, **{check: check.upper() for check in used}, **PROMISED}
    cells = [
        {**row, **{key: "ok" if good else "NO" for key, good in row["checks"].items()}}
        for row in sorted(shown, key=lambda row: not row["as_promised"])
    ]
    table = _text_table.lines(cells, columns) if cells else []
    return [*table, *(_host(verdict, host) for host in verdict.fleet.reports), *verdict.unproven]


def _host(verdict: _crossing_verdict.Verdict, host: str) -> str:
    """What is well on a host."""
    names = [one.name for one in verdict.fleet.segments if host in one.hosts]
    others = dict.fromkeys(
        other
        for one in verdict.fleet.segments
        for other in one.hosts
        if host in one.hosts and other != host and other in verdict.fleet.reports
    )
    held = verdict.held[host]
    surprises = len(verdict.surprises.get(host, ()))
    where = f" with {_words.some(list(others), 5)}" if others else ""
    bad = f", {surprises} surprise{'' if surprises == 1 else 's'}" if surprises else ""
    return f"{host}: {held} proof{'' if held == 1 else 's'} held{bad}{where} ({_words.some(names, 5)})"


def of_run(segments: t.Any, reports: t.Any, sent: t.Any, collected: t.Any, most: int, **options: bool) -> Item:
    """Judge, from plain data to plain data. ``options``: those of judge()."""
    return plain(_crossing_verdict.judge(_crossing_data.read(segments), reports, sent, collected, most, **options))
