# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bridge's uplink: a NIC whose addresses, routes and neighbours belong to the bridge while it is a port of it."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import (
    _link,
    _uplink_checks,
    _uplink_plug,
    _uplink_spec,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address,
    _errors,
    _link_ops,
    _ops,
    _paths,
    _plan,
    _record_ops,
    _scope,
    _snapshot,
    _uplink,
    _uplink_ops,
    _values,
)


def seconds_of(value: int, option: str) -> int:
    """The seconds within which the controller has to connect again."""
    return _values.number(value, option, _uplink_spec.LEAST_SECONDS, _uplink_spec.MOST_SECONDS, "seconds")


def normalise(params: _plan.Params, path: str, plug: _uplink_plug.Plug) -> _uplink_spec.UplinkSpec | None:
    """The options uplink and confirm_timeout; None: leave alone."""
    bridge = plug.bridge
    seconds = seconds_of(params["confirm_timeout"], f"{path}confirm_timeout")
    name = params.get("uplink")
    if name == "" and "uplink" not in (params.get("clear") or ()):
        raise _errors.BadInput(
            f"{path}uplink: is empty; use `clear: [uplink]` to send the NIC home, or leave the option out."
        )
    if name:
        _values.link_name(name, f"{path}uplink")
    if name in (bridge, "lo"):
        raise _errors.BadInput(
            f"{path}uplink: '{name}' is"
            f" {'the bridge itself' if name == bridge else 'the loopback link, which no bridge takes'}; name a NIC."
        )
    if name and params.get("up") is False:
        raise _errors.BadInput(
            f"{path}up: a bridge that is down would cut its uplink '{name}' off; leave it up, or leave uplink out."
        )
    tree = next((one for one in ("stp", "rstp") if params.get(one)), None)
    delay = params.get("forward_delay") or _uplink_spec.FORWARD_DELAY
    if name and tree and 2 * delay + _uplink_spec.SLACK > seconds:
        raise _errors.BadInput(
            f"{path}confirm_timeout: with {tree} the uplink forwards nothing for {2 * delay:g} s (twice the forward"
            f" delay), so {seconds} s are too short; give at least {2 * delay + _uplink_spec.SLACK:g}, or a shorter"
            " delay."
        )
    return None if name is None else _uplink_spec.UplinkSpec(plug, name, seconds, path)


def scope(spec: _uplink_spec.UplinkSpec | None, plug: _uplink_plug.Plug, scope_: _scope.Scope) -> None:
    """Add to the scope what has to be read. The records say whose uplink a NIC is, also if the option is left out."""
    scope_.trees.add(_paths.uplinks(plug.ns))
    scope_.neighbours.add(plug.ns)
    plug.scope(scope_, spec.name if spec else "")
    if spec and spec.name:
        scope_.routes |= {(spec.ns, ("by", spec.name)), (spec.ns, ("by", spec.bridge))}
        scope_.questions.add(_scope.GuardOf(spec.ns, spec.name))
        scope_.questions.add(_scope.Wired(spec.name))


def homes(now: _snapshot.Snapshot, plug: _uplink_plug.Plug) -> list[_uplink.Home]:
    """The records of this bridge's uplinks. There is more than one only while the uplink changes."""
    folder = _paths.uplinks(plug.ns)
    if not plug.is_here(now):
        return []
    names = (path[len(folder) + 1 : -len(".json")] for path in now.below(folder))
    found = (_home_of(now, plug, name) for name in names)
    return [home for home in found if home is not None and home.bridge == plug.bridge]


def _home_of(now: _snapshot.Snapshot, plug: _uplink_plug.Plug, name: str) -> _uplink.Home | None:
    """The record of a NIC. An unreadable record is only an error for a port of the bridge."""
    try:
        return _uplink.home_of(now, plug.ns, name)
    except _errors.HostError:
        link = now.link(plug.ns, name)
        if link is not None and plug.holds(now, link):
            raise
        return None


def ports(spec: _uplink_spec.UplinkSpec | None, now: _snapshot.Snapshot, plug: _uplink_plug.Plug) -> tuple[str, ...]:
    """The uplinks, which count as ports of an exact list. Without the option the recorded ones are left alone."""
    if spec is not None:
        return (spec.name,) if spec.name else ()
    return tuple(home.uplink for home in homes(now, plug))


def uplink_of(now: _snapshot.Snapshot, plug: _uplink_plug.Plug) -> str | None:
    """The uplink that is fully in effect: a port of the bridge, with nothing left on it and nothing lost on the
    bridge.
    """
    return next((home.uplink for home in homes(now, plug) if _in_effect(now, plug, home)), None)


def _in_effect(now: _snapshot.Snapshot, plug: _uplink_plug.Plug, home: _uplink.Home) -> bool:
    space = now.namespaces[plug.ns]
    moved = home.own.on(home.bridge, home.uplink)
    space.routes.expect(moved.routes)
    return (
        plug.holds(now, space.links[home.uplink])
        and not _uplink.belongings(space, home.uplink)
        and all(space.routes.of(route.slot) for route in moved.routes)
        and all(neighbour in space.neighbours for neighbour in moved.neighbours)
    )


def moved_neighbours(now: _snapshot.Snapshot, plug: _uplink_plug.Plug) -> list[_snapshot.Neighbour]:
    """The neighbours that came to the bridge with its uplink."""
    return [one for home in homes(now, plug) for one in home.own.on(plug.bridge, home.uplink).neighbours]


def face(
    spec: _uplink_spec.UplinkSpec | None, now: _snapshot.Snapshot, link: _link.LinkSpec
) -> tuple[str | None, int | None]:
    """MAC and MTU of a new bridge: those of its uplink, so that its neighbours' ARP caches stay right."""
    nic = now.link(spec.ns, spec.name) if spec and spec.name else None
    return (link.mac or (nic.mac if nic else None), link.mtu or (nic.mtu if nic and nic.mtu != 1500 else None))


# --- there ---


def settle(spec: _uplink_spec.UplinkSpec | None, link: _link.LinkSpec, planner: _plan.Planner) -> None:
    """Plan that the bridge has exactly this uplink."""
    if spec is None:
        return
    for home in homes(planner.now, spec.plug):
        if home.uplink != spec.name:
            send_home(home, spec.plug, spec.seconds, link.addresses or (), planner)
    if spec.name:
        nic = _uplink_checks.require(spec, link, planner)
        known = len(planner.steps)
        _move(spec, link, nic, planner)
        _guard(planner, known, spec.plug, spec.name, spec.seconds)


def _guard(planner: _plan.Planner, known: int, plug: _uplink_plug.Plug, uplink: str, seconds: int) -> None:
    """Guard every step that touches the uplink. Writing a record needs no guard."""
    if any(not step.quiet for step in planner.steps[known:]):
        planner.first(_uplink_ops.GuardStart(plug.ns, uplink, plug.bridge, seconds, plug.database))


def _move(spec: _uplink_spec.UplinkSpec, link: _link.LinkSpec, nic: _snapshot.Link, planner: _plan.Planner) -> None:
    """Prepare the bridge, then move. From the moment the NIC is a port until the routes are set, the host is off the
    net: a few milliseconds.
    """
    ns = planner.now.namespaces[spec.ns]
    home = _uplink.home_of(planner.now, spec.ns, spec.name)
    own = _uplink_checks.known(planner.now, spec)
    here = _uplink.belongings(ns, spec.name)
    kept = home.link if home and home.bridge == spec.bridge else {key: getattr(nic, key) for key in _uplink.KEPT}
    reads_along = spec.plug.reads_along(planner.now)
    if not reads_along:
        _face(spec, link, nic, planner)
    facts = _uplink.Home(spec.name, spec.bridge, _lasting(own), spec.plug.kept(planner, spec.name, kept)).facts()
    if home is None or home.facts() != facts:
        planner.do(_record_ops.LinkRecord(spec.ns, spec.name, _paths.uplink_record(spec.ns, spec.name), facts))
    wanted = _wanted(own, here, link.addresses)
    if wanted and not spec.plug.holds(planner.now, nic):
        spec.plug.warn_of_a_reboot(planner, spec.name)
    spec.plug.join(planner, nic, f"make '{spec.name}' the uplink of '{spec.bridge}'")
    _uplink.take(planner, here, spec.ns, spec.name)
    if reads_along:  # as long as the NIC has the addresses, a bridge that is up would answer as well
        _face(spec, link, nic, planner)
    spec.plug.silence(planner, spec.name)
    _uplink.give(
        planner,
        (wanted if link.addresses else wanted.ordered_as(here)).on(spec.bridge, spec.name),
        spec.ns,
        spec.bridge,
    )


def _lasting(own: _uplink.Belongings) -> _uplink.Belongings:
    """What is recorded. Addresses with a lifetime and routes from a router's advertisement appear by themselves and are
    left out.
    """
    addresses = tuple(address for address in own.addresses if not address.dynamic)
    return dataclasses.replace(
        own, addresses=addresses, routes=tuple(route for route in own.routes if not route.passing)
    )


def _wanted(own: _uplink.Belongings, here: _uplink.Belongings, declared: tuple[str, ...] | None) -> _uplink.Belongings:
    """What the bridge is to have: declared addresses in place of the uplink's. Those of SLAAC move with their
    lifetimes.
    """
    lasting = tuple(address for address in own.addresses if not address.dynamic)
    if declared is not None:
        details = {address.cidr: address.detail for address in lasting}
        lasting = tuple(
            _snapshot.Address(cidr, detail=_address.as_declared(details.get(cidr, {}))) for cidr in declared
        )
    leased = tuple(address for address in here.addresses if address.dynamic and ":" in address.cidr)
    sources = {address.cidr.split("/")[0] for address in (*lasting, *leased)}
    routes = tuple(
        route if route.source in sources else dataclasses.replace(route, source=None) for route in own.routes
    )
    return _uplink.Belongings(lasting + leased, own.routes if declared is None else routes, own.neighbours)


def _face(spec: _uplink_spec.UplinkSpec, link: _link.LinkSpec, nic: _snapshot.Link, planner: _plan.Planner) -> None:
    bridge = planner.now.namespaces[spec.ns].links[spec.bridge]
    wanted = {"mac": link.mac or nic.mac, "mtu": link.mtu or nic.mtu, "up": True}
    changes = {key: value for key, value in wanted.items() if value is not None and value != getattr(bridge, key)}
    if changes:
        planner.do(_link_ops.LinkSet(spec.ns, spec.bridge, changes))


# --- and back ---


def remove(plug: _uplink_plug.Plug, seconds: int, planner: _plan.Planner) -> None:
    """Plan that the uplinks of a bridge that is deleted are as they were before."""
    for home in homes(planner.now, plug):
        send_home(home, plug, seconds, (), planner)


def send_home(
    home: _uplink.Home, plug: _uplink_plug.Plug, seconds: int, staying: t.Sequence[str], planner: _plan.Planner
) -> None:
    """Plan that the NIC is no longer an uplink and has what it had; ``staying``: addresses that the bridge keeps."""
    known, ns = len(planner.steps), plug.ns
    space = planner.now.namespaces[ns]
    going = _uplink.Belongings()
    record = _paths.uplink_record(ns, home.uplink)
    if home.bridge in space.links:
        has, had = _uplink.belongings(space, home.bridge), home.own.on(home.bridge, home.uplink)
        slots = {route.slot for route in had.routes}
        cidrs = {address.cidr for address in had.addresses} - set(staying)
        going = _uplink.Belongings(
            tuple(
                address
                for address in has.addresses
                if address.cidr in cidrs or (address.dynamic and ":" in address.cidr)
            ),
            tuple(route for route in has.routes if route.slot in slots or route.passing),
            tuple(neighbour for neighbour in has.neighbours if neighbour in had.neighbours),
        )
        _uplink.take(planner, going, ns, home.bridge)
    plug.leave(planner, home)
    passing = tuple(route.by(home.uplink, home.bridge) for route in going.routes if route.passing)
    leased = tuple(address for address in going.addresses if address.dynamic)
    own = dataclasses.replace(home.own, addresses=home.own.addresses + leased, routes=home.own.routes + passing)
    _uplink.give(planner, own.ordered_as(going), ns, home.uplink)
    if home.link.get("up") is False:
        planner.do(_link_ops.LinkSet(ns, home.uplink, {"up": False}))
    planner.do(_record_ops.LinkForget(ns, home.uplink, record))
    _guard(planner, known, plug, home.uplink, seconds)


def forget_lost(plug: _uplink_plug.Plug, planner: _plan.Planner) -> None:
    """Delete the records of this bridge whose NIC is gone or was replaced."""
    folder = _paths.uplinks(plug.ns)
    for path, text in planner.now.below(folder).items() if plug.is_here(planner.now) else ():
        name = path[len(folder) + 1 : -len(".json")]
        if f'"bridge": "{plug.bridge}"' in text and _home_of(planner.now, plug, name) is None:
            planner.warn(f"The record in {path} is of a NIC that is gone; it goes as well.")
            planner.do(_ops.FileDelete(path, quiet=True))
