# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks of OVN in a picture: declared, as the northbound database has them, with plans, and in all forms."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.filter.diagram import FilterModule as Diagrams
from ansible_collections.netloom.linux.plugins.filter.picture import FilterModule as Pictures
from ansible_collections.netloom.linux.plugins.module_utils._engine import _order
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_formats,
    _diagram_layout,
    _picture_model,
    _picture_ovn,
    _picture_places,
    _picture_sources,
)
from ansible_collections.netloom.linux.tests.unit.drawings import HOSTILE, SVG, overlaps, places, same, svg

diagram = Diagrams().filters()["diagram"]
picture = Pictures().filters()["picture"]
GROUPS = {"ovn_central": ["central"], "ovn_chassis": ["node1", "node2"]}
HOSTS = ["central", "node1", "node2"]
MEMBERS = [
    {"name": "red1", "host": "node1", "security_groups": ["web"]},
    {"name": "red2", "host": "node2"},
]
DECLARED: dict[str, t.Any] = {
    "ovn_network_networks": [
        {"name": "red", "subnet": "10.5.0.0/24", "members": MEMBERS},
        {"name": "green", "subnet": "10.6.0.0/24", "members": [{"name": "green1", "host": "node1"}]},
        {"name": "out", "external": {"bridge": "br-ex", "subnet": "198.51.100.0/24", "gateway": "198.51.100.1"}},
    ],
    "ovn_network_routers": [
        {
            "name": "r1",
            "networks": ["red", "green"],
            "external": {"network": "out", "address": "198.51.100.10", "hosts": ["node2", "node1"]},
            "floating": [{"address": "198.51.100.50", "member": "red2"}],
        }
    ],
    "ovn_network_security_groups": [
        {"name": "web", "rules": [{"direction": "ingress", "protocol": "tcp", "ports": [80]}]}
    ],
    "ovn_network_load_balancers": [{"name": "www", "address": "10.5.0.100", "port": 80, "members": ["red1", "red2"]}],
    "ovn_network_options": {"bfd-min-rx": 200},
}


def variables(**more: t.Any) -> dict[str, dict[str, t.Any]]:
    """The variables of the hosts. The chassis of node2 has another name."""
    own = {**DECLARED, "groups": GROUPS, "ovn_chassis_bridge_mappings": {"physnet1": "br-ex"}, **more}
    found = {name: {**own, "ansible_host": f"192.0.2.{index}"} for index, name in enumerate(HOSTS, 1)}
    found["node2"]["ovn_chassis_system_id"] = "second"
    return found


def declared(**more: t.Any) -> list[_picture_model.Host]:
    """The hosts as they are declared."""
    return _picture_sources.hosts(HOSTS, variables(**more), "declared")


def northbound() -> dict[str, list[dict[str, t.Any]]]:
    """What ovn_info would return of it."""
    found: dict[str, list[dict[str, t.Any]]] = {}
    for views in declared()[0].views.values():
        for kind, view in views:
            found.setdefault(kind, []).append(copy.deepcopy(dict(view)))
    return found


def test_the_picture_of_a_declaration() -> None:
    text = diagram(HOSTS, variables(), "declared", "text")
    expected = """northbound database OVN
  OVN switch red  DHCP 10.5.0.0/24 router 10.5.0.1 mtu 1442  DNS of 2 names
   ├─ red-red1       ── red1  10.5.0.2/24  on node1  group web
   ├─ red-red2       ── red2  10.5.0.3/24  on node2
   └─ peer of r1-red ── router r1:r1-red  10.5.0.1/24
  OVN switch green  DHCP 10.6.0.0/24 router 10.6.0.1 mtu 1442  DNS of 1 name
   ├─ green-green1     ── green1  10.6.0.2/24  on node1
   └─ peer of r1-green ── router r1:r1-green  10.6.0.1/24
  OVN switch out  198.51.100.0/24
   ├─ to physnet1  physical network
   └─ peer of r1-out ── router r1:r1-out  198.51.100.10/24
  options
   └─ bfd-min-rx=200
  router r1
   ├─ gateway node2, then node1
   ├─ default via 198.51.100.1
   ├─ 10.5.0.0/24 leaves as 198.51.100.10
   ├─ 10.6.0.0/24 leaves as 198.51.100.10
   └─ 198.51.100.50 is red2, 10.5.0.3
  load balancer www
   ├─ tcp 10.5.0.100:80
   ├─ -> 10.5.0.2:80, 10.5.0.3:80
   └─ on red, green, r1
  security group web
   ├─ 1 port
   └─ in: allow tcp 80
  security group drop__
   ├─ 1 port
   ├─ in: drop
   ├─ out: drop
   └─ out: allow udp 67
host central
  namespaces and host
   └─ the host  OVN databases; ovn-northd
host node1
  OVS bridge br-ex  leads to physnet1
  OVS bridge br-int  chassis node1  geneve 192.0.2.2
   ├─ OVN green
   │   └─ v-green1 ── green1:eth0  10.6.0.2/24  default via 10.6.0.1
   └─ OVN red
       └─ v-red1 ── red1:eth0  10.5.0.2/24  default via 10.5.0.1
host node2
"""
    assert text.startswith(expected)
    assert "chassis second  geneve 192.0.2.3" in text


def test_what_is_not_to_be_there_is_not_drawn() -> None:
    assert not any(host.northbound for host in declared(ovn_network_state="absent"))
    gone = [{**DECLARED["ovn_network_networks"][0], "state": "absent"}, *DECLARED["ovn_network_networks"][1:]]
    more = {"ovn_network_networks": gone, "ovn_network_routers": [], "ovn_network_load_balancers": []}
    assert [switch.name for switch in declared(**more)[0].switches] == ["green", "out"]
    assert [switch.name for switch in declared(ovn_chassis_state="absent")[2].switches] == ["br-int"]


def test_what_the_database_has_is_drawn_as_what_is_declared() -> None:
    own = variables()
    own["central"]["ovn_network__seen"] = {"ovn_info": northbound()}
    own["node1"]["ovn_network__seen"] = {"skipped": True}
    told = diagram(HOSTS, own, "live", "text")
    assert told.splitlines()[:30] == diagram(HOSTS, variables(), "declared", "text").splitlines()[:30]
    assert told.count("It was not reached.") == 3
    assert picture({"ovn_info": northbound()}).splitlines()[0].startswith("OVN switch red")


def test_a_database_that_does_not_answer_says_why() -> None:
    own = variables()
    own["central"]["ovn_network__seen"] = {"failed": True, "msg": "cannot reach unix:/run/ovn/ovnnb_db.sock"}
    assert "cannot reach unix" in diagram(["central"], own, "both", "text")
    assert diagram(["central"], own, "both", "counts")["unknown"] == ["OVN", "central"]


def plan(change: str) -> dict[str, t.Any]:
    """A plan that does the same with every object of the database."""
    lists = northbound()
    changes = [
        {"kind": kind, "identity": identity(kind, view), "change": change, "disturbs": "none"}
        for kind, views in lists.items()
        for view in views
    ]
    gone = {kind: [{**view, "state": "absent"} for view in views] for kind, views in lists.items()}
    before, after = {"create": (gone, lists), "delete": (lists, gone), "change": (lists, lists)}[change]
    return {"ovn_topology": {"name": "x"}, "steps": ["..."], "plan": changes, "before": before, "after": after}


def identity(kind: str, view: dict[str, t.Any]) -> dict[str, t.Any]:
    """How a plan names an object."""
    return {"options": view["options"]} if kind == "ovn_global" else {"name": view["name"]}


@pytest.mark.parametrize(("change", "sort"), [("create", "made"), ("delete", "gone"), ("change", "differs")])
def test_each_step_of_a_plan_is_at_its_object(change: str, sort: str) -> None:
    own = variables()
    own["central"]["ovn_network__seen"] = {"ovn_info": {} if change == "create" else northbound()}
    own["central"]["ovn_network_result_northbound"] = plan(change)
    found = _picture_sources.hosts(HOSTS, own, "both")
    scene = _diagram_layout.scene(found)
    titles = {key: place.name for key, place in places(svg(*found)).items()}
    at = {step.mark.title: titles[step.target] for step in scene.steps}
    assert at == {
        "ovn_switch red": "switch red",
        "ovn_switch green": "switch green",
        "ovn_switch out": "switch out",
        "ovn_dhcp_options red": "switch red",
        "ovn_dhcp_options green": "switch green",
        "ovn_port red-red1": "port red1",
        "ovn_port red-red2": "port red2",
        "ovn_port green-green1": "port green1",
        "ovn_router r1": "router r1",
        "ovn_load_balancer www": "load balancer www",
        "ovn_port_group web": "security group web",
        "ovn_port_group drop__": "security group drop__",
        "ovn_global bfd-min-rx": "namespace all of OVN",
    }
    shown = {step.mark.title: step.mark.shown for step in scene.steps}
    assert shown.pop("ovn_global bfd-min-rx") == "differs"
    assert {shown.pop("ovn_dhcp_options red"), shown.pop("ovn_dhcp_options green")} == {"differs"}
    assert set(shown.values()) == {sort}
    assert diagram(HOSTS, own, "both", "counts")[sort] == len(scene.steps)


def test_every_kind_of_the_database_has_a_place_of_its_own() -> None:
    found = [_picture_places.place_of(kind, {"name": "same"}) for kind in _order.NORTHBOUND_NAMES]
    assert len(set(found)) == len(_order.NORTHBOUND_NAMES)


def test_hosts_and_networks_that_share_a_wire_are_joined() -> None:
    scene = _diagram_layout.scene(declared())
    assert sorted({wire.title for wire in scene.wires if wire.sort == "tunnel"}) == ["geneve of OVN", "physnet1"]
    cables = {wire.title for wire in scene.wires if wire.sort == "cable"}
    assert cables == {"r1: r1-red", "r1: r1-green"}  # it hangs from the network that leads outside
    assert scene.counts == "3 OVN switches, 3 hosts, 4 switches, 3 namespaces"


def test_what_is_said_of_an_object_has_the_shape_of_its_options() -> None:
    titles = [one.text or "" for one in svg(*declared()).iter(f"{SVG}title")]
    told = next(one for one in titles if one.startswith("router r1\n"))
    assert "ovn_router:\n  - name: r1" in told
    assert any(one.startswith("switch br-int\n") and "ovn_chassis:\n" in one for one in titles)
    assert any(one.startswith("switch red\n") and "ovn_dhcp_options:\n" in one for one in titles)


def test_one_member_more_moves_nothing() -> None:
    networks = copy.deepcopy(DECLARED["ovn_network_networks"])
    networks[0]["members"].append({"name": "red3", "host": "node1"})
    before, after = svg(*declared()), svg(*declared(ovn_network_networks=networks))
    assert same(before, after) == ({"port red3", "namespace red3"}, set())


def test_nothing_lies_over_anything() -> None:
    networks = copy.deepcopy(DECLARED["ovn_network_networks"])
    networks[0]["members"] = [{"name": f"m{i}", "host": f"node{i % 2 + 1}"} for i in range(1, 40)]
    networks += [{"name": f"n{i}", "subnet": f"10.9.{i}.0/24", "members": []} for i in range(9)]
    routers = copy.deepcopy(DECLARED["ovn_network_routers"]) + [
        {"name": f"x{i}", "networks": [f"n{i}"]} for i in range(9)
    ]
    groups = [
        {"name": f"g{i}", "rules": [{"direction": "egress", "protocol": "tcp", "ports": [80 + j]} for j in range(i)]}
        for i in range(7)
    ]
    routers[0]["floating"] = []
    more = {"ovn_network_routers": routers, "ovn_network_security_groups": groups}
    assert overlaps(svg(*declared(ovn_network_networks=networks, ovn_network_load_balancers=[], **more))) == []


def renamed(name: str) -> dict[str, list[dict[str, t.Any]]]:
    """A database in which everything is called so."""
    lists = northbound()
    lists["ovn_switch"][0]["name"] = name
    port = lists["ovn_port"][0]
    port.update(switch=name, name=f"{name}-{name}", addresses=[f"{name} {name}"], chassis=name)
    lists["ovn_router"][0].update(name=name, nat=[{"type": "snat", "external_ip": name, "logical_ip": name}])
    lists["ovn_port_group"][0].update(name=name, ports=[port["name"]])
    lists["ovn_load_balancer"][0].update(name=name, vips={name: [name]}, switches=[name])
    lists["ovn_global"][0]["options"] = {name: name}
    return lists


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_more_than_text(name: str) -> None:
    hostile, usual = (_picture_ovn.host_of(one, renamed(one)) for one in (name, "x"))
    assert {one.tag for one in svg(hostile).iter()} == {one.tag for one in svg(usual).iter()}
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in name)
    assert any(f"switch {shown}" in (one.text or "") for one in svg(hostile).iter(f"{SVG}title"))
    for form in ("text", "mermaid", "dot"):
        drawn = _diagram_formats.draw([hostile], form)
        assert len(drawn.splitlines()) == len(_diagram_formats.draw([usual], form).splitlines())


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ({"addresses": ["dynamic"]}, "p  dynamic"),
        ({"addresses": ["02:00:00:00:00:01 10.0.0.5 fd00::5", "unknown"]}, "p  10.0.0.5  fd00::5"),
        ({"addresses": ["unknown"], "enabled": False}, "p  unknown  ** DOWN **"),
        ({"parent": "vm", "tag": 7}, "p  in vm, VLAN 7"),
        ({}, "p"),
    ],
)
def test_ports_of_others(view: dict[str, t.Any], words: str) -> None:
    lists = {
        "ovn_port": [{"switch": "s", "name": "p", **view}],
        "ovn_dhcp_options": [{"name": "d", "cidr": "10.0.0.0/8"}],
    }
    assert picture({"ovn_info": lists}).splitlines() == [
        "OVN switch s",
        f" └─ p ── {words}",
        "DHCP option set d",
        " └─ 10.0.0.0/8",
    ]


def test_what_cannot_be_declared_is_drawn_like_the_rest() -> None:
    """A router with a translation that no option says, and port groups that are refused."""
    lists, whole = northbound(), picture({"ovn_info": northbound()})
    (router,) = lists["ovn_router"]
    name, nat, groups = {"name": router["name"]}, router.pop("nat"), lists.pop("ovn_port_group")
    left_out = [{"kind": "ovn_router", "options": {**name, "nat": nat}}]
    left_out += [{"kind": "ovn_port_group", "options": one} for one in groups]
    assert picture({"ovn_info": lists}) != whole
    assert picture({"ovn_info": lists, "left_out": left_out}) == whole


def test_an_empty_database_says_so() -> None:
    assert picture({"ovn_info": {}}) == "no switch, no router and no group"
