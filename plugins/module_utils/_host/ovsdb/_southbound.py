# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The southbound database of OVN (ovn-sb(5)), asked about a host's chassis and logical ports. Each question is one
transaction on a connection of its own: the database of a large cloud is not followed for it.
"""

from __future__ import annotations

import json
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb_request
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _ops, _ovn, _ovn_ops, _snapshot

DATABASE = "OVN_Southbound"
# Of a chassis that is restored. nb_cfg is ovn-controller's own.
COLUMNS = ("hostname", "external_ids", "other_config", "transport_zones")
AGAIN = 2.0  # seconds after which a database is asked again that did not answer


class Southbounds:
    """The southbound databases of one run. One that does not answer is not asked at each look."""

    def __init__(self) -> None:
        self._silent: dict[_snapshot.OvsTarget, tuple[float, str]] = {}

    def read(self, ovs: _snapshot.Ovs, access: _ovn.Access | None, iface_ids: t.Collection[str]) -> _ovn.Southbound:
        """The chassis (with an access), and the bindings of these logical ports."""
        remote = (access.remote if access else None) or ovs.external_ids.get(_ovn.REMOTE)
        if not remote:
            return _ovn.Southbound(unreachable="nothing says where it is (external_ids:ovn-remote of Open vSwitch)")
        ssl = (access.ssl if access else None) or ovs.ssl
        found = _ovn.Southbound(remote, ssl)
        if "ssl:" in remote and ssl is None:
            found.unreachable = "'ssl:' needs TLS files, and Open vSwitch has none (table SSL)"
            return found
        target = _target(remote, ssl, access.timeout if access else _ovn.Access.timeout)
        since, why = self._silent.get(target, (-AGAIN, ""))
        if time.monotonic() - since < AGAIN:
            found.unreachable = why
            return found
        try:
            _fill(found, target, access is not None, sorted(iface_ids))
        except _errors.HostError as error:
            found.unreachable = _errors.quoted(error)
            self._silent[target] = (time.monotonic(), found.unreachable)
        return found

    def do(self, op: _ovn_ops.SouthboundOp) -> None:
        """Delete or restore the rows of a chassis. Raises HostError."""
        operations = _ops.performed_by(PERFORM, op)(op.chassis)
        target = _target(op.access.remote or "", op.access.ssl, op.access.timeout)
        try:
            _ovsdb_request.transact(target, DATABASE, operations)
        except _errors.HostError as error:
            raise type(error)(
                f"Cannot {op.sentence()}: {_errors.quoted(error)}. On a host of the database, 'ovn-sbctl chassis-del"
                f" {op.chassis.name}' deletes it."
            ) from error


def claimant(target: _snapshot.OvsTarget, port: str) -> str | None:
    """The chassis that has a logical port; None if none has it. Raises HostError."""
    where = [["logical_port", "==", port]]
    chassis, bound = _ovsdb_request.transact(target, DATABASE, [_select("Chassis"), _select("Port_Binding", where)])
    names = {row["_uuid"][1]: row["name"] for row in chassis["rows"]}
    return _binding(bound["rows"][0], names).chassis if bound["rows"] else None


def _target(remote: str, ssl: _ovn.Ssl | None, timeout: int) -> _snapshot.OvsTarget:
    if ssl is None:
        return _snapshot.OvsTarget(remote, timeout=timeout, option="")
    return _snapshot.OvsTarget(remote, ssl.private_key, ssl.certificate, ssl.ca_cert, timeout, option="")


def _fill(found: _ovn.Southbound, target: _snapshot.OvsTarget, chassis: bool, iface_ids: t.Sequence[str]) -> None:
    ports = [_select("Port_Binding", [["logical_port", "==", one]]) for one in iface_ids]
    results = _ovsdb_request.transact(
        target, DATABASE, [_select("Chassis"), *ports, *([_select("Encap"), _select("Chassis_Private")] * chassis)]
    )
    rows, *others = [result["rows"] for result in results[: len(ports) + 1 + 2 * chassis]]
    names = {row["_uuid"][1]: row["name"] for row in rows}
    for port, bound in zip(iface_ids, others):
        found.bindings[port] = _binding(bound[0], names) if bound else None
    if chassis:
        encaps = {row["_uuid"][1]: (row["type"], row["ip"]) for row in others[-2]}
        private = {row["name"] for row in others[-1]}
        for row in rows:
            ends = tuple(sorted(encaps[one] for one in _uuids(row["encaps"]) if one in encaps))
            rest = json.dumps({name: row[name] for name in COLUMNS if name in row}, sort_keys=True)
            found.chassis[row["name"]] = _ovn.Chassis(row["name"], row["hostname"], ends, row["name"] in private, rest)


def _select(table: str, where: t.Sequence[t.Any] = ()) -> dict[str, t.Any]:
    return {"op": "select", "table": table, "where": list(where)}


def _uuids(value: t.Any) -> list[str]:
    """The UUIDs in a column of references: one alone stands without a set around it (RFC 7047, 5.1)."""
    return [one[1] for one in (value[1] if value[0] == "set" else [value])]


def _binding(row: t.Mapping[str, t.Any], names: t.Mapping[str, str]) -> _ovn.Binding:
    has_it = [names.get(one, one) for one in _uuids(row["chassis"])]
    return _ovn.Binding(has_it[0] if has_it else None, dict(row["options"][1]).get("requested-chassis", ""))


def _deletion(chassis: _ovn.Chassis) -> list[dict[str, t.Any]]:
    """Its rows of Encap go with the row that refers to them."""
    where = [["name", "==", chassis.name]]
    return [{"op": "delete", "table": table, "where": where} for table in ("Chassis", "Chassis_Private")]


def _restoration(chassis: _ovn.Chassis) -> list[dict[str, t.Any]]:
    """Delete whatever has its name, and insert the rows."""
    operations = _deletion(chassis)
    names = []
    for index, (kind, address) in enumerate(chassis.encaps):
        names.append(f"encap{index}")
        row = {"type": kind, "ip": address, "chassis_name": chassis.name, "options": ["map", [["csum", "true"]]]}
        operations.append({"op": "insert", "table": "Encap", "uuid-name": names[-1], "row": row})
    encaps = ["set", [["named-uuid", name] for name in names]]
    row = {**json.loads(chassis.rest), "name": chassis.name, "encaps": encaps}
    operations.append({"op": "insert", "table": "Chassis", "uuid-name": "chassis", "row": row})
    if chassis.private:
        private = {"name": chassis.name, "chassis": ["named-uuid", "chassis"]}
        operations.append({"op": "insert", "table": "Chassis_Private", "row": private})
    return operations


PERFORM: dict[str, t.Callable[[_ovn.Chassis], list[dict[str, t.Any]]]] = {
    "ChassisDelete": _deletion,
    "ChassisAdd": _restoration,
}
