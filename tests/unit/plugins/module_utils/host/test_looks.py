# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the host is looked at: each step finds its namespaces once, and of a pair only one end is asked."""

from __future__ import annotations

import types
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host import _host, _reader
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import Conflict
from ansible_collections.netloom.linux.plugins.module_utils._model._link_ops import LinkSet
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link, Namespace, Snapshot

INODES = {"red": 7}


class Socket:
    """A socket in a namespace, which knows nothing but the namespace."""

    def __init__(self, ns: str | None) -> None:
        self.ns, self.key, self.book = ns, (INODES.get(ns or "", 1), None), None

    def close(self) -> None:
        """Close it."""


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> _host.Host:
    """A host whose plan knows namespace red, and whose writer looks for its socket three times in a step."""
    monkeypatch.setattr(_host._rtnl, "Rtnl", Socket)
    monkeypatch.setattr(_namespaces, "inode_of", lambda path: INODES.get(path.rsplit("/", 1)[-1], 1))
    found = _host.Host(1)
    found.expect(Snapshot({"red": Namespace("red", inode=7, links={"lo": Link("lo", index=1)})}))
    monkeypatch.setattr(found, "_perform", lambda ops: [found._socket_in(ops[0].ns) for _time in range(3)])
    return found


def test_a_step_finds_its_namespace_once(host: _host.Host, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[t.Any] = []
    meant = host._meant
    monkeypatch.setattr(host, "_meant", lambda ns, book: (looks.append(ns), meant(ns, book))[1])
    host.do([LinkSet("red", "lo", {"up": True})])
    assert looks == ["red"]
    host.do([LinkSet("red", "lo", {"up": False})])
    assert looks == ["red", "red"]


def test_each_step_looks_again(host: _host.Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.do([LinkSet("red", "lo", {"up": True})])
    monkeypatch.setitem(INODES, "red", 8)  # another program made another namespace of that name
    with pytest.raises(Conflict):
        host.do([LinkSet("red", "lo", {"up": False})])


def test_of_a_pair_one_end_is_asked() -> None:
    ids, asked = {(None, "/run/netns/red"): 0, ("red", "/proc/self/ns/net"): 5}, []

    def nsid_of(ns: str | None, path: str) -> int | None:
        asked.append((ns, path))
        return ids[(ns, path)]

    reader = _reader.Reader(
        lambda ns: types.SimpleNamespace(nsid_of=lambda path: nsid_of(ns, path)),  # type: ignore[arg-type,return-value]
        lambda: pytest.fail("no OVSDB is read"),
    )
    ends = Link("v", "veth", 9, peer_index=2, peer_nsid=0), Link("eth0", "veth", 2, peer_index=9, peer_nsid=5)
    snapshot = Snapshot({None: Namespace(None, links={"v": ends[0]}), "red": Namespace("red", links={"eth0": ends[1]})})
    reader._resolve_peers(snapshot)
    assert [link and link.peer for link in (snapshot.link(None, "v"), snapshot.link("red", "eth0"))] == [
        ("red", "eth0"),
        (None, "v"),
    ]
    assert len(asked) == 1
