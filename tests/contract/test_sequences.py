# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random topologies, one after the other under the same name, on the real host: what check mode foretells is what
happens, a second run finds nothing to do, and absent leaves the host as it was. What is refused is refused alike in
both, and changes nothing.

With more of them than in passing: NETLOOM_SEQUENCES=300 (see run).
"""

from __future__ import annotations

import contextlib
import os
import typing as t

import hypothesis
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.tests.contract.judge import host_picture, lab_host_only, outcome_of, told
from hypothesis import strategies as st

pytestmark = lab_host_only

SEQUENCES = int(os.environ.get("NETLOOM_SEQUENCES") or 8)
NAME = "sequence"
SPACES = ("red", "green")
Params = dict[str, t.Any]


def maybe(strategy: st.SearchStrategy[t.Any]) -> st.SearchStrategy[t.Any]:
    """A value, or null, which leaves alone."""
    return st.none() | strategy


def options(**strategies: st.SearchStrategy[t.Any]) -> st.SearchStrategy[Params]:
    """Options with values, without those that are null."""
    return st.fixed_dictionaries(strategies).map(
        lambda found: {key: value for key, value in found.items() if value is not None}
    )


def link(number: int) -> Params:
    """What all links take. Each number has addresses of its own."""
    addresses = st.lists(
        st.sampled_from([f"10.{number}.0.1/24", f"10.{number}.0.2/24", f"fd00:{number}::1/64"]), unique=True
    )
    return {
        "addresses": maybe(addresses),
        "mtu": maybe(st.sampled_from([1400, 1500])),
        "up": maybe(st.booleans()),
        "mac": maybe(st.sampled_from([f"02:00:00:00:0{number}:01", f"02:00:00:00:0{number}:02"])),
        "sysctl": maybe(st.fixed_dictionaries({"rp_filter": st.sampled_from(["0", "2"])})),
    }


PLACES = maybe(st.sampled_from(SPACES))
ALIAS = maybe(st.sampled_from(["", "one", "two"]))
END = {"alias": ALIAS, "txqueuelen": maybe(st.sampled_from([500, 1000]))}
NETNS = [
    options(
        name=st.just(name),
        loopback=maybe(st.booleans()),
        sysctl=maybe(st.fixed_dictionaries({"net.ipv4.ip_forward": st.sampled_from([0, 1])})),
    )
    for name in SPACES
]
BRIDGE = options(
    name=st.just("br0"), stp=maybe(st.booleans()), ageing_time=maybe(st.sampled_from([100, 300])), **link(8)
)
MACVLAN = options(
    name=st.just("mv0"),
    kind=st.just("macvlan"),
    parent=st.just("br0"),
    mode=maybe(st.just("bridge")),
    netns=PLACES,
    alias=ALIAS,
)
TAP = options(
    name=st.just("tap0"),
    kind=st.just("tap"),
    netns=PLACES,
    owner=maybe(st.sampled_from(["nobody", "root"])),
    alias=ALIAS,
)
ROUTE = options(
    netns=PLACES,
    destination=st.sampled_from(["192.0.2.0/24", "198.51.100.0/24"]),
    type=st.sampled_from(["blackhole", "unreachable"]),
    metric=maybe(st.just(7)),
)
SWITCH = options(name=st.just("ovs0"), external_ids=maybe(st.just({"of": "test"})), mcast_snooping=maybe(st.booleans()))
TAG = maybe(st.sampled_from([100, 200]))
INTERNAL = options(
    bridge=st.just("ovs0"), name=st.just("i1"), type=st.just("internal"), netns=PLACES, tag=TAG, mac=link(9)["mac"]
)
SYSTEM = options(bridge=st.just("ovs0"), name=st.just("v3"), tag=TAG, trunks=maybe(st.just([1, 2])))


@st.composite
def veth(draw: st.DrawFn, number: int, master: bool) -> Params:
    """A pair whose first end is mostly on the host, and maybe a port of br0."""
    peer = draw(
        options(name=st.sampled_from([f"eth{number}", f"peer{number}"]), netns=PLACES, **link(number + 4), **END)
    )
    pair: Params = draw(options(name=st.just(f"v{number}"), netns=st.none() | PLACES, **link(number), **END))
    if master and "netns" not in pair and draw(st.booleans()):
        pair["master"] = "br0"
    return {**pair, "peer": peer}


@st.composite
def topologies(draw: st.DrawFn) -> Params:
    """A topology whose parts mostly fit together."""
    careless = draw(st.integers(0, 9)) == 0  # one of ten refers to what may not be there
    bridge, switch = draw(maybe(BRIDGE)), draw(maybe(SWITCH))
    pairs = [
        draw(veth(number, number < 3 and (careless or bridge is not None)))
        for number in (1, 2, 3)
        if draw(st.booleans())
    ]
    on_host = [pair["name"] for pair in pairs if "netns" not in pair]
    if bridge is not None and draw(st.booleans()):
        slaves = [pair["name"] for pair in pairs if "master" in pair]
        bridge = {
            **bridge,
            "ports": sorted({*slaves, *(name for name in on_host if name != "v3" and draw(st.booleans()))}),
        }
    interfaces = [TAP, *([MACVLAN] if careless or bridge else [])]
    ports = [
        *([INTERNAL] if careless or switch else []),
        *([SYSTEM] if careless or (switch and "v3" in on_host) else []),
    ]
    return {
        "netns": [draw(space) for space in NETNS],
        "linux_bridge": [bridge] if bridge else [],
        "veth": pairs,
        "netns_interface": [draw(one) for one in interfaces if draw(st.booleans())],
        "netns_route": [draw(ROUTE)] if draw(st.booleans()) else [],
        "ovs_bridge": [switch] if switch else [],
        "ovs_port": [draw(one) for one in ports if draw(st.booleans())],
    }


def refusal_of(params: Params) -> str | None:
    """What a run is refused with."""
    try:
        with contextlib.closing(Host(10)) as host:
            outcome_of(params, host)
    except NetloomError as error:
        return str(error)
    return None


def live(params: Params) -> None:
    """One topology of a sequence."""
    with contextlib.closing(Host(10)) as host:
        try:
            foretold = outcome_of(params, host, check=True)
        except NetloomError as error:
            hypothesis.event("refused")
            before = host_picture()
            assert str(error) in (refusal_of(params) or "")
            assert host_picture() == before
            return
        hypothesis.event(f"{min(len(foretold.steps) // 10 * 10, 40)} steps or more")
        done = outcome_of(params, host)
        assert done.steps == foretold.steps
        assert outcome_of(params, host).steps == []
        assert outcome_of(params, host, check=True).steps == []


_SWITCHED = {"netns": [{"name": "red"}], "ovs_bridge": [{"name": "ovs0"}]}
_INTERNAL = {"bridge": "ovs0", "name": "i1", "type": "internal"}
# The device moves and gets another MAC at once.
MOVED = [
    {**_SWITCHED, "ovs_port": [{**_INTERNAL, "netns": "red"}]},
    {**_SWITCHED, "ovs_port": [{**_INTERNAL, "mac": "02:00:00:00:09:01"}]},
    {**_SWITCHED, "ovs_port": [{**_INTERNAL, "mac": "02:00:00:00:09:02", "netns": "red"}]},
]
_SMALL = {"name": "v2", "mtu": 1400, "master": "br0", "peer": {"name": "eth2"}}
# The bridge has the MTU that it is to have, because of a port that goes, or grows.
FOLLOWS = [
    {"linux_bridge": [{"name": "br0"}], "veth": [_SMALL]},
    {"linux_bridge": [{"name": "br0", "mtu": 1400}]},
    {"linux_bridge": [{"name": "br1"}], "veth": [{**_SMALL, "master": "br1"}]},
    {"linux_bridge": [{"name": "br1", "mtu": 1400}], "veth": [{**_SMALL, "master": "br1", "mtu": 1450}]},
    {"linux_bridge": [{"name": "br1", "mtu": 1400, "ports": []}], "veth": [{**_SMALL, "master": ""}]},
]
# The bridge does not follow its ports, as its MTU was set once; one of the MTU that it is to have comes, and the others
# go.
SET_ONCE = [
    {
        "linux_bridge": [{"name": "br0", "mtu": 1500}],
        "veth": [{"name": "v1", "master": "br0", "peer": {"name": "eth1"}}],
    },
    {"linux_bridge": [{"name": "br0", "mtu": 1400}], "veth": [_SMALL]},
]
# A link that is down keeps its IPv6 addresses when it is renamed.
_DOWN = {"name": "v2", "peer": {"name": "eth2", "up": False, "addresses": ["fd00:6::1/64", "10.6.0.1/24"]}}
RENAMED = [{"veth": [_DOWN]}, {"veth": [{**_DOWN, "peer": {"name": "peer2", "addresses": [], "up": True}}]}]


@hypothesis.settings(
    max_examples=SEQUENCES,
    deadline=None,
    derandomize=SEQUENCES < 100,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
@hypothesis.given(st.lists(topologies(), min_size=3, max_size=3))
@hypothesis.example(sequence=MOVED)
@hypothesis.example(sequence=FOLLOWS)
@hypothesis.example(sequence=SET_ONCE)
@hypothesis.example(sequence=RENAMED)
def test_any_sequence_of_topologies(sequence: list[Params]) -> None:
    told(
        "systemctl start openvswitch-switch; ip link add foreign0 type veth peer name foreign1; ip link set foreign0 up"
    )
    try:
        before = host_picture()
        try:
            for topology in sequence:
                live({"name": NAME, **topology})
        finally:
            with contextlib.closing(Host(10)) as host:
                outcome_of({"name": NAME, "state": "absent"}, host)
        assert host_picture() == before
    finally:
        told("ip link delete foreign0")
