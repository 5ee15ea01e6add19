# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interface of a namespace: created there, moved there from elsewhere, or managed where it is."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.interface import (
    _interface_forms,
    _interface_home,
    _interface_parents,
    _interface_rules,
    _interface_spec,
    _interface_view,
    _interface_vxlan,
)
from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link, _link_kind, _neighbours
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _fdb,
    _link_names,
    _link_ops,
    _ops,
    _plan,
    _record_ops,
    _scope,
    _snapshot,
    _ties,
)


class NetnsInterfaceKind(_link_kind.LinkKind[_interface_spec.InterfaceSpec]):
    """netloom.linux.netns_interface"""

    name = "netns_interface"
    options = _interface_spec.OPTIONS
    rules: t.ClassVar[t.Mapping[str, t.Any]] = {"mutually_exclusive": [("source", "kind")]}
    clearable = _interface_spec.CLEARABLE
    together = _interface_vxlan.TOGETHER
    moving = ("source",)
    stacked = True

    def normalise(self, params: _plan.Params, path: str) -> _interface_spec.InterfaceSpec:
        filled, clear = self.cleared(params, path)
        return _interface_spec.normalise(filled, clear, path)

    def identity(self, spec: _interface_spec.InterfaceSpec) -> tuple[t.Any, ...]:
        return (spec.ns, spec.name)

    def claims(self, spec: _interface_spec.InterfaceSpec) -> tuple[_plan.Claim, ...]:
        return (
            ("link" if spec.kind or spec.source else "in place", spec.ns, spec.name),
            *_link.claims_of(spec.ns, spec.name, spec.link),
        )

    def needs(self, spec: _interface_spec.InterfaceSpec) -> tuple[_plan.Claim, ...]:
        links = [(spec.ns, spec.link.master), (spec.ns, spec.own.get("parent")), (None, spec.own.get("parent"))]
        links += [] if spec.kind or spec.source else [(spec.ns, spec.name)]
        return (*super().needs(spec), *(("link", *place) for place in links if place[1]))

    def with_links(
        self, spec: _interface_spec.InterfaceSpec, links: t.Sequence[_link.LinkSpec]
    ) -> _interface_spec.InterfaceSpec:
        return dataclasses.replace(spec, link=links[0])

    def links(self, spec: _interface_spec.InterfaceSpec) -> tuple[_ties.DeclaredLink, ...]:
        return (_ties.DeclaredLink(spec.place, spec.link),)

    def places(self, spec: _interface_spec.InterfaceSpec) -> tuple[_plan.Place, ...]:
        return (spec.place,) if spec.kind or spec.source else ()

    def own_macs(self, spec: _interface_spec.InterfaceSpec) -> tuple[_plan.Place, ...]:
        return self.chosen_macs(spec)

    def chosen_macs(self, spec: _interface_spec.InterfaceSpec) -> tuple[_plan.Place, ...]:
        return (spec.place,) if spec.kind and _interface_forms.FORMS[spec.kind].own_mac else ()

    def taken(self, spec: _interface_spec.InterfaceSpec) -> _plan.Place | None:
        return spec.source

    def scope(self, spec: _interface_spec.InterfaceSpec, scope: _scope.Scope) -> None:
        _link.link_scope(scope, spec.ns, spec.name, spec.link)
        scope.files.add(spec.record)
        scope.namespaces |= {spec.source[0]} if spec.source else set()
        for option in ("owner", "owner_group"):
            if spec.own.get(option):
                scope.questions.add(_scope.UserId(spec.own[option], option == "owner_group"))
        if spec.kind and spec.state == "present":
            scope.questions.add(_scope.LinkKindKnown(_interface_forms.FORMS[spec.kind].kernel))
        if spec.kind == "vxlan":
            scope.fdb.add(spec.place)  # what is in its table goes with it, and comes back if the run fails
        if spec.kind == "ipvlan":
            scope.every_namespace = True  # others on its parent may be in any of them
        if spec.source:
            scope.neighbours.add(spec.source[0])  # those of a NIC move home with it
            scope.moving |= {spec.source, spec.place}
            scope.fdb |= {spec.source, spec.place}
            scope.questions.add(_scope.Uptime())  # for routes that expire
        if spec.neighbours is not None:
            scope.neighbours.add(spec.ns)
        if spec.rules is not None:
            scope.rules.add(spec.ns)
        if spec.state == "absent":
            scope.every_namespace = True  # its home is only in the record
            scope.moving.add(spec.place)
            scope.questions.add(_scope.Uptime())
            scope.neighbours.add(spec.ns)
            scope.rules.add(spec.ns)

    # --- present ---

    def vacate(self, spec: _interface_spec.InterfaceSpec, planner: _plan.Planner) -> None:
        """Send home what was moved here from another place than is now declared. A link with another name makes way if
        that name belongs to another.
        """
        if spec.place in planner.ours:
            planner.ours[spec.place] = planner.make_way(planner.ours[spec.place])
        if spec.source is not None:
            _interface_home.vacate(spec.place, spec.source, planner, spec.record)
        if spec.kind:
            own = _interface_vxlan.kernel_data(spec.own)
            _interface_parents.let_go(planner, spec.place, _interface_forms.FORMS[spec.kind].kernel, own)
        _link.free_names(planner, spec.place, spec.link)

    def make(self, spec: _interface_spec.InterfaceSpec, planner: _plan.Planner) -> None:
        planner.namespace(spec.ns, f"put '{spec.name}' into")
        if spec.place in planner.ours and planner.now.link(*spec.place) is None:
            planner.move(planner.ours[spec.place], spec.place, spec.link.altnames)
        if spec.kind:
            self._create(spec, spec.kind, planner)
        elif spec.source:
            self._move(spec, spec.source, planner)

    def _create(self, spec: _interface_spec.InterfaceSpec, kind: str, planner: _plan.Planner) -> None:
        """Plan that the interface is of this kind. What cannot be changed is made again."""
        data = _interface_view.data_of(spec, kind, planner)
        link = planner.now.link(spec.ns, spec.name)
        if link is None or not self._changed(spec, kind, data, link, planner):
            self._add(spec, kind, data, planner)

    @staticmethod
    def _changed(
        spec: _interface_spec.InterfaceSpec,
        kind: str,
        data: dict[str, t.Any],
        link: _snapshot.Link,
        planner: _plan.Planner,
    ) -> bool:
        """Plan the changes of an existing link. False: it must be made again, and is deleted."""
        form = _interface_forms.FORMS[kind]
        _link.require_kind(link, (form.kernel,), f"create {kind} '{spec.name}'", spec.ns)
        if kind in ("tap", "tun") and (link.data.get("mode") != kind or not link.data.get("persist")):
            what = link.data.get("mode") if link.data.get("persist") else "tap of a running program"
            raise _errors.Conflict(
                f"Cannot create {kind} '{spec.name}': a {what} of that name is there and is left alone. Choose"
                " another name."
            )
        differing = {
            key: value
            for key, value in {**data, **_interface_vxlan.unwanted(spec.own, link)}.items()
            if link.data.get(key) != value and not (key == "parent_on_host" and not value)
        }
        if not _interface_forms.takes_alive(kind, differing, link):
            planner.do(_link_ops.LinkDelete(spec.ns, spec.name))
            return False
        if differing:
            if kind == "ipvlan":
                _interface_parents.with_mode(planner, spec.place, data)
            known = {"mode": kind} if form.kernel == "tun" else {"kind": form.kernel}
            planner.do(_link_ops.LinkSet(spec.ns, spec.name, {"data": {**differing, **known}}))
        return True

    @staticmethod
    def _add(spec: _interface_spec.InterfaceSpec, kind: str, data: dict[str, t.Any], planner: _plan.Planner) -> None:
        """Plan a new link."""
        form = _interface_forms.FORMS[kind]
        if kind == "vlan":
            _interface_parents.refuse_taken_id(planner, spec.place, data)
        if kind == "vxlan":
            _interface_vxlan.refuse_taken(planner, spec.place, data)
        if planner.now.answers.get(_scope.LinkKindKnown(form.kernel)) is False:
            raise _errors.BadInput(f"{spec.path}kind: {_interface_forms.cannot_make(kind, form.kernel)}")
        if kind == "ipvlan":
            data = _interface_parents.with_mode(planner, spec.place, data)
        if kind == "vxlan":
            data = {**data, _fdb.FDB: _interface_vxlan.fresh_table(spec.own)}
        fresh = _snapshot.Link(
            spec.name,
            form.kernel,
            mac=spec.link.mac or planner.mac_of(spec.place),
            mtu=spec.link.mtu,
            txqueuelen=spec.link.txqueuelen,
            alias=spec.link.alias or "",
            data=data,
        )
        planner.do(_link_ops.LinkAdd(spec.ns, _interface_parents.that_fits(planner, spec.ns, fresh)))
        planner.do(_record_ops.LinkRecord(spec.ns, spec.name, spec.record, {"made": kind}))

    @staticmethod
    def _move(spec: _interface_spec.InterfaceSpec, source: tuple[_snapshot.NsKey, str], planner: _plan.Planner) -> None:
        planner.namespace(source[0], f"take '{source[1]}' out of")
        here, there = planner.now.link(spec.ns, spec.name), planner.now.link(*source)
        if here is not None and there is not None:
            raise _errors.Conflict(
                f"Cannot move '{source[1]}' to '{spec.name}'{_in(spec.ns)}: a link of that name is there already and is"
                " left alone. Choose another name."
            )
        if here is not None:
            return
        if there is not None and there.kind == "openvswitch" and there.name != spec.name:
            raise _errors.Conflict(
                f"Cannot move '{source[1]}' to '{spec.name}'{_in(spec.ns)}: it is a device of Open vSwitch's datapath"
                " in the kernel, which knows its port by the device's name. Let it keep that name, and give 'altnames:"
                f" [{spec.name}]'."
            )
        if there is None:
            planner.missing(
                f"Cannot move '{source[1]}'{_in(source[0])}: no such link. Name one that is there, or create it first.",
                source,
            )
            planner.now.put(source[0], _snapshot.Link(source[1]))
        known = _interface_home.recorded(planner.now, spec.ns, spec.record, planner.now.link(*source)).get("home")
        if known is None or (known["netns"], known["name"]) != source:
            known = _interface_home.home_of(source, planner)
        # Else somebody moved it back by hand, with what we had set: what it had before us is still what it gets back.
        home = known
        # Before and after: a run that is killed in between must not forget where it came from, and its ifindex may be
        # another one there.
        planner.do(_record_ops.LinkRecord(spec.ns, spec.name, spec.record, {"home": home, "moving": True}, at=source))
        _interface_home.leave(source, planner)
        planner.move(source, spec.place, spec.link.altnames)
        planner.do(_record_ops.LinkRecord(spec.ns, spec.name, spec.record, {"home": home}))

    def settle(self, spec: _interface_spec.InterfaceSpec, planner: _plan.Planner) -> None:
        if planner.now.link(spec.ns, spec.name) is None:
            _link_names.refuse_altname(planner.now, spec.ns, spec.name, f"configure '{spec.name}'{_in(spec.ns)}")
            planner.missing(
                f"Cannot configure '{spec.name}'{_in(spec.ns)}: no such link. Give kind to create it, or source to move"
                " one there.",
                spec.place,
            )
            planner.now.put(spec.ns, _snapshot.Link(spec.name))
        _interface_parents.check(planner, spec.place, spec.kind, spec.own.get("mode"), spec.link.up)
        if spec.kind == "vxlan":
            _interface_vxlan.settle(spec.place, spec.own, planner, spec.path)
        # An MTU that the parent has no room for yet: it may settle later.
        wide = _interface_parents.is_too_wide(planner, spec.place, spec.link.mtu)
        _link.plan_link(planner, spec.ns, spec.name, dataclasses.replace(spec.link, mtu=None) if wide else spec.link)

    def complete(self, spec: _interface_spec.InterfaceSpec, planner: _plan.Planner) -> None:
        _interface_parents.widen(planner, spec.place, spec.link.mtu)
        _neighbours.complete(spec.ns, spec.name, spec.neighbours, planner)
        _interface_rules.complete(spec.ns, spec.name, spec.rules, planner)

    # --- absent ---

    def unsettle(self, spec: _interface_spec.InterfaceSpec, planner: _plan.Planner) -> None:
        if not planner.now.has(spec.ns):
            return
        link = planner.now.link(spec.ns, spec.name)
        record = _interface_home.recorded(planner.now, spec.ns, spec.record, link)
        goes = bool(spec.kind or spec.source or (planner.now.files.get(spec.record) if link is None else record))
        if goes:
            _interface_rules.remove_all(spec.ns, spec.name, planner)  # its neighbours are deleted with the link
        else:
            _interface_rules.remove(spec.ns, spec.rules or (), planner)
            _neighbours.remove(spec.ns, spec.neighbours or (), planner)

    def remove(self, spec: _interface_spec.InterfaceSpec, planner: _plan.Planner) -> None:
        place = planner.ours.get(spec.place, spec.place)
        link = planner.now.link(*place)
        record = _interface_home.recorded(planner.now, spec.ns, spec.record, link)
        known = planner.now.files.get(spec.record) is not None
        if link is None:
            _interface_home.finish(planner, spec.record)
        elif not (spec.kind or "made" in record) and ("home" in record or spec.source):
            home = record.get("home") or _interface_home.lost(spec.place, spec.source, planner)
            _interface_home.send(place, home, planner, spec.record)
            return
        if known:
            planner.do(_record_ops.LinkForget(*place, spec.record))
        if link is not None and (spec.kind or "made" in record):
            kernel = _interface_forms.FORMS[spec.kind or record["made"]].kernel
            _link.require_kind(link, (kernel,), f"delete {spec.kind or record['made']} '{spec.name}'", spec.ns)
            planner.do(_link_ops.LinkDelete(*place))
        elif link is not None:
            _interface_home.strip(spec.place, spec.link, link, planner)

    def disown(self, spec: _interface_spec.InterfaceSpec, planner: _plan.Planner) -> None:
        if planner.now.files.get(spec.record) is not None:
            planner.do(_ops.FileDelete(spec.record, quiet=True))

    # --- what is shown ---

    def view(self, spec: _interface_spec.InterfaceSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        link = snapshot.link(spec.ns, spec.name)
        if link is None:
            return None
        view = _interface_view.view_interface(snapshot, spec.ns, link, spec.link.sysctl, spec.own)
        record = _interface_home.recorded(snapshot, spec.ns, spec.record, link)
        if "home" in record:
            view["source"] = {key: record["home"][key] for key in ("name", "netns") if record["home"][key] is not None}
            view.pop("kind", None)
        if not spec.kind:
            view = {key: value for key, value in view.items() if key not in _interface_forms.OWN and key != "kind"}
        elif spec.kind in ("tap", "tun"):
            # Shown as they were written: a name is not turned into its number.
            for option in ("owner", "owner_group"):
                written = spec.own.get(option)
                if written and snapshot.answers.get(_scope.UserId(written, option == "owner_group")) == view.get(
                    option
                ):
                    view[option] = written
        return {**view, **_interface_view.view_written(spec, snapshot)}

    def facts(self, spec: _interface_spec.InterfaceSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
        return _link.facts_of(snapshot, spec.ns, spec.name)

    def pending(self, spec: _interface_spec.InterfaceSpec, snapshot: _snapshot.Snapshot) -> str | None:
        # A tap has a carrier when a program opens it, a NIC when its cable is plugged in: neither is ours to wait for.
        return _link.pending_link(snapshot, spec.ns, spec.name, spec.link, carrier=False)


def _in(ns: _snapshot.NsKey) -> str:
    return f" in namespace '{ns}'" if ns else " on the host"
