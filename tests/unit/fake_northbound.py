# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OVN's northbound database without a server: the columns that our kinds know, and rows that a test puts there."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine._entry import Outcome
from ansible_collections.netloom.linux.plugins.module_utils._engine._ovn_topology import marks_of
from ansible_collections.netloom.linux.plugins.module_utils._engine._run import run
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError
from ansible_collections.netloom.linux.plugins.module_utils._model._identity import Book, RowBook
from ansible_collections.netloom.linux.plugins.module_utils._model._northbound import (
    EMPTY,
    MAP,
    OPTIONAL,
    PLAIN,
    SET,
    Column,
    Northbound,
    Place,
    Row,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import Op
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Scope
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Namespace, Snapshot

# Of each table the columns, as ovn-nb(5) has them. s: a string, i: a number, b: a truth value, s? i? b?: maybe none,
# s*: a set of strings, m: a map, =TABLE: rows that live as long as they are named, ~TABLE: rows that live by themselves
# (a set of them; with ?: one or none).
TOLD = {
    "NB_Global": "name:s options:m external_ids:m",
    "Logical_Switch": "name:s ports:=Logical_Switch_Port acls:=ACL load_balancer:~Load_Balancer dns_records:~DNS"
    " qos_rules:=QoS other_config:m external_ids:m",
    "Logical_Switch_Port": "name:s type:s options:m parent_name:s? tag_request:i? tag:i? addresses:s*"
    " dynamic_addresses:s? port_security:s* up:b? enabled:b? dhcpv4_options:~DHCP_Options?"
    " dhcpv6_options:~DHCP_Options? external_ids:m",
    "Logical_Router": "name:s ports:=Logical_Router_Port static_routes:=Logical_Router_Static_Route"
    " policies:=Logical_Router_Policy nat:=NAT load_balancer:~Load_Balancer enabled:b? options:m external_ids:m",
    "Logical_Router_Port": "name:s gateway_chassis:=Gateway_Chassis networks:s* mac:s enabled:b? peer:s?"
    " ipv6_ra_configs:m options:m external_ids:m",
    "Gateway_Chassis": "name:s chassis_name:s priority:i options:m external_ids:m",
    "Logical_Router_Static_Route": "ip_prefix:s nexthop:s policy:s? output_port:s? route_table:s options:m"
    " external_ids:m",
    "Logical_Router_Policy": "priority:i match:s action:s nexthop:s? nexthops:s* options:m external_ids:m",
    "NAT": "type:s external_ip:s logical_ip:s logical_port:s? external_mac:s? allowed_ext_ips:=Address_Set?"
    " gateway_port:~Logical_Router_Port? options:m external_ids:m",
    "QoS": "direction:s priority:i match:s external_ids:m",
    "Load_Balancer_Group": "name:s load_balancer:~Load_Balancer",
    "DHCP_Options": "cidr:s options:m external_ids:m",
    "DNS": "records:m external_ids:m",
    "Port_Group": "name:s ports:~Logical_Switch_Port acls:=ACL external_ids:m",
    "Address_Set": "name:s addresses:s* external_ids:m",
    "ACL": "direction:s priority:i match:s action:s log:b name:s? severity:s? external_ids:m",
    "Load_Balancer": "name:s vips:m protocol:s? health_check:=Load_Balancer_Health_Check ip_port_mappings:m options:m"
    " external_ids:m",
    "Load_Balancer_Health_Check": "vip:s options:m external_ids:m",
}
ROOTS = frozenset(
    {"NB_Global", "Logical_Switch", "Logical_Router", "DHCP_Options", "DNS", "Port_Group", "Address_Set"}
    | {"Load_Balancer", "Load_Balancer_Group"}
)
PLAINS: dict[str, t.Any] = {"s": "", "i": 0, "b": False}


def _column(told: str) -> Column:
    if told[0] in "=~":
        form = OPTIONAL if told.endswith("?") else SET
        return Column(form, told.strip("=~?"), told[0] == "=", EMPTY[form])
    form = {"?": OPTIONAL, "*": SET}.get(told[-1], MAP if told == "m" else PLAIN)
    return Column(form, empty=PLAINS[told] if form == PLAIN else EMPTY[form])


SCHEMA = {
    table: {name: _column(form) for name, form in (one.split(":") for one in told.split())}
    for table, told in TOLD.items()
}


class FakeNorthbound:
    """Stateful. ``lacks``: tables, or columns as 'TABLE.COLUMN', of an older release. ``read_only``: no op may come."""

    def __init__(self, *lacks: str, read_only: bool = False) -> None:
        schema = {
            table: {name: column for name, column in columns.items() if f"{table}.{name}" not in lacks}
            for table, columns in SCHEMA.items()
            if table not in lacks
        }
        self.nb = Northbound("unix:nb.sock", schema, ROOTS, {table: {} for table in schema})
        self.read_only, self.fail_at = read_only, None
        self._ids = itertools.count(1)
        self.given: dict[str, str] = {}  # the ids of rows that the present run made, by those of the plan
        self.add("NB_Global", name="")

    def add(self, table: str, parent: tuple[Place, str] | None = None, **values: t.Any) -> Place:
        """Add a row as another program does, and name it in a column of ``parent``."""
        place = Place(table, f"u{next(self._ids):03}")
        self.nb.put(place, values)
        if parent is not None:
            self.nb.link(*parent, place)
        return place

    def row(self, table: str, name: str) -> Row:
        """The row with this name."""
        (place,) = self.nb.named(table, name)
        return self.nb.row(place)

    def edit(self, table: str, name: str, **values: t.Any) -> None:
        """Change a row as another program does."""
        (place,) = self.nb.named(table, name)
        self.nb.put(place, values)

    def contents(self) -> dict[str, list[t.Any]]:
        """All rows without their ids: what two databases that are equal have in common."""
        return {table: sorted(self._content(table, row) for row in rows.values()) for table, rows in self._rows()}

    def _rows(self) -> list[tuple[str, t.Mapping[str, Row]]]:
        return [(table, rows) for table, rows in sorted(self.nb.tables.items()) if rows]

    def _content(self, table: str, row: Row) -> str:
        told = {}
        for name, value in sorted(row.items()):
            other = self.nb.schema[table][name].refers
            ids = [value] if isinstance(value, str) else value or ()
            told[name] = sorted(self._content(other, self.nb.rows(other)[key]) for key in ids) if other else value
            if isinstance(value, dict):
                told[name] = sorted(value.items())
        return repr(told)

    @contextlib.contextmanager
    def lock(self) -> t.Iterator[None]:
        """Nobody else is here; check mode must not even ask."""
        assert not self.read_only, "check mode takes no lock"
        yield

    def read(self, scope: Scope) -> Snapshot:
        """The database as a host that has no links."""
        del scope
        return Snapshot({None: Namespace(None, links={})}, nb=self.nb.clone())

    def expect(self, snapshot: Snapshot, planned: Snapshot | None = None) -> Book:
        """The rows are known by their ids."""
        self.given.clear()
        return RowBook(snapshot, planned, self.given)

    def do(self, ops: t.Sequence[Op]) -> None:
        """All of it, or nothing."""
        assert not self.read_only, f"check mode writes nothing: {[op.sentence() for op in ops]}"
        if self.fail_at is not None and len(ops) >= self.fail_at:
            raise HostError("the server refuses it")
        now = Snapshot({None: Namespace(None, links={})}, nb=self.nb.clone())
        for op in ops:
            op.effect(now)
        self.nb, given = _with_ids(now.nb, self._ids)
        self.given.update(given)

    def note(self, path: str, text: str) -> None:
        """There are no files."""

    def tree(self, folder: str) -> dict[str, str]:
        """There are no files."""
        del folder
        return {}

    def text(self, path: str) -> str | None:
        """There are no files."""
        del path
        return None


def _with_ids(nb: Northbound, ids: t.Iterator[int]) -> tuple[Northbound, dict[str, str]]:
    """The same rows, where those that a plan made have ids of their own, and these."""
    new = {key: f"u{next(ids):03}" for rows in nb.tables.values() for key in rows if key.startswith("+")}

    def renamed(column: Column, value: t.Any) -> t.Any:
        if not column.refers or not value:
            return value
        return new.get(value, value) if isinstance(value, str) else tuple(sorted(new.get(key, key) for key in value))

    tables = {
        table: {
            new.get(key, key): {name: renamed(nb.schema[table][name], value) for name, value in row.items()}
            for key, row in rows.items()
        }
        for table, rows in nb.tables.items()
    }
    return dataclasses.replace(nb, tables=tables, made=0), new


def run_ovn(host: FakeNorthbound, params: dict[str, t.Any], check: bool = False) -> Outcome:
    """One run of ovn_topology. In check mode, no op may come, and what it tells is what the run then tells."""
    given = {"name": "t1", "state": "present", "purge": True, **params}
    if not check:
        foretold = run_ovn(host, params, check=True)
    host.read_only = check
    try:
        outcome = run(marks_of(given), host, check=check, alone=False, wait=0)
    finally:
        host.read_only = False
    if not check:
        assert (outcome.steps, outcome.warnings) == (foretold.steps, foretold.warnings)
    return outcome


def build(host: FakeNorthbound, params: dict[str, t.Any]) -> list[str]:
    """The sentences of a run, after which a second one has nothing to do."""
    outcome = run_ovn(host, params)
    again = run_ovn(host, params)
    assert again.steps == []
    return outcome.steps
