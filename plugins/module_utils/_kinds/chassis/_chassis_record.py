# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ovn_chassis changed on the host that other programs use, too: the system-id, and the TLS files. The record says
what was there before.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.chassis import _chassis_spec
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import _ovs
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _ops,
    _ovn,
    _ovn_ops,
    _paths,
    _plan,
    _scope,
)

MACHINE_ID = "/etc/machine-id"
Record = dict[str, dict[str, t.Any]]


def scope(spec: _chassis_spec.ChassisSpec, scope: _scope.Scope) -> None:
    """Add what the plans below read."""
    scope.files |= {_paths.chassis_record(spec.target.ovsdb), _ovn.SYSTEM_ID_FILE, MACHINE_ID}
    for path in vars(spec.ssl).values() if spec.ssl and spec.state != "absent" else ():
        scope.questions.add(_scope.Unreadable(path))


def _read(spec: _chassis_spec.ChassisSpec, planner: _plan.Planner) -> Record:
    path = _paths.chassis_record(spec.target.ovsdb)
    try:
        return dict(json.loads(planner.now.files.get(path) or "{}"))
    except (ValueError, TypeError) as error:
        raise _errors.damaged(path, error, "It says what ovn_chassis found before it changed it.") from error


def _write(spec: _chassis_spec.ChassisSpec, planner: _plan.Planner, record: Record) -> None:
    path = _paths.chassis_record(spec.target.ovsdb)
    text = f"{json.dumps(record, sort_keys=True)}\n" if record else None
    if text != planner.now.files.get(path):
        planner.do(_ops.record(path, text))


# --- the system-id ---


def plan_system_id(spec: _chassis_spec.ChassisSpec, planner: _plan.Planner) -> None:
    """Plan that the file and the column have one id: first the file, from which Open vSwitch's start takes the column,
    then the column.
    """
    if spec.system_id is not None:
        _ovs.require_local(spec.target, planner.now, ("system_id",), spec.path)
    column = planner.now.ovs[spec.target].external_ids.get(_ovn.SYSTEM_ID)
    if not _ovs.is_local(spec.target, planner.now):
        return
    written = _in_file(planner)
    if spec.system_id is None and planner.before.ovs[spec.target].unreachable:
        return  # an Open vSwitch that has never run chooses one when it starts
    wanted = spec.system_id or written or column or _made_up(planner, spec)
    record = _read(spec, planner)
    known = record.get("system_id")
    if spec.system_id is not None and (wanted != written or wanted != column):
        was = (
            {"file": written, "column": column} if known is None else {name: known[name] for name in ("file", "column")}
        )
        if wanted == was["file"] == was["column"]:
            record.pop("system_id", None)  # as it was before us
        else:
            record["system_id"] = {**was, "wrote": wanted}
        _write(spec, planner, record)
    _set_id(spec, planner, wanted, wanted)


def restore_system_id(spec: _chassis_spec.ChassisSpec, planner: _plan.Planner) -> None:
    """Plan that the id of the host is the one from before, unless somebody changed it after us."""
    record = _read(spec, planner)
    known = record.pop("system_id", None)
    if known is None:
        return
    column = planner.now.ovs[spec.target].external_ids.get(_ovn.SYSTEM_ID)
    if known["wrote"] == column == _in_file(planner):
        _set_id(spec, planner, known["file"], known["column"])
    _write(spec, planner, record)


def _set_id(spec: _chassis_spec.ChassisSpec, planner: _plan.Planner, in_file: str | None, column: str | None) -> None:
    if in_file is None:
        if planner.now.files.get(_ovn.SYSTEM_ID_FILE) is not None:
            planner.do(_ops.FileDelete(_ovn.SYSTEM_ID_FILE))
    elif _in_file(planner) != in_file:
        planner.do(_ops.FileWrite(_ovn.SYSTEM_ID_FILE, f"{in_file}\n"))
    if planner.now.ovs[spec.target].external_ids.get(_ovn.SYSTEM_ID) != column:
        planner.do(_ovn_ops.ExternalIdsSet(spec.target, {_ovn.SYSTEM_ID: column}))


def _in_file(planner: _plan.Planner) -> str | None:
    return (planner.now.files.get(_ovn.SYSTEM_ID_FILE) or "").strip() or None


def _made_up(planner: _plan.Planner, spec: _chassis_spec.ChassisSpec) -> str:
    """An id for a host that has none yet. Check mode foretells it, so it is not random."""
    machine = (planner.now.files.get(MACHINE_ID) or "").strip()
    if not machine:
        raise _errors.HostError(
            f"{spec.path}system_id: is missing; this host has neither {_ovn.SYSTEM_ID_FILE} nor {MACHINE_ID} from which"
            " the name of the chassis could be taken."
        )
    return machine


# --- the TLS files ---


def plan_ssl(spec: _chassis_spec.ChassisSpec, planner: _plan.Planner) -> None:
    """Plan the row of table SSL, which ovs-vswitchd uses as well. A row that somebody else wrote is not changed."""
    found, wanted = planner.now.ovs[spec.target].ssl, spec.ssl
    if (wanted is None and not spec.without_ssl) or found == wanted:
        _require_ssl(spec, planner)
        return
    for name, path in vars(wanted).items() if wanted and _ovs.is_local(spec.target, planner.now) else ():
        why = planner.now.answers.get(_scope.Unreadable(path))
        if isinstance(why, str):
            planner.missing(f"Cannot use {name} {path!r} for OVN: {why}. Put the file on the managed node first.")
    record = _read(spec, planner)
    if found is not None and record.get("ssl") != vars(found):
        files = ", ".join(vars(found).values())
        raise _errors.Conflict(
            f"Cannot set the TLS files of OVN: Open vSwitch has others ({files}), which ovs-vswitchd uses, too, and"
            " which no run of netloom wrote. Give those, or delete them first ('ovs-vsctl del-ssl')."
        )
    _set_ssl(spec, planner, record, wanted)


def _require_ssl(spec: _chassis_spec.ChassisSpec, planner: _plan.Planner) -> None:
    ovs = planner.now.ovs[spec.target]
    if "ssl:" in (spec.keys.get(_ovn.REMOTE) or "") and spec.ssl is None and (ovs.ssl is None or spec.without_ssl):
        raise _errors.BadInput(
            f"{spec.path}private_key: is missing; 'ssl:' needs private_key, certificate and ca_cert, and Open vSwitch"
            " has none (table SSL)."
        )


def restore_ssl(spec: _chassis_spec.ChassisSpec, planner: _plan.Planner) -> None:
    """Plan that the row is gone, if it is the one that a run wrote."""
    record, found = _read(spec, planner), planner.now.ovs[spec.target].ssl
    if found is not None and record.get("ssl") == vars(found):
        _set_ssl(spec, planner, record, None)
    elif record.pop("ssl", None) is not None:
        _write(spec, planner, record)


def _set_ssl(spec: _chassis_spec.ChassisSpec, planner: _plan.Planner, record: Record, ssl: _ovn.Ssl | None) -> None:
    record.pop("ssl", None)
    if ssl is not None:
        record["ssl"] = vars(ssl)
    _write(spec, planner, record)
    planner.do(_ovn_ops.SslSet(spec.target, ssl))
