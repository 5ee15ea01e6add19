# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chassis of OVN on real databases: Open vSwitch's own, and a southbound one on an ovsdb-server of its own, with the
schema that Debian ships. No ovn-controller is here, so nothing moves but what the runs write.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import subprocess
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._engine._entry import Outcome
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb._southbound import Southbounds
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import Conflict
from ansible_collections.netloom.linux.plugins.module_utils._model._ovn import Access, Binding
from ansible_collections.netloom.linux.plugins.module_utils._model._ovn_ops import ChassisAdd, ChassisDelete
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Ovs, OvsTarget
from ansible_collections.netloom.linux.tests.contract.judge import Refusing, lab_host_only, module, outcome_of, told

pytestmark = lab_host_only

ID_FILE = pathlib.Path("/etc/openvswitch/system-id.conf")
TLS = {"private_key": "/etc/hostname", "certificate": "/etc/hosts", "ca_cert": "/etc/passwd"}  # files that are there


@pytest.fixture(name="remote", scope="module")
def _remote(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[str]:
    """A southbound database with the schema out of Debian's package, which is not installed."""
    folder = tmp_path_factory.mktemp("ovn")
    told("systemctl start openvswitch-switch")
    told(
        f"cd {folder}; chmod 777 .; apt-get download ovn-central || (apt-get update && apt-get download ovn-central);"
        " dpkg -x ovn-central_*.deb ."
    )
    told(f"ovsdb-tool create {folder}/sb.db {folder}/usr/share/ovn/ovn-sb.ovsschema")
    command = ["ovsdb-server", f"--remote=punix:{folder}/sb.sock", f"--unixctl={folder}/ctl", "--no-chdir"]
    with subprocess.Popen([*command, f"{folder}/sb.db"], stderr=subprocess.DEVNULL) as server:
        try:
            told(f"for try in $(seq 100); do test -S {folder}/sb.sock && break; sleep 0.05; done")
            yield f"unix:{folder}/sb.sock"
        finally:
            server.terminate()


@pytest.fixture(autouse=True)
def _as_it_was() -> t.Iterator[None]:
    """Each test finds and leaves a host without OVN."""
    before = state()
    yield
    told("ovs-vsctl del-ssl")
    for key in ("ovn-remote", "ovn-encap-ip", "ovn-encap-type", "ovn-bridge-mappings", "ovn-cms-options", "colour"):
        told(f"ovs-vsctl remove open . external_ids {key}")
    told("ovs-vsctl remove open . external_ids ovn-bridge-datapath-type")
    assert state() == before


def state() -> t.Any:
    """What the runs change on the host, as ovs-vsctl tells it."""
    return [
        told("ovs-vsctl get open . external_ids"),
        told("ovs-vsctl --columns=private_key,certificate,ca_cert list ssl"),
        ID_FILE.read_text(),
        told("find /var/lib/netloom -path '*ovn_chassis*' -type f 2>/dev/null || true"),
    ]


def transact(remote: str, *operations: t.Mapping[str, t.Any]) -> t.Any:
    """What another client does."""
    request = json.dumps(["OVN_Southbound", *operations])
    return json.loads(told(f"ovsdb-client --timeout=10 transact {remote} '{request}'"))


def register(remote: str, name: str, address: str) -> None:
    """Write the rows of a chassis, as its ovn-controller does."""
    encap = {"type": "geneve", "ip": address, "chassis_name": name, "options": ["map", [["csum", "true"]]]}
    row = {"name": name, "hostname": f"host-of-{name}", "encaps": ["named-uuid", "e"]}
    row["other_config"] = ["map", [["iface-types", "geneve"]]]
    operations: list[dict[str, t.Any]] = [
        {"op": "insert", "table": "Encap", "uuid-name": "e", "row": encap},
        {"op": "insert", "table": "Chassis", "uuid-name": "c", "row": row},
        {"op": "insert", "table": "Chassis_Private", "row": {"name": name, "chassis": ["named-uuid", "c"]}},
    ]
    assert not [one for one in transact(remote, *operations) if "error" in one]


def rows(remote: str) -> t.Any:
    """The rows of all chassis, without what is new in each life."""
    found = transact(
        remote,
        {"op": "select", "table": "Chassis", "where": [], "columns": ["name", "hostname", "other_config"]},
        {"op": "select", "table": "Encap", "where": [], "columns": ["type", "ip", "chassis_name", "options"]},
        {"op": "select", "table": "Chassis_Private", "where": [], "columns": ["name"]},
    )
    return [sorted(result["rows"], key=str) for result in found]


def forget(remote: str) -> None:
    """Delete all rows of chassis."""
    tables = ("Chassis", "Chassis_Private")
    transact(remote, *({"op": "delete", "table": table, "where": []} for table in tables))


def chassis(remote: str, check: bool = False, **more: t.Any) -> Outcome:
    """A run of the module."""
    return module("ovn_chassis", {"remote": remote, "encap_address": "192.0.2.11", "gateway": True, **more}, check)


def test_a_whole_life(remote: str) -> None:
    told("ovs-vsctl set open . external_ids:colour=red")  # somebody's own key
    before = state()
    foretold = chassis(remote, check=True, system_id="chosen", **TLS)
    assert state() == before
    assert chassis(remote, system_id="chosen", **TLS).steps == foretold.steps
    ids = told("ovs-vsctl get open . external_ids")
    for pair in ("colour=red", "ovn-encap-ip=", "ovn-encap-type=geneve", "system-id=chosen"):
        assert pair in ids
    assert ID_FILE.read_text() == "chosen\n"
    assert told("ovs-vsctl get-ssl").splitlines()[0].endswith(TLS["private_key"])
    assert not chassis(remote, system_id="chosen", **TLS).changed
    told("ovs-vsctl set open . external_ids:ovn-encap-ip=192.0.2.99")
    assert chassis(remote, system_id="chosen", **TLS).steps == [
        "set external_ids of Open vSwitch: ovn-encap-ip=192.0.2.11"
    ]
    assert module("ovn_chassis", {"state": "absent"}).changed
    assert state() == before


def test_keys_that_others_write_at_the_same_time_stay(remote: str) -> None:
    others = [f"other{number}" for number in range(30)]
    loop = f"for key in {' '.join(others)}; do ovs-vsctl set open . external_ids:$key=1; done"
    with subprocess.Popen(["sh", "-c", loop]) as rival:
        turns = 0
        while rival.poll() is None:
            turns += chassis(remote, bridge_mappings={"physnet1": f"br{turns}"}).changed
    assert turns > 1
    ids = told("ovs-vsctl get open . external_ids")
    assert not [key for key in others if f"{key}=" not in ids]
    assert f"physnet1:br{turns - 1}" in ids
    for key in others:
        told(f"ovs-vsctl remove open . external_ids {key}")


def test_open_vswitch_keeps_the_chosen_id_when_it_starts(remote: str) -> None:
    chassis(remote, system_id="chosen")
    told("systemctl restart openvswitch-switch")
    assert told("ovs-vsctl get open . external_ids:system-id").strip() == "chosen"
    module("ovn_chassis", {"state": "absent"})


@pytest.mark.parametrize("number", range(1, 5))
def test_a_failure_at_each_step_is_undone(remote: str, number: int) -> None:
    before = state()
    wish = {"remote": remote, "encap_address": "192.0.2.11", "system_id": "chosen", **TLS}
    host = Refusing(5)
    host.number = number
    with contextlib.closing(host), pytest.raises(Failed, match="refused by the test"):
        outcome_of({"name": "refused", "ovn_chassis": [wish]}, host)
    outcome_of({"name": "refused", "state": "absent"}, Host(5))
    assert state() == before


def test_the_tls_files_of_somebody_else_stay(remote: str) -> None:
    told("ovs-vsctl set-ssl /a/key.pem /a/cert.pem /a/ca.pem")
    with pytest.raises(Conflict, match="no run of netloom wrote"):
        chassis(remote, **TLS)
    assert "/a/key.pem" in told("ovs-vsctl get-ssl")


def test_absent_deletes_the_rows_of_this_host_only(remote: str) -> None:
    own = ID_FILE.read_text().strip()
    chassis(remote)
    register(remote, own, "192.0.2.11")
    register(remote, "node2", "192.0.2.12")
    left = module("ovn_chassis", {"state": "absent"})
    assert f"delete chassis {own} from the southbound database" in left.steps
    assert [[row.get("name", row.get("chassis_name")) for row in table] for table in rows(remote)] == [["node2"]] * 3
    forget(remote)


def test_deleted_rows_come_back_as_they_were(remote: str) -> None:
    register(remote, "node1", "192.0.2.11")
    before = rows(remote)
    seen = Southbounds().read(Ovs(), Access(remote), ())
    access, target = Access(remote), OvsTarget()
    Southbounds().do(ChassisDelete(target, access, seen.chassis["node1"]))
    assert rows(remote) == [[], [], []]
    Southbounds().do(ChassisAdd(target, access, seen.chassis["node1"]))
    assert rows(remote) == before
    Southbounds().do(ChassisAdd(target, access, seen.chassis["node1"]))  # its ovn-controller was faster
    assert rows(remote) == before
    forget(remote)


def test_another_id_takes_the_rows_of_the_old_one_away(remote: str) -> None:
    own = ID_FILE.read_text().strip()
    chassis(remote)
    register(remote, own, "192.0.2.11")
    assert chassis(remote, system_id="chosen").steps[-1] == f"delete chassis {own} from the southbound database"
    assert rows(remote)[0] == []
    module("ovn_chassis", {"state": "absent"})


def test_a_database_that_does_not_answer_is_a_warning(tmp_path: pathlib.Path) -> None:
    nobody = f"unix:{tmp_path}/nobody.sock"
    assert any("cannot be asked" in one for one in chassis(nobody).warnings)
    told_of = module("ovn_chassis", {"state": "absent"})
    assert any("chassis-del" in one for one in told_of.warnings)


def test_bindings_are_read(remote: str) -> None:
    datapath = {"op": "insert", "table": "Datapath_Binding", "uuid-name": "d", "row": {"tunnel_key": 1}}
    options = ["map", [["requested-chassis", "node9"]]]
    row = {"logical_port": "red1", "datapath": ["named-uuid", "d"], "tunnel_key": 1, "options": options}
    transact(remote, datapath, {"op": "insert", "table": "Port_Binding", "row": row})
    seen = Southbounds().read(Ovs(external_ids={"ovn-remote": remote}), None, ("red1", "red2"))
    assert seen.bindings == {"red1": Binding(None, "node9"), "red2": None}


def test_a_port_is_bound_by_one_key(remote: str) -> None:
    """Nobody's keys are lost, and a port that is made again has them all."""
    told("ovs-vsctl --may-exist add-br chassis0 -- set bridge chassis0 datapath_type=netdev")
    wish = {"bridge": "chassis0", "name": "chassis1", "type": "internal", "iface_id": "red1"}
    keys = "ovs-vsctl --no-heading --columns=external_ids list interface chassis1"
    try:
        assert module("ovs_port", wish).changed
        assert told(keys).strip() == "{iface-id=red1}"
        told("ovs-vsctl set interface chassis1 external_ids:vm-id=7 external_ids:ovn-installed=true")
        assert not module("ovs_port", wish).changed
        assert module("ovs_port", {**wish, "iface_id": "red2"}).steps == ["set OVS port chassis1: iface_id=red2"]
        assert told(keys).strip() == '{iface-id=red2, vm-id="7"}'
        told("ip link delete chassis1")
        assert module("ovs_port", {**wish, "iface_id": "red2"}).changed
        assert told(keys).strip() == '{iface-id=red2, vm-id="7"}'
        with contextlib.closing(Host(5)) as host:
            outcome_of({"name": "bound", "ovs_port": [wish]}, host)
            assert told(keys).strip() == '{iface-id=red1, vm-id="7"}'
            outcome_of({"name": "bound", "state": "absent"}, host)
        assert told(keys).strip() == '{iface-id=red2, vm-id="7"}'
        assert module("ovs_port", {**{k: v for k, v in wish.items() if k != "iface_id"}, "clear": ["iface_id"]}).changed
        assert told(keys).strip() == '{vm-id="7"}'
    finally:
        told("ovs-vsctl --if-exists del-br chassis0")
