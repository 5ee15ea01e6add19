# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a central host of OVN does: from the answers of all of them."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.plugin_utils import _ovn_answers, _ovn_central, _ovn_hosts, _roles

ROLE = pathlib.Path(_ovn_central.__file__).parents[2] / "roles/ovn_central"
FAMILIES = yaml.safe_load((ROLE / "vars/main.yml").read_text())["ovn_central__families"]
DEFAULTS = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
HOSTS = ("node1", "node2", "node3")
PRINT, OTHER = "AA:BB", "CC:DD"
UNITS = ("ovn-central", "ovn-ovsdb-server-nb", "ovn-ovsdb-server-sb", "ovn-northd")
PORTS = {"nb": (6641, 6643), "sb": (6642, 6644)}
NOTHING = "system debian\ncertificate the host has none\ntrusts \ndb-nb none\ndb-sb none\nend\n"


def centrals(*hosts: str, tls: bool = True) -> list[_ovn_hosts.Central]:
    """Central hosts, 192.0.2.N each."""
    return [_ovn_hosts.Central(host, f"192.0.2.{host[-1]}", tls, hosts[0] if tls else "") for host in hosts]


def site(answers: t.Mapping[str, str], here: t.Sequence[str] | None = None, **options: t.Any) -> _ovn_central.Site:
    """All central hosts, with what each told."""
    return _ovn_central.Site(
        centrals(*answers, tls=options.get("ovn_central_tls", True)),
        {host: _ovn_answers.read(answer) for host, answer in answers.items()},
        {**DEFAULTS, **options},
        list(answers if here is None else here),
    )


def plan(answers: t.Mapping[str, str], host: str = "node1", **more: t.Any) -> dict[str, t.Any]:
    """The plan of a host."""
    return _ovn_central.plan(site(answers, **more), host, FAMILIES)


def running(host: str, *hosts: str, tls: bool = True) -> str:
    """What a host tells on which all is as it should be, alone or in a cluster."""
    ends, proto = [f"192.0.2.{one[-1]}" for one in hosts], "ssl" if tls else "tcp"
    lines = ["system debian", "certificate ", f"trusts {PRINT}", *([f"ca {PRINT}"] if host == "node1" else [])]
    lines += [f"unit {unit} active enabled" for unit in UNITS]
    told = site(dict.fromkeys(hosts or (host,), NOTHING), ovn_central_tls=tls)
    path, mark = "/etc/default/ovn-central", _ovn_central.MARK
    line = f'OVN_CTL_OPTS="{_ovn_central.command_line(told, host, bool(hosts))}"'
    lines += [f"options {path} {text}" for text in ("# theirs", f"# BEGIN {mark}", line, f"# END {mark}")]
    for name, (port, raft) in PORTS.items():
        if hosts:
            lines += [f"db-{name} clustered {proto}:192.0.2.{host[-1]}:{raft}", f"status-{name} Status: cluster member"]
            lines += [
                f"status-{name}     {end[-1] * 4} ({end[-1] * 4} at {proto}:{end}:{raft}) next_index=2" for end in ends
            ]
        else:
            lines.append(f"db-{name} standalone")
        lines += [f"running {name}", f'listens-{name} {UUID},"""p{proto}:{port}"""']
    return "\n".join([*lines, "end", ""])


UUID = "01234567-89ab-cdef-0123-456789abcdef"


def cluster(**changed: str) -> dict[str, str]:
    """The answers of a cluster of three, some of them others."""
    return {**{host: running(host, *HOSTS) for host in HOSTS}, **changed}


@pytest.mark.parametrize("host", HOSTS)
def test_a_cluster_that_is_as_it_should_be_needs_nothing(host: str) -> None:
    assert plan(cluster(), host) == {**plan(cluster(), host), "steps": [], "refused": "", "listening": {}}


def test_a_host_alone_needs_nothing_the_second_time() -> None:
    assert plan({"node1": running("node1")})["steps"] == []
    assert plan({"node1": running("node1", tls=False)}, ovn_central_tls=False)["steps"] == []


def test_one_host_makes_all() -> None:
    found = plan({"node1": NOTHING})
    assert found["refused"] == ""
    assert found["steps"] == [
        "make a certificate authority on node1",
        "make a certificate: the host has none",
        "write the options of ovn-ctl into /etc/default/ovn-central",
        "create the database OVN_Northbound",
        "create the database OVN_Southbound",
        "start ovn-ovsdb-server-nb",
        "start ovn-ovsdb-server-sb",
        "start ovn-northd",
        "let ovn-central start at boot",
        "let OVN_Northbound listen on pssl:6641",
        "let OVN_Southbound listen on pssl:6642",
    ]


def test_the_first_makes_a_cluster_and_the_others_join() -> None:
    answers = dict.fromkeys(HOSTS, NOTHING)
    actions = {host: plan(answers, host)["files"]["nb"]["action"] for host in HOSTS}
    assert actions == {"node1": "create", "node2": "join", "node3": "join"}
    assert [plan(answers, host)["first"] for host in HOSTS] == [True, False, False]
    assert plan(answers, "node2")["files"]["sb"] == {
        "action": "join",
        "title": "OVN_Southbound",
        "local": "ssl:192.0.2.2:6644",
        "remotes": ["ssl:192.0.2.1:6644", "ssl:192.0.2.3:6644"],
    }


@pytest.mark.parametrize("lost", HOSTS)
def test_a_host_whose_disk_was_lost_joins_again(lost: str) -> None:
    found = plan(cluster(**{lost: NOTHING}), lost)
    assert found["refused"] == ""
    assert {file["action"] for file in found["files"].values()} == {"join"}
    via = "node1" if lost != "node1" else "node2"
    assert [(one["database"], one["server"], one["via"]) for one in found["lost"]] == [
        ("nb", lost[-1] * 4, via),
        ("sb", lost[-1] * 4, via),
    ]
    assert not any("create" in step for step in found["steps"])


def test_the_first_host_never_makes_a_cluster_by_its_options_alone() -> None:
    line = _ovn_central.command_line(site(dict.fromkeys(HOSTS, NOTHING)), "node1", raft=True)
    assert "--db-nb-cluster-remote-addr=192.0.2.2" in line
    assert "--db-sb-cluster-remote-addr=192.0.2.2" in line


def test_nothing_is_made_anew_while_a_host_is_silent() -> None:
    refused = plan({"node1": NOTHING, "node2": NOTHING, "node3": ""})["refused"]
    assert refused.startswith("OVN_Northbound: none of the other hosts has the database, but node3 did not tell")


def test_a_silent_host_is_no_hindrance_if_another_has_the_database() -> None:
    assert plan(cluster(node3=""), "node1")["steps"] == []
    assert plan(cluster(node3="", node2=NOTHING), "node2")["files"]["nb"]["action"] == "join"


def test_a_database_alone_becomes_the_beginning_of_the_cluster() -> None:
    authority = NOTHING.replace("end", f"ca {PRINT}\nend")
    answers = {"node1": authority, "node2": running("node2"), "node3": NOTHING}
    assert plan(answers, "node2")["files"]["nb"]["action"] == "convert"
    assert plan(answers, "node1")["files"]["nb"]["action"] == "join"
    assert "run for that host, too" in plan(answers, "node1", here=["node1", "node3"])["refused"]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"node1": running("node1"), "node2": running("node2")}, "only one of them can be the beginning"),
        (cluster(node3=running("node3")), "node3 a database outside of it"),
        (
            cluster(node1=running("node1", *HOSTS).replace("ssl:192.0.2.1:6643", "tcp:192.0.2.1:6643")),
            "keeps its address",
        ),
        ({"node1": NOTHING.replace("db-nb none", "db-nb unreadable"), "node2": NOTHING}, "cannot read"),
        ({"node1": NOTHING.replace("system debian", "system suse")}, "knows Debian"),
        (
            {"node1": NOTHING.replace("end", "options /etc/default/ovn-central OVN_CTL_OPTS=--x\nend")},
            "ovn_central_options",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(answers: dict[str, str], words: str) -> None:
    found = plan(answers)
    assert words in found["refused"]
    assert found["steps"] == []


def test_a_certificate_is_made_anew_for_a_reason() -> None:
    ends = running("node1").replace("certificate ", "certificate the present one ends on Jan 1")
    assert plan({"node1": ends})["steps"] == ["make a certificate: the present one ends on Jan 1"]
    other = running("node2", *HOSTS).replace(f"trusts {PRINT}", f"trusts {OTHER}")
    assert plan(cluster(node2=other), "node2")["steps"] == [
        "make a certificate: the present one is of another authority"
    ]


def test_a_lost_authority_is_made_anew_for_all_hosts_only() -> None:
    answers = cluster(node1=running("node1", *HOSTS).replace(f"ca {PRINT}\n", ""))
    assert "back from a backup" in plan(answers, "node1", here=["node1"])["refused"]
    assert plan(answers, "node1")["steps"][0] == "make a certificate authority on node1"
    assert all(plan(answers, host)["certificate"] for host in HOSTS)


def test_files_of_the_user_must_be_there() -> None:
    own = {f"ovn_central_{key}": f"/mine/{key}" for key in ("private_key", "certificate", "ca_cert")}
    hosts = [_ovn_hosts.Central("node1", "192.0.2.1", True, "")]
    for files, refused in (
        ("", "the host has no file /mine/private_key"),
        ("".join(f"file {one}\n" for one in own.values()), ""),
    ):
        told = _ovn_answers.read(NOTHING.replace("end", f"{files}end"))
        found = _ovn_central.plan(
            _ovn_central.Site(hosts, {"node1": told}, {**DEFAULTS, **own}, ["node1"]), "node1", FAMILIES
        )
        assert found["refused"].startswith(refused)
        assert found["refused"] == "" or refused
    assert "--ovn-nb-db-ssl-key=/mine/private_key" in found["options"]
    assert not found["certificate"]


def test_connections_are_mended_and_those_of_others_stay() -> None:
    rows = f'listens-nb {UUID},"""pssl:6641"""'
    rows_now = (f"{UUID},ptcp:6641", f'{UUID[::-1]},"""ptcp:6641:127.0.0.1"""', f'{UUID},"""ptcp:7000"""')
    wrong = "\n".join(f"listens-nb {row}" for row in rows_now)
    found = plan({"node1": running("node1").replace(rows, wrong)})
    assert found["steps"] == [
        "let OVN_Northbound listen on pssl:6641",
        "let OVN_Northbound listen on ptcp:6641 no more",
        "let OVN_Northbound listen on ptcp:6641:127.0.0.1 no more",
    ]
    assert found["listening"] == {"nb": {"target": "pssl:6641", "remove": [UUID, UUID[::-1]]}}


def test_what_runs_with_old_options_is_restarted() -> None:
    stale = running("node2", *HOSTS).replace("end\n", "stale sb\nend\n")
    assert plan(cluster(node2=stale), "node2")["steps"] == ["restart ovn-ovsdb-server-sb"]
    more = plan(cluster(), "node2", ovn_central_options=["--db-nb-election-timer=5000"])
    assert more["restart"] == list(UNITS[1:])
    assert more["options"].endswith(" --db-nb-election-timer=5000")


def test_absent_keeps_the_databases_unless_told() -> None:
    answer = running("node1").replace("end\n", f"file {_ovn_central.DIRECTORY}\nfile {_ovn_central.AUTHORITY}\nend\n")
    found = plan({"node1": answer}, ovn_central_state="absent")
    assert found["delete"] == [_ovn_central.DIRECTORY]
    assert found["options"] == ""
    assert found["stop"] == ["ovn-central", "ovn-northd", "ovn-ovsdb-server-nb", "ovn-ovsdb-server-sb"]
    purged = plan({"node1": answer}, ovn_central_state="absent", ovn_central_purge_data=True)
    files = [f"/var/lib/ovn/{file}" for name in PORTS for file in (f"ovn{name}_db.db", f".ovn{name}_db.db.~lock~")]
    assert purged["delete"] == [*found["delete"], *files, _ovn_central.AUTHORITY]
    assert plan({"node1": NOTHING}, ovn_central_state="absent")["steps"] == []


def test_one_of_several_leaves_the_cluster_before_its_database_is_deleted() -> None:
    options = {"ovn_central_state": "absent", "ovn_central_purge_data": True}
    assert plan(cluster(), "node2", here=["node2"], **options)["leave"] == ["nb", "sb"]
    assert plan(cluster(), "node2", **options)["leave"] == []


def test_ipv6_is_written_as_ovsdb_reads_it() -> None:
    hosts = _ovn_hosts.centrals(["a"], {"a": {"ansible_host": "2001:db8::1"}}, {})
    assert _ovn_hosts.remotes(hosts, "sb") == ["ssl:[2001:db8::1]:6642"]
    told = _ovn_central.Site(hosts, {"a": _ovn_answers.read(NOTHING)}, DEFAULTS, ["a"])
    assert _ovn_central.plan(told, "a", FAMILIES)["listening"]["nb"]["target"] == "pssl:6641:[::]"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"a": {}}, "ovn_central_address of host 'a': nobody knows it"),
        ({"a": {"ansible_host": "127.0.0.1"}}, "other hosts cannot send to 127.0.0.1"),
        ({"a": {"ovn_central_address": "web"}}, "'web' is not an address"),
        ({"a": {"ansible_host": "192.0.2.1"}, "b": {"ansible_host": "192.0.2.1"}}, "'a' and 'b' have the address"),
        (
            {"a": {"ansible_host": "192.0.2.1"}, "b": {"ansible_host": "192.0.2.2", "ovn_central_tls": False}},
            "ovn_central_tls: host 'b' has false, and host 'a' has true",
        ),
    ],
)
def test_hosts_that_do_not_fit_together_are_refused(variables: dict[str, t.Any], words: str) -> None:
    with pytest.raises(_ovn_hosts._errors.BadInput, match=words):
        _ovn_hosts.centrals(list(variables), variables, {})


def test_chassis_need_a_central_host() -> None:
    variables = {"a": {"groups": {"ovn_chassis": ["a"]}, "ansible_host": "192.0.2.1"}}
    with pytest.raises(_ovn_hosts._errors.BadInput, match="no central host"):
        _ovn_hosts.judge(["a"], variables, {})
    _ovn_hosts.judge(["a"], {"a": {"groups": {}}}, {})
    _ovn_hosts.judge(["a"], {"a": {}}, {})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"ovn_central_certificate": "/c"}, "'ovn_central_private_key' is missing"),
        ({"ovn_central_certificate_days": 30}, "ovn_central_renew_days: must be less"),
        ({"ovn_central_options": ["x"]}, "ovn_central_options[0]: 'x' is not an option of ovn-ctl"),
        ({"ovn_central_options": ['--x="; rm']}, "is not an option of ovn-ctl"),
        ({"ovn_central_state": "gone"}, "ovn_central_state"),
    ],
)
def test_wrong_variables_are_named(given: dict[str, t.Any], words: str) -> None:
    assert words in _roles.complaint({**DEFAULTS, **given}, "ovn_central")
