# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions for names, and answers to them, in bytes: whatever a server sends is an answer, or none, and no error."""

from __future__ import annotations

import random
import struct

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model import _probe_dns

ASKED = _probe_dns.question("web.example", 4, 7)
OF_NAME = b"\xc0\x0c"  # where the name of the question begins
ALIAS = OF_NAME + struct.pack("!HHIH", 5, 1, 60, 6) + b"\x03www\xc0\x10"
A = struct.pack("!HHIH", 1, 1, 60, 4) + bytes([10, 0, 0, 2])
AAAA = struct.pack("!HHIH", 28, 1, 60, 16) + bytes([0xFD, *([0] * 14), 2])
WWW = b"\x03www\x07example\0"


def reply(*records: bytes, code: int = 0, number: int = 7) -> bytes:
    """What a server sends."""
    return struct.pack("!HHHHHH", number, 0x8180 | code, 1, len(records), 0, 0) + ASKED[12:] + b"".join(records)


def test_a_question_has_its_name_and_what_is_sought() -> None:
    asked = _probe_dns.question("web.example", 4, 7)
    assert asked == bytes.fromhex("000701000001000000000000") + b"\x03web\x07example\0" + bytes.fromhex("00010001")
    assert _probe_dns.question("web", 6, 7)[-4:] == bytes.fromhex("001c0001")


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (reply(OF_NAME + A), _probe_dns.Answer(("10.0.0.2",))),
        (reply(ALIAS, WWW + A, OF_NAME + A), _probe_dns.Answer(("10.0.0.2", "10.0.0.2"))),
        (reply(OF_NAME + AAAA), _probe_dns.Answer(("fd00::2",))),
        (reply(), _probe_dns.Answer((), "it knows no such address")),
        (reply(ALIAS), _probe_dns.Answer((), "it knows no such address")),
        (reply(code=3), _probe_dns.Answer((), "it knows no such name")),
        (reply(code=5), _probe_dns.Answer((), "it refuses to answer")),
        (reply(code=9), _probe_dns.Answer((), "it answers with error 9")),
        (reply(OF_NAME + A)[:-1], _probe_dns.Answer((), "its answer is damaged")),
        (reply(number=8), None),
        (ASKED, None),
        (b"\0\7\x81", None),
    ],
)
def test_an_answer_is_read(data: bytes, answer: _probe_dns.Answer | None) -> None:
    assert _probe_dns.read(data, 7) == answer


def test_no_datagram_is_an_error() -> None:
    chance = random.Random(1035)
    whole = reply(ALIAS, WWW + A, OF_NAME + AAAA)
    for _time in range(3000):
        damaged = bytearray(whole)
        for _byte in range(chance.randint(1, 6)):
            damaged[chance.randrange(2, len(damaged))] = chance.randrange(256)
        _probe_dns.read(bytes(damaged[: chance.randint(0, len(damaged))]), 7)
