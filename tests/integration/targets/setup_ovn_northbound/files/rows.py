# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a northbound database holds, as lines that can be compared. The judge is ovn-nbctl.

A row with a name has a line for itself, and one for each value of a column: 'Logical_Switch red other_config:subnet =
10.0.0.0/24'. A row without one stands in the line of the row that names it: 'Logical_Router r1 nat = {external_ip =
192.0.2.1, ...}'. UUIDs, what OVN itself writes, and columns without a value are left out. Runs on the host by
``python3 -c``.
"""

from __future__ import annotations

import json
import subprocess
import typing as t

TABLES = (
    "NB_Global", "Copp", "Logical_Switch", "Logical_Switch_Port", "Forwarding_Group", "Address_Set", "Port_Group",
    "Load_Balancer", "Load_Balancer_Group", "Load_Balancer_Health_Check", "ACL", "QoS", "Mirror", "Meter", "Meter_Band",
    "Logical_Router", "Logical_Router_Port", "Logical_Router_Static_Route", "Logical_Router_Policy", "NAT",
    "DHCP_Options", "DNS", "Gateway_Chassis", "HA_Chassis", "HA_Chassis_Group", "BFD", "Static_MAC_Binding",
    "Chassis_Template_Var",
)  # fmt: skip
MOVING = {"_uuid", "nb_cfg", "sb_cfg", "hv_cfg", "up", "dynamic_addresses", "connections", "ssl"}
MOVING |= {"nb_cfg_timestamp", "sb_cfg_timestamp", "hv_cfg_timestamp"}
EMPTY = (["set", []], ["map", []], "")
UNSET = {"log": False, "label": 0, "ipsec": False}  # columns that always have a value
NOTE = "netloom-rule"  # of which options a match was composed: the unit tests are about it
Row = dict[str, t.Any]


def read() -> tuple[dict[str, tuple[str, Row]], set[str]]:
    """The rows by their UUIDs, each with its table; and the UUIDs that rows name."""
    commands = " -- ".join(f"list {table}" for table in TABLES).split()
    told = subprocess.run(["ovn-nbctl", "--format=json", *commands], check=True, stdout=subprocess.PIPE, text=True)
    rows, named = {}, set()
    for table, line in zip(TABLES, told.stdout.splitlines()):
        found = json.loads(line)
        for values in found["data"]:
            row = dict(zip(found["headings"], values))
            rows[row["_uuid"][1]] = (table, row)
            for name, value in row.items():
                named.update(one[1] for one in elements(value) if name != "_uuid" and is_uuid(one))
    return rows, named


def is_uuid(value: t.Any) -> bool:
    """Whether it names a row."""
    return isinstance(value, list) and value[0] == "uuid"


def elements(value: t.Any) -> list[t.Any]:
    """The values of a column that is no map."""
    if isinstance(value, list) and value[0] in ("set", "map"):
        return list(value[1]) if value[0] == "set" else []
    return [value]


def name_of(table: str, row: Row) -> str:
    """What a row is called. '' if nobody can name it. (The name of a rule is for the log.)"""
    return "" if table == "ACL" else str(row.get("name") or row.get("cidr") or "")


def told_of(row: Row, rows: dict[str, tuple[str, Row]]) -> t.Iterator[str]:
    """A row's columns."""
    for column, value in sorted(row.items()):
        if column in MOVING or value in EMPTY or UNSET.get(column) is value or UNSET.get(column) == value:
            continue
        if isinstance(value, list) and value[0] == "map":
            yield from sorted(f"{column}:{key} = {one}" for key, one in value[1] if key != NOTE)
        else:
            yield from sorted(f"{column} = {in_words(one, rows)}" for one in elements(value))


def in_words(value: t.Any, rows: dict[str, tuple[str, Row]]) -> str:
    """A value; of one that names a row, the name or the row."""
    if not is_uuid(value):
        return json.dumps(value) if isinstance(value, bool) else str(value)
    table, row = rows.get(value[1], ("", {}))
    return name_of(table, row) or f"{{{', '.join(told_of(row, rows))}}}"


def main() -> None:
    """Print them."""
    rows, named = read()
    lines = []
    for key, (table, row) in rows.items():
        name = name_of(table, row)
        if name or table == "NB_Global":
            whose = f"{table} {name}".strip()
            lines += [whose, *(f"{whose} {told}" for told in told_of(row, rows) if told.partition(" = ")[2] != name)]
        elif key not in named:
            lines.append(f"{table} {{{', '.join(told_of(row, rows))}}}")
    print("\n".join(sorted(lines)))


if __name__ == "__main__":
    main()
