# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lab hosts by declaration, for playbook lab_create: what is refused, what is made, and what is there already."""

from __future__ import annotations

import json
import os
import pathlib
import sys
import typing as t

import pytest
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
declared = pytest.importorskip("labhost.declared", reason="lab hosts are not in the tree that ansible-test copies")
access = pytest.importorskip("labhost.access")
image = pytest.importorskip("labhost.image")
cli = pytest.importorskip("labhost.cli")
rundir = pytest.importorskip("labhost.rundir")

NO_KEY = "is no key of a lab host; its keys are name, kernel, distribution, packages, groups, children."
DISTRIBUTIONS = "debian-11, debian-12, debian-13, debian-testing"
TWO = [{"name": "left", "kernel": 7.2, "packages": ["jq"]}, {"name": "right", "groups": ["web"]}]


class Started:
    """Stands for the starting of hosts: a directory as `lab up` leaves it, owned by this process."""

    def __init__(self, base: pathlib.Path) -> None:
        self.base, self.times = base, 0

    def bring_up(self, settings: t.Any, name: str) -> t.Any:
        """Make the directory of a run."""
        self.times += 1
        (self.base / name).mkdir()
        run = rundir.Run(self.base / name, settings)
        run.hand_over(os.getpid())
        run.save_settings()
        return run


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> Started:
    stand_in = Started(tmp_path)
    monkeypatch.setattr(declared, "BASE", tmp_path)
    monkeypatch.setattr(declared.hosts, "bring_up", stand_in.bring_up)
    monkeypatch.setattr(declared.hosts, "keep_running", lambda run: None)
    monkeypatch.setattr(declared.roots, "choose", lambda root, distribution: f"/roots/{distribution}")
    return stand_in


def make(hosts: t.Any, name: str = "mine", *, look_only: bool = False) -> dict[str, t.Any]:
    text = json.dumps({"called": "platforms", "disk": False, "hosts": hosts})
    result: dict[str, t.Any] = declared.make(name, text, look_only=look_only)
    return result


@pytest.mark.parametrize(
    ("hosts", "says"),
    [
        ([], "platforms: no lab host is declared; write a list such as [{name: node1}, {name: node2}]."),
        ({"name": "a"}, "platforms: no lab host is declared; write a list such as [{name: node1}, {name: node2}]."),
        (["a"], "platforms[0]: 'a' is not a mapping; write {name: a}."),
        ([{"kernel": "7.2"}], "platforms[0].name: None is not the name of a host."),
        ([{"name": "a b"}], "platforms[0].name: 'a b' is not the name of a host."),
        ([{"name": "../x"}], "platforms[0].name: '../x' is not the name of a host."),
        ([{"name": "localhost"}], "platforms[0].name: 'localhost' is not the name of a host."),
        ([{"name": "a"}, {"name": "a"}], "platforms[1].name: 'a' is already platforms[0]."),
        (
            [{"name": "a", "image": "debian:12"}],
            f"platforms[0].image: {NO_KEY}",
        ),
        ([{"name": "a", "kernel": "5.4"}], "platforms[0].kernel: there is no '5.4'; there are 7.2, debian-6.1."),
        (
            [{"name": "a"}, {"name": "b", "distribution": "fedora"}],
            f"platforms[1].distribution: there is no 'fedora'; there are {DISTRIBUTIONS}.",
        ),
        ([{"name": "a", "packages": "jq"}], "platforms[0].packages: 'jq' is not a list of names of packages."),
        ([{"name": f"n{i}"} for i in range(201)], "platforms: 201 hosts; at most 200 can be started."),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_starts(started: Started, hosts: t.Any, says: str) -> None:
    for look_only in (True, False):
        with pytest.raises(rundir.LabError) as refused:
            make(hosts, look_only=look_only)
        assert str(refused.value) == says
    assert started.times == 0


@pytest.mark.parametrize("name", ["", "../x", "1", "a b", "x" * 33])
def test_a_name_that_could_be_another_path_is_refused(started: Started, name: str) -> None:
    with pytest.raises(rundir.LabError, match="cannot name lab hosts"):
        make(TWO, name)
    assert started.times == 0


def test_hosts_have_their_own_names_kernels_and_roots(started: Started) -> None:
    told = make([*TWO, {"name": "old", "distribution": "debian-11"}])
    run = rundir.load(started.base / "mine")
    assert [(host.name, host.kernel, host.root) for host in run.hosts] == [
        ("left", "7.2", "/"),
        ("right", "", "/"),
        ("old", "", "/roots/debian-11"),
    ]
    assert [(host["name"], host["packages"]) for host in told["hosts"]] == [
        ("left", ["jq"]),
        ("right", []),
        ("old", []),
    ]


def test_ansible_is_told_the_same_twice(started: Started) -> None:
    """In the inventory, and for the run that starts the hosts."""
    told = make(TWO)
    group = yaml.safe_load(told["inventory"])["lab_hosts"]
    for host in told["hosts"]:
        variables = {**group["vars"], **group["hosts"][host["name"]]}
        assert {key: str(value).lower() for key, value in variables.items()} == {
            key: str(value).lower() for key, value in host["vars"].items()
        }


def test_the_second_time_nothing_starts(started: Started) -> None:
    assert make(TWO)["changed"]
    again = make(TWO)
    assert not again["changed"]
    assert [host["name"] for host in again["hosts"]] == ["left", "right"]
    assert started.times == 1


def test_hosts_that_have_ended_start_anew(started: Started) -> None:
    make(TWO)
    (started.base / "mine/owner").write_text("1 0\n")
    assert make(TWO, look_only=True) == {"changed": True, "hosts": []}


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ([{"name": "left"}], "(up: left, right; declared: left)"),
        ([{**TWO[0], "kernel": None}, TWO[1]], "(another kernel, distribution or place on disk)"),
    ],
)
def test_others_than_those_that_are_up_are_refused(started: Started, other: t.Any, says: str) -> None:
    make(TWO)
    for look_only in (True, False):
        with pytest.raises(rundir.LabError) as refused:
            make(other, look_only=look_only)
        assert says in str(refused.value)
        assert "molecule destroy" in str(refused.value)


def test_a_look_starts_nothing(started: Started) -> None:
    assert make(TWO, look_only=True) == {"changed": True, "hosts": []}
    assert started.times == 0


def test_each_name_leads_to_its_host(started: Started, tmp_path: pathlib.Path) -> None:
    """SSH asks a script for the way in, by name or by address, and each host knows the names of all."""
    make(TWO)
    run = rundir.load(started.base / "mine")
    for below in ("h/1", "h/2"):
        (run.directory / below).mkdir(parents=True)
    access.prepare(run)
    script = (run.directory / "connect").read_text()
    assert "left|198.18.78.1) number=1 ;;\nright|198.18.78.2) number=2 ;;\n" in script
    for path in ("key.pub", "hostkey"):
        assert (run.directory / path).exists()
    files = image.collect(run.host(2))
    assert (files.name, files.hosts) == ("right", ["left", "right"])


def test_another_inventory_reaches_them_with_the_same_variables(
    started: Started, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(TWO)
    monkeypatch.setenv("NETLOOM_LAB_DIR", str(started.base / "mine"))
    printed = []
    for options in ([], ["--vars"]):
        assert cli.main(["inventory", *options]) == 0
        printed.append(yaml.safe_load(capsys.readouterr().out))
    whole, alone = printed
    assert alone == {"all": {"vars": whole["lab_hosts"]["vars"]}}


def test_without_root_the_message_tells_what_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.os, "geteuid", lambda: 1000)
    assert cli.main(["make", "mine"]) == 2
    assert (
        'need root. Start Ansible or Molecule as root: sudo env PATH="$PATH" molecule test' in capsys.readouterr().err
    )
