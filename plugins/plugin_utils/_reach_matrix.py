# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who reaches whom, as a matrix that fits on a screen, and what is not as promised by its causes."""

from __future__ import annotations

import collections
import collections.abc as c
import textwrap
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _surprises

Report = c.Mapping[str, t.Any]

HOST = "the host"
WIDTH = 110
MOST_ENDS, LEAST_ENDS = 32, 8  # in the matrix; fewer than 32 if their names are long
CORNER = "FROM \\ TO"
# What a cell says, what matters most first. An empty one: not probed.
WRONG, UNPROVEN, REACHED, APART = "X", "?", ".", "-"
LEGEND = {
    WRONG: "not as promised",
    UNPROVEN: "not proven",
    REACHED: "reached, as promised",
    APART: "not reached, as promised",
}
SEVERITY = [*LEGEND, ""]
Signs = dict[tuple[str, str], str]


def source_of(report: Report) -> str:
    """Where a probe starts."""
    return report.get("from") or HOST


def target_of(report: Report) -> str:
    """Where a probe leads, with its port."""
    port = report.get("port")
    return f"{report['to']} port {port}" if port else str(report["to"])


def lines(reports: c.Sequence[Report]) -> list[str]:
    """The matrix, a line that explains its signs, and what is not as promised."""
    signs: Signs = {}
    for one in reports:
        place = source_of(one), str(one["to"])
        signs[place] = min(_sign(one), signs.get(place, ""), key=SEVERITY.index)
    # Everything that is a source, and then what is a target only.
    ends = list(dict.fromkeys([source for source, _target in signs] + [target for _source, target in signs]))
    head = max(map(len, _labels(ends, reports)), default=0)
    most = min(MOST_ENDS, max((WIDTH - head) // 3, LEAST_ENDS))
    shown = ends if len(ends) <= most else _troubled(ends, signs)[:most]
    return [
        *_grid(shown, signs, _labels(shown, reports)),
        *_legend(shown, signs),
        *([_rest(len(shown), len(ends))] if len(ends) > len(shown) else []),
        *_by_cause(reports),
    ]


def _rest(shown: int, all_of_them: int) -> str:
    if not shown:
        return f"{all_of_them} sources and targets: all as promised"
    return f"{shown} of {all_of_them} sources and targets are shown: those with most that is not as promised"


def _sign(report: Report) -> str:
    if report["seen"] == "inconclusive":
        return UNPROVEN
    if not report["as_expected"]:
        return WRONG
    return REACHED if report["seen"] == "reachable" else APART


def _troubled(ends: c.Iterable[str], signs: Signs) -> list[str]:
    """What is at either end of a probe that did not go well, the worst first."""
    found = collections.Counter(end for place, sign in signs.items() if sign in (WRONG, UNPROVEN) for end in place)
    return sorted((end for end in ends if end in found), key=lambda end: -found[end])


def _labels(ends: c.Sequence[str], reports: c.Iterable[Report]) -> list[str]:
    """What stands before each row: a number, a name, and for an address who answered for it."""
    holders: dict[str, dict[str, None]] = {}
    for one in reports:
        holders.setdefault(str(one["to"]), {}).update(dict.fromkeys(one.get("answered_by") or ()))
    wide = len(str(len(ends)))
    return [
        f"{number:>{wide}} {end}" + (f" ({', '.join(holders[end])})" if holders.get(end) else "")
        for number, end in enumerate(ends, 1)
    ]


def _grid(ends: c.Sequence[str], signs: Signs, labels: c.Sequence[str]) -> list[str]:
    """The heading, and a row for each end."""
    if not ends:
        return []
    wide = len(str(len(ends)))
    head = max(map(len, [CORNER, *labels]))
    rows = [(CORNER, [str(number) for number in range(1, len(ends) + 1)])]
    rows += [(label, [signs.get((end, other), "") for other in ends]) for end, label in zip(ends, labels)]
    return ["  ".join([label.ljust(head), " ".join(cell.rjust(wide) for cell in row)]).rstrip() for label, row in rows]


def _legend(ends: c.Collection[str], signs: Signs) -> list[str]:
    used = {sign for (source, target), sign in signs.items() if source in ends and target in ends}
    return [", ".join(f"{sign} {words}" for sign, words in LEGEND.items() if sign in used)] if used else []


def _by_cause(reports: c.Sequence[Report]) -> list[str]:
    """Each cause once, with all the probes that it explains."""
    surprises = [one for one in reports if not one["as_expected"]]
    causes: dict[str, list[Report]] = {}
    for one in surprises:
        causes.setdefault(_surprises.kind(_cause(one)), []).append(one)
    found = [f"{len(surprises)} of {len(reports)} probes are not as promised:"] if surprises else []
    for alike in sorted(causes.values(), key=lambda alike: -len(alike)):
        cause = _surprises.merged([_cause(one) for one in alike])
        found += [_wrapped(cause, "  "), *(_wrapped(line, "    ") for line in _joined(alike))]
    return "\n".join(found).splitlines()


def _cause(report: Report) -> str:
    """The most likely cause, or what was seen instead."""
    known = (report.get("causes") or [report.get("reason")])[0]
    if known:
        return str(known)
    if report["seen"] == "inconclusive":
        return LEGEND[UNPROVEN]
    if report["seen"] == report["expect"]:
        return f"{report['seen']} as expected, but by another way or from another end"
    return f"{report['seen']}, though it should be {report['expect']}: no cause can be seen on this host"


def _joined(reports: c.Iterable[Report]) -> list[str]:
    """Probes in words. Those that share the end that most of them share are one line: 'web1, web3 -> web2 (icmp)'."""
    probes = [(source_of(one), target_of(one), one["protocol"]) for one in reports]
    leaving = collections.Counter((source, protocol) for source, _target, protocol in probes)
    arriving = collections.Counter((target, protocol) for _source, target, protocol in probes)
    groups: dict[tuple[str, str, str], list[str]] = {}
    for source, target, protocol in probes:
        if leaving[source, protocol] >= arriving[target, protocol]:
            groups.setdefault((f"{source} ->", "", protocol), []).append(target)
        else:
            groups.setdefault(("", f"-> {target}", protocol), []).append(source)
    return [
        " ".join(word for word in (before, ", ".join(ends), after, f"({protocol})") if word)
        for (before, after, protocol), ends in groups.items()
    ]


def _wrapped(text: str, margin: str) -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=margin, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
    )
