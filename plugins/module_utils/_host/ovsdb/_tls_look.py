# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a connection by TLS failed: a second one looks, which says nothing and listens.

Streams of the library tell a number only, another one in each of its releases ("Exec format error" of a server that is
dead), and a server that refuses a certificate looks like one that was killed: it closes (TLS 1.3) when the handshake is
over. What it says before that (RFC 8446, 6.2) is lost if the client writes into the closed connection meanwhile.
"""

from __future__ import annotations

import re
import socket
import ssl
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors

CONNECT, HANDSHAKE, LISTEN = range(3)
PATIENCE = 2.0  # seconds in which a server that refuses a certificate says so
# OpenSSL's names of the alerts that are about a certificate; decrypt_error: another CA of the same name signed it.
_REFUSAL = re.compile(r"ALERT.*(CERTIFICATE|UNKNOWN_CA|DECRYPT_ERROR|ACCESS_DENIED)")


class Files(t.NamedTuple):
    """The TLS files, and the options that name them."""

    private_key: tuple[str, str]
    certificate: tuple[str, str]
    ca_cert: tuple[str, str]


def trouble(remote: str, files: Files, timeout: float) -> _errors.Unreachable:
    """What is in the way of a connection to ``remote``, ssl:HOST:PORT."""
    try:
        context = _context(files)
    except OSError as error:
        return _errors.Untrusted(
            f"{remote}: {files.private_key[0]}, {files.certificate[0]} and {files.ca_cert[0]} cannot be used together"
            f" ({_said(error)})"
        )
    step = CONNECT
    try:
        host, _colon, port = remote[len("ssl:") :].rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port)), timeout) as link:
            step = HANDSHAKE
            with context.wrap_socket(link) as secure:
                step = LISTEN
                secure.settimeout(PATIENCE)
                secure.recv(1)
        return judged(remote, files, step, EOFError())
    except (OSError, ValueError, OverflowError) as error:  # ovn-remote may have any text
        return judged(remote, files, step, error)


def _context(files: Files) -> ssl.SSLContext:
    """As the library trusts: by the CA alone, whatever the server's name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(files.ca_cert[1])
    context.load_cert_chain(files.certificate[1], files.private_key[1])
    return context


def judged(remote: str, files: Files, step: int, error: Exception) -> _errors.Unreachable:
    """The error at a step, in words. EOFError: the server closed the connection."""
    said = _said(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _errors.Untrusted(
            f"{remote}: the server's certificate is not valid for {files.ca_cert[0]} ({error.verify_message}); name the"
            " CA certificate that signed it, or renew it"
        )
    if _REFUSAL.search(getattr(error, "reason", None) or ""):
        return _errors.Untrusted(
            f"{remote}: the server refuses {files.certificate[0]} ({said}); name a valid one that its CA signed"
        )
    if step == CONNECT:
        return _errors.Unreachable(f"{remote}: {said}")
    if step == HANDSHAKE:
        return _errors.Unreachable(f"{remote}: the TLS handshake failed ({said}; does the server speak TLS?)")
    if isinstance(error, socket.timeout):  # it takes us, and waits for our question
        return _errors.Unreachable(f"{remote}: the connection broke, and the server takes new ones")
    return _errors.Untrusted(
        f"{remote}: the server closes each connection after the TLS handshake (does its CA sign"
        f" {files.certificate[0]}?)"
    )


def _said(error: Exception) -> str:
    """What OpenSSL or the kernel says, without the names of OpenSSL's files, and in the same words in all releases."""
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return "the server closes the connection"
    if isinstance(error, socket.timeout):
        return "timed out"
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    return getattr(error, "strerror", None) or str(error)
