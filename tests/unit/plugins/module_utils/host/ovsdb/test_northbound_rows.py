# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the northbound database: what the server tells of them in JSON, and the JSON of a transaction."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _northbound_rows, _northbound_writer
from ansible_collections.netloom.linux.plugins.module_utils._model import _northbound, _northbound_ops
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import Conflict

STRING_MAP = {"key": "string", "value": "string", "min": 0, "max": "unlimited"}
STRONG = {"key": {"type": "uuid", "refTable": "Port"}, "min": 0, "max": "unlimited"}
WEAK = {"key": {"type": "uuid", "refTable": "Answer", "refType": "weak"}, "min": 0, "max": 1}
TOLD: dict[str, t.Any] = {
    "tables": {
        "NB_Global": {"columns": {"nb_cfg": {"type": "integer"}, "nb_cfg_timestamp": {"type": "integer"}}},
        "SSL": {"columns": {}},
        "Switch": {"isRoot": True, "columns": {"name": {"type": "string"}, "ports": {"type": STRONG}}},
        "Port": {
            "columns": {
                "name": {"type": "string"},
                "tag": {"type": {"key": "integer", "min": 0, "max": 1}},
                "addresses": {"type": {"key": "string", "min": 0, "max": "unlimited"}},
                "answer": {"type": WEAK},
                "ids": {"type": STRING_MAP},
            }
        },
        "Answer": {"isRoot": True, "columns": {"ids": {"type": STRING_MAP}}},
    }
}
SCHEMA = _northbound_rows.schema_of(TOLD)
EMPTY = {"name": "", "tag": None, "addresses": (), "answer": None, "ids": {}}
Place = _northbound.Place
PORT = Place("Port", "p1")


def test_what_changes_all_the_time_and_how_servers_listen_is_not_followed() -> None:
    assert {table: list(columns) for table, columns in SCHEMA.items() if table in ("NB_Global", "SSL")} == {
        "NB_Global": ["nb_cfg"]
    }


def told(*updates: dict[str, t.Any]) -> dict[str, t.Any]:
    """A port after the server told this of it."""
    rows: dict[str, t.Any] = {}
    for update in updates:
        _northbound_rows.Reader(SCHEMA["Port"]).take(rows, {"p1": update})
    return dict(rows["p1"]) if rows else {}


FULL = {
    "name": "p1",
    "tag": 7,
    "addresses": ["set", ["b", "a"]],
    "answer": ["uuid", "a1"],
    "ids": ["map", [["k", "v"], ["l", "w"]]],
}


@pytest.mark.parametrize(
    ("diff", "columns"),
    [
        ({}, {}),
        ({"tag": 8}, {"tag": 8}),
        ({"tag": ["set", []], "answer": ["set", []]}, {"tag": None, "answer": None}),
        ({"addresses": "a"}, {"addresses": ("b",)}),
        ({"addresses": ["set", ["a", "c"]]}, {"addresses": ("b", "c")}),
        ({"ids": ["map", [["k", "v"], ["l", "x"], ["m", "y"]]]}, {"ids": {"l": "x", "m": "y"}}),
    ],
)
def test_a_row_is_read_and_follows_its_changes(diff: dict[str, t.Any], columns: dict[str, t.Any]) -> None:
    whole = {"name": "p1", "tag": 7, "addresses": ("a", "b"), "answer": "a1", "ids": {"k": "v", "l": "w"}}
    assert told({"initial": FULL}, {"modify": diff}) == {**whole, **columns}


def test_what_is_not_told_of_a_new_row_is_empty_and_a_deleted_one_is_gone() -> None:
    assert told({"insert": {"name": "p1"}}) == {**EMPTY, "name": "p1"}
    assert told({"insert": {"name": "p1"}}, {"delete": None}) == {}


def test_a_snapshot_has_no_counters_and_no_references_to_what_is_gone() -> None:
    rows = {
        "NB_Global": {"g": {"nb_cfg": 3}},
        "Switch": {},
        "Port": {"p1": {**EMPTY, "answer": "a1"}, "p2": {**EMPTY, "answer": "a2"}},
        "Answer": {"a2": {"ids": {}}},
    }
    seen = _northbound_rows.seen(rows, SCHEMA)
    assert seen["NB_Global"] == {"g": {}}
    assert [row["answer"] for row in seen["Port"].values()] == [None, "a2"]


def written(*ops: _northbound_ops.RowOp, ids: dict[str, str] | None = None) -> _northbound_writer.Writing:
    """The transaction of these ops on a switch with two ports, which have one answer."""
    tables = {
        "NB_Global": {},
        "Switch": {"s1": {"name": "s", "ports": ("p1", "p2")}},
        "Port": {key: {**EMPTY, "name": key, "answer": "a1", "ids": {"k": "v"}} for key in ("p1", "p2")},
        "Answer": {"a1": {"ids": {}}},
    }
    writing = _northbound_writer.Writing(
        _northbound.Northbound("", SCHEMA, frozenset({"Switch", "Answer"}), tables), ids if ids is not None else {}
    )
    for op in ops:
        writing.write(op)
    return writing.end()


def sent(*ops: _northbound_ops.RowOp) -> t.Any:
    """The operations of their transaction, as the server reads them."""
    return json.loads(json.dumps(written(*ops).operations))


def where(key: str) -> list[t.Any]:
    """The condition that names a row."""
    return [["_uuid", "==", ["uuid", key]]]


def test_new_rows_name_each_other_and_get_what_later_ops_write_into_them() -> None:
    new, switch = Place("Port", "+2"), Place("Switch", "+1")
    ids: dict[str, str] = {}
    writing = written(
        _northbound_ops.RowInsert(switch, "", {"name": "t"}),
        _northbound_ops.RowInsert(new, "", {"name": "q", "tag": None}, (switch, "ports")),
        _northbound_ops.RowInsert(Place("Port", "+3"), "", {"name": "r"}, (Place("Switch", "s1"), "ports")),
        _northbound_ops.RowChange(new, "", {"answer": "a1", "ids": {"k": "v"}}, {}),
        ids=ids,
    )
    assert json.loads(json.dumps(writing.operations)) == [
        {
            "op": "insert",
            "table": "Switch",
            "uuid-name": "row0",
            "row": {"name": "t", "ports": ["set", [["named-uuid", "row1"]]]},
        },
        {
            "op": "insert",
            "table": "Port",
            "uuid-name": "row1",
            "row": {"name": "q", "answer": ["uuid", "a1"], "ids": ["map", [["k", "v"]]]},
        },
        {"op": "insert", "table": "Port", "uuid-name": "row2", "row": {"name": "r"}},
        {
            "op": "mutate",
            "table": "Switch",
            "where": where("s1"),
            "mutations": [["ports", "insert", ["set", [["named-uuid", "row2"]]]]],
        },
    ]
    writing.learn([{"uuid": ["uuid", key]} for key in ("s9", "p9", "p8")] + [{"count": 1}])
    assert ids == {"+1": "s9", "+2": "p9", "+3": "p8"}


def test_of_sets_and_maps_only_the_difference_is_written() -> None:
    was = {"addresses": ("a", "b"), "ids": {"k": "v", "l": "w"}, "tag": 7}
    values = {"addresses": ("b", "c"), "ids": {"l": "x", "m": "y"}, "tag": None}
    assert sent(_northbound_ops.RowChange(PORT, "", values, was)) == [
        {"op": "update", "table": "Port", "where": where("p1"), "row": {"tag": ["set", []]}},
        {
            "op": "mutate",
            "table": "Port",
            "where": where("p1"),
            "mutations": [
                ["addresses", "insert", ["set", ["c"]]],
                ["addresses", "delete", ["set", ["a"]]],
                ["ids", "delete", ["set", ["k", "l", "m"]]],
                ["ids", "insert", ["map", [["l", "x"], ["m", "y"]]]],
            ],
        },
    ]


def test_what_an_op_takes_away_a_later_one_gives_back_and_the_other_way_round() -> None:
    gone = _northbound_ops.RowChange(PORT, "", {"addresses": ()}, {"addresses": ("a",)})
    back = _northbound_ops.RowChange(PORT, "", {"addresses": ("a",)}, {"addresses": ()})
    (operation,) = sent(gone, back)
    assert operation["mutations"] == [["addresses", "insert", ["set", ["a"]]]]
    (operation,) = sent(gone, back, gone)
    assert operation["mutations"] == [["addresses", "delete", ["set", ["a"]]]]


def test_who_names_a_deleted_row_names_it_no_more_if_he_stays() -> None:
    nobody = {"op": "update", "table": "Port", "row": {"answer": ["set", []]}}
    delete = _northbound_ops.RowDelete(Place("Answer", "a1"), "")
    gone = {"op": "delete", "table": "Answer", "where": where("a1")}
    assert sent(delete) == [*({**nobody, "where": where(key)} for key in ("p1", "p2")), gone]
    assert sent(delete, _northbound_ops.RowDelete(PORT, "")) == [
        {**nobody, "where": where("p2")},
        {
            "op": "mutate",
            "table": "Switch",
            "where": where("s1"),
            "mutations": [["ports", "delete", ["set", [["uuid", "p1"]]]]],
        },
        gone,
    ]
    switch = {"op": "delete", "table": "Switch", "where": where("s1")}
    assert sent(delete, _northbound_ops.RowDelete(Place("Switch", "s1"), "")) == [gone, switch]


def test_a_row_that_is_gone_is_a_conflict_but_not_for_who_deletes_it() -> None:
    gone = Place("Port", "p7")
    assert sent(_northbound_ops.RowDelete(gone, "")) == []
    with pytest.raises(Conflict, match="A row of table Port is gone from the northbound database"):
        written(_northbound_ops.RowChange(gone, "", {"tag": 1}, {}))
    with pytest.raises(Conflict, match="A row of table Answer is gone from the northbound database"):
        written(_northbound_ops.RowChange(PORT, "", {"answer": "a7"}, {}))


def test_restored_rows_name_each_other_and_are_named_by_who_is_there() -> None:
    row = {**EMPTY, "name": "p7", "answer": "a7"}
    rows = ((Place("Port", "p7"), row), (Place("Answer", "a7"), {"ids": {"k": "v"}}))
    naming = tuple((Place("Switch", key), "ports", Place("Port", "p7")) for key in ("s1", "s7"))
    port, answer, named = sent(_northbound_ops.RowsRestore(Place("Port", "p7"), "", rows, naming))
    assert port["row"] == {"name": "p7", "answer": ["named-uuid", "row1"]}
    assert answer["row"] == {"ids": ["map", [["k", "v"]]]}
    assert named["mutations"] == [["ports", "insert", ["set", [["named-uuid", "row0"]]]]]
