# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The uplink of an OVS bridge on the fake host: what moves, what is mended, what is refused, and the way back, on both
datapaths.
"""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._engine._entry import Outcome
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Conflict
from ansible_collections.netloom.linux.plugins.module_utils._model._paths import receive_offload_record, uplink_record
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Route
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import GuardOf, Wired
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import (
    Address,
    Link,
    Neighbour,
    Ovs,
    OvsBridge,
    OvsPort,
    OvsTarget,
    Snapshot,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._uplink_back import back_to
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

Params = dict[str, t.Any]
WISH: Params = {"name": "br0", "uplink": "nic0"}
GONE: Params = {"name": "br0", "state": "absent"}
GUARD = "guard nic0: back as it was, unless confirmed within 30 s"
MAC = "02:00:00:00:00:60"
DEFAULT = Route("0.0.0.0/0", gateway="10.3.9.4", device="nic0", onlink=True, metric=100, scope="global")
PEER = Neighbour("10.103.12.9", "02:00:00:00:00:99", "nic0")
HAD = {"ipv4.rp_filter": "2", "ipv4.arp_ignore": "0", "ipv6.disable_ipv6": "0"}
DATAPATHS = ["netdev", "system"]


def host(datapath: str = "netdev", **nic: t.Any) -> FakeHost:
    """A NIC with addresses, a default route and a neighbour. The NIC is a veth whose far end is in a namespace."""
    fake = FakeHost("wire")
    fake.state.system_datapath = datapath == "system"
    link = Link(
        "nic0",
        "veth",
        mac=MAC,
        mtu=1400,
        up=True,
        index=7,
        txqueuelen=1000,
        peer=("wire", "far"),
        tx_checksum=True,
        gro=True,
        addresses=(
            Address("10.103.12.60/22", detail={"broadcast": "10.103.15.255"}),
            Address("fe80::1/64", link_local=True),
            Address("fd00:8::60/64"),
        ),
    )
    far = Link("far", "veth", mac="02:00:00:00:00:61", mtu=1400, up=True, index=3, peer=(None, "nic0"))
    fake.state.put(None, dataclasses.replace(link, **nic))
    fake.state.put("wire", dataclasses.replace(far, txqueuelen=1000, tx_checksum=True))
    space = fake.state.namespaces[None]
    space.routes.append(DEFAULT)
    space.neighbours.append(PEER)
    space.sysctl.update({("nic0", key): value for key, value in HAD.items()})
    return fake


def moved(datapath: str = "netdev", **options: t.Any) -> FakeHost:
    """The same with the uplink moved."""
    fake = host(datapath)
    run(fake, **options)
    return fake


def run(fake: FakeHost, **options: t.Any) -> Outcome:
    """One run of the module."""
    return run_one(fake, "ovs_bridge", {**WISH, **options})


def ports(fake: FakeHost) -> set[str]:
    """The ports of all bridges."""
    return set(fake.state.ovs[OvsTarget()].ports)


def link_of(fake: FakeHost, name: str) -> Link:
    """A link of the host."""
    return fake.state.namespaces[None].links[name]


def cidrs(fake: FakeHost, name: str) -> list[str]:
    """The addresses of a link that somebody gave to it."""
    return [address.cidr for address in link_of(fake, name).addresses if not address.link_local]


def sysctls(fake: FakeHost) -> dict[str, str | None]:
    """Those of the NIC."""
    return {key: value for (link, key), value in fake.state.namespaces[None].sysctl.items() if link == "nic0"}


def assert_as(fake: FakeHost, before: t.Any) -> None:
    """Nothing differs but the routes that the kernel makes."""
    space, was = picture(fake)[0][None], before[0][None]
    for one in (space, was):  # the kernel makes its own link-local address again
        one.links["nic0"] = dataclasses.replace(
            one.links["nic0"],
            addresses=tuple(address for address in one.links["nic0"].addresses if not address.link_local),
        )
    assert space.links == was.links
    assert (space.neighbours, space.sysctl) == (was.neighbours, was.sysctl)
    kept = [route for route in was.routes if route.protocol != "kernel"]
    assert [route for route in space.routes if route.protocol != "kernel"] == kept
    assert picture(fake)[0]["wire"].links == before[0]["wire"].links
    assert picture(fake)[1:] == before[1:]


@pytest.mark.parametrize("datapath", DATAPATHS)
def test_everything_moves_and_the_second_run_is_empty(datapath: str) -> None:
    fake = host(datapath)
    fake.read_only = True
    foretold = run_one(fake, "ovs_bridge", WISH, check=True)
    fake.read_only = False
    assert run(fake).steps == foretold.steps
    assert foretold.steps[0] == GUARD
    assert cidrs(fake, "br0") == ["10.103.12.60/22", "fd00:8::60/64"]
    assert cidrs(fake, "nic0") == []
    local = link_of(fake, "br0")
    assert (local.mac, local.mtu, local.up) == (MAC, 1400, True)
    assert ports(fake) == {"br0", "nic0"}
    assert dataclasses.replace(DEFAULT, device="br0") in fake.state.namespaces[None].routes
    assert fake.state.namespaces[None].neighbours == [dataclasses.replace(PEER, device="br0")]
    # Of ports that come later, some may have a lower MAC or another MTU.
    assert fake.state.ovs[OvsTarget()].bridges["br0"].other_config == {"hwaddr": MAC}
    assert fake.state.ovs[OvsTarget()].ports["br0"].mtu_request == 1400
    assert run(fake).steps == []
    assert run_one(fake, "ovs_bridge", WISH, check=True).steps == []


def test_only_the_userspace_datapath_leaves_frames_to_the_kernel() -> None:
    silent = {"ipv4.rp_filter": "1", "ipv4.arp_ignore": "1", "ipv6.disable_ipv6": "1"}
    assert sysctls(moved("netdev")) == silent
    assert link_of(moved("netdev"), "nic0").gro is False
    assert link_of(moved("system"), "nic0").gro is True
    assert moved("netdev").state.namespaces["wire"].links["far"].tx_checksum is False
    assert sysctls(moved("system")) == HAD
    assert moved("system").state.namespaces["wire"].links["far"].tx_checksum is True


@pytest.mark.parametrize("datapath", DATAPATHS)
@pytest.mark.parametrize("back", [GONE, {"name": "br0", "clear": ["uplink"]}])
def test_the_way_home(datapath: str, back: Params) -> None:
    before = picture(host(datapath))
    fake = moved(datapath)
    done = run_one(fake, "ovs_bridge", back)
    assert done.steps[0] == GUARD
    assert run_one(fake, "ovs_bridge", back).steps == []
    if "clear" in back:
        bridge = fake.state.ovs[OvsTarget()].bridges["br0"]
        assert (bridge.other_config, fake.state.ovs[OvsTarget()].ports["br0"].mtu_request) == ({}, None)
        run_one(fake, "ovs_bridge", GONE)
    assert_as(fake, before)


def test_a_nic_that_does_not_join_packets_does_not_do_so_at_home_either() -> None:
    fake = host(gro=False)
    run(fake)
    run_one(fake, "ovs_bridge", GONE)
    assert link_of(fake, "nic0").gro is False


def test_a_new_bridge_is_down_as_long_as_the_kernel_answers_for_the_nic() -> None:
    """Both would answer what the NIC receives once it is a port of the userspace datapath."""
    steps = run(host()).steps
    up = next(number for number, step in enumerate(steps) if step.startswith("set br0:") and "up" in step)
    taken = [number for number, step in enumerate(steps) if step.startswith("delete address ")]
    assert taken and max(taken) < up


def on_a_card() -> FakeHost:
    """The NIC is a VLAN of a card, which joins what both receive."""
    fake = host(kind="vlan", peer=None, tx_checksum=None, data={"id": 7, "parent": "card0"})
    fake.state.put(None, Link("card0", mac=MAC, mtu=1500, up=True, index=6, gro=True))
    return fake


def test_a_card_below_the_uplink_ceases_to_join_and_joins_again() -> None:
    fake = on_a_card()
    run(fake)
    assert (link_of(fake, "card0").gro, link_of(fake, "nic0").gro) == (False, True)
    assert run(fake).steps == []
    run_one(fake, "ovs_bridge", GONE)
    assert link_of(fake, "card0").gro is True


def test_the_guard_lets_a_card_below_the_uplink_join_again() -> None:
    fake = on_a_card()
    before = fake.state.clone()
    run(fake)
    assert fake.state.files.get(receive_offload_record("card0"))
    went_back(before, fake)
    assert link_of(fake, "card0").gro is True
    assert fake.state.files.get(receive_offload_record("card0")) is None


def test_a_declared_mac_and_mtu_stay_when_the_uplink_goes_home() -> None:
    face = {"mac": MAC, "mtu": 1400}
    fake = moved(**face)
    run_one(fake, "ovs_bridge", {"name": "br0", "clear": ["uplink"], **face})
    assert fake.state.ovs[OvsTarget()].bridges["br0"].other_config == {"hwaddr": MAC}
    assert fake.state.ovs[OvsTarget()].ports["br0"].mtu_request == 1400


@pytest.mark.parametrize("datapath", DATAPATHS)
@pytest.mark.parametrize("number", range(18))
def test_a_failure_at_any_step_is_undone(datapath: str, number: int) -> None:
    for there, wish in ((host(datapath), WISH), (moved(datapath), GONE)):
        before = picture(there)
        there.fail_at = number
        try:
            run_one(there, "ovs_bridge", wish)
        except Failed:
            assert_as(there, before)


def drifted(change: t.Callable[[FakeHost], None]) -> list[str]:
    """What is mended after somebody changed the host by hand."""
    fake = moved()
    change(fake)
    steps = run(fake).steps
    assert run(fake).steps == []
    return steps


def test_drift() -> None:
    def taken_out(fake: FakeHost) -> None:
        del fake.state.ovs[OvsTarget()].ports["nic0"]

    def made_anew(fake: FakeHost) -> None:
        fake.state.put(None, dataclasses.replace(link_of(fake, "nic0"), promiscuity=0))

    def address_back(fake: FakeHost) -> None:
        fake.state.put(None, dataclasses.replace(link_of(fake, "nic0"), addresses=(Address("10.103.12.60/22"),)))

    def address_lost(fake: FakeHost) -> None:
        fake.state.put(None, dataclasses.replace(link_of(fake, "br0"), addresses=link_of(fake, "br0").addresses[:1]))

    def route_lost(fake: FakeHost) -> None:
        fake.state.namespaces[None].routes.remove(dataclasses.replace(DEFAULT, device="br0"))

    def answering(fake: FakeHost) -> None:
        fake.state.namespaces[None].sysctl[("nic0", "ipv4.arp_ignore")] = "0"

    def joining(fake: FakeHost) -> None:
        fake.state.put(None, dataclasses.replace(link_of(fake, "nic0"), gro=True))

    def checksum(fake: FakeHost) -> None:
        fake.state.put("wire", dataclasses.replace(fake.state.namespaces["wire"].links["far"], tx_checksum=True))

    assert drifted(taken_out) == [GUARD, "add port nic0 to OVS bridge br0"]
    assert drifted(made_anew) == [
        GUARD,
        "delete OVS port nic0 (its device was lost)",
        "add port nic0 to OVS bridge br0",
    ]
    assert drifted(address_back) == [GUARD, "delete address 10.103.12.60/22 from nic0"]
    assert drifted(address_lost) == [GUARD, "add address fd00:8::60/64 to br0"]
    assert drifted(route_lost) == [GUARD, "set route default via 10.3.9.4 dev br0"]
    assert drifted(answering) == [GUARD, "set sysctl ipv4.arp_ignore=1 of nic0"]
    assert drifted(joining) == [GUARD, "switch generic receive offload of nic0 off"]
    assert drifted(checksum) == [GUARD, "switch transmit checksum offload of far in wire off"]


def test_a_nic_and_a_bridge_that_were_joined_by_hand_are_adopted() -> None:
    fake = host("system")
    run_one(fake, "ovs_bridge", {"name": "br0", "mac": MAC, "mtu": 1400, "addresses": ["10.103.12.60/22"]})
    fake.state.put(None, dataclasses.replace(link_of(fake, "nic0"), addresses=(), held_by="ovs-system"))
    fake.state.ovs[OvsTarget()].ports["nic0"] = OvsPort("nic0", "br0", ofport=1, interfaces=("nic0",), uuid="n")
    fake.state.put(None, dataclasses.replace(link_of(fake, "nic0"), promiscuity=1))
    space = fake.state.namespaces[None]
    space.routes[:] = [dataclasses.replace(DEFAULT, device="br0")]
    space.neighbours.clear()
    fake.settle()
    assert run(fake).steps == []
    run_one(fake, "ovs_bridge", GONE)
    assert cidrs(fake, "nic0") == ["10.103.12.60/22"]
    assert DEFAULT in space.routes


def test_an_uplink_counts_as_a_port_of_the_exact_list_also_where_the_option_is_left_out() -> None:
    fake = moved(ports=[])
    assert run(fake, ports=["nic0"]).steps == []
    assert run_one(fake, "ovs_bridge", {"name": "br0", "ports": []}).steps == []
    assert ports(fake) == {"br0", "nic0"}


def test_the_port_of_an_uplink_is_not_deleted_unguarded() -> None:
    fake = moved()
    with pytest.raises(Conflict, match="it is the uplink of 'br0', and has the host's addresses"):
        run_one(fake, "ovs_port", {"bridge": "br0", "name": "nic0", "state": "absent"}, check=True)
    assert ports(fake) == {"br0", "nic0"}


def test_a_bridge_of_another_host_has_no_uplink_here_whatever_its_name_is() -> None:
    fake = moved()
    remote = OvsTarget("tcp:192.0.2.1:6640")
    fake.state.ovs[remote] = fake.state.ovs[OvsTarget()].clone()
    elsewhere = {"ovsdb": remote.ovsdb, "state": "absent"}
    run_one(fake, "ovs_port", {"bridge": "br0", "name": "nic0", **elsewhere})
    assert run_one(fake, "ovs_bridge", {"name": "br0", **elsewhere}).steps == ["delete OVS bridge br0"]
    assert ports(fake) == {"br0", "nic0"}
    assert fake.state.files.get(uplink_record(None, "nic0"))


def test_a_topology_moves_and_returns_with_columns_of_the_port() -> None:
    before = picture(host())
    fake = host()
    wish = {"name": "t", "ovs_bridge": [WISH], "ovs_port": [{"bridge": "br0", "name": "nic0", "trunks": [0, 10]}]}
    assert run_topology(fake, wish).steps[0] == GUARD
    assert fake.state.ovs[OvsTarget()].ports["nic0"].trunks == (0, 10)
    assert run_topology(fake, wish).steps == []
    assert run_topology(fake, {"name": "t", "state": "absent"}).steps[0] == GUARD
    assert_as(fake, before)


def test_a_bridge_that_was_there_before_the_topology_stays_without_its_uplink() -> None:
    fake = host()
    run_one(fake, "ovs_bridge", {"name": "br0"})
    before = picture(fake)
    run_topology(fake, {"name": "t", "ovs_bridge": [WISH]})
    run_topology(fake, {"name": "t", "state": "absent"})
    assert ports(fake) == {"br0"}
    assert cidrs(fake, "nic0") == ["10.103.12.60/22", "fd00:8::60/64"]
    assert picture(fake)[1] == before[1]


@pytest.mark.parametrize("datapath", DATAPATHS)
def test_the_guard_puts_back_what_differs_and_nothing_else(datapath: str) -> None:
    fake = host(datapath)
    before, was = fake.state.clone(), picture(fake)
    run(fake)
    fake.state.namespaces[None].routes.append(Route("198.51.100.0/24", device="lo"))  # somebody else's
    went_back(before, fake)
    assert Route("198.51.100.0/24", device="lo") in fake.state.namespaces[None].routes
    fake.state.namespaces[None].routes.remove(Route("198.51.100.0/24", device="lo"))
    assert_as(fake, was)


def went_back(before: Snapshot, fake: FakeHost, refused: t.Callable[[t.Any], bool] = lambda _op: False) -> list[str]:
    """The guard at work: it looks and acts, until nothing is left. Returns what it did."""
    done, failed = [], False
    for _round in range(5):
        ops = back_to(before, fake.state, None, "nic0", "br0", ovs=OvsTarget(), refused=failed)
        for op in ops:
            if refused(op):
                failed = True
                continue
            fake.do([op])
            done.append(op.sentence())
        if not ops:
            return done
    return done


def test_the_guard_of_the_way_home_makes_the_bridge_again() -> None:
    fake = moved(external_ids={"owner": "me"})
    before = fake.state.clone()
    run_one(fake, "ovs_bridge", GONE)
    went_back(before, fake)
    assert run(fake, external_ids={"owner": "me"}).steps == []


def with_another_port() -> tuple[FakeHost, Snapshot]:
    """A bridge with its uplink and one port more, and how that was."""
    fake = moved()
    run_one(fake, "ovs_port", {"bridge": "br0", "name": "p0", "type": "internal"})
    return fake, fake.state.clone()


@pytest.mark.parametrize("by_us", [["nic0"], []])
def test_the_guard_leaves_a_port_away_that_somebody_else_deleted(by_us: list[str]) -> None:
    fake, before = with_another_port()
    for port in ["p0", *by_us]:
        del fake.state.ovs[OvsTarget()].ports[port]
    went_back(before, fake)
    assert ports(fake) == {"br0", "nic0"}


@pytest.mark.parametrize("made_again", [True, False])
def test_the_guard_gives_a_bridge_that_was_deleted_all_its_ports_again(made_again: bool) -> None:
    fake, before = with_another_port()
    ovs = fake.state.ovs[OvsTarget()]
    for port in ("p0", "nic0"):
        del ovs.ports[port]
    if made_again:  # and its ports were not, yet
        ovs.bridges["br0"] = dataclasses.replace(ovs.bridges["br0"], uuid="another")
    else:
        del ovs.bridges["br0"], ovs.ports["br0"]
    went_back(before, fake)
    assert ports(fake) == {"br0", "nic0", "p0"}


def test_the_guard_leaves_a_bridge_on_which_others_hang_by_now() -> None:
    fake = host()
    before = fake.state.clone()
    run(fake)
    run_one(fake, "ovs_port", {"bridge": "br0", "name": "p0", "type": "internal"})
    went_back(before, fake)
    assert ports(fake) == {"br0", "p0"}
    assert fake.state.ovs[OvsTarget()].bridges["br0"].other_config == {}
    assert cidrs(fake, "nic0") == ["10.103.12.60/22", "fd00:8::60/64"]


def of_ovsdb(op: t.Any) -> bool:
    """What a dead database does not take."""
    return bool(op.performer == "ovsdb")


@pytest.mark.parametrize("silent", [True, False])
def test_the_way_back_does_not_need_the_database(silent: bool) -> None:
    """It hangs, or is gone: the host has its addresses, and the kernel gives the NIC out of its datapath."""
    fake = host("system")
    before = fake.state.clone()
    run(fake)
    ovs = fake.state.ovs[OvsTarget()]
    if not silent:
        fake.state.ovs[OvsTarget()] = dataclasses.replace(ovs, bridges={}, ports={}, unreachable="It is gone.")
    done = went_back(before, fake, of_ovsdb)
    assert "take nic0 out of the kernel's datapath" in done
    assert link_of(fake, "nic0").held_by is None
    assert cidrs(fake, "nic0") == ["10.103.12.60/22", "fd00:8::60/64"]
    assert DEFAULT in fake.state.namespaces[None].routes
    assert fake.state.files.get(uplink_record(None, "nic0")) is None


@pytest.mark.parametrize("silent", [True, False])
def test_without_the_database_a_nic_that_has_gone_home_stays_there(silent: bool) -> None:
    """It could not be a port again, so it keeps what reaches the host."""
    fake = moved("system")
    before = fake.state.clone()
    run_one(fake, "ovs_bridge", GONE)
    if not silent:
        fake.state.ovs[OvsTarget()].unreachable = "It is gone."
    assert went_back(before, fake, of_ovsdb) == []
    assert cidrs(fake, "nic0") == ["10.103.12.60/22", "fd00:8::60/64"]


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"uplink": "br0"}, BadInput, "uplink: 'br0' is the bridge itself"),
        ({"uplink": "lo"}, BadInput, "uplink: 'lo' is the loopback link"),
        ({"uplink": ""}, BadInput, "uplink: is empty; use `clear: [uplink]`"),
        ({"confirm_timeout": 4}, BadInput, "confirm_timeout"),
        ({"up": False}, BadInput, "would cut its uplink 'nic0' off"),
        ({"stp": True}, BadInput, "with stp the uplink forwards nothing for 30 s"),
        ({"rstp": True}, BadInput, "with rstp the uplink forwards nothing for 30 s"),
        ({"ovsdb": "tcp:192.0.2.1:6640"}, BadInput, "uplink: cannot be set, because the OVSDB at tcp:192.0.2.1:6640"),
    ],
)
def test_bad_input(options: Params, error: type[Exception], says: str) -> None:
    fake = host()
    fake.state.ovs[OvsTarget("tcp:192.0.2.1:6640")] = Ovs()
    with pytest.raises(error) as caught:
        run(fake, **options)
    assert says in str(caught.value)
    assert fake.done == []


def test_unfit_nics() -> None:
    def says(fake: FakeHost, *known: OvsPort) -> str:
        ovs = fake.state.ovs[OvsTarget()]
        for port in known:
            ovs.bridges[port.bridge] = OvsBridge(port.bridge, datapath_type="netdev", datapath_id="1", uuid=port.bridge)
            ovs.ports[port.name] = port
        with pytest.raises((Conflict, BadInput)) as caught:
            run(fake)
        assert fake.done == []
        return str(caught.value)

    assert "it is a bridge itself" in says(host(kind="bridge"))
    assert "it is a port of 'br9'" in says(host(master="br9"))
    assert "it is a port of 'bond0'" in says(host(master="bond0"))
    assert "it is a port of Open vSwitch" in says(host(held_by="ovs-system"))
    assert "it is a port of OVS bridge 'br9'" in says(host(), OvsPort("nic0", "br9", interfaces=("nic0",)))
    assert "a port of 'bond9', a bond of OVS bridge 'br9'" in says(
        host(), OvsPort("bond9", "br9", interfaces=("nic0", "nic1"))
    )
    leased = host(addresses=(Address("10.103.12.60/22", dynamic=True),))
    assert "10.103.12.60/22 is leased by DHCP" in says(leased)
    wireless = host(kind="")
    wireless.state.answers[Wired("nic0")] = False
    assert "it is a wireless device" in says(wireless)
    pending = host()
    pending.state.answers[GuardOf(None, "nic0")] = 12
    assert "another run is moving it, and is not confirmed yet. Run again in 12 s" in says(pending)


def test_a_reboot_takes_nothing_from_a_nic_that_has_nothing() -> None:
    """A NIC of a provider's network has no address, and neither gets its bridge one."""
    fake = host(addresses=())
    fake.state.namespaces[None].routes.remove(DEFAULT)
    fake.state.namespaces[None].neighbours.remove(PEER)
    assert not [one for one in run(fake).warnings if "over a reboot" in one]


def test_a_reboot_is_spoken_of_unless_the_topology_survives_it() -> None:
    def warnings(persist: bool) -> list[str]:
        return run_topology(host(), {"name": "t", "persist": persist, "ovs_bridge": [WISH]}, check=True).warnings

    assert any("keeps 'nic0' as a port over a reboot" in warning for warning in warnings(False))
    assert not warnings(True)
    fake = host()
    assert any("over a reboot" in warning for warning in run(fake).warnings)
    assert run(fake).warnings == []


def test_after_a_reboot_the_uplink_is_moved_again_and_comes_home() -> None:
    """OVSDB has the port, MAC and MTU; the record is gone with /run, and the NIC has its addresses."""
    fake = moved("system")
    again = host("system")
    again.state.ovs = {OvsTarget(): fake.state.ovs[OvsTarget()].clone()}
    nic = link_of(again, "nic0")
    again.state.put(None, dataclasses.replace(nic, held_by="ovs-system", promiscuity=1))
    again.state.put(None, dataclasses.replace(link_of(fake, "br0"), addresses=(), up=False, index=20))
    assert run(again).steps[0] == GUARD
    assert cidrs(again, "br0") == ["10.103.12.60/22", "fd00:8::60/64"]
    assert run(again).steps == []
    run_one(again, "ovs_bridge", {"name": "br0", "clear": ["uplink"]})
    assert again.state.ovs[OvsTarget()].bridges["br0"].other_config == {}
    assert cidrs(again, "nic0") == ["10.103.12.60/22", "fd00:8::60/64"]


def test_a_loose_filter_is_named() -> None:
    fake = host()
    fake.state.namespaces[None].sysctl[(None, "net.ipv4.conf.all.rp_filter")] = "2"
    assert any("gets IPv4 packets from 'nic0' twice" in warning for warning in run(fake).warnings)
    fake = host("system")
    fake.state.namespaces[None].sysctl[(None, "net.ipv4.conf.all.rp_filter")] = "2"
    assert not any("twice" in warning for warning in run(fake).warnings)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"netns_interface": [{"name": "nic0", "addresses": ["10.0.0.1/24"]}]}, "which owns its addresses"),
        (
            {"netns_interface": [{"name": "x", "source": {"name": "nic0"}}]},
            "netns_interface[0].source: 'nic0' is the uplink of ovs_bridge[0]",
        ),
        ({"ovs_bridge": [WISH, {"name": "br1", "uplink": "nic0"}]}, "a link has one master"),
        ({"linux_bridge": [{"name": "br1", "uplink": "nic0"}]}, "a link has one master"),
    ],
)
def test_two_owners_in_a_topology(more: Params, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        run_topology(host(), {"name": "t", "ovs_bridge": [WISH], **more})
    assert says in str(caught.value)
