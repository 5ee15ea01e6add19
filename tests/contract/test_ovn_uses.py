# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of others that refer to rows of a topology, by each column of the server's schema that can: when the topology
goes, what they refer to stays, or a step names the list that becomes shorter.
"""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.tests.contract import northbound, schemas
from ansible_collections.netloom.linux.tests.contract.judge import lab_host_only
from ansible_collections.netloom.linux.tests.contract.test_ovn_kinds import both, whole

pytestmark = [lab_host_only, northbound.needs_server]
GONE = {"name": "tenants", "state": "absent"}
# The rows of the topology that others refer to, by their tables; of a table without names the only one.
OURS = {
    "Address_Set": "office",
    "DHCP_Options": None,
    "DNS": None,
    "Load_Balancer": "front",
    "Logical_Router_Port": "edge-red",
    "Logical_Switch_Port": "red1",
    "Port_Group": "web",
}


def references(schema: t.Any) -> list[tuple[str, str]]:
    """The columns that refer to rows of these tables, but for the lists of a row's own parts."""
    found = []
    for table, told in sorted(schema["tables"].items()):
        for column in sorted(told["columns"]):
            key = key_of(schema, table, column)
            to = key.get("refTable")
            part = key.get("refType", "strong") == "strong" and not schema["tables"].get(to, {}).get("isRoot")
            if to in OURS and not (part and is_set(schema, table, column)):
                found.append((table, column))
    return found


def key_of(schema: t.Any, table: str, column: str) -> dict[str, t.Any]:
    """What a column holds."""
    told = schema["tables"][table]["columns"][column]["type"]
    key = told["key"] if isinstance(told, dict) else told
    return key if isinstance(key, dict) else {"type": key}


def is_set(schema: t.Any, table: str, column: str) -> bool:
    """Whether a column may hold several."""
    told = schema["tables"][table]["columns"][column]["type"]
    return isinstance(told, dict) and told.get("max", 1) != 1


def row_of(schema: t.Any, table: str, values: dict[str, t.Any]) -> dict[str, t.Any]:
    """A row that the server takes: what must have a value has the least that may be."""
    row = dict(values)
    for column, told in schema["tables"][table]["columns"].items():
        key = key_of(schema, table, column)
        if column == "name":
            row[column] = "theirs"
        elif isinstance(told["type"], dict) and told["type"].get("min", 1) == 1 and "value" not in told["type"]:
            least = {"enum": key.get("enum", ["set", [None]])[1][0], "minInteger": key.get("minInteger")}
            found = next((one for one in least.values() if one is not None), None)
            row.setdefault(column, next(iter(values.values())) if "refTable" in key else found)
    return row


def holding(schema: t.Any, table: str) -> tuple[str, str] | None:
    """The table and the column that keep the rows of a table alive. None: they live by themselves."""
    if schema["tables"][table].get("isRoot"):
        return None
    return next(
        (other, column)
        for other, told in sorted(schema["tables"].items(), reverse=True)
        for column in told["columns"]
        if key_of(schema, other, column).get("refTable") == table and is_set(schema, other, column)
        if key_of(schema, other, column).get("refType", "strong") == "strong"
    )


def insert(server: northbound.Server, schema: t.Any, table: str, column: str, ours: t.Any) -> None:
    """Insert a row of another program, with what keeps it alive."""
    operations = [
        {"op": "insert", "table": table, "uuid-name": "row0", "row": row_of(schema, table, {column: ours})},
    ]
    while (above := holding(schema, operations[-1]["table"])) is not None:
        named = ["named-uuid", operations[-1]["uuid-name"]]
        row = row_of(schema, above[0], {above[1]: named})
        operations.append({"op": "insert", "table": above[0], "uuid-name": f"row{len(operations)}", "row": row})
    server.transact(*operations)


def ours_in(server: northbound.Server, table: str) -> t.Any:
    """The topology's row of a table."""
    rows = [row for row in server.rows()[table].values() if OURS[table] in (None, row.get("name"))]
    return rows[0]["_uuid"]


def drop_theirs(server: northbound.Server, schema: t.Any) -> None:
    """Delete what the other program inserted."""
    server.transact(
        *(
            {"op": "delete", "table": table, "where": [["name", "==", "theirs"]]}
            for table, told in schema["tables"].items()
            if told.get("isRoot") and "name" in told["columns"]
        )
    )


@pytest.mark.parametrize("release", schemas.RELEASES)
def test_what_others_refer_to_stays_or_is_named(tmp_path: pathlib.Path, release: str) -> None:
    schema = json.loads(schemas.schema(release).read_text())
    with northbound.serving(tmp_path / "nb", schemas.schema(release)) as server:
        empty = server.picture()
        for table, column in references(schema):
            northbound.apply(server.remote, whole(release))
            insert(server, schema, table, column, ours_in(server, key_of(schema, table, column)["refTable"]))
            outcome = northbound.apply(server.remote, GONE, check=True)
            told = [*outcome.steps, *outcome.warnings]
            assert any(" theirs" in one for one in told), (table, column, told)
            both(server, GONE)
            left = [
                row
                for row in server.rows()[table].values()
                if row[column] != ["set", []] or is_set(schema, table, column)
            ]
            assert left, (table, column, "lost what it referred to")
            drop_theirs(server, schema)
            both(server, GONE)
            assert server.picture() == empty, (table, column)


def test_a_port_that_others_cannot_be_without_is_not_deleted(tmp_path: pathlib.Path) -> None:
    schema = json.loads(schemas.schema("newest").read_text())
    with northbound.serving(tmp_path / "nb", schemas.schema("newest")) as server:
        northbound.apply(server.remote, whole("newest"))
        insert(server, schema, "Network_Function", "inport", ours_in(server, "Logical_Switch_Port"))
        before = server.picture()
        for check in (True, False):
            with pytest.raises(NetloomError) as told:
                northbound.module(
                    server.remote, "ovn_port", {"switch": "red", "name": "red1", "state": "absent"}, check
                )
            assert str(told.value).startswith(
                "Cannot delete OVN port red1: 'red1' is outport of Network_Function 'theirs'"
            )
        assert server.picture() == before
