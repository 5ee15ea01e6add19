# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of Open vSwitch: convert rows to those of snapshots, and ops to rows of one transaction."""

from __future__ import annotations

import hashlib
import os
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb_rows, _ovsdb_session
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _ops,
    _ovn,
    _ovn_ops,
    _ovs_ops,
    _snapshot,
)

# The fields of OvsBridge and OvsPort that are written, and those that Open vSwitch gives. The columns of an interface
# are not its port's.
OF_OVN = (_ovn.IFACE_ID, _ovn.INSTALLED, _ovn.INSTALLED_SINCE)
BRIDGE = {
    "datapath_type": _ovsdb_rows.plain("datapath_type", empty=""),
    "fail_mode": _ovsdb_rows.optional("fail_mode"),
    "protocols": _ovsdb_rows.several("protocols"),
    "stp": _ovsdb_rows.plain("stp_enable"),
    "rstp": _ovsdb_rows.plain("rstp_enable"),
    "mcast_snooping": _ovsdb_rows.plain("mcast_snooping_enable"),
    "external_ids": _ovsdb_rows.mapping("external_ids"),
    "other_config": _ovsdb_rows.mapping("other_config"),
}
GIVEN_BRIDGE = {"name": _ovsdb_rows.plain("name"), "datapath_id": _ovsdb_rows.optional("datapath_id")}
PORT = {
    "tag": _ovsdb_rows.optional("tag"),
    "trunks": _ovsdb_rows.several("trunks"),
    "vlan_mode": _ovsdb_rows.optional("vlan_mode"),
    "protected": _ovsdb_rows.plain("protected", empty=False),
    "external_ids": _ovsdb_rows.mapping("external_ids"),
    "other_config": _ovsdb_rows.mapping("other_config"),
}
GIVEN_PORT = {"name": _ovsdb_rows.plain("name"), "fake_bridge": _ovsdb_rows.plain("fake_bridge")}
INTERFACE = {
    "type": _ovsdb_rows.plain("type", empty=""),
    "options": _ovsdb_rows.mapping("options"),
    "mac": _ovsdb_rows.optional("mac"),
    "mtu_request": _ovsdb_rows.optional("mtu_request"),
    "iface_id": _ovsdb_rows.entry("external_ids", _ovn.IFACE_ID),
}
GIVEN_INTERFACE = {
    "ofport": _ovsdb_rows.optional("ofport"),
    "error": _ovsdb_rows.optional("error"),
    "interface_ids": _ovsdb_rows.Column(
        "external_ids", lambda ids: {key: value for key, value in ids.items() if key not in OF_OVN}
    ),
    "ovn_installed": _ovsdb_rows.Column("external_ids", lambda ids: ids.get(_ovn.INSTALLED) == "true"),
}
SSL = {name: _ovsdb_rows.plain(name) for name in ("private_key", "certificate", "ca_cert")}
BRIDGE_FIELDS = (*BRIDGE, "controllers")
PORT_FIELDS = (*INTERFACE, *PORT)
OPEN_VSWITCH = _ovsdb_session.Database(
    "Open_vSwitch",
    root="Open_vSwitch",
    asked="next_cfg",
    reached="cur_cfg",
    tables={  # only what is read or written: Interface.statistics alone is more than all of this
        "Open_vSwitch": ("bridges", "next_cfg", "cur_cfg", "external_ids", "ssl"),
        "Bridge": ("ports", "controller", *(column.name for column in (*BRIDGE.values(), *GIVEN_BRIDGE.values()))),
        "Port": ("interfaces", *(column.name for column in (*PORT.values(), *GIVEN_PORT.values()))),
        "Interface": ("name", *sorted({column.name for column in (*INTERFACE.values(), *GIVEN_INTERFACE.values())})),
        "Controller": ("target",),
        "SSL": tuple(SSL),
    },
)


def root_of(row: t.Any) -> _snapshot.Ovs:
    """Convert the row of table Open_vSwitch, without bridges and ports. None: nobody initialised the database."""
    if row is None:
        return _snapshot.Ovs()
    ssl = _ovsdb_rows.first(row.ssl)
    files = _ovn.Ssl(**_ovsdb_rows.fields_of(ssl, SSL)) if ssl is not None else None
    return _snapshot.Ovs(external_ids=dict(row.external_ids), ssl=files, uuid=str(row.uuid))


def bridge_of(row: t.Any) -> _snapshot.OvsBridge:
    """Convert a row of table Bridge."""
    controllers = tuple(sorted(one.target for one in row.controller))
    return _snapshot.OvsBridge(
        **_ovsdb_rows.fields_of(row, {**BRIDGE, **GIVEN_BRIDGE}), controllers=controllers, uuid=str(row.uuid)
    )


def port_of(row: t.Any, bridge: str) -> _snapshot.OvsPort:
    """Convert a row of table Port with the interface of the same name, or (for a bond) with the first interface."""
    interfaces = sorted(row.interfaces, key=lambda one: (one.name != row.name, one.name))
    device = _ovsdb_rows.fields_of(interfaces[0], {**INTERFACE, **GIVEN_INTERFACE}) if interfaces else {}
    names = tuple(interface.name for interface in interfaces)
    return _snapshot.OvsPort(
        **_ovsdb_rows.fields_of(row, {**PORT, **GIVEN_PORT}),
        **device,
        bridge=bridge,
        interfaces=names,
        uuid=str(row.uuid),
    )


def mac_for(database: str, port: str) -> str:
    """A locally administered unicast address (IEEE 802, the second-lowest bit of the first byte), the same whenever the
    port is made.

    So a port that somebody deleted gets it back, and the neighbours' ARP caches still lead to it. ``database``: the
    UUID of its root row; the host's name keeps copies of one disk apart.
    """
    digest = hashlib.sha256(f"{os.uname().nodename}/{database}/{port}".encode()).digest()
    return ":".join(f"{byte:02x}" for byte in (0x02, *digest[:5]))


class Writer:
    """Fills one transaction. Rows that it adds are found by name, like existing rows."""

    def __init__(self, session: _ovsdb_session.Session, txn: t.Any) -> None:
        self.session = session
        self.txn = txn
        self.bridges = {row.name: row for row in session.rows("Bridge")}
        self.ports = {port.name: (bridge, port) for bridge in self.bridges.values() for port in bridge.ports}

    def write(self, op: _ovs_ops.OvsOp) -> None:
        """Add one op to the transaction."""
        _ops.performed_by(PERFORM, op)(self, op)

    def bridge_delete(self, op: _ovs_ops.OvsBridgeDelete) -> None:
        """Delete a bridge. Bridge, Port and Interface are not root tables: OVSDB deletes rows that nothing refers
        to.
        """
        self.session.root.delvalue("bridges", self._bridge(op.name))
        del self.bridges[op.name]

    def bridge_set(self, op: _ovs_ops.OvsBridgeSet) -> None:
        """Write columns of a bridge."""
        self._set_bridge(self._bridge(op.name), op.changes)

    def port_add(self, op: _ovs_ops.OvsPortAdd) -> None:
        """Add a port with its interface."""
        port = op.port
        columns = {
            field: getattr(port, field) for field in PORT_FIELDS if getattr(port, field) not in (None, "", (), {})
        }
        bound = columns.pop("iface_id", None)
        ids = {**port.interface_ids, **({_ovn.IFACE_ID: bound} if bound is not None else {})}
        if port.type == "internal":
            # Unset, each re-creation of the device draws another MAC, and the neighbours' ARP entries blackhole it.
            columns.setdefault("mac", mac_for(str(self.session.root.uuid), op.port.name))
        self._add_port(self._bridge(port.bridge), port.name, columns, ids)

    def port_delete(self, op: _ovs_ops.OvsPortDelete) -> None:
        """Delete a port with its interface."""
        bridge, row = self._port(op.name)
        bridge.delvalue("ports", row)
        del self.ports[op.name]

    def port_set(self, op: _ovs_ops.OvsPortSet) -> None:
        """Write columns of a port and of its interface."""
        self._set_port(self._port(op.name)[1], op.changes)

    def _bridge(self, name: str) -> t.Any:
        if name not in self.bridges:
            raise _errors.HostError(
                f"OVS bridge '{name}' has vanished from the OVSDB at {self.session.target.ovsdb} meanwhile."
            )
        return self.bridges[name]

    def _port(self, name: str) -> tuple[t.Any, t.Any]:
        if name not in self.ports:
            raise _errors.HostError(
                f"OVS port '{name}' has vanished from the OVSDB at {self.session.target.ovsdb} meanwhile."
            )
        return self.ports[name]

    def _insert(self, table: str) -> t.Any:
        return self.session.insert(self.txn, table)

    def bridge_add(self, op: _ovs_ops.OvsBridgeAdd) -> None:
        """Add a bridge with its local port."""
        if op.bridge.name in self.bridges:
            raise _errors.HostError(f"OVS bridge '{op.bridge.name}' has meanwhile been made by somebody else.")
        row = self._insert("Bridge")
        row.name = op.bridge.name
        self.session.root.addvalue("bridges", row)
        self.bridges[op.bridge.name] = row
        fields = {field: getattr(op.bridge, field) for field in BRIDGE_FIELDS}
        self._set_bridge(
            row, {field: value for field, value in fields.items() if value not in (None, "", (), {}, False)}
        )
        # Every bridge has a local port of its own name (ovs-vswitchd.conf.db(5), "Bridge").
        # Its MAC is not Interface.mac, which OVS ignores there, but the bridge's other_config:hwaddr.
        self._add_port(row, op.bridge.name, {"type": "internal"})

    def _set_bridge(self, row: t.Any, changes: t.Mapping[str, t.Any]) -> None:
        for field, value in changes.items():
            if field == "controllers":
                controllers = []
                for target in value or ():
                    controller = self._insert("Controller")
                    controller.target = target
                    controllers.append(controller)
                row.controller = controllers
            else:
                _ovsdb_rows.set_fields(row, BRIDGE, {field: value})

    def _add_port(
        self, bridge: t.Any, name: str, columns: t.Mapping[str, t.Any], ids: t.Mapping[str, str] | None = None
    ) -> None:
        if name in self.ports:
            raise _errors.HostError(
                f"OVS port '{name}' has meanwhile been made on bridge '{self.ports[name][0].name}' by somebody else."
            )
        port, interface = self._insert("Port"), self._insert("Interface")
        port.name = interface.name = name
        port.interfaces = [interface]
        bridge.addvalue("ports", port)
        self.ports[name] = (bridge, port)
        self._set_columns(port, interface, columns)
        if ids:
            interface.external_ids = dict(ids)

    def _set_port(self, port: t.Any, changes: t.Mapping[str, t.Any]) -> None:
        mine = [row for row in port.interfaces if row.name == port.name]
        if set(changes) & set(INTERFACE) and not mine:
            raise _errors.HostError(
                f"OVS port '{port.name}' has no interface of its own name (a bond?), so {', '.join(changes)} cannot be"
                " set."
            )
        self._set_columns(port, mine[0] if mine else None, changes)

    def external_ids_set(self, op: _ovn_ops.ExternalIdsSet) -> None:
        """Write keys of Open_vSwitch.external_ids."""
        for key, value in op.keys.items():
            _ovsdb_rows.set_key(self.session.root, "external_ids", key, value)

    def ssl_set(self, op: _ovn_ops.SslSet) -> None:
        """Write the row of table SSL. It is no root table: OVSDB deletes rows that nothing refers to."""
        if op.ssl is None:
            self.session.root.ssl = []
            return
        row = _ovsdb_rows.first(self.session.root.ssl) or self._insert("SSL")
        _ovsdb_rows.set_fields(row, SSL, vars(op.ssl))
        self.session.root.ssl = [row]

    @staticmethod
    def _set_columns(port: t.Any, interface: t.Any, changes: t.Mapping[str, t.Any]) -> None:
        for row, columns in ((interface, INTERFACE), (port, PORT)):
            _ovsdb_rows.set_fields(row, columns, {field: value for field, value in changes.items() if field in columns})
        if "iface_id" in changes:  # what ovn-controller said of the logical port before does not hold for another one
            for key in (_ovn.INSTALLED, _ovn.INSTALLED_SINCE):
                _ovsdb_rows.set_key(interface, "external_ids", key, None)


PERFORM: dict[str, t.Callable[[Writer, t.Any], None]] = {
    "OvsBridgeAdd": Writer.bridge_add,
    "OvsBridgeDelete": Writer.bridge_delete,
    "OvsBridgeSet": Writer.bridge_set,
    "OvsPortAdd": Writer.port_add,
    "OvsPortDelete": Writer.port_delete,
    "OvsPortSet": Writer.port_set,
    "ExternalIdsSet": Writer.external_ids_set,
    "SslSet": Writer.ssl_set,
}
