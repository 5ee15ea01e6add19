# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The moves that wait for confirmation, and how one is confirmed: a file and a socket for each guard."""

from __future__ import annotations

import json
import os
import socket
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _proof
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _paths, _snapshot

CONFIRMED = "confirmed"


def socket_path(token: str) -> str:
    """The socket at which a guard waits for its token."""
    return f"{_paths.GUARDS}/{token}.sock"


def listen(path: str) -> socket.socket:
    """Open the socket, for root alone."""
    _files.make_parents(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    os.chmod(path, 0o600)
    listener.listen()
    return listener


def heard(
    listener: socket.socket, token: str, answer: str, deadline: float, settle: t.Callable[[], None] = lambda: None
) -> bool:
    """Wait for a client that knows the token, and answer. Return whether a client came in time.

    settle: is called before the answer, so that whoever has the answer finds everything settled.
    """
    while (left := deadline - time.monotonic()) > 0:
        listener.settimeout(left)
        try:
            caller, _address = listener.accept()
            with caller:
                caller.settimeout(2)
                if caller.recv(64).decode(errors="replace") == token:
                    settle()
                    caller.sendall(answer.encode())
                    return True
        except OSError:
            continue
    return False


def sweep() -> None:
    """Delete the files of guards that were killed."""
    for path, text in _files.read_tree_of(_paths.GUARDS, ".json").items():
        if not _alive(text):
            _files.delete(path)
            _files.delete(f"{path[: -len('.json')]}.sock")


def _alive(text: str) -> dict[str, t.Any] | None:
    """The record of a guard, if the guard lives."""
    try:
        facts: dict[str, t.Any] = json.loads(text)
        proof = _proof.decode(facts["process"])
    except (ValueError, KeyError, TypeError):
        return None
    return facts if proof is not None and _proof.alive(proof) else None


def seconds_left(ns: _snapshot.NsKey, uplink: str) -> int | None:
    """The seconds until an unconfirmed move of this uplink is undone. None if there is no such move except our own."""
    for text in _files.read_tree_of(_paths.GUARDS, ".json").values():
        facts = _alive(text)
        if (
            facts
            and (facts["ns"], facts["uplink"]) == (ns, uplink)
            and (facts["until"] is not None or facts["runner"] != os.getpid())
        ):
            return int(facts["seconds"]) if facts["until"] is None else max(1, round(facts["until"] - time.monotonic()))
    return None


def confirm(token: str, seconds: float) -> str:
    """Tell the guard that the host is reachable. Return 'confirmed', or why the host went back. Raises HostError if no
    guard knows the token.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(seconds)
        try:
            caller.connect(socket_path(token))
            caller.sendall(token.encode())
            said = caller.recv(4096).decode(errors="replace")
        except (FileNotFoundError, ConnectionError):
            said = ""
        except OSError as error:
            raise _errors.HostError(
                f"The guard of the move did not answer within {seconds:g} s ({error}); the host goes back by itself."
            ) from error
    if not said:
        raise _errors.HostError(
            "No move waits for this token: its time ran out, and the host has gone back as it was. Nothing needs to be"
            " done on it."
        )
    return said
