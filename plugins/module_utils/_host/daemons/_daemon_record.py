# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record that is written when a daemon is started: the proof of its process, what it was started with, and
where.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import socket
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _proof
from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot


@dataclasses.dataclass(frozen=True)
class Record:
    """One daemon as we started it. ``files``: path -> digest of the content that it last read."""

    kind: str
    name: str
    netns: _snapshot.NsKey
    proof: _proof.Proof | None
    links: t.Mapping[str, int]
    settings: t.Mapping[str, t.Any]
    files: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    mounts: int | None = None  # inode of the mount namespace that it was given


def digest(text: str) -> str:
    """The digest of a file's content."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def indexes(ns: _snapshot.NsKey, links: t.Iterable[str]) -> dict[str, int]:
    """The ifindexes of those of the given links that exist."""
    found = {}
    with _namespaces.entered(ns):
        for name in links:
            try:
                found[name] = socket.if_nametoindex(name)
            except OSError:
                continue
    return found


def write(path: str, daemon: _snapshot.Daemon, proof: _proof.Proof | None) -> None:
    """Record a running daemon with the files that it reads."""
    content = {
        "kind": daemon.kind,
        "name": daemon.name,
        "netns": daemon.netns,
        "process": _proof.encode(proof) if proof else None,
        "mounts": _proof.mounts_of(proof.pid) if proof else None,
        "links": indexes(daemon.netns, daemon.links),
        "settings": dict(daemon.settings),
        "files": {file: digest(text) for file, text in daemon.files.items()},
    }
    _files.write(path, json.dumps(content, indent=1) + "\n")


def read(path: str) -> Record | None:
    """Read a record. None if there is none, or if it cannot be understood (then it proves nothing)."""
    text = _files.read(path)
    try:
        data = json.loads(text) if text else None
        if data is None:
            return None
        netns = data["netns"]
        if netns is not None and not isinstance(netns, str):
            return None
        return Record(
            str(data["kind"]),
            str(data["name"]),
            netns,
            _proof.decode(data["process"]),
            {str(name): int(index) for name, index in data["links"].items()},
            dict(data["settings"]),
            {str(file): str(value) for file, value in data["files"].items()},
            data.get("mounts"),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def folders(root: str) -> list[str]:
    """The names of the folders below one of our folders."""
    try:
        return sorted(entry.name for entry in os.scandir(root) if entry.is_dir(follow_symlinks=False))
    except (FileNotFoundError, NotADirectoryError):
        return []


def open_to_all(folder: str, root: str) -> None:
    """Set mode 0755 from our root down to the folder: a daemon that gave up root must read its files again, whatever
    our umask was.
    """
    while folder.startswith(root):
        os.chmod(folder, 0o755)
        folder = os.path.dirname(folder)
