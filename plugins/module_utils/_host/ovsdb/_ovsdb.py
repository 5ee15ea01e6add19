# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open vSwitch: read an OVSDB, write to it in as few transactions as possible, wait for ovs-vswitchd."""

from __future__ import annotations

import functools
import socket
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb_rows, _ovsdb_session, _ovsdb_write
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _ops, _ovn, _ovs_ops, _snapshot

# ovs-vswitchd deletes a tap in about 20 ms (the kernel waits for an RCU grace period) and makes one in 2 ms.
SECONDS_PER_PORT = 0.05
TAKEN_BACK_WITHIN = 2.0
START = 2.0  # ovs-vswitchd's


def system_datapath() -> bool:
    """Whether the kernel has Open vSwitch's datapath: the generic netlink family ovs_datapath.

    The families are *listed*: to ask for one by its name makes the kernel load the module (genl_ctrl's
    CTRL_CMD_GETFAMILY calls request_module()), which a check must not do. Nothing has to be loaded here anyway:
    ovs-vswitchd asks by name when it starts, and keeps the answer until it ends (dpif_netlink_init()).
    """
    nlm_f_request, nlm_f_dump, nlmsg_error, nlmsg_done, genl_id_ctrl, ctrl_cmd_getfamily = 1, 0x300, 2, 3, 16, 3
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 16) as control:  # 16: NETLINK_GENERIC
        control.settimeout(5)
        control.sendto(
            struct.pack("=IHHIIBBH", 20, genl_id_ctrl, nlm_f_request | nlm_f_dump, 1, 0, ctrl_cmd_getfamily, 1, 0),
            (0, 0),
        )
        while True:
            answer = control.recv(1 << 16)
            if b"\0ovs_datapath\0" in answer:
                return True
            while answer:  # the end of the dump may share a datagram with the last family
                length, kind = struct.unpack_from("=IH", answer)
                if kind in (nlmsg_error, nlmsg_done):
                    return False
                answer = answer[(length + 3) & ~3 :]


def _groups(wanted: t.Sequence[_ovs_ops.OvsOp], ports: t.Mapping[str, str]) -> list[list[_ovs_ops.OvsOp]]:
    """The ops in as few transactions as possible; ``ports`` maps each port's name to its bridge's.

    A row that is deleted and added again in one transaction looks unchanged to ovs-vswitchd, which then heals
    nothing: the addition, and what follows it on that row, goes into the next transaction. Rows do not depend on
    each other, except ports on their bridge, so two transactions heal any number of ports.
    """
    groups: list[list[_ovs_ops.OvsOp]] = []
    earliest: dict[str, int] = {}  # row -> the first transaction in which it may be written
    home = dict(ports)
    for op in wanted:
        bridge = op.port.bridge if isinstance(op, _ovs_ops.OvsPortAdd) else home.get(op.row, op.row)
        turn = max(earliest.get(op.row, 0), earliest.get(bridge, 0))
        if isinstance(op, _ovs_ops.OvsPortAdd):
            home[op.row] = bridge
        while len(groups) <= turn:
            groups.append([])
        groups[turn].append(op)
        earliest[op.row] = turn
        if isinstance(op, _ovs_ops.OvsPortDelete):
            earliest[op.row] = turn + 1
        elif isinstance(op, _ovs_ops.OvsBridgeDelete):
            earliest.update(dict.fromkeys((op.row, *(port for port, of in home.items() if of == op.row)), turn + 1))
    return [group for group in groups if group]


def _name(row: t.Any) -> str:
    return str(row.name)


class OvsConnections:
    """The connections of one run: opened at the first use, reused, closed at the end of the run."""

    def __init__(self) -> None:
        self._open: dict[_snapshot.OvsTarget, _ovsdb_session.Session] = {}
        self._given_up: set[_snapshot.OvsTarget] = set()  # those whose datapaths were waited for in vain

    def close(self) -> None:
        """Close them all."""
        while self._open:
            self._open.popitem()[1].close()

    def read(self, target: _snapshot.OvsTarget) -> _snapshot.Ovs:
        """What the database holds; an unreachable one is an answer, not an error."""
        try:
            session = self._session(target)
        except _errors.Unreachable as error:
            return _snapshot.Ovs(unreachable=str(error), silence=type(error))
        session.refresh()
        self._let_start(target, session)
        found = _ovsdb_write.root_of(session.root)
        # By name, so that plans have one order: the rows come in the order of their random UUIDs.
        for row in sorted(session.rows("Bridge"), key=_name):
            found.bridges[row.name] = _ovsdb_write.bridge_of(row)
            for port in sorted(row.ports, key=_name):
                found.ports[port.name] = _ovsdb_write.port_of(port, row.name)
        return found

    def _let_start(self, target: _snapshot.OvsTarget, session: _ovsdb_session.Session) -> None:
        """Wait once for the datapaths of an ovs-vswitchd that has just started. Later it never gets those that it still
        lacks.
        """
        if target not in self._given_up and not session.until(
            lambda: all(row.datapath_id for row in session.rows("Bridge")), START
        ):
            self._given_up.add(target)

    def apply(self, batch: t.Sequence[_ops.Op], wait: float) -> None:
        """Write the ops, all on one database, and wait until ovs-vswitchd has acted on them: all, or nothing.

        Raises HostError when the database refuses, or ovs-vswitchd does not confirm within ``wait`` seconds (and
        what it needs for each port), or could not do it; what was written is then taken back.
        """
        wanted = t.cast("t.Sequence[_ovs_ops.OvsOp]", batch)
        target = wanted[0].target
        session = self._session(target)
        if session.root is None:
            raise _errors.HostError(
                f"The OVSDB at {target.ovsdb} has never been used by ovs-vswitchd; start Open vSwitch (systemctl start"
                " openvswitch-switch)."
            )
        before = self.read(target)
        written: list[_ovs_ops.OvsOp] = []
        try:
            for group in _groups(wanted, {port.name: port.bridge for port in before.ports.values()}):
                self._transact(session, group, wait, before, written)
        except BaseException as error:  # includes Ctrl-C, so that nothing stays half-built
            try:
                self._take_back(session, before, written)
            except _errors.HostError as second:
                raise _errors.Uncertain(f"{error} It could not be taken back out of OVSDB: {second}") from error
            if written and isinstance(error, _errors.HostError):
                raise type(error)(f"{error} What was written to OVSDB for it is taken back.") from error
            raise

    def insist(self, batch: t.Sequence[_ops.Op], wait: float) -> None:
        """Write the ops, and let them stand whatever ovs-vswitchd makes of them within ``wait`` seconds: it acts on
        them when it starts again. Raises HostError if the database does not take them.
        """
        wanted = t.cast("t.Sequence[_ovs_ops.OvsOp]", batch)
        session, before = self._session(wanted[0].target), self.read(wanted[0].target)
        self._write_all(session, wanted, before, wait)

    def _write_all(
        self, session: _ovsdb_session.Session, ops: t.Sequence[_ovs_ops.OvsOp], before: _snapshot.Ovs, wait: float
    ) -> None:
        written: list[_ovs_ops.OvsOp] = []
        for group in _groups(ops, {port.name: port.bridge for port in before.ports.values()}):
            configuration = self._commit(session, group, before, written)
            session.until(lambda: session.reached >= (configuration or 0), wait)  # noqa: B023

    def _session(self, target: _snapshot.OvsTarget) -> _ovsdb_session.Session:
        if target not in self._open:
            self._open[target] = _ovsdb_session.Session(target, _ovsdb_write.OPEN_VSWITCH)
        return self._open[target]

    def _transact(
        self,
        session: _ovsdb_session.Session,
        group: t.Sequence[_ovs_ops.OvsOp],
        wait: float,
        before: _snapshot.Ovs,
        written: list[_ovs_ops.OvsOp],
    ) -> None:
        patience = wait + SECONDS_PER_PORT * max(len(group), len(session.rows("Port")))
        configuration = self._commit(session, group, before, written)
        if configuration is not None and not session.until(lambda: session.reached >= configuration, patience):
            more = f" (and {len(group) - 1} more)" if len(group) > 1 else ""
            raise _errors.HostError(
                f"'{group[0].sentence()}'{more} is written to OVSDB, but ovs-vswitchd did not confirm it within"
                f" {patience:.0f} s; is it running?"
            )
        _judge(session, group)

    def _commit(
        self,
        session: _ovsdb_session.Session,
        group: t.Sequence[_ovs_ops.OvsOp],
        before: _snapshot.Ovs,
        written: list[_ovs_ops.OvsOp],
    ) -> int | None:
        """Commit one group after those already ``written`` since ``before`` was read."""

        def is_done() -> bool:
            foretold = _alone(session.target, before)
            for op in (*written, *group):
                op.effect(foretold)
            wanted, now = foretold.ovs[session.target], self.read(session.target)
            return all(
                _agree(now.bridges.get(op.row), wanted.bridges.get(op.row), _ovsdb_write.BRIDGE_FIELDS)
                and _agree(now.ports.get(op.row), wanted.ports.get(op.row), _ovsdb_write.PORT_FIELDS)
                and (op.row != _ovn.ROOT or _agree(now, wanted, ("external_ids", "ssl")))
                for op in group
            )

        configuration = session.commit(functools.partial(_fill, session, group), is_done)
        written.extend(group)
        return configuration

    def _take_back(
        self, session: _ovsdb_session.Session, before: _snapshot.Ovs, written: t.Sequence[_ovs_ops.OvsOp]
    ) -> None:
        """Undo what was written, without asking whether ovs-vswitchd likes it. Raises HostError."""
        foretold = _alone(session.target, before)
        inverses: list[_ovs_ops.OvsOp] = []
        for op in written:
            inverses[:0] = [one for one in op.inverse(foretold) if isinstance(one, _ovs_ops.OvsOp)]
            op.effect(foretold)
        self._write_all(session, inverses, foretold.ovs[session.target], TAKEN_BACK_WITHIN)


def _alone(target: _snapshot.OvsTarget, ovs: _snapshot.Ovs) -> _snapshot.Snapshot:
    """A snapshot of nothing but a database, for ops to take effect on."""
    return _snapshot.Snapshot({None: _snapshot.Namespace(None)}, {target: ovs}).clone()


def _agree(found: t.Any, wanted: t.Any, fields: t.Iterable[str]) -> bool:
    """Whether a row is as predicted, or deleted as predicted. If no MAC was given, we choose one
    (_ovsdb_write.mac_for).
    """
    if found is None or wanted is None:
        return found is wanted
    return all(
        getattr(found, field) == getattr(wanted, field) or (field == "mac" and wanted.mac is None) for field in fields
    )


def _fill(session: _ovsdb_session.Session, group: t.Sequence[_ovs_ops.OvsOp], txn: t.Any) -> None:
    writer = _ovsdb_write.Writer(session, txn)
    for op in group:
        writer.write(op)


def _judge(session: _ovsdb_session.Session, group: t.Sequence[_ovs_ops.OvsOp]) -> None:
    """Raise an error for what ovs-vswitchd could not do. It reports that only in these columns."""
    bridges = {row.name: row for row in session.rows("Bridge")}
    for op in group:
        if isinstance(op, _ovs_ops.OvsBridgeAdd) or (
            isinstance(op, _ovs_ops.OvsBridgeSet) and "datapath_type" in op.changes
        ):
            row = bridges.get(op.row)
            if row is not None and not row.datapath_id:
                raise _errors.HostError(_no_datapath(op.row, row.datapath_type or "system"))
    added = {
        op.row: op
        for op in group
        if isinstance(op, _ovs_ops.OvsPortAdd)
        or (isinstance(op, _ovs_ops.OvsPortSet) and {"type", "options"} & set(op.changes))
    }
    if not added:
        return
    by_name = {row.name: row for row in session.rows("Interface")}
    for name in added:
        row = by_name.get(name)
        if row is not None and row.type == "patch":
            continue  # without its peer it has an error, and the peer may come later
        if row is not None and (
            _ovsdb_rows.first(row.ofport) in (None, -1) or _ovsdb_rows.first(row.error) or len(name.encode()) > 15
        ):
            raise _errors.HostError(f"ovs-vswitchd could not make port '{name}': {_reason(row)}")
        if row is not None and row.type == "internal" and session.target.ovsdb.startswith("unix:"):
            _device(name)


def _no_datapath(bridge: str, kind: str) -> str:
    if kind == "system" and not system_datapath():
        return (
            f"OVS bridge '{bridge}' has no datapath: this kernel lacks Open vSwitch's (generic netlink family"
            " ovs_datapath), so datapath_type 'system' cannot work. Take datapath_type 'auto' or 'netdev', or load the"
            " module openvswitch and restart ovs-vswitchd."
        )
    return (
        f"OVS bridge '{bridge}' has no datapath: ovs-vswitchd could not make one of type '{kind}'; its log"
        " (/var/log/openvswitch/ovs-vswitchd.log) says why."
    )


def _reason(row: t.Any) -> str:
    if len(row.name.encode()) > 15:
        return f"its name has {len(row.name.encode())} bytes, and the kernel takes at most 15."
    error = _ovsdb_rows.first(row.error)
    if error:
        return f"{'; '.join(_errors.quoted(error).splitlines())}."
    return "it gave it no OpenFlow port number and no reason. Does its bridge have a datapath?"


def _device(name: str) -> None:
    """Raise an error if an internal port's device is missing here. It is made where ovs-vswitchd runs, which may be
    another namespace.
    """
    try:
        socket.if_nametoindex(name)
    except OSError:
        raise _errors.HostError(
            f"ovs-vswitchd made port '{name}', but its device is not in this network namespace; does ovs-vswitchd run"
            " in another one (a container)?"
        ) from None
