# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files below /etc/netns: their modes, whose they are, and that their contents stay out of what is told."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine import _module, _reading
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._model import _contents
from ansible_collections.netloom.linux.plugins.module_utils._model._access import Access
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Conflict, HostError
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, run_one, run_topology

RECORD = "/var/lib/netloom/netns/m.json"
SECRET = "/etc/netns/m/secret"


def admins(*names: str, mode: int = 0o600, owner: tuple[int, int] = (7, 8)) -> FakeHost:
    """A host with files of its administrator."""
    host = FakeHost()
    for name in names:
        host.state.files[f"/etc/netns/m/{name}"] = f"{name} of the administrator\n"
        host.state.access[f"/etc/netns/m/{name}"] = Access(mode, *owner)
    return host


def files(host: FakeHost) -> dict[str, tuple[str, Access | None]]:
    """What is below /etc/netns."""
    return {
        path: (text, host.state.access.get(path))
        for path, text in host.state.files.items()
        if text is not None and path.startswith("/etc/netns/")
    }


@pytest.mark.parametrize(
    ("value", "mode", "step"),
    [
        ("new\n", 0o644, f"write {SECRET}"),
        ({"content": "new\n"}, 0o644, f"write {SECRET}"),
        ({"content": "new\n", "mode": "0600"}, 0o600, f"write {SECRET} (mode 0600)"),
        ({"content": "new\n", "mode": "640"}, 0o640, f"write {SECRET} (mode 0640)"),
    ],
)
def test_a_new_file_has_the_mode_that_is_declared(value: t.Any, mode: int, step: str) -> None:
    host = FakeHost("m")
    wish = {"name": "m", "etc_files": {"secret": value}}
    assert step in run_one(host, "netns", wish).steps
    assert files(host) == {SECRET: ("new\n", Access(mode))}
    assert not run_one(host, "netns", wish).changed
    host.state.access[SECRET] = Access(0o666)
    assert run_one(host, "netns", wish).changed is ("mode" in value)


def test_a_file_that_is_there_keeps_its_mode_and_its_owner() -> None:
    host = admins("secret")
    run_one(host, "netns", {"name": "m", "etc_files": {"secret": "new\n"}})
    assert files(host) == {SECRET: ("new\n", Access(0o600, 7, 8))}
    run_one(host, "netns", {"name": "m", "etc_files": {"secret": {"content": "new\n", "mode": "0640"}}})
    assert files(host) == {SECRET: ("new\n", Access(0o640, 7, 8))}


@pytest.mark.parametrize(
    "declared",
    [
        {"secret": "new\n"},
        {"other": "x\n"},
        {},
        {"secret": "secret of the administrator\n"},
        {"secret": {"content": "", "mode": "0644"}},
    ],
)
@pytest.mark.parametrize("there", [True, False])
def test_foreign_files_come_back_as_they_were(declared: dict[str, t.Any], there: bool) -> None:
    """Whether the namespace was there before the topology or not."""
    host = admins("secret", "hosts")
    before = files(host)
    if there:
        run_one(host, "netns", {"name": "m"})
    wish = {"name": "t", "netns": [{"name": "m", "etc_files": declared}]}
    run_topology(host, wish)
    assert not run_topology(host, wish).changed
    assert set(files(host)) == {f"/etc/netns/m/{name}" for name in declared}
    run_topology(host, {"name": "t", "state": "absent"})
    assert files(host) == before
    assert host.state.files.get(RECORD) is None
    if there:
        run_one(host, "netns", {"name": "m", "state": "absent"})
        assert files(host) == before  # not ours, whoever removes the namespace


def test_what_appears_among_ours_is_drift_and_ours_go() -> None:
    host = FakeHost()
    wish = {"name": "m", "etc_files": {"hosts": "x\n"}}
    run_one(host, "netns", wish)
    host.state.files["/etc/netns/m/late"] = "y\n"
    assert run_one(host, "netns", wish).steps == ["delete /etc/netns/m/late"]
    run_one(host, "netns", {"name": "m", "state": "absent"})
    assert files(host) == {}
    assert host.state.files.get(RECORD) is None


def test_a_record_of_an_older_release_is_read() -> None:
    host = admins("hosts", "nsswitch.conf")
    host.state.files[RECORD] = json.dumps(["/etc/netns/m/hosts"])
    run_one(host, "netns", {"name": "m"})
    run_one(host, "netns", {"name": "m", "state": "absent"})
    assert list(files(host)) == ["/etc/netns/m/nsswitch.conf"]


def test_a_damaged_record_is_not_an_empty_one() -> None:
    host = admins("hosts")
    host.state.files[RECORD] = "{"
    for wish in ({"name": "m", "etc_files": {}}, {"name": "m", "state": "absent"}):
        with pytest.raises(
            HostError, match=f"Cannot read {RECORD}: it is damaged .* Remove it; these files are then left alone"
        ):
            run_one(host, "netns", wish)


@pytest.mark.parametrize("special", ["a symbolic link to /run/resolv.conf", "a FIFO"])
@pytest.mark.parametrize("declared", [{"odd": "x\n"}, {"hosts": "x\n"}])
def test_what_could_not_be_brought_back_is_refused(special: str, declared: dict[str, str]) -> None:
    host = FakeHost("m")
    host.state.access["/etc/netns/m/odd"] = Access(0o777, special=special)
    with pytest.raises(
        Conflict, match=f"/etc/netns/m/odd is {special}, which etc_files would replace and could not bring back"
    ):
        run_one(host, "netns", {"name": "m", "etc_files": declared})
    assert not run_one(host, "netns", {"name": "m"}).changed


@pytest.mark.parametrize("name", ["a\nb", "a\x7f", "\udcff\udcfe"])
@pytest.mark.parametrize("there", [True, False])
def test_a_name_that_the_option_does_not_take_is_refused(name: str, there: bool) -> None:
    """The file would go, and its topology could never be removed: what was there before is read as an option."""
    host = admins(name, "hosts")
    before = files(host)
    if there:
        run_one(host, "netns", {"name": "m"})
    with pytest.raises(Conflict, match="etc_files would delete that file and could not bring it back"):
        run_topology(host, {"name": "t", "netns": [{"name": "m", "etc_files": {"hosts": "x\n"}}]})
    assert files(host) == before


@pytest.mark.parametrize("there", [True, False])
def test_what_took_the_place_of_ours_and_is_no_file_stays(there: bool) -> None:
    host = admins("odd") if there else FakeHost()
    run_topology(host, {"name": "t", "netns": [{"name": "m", "etc_files": {"odd": "x\n", "hosts": "y\n"}}]})
    host.state.files["/etc/netns/m/odd"] = ""
    link = host.state.access["/etc/netns/m/odd"] = Access(0o777, special="a symbolic link to /run/resolv.conf")
    outcome = run_topology(host, {"name": "t", "state": "absent"})
    assert files(host) == {"/etc/netns/m/odd": ("", link)}
    assert "Left alone: /etc/netns/m/odd is a symbolic link to /run/resolv.conf, which no run made." in outcome.warnings


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (
            {"content": "x", "mode": 384},
            r"etc_files\.f\.mode: 384 is not a file's mode; give three octal digits, quoted, such as '0600'",
        ),
        ({"content": "x", "mode": "u=rw"}, "'u=rw' is not a file's mode"),
        ({"content": "x", "mode": "4755"}, "'4755' is not a file's mode"),
        ({"content": "x", "owner": "root"}, "'owner' is none of its options"),
        ({"mode": "0600"}, "it has no content"),
        (None, r"etc_files\.f: is null, not text"),
        (["geheim"], r"etc_files\.f: is a list, not text"),
        ({"content": 5}, r"etc_files\.f: is a number, not text"),
    ],
)
def test_bad_files_are_refused_without_telling_their_contents(value: t.Any, error: str) -> None:
    with pytest.raises(BadInput, match=error) as caught:
        run_one(FakeHost(), "netns", {"name": "m", "etc_files": {"f": value}})
    assert "geheim" not in str(caught.value)


def test_contents_are_not_told_unless_they_are_asked_for() -> None:
    host = FakeHost()
    wish: dict[str, t.Any] = {
        "name": "m",
        "state": "present",
        "etc_files": {"secret": {"content": "geheim\n", "mode": "0600"}, "hosts": "geheim too\n"},
    }
    outcome = run_one(host, "netns", wish)
    result = _module.result_of(EntryReader().read("netns", wish, ""), outcome, diff=True)
    assert "geheim" not in json.dumps(result)
    told = result["netns"]["etc_files"]
    assert (told["secret"]["mode"], told["secret"]["size"], len(told["secret"]["sha256"])) == ("0600", 7, 64)
    assert result["diff"]["after"]["etc_files"] != result["diff"]["before"].get("etc_files")
    asked = _module.result_of(EntryReader().read("netns", {**wish, "show_etc_files": True}, ""), outcome, diff=True)
    assert asked["netns"]["etc_files"] == {"hosts": "geheim too\n", "secret": {"content": "geheim\n", "mode": "0600"}}


@pytest.mark.parametrize(
    "files_",
    [
        {"s": "geheim"},
        {"s": {"content": "geheim", "mode": "0600"}},
        {"s": {"contents": "geheim", "mode": "0600"}},
        "geheim",
        ["geheim"],
        {"s": ["geheim"]},
    ],
)
def test_the_call_is_told_without_contents(files_: t.Any) -> None:
    params = {"name": "t", "netns": [{"name": "m", "etc_files": files_}], "etc_files": files_, "wait": 10}
    told = _contents.left_out(params)
    assert "geheim" not in repr(told)
    assert (told["name"], told["netns"][0]["name"], told["wait"]) == ("t", "m", 10)
    assert "geheim" in repr(params)


@pytest.mark.parametrize(
    "netns",
    [
        {"name": "m", "etc_files": {"s": "geheim"}},  # without the dash
        [[{"name": "m", "etc_files": {"s": {"content": "geheim"}}}]],
        [{"name": "m", "etc_files": "geheim"}],
        [{"name": "m", "etc_files": ["geheim"]}],
        [{"name": "m", "etc_files": {"s": "geheim\udcff"}}],
        [{"name": {"name": "m", "etc_files": {"s": "geheim"}}}],
    ],
    ids=str,
)
def test_a_mistake_around_files_is_told_without_their_contents(netns: t.Any) -> None:
    with pytest.raises(BadInput) as caught:
        _reading.judge("topology", {"name": "t", "netns": netns})
    assert "geheim" not in str(caught.value)
    assert _contents.HIDDEN[:5] in str(caught.value)
