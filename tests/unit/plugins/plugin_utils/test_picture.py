# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of a network: who hangs on what, as text, Mermaid and DOT."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netloom.linux.plugins.filter.picture import FilterModule
from ansible_collections.netloom.linux.plugins.plugin_utils import _picture_mermaid, _picture_reader

picture = FilterModule().filters()["picture"]


def pair(name: str, netns: str, address: str = "", **more: t.Any) -> dict[str, t.Any]:
    """A veth from the host into a namespace."""
    peer = {"name": "eth0", "netns": netns, "addresses": [address] if address else [], "up": True}
    return {"name": name, "up": True, "peer": peer, **more}


def result(links: t.Sequence[dict[str, t.Any]] = (), leases: t.Sequence[dict[str, t.Any]] = (), **info: t.Any) -> t.Any:
    """A result of netns_info."""
    return {"netns_info": info, "links": links, "leases": leases, "namespaces": {}}


def fact(netns: str | None, name: str, up: bool = True, carrier: bool = True) -> dict[str, t.Any]:
    """The facts of a link."""
    return {"netns": netns, "name": name, "up": up, "carrier": carrier, "dynamic_addresses": []}


def lease(netns: str, interface: str, address: str, **more: t.Any) -> dict[str, t.Any]:
    """The lease of a client."""
    return {"netns": netns, "interface": interface, "address": address, "applied": True, "routers": [], **more}


def lines(*args: t.Any) -> list[str]:
    """The picture as text."""
    found: list[str] = picture(*args).splitlines()
    return found


WEB = result(
    netns=[{"name": "web1"}, {"name": "web22"}],
    linux_bridge=[{"name": "br-web", "addresses": ["172.20.0.1/24"], "ports": ["v-web1", "v-web22"], "up": True}],
    veth=[pair("v-web1", "web1", "172.20.0.2/24"), pair("v-web22", "web22", "172.20.0.3/24", master="br-web")],
    netns_route=[
        {"netns": "web1", "destination": "default", "gateway": "172.20.0.1", "device": "eth0", "type": "unicast"},
        {"netns": "web1", "destination": "10.0.0.0/8", "gateway": "172.20.0.9", "device": "eth0", "type": "unicast"},
    ],
)
TENANTS = result(
    netns=[{"name": name} for name in ("dhcp-red", "red1", "green1")],
    ovs_bridge=[{"name": "OVS1", "datapath_type": "netdev", "up": False}],
    ovs_port=[
        {"bridge": "OVS1", "name": "p-green1", "type": "internal", "netns": "green1", "rename": "eth0", "tag": 200},
        {"bridge": "OVS1", "name": "v-red1", "type": "system", "tag": 100},
        {
            "bridge": "OVS1",
            "name": "tap-red",
            "type": "internal",
            "netns": "dhcp-red",
            "tag": 100,
            "addresses": ["10.5.0.2/24"],
        },
        {"bridge": "OVS1", "name": "eth1", "type": "system", "trunks": [100, 200]},
        {"bridge": "OVS1", "name": "vx0", "type": "vxlan", "options": {"remote_ip": "192.0.2.2", "key": "7"}},
    ],
    veth=[pair("v-red1", "red1")],
    netns_interface=[{"name": "eth1", "up": True}, {"name": "ovs-netdev", "kind": "tap", "up": False}],
    dnsmasq_in_ns=[
        {
            "name": "red",
            "netns": "dhcp-red",
            "interfaces": ["tap-red"],
            "state": "started",
            "ranges": [{"start": "10.5.0.10", "end": "10.5.0.100"}],
            "dns": True,
        }
    ],
    netns_dhcp_client=[{"netns": "red1", "interface": "eth0"}, {"netns": "green1", "interface": "eth0"}],
    leases=[lease("red1", "eth0", "10.5.0.73/24", routers=["10.5.0.2"])],
)


def test_a_bridge_with_namespaces() -> None:
    assert lines(WEB) == [
        "linux bridge br-web  172.20.0.1/24",
        " ├─ v-web1  ── web1:eth0  172.20.0.2/24  default via 172.20.0.1",
        " └─ v-web22 ── web22:eth0  172.20.0.3/24",
    ]


def test_a_tunnel_to_other_hosts_says_which() -> None:
    bridge = {"name": "br-red", "ports": ["vx-red"]}
    link = {"name": "vx-red", "kind": "vxlan", "id": 4100, "master": "br-red", "remotes": ["192.0.2.2", "192.0.2.3"]}
    assert lines(result(linux_bridge=[bridge], netns_interface=[link])) == [
        "linux bridge br-red",
        " └─ vx-red  vxlan 4100  to 192.0.2.2, 192.0.2.3",
    ]
    alone = {"name": "vx0", "kind": "vxlan", "id": 7, "parent": "eth0"}
    for more, words in (({"remote": "192.0.2.2"}, "192.0.2.2"), ({"group": "239.1.1.1"}, "239.1.1.1")):
        assert f"to {words}" in " ".join(lines(result(netns_interface=[alone | more])))


def test_tenants_on_a_switch_with_their_vlans_leases_and_servers() -> None:
    assert lines(TENANTS) == [
        "OVS bridge OVS1  (netdev)",
        " ├─ VLANs 100, 200",
        " │   └─ eth1",
        " ├─ all VLANs",
        " │   └─ vx0  vxlan  remote_ip 192.0.2.2  key 7",
        " ├─ VLAN 100",
        " │   ├─ v-red1  ── red1:eth0  10.5.0.73/24 by DHCP  default via 10.5.0.2",
        " │   └─ tap-red ══ dhcp-red:tap-red  10.5.0.2/24  serves DHCP 10.5.0.10-100  serves DNS",
        " └─ VLAN 200",
        "     └─ p-green1 ══ green1:eth0  no lease by DHCP yet",
    ]


@pytest.mark.parametrize(
    ("near", "far", "words"),
    [
        ({}, {}, " ├─ v-web1  ── web1:eth0  172.20.0.2/24  default via 172.20.0.1"),
        ({}, {"up": False}, " ├─ v-web1  ── web1:eth0  172.20.0.2/24  default via 172.20.0.1  ** DOWN **"),
        (
            {"up": False},
            {"carrier": False},
            " ├─ v-web1  ** DOWN ** ── web1:eth0  172.20.0.2/24  default via 172.20.0.1",
        ),
    ],
)
def test_a_link_that_is_down_is_marked(near: dict[str, bool], far: dict[str, bool], words: str) -> None:
    links = [fact(None, "v-web1", **{"carrier": not far, **near}), fact("web1", "eth0", **far)]
    assert lines({**WEB, "links": links})[1] == words


def test_rules_and_neighbours_hide_no_address() -> None:
    """Of a link of another kind they are a second entry, with its name and nothing else."""
    written = [
        {"name": "eth0", "netns": "web1", "rules": [{"priority": 5}]},
        {"name": "lo", "netns": "web1", "rules": []},
    ]
    found = {**WEB, "netns_info": {**WEB["netns_info"], "netns_interface": written}}
    assert lines(found) == lines(WEB)


def test_a_port_of_a_bond_says_so() -> None:
    links = [{"name": "bond0", "addresses": ["10.0.0.1/24"]}, {"name": "ens3", "master": "bond0"}]
    found = result(netns_interface=[*links, {"name": "bond0.7", "kind": "vlan", "id": 7, "parent": "bond0"}])
    assert lines(found) == [
        "other links",
        " ├─ bond0  10.0.0.1/24",
        " ├─ ens3  port of bond0",
        " └─ bond0.7  vlan 7 on bond0",
    ]


def test_a_bridge_that_is_down_is_marked() -> None:
    down = result([fact("red", "br0", up=False)], linux_bridge=[{"name": "br0", "netns": "red", "ports": []}])
    assert lines(down) == ["linux bridge br0 in red  ** DOWN **"]


NAT = (
    "masquerades 10.0.0.0/24 by ens4",
    "10.0.0.3 leaves as 192.0.2.3",
    "publishes 8080 -> 10.0.0.2:80",
    "192.0.2.4 is 10.0.0.4",
)


def test_what_is_on_no_switch() -> None:
    found = result(
        netns=[{"name": name} for name in ("green", "idle", "red", "router")],
        veth=[
            {"name": "eth0", "netns": "red", "addresses": ["10.0.0.1/24"], "peer": {"name": "eth0", "netns": "green"}},
            {"name": "to-red", "addresses": ["10.1.0.1/24"], "peer": {"name": "eth1", "netns": "red"}},
        ],
        netns_interface=[
            {"name": "eth0.5", "netns": "red", "kind": "vlan", "id": 5, "parent": "eth0", "addresses": ["10.5.0.1/24"]},
            {"name": "mv0", "netns": "red", "kind": "macvlan", "mode": "bridge", "parent": "eth0"},
            {"name": "ens4", "netns": "router", "source": {"name": "ens4"}},
        ],
        netns_nat=[
            {
                "name": "nat",
                "netns": "router",
                "masquerade": [{"source": "10.0.0.0/24", "out_interface": "ens4"}],
                "source_nat": [{"source": "10.0.0.3", "to": "192.0.2.3"}],
                "publish": [{"port": 8080, "protocol": "tcp", "to_address": "10.0.0.2", "to_port": 80}],
                "floating": [{"address": "192.0.2.4", "to_address": "10.0.0.4"}],
            }
        ],
        netns_route=[{"netns": "idle", "destination": "default", "type": "blackhole"}],
    )
    assert lines(found) == [
        "cables",
        " ├─ green:eth0          ── red:eth0  10.0.0.1/24",
        " └─ to-red  10.1.0.1/24 ── red:eth1",
        "other links",
        " ├─ red:eth0.5  vlan 5 on eth0  10.5.0.1/24",
        " ├─ red:mv0  macvlan bridge on eth0",
        " └─ router:ens4  moved from the host",
        "namespaces and host",
        " ├─ idle  default is blackhole",
        f" └─ router  {'; '.join(NAT)}",
    ]


PATCHED = result(
    ovs_bridge=[{"name": "a"}, {"name": "b"}],
    ovs_port=[
        {"bridge": "a", "name": "to-b", "type": "patch", "options": {"peer": "to-a"}},
        {"bridge": "b", "name": "to-a", "type": "patch", "options": {"peer": "to-b"}},
    ],
    linux_bridge=[{"name": "br0", "ports": ["c0"]}, {"name": "br1", "ports": ["c1"]}],
    veth=[{"name": "c0", "peer": {"name": "c1"}}],
)


def test_switches_that_are_connected() -> None:
    assert [line.strip(" └─") for line in lines(PATCHED) if "──" in line] == [
        "c0 ── c1  port of br1",
        "c1 ── c0  port of br0",
        "to-b ── to-a  port of b",
        "to-a ── to-b  port of a",
    ]
    between = re.compile(r'h0s\d"? (?:---|--)(?:\|"[^"]*"\|)? "?h0s\d')
    assert all(len(between.findall(picture(PATCHED, one))) == 2 for one in ("mermaid", "dot"))


def test_several_hosts_and_one_that_failed() -> None:
    found = lines({"lab1": WEB, "lab2": {"failed": True, "msg": "No route to host"}, "lab3": result(), "lab4": {}})
    assert [line for line in found if not line.startswith("   ")] == [
        "host lab1",
        "  linux bridge br-web  172.20.0.1/24",
        "host lab2",
        "  No route to host",
        "host lab3",
        "  no namespace, no switch and no link",
        "host lab4",
        "  nothing is known of it",
    ]


# Names that Linux allows for namespaces, Open vSwitch for its ports, and Ansible for hosts, and that mean something
# to Mermaid, to Graphviz, to HTML, to Markdown or to a terminal.
EVIL = [
    'a"b',
    "<script>alert(1)</script>",
    'x"]; click h0 "javascript:1"',
    "end",
    "&amp;#quot;#35;",
    "`**b** _i_`",
    '\\N\\"',
    "ünï→漢字",
    "%% comment",
    "a\nsubgraph b",
    "\x1b[2J",
    "{|}()[]",
    "$$x$$",
]
ODD = result(
    netns=[{"name": name} for name in EVIL],
    linux_bridge=[{"name": EVIL[0], "ports": [f"v{index}" for index in range(len(EVIL))]}],
    veth=[pair(f"v{index}", name, name) for index, name in enumerate(EVIL)],
    netns_interface=[{"name": name, "kind": "dummy"} for name in EVIL],
)
# What is left of a line when its quoted texts are taken out.
MERMAID = re.compile(
    r"flowchart LR| *subgraph h\w+\[T\]| *h\w+\[T\](:::switch|:::down)?| *end| *h\w+ -[-.]-(\|T\|)? h\w+"
    r"| *classDef \w+ [\w:#,]+"
)
DOT = re.compile(
    r"graph T \{| *(graph|node|edge) \[[\w=T, ]+\]| *subgraph T \{| *label=T| *T( -- T)? \[label=T[\w=T, ]*\]| *\}"
)


@pytest.mark.parametrize("hosts", [dict.fromkeys(EVIL, ODD), ODD], ids=["hosts", "host"])
def test_no_name_is_part_of_the_syntax(hosts: t.Any) -> None:
    for line in picture(hosts, "mermaid").split("\n"):
        assert MERMAID.fullmatch(re.sub(r'"[^"]*"', "T", line)), line
        texts = re.findall(r'"([^"]*)"', line)
        assert not any(
            re.search(r"[<>`&\\$~]|;(?<!#\d\d;)(?<!#\d\d\d\d;)", text.replace("<br/>", "")) for text in texts
        ), line
    for line in picture(hosts, "dot").split("\n"):
        assert DOT.fullmatch(re.sub(r'"(?:\\.|[^"\\])*"', "T", line)), line
    for line in lines(hosts):
        assert line.isprintable()


def test_names_come_out_as_they_are() -> None:
    def decoded(text: str) -> str:
        return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text).replace("\u200b", "")

    assert all(decoded(_picture_mermaid.quoted(name)) == name for name in EVIL)
    assert (
        "ünï→漢字" in picture(ODD, "dot") and "ünï→漢字" in picture(ODD, "mermaid") and "ünï→漢字:eth0" in picture(ODD)
    )
    assert '\\\\N\\\\\\"' in picture(ODD, "dot") and "&amp;amp;" in picture(ODD, "dot")


def test_the_graphs_mark_what_is_down() -> None:
    down = {**WEB, "links": [fact(None, "v-web1"), fact("web1", "eth0", up=False)]}
    assert picture(down, "mermaid").count(":::down") == 1 and picture(down, "mermaid").count("-.-") == 1
    assert picture(down, "dot").count('fillcolor="#fee2e2"') == 1 and picture(down, "dot").count("dashed") == 1
    assert picture(WEB, "mermaid").count(":::down") == 0 == picture(WEB, "dot").count("dashed")


@pytest.mark.parametrize(
    ("given", "wanted", "words"),
    [
        (WEB, "png", "picture: format 'png' is not possible; the choices are text, mermaid, dot, html or svg."),
        ([], "text", "picture: give the result of netns_info, or a mapping of hosts to such results."),
        ("x", "dot", "picture: give the result of netns_info, or a mapping of hosts to such results."),
    ],
)
def test_bad_input_is_named(given: t.Any, wanted: str, words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=re.escape(words)):
        picture(given, wanted)


def test_every_link_of_the_host_is_somewhere_in_the_model() -> None:
    for found, places in ((WEB, 4), (TENANTS, 8), (ODD, 3 * len(EVIL))):
        host = _picture_reader.host_of("lab1", found)
        assert len({end.place for end in host.ends} | set(host.ports)) == places
