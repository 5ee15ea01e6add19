# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host told of its OVN databases, its certificate and its services: the lines of one answer."""

from __future__ import annotations

import collections.abc as c
import re
import typing as t

DATABASES = {"nb": "OVN_Northbound", "sb": "OVN_Southbound"}
NONE, STANDALONE, CLUSTERED, JOINING = "none", "standalone", "clustered", "joining"
UNREADABLE = "unreadable"
_SERVER = re.compile(r"\s*[0-9a-f]+ \(([0-9a-f]+) at ([^)]+)\)")
_CONNECTION = re.compile(r'([0-9a-f-]{36}),"*([^",]+)')  # the quotes are doubled: those of OVSDB in those of CSV


class Database(t.NamedTuple):
    """A database of a host. ``kind``: of its file. ``local``: its own address in the cluster. ``servers``: address ->
    short identity, of each member of the cluster that it knows. ``listens``: target -> identity of the row; None if
    the server does not run.
    """

    kind: str
    local: str
    member: bool
    servers: tuple[tuple[str, str], ...]
    listens: dict[str, str] | None


class Host(t.NamedTuple):
    """What one host told. ``options``: the lines of the file of options, by its path. ``certificate``: what is wrong
    with it, empty if nothing is. ``trusts`` and ``ca``: fingerprints of the certificate of the authority that the host
    trusts, and of that whose key it has.
    """

    systems: tuple[str, ...]
    databases: dict[str, Database]
    active: frozenset[str]
    enabled: frozenset[str]
    options: dict[str, tuple[str, ...]]
    stale: frozenset[str]
    certificate: str
    trusts: str
    ca: str
    files: frozenset[str]


def read(answer: str) -> Host | None:
    """What a host told; None if it did not answer."""
    lines: dict[str, list[str]] = {}
    for line in answer.splitlines():
        word, _space, rest = line.partition(" ")
        lines.setdefault(word, []).append(rest)
    if "end" not in lines:
        return None
    units = [line.split() for line in lines.get("unit", ())]
    options: dict[str, list[str]] = {}
    for line in lines.get("options", ()):
        path, _space, text = line.partition(" ")
        options.setdefault(path, []).append(text)
    return Host(
        systems=tuple(" ".join(lines.get("system", ())).split()),
        databases={name: _database(name, lines) for name in DATABASES},
        active=frozenset(words[0] for words in units if words[1:2] == ["active"]),
        enabled=frozenset(words[0] for words in units if words[2:3] == ["enabled"]),
        options={path: tuple(texts) for path, texts in options.items()},
        stale=frozenset(lines.get("stale", ())),
        certificate=_one(lines, "certificate"),
        trusts=_one(lines, "trusts"),
        ca=_one(lines, "ca"),
        files=frozenset(lines.get("file", ())),
    )


def _one(lines: c.Mapping[str, list[str]], word: str) -> str:
    return (lines.get(word) or [""])[-1].strip()


def _database(name: str, lines: c.Mapping[str, list[str]]) -> Database:
    kind, _space, local = _one(lines, f"db-{name}").partition(" ")
    told = lines.get(f"status-{name}", [])
    servers = (_SERVER.match(line) for line in told)
    rows = (_CONNECTION.match(line) for line in lines.get(f"listens-{name}", ()))
    return Database(
        kind=kind or NONE,
        local=local.strip(),
        member="Status: cluster member" in told,
        servers=tuple((found[2], found[1]) for found in servers if found),
        listens={row[2]: row[1] for row in rows if row} if name in lines.get("running", ()) else None,
    )
