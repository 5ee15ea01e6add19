# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile options are refused in words, or taken as what they are: no traceback, no half of a change, no line or
argument that somebody slipped in.

With more of them than in passing: NETLOOM_FUZZ=20000 for what only reads them, NETLOOM_FUZZ_RUNS=2000 for runs (see
run).
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import socket
import typing as t

import hypothesis
import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._kinds._dnsmasq_in_ns import DEFAULTS
from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import _dnsmasq_config
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.tests.contract.fuzz import ENTRIES, MARK, Params, topologies
from ansible_collections.netloom.linux.tests.contract.judge import (
    differences,
    host_picture,
    lab_host_only,
    outcome_of,
    told,
)

READ = int(os.environ.get("NETLOOM_FUZZ") or 300)
RUNS = int(os.environ.get("NETLOOM_FUZZ_RUNS") or 25)
LIVES = ("/run/netloom", "/var/lib/netloom", "/etc/netns")
READER = EntryReader()
SETTINGS: Params = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(hypothesis.HealthCheck),
    "print_blob": False,
}


def strings_in(value: t.Any) -> t.Iterator[str]:
    """All strings that a spec holds, keys included."""
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            if field.name != "etc_files":  # contents of files are the user's, lines and all
                yield from strings_in(getattr(value, field.name))
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for one in pair for text in strings_in(one))
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from (text for one in value for text in strings_in(one))


def slipped_in(text: str) -> bool:
    """Whether a line of it is the fuzzer's own."""
    return any(line.strip().startswith(MARK) for line in text.splitlines())


@hypothesis.settings(max_examples=READ, derandomize=READ < 1000, **SETTINGS)
@hypothesis.given(ENTRIES)
def test_options_are_refused_in_words_or_taken_as_one_line(entry: tuple[str, Params]) -> None:
    kind, params = entry
    try:
        spec = READER.read(kind, params, f"{kind}[0].").spec
    except NetloomError as error:
        hypothesis.event("refused")
        assert str(error).startswith((kind, f"{kind}[0]"))
        return
    hypothesis.event("taken")
    assert not [text for text in strings_in(spec) if set(text) & set("\n\r\0")]
    if kind == "dnsmasq_in_ns":
        files = _dnsmasq_config.files(spec.name, {**DEFAULTS, **spec.given})  # type: ignore[attr-defined]
        assert not [text for text in files.values() if slipped_in(text)]


def quick_picture() -> t.Any:
    """What a run leaves first: names of namespaces, links and files."""
    files = sorted(str(path) for root in LIVES for path in pathlib.Path(root).rglob("*") if path.name != "lock")
    return [
        sorted(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else [],
        sorted(name for _index, name in socket.if_nameindex()),
        files,
    ]


def no_traces() -> None:
    """Nothing was run or written that somebody slipped in."""
    assert not os.path.lexists(f"/{MARK}")
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            assert not [
                argument
                for argument in path.read_text(errors="replace").split("\0")
                if argument.strip("- ").startswith(MARK)
            ]
    for root in ("/run/netloom", "/var/lib/netloom"):
        assert not [
            path
            for path in pathlib.Path(root).rglob("*")
            if path.is_file() and slipped_in(path.read_text(errors="replace"))
        ]


@lab_host_only
@hypothesis.settings(max_examples=RUNS, derandomize=RUNS < 1000, **SETTINGS)
@hypothesis.given(topologies())
def test_runs_are_whole_or_nothing(params: Params) -> None:
    before = quick_picture()
    with contextlib.closing(Host(2)) as host:
        try:
            foretold = outcome_of({"name": "fuzz", **params}, host, check=True, wait=3)
        except NetloomError:
            foretold = None
        assert quick_picture() == before
        try:
            done = outcome_of({"name": "fuzz", **params}, host, wait=3)
        except NetloomError as error:
            hypothesis.event("refused" if foretold is None else "undone")
            assert "Could not be undone" not in str(error)
            done = None
    if done is not None:
        hypothesis.event("made")
        assert foretold is not None
        assert done.steps == foretold.steps
        no_traces()
        with contextlib.closing(Host(2)) as host:
            outcome_of({"name": "fuzz", "state": "absent"}, host)
    assert quick_picture() == before


@pytest.fixture(scope="module", autouse=True)
def as_before() -> t.Iterator[None]:
    """The whole host, at the end."""
    if RUNS and os.geteuid() == 0 and not lab_host_only.args[0]:
        told("systemctl start openvswitch-switch")
        before = host_picture()
        yield
        assert differences(before, host_picture()) == []
    else:
        yield
