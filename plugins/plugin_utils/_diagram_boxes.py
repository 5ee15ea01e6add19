# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The boxes of a host: what each says of its object, and where each object is to be found."""

from __future__ import annotations

import collections.abc as c
import hashlib
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_hangers,
    _diagram_scene,
    _diagram_tips,
    _diagram_words,
    _picture_model,
    _plan_values,
)

LETTERS = 22  # that fit into a card
LINE, ABOVE = 14, 34  # the height of a line of a card, and of what is above the first one
# Cards are small; the badge or the place of these words says the rest.
BRIEF = {
    "serves ": "",
    "masquerades ": "NAT ",
    "publishes ": "",
    "default via ": "via ",
    "no lease by DHCP yet": "no lease yet",
}
WORST = (_picture_model.BROKEN, _picture_model.GONE, _picture_model.MADE, _picture_model.DIFFERS)
SAID = {"made": "to be made", "gone": "to go", "differs": "differs", "broken": "broken"}
shown = _plan_values.printable


class Area(t.NamedTuple):
    """A place within a block."""

    x: int
    y: int
    width: int
    height: int


class Boxes:
    """Makes the boxes of one host."""

    def __init__(self, host: _picture_model.Host) -> None:
        self.host = host
        self.targets: dict[_picture_model.Place, str] = {}  # the box of each place
        self._marks: dict[_picture_model.Place, list[_picture_model.Mark]] = {}
        for mark in host.marks:
            self._marks.setdefault(mark.place, []).append(mark)

    def sorts(self, places: t.Iterable[_picture_model.Place]) -> tuple[str, ...]:
        """The sorts of the marks at places."""
        return sorts_of(mark for one in places for mark in self._marks.get(one, ()))

    def switch(self, block: _diagram_scene.Block, switch: _picture_model.Switch, area: Area) -> _diagram_scene.Box:
        """A switch."""
        lines = (switch.kind, *map(shown, switch.details))
        down = switch.state == _picture_model.DOWN
        places = [(switch.netns, switch.name), *switch.more]
        return self._box(block, "bar", area, places, title=block.title, lines=lines, down=down, what="switch")

    def chip(
        self, block: _diagram_scene.Block, ports: c.Sequence[_picture_model.Port], area: Area
    ) -> _diagram_scene.Box:
        """A port behind which nothing is drawn, or several of them."""
        port, places = ports[0], [port.end.place for port in ports]
        if len(ports) > 1:
            names = tuple(port.end.name for port in ports)
            words = (_diagram_words.cut(" ".join(map(shown, names)), LETTERS + 4),)
            return self._box(block, "chip", area, places, title=f"{len(ports)} more ports", lines=words, what="ports")
        text = _diagram_words.BETWEEN.join([*([port.vlan] if port.vlan else []), *port.end.details])
        down = port.end.state == _picture_model.DOWN
        lines = (_diagram_words.cut(shown(text), LETTERS + 4),)
        return self._box(block, "chip", area, places, title=shown(port.end.name), lines=lines, down=down, what="port")

    def card(self, block: _diagram_scene.Block, one: _diagram_hangers.Space, area: Area) -> _diagram_scene.Box:
        """A namespace, or a link of the host itself."""
        states = [end.state for end in one.ends.values()] + ([one.port.end.state] if one.port else [])
        down = _picture_model.DOWN in states
        letters = area.width * LETTERS // _diagram_scene.CARD
        lines = [line for end in one.ends.values() for line in _told(end, one.own, letters)]
        lines = [*(["DOWN"] if down else []), *lines, *map(_brief, one.details)]
        most = (area.height - ABOVE) // LINE
        fitting = lines if len(lines) <= most else [*lines[: most - 1], f"and {len(lines) - most + 1} more"]
        return self._box(
            block,
            "card",
            area,
            one.places,
            title=shown(one.shown) or ("all of OVN" if self.host.northbound else "the host"),
            lines=tuple(_diagram_words.cut(shown(line), letters) for line in fitting),
            badges=one.badges,
            near=shown(_near(one)),
            down=down,
            words=", ".join(map(shown, lines)),
            what="link" if one.own and one.name else one.sort,
        )

    def _box(
        self,
        block: _diagram_scene.Block,
        sort: str,
        area: Area,
        places: c.Sequence[_picture_model.Place],
        **more: t.Any,
    ) -> _diagram_scene.Box:
        """A box that stands for the objects at these places."""
        key = f"b-{block.key}-{key_of(sort, str(places[0][0]), places[0][1])}"
        places = list(dict.fromkeys(places))
        for one in places:
            self.targets.setdefault(one, key)
        marks = [mark for one in places for mark in self._marks.get(one, ())]
        told = [shown(f"{SAID[mark.sort]}: {'; '.join([mark.title, *mark.notes])}") for mark in marks]
        options = _diagram_tips.options(view for one in places for view in self.host.views.get(one, ()))
        tip = "\n".join([*told, options]).strip()
        return _diagram_scene.Box(key, sort, *area, tip=tip, marks=sorts_of(marks), **more)


def key_of(*names: str) -> str:
    """A key that is part of no syntax, and stays the same as long as the names do."""
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:10]


def sorts_of(marks: t.Iterable[_picture_model.Mark]) -> tuple[str, ...]:
    """The sorts of marks, the worst one first."""
    found = {mark.shown for mark in marks}
    return tuple(sort for sort in WORST if sort in found)


def _near(one: _diagram_hangers.Space) -> str:
    """What the cable of a card is plugged into."""
    if one.port is None or one.sort == _picture_model.PORT:
        return ""
    return one.port.end.name if one.sort == _picture_model.NAMESPACE or one.port.far is None else one.port.far.name


def _told(end: _picture_model.End, own: bool, letters: int) -> list[str]:
    """What a card says of a link: its name, too, where there is room."""
    first, rest = (_brief(end.details[0]), end.details[1:]) if end.details else ("", ())
    named = f"{end.name} {first}".rstrip()
    if own or len(named) > letters:
        named = first
    return [*([named] if named else []), *map(_brief, rest)]


def _brief(words: str) -> str:
    for long, short in BRIEF.items():
        if words.startswith(long):
            return short + words[len(long) :]
    return words
