# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a connection by TLS failed: what Python's ssl raised at each step, and what is told of it. The errors are those
of Python 3.11 and 3.13 with OpenSSL 3.0; tests/contract/test_ovsdb_ssl.py has them of a real server.
"""

from __future__ import annotations

import errno
import os
import pathlib
import socket
import ssl
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _tls_look
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors

CONNECT, HANDSHAKE, LISTEN = _tls_look.CONNECT, _tls_look.HANDSHAKE, _tls_look.LISTEN
FILES = _tls_look.Files(("private_key", "/k"), ("certificate", "/c"), ("ca_cert", "/a"))
REMOTE = "ssl:192.0.2.1:6641"
NOT_TLS = "the TLS handshake failed ({}; does the server speak TLS?)"
NOT_VALID = "the server's certificate is not valid for ca_cert"
RENEW = "name the CA certificate that signed it, or renew it"
CLOSED = "the server closes each connection after the TLS handshake (does its CA sign certificate?)"


def said(reason: str, sort: type[ssl.SSLError] = ssl.SSLError, **more: t.Any) -> ssl.SSLError:
    """An error of OpenSSL, as Python raises it."""
    error = sort(1, f"[SSL: {reason}] (_ssl.c:992)")
    error.reason = reason
    for name, value in more.items():
        setattr(error, name, value)
    return error


def system(number: int) -> OSError:
    """An error of the kernel."""
    return OSError(number, os.strerror(number))


EXPIRED = said("CERTIFICATE_VERIFY_FAILED", ssl.SSLCertVerificationError, verify_message="it has expired")


@pytest.mark.parametrize(
    ("step", "error", "reason", "words"),
    [
        (CONNECT, system(errno.ECONNREFUSED), "unreachable", "Connection refused"),
        (CONNECT, socket.timeout("timed out"), "unreachable", "timed out"),
        (CONNECT, socket.gaierror(-2, "Name or service not known"), "unreachable", "Name or service not known"),
        (
            HANDSHAKE,
            EXPIRED,
            "certificate",
            f"{NOT_VALID} (it has expired); {RENEW}",
        ),
        (
            HANDSHAKE,  # TLS 1.2
            said("TLSV1_ALERT_UNKNOWN_CA"),
            "certificate",
            "the server refuses certificate (tlsv1 alert unknown ca); name a valid one that its CA signed",
        ),
        (
            LISTEN,  # TLS 1.3
            said("SSLV3_ALERT_CERTIFICATE_EXPIRED"),
            "certificate",
            "the server refuses certificate (sslv3 alert certificate expired); name a valid one that its CA signed",
        ),
        (
            LISTEN,  # a CA of the same name
            said("TLSV1_ALERT_DECRYPT_ERROR"),
            "certificate",
            "the server refuses certificate (tlsv1 alert decrypt error); name a valid one that its CA signed",
        ),
        (LISTEN, EOFError(), "certificate", CLOSED),
        (LISTEN, system(errno.ECONNRESET), "certificate", CLOSED),
        (HANDSHAKE, said("WRONG_VERSION_NUMBER"), "unreachable", NOT_TLS.format("wrong version number")),
        (
            HANDSHAKE,
            said("TLSV1_ALERT_PROTOCOL_VERSION"),
            "unreachable",
            NOT_TLS.format("tlsv1 alert protocol version"),
        ),
        (
            HANDSHAKE,  # Python 3.13
            said("UNEXPECTED_EOF_WHILE_READING", ssl.SSLEOFError),
            "unreachable",
            NOT_TLS.format("the server closes the connection"),
        ),
        (
            HANDSHAKE,  # Python 3.11
            ssl.SSLZeroReturnError(6, "TLS/SSL connection has been closed (EOF) (_ssl.c:992)"),
            "unreachable",
            NOT_TLS.format("the server closes the connection"),
        ),
        (HANDSHAKE, system(errno.ECONNRESET), "unreachable", NOT_TLS.format("Connection reset by peer")),
        (HANDSHAKE, socket.timeout("_ssl.c:983: timed out"), "unreachable", NOT_TLS.format("timed out")),
        (LISTEN, socket.timeout(), "unreachable", "the connection broke, and the server takes new ones"),
    ],
)
def test_each_error_has_its_reason(step: int, error: Exception, reason: str, words: str) -> None:
    told = _tls_look.judged(REMOTE, FILES, step, error)
    assert (told.reason, str(told)) == (reason, f"{REMOTE}: {words}")


def test_files_that_are_no_certificates_are_named(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "hello.pem"
    file.write_text("hello")
    files = _tls_look.Files(("private_key", str(file)), ("certificate", str(file)), ("ca_cert", str(file)))
    told = _tls_look.trouble(REMOTE, files, 1)
    assert isinstance(told, _errors.Untrusted)
    assert str(told).startswith(f"{REMOTE}: private_key, certificate and ca_cert cannot be used together (")
