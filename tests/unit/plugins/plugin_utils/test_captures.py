# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where members are whose packets are captured, the files, and what is told of a capture."""

from __future__ import annotations

import base64
import pathlib
import stat
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.filter import capture_points
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _capture_files,
    _capture_report,
    _crossing_fleet,
    _crossing_report,
    _crossing_verdict,
    _crossings,
    _segments,
)

HOSTS = ("node1", "node2", "node3")
VXLAN = {
    "vxlan_network_networks": [
        {
            "name": "red",
            "vni": 4100,
            "subnet": "10.50.50.0/24",
            "dhcp": {"host": "node1", "start": "10.50.50.100", "end": "10.50.50.110"},
            "members": [
                {"name": "red1", "host": "node1"},
                {"name": "red2", "host": "node2", "interface": "lan0"},
                {"name": "red3", "host": "node2", "address": "dhcp"},
            ],
        }
    ]
}
OVN = {
    "ovn_network_networks": [
        {
            "name": "blue",
            "subnet": "10.60.0.0/24",
            "members": [{"name": "blue1", "host": "node1", "address": "10.60.0.9"}, {"name": "blue2", "host": "node3"}],
        }
    ],
    "groups": {"ovn_central": ["node2"], "ovn_chassis": HOSTS},
}
VARIABLES: dict[str, dict[str, t.Any]] = {
    "node1": {
        "ansible_host": "192.0.2.1",
        **VXLAN,
        **OVN,
        "bridge_network_networks": [{"name": "web", "subnet": "172.20.0.0/24", "members": [{"name": "web1"}]}],
        "ovs_vlan_dhcp_tenants": [
            {"name": "t1", "tag": 100, "subnet": "10.1.0.0/24", "members": [{"name": "t1a"}]},
        ],
    },
    "node2": {
        "ansible_host": "192.0.2.2",
        **VXLAN,
        **OVN,
        "netloom_topology": {
            "netns_interface": [{"name": "mv0", "netns": "own", "kind": "macvlan", "parent": "eth0"}],
            "veth": [{"name": "eth0", "netns": "own", "addresses": ["10.9.0.1/24"], "peer": {"name": "v-own"}}],
        },
        "bridge_network_networks": [{"name": "web", "subnet": "172.20.0.0/24", "members": [{"name": "web1"}]}],
    },
    "node3": {"ansible_host": "192.0.2.3", **OVN},
}


def points(members: t.Any, hosts: t.Sequence[str] = HOSTS, **more: t.Any) -> t.Any:
    """By hosts, the points of members."""
    return capture_points.capture_points(list(hosts), VARIABLES, members, everybody=HOSTS, **more)


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ("red1", {"node1": [("red1", "eth0")]}),
        ("red1, red2", {"node1": [("red1", "eth0")], "node2": [("red2", "lan0")]}),
        (["node2:web1"], {"node2": [("web1", "eth0")]}),
        ("web1", {"node1": [("web1", "eth0")], "node2": [("web1", "eth0")]}),
        ("blue1,blue2", {"node1": [("blue1", "eth0")], "node3": [("blue2", "eth0")]}),
        ("t1a", {"node1": [("t1a", "eth0")]}),
        ("own", {"node2": [("own", "eth0"), ("own", "mv0")]}),
        ("own/mv0", {"node2": [("own", "mv0")]}),
        ("node2:/eth0", {"node2": [(None, "eth0")]}),
        ("node3:other/eth7", {"node3": [("other", "eth7")]}),
        ("red1,node1:red1/eth0", {"node1": [("red1", "eth0")]}),
    ],
)
def test_where_members_are(members: t.Any, found: dict[str, list[tuple[str | None, str]]]) -> None:
    told = {host: [(one["netns"], one["interface"]) for one in rows] for host, rows in points(members).items()}
    assert told == found


def test_the_servers_of_networks_are_found_as_well() -> None:
    assert list(points("dhcp-red")) == ["node1"]
    assert list(points("dhcp-t1")) == ["node1"]


def test_segments_by_hand_are_found() -> None:
    members = [{"name": "x1", "host": "node1", "addresses": "10.7.0.1"}, {"name": "x2", "host": "node2"}]
    here = {"verify_segments": [{"name": "x", "members": members}]}
    assert points("x2", here=here) == {"node2": [{"netns": "x2", "interface": "eth0"}]}


def test_members_ping_what_is_declared_of_the_others() -> None:
    told = points("red1,red2,red3", ping=True)
    assert [one["ping"] for one in told["node1"]] == [["10.50.50.3"]]
    assert [one["ping"] for one in told["node2"]] == [["10.50.50.2"], ["10.50.50.2", "10.50.50.3"]]
    assert "ping" not in points("red1", ping=True)["node1"][0]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ("", "netloom_capture: names no member; write [HOST:]NAMESPACE[/INTERFACE]"),
        ([], "netloom_capture: [] names no member"),
        ([5], "netloom_capture: 5 is not the name of a member"),
        ("red1/", "netloom_capture: 'red1/' is not the name of a member"),
        ("/eth0", "netloom_capture: '/eth0' is not the name of a member"),
        ("reed1", "netloom_capture: no member 'reed1' is declared for a host of the inventory; did you mean 'red1'?"),
        (
            "nod1:red1",
            "netloom_capture: 'nod1:red1': there is no host 'nod1' in the inventory; did you mean 'node1'?",
        ),
        ("node3:red1", "netloom_capture: no member 'red1' is declared for node3; "),
        ("elsewhere/eth0", "netloom_capture: no member 'elsewhere' is declared for a host of the inventory; for a"),
    ],
)
def test_what_is_no_member(members: t.Any, message: str) -> None:
    with pytest.raises(Exception, match=r"^netloom_capture") as caught:
        points(members)
    assert str(caught.value).startswith(message)
    assert points(members, complaint=True) == str(caught.value)
    assert points("red1", complaint=True) == ""


def test_a_member_of_a_host_that_is_left_out_is_named() -> None:
    with pytest.raises(Exception, match="'red2' is on node2, which is not among the hosts of this run"):
        points("red2", ["node1"])


CAPTURED = {
    "captures": [
        {
            "netns": "red1",
            "interface": "eth0",
            "packets": 2,
            "dropped": 1,
            "seconds": 1.0,
            "ended_by": "seconds",
            "summary": ["red1/eth0: 2 packets, 1 more dropped by the kernel in 1.0 s", "  2  a > b  icmp echo request"],
            "content": base64.b64encode(b"pcap").decode(),
            "encoding": "base64",
        },
        {
            "netns": None,
            "interface": "eth0",
            "packets": 0,
            "dropped": 0,
            "seconds": 1.0,
            "ended_by": "seconds",
            "summary": ["eth0: 0 packets in 1.0 s"],
            "content": "",
            "encoding": "base64",
        },
    ],
    "packets": 2,
}


def test_files_have_names_of_their_own(tmp_path: pathlib.Path) -> None:
    files = _capture_files.Files(f"{tmp_path}/new/folder", "node1", {})
    assert not (tmp_path / "new").exists()
    told = files.written(CAPTURED)
    assert told["files"] == [f"{tmp_path}/new/folder/node1.red1.eth0.pcap", f"{tmp_path}/new/folder/node1.eth0.pcap"]
    assert [one["dest"] for one in told["captures"]] == told["files"]
    assert not any("content" in one for one in told["captures"])
    first = pathlib.Path(told["files"][0])
    assert first.read_bytes() == b"pcap"
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert sorted(path.name for path in first.parent.iterdir()) == ["node1.eth0.pcap", "node1.red1.eth0.pcap"]


def test_strange_names_stay_in_the_folder_and_apart(tmp_path: pathlib.Path) -> None:
    one = {**CAPTURED["captures"][0], "netns": "../a b"}  # type: ignore[index]
    files = _capture_files.Files(str(tmp_path), "../node", {})
    told = files.written({"captures": [one, {**one, "netns": "../a\tb"}]})
    assert [pathlib.Path(path).parent for path in told["files"]] == [tmp_path] * 2
    assert len(set(told["files"])) == 2


def test_a_single_file(tmp_path: pathlib.Path) -> None:
    files = _capture_files.Files(f"{tmp_path}/one.pcap", "node1", {"interface": "eth0"})
    assert files.written({"captures": CAPTURED["captures"][:1]})["files"] == [f"{tmp_path}/one.pcap"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("dest", "points_given", "message"),
    [
        (5, None, "dest: 5 is not a path on the control node."),
        ("a.pcap", [{}, {}], "dest: 'a.pcap' is one file, and there are 2 points; give a folder, without '.pcap'."),
        ("/dev/null/x/y", None, "dest: '/dev/null' is not a folder."),
    ],
)
def test_where_nothing_can_be_written(dest: t.Any, points_given: t.Any, message: str) -> None:
    with pytest.raises(_errors.BadInput) as caught:
        _capture_files.Files(dest, "node1", {"points": points_given})
    assert str(caught.value) == message


def test_a_report_of_several_hosts(tmp_path: pathlib.Path) -> None:
    variables = {
        "node1": {"netloom__captured": _capture_files.Files(str(tmp_path), "node1", {}).written(CAPTURED)},
        "node2": {"netloom__captured": {"failed": False, "msg": "Cannot capture at 'eth0': no."}},
        "node3": {"netloom__captured": {"skipped": True, "skip_reason": "Conditional result was False"}},
    }
    told = _capture_report.report(HOSTS, variables)
    assert told["failed"] == {"node2": "Cannot capture at 'eth0': no."}
    assert (told["packets"], told["dropped"], len(told["files"])) == (2, 1, 2)
    assert told["lines"] == [
        "node1: red1/eth0: 2 packets, 1 more dropped by the kernel in 1.0 s",
        "  2  a > b  icmp echo request",
        f"  written to {tmp_path}/node1.red1.eth0.pcap",
        "node1: eth0: 0 packets in 1.0 s",
        f"  written to {tmp_path}/node1.eth0.pcap",
        "node2: nothing was captured: Cannot capture at 'eth0': no.",
    ]


REPORTS = [
    {"from": "red3", "to": "10.50.50.3", "as_expected": False},
    {"from": "red3", "to": "red2", "as_expected": False},
    {"from": "own", "to": "198.51.100.1", "as_expected": True},
    {"from": None, "to": "nobody", "as_expected": False},
]
CROSSINGS = {"ends": {"node2": ["node1:red1/eth0", "node2:red2/lan0", "node1:gone/eth0"], "node1": ["node1:web1/eth0"]}}


def test_the_command_for_what_failed() -> None:
    told = _capture_report.offer(REPORTS, CROSSINGS, VARIABLES, "node2", (["/etc/my hosts"], ["@more.yml"]))
    ends = "node2:red3/eth0,node2:red2/lan0,node1:red1/eth0"
    assert told == [
        (
            f"To see the packets: ansible-playbook -i '/etc/my hosts' netloom.linux.capture -e @more.yml -e"
            f" netloom_capture={ends} -e netloom_capture_ping=true"
        )
    ]
    # What the command names, the playbook finds.
    assert {host: len(rows) for host, rows in points(ends).items()} == {"node1": 1, "node2": 2}


def test_where_verify_captures_itself() -> None:
    told = _capture_report.failed_points(REPORTS, CROSSINGS, VARIABLES, "node2")
    assert [(one["netns"], one["interface"], one.get("ping")) for one in told] == [
        ("red3", "eth0", ["10.50.50.3", "10.50.50.2", "172.20.0.2"]),
        ("red2", "lan0", ["10.50.50.2", "172.20.0.2"]),
    ]
    # What failed from there ends here.
    assert [one["netns"] for one in _capture_report.failed_points([], CROSSINGS, VARIABLES, "node1")] == [
        "red1",
        "web1",
    ]
    assert _capture_report.failed_points([], {}, VARIABLES, "node1") == []


def test_without_a_failure_or_without_its_ends_nothing_is_offered() -> None:
    assert _capture_report.offer(REPORTS[2:3], {}, VARIABLES, "node2") == []
    assert _capture_report.offer(REPORTS[3:], {}, VARIABLES, "node2") == []
    assert _capture_report.offer(REPORTS, {}, {"node2": {"bridge_network_networks": 5}}, "node2") == []


def test_the_way_from_a_failed_proof_to_its_offer() -> None:
    red = _segments.Segment(
        "vxlan_network",
        "red",
        4100,
        1450,
        (
            _segments.Place("node1", "red1", "eth0", ("10.50.50.2",), None),
            _segments.Place("node2", "red2", "lan0", ("10.50.50.3",), None),
        ),
    )
    listening = {
        place.host: {"listening": [{"netns": place.netns, "interface": place.interface, "problem": None}]}
        for place in red.places
    }
    collected = {
        place.host: {"heard": [{"netns": place.netns, "interface": place.interface, "frames": []}]}
        for place in red.places
    }
    sent = {
        host: {**work, "frames": [{**one, "problem": None} for one in work["frames"]]}
        for host in ("node1", "node2")
        for work in [_crossings.work(_crossing_fleet.Fleet([red], listening), host, 240)]
    }
    verdict = _crossing_report.plain(_crossing_verdict.judge([red], listening, sent, collected, 240))
    assert verdict["ends"]["node1"] == ["node1:red1/eth0", "node2:red2/lan0"]
    assert (
        "netloom_capture=node1:red1/eth0,node2:red2/lan0" in _capture_report.offer([], verdict, VARIABLES, "node1")[0]
    )
