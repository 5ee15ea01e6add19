# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks to be drawn: what people have, with plans and faults."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.netloom.linux.plugins.filter.bridge_network_topology import FilterModule as Bridges
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _fleet_ends,
    _picture_model,
    _picture_reader,
    _picture_sources,
    _vxlan_share,
)
from ansible_collections.netloom.linux.tests.pictures import pictures

Info = dict[str, list[dict[str, t.Any]]]
LATER = {"web2", "web3", "cache1"}  # members that are not there yet
FAULTS = (
    ("web1", "web2", "v-web2 of the host is down. Set it up: ip link set v-web2 up."),
    ("web1", "db1", "db1 has no address of 172.20.0.0/24. Run netloom.linux.site."),
    ("green1", "green2", "v-green1 of the host has tag 300, and VLAN 200 is declared."),
)


def host(info: t.Any, name: str, *marks: _picture_model.Mark) -> _picture_model.Host:
    """A host of which this is reported."""
    found = _picture_reader.host_of(name, {"netns_info": info})
    return _picture_model.Host(**{**vars(found), "marks": marks})


def fleet(hosts: int, members: int) -> list[_picture_model.Host]:
    """Hosts with a network between them."""
    names = [f"node{index + 1}" for index in range(hosts)]
    ends = _fleet_ends.read_table(
        {name: {"local": f"192.0.2.{i}", "underlay_mtu": 1500} for i, name in enumerate(names)}
    )
    everybody = [{"name": f"red{i + 1}", "host": names[i % hosts]} for i in range(members)]
    networks = [{"name": "red", "vni": 4100, "subnet": "10.50.0.0/16", "members": everybody}]
    return [host(_vxlan_share.topology(networks, name, ends), name) for name in names]


def bridge(members: int) -> t.Any:
    """What netns_info would report of a bridge."""
    everybody = [{"name": f"web{index + 1}"} for index in range(members)]
    return Bridges().filters()["bridge_network_topology"](
        [{"name": "web", "subnet": "172.20.0.0/16", "members": everybody}]
    )


def example() -> list[_picture_model.Host]:
    """The example inventory."""
    return pictures.models(pictures.example())


def info(found: _picture_model.Host) -> Info:
    """What netns_info would report of a host that is as it is declared."""
    lists: Info = {}
    for views in found.views.values():
        for kind, view in views:
            if view not in lists.setdefault(kind, []):
                lists[kind].append(dict(view))
    return lists


def change(kind: str, before: t.Any, after: t.Any) -> dict[str, t.Any]:
    """The result of a module that makes one object, changes it, or takes it away."""
    view = after or before
    identity = {key: view[key] for key in ("name", "netns", "destination") if view.get(key)}
    what = "change" if before and after else "create" if after else "delete"
    gone = {"state": "absent"}
    plan = [{"kind": kind, "identity": identity, "change": what, "disturbs": "none" if after else "recreate"}]
    return {"steps": ["..."], "plan": plan, "before": {kind: [before or gone]}, "after": {kind: [after or gone]}}


def merged(results: t.Sequence[dict[str, t.Any]]) -> dict[str, t.Any]:
    """One result of several, as topology returns it."""
    whole: dict[str, t.Any] = {"topology": {"name": "x"}, "steps": ["..."], "plan": [], "before": {}, "after": {}}
    for one in results:
        whole["plan"] += one["plan"]
        for side in ("before", "after"):
            for kind, views in one[side].items():
                whole[side].setdefault(kind, []).extend(views)
    return whole


def planned() -> list[_picture_model.Host]:
    """The example inventory, with a plan of ten changes on its first host."""
    own = pictures.example()
    names = list(own)
    for name, wanted in zip(names, example()):
        lists = info(wanted)
        results = []
        if name == names[0]:
            new = [("netns", view) for view in lists["netns"] if view["name"] in LATER]
            new += [("veth", view) for view in lists["veth"] if view["peer"]["netns"] in LATER]
            lists["netns_route"] = [view for view in lists["netns_route"] if view["netns"] not in LATER]
            for kind, view in new:
                lists[kind].remove(view)
            (bridge,) = lists["linux_bridge"]
            (api,) = (view for view in lists["netns_route"] if view["netns"] == "api2")
            old = {"name": "old7"}
            lists["netns"].append(old)
            results = [change(kind, None, view) for kind, view in new]
            results += [change("linux_bridge", {**bridge, "mtu": 1500}, {**bridge, "mtu": 1400})]
            results += [change("netns_route", {**api, "gateway": "172.20.0.254"}, api), change("netns", old, None)]
            results += [change("netns_nat", None, {"name": "x", "masquerade": [{"source": "172.20.0.0/24"}]})]
        own[name]["diagram__found"] = {"netns_info": lists}
        own[name]["bridge_network_result"] = merged(results)
    return _picture_sources.hosts(names, own, "both")


def broken() -> list[_picture_model.Host]:
    """The example inventory, with three faults that verify names."""
    own = pictures.example()
    names = list(own)
    for name, wanted in zip(names, example()):
        inhabited = {space.name for space in wanted.spaces}
        own[name]["diagram__found"] = {"netns_info": info(wanted)}
        rows = [
            {"from": near, "to": far, "protocol": "icmp", "as_expected": False, "causes": [cause]}
            for near, far, cause in FAULTS
            if near in inhabited
        ]
        own[name]["verify__reachability"] = {"reachability": rows}
    return _picture_sources.hosts(names, own)


def declared(name: str) -> list[_picture_model.Host]:
    """What a page of the documentation declares."""
    return pictures.models(pictures.hosts(name))


SCENES: dict[str, t.Callable[[], list[_picture_model.Host]]] = {
    "example": example,
    "plan": planned,
    "faults": broken,
    "fleet": lambda: fleet(20, 200),
    "ovn": lambda: declared("guide-ovn"),
    "thousand": lambda: [host(bridge(1000), "big")],
    **{name: functools.partial(declared, name) for name in pictures.PICTURES if name != "guide-ovn"},
}
