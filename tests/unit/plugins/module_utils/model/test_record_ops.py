# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An undo leaves our records as they were: who may read them, too."""

from __future__ import annotations

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model import _ops, _record_ops, _snapshot

PATH = "/run/netloom/record.json"


@pytest.mark.parametrize(
    "op",
    [_record_ops.LinkRecord("red", "eth0", PATH, {}), _record_ops.SpaceRecord("red", PATH, {})],
    ids=["link", "namespace"],
)
def test_an_undone_record_is_again_as_it_was(op: _ops.Op) -> None:
    now = _snapshot.Snapshot()
    assert op.inverse(now) == (_ops.FileDelete(PATH, quiet=True),)
    now.files[PATH] = "{}\n"
    assert op.inverse(now) == (_ops.FileWrite(PATH, "{}\n", 0o600, quiet=True),)
