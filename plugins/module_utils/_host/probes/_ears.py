# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The listening half of proofs over several hosts: a process that hears what other hosts send, and tells it once.

It ends when it has told, or when its time is over: nothing of it is in a file. The module that asks for what was heard
finds it by an abstract socket (unix(7)), whose name is gone with the process.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import selectors
import signal
import socket
import struct
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.probes import (
    _probe_frames,
    _probe_loop,
    _probe_streams,
    _underlay,
)
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _apart
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _listening, _snapshot

NAME = "netloom-listen"  # of the process
SO_BINDTODEVICE = 25  # asm-generic/socket.h
CREDENTIALS = struct.Struct("=iII")  # struct ucred: pid, uid, gid
ANSWER_PATIENCE = 20.0  # seconds to send, or to wait for, what was heard
MOST_HEARD = 100_000  # entries in all: what is sent to a listener is not ours to bound
BUFFER = 1 << 20  # bytes
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


class Heard:
    """What one ear heard: names of frames, and the addresses of peers."""

    def __init__(self, ear: _listening.Ear) -> None:
        self.ear = ear
        self.frames: set[str] = set()
        self.tcp: set[str] = set()
        self.udp: set[str] = set()

    def report(self) -> dict[str, t.Any]:
        """As the result shows it."""
        found = {key: sorted(getattr(self, key)) for key in ("frames", "tcp", "udp")}
        return {"netns": self.ear.ns, "interface": self.ear.interface, **found}


class Ears:
    """The sockets, opened before the process forks, so that each failure is told at once."""

    def __init__(self, run: str, seconds: int) -> None:
        self.mark, self.seconds = _listening.mark_of(run), seconds
        self.loop = _probe_loop.Loop()
        self.heard: list[Heard] = []
        self.noted = 0  # entries of all of them
        self.arrivals: set[_underlay.Arrival] = set()
        self.watched: list[tuple[socket.socket, _probe_loop.Callback]] = []
        self.served: list[tuple[socket.socket, t.Callable[[str], None]]] = []
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            self.door.bind(_door(run))
        except OSError as error:
            raise _errors.BadInput(
                f"run: '{run}' has listeners on this host already; give each run a name of its own."
            ) from error
        self.door.listen()
        for kind in (_underlay.ETH_P_IP, _underlay.ETH_P_IPV6):
            # It only helps to explain.
            with contextlib.suppress(OSError, _probe_loop.CannotOpen):
                self._watch_underlay(kind)

    def _watch_underlay(self, kind: int) -> None:
        sock = self.loop.open(None, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(kind))
        _underlay.watch(sock, _probe_frames.ETH_P_EXPERIMENT)
        self.watched.append((sock, lambda: self._arrived(sock)))

    def open(self, ear: _listening.Ear) -> tuple[dict[str, t.Any], str]:
        """Listen at an interface. Return the ports, and why nobody can listen there, or an empty string. Of the ports
        that are wanted, some are ``served``, and others ``taken`` by services, to which they are left.
        """
        heard = Heard(ear)
        self.heard.append(heard)
        try:
            return {"ports": self._opened(ear, heard), **self._wanted(ear, heard)}, ""
        except (OSError, _probe_loop.CannotOpen) as error:
            return {"ports": {}}, f"nobody can listen there: {error}"

    def _wanted(self, ear: _listening.Ear, heard: Heard) -> dict[str, dict[str, list[int]]]:
        found: dict[str, dict[str, list[int]]] = {}
        for protocol, port in ear.ports:
            try:
                self._serve(ear, KINDS[protocol], getattr(heard, protocol), port)
                key = "served"
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                key = "taken"
            found.setdefault(key, {}).setdefault(protocol, []).append(port)
        return found

    def _opened(self, ear: _listening.Ear, heard: Heard) -> dict[str, int]:
        ports: dict[str, int] = {}
        for protocol in (one for one in ("tcp", "udp") if one in ear.protocols):
            ports[protocol] = self._serve(ear, KINDS[protocol], getattr(heard, protocol))
        if "ethernet" in ear.protocols:
            for kind in (_probe_frames.ETH_P_EXPERIMENT, _probe_frames.ETH_P_ARP):
                self._hear(ear, kind, heard)
        return ports

    def _hear(self, ear: _listening.Ear, kind: int, heard: Heard) -> None:
        sock = self.loop.open(ear.ns, socket.AF_PACKET, socket.SOCK_RAW)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        sock.bind((ear.interface, kind))
        self.watched.append((sock, lambda: self._frame(sock, heard)))

    def _serve(self, ear: _listening.Ear, kind: int, peers: set[str], port: int = 0) -> int:
        """Listen on a port of both IP versions, at this interface only; by default on a free one."""
        try:
            sock = self.loop.open(ear.ns, socket.AF_INET6, kind)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            place = ("::", port)
        except (OSError, _probe_loop.CannotOpen):  # a kernel without IPv6
            sock = self.loop.open(ear.ns, socket.AF_INET, kind)
            place = ("0.0.0.0", port)
        sock.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, ear.interface.encode())
        if kind == socket.SOCK_STREAM and port:  # connections of the last run may linger in TIME_WAIT
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(place)
        if kind == socket.SOCK_STREAM:
            sock.listen(_probe_streams.BACKLOG)
        self.served.append((sock, lambda peer: self._note(peers, peer.replace("::ffff:", "", 1))))
        return int(sock.getsockname()[1])

    def _note(self, where: set[t.Any], what: t.Any) -> None:
        if what not in where and self.noted < MOST_HEARD:
            where.add(what)
            self.noted += 1

    def _frame(self, sock: socket.socket, heard: Heard) -> None:
        for data, sender in _probe_loop.arrivals(sock):
            name = _underlay.name_in(data, _probe_frames.ETH_P_EXPERIMENT, self.mark)
            if sender[2] != _probe_frames.PACKET_OUTGOING and name is not None:
                self._note(heard.frames, _text(name))

    def _arrived(self, sock: socket.socket) -> None:
        for data, _sender in _probe_loop.arrivals(sock):
            found = _underlay.read(data, _probe_frames.ETH_P_EXPERIMENT, self.mark)
            if found is not None and len(self.arrivals) < MOST_HEARD:
                self.arrivals.add(found)

    def leave(self) -> None:
        """Go on in a process of its own, for the given time at most."""
        _apart.fork(self._live)
        self.close()

    def close(self) -> None:
        """Close all sockets in this process."""
        self.door.close()
        self.loop.close()

    def _live(self) -> None:
        until = time.monotonic() + self.seconds
        opened = {sock.fileno() for sock in self.loop.sockets}
        _apart.detach({*opened, self.door.fileno()}, NAME)
        # If the loop hung, the kernel would end the process.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(self.seconds + int(ANSWER_PATIENCE) + 1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self.loop.selector = selectors.DefaultSelector()  # that of the module was closed
        for sock, callback in self.watched:
            self.loop.watch(sock, callback)
        listeners = _probe_streams.Listeners(self.loop, self.mark)
        for sock, note in self.served:
            listeners.serve(sock, note)
        self.loop.sockets.add(self.door)
        asked: list[socket.socket] = []
        self.loop.watch(self.door, lambda: asked.extend(_callers(self.door)))
        while not asked and (left := until - time.monotonic()) > 0:
            self.loop.turn(left)
        self.loop.turn(0)
        told = self._told()
        self.loop.close()  # before it tells: who has the answer knows that nobody listens any more
        for caller in asked[:1]:
            with caller, contextlib.suppress(OSError):
                caller.settimeout(ANSWER_PATIENCE)
                caller.sendall(told)

    def _told(self) -> bytes:
        underlay = [
            {"name": _text(one.name), "sender": one.sender, "number": one.number, "port": one.port}
            for one in sorted(self.arrivals, key=str)
        ]
        return json.dumps({"heard": [one.report() for one in self.heard], "underlay": underlay}).encode()


def _callers(door: socket.socket) -> t.Iterator[socket.socket]:
    """Who asks, if it is root or the user who listens: an abstract socket has no permissions."""
    with contextlib.suppress(OSError):
        caller = door.accept()[0]
        who = CREDENTIALS.unpack(caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))
        if who[1] in (0, os.geteuid()):
            yield caller
        else:
            caller.close()


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def _door(run: str) -> bytes:
    return b"\0netloom/listen/" + run.encode()


def collect(run: str) -> dict[str, t.Any]:
    """What the listeners of a run heard. They are gone afterwards. Raises HostError if there are none."""
    told = b""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(ANSWER_PATIENCE)
        try:
            caller.connect(_door(run))
            while part := caller.recv(1 << 16):
                told += part
        except ConnectionError:
            pass
        except OSError as error:
            raise _errors.HostError(f"The listeners of run '{run}' do not answer: {error}.") from error
    try:
        return dict(json.loads(told))
    except ValueError:
        raise _errors.HostError(
            f"Nobody listens for run '{run}' on this host any more: its time is over (listen_seconds), or its listeners"
            " were never started here."
        ) from None


def send(frames: t.Sequence[_listening.Frame], snapshot: _snapshot.Snapshot, run: str, count: int) -> list[str]:
    """Send the frames, ``count`` times. Return why each could not be sent, or an empty string."""
    mark, problems = _listening.mark_of(run), ["" for _frame in frames]
    with contextlib.closing(_probe_loop.Loop()) as loop:
        sockets: dict[_snapshot.NsKey, socket.socket] = {}
        for turn in range(count):
            time.sleep(_probe_frames.PAUSE if turn else 0)
            for index, one in enumerate(frames):
                problems[index] = _listening.problem(snapshot, one.ns, one.interface)
                if problems[index]:
                    continue
                try:
                    if one.ns not in sockets:
                        sockets[one.ns] = loop.open(one.ns, socket.AF_PACKET, socket.SOCK_RAW)
                    link = snapshot.namespaces[one.ns].links[one.interface]
                    if one.address is None:
                        frame = _probe_frames.broadcast(str(link.mac), mark, one.name)
                    else:
                        frame = _probe_frames.announcement(str(link.mac), one.address, mark, one.name)
                    sockets[one.ns].sendto(frame, (one.interface, int.from_bytes(frame[12:14], "big")))
                except (OSError, _probe_loop.CannotOpen) as error:
                    problems[index] = str(error)
    return problems
