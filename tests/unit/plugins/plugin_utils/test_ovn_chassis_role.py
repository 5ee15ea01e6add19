# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host does to become a chassis of OVN, and the lists that it gets."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _drift,
    _ovn_answers,
    _ovn_chassis,
    _plan_text,
    _roles,
)

ROLE = pathlib.Path(_ovn_chassis.__file__).parents[2] / "roles/ovn_chassis"
DEFAULTS = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
CENTRALS = [
    {"host": f"node{n}", "address": f"192.0.2.{n}", "tls": True, "authority": "node1", "sb": f"ssl:192.0.2.{n}:6642"}
    for n in (1, 2)
]
PLAIN = [{"host": "node1", "address": "192.0.2.1", "tls": False, "authority": "", "sb": "tcp:192.0.2.1:6642"}]
AUTHORITY = "system debian\nca AA\nend\n"
NEW = "system debian\ncertificate the host has none\ntrusts \nend\n"
READY = (
    f"system debian\ncertificate \ntrusts AA\nfile {_ovn_chassis.DIRECTORY}\nunit ovn-controller active static\n"
    "unit ovn-host active enabled\nend\n"
)


def plan(answer: str, authority: str = AUTHORITY, check: bool = False, **more: t.Any) -> dict[str, t.Any]:
    """The plan of a host."""
    site = _ovn_chassis.Site(more.pop("centrals", CENTRALS), _ovn_answers.read(authority), {**DEFAULTS, **more}, check)
    return _ovn_chassis.plan(site, _ovn_answers.read(answer), "192.0.2.9")


def test_a_new_chassis_gets_all() -> None:
    found = plan(
        NEW, ovn_chassis_bridge_mappings={"out": "br-ex", "more": "br-ex"}, ovn_chassis_uplinks={"br-ex": "eth1"}
    )
    assert found["steps"] == [
        "make a certificate: the host has none",
        "start ovn-controller",
        "let ovn-host start at boot",
    ]
    assert not found["foretold"]
    assert found["lists"] == {
        "ovn_chassis": [
            {
                "remote": "ssl:192.0.2.1:6642,ssl:192.0.2.2:6642",
                "encap_type": ["geneve"],
                "encap_address": "192.0.2.9",
                "bridge_mappings": {"out": "br-ex", "more": "br-ex"},
                "private_key": "/etc/netloom/ovn/chassis/key.pem",
                "certificate": "/etc/netloom/ovn/chassis/cert.pem",
                "ca_cert": "/etc/netloom/ovn/chassis/ca-cert.pem",
            }
        ],
        "ovs_bridge": [{"name": "br-ex", "uplink": "eth1"}],
    }


@pytest.mark.parametrize(("datapath", "said"), [("netdev", {"datapath_type": "netdev"}), ("auto", {})])
def test_bridges_are_on_the_datapath_that_the_integration_bridge_is_on(datapath: str, said: dict[str, str]) -> None:
    found = plan(READY, ovn_chassis_bridge_mappings={"out": "br-ex"}, ovn_chassis_datapath_type=datapath)
    assert found["lists"]["ovs_bridge"] == [{"name": "br-ex", **said}]


def test_a_chassis_that_is_ready_needs_nothing() -> None:
    found = plan(READY)
    assert (found["steps"], found["foretold"]) == ([], True)
    assert plan(READY, authority="")["steps"] == []  # the host of the authority is down


def test_options_are_handed_on_if_they_are_given() -> None:
    (one,) = plan(
        READY, centrals=PLAIN, ovn_chassis_gateway=False, ovn_chassis_system_id="a", ovn_chassis_encap_type="vxlan"
    )["lists"]["ovn_chassis"]
    assert one == {
        "remote": "tcp:192.0.2.1:6642",
        "encap_type": ["vxlan"],
        "encap_address": "192.0.2.9",
        "bridge_mappings": {},
        "gateway": False,
        "system_id": "a",
    }


def test_plain_tcp_needs_no_certificate() -> None:
    assert plan(NEW, centrals=PLAIN)["steps"] == ["start ovn-controller", "let ovn-host start at boot"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"authority": ""}, "node1' does not answer"),
        ({"authority": "system debian\nend\n"}, "has none; run the role ovn_central there first"),
        ({"ovn_chassis_private_key": "/mine/key"}, "the host has no file /mine/key"),
        ({"centrals": [{**CENTRALS[0], "authority": ""}]}, "'ovn_chassis_private_key' is missing"),
    ],
)
def test_a_certificate_that_cannot_be_had_is_refused(more: dict[str, t.Any], words: str) -> None:
    found = plan(NEW, **more)
    assert words in found["refused"]
    assert found["steps"] == []


def test_check_mode_need_not_have_an_authority_yet() -> None:
    assert plan(NEW, authority="system debian\nend\n", check=True)["refused"] == ""


def test_absent_stops_first_and_needs_no_certificate() -> None:
    found = plan(READY.replace("trusts AA", "trusts BB"), ovn_chassis_state="absent")
    assert found["steps"] == [
        "stop ovn-controller",
        "let ovn-host start at boot no more",
        "delete /etc/netloom/ovn/chassis",
    ]
    assert plan(NEW, ovn_chassis_state="absent")["steps"] == []


def test_what_is_done_beside_a_topology_is_told() -> None:
    result = {"changed": True, "steps": ["start ovn-controller"], "beside": ["start ovn-controller"], "plan": []}
    assert _plan_text.lines(result, "node1") == [
        "plan on node1: 1 step, disturbing nothing",
        "  ~ start ovn-controller",
    ]
    assert [row["found"] for row in _drift.of_result(result)] == ["start ovn-controller"]
    assert [row["found"] for row in _drift.of_result({"steps": ["a"], "beside": ["a"]})] == ["a"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"ovn_chassis_uplinks": {"br-x": "eth1"}, "ovn_chassis_bridge_mappings": {"out": "br-ex"}}, "br-x"),
        ({"ovn_chassis_bridge_mappings": ["br-ex"]}, "ovn_chassis_bridge_mappings"),
        ({"ovn_chassis_bridge_mappings": {"out": "a/b"}}, "ovn_chassis_bridge_mappings.out"),
        ({"ovn_chassis_encap_type": "stt"}, "ovn_chassis_encap_type: 'stt'"),
        ({"ovn_chassis_private_key": "key"}, "is not an absolute path"),
    ],
)
def test_wrong_variables_are_named(given: dict[str, t.Any], words: str) -> None:
    assert words in _roles.complaint({**DEFAULTS, **given}, "ovn_chassis")
