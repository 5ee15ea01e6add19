# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and sysctls on the real kernel: they come back with all that they had, drift is mended, and what falls is
foretold.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
import typing as t

import hypothesis
import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._engine._entry import Outcome
from ansible_collections.netloom.linux.plugins.module_utils._engine._hooks import Hooks
from ansible_collections.netloom.linux.plugins.module_utils._engine._run import run
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Conflict
from ansible_collections.netloom.linux.plugins.module_utils._model._identity import Book
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Scope
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Snapshot
from ansible_collections.netloom.linux.tests.contract.addresses import addresses_of, lines
from ansible_collections.netloom.linux.tests.contract.judge import differences, lab_host_only, outcome_of, told
from hypothesis import strategies as st

pytestmark = lab_host_only

Params = dict[str, t.Any]
MOVES = int(os.environ.get("NETLOOM_MOVES") or 6)
PAIR: Params = {"name": "va", "netns": "red", "peer": {"name": "vb", "netns": "green"}}


@pytest.fixture(autouse=True)
def _namespaces() -> t.Iterator[None]:
    told("ip netns add red; ip netns add green")
    yield
    with contextlib.closing(Host(5)) as host:
        outcome_of({"name": "t", "state": "absent"}, host)
    told(
        "for link in nic0 br0; do ip link delete $link 2>/dev/null; done; ip netns delete red; ip netns delete green;"
        " rm -rf /run/netloom/moved"
    )


def module(kind: str, params: Params, check: bool = False) -> Outcome:
    """One module's run."""
    with contextlib.closing(Host(5)) as host:
        return run(Hooks([EntryReader().read(kind, params, "")]), host, check=check, alone=True, wait=5)


def topology(params: Params, check: bool = False) -> list[str]:
    """The steps of one topology's run."""
    with contextlib.closing(Host(5)) as host:
        return outcome_of({"name": "t", **params}, host, check, wait=5).steps


def mended(kind: str, params: Params) -> list[str]:
    """What check mode foretells, and one run does; the next one has nothing to do."""
    foretold = module(kind, params, check=True).steps
    assert module(kind, params).steps == foretold
    assert module(kind, params).steps == []
    return foretold


NIC = (
    "ip link add nic0 type veth peer name wire0; ip link set wire0 up; ip link set nic0 up; ip addr add 203.0.113.1/24"
    " dev nic0"
)
SYSCTLS = {
    "net/ipv4/conf/nic0/rp_filter": "2",
    "net/ipv4/conf/nic0/proxy_arp": "1",
    "net/ipv4/conf/nic0/arp_ignore": "1",
    "net/ipv6/conf/nic0/accept_ra": "0",
    "net/ipv6/conf/nic0/proxy_ndp": "1",
    "net/ipv4/neigh/nic0/gc_stale_time": "99",
    "net/ipv6/neigh/nic0/retrans_time_ms": "700",
}


def sysctls() -> dict[str, str]:
    """Those of the test, as they are."""
    found = {}
    for path in SYSCTLS:
        with open(f"/proc/sys/{path}", encoding="ascii") as handle:
            found[path] = handle.read().strip()
    return found


def given(belongings: t.Iterable[str]) -> None:
    """A NIC with these addresses, as far as the kernel takes them, and with sysctls of its own."""
    told(NIC)
    for path, value in SYSCTLS.items():
        with open(f"/proc/sys/{path}", "w", encoding="ascii") as handle:
            handle.write(value)
    for one in belongings:
        subprocess.run(one.split(), check=False, capture_output=True)


SETTINGS = hypothesis.settings(
    max_examples=MOVES,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.generate],
)
AWAY: Params = {"name": "eth0", "netns": "red", "source": {"name": "nic0"}}


@SETTINGS
@hypothesis.given(st.lists(st.one_of(lines("nic0")), min_size=1, max_size=6))
def test_a_nic_comes_home_with_its_addresses_and_sysctls(belongings: list[str]) -> None:
    try:
        given(belongings)
        before = [addresses_of("nic0"), sysctls()]
        for params in (AWAY, {**AWAY, "state": "absent"}):
            assert module("netns_interface", params, check=True).steps == module("netns_interface", params).steps
            assert module("netns_interface", params).steps == []
        assert not differences(before, [addresses_of("nic0"), sysctls()])
    finally:
        told("ip link delete nic0 2>/dev/null || ip -n red link delete eth0")


def tentative(link: str, netns: str = "") -> list[str]:
    """Its addresses that are not usable yet, but for the kernel's own."""
    found = json.loads(told(f"ip {f'-n {netns} ' if netns else ''}-j address show dev {link}"))[0]["addr_info"]
    return [one["local"] for one in found if one.get("tentative") and not one["local"].startswith("fe80:")]


def test_addresses_that_were_valid_are_at_once() -> None:
    given(["ip addr add fd18::1/64 dev nic0 nodad", "ip addr add fd18::2/64 dev nic0 nodad preferred_lft 0"])
    module("netns_interface", AWAY)
    module("netns_interface", {**AWAY, "state": "absent"})
    assert [one["local"] for one in addresses_of("nic0")] == ["203.0.113.1", "fd18::2", "fd18::1"]
    assert tentative("nic0") == []


def test_a_move_that_is_undone_brings_all_of_it_back() -> None:
    given(
        [
            "ip addr add 192.0.2.20 peer 192.0.2.21/32 dev nic0",
            "ip addr add 198.51.100.5/24 broadcast + label nic0:x metric 100 dev nic0",
            "ip addr add 198.51.100.6/24 noprefixroute dev nic0",
            "ip addr add fd18::5/64 metric 77 preferred_lft 0 nodad dev nic0",
            "ip addr add fe80::5/64 nodad dev nic0",
        ]
    )
    before = [addresses_of("nic0"), sysctls()]
    with pytest.raises(Failed, match="rp_filter=abc"):
        module("netns_interface", {**AWAY, "sysctl": {"rp_filter": "abc"}})
    assert not differences(before, [addresses_of("nic0"), sysctls()])
    assert tentative("nic0") == []


WITH_SIX: Params = {"addresses": ["10.9.0.1/24", "fd18::1/64"]}
DRIFT = {
    "ip -n red route del 10.9.0.0/24 dev va": [
        "renew address 10.9.0.1/24 of va in red, whose route to 10.9.0.0/24 is missing"
    ],
    "ip -n red -6 route del fd18::/64 dev va": [
        "renew address fd18::1/64 of va in red, whose route to fd18::/64 is missing"
    ],
    "ip -n red addr change fd18::1/64 dev va noprefixroute": [
        "renew address fd18::1/64 of va in red, whose route to fd18::/64 is missing (noprefixroute)"
    ],
    "ip -n red addr change 10.9.0.1/24 dev va valid_lft 300 preferred_lft 200": [
        "renew address 10.9.0.1/24 of va in red, which expires"
    ],
    "ip -n red addr change fd18::1/64 dev va valid_lft 300 preferred_lft 0": [
        "renew address fd18::1/64 of va in red, which expires and which is deprecated"
    ],
    "ip -n red addr change fd18::1/64 dev va preferred_lft 0": [
        "renew address fd18::1/64 of va in red, which is deprecated"
    ],
    "ip -n red addr del 10.9.0.1/24 dev va; ip -n red addr add 10.9.0.1/24 dev va scope host": [
        "delete address 10.9.0.1/24 from va in red",
        "add address 10.9.0.1/24 to va in red",
    ],
    "ip -n red addr del 10.9.0.1/24 dev va; ip -n red addr add 10.9.0.1 peer 10.9.0.2/24 dev va": [
        "delete address 10.9.0.1/24 from va in red",
        "add address 10.9.0.1/24 to va in red",
    ],
    "ip -n red addr del fd18::1/64 dev va; ip -n red addr add fd18::1/128 dev va": [
        "delete address fd18::1/128 from va in red",
        "add address fd18::1/64 to va in red",
    ],
    "ip -n red route del local 10.9.0.1 table local": [
        "delete address 10.9.0.1/24 from va in red",
        "add address 10.9.0.1/24 to va in red",
    ],
    "ip -n red -6 route del local fd18::1 table local": [
        "delete address fd18::1/64 from va in red",
        "add address fd18::1/64 to va in red",
    ],
    "ip -n red -4 route flush table all": [
        "delete address 10.9.0.1/24 from va in red",
        "add address 10.9.0.1/24 to va in red",
    ],
    "ip -n red addr add 10.9.7.1 peer 10.9.7.2/32 dev va": ["delete address 10.9.7.1/32 from va in red"],
    "ip -n red addr add fe80::99/64 dev va": ["delete address fe80::99/64 from va in red"],
}


@pytest.mark.parametrize("drift", DRIFT)
def test_drift_of_an_address_is_named_and_mended(drift: str) -> None:
    wish = {**PAIR, **WITH_SIX}
    module("veth", wish)
    before = (addresses_of("va", "red"), told("ip -n red route; ip -n red -6 route show dev va"))
    told(drift)
    assert mended("veth", wish) == DRIFT[drift]
    assert (addresses_of("va", "red"), told("ip -n red route; ip -n red -6 route show dev va")) == before


def test_a_lost_route_to_the_network_comes_back_before_the_route_by_its_gateway() -> None:
    wish = {
        "veth": [{**PAIR, **WITH_SIX}],
        "netns_route": [{"netns": "red", "destination": "default", "gateway": "10.9.0.254"}],
    }
    topology(wish)
    told("ip -n red route flush dev va")
    steps = [
        "renew address 10.9.0.1/24 of va in red, whose route to 10.9.0.0/24 is missing",
        "set route default via 10.9.0.254 in red",
    ]
    assert topology(wish, check=True) == steps
    assert topology(wish) == steps
    assert topology(wish) == []


def test_two_links_in_one_network_have_a_route_each() -> None:
    for name in ("va", "vc"):
        module(
            "veth",
            {
                **PAIR,
                "name": name,
                "peer": {"name": f"p{name}", "netns": "green"},
                "addresses": [f"10.9.0.{ord(name[1])}/24"],
            },
        )
    told("ip -n red route del 10.9.0.0/24 dev va")
    assert (
        len(mended("veth", {**PAIR, "peer": {"name": "pva", "netns": "green"}, "addresses": [f"10.9.0.{ord('a')}/24"]}))
        == 1
    )
    assert len(told("ip -n red route show 10.9.0.0/24").splitlines()) == 2


def test_what_nobody_declared_may_be_without_a_route() -> None:
    module("veth", PAIR)
    told(
        "ip -n red addr add 10.9.0.1/24 dev va noprefixroute; ip -n red route add 10.9.0.0/24 dev va proto static"
        " metric 100 src 10.9.0.1"
    )
    assert module("veth", PAIR).steps == []
    # Somebody else's route to its network serves as well.
    assert module("veth", {**PAIR, "addresses": ["10.9.0.1/24"]}).steps == []


def test_a_link_local_address_that_a_run_added_goes_again() -> None:
    both = {name: {"name": name, "netns": "red"} for name in ("br7", "br8")}
    told("ip -n red link add br7 type bridge; ip -n red link set br7 up")
    topology(
        {
            "linux_bridge": [
                {**both["br7"], "addresses": ["fe80::1/64", "fd18::1/64"]},
                {**both["br8"], "addresses": ["fd19::1/64"]},
            ]
        }
    )
    topology(
        {
            "linux_bridge": [
                {**both["br7"], "addresses": ["fd18::1/64"]},
                {**both["br8"], "addresses": ["fd19::1/64", "fe80::1/64"]},
            ]
        }
    )
    assert [one["local"] for one in addresses_of("br7", "red")] == ["fd18::1"]
    topology({"linux_bridge": [{**both["br7"], "addresses": ["fe80::1/64"]}]})
    topology({"state": "absent"})
    assert addresses_of("br7", "red") == []


# --- what falls ---

FALLS = {
    "an MTU": ({"mtu": 1200}, "set va in red: mtu=1200 (takes fd18::1/64 and the route default from va)"),
    "IPv6 off": (
        {"sysctl": {"disable_ipv6": 1}},
        "set sysctl ipv6.disable_ipv6=1 of va in red (takes fd18::1/64 and the route default from va)",
    ),
    "down": ({"up": False}, "set va in red: down (takes fd18::1/64 and the route default from va)"),
}


class Refusing(Host):
    """Its runs fail in the end: from the first write until they are taken back, the link is not to be seen."""

    book: Book | None = None

    def expect(self, snapshot: Snapshot, planned: Snapshot | None = None) -> Book:
        """As always."""
        self.book = super().expect(snapshot, planned)
        return self.book

    def read(self, scope: Scope) -> Snapshot:
        """As it is, but for the link while a run verifies."""
        seen = super().read(scope)
        if self.book is not None and not self.book.retreating:
            seen.namespaces["red"].links.pop("va", None)
        return seen


def fails(kind: str, params: Params) -> None:
    """A run that is undone wholly."""
    with contextlib.closing(Refusing(5)) as host, pytest.raises(Failed) as failed:
        run(Hooks([EntryReader().read(kind, params, "")]), host, check=False, alone=True, wait=0.1)
    assert failed.value.remains == []


def six(link: str = "va") -> str:
    """The IPv6 of the link, as it is when it is usable."""
    return told(
        f"ip -n red -6 -o addr show dev {link} scope global; ip -n red -6 route show dev {link} | grep -v ^fe80 | sed"
        " 's/ linkdown//'"
    )


@pytest.mark.parametrize("what", FALLS)
def test_what_falls_is_foretold_and_comes_back_with_an_undo(what: str) -> None:
    change, sentence = FALLS[what]
    module("veth", PAIR)
    told(
        "ip -n red addr add fd18::1/64 dev va nodad; ip -n red -6 route add default via fd18::9; ip netns exec red"
        " sysctl -qw net.ipv6.conf.va.accept_ra=0"
    )
    before = six()
    outcome = module("veth", {**PAIR, **change}, check=True)
    assert outcome.steps == [sentence]
    assert outcome.disturbs == ["brief"]
    fails("veth", {**PAIR, **change})
    assert six() == before
    module("veth", {**PAIR, **change})
    assert "fd18" not in six()


def test_a_bridge_that_follows_a_small_port_is_foretold() -> None:
    told("ip -n red link add br7 type bridge; ip -n red link set br7 up")
    told("ip -n red addr add fd18::1/64 dev br7 nodad; ip -n red -6 route add fd77::/64 via fd18::2")
    small = {**PAIR, "mtu": 1200, "master": "br7"}
    before = six("br7")
    outcome = module("veth", small, check=True)
    assert outcome.steps == [
        "create veth va in red with peer vb in green (takes fd18::1/64 and the route fd77::/64 from br7)"
    ]
    assert outcome.disturbs == ["brief"]
    fails("veth", small)
    assert six("br7") == before
    module("veth", small)
    assert "fd18" not in six("br7")


def test_ipv6_where_it_cannot_be_is_refused_by_name() -> None:
    with pytest.raises(
        BadInput, match=r"mtu: 1200 is too small for 'fd18::1/64': IPv6 needs an MTU of at least 1280\."
    ):
        module("veth", {**PAIR, **WITH_SIX, "mtu": 1200}, check=True)
    told("ip netns exec red sysctl -qw net.ipv6.conf.default.disable_ipv6=1")
    bridge = {"name": "br7", "netns": "red", "addresses": ["fd18::1/64"]}
    with pytest.raises(Conflict, match=r"IPv6 is off on br7 in red: declare sysctl: \{disable_ipv6: 0\}"):
        module("linux_bridge", bridge, check=True)
    assert module("linux_bridge", {**bridge, "sysctl": {"disable_ipv6": 0}}).changed
    told("ip -n red link set br7 mtu 1200")
    with pytest.raises(Conflict, match="IPv6 needs an MTU of at least 1280"):
        module("linux_bridge", {**bridge, "sysctl": {"disable_ipv6": 0}}, check=True)


# --- MAC addresses ---


def mac(link: str, netns: str) -> str:
    """As it is."""
    return str(json.loads(told(f"ip -n {netns} -j link show {link}"))[0]["address"])


def test_a_bridge_keeps_its_mac_address_whoever_comes_and_goes() -> None:
    module("linux_bridge", {"name": "br7", "netns": "red"})
    was = mac("br7", "red")
    for number in ("ff", "50", "01"):
        module(
            "veth",
            {
                "name": f"v{number}",
                "netns": "red",
                "master": "br7",
                "mac": f"02:00:00:00:00:{number}",
                "peer": {"name": f"p{number}", "netns": "green"},
            },
        )
        assert mac("br7", "red") == was
    module("veth", {"name": "v01", "netns": "red", "state": "absent"})
    assert mac("br7", "red") == was


def test_a_link_made_anew_has_its_old_mac_address() -> None:
    tap = {"name": "tap7", "netns": "red", "kind": "tap"}
    wish = {
        "linux_bridge": [{"name": "br7", "netns": "red"}],
        "veth": [{**PAIR, "master": "br7"}],
        "netns_interface": [tap],
    }
    topology(wish)
    places = [("br7", "red"), ("va", "red"), ("vb", "green"), ("tap7", "red")]
    was = [mac(*place) for place in places]
    told("ip -n red link delete va; ip -n red link delete br7; ip -n red link delete tap7")
    topology(wish)
    assert [mac(*place) for place in places] == was


def test_a_port_that_changes_the_mac_of_its_bridge_is_rated() -> None:
    told(
        "ip -n red link add br7 type bridge; ip -n red link add p9 address 02:00:00:00:00:09 type veth peer name q9; ip"
        " -n red link set p9 master br7"
    )
    lower = module("veth", {**PAIR, "master": "br7", "mac": "02:00:00:00:00:01"}, check=True)
    assert (lower.disturbs, "may change the MAC address of br7" in lower.steps[0]) == (["brief"], True)
    assert module("veth", {**PAIR, "master": "br7", "mac": "02:00:00:00:00:99"}, check=True).disturbs == ["none"]


def test_on_the_host_the_kernel_tells_whether_a_mac_was_chosen() -> None:
    """The uplink's is that of a port, and stays all the same."""
    told(NIC)
    try:
        assert module("linux_bridge", {"name": "br0", "ports": ["nic0"]}).changed
        lower = {"name": "va", "master": "br0", "mac": "02:00:00:00:00:01", "peer": {"name": "vb"}}
        assert module("veth", lower, check=True).disturbs == ["none"]
        told("ip link delete br0; ip link add br0 type bridge; ip link set nic0 master br0")
        assert module("veth", lower, check=True).disturbs == ["brief"]
    finally:
        told("ip link delete br0")


def test_ageing_time_while_the_tree_changes() -> None:
    wish = {
        "linux_bridge": [{"name": "br7", "netns": "red", "stp": True, "forward_delay": 2, "ageing_time": 300}],
        "veth": [{**PAIR, "master": "br7"}],
    }
    topology(wish)
    until = time.monotonic() + 15
    while "topology_change 1" not in told("ip -n red -d link show br7"):
        assert time.monotonic() < until
        time.sleep(0.1)
    with contextlib.closing(Host(5)) as host:
        outcome = outcome_of({"name": "t", **wish}, host)
    assert outcome.steps == []
    assert "ageing_time of 'br7' cannot be compared now" in outcome.warnings[0]
    assert "ageing_time 400" in told("ip -n red -d link show br7")  # twice the forward delay: nobody ended that


def test_a_port_of_open_vswitch_in_userspace_is_no_port_of_a_bridge() -> None:
    told("systemctl start openvswitch-switch; ovs-vsctl add-br brovs -- set bridge brovs datapath_type=netdev")
    told("ip link add w3 type veth peer name x3; ovs-vsctl --timeout=10 add-port brovs w3")
    try:
        for kind, params in (
            ("linux_bridge", {"name": "br0", "ports": ["w3"]}),
            ("linux_bridge", {"name": "br0", "uplink": "w3"}),
            ("netns_interface", {"name": "w3", "master": "br0"}),
        ):
            if kind == "netns_interface":
                told("ip link add br0 type bridge")
            with pytest.raises(Conflict, match=r"port of Open vSwitch\. Take it off there first"):
                module(kind, params, check=True)
    finally:
        told("ovs-vsctl del-br brovs; ip link delete w3")


@pytest.mark.parametrize("kind", ["netns_interface", "linux_bridge"])
def test_a_sysctl_that_is_not_declared_any_more_is_put_back_in_the_end(kind: str) -> None:
    told(
        "ip -n red link add br7 type bridge; ip netns exec red sysctl -qw net.ipv4.conf.default.rp_filter=1"
        " net.ipv4.conf.br7.rp_filter=1"
    )
    wish = {"name": "br7", "netns": "red"}
    topology({kind: [{**wish, "sysctl": {"rp_filter": 2}}]})
    topology({kind: [wish]})
    assert topology({"state": "absent"}) == ["set sysctl ipv4.rp_filter=1 of br7 in red"]
    assert told("ip netns exec red cat /proc/sys/net/ipv4/conf/br7/rp_filter").strip() == "1"
