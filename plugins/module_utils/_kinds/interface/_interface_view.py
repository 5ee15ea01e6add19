# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interface in the shape of the options."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.interface import (
    _interface_forms,
    _interface_rules,
    _interface_spec,
    _interface_vxlan,
)
from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link, _neighbours
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _fdb,
    _plan,
    _scope,
    _snapshot,
)


def view_written(spec: _interface_spec.InterfaceSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
    """Neighbours and rules, if they are declared: else they are not read."""
    views = (("neighbours", _neighbours.view), ("rules", _interface_rules.view))
    return {name: view(snapshot, spec.ns, spec.name) for name, view in views if getattr(spec, name) is not None}


def view_interface(
    snapshot: _snapshot.Snapshot,
    ns: _snapshot.NsKey,
    link: _snapshot.Link,
    sysctl: t.Mapping[str, str] | None = None,
    own: t.Mapping[str, t.Any] | None = None,
) -> dict[str, t.Any]:
    """An interface in the shape of the options. ``own``: the declared ones of its kind; None: all are shown."""
    view: dict[str, t.Any] = {
        "name": link.name,
        **_link.view_link(snapshot, ns, link, *_interface_spec.SHARED, sysctl=sysctl),
    }
    kind = link.data.get("mode") if link.kind == "tun" else link.kind
    if kind in _interface_forms.FORMS and (link.kind != "tun" or link.data.get("persist")):
        view["kind"] = kind
        view.update({name: link.data.get(name) for name in _interface_forms.FORMS[kind].takes if name != _fdb.FDB})
        view.update(_interface_vxlan.view(link, own) if kind == "vxlan" else {})
    return view


def data_of(spec: _interface_spec.InterfaceSpec, kind: str, planner: _plan.Planner) -> dict[str, t.Any]:
    """The kind's own attributes as the snapshot shows them: users as numbers, the parent found."""
    data = _interface_vxlan.kernel_data(spec.own) if kind == "vxlan" else dict(spec.own)
    if kind in ("tap", "tun"):
        data.update(mode=kind, persist=True)
    for option in ("owner", "owner_group"):
        if data.get(option):
            number = planner.now.answers.get(_scope.UserId(data[option], option == "owner_group"))
            if number is None:
                raise _errors.BadInput(
                    f"{spec.path}{option}: there is no {'group' if option == 'owner_group' else 'user'}"
                    f" '{data[option]}' on this host."
                )
            data[option] = number
        elif option in data:
            data[option] = None
    parent = data.get("parent")
    if parent and planner.now.link(spec.ns, parent) is None:
        if planner.now.link(None, parent) is None:
            planner.missing(
                f"Cannot create {kind} '{spec.name}': its parent '{parent}' is neither in its namespace nor on the"
                " host. Create it first, with netloom.linux.netns_interface, say.",
                (spec.ns, parent),
                (None, parent),
            )
            planner.now.put(None, _snapshot.Link(parent))
        data["parent_on_host"] = spec.ns is not None
    return data
