# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Linux bridge does at each of its ports (bridge(8), `bridge link set`)."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _bridge_port,
    _errors,
    _link_ops,
    _plan,
    _snapshot,
    _values,
    _words,
)

BOOLS = ("isolated", "hairpin", "learning", "flood", "neigh_suppress")
NUMBERS = {"cost": (1, 65535), "priority": (0, 63)}  # net/bridge/br_private.h, BR_MAX_PATH_COST and BR_MAX_PORTS
# As Ansible reads its own truth values, for a dictionary of free keys is not read by it.
TRUTHS = {"yes": True, "on": True, "true": True, "1": True, "no": False, "off": False, "false": False, "0": False}

PortFlags = t.Mapping[str, t.Mapping[str, t.Any]]


def normalise(
    value: t.Mapping[t.Any, t.Any], bridge: str, ports: t.Sequence[str] | None, option: str
) -> dict[str, dict[str, t.Any]]:
    """The option port_flags. ``ports``: the exact list, if one is declared."""
    found = {}
    for port, flags in value.items():
        here = f"{option}.{_values.link_name(port, option)}"
        if port == bridge:
            raise _errors.BadInput(f"{here}: '{port}' is the bridge itself; flags belong to its ports.")
        if ports is not None and port not in ports:
            raise _errors.BadInput(
                f"{here}: '{port}' is not among the ports of '{bridge}', whose list is exact. Add it to ports, or take"
                " its flags out."
            )
        if flags is None:
            continue
        if not isinstance(flags, dict):
            raise _errors.BadInput(
                f"{here}: {flags!r} is not a dictionary of flags; give one such as {{isolated: true}}."
            )
        found[port] = {flag: _flag(flag, given, f"{here}.{flag}") for flag, given in flags.items() if given is not None}
        unknown = [flag for flag in flags if flag not in (*BOOLS, *NUMBERS)]
        if unknown:
            raise _errors.BadInput(f"{here}: {_words.unknown(unknown[0], 'a port of a bridge', (*BOOLS, *NUMBERS))}")
    return found


def joining(planner: _plan.Planner, place: _plan.Place) -> dict[str, t.Any]:
    """The change that gives a link, which becomes a port, the flags that its bridge declares for it. It has them before
    it forwards a frame: otherwise a broadcast could pass between two ports that are isolated.
    """
    flags = planner.port_flags.get(place, {})
    differing = {flag: value for flag, value in flags.items() if _bridge_port.PORT_DEFAULTS.get(flag) != value}
    return {"port": differing} if differing else {}


def lower(planner: _plan.Planner, place: _plan.Place, bridge: str) -> bool:
    """Plan that a link which becomes a port with flags is down meanwhile, because it would forward before it has them.
    Return whether it has to be set up again. A link that would lose more than its carrier stays up.
    """
    link, master = planner.now.link(*place), planner.now.link(place[0], bridge)
    if link is None or not link.up or master is None or not master.up or not joining(planner, place):
        return False
    down = _link_ops.LinkSet(*place, {"up": False})
    if down.falls(planner.now) or any(one.device == link.name for one in planner.now.namespaces[place[0]].neighbours):
        return False
    planner.do(down)
    return True


def join(planner: _plan.Planner, place: _plan.Place, bridge: str) -> None:
    """Plan that a link becomes a port of the bridge, with its flags."""
    lowered = lower(planner, place, bridge)
    planner.do(_link_ops.LinkSet(*place, {"master": bridge, **joining(planner, place)}))
    if lowered:
        planner.do(_link_ops.LinkSet(*place, {"up": True}))


def settle(ns: _snapshot.NsKey, bridge: str, wanted: PortFlags, planner: _plan.Planner, option: str) -> None:
    """Plan exactly the declared flags."""
    for port, flags in wanted.items():
        link = port_of(ns, bridge, port, planner, f"{option}.{port}: cannot set flags of")
        differing = {flag: value for flag, value in flags.items() if link.port.get(flag) != value}
        if differing:
            planner.do(_link_ops.LinkSet(ns, port, {"port": differing}))


def clear(ns: _snapshot.NsKey, bridge: str, planner: _plan.Planner) -> None:
    """Plan the flags of new ports for all ports. The cost stays, because only the kernel knows it for a port's
    speed.
    """
    for link in [link for link in planner.now.namespaces[ns].links.values() if link.master == bridge]:
        differing = {
            flag: _bridge_port.PORT_DEFAULTS[flag]
            for flag in _bridge_port.special_flags(link)
            if flag in (*BOOLS, "priority")
        }
        if differing:
            planner.do(_link_ops.LinkSet(ns, link.name, {"port": differing}))


def view(
    snapshot: _snapshot.Snapshot, ns: _snapshot.NsKey, bridge: str, declared: PortFlags
) -> dict[str, dict[str, t.Any]]:
    """The flags that differ from a new port's, and those that are declared."""
    found = {}
    for link in snapshot.namespaces[ns].links.values():
        if link.master == bridge:
            flags = {
                **_bridge_port.special_flags(link),
                **{flag: link.port.get(flag) for flag in declared.get(link.name, ())},
            }
            said = {flag: flags[flag] for flag in (*BOOLS, *NUMBERS) if flag in flags}
            if said:
                found[link.name] = said
    return dict(sorted(found.items()))


def _flag(flag: t.Any, value: t.Any, option: str) -> t.Any:
    if flag in NUMBERS:
        try:
            return _values.number(int(value), option, *NUMBERS[flag])
        except (TypeError, ValueError):
            raise _errors.BadInput(f"{option}: {value!r} is not a whole number.") from None
    if flag in BOOLS and not isinstance(value, bool):
        truth = TRUTHS.get(str(value).lower())
        if truth is None:
            raise _errors.BadInput(f"{option}: {value!r} is not a truth value; give true or false.")
        return truth
    return value


def port_of(ns: _snapshot.NsKey, bridge: str, port: str, planner: _plan.Planner, wish: str) -> _snapshot.Link:
    """The link, which must be a port of the bridge. ``wish`` begins the error: the option, and what cannot be done."""
    place = f" in namespace '{ns}'" if ns else ""
    link = planner.now.link(ns, port)
    if link is not None and link.master not in (None, bridge):
        option = wish.split(": ", maxsplit=1)[0]
        raise _errors.Conflict(
            f"{option}: '{port}'{place} is a port of '{link.master}', not of '{bridge}'. Declare that there, or"
            " take the link out there first."
        )
    if link is None or link.master is None:
        what = "no such link" if link is None else "it is no port of that bridge"
        planner.missing(
            f"{wish} '{port}'{place} at '{bridge}': {what}. Make it a port first, with ports or"
            " netloom.linux.veth's master.",
            *([(ns, port)] if link is None else []),
        )
        link = _snapshot.Link(port, master=bridge, port=_bridge_port.PORT_DEFAULTS)
        planner.now.put(ns, link)
    return link
