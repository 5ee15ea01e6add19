# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers, as reported by their engines.

Docker and Podman answer the same request (Docker Engine API, GET /containers/NAME/json; podman-system-service(1)) on a
unix socket. Podman needs no daemon, so its socket often does not exist. Then its program prints the same JSON.
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _proof, _spawn
from ansible_collections.netloom.linux.plugins.module_utils._model import _scope

SOCKETS = {"docker": "/run/docker.sock", "podman": "/run/podman/podman.sock"}
PROGRAM = "podman"
PATIENCE = 10.0  # seconds for one answer; systemd may have to start the engine first
MOST_BYTES = 4 * 2**20


class _Silent(Exception):
    """The engine gives no usable answer."""


class _NotHere(Exception):
    """Nobody listens on the engine's socket."""


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str, until: float) -> None:
        super().__init__("localhost")
        self._path, self._until = path, until

    def connect(self) -> None:
        """Connect, within the time that is left."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.hurry()
        self.sock.connect(self._path)

    def hurry(self) -> None:
        """Limit the next wait to the time that is left."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        self.sock.settimeout(left)


def states_of(question: _scope.ContainerOf) -> tuple[_scope.ContainerState, ...]:
    """The answer of each engine in the question about the container."""
    return tuple(_state_of(engine, question.name) for engine in question.engines)


def _state_of(engine: str, name: str) -> _scope.ContainerState:
    try:
        found = _inspect(engine, name)
    except _NotHere as error:
        return _scope.ContainerState(engine, "absent", str(error))
    except _Silent as error:
        return _scope.ContainerState(engine, "silent", str(error))
    if found is None:
        return _scope.ContainerState(engine, "unknown")
    try:
        pid, status = int(found["State"]["Pid"]), str(found["State"]["Status"])
    except (KeyError, TypeError, ValueError):
        return _scope.ContainerState(engine, "silent", "its answer names no state of the container")
    return _running(engine, pid) or _scope.ContainerState(engine, "stopped", status)


def _running(engine: str, pid: int) -> _scope.ContainerState | None:
    """The state of a container by its first process, or None if that has ended."""
    proof = _proof.proof_of(pid) if pid else None
    return (
        _scope.ContainerState(engine, "running", pid=pid, started=proof.started, inode=proof.inode) if proof else None
    )


def _inspect(engine: str, name: str) -> t.Any:
    """The engine's description of the container, or None if it has no container of that name."""
    try:
        return _ask_socket(SOCKETS[engine], name)
    except _NotHere:
        program = _spawn.which(PROGRAM) if engine == PROGRAM else None
        if program is None:
            raise
        return _ask_program(program, name)


def _ask_socket(path: str, name: str) -> t.Any:
    connection = _UnixConnection(path, time.monotonic() + PATIENCE)
    try:
        connection.request("GET", f"/containers/{name}/json")
        connection.hurry()
        answer = connection.getresponse()
        body = b""
        while len(body) < MOST_BYTES:
            connection.hurry()
            part = answer.read1(65536)
            if not part:
                break
            body += part
        found = json.loads(body)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise _NotHere(f"{path}: {error.strerror}") from error
    except socket.timeout as error:  # an OSError of its own before Python 3.10
        raise _Silent(f"no answer on {path} within {PATIENCE:g} s") from error
    except OSError as error:
        raise _Silent(f"{path}: {error.strerror or error}") from error
    except (http.client.HTTPException, ValueError) as error:
        raise _Silent(f"what answers on {path} does not speak the engine's API") from error
    finally:
        connection.close()
    if answer.status == http.client.NOT_FOUND:
        return None
    if answer.status != http.client.OK:
        message = found.get("message") if isinstance(found, dict) else None
        raise _Silent(str(message or f"HTTP status {answer.status}"))
    return found


def _ask_program(program: str, name: str) -> t.Any:
    """Ask the program: `podman container inspect` prints a list with one element, or with exit status 125 an empty
    list.
    """
    command = [program, "container", "inspect", "--format", "json", name]
    with subprocess.Popen(  # pylint: disable=ansible-bad-function  # run_command has no time-out
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_spawn.ENVIRONMENT
    ) as process:
        try:
            output, errors = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise _Silent(f"no answer of {program} within {PATIENCE:g} s") from error
    try:
        found = json.loads(output)
        return found[0] if found else None
    except (ValueError, LookupError, TypeError) as error:
        said = errors.decode(errors="replace").strip().splitlines()
        raise _Silent(said[-1] if said else f"exit status {process.returncode}") from error
