# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a northbound database holds, as lists of ovn_topology that change nothing when they are declared.

Others write what no option is about: the severity of a rule, a translation for some ports only, a router that leads to
a router, two switches with one name. Declared as far as options go, such a row would be replaced. Or they write what
OVN never obeys, and what a run refuses. So each object is planned here as it would be told, and what would not stay as
it is is left out, with a warning.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _order, _reading
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _northbound, _plan, _snapshot, _words

MOST_WARNINGS = 20
STAGES = ("make", "settle", "complete")
Lists = dict[str, list[_plan.Params]]


def result_of(nb: _northbound.Northbound) -> dict[str, t.Any]:
    """What module ovn_info returns."""
    lists, left_out = lists_of(nb)
    sentences = list(dict.fromkeys(f"Left out: {one['what']}. {one['why']}" for one in left_out))
    return {"ovn_info": lists, "left_out": left_out, "warnings": _words.listed(sentences, MOST_WARNINGS)}


def lists_of(nb: _northbound.Northbound) -> tuple[Lists, list[_plan.Params]]:
    """The lists, and what is left out of them. Rows whose table knows no names are left out without a word."""
    found: Lists = {}
    trial = _Trial(nb)
    for name in _order.NORTHBOUND_NAMES:
        kind: t.Any = _registry.KINDS[name]
        shown = [kind.told(_northbound.Place(kind.table, key), nb) for key in nb.rows(kind.table)]
        told = [{key: value for key, value in one.items() if value is not None} for one in shown if one is not None]
        kept = [one for one in (trial.kept(name, one) for one in told) if one]
        if kept:
            found[name] = sorted(kept, key=lambda one: (str(one.get("name", "")), str(one)))
    return found, trial.left_out


class _Trial:
    """Plans objects as they would be told, one by one."""

    def __init__(self, nb: _northbound.Northbound) -> None:
        self._snapshot = _snapshot.Snapshot({None: _snapshot.Namespace(None, links={})}, nb=nb)
        self._reader = _reading.EntryReader()
        self._planner = self._fresh()
        self.left_out: list[_plan.Params] = []

    def _fresh(self) -> _plan.Planner:
        return _plan.Planner(self._snapshot, assume=False)

    def kept(self, kind: str, told: _plan.Params) -> _plan.Params | None:
        """What of an object changes nothing when it is declared; None if that is nothing."""
        why = self._change(kind, told)
        if not why:
            return told
        options, what = _registry.KINDS[kind].options, f"{kind} {told.get('name', '')}".rstrip()
        needed = {name: value for name, value in told.items() if options[name].get("required")}
        odd = {name: self._change(kind, {**needed, name: value}) for name, value in told.items() if name not in needed}
        kept = {name: value for name, value in told.items() if not odd.get(name)}
        if self._change(kind, kept):
            self.left_out.append({"kind": kind, "what": what, "options": told, "why": why})
            return None
        for name, reason in odd.items():
            if reason:
                options = {**needed, name: told[name]}
                self.left_out.append({"kind": kind, "what": f"`{name}` of {what}", "options": options, "why": reason})
        return kept

    def _change(self, kind: str, params: _plan.Params) -> str:
        """Why it would not stay as it is, as a sentence. '' if it would."""
        try:
            entry = self._reader.read(kind, params, "")
            for stage in STAGES:
                getattr(entry.kind, stage)(entry.spec, self._planner)
            steps = [step.sentence for step in self._planner.steps if not step.quiet]
            why = f"No option says all of it: declared, a run would {steps[0]}." if steps else ""
        except _errors.NetloomError as error:
            why = str(error)
        if why:
            self._planner = self._fresh()
        return why
