# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses a row: by a column that refers to it, as the server's schema says, or by its name in an expression."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _fields
from ansible_collections.netloom.linux.plugins.module_utils._model import _northbound

KIND_OF = {
    "Address_Set": "ovn_address_set",
    "DHCP_Options": "ovn_dhcp_options",
    "Load_Balancer": "ovn_load_balancer",
    "Logical_Router": "ovn_router",
    "Logical_Switch": "ovn_switch",
    "Logical_Switch_Port": "ovn_port",
    "Port_Group": "ovn_port_group",
}
# Columns of these tables that an option of another name is about
OPTION_OF = {
    "dhcpv4_options": "dhcp_options",
    "dhcpv6_options": "dhcp_options",
    "parent_name": "parent",
    "static_routes": "routes",
}
Names = t.Collection[tuple[t.Any, ...]]  # of objects: a kind, and what identifies an object of it
Declared = t.Mapping[tuple[t.Any, ...], t.Any]  # the specs of objects, by such names


def of(nb: _northbound.Northbound, place: _northbound.Place) -> t.Iterator[_northbound.Naming]:
    """Who refers to a row, or to one that goes with it, by a column that holds one row: without it, the column says
    something else. A list only becomes shorter.
    """
    gone = nb.below(place)
    for one in gone:
        for by, column in nb.naming(one):
            if nb.schema[by.table][column].form != _northbound.SET and by not in gone:
                yield by, column


def shortened(nb: _northbound.Northbound, place: _northbound.Place, of: _northbound.Place | None = None) -> str:
    """The lists of others that become shorter with a row, in words. Others: who belong to no topology that declares
    it. ``of``: the object that has the row, which has no marks itself.
    """
    owners, gone = set(_northbound.owners_of(nb.row(of or place))), nb.below(place)
    naming = [one for child in gone for one in nb.naming(child)] if owners else []
    found = {
        f"{column} of {' '.join(map(str, _name_of(nb, by)))}"
        for by, column in naming
        if by not in (*gone, of) and _is_list(nb, by, column) and owners.isdisjoint(_northbound.owners_of(nb.row(by)))
    }
    return f", and take it out of {', '.join(sorted(found))}" if found else ""


def _is_list(nb: _northbound.Northbound, by: _northbound.Place, column: str) -> bool:
    """Whether a column lists rows that live by themselves, and not the parts of its own row."""
    told = nb.schema[by.table][column]
    return told.form == _northbound.SET and not (told.strong and told.refers not in nb.roots)


def by_name(nb: _northbound.Northbound, name: re.Pattern[str]) -> t.Iterator[_northbound.Naming]:
    """Who has a name in an expression."""
    return ((place, column) for place, column, text in expressions(nb) if name.search(text))


def expressions(nb: _northbound.Northbound) -> t.Iterator[tuple[_northbound.Place, str, str]]:
    """What OVN reads as an expression, each with its row and column. Each table that has matches has a column of that
    name, and the options of DHCP are arguments of an action.
    """
    for table in nb.schema:
        column = "options" if table == "DHCP_Options" else "match"
        for key, row in nb.rows(table).items() if nb.has(table, column) else ():
            told = row[column]
            yield _northbound.Place(table, key), column, told if isinstance(told, str) else " ".join(told.values())


def by_others(
    nb: _northbound.Northbound,
    place: _northbound.Place,
    uses: t.Iterable[_northbound.Naming],
    going: Names,
    declared: Declared,
) -> list[str]:
    """Those of the uses that stay when the objects ``going`` are gone, in words. Not those by the row itself, and not
    those by declared objects, but for their lists that are left alone: others may have put rows there.
    """
    found = set()
    for by, holder, column in ((use[0], *one) for use in uses for one in _holders(nb, *use)):
        key, option = _name_of(nb, holder), OPTION_OF.get(column, column)
        left = key in declared and by != holder and declared[key].more.get(option) is None
        if holder != place and key not in going and (key not in declared or left):
            found.add(f"{option} of {key[0]} {key[1]}")
    return sorted(found)


def _holders(nb: _northbound.Northbound, by: _northbound.Place, column: str) -> t.Iterator[_northbound.Naming]:
    """The objects that a row is a part of, and the columns by which it is."""
    if by.table in KIND_OF or by.table in nb.roots:
        yield by, column
        return
    for above, name in nb.naming(by):
        if nb.schema[above.table][name].strong:
            yield from _holders(nb, above, name)


def _name_of(nb: _northbound.Northbound, place: _northbound.Place) -> tuple[t.Any, ...]:
    row = nb.row(place)
    name = row.get("name") or row.get("external_ids", {}).get(_fields.KEY, place.id)
    family = (6 if ":" in row["cidr"] else 4,) if place.table == "DHCP_Options" else ()
    return (KIND_OF.get(place.table, place.table), name, *family)
