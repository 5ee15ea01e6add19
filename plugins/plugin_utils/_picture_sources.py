# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a picture from the variables of a play: what they have, what is declared for them, or both."""

from __future__ import annotations

import collections.abc as c
import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_paths,
    _fleet,
    _picture_declared,
    _picture_marks,
    _picture_model,
    _picture_ovn,
    _picture_ovn_declared,
    _picture_reader,
)

LIVE, DECLARED, BOTH = _diagram_paths.SOURCES
FOUND = "diagram__found"  # what netns_info returned
SEEN = "ovn_network__seen"  # what ovn_info returned
WRITTEN = ("ovn_network_result_northbound", "ovn_network_result_purge")
NOTED = ("diagram__failed", _fleet.FAILED)  # what the task returned that failed
NOT_REACHED = "It was not reached."
Own = c.Mapping[str, t.Any]


def hosts(
    names: c.Sequence[str],
    variables: c.Mapping[str, Own],
    source: str = LIVE,
    *,
    here: Own | None = None,
    everybody: c.Iterable[str] | None = None,
) -> list[_picture_model.Host]:
    """The hosts of a play. Raises BadInput."""
    if source not in _diagram_paths.SOURCES:
        raise _errors.BadInput(f"diagram: source {_words.impossible(source, list(_diagram_paths.SOURCES))}")
    around = list(everybody or names)
    if source == DECLARED:
        ovn = _picture_ovn_declared.Fleet(around, variables, here or {})
        infos = _picture_declared.infos(names, variables, here or {}, around, ovn)
        declared = ovn.northbound()
        database = None if declared is None else _picture_ovn.host_of(_picture_ovn.NAME, declared, ovn.hosts)
        read = {name: _picture_reader.host_of(name, infos[name]) for name in names}
        found = [host.saying(ovn.databases(name)) for name, host in read.items()]
        return _picture_ovn.joined([*([database] if database else []), *found])
    owns = [variables[name] for name in names]
    database = _database(owns, lambda: _chassis(around, variables, here or {}), source == BOTH)
    found = [_host(name, variables[name], source == BOTH) for name in names]
    return _picture_ovn.joined([*([database] if database else []), *found])


def _chassis(everybody: c.Iterable[str], variables: c.Mapping[str, Own], here: Own) -> dict[str, str]:
    """The host of each chassis. What is declared badly does not matter for what is there."""
    try:
        return _picture_ovn_declared.Fleet(everybody, variables, here).hosts
    except _errors.BadInput:
        return {}


def _database(
    owns: c.Sequence[Own], chassis: c.Callable[[], c.Mapping[str, str]], compared: bool
) -> _picture_model.Host | None:
    """The northbound database as it is, if a host was asked for it."""
    answers = [own[SEEN] for own in owns if isinstance(own.get(SEEN), c.Mapping) and not own[SEEN].get("skipped")]
    if not answers:
        return None
    lists = _picture_ovn.lists_of(answers[0])
    if lists is None:
        return _picture_model.Host(_picture_ovn.NAME, problem=_fleet.reason(answers[0]), northbound=True)
    results = [own.get(name) for own in owns for name in WRITTEN] if compared else []
    plans = [one for one in results if isinstance(one, c.Mapping)]
    found = _picture_ovn.host_of(_picture_ovn.NAME, _picture_marks.with_new(lists, plans), chassis())
    return dataclasses.replace(found, marks=tuple(mark for plan in plans for mark in _picture_marks.of_plan(plan)))


def _host(name: str, own: Own, compared: bool) -> _picture_model.Host:
    """A host as it is. ``compared``: with what the plans of the roles would change."""
    found = own.get(FOUND)
    if not isinstance(found, c.Mapping) or not isinstance(found.get("netns_info"), c.Mapping):
        return _picture_model.Host(name, problem=_fleet.reason(found) if found else NOT_REACHED)
    results = [own.get(_fleet.result_name(role)) for role in _fleet.ROLES] if compared else []
    plans = [one for one in results if isinstance(one, c.Mapping)]
    info = _picture_marks.with_new(found["netns_info"], plans)
    host = _picture_reader.host_of(name, {**found, "netns_info": info})
    marks = [mark for plan in plans for mark in _picture_marks.of_plan(plan)]
    proofs = _picture_marks.of_proofs(own.get(_fleet.PROBES), host.views)
    told = own.get(_fleet.CROSSINGS)
    surprises = (told.get("surprises") or {}).get(name, ()) if isinstance(told, c.Mapping) else ()
    broken = [*proofs, *_picture_marks.of_sentences(surprises, host.views)]
    failed = next((own[noted] for noted in NOTED if own.get(noted)), None)
    if failed and not broken:
        broken.append(_picture_model.Mark(_picture_model.BROKEN, (None, ""), _fleet.reason(failed)))
    return dataclasses.replace(host, marks=(*broken, *marks))


def counted(found: c.Iterable[_picture_model.Host]) -> dict[str, t.Any]:
    """How many marks of each sort there are, and the hosts of which nothing is known."""
    listed = list(found)
    marks = [mark.sort for host in listed for mark in host.marks]
    sorts = (_picture_model.MADE, _picture_model.GONE, _picture_model.DIFFERS, _picture_model.BROKEN)
    return {**{sort: marks.count(sort) for sort in sorts}, "unknown": [host.name for host in listed if host.problem]}
