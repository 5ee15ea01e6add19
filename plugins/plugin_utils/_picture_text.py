# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture as text: each switch with its ports, and what is at the other end of each."""

from __future__ import annotations

import collections.abc as c

from ansible_collections.netloom.linux.plugins.plugin_utils import _picture_model, _plan_values

GAP = "  "
CABLE, INTERNAL = "──", "══"
MARKS = {_picture_model.DOWN: "** DOWN **", _picture_model.NO_CARRIER: "** no carrier **"}
NOTHING = "no namespace, no switch and no link"
EMPTY = "no switch, no router and no group"


def draw(hosts: c.Sequence[_picture_model.Host]) -> str:
    """The picture of hosts. One host without a name is drawn without a frame."""
    blocks: list[str] = []
    for host in hosts:
        lines = _host(host)
        if host.name:
            lines = [
                f"{'northbound database' if host.northbound else 'host'} {_plan_values.printable(host.name)}",
                *(f"{GAP}{line}" for line in lines),
            ]
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def _host(host: _picture_model.Host) -> list[str]:
    if host.problem:
        return [_plan_values.printable(host.problem)]
    lines = [line for switch in host.switches for line in _switch(switch, host)]
    if host.cables:
        ends = [[_end(end) for end in cable.ends] for cable in host.cables]
        width = max(len(near) for near, _far in ends)
        lines += ["cables", *_branches([f"{near:<{width}} {CABLE} {far}" for near, far in ends])]
    if host.others:
        lines += ["other links", *_branches([_end(end) for end in host.others])]
    spaces = [space for space in host.spaces if space.details or space in host.empty]
    if host.northbound:
        return lines + _objects(spaces) or [EMPTY]
    if spaces:
        lines += ["namespaces and host", *_branches([_space(space) for space in spaces])]
    return lines or [NOTHING]


def _objects(spaces: c.Sequence[_picture_model.Space]) -> list[str]:
    """What is not on a switch, and what more is to be said of a router: a line for each fact."""
    lines: list[str] = []
    for space in spaces:
        title = f"{space.sort} {space.shown}" if space.name is not None else "options"
        lines += [_plan_values.printable(title), *_branches([_plan_values.printable(one) for one in space.details])]
    return lines


def _space(space: _picture_model.Space) -> str:
    details = "; ".join(space.details) or "no link but lo"
    return f"{_plan_values.printable(space.name) if space.name else 'the host'}{GAP}{_plan_values.printable(details)}"


def _switch(switch: _picture_model.Switch, host: _picture_model.Host) -> list[str]:
    place = f" in {_plan_values.printable(switch.netns)}" if switch.netns else ""
    title = f"{switch.kind} {_plan_values.printable(switch.name)}{place}"
    lines = [_plan_values.printable(GAP.join([title, *switch.details, *_mark(switch.state)]))]
    groups = switch.groups
    if set(groups) <= {""}:
        return lines + _branches(_ports(groups.get("", []), host))
    for index, (vlan, ports) in enumerate(groups.items()):
        last = index == len(groups) - 1
        lines.append(f" {'└' if last else '├'}─ {_plan_values.printable(vlan)}")
        lines += [f" {' ' if last else '│'}  {line}" for line in _branches(_ports(ports, host))]
    return lines


def _branches(lines: c.Sequence[str]) -> list[str]:
    return [f" {'└' if index == len(lines) - 1 else '├'}─ {line}" for index, line in enumerate(lines)]


def _ports(ports: c.Sequence[_picture_model.Port], host: _picture_model.Host) -> list[str]:
    """The lines of ports, their names aligned where something follows."""
    near = [
        _plan_values.printable(GAP.join([port.end.name, *port.end.details, *_mark(_state(port))])) for port in ports
    ]
    width = max((len(words) for words, port in zip(near, ports) if port.far is not None), default=0)
    return [
        words if port.far is None else f"{words:<{width}} {INTERNAL if port.internal else CABLE} {_far(port, host)}"
        for words, port in zip(near, ports)
    ]


def _state(port: _picture_model.Port) -> str:
    """The state of a port. Without a carrier because its other end is down, it is not to blame."""
    blameless = port.end.state == _picture_model.NO_CARRIER and port.far is not None
    return "" if blameless else port.end.state


def _far(port: _picture_model.Port, host: _picture_model.Host) -> str:
    far = port.far
    if far is None:
        raise AssertionError
    switch = host.ports.get(far.place)
    if far.state == _picture_model.NO_CARRIER and port.end.state == _picture_model.DOWN:
        far = _picture_model.End(far.netns, far.name, far.details)
    return _end(far) + (f"{GAP}port of {_plan_values.printable(switch.name)}" if switch else "")


def _end(end: _picture_model.End) -> str:
    where = ":".join(one for one in (end.owner or end.netns, end.name) if one)
    return _plan_values.printable(GAP.join([where, *end.details, *_mark(end.state)]))


def _mark(state: str) -> list[str]:
    return [MARKS[state]] if state else []
