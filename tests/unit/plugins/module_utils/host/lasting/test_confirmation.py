# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of module_utils/_host/lasting/_confirmation.py: how a guard hears its token."""

import pathlib
import tempfile
import threading
import time

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.lasting import _confirmation
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _paths

TOKEN = "0123456789abcdef"


@pytest.fixture(name="guard")
def _guard(monkeypatch):
    """The path of a guard's record. The guard waits for TOKEN, and deletes the record slowly, when it has heard it."""
    with tempfile.TemporaryDirectory() as folder:  # (a socket's path must be short)
        monkeypatch.setattr(_paths, "GUARDS", folder)
        record = pathlib.Path(folder, f"{TOKEN}.json")
        record.touch()

        def settle():
            time.sleep(0.2)
            record.unlink()

        with _confirmation.listen(_confirmation.socket_path(TOKEN)) as listener:
            until = time.monotonic() + 5
            waiting = threading.Thread(
                target=_confirmation.heard, args=(listener, TOKEN, _confirmation.CONFIRMED, until, settle)
            )
            waiting.start()
            yield record
            if record.exists():
                _confirmation.confirm(TOKEN, 5)
            waiting.join()


def test_whoever_has_the_answer_finds_the_move_decided(guard):
    assert _confirmation.confirm(TOKEN, 5) == _confirmation.CONFIRMED
    assert not guard.exists()


def test_a_wrong_token_decides_nothing(guard):
    (guard.parent / "wrong.sock").symlink_to(guard.parent / f"{TOKEN}.sock")
    with pytest.raises(_errors.HostError, match="No move waits for this token"):
        _confirmation.confirm("wrong", 5)
    assert guard.exists()
