# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions for the addresses of a name, and answers to them, in bytes (RFC 1035, section 4; RFC 3596)."""

from __future__ import annotations

import ipaddress
import re
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors

PORT = 53
RECORDS = {4: 1, 6: 28}  # A and AAAA, by the version of the address
INTERNET = 1
_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*")
_HEADER, _QUESTION, _RECORD = struct.Struct("!HHHHHH"), struct.Struct("!HH"), struct.Struct("!HHIH")
_RECURSIVE, _IS_ANSWER, _ERROR = 0x0100, 0x8000, 0x000F  # bits of the flags
_POINTER = 0xC0  # a name goes on elsewhere
# What a server says that knows no address. So its answer came.
NEGATIVE = {0: "it knows no such address", 2: "it failed", 3: "it knows no such name", 5: "it refuses to answer"}
DAMAGED = "its answer is damaged"
OTHER = "it answers with error {}"


class Answer(t.NamedTuple):
    """The addresses, or why there are none."""

    addresses: tuple[str, ...]
    reason: str = ""


def host_name(value: str, option: str) -> str:
    """A name that can be asked for, without a dot at its end. Raises BadInput."""
    name = value[:-1] if value.endswith(".") else value
    if not _NAME.fullmatch(name):
        raise _errors.BadInput(f"{option}: {value!r} is not a name that DNS knows; write it as 'web' or 'web.example'.")
    return name


def question(name: str, version: int, number: int) -> bytes:
    """The question for the addresses of this version. ``number`` comes back in the answer."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return _HEADER.pack(number, _RECURSIVE, 1, 0, 0, 0) + labels + b"\0" + _QUESTION.pack(RECORDS[version], INTERNET)


def read(data: bytes, number: int) -> Answer | None:
    """The answer in a datagram, or None if that is no answer to this question."""
    if len(data) < _HEADER.size:
        return None
    found, flags, questions, answers, _authorities, _more = _HEADER.unpack_from(data)
    if found != number or not flags & _IS_ANSWER:
        return None
    try:
        addresses = tuple(_addresses(data, questions, answers))
    except (struct.error, IndexError, ValueError):
        return Answer((), DAMAGED)
    code = flags & _ERROR
    return Answer(addresses) if addresses else Answer((), NEGATIVE.get(code, OTHER.format(code)))


def _addresses(data: bytes, questions: int, answers: int) -> t.Iterator[str]:
    place = _HEADER.size
    for _one in range(questions):
        place = _after_name(data, place) + _QUESTION.size
    for _one in range(answers):
        place = _after_name(data, place)
        kind, _class, _seconds, length = _RECORD.unpack_from(data, place)
        place += _RECORD.size
        if kind in RECORDS.values():
            yield str(ipaddress.ip_address(data[place : place + length]))
        place += length


def _after_name(data: bytes, place: int) -> int:
    while data[place]:
        if data[place] >= _POINTER:
            return place + 2
        place += 1 + data[place]
    return place + 1
