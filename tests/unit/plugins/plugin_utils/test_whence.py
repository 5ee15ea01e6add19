# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of topology behind a role: they name what the user wrote in the role's variables."""

from __future__ import annotations

import dataclasses
import types
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.plugin_utils import _bridge_network, _plan_action, _router, _whence

NETWORKS = [
    {"name": "lan", "subnet": "10.1.0.0/24", "members": [{"name": "a"}, {"name": "b", "default_route": False}]},
    {
        "name": "web",
        "subnet": "10.2.0.0/24",
        "masquerade": True,
        "members": [{"name": "b", "interface": "eth1"}, {"name": "c", "publish": [{"port": 80}]}],
    },
]
ROUTERS = [
    {"name": "r1", "interfaces": [{"tag": 100, "address": "10.1.0.1/24"}, {"tag": 200, "address": "10.2.0.1/24"}]},
    {"name": "r2", "interfaces": [{"tag": 300, "address": "10.3.0.1/24"}]},
]


def of_bridges(variables: t.Mapping[str, t.Any]) -> t.Any:
    return _bridge_network.topology(variables["bridge_network_networks"])


def of_routers(variables: t.Mapping[str, t.Any]) -> t.Any:
    return _router.topology(variables["router_routers"], "OVS1")


def whence(role: str, variables: t.Mapping[str, t.Any], build: t.Any) -> _whence.Whence:
    return _whence.Whence(role, build(variables), lambda: variables, build)


BRIDGES = whence("bridge_network", {"bridge_network_networks": NETWORKS}, of_bridges)


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("veth[3]: Cannot make 'v-c' a port.", "bridge_network_networks[1].members[1]: Cannot make 'v-c' a port."),
        ("veth[0].peer.mtu: no.", "bridge_network_networks[0].members[0] (peer.mtu of veth 'v-a'): no."),
        ("linux_bridge[1]: no.", "bridge_network_networks[1]: no."),
        # Only the second membership of b has this route.
        ("netns_route[1]: no.", "bridge_network_networks[1].members[0]: no."),
        ("netns[1]: no.", "bridge_network_networks[0].members[1]: no."),
        (
            "It is used by veth[2].peer, too.",
            "It is used by bridge_network_networks[1].members[0] (peer of veth 'v-b.eth1'), too.",
        ),
        ("veth[9]: no.", "veth[9]: no."),
        ("bridge_network_networks[0]: no.", "bridge_network_networks[0]: no."),
        ("Cannot read the host: x[0].", "Cannot read the host: x[0]."),
        ("max_disruption: 'none' is little.", "bridge_network_max_disruption: 'none' is little."),
        ("Declare it with persist: true.", "Declare it with bridge_network_persist: true."),
    ],
)
def test_a_message_names_what_the_user_wrote(message: str, says: str) -> None:
    assert BRIDGES.translated(message) == says


def test_each_object_of_a_role_is_one_of_its_entry() -> None:
    routers = whence("router", {"router_routers": ROUTERS}, of_routers)
    for kind, items in routers.lists.items():
        for index, _item in enumerate(items):
            told = routers.translated(f"{kind}[{index}]: no.")
            shared = kind == "ovs_bridge"  # which the role makes for all
            assert shared or told.startswith("router_routers["), f"{kind}[{index}] {told}"
    assert routers.translated("netns[1]: no.") == "router_routers[1]: no."


@dataclasses.dataclass(frozen=True)
class Event:
    msg: str


@dataclasses.dataclass(frozen=True)
class Summary:
    """An error or a warning as ansible-core 2.19 has it."""

    event: Event


def test_a_result_that_failed_or_warns_is_told_so() -> None:
    warnings = ["veth[1]: hm.", Summary(Event("veth[1]: hm."))]
    error = Summary(Event("Module failed: veth[0]: no."))
    result = {"failed": True, "msg": "veth[0]: no.", "exception": error, "warnings": warnings, "rc": 1}
    assert _whence.told(result, BRIDGES) == {
        "failed": True,
        "msg": "bridge_network_networks[0].members[0]: no.",
        "exception": Summary(Event("Module failed: bridge_network_networks[0].members[0]: no.")),
        "warnings": [
            "bridge_network_networks[0].members[1]: hm.",
            Summary(Event("bridge_network_networks[0].members[1]: hm.")),
        ],
        "rc": 1,
    }


def test_what_cannot_be_made_once_more_is_called_by_its_name() -> None:
    alone = _whence.Whence("ovn_chassis", {"ovn_chassis": [{"encap_address": "192.0.2.1"}]}, dict, of_bridges)
    assert alone.translated("ovn_chassis[0].encap_address: no.") == "encap_address of ovn_chassis: no."
    route = {"netns_route": [{"destination": "default", "netns": "red1"}]}
    nowhere = _whence.Whence("vxlan_network", route, dict, of_bridges)
    assert nowhere.translated("netns_route[0]: no.") == "netns_route 'default' in 'red1': no."


def test_only_lists_of_entries_are_taken() -> None:
    variables = {"r_networks": NETWORKS, "r_state": "present", "r_broken": None, "r_names": ["a"]}

    def evaluate(value: t.Any) -> t.Any:
        if value is None:
            raise KeyError("undefined")
        return value

    assert _whence.evaluated(variables, evaluate) == {"r_networks": NETWORKS}


class Templar:
    """Evaluates what looks like a use of the filter."""

    def __init__(self, variables: t.Mapping[str, t.Any]) -> None:
        self.variables = variables

    def copy_with_new_env(self, available_variables: t.Mapping[str, t.Any]) -> Templar:
        return Templar(available_variables)

    def template(self, value: t.Any) -> t.Any:
        return of_bridges(self.variables) if value == "{{ the filter }}" else value


@pytest.mark.parametrize(
    ("role", "module", "says"),
    [
        ("netloom.linux.bridge_network", "netloom.linux.topology", "bridge_network_networks[0].members[0]: no."),
        ("netloom.linux.ovn_chassis", "netloom.linux.topology", "veth 'v-a': no."),
        # What is no role's, or not of ours, the user wrote; and what this role is given.
        ("", "netloom.linux.topology", "veth[0]: no."),
        ("mine", "netloom.linux.topology", "veth[0]: no."),
        ("site.own.bridge_network", "netloom.linux.topology", "veth[0]: no."),
        ("netloom.linux.faults", "netloom.linux.topology", "veth[0]: no."),
    ],
)
def test_the_action_translates_for_the_roles_of_this_collection(role: str, module: str, says: str) -> None:
    variables = {"bridge_network_networks": NETWORKS, "bridge_network__lists": "{{ the filter }}", "ansible_user": "x"}
    action = _plan_action.PlanAction.__new__(_plan_action.PlanAction)
    action._task = types.SimpleNamespace(_role=role or None, action=module, args=of_bridges(variables))
    action._templar = Templar(variables)
    assert action._in_words_of_role({"failed": True, "msg": "veth[0]: no."}, variables)["msg"] == says
    assert action._in_words_of_role({"changed": False}, variables) == {"changed": False}
