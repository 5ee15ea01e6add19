# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listeners that the probes open themselves, on sockets of this machine's loopback."""

from __future__ import annotations

import contextlib
import socket
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _probe_streams


class Loop:
    """Opens sockets here, and watches nothing."""

    def __init__(self) -> None:
        self.opened: list[socket.socket] = []

    def open(self, _ns: object, family: int, kind: int) -> socket.socket:
        """A socket."""
        self.opened.append(socket.socket(family, kind))
        return self.opened[-1]

    def watch(self, *_given: object) -> None:
        """Nothing comes."""


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_both_families_listen_on_one_port(kind: int) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    loop = Loop()
    listeners = _probe_streams.Listeners(t.cast("t.Any", loop))
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: [one.close() for one in loop.opened])
        port = listeners._listen(None, "0.0.0.0", 0, kind)
        assert port
        assert listeners._listen(None, "::", port, kind) == port
        assert listeners._listen(None, "::", port, kind) is None, "somebody listens there already"
