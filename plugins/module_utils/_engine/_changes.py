# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of each object, and what that disturbs: the plan by objects, where ``steps`` is the plan by steps."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _entry, _order
from ansible_collections.netloom.linux.plugins.module_utils._model import _ops, _plan

CREATE, DELETE, CHANGE = "create", "delete", "change"
RENEW = "renew"  # there are steps, and no difference that an option shows: an address that is about to expire
ADOPT = "adopt"  # nothing to do: it was there before the topology, which remembers it from now on
# What a step disturbs, in the words of people: a step that deletes is not told to recreate.
WORDS = {_ops.NOTHING: "", _ops.BRIEF: "brief", _ops.RECREATION: "gone"}


class Changes:
    """Collects the changes of a run, in the order of its objects."""

    def __init__(self, outcome: _entry.Outcome) -> None:
        self._steps: dict[str, list[tuple[str, str]]] = {}  # by the key of an entry: sentence and what it disturbs
        for key, step, what in zip(outcome.about, outcome.steps, outcome.disturbs):
            self._steps.setdefault(key, []).append((step, what))
        self.told: list[dict[str, t.Any]] = []

    def add(self, entry: _entry.Entry, old: _plan.Params, new: _plan.Params, adopted: bool = False) -> None:
        """Tell what becomes of an object that is ``old`` and will be ``new``, both in the shape of the options."""
        steps = self._steps.pop(entry.key, [])
        if old != new:
            gone, comes = (view.get("state") == "absent" for view in (new, old))
            self._tell(entry.kind.name, entry.name, DELETE if gone else CREATE if comes else CHANGE, steps)
            if comes:
                self.told[-1]["declared"] = _declared(entry.params, new)
        elif steps:
            self._tell(entry.kind.name, entry.name, RENEW, steps)
        elif adopted:
            self._tell(entry.kind.name, entry.name, ADOPT, [])

    def rest(self, identity: _plan.Params) -> None:
        """Tell of the steps that belong to the topology as a whole, such as what is saved for the next boot."""
        self.told.sort(key=lambda one: _order.MAKE_ORDER[one["kind"]])
        steps = [step for key in list(self._steps) for step in self._steps.pop(key)]
        if steps:
            self._tell("topology", identity, RENEW, steps)

    def _tell(self, kind: str, identity: _plan.Params, change: str, steps: t.Sequence[tuple[str, str]]) -> None:
        disturbs = max((what for _step, what in steps), key=_ops.DISTURBANCES.index, default=_ops.NOTHING)
        sentences = {"steps": [step for step, _what in steps]} if change == RENEW else {}
        self.told.append({"kind": kind, "identity": identity, "change": change, "disturbs": disturbs, **sentences})


def _declared(params: t.Mapping[str, t.Any], new: _plan.Params) -> list[str]:
    """The options of the new object that somebody wrote down, and the suboptions of one as 'peer.name'."""
    found: list[str] = []
    for name in new:
        given = params.get(name)
        if given is not None:
            found.append(name)
        if isinstance(given, dict) and isinstance(new[name], dict):
            found += [f"{name}.{key}" for key in new[name] if given.get(key) is not None]
    return found


def steps_in_words(outcome: _entry.Outcome) -> list[str]:
    """A line for each step, which begins with what it disturbs."""
    width = max(map(len, WORDS.values()))
    return [f"  {WORDS[what]:<{width}}  {step}" for step, what in zip(outcome.steps, outcome.disturbs)]
