# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What OVSDB answers in JSON becomes part of a sentence."""

from __future__ import annotations

import json

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb_request

TWICE = (
    'Transaction causes multiple rows in "Interface" table to have identical values (w1) for index on column "name". '
    " First row, with UUID 0b9e, existed in the database before this transaction and was not modified by the"
    " transaction.  Second row, with UUID 1c, was inserted by this transaction."
)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            json.dumps({"error": "constraint violation", "details": TWICE}),
            "there is another Interface whose name is w1 already",
        ),
        (
            json.dumps({"error": "constraint violation", "details": "4096 is not in the valid range."}),
            "constraint violation: 4096 is not in the valid range",
        ),
        (json.dumps({"error": "resources exhausted"}), "resources exhausted"),
        ("no error details available", "no error details available"),
        ('["odd"]', '["odd"]'),
        ("3", "3"),
    ],
)
def test_in_words(error: str, words: str) -> None:
    assert _ovsdb_request.in_words(error) == words
