# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kinds of the northbound database share: where it is, one row for each object, exact lists of rows in it."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _fields, _ovn_options, _uses
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _kind,
    _northbound,
    _northbound_ops,
    _plan,
    _scope,
    _snapshot,
    _values,
)

KEY = _fields.KEY
NAME_BYTES = 255
NOT_HERE = " Start it (role netloom.linux.ovn_central), run the task as root on a host that has it, or give its ovn_nb."
SET_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")  # of what a match names: port groups and address sets


@dataclasses.dataclass(frozen=True)
class OvnSpec(_plan.Spec):
    """An object. ``given``: the options that are columns, in normal form; ``more``: the others. ``judged``: a user
    declares it; otherwise it gets back what it had, however odd that is.
    """

    name: str
    given: t.Mapping[str, t.Any]
    more: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    judged: bool = True


def unhindered(row: _northbound.Row) -> dict[str, t.Any]:
    """What a port has that a router or a switch makes: nothing that would stop packets. No option is about that."""
    return {"port_security": (), "parent_name": None, "enabled": row["enabled"] or None}


class OvnKind(_kind.Kind[OvnSpec]):
    """A kind with one row for each object. ``word``: what messages call it."""

    libraries = ("ovsdbapp",)
    connection = _ovn_options.CONNECTION
    table: t.ClassVar[str]
    word: t.ClassVar[str]
    fields: t.ClassVar[_fields.Fields] = ()
    parted: t.ClassVar[bool] = False  # several topologies have a part each of its row
    claimed: t.ClassVar[bool] = False  # a chassis claims it
    keyed: t.ClassVar[bool] = False  # its name stands in external_ids, because the table has no column for it

    def normalise(self, params: _plan.Params, path: str) -> OvnSpec:
        filled, clear = self.cleared(params, path)
        name = self.named(filled, path)
        given = _fields.read(self.fields, filled, path)
        return OvnSpec(path, filled["state"], clear, name, given, self.read(filled, path))

    def named(self, params: _plan.Params, path: str) -> str:
        """The name of the object."""
        return ovn_name(params["name"], f"{path}name")

    def read(self, params: _plan.Params, path: str) -> dict[str, t.Any]:
        """The options that are not columns, in normal form."""
        return {}

    def identity(self, spec: OvnSpec) -> tuple[t.Any, ...]:
        return (spec.name,)

    def scope(self, spec: OvnSpec, scope: _scope.Scope) -> None:
        """The whole database is read."""

    def what(self, spec: OvnSpec) -> str:
        """The object in words."""
        return f"{self.word} {spec.name}"

    def find(self, spec: OvnSpec, nb: _northbound.Northbound) -> _northbound.Place | None:
        """The row of the object. Raises Conflict if there are several."""
        found = self.candidates(spec, nb)
        if len(found) > 1:
            raise _errors.Conflict(
                f"There are {len(found)} rows of table {self.table} with the name '{spec.name}', and OVN tells them"
                " apart only by their UUIDs. Nothing was changed. Rename or delete the one that is not meant"
                " (ovn-nbctl)."
            )
        return found[0] if found else None

    def candidates(self, spec: OvnSpec, nb: _northbound.Northbound) -> list[_northbound.Place]:
        """The rows that may be that of the object: those of its name."""
        return keyed(nb, self.table, spec.name) if self.keyed else nb.named(self.table, spec.name)

    def database(self, spec: OvnSpec, planner: _plan.Planner) -> _northbound.Northbound:
        """The database, which must answer and have the table."""
        nb = planner.now.nb
        if nb.unreachable:
            what = f"Cannot {'delete' if spec.state == 'absent' else 'declare'} {self.what(spec)}: {nb.unreachable}"
            here = nb.silence is _errors.Unreachable and nb.address.startswith("unix:")
            raise nb.silence(f"{what}{NOT_HERE if here else ''}")
        if not nb.has(self.table):
            raise _errors.Conflict(_fields.lacking(self.name, nb, self.table, ""))
        return nb

    def make(self, spec: OvnSpec, planner: _plan.Planner) -> None:
        nb = self.database(spec, planner)
        _fields.refuse_lacking(self.fields, spec.given, nb, self.table)
        place = self.find(spec, nb)
        if place is None:
            place = self.insert(spec, planner)
        else:
            row = nb.row(place)
            self.admit(spec, row)
            if values := self.columns(spec, row):
                change(planner, place, values, self.sentence(spec, row))
        self.fill(spec, planner, place)

    def admit(self, spec: OvnSpec, row: _northbound.Row) -> None:
        """Refuse a row of this name that another object made."""

    def sentence(self, spec: OvnSpec, row: _northbound.Row) -> str:
        """The change of the columns in words."""
        return f"set {_fields.words(self.fields, spec.given, row)} of {self.what(spec)}"

    def columns(self, spec: OvnSpec, row: _northbound.Row) -> dict[str, t.Any]:
        """The columns that the options declare."""
        return _fields.wanted(self.fields, spec.given, row)

    def insert(self, spec: OvnSpec, planner: _plan.Planner) -> _northbound.Place:
        """Plan a new row, with its columns."""
        nb = planner.now.nb
        values: dict[str, t.Any] = {"external_ids": {KEY: spec.name}} if self.keyed else {"name": spec.name}
        values.update(self.columns(spec, {**nb.empty[self.table], **values}))
        place = _northbound.Place(self.table, nb.next_id())
        parent = self.parent(spec, planner)
        planner.do(_northbound_ops.RowInsert(place, f"create {self.what(spec)}", values, parent))
        return place

    def parent(self, spec: OvnSpec, planner: _plan.Planner) -> _northbound_ops.Parent | None:
        """The row and the column that name a new row, or None for one that needs no name."""
        return None

    def fill(self, spec: OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        """Plan what belongs to the row, and is not a column of it."""

    def complete(self, spec: OvnSpec, planner: _plan.Planner) -> None:
        nb = planner.now.nb
        place = self.find(spec, nb) if spec.judged else None
        if place is not None:
            self.judge(spec, planner, place)

    def judge(self, spec: OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        """Refuse what OVN would take, and then not obey. The database is as the whole plan leaves it."""

    def remove(self, spec: OvnSpec, planner: _plan.Planner) -> None:
        nb = self.database(spec, planner)
        place = self.find(spec, nb)
        if place is not None:
            self.bury(spec, planner, place)
            words = f"delete {self.what(spec)}{self.beside(planner, place)}{_uses.shortened(nb, place)}"
            planner.do(_northbound_ops.RowDelete(place, words))

    def bury(self, spec: OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        """Plan what goes with the row, and is not below it."""

    def beside(self, planner: _plan.Planner, place: _northbound.Place) -> str:
        """What goes with the row, in words."""
        return ""

    def view(self, spec: OvnSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        place = None if snapshot.nb.unreachable or not snapshot.nb.has(self.table) else self.find(spec, snapshot.nb)
        return None if place is None else self.shown(place, snapshot.nb)

    def shown(self, place: _northbound.Place, nb: _northbound.Northbound) -> dict[str, t.Any]:
        """A row in the shape of the options."""
        row = nb.row(place)
        name = row["external_ids"].get(KEY, "") if self.keyed else row["name"]
        return {"name": name, **_fields.shown(self.fields, row)}

    def told(self, place: _northbound.Place, nb: _northbound.Northbound) -> dict[str, t.Any] | None:
        """The row for ovn_info. None: another object tells of it, or it has no name."""
        return None if self.keyed and KEY not in nb.row(place)["external_ids"] else self.shown(place, nb)

    def naming(self, place: _northbound.Place, nb: _northbound.Northbound, topology: str) -> dict[str, t.Any]:
        """The options that name the object of a row which a topology has marked."""
        shown = self.shown(place, nb)
        return {name: shown[name] for name, option in self.options.items() if option.get("required")}

    def marks(self, spec: OvnSpec, topology: str) -> dict[str, str]:
        """What a topology notes of the object beside its own marks."""
        return {}

    def and_dropped(self, spec: OvnSpec, nb: _northbound.Northbound, topology: str, before: _plan.Params) -> OvnSpec:
        """The declaration with what it no longer declares of a parted row, as it was ``before`` the topology."""
        return spec

    def let_go(self, spec: OvnSpec, planner: _plan.Planner) -> None:
        """Tell who used it. Who deletes it by its own module means it."""
        if spec.judged:
            planner.warnings += self.parting(spec, planner.before.nb, (), {})

    def parting(
        self, spec: OvnSpec, nb: _northbound.Northbound, going: _uses.Names, declared: _uses.Declared
    ) -> list[str]:
        """What is to be said when the object goes, though others use it."""
        users = self.users(spec, nb, going, declared)
        sentence = (
            f"{self.what(spec)} goes, as declared, though others use it: {', '.join(users)}. Without it these mean"
            " something else, or nothing: change or delete them, too."
        )
        return [sentence] if users else []

    def users(
        self, spec: OvnSpec, nb: _northbound.Northbound, going: _uses.Names, declared: _uses.Declared
    ) -> list[str]:
        """Who refers to the object, does not go with it, and would mean something else without it, in words.
        ``declared``: what stays, as the plan leaves it.
        """
        place = self.find(spec, nb)
        return [] if place is None else _uses.by_others(nb, place, _uses.of(nb, place), going, declared)

    def strangers(
        self, spec: OvnSpec, nb: _northbound.Northbound, going: _uses.Names, declared: _uses.Declared
    ) -> list[str]:
        """For whom the object stays when nobody declares it any more, in words."""
        return self.users(spec, nb, going, declared)

    def facts(self, spec: OvnSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
        place = None if snapshot.nb.unreachable else self.find(spec, snapshot.nb)
        return {"uuid": None if place is None or place.is_new else place.id}


def ovn_name(value: str, option: str) -> str:
    """A name of an object in the northbound database."""
    if not value or re.search(r"\s", value):
        raise _errors.BadInput(f"{option}: {value!r} is not a name; it must not be empty, nor contain white space.")
    _values.text(value, option)
    if len(value.encode()) > NAME_BYTES:
        raise _errors.BadInput(
            f"{option}: {value[:20]!r}... has {len(value.encode())} bytes; {NAME_BYTES} are the most."
        )
    return value


def set_name(value: str, option: str) -> str:
    """The name of a port group or an address set. With another one OVN takes rules that it then does not obey."""
    if not SET_NAME.fullmatch(value):
        raise _errors.BadInput(
            f"{option}: {value!r} cannot stand in a rule of OVN, which would take the rule and never obey it; take"
            " letters, digits and '_', beginning with a letter or '_'."
        )
    return ovn_name(value, option)


def keyed(nb: _northbound.Northbound, table: str, name: str) -> list[_northbound.Place]:
    """The rows whose name stands in external_ids."""
    return nb.found(table, _key_of, name)


def _key_of(row: _northbound.Row) -> tuple[str | None, ...]:
    return (row["external_ids"].get(KEY),)


def change(planner: _plan.Planner, place: _northbound.Place, values: _northbound.Row, words: str) -> None:
    """Plan that a row has these values, if it does not."""
    differing = _northbound_ops.changed(planner.now, place, values)
    if differing:
        was = {name: planner.now.nb.row(place)[name] for name in differing}
        planner.do(_northbound_ops.RowChange(place, words, differing, was))


PORTS, SWITCHES, ROUTERS = "Logical_Switch_Port", "Logical_Switch", "Logical_Router"


def the_port(planner: _plan.Planner, name: str, path: str) -> _northbound.Place:
    """The logical port of this name, which must be there."""
    return _the(planner, PORTS, name, path, "port")


def the_switch(planner: _plan.Planner, name: str, path: str) -> _northbound.Place:
    """The logical switch of this name, which must be there, and only once."""
    return _the(planner, SWITCHES, name, path, "switch")


def the_router(planner: _plan.Planner, name: str, path: str) -> _northbound.Place:
    """The logical router of this name, which must be there, and only once."""
    return _the(planner, ROUTERS, name, path, "router")


def _the(planner: _plan.Planner, table: str, name: str, path: str, word: str) -> _northbound.Place:
    found = planner.now.nb.named(table, name)
    if not found:
        return assumed(
            planner,
            table,
            name,
            f"{path}: there is no logical {word} '{name}'. Declare it with netloom.linux.ovn_{word} first.",
        )
    if len(found) > 1:
        raise _errors.Conflict(
            f"{path}: {len(found)} rows of table {table} have the name '{name}'. Rename or delete those that are not"
            " meant (ovn-nbctl)."
        )
    return found[0]


def assumed(planner: _plan.Planner, table: str, name: str, sentence: str) -> _northbound.Place:
    """Report a missing row. In check mode of a single module it is taken to be there: an earlier task may make it."""
    planner.missing(sentence)
    place = _northbound.Place(table, planner.now.nb.next_id())
    planner.now.nb.put(place, {"name": name})
    return place


def address_of(value: str) -> str:
    """The address of an endpoint."""
    if value.startswith("["):
        return value[1:].partition("]")[0]  # another program may have left the bracket open
    return value.rpartition(":")[0] if value.count(":") == 1 else value


def came_and_went(before: t.Sequence[str], after: t.Sequence[str]) -> str:
    """The difference of two lists in words: '+a, -b'."""
    came = [f"+{one}" for one in after if one not in before]
    return ", ".join([*came, *(f"-{one}" for one in before if one not in after)])
