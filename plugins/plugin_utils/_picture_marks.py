# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan changes, and what proofs found broken, as marks of a picture."""

from __future__ import annotations

import collections.abc as c
import re
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _picture_model,
    _picture_places,
    _plan_text,
    _plan_values,
    _surprises,
)

Result = c.Mapping[str, t.Any]
SORTS = {"create": _picture_model.MADE, "delete": _picture_model.GONE}
_SUBJECT = re.compile(r"(?<!\S)(\S+) (?:of|in) (the host|\S+?)(?=[\s.,;:]|$)")


def of_plan(result: Result) -> list[_picture_model.Mark]:
    """A mark for each object that the plan in the result of a module changes. An adopted object stays as it is."""
    found = []
    for change, before, after in _plan_text.changes_of(result):
        if change["change"] == "adopt":
            continue
        kind, sort = change["kind"], SORTS.get(change["change"], _picture_model.DIFFERS)
        view = {**(after or before), **change["identity"]}
        notes = list(change.get("steps") or ())
        if sort == _picture_model.DIFFERS:
            notes += _plan_values.of_changed(before, after)
        elif sort == _picture_model.MADE:
            notes += _plan_values.of_new(kind, after, change["identity"], change.get("declared"))
        if change.get("disturbs") not in (None, "none"):
            notes.append(f"disturbs: {change['disturbs']}")
        title = f"{kind} {_plan_text.named(change['identity'])}"
        place, part = _picture_places.place_of(kind, view), kind in _picture_places.PARTS
        found.append(_picture_model.Mark(sort, place, title, tuple(notes), part))
    return found


def with_new(info: Result, results: c.Iterable[Result]) -> dict[str, list[Result]]:
    """The lists of netns_info, and in them what plans create, so that it can be drawn."""
    lists = {kind: list(views) for kind, views in info.items()}
    for result in results:
        for change, _before, after in _plan_text.changes_of(result):
            if change["change"] == "create" and after:
                lists.setdefault(change["kind"], []).append(after)
    return lists


def of_proofs(reached: t.Any, views: c.Container[_picture_model.Place]) -> list[_picture_model.Mark]:
    """A mark for each cause that the result of reachability names, at the object that the cause is about, or else at
    the namespace that had no answer. ``views``: the places of the host.
    """
    rows = reached.get("reachability") if isinstance(reached, c.Mapping) else None
    causes: dict[tuple[_picture_model.Place, str], dict[str, list[str]]] = {}
    for row in rows or ():
        if not row.get("as_expected", True):
            cause = str(next(iter(row.get("causes") or ()), row.get("reason") or f"it is {row.get('seen')}"))
            place = subject(cause, views) or (row.get("from"), "")
            probe = f"{row.get('from') or 'the host'} -> {row.get('to')} ({row.get('protocol')})"
            alike = causes.setdefault((place, _surprises.kind(cause)), {})
            alike.setdefault(cause, []).append(probe)
    return [
        _picture_model.Mark(
            _picture_model.BROKEN,
            place,
            _surprises.merged(list(alike)),
            tuple(probe for probes in alike.values() for probe in probes),
        )
        for (place, _kind), alike in causes.items()
    ]


def of_sentences(sentences: c.Iterable[str], views: c.Container[_picture_model.Place]) -> list[_picture_model.Mark]:
    """A mark for each surprise between hosts of which a sentence tells."""
    return [
        _picture_model.Mark(_picture_model.BROKEN, subject(one, views) or (None, ""), one)
        for one in dict.fromkeys(sentences)
    ]


def subject(sentence: str, views: c.Container[_picture_model.Place]) -> _picture_model.Place | None:
    """What a sentence is about: a namespace, as in 'web1 has no route', or a link, as in 'v-web2 of the host'."""
    first = (sentence.partition(" ")[0], "")
    if first in views:
        return first
    for name, owner in _SUBJECT.findall(sentence):
        for place in ((None if owner == "the host" else owner, name), (None, name)):
            if place in views:
                return place
    return None
