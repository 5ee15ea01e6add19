# SPDX-FileCopyrightText: netloom.linux contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts' way to the package mirror: an HTTP proxy on a unix socket, run where the machine's network is.

A host has no route to the machine. systemd in the host passes what connects to 127.0.0.1:3142 on to this socket. Where
the machine itself uses a proxy, bytes are handed to that one unread; else this answers CONNECT and plain GET.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pathlib
import subprocess
import urllib.parse

from labhost import linux

_LONGEST_HEAD = 65536


def start(path: pathlib.Path) -> int:
    """Start the relay as a child of the keeper, with which it ends; return its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            linux.die_with_parent()
            asyncio.run(_serve(path, machine_proxy()))
        finally:
            os._exit(1)
    return pid


def machine_proxy() -> tuple[str, int] | None:
    """The proxy that the machine uses for its package mirror, by apt's configuration or the environment."""
    command = ["apt-config", "shell", "proxy", "Acquire::http::Proxy"]
    with contextlib.suppress(OSError):
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        configured = said.partition("=")[2].strip().strip("'")
        url = urllib.parse.urlsplit(configured or os.environ.get("http_proxy", ""))
        if url.hostname:
            return url.hostname, url.port or 3128
    return None


async def _serve(path: pathlib.Path, upstream: tuple[str, int] | None) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            if upstream:
                await _join(reader, writer, *await asyncio.open_connection(*upstream))
            else:
                await _proxy(reader, writer)
        writer.close()

    server = await asyncio.start_unix_server(answer, str(path), limit=_LONGEST_HEAD)
    async with server:
        await server.serve_forever()


async def _proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one connection as an HTTP proxy (RFC 9110, section 7.3 and 9.3.6), one request for each connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    request, _newline, fields = head.partition("\r\n")
    method, target, version = request.split(" ")
    url = urllib.parse.urlsplit(f"//{target}" if method == "CONNECT" else target)
    try:
        there = await asyncio.open_connection(url.hostname, url.port or 80)
    except OSError as error:
        writer.write(f"HTTP/1.1 502 Cannot reach {url.hostname}: {error.strerror}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        return
    if method == "CONNECT":
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
    else:
        # Close after one answer: the next request of a kept connection might be for another server.
        kept = [line for line in fields.split("\r\n") if line and not line.lower().startswith(("connection:", "proxy-"))]
        path = urllib.parse.urlunsplit(("", "", url.path or "/", url.query, ""))
        lines = [f"{method} {path} {version}", *kept, "Connection: close", "", ""]
        there[1].write("\r\n".join(lines).encode("latin-1"))
    await _join(reader, writer, *there)


async def _join(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, far_reader: asyncio.StreamReader, far_writer: asyncio.StreamWriter
) -> None:
    """Pass bytes both ways until both directions have ended."""
    try:
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
    finally:
        far_writer.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    if target.can_write_eof():
        target.write_eof()
