# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which chassis has a logical port: what ovn_port tells beside the port, of the southbound database."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _northbound, _ovsdb_request
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _snapshot

NODE2 = {"_uuid": ["uuid", "c2"], "name": "node2"}


def asked(
    monkeypatch: pytest.MonkeyPatch, remote: str, bound: list[dict[str, t.Any]] | None
) -> tuple[str | None, list[tuple[str, int]]]:
    """The answer, and which database was asked for how long. ``bound``: the rows of the port; None: it is silent."""
    targets: list[tuple[str, int]] = []

    def transact(target: _snapshot.OvsTarget, database: str, operations: list[t.Any]) -> list[dict[str, t.Any]]:
        targets.append((target.ovsdb, target.timeout))
        assert (database, operations[1]["where"]) == ("OVN_Southbound", [["logical_port", "==", "red1"]])
        if bound is None:
            raise _errors.Unreachable("nobody answers")
        return [{"rows": [NODE2]}, {"rows": bound}]

    monkeypatch.setattr(_ovsdb_request, "transact", transact)
    return _northbound.Northbound(_snapshot.OvsTarget(remote, timeout=10), 0).claimant("red1"), targets


@pytest.mark.parametrize(
    ("bound", "told"),
    [
        ([{"chassis": ["uuid", "c2"], "options": ["map", []]}], "node2"),
        ([{"chassis": ["set", []], "options": ["map", []]}], None),
        ([], None),
        (None, None),
    ],
    ids=["claimed", "not claimed", "not translated", "silent"],
)
def test_the_southbound_database_tells(
    monkeypatch: pytest.MonkeyPatch, bound: list[dict[str, t.Any]] | None, told: str | None
) -> None:
    found = asked(monkeypatch, "ssl:192.0.2.1:6641,ssl:192.0.2.2:6641", bound)
    assert found == (told, [("ssl:192.0.2.1:6642,ssl:192.0.2.2:6642", 2)])


def test_one_that_is_elsewhere_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, "tcp:192.0.2.1:7777", []) == (None, [])
