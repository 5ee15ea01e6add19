# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of the playbook drift."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _drift, _fleet

RESULT: dict[str, t.Any] = {
    "changed": True,
    "steps": ["..."] * 5,
    "plan": [
        {"kind": "netns", "identity": {"name": "web1"}, "change": "create", "disturbs": "none"},
        {"kind": "veth", "identity": {"name": "v-web1"}, "change": "change", "disturbs": "brief"},
        {"kind": "veth", "identity": {"name": "v-old"}, "change": "delete", "disturbs": "recreate"},
        {
            "kind": "netns_route",
            "identity": {"destination": "default", "netns": "web1"},
            "change": "adopt",
            "disturbs": "none",
        },
        {
            "kind": "netns_dhcp_client",
            "identity": {"interface": "eth0", "netns": "red"},
            "change": "create",
            "disturbs": "none",
        },
        {
            "kind": "linux_bridge",
            "identity": {"name": "br|web"},
            "change": "renew",
            "disturbs": "brief",
            "steps": ["renew 10.0.0.1/24"],
        },
    ],
    "before": {
        "netns": [{"name": "web1", "state": "absent"}],
        "veth": [
            {"name": "v-web1", "master": None, "peer": {"name": "eth0", "addresses": ["10.0.0.1/24"]}},
            {"name": "v-old", "state": "present"},
        ],
        "netns_dhcp_client": [{"interface": "eth0", "state": "stopped"}],
    },
    "after": {
        "netns": [{"name": "web1", "state": "present"}],
        "veth": [
            {"name": "v-web1", "master": "br-web", "peer": {"name": "eth0", "addresses": ["10.0.0.2/24"]}},
            {"name": "v-old", "state": "absent"},
        ],
        "netns_dhcp_client": [{"interface": "eth0", "state": "started"}],
    },
}
FLEET = {
    "lab1": {"bridge_network_networks": [], "netloom__drift_contact": {}, "bridge_network_result": RESULT},
    "lab2": {"netloom__drift_contact": {"unreachable": True, "msg": "no route | to host"}},
}


def artifact() -> dict[str, t.Any]:
    """The artifact netloom_drift."""
    found = _fleet.outcomes(FLEET, FLEET, "drift", check=True)
    return {**found, "drift": _drift.rows(found["drifted"], FLEET)}


def test_each_attribute_has_a_row() -> None:
    rows = [
        tuple(row[key] for key in ("object", "attribute", "declared", "found", "disturbs"))
        for row in artifact()["drift"]
    ]
    assert rows == [
        ("netns web1", "state", "present", "absent", "none"),
        ("veth v-web1", "master", "br-web", None, "brief"),
        ("veth v-web1", "peer.addresses", ["10.0.0.2/24"], ["10.0.0.1/24"], "brief"),
        ("veth v-old", "state", "absent", "present", "recreate"),
        ("netns_dhcp_client eth0 in red", "state", "started", "stopped", "none"),
        ("linux_bridge br|web", "", None, "renew 10.0.0.1/24", "brief"),
    ]
    assert {row["host"] for row in artifact()["drift"]} == {"lab1"}


def test_the_report_is_a_table_and_names_whom_nobody_reached() -> None:
    text = _drift.report(artifact())
    assert '| lab1 | veth v-web1 | peer.addresses | ["10.0.0.2/24"] | ["10.0.0.1/24"] | brief |' in text
    assert "br\\|web" in text
    assert "- lab2: no route \\| to host" in text


def test_what_is_of_no_use_is_told_although_it_is_as_declared() -> None:
    words = "The southbound database cannot be asked (no route)."
    result = {"changed": False, "steps": [], "plan": [], "unusable": [words]}
    fleet = {"lab1": {"netloom__drift_contact": {}, "ovn_chassis_result": result, "bridge_network_networks": []}}
    found = _fleet.outcomes(fleet, fleet, "drift", check=True)
    assert found["drifted"] == ["lab1"]
    assert [(row["attribute"], row["found"]) for row in _drift.rows(["lab1"], fleet)] == [("usable", words)]


def test_nothing_differs() -> None:
    idle = {
        "lab1": {
            "bridge_network_networks": [],
            "netloom__drift_contact": {},
            "bridge_network_result": {"changed": False, "steps": [], "plan": []},
        }
    }
    found = _fleet.outcomes(idle, idle, "drift", check=True)
    assert "Nothing differs." in _drift.report({**found, "drift": []})


def test_a_plan_without_objects_is_told_by_its_steps() -> None:
    assert [row["found"] for row in _drift.of_result({"steps": ["create namespace red"]})] == ["create namespace red"]


def test_an_object_without_a_name_is_called_by_its_kind() -> None:
    """A host is one chassis of OVN."""
    change = {"kind": "ovn_chassis", "identity": {}, "change": "change", "disturbs": "brief"}
    states = {name: {"ovn_chassis": [{"encap_address": value}]} for name, value in (("before", "a"), ("after", "b"))}
    assert [row["object"] for row in _drift.of_result({"plan": [change], **states})] == ["ovn_chassis"]
