# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Option persist: what is saved, when it is saved anew, and when it goes."""

from __future__ import annotations

import dataclasses
import json
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine import _boot, _boot_unit
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import PythonReplaceable
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, run_topology

PAIR: dict[str, t.Any] = {
    "name": "pair",
    "netns": [{"name": "red"}],
    "veth": [{"name": "a", "peer": {"name": "b", "netns": "red"}}],
    "ovs_bridge": [{"name": "sw"}],
    "persist": True,
}
SAVE = "save topology pair for the next boot, as netloom-topology-pair.service"
FORGET = "forget topology pair for the next boot: delete netloom-topology-pair.service and what was saved with it"


def kept() -> FakeHost:
    """A host with the topology, saved."""
    host = FakeHost()
    run_topology(host, PAIR)
    return host


def test_it_is_saved_last_and_once() -> None:
    host = FakeHost()
    predicted = run_topology(host, PAIR, check=True)
    assert run_topology(host, PAIR).steps == predicted.steps
    assert predicted.steps[-1] == SAVE
    assert not run_topology(host, PAIR).changed
    saved = host.state.boots["pair"]
    assert json.loads(saved.declaration or "") == {key: value for key, value in PAIR.items() if key != "persist"}
    assert saved.engine == "digest"


def test_rows_of_ovsdb_are_remembered_beyond_the_boot_and_others_are_not() -> None:
    records = json.loads(kept().state.files["/var/lib/netloom/boot/pair/records.json"] or "")
    assert list(records) == ['["ovs_bridge", null, "sw"]'] or [record["kind"] for record in records.values()] == [
        "ovs_bridge"
    ]


def after_a_boot() -> FakeHost:
    """That host, as a boot leaves it if nothing was applied yet: without links and records, with its rows and what was
    saved.
    """
    found, host = kept().state, FakeHost()
    host.state.ovs, host.state.boots = found.ovs, found.boots
    host.state.files = {path: text for path, text in found.files.items() if not path.startswith("/run/")}
    return host


def test_the_first_run_after_a_boot_restores_the_records_of_rows() -> None:
    host = after_a_boot()
    run_topology(host, {key: value for key, value in PAIR.items() if key != "persist"})
    records = json.loads(host.state.files["/run/netloom/topologies/pair.json"] or "")
    assert [record["made"] for record in records.values() if record["kind"] == "ovs_bridge"] == [True]


def test_absent_after_a_boot_takes_rows_away() -> None:
    host = after_a_boot()
    assert run_topology(host, {"name": "pair", "state": "absent", "persist": False}).steps == [
        FORGET,
        "delete OVS bridge sw",
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"declaration": "{}"}, "the declaration changed"),
        ({"engine": "old"}, "the code of the collection changed"),
        ({"unit": "edited"}, "the unit changed"),
        ({"enabled": False}, "the unit was disabled"),
        ({"unconfirmed": True}, "the last move of its uplink was not confirmed"),
    ],
)
def test_it_is_saved_anew(change: dict[str, t.Any], reason: str) -> None:
    host = kept()
    host.state.boots["pair"] = dataclasses.replace(host.state.boots["pair"], **change)
    assert run_topology(host, PAIR).steps == [f"{SAVE} ({reason})"]
    assert not run_topology(host, PAIR).changed


@pytest.mark.parametrize(
    "words", [{"persist": False}, {"persist": False, "state": "absent"}, {"persist": True, "state": "absent"}]
)
def test_it_is_forgotten_first(words: dict[str, t.Any]) -> None:
    host = kept()
    outcome = run_topology(host, {**PAIR, **words})
    assert outcome.steps[0] == FORGET
    assert not host.state.boots


def test_the_run_at_boot_leaves_what_is_saved_alone() -> None:
    host = kept()
    host.state.boots["pair"] = dataclasses.replace(host.state.boots["pair"], engine="old")
    assert not run_topology(host, {key: value for key, value in PAIR.items() if key != "persist"}).changed


def test_a_run_that_fails_takes_it_back() -> None:
    host = kept()
    before = host.state.boots["pair"]
    host.done, host.fail_at = [], 2
    with pytest.raises(Failed):
        run_topology(host, {**PAIR, "netns": [*PAIR["netns"], {"name": "green"}], "wait": 20})
    assert host.state.boots["pair"] == before


def test_a_boot_gives_links_the_mac_addresses_that_they_had(monkeypatch: pytest.MonkeyPatch) -> None:
    saved = {'["veth", null, "a"]': ["02:00:00:00:00:0a", "02:00:00:00:00:0b"]}
    monkeypatch.setattr(_boot._files, "read", lambda _path: json.dumps(saved))
    other = {"name": "c", "peer": {"name": "d"}}
    params = _boot._with_macs("pair", {**PAIR, "state": "present", "veth": [other, *PAIR["veth"]]})
    assert params["veth"] == [
        other,
        {"name": "a", "mac": "02:00:00:00:00:0a", "peer": {"name": "b", "netns": "red", "mac": "02:00:00:00:00:0b"}},
    ]


@pytest.mark.parametrize("where", [{"pid": 12}, {"path": "/proc/12/ns/net"}])
def test_a_process_cannot_be_kept(where: dict[str, t.Any]) -> None:
    with pytest.raises(
        BadInput, match=rf"netns\[0\]\.{next(iter(where))}: a process has another number after a reboot"
    ):
        run_topology(FakeHost(), {"name": "x", "netns": [{"name": "red", **where}], "persist": True})


def test_links_get_the_addresses_that_they_had() -> None:
    entry = EntryReader().read(
        "veth", {"name": "a", "peer": {"name": "b", "netns": "red", "mac": "52:54:00:00:00:01"}}, ""
    )
    assert entry.kind.places(entry.spec) == ((None, "a"), ("red", "b"))
    params = entry.kind.with_macs(entry.params, ["52:54:00:00:00:0a", "52:54:00:00:00:0b"])
    assert (params["mac"], params["peer"]["mac"]) == ("52:54:00:00:00:0a", "52:54:00:00:00:01")


@pytest.mark.parametrize(
    ("params", "has", "lacks"),
    [
        ({"netns": [{"name": "red"}]}, ["Before=network-online.target"], ["openvswitch", "docker", "Wants="]),
        (
            {"ovs_bridge": [{"name": "sw"}]},
            ["Wants=openvswitch-switch.service openvswitch.service\n", " ovs-vswitchd.service\n"],
            ["docker"],
        ),
        (
            {"linux_bridge": [{"name": "b", "uplink": "eth0"}]},
            ["Wants=network-online.target\n", "docker.service"],
            ["Before="],
        ),
        (
            {"netns": [{"name": "c", "container": "web"}]},
            ["After=network-pre.target", "network-online.target docker.service"],
            ["Before="],
        ),
    ],
)
def test_the_unit_is_ordered_by_what_it_needs(params: dict[str, t.Any], has: list[str], lacks: list[str]) -> None:
    text = _boot_unit.text("x", EntryReader().read_all(params), 0, "/opt/my venv/100%/python")
    assert 'ExecStart="/opt/my venv/100%%/python" -I /var/lib/netloom/boot/x/engine.zip x\n' in text
    assert all(words in text for words in has)
    assert not [words for words in lacks if words in text]


@pytest.mark.parametrize(
    ("timeout", "wait", "seconds"), [(30, 0, 600), (30, 20, 600), (3600, 0, 3960), (30, 3600, 3960)]
)
def test_a_run_at_boot_that_may_wait_long_is_not_cut_off(timeout: int, wait: float, seconds: int) -> None:
    clients = [{"netns": "red", "interface": "eth0", "timeout": timeout}, {"netns": "red", "interface": "eth1"}]
    text = _boot_unit.text("pair", EntryReader().read_all({"netns_dhcp_client": clients}), wait, "/usr/bin/python3")
    assert f"\nTimeoutStartSec={seconds}\n" in text


def test_a_python_that_somebody_else_may_replace_is_not_run_as_root() -> None:
    for check in (True, False):
        host = FakeHost()
        host.state.answers[PythonReplaceable()] = "/home/uu/venv belongs to user uu"
        with pytest.raises(
            BadInput,
            match=(
                r"persist: the unit would run /usr/bin/python3 as root at each boot, and /home/uu/venv belongs to user"
                r" uu\. Give"
            ),
        ):
            run_topology(host, {"name": "t", "persist": True, "netns": [{"name": "red"}]}, check)
        assert host.done == []
