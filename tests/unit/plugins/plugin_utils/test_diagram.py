# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawing of a network as SVG and HTML: valid, without injection, and still where it was when a member comes."""

from __future__ import annotations

import base64
import copy
import hashlib
import html.parser
import re
import time
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.filter.bridge_network_topology import FilterModule as Bridges
from ansible_collections.netloom.linux.plugins.filter.diagram import FilterModule as Diagrams
from ansible_collections.netloom.linux.plugins.filter.ovs_vlan_dhcp_topology import FilterModule as Tenants
from ansible_collections.netloom.linux.plugins.filter.router_topology import FilterModule as Routers
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_formats,
    _diagram_layout,
    _diagram_slots,
    _diagram_style,
    _diagram_tips,
    _fleet_ends,
    _picture_model,
    _picture_reader,
    _vxlan_share,
)
from ansible_collections.netloom.linux.tests.unit.drawings import HOSTILE, SVG, overlaps, places, same, svg

diagram = Diagrams().filters()["diagram"]
bridges = Bridges().filters()["bridge_network_topology"]
tenants = Tenants().filters()["ovs_vlan_dhcp_topology"]
routers = Routers().filters()["router_topology"]
VOID = {"meta", "link", "input", "br"}


def web(*names: str) -> dict[str, t.Any]:
    """What netns_info would report of a bridge with members."""
    network = {
        "name": "web",
        "subnet": "172.20.0.0/24",
        "masquerade": True,
        "members": [{"name": one} for one in names],
    }
    return dict(bridges([network]))


def vlans(**members: t.Sequence[str]) -> dict[str, t.Any]:
    """The same of tenants, by the names of their members."""
    declared = [
        {"name": name, "tag": 100 * (index + 1), "subnet": "10.50.50.0/24", "members": [{"name": one} for one in names]}
        for index, (name, names) in enumerate(members.items())
    ]
    return dict(tenants(declared))


def fleet(hosts: int, members: int) -> list[_picture_model.Host]:
    """Hosts with two networks between them."""
    names = [f"node{index + 1}" for index in range(hosts)]
    ends = _fleet_ends.read_table(
        {name: {"local": f"192.0.2.{i}", "underlay_mtu": 1500} for i, name in enumerate(names)}
    )
    networks = [
        {
            "name": color,
            "vni": vni,
            "subnet": "10.50.0.0/16",
            "members": [{"name": f"{color}{i + 1}", "host": names[i % hosts]} for i in range(members)],
        }
        for color, vni in (("red", 4100), ("blue", 4200))
    ]
    return [host(_vxlan_share.topology(networks, name, ends), name) for name in names]


def host(info: t.Mapping[str, t.Any], name: str = "lab1", marks: t.Sequence[_picture_model.Mark] = ()) -> t.Any:
    """A host of which this is reported."""
    found = _picture_reader.host_of(name, {"netns_info": info})
    return _picture_model.Host(**{**vars(found), "marks": tuple(marks)})


class Page(html.parser.HTMLParser):
    """Reads a page, and refuses one whose elements are not nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.script = self.text = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        assert len(attrs) == len(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.script += data
        else:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of a name."""
        return [attributes for name, attributes in self.seen if name == tag]


def page(*hosts: _picture_model.Host) -> Page:
    """The page, read by a parser."""
    return Page(_diagram_formats.draw(hosts, "html"))


def test_a_network_is_a_bar_with_namespaces() -> None:
    found = places(svg(host(web("web1", "web2"))))
    titles = {one.name: (one.x, one.y) for one in found.values()}
    assert set(titles) == {"switch br-web", "namespace web1", "namespace web2", "namespace the host"}
    assert titles["namespace web1"][0] < titles["namespace web2"][0]
    assert titles["switch br-web"][1] < titles["namespace web1"][1] == titles["namespace web2"][1]


def test_what_is_said_of_an_object_has_the_shape_of_its_options() -> None:
    titles = [one.text or "" for one in svg(host(web("web1"))).iter(f"{SVG}title")]
    told = next(one for one in titles if one.startswith("namespace web1\n"))
    assert "\nnetns:\n  - name: web1" in told
    assert "veth:\n  - name: v-web1" in told
    assert "    peer:\n      name: eth0\n      netns: web1" in told
    assert "netns_route:\n  - destination: default" in told or "netns_route:\n  - netns: web1" in told


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("10.0.0.1/24", "10.0.0.1/24"),
        ("web 1", "web 1"),
        ("yes", '"yes"'),
        ("52:54:00:00:00:01", '"52:54:00:00:00:01"'),
        ("a: b", '"a: b"'),
        ("", '""'),
        (True, "true"),
        (7, "7"),
        (["a", "b"], "[a, b]"),
    ],
)
def test_options_are_yaml(value: t.Any, words: str) -> None:
    expected = f"netns:\n  - name: red\n    x: {words}"
    assert (
        _diagram_tips.options([("netns", {"name": "red", "x": value, "left_out": None, "state": "present"})])
        == expected
    )


def test_a_long_list_is_shortened() -> None:
    told = _diagram_tips.options([("netns_interface", {"name": "vx0", "fdb": [{"mac": str(i)} for i in range(40)]})])
    assert told.count("- {mac:") == 12
    assert told.endswith("# and 28 more")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_more_than_text(name: str) -> None:
    info = copy.deepcopy(web("web1"))
    info["netns"][0]["name"] = info["veth"][0]["peer"]["netns"] = name
    info["veth"][0]["peer"]["name"] = name
    info["linux_bridge"][0]["name"] = info["veth"][0]["master"] = name
    info["linux_bridge"][0]["addresses"] = [name]
    mark = _picture_model.Mark(_picture_model.BROKEN, (name, name), name, (name,))
    hostile = host(info, name, [mark])
    usual = host(web("web1"), marks=[_picture_model.Mark(_picture_model.BROKEN, ("web1", "eth0"), "x", ("x",))])
    drawn, plain = svg(hostile), svg(usual)
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in name)
    assert any(shown in (one.text or "") for one in drawn.iter(f"{SVG}title"))
    assert not {one.tag for one in drawn.iter()} - {one.tag for one in plain.iter()}
    found, other = page(hostile), page(usual)
    assert len(found.all("script")) == len(found.all("title")) - len(other.all("title")) + 1
    assert {tag for tag, _attributes in found.seen} == {tag for tag, _attributes in other.seen}
    assert {key for _tag, attributes in found.seen for key in attributes} == {
        key for _tag, attributes in other.seen for key in attributes
    }
    assert shown in found.text


def test_a_page_asks_nobody_and_runs_only_its_own_script() -> None:
    text = _diagram_formats.draw([host(web("web1"))], "html", "My network")
    found = Page(text)
    policy = next(one["content"] or "" for one in found.all("meta") if one.get("http-equiv"))
    digest = base64.b64encode(hashlib.sha256(found.script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert re.findall(r"(?:https?:)?//[\w.]+", text.replace("http://www.w3.org/2000/svg", "")) == []
    assert not {"src", "onclick"} & {key for _tag, attributes in found.seen for key in attributes}
    assert not re.search(r"innerHTML|insertAdjacent|document\.write|eval\(", found.script)
    assert "My network" in found.text


def test_the_page_can_be_used_without_a_mouse() -> None:
    mark = _picture_model.Mark(_picture_model.MADE, ("web1", ""), "netns web1")
    found = page(host(web("web1"), marks=[mark]))
    buttons = [one for one in found.all("g") if one.get("role") == "button"]
    assert buttons
    assert all(one.get("tabindex") == "0" and one.get("aria-label") for one in buttons)
    assert all(one.get("aria-expanded") in ("true", "false") for one in buttons if "fold" in (one.get("class") or ""))
    assert any("web1" in (one["aria-label"] or "") and "to be made" in (one["aria-label"] or "") for one in buttons)
    ids = [one["id"] for _tag, one in found.seen if "id" in one]
    assert len(ids) == len(set(ids))
    assert {one["data-shows"] for one in found.all("button") if "data-shows" in one} <= set(ids)


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        (web("web1", "web2", "db1"), web("web1", "web2", "db1", "cache1"), "cache1"),
        (web("web1", "web2", "web4"), web("web1", "web2", "web4", "a"), "a"),
        (
            vlans(red=["red1", "red3"], green=["green1"]),
            vlans(red=["red1", "red2", "red3"], green=["green1"]),
            "red2",
        ),
        (vlans(red=["red1"], green=["green1"]), vlans(red=["red1"], green=["green1", "green2"]), "green2"),
    ],
)
def test_one_member_more_moves_nothing(before: t.Any, after: t.Any, new: str) -> None:
    assert same(svg(host(before)), svg(host(after))) == ({f"namespace {new}"}, set())
    assert same(svg(host(before), host(web("x1"), "lab2")), svg(host(after), host(web("x1"), "lab2")))[1] == set()


def test_one_member_more_of_a_fleet_moves_nothing() -> None:
    new, moved = same(svg(*fleet(3, 9)), svg(*fleet(3, 10)))
    assert (new, moved) == ({"namespace red10", "namespace blue10"}, set())


def test_a_drawing_follows_from_the_network_alone() -> None:
    info = {**web("web1", "web2", "db1"), "ovs_port": []}
    turned = {kind: list(reversed(entries)) for kind, entries in info.items()}
    for form in ("svg", "html"):
        first = _diagram_formats.draw([host(info), host(web("b"), "lab2")], form)
        assert first == _diagram_formats.draw([host(info), host(web("b"), "lab2")], form)
    assert places(svg(host(info))).keys() == places(svg(host(turned))).keys()
    assert same(svg(host(info)), svg(host(turned))) == (set(), set())
    assert same(svg(host(info), host(web("b"), "lab2")), svg(host(web("b"), "lab2"), host(info))) == (set(), set())


@pytest.mark.parametrize(
    ("members", "slots"),
    [
        ([("red1", ""), ("red2", ""), ("red10", "")], [0, 1, 9]),
        ([("a", "10.0.0.4/24"), ("b", "10.0.0.2/24")], [2, 0]),
        ([("a", "10.0.0.1/24"), ("b", "10.0.0.2/24")], [0, 1]),
        ([("web1", ""), ("api1", "")], [_diagram_slots.LATE, 0]),
        ([("web", ""), ("api", "")], [_diagram_slots.LATE + 1, _diagram_slots.LATE]),
        ([("vm900", ""), ("vm7000", "")], [_diagram_slots.LATE, _diagram_slots.LATE + 1]),
        ([("v6", "fd00::5/64"), ("x", "fd00::2/64")], [3, 0]),
    ],
)
def test_slots(members: t.Any, slots: list[int]) -> None:
    found = _diagram_slots.slots_of([_diagram_slots.Member(*one) for one in members])
    assert [found[name] for name, _address in members] == slots


def test_rows_are_reserved() -> None:
    assert [_diagram_slots.reserved(rows) for rows in (0, 1, 2, 3, 5, 8, 9, 17)] == [1, 1, 2, 4, 8, 8, 16, 24]


def test_two_boxes_never_overlap() -> None:
    info = vlans(red=[f"red{i}" for i in range(1, 30)], green=["green1", "x", "y", "green2"])
    drawn = svg(host({**web("web1", "db"), **info}), *fleet(3, 40))
    assert overlaps(drawn) == []


def test_marks_stand_at_what_they_are_about() -> None:
    marks = [
        _picture_model.Mark(_picture_model.MADE, ("web1", ""), "netns web1"),
        _picture_model.Mark(_picture_model.GONE, (None, "v-web2"), "veth v-web2"),
        _picture_model.Mark(_picture_model.DIFFERS, (None, "br-web"), "linux_bridge br-web", ("ports: -v-web2",)),
        _picture_model.Mark(_picture_model.MADE, ("db1", ""), "netns_route default in db1", part=True),
        _picture_model.Mark(_picture_model.BROKEN, ("web1", "eth0"), "eth0 of web1 is down."),
        _picture_model.Mark(_picture_model.BROKEN, ("elsewhere", ""), "It is not drawn."),
    ]
    scene = _diagram_layout.scene([host(web("web1", "web2", "db1"), marks=marks)])
    boxes = {box.key: box for block in scene.page.walk() for box in (*block.heads, *block.boxes)}
    assert [boxes[step.target].title if step.target in boxes else step.target for step in scene.steps] == [
        *("web1", "web2", "br-web", "db1", "web1"),
        scene.page.blocks[0].key,
    ]
    by_name = {box.title: box.marks for box in boxes.values()}
    assert by_name["web1"] == (_picture_model.BROKEN, _picture_model.MADE)
    assert (by_name["web2"], by_name["db1"]) == ((_picture_model.GONE,), (_picture_model.DIFFERS,))
    assert scene.page.blocks[0].marks[0] == _picture_model.BROKEN


def test_a_fleet_is_folded_and_its_tunnels_are_drawn() -> None:
    scene = _diagram_layout.scene(fleet(20, 40))
    assert all(one.folded for one in scene.page.blocks)
    assert len([wire for wire in scene.wires if wire.sort == "tunnel"]) == 2 * 19
    assert not any(one.folded for one in _diagram_layout.scene(fleet(3, 6)).page.walk())


def test_a_router_is_connected_to_all_its_networks() -> None:
    info = vlans(red=["red1"], green=["green1"])
    legs = [{"tag": 100, "address": "10.50.50.1/24"}, {"tag": 200, "address": "10.60.60.1/24"}]
    for kind, entries in routers([{"name": "r1", "interfaces": legs}]).items():
        info.setdefault(kind, []).extend(entries)
    scene = _diagram_layout.scene([host(info)])
    assert [wire.title.partition(":")[0] for wire in scene.wires] == ["qrouter-r1"]
    card = next(box for block in scene.page.walk() for box in block.boxes if box.title == "qrouter-r1")
    assert card.badges == ("router",)


def test_hosts_of_which_nothing_is_known() -> None:
    drawn = _diagram_formats.draw([_picture_model.Host("lab1", problem="no <answer>")], "svg")
    assert "no &lt;answer&gt;" in drawn
    assert svg() is not None


def test_a_thousand_namespaces() -> None:
    network = {"name": "big", "subnet": "10.0.0.0/16", "members": [{"name": f"ns{i}"} for i in range(1000)]}
    began = time.monotonic()
    text = _diagram_formats.draw([host(bridges([network]))], "html")
    assert time.monotonic() - began < 10
    assert len(text) < 1_500_000
    assert text.count('class="box card') == 1000
    assert 'class="block network folded"' in text


def test_a_drawing_that_nobody_can_unfold_is_folded_only_if_it_is_very_large() -> None:
    assert 'class="block host folded"' in _diagram_formats.draw(fleet(9, 20), "html")
    assert " folded" not in _diagram_formats.draw(fleet(9, 20), "svg").partition("</style>")[2]
    assert 'class="block network folded"' in _diagram_formats.draw(
        [host(web(*(f"w{i}" for i in range(150))), str(n)) for n in range(5)], "svg"
    )


def test_colours_can_be_read() -> None:
    """WCAG 2.2, 1.4.3: the contrast of text is at least 4.5."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one: str, other: str) -> float:
        bright, dark = sorted((light(one), light(other)), reverse=True)
        return (bright + 0.05) / (dark + 0.05)

    for scheme in (_diagram_style.LIGHT, _diagram_style.DARK):
        marks = (scheme.made, scheme.gone, scheme.differs, scheme.broken)
        pairs = [(hue, scheme.on_hue) for hue in (*scheme.hues, *marks)]
        pairs += [
            (ink, ground) for ink in (scheme.ink, scheme.soft) for ground in (scheme.ground, scheme.host, scheme.card)
        ]
        assert [(pair, round(contrast(*pair), 1)) for pair in pairs if contrast(*pair) < 4.5] == []
