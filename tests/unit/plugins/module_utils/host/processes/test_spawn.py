# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short programs that run side by side: real ones of this machine."""

from __future__ import annotations

import os
import pathlib

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _spawn
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError

# Each says its input and ends with it as its status, once as many have come as there are to run together.
MEETING = (
    "cd $0; touch $$; until [ $(ls | wc -l) -ge $1 ]; do sleep 0.01; done; read number; echo $number; exit $number"
)


def test_programs_run_side_by_side_and_answer_in_order(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    found = _spawn.each(["/bin/sh", "-c", MEETING, str(tmp_path), "3"], ["3\n", "1\n", "2\n", "0\n"])
    assert [(one.code, one.output) for one in found] == [(3, "3"), (1, "1"), (2, "2"), (0, "0")]


def test_a_program_that_does_not_end_is_ended_with_those_beside_it(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with pytest.raises(HostError, match="did not end within"):
        _spawn.each(["/bin/sh", "-c", "echo $$ >$0/$$; exec sleep 60", str(tmp_path)], ["", ""], seconds=0.3)
    assert not [pid.name for pid in tmp_path.iterdir() if os.path.exists(f"/proc/{pid.name}")]
