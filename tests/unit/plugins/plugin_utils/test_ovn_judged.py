# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with networks of OVN is told once, before a host is touched. messages/ovn.yml has a mistake
and the whole message for each case.
"""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.plugin_utils import _fleet_input, _roles

CASES: list[dict[str, t.Any]] = yaml.safe_load(
    (pathlib.Path(__file__).parents[2] / "messages/ovn.yml").read_text(encoding="utf-8")
)
DEFAULTS = yaml.safe_load(
    (pathlib.Path(__file__).parents[4] / "roles/ovn_network/defaults/main.yml").read_text(encoding="utf-8")
)
KNOWN: dict[str, dict[str, t.Any]] = {
    "red": {
        "name": "red",
        "subnet": "10.50.50.0/24",
        "members": [{"name": "red1", "host": "node1"}, {"name": "red2", "host": "node2"}],
    },
    "out": {"name": "out", "external": {"bridge": "br-ex", "subnet": "198.51.100.0/24", "gateway": "198.51.100.1"}},
}
CHASSIS = ["node1", "node2", "node3"]
KEYS = ("networks", "routers", "security_groups", "load_balancers", "options")


def hosts(case: dict[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    """The variables of a central host and three chassis."""
    given = {f"ovn_network_{key}": case[key] for key in KEYS if key in case}
    given["ovn_network_networks"] = [KNOWN[one] if isinstance(one, str) else one for one in case["networks"]]
    groups = {"all": ["central1", *CHASSIS], "ovn_chassis": CHASSIS, "ovn_central": ["central1"]}
    found: dict[str, dict[str, t.Any]] = {
        name: {**given, "ansible_host": f"192.0.2.{number}", "groups": groups}
        for number, name in enumerate(groups["all"], 1)
    }
    for name in CHASSIS:
        found[name]["ovn_chassis_bridge_mappings"] = {"physnet1": "br-ex"}
    for name, more in (case.get("hosts") or {}).items():
        found[name] = {key: value for key, value in {**found[name], **more}.items() if value is not None}
    return found


def complaint(variables: dict[str, dict[str, t.Any]], *limit: str, here: dict[str, t.Any] | None = None) -> str:
    """What a playbook says; ``limit``: the hosts of its play."""
    return _fleet_input.complaint(list(limit or variables), variables, here or {}, everybody=list(variables))


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_what_is_wrong(case: dict[str, t.Any]) -> None:
    assert complaint(hosts(case)) == case["says"]


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_a_limit_hides_nothing(case: dict[str, t.Any]) -> None:
    variables = hosts(case)
    if "ovn_network_networks" in variables["node3"]:
        assert complaint(variables, "node3") == case["says"]


def test_what_is_right() -> None:
    case = {
        "networks": ["red", "out"],
        "routers": [
            {
                "name": "r1",
                "networks": ["red"],
                "external": {"network": "out", "address": "198.51.100.10", "hosts": ["node2", "node3"]},
                "floating": [{"address": "198.51.100.50", "member": "red2"}],
            }
        ],
    }
    assert complaint(hosts(case)) == ""
    assert complaint(hosts(case), "node1") == ""


def test_variables_of_the_play_count_for_all() -> None:
    variables = hosts({"networks": []})
    here = {"ovn_network_networks": [{**KNOWN["red"], "members": [{"name": "red1", "host": "nod1"}]}]}
    variables = {
        name: {key: value for key, value in own.items() if not key.startswith("ovn_network_")}
        for name, own in variables.items()
    }
    assert complaint(variables, here=here).endswith("host 'nod1' is not in the inventory; did you mean 'node1'?")


def test_another_group_of_chassis() -> None:
    variables = hosts({"networks": ["red"]})
    for own in variables.values():
        own["groups"] = {"hypervisors": CHASSIS, "ovn_central": ["central1"]}
    assert "host 'node1' is no chassis of OVN" in complaint(variables)
    for own in variables.values():
        own["ovn_chassis_group"] = "hypervisors"
    assert complaint(variables) == ""


def test_two_topologies_of_the_play() -> None:
    """One play may use the role twice: each time all hosts see what is declared there."""
    variables = hosts({"networks": ["red"]})
    for own in variables.values():
        own["ovn_network_topology"] = "other"
    assert complaint(variables) == ""


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"ovn_network_networks": None}, "'ovn_network_networks' is missing; it is what the role is to work on."),
        (
            {"ovn_network_state": "gone"},
            "ovn_network_state: 'gone' is not possible; the choices are present or absent.",
        ),
        (
            {"ovn_network_bridge": "br int"},
            "ovn_network_bridge: 'br int' is not a link name; it must not be '.' or '..',",
        ),
        (
            {"ovn_network_topology": "a b"},
            "ovn_network_topology: 'a b' is not a usable name; take 1 to 64 letters, digits",
        ),
        ({"ovn_network_router": []}, "'ovn_network_router' is not an option of the role ovn_network; did you mean"),
        (
            {"ovn_network_routers": {"name": "r1"}},
            "ovn_network_routers: {'name': 'r1'} is not a list; write [{'name': 'r1'}]",
        ),
    ],
)
def test_the_role_itself(given: dict[str, t.Any], says: str) -> None:
    found = _roles.complaint({**DEFAULTS, "ovn_network_networks": [], **given}, "ovn_network", names=given)
    assert found.startswith(says)
