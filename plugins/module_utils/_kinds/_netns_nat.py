# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network address translation of a namespace: one nftables table for each declared name (nft(8))."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link
from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat import (
    _nat_collisions,
    _nat_docker,
    _nat_entries,
    _nat_flows,
    _nat_forwarding,
    _nat_ports,
    _nat_read,
    _nat_rules,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _kind,
    _nat_ops,
    _nft,
    _paths,
    _plan,
    _scope,
    _snapshot,
)

NFT = _scope.Program(("nft",))


@dataclasses.dataclass(frozen=True)
class NatSpec(_plan.Spec):
    """A table. A field is None if it is left alone."""

    ns: _snapshot.NsKey
    name: str
    masquerade: tuple[_nat_entries.Masquerade, ...] | None = None
    source_nat: tuple[_nat_entries.SourceNat, ...] | None = None
    publish: tuple[_nat_entries.Publish, ...] | None = None
    floating: tuple[_nat_entries.Floating, ...] | None = None
    forward: tuple[_nat_entries.Forward, ...] | None = None
    hairpin: bool | None = None
    ip_forward: bool | None = None
    beside_docker: bool | None = None

    @property
    def subject(self) -> _nat_entries.Subject:
        """The table, for sentences."""
        return _nat_entries.Subject(self.ns, self.name, self.path)


def _entries(**options: t.Any) -> dict[str, t.Any]:
    return {"type": "list", "elements": "dict", "options": options}


class NetnsNatKind(_kind.Kind[NatSpec]):
    """netloom.linux.netns_nat"""

    name = "netns_nat"
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "name": {"type": "str", "required": True},
        "netns": {"type": "str"},
        "masquerade": _entries(source={"type": "str"}, out_interface={"type": "str"}),
        "source_nat": _entries(
            source={"type": "str"}, out_interface={"type": "str"}, to={"type": "str", "required": True}
        ),
        "publish": _entries(
            protocol={"type": "str", "choices": ["tcp", "udp", _nat_entries.ALL], "default": "tcp"},
            address={"type": "str"},
            port={"type": "int"},
            to_address={"type": "str", "required": True},
            to_port={"type": "int"},
            localhost={"type": "bool", "default": False},
        ),
        "floating": _entries(address={"type": "str", "required": True}, to_address={"type": "str", "required": True}),
        "hairpin": {"type": "bool"},
        "forward": _entries(
            **{"from": {"type": "str"}, "to": {"type": "str"}, "allow": {"type": "bool", "default": True}}
        ),
        "ip_forward": {"type": "bool"},
        "beside_docker": {"type": "bool"},
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {
        **{option: [] for option, _kind in _nat_rules.LISTS},
        "hairpin": False,
        "beside_docker": False,
    }

    def normalise(self, params: _plan.Params, path: str) -> NatSpec:
        filled, clear = self.cleared(params, path)
        publish = _nat_entries.read_list(filled.get("publish"), f"{path}publish", _nat_entries.read_publish)
        _nat_collisions.refuse_collisions(publish or (), f"{path}publish")
        floating = _nat_entries.read_list(filled.get("floating"), f"{path}floating", _nat_entries.read_floating)
        _nat_collisions.refuse_second_meanings(floating or (), publish or (), path)
        return NatSpec(
            path,
            filled["state"],
            clear,
            _link.netns_of(filled, path),
            _name(filled["name"], f"{path}name"),
            _nat_entries.read_list(filled.get("masquerade"), f"{path}masquerade", _nat_entries.read_masquerade),
            _nat_entries.read_list(filled.get("source_nat"), f"{path}source_nat", _nat_entries.read_source_nat),
            publish,
            floating,
            _nat_entries.read_list(filled.get("forward"), f"{path}forward", _nat_entries.read_forward),
            filled.get("hairpin"),
            filled.get("ip_forward"),
            filled.get("beside_docker"),
        )

    def identity(self, spec: NatSpec) -> tuple[t.Any, ...]:
        return (spec.ns, spec.name)

    def is_late(self, params: t.Mapping[str, t.Any]) -> bool:
        return bool(params.get("beside_docker"))

    def scope(self, spec: NatSpec, scope: _scope.Scope) -> None:
        scope.namespaces.add(spec.ns)
        scope.nft.add(spec.ns)
        scope.questions.add(NFT)
        scope.questions |= {
            _scope.Listeners(spec.ns, entry.protocol, entry.port) for entry in spec.publish or () if entry.port
        }
        scope.files.add(_paths.nat_record(spec.ns))
        scope.sysctls |= {
            (spec.ns, None, key) for key in (*_nat_forwarding.SWITCHES, *_nat_ports.BRIDGE_CALLS.values())
        }

    def make(self, spec: NatSpec, planner: _plan.Planner) -> None:
        planner.namespace(spec.ns, f"make the NAT table '{spec.name}' in")
        _refuse_unreadable(spec, planner, "make")

    def settle(self, spec: NatSpec, planner: _plan.Planner) -> None:
        found = _nat_ops.nft_of(planner.now, spec.ns).tables.get(spec.name)
        old = _nat_read.declared_in(found) if found is not None else _nat_rules.Declared()
        wanted = _nat_ports.with_hairpins(spec.subject, _merged(spec, old), old, spec.hairpin, planner)
        _nat_ports.refuse_taken(spec.subject, wanted.publish, old.publish, planner)
        _warn_of_links(spec, planner)
        table = _nat_rules.table_for(wanted)
        if found != table:
            planner.do(_nat_ops.NatTableSet(spec.ns, spec.name, table, _changes(found, old, wanted)))
        if set(wanted.hairpins) - set(old.hairpins):
            _nat_ports.warn_of_bridges(spec.subject, wanted.hairpins, planner)
        for drop in _nat_flows.stale_flows(spec.ns, old, wanted, planner.now.namespaces[spec.ns]):
            planner.do(drop)
        asked = spec.beside_docker
        if asked is None:
            asked = _accepted(planner.now, spec)
        _nat_docker.plan_accepts(planner, spec.ns, spec.name, wanted, asked)
        _nat_forwarding.switch(planner, spec.subject, spec.ip_forward, wanted)

    def remove(self, spec: NatSpec, planner: _plan.Planner) -> None:
        space = planner.now.namespaces.get(spec.ns)
        if space is None or not planner.now.has(spec.ns):
            return
        nft = _nat_ops.nft_of(planner.now, spec.ns)
        if spec.name in nft.known or spec.name in _nat_forwarding.read(planner.now, spec.ns)["tables"]:
            _refuse_unreadable(spec, planner, "remove")
        found = nft.tables.get(spec.name)
        for family, there in sorted(nft.forward.items()):
            if any(one.name == spec.name for one in there.accepted):
                planner.do(_nat_ops.AcceptSet(spec.ns, family, spec.name, (), ""))
        if found is not None:
            planner.do(_nat_ops.NatTableDelete(spec.ns, spec.name))
            for drop in _nat_flows.stale_flows(spec.ns, _nat_read.declared_in(found), _nat_rules.Declared(), space):
                planner.do(drop)
        _nat_forwarding.put_back(planner, spec.ns, spec.name)

    def view(self, spec: NatSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        return view_nat(snapshot, spec.ns, spec.name)


def view_nat(snapshot: _snapshot.Snapshot, ns: _snapshot.NsKey, name: str) -> dict[str, t.Any] | None:
    """A table in the shape of the options. ``foreign`` lists its rules that belong to no entry, and those that its
    entries lack.
    """
    space = snapshot.namespaces.get(ns)
    table = space.nft.tables.get(name) if space is not None and space.nft is not None else None
    if space is None or space.nft is None or table is None:
        return None
    declared = _nat_read.declared_in(table)
    lists = {option: [_told(entry) for entry in getattr(declared, option)] for option, _kind in _nat_rules.LISTS}
    accepted = {
        family: tuple(one for one in there.accepted if one.name == name) for family, there in space.nft.forward.items()
    }
    foreign = [*_nat_read.foreign_in(table), *_nat_ports.unlike_hairpins(declared)]
    for family, ours in accepted.items():
        if any(accepted.values()) and ours != _nat_docker.wanted_rules(
            name, declared, family, space.nft.forward[family]
        ):
            foreign.append(f"the accept rules in iptables' filter ({family})")
    return {
        "name": name,
        "netns": ns,
        **lists,
        "hairpin": bool(declared.hairpins) if declared.publish or declared.floating else None,
        "ip_forward": _nat_forwarding.view(space, declared.six),
        "beside_docker": any(accepted.values()),
        "foreign": foreign or None,
    }


def _told(entry: t.Any) -> _plan.Params:
    names = {"origin": "from"}
    return {
        names.get(key, key): value
        for key, value in dataclasses.asdict(entry).items()
        if value is not None and (key, value) != ("localhost", False)
    }


def _refuse_unreadable(spec: NatSpec, planner: _plan.Planner, wish: str) -> None:
    """Refuse a table that could not be read. It is not empty: it is neither overwritten nor taken to be gone."""
    wish = f"Cannot {wish} the NAT table '{spec.name}'{spec.subject.place}"
    unreadable = _nat_ops.nft_of(planner.now, spec.ns).unreadable
    if not planner.now.answers.get(NFT):
        raise _errors.Missing(
            f"{wish}: the program nft is not on this host. Run role netloom.linux.prepare there, or install the package"
            " nftables."
        )
    if unreadable == _nft.NO_KERNEL:
        raise _errors.Missing(
            f"{wish}: {unreadable}. Load its modules nf_tables and nft_chain_nat, or take a kernel that has them."
        )
    if unreadable:
        raise _errors.HostError(
            f"{wish}: nft cannot read the rules there ({_errors.quoted(unreadable)}). See what 'nft list tables' says"
            " there."
        )


def _name(value: str, option: str) -> str:
    """A name that nft accepts as part of a table's name."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", value):
        raise _errors.BadInput(
            f"{option}: {value!r} is not a name for a table of nftables; take 1 to 64 letters, digits and '_', '.',"
            " '-'."
        )
    return value


def _merged(spec: NatSpec, old: _nat_rules.Declared) -> _nat_rules.Declared:
    """The declared fields, with the present ones where nothing is declared."""
    given = {option: getattr(spec, option) for option, _kind in _nat_rules.LISTS}
    return dataclasses.replace(
        old, **{option: value for option, value in given.items() if value is not None}, hairpins=()
    )


def _accepted(now: _snapshot.Snapshot, spec: NatSpec) -> bool:
    return any(
        one.name == spec.name for there in _nat_ops.nft_of(now, spec.ns).forward.values() for one in there.accepted
    )


def _changes(found: _nft.NftTable | None, old: _nat_rules.Declared, wanted: _nat_rules.Declared) -> tuple[str, ...]:
    """The differences in words: entries that are removed or added, and what somebody else changed."""
    gone = [f"no {entry.text()}" for entry in old.entries if entry not in wanted.entries]
    come = [entry.text() for entry in wanted.entries if entry not in old.entries]
    foreign = [f"put right {one}" for one in _nat_read.foreign_in(found)] if found is not None else []
    if found is not None and not (gone or come or foreign):
        come = ["entries in their order"]
    return (*foreign, *gone, *come)


def _warn_of_links(spec: NatSpec, planner: _plan.Planner) -> None:
    links = planner.now.namespaces[spec.ns].links
    named = [
        entry.out_interface for entry in _nat_rules.Declared(spec.masquerade or (), spec.source_nat or ()).translated
    ]
    named += [
        place
        for entry in spec.forward or ()
        for place in (entry.origin, entry.to)
        if place and not _nat_entries.is_network(place)
    ]
    for name in dict.fromkeys(named):
        if name is not None and name not in links:
            place = f" in namespace '{spec.ns}'" if spec.ns else ""
            planner.warn(f"There is no link '{name}'{place}; the entry that names it acts when there is one.")
