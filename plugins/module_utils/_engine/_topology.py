# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A topology: entries of all kinds, read as their modules read them, checked against each other, carried out as one."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.netloom.linux.plugins.module_utils._engine import _argspec, _manifest, _options, _order, _persist, _run
from ansible_collections.netloom.linux.plugins.module_utils._host import _rt_tables
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _ops, _plan

# Entries take their kinds' options, which the validator checks; here they are only dictionaries.
LISTS: dict[str, dict[str, t.Any]] = {name: {"type": "list", "elements": "dict"} for name in _order.KIND_NAMES}


class EntryReader:
    """Reads entries as their modules read their options. One validator serves all entries of a kind."""

    def __init__(self) -> None:
        self._specs: dict[str, _plan.Params] = {}
        self._validators: dict[str, ArgumentSpecValidator] = {}

    def read(self, kind_name: str, params: t.Any, path: str, state: str | None = None) -> _run.Entry:
        """One entry as a user typed it; ``state`` overrides its own."""
        kind, spec = _registry.KINDS[kind_name], self._spec(kind_name)
        _options.judge(spec, params, kind_name, path)
        _options.refuse_rules(kind.rules, {"state": kind.states[0], **params, **({"state": state} if state else {})}, path)
        return self.remembered(kind_name, params, path, state)

    def remembered(self, kind_name: str, params: _plan.Params, path: str, state: str | None = None) -> _run.Entry:
        """One entry that a run, of an older release maybe, took and wrote down."""
        kind, spec = _registry.KINDS[kind_name], self._spec(kind_name)
        # Null means 'left out', which Ansible does not grant to options with choices.
        params = _rt_tables.numbered(params)
        given = {name: value for name, value in {**params, **({"state": state} if state else {})}.items() if value is not None}
        result = self._validators[kind_name].validate(given)
        if result.error_messages:
            raise _errors.BadInput(f"{path.rstrip('.')}: {result.error_messages[0]}")
        _argspec.refuse_null(kind.options, result.validated_parameters, path)
        return _run.Entry(kind, kind.normalise(result.validated_parameters, path), {_options.own_name(spec, name): value for name, value in params.items()})

    def _spec(self, kind_name: str) -> _plan.Params:
        if kind_name not in self._specs:
            kind = _registry.KINDS[kind_name]
            self._specs[kind_name] = _argspec.argument_spec(kind)
            self._validators[kind_name] = ArgumentSpecValidator(self._specs[kind_name], **kind.rules)
        return self._specs[kind_name]

    def read_all(self, params: _plan.Params, state: str | None = None) -> list[_run.Entry]:
        """All entries of a topology, in the order of the kinds."""
        return [self.read(name, entry, f"{name}[{index}].", state) for name in _order.KIND_NAMES for index, entry in enumerate(params.get(name) or ())]


def speaks_of_ovs(params: t.Mapping[str, t.Any]) -> bool:
    """Whether it declares something of Open vSwitch."""
    return any(params.get(name) for name in _order.KIND_NAMES if name.startswith("ovs_"))


def entries_of(params: _plan.Params) -> tuple[list[_run.Entry], _manifest.Manifest]:
    """The entries of the module's options with the manifest that goes with the topology. Raises BadInput."""
    reader = EntryReader()
    absent = params["state"] == "absent"
    entries = reader.read_all(params, "absent" if absent else None)
    _refuse_duplicates(entries)
    if not absent:
        _refuse_quarrels(entries)
    wanted = params.get("persist")
    persist = _persist.Persist(params["name"], params, False if absent and wanted is not None else wanted)
    persist.check(entries)
    return entries, _manifest.Manifest(params["name"], entries, reader.remembered, persist, absent=absent, purge=params.get("purge", True))


def _refuse_duplicates(entries: t.Sequence[_run.Entry]) -> None:
    owners: dict[tuple[t.Any, ...], _run.Entry] = {}
    for entry in entries:
        for claim in entry.kind.claims(entry.spec):
            other = owners.setdefault(claim, entry)
            if other is not entry:
                what = " ".join(str(part) for part in claim[1:] if part is not None)
                raise _errors.BadInput(
                    f"{entry.label}: speaks of the same {claim[0]} '{what}' as {other.label}; two entries for one object contradict each other. Merge them."
                )


def _refuse_quarrels(entries: t.Sequence[_run.Entry]) -> None:
    """A link's master and a bridge's exact ports must agree, and a port belongs to one bridge, of one sort."""
    ports: dict[tuple[str | None, str], str] = {}
    bridges: dict[tuple[str | None, str], _run.Entry] = {}
    uplinks: dict[tuple[str | None, str], _run.Entry] = {}
    for entry in entries:
        if entry.kind.name == "linux_bridge" and not entry.absent:
            bridges[(entry.spec.ns, entry.spec.name)] = entry  # type: ignore[attr-defined]
            uplink = entry.spec.uplink.name if entry.spec.uplink else ""  # type: ignore[attr-defined]
            for port in [*(entry.spec.ports or ()), *entry.spec.port_flags, *([uplink] if uplink else [])]:  # type: ignore[attr-defined]
                _own_port(ports, (entry.spec.ns, port), entry.spec.name, entry)  # type: ignore[attr-defined]
            if uplink:
                uplinks[(entry.spec.ns, uplink)] = entry  # type: ignore[attr-defined]
    links: dict[tuple[str | None, str], tuple[_run.Entry, t.Any]] = {}
    switches = {entry.kind.identity(entry.spec): entry for entry in entries if entry.kind.name == "ovs_bridge" and not entry.absent}
    for entry in entries:
        if not entry.absent:
            with _run.located(entry):
                _check_attributes(entry, links)
                _check_switch(entry, switches)
                _check_masters(entry, bridges, ports)
                _check_uplinks(entry, uplinks)


def _own_port(ports: dict[tuple[str | None, str], str], place: tuple[str | None, str], bridge: str, entry: _run.Entry) -> None:
    owner = ports.setdefault(place, bridge)
    if owner != bridge:
        raise _errors.BadInput(f"{entry.label}: '{place[1]}' is declared as a port of '{bridge}' and of '{owner}'; a link has one master.")


def _check_attributes(entry: _run.Entry, links: dict[tuple[str | None, str], tuple[_run.Entry, t.Any]]) -> None:
    """A link that is managed in place by a second entry may get further attributes there, and no others."""
    for ns, name, link in _links_of(entry):
        other, known = links.setdefault((ns, name), (entry, link))
        for option in vars(link):
            ours, theirs = getattr(link, option), getattr(known, option)
            if isinstance(ours, dict) and isinstance(theirs, dict):
                ours, theirs = ({key: one[key] for key in ours.keys() & theirs.keys()} for one in (ours, theirs))
            if None not in (ours, theirs) and ours != theirs:
                raise _errors.BadInput(f"{entry.label}: contradicts {other.label} about {option} of the same link '{name}'. Say it in one of the two.")


def _check_switch(entry: _run.Entry, switches: t.Mapping[tuple[t.Any, ...], _run.Entry]) -> None:
    """A port of Open vSwitch is among the exact ports of its bridge, if that names them."""
    spec: t.Any = entry.spec
    bridge = switches.get((spec.target.ovsdb, spec.bridge)) if entry.kind.name == "ovs_port" else None
    ports: t.Sequence[str] | None = getattr(bridge.spec, "ports", None) if bridge is not None else None
    if bridge is not None and ports is not None and spec.name not in ports:
        raise _errors.BadInput(
            f"{entry.label}: '{spec.name}' is a port of '{spec.bridge}', but {bridge.label}.ports, which is exact, lacks it. Add it there, or leave ports out."
        )


def _check_masters(entry: _run.Entry, bridges: t.Mapping[tuple[str | None, str], _run.Entry], ports: dict[tuple[str | None, str], str]) -> None:
    if entry.kind.name == "ovs_port":
        # Only links on the host can be ports of Open vSwitch.
        _own_port(ports, (None, entry.spec.name), entry.spec.bridge, entry)  # type: ignore[attr-defined]
    for ns, name, link in _links_of(entry):
        if not link.master:
            continue
        bridge = bridges.get((ns, link.master))
        spec: t.Any = bridge.spec if bridge is not None else None
        if bridge is not None and spec.ports is not None and name not in spec.ports and name != getattr(spec.uplink, "name", None):
            raise _errors.BadInput(
                f"{entry.label}: '{name}' has master '{link.master}', but {bridge.label}.ports, which is exact, lacks it. Add it there, or leave ports out."
            )
        _own_port(ports, (ns, name), link.master, entry)


def _check_uplinks(entry: _run.Entry, uplinks: t.Mapping[tuple[str | None, str], _run.Entry]) -> None:
    """The addresses of an uplink are its bridge's: nobody else may give it some, or take it away."""
    for ns, name, link in _links_of(entry):
        bridge = uplinks.get((ns, name))
        if bridge is not None and link.addresses:
            owner = f"'{name}' is the uplink of {bridge.label} ('{bridge.name['name']}'), which owns its addresses"
            raise _errors.BadInput(f"{entry.label}.addresses: {owner}. Declare them as {bridge.label}.addresses, or leave one of the two out.")
    place: t.Any = getattr(entry.spec, "source", None)
    if place is not None and place in uplinks:
        raise _errors.BadInput(f"{entry.label}.source: '{place[1]}' is the uplink of {uplinks[place].label}; a link is in one place. Leave one of the two out.")


def _links_of(entry: _run.Entry) -> list[tuple[str | None, str, t.Any]]:
    if entry.kind.name == "veth":
        return [(end.ns, end.name, end.link) for end in entry.spec.ends]  # type: ignore[attr-defined]
    if entry.kind.name == "netns_interface":
        return [(entry.spec.ns, entry.spec.name, entry.spec.link)]  # type: ignore[attr-defined]
    return []


def result_of(manifest: _manifest.Manifest, outcome: _run.Outcome, shown: t.Callable[[_run.Entry, t.Any], _plan.Params]) -> _plan.Params:
    """Every object as it is, and the diff of those that change, as lists in the shape of the options."""
    now: _plan.Params = {}
    before: _plan.Params = {}
    after: _plan.Params = {}
    for entry in manifest.every if manifest.absent else manifest.entries:
        now.setdefault(entry.kind.name, []).append(shown(entry, entry.kind.view(entry.spec, outcome.now)))
    for entry in manifest.every:
        kind = entry.kind
        old, new = (shown(entry, kind.view(entry.spec, snapshot)) for snapshot in (outcome.before, outcome.planned))
        if old != new:
            before.setdefault(kind.name, []).append(old)
            after.setdefault(kind.name, []).append(new)
    saved = [manifest.name in snapshot.boots for snapshot in (outcome.before, outcome.planned, outcome.now)]
    if outcome.before.boots != outcome.planned.boots:
        before["persist"], after["persist"] = saved[0], saved[1]
    if saved[2]:
        now["persist"] = True
    return {
        "changed": outcome.changed,
        "steps": outcome.steps,
        "warnings": outcome.warnings,
        "disruptions": outcome.disruptions,
        "adopted": [] if manifest.absent else manifest.adopted,
        "topology": {"name": manifest.name, "state": "absent" if manifest.absent else "present", **now},
        "diff": {"before": before, "after": after, **({"prepared": _plan_in_words(manifest, outcome)} if outcome.steps else {})},
    }


def _plan_in_words(manifest: _manifest.Manifest, outcome: _run.Outcome) -> str:
    """The plan for people: what each step disturbs, and what was there already. Ansible shows it below the diff."""
    lines = [f"plan of topology '{manifest.name}', and what each step disturbs:"]
    lines += [f"  {what:<{max(map(len, _ops.DISTURBANCES))}}  {step}" for step, what in zip(outcome.steps, outcome.disturbs)]
    lines += [f"  adopted, as it was there before: {words}" for words in manifest.found]
    return "\n".join(lines) + "\n"
