# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of D-Bus that is needed to talk to systemd over its own socket (D-Bus specification 0.42: wire format, SASL
EXTERNAL).

Several calls can be open on one connection at the same time: systemd starts fifty servers side by side, and no extra
process asks it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors

ORDER, MARK = ("<", b"l") if sys.byteorder == "little" else (">", b"B")  # both sides are on this host
CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_TO, DESTINATION, SIGNATURE = 1, 2, 3, 4, 5, 6, 8
FIXED = {"y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d"}
TEXTS = {"s": "I", "o": "I", "g": "B"}  # what their length is written as
ALIGNMENTS = {
    "y": 1,
    "b": 4,
    "n": 2,
    "q": 2,
    "i": 4,
    "u": 4,
    "x": 8,
    "t": 8,
    "d": 8,
    "s": 4,
    "o": 4,
    "g": 1,
    "v": 1,
    "a": 4,
    "(": 8,
    "{": 8,
}


class Refused(_errors.HostError):
    """The other side answered with an error."""

    def __init__(self, name: str, words: str) -> None:
        self.name = name
        super().__init__(_errors.quoted(words or name))


class Silent(_errors.HostError):
    """The other side does not answer."""


class Message(t.NamedTuple):
    """A received message: its type, the fields of its header, and its values."""

    type: int
    fields: dict[int, t.Any]
    values: list[t.Any]


def types_in(signature: str) -> list[str]:
    """Split a signature into its types: 'sa(sv)u' -> ['s', 'a(sv)', 'u']."""
    found, start = [], 0
    while start < len(signature):
        end = _end_of(signature, start)
        found.append(signature[start:end])
        start = end
    return found


def _end_of(signature: str, start: int) -> int:
    if signature[start] == "a":
        return _end_of(signature, start + 1)
    if signature[start] not in "({":
        return start + 1
    depth = 0
    for position in range(start, len(signature)):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(signature[position], 0)
        if depth == 0:
            return position + 1
    raise ValueError(f"D-Bus signature {signature!r} does not end")


def encode(signature: str, values: t.Sequence[t.Any]) -> bytes:
    """Encode values for the wire. A variant is a pair of signature and value."""
    out = bytearray()
    for kind, value in zip(types_in(signature), values):
        _put(out, kind, value)
    return bytes(out)


def _pad(out: bytearray, size: int) -> None:
    out += bytes(-len(out) % size)


def _put(out: bytearray, kind: str, value: t.Any) -> None:
    _pad(out, ALIGNMENTS[kind[0]])
    if kind in FIXED:
        out += struct.pack(f"{ORDER}{FIXED[kind]}", value)
    elif kind in TEXTS:
        text = value.encode("utf-8", "surrogateescape")
        out += struct.pack(f"{ORDER}{TEXTS[kind]}", len(text)) + text + b"\0"
    elif kind == "v":
        _put(out, "g", value[0])
        _put(out, value[0], value[1])
    elif kind[0] == "a":
        _put_array(out, kind[1:], value)
    else:
        for part, one in zip(types_in(kind[1:-1]), value):
            _put(out, part, one)


def _put_array(out: bytearray, kind: str, value: t.Any) -> None:
    place = len(out)
    out += bytes(4)
    _pad(out, ALIGNMENTS[kind[0]])  # which does not count
    start = len(out)
    for item in value.items() if isinstance(value, dict) else value:
        _put(out, kind, item)
    struct.pack_into(f"{ORDER}I", out, place, len(out) - start)


def decode(signature: str, data: bytes, position: int = 0) -> tuple[list[t.Any], int]:
    """Decode the values of a signature from this position on. Return them and the position after them."""
    values = []
    for kind in types_in(signature):
        value, position = _get(kind, data, position)
        values.append(value)
    return values, position


def _get(kind: str, data: bytes, position: int) -> tuple[t.Any, int]:
    position += -position % ALIGNMENTS[kind[0]]
    if kind in FIXED:
        code = f"{ORDER}{FIXED[kind]}"
        return struct.unpack_from(code, data, position)[0], position + struct.calcsize(code)
    if kind in TEXTS:
        code = f"{ORDER}{TEXTS[kind]}"
        (size,) = struct.unpack_from(code, data, position)
        position += struct.calcsize(code)
        return data[position : position + size].decode("utf-8", "surrogateescape"), position + size + 1
    if kind == "v":
        inner, position = _get("g", data, position)
        return _get(inner, data, position)
    if kind[0] == "a":
        (size,) = struct.unpack_from(f"{ORDER}I", data, position)
        position += 4 + -(position + 4) % ALIGNMENTS[kind[1]]
        end, found = position + size, []
        while position < end:
            value, position = _get(kind[1:], data, position)
            found.append(value)
        return (dict(found) if kind[1] == "{" else found), end
    parts, position = decode(kind[1:-1], data, position)
    return tuple(parts), position


class Connection:
    """A connection without a bus. The program that listens on the socket answers. Closed at the end of a `with`.
    ``signal``: the signal to keep.
    """

    def __init__(self, path: str, seconds: float, signal: str) -> None:
        self._signal = signal
        self._path = path
        self._until = time.monotonic() + seconds
        self._serial = 0
        self._buffer = b""
        self._replies: dict[int, Message] = {}
        self.signals: list[Message] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(seconds)
            self._socket.connect(path)
            # BEGIN at once, as sd-bus does: a call that arrives in one piece with it lies in systemd's buffer until the
            # next one comes.
            self._socket.sendall(b"\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode() + b"\r\nBEGIN\r\n")
            said = self._line()
            if not said.startswith(b"OK "):
                raise Silent(f"{path} refuses us: {said.decode(errors='replace')}")
        except OSError as error:
            self._socket.close()
            raise Silent(f"no answer by {path}: {error.strerror or error}") from error

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()

    def send(self, place: tuple[str, str, str], member: str, signature: str = "", *values: t.Any) -> int:
        """Call a method at (destination, path, interface). Return at once with the number that its reply will have."""
        self._serial += 1
        body = encode(signature, values)
        fields = [
            (PATH, ("o", place[1])),
            (INTERFACE, ("s", place[2])),
            (MEMBER, ("s", member)),
            (DESTINATION, ("s", place[0])),
        ]
        if signature:
            fields.append((SIGNATURE, ("g", signature)))
        header = bytearray(encode("yyyyuua(yv)", [MARK[0], CALL, 0, 1, len(body), self._serial, fields]))
        _pad(header, 8)
        self._socket.sendall(bytes(header) + body)
        return self._serial

    def reply(self, serial: int) -> list[t.Any]:
        """The values that a call returned. Raises Refused, or Silent when nobody answers in time."""
        while serial not in self._replies:
            self.receive()
        message = self._replies.pop(serial)
        if message.type == ERROR:
            raise Refused(message.fields.get(ERROR_NAME, ""), str(message.values[0]) if message.values else "")
        return message.values

    def call(self, place: tuple[str, str, str], member: str, signature: str = "", *values: t.Any) -> list[t.Any]:
        """Call a method and wait for what it returns."""
        return self.reply(self.send(place, member, signature, *values))

    def receive(self) -> None:
        """Wait for one message and store it."""
        start = self._take(16)
        if start[:1] != MARK:
            raise Silent(f"{self._path} does not answer in this host's byte order")
        body_size, _serial, fields_size = struct.unpack_from(f"{ORDER}III", start, 4)
        rest = self._take(fields_size + -fields_size % 8 + body_size)
        fields = _fields(rest, fields_size)
        if start[1] == SIGNAL and fields.get(MEMBER) != self._signal:
            return  # systemd tells everybody here of each property that changes
        values, _end = decode(fields.get(SIGNATURE, ""), rest[fields_size + -fields_size % 8 :])
        message = Message(start[1], fields, values)
        if message.type in (RETURN, ERROR):
            self._replies[fields[REPLY_TO]] = message
        elif message.type == SIGNAL:
            self.signals.append(message)

    def _line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            self._more()
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _more(self) -> None:
        try:
            self._socket.settimeout(max(0.001, self._until - time.monotonic()))
            got = self._socket.recv(65536)
        except OSError as error:
            raise Silent(f"no answer by {self._path}: {error}") from error
        if not got:
            raise Silent(f"{self._path} closed the connection")
        self._buffer += got


def _fields(data: bytes, size: int) -> dict[int, t.Any]:
    """The fields of the header: an array of (yv), whose start is aligned to 8 bytes of the message, as ``data`` is."""
    found, position = {}, 0
    while position < size:
        (code, value), position = _get("(yv)", data, position)
        found[code] = value
    return found
