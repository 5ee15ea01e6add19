# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OVSDB by ssl:, with a client's certificate, against a real ovsdb-server: who is not signed by the CA is not spoken
to, on either side.
"""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import socket
import ssl
import threading
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import Unreachable, Untrusted
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Scope
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import OvsTarget
from ansible_collections.netloom.linux.tests.contract.judge import lab_host_only, outcome_of, told

pytestmark = lab_host_only

REMOTE = "ssl:127.0.0.1:6641"


def authority(folder: pathlib.Path, *names: str) -> pathlib.Path:
    """A CA, and a key with its certificate for each name."""
    folder.mkdir()
    new = "openssl req -newkey rsa:2048 -nodes -subj /CN"
    told(f"cd {folder} && {new}=ca -x509 -days 2 -keyout ca.key -out ca.pem")
    for name in names:
        told(f"cd {folder} && {new}={name} -keyout {name}.key -out {name}.csr")
        told(f"cd {folder} && openssl x509 -req -days 2 -in {name}.csr -CA ca.pem -CAkey ca.key -out {name}.pem")
    return folder


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[pathlib.Path]:
    """An ovsdb-server that listens for clients of one CA, and another CA that it does not know."""
    root = tmp_path_factory.mktemp("pki")
    ours, _theirs = authority(root / "ours", "server", "client"), authority(root / "theirs", "client")
    told("systemctl start openvswitch-switch")
    told(f"ovs-vsctl set-ssl {ours}/server.key {ours}/server.pem {ours}/ca.pem -- set-manager pssl:6641:127.0.0.1")
    yield root
    told("ovs-vsctl del-manager -- del-ssl")


def target(pki: pathlib.Path, client: str, trusted: str) -> OvsTarget:
    """The server, spoken to by this CA's client, who trusts that CA."""
    return OvsTarget(REMOTE, f"{pki}/{client}/client.key", f"{pki}/{client}/client.pem", f"{pki}/{trusted}/ca.pem", 5)


@pytest.mark.parametrize("turn", range(10))  # a server's last words must not be lost by chance
@pytest.mark.parametrize(
    ("client", "trusted", "words"),
    [
        ("theirs", "ours", "the server refuses ovsdb_certificate (tlsv1 alert"),
        ("ours", "theirs", "the server's certificate is not valid for ovsdb_ca_cert ("),
    ],
)
def test_who_is_not_signed_is_not_spoken_to(
    pki: pathlib.Path, client: str, trusted: str, words: str, turn: int
) -> None:
    silence, why = silent(target(pki, client, trusted))
    assert silence is Untrusted, (turn, why)
    assert words in why, (turn, why)
    assert "PRIVATE KEY" not in why


def silent(remote: OvsTarget) -> tuple[type[Exception] | None, str]:
    """The sort of error of a database that does not answer, and its words."""
    with contextlib.closing(Host(5)) as host:
        ovs = host.read(Scope(ovs={remote})).ovs[remote]
    return ovs.silence, ovs.unreachable or ""


@contextlib.contextmanager
def served(serve: t.Callable[[socket.socket], None]) -> t.Iterator[str]:
    """A server that does this with the first connection, and then is dead; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def once() -> None:
            link, _address = listener.accept()
            listener.close()
            with link:
                serve(link)

        thread = threading.Thread(target=once)
        thread.start()
        yield f"ssl:127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def dies_in_the_handshake(pki: pathlib.Path, link: socket.socket) -> None:
    """It has read the first message."""
    del pki
    link.recv(1000)


def dies_after_the_handshake(pki: pathlib.Path, link: socket.socket) -> None:
    """It has not read the question."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "ours/server.pem", pki / "ours/server.key")
    context.wrap_socket(link, server_side=True).close()


@pytest.mark.parametrize("dies", [dies_in_the_handshake, dies_after_the_handshake])
def test_who_dies_is_no_stranger(pki: pathlib.Path, dies: t.Callable[[pathlib.Path, socket.socket], None]) -> None:
    with served(lambda link: dies(pki, link)) as remote:
        found = silent(dataclasses.replace(target(pki, "ours", "ours"), ovsdb=remote))
    assert found == (Unreachable, f"Cannot reach the OVSDB at {remote}: Connection refused.")


def test_who_is_dead_or_speaks_no_tls_is_no_stranger(pki: pathlib.Path) -> None:
    told("ovs-vsctl set-manager pssl:6641:127.0.0.1 ptcp:6642:127.0.0.1")
    for port, words in (
        (6642, "the TLS handshake failed (the server closes the connection; does the server speak TLS?)"),
        (6649, "Connection refused"),
    ):
        remote = f"ssl:127.0.0.1:{port}"
        found = silent(dataclasses.replace(target(pki, "ours", "ours"), ovsdb=remote))
        assert found == (Unreachable, f"Cannot reach the OVSDB at {remote}: {words}.")


def test_a_bridge_is_made_and_taken_away(pki: pathlib.Path) -> None:
    files = {"private_key": "client.key", "certificate": "client.pem", "ca_cert": "ca.pem"}
    options = {f"ovsdb_{name}": f"{pki}/ours/{file}" for name, file in files.items()}
    wish = {"name": "secure", "ovs_bridge": [{"name": "secure0", "ovsdb": REMOTE, **options}]}
    for state, bridges in (("present", ["secure0"]), ("absent", [])):
        with contextlib.closing(Host(10)) as host:
            assert outcome_of({**wish, "state": state}, host).changed
        assert told("ovs-vsctl list-br").split() == bridges


@pytest.mark.parametrize("missing", ["private_key", "certificate", "ca_cert"])
def test_a_file_that_is_missing_is_named(pki: pathlib.Path, missing: str) -> None:
    files = {"private_key": "client.key", "certificate": "client.pem", "ca_cert": "ca.pem", missing: "nowhere.pem"}
    options = {f"ovsdb_{name}": f"{pki}/ours/{file}" for name, file in files.items()}
    with contextlib.closing(Host(5)) as host, pytest.raises(Untrusted, match=r"nowhere\.pem"):
        outcome_of({"name": "secure", "ovs_bridge": [{"name": "secure0", "ovsdb": REMOTE, **options}]}, host)
