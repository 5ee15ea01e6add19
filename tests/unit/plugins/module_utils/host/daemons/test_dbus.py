# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""D-Bus on the wire, and an answering side of a socket."""

from __future__ import annotations

import pathlib
import socket
import struct
import threading
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _dbus

PLACE = ("x", "/x", "x.Y")


@pytest.mark.parametrize(
    ("signature", "parts"),
    [
        ("", []),
        ("s", ["s"]),
        ("sa(sv)u", ["s", "a(sv)", "u"]),
        ("a(sa(sv))aas", ["a(sa(sv))", "aas"]),
        ("a{sv}(ii)", ["a{sv}", "(ii)"]),
    ],
)
def test_types_in(signature: str, parts: list[str]) -> None:
    assert _dbus.types_in(signature) == parts


@pytest.mark.parametrize(
    ("signature", "values"),
    [
        ("ybnqiuxtd", [1, 1, -2, 2, -3, 3, -4, 4, 0.5]),
        ("sog", ["wörter", "/a/b", "a(sv)"]),
        ("ya(ssbt)s", [7, [("a", "b", 1, 16384)], "after"]),
        ("ya(ssbt)s", [7, [], "after"]),
        ("a(sasb)", [[("/bin/true", ["true", "x y"], 0)]]),
        ("a{su}u", [{"one": 1, "two": 2}, 9]),
    ],
)
def test_what_is_encoded_is_decoded(signature: str, values: list[t.Any]) -> None:
    data = _dbus.encode(signature, values)
    assert _dbus.decode(signature, data) == (values, len(data))


def test_a_variant_is_given_with_its_type_and_read_without() -> None:
    assert _dbus.decode("v", _dbus.encode("v", [("as", ["a"])]))[0] == [["a"]]


def test_bytes_as_the_specification_says() -> None:
    order = _dbus.ORDER
    assert _dbus.encode("ys", [1, "ab"]) == b"\x01\0\0\0" + struct.pack(f"{order}I", 2) + b"ab\0"
    assert _dbus.encode("at", [[]]) == bytes(8)  # the padding before the first item is there, and does not count


def message(kind: int, fields: list[tuple[int, tuple[str, t.Any]]], signature: str = "", *values: t.Any) -> bytes:
    """A message as the other side sends it."""
    body = _dbus.encode(signature, values)
    if signature:
        fields = [*fields, (_dbus.SIGNATURE, ("g", signature))]
    header = _dbus.encode("yyyyuua(yv)", [_dbus.MARK[0], kind, 0, 1, len(body), 1, fields])
    return header + bytes(-len(header) % 8) + body


def served(path: pathlib.Path, answer: bytes) -> None:
    """Somebody who listens there, lets anybody in, and says this."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        caller, _address = listener.accept()
        with caller, listener:
            said = b""
            while not said.endswith(b"BEGIN\r\n"):
                said += caller.recv(4096)
            assert said.startswith(b"\0AUTH EXTERNAL ")
            caller.sendall(b"OK 0123\r\n")
            caller.recv(4096)
            caller.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()


def test_replies_and_the_wanted_signal_find_their_places(tmp_path: pathlib.Path) -> None:
    other = message(_dbus.SIGNAL, [(_dbus.MEMBER, ("s", "Other"))], "s", "noise")
    wanted = message(_dbus.SIGNAL, [(_dbus.MEMBER, ("s", "Done"))], "u", 5)
    served(tmp_path / "bus", other + wanted + message(_dbus.RETURN, [(_dbus.REPLY_TO, ("u", 1))], "su", "yes", 3))
    with _dbus.Connection(str(tmp_path / "bus"), 5, "Done") as bus:
        assert bus.call(PLACE, "Ask", "s", "?") == ["yes", 3]
        assert [signal.values for signal in bus.signals] == [[5]]


def test_an_error_has_its_name_and_words(tmp_path: pathlib.Path) -> None:
    served(
        tmp_path / "bus",
        message(_dbus.ERROR, [(_dbus.REPLY_TO, ("u", 1)), (_dbus.ERROR_NAME, ("s", "x.No"))], "s", "no such thing"),
    )
    with (
        _dbus.Connection(str(tmp_path / "bus"), 5, "") as bus,
        pytest.raises(_dbus.Refused, match="no such thing") as caught,
    ):
        bus.call(PLACE, "Ask")
    assert caught.value.name == "x.No"


def test_silence_is_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(_dbus.Silent, match="no answer by"):
        _dbus.Connection(str(tmp_path / "nobody"), 1, "")
    served(tmp_path / "bus", b"")
    with (
        _dbus.Connection(str(tmp_path / "bus"), 5, "") as bus,
        pytest.raises(_dbus.Silent, match="closed the connection"),
    ):
        bus.call(PLACE, "Ask")
