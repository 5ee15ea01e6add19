# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ovn_chassis: what a host has -> what is to be done."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._kinds.chassis._chassis_rows import RUNNING
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import (
    BadInput,
    Conflict,
    Missing,
    Unreachable,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._ovn import (
    HOSTNAME_FILE,
    SYSTEM_ID_FILE,
    Chassis,
    Southbound,
    Ssl,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._paths import chassis_record
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Unreadable
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import (
    Address,
    Link,
    Ovs,
    OvsBridge,
    OvsTarget,
)
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

TARGET = OvsTarget()
REMOTE = "tcp:192.0.2.1:6642"
WISH: dict[str, t.Any] = {"remote": REMOTE, "encap_address": "192.0.2.11"}
STARTED = {"system-id": "node1", "rundir": "/var/run/openvswitch"}
CHASSIS = {
    **STARTED,
    "ovn-remote": REMOTE,
    "ovn-encap-ip": "192.0.2.11",
    "ovn-encap-type": "geneve",
}
TLS = {"private_key": "/etc/ovn/key.pem", "certificate": "/etc/ovn/cert.pem", "ca_cert": "/etc/ovn/ca.pem"}
RECORD = chassis_record(TARGET.ovsdb)


def host(external_ids: t.Mapping[str, str] | None = None, ssl: Ssl | None = None) -> FakeHost:
    """A host on which Open vSwitch runs, whose kernel has its datapath."""
    found = FakeHost()
    ovs = found.state.ovs[TARGET]
    ovs.external_ids, ovs.ssl, ovs.uuid = dict(STARTED if external_ids is None else external_ids), ssl, "root"
    found.state.files |= {SYSTEM_ID_FILE: "node1\n", HOSTNAME_FILE: "host1\n"}
    found.state.system_datapath = True
    found.state.put(None, Link("eth0", mtu=1500, txqueuelen=1000, up=True, addresses=(Address("192.0.2.11/24"),)))
    ovs.bridges["br-int"] = OvsBridge("br-int", datapath_id="1", uuid="b")
    return found


def ids(found: FakeHost) -> dict[str, str]:
    """What Open vSwitch's external_ids are now."""
    return dict(found.state.ovs[TARGET].external_ids)


def registered(found: FakeHost, name: str, address: str = "192.0.2.11", hostname: str = "") -> None:
    """The southbound database answers, and has a chassis."""
    southbound = found.state.southbound.setdefault(TARGET, Southbound(REMOTE))
    southbound.chassis[name] = Chassis(name, hostname or f"host-of-{name}", (("geneve", address),))


def test_a_whole_life() -> None:
    found = host()
    foretold = run_one(found, "ovn_chassis", WISH, check=True)
    assert ids(found) == STARTED
    done = run_one(found, "ovn_chassis", WISH)
    assert foretold.steps == done.steps
    assert done.steps == [
        f"set external_ids of Open vSwitch: ovn-remote={REMOTE}, ovn-encap-ip=192.0.2.11, ovn-encap-type=geneve"
    ]
    assert done.disturbs == ["none"]
    assert ids(found) == CHASSIS
    assert not run_one(found, "ovn_chassis", WISH).changed
    assert run_one(found, "ovn_chassis", {"state": "absent"}).changed
    assert ids(found) == STARTED
    assert not run_one(found, "ovn_chassis", {"state": "absent"}).changed


# The key that somebody changes, the value that stands there then, and the option that declares it.
DRIFT: list[tuple[str, str | None, dict[str, t.Any]]] = [
    ("ovn-remote", "tcp:192.0.2.9:6642", {}),
    ("ovn-remote", None, {}),
    ("ovn-encap-ip", "192.0.2.9", {}),
    ("ovn-encap-type", "vxlan", {"encap_type": ["geneve"]}),
    ("ovn-encap-type", None, {}),
    ("ovn-bridge-mappings", "physnet1:br-other", {"bridge_mappings": {"physnet1": "br-ex"}}),
    ("ovn-bridge-mappings", "physnet1:br-ex,physnet2:br-ex", {"bridge_mappings": {"physnet1": "br-ex"}}),
    ("ovn-bridge-mappings", "physnet1:br-ex", {"bridge_mappings": {}}),
    ("ovn-bridge", "br-other", {"bridge": "br-int"}),
    ("ovn-bridge-datapath-type", "system", {"datapath_type": "netdev"}),
    ("ovn-cms-options", "card-serial-number=7", {"gateway": True}),
    ("ovn-cms-options", "enable-chassis-as-gw", {"gateway": False}),
    ("system-id", "other", {}),
]


@pytest.mark.parametrize(("key", "value", "more"), DRIFT)
def test_drift_is_named_and_mended(key: str, value: str | None, more: dict[str, t.Any]) -> None:
    found = host()
    run_one(found, "ovn_chassis", {**WISH, **more})
    right = ids(found)
    drifted = {name: text for name, text in {**right, key: value}.items() if text is not None}
    found.state.ovs[TARGET].external_ids = drifted
    foretold = run_one(found, "ovn_chassis", {**WISH, **more}, check=True)
    assert foretold.steps
    assert all(f"{key}=" in step for step in foretold.steps)
    assert run_one(found, "ovn_chassis", {**WISH, **more}).steps == foretold.steps
    kept = {"ovn-cms-options": "card-serial-number=7,enable-chassis-as-gw"} if value == "card-serial-number=7" else {}
    assert ids(found) == {**right, **kept}
    assert not run_one(found, "ovn_chassis", {**WISH, **more}).changed


@pytest.mark.parametrize(
    "written",
    [
        {"ovn-bridge-mappings": "b:br-b, a:br-a"},
        {"ovn-encap-type": "vxlan,geneve"},
        {"ovn-bridge": "br-int"},
        {"ovn-encap-ip": "192.0.2.11"},
        {},
    ],
)
def test_what_means_the_same_is_left_alone(written: dict[str, str]) -> None:
    same = {"ovn-bridge-mappings": "a:br-a,b:br-b", "ovn-encap-type": "geneve,vxlan"}
    found = host({**CHASSIS, **same, **written})
    wish = {"bridge_mappings": {"a": "br-a", "b": "br-b"}, "encap_type": ["geneve", "vxlan"], "bridge": "br-int"}
    assert not run_one(found, "ovn_chassis", {**WISH, **wish}).changed


def test_keys_of_others_stay() -> None:
    other = {"hostname": "h", "ovn-monitor-all": "true", "ovn-cms-options": "card-serial-number=7"}
    found = host({**STARTED, **other})
    run_one(found, "ovn_chassis", {**WISH, "gateway": True})
    assert ids(found)["ovn-cms-options"] == "card-serial-number=7,enable-chassis-as-gw"
    run_one(found, "ovn_chassis", {"state": "absent"})
    assert ids(found) == {**STARTED, **other}


def test_an_adopted_chassis_gets_its_values_back() -> None:
    was = {**CHASSIS, "ovn-remote": "tcp:192.0.2.9:6642", "ovn-bridge-mappings": "old:br-old"}
    found = host(was)
    wish = {**WISH, "bridge_mappings": {}, "gateway": True, "system_id": "chosen", "encap_type": ["vxlan"]}
    run_topology(found, {"name": "t", "ovn_chassis": [wish]})
    assert ids(found) == {
        **CHASSIS,
        "ovn-encap-type": "vxlan",
        "ovn-cms-options": "enable-chassis-as-gw",
        "system-id": "chosen",
    }
    run_topology(found, {"name": "t", "state": "absent"})
    assert ids(found) == was
    assert found.state.files[SYSTEM_ID_FILE] == "node1\n"
    assert found.state.files.get(RECORD) is None


def test_a_made_chassis_leaves_the_host_as_it_was() -> None:
    found = host()
    before = picture(found)
    run_topology(found, {"name": "t", "ovn_chassis": [{**WISH, **TLS, "system_id": "chosen", "gateway": True}]})
    assert found.state.ovs[TARGET].ssl == Ssl(**TLS)
    run_topology(found, {"name": "t"})  # purge
    assert picture(found) == before


@pytest.mark.parametrize("fail_at", range(6))
def test_a_failure_undoes_everything(fail_at: int) -> None:
    found = host()
    before = picture(found)
    found.fail_at = fail_at
    wish = {**WISH, **TLS, "system_id": "chosen", "gateway": True}
    with pytest.raises(Failed):
        run_one(found, "ovn_chassis", wish)
    assert picture(found) == before


# --- the system-id ---


def test_the_id_is_written_to_the_file_first() -> None:
    found = host()
    steps = run_one(found, "ovn_chassis", {**WISH, "system_id": "chosen"}).steps
    assert steps[:2] == [f"write {SYSTEM_ID_FILE}", "set external_ids of Open vSwitch: system-id=chosen"]
    assert (found.state.files[SYSTEM_ID_FILE], ids(found)["system-id"]) == ("chosen\n", "chosen")
    assert run_one(found, "ovn_chassis", {"state": "absent"}).steps[-2:] == [
        f"write {SYSTEM_ID_FILE}",
        "set external_ids of Open vSwitch: system-id=node1",
    ]
    assert ids(found) == STARTED


def test_an_id_that_somebody_changed_after_us_is_not_put_back() -> None:
    found = host()
    run_one(found, "ovn_chassis", {**WISH, "system_id": "chosen"})
    found.state.files[SYSTEM_ID_FILE] = "theirs\n"
    run_one(found, "ovn_chassis", {"state": "absent"})
    assert found.state.files[SYSTEM_ID_FILE] == "theirs\n"
    assert found.state.files.get(RECORD) is None


def test_a_host_without_an_id_gets_one_that_check_mode_foretells() -> None:
    found = host({"rundir": "x"})
    del found.state.files[SYSTEM_ID_FILE]
    with pytest.raises(Exception, match="system_id: is missing"):
        run_one(found, "ovn_chassis", WISH)
    found.state.files["/etc/machine-id"] = "0123abcd\n"
    run_one(found, "ovn_chassis", WISH)
    assert (found.state.files[SYSTEM_ID_FILE], ids(found)["system-id"]) == ("0123abcd\n", "0123abcd")


def test_a_host_without_the_file_keeps_its_id() -> None:
    found = host()
    del found.state.files[SYSTEM_ID_FILE]
    run_one(found, "ovn_chassis", WISH)
    assert (found.state.files[SYSTEM_ID_FILE], ids(found)["system-id"]) == ("node1\n", "node1")


def test_without_open_vswitch_check_mode_foretells_no_id() -> None:
    found = FakeHost()
    found.state.ovs[TARGET] = Ovs(unreachable="nobody listens.")
    foretold = run_one(found, "ovn_chassis", WISH, check=True)
    assert [step.split(":")[0] for step in foretold.steps] == ["set external_ids of Open vSwitch"]
    assert "system-id" not in foretold.steps[0]
    with pytest.raises(Unreachable, match="nobody listens"):
        run_one(found, "ovn_chassis", WISH)


def test_several_addresses() -> None:
    found = host()
    wish = {**WISH, "encap_address": "192.0.2.11,192.0.2.12"}
    assert any("has 192.0.2.12" in one for one in run_one(found, "ovn_chassis", wish).warnings)
    assert ids(found)["ovn-encap-ip"] == "192.0.2.11,192.0.2.12"
    assert not run_one(found, "ovn_chassis", {**WISH, "encap_address": "192.0.2.12,192.0.2.11"}).changed


# --- the TLS files ---


def test_the_tls_files_of_somebody_else_are_refused() -> None:
    theirs = Ssl("/a/key.pem", "/a/cert.pem", "/a/ca.pem")
    found = host(ssl=theirs)
    for check in (True, False):
        with pytest.raises(Conflict, match="which no run of netloom wrote"):
            run_one(found, "ovn_chassis", {**WISH, **TLS}, check=check)
    assert run_one(found, "ovn_chassis", {**WISH, **vars(theirs)}).changed
    run_one(found, "ovn_chassis", {"state": "absent"})
    assert found.state.ovs[TARGET].ssl == theirs


def test_our_tls_files_are_changed_and_go_with_the_chassis() -> None:
    found = host()
    run_one(found, "ovn_chassis", {**WISH, **TLS})
    other = {**TLS, "certificate": "/etc/ovn/new.pem"}
    assert run_one(found, "ovn_chassis", {**WISH, **other}).steps == [
        "set the TLS files of Open vSwitch (table SSL): /etc/ovn/key.pem, /etc/ovn/new.pem, /etc/ovn/ca.pem"
    ]
    assert run_one(found, "ovn_chassis", {**WISH, "clear": list(TLS)}).changed
    assert found.state.ovs[TARGET].ssl is None
    run_one(found, "ovn_chassis", {**WISH, **TLS})
    run_one(found, "ovn_chassis", {"state": "absent"})
    assert found.state.ovs[TARGET].ssl is None
    assert found.state.files.get(RECORD) is None


def test_a_missing_file_is_named() -> None:
    found = host()
    found.state.answers[Unreadable(TLS["ca_cert"])] = "No such file or directory"
    with pytest.raises(Missing, match=r"ca_cert '/etc/ovn/ca\.pem'"):
        run_one(found, "ovn_chassis", {**WISH, **TLS})
    assert run_one(found, "ovn_chassis", {**WISH, **TLS}, check=True).warnings


def test_ssl_needs_files_unless_open_vswitch_has_them() -> None:
    secure = {**WISH, "remote": "ssl:192.0.2.1:6642"}
    with pytest.raises(BadInput, match="private_key: is missing"):
        run_one(host(), "ovn_chassis", secure)
    assert run_one(host(ssl=Ssl(**TLS)), "ovn_chassis", secure).changed


# --- the southbound database ---


def test_a_run_waits_for_the_row_and_tells_what_is_missing() -> None:
    found = host()
    found.state.southbound[TARGET] = Southbound(REMOTE)
    with pytest.raises(Failed, match=r"chassis 'node1' is not in the southbound database at tcp.* with geneve 192\.0"):
        run_one(found, "ovn_chassis", WISH)
    assert ids(found) == STARTED
    registered(found, "node1", "192.0.2.9")
    with pytest.raises(Failed, match="chassis 'node1' is not in"):
        run_one(found, "ovn_chassis", WISH)
    registered(found, "node1")
    assert run_one(found, "ovn_chassis", WISH).changed


OF_NO_USE: dict[str, tuple[bool, Southbound]] = {
    "ovn-controller does not run on this host": (False, Southbound(REMOTE)),
    "The southbound database cannot be asked (no route)": (True, Southbound(REMOTE, unreachable="no route")),
    "chassis 'node1' is not in the southbound database at": (True, Southbound(REMOTE)),
}


@pytest.mark.parametrize("words", OF_NO_USE)
def test_a_chassis_that_nobody_knows_is_of_no_use_although_it_is_as_declared(words: str) -> None:
    found = host(CHASSIS)
    running, found.state.southbound[TARGET] = OF_NO_USE[words]
    found.state.answers[RUNNING] = running
    for check in (True, False):
        told = run_one(found, "ovn_chassis", WISH, check=check)
        assert not told.changed
        assert len(told.unusable) == 1 and told.unusable[0].startswith(words)
        assert told.warnings == told.unusable
    assert run_one(found, "ovn_chassis", {**WISH, "bridge": "br-other"}, check=True).unusable == []
    registered(found, "node1")
    found.state.answers[RUNNING], found.state.southbound[TARGET].unreachable = True, ""
    assert run_one(found, "ovn_chassis", WISH).unusable == []


def test_a_dead_integration_bridge_is_told() -> None:
    found = host()
    registered(found, "node1")
    del found.state.ovs[TARGET].bridges["br-int"]
    with pytest.raises(Failed, match="ovn-controller has not made the integration bridge 'br-int'"):
        run_one(found, "ovn_chassis", WISH)


def test_the_stale_row_of_another_chassis_is_named() -> None:
    found = host()
    registered(found, "before-the-reinstallation")
    with pytest.raises(Failed, match="'ovn-sbctl chassis-del before-the-reinstallation' deletes it"):
        run_one(found, "ovn_chassis", WISH)
    found.state.ovs[TARGET].external_ids = dict(CHASSIS)
    told = run_one(found, "ovn_chassis", WISH)
    assert not told.changed
    assert any("before-the-reinstallation" in one for one in told.warnings)


@pytest.mark.parametrize("named", ["host1", "host1.example.com"], ids=["by the kernel", "by Open vSwitch"])
def test_the_row_from_before_this_host_was_installed_anew_goes(named: str) -> None:
    found = host({**CHASSIS, **({"hostname": named} if "." in named else {})})
    registered(found, "node1", hostname=named)
    registered(found, "before", hostname=named)
    registered(found, "elsewhere", "192.0.2.12", named)
    foretold = run_one(found, "ovn_chassis", WISH, check=True)
    told = run_one(found, "ovn_chassis", WISH)
    assert told.steps == foretold.steps == ["delete chassis before from the southbound database"]
    assert told.warnings == []
    assert list(found.state.southbound[TARGET].chassis) == ["node1", "elsewhere"]
    assert not run_one(found, "ovn_chassis", WISH).changed


def test_a_row_of_this_hosts_name_stays_if_it_has_an_address_that_this_host_has_not() -> None:
    found = host(CHASSIS)
    registered(found, "node1", hostname="host1")
    ends = (("geneve", "192.0.2.11"), ("geneve", "192.0.2.12"))
    found.state.southbound[TARGET].chassis["other"] = Chassis("other", "host1", ends)
    told = run_one(found, "ovn_chassis", WISH)
    assert not told.changed
    assert any("'ovn-sbctl chassis-del other' deletes it" in one for one in told.warnings)


def test_a_new_name_takes_the_rows_of_the_old_one_away() -> None:
    found = host(CHASSIS)
    registered(found, "node1")
    with pytest.raises(Failed, match="chassis 'chosen' is not in"):  # no ovn-controller is here to write the new rows
        run_one(found, "ovn_chassis", {**WISH, "system_id": "chosen"})
    assert "node1" in found.state.southbound[TARGET].chassis  # restored
    steps = run_one(found, "ovn_chassis", {**WISH, "system_id": "chosen"}, check=True).steps
    assert steps[-1] == "delete chassis node1 from the southbound database"


def test_absent_deletes_the_rows() -> None:
    found = host(CHASSIS)
    registered(found, "node1")
    registered(found, "node2", "192.0.2.12")
    assert run_one(found, "ovn_chassis", {"state": "absent"}).steps[-1] == (
        "delete chassis node1 from the southbound database"
    )
    assert list(found.state.southbound[TARGET].chassis) == ["node2"]


def test_the_rows_of_a_copy_of_this_host_stay() -> None:
    found = host(CHASSIS)
    registered(found, "node1", "192.0.2.12")
    told = run_one(found, "ovn_chassis", {"state": "absent"})
    assert list(found.state.southbound[TARGET].chassis) == ["node1"]
    assert any("another host with this system-id" in one for one in told.warnings)


def test_absent_names_rows_that_nobody_can_delete() -> None:
    found = host(CHASSIS)
    found.state.southbound[TARGET] = Southbound(REMOTE, unreachable="no route")
    told = run_one(found, "ovn_chassis", {"state": "absent"})
    assert told.changed
    assert any("'ovn-sbctl chassis-del node1' deletes them" in one for one in told.warnings)
    assert any("ovn-controller still runs" in one for one in told.warnings)


def test_what_is_missing_is_a_warning() -> None:
    found = host()
    found.state.answers[RUNNING] = False
    found.state.southbound[TARGET] = Southbound(REMOTE, unreachable="no route")
    told = run_one(found, "ovn_chassis", {**WISH, "bridge_mappings": {"p": "br-ex"}, "encap_address": "192.0.2.99"})
    assert told.changed
    for words in ("ovn-controller does not run", "(no route)", "has no bridge 'br-ex'", "no link of this host has"):
        assert any(words in one for one in told.warnings)


@pytest.mark.parametrize(("why", "lost"), [("no route", False), ("Cannot reach it: Connection timed out", True)])
def test_of_packets_that_get_lost_the_usual_reasons_are_told(why: str, lost: bool) -> None:
    found = host()
    found.state.southbound[TARGET] = Southbound(REMOTE, unreachable=why)
    told = run_one(found, "ovn_chassis", WISH).warnings
    assert any("cannot be asked" in one and ("ethtool -K CARD tx off" in one) is lost for one in told)


# --- the datapath ---


@pytest.mark.parametrize(
    ("datapath", "holder", "warned"), [("netdev", "eth0", True), ("system", "eth0", False), ("netdev", "br-ex", False)]
)
def test_tunnels_of_the_userspace_datapath_need_a_bridge(datapath: str, holder: str, warned: bool) -> None:
    found = host()
    ovs = found.state.ovs[TARGET]
    ovs.bridges |= {name: OvsBridge(name, datapath, "1", uuid=name) for name in ("br-int", "br-ex")}
    found.state.put(None, Link("eth0"))
    found.state.put(None, Link(holder, addresses=(Address("192.0.2.11/24"),)))
    told = run_one(found, "ovn_chassis", WISH).warnings
    assert any("tunnels leave only by an Open vSwitch bridge, and 'eth0'" in one for one in told) == warned


@pytest.mark.parametrize(("bridge", "key"), [(None, "netdev"), ("", "netdev"), ("1", None)])
def test_a_kernel_without_the_datapath_needs_the_other_one(bridge: str | None, key: str | None) -> None:
    found = host()
    found.state.system_datapath = False
    del found.state.ovs[TARGET].bridges["br-int"]
    if bridge:
        found.state.ovs[TARGET].bridges["br-int"] = OvsBridge("br-int", "netdev", bridge, uuid="b")
    run_one(found, "ovn_chassis", WISH)
    assert ids(found).get("ovn-bridge-datapath-type") == key
    assert not run_one(found, "ovn_chassis", WISH).changed
    run_one(found, "ovn_chassis", {**WISH, "clear": ["datapath_type"]})
    assert "ovn-bridge-datapath-type" not in ids(found)


BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"remote": "192.0.2.1"}, "remote: '192.0.2.1' is not the address"),
    ({"remote": "tcp:192.0.2.1:66420"}, "remote: 'tcp:192.0.2.1:66420' is not"),
    ({"remote": ""}, "remote: '' is not"),
    ({"encap_address": "192.0.2.0/24"}, "encap_address: '192.0.2.0/24' is not an IP address"),
    ({"encap_address": "239.0.0.1"}, "encap_address: '239.0.0.1' is not an address of a host"),
    ({"encap_type": ["gre"]}, "encap_type: 'gre' is not an encapsulation"),
    ({"encap_type": []}, "encap_type: is empty"),
    ({"bridge_mappings": {"a:b": "br-ex"}}, r"bridge_mappings\.a:b: 'a:b' contains ':'"),
    ({"bridge_mappings": {"a,b": "br-ex"}}, "contains ','"),
    ({"bridge_mappings": {"": "br-ex"}}, "is empty"),
    ({"bridge_mappings": {"a": "br:ex"}}, r"bridge_mappings\.a: 'br:ex'"),
    ({"bridge_mappings": {"a": "br,ex"}}, r"bridge_mappings\.a: 'br,ex' contains ','"),
    ({"bridge_mappings": {"a": None}}, r"bridge_mappings\.a: None is not the name of a bridge"),
    ({"bridge": "a b"}, "bridge: 'a b'"),
    ({"system_id": "two words"}, "system_id: 'two words' contains white space"),
    ({"system_id": ""}, "system_id: '' is empty"),
    ({"private_key": "/k"}, "certificate: is missing"),
    ({**TLS, "ca_cert": "ca.pem"}, "ca_cert: 'ca.pem' is not an absolute path"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_bad_input_is_refused(wrong: dict[str, t.Any], message: str) -> None:
    found = host()
    before = picture(found)
    with pytest.raises(BadInput, match=message):
        run_one(found, "ovn_chassis", {**WISH, **wrong})
    assert picture(found) == before


@pytest.mark.parametrize("given", [{}, {"remote": REMOTE}, {"encap_address": "192.0.2.11"}])
def test_a_new_chassis_needs_both(given: dict[str, t.Any]) -> None:
    with pytest.raises(BadInput, match="a host that is no chassis of OVN yet needs remote and encap_address"):
        run_one(host(), "ovn_chassis", given)
    assert not run_one(host(CHASSIS), "ovn_chassis", given).changed


def test_the_id_of_another_host_is_not_written() -> None:
    far = OvsTarget("tcp:192.0.2.77:6640")
    found = host()
    found.state.ovs[far] = found.state.ovs.pop(TARGET)
    wish = {**WISH, "ovsdb": far.ovsdb}
    with pytest.raises(BadInput, match="system_id: cannot be set"):
        run_one(found, "ovn_chassis", {**wish, "system_id": "chosen"})
    run_one(found, "ovn_chassis", wish)
    assert found.state.ovs[far].external_ids["ovn-remote"] == REMOTE
    assert found.state.files[SYSTEM_ID_FILE] == "node1\n"
