# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlink's answers: interrupted dumps, errors at their end, and what is left on a socket. A pair of sockets plays the
kernel.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import threading
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink

DONE, ERROR, DATA = _netlink.NLMSG_DONE, _netlink.NLMSG_ERROR, 16
Answer = tuple[int, int, bytes]  # kind, flags, body


class Kernel:
    """Answers each request with the next list of datagrams, each of messages of this request's number (``stale``: of
    the one before).
    """

    def __init__(self, *answers: list[list[Answer]], stale: bool = False) -> None:
        self.client, self._server = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._answers, self._stale = list(answers), stale
        self.asked = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while request := self._server.recv(1 << 16):
            number = _netlink.HEADER.unpack_from(request)[3]
            self.asked += 1
            if self._stale:
                self._send([(DATA, 0, b"stale"), (DONE, 0, b"\0\0\0\0")], number - 1)
            for datagram in self._answers.pop(0):
                self._send(datagram, number)

    def _send(self, datagram: list[Answer], number: int) -> None:
        parts = []
        for kind, flags, body in datagram:
            whole = _netlink.HEADER.pack(_netlink.HEADER.size + len(body), kind, flags, number, 0) + body
            parts.append(whole + b"\0" * (-len(whole) % 4))
        self._server.send(b"".join(parts))


END: Answer = (DONE, 0, b"\0\0\0\0")
WHOLE = [[(DATA, 0, b"a"), (DATA, 0, b"b")], [END]]
INTERRUPTED: list[list[Answer]] = [[(DATA, _netlink.NLM_F_DUMP_INTR, b"a")], [END]]


def test_an_interrupted_dump_is_asked_for_again_for_some_time() -> None:
    kernel = Kernel(*[INTERRUPTED] * 20, WHOLE)
    assert _netlink.dump(kernel.client, 18, b"") == [b"a", b"b"]
    assert kernel.asked == 21


def test_a_dump_that_never_ends_undisturbed_says_so() -> None:
    kernel = Kernel(*[INTERRUPTED] * 10_000)
    with pytest.raises(OSError, match=r"other programs changed it all the while, for 0\.1 s"):
        _netlink.dump(kernel.client, 18, b"", patience=0.1)
    assert kernel.asked > 1


def test_an_interruption_that_only_the_end_tells_counts() -> None:
    kernel = Kernel([[(DATA, 0, b"a")], [(DONE, _netlink.NLM_F_DUMP_INTR, b"\0\0\0\0")]], WHOLE)
    assert _netlink.dump(kernel.client, 18, b"") == [b"a", b"b"]


def test_an_end_with_an_error_is_no_end() -> None:
    kernel = Kernel([[(DATA, 0, b"a")], [(DONE, 0, struct.pack("=i", -errno.ENOMEM))]], WHOLE)
    with pytest.raises(OSError, match=os.strerror(errno.ENOMEM)):
        _netlink.dump(kernel.client, 18, b"")
    assert _netlink.dump(kernel.client, 18, b"") == [b"a", b"b"]


def test_answers_to_an_earlier_request_are_passed_over() -> None:
    kernel = Kernel(WHOLE, [[(DATA, 0, b"one")]], stale=True)
    assert _netlink.dump(kernel.client, 18, b"") == [b"a", b"b"]
    assert _netlink.ask(kernel.client, 18, b"") == b"one"


@pytest.mark.parametrize(
    "parts",
    [
        [[(DATA, 0, b"other"), (DATA, 0, b"mine")], [(DATA, 0, b"other")], [END]],
        [[(DATA, 0, b"other" * 900)], [(DATA, 0, b"other"), (DATA, 0, b"mine")], [(DATA, 0, b"other"), END]],
        [[(DATA, 0, b"mine"), (DATA, 0, b"other"), END]],
    ],
    ids=["an end by itself", "an end behind what is of no use", "one part"],
)
def test_parts_of_a_stream_that_hold_nothing_of_use_are_passed_over(parts: list[list[Answer]]) -> None:
    assert b"mine" in list(_netlink.stream(Kernel(parts).client, 18, b"", [b"yours", b"mine"]))
    assert b"other" * 900 not in list(_netlink.stream(Kernel(parts).client, 18, b"", [b"yours", b"mine"]))


def test_a_stream_that_holds_nothing_of_use_ends_with_its_error() -> None:
    for end in (
        [(ERROR, 0, struct.pack("=i", -errno.EINVAL))],
        [(DATA, 0, b"other"), (DONE, 0, struct.pack("=i", -errno.EINVAL))],
    ):
        with pytest.raises(OSError, match=os.strerror(errno.EINVAL)):
            list(_netlink.stream(Kernel([end]).client, 18, b"", [b"yours", b"mine"]))


def test_a_refusal_leaves_a_socket_that_works() -> None:
    kernel = Kernel([[(ERROR, 0, struct.pack("=i", -errno.EPERM))]], WHOLE)
    with pytest.raises(PermissionError):
        _netlink.request(kernel.client, 16, b"")
    assert _netlink.dump(kernel.client, 18, b"") == [b"a", b"b"]


def test_what_is_left_of_a_dump_is_read_after_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel([[(DATA, 0, b"a")], [(DATA, 0, b"b")], [END]], WHOLE)

    def interrupted(sock: socket.socket, _number: int, _keep: object) -> t.NoReturn:
        sock.recv(1 << 16)
        raise KeyboardInterrupt

    monkeypatch.setattr(_netlink, "_collected", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _netlink.dump(kernel.client, 18, b"")
    kernel.client.setblocking(False)
    with pytest.raises(BlockingIOError):
        kernel.client.recv(1)
