# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to one OVSDB (RFC 7047) on a stream of its own, the TLS files, and errors of databases in words."""

from __future__ import annotations

import errno
import json
import os
import re
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _tls_look
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _snapshot

TLS_FILES = ("private_key", "certificate", "ca_cert")


def lacking(target: _snapshot.OvsTarget, error: ImportError) -> _errors.NoLibrary:
    """The error that the library is missing."""
    return _errors.NoLibrary(
        f"Cannot speak to the OVSDB at {target.ovsdb}: {_errors.quoted(error)}. Install the Python library ovsdbapp."
    )


def _ask(remote: str, request: t.Mapping[str, t.Any], timeout: float) -> t.Any:
    """One JSON-RPC request (RFC 7047) on a stream of its own.

    ovsdbapp's fetch_schema_json waits for ever for a server that accepts and says nothing, and parses
    the schema in pure Python where the C extension is not built.
    """
    from ovs import poller, stream

    deadline = time.monotonic() + timeout
    error, link = stream.Stream.open_block(stream.Stream.open(remote), int(timeout * 1000))
    if error:
        raise OSError(error, os.strerror(error))
    try:
        link.send(json.dumps(request).encode())
        text, decoder = b"", json.JSONDecoder()
        while True:
            error, piece = link.recv(1 << 16)
            if piece:
                text += piece.encode() if isinstance(piece, str) else piece
                try:
                    return decoder.raw_decode(text.decode())[0]
                except ValueError:
                    continue  # not all of it yet
            if error not in (errno.EAGAIN, errno.EWOULDBLOCK):
                raise OSError(error, os.strerror(error) if error else "the server closed the connection")
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the server does not answer")
            wait = poller.Poller()
            link.recv_wait(wait)
            wait.timer_wait(left * 1000)
            wait.block()
    finally:
        link.close()


def in_words(error: str) -> str:
    """An error of the database (RFC 7047, section 3.1), as a part of a sentence."""
    try:
        told = json.loads(error)
        name, details = told["error"], told.get("details", "")
    except (ValueError, TypeError, KeyError, AttributeError):
        return _errors.quoted(error)
    same = re.search(r'rows in "(\w+)" table to have identical values \((.*?)\) for index on column "(\w+)"', details)
    if same:
        return f"there is another {same[1]} whose {same[3]} is {same[2]} already"
    return _errors.quoted(f"{name}: {details}" if details else name)


def _option(target: _snapshot.OvsTarget, name: str) -> str:
    """The option that names a TLS file."""
    return f"{target.option}_{name}" if target.option else name


def _require_readable(target: _snapshot.OvsTarget, option: str, path: str) -> None:
    """Check that a TLS file can be read. The library only says that a file is missing, and not which."""
    try:
        with open(path, "rb"):
            return
    except OSError as error:
        raise _errors.Untrusted(
            f"Cannot speak to the OVSDB at {target.ovsdb}: {option} {path!r}: {error.strerror}. Name a file on the"
            " managed node."
        ) from error


def trust(target: _snapshot.OvsTarget) -> None:
    """Give the TLS files to the library. It keeps them for the whole process, so this is done before each
    connection.
    """
    from ovs import stream

    if any(remote.strip().startswith("ssl:") for remote in target.ovsdb.split(",")):
        for name in TLS_FILES:
            _require_readable(target, _option(target, name), getattr(target, name) or "")
        stream.Stream.ssl_set_private_key_file(target.private_key)
        stream.Stream.ssl_set_certificate_file(target.certificate)
        stream.Stream.ssl_set_ca_cert_file(target.ca_cert)


def transact(target: _snapshot.OvsTarget, database: str, operations: t.Sequence[t.Mapping[str, t.Any]]) -> list[t.Any]:
    """The results of one transaction (RFC 7047, 4.1.3) on a connection of its own. Raises Unreachable if nobody
    answers, and HostError if the server refuses.
    """
    try:
        trust(target)
    except ImportError as error:
        raise lacking(target, error) from error
    results: list[t.Any] = first_answer(target, "transact", [database, *operations])
    for result in results:
        if result and result.get("error"):
            raise _errors.HostError(f"The OVSDB at {target.ovsdb} refused: {in_words(json.dumps(result))}.")
    return results


def first_answer(target: _snapshot.OvsTarget, method: str, params: t.Sequence[t.Any]) -> t.Any:
    """What the first remote that answers says. The first of ``params`` is the name of a database."""
    troubles: list[_errors.Unreachable] = []
    for remote in [one.strip() for one in target.ovsdb.split(",")]:
        try:
            answer = _ask(remote, {"method": method, "params": params, "id": 0}, target.timeout)
        except Exception as error:  # noqa: BLE001  # sockets, TLS and the library's own
            troubles.append(_trouble(target, remote, error))
            continue
        if answer.get("error"):
            troubles.append(_errors.Unreachable(f"{remote}: it has no database {params[0]}"))
            continue
        return answer["result"]
    # A certificate is mended by hand: more of the servers that do not answer would not help.
    gravest = max(troubles, key=lambda one: isinstance(one, _errors.Untrusted))
    raise type(gravest)(f"Cannot reach the OVSDB at {'; '.join(map(str, troubles))}.")


def _trouble(target: _snapshot.OvsTarget, remote: str, error: Exception) -> _errors.Unreachable:
    """Why one remote did not answer."""
    # Who does not answer would not do so a second time, after the same patience.
    if remote.startswith("ssl:") and not isinstance(error, TimeoutError):
        files = _tls_look.Files(*((_option(target, name), getattr(target, name) or "") for name in TLS_FILES))
        return _tls_look.trouble(remote, files, target.timeout)
    return _errors.Unreachable(f"{remote}: {getattr(error, 'strerror', None) or error}")


def silence(target: _snapshot.OvsTarget, database: str) -> _errors.Unreachable:
    """Why no server that was named lets us follow the database: who is not the leader of its cluster does not."""
    remotes = [remote.strip() for remote in target.ovsdb.split(",")]
    followers = [remote for remote in remotes if _is_follower(target, remote, database)]
    if not followers:
        return _errors.Unreachable(f"The OVSDB at {target.ovsdb} did not answer within {target.timeout} s.")
    if len(remotes) == 1:
        return _errors.Follower(
            f"The OVSDB at {target.ovsdb} is a follower in its cluster, and only the leader takes what is written. Name"
            f" all servers of the cluster in {target.option}, separated by commas."
        )
    return _errors.Follower(
        f"None of the servers at {target.ovsdb} was the leader of its cluster within {target.timeout} s, and only the"
        " leader takes what is written. More than half of the servers of a cluster must run to have one (ovs-appctl"
        f" cluster/status {database}); name all of them in {target.option}."
    )


def _is_follower(target: _snapshot.OvsTarget, remote: str, database: str) -> bool:
    """Whether the server has the database as a member of a cluster that another one leads (ovsdb-server(7))."""
    wanted = {"op": "select", "table": "Database", "where": [["name", "==", database]], "columns": ["leader"]}
    try:
        answer = _ask(remote, {"method": "transact", "params": ["_Server", wanted], "id": 0}, target.timeout)
        return any(row["leader"] is False for row in answer["result"][0]["rows"])
    except Exception:  # noqa: BLE001  # sockets, TLS, the library's own, and servers without this table
        return False
