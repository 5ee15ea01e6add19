# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drawing of a play shows: what hosts have, what is declared for them, what a plan changes, what is broken."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netloom.linux.plugins.filter.diagram import FilterModule
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_paths,
    _picture_marks,
    _picture_sources,
    _playbook_options,
    _roles,
)

diagram = FilterModule().filters()["diagram"]
WEB = {
    "netns": [{"name": "web1"}],
    "linux_bridge": [{"name": "br-web", "addresses": ["172.20.0.1/24"], "ports": ["v-web1"]}],
    "veth": [{"name": "v-web1", "master": "br-web", "peer": {"name": "eth0", "netns": "web1"}}],
}
FOUND = {"netns_info": WEB, "links": [], "leases": [], "namespaces": {}}
NEW = {"name": "v-web2", "master": "br-web", "peer": {"name": "eth0", "netns": "web2", "addresses": ["172.20.0.3/24"]}}


def change(kind: str, what: str, disturbs: str = "none", **identity: str) -> dict[str, t.Any]:
    """An object of a plan."""
    return {"kind": kind, "identity": identity, "change": what, "disturbs": disturbs}


PLAN = {
    "topology": {"name": "web", "state": "present"},
    "steps": ["..."],
    "plan": [
        change("netns", "create", name="web2"),
        change("linux_bridge", "change", "brief", name="br-web"),
        change("veth", "create", name="v-web2"),
        change("netns_route", "create", destination="default", netns="web1"),
        change("netns", "adopt", name="web1"),
        change("netns", "delete", "recreate", name="web9"),
    ],
    "before": {
        "netns": [{"name": "web2", "state": "absent"}, {"name": "web9"}],
        "linux_bridge": [{"name": "br-web", "mtu": 1500}],
        "veth": [{"name": "v-web2", "state": "absent"}],
        "netns_route": [{"state": "absent"}],
    },
    "after": {
        "netns": [{"name": "web2"}, {"name": "web9", "state": "absent"}],
        "linux_bridge": [{"name": "br-web", "mtu": 1400}],
        "veth": [NEW],
        "netns_route": [{"destination": "default", "netns": "web1", "gateway": "172.20.0.1", "device": "eth0"}],
    },
}


def failing(to: str, cause: str, protocol: str = "icmp") -> dict[str, t.Any]:
    """A probe that did not end as expected."""
    return {"from": "web1", "to": to, "protocol": protocol, "as_expected": False, "causes": [cause]}


PROBES = {
    "reachability": [
        {"from": "web1", "to": "web2", "protocol": "icmp", "as_expected": True},
        failing("web3", "v-web1 of the host is down."),
        failing("web3", "v-web1 of the host is down.", "tcp"),
        failing("a", "web1 has no route to 10.0.0.1: add one."),
        failing("b", "web1 has no route to 10.0.0.2: add one."),
        {"from": "web1", "to": "c", "protocol": "icmp", "as_expected": False, "seen": "reachable"},
    ]
}


def drawn(own: dict[str, t.Any], source: str = "live") -> t.Any:
    """The host of these variables."""
    return _picture_sources.hosts(["lab1"], {"lab1": own}, source)[0]


def test_live_is_what_the_host_has() -> None:
    host = drawn({"diagram__found": FOUND, "bridge_network_result": PLAN})
    assert [switch.name for switch in host.switches] == ["br-web"]
    assert host.marks == ()
    assert [kind for kind, _view in host.views[("web1", "")]] == ["netns"]
    assert [kind for kind, _view in host.views[("web1", "eth0")]] == ["veth"]


def test_both_is_what_the_host_has_with_what_the_plans_change() -> None:
    host = drawn({"diagram__found": FOUND, "bridge_network_result": PLAN}, "both")
    assert [port.far.netns for port in host.switches[0].ports if port.far] == ["web1", "web2"]
    assert [(mark.sort, mark.place, mark.title) for mark in host.marks] == [
        ("made", ("web2", ""), "netns web2"),
        ("differs", (None, "br-web"), "linux_bridge br-web"),
        ("made", (None, "v-web2"), "veth v-web2"),
        ("made", ("web1", ""), "netns_route default in web1"),
        ("gone", ("web9", ""), "netns web9"),
    ]
    assert host.marks[1].notes == ("mtu: 1500 -> 1400", "disturbs: brief")
    assert (host.marks[3].shown, host.marks[0].shown) == ("differs", "made")


def test_what_is_broken_stands_at_its_cause() -> None:
    host = drawn({"diagram__found": FOUND, "verify__reachability": PROBES})
    assert [(mark.place, mark.title, mark.notes) for mark in host.marks] == [
        ((None, "v-web1"), "v-web1 of the host is down.", ("web1 -> web3 (icmp)", "web1 -> web3 (tcp)")),
        (("web1", ""), "web1 has no route to 10.0.0.1, 10.0.0.2: add one.", ("web1 -> a (icmp)", "web1 -> b (icmp)")),
        (("web1", ""), "it is reachable", ("web1 -> c (icmp)",)),
    ]
    assert {mark.sort for mark in host.marks} == {"broken"}


@pytest.mark.parametrize(
    ("sentence", "place"),
    [
        ("v-web1 of the host is down.", (None, "v-web1")),
        ("No answer. eth0 of web1 is down", ("web1", "eth0")),
        ("v-web1 of lab1 has an MTU of 1400", (None, "v-web1")),
        ("web1 has no address", ("web1", "")),
        ("web11 has no address", None),
        ("xv-web1 of the host", None),
        ("", None),
    ],
)
def test_what_a_sentence_is_about(sentence: str, place: t.Any) -> None:
    views = {(None, "v-web1"), ("web1", "eth0"), ("web1", "")}
    assert _picture_marks.subject(sentence, views) == place


def test_surprises_between_hosts_and_failures_are_told() -> None:
    crossings = {"surprises": {"lab1": ["v-web1 of lab1 is down: set it up.", "Nothing arrives."], "lab2": ["other"]}}
    host = drawn({"diagram__found": FOUND, "verify__crossings": crossings})
    assert [mark.place for mark in host.marks] == [(None, "v-web1"), (None, "")]
    failed = drawn({"diagram__found": FOUND, "netloom__failed": {"msg": "no such thing"}})
    assert [(mark.place, mark.title) for mark in failed.marks] == [((None, ""), "no such thing")]


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        ({}, "It was not reached."),
        ({"diagram__found": {"unreachable": True, "msg": "No route to host"}}, "No route to host"),
        ({"diagram__found": {"failed": True, "msg": "not root"}}, "not root"),
    ],
)
def test_a_host_of_which_nothing_is_known_says_why(own: dict[str, t.Any], problem: str) -> None:
    assert drawn(own, "both").problem == problem
    counts = diagram(["lab1"], {"lab1": own}, "both", "counts")
    assert counts == {"made": 0, "gone": 0, "differs": 0, "broken": 0, "unknown": ["lab1"]}


DECLARED = {
    "bridge_network_networks": [{"name": "web", "subnet": "172.20.0.0/24", "members": [{"name": "web1"}]}],
    "ovs_vlan_dhcp_tenants": [{"name": "red", "tag": 100, "subnet": "10.5.0.0/24", "members": [{"name": "red1"}]}],
    "router_routers": [{"name": "r1", "interfaces": [{"tag": 100, "address": "10.5.0.1/24"}]}],
    "netloom_topology": {
        "netns": [{"name": "mine"}, {"name": "old", "state": "absent"}],
        "netns_route": [{"netns": "mine", "dst": "default", "via": "10.0.0.1", "dev": "eth0"}],
    },
}


def test_declared_is_what_the_variables_say() -> None:
    host = drawn(DECLARED, "declared")
    assert {switch.name for switch in host.switches} == {"br-web", "OVS1"}
    assert {space.name for space in host.spaces} >= {"web1", "red1", "dhcp-red", "qrouter-r1", "mine"}
    assert "old" not in {space.name for space in host.spaces}
    assert host.views[("mine", "")][-1][1]["gateway"] == "10.0.0.1"
    assert drawn({**DECLARED, "bridge_network_state": "absent"}, "declared").switches[0].name == "OVS1"
    assert drawn({}, "declared").switches == ()


def test_tunnels_are_declared_for_the_whole_inventory() -> None:
    networks = [
        {
            "name": "red",
            "vni": 4100,
            "subnet": "10.50.50.0/24",
            "members": [{"name": "red1", "host": "a"}, {"name": "red2", "host": "b"}],
        }
    ]
    variables = {name: {"ansible_host": f"192.0.2.{i}"} for i, name in enumerate("ab", 1)}
    found = _picture_sources.hosts(
        ["a"], variables, "declared", here={"vxlan_network_networks": networks}, everybody=["a", "b"]
    )
    ports = {port.end.name: port.end.details for port in found[0].switches[0].ports}
    assert ports["vx-red"] == ("vxlan 4100", "to 192.0.2.2")


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"netloom_topology": ["x"]}, "netloom_topology: it is not a mapping of lists for netloom.linux.topology."),
        ({"netloom_topology": {"netns": [{"nam": "x"}]}}, "did you mean 'name'?"),
        ({"bridge_network_networks": [{"name": "web"}]}, "bridge_network_networks[0]"),
    ],
)
def test_a_bad_declaration_is_named(own: dict[str, t.Any], words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=re.escape(words)):
        diagram(["lab1"], {"lab1": own}, "declared")


def test_bad_options_are_named() -> None:
    for given, words in (({"source": "x"}, "diagram: source 'x'"), ({"format": "png"}, "diagram: format 'png'")):
        with pytest.raises(AnsibleFilterError, match=re.escape(words)):
            diagram(["lab1"], {"lab1": {}}, **given)


def test_the_ending_of_a_path_says_the_format() -> None:
    variables = {"lab1": {"diagram__found": FOUND}}
    assert diagram(["lab1"], variables, path="x.SVG").startswith("<?xml")
    assert diagram(["lab1"], variables, path="/a.b/x.html").startswith("<!DOCTYPE html>")
    assert diagram(["lab1"], variables, path="x.mmd").startswith("flowchart")
    assert diagram(["lab1"], variables, path="x.dot").startswith("graph")
    assert diagram(["lab1"], variables, path="x.txt").startswith("host lab1")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (
            "network",
            "diagram_path: 'network' does not tell what to write; let it end in .html, .svg, .txt, .mmd or .dot.",
        ),
        (["a.html", "b.pdf"], "diagram_path[1]: 'b.pdf' does not tell what to write"),
        (["a.html", 5], "diagram_path[1]: 5 is not the path of a file."),
        ([], "diagram_path: the list is empty; give a path such as network.html."),
        (None, "diagram_path: None is not the path of a file."),
    ],
)
def test_bad_paths_are_named_before_a_host_is_asked(value: t.Any, words: str) -> None:
    with pytest.raises(_errors.BadInput, match=re.escape(words)):
        _diagram_paths.check(value, "diagram_path")
    given = {"diagram_path": value, "diagram_source": "live", "diagram_title": ""}
    assert words in _roles.complaint(given, "diagram")


def test_variables_of_the_playbooks_and_the_role_are_judged() -> None:
    good = {"diagram_path": "a.html", "diagram_source": "both", "diagram_title": "x"}
    assert _roles.complaint(good, "diagram", [*good]) == ""
    assert "diagram_source" in _roles.complaint({**good, "diagram_source": "dead"}, "diagram")
    assert _playbook_options.complaint({"netloom_diagram": ["a.html", "b.svg"], "netloom_diagram_source": ""}) == ""
    assert _playbook_options.complaint({"netloom_diagram": "a.png"}).startswith("netloom_diagram: 'a.png'")
    assert "netloom_diagram_source" in _playbook_options.complaint({"netloom_diagram_sorce": "both"})
