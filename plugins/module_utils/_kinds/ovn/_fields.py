# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that are columns of a row, or keys of a map in one: each is checked, compared, written and shown by its
line in a table.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import _ovs
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _northbound, _values

OURS = "netloom-"  # the beginning of our own keys of external_ids
KEY = f"{OURS}key"  # external_ids: the name of a row whose table has no column for it
REST = "*"  # the keys of a map that no other option is about


def _same(value: t.Any) -> t.Any:
    return value


@dataclasses.dataclass(frozen=True)
class Field:
    """An option. ``key``: of a map; None: the column itself; REST: the exact rest of the map.

    check: the option's value and its path -> its normal form. stored: the normal form -> what the database has.
    shown: what the database has -> the option's value.
    """

    option: str
    column: str
    key: str | None = None
    check: t.Callable[[t.Any, str], t.Any] = lambda value, _path: value
    stored: t.Callable[[t.Any], t.Any] = _same
    shown: t.Callable[[t.Any], t.Any] = _same
    spec: t.Mapping[str, t.Any] = dataclasses.field(default_factory=lambda: {"type": "str"})
    empty: t.Any = ""  # what it is if nothing is set. None: no value of the option says so
    optional: bool = False  # its column may have no value at all, which is not an empty text
    instead: str = ""  # the column that says the same if its own has no value

    @property
    def needs(self) -> str:
        """What of the schema it needs, in words."""
        return f"{self.column}{f':{self.key}' if self.key not in (None, REST) else ''}"


Fields = t.Sequence[Field]


def options(fields: Fields) -> dict[str, t.Any]:
    """The argument spec of these options."""
    return {field.option: dict(field.spec) for field in fields}


def clearable(fields: Fields) -> dict[str, t.Any]:
    """What `clear` may name."""
    return {field.option: "" if field.empty is None else field.empty for field in fields}


def read(fields: Fields, params: t.Mapping[str, t.Any], path: str) -> dict[str, t.Any]:
    """The declared options in their normal forms. An empty value is None: the database's default."""
    found = {}
    for field in fields:
        value = params.get(field.option)
        if value is None:
            continue
        found[field.option] = None if value in ("", [], {}) else field.check(value, f"{path}{field.option}")
        if field.key == REST:
            _refuse_owned(fields, field, found[field.option] or {}, path)
    return found


def _refuse_owned(fields: Fields, rest_of: Field, value: t.Mapping[str, t.Any], path: str) -> None:
    """Refuse keys of a map that another option is about."""
    for field in fields:
        if field.column == rest_of.column and field.key in value:
            raise _errors.BadInput(
                f"{path}{rest_of.option}.{field.key}: the option `{field.option}` is about this key; give it there."
            )


def wanted(fields: Fields, given: t.Mapping[str, t.Any], row: _northbound.Row) -> dict[str, t.Any]:
    """The columns of a row as the options want them. ``row``: as it is, whose other keys stay. What says the same in
    another way stays, too, as no value where it is the default, and a column that an old database lacks.
    """
    found: dict[str, t.Any] = {}
    for field in fields:
        if field.option not in given or field.column not in row:
            continue
        value = given[field.option]
        if _says(field, value, _shown(fields, field, row)):
            continue
        # What is so without being set is not set, and an adopted row is as it was when it gets that back.
        stored = None if value is None or _as_shown(field, value) == field.empty else field.stored(value)
        now: t.Any = found.get(field.column, row[field.column])
        if field.key is None:
            found[field.column] = _emptied(field, stored, row[field.column])
        elif field.key == REST:
            kept = {key: one for key, one in now.items() if not _is_rest(fields, field.column, key)}
            found[field.column] = {**kept, **(stored or {})}
        else:
            found[field.column] = {key: one for key, one in now.items() if key != field.key}
            if stored is not None:
                found[field.column][field.key] = stored
    return found


def _emptied(field: Field, stored: t.Any, now: t.Any) -> t.Any:
    """What stands for no value in a column of this form."""
    if stored is not None:
        return stored
    if isinstance(now, (tuple, dict)):
        return type(now)()
    return "" if isinstance(now, str) and not field.optional else None


def _is_rest(fields: Fields, column: str, key: str) -> bool:
    """Whether the exact rest of a map has the key: no other option is about it, and it is not ours."""
    return not key.startswith(OURS) and all(field.column != column or field.key != key for field in fields)


def shown(fields: Fields, row: _northbound.Row) -> dict[str, t.Any]:
    """The options as the row has them. A choice that is not made is no value."""
    found = {}
    for field in fields:
        value = found[field.option] = _shown(fields, field, row)
        if value == "" and "" not in field.spec.get("choices", ("",)):
            found[field.option] = None
    return found


def _shown(fields: Fields, field: Field, row: _northbound.Row) -> t.Any:
    """An option as the row has it."""
    value = either(row, field.column, field.instead)
    if field.key == REST:
        value = {key: one for key, one in (value or {}).items() if _is_rest(fields, field.column, key)}
    elif field.key is not None:
        value = (value or {}).get(field.key)
    empty = value is None or value in ("", (), {})
    return field.empty if empty else field.shown(value)


def either(row: _northbound.Row, column: str, instead: str) -> t.Any:
    """A column; if it has no value, the one that says the same."""
    value = row.get(column)
    return row.get(instead) if value is None else value


def tag_of(port: _northbound.Row) -> int | None:
    """The VLAN of a port, as our option and ovn-nbctl write it, or as OpenStack Neutron does."""
    told: int | None = either(port, "tag_request", "tag")
    return told


def _says(field: Field, value: t.Any, now: t.Any) -> bool:
    """Whether a row that shows this says the same as an option, maybe in another way: a MAC address in capitals."""
    if _as_shown(field, value) == now:
        return True
    try:
        return value is not None and now not in (None, field.empty) and bool(field.check(now, "") == value)
    except _errors.NetloomError:  # what another program wrote, and no option takes
        return False


def _as_shown(field: Field, value: t.Any) -> t.Any:
    """The normal form of an option as a row that has it shows it."""
    return field.empty if value is None else field.shown(field.stored(value))


def words(fields: Fields, given: t.Mapping[str, t.Any], row: _northbound.Row) -> str:
    """What differs, in words: 'subnet 10.0.0.0/24, no exclude_ips'."""
    told = []
    now = shown(fields, row)
    for field in fields:
        if field.option in given:
            value = given[field.option]
            if not _says(field, value, now[field.option]):
                text = _in_words(_as_shown(field, value))
                told.append(f"no {field.option}" if value is None else f"{field.option} {text}")
    return ", ".join(told)


def _in_words(value: t.Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ", ".join(f"{key}={one}" for key, one in sorted(value.items()))
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def refuse_lacking(fields: Fields, given: t.Mapping[str, t.Any], nb: _northbound.Northbound, table: str) -> None:
    """Refuse options whose columns the server's schema lacks."""
    for field in fields:
        if given.get(field.option) is not None and not nb.has(table, field.column):
            raise _errors.Conflict(lacking(field.option, nb, table, field.column))


# The first release of OVN whose schema has a column that our options need. What is not here is in that of 20.03, too.
SINCE: dict[tuple[str, str], str] = {
    ("Logical_Router_Policy", "external_ids"): "20.06",
    ("Logical_Router_Policy", "nexthops"): "21.03",
    ("Load_Balancer", "options"): "21.03",
    ("Logical_Router_Static_Route", "route_table"): "21.12",
}


def lacking(option: str, nb: _northbound.Northbound, table: str, column: str) -> str:
    """The sentence that the database is too old for an option."""
    since = SINCE.get((table, column))
    return (
        f"{option}: needs {f'column {column} of ' if nb.has(table) else ''}table {table}, which the northbound database"
        f" at {nb.address} lacks{f'; OVN {since} has it' if since else ''}. Leave the option out, or upgrade OVN there."
    )


# Forms of values


def text(value: str, path: str) -> str:
    """One line of text."""
    return _values.text(value, path)


def texts(values: t.Sequence[str], path: str) -> tuple[str, ...]:
    """A set of lines of text."""
    return tuple(sorted({_values.text(one, path) for one in _values.strings(values, path)}))


def string_map(value: t.Mapping[str, t.Any], path: str) -> dict[str, str]:
    """A map of strings, without our own keys."""
    found = _ovs.string_map(value, path) or {}
    for key in found:
        if key.startswith(OURS):
            raise _errors.BadInput(
                f"{path}.{key}: keys that begin with '{OURS}' are those of netloom; take another one."
            )
    return found


def as_bool(value: str) -> bool:
    """A truth value as OVN stores it in a map."""
    return value == "true"


def from_bool(value: bool) -> str:
    """A truth value for a map."""
    return "true" if value else "false"


BOOL: dict[str, t.Any] = {"type": "bool"}
STRINGS: dict[str, t.Any] = {"type": "list", "elements": "str"}
DICT: dict[str, t.Any] = {"type": "dict"}


def rest(option: str, column: str) -> Field:
    """An option that is the exact rest of a map."""
    return Field(option, column, REST, string_map, dict, dict, DICT, {})
