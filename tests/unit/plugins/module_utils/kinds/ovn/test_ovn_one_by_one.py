# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an object may not become, because of others that are there already and that nobody declares again."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._hooks import Hooks
from ansible_collections.netloom.linux.plugins.module_utils._engine._reading import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._engine._run import run
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.plugins.module_utils._model._northbound import Place
from ansible_collections.netloom.linux.tests.unit.fake_northbound import FakeNorthbound, build, run_ovn
from ansible_collections.netloom.linux.tests.unit.whole_northbound import MAC

OUT: dict[str, t.Any] = {
    "name": "r2-out",
    "switch": "out",
    "mac": MAC(8),
    "networks": ["198.51.100.10/24"],
    "gateway_chassis": {"node2": 1},
}
NETWORK: dict[str, t.Any] = {
    "ovn_address_set": [{"name": "office", "addresses": ["192.0.2.0/24"]}, {"name": "later"}],
    "ovn_switch": [{"name": "red", "subnet": "10.50.50.0/24"}, {"name": "out", "localnet": {"network": "phys"}}],
    "ovn_router": [
        {
            "name": "r1",
            "ports": [{"name": "r1-red", "switch": "red", "mac": MAC(1), "networks": ["10.50.50.1/24"]}],
            "policies": [{"priority": 1, "action": "drop", "from": "later"}],
        },
        {
            "name": "r2",
            "ports": [OUT],
            "routes": [{"ip_prefix": "0.0.0.0/0", "nexthop": "198.51.100.1"}],
            "nat": [{"type": "dnat_and_snat", "external_ip": "198.51.100.50", "logical_ip": "10.50.50.11"}],
        },
    ],
    "ovn_port": [
        {"switch": "red", "name": "red1", "addresses": [f"{MAC(5)} 10.50.50.11"]},
        {"switch": "red", "name": "behind", "addresses": [MAC(6)], "parent": "red1", "tag": 5},
    ],
    "ovn_port_group": [
        {"name": "db", "ports": ["red1"]},
        {"name": "web", "acls": [{"direction": "ingress", "action": "allow", "from": "office"}]},
        {"name": "app", "acls": [{"direction": "ingress", "action": "allow", "from": "db"}]},
    ],
    "ovn_load_balancer": [
        {"name": "lb", "protocol": "tcp", "vips": {"10.50.50.100:80": "10.50.50.11:80"}, "switches": ["red"]}
    ],
}
REFUSED = [
    (
        "a port with a vip",
        {"ovn_port": [{"switch": "red", "name": "red2", "addresses": [f"{MAC(7)} 10.50.50.100"]}]},
        (
            "ovn_port[0].addresses: 10.50.50.100 is a vip of load balancer 'lb', which would take the traffic from the"
            " port. Take another one."
        ),
    ),
    (
        "a tag behind one parent",
        {"ovn_port": [{"switch": "red", "name": "red2", "addresses": [MAC(7)], "parent": "red1", "tag": 5}]},
        (
            "ovn_port[0].tag: 5 is that of port 'behind' behind 'red1', too, and OVN would give its packets to one of"
            " the two. Take another one."
        ),
    ),
    (
        "a parent behind a parent",
        {"ovn_port": [{"switch": "red", "name": "red2", "addresses": [MAC(7)], "parent": "behind", "tag": 6}]},
        (
            "ovn_port[0].parent: 'behind' is itself behind port 'red1', and OVN knows one tag of a packet. Give that"
            " one."
        ),
    ),
    (
        "a second way to a router",
        {
            "ovn_port": [
                {
                    "switch": "red",
                    "name": "red2",
                    "type": "router",
                    "addresses": ["router"],
                    "options": {"router-port": "r1-red"},
                }
            ]
        },
        (
            "ovn_port[0].options.router-port: port 'red-r1-red' leads to 'r1-red', too, and OVN knows one way to it."
            " Declare the port of the router in netloom.linux.ovn_router, which makes both ends."
        ),
    ),
    (
        "a set that becomes one of IPv6",
        {"ovn_address_set": [{"name": "office", "addresses": ["2001:db8::/32"]}]},
        (
            "ovn_address_set[0].addresses: are of IPv6, and a rule compares the set with IPv4 (outport == @web &&"
            " ip4.src == $office); OVN would leave the rule out. Declare both in one ovn_topology, or take another set."
        ),
    ),
    (
        "an empty set that becomes one of IPv6",
        {"ovn_address_set": [{"name": "later", "addresses": ["2001:db8::/32"]}]},
        (
            "ovn_address_set[0].addresses: are of IPv6, and a policy compares the set with IPv4 (((ip4.src == $later)"
            " || (ip6.src == $later))); OVN would leave the policy out. Declare both in one ovn_topology, or take"
            " another set."
        ),
    ),
    (
        "a new network that leaves a translation behind",
        {"ovn_router": [{"name": "r2", "ports": [{**OUT, "networks": ["203.0.113.10/24"]}], "routes": []}]},
        (
            "ovn_router[0].ports: with them 198.51.100.50 (a translation that is there already) is in no network of the"
            " router any more (203.0.113.0/24). Declare `nat`, too."
        ),
    ),
    (
        "a new network that leaves a route behind",
        {"ovn_router": [{"name": "r2", "ports": [{**OUT, "networks": ["203.0.113.10/24"]}], "nat": []}]},
        (
            "ovn_router[0].ports: with them 198.51.100.1 (the next hop of a route that is there already) is in no"
            " network of the router any more (203.0.113.0/24). Declare `routes`, too."
        ),
    ),
    (
        "a subnet that leaves the router outside",
        {
            "ovn_port": [{"switch": "red", "name": name, "state": "absent"} for name in ("red1", "behind")],
            "ovn_switch": [{"name": "red", "subnet": "10.60.60.0/24"}],
        },
        (
            "ovn_switch[0].subnet: port 'r1-red' of the router: 10.50.50.0/24 is outside of 10.60.60.0/24, the subnet"
            " of switch 'red'. Take an address in it, or change the subnet."
        ),
    ),
]


@pytest.mark.parametrize(("params", "says"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_what_is_there_counts_in_a_run_of_its_own(params: dict[str, t.Any], says: str) -> None:
    host = FakeNorthbound()
    build(host, {"name": "t1", **NETWORK})
    before = host.contents()
    for check in (True, False):
        with pytest.raises(NetloomError) as caught:
            run_ovn(host, {"name": "t2", **params}, check)
        assert str(caught.value) == says
    assert host.contents() == before


def test_a_way_to_a_port_that_is_to_come_is_warned_of() -> None:
    way = {"type": "router", "addresses": ["router"], "options": {"router-port": "r2-red"}}
    told = {"ovn_switch": [{"name": "red"}], "ovn_port": [{"switch": "red", "name": "red2", **way}]}
    assert run_ovn(FakeNorthbound(), told).warnings == [
        "ovn_port[0].options.router-port: no router has a port 'r2-red', so the port leads nowhere until one has."
    ]


def test_a_set_goes_with_the_last_rule_that_names_it() -> None:
    host = FakeNorthbound()
    build(host, NETWORK)
    told = {**NETWORK, "ovn_address_set": [{"name": "later"}]}
    told["ovn_port_group"] = [{**one, "acls": []} for one in NETWORK["ovn_port_group"]]
    assert "delete OVN address set office" in build(host, told)


def test_a_topology_goes_whole() -> None:
    host = FakeNorthbound()
    build(host, NETWORK)
    run_ovn(host, {"state": "absent"})
    assert not host.nb.rows("Address_Set")
    assert not host.nb.rows("Port_Group")


@pytest.mark.parametrize("topology", ["t1", "t2", None])
@pytest.mark.parametrize(
    ("kind", "entry", "words", "user"),
    [
        ("ovn_address_set", {"name": "office"}, "OVN address set office", "acls of ovn_port_group web"),
        ("ovn_port_group", {"name": "db"}, "OVN port group db", "acls of ovn_port_group app"),
        ("ovn_port", {"switch": "red", "name": "red1"}, "OVN port red1", "parent of ovn_port behind"),
    ],
)
def test_who_deletes_what_others_use_is_told(
    kind: str, entry: dict[str, t.Any], words: str, user: str, topology: str | None
) -> None:
    """In one sentence: in a topology of its own, in that which made it, and by its module."""
    host = FakeNorthbound()
    build(host, NETWORK)
    gone = {**entry, "state": "absent"}
    if topology is None:
        hooks = Hooks([EntryReader().read(kind, gone, "")])
        outcome = run(hooks, host, check=False, alone=True, wait=0)
    else:
        outcome = run_ovn(host, {"name": topology, kind: [gone], "purge": False})
    (told,) = outcome.warnings
    assert told == (
        f"{words} goes, as declared, though others use it: {user}. Without it these mean something else, or nothing:"
        " change or delete them, too."
    )
    assert [sentence for sentence in outcome.steps if sentence.startswith(f"delete {words}")]


@pytest.mark.parametrize("order", [1, -1])
def test_routers_exchange_their_ports(order: int) -> None:
    """In whichever order they stand."""
    host = FakeNorthbound()
    build(host, NETWORK)
    inner, outer = NETWORK["ovn_router"][0]["ports"], NETWORK["ovn_router"][1]["ports"]
    routers = [{"name": "r1", "ports": outer}, {"name": "r2", "ports": inner, "routes": [], "nat": []}]
    steps = build(host, {**NETWORK, "ovn_router": routers[::order]})
    assert {"delete port r1-red of OVN router r1", "add port r1-red (10.50.50.1/24) to OVN router r2"} <= {*steps}


@pytest.mark.parametrize(
    ("table", "columns", "option"),
    [("NAT", {"gateway_port": "r2-out"}, "nat"), ("Logical_Router_Static_Route", {"output_port": "r2-out"}, "routes")],
)
def test_a_port_that_a_row_of_the_router_names_stays(table: str, columns: dict[str, str], option: str) -> None:
    host = FakeNorthbound()
    build(host, NETWORK)
    (key,) = host.nb.rows(table)
    (port,) = host.nb.named("Logical_Router_Port", "r2-out")
    values = {name: port.id if name == "gateway_port" else value for name, value in columns.items()}
    host.nb.put(Place(table, key), values)
    other = {**OUT, "name": "r2-other"}
    declared: dict[str, t.Any] = {"name": "t2", "ovn_router": [{"name": "r2", "ports": [other]}]}
    with pytest.raises(NetloomError) as told:
        run_ovn(host, declared)
    assert str(told.value) == (
        f"ovn_router[0].ports: lack 'r2-out', which is {next(iter(columns))} in `{option}` that are there already."
        f" Declare `{option}`, too."
    )
    declared["ovn_router"][0][option] = NETWORK["ovn_router"][1][option]
    assert run_ovn(host, declared).steps
