# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configurations that dnsmasq is asked about."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host import _answers
from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _dnsmasq
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _spawn
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import DnsmasqTest, UserId


def test_configurations_are_tested_together_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[t.Sequence[str]] = []

    def each(_argv: t.Sequence[str], texts: t.Sequence[str]) -> list[_spawn.Finished]:
        calls.append(texts)
        return [
            _spawn.Finished(int("bad" in text), "dnsmasq: bad option at line 1" if "bad" in text else "")
            for text in texts
        ]

    monkeypatch.setattr(_spawn, "each", each)
    monkeypatch.setattr(_spawn, "which", lambda name: f"/sbin/{name}")
    monkeypatch.setattr(_dnsmasq, "_tested", {})
    asked = [DnsmasqTest("port=0\n"), DnsmasqTest("bad\n"), UserId("7", group=False)]
    wanted = {asked[0]: None, asked[1]: "bad option at line 1", asked[2]: 7}
    assert _answers.to(asked) == wanted
    assert _answers.to([*asked, DnsmasqTest("port=53\n")]) == {**wanted, DnsmasqTest("port=53\n"): None}
    assert calls == [["port=0\n", "bad\n"], ["port=53\n"]]


def test_without_dnsmasq_nothing_is_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_spawn, "which", lambda _name: None)
    assert _answers.to([DnsmasqTest("port=0\n")]) == {DnsmasqTest("port=0\n"): ""}
