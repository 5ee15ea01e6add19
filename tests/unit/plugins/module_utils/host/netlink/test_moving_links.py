# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a link loses in another namespace, as the kernel tells it."""

from __future__ import annotations

import errno
import ipaddress
import pathlib
import socket
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _moving_links, _netlink

SOCK = t.cast("socket.socket", None)
DEV_MCAST = """\
1    lo              1     0     333300000001
2    eth0            1     0     01005e000001
2    eth0            2     1     01005e000063
12   a b             1     1     333300000063
12   wide            1     1     00112233445566778899aabbccddeeff
"""
QDISCS = [
    (2, 0, 0xFFFFFFFF, b"fq_codel\0"),  # the kernel's own
    (2, 0x50000, 0xFFFFFFFF, b"htb\0"),
    (2, 0x60000, 0x50001, b"netem\0"),  # of a class
    (2, 0xFFFF0000, 0xFFFFFFF1, b"clsact\0"),
    (3, 0x8001_0000, 0xFFFFFFFF, b"mq\0"),
]


@pytest.fixture(autouse=True)
def _kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    (tmp_path / "dev_mcast").write_text(DEV_MCAST)
    monkeypatch.setattr(_moving_links, "GROUPS", str(tmp_path / "dev_mcast"))
    bodies = [
        _moving_links.TCMSG.pack(0, index, handle, parent, 2) + _netlink.attribute(1, kind)
        for index, handle, parent, kind in QDISCS
    ]
    monkeypatch.setattr(_netlink, "dump", lambda *_arguments: bodies)
    monkeypatch.setattr(_netlink, "ask", _ask)


def _ask(_sock: socket.socket, _kind: int, body: bytes) -> bytes:
    index = _moving_links.IFINFO.unpack(body)[2]
    if index == 99:
        raise OSError(errno.ENODEV, "gone")
    token = ipaddress.IPv6Address("::5" if index == 2 else "::").packed
    six = _netlink.attribute(1, b"\0\0\0\0") + _netlink.attribute(7, token)
    return (
        body
        + _netlink.attribute(3, b"eth0\0")
        + _netlink.attribute(26, _netlink.attribute(2, b"") + _netlink.attribute(10, six))
    )


def test_what_somebody_gave_to_links_is_read_and_what_the_kernel_has_is_not() -> None:
    assert _moving_links.read(SOCK, [1, 2, 3, 12, 99]) == {
        1: {"token": "", "maddresses": (), "queueing": ()},
        2: {"token": "::5", "maddresses": ("01:00:5e:00:00:63",), "queueing": ("htb 5:", "clsact ffff:")},
        3: {"token": "", "maddresses": (), "queueing": ("mq 8001:",)},
        12: {"token": "", "maddresses": ("33:33:00:00:00:63",), "queueing": ()},
    }


@pytest.mark.parametrize(("code", "fails"), [(errno.EOPNOTSUPP, False), (errno.ENOBUFS, True)])
def test_a_kernel_without_queueing_disciplines_has_none(
    code: int, fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dump(*_arguments: t.Any) -> list[bytes]:
        raise OSError(code, "refused")

    monkeypatch.setattr(_netlink, "dump", dump)
    if fails:
        with pytest.raises(OSError, match="refused"):
            _moving_links.read(SOCK, [2])
    else:
        assert _moving_links.read(SOCK, [2])[2]["queueing"] == ()


def test_a_token_is_set_where_routers_are_listened_to_and_that_is_as_before_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sysctls, seen = {"ipv6.accept_ra": "0", "ipv6.router_solicitations": "0"}, []

    def request(_sock: socket.socket, kind: int, body: bytes) -> None:
        seen.append((kind, body, dict(sysctls)))
        raise OSError(errno.EINVAL, "refused")

    monkeypatch.setattr(_moving_links._sysctl, "read", lambda _link, key: sysctls[key])
    monkeypatch.setattr(_moving_links._sysctl, "write", lambda _link, key, value: sysctls.update({key: value}))
    monkeypatch.setattr(_netlink, "request", request)
    with pytest.raises(OSError, match="refused"):
        _moving_links.write(SOCK, 2, "eth0", {"token": "::5"})
    assert sysctls == {"ipv6.accept_ra": "0", "ipv6.router_solicitations": "0"}
    assert [(kind, ipaddress.IPv6Address("::5").packed in body, during) for kind, body, during in seen] == [
        (19, True, _moving_links.LISTENING)
    ]
