# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan in words: a line for each object, equal plans of several hosts once."""

from __future__ import annotations

import copy
import dataclasses
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display
from ansible_collections.netloom.linux.plugins.filter.fleet_plan import FilterModule
from ansible_collections.netloom.linux.plugins.module_utils._engine import _module, _topology
from ansible_collections.netloom.linux.plugins.module_utils._engine._hooks import Hooks
from ansible_collections.netloom.linux.plugins.module_utils._engine._run import run
from ansible_collections.netloom.linux.plugins.module_utils._kinds._registry import KINDS
from ansible_collections.netloom.linux.plugins.module_utils._model._address import Address
from ansible_collections.netloom.linux.plugins.plugin_utils import _plan_action, _plan_text, _plan_values
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost

WEB: dict[str, t.Any] = {
    "name": "web",
    "netns": [{"name": "api2"}, {"name": "web1"}],
    "linux_bridge": [{"name": "br-web", "addresses": ["172.20.0.1/24"]}],
    "veth": [
        {
            "name": "v-api2",
            "master": "br-web",
            "peer": {"name": "eth0", "netns": "api2", "addresses": ["172.20.0.7/24"]},
        },
        {
            "name": "v-web1",
            "master": "br-web",
            "peer": {"name": "eth0", "netns": "web1", "addresses": ["172.20.0.8/24"]},
        },
    ],
    "netns_route": [{"netns": "api2", "destination": "default", "gateway": "172.20.0.1"}],
}
# A minimal declaration of each kind, with what it needs.
MINIMAL: dict[str, t.Any] = {
    "name": "all",
    "netns": [{"name": "red"}],
    "linux_bridge": [{"name": "br0"}],
    "veth": [{"name": "va", "peer": {"name": "eth0", "netns": "red"}}],
    "netns_interface": [{"name": "tap0", "netns": "red", "kind": "tap"}],
    "ovs_bridge": [{"name": "ovs0"}],
    "ovs_port": [{"bridge": "ovs0", "name": "p0", "type": "internal", "netns": "red"}],
    "netns_route": [{"netns": "red", "destination": "192.0.2.0/24", "type": "blackhole"}],
    "netns_nat": [{"name": "nat", "netns": "red", "masquerade": [{"source": "10.0.0.0/24"}]}],
    "dnsmasq_in_ns": [{"name": "d", "netns": "red", "interfaces": ["eth0"]}],
    "netns_dhcp_client": [{"netns": "red", "interface": "tap0", "client": "dhclient"}],
}


def result_of(host: FakeHost, params: dict[str, t.Any], check: bool = False) -> dict[str, t.Any]:
    """The result of topology, with --diff."""
    manifest = _topology.manifest_of({"state": "present", **params})
    outcome = run(manifest, host, check=check, alone=False, wait=0)
    return _topology.result_of(manifest, outcome, _module.shown)


def single(host: FakeHost, kind: str, params: dict[str, t.Any]) -> dict[str, t.Any]:
    """The result of a module of one kind, with --diff."""
    entry = _topology.EntryReader().read(kind, params, "")
    return _module.result_of(entry, run(Hooks([entry]), host, check=False, alone=True, wait=0), diff=True)


def without(params: dict[str, t.Any], kind: str, **identity: str) -> dict[str, t.Any]:
    """The topology without some of its objects."""
    kept = [one for one in params[kind] if any(one.get(key) != value for key, value in identity.items())]
    return {**params, kind: kept}


def test_a_new_network() -> None:
    assert _plan_text.lines(result_of(FakeHost(), WEB, check=True), "lab1") == [
        "topology web on lab1: 11 steps, disturbing nothing",
        "  + netns         api2",
        "  + netns         web1",
        "  + linux_bridge  br-web           addresses=172.20.0.1/24",
        "  + veth          v-api2           master=br-web  peer=eth0@api2  peer.addresses=172.20.0.7/24",
        "  + veth          v-web1           master=br-web  peer=eth0@web1  peer.addresses=172.20.0.8/24",
        "  + netns_route   default in api2  gateway=172.20.0.1",
    ]


@pytest.mark.parametrize("kind", [kind for kind in MINIMAL if kind != "name"])
def test_what_is_usual_is_told_by_the_kinds_and_not_twice(kind: str) -> None:
    told = {**KINDS[kind].clearable, **{name: one.get("default") for name, one in KINDS[kind].options.items()}}
    by_the_system = _plan_values.BY_THE_SYSTEM.get(kind, {})
    assert [name for name, value in by_the_system.items() if told.get(name) == value] == []
    assert set(by_the_system) <= set(KINDS[kind].options)
    usual = {name: value for name, value in {**told, **by_the_system}.items() if value is not None}
    assert _plan_values.of_new(kind, usual, {}, None) == []


def test_a_new_network_as_a_picture() -> None:
    host = FakeHost()
    planned = result_of(host, WEB, check=True)
    expected = [
        "topology web on lab1: 11 steps, disturbing nothing",
        "  + linux bridge br-web  172.20.0.1/24",
        "  +  ├─ v-api2 ── api2:eth0  172.20.0.7/24",
        "  +  └─ v-web1 ── web1:eth0  172.20.0.8/24",
        "  + netns_route  default in api2  gateway=172.20.0.1",  # by which link, the kernel will say
    ]
    assert _plan_text.lines(planned, "lab1", picture=True) == expected
    assert FilterModule().filters()["fleet_plan"]({"lab1": planned}, picture=True) == "\n".join(expected)
    told = _plan_action.told(copy.deepcopy(planned), "lab1", terse=True, picture=True)
    assert told["diff"] == {"prepared": "\n".join(expected)}


def test_a_route_that_the_picture_shows_has_no_line() -> None:
    routes = [{"netns": "api2", "destination": "default", "gateway": "172.20.0.1", "device": "eth0"}]
    lines = _plan_text.lines(result_of(FakeHost(), {**WEB, "netns_route": routes}, check=True), picture=True)
    assert lines[2:] == [
        "  +  ├─ v-api2 ── api2:eth0  172.20.0.7/24  default via 172.20.0.1",
        "  +  └─ v-web1 ── web1:eth0  172.20.0.8/24",
    ]


def test_a_picture_has_no_sign_for_what_changes() -> None:
    host = FakeHost()
    result_of(host, WEB)
    planned = result_of(host, without(WEB, "netns_route", netns="api2"), check=True)
    assert _plan_text.lines(planned, picture=True) == _plan_text.lines(planned)


@pytest.mark.parametrize("kind", [kind for kind in MINIMAL if kind != "name"])
def test_an_object_of_each_kind_is_in_the_picture_of_what_is_new(kind: str) -> None:
    server = {**MINIMAL["dnsmasq_in_ns"][0], "ranges": [{"start": "10.0.0.2", "end": "10.0.0.9"}]}
    planned = result_of(FakeHost(), {**MINIMAL, "dnsmasq_in_ns": [server]}, check=True)
    assert {
        "netns": "red", "linux_bridge": "br0", "veth": "va ── red:eth0", "netns_interface": "tap0  tap",
        "ovs_bridge": "ovs0", "ovs_port": "p0 ══ red:p0", "netns_route": "192.0.2.0/24 in red  type=blackhole",
        "netns_nat": "masquerades", "dnsmasq_in_ns": "eth0  serves DHCP", "netns_dhcp_client": "by DHCP",
    }[kind] in "\n".join(_plan_text.lines(planned, picture=True))  # fmt: skip


def test_what_changes_and_goes_and_what_that_disturbs() -> None:
    host = FakeHost()
    result_of(host, WEB)
    wanted = without(without(without(WEB, "netns", name="api2"), "veth", name="v-api2"), "netns_route", netns="api2")
    wanted["veth"][0]["peer"] = {"name": "eth0", "netns": "web1", "addresses": ["172.20.0.80/24"]}
    foretold, done = result_of(host, copy.deepcopy(wanted), check=True), result_of(host, wanted)
    assert (
        _plan_text.lines(foretold, "lab1")
        == _plan_text.lines(done, "lab1")
        == [
            "topology web on lab1: 5 steps, 4 disturb something",
            "  - netns         api2                                                             gone",
            "  ~ linux_bridge  br-web           ports: -v-api2",
            "  ~ veth          v-web1           peer.addresses: -172.20.0.8/24 +172.20.0.80/24  brief",
            "  - veth          v-api2                                                           gone",
            "  - netns_route   default in api2                                                  brief",
        ]
    )


def test_of_a_new_forwarding_table_the_size_is_told_and_later_what_changes() -> None:
    """With fifty hosts such a table has hundreds of entries."""
    entries = [{"mac": f"02:00:00:00:00:0{number}", "remote": "192.0.2.2"} for number in range(3)]
    assert _plan_values.of_new("netns_interface", {"name": "vx", "fdb": entries}, {"name": "vx"}) == ["fdb=3 entries"]
    assert _plan_values.of_new("netns_interface", {"name": "vx", "fdb": entries[:1]}, {"name": "vx"}) == [
        "fdb={mac: 02:00:00:00:00:00, remote: 192.0.2.2}"
    ]
    assert _plan_values.of_changed({"fdb": entries[1:]}, {"fdb": entries}) == [
        "fdb: +{mac: 02:00:00:00:00:00, remote: 192.0.2.2}"
    ]


def test_nothing_to_do_is_no_line() -> None:
    host = FakeHost()
    result_of(host, WEB)
    assert _plan_text.lines(result_of(host, WEB), "lab1") == []


def test_what_was_there_is_adopted() -> None:
    host = FakeHost()
    single(host, "linux_bridge", {"name": "br0"})
    lines = _plan_text.lines(
        result_of(host, {"name": "x", "netns": [{"name": "red"}], "linux_bridge": [{"name": "br0"}]})
    )
    assert lines == [
        "topology x: 2 steps, disturbing nothing",
        "  + netns         red",
        "  = linux_bridge  br0  adopted: it was there before",
    ]


def test_steps_without_a_visible_difference_are_told() -> None:
    host = FakeHost()
    params = {"name": "va", "peer": {"name": "eth0", "netns": "red", "addresses": ["fd18::1/64"]}}
    single(host, "netns", {"name": "red"})
    single(host, "veth", params)
    link = host.state.namespaces["red"].links["eth0"]
    expiring = Address("fd18::1/64", detail={"lifetimes": (0, 0xFFFFFFFF)})
    host.state.put("red", dataclasses.replace(link, addresses=(expiring,)))
    result = single(host, "veth", params)
    assert result["diff"]["before"] == result["diff"]["after"]
    assert _plan_text.lines(result, "lab1")[1].startswith(
        "  ~ veth  va  renew address fd18::1/64 of eth0 in red, which is deprecated"
    )


@pytest.mark.parametrize("kind", [kind for kind in MINIMAL if kind != "name"])
def test_a_new_object_shows_only_what_was_declared(kind: str) -> None:
    """Of each kind: no default of the kernel, of Open vSwitch or of an option gets into its line."""
    given = next(iter(MINIMAL[kind]))
    lines = [line for line in _plan_text.lines(result_of(FakeHost(), MINIMAL, check=True)) if line.split()[1] == kind]
    assert len(lines) == 1
    shown = {word.partition("=")[0] for word in lines[0].split() if "=" in word}
    assert shown <= set(given) - {"name", "netns", "bridge", "destination", "interface"}


@pytest.mark.parametrize("kind", [kind for kind in MINIMAL if kind not in ("name", "netns_nat", "netns_dhcp_client")])
def test_defaults_stay_out_even_if_they_are_written_down(kind: str) -> None:
    result = result_of(FakeHost(), MINIMAL, check=True)
    index = next(index for index, one in enumerate(result["plan"]) if one["kind"] == kind)
    change, after = result["plan"][index], result["diff"]["after"][kind][0]
    words = _plan_values.of_new(kind, after, change["identity"], declared=None)
    assert [word for word in words if word.partition("=")[2] in ("true", "(none)", "32768", "300")] == []


def test_equal_plans_of_several_hosts_are_told_once() -> None:
    plan, other = (
        result_of(FakeHost(), WEB, check=True),
        result_of(FakeHost(), without(WEB, "veth", name="v-web1"), check=True),
    )
    host = FakeHost()
    result_of(host, WEB)
    idle = result_of(host, WEB, check=True)
    failed = {"failed": True, "msg": "no"}
    lines = _plan_text.grouped(
        {"lab1": [plan], "lab2": [other, failed], "lab3": plan, "lab4": [idle], "lab5": [failed]}
    )
    assert [line for line in lines if not line.startswith(" ")] == [
        "topology web on lab1, lab3: 11 steps, disturbing nothing",
        f"topology web on lab2: {len(other['steps'])} steps, disturbing nothing",
        "nothing to do on lab4",
    ]
    assert lines[1:7] == _plan_text.lines(plan)[1:]


def test_the_turns_of_a_loop_are_results() -> None:
    host = FakeHost()
    turns = [single(host, "netns", {"name": name}) for name in ("red", "green")]
    assert _plan_text.grouped({"lab1": [{"changed": True, "results": turns}]}) == [
        "netns red on lab1: 2 steps, disturbing nothing",
        "  + netns  red",
        "netns green on lab1: 2 steps, disturbing nothing",
        "  + netns  green",
    ]


def test_many_hosts_fit_on_a_line_unless_all_are_wanted() -> None:
    hosts = [f"node{number}.example.com" for number in range(1, 301)]
    plans = {host: result_of(FakeHost(), WEB, check=True) for host in hosts[:1]}
    plans = dict.fromkeys(hosts, plans[hosts[0]])
    header = _plan_text.grouped(plans)[0]
    assert header.startswith("topology web on node1.example.com, node2.example.com, node3.example.com, ")
    assert header.endswith(" and 296 more: 11 steps, disturbing nothing") and len(header) <= 140
    complete = _plan_text.grouped(plans, complete=True)[0]
    assert all(f" {host}" in complete for host in hosts)


def test_the_filter_names_all_hosts_with_vv(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet_plan = FilterModule().filters()["fleet_plan"]
    plans = dict.fromkeys([f"node{number}" for number in range(100)], result_of(FakeHost(), WEB, check=True))
    assert "node99" not in fleet_plan(plans) and "node99" in fleet_plan(plans, complete=True)
    monkeypatch.setattr(Display(), "verbosity", 2)
    assert "node99" in fleet_plan(plans) and "node99" not in fleet_plan(plans, complete=False)
    with pytest.raises(AnsibleFilterError, match="give a mapping of hosts"):
        fleet_plan([plans])


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"mtu": 1500}, {"mtu": 1400}, ["mtu: 1500 -> 1400"]),
        ({"master": None}, {"master": "br0"}, ["master: (none) -> br0"]),
        ({"tag": 5}, {}, ["tag: 5 -> (none)"]),
        ({"up": True}, {"up": False}, ["up: true -> false"]),
        ({"trunks": [1, 2, 3]}, {"trunks": [2, 3, 4]}, ["trunks: -1 +4"]),
        ({"dns": ["a", "b"]}, {"dns": ["b", "a"]}, ["dns: the order, a, b -> b, a"]),
        ({"peer": {"mtu": 1, "up": True}}, {"peer": {"mtu": 2, "up": True}}, ["peer.mtu: 1 -> 2"]),
        ({}, {"sysctl": {"net.ipv4.ip_forward": "1"}}, ["sysctl.net.ipv4.ip_forward: (none) -> 1"]),
        ({"publish": [{"port": 80}]}, {"publish": [{"port": 81}]}, ["publish: -{port: 80} +{port: 81}"]),
        ({"a": [1, 1]}, {"a": [1]}, ["a: -1"]),
        ({"state": "started"}, {"state": "stopped"}, ["state: started -> stopped"]),
        ({"a": "x\n  - netns  all\x1b[2J"}, {"a": None}, ["a: x\\n  - netns  all\\x1b[2J -> (none)"]),
        ({"a": ""}, {"a": "y" * 100}, [f"a: (none) -> {'y' * 60}..."]),
    ],
)
def test_differences_of_attributes(before: dict[str, t.Any], after: dict[str, t.Any], words: list[str]) -> None:
    assert _plan_values.of_changed(before, after) == words


def test_ansible_prints_the_words_alone_and_the_result_has_all() -> None:
    result = result_of(FakeHost(), WEB, check=True)
    states = {key: result["diff"][key] for key in ("before", "after")}
    terse = _plan_action.told(copy.deepcopy(result), "lab1", terse=True)
    assert terse["diff"] == {"prepared": "\n".join(_plan_text.lines(result, "lab1"))}
    whole = _plan_action.told(copy.deepcopy(result), "lab1", terse=False)
    header = "topology web on lab1"
    assert whole["diff"] == {**states, **terse["diff"], "before_header": header, "after_header": header}
    silent = _plan_action.told(copy.deepcopy(result), "lab1", terse=True, silent=True)
    assert "diff" not in silent
    for one in (terse, whole, silent):
        assert {key: one[key] for key in states} == states
        assert _plan_text.lines(one, "lab1") == _plan_text.lines(result, "lab1")


def test_a_result_without_a_plan_is_left_alone() -> None:
    for result in ({"failed": True, "msg": "no"}, {"changed": False}, {"changed": True, "plan": [], "steps": []}):
        assert _plan_action.told(dict(result), "lab1", terse=True) == result
        assert _plan_text.lines(result, "lab1") == []
