# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary of a fleet, and the check of what is declared for it."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.filter import fleet_outcomes
from ansible_collections.netloom.linux.plugins.plugin_utils import _fleet, _fleet_input, _playbook_options

NETWORKS = [{"name": "web", "subnet": "172.20.0.0/24", "members": [{"name": "web1"}]}]
ALL = "bridge_network_networks"


def host(**variables: t.Any) -> dict[str, t.Any]:
    """A host that site has reached, and that has a network."""
    return {ALL: NETWORKS, "prepare__answer": {"rc": 0}, **variables}


def built(*steps: str) -> dict[str, t.Any]:
    """What the role bridge_network returned."""
    return {"bridge_network_result": {"changed": bool(steps), "steps": list(steps)}}


FLEET = {
    "lab1": host(**built("create namespace web1", "create bridge br-web")),
    "lab2": host(**built()),
    "lab3": host(netloom__failed={"failed": True, "msg": "Task failed: linux_bridge[0]: 'br-web' is a tun."}),
    "lab4": host(prepare__answer={"unreachable": True, "msg": "Failed to connect:\n  No route to host\r\n"}),
    "lab5": host(bridge_network_result={"unreachable": True, "msg": "Shared connection closed."}),
    "lab6": {"prepare__answer": {"rc": 0}},
    "lab7": {ALL: NETWORKS},
    "lab8": host(
        prepare_result={"changed": True, "lacks": ["package nftables"], "unforetold": ["package nftables"]}, **built()
    ),
}


def test_each_host_has_one_outcome_and_its_reason() -> None:
    found = _fleet.outcomes(FLEET, FLEET, "site")
    assert {word: found[word] for word in _fleet.WORDS} == {
        "changed": ["lab1", "lab8"],
        "drifted": [],
        "ok": ["lab2"],
        "unverified": [],
        "undeclared": ["lab6"],
        "lacking": {},
        "failed": {"lab3": "linux_bridge[0]: 'br-web' is a tun."},
        "unreachable": {"lab4": "Failed to connect: No route to host", "lab5": "Shared connection closed."},
        "not_reached": ["lab7"],
    }
    assert found["steps"] == {"lab1": 2}


def test_the_reason_of_proofs_has_no_advice_and_counts_surprises_only() -> None:
    told = ["a -> b (icmp): no answer. It lacks eth0."]
    advice = ["The playbook netloom.linux.drift tells what differs.", "To see the packets: ansible-playbook ..."]
    failed = {"msg": ["Not as promised:", *told, *advice]}
    own = host(netloom__verify_contact={}, netloom__failed=failed, verify__reachability={"surprises": told})
    found = _fleet.outcomes(["lab1"], {"lab1": own}, "verify")
    assert found["failed"] == {"lab1": "Not as promised: a -> b (icmp): no answer. It lacks eth0."}
    own["netloom__failed"] = {"msg": ["Something else:", *advice]}
    found = _fleet.outcomes(["lab1"], {"lab1": own}, "verify")
    assert found["failed"]["lab1"].startswith("Something else: The playbook")


def test_check_mode_tells_what_it_could_not_foretell() -> None:
    found = _fleet.outcomes(["lab8"], FLEET, "site", check=True)
    assert found["lacking"] == {"lab8": "still needs package nftables"}
    assert _fleet.summary(found)[0] == "site: 1 host, 1 cannot be told; check mode: nothing was touched"


def test_the_summary_names_everybody() -> None:
    lines = _fleet.summary(_fleet.outcomes(FLEET, FLEET, "site"))
    assert lines[0] == "site: 8 hosts, 2 changed, 1 ok, 1 nothing declared, 1 failed, 2 unreachable, 1 not reached"
    assert "  failed            lab3: linux_bridge[0]: 'br-web' is a tun." in lines
    for name in FLEET:
        assert any(name in line for line in lines[1:]), name


@pytest.mark.parametrize("name", ["node{}", "compute-{}.rack-7.example.com"])
def test_fifty_hosts_fit_on_a_screen(name: str) -> None:
    fleet = {name.format(number): FLEET[f"lab{number % 8 + 1}"] for number in range(50)}
    # The worst case: each failing host has a reason of its own.
    for number, one in enumerate(fleet):
        if "netloom__failed" in fleet[one]:
            fleet[one] = host(netloom__failed={"msg": f"linux_bridge[{number}]: {'x' * 90}"})
    lines = _fleet.summary(_fleet.outcomes(fleet, fleet, "site"))
    assert len(lines) <= 40
    assert all(len(line) <= 130 for line in lines)
    for one in fleet:
        assert any(one in line for line in lines), one


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"msg": "no"}, "no"),
        ({"msg": ["Not as promised:", "a -> b", "c -> d", "e -> f"]}, "Not as promised: a -> b c -> d and 1 more"),
        (
            {"msg": "non-zero return code", "rc": 127, "stderr": "first\nnetloom: not found\n"},
            "non-zero return code netloom: not found",
        ),
        ({"msg": "All items completed", "results": [{"msg": "fine"}, {"failed": True, "msg": "this one"}]}, "this one"),
        ({}, "see its message above"),
        ("text", "see its message above"),
        # The cause and what to do are at the end of a sentence, and are what a summary is read for.
        ({"msg": f"Not so: {'x' * 500}. Run it."}, f"Not so: {'x' * 112} [... 197 letters ...] {'x' * 191}. Run it."),
        (
            {"msg": ["Not as promised:", f"a -> b{'.' * 300} It lacks eth0.", "c -> d", "e -> f"]},
            f"Not as promised: a -> b{'.' * 54} [... 161 letters ...] {'.' * 85} It lacks eth0. c -> d and 1 more",
        ),
    ],
)
def test_a_reason_is_one_line(result: t.Any, said: str) -> None:
    assert _fleet.reason(result) == said


def test_verify_tells_what_held() -> None:
    probed = {
        "reachability": [{"as_expected": True}, {"as_expected": False}],
        "surprises": ["a -> b: no answer"],
        "inconclusive": 0,
    }
    hosts = {
        "lab1": {"netloom__verify_contact": {}, "verify__reachability": {**probed, "surprises": []}},
        "lab2": {
            "netloom__verify_contact": {},
            "verify__reachability": probed,
            "netloom__failed": {"msg": ["Not as promised:", "a -> b: no answer"]},
        },
    }
    found = _fleet.outcomes(hosts, hosts, "verify")
    assert (found["held"], found["surprises"]) == ({"lab1": 1, "lab2": 1}, {"lab2": ["a -> b: no answer"]})
    assert _fleet.summary(found)[1:] == [
        "  ok                lab1: 1 probe held",
        "  failed            lab2: Not as promised: a -> b: no answer",
    ]


@pytest.mark.parametrize(
    ("check", "reached", "told"),
    [
        (True, {}, "lab1"),
        (True, {"verify__reachability": {"skipped": True}}, "lab1"),
        # With verify_allow_inconclusive.
        (
            False,
            {"verify__reachability": {"reachability": [{"as_expected": False}], "surprises": [], "inconclusive": 1}},
            "lab1: 0 probes held, 1 proved nothing",
        ),
    ],
)
def test_verify_calls_no_host_ok_of_which_it_proved_nothing(check: bool, reached: dict[str, t.Any], told: str) -> None:
    hosts = {"lab1": {ALL: NETWORKS, "netloom__verify_contact": {}, **reached}}
    found = _fleet.outcomes(hosts, hosts, "verify", check)
    assert (found["unverified"], found["ok"]) == (["lab1"], [])
    heading, line = _fleet.summary(found)
    assert heading.startswith("verify: 1 host, 1 not verified")
    assert line == f"  not verified      {told}"


def complaint(hosts: dict[str, dict[str, t.Any]], here: t.Any = None, state: str | None = None) -> str:
    """The complaint about a fleet."""
    return _fleet_input.complaint(list(hosts), hosts, here or {}, state)


def test_what_is_right_is_no_complaint() -> None:
    assert complaint({"lab1": {ALL: NETWORKS, "ansible_host": "10.0.0.1"}, "lab2": {}}) == ""


def test_what_is_wrong_everywhere_is_told_once() -> None:
    wrong = {ALL: [{"name": "web"}]}
    assert complaint({"lab1": wrong, "lab2": wrong}) == complaint({"lab1": wrong})
    assert complaint({"lab1": wrong}).startswith("bridge_network_networks[0]")


def test_what_is_wrong_somewhere_is_told_with_the_hosts() -> None:
    wrong = {ALL: [{"name": "web"}]}
    said = complaint({"lab1": {ALL: NETWORKS}, "lab2": wrong, "lab3": wrong, "lab4": {"bridge_network_persit": True}})
    assert said.startswith("lab2, lab3: bridge_network_networks[0]")
    assert said.endswith(
        "lab4: 'bridge_network_persit' is not an option of the role bridge_network; did you mean"
        " 'bridge_network_persist'?"
    )


def test_variables_of_the_play_are_judged_for_each_host() -> None:
    assert complaint({"lab1": {}}, here={ALL: "web"}).startswith("bridge_network_networks")


def test_every_role_of_the_playbooks_is_judged() -> None:
    assert complaint({"lab1": {"verify_count": 0}}).startswith("verify_count")
    assert complaint({"lab1": {"prepare_python": "snake"}}).startswith("prepare_python")
    assert complaint({"lab1": {"router_routers": [{}]}}).startswith("router_routers[0]")


def test_what_a_role_returned_is_no_misspelt_option() -> None:
    assert complaint({"lab1": {ALL: NETWORKS, "bridge_network_result": {}, "prepare_result": {}}}) == ""


PLUGINS_OF_SETS = re.compile(r"\| *(?:intersect|union|difference|symmetric_difference)\(")
WHATEVER_ORDER = "prepare"  # whose lists are sorted, or only counted


def test_lists_of_hosts_and_roles_keep_their_order() -> None:
    """These filters of Ansible's make sets: the order, in which roles build and hosts are told, would be by chance."""
    root = pathlib.Path(__file__).parents[4]
    files = [path for folder in ("playbooks", "roles") for path in sorted((root / folder).rglob("*.yml"))]
    assert len(files) > 20
    chance = [path for path in files if PLUGINS_OF_SETS.search(path.read_text(encoding="utf-8"))]
    assert [path for path in chance if WHATEVER_ORDER not in path.parts] == []


SERIAL = "is neither a number of hosts nor a percentage, such as '30%'."


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (
            "netloom_prepar",
            False,
            "'netloom_prepar' is not a variable of the playbooks; did you mean 'netloom_prepare'?",
        ),
        ("netloom_host", "a", "'netloom_host' is not a variable of the playbooks; did you mean 'netloom_hosts'?"),
        ("netloom_drift_fail", "perhaps", "netloom_drift_fail: 'perhaps' is neither true nor false."),
        ("netloom_become", "ja", "netloom_become: 'ja' is neither true nor false."),
        ("netloom_serial", "x", f"netloom_serial: 'x' {SERIAL}"),
        ("netloom_serial", [1, True], f"netloom_serial: True {SERIAL}"),
        ("netloom_max_fail_percentage", "most", "netloom_max_fail_percentage: 'most' is not a percentage."),
    ],
)
def test_variables_of_the_playbooks_are_judged(name: str, value: t.Any, told: str) -> None:
    own = {name: value}
    assert complaint({"lab1": own}) == told
    assert complaint({"lab1": {}}, here=own) == told
    assert _fleet_input.complaint(["lab1"], {"lab1": own}, {}, roles=["vxlan_network"]) == ""


def test_right_variables_of_the_playbooks_and_those_of_others_are_no_complaint() -> None:
    right = {"netloom_drift_fail": "no", "netloom_serial": [1, "30%"], "netloom_max_fail_percentage": "12.5"}
    empty = {"netloom_serial": "", "netloom_max_fail_percentage": ""}  # a survey's question without an answer
    assert complaint({"lab1": empty}) == ""
    set_by_us = {name: {} for name in _playbook_options.SET}
    assert complaint({"lab1": {**right, **set_by_us, "netloom__roles": [], "netloom_version": "1.0.0"}}) == ""


def test_every_documented_variable_of_the_playbooks_is_known() -> None:
    root = pathlib.Path(_fleet_input.__file__).parents[2]
    text = "\n".join((root / page).read_text() for page in ("README.md", "docs/awx.md"))
    rows = re.findall(r"^\| (`netloom_\w+`(?:, `netloom_\w+`)*) \|", text, re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"\w+", row)}
    assert len(documented) > 8
    assert documented <= {*_playbook_options.FLAGS, *_playbook_options.OTHERS, *_playbook_options.SET}


STRETCHED = [
    {
        "name": "red",
        "vni": 4100,
        "subnet": "10.50.50.0/24",
        "dhcp": {"host": "lab1"},
        "gateway": {"host": "lab3"},
        "members": [{"name": f"red{number}", "host": f"lab{1 + number % 3}"} for number in range(6)],
    },
    {"name": "blue", "vni": 4200, "subnet": "10.50.50.0/24", "members": [{"name": "blue1", "host": "lab2"}]},
    {"name": "far", "vni": 4300, "subnet": "10.50.50.0/24", "members": [{"name": "far1", "host": "lab1"}]},
    {"name": "empty", "vni": 4400, "subnet": "10.50.50.0/24", "members": []},
]


def stretched(number: int, **variables: t.Any) -> dict[str, t.Any]:
    """A host with a share of STRETCHED, which site has reached."""
    own = {"vxlan_network_networks": STRETCHED, "ansible_host": f"192.0.2.{number}", "prepare__answer": {"rc": 0}}
    return {**own, **variables}


DOWN = {"unreachable": True, "msg": "No route to host"}
WOVEN = {"changed": True, "steps": ["create bridge br-red"]}


def missing(*fleet: dict[str, t.Any], of: str = "labs", here: t.Any = None) -> list[str]:
    """What site tells of the networks of these hosts, or of one of them."""
    hosts = {f"lab{number}": own for number, own in enumerate(fleet, start=1)}
    played = [of] if of in hosts else list(hosts)
    found: dict[str, t.Any] = fleet_outcomes.fleet_outcomes(played, hosts, "site", everybody=list(hosts), here=here)
    sentences: list[str] = found["missing"]
    told = " ".join(" ".join(_fleet.summary(found)).split())
    assert told.endswith(" ".join(["missing", *sentences])) if sentences else "missing" not in told
    return sentences


def test_site_tells_what_networks_lack_without_the_hosts_that_are_lost() -> None:
    one, two, three = (stretched(number) for number in (1, 2, 3))
    whole = {"vxlan_network_result": WOVEN}
    assert missing({**one, **whole}, {**two, **whole}, {**three, **whole}) == []
    assert missing({**one, **whole}, {**two, "prepare__answer": DOWN}, {**three, **whole}) == [
        "red (vxlan_network): red1, red4 on lab2",
        "blue (vxlan_network): all of it",
    ]
    failed = {"vxlan_network_result": {"failed": True, "msg": "no"}, "netloom__failed": {"msg": "no"}}
    assert missing({**one, **failed}, {**two, **whole}, {**three, **failed}) == [
        "red (vxlan_network): red0, red3 on lab1; red2, red5 on lab3; its DHCP server on lab1; its gateway on lab3",
        "far (vxlan_network): all of it",
    ]


def test_what_was_built_before_a_host_failed_is_not_missing() -> None:
    one, two, three = (stretched(number, vxlan_network_result=WOVEN) for number in (1, 2, 3))
    assert missing(one, {**two, "netloom__failed": {"msg": "router_routers[0]: no"}}, three) == []


def test_what_is_to_be_absent_is_not_missing() -> None:
    hosts = [stretched(number, prepare__answer=DOWN) for number in (1, 2, 3)]
    assert missing(*hosts, here={"vxlan_network_state": "absent"}) == []
    assert missing(*({**one, "vxlan_network_state": "absent"} for one in hosts)) == []


def test_a_limited_run_tells_of_its_own_hosts_only() -> None:
    one, two, three = (stretched(number) for number in (1, 2, 3))
    assert missing(one, {**two, "prepare__answer": DOWN}, three, of="lab1") == []
    assert missing(one, {**two, "prepare__answer": DOWN}, three, of="lab2")[1:] == ["blue (vxlan_network): all of it"]


def test_the_summary_knows_the_words_with_which_verify_fails() -> None:
    root = pathlib.Path(_fleet.__file__).resolve().parents[2]
    assert f"['{_fleet.SURPRISED}']" in (root / "roles/verify/tasks/main.yml").read_text()
