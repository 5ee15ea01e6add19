# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches of a namespace that several tables may need. They are switched once, and restored when the last of these
tables is deleted.

The record of a namespace has the tables that netns_nat made in it, what each wants for forwarding, which of them
publish ports for the loopback addresses, and the earlier values of the switches.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat import _nat_entries, _nat_rules
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _identity,
    _ops,
    _paths,
    _plan,
    _record_ops,
    _snapshot,
    _stack_ops,
)

KEYS = {4: "net.ipv4.ip_forward", 6: "net.ipv6.conf.all.forwarding"}
LOCALNET = "net.ipv4.conf.all.route_localnet"  # whether packets with a loopback address may leave
SWITCHES = (*KEYS.values(), LOCALNET)


def switch(
    planner: _plan.Planner, subject: _nat_entries.Subject, wanted: bool | None, declared: _nat_rules.Declared
) -> None:
    """Set the switches as wanted (None: as they are), and record their earlier values, for the last table that switched
    them.
    """
    ns, name = subject.ns, subject.name
    record = read(planner.now, ns)
    tables, before = record["tables"], record["before"]
    if wanted is not None:
        for other, theirs in sorted(tables.items()):
            if other != name and theirs is not None and theirs != wanted:
                raise _errors.Conflict(
                    f"{subject.path}ip_forward: is {_said(wanted)}, but netns_nat '{other}' in the same namespace has"
                    f" it {_said(theirs)}; make them agree."
                )
    tables[name] = tables.get(name) if wanted is None else wanted
    keys = [KEYS[4], *([KEYS[6]] if declared.six else [])] if wanted is not None else []
    wishes = dict.fromkeys(keys, "1" if wanted else "0")
    if any(entry.localhost for entry in declared.publish):
        record["localhost"][name] = True
        wishes[LOCALNET] = "1"
    else:
        record["localhost"].pop(name, None)
    sysctl = planner.now.namespaces[ns].sysctl
    differing = {key: value for key, value in wishes.items() if sysctl.get((None, key)) != value}
    for key in differing:
        before.setdefault(key, sysctl.get((None, key)) or "0")  # a new namespace's, which nobody read yet
    back = {} if record["localhost"] else {key: before.pop(key) for key in (LOCALNET,) if key in before}
    _write(planner, ns, record)  # first, because a run that is killed must not forget the earlier values
    _set(planner, ns, {**differing, **back})


def _set(planner: _plan.Planner, ns: _snapshot.NsKey, wishes: t.Mapping[str, str]) -> None:
    for key, value in wishes.items():
        if planner.now.namespaces[ns].sysctl.get((None, key)) != value:
            planner.do(_stack_ops.SysctlSet(ns, None, key, value))


def _said(value: bool) -> str:
    return str(value).lower()


def put_back(planner: _plan.Planner, ns: _snapshot.NsKey, name: str) -> None:
    """Note that one table less needs the switches. After the last one they are restored."""
    record = read(planner.now, ns)
    for wishes in (record["tables"], record["localhost"]):
        wishes.pop(name, None)
    unwanted = [LOCALNET] if not record["localhost"] else []
    unwanted += KEYS.values() if not any(wanted is not None for wanted in record["tables"].values()) else []
    back = {key: record["before"].pop(key) for key in sorted(unwanted) if key in record["before"]}
    _set(planner, ns, back)
    _write(planner, ns, record)


def view(space: _snapshot.Namespace, six: bool) -> bool | None:
    """Whether the namespace forwards; None if IPv4 and IPv6 differ where both matter."""
    found = {space.sysctl.get((None, key)) for family, key in KEYS.items() if family == 4 or six}
    return None if len(found) > 1 or found == {None} else found == {"1"}


def read(now: _snapshot.Snapshot, ns: _snapshot.NsKey) -> dict[str, dict[str, t.Any]]:
    """The record: {tables: {name: true, false or null}, localhost: {name: true}, before: {sysctl: value}}, with the key
    of the namespace.

    A record of another namespace of the same name does not count. Raises Conflict for a damaged record, which is not an
    empty one.
    """
    path = _paths.nat_record(ns)
    try:
        found = json.loads(now.files.get(path) or "{}")
        if "inode" in found and not _identity.is_marked(now.namespaces[ns], found):
            found = {}
        return {key: dict(found.get(key, {})) for key in ("tables", "localhost", "before")}
    except (ValueError, TypeError, AttributeError):
        raise _errors.Conflict(
            f"{path} is damaged, so it is not known how forwarding was before the tables in its namespace. Delete it,"
            " and see to net.ipv4.ip_forward yourself."
        ) from None


def _write(planner: _plan.Planner, ns: _snapshot.NsKey, record: dict[str, dict[str, t.Any]]) -> None:
    path = _paths.nat_record(ns)
    told = {key: value for key, value in record.items() if value or key != "localhost"}
    known = planner.now.files.get(path)
    if not record["tables"]:
        if known is not None:
            planner.do(_ops.FileDelete(path, quiet=True))
    elif known != _record_ops.space_record_of(planner.now.namespaces[ns], told):
        planner.do(_record_ops.SpaceRecord(ns, path, told))
