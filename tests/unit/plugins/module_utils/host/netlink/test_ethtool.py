# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel tells of offloads, and what of that is true."""

from __future__ import annotations

import os
import socket
import types
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _ethtool
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link

LINKS = [Link("nic0"), Link("v0", "veth"), Link("tap0", "tun"), Link("odd0", "odd")]


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("5.10.0-28-amd64", {"nic0": True, "v0": False}),
        ("5.13.0", {"nic0": True, "v0": True}),
        ("6.18.44-fc-v769", {"nic0": True, "v0": True}),
    ],
)
def test_who_joins(monkeypatch: pytest.MonkeyPatch, release: str, expected: dict[str, bool]) -> None:
    """Of a tap, the kernel is not asked; of an old veth it is not believed; one link does not tell."""

    def call(_control: socket.socket, name: str, _command: int, _value: int) -> t.Any:
        if name == "odd0":
            raise OSError
        return 1

    monkeypatch.setattr(_ethtool, "_call", call)
    monkeypatch.setattr(os, "uname", lambda: types.SimpleNamespace(release=release))
    with socket.socket(socket.AF_UNIX) as control:
        assert _ethtool.receive_offloads(control, LINKS) == expected
