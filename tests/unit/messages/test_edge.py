# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user reads when the host, the rights or we ourselves are to blame."""

from __future__ import annotations

import datetime
import errno
import importlib
import json
import os
import pathlib
import re
import struct
import typing as t

import pytest
from ansible.module_utils import basic
from ansible_collections.netloom.linux.plugins.module_utils._engine import _apply, _module
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _privileges
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _identity, _snapshot
from ansible_collections.netloom.linux.plugins.plugin_utils import _edge
from ansible_collections.netloom.linux.tests.unit.messages.test_messages import MOST_LETTERS

STATUS = "Name:\tpython3\nCapInh:\t0000000000000000\nCapPrm:\t{0}\nCapEff:\t{0}\nCapBnd:\t000001ffffffffff\n"
MINIMAL: dict[str, dict[str, t.Any]] = {
    "netns": {"name": "red"},
    "linux_bridge": {"name": "br0"},
    "veth": {"name": "a", "peer": {"name": "b"}},
    "netns_interface": {"name": "lo"},
    "netns_route": {"destination": "default", "gateway": "10.0.0.1"},
    "netns_nat": {"name": "n"},
    "ovs_bridge": {"name": "o"},
    "ovs_port": {"bridge": "o", "name": "p"},
    "ovn_chassis": {},
    "dnsmasq_in_ns": {"name": "d", "netns": "red"},
    "netns_dhcp_client": {"netns": "red", "interface": "eth0"},
    "topology": {"name": "t"},
    "netns_info": {},
    "reachability": {"probes": [{"to": "127.0.0.1"}]},
    "netns_capture": {"interface": "lo", "seconds": 1},
    "fault": {"fault": "link_down", "name": "a"},
    "underlay_info": {"local": "192.0.2.1"},
    "uplink_confirm": {"token": "0123456789abcdef"},
}
# These speak with a database, which may be anywhere. They need no right on the host but that to its socket.
TLS_FILES = ("ovn_nb_private_key", "ovn_nb_certificate", "ovn_nb_ca_cert")
OVN: dict[str, dict[str, t.Any]] = {
    "ovn_switch": {"name": "s"},
    "ovn_port": {"switch": "s", "name": "p"},
    "ovn_router": {"name": "r"},
    "ovn_dhcp_options": {"name": "d", "cidr": "10.0.0.0/24"},
    "ovn_port_group": {"name": "g"},
    "ovn_address_set": {"name": "a"},
    "ovn_load_balancer": {"name": "l"},
    "ovn_global": {"options": {}},
    "ovn_topology": {"name": "t", "ovn_switch": [{"name": "s"}]},
    "ovn_info": {},
}


@pytest.fixture
def result_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> t.Callable[..., dict[str, t.Any]]:
    """Runs a function that ends as a module does; its result."""

    def run(main: t.Callable[[], None], given: dict[str, t.Any]) -> dict[str, t.Any]:
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        monkeypatch.setattr(
            basic,
            "_ANSIBLE_ARGS",
            json.dumps({"ANSIBLE_MODULE_ARGS": {**given, "_ansible_remote_tmp": "/tmp"}}).encode(),
        )
        with pytest.raises(SystemExit):
            main()
        return dict(json.loads(capsys.readouterr().out))

    return run


def edge(body: t.Callable[..., dict[str, t.Any]]) -> t.Callable[[], None]:
    """A module whose body is this."""
    return lambda: _module.at_the_edge({"name": {"type": "str"}}, {}, {}, body)


def test_who_may_write_to_the_network_has_no_problem() -> None:
    assert _privileges.problem(STATUS.format("000001ffffffffff")) is None
    assert _privileges.problem(STATUS.format(f"{1 << 12:016x}")) is None


@pytest.mark.parametrize(
    ("user", "says"),
    [
        (1000, "netloom needs root on {host} (become: true)."),
        (0, "netloom needs the capability CAP_NET_ADMIN on {host}; "),
    ],
)
def test_who_may_not_is_told_why(user: int, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert (_privileges.problem(STATUS.format("0000000000000000")) or "").startswith(
        says.format(host=os.uname().nodename)
    )
    assert _privileges.problem("") is not None


def test_the_list_of_modules_is_whole() -> None:
    folder = os.path.dirname(
        importlib.import_module("ansible_collections.netloom.linux.plugins.modules.veth").__file__ or ""
    )
    assert {*MINIMAL, *OVN} == {name[:-3] for name in os.listdir(folder) if name.endswith(".py")}


@pytest.mark.parametrize("check", [True, False], ids=["check", "run"])
@pytest.mark.parametrize("name", MINIMAL)
def test_each_module_says_first_that_it_needs_root(
    name: str, check: bool, result_of: t.Callable[..., dict[str, t.Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_privileges, "problem", lambda: "netloom needs root on lab1 (become: true).")
    main = importlib.import_module(f"ansible_collections.netloom.linux.plugins.modules.{name}").main
    result = result_of(main, {**MINIMAL[name], "_ansible_check_mode": check})
    # fault and uplink_confirm have no check mode: Ansible skips them.
    says = ("netloom needs root on lab1 (become: true).", "rights")
    assert result.get("skipped") or (result["msg"], result["reason"]) == says


@pytest.mark.parametrize("name", OVN)
def test_a_module_of_ovn_needs_no_root_but_its_database(
    name: str, result_of: t.Callable[..., dict[str, t.Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setattr(_privileges, "problem", lambda: "netloom needs root on lab1 (become: true).")
    main = importlib.import_module(f"ansible_collections.netloom.linux.plugins.modules.{name}").main
    socket = f"unix:{tmp_path}/nobody.sock"
    result = result_of(main, {**OVN[name], "ovn_nb": socket, "timeout": 1, "_ansible_check_mode": True})
    assert (result["failed"], result["reason"]) == (True, "unreachable")
    assert socket in result["msg"]


@pytest.mark.parametrize("check", [True, False], ids=["check", "run"])
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"ovn_nb": "ssl:127.0.0.1:1", **dict.fromkeys(TLS_FILES, "/mistyped.pem")}, "certificate"),
        ({"ovn_nb": "tcp:127.0.0.1:1"}, "unreachable"),
        ({"ovn_nb": "tcp:127.0.0.1:1", "ovn_switch": []}, "unreachable"),  # what is to be purged, nobody knows
        ({"ovn_nb": "tcp:127.0.0.1:1", "ovn_switch": [{"nmae": "s"}]}, "input"),
    ],
)
def test_a_failure_of_a_database_has_its_reason(
    given: dict[str, t.Any], reason: str, check: bool, result_of: t.Callable[..., dict[str, t.Any]]
) -> None:
    main = importlib.import_module("ansible_collections.netloom.linux.plugins.modules.ovn_topology").main
    result = result_of(main, {**OVN["ovn_topology"], **given, "timeout": 1, "_ansible_check_mode": check})
    assert result["reason"] == reason, result


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (_errors.Locked("Another run has it."), "locked"),
        (_apply.Failed(_errors.Uncertain("Who knows?"), "step", [], []), "uncertain"),
        (_apply.Failed(_errors.Unexpected(KeyError("x")), "step", [], []), "unexpected"),
        (ValueError("x"), "unexpected"),
    ],
)
def test_a_failure_has_its_reason(
    error: Exception,
    reason: str,
    result_of: t.Callable[..., dict[str, t.Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_privileges, "problem", lambda: None)

    def body(*_: t.Any) -> dict[str, t.Any]:
        raise error

    assert result_of(edge(body), {"name": "x"})["reason"] == reason


def test_a_fault_of_ours_is_one_sentence(
    result_of: t.Callable[..., dict[str, t.Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_privileges, "problem", lambda: None)

    def body(*_: t.Any) -> dict[str, t.Any]:
        return {"changed": struct.pack("I", 2**40)}

    result = result_of(edge(body), {"name": "x", "_ansible_verbosity": 3})
    assert result["msg"].startswith("netloom met something that it does not know: error: ")
    assert re.search(r"\(test_edge\.py, line \d+\)\. Please report it, with what -vvv shows\.$", result["msg"])
    assert "Traceback" not in result["msg"]
    assert "struct.pack" in "".join(result["traceback"])
    assert "traceback" not in result_of(edge(body), {"name": "x"})


def test_a_fault_of_ours_in_the_middle_of_a_run_tells_what_was_undone() -> None:
    failed = _apply.Journal(t.cast("t.Any", None), _identity.Book(_snapshot.Snapshot())).undo(
        KeyError("index"), lambda _steps: []
    )
    assert (
        str(failed)
        == "netloom met something that it does not know: KeyError: 'index'. Please report it, with what -vvv shows."
        " Nothing was changed."
    )


def test_a_name_that_is_not_utf_8_is_legible(
    result_of: t.Callable[..., dict[str, t.Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_privileges, "problem", lambda: None)
    warned: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _module, warning, **_more: warned.append(warning))
    name = os.fsdecode(b"\xff\xfe-\xc3\xa4")

    def told(*_: t.Any) -> dict[str, t.Any]:
        return {"changed": False, "namespaces": {name: {"pids": [1]}}, "names": (name,)}

    result = result_of(edge(told), {"name": "x"})
    assert result["namespaces"] == {"\\xff\\xfe-ä": {"pids": [1]}}
    assert result["names"] == ["\\xff\\xfe-ä"]
    assert ["is not UTF-8" in one for one in warned] == [True]
    result_of(edge(lambda *_: {"changed": False, "names": ("ä",)}), {"name": "x"})
    assert len(warned) == 1

    def refused(*_: t.Any) -> dict[str, t.Any]:
        raise _errors.Conflict(f"Cannot delete namespace '{name}'.")

    assert result_of(edge(refused), {"name": "x"})["msg"] == "Cannot delete namespace '\\xff\\xfe-ä'."


class Passed(Exception):
    """What ansible-lint's stand-in for AnsibleModule raises."""


def test_ansible_lint_is_told_what_is_wrong_and_takes_templates(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class StandIn(basic.AnsibleModule):  # type: ignore[misc]  # ansible-core has no types
        def __init__(self, *_arguments: t.Any, **_options: t.Any) -> None:
            raise Passed

    def lint(**given: t.Any) -> None:
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode())
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        importlib.import_module("ansible_collections.netloom.linux.plugins.modules.veth").main()

    monkeypatch.setattr(_module, "AnsibleModule", StandIn)
    with pytest.raises(SystemExit):
        lint(name="a", adresses=[], peer={"name": "b"})
    said = json.loads(capsys.readouterr().out)
    says = "'adresses' is not an option of the module; did you mean 'addresses'?"
    assert said == {"failed": True, "reason": "input", "msg": says}
    with pytest.raises(Passed):
        lint(name="{{ a }}", peer="{{ b }}", mtu="{{ c }}", up="{{ d }}", addresses="{{ e }}", wait="{{ f }}")


def test_a_full_disk_is_no_fault_of_ours() -> None:
    said = str(_errors.Unexpected(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/run/netloom/lock")))
    assert said == "The host says 'No space left on device' about '/run/netloom/lock', so netloom cannot go on."


def test_an_undo_of_hundreds_of_steps_is_told_in_five_lines(
    result_of: t.Callable[..., dict[str, t.Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_privileges, "problem", lambda: None)
    many = [f"add port p{number} to OVS bridge ovs0 with tag {number}" for number in range(256)]

    def body(*_: t.Any) -> dict[str, t.Any]:
        raise _apply.Failed(_errors.HostError("ovs-vswitchd did not answer."), many[0], many, many)

    result = result_of(edge(body), {"name": "x"})
    assert len(result["msg"]) <= MOST_LETTERS
    assert "Undone: 256 steps of this run." in result["msg"]
    assert result["msg"].endswith("and 251 more.")
    assert len(result["undone"]) == 21
    assert result["undone"][-1] == "and 236 more"
    assert len(result["remains"]) == 256


def test_a_filter_computes_once_what_is_asked_again() -> None:
    """A task of a role takes each of its lists alone."""
    computed: list[t.Any] = []

    @_edge.remembering
    def lists(value: t.Any, **options: t.Any) -> list[t.Any]:
        computed.append((value, options))
        return [value]

    day = datetime.date(2026, 1, 1)
    for given in ([{"a": 1}], [{"a": 1}], [{"a": "1"}], {day: 1}, {day: 1}, [{"a": 1}]):
        assert lists(given) == [given]
    assert lists([{"a": 1}], state="absent") == [[{"a": 1}]]
    # What has keys that are no text is not remembered.
    assert [value for value, _options in computed] == [
        [{"a": 1}],
        [{"a": "1"}],
        {day: 1},
        {day: 1},
        [{"a": 1}],
        [{"a": 1}],
    ]


@pytest.mark.parametrize("role", ["bridge_network", "vxlan_network", "ovs_vlan_dhcp", "router"])
def test_the_lists_of_each_role_are_computed_once(role: str) -> None:
    name = f"{role}_topology"
    module = importlib.import_module(f"ansible_collections.netloom.linux.plugins.filter.{name}")
    lists = module.FilterModule().filters()[name]
    given: dict[str, t.Any] = {"host": "node1", "ends": {}} if role == "vxlan_network" else {}
    assert lists([], **given) is lists([], **given)
