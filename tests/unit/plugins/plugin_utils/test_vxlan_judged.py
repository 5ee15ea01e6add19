# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with VXLAN networks is told once for the fleet, before a host is touched. messages/fleets.yml has a
mistake and the whole message for each case.
"""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _fleet_ends,
    _fleet_input,
    _fleet_underlay,
    _roles,
    _vxlan_share,
)

OPTION = "vxlan_network_networks"
PATH = f"{OPTION}[0]"
CASES: list[dict[str, t.Any]] = yaml.safe_load(
    (pathlib.Path(__file__).parents[2] / "messages/fleets.yml").read_text(encoding="utf-8")
)
DEFAULTS = yaml.safe_load(
    (pathlib.Path(__file__).parents[4] / "roles/vxlan_network/defaults/main.yml").read_text(encoding="utf-8")
)
MEMBERS = "members: [{name: red1, host: node1}, {name: red2, host: node2}]"
RED = f"{{name: red, vni: 4100, subnet: 10.50.50.0/24, {MEMBERS}}}"


def red(more: str, members: str = MEMBERS) -> str:
    """A network with more options."""
    return f"[{{name: red, vni: 4100, subnet: 10.50.50.0/24, {members}, {more}}}]"


def hosts(networks: t.Any, **of_hosts: dict[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    """The variables of three hosts with this declaration."""
    declared = yaml.safe_load(networks) if isinstance(networks, str) else networks
    found: dict[str, dict[str, t.Any]] = {
        f"node{number}": {OPTION: declared, "ansible_host": f"192.0.2.{number}"} for number in (1, 2, 3)
    }
    for host, more in of_hosts.items():
        found[host] = {key: value for key, value in {**found[host], **more}.items() if value is not None}
    return found


def complaint(variables: dict[str, dict[str, t.Any]], *limit: str, **more: t.Any) -> str:
    """What a playbook says; ``limit``: the hosts of its play."""
    here = more.pop("here", {})
    return _fleet_input.complaint(list(limit or variables), variables, here, everybody=list(variables), **more)


def test_what_is_right() -> None:
    assert complaint(hosts(f"[{RED}]")) == ""
    assert complaint(hosts(f"[{RED}]"), "node2") == ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_what_is_wrong_is_told_once(case: dict[str, t.Any]) -> None:
    variables = hosts(case["networks"], **case.get("hosts", {}))
    assert complaint(variables) == case["says"]
    assert complaint(variables, "node1") == case["says"], "whichever hosts the play has"


def test_the_role_on_one_host_says_which_variable_is_wrong() -> None:
    variables = {OPTION: [], "vxlan_network_local": "node1"}
    told = _roles.complaint({**DEFAULTS, **variables}, "vxlan_network")
    assert told.startswith("vxlan_network_local: 'node1' is not an address; give")


def test_what_is_like_it_and_right() -> None:
    inside = f"[{{name: red, vni: 4100, subnet: 192.0.2.0/24, {MEMBERS}}}]"
    assert complaint(hosts(inside)) == "", "without a gateway the host has no address in it"
    assert complaint(hosts(f"[{RED}]", node1={"vxlan_network_port": "4789"}, node3={"vxlan_network_port": 8472})) == ""
    v6 = {f"node{one}": {"vxlan_network_local": f"2001:db8::{one}"} for one in (1, 2)}
    v6["node1"]["vxlan_network_underlay_mtu"] = 1280
    assert complaint(hosts(f"[{RED}]", **v6)) == ""


@pytest.mark.parametrize("written", ["10.50.50.20/24", " 10.50.50.20", "10.50.50.20"])
def test_the_range_of_a_server_may_be_written_in_several_ways(written: str) -> None:
    networks = yaml.safe_load(red(f"dhcp: {{host: node1, start: '{written}', end: 10.50.50.99/24}}"))
    assert complaint(hosts(networks)) == ""
    ends = _fleet_ends.ends(["node1", "node2"], hosts(networks), "vxlan_network")
    (server,) = _vxlan_share.topology(networks, "node1", ends)["dnsmasq_in_ns"]
    assert (server["ranges"][0]["start"], server["ranges"][0]["end"]) == ("10.50.50.20", "10.50.50.99")


class Template(dict[str, t.Any]):
    """Variables with a value that Ansible cannot evaluate, as it finds out when somebody looks."""

    def __getitem__(self, name: str) -> t.Any:
        if super().__getitem__(name) == "{{ nosuch }}":
            raise KeyError("'nosuch' is undefined")
        return super().__getitem__(name)


UNKNOWN = "cannot be evaluated, and it must be known before a host is asked: \"'nosuch' is undefined\"."


def test_a_template_that_nobody_can_evaluate_is_named() -> None:
    networks = yaml.safe_load(f"[{RED}]")
    networks[0]["members"][1] = Template(name="red2", host="{{ nosuch }}")
    assert complaint(hosts(networks)) == f"{PATH}.members[1].host: {UNKNOWN}"
    assert complaint(hosts(networks), "node1") == f"{PATH}.members[1].host: {UNKNOWN}"
    of_one = hosts(f"[{RED}]")
    of_one["node2"] = Template(of_one["node2"], vxlan_network_local="{{ nosuch }}")
    for limit in ("node1", "node2"):
        assert complaint(of_one, limit) == f"vxlan_network_local of host 'node2': {UNKNOWN}"
    given = {OPTION: networks, "vxlan_network_topology": "t"}
    assert _roles.complaint(given, "vxlan_network") == f"{PATH}.members[1].host: {UNKNOWN}"


def test_how_ansible_reaches_a_host_matters_only_for_tunnels() -> None:
    variables = hosts(f"[{RED}]")
    variables["node3"] = Template(variables["node3"], ansible_host="{{ nosuch }}")
    assert complaint(variables) == ""
    variables["node2"] = Template(variables["node2"], ansible_host="{{ nosuch }}")
    assert complaint(variables).startswith(f"{PATH}.members[1].host: nobody knows where the tunnels of host 'node2'")


def test_segments_that_somebody_wrote_are_judged_with_the_fleet() -> None:
    variables: dict[str, dict[str, t.Any]] = {"node1": {}, "node2": {}}
    variables["node2"]["verify_segments"] = [{"name": "a", "members": [{"name": "x", "host": "nod1"}]}]
    says = "verify_segments[0].members[0].host: host 'nod1' is not in the inventory; did you mean 'node1'?"
    assert complaint(variables) == says


def test_an_end_that_only_the_play_knows_is_refused() -> None:
    assert complaint(hosts(f"[{RED}]"), here={"vxlan_network_local": "192.0.2.7"}) == (
        "vxlan_network_local: is a variable of the play, so the hosts cannot know it of each other; put it into the"
        " inventory, in host_vars or group_vars."
    )


def test_ends_from_a_template_of_the_play_are_those_that_its_hosts_noted() -> None:
    here = {"vxlan_network_local": "198.51.100.1"}  # as the first host sees it
    noted = {f"node{number}": {"vxlan_network__local": f"198.51.100.{number}"} for number in (1, 2)}
    variables = hosts(f"[{RED}]", **noted)
    assert complaint(variables, here=here) == ""
    table = _fleet_ends.table(list(variables), variables, "vxlan_network")
    assert [one["local"] for one in table.values()] == ["198.51.100.1", "198.51.100.2", None]
    one = hosts(f"[{RED}]", node1=noted["node1"])  # with --limit node1
    assert complaint(one, "node1", here=here).startswith(f"{PATH}.members[1].host: nobody knows where the tunnels of")


def test_a_declaration_of_the_play_is_that_of_all_hosts() -> None:
    variables = hosts(None)
    for own in variables.values():
        own.pop(OPTION, None)
    assert complaint(variables, here={OPTION: yaml.safe_load(f"[{RED}]")}) == ""


def test_the_other_variables_are_judged_too() -> None:
    said = complaint(hosts(f"[{RED}]", node1={"vxlan_network_port": 0}, node3={"vxlan_network_learning": "perhaps"}))
    assert said == (
        "node1: vxlan_network_port: 0 is out of range; it must lie between 1 and 65535. node3: vxlan_network_learning:"
        " 'perhaps' is neither true nor false."
    )


def test_the_other_roles_are_not_judged_by_this_one() -> None:
    variables = hosts(f"[{RED}]", node1={"bridge_network_networks": "web"})
    assert _fleet_input.complaint(list(variables), variables, {}, roles=["vxlan_network"]) == ""


def answers(**mtus: int | None) -> dict[str, dict[str, t.Any]]:
    """The hosts, some of which told of their underlay."""
    variables = hosts(red("mtu: 1450"))
    for host, mtu in mtus.items():
        link = {"interface": "eth0", "mtu": mtu} if mtu else None
        variables[host]["vxlan_network__underlay"] = {"underlay": link}
    return variables


def told_of_underlay(variables: dict[str, dict[str, t.Any]]) -> str:
    ends = _fleet_ends.ends(variables, variables, "vxlan_network")
    return _fleet_underlay.complaint(list(variables), variables, ends, "vxlan_network", {})


@pytest.mark.parametrize(
    ("mtus", "says"),
    [
        ({"node1": 1500, "node2": 1500}, ""),
        ({}, ""),
        (
            {"node1": 1500, "node2": 1480},
            (
                f"{PATH}.mtu: 1450 does not fit: the underlay of host 'node2' has 1480, and VXLAN over IPv4 takes 50 of"
                " it; give at most 1430, or 'auto'."
            ),
        ),
        (
            {"node1": None, "node2": 1500},
            (
                "vxlan_network_local of host 'node1': no link of the host has the address 192.0.2.1; give an address"
                " that it has."
            ),
        ),
    ],
)
def test_the_underlay_is_judged_for_all_hosts(mtus: dict[str, int | None], says: str) -> None:
    variables = answers(**mtus)
    assert told_of_underlay(variables) == says


@pytest.mark.parametrize(
    ("mtus", "declared", "refused"),
    [
        ({"node1": 9000, "node2": 1500}, {}, True),
        ({"node1": 1500, "node2": 1500}, {}, False),
        ({"node1": 9000}, {}, False),  # with --limit node1 nobody knows
        ({"node1": 9000}, {"node2": 1500}, False),
        ({"node1": 1400}, {"node2": 1500}, True),
        ({}, {"node1": 9000, "node2": 1500}, False),
    ],
)
def test_an_automatic_mtu_is_the_same_on_all_hosts(
    mtus: dict[str, int | None], declared: dict[str, int], refused: bool
) -> None:
    """A packet that is too large for the other host is lost, and nobody tells the sender."""
    variables = answers(**mtus)
    for host, own in variables.items():
        own[OPTION] = yaml.safe_load(f"[{RED}]")
        own.update({"vxlan_network_underlay_mtu": declared[host]} if host in declared else {})
    told = told_of_underlay(variables)
    assert bool(told) == refused
    if mtus == {"node1": 9000, "node2": 1500}:
        assert told == (
            f"{PATH}.mtu: the automatic MTU would be another one on each host: host 'node1' reckons with an underlay of"
            " 9000, and host 'node2' with 1500. Write vxlan_network_underlay_mtu: 1500 for a group that has all hosts,"
            " or give a number here."
        )


def test_a_loopback_is_no_underlay() -> None:
    variables = answers(node1=65536)
    variables["node1"]["vxlan_network__underlay"]["underlay"]["interface"] = "lo"
    assert told_of_underlay(variables) == (
        "vxlan_network_local of host 'node1': 192.0.2.1 is on 'lo', whose MTU says nothing of the underlay; write the"
        " MTU of the underlay in vxlan_network_underlay_mtu."
    )


GATEWAY, SERVER = "gateway: {host: node1}", "dhcp: {host: node1}"
LEASED = "members: [{name: red1, host: node1}, {name: red2, host: node2, address: dhcp}, {name: red3, host: node2}]"


@pytest.mark.parametrize(
    ("networks", "gone", "says"),
    [
        (red(GATEWAY), ["node1"], "gateway"),
        (red(f"{GATEWAY}, {SERVER}", LEASED), ["node1"], "gateway"),
        (red(SERVER, LEASED), ["node1"], "DHCP server"),
        (red(SERVER), ["node1"], ""),  # nobody has a lease
        (red(f"{GATEWAY}, {SERVER}", LEASED), ["node2"], ""),
        (red(f"{GATEWAY}, {SERVER}", LEASED), ["node1", "node2"], ""),
        (red(f"{GATEWAY}, {SERVER}, state: absent", LEASED), ["node1"], ""),
    ],
)
def test_no_host_takes_away_what_others_need(networks: str, gone: list[str], says: str) -> None:
    absent: dict[str, dict[str, t.Any]] = {host: {"vxlan_network_state": "absent"} for host in gone}
    whole = (
        f"vxlan_network_state of host 'node1': 'absent' takes away the {says} of network 'red', which members on node2"
        " need; declare it on another host first, or give all of these hosts this state."
    )
    declared = hosts(networks, **absent)
    for limit in ((), ("node1",), ("node2",)):
        assert complaint(declared, *limit) == (whole if says else "")
    # All of them, or one for a while.
    assert complaint(declared, state="absent") == ""
    assert complaint(hosts(networks), "node1", here={"vxlan_network_state": "absent"}) == ""
