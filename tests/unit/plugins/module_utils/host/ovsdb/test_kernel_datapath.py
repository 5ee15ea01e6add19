# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NIC is taken out of the kernel's datapath without Open vSwitch's own programs: the bytes, and the kernel's no."""

from __future__ import annotations

import struct
import types

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _kernel_datapath

HEADER = struct.Struct("=IHHII")
FAMILY = 77  # as this kernel numbers it
ENODEV = 19


class Kernel:
    """Answers the question for a family, and requests of it with a code."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.requests: list[tuple[int, int, bytes]] = []  # kind, flags, body
        self.answers: list[bytes] = []

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *error: type[BaseException] | BaseException | types.TracebackType | None) -> None:
        self.answers.clear()

    def settimeout(self, seconds: float) -> None:
        assert seconds > 0

    def send(self, data: bytes) -> None:
        _length, kind, flags, number, _port = HEADER.unpack_from(data)
        self.requests.append((kind, flags, data[HEADER.size :]))
        if kind == _kernel_datapath.GENL_ID_CTRL:
            body = struct.pack("=BBH", 1, 2, 0) + struct.pack("=HHHxx", 6, _kernel_datapath.CTRL_ATTR_FAMILY_ID, FAMILY)
        else:
            kind, body = _netlink.NLMSG_ERROR, struct.pack("=i", -self.code)
        self.answers.append(HEADER.pack(HEADER.size + len(body), kind, 0, number, 0) + body)

    def recv(self, _most: int) -> bytes:
        return self.answers.pop(0)


@pytest.fixture
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kernel:
    found = Kernel(getattr(request, "param", 0))
    monkeypatch.setattr(_netlink, "opened", lambda ns, family: found)
    return found


def test_the_port_is_deleted_by_its_name_on_any_datapath(kernel: Kernel) -> None:
    _kernel_datapath.release("eth0")
    (asked, _flags, question), (family, flags, request) = kernel.requests
    assert (asked, question) == (16, b"\x03\x01\0\0" + b"\x0e\0\x02\0ovs_vport\0\0\0")
    assert (family, flags) == (FAMILY, _netlink.NLM_F_REQUEST | _netlink.NLM_F_ACK)
    assert request == b"\x02\x01\0\0" + b"\0\0\0\0" + b"\x09\0\x03\0eth0\0\0\0\0"


@pytest.mark.parametrize("kernel", [ENODEV], indirect=True)
def test_a_refusal_is_an_error(kernel: Kernel) -> None:
    with pytest.raises(OSError, match="No such device"):
        _kernel_datapath.release("eth0")
