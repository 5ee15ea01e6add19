# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A port of an Open vSwitch bridge (ovs-vswitchd.conf.db(5), tables Port and Interface) and an internal port's
device.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link, _link_kind
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import (
    _ovs,
    _ovs_devices,
    _ovs_offload,
    _ovs_port_binding,
    _ovs_port_spec,
    _ovs_port_view,
    _ovs_tunnel,
    _ovs_uplink,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _link_ops,
    _ovs_ops,
    _parents,
    _paths,
    _plan,
    _scope,
    _snapshot,
    _ties,
)

LOST = "its device was lost"  # deleted, or recreated by somebody else, which Open vSwitch does not notice


class OvsPortKind(_link_kind.LinkKind[_ovs_port_spec.OvsPortSpec]):
    """netloom.linux.ovs_port"""

    name = "ovs_port"
    libraries = ("ovsdbapp",)
    options: t.ClassVar[t.Mapping[str, t.Any]] = _ovs_port_spec.OPTIONS
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = _ovs_port_spec.CLEARABLE
    at_boot: t.ClassVar[t.Mapping[str, t.Any]] = {"wait_for_installed": False}  # ovn-controller starts later

    def normalise(self, params: _plan.Params, path: str) -> _ovs_port_spec.OvsPortSpec:
        filled, clear = self.cleared(params, path)
        return _ovs_port_spec.spec_of(filled, clear, path)

    def identity(self, spec: _ovs_port_spec.OvsPortSpec) -> tuple[t.Any, ...]:
        return (spec.target.ovsdb, spec.name)

    def claims(self, spec: _ovs_port_spec.OvsPortSpec) -> tuple[_plan.Claim, ...]:
        row = ("ovs_row", *self.identity(spec))
        internal = spec.type == "internal" and spec.target.ovsdb.startswith("unix:")
        return (row, ("link", *spec.home), *_link.claims_of(*spec.home, spec.link)) if internal else (row,)

    def needs(self, spec: _ovs_port_spec.OvsPortSpec) -> tuple[_plan.Claim, ...]:
        device = (("link", None, spec.name),) if spec.type in (None, "system") else ()
        return (*super().needs(spec), ("ovs_row", spec.target.ovsdb, spec.bridge), *device)

    def apart(
        self, spec: _ovs_port_spec.OvsPortSpec, going: t.Collection[_plan.Claim]
    ) -> _ovs_port_spec.OvsPortSpec | None:
        return None if ("ovs_row", spec.target.ovsdb, spec.bridge) in going else super().apart(spec, going)

    def own_links(self, spec: _ovs_port_spec.OvsPortSpec) -> tuple[_ties.DeclaredLink, ...]:
        return (_ties.DeclaredLink(spec.home, spec.link),) if spec.type in (None, "internal") else ()

    def with_links(
        self, spec: _ovs_port_spec.OvsPortSpec, links: t.Sequence[_link.LinkSpec]
    ) -> _ovs_port_spec.OvsPortSpec:
        return dataclasses.replace(spec, link=links[0]) if links else spec

    def devices(self, spec: _ovs_port_spec.OvsPortSpec) -> tuple[_plan.Place, ...]:
        return (spec.home, (None, spec.name))  # Open vSwitch makes it on the host

    def memberships(self, spec: _ovs_port_spec.OvsPortSpec) -> tuple[_ties.Membership, ...]:
        words = f"'{spec.name}' is a port of '{spec.bridge}'"
        return (_ties.Membership((None, spec.name), ("ovs_row", spec.target.ovsdb, spec.bridge), spec.bridge, words),)

    def scope(self, spec: _ovs_port_spec.OvsPortSpec, scope: _scope.Scope) -> None:
        scope.ovs.add(spec.target)
        _link.link_scope(scope, *spec.home, spec.link)
        _ovs_offload.guard_scope(scope, spec.name)
        _ovs_port_binding.scope(spec, scope)
        if spec.state == "absent":
            scope.trees.add(_paths.uplinks(None))

    # --- present ---

    def vacate(self, spec: _ovs_port_spec.OvsPortSpec, planner: _plan.Planner) -> None:
        ovs = planner.now.ovs[spec.target]
        port = ovs.ports.get(spec.name)
        if (
            port is not None
            and port.type == "internal"
            and port.bridge == spec.bridge
            and _ovs.is_local(spec.target, planner.now)
        ):
            found = _ovs.live_device(planner.now, port, spec.home)
            if found is not None and found not in (spec.home, (None, spec.name)):
                device = planner.now.link(*found)
                # Its name is that of the port, or is to be again.
                kept = device is not None and device.kind == "openvswitch"
                found = planner.make_way(found, (None, spec.name) if kept else None)
            if found is not None:
                _link.free_names(planner, found, spec.link)

    def make(self, spec: _ovs_port_spec.OvsPortSpec, planner: _plan.Planner) -> None:
        """Plan the rows. The devices follow in settle(), so that the writes on OVSDB are neighbours and share a
        transaction.
        """
        wish = f"put port '{spec.name}' on OVS bridge '{spec.bridge}'"
        ovs = _ovs.database(planner, spec.target, wish)
        _ovs.require_local(spec.target, planner.now, spec.device_options, spec.path)
        bridge = self._bridge(spec, planner, ovs, wish)
        port = ovs.ports.get(spec.name)
        if port is not None:
            _require_ours(port, spec, wish)
        _ovs.refuse_member(ovs, spec.name, wish)
        kind = spec.type or (port.type if port else "") or "system"
        _ovs_port_spec.check_name(spec.name, kind, spec.path)
        local = _ovs.is_local(spec.target, planner.now)
        if local:
            _ovs_devices.refuse_rename(spec, bridge, kind, wish)
            self._require_device(spec, planner, kind, port, wish)
            if port is None and kind == "system" and _ovs_ops.device_kind(bridge) == "openvswitch":
                _parents.refuse_port(planner.now, None, spec.name, wish)  # the userspace datapath shares its devices
        wanted = _wanted(spec, port, kind)
        _ovs_tunnel.refuse_taken(planner.now, spec.target, port, wanted, wish)
        if port is None:
            planner.do(_ovs_ops.OvsPortAdd(spec.target, wanted))
        elif local and (why := self._why_anew(spec, planner.now, port, kind)):
            # Only two transactions make ovs-vswitchd open the device again; the executor keeps them apart.
            device = _ovs.live_device(planner.now, port, spec.home) if port.type == "internal" else None
            planner.do(_ovs_ops.OvsPortDelete(spec.target, spec.name, device, why))
            planner.do(_ovs_ops.OvsPortAdd(spec.target, wanted))
        else:
            changes = {
                key: getattr(wanted, key)
                for key in (*_ovs_port_spec.COLUMNS, "type", "mac")
                if getattr(wanted, key) != getattr(port, key)
            }
            if _ovs_devices.mtu_to_request(spec, planner.now, port):
                changes["mtu_request"] = spec.link.mtu
            if changes:
                planner.do(_ovs_ops.OvsPortSet(spec.target, spec.name, changes))

    @staticmethod
    def _bridge(
        spec: _ovs_port_spec.OvsPortSpec, planner: _plan.Planner, ovs: _snapshot.Ovs, wish: str
    ) -> _snapshot.OvsBridge:
        if spec.bridge not in ovs.bridges:
            _ovs.refuse_port_as_bridge(ovs, spec.bridge, wish)
            planner.missing(
                f"Cannot {wish}: no such bridge. Create it with netloom.linux.ovs_bridge first.",
                named=(spec.bridge, ovs.bridges),
            )
            ovs.bridges[spec.bridge] = _snapshot.OvsBridge(
                spec.bridge, datapath_type="" if planner.now.system_datapath else "netdev"
            )
        return ovs.bridges[spec.bridge]

    @staticmethod
    def _require_device(
        spec: _ovs_port_spec.OvsPortSpec, planner: _plan.Planner, kind: str, port: _snapshot.OvsPort | None, wish: str
    ) -> None:
        """Require a system port's device to exist and be free, and an internal port's device not to exist yet."""
        if kind == "system":
            link = planner.now.link(None, spec.name)
            if link is None:
                planner.missing(
                    f"Cannot {wish}: no such link on the host. Create it first, for example with netloom.linux.veth.",
                    (None, spec.name),
                )
                planner.now.put(None, _snapshot.Link(spec.name, "veth"))
            elif link.master is not None:
                raise _errors.Conflict(
                    f"Cannot {wish}: '{spec.name}' is a port of the Linux bridge '{link.master}', and is left alone."
                    " Take it off there first."
                )
            elif link.kind in ("bridge", "openvswitch"):
                raise _errors.Conflict(
                    f"Cannot {wish}: '{spec.name}' is a {link.kind}, which cannot be a port of type system."
                )
        elif kind == "internal":
            planner.namespace(spec.netns, f"put '{spec.name}' into")
            if port is None or port.type != "internal":
                _ovs.require_free(planner, (None, spec.name), wish)
            occupant = planner.now.link(*spec.home)
            if occupant is not None and not (
                port is not None and port.type == "internal" and _ovs_devices.is_its(planner.now, port, spec, occupant)
            ):
                _ovs.require_free(planner, spec.home, wish)

    @staticmethod
    def _why_anew(spec: _ovs_port_spec.OvsPortSpec, now: _snapshot.Snapshot, port: _snapshot.OvsPort, kind: str) -> str:
        """Why a listed port must be recreated, or an empty string if its device is right."""
        if kind != (port.type or "system"):
            return f"its type is to be {kind}"  # another type has another device
        if port.ofport in (None, -1) and kind != "patch":
            return LOST if port.uuid is not None else ""  # (a port that this plan adds has none yet)
        if kind == "internal":
            return LOST if _ovs.live_device(now, port, spec.home) is None else ""
        link = now.link(None, spec.name)
        # Its device was deleted and made again under the same name: OVS still holds the old one, and says 'up'.
        return LOST if kind == "system" and link is not None and link.promiscuity == 0 else ""

    def settle(self, spec: _ovs_port_spec.OvsPortSpec, planner: _plan.Planner) -> None:
        ovs = planner.now.ovs[spec.target]
        port = ovs.ports[spec.name]
        if port.type == "patch" and port.options.get("peer") not in ovs.ports:
            planner.warn(
                f"Port '{spec.name}' carries nothing before its peer '{port.options.get('peer')}' is a patch port too;"
                " add it with netloom.linux.ovs_port."
            )
        _ovs_port_binding.check(spec, planner)
        if not _ovs.is_local(spec.target, planner.now):
            return
        if port.type == "internal":
            self._place(spec, planner, port)
            _link.plan_link(planner, *spec.home, _internal(spec))
        elif port.type == "":
            _ovs_offload.guard(planner, spec.target, port, spec.peer_tx_checksum, spec.receive_offload)

    @staticmethod
    def _place(spec: _ovs_port_spec.OvsPortSpec, planner: _plan.Planner, port: _snapshot.OvsPort) -> None:
        """Bring the living device home, and delete the rest of a device that died."""
        # Open vSwitch sets the MAC of devices on the host only: one that is elsewhere still has that of the row before.
        was = planner.before.ovs[spec.target].ports.get(spec.name, port)
        found = _ovs.live_device(planner.now, port, spec.home) or _ovs.live_device(planner.now, was, spec.home)
        if found is None:  # make() handles that
            raise AssertionError
        _ovs_devices.lay_aside(spec, planner, port, found)
        if found == spec.home:
            return
        if planner.now.link(*spec.home) is not None:
            planner.do(_link_ops.LinkDelete(*spec.home))
        planner.move(found, spec.home, spec.link.altnames)

    # --- absent ---

    def unsettle(self, spec: _ovs_port_spec.OvsPortSpec, planner: _plan.Planner) -> None:
        """Do what has to be done before the rows are deleted, so that the writes on OVSDB are neighbours here too."""
        ovs = planner.now.ovs[spec.target]
        port = ovs.ports.get(spec.name)
        if port is None or port.bridge == spec.bridge:
            _ovs_offload.put_back(planner, spec.target, (spec.name,))
        if port is None:
            for place in (spec.home, (None, spec.name)):
                _ovs.drop_orphan(planner, place)
        if port is not None and port.bridge == spec.bridge and port.type == "internal":
            stale = planner.now.link(*spec.home)
            if (
                stale is not None
                and stale.kind == "tun"
                and _ovs.live_device(planner.now, port, spec.home) != spec.home
            ):
                planner.do(_link_ops.LinkDelete(*spec.home))

    def remove(self, spec: _ovs_port_spec.OvsPortSpec, planner: _plan.Planner) -> None:
        wish = f"delete port '{spec.name}' of OVS bridge '{spec.bridge}'"
        ovs = _ovs.database(planner, spec.target, wish)
        port = ovs.ports.get(spec.name)
        if port is not None:
            _require_ours(port, spec, wish)
            _ovs_uplink.refuse_uplink(planner, spec.target, port, wish)
        self.unsettle(spec, planner)
        if port is not None:
            device = _ovs.live_device(planner.now, port, spec.home) if port.type == "internal" else None
            planner.do(_ovs_ops.OvsPortDelete(spec.target, spec.name, device))

    # --- as it is ---

    def view(self, spec: _ovs_port_spec.OvsPortSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        ovs = snapshot.ovs.get(spec.target)
        port = ovs.ports.get(spec.name) if ovs else None
        return None if port is None else _ovs_port_view.view_port(spec, snapshot, port)

    def facts(self, spec: _ovs_port_spec.OvsPortSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
        ovs = snapshot.ovs.get(spec.target)
        port = ovs.ports.get(spec.name) if ovs else None
        if port is None:
            return {}
        facts: dict[str, t.Any] = {"ofport": port.ofport, "uuid": port.uuid, "ovn_installed": port.ovn_installed}
        device = _ovs.live_device(snapshot, port, spec.home) if port.type == "internal" else (None, spec.name)
        if device is not None and _ovs.is_local(spec.target, snapshot):
            facts.update(_link.facts_of(snapshot, *device))
            link = snapshot.link(*device)
            facts["device_mac"] = link.mac if link else None
        return facts

    def pending(self, spec: _ovs_port_spec.OvsPortSpec, snapshot: _snapshot.Snapshot) -> str | None:
        port = snapshot.ovs[spec.target].ports.get(spec.name)
        if port is None:
            return f"OVS port '{spec.name}' is not there"
        if port.type == "patch":
            return None  # its peer may be created later
        if port.error:
            return f"OVS says of port '{spec.name}': {port.error}"
        if port.ofport in (None, -1):
            return f"OVS has given port '{spec.name}' no OpenFlow port number"
        device = None
        if port.type == "internal" and _ovs.is_local(spec.target, snapshot):
            device = _link.pending_link(snapshot, *spec.home, _internal(spec), carrier=True)
        return device or _ovs_port_binding.pending(spec, snapshot, port)

    def unusable(self, spec: _ovs_port_spec.OvsPortSpec, snapshot: _snapshot.Snapshot) -> str | None:
        return _ovs_port_binding.unusable(spec, snapshot)


def _internal(spec: _ovs_port_spec.OvsPortSpec) -> _link.LinkSpec:
    """The link of an internal port. Its device is up unless stated otherwise."""
    return dataclasses.replace(spec.link, up=True) if spec.link.up is None else spec.link


def _require_ours(port: _snapshot.OvsPort, spec: _ovs_port_spec.OvsPortSpec, wish: str) -> None:
    if port.bridge != spec.bridge:
        raise _errors.Conflict(
            f"Cannot {wish}: it is a port of OVS bridge '{port.bridge}', and is left alone. Remove it there first, or"
            " name that bridge."
        )
    if port.fake_bridge:
        raise _errors.Conflict(f"Cannot {wish}: {_ovs.fake(port)}, and is left alone. {_ovs.instead_of_fake(port)}")
    if port.name == port.bridge:
        raise _errors.Conflict(
            f"Cannot {wish}: it is the bridge's own local port, which netloom.linux.ovs_bridge manages."
        )
    if len(port.interfaces) > 1:
        raise _errors.Conflict(f"Cannot {wish}: it is a bond of {', '.join(port.interfaces)}, and is left alone.")


def _wanted(spec: _ovs_port_spec.OvsPortSpec, port: _snapshot.OvsPort | None, kind: str) -> _snapshot.OvsPort:
    """The wanted row. Columns that are not declared stay as they are."""
    stored = "" if kind == "system" else kind
    base = port or _snapshot.OvsPort(spec.name, spec.bridge)
    columns = dict(spec.columns)
    if port is not None and port.type != stored:
        columns.setdefault("options", {})  # options of another type have no meaning
    mac = (spec.link.mac or base.mac) if kind == "internal" else None
    mtu = (spec.link.mtu or base.mtu_request) if kind == "internal" and spec.home == (None, spec.name) else None
    return dataclasses.replace(base, type=stored, mac=mac, mtu_request=mtu, **columns)
