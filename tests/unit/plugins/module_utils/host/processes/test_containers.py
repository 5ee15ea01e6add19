# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an engine may answer, by a server on a unix socket that answers just that."""

from __future__ import annotations

import json
import os
import pathlib
import socket
import threading
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _containers, _spawn
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import ContainerOf, ContainerState


def here() -> str:
    """What an engine says of a container that is this process. Not a constant: each worker of pytest has another
    pid.
    """
    return json.dumps({"State": {"Pid": os.getpid(), "Status": "running", "Running": True}})


ASKED = ContainerOf(("docker",), "web")


def http(status: str, body: str) -> bytes:
    """An answer."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nContent-Type: application/json\r\n\r\n{body}".encode()


@pytest.fixture(name="engine")
def fixture_engine(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> t.Iterator[t.Callable[[bytes | None], list[bytes]]]:
    """Starts an engine that gives one answer (None: never any); returns what it was asked. Both engines are there."""
    path = str(tmp_path / "sock")
    monkeypatch.setattr(_containers, "SOCKETS", {"docker": path, "podman": path})
    monkeypatch.setattr(_containers, "PATIENCE", 0.5)
    monkeypatch.setattr(_spawn, "which", lambda _name: None)
    ended = threading.Event()
    threads: list[threading.Thread] = []

    def start(answer: bytes | None) -> list[bytes]:
        asked: list[bytes] = []
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen()

        def serve() -> None:
            with server, server.accept()[0] as connection:
                asked.append(connection.recv(65536))
                if answer is None:
                    ended.wait(10)
                else:
                    connection.sendall(answer)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return asked

    yield start
    ended.set()
    for thread in threads:
        thread.join(10)


def test_a_running_container_is_told_by_pid_start_time_and_inode(
    engine: t.Callable[[bytes | None], list[bytes]],
) -> None:
    asked = engine(http("200 OK", here()))
    (state,) = _containers.states_of(ASKED)
    assert asked[0].startswith(b"GET /containers/web/json HTTP/1.1\r\n")
    with open("/proc/self/stat", encoding="utf-8") as handle:
        started = int(handle.read().rsplit(")", 1)[1].split()[19])
    assert state == ContainerState("docker", "running", "", os.getpid(), started, os.stat("/proc/self/ns/net").st_ino)
    assert state.path == f"/proc/{os.getpid()}/ns/net"


@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        (http("404 Not Found", '{"message": "No such container: web"}'), "unknown", ""),
        (http("200 OK", '{"State": {"Pid": 0, "Status": "exited"}}'), "stopped", "exited"),
        (http("200 OK", '{"State": {"Pid": 4194305, "Status": "running"}}'), "stopped", "running"),
        (http("200 OK", '{"Status": "running"}'), "silent", "its answer names no state of the container"),
        (http("500 Oh", '{"message": "disk full"}'), "silent", "disk full"),
        (http("500 Oh", "[]"), "silent", "HTTP status 500"),
        (http("500 Oh", "{}"), "silent", "HTTP status 500"),
        (http("200 OK", "<html>"), "silent", "does not speak the engine's API"),
        (b"SSH-2.0\r\n", "silent", "does not speak the engine's API"),
        (b"", "silent", ""),
        (None, "silent", "no answer on"),
        (
            http("200 OK", '{"State": {"Pid": 1, "Status": "running"}}')[:-5],
            "silent",
            "does not speak the engine's API",
        ),
    ],
)
def test_what_else_it_may_answer(
    engine: t.Callable[[bytes | None], list[bytes]], answer: bytes | None, state: str, detail: str
) -> None:
    engine(answer)
    (found,) = _containers.states_of(ASKED)
    assert (found.engine, found.state) == ("docker", state)
    assert detail in found.detail


@pytest.mark.usefixtures("engine")  # it prepares, and is not started
def test_nobody_listens(tmp_path: pathlib.Path) -> None:
    assert [found.state for found in _containers.states_of(ContainerOf(("docker", "podman"), "web"))] == [
        "absent",
        "absent",
    ]
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(tmp_path / "sock"))
    (found,) = _containers.states_of(ASKED)
    assert (found.state, "refused" in found.detail) == ("absent", True)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("script", "state", "detail"),
    [
        ("echo '[HERE]'", "running", ""),
        ("echo '[]'; echo 'Error: no such container web' >&2; exit 125", "unknown", ""),
        ("echo 'Error: no storage' >&2; exit 125", "silent", "Error: no storage"),
        ("exit 3", "silent", "exit status 3"),
        ("exec sleep 5", "silent", "no answer of"),
    ],
)
def test_podman_without_its_api(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, script: str, state: str, detail: str
) -> None:
    program = tmp_path / "podman"
    program.write_text(
        f'#!/bin/sh\n[ "$*" = "container inspect --format json web" ] || exit 99\n{script.replace("HERE", here())}\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(_spawn, "which", lambda name: str(program) if name == "podman" else None)
    docker, podman = _containers.states_of(ContainerOf(("docker", "podman"), "web"))
    assert (docker.state, podman.engine, podman.state) == ("absent", "podman", state)
    assert detail in podman.detail
