# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not as promised, in few sentences: what many probes met is told once."""

from __future__ import annotations

import collections.abc as c
import re

from ansible_collections.netloom.linux.plugins.module_utils._model import _words

FEW = 12  # sentences that are told one by one
MOST_PROBES = 20  # that are named after the first one of the same cause
MOST_TARGETS = 3
_ROUTELESS = re.compile(r"(?<= has no route to )(\S+?)(?=:? |:?$)")
_CAUSE = re.compile(r", though it should [^.]*\. (.+)")


def kind(cause: str) -> str:
    """Causes of which this is the same are one: a missing route says so of each target."""
    return _ROUTELESS.sub("", cause, count=1)


def merged(causes: c.Sequence[str]) -> str:
    """Causes of one kind as one, with their targets."""
    targets = list(dict.fromkeys(found[1] for found in map(_ROUTELESS.search, causes) if found))
    return _ROUTELESS.sub(_words.some(targets, MOST_TARGETS), causes[0], count=1) if len(targets) > 1 else causes[0]


def by_cause(sentences: c.Iterable[str]) -> list[str]:
    """The surprises of ``reachability``: a few as they are; of many the first one of each cause, with the other
    probes. What explains most comes first.
    """
    sentences = list(sentences)
    if len(sentences) <= FEW:
        return sentences
    groups: dict[str, list[str]] = {}
    for sentence in sentences:
        groups.setdefault(kind(_first_cause(sentence)), []).append(sentence)
    return [_told(alike) for alike in sorted(groups.values(), key=lambda alike: -len(alike))]


def _first_cause(sentence: str) -> str:
    """The most likely cause, or what was seen; without the probe."""
    found = _CAUSE.search(sentence)
    return (found[1] if found else sentence.partition("): ")[2] or sentence).split(". ")[0].rstrip(".")


def _told(alike: c.Sequence[str]) -> str:
    others = [sentence.partition("): ")[0] + ")" for sentence in alike[1:]]
    return f"{alike[0]} The same: {_words.some(others, MOST_PROBES)}." if others else alike[0]
