# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What older versions of systemd do not know is not asked of them."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import (
    _dbus,
    _dhcp_clients,
    _dhcp_programs,
    _dnsmasq,
    _systemd,
    _units,
)
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _spawn
from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

CALL = _dhcp_programs.Call(("udhcpc",), (_spawn.Cover("/run/x", {"script": "#!/bin/sh\n"}),))


class _Bus:
    """A connection that answers with a version."""

    def __init__(self, version: str) -> None:
        self.version = version

    def __enter__(self) -> _Bus:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def call(self, _place: object, member: str, *_values: object) -> list[t.Any]:
        assert member == "Get"
        return [self.version]


@pytest.fixture(
    params=[("247.3-7+deb11u7", False), ("248", True), ("v261~rc1-1", True), ("262-1", True)],
    ids=lambda param: param[0],
)
def new_enough(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[bool]:
    monkeypatch.setattr(_systemd, "_connect", lambda: _Bus(request.param[0]))
    _systemd._version.cache_clear()
    yield request.param[1]
    _systemd._version.cache_clear()


def test_a_server_s_last_words_go_to_a_file(new_enough: bool) -> None:
    names = [name for name, _type, _value in _dnsmasq._properties(_snapshot.Daemon("dnsmasq", "d", "ns"))]
    assert ("StandardErrorFileToTruncate" in names, "StandardErrorFileToAppend" in names) == (
        new_enough,
        not new_enough,
    )


def test_a_script_is_where_it_may_be_run(new_enough: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}
    monkeypatch.setattr(
        _dhcp_clients._units,
        "service",
        lambda *given, spool, **_more: seen.update(spool=spool, own={one[0]: one for one in given[3]}),
    )
    _dhcp_clients._unit(_snapshot.Daemon("udhcpc", "eth0", "ns"), CALL)
    assert ("ExecPaths" in seen["own"]) == new_enough
    assert seen["spool"].startswith("/run/" if new_enough else "/var/lib/")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("Cannot set property X, or unknown property.", "Cannot set property X, or unknown property"),
        ("", "org.x.Y"),
        ("File exists\n", "File exists"),
    ],
)
def test_what_others_say_becomes_part_of_a_sentence(words: str, message: str) -> None:
    assert str(_dbus.Refused("org.x.Y", words)) == message


class _Ended:
    """A connection that tells how a unit ended."""

    def __init__(self, result: str, code: int, status: int, gone: bool = False) -> None:
        self.answers = {"Result": [result], "ExecStart": [[("/x", ["/x"], False, 1, 2, 3, 4, 5, code, status)]]}
        self.gone = gone

    def call(self, _place: object, member: str, _signature: str, *values: str) -> list[t.Any]:
        if self.gone:
            raise _dbus.Refused(_systemd.NO_SUCH_UNIT, "")
        return ["/unit"] if member == "GetUnit" else self.answers[values[1]]


@pytest.mark.parametrize(
    ("bus", "words"),
    [
        (_Ended("exit-code", 1, 7), "exit status 7"),
        (_Ended("signal", 2, 9), "signal 9"),
        (_Ended("core-dump", 3, 11), "signal 11"),
        (_Ended("timeout", 2, 15), "it did not come up in time"),
        (_Ended("protocol", 0, 0), "systemd says protocol"),
        (_Ended("", 0, 0, gone=True), "failed"),
    ],
)
def test_how_a_start_ended(bus: t.Any, words: str) -> None:
    assert _systemd._ending(bus, "x.service", "failed") == words


@pytest.mark.parametrize(
    ("log", "journal", "words"),
    [
        ("a\n\nb.\n", "", "exit status 1: a | b; `journalctl -u x.service` has more"),
        (
            "",
            "".join(f"{n}\n" for n in range(9)),
            "exit status 1: 4 | 5 | 6 | 7 | 8; `journalctl -u x.service` has more",
        ),
        ("", "", "exit status 1, without a word; `journalctl -u x.service` has more"),
        ("y" * 1000, "", f"exit status 1: {'y' * 300}; `journalctl -u x.service` has more"),
        ("\udcff", "", "exit status 1: ?; `journalctl -u x.service` has more"),
    ],
)
def test_last_words(log: str, journal: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_systemd, "booted", lambda: True)
    monkeypatch.setattr(_systemd, "said", lambda _unit, _since: journal)
    monkeypatch.setattr(_units._files, "read", lambda _path: log)
    assert _units.last_words("x.service", "exit status 1", "/log", 0.0) == words


def test_last_words_without_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_systemd, "booted", lambda: False)
    monkeypatch.setattr(_units._files, "read", lambda _path: "dnsmasq: unknown user\n")
    assert (
        _units.last_words("x.service", "exit status 1", "/log", 0.0)
        == "exit status 1: dnsmasq: unknown user; its log is /log"
    )
