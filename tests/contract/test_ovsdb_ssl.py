# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OVSDB by ssl:, with a client's certificate, against a real ovsdb-server: who is not signed by the CA is not spoken
to, on either side.
"""

from __future__ import annotations

import contextlib
import pathlib
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import Untrusted
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


@pytest.mark.parametrize(("client", "trusted"), [("theirs", "ours"), ("ours", "theirs")])
def test_who_is_not_signed_is_not_spoken_to(pki: pathlib.Path, client: str, trusted: str) -> None:
    with contextlib.closing(Host(5)) as host:
        stranger = target(pki, client, trusted)
        ovs = host.read(Scope(ovs={stranger})).ovs[stranger]
    assert ovs.unreachable
    assert "PRIVATE KEY" not in ovs.unreachable
    assert ovs.silence is Untrusted, ovs.unreachable


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
