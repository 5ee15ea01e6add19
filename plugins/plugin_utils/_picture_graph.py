# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of a picture as nodes in frames, and lines between them: what Mermaid and DOT are written from."""

from __future__ import annotations

import collections.abc as c
import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _picture_model, _picture_text, _plan_values


@dataclasses.dataclass(frozen=True)
class Node:
    """A box. ``lines``: its text; ``sort``: 'switch' or 'link'."""

    key: str
    lines: tuple[str, ...]
    sort: str
    down: bool = False


@dataclasses.dataclass
class Frame:
    """A frame with nodes and frames in it: a host, or a namespace."""

    key: str
    title: str
    nodes: list[Node] = dataclasses.field(default_factory=list)
    frames: list[Frame] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Line:
    """A line between two nodes."""

    start: str
    end: str
    text: str
    down: bool = False


@dataclasses.dataclass(frozen=True)
class Graph:
    """Frames, and lines across them."""

    frames: tuple[Frame, ...]
    lines: tuple[Line, ...]


def graph_of(hosts: c.Sequence[_picture_model.Host]) -> Graph:
    """The graph of hosts. Keys are numbers, so that no name is ever part of the syntax."""
    parts = [_Drawn(host, f"h{index}") for index, host in enumerate(hosts)]
    return Graph(tuple(part.frame for part in parts), tuple(line for part in parts for line in part.lines))


class _Drawn:
    """One host as a frame."""

    def __init__(self, host: _picture_model.Host, key: str) -> None:
        self.host, self.key = host, key
        self.frame = Frame(key, _plan_values.printable(host.name) or "host")
        self.lines: list[Line] = []
        self.spaces: dict[str | None, Frame] = {None: self.frame}
        self.called = {one.name: f"{one.sort} {one.title}" for one in host.spaces if one.title}
        self.known: dict[_picture_model.Place, str] = {}
        self.switches = {id(switch): f"{key}s{index}" for index, switch in enumerate(host.switches)}
        if host.problem:
            self.frame.nodes.append(Node(f"{key}p", (_plan_values.printable(host.problem),), "link", down=True))
        for space in host.spaces:
            self._facts(space)
        for switch in host.switches:
            lines = _lines(f"{switch.kind} {switch.name}", switch.details, switch.state)
            self._frame(switch.netns).nodes.append(Node(self.switches[id(switch)], lines, "switch", bool(switch.state)))
        for switch in host.switches:
            for port in switch.ports:
                self._port(switch, port)
        for cable in host.cables:
            down = any(end.state == _picture_model.DOWN for end in cable.ends)
            self.lines.append(Line(self._end(cable.ends[0]), self._end(cable.ends[1]), "", down))
        for end in host.others:
            self._end(end)

    def _frame(self, netns: str | None) -> Frame:
        if netns not in self.spaces:
            called = self.called.get(netns, str(netns))
            frame = Frame(f"{self.key}n{len(self.spaces)}", _plan_values.printable(called))
            self.spaces[netns] = frame
            self.frame.frames.append(frame)
        return self.spaces[netns]

    def _facts(self, space: _picture_model.Space) -> None:
        frame = self._frame(space.name)
        if space.details or space in self.host.empty:
            words = tuple(_plan_values.printable(one) for one in space.details) or ("no link but lo",)
            frame.nodes.append(Node(f"{frame.key}f", words, "link"))

    def _end(self, end: _picture_model.End) -> str:
        if end.place not in self.known:
            key = self.known[end.place] = f"{self.key}e{len(self.known)}"
            node = Node(key, _lines(end.name, end.details, end.state), "link", end.state == _picture_model.DOWN)
            self._frame(end.netns).nodes.append(node)
        return self.known[end.place]

    def _port(self, switch: _picture_model.Switch, port: _picture_model.Port) -> None:
        start, ports = self.switches[id(switch)], self.host.ports
        down = _picture_model.DOWN in (port.end.state, port.far.state if port.far else "")
        words = [port.end.name, *port.end.details, *([port.vlan] if port.vlan else [])]
        if port.far is not None and port.far.place in ports:  # of two switches that are connected, one draws the line
            other = self.switches[id(ports[port.far.place])]
            if (start, port.end.name) < (other, port.far.name):
                text = f"{port.end.name} - {port.far.name}{f', {port.vlan}' if port.vlan else ''}"
                self.lines.append(Line(start, other, _plan_values.printable(text), down))
            return
        text = _plan_values.printable(", ".join(words) + (f" {port.end.state}" if port.end.state == "DOWN" else ""))
        if port.far is None:
            self.lines.append(Line(start, self._end(port.end), _plan_values.printable(port.vlan), down))
        else:
            self.lines.append(Line(start, self._end(port.far), text, down))


def _lines(name: str, details: t.Sequence[str], state: str) -> tuple[str, ...]:
    marks = [_picture_text.MARKS[state]] if state == _picture_model.DOWN else []
    return tuple(_plan_values.printable(one) for one in (name, *details, *marks) if one) or ("port",)
