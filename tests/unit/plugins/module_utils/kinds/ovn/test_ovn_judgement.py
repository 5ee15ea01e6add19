# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is warned of, and what must not be refused (the refusals: tests/unit/messages/northbound.yml)."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._entry import Entry, Outcome
from ansible_collections.netloom.linux.plugins.module_utils._engine._hooks import Hooks
from ansible_collections.netloom.linux.plugins.module_utils._engine._run import run
from ansible_collections.netloom.linux.plugins.module_utils._kinds._registry import KINDS
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.plugins.module_utils._model._northbound import Northbound
from ansible_collections.netloom.linux.tests.unit.fake_northbound import FakeNorthbound, build, run_ovn
from ansible_collections.netloom.linux.tests.unit.whole_northbound import MAC, WHOLE, whole, whole_network

OUT_PORT: dict[str, t.Any] = {"name": "r1-out", "switch": "out", "mac": MAC(1), "networks": ["198.51.100.1/24"]}
WARNED = [
    (
        {"ovn_switch": [{"name": "red"}], "ovn_port": [{"switch": "red", "name": "red1", "addresses": ["dynamic"]}]},
        (
            "ovn_port[0].addresses: 'dynamic' lets OVN choose an address, and switch 'red' has neither subnet nor"
            " ipv6_prefix, of which it could. Declare one of them in netloom.linux.ovn_switch."
        ),
    ),
    (
        {
            "ovn_switch": [{"name": "out"}],
            "ovn_router": [{"name": "r1", "ports": [{**OUT_PORT, "gateway_chassis": {"node2": 1}}]}],
        },
        (
            "ovn_router[0].ports[0].gateway_chassis: switch 'out' has no localnet, so no chassis leads from it to a"
            " physical network. Declare `localnet` in netloom.linux.ovn_switch."
        ),
    ),
    (
        {
            "ovn_switch": [{"name": "out"}],
            "ovn_router": [
                {
                    "name": "r1",
                    "ports": [OUT_PORT],
                    "nat": [{"type": "snat", "external_ip": "198.51.100.1", "logical_ip": "10.0.0.0/8"}],
                }
            ],
        },
        (
            "ovn_router[0].nat: OVN translates on gateways only, and no port of the router has one. Declare"
            " `gateway_chassis` of a port, or options.chassis of the router."
        ),
    ),
    (
        {
            "ovn_switch": [{"name": "red"}],
            "ovn_port": [{"switch": "red", "name": "red1", "addresses": [f"{MAC(5)} 10.50.50.11"]}],
            "ovn_load_balancer": [
                {"name": "lb", "vips": {"10.50.50.100:80": "10.50.50.11:80"}, "health_check": {"interval": 5}}
            ],
        },
        (
            "ovn_load_balancer[0].health_check.sources: lack 10.50.50.11; OVN does not check a backend of which it"
            " knows neither the port nor a free address to ask from."
        ),
    ),
    (
        {
            "ovn_dhcp_options": [
                {"name": "six", "cidr": "fd00::/64", "options": {"server_id": MAC(1), "quite_another_word": "1"}}
            ]
        },
        (
            "ovn_dhcp_options[0].options.quite_another_word: no option of OVN for IPv6 that netloom knows. If the OVN"
            " of the chassis does not know it either, it answers nobody on this network."
        ),
    ),
]


@pytest.mark.parametrize(("params", "says"), WARNED, ids=[says.split(":", maxsplit=1)[0] for _params, says in WARNED])
def test_what_may_be_meant_is_warned_of(params: dict[str, t.Any], says: str) -> None:
    assert run_ovn(FakeNorthbound(), params).warnings == [says]


def alone(host: FakeNorthbound, name: str, params: dict[str, t.Any]) -> Outcome:
    """The check mode of the module of a kind."""
    kind: t.Any = KINDS[name]
    params = {"state": "present", **params}
    return run(Hooks([Entry(kind, kind.normalise(params, ""), params)]), host, check=True, alone=True, wait=0)


@pytest.mark.parametrize(
    ("name", "params", "missing"),
    [
        ("ovn_port", {"switch": "red", "name": "red1"}, "switch: there is no logical switch 'red'."),
        ("ovn_router", {"name": "r1", "ports": [OUT_PORT]}, "ports[0].switch: there is no logical switch 'out'."),
        ("ovn_port_group", {"name": "web", "ports": ["red2"]}, "ports[0]: there is no logical port 'red2'."),
        (
            "ovn_port_group",
            {"name": "web", "acls": [{"direction": "ingress", "priority": 1, "action": "drop", "from": "office"}]},
            "acls[0].from: there is no port group and no address set 'office'.",
        ),
        (
            "ovn_load_balancer",
            {"name": "lb", "switches": ["red"]},
            "switches[0]: there is no logical switch 'red'.",
        ),
    ],
)
def test_check_mode_of_a_module_takes_what_an_earlier_task_may_make(
    name: str, params: dict[str, t.Any], missing: str
) -> None:
    outcome = alone(FakeNorthbound(), name, params)
    assert outcome.steps[0].startswith("create OVN ")
    assert outcome.warnings[0].startswith(missing)
    assert outcome.warnings[0].endswith("Planned as if it were there and empty.")


@pytest.mark.parametrize(
    ("subnet", "says"),
    [
        ("10.50.0.0/16", ""),
        (
            "10.60.0.0/16",
            (
                "ovn_switch[0].subnet: port 'red1': 10.50.50.11 is outside of 10.60.0.0/16, the subnet of switch 'red'."
                " Take an address in it, or change the subnet."
            ),
        ),
    ],
)
def test_a_new_subnet_keeps_the_ports(subnet: str, says: str) -> None:
    host = FakeNorthbound()
    red = host.add("Logical_Switch", name="red", other_config={"subnet": "10.50.50.0/24"})
    host.add("Logical_Switch_Port", (red, "ports"), name="red1", addresses=(f"{MAC(5)} 10.50.50.11",))
    params = {"ovn_switch": [{"name": "red", "subnet": subnet}]}
    if says:
        with pytest.raises(NetloomError) as caught:
            run_ovn(host, params, check=True)
        assert str(caught.value) == says
    else:
        assert build(host, params) == [f"set subnet {subnet} of OVN switch red"]


def test_an_address_of_a_second_network_of_the_router_is_well() -> None:
    """A switch has one subnet for OVN's own choice, and may have more networks."""
    told = whole()
    told["ovn_router"][0]["ports"][0]["networks"].append("10.60.60.1/24")
    told["ovn_port"].append({"switch": "red", "name": "red3", "addresses": [f"{MAC(7)} 10.60.60.5"]})
    assert "create OVN port red3" in build(whole_network(), told)


def test_two_tenants_have_the_same_addresses() -> None:
    port = {"switch": "blue", "name": "blue1", "addresses": [f"{MAC(5)} 10.50.50.11"]}
    told = {"name": "t2", "ovn_switch": [{"name": "blue", "subnet": "10.50.50.0/24"}], "ovn_port": [port]}
    assert len(build(whole_network(), told)) == 2


def test_an_address_that_moves_from_one_port_to_another_is_well() -> None:
    told = whole()
    one, two = (port["addresses"] for port in told["ovn_port"])
    one[0], two[0] = f"{MAC(6)} 10.50.50.13", f"{MAC(5)} 10.50.50.12"
    told["ovn_load_balancer"] = []
    assert len(WHOLE["ovn_port"]) == 2
    build(whole_network(), told)


THEIRS = [
    (
        {"ovn_port": [{"switch": "red", "name": "red1", "addresses": [f"{MAC(5)} 10.50.50.9"]}]},
        "ovn_port[0].addresses: 10.50.50.9 belongs to port 'theirs' on switch 'red', too",
    ),
    (
        {"ovn_port": [{"switch": "red", "name": "red1", "addresses": [f"{MAC(5)} 10.50.50.1"]}]},
        "ovn_port[0].addresses: 10.50.50.1 belongs to port 'r1-red' of router 'r1' on switch 'red', too",
    ),
    (
        {"ovn_port": [{"switch": "red", "name": "r1-red", "addresses": [MAC(5)]}]},
        "ovn_port[0].name: 'r1-red' is a port of router 'r1', and OVN drops one of two ports with one name",
    ),
    (
        {
            "ovn_router": [
                {
                    "name": "r1",
                    "nat": [{"type": "dnat_and_snat", "external_ip": "203.0.113.1", "logical_ip": "10.0.0.1"}],
                }
            ]
        },
        "ovn_router[0].nat[0].external_ip: 203.0.113.1 is in no network of the router's ports (10.50.50.0/24)",
    ),
    (
        {
            "ovn_router": [
                {
                    "name": "r2",
                    "ports": [{**OUT_PORT, "name": "r2-red", "switch": "red", "networks": ["10.50.50.1/24"]}],
                }
            ]
        },
        "ovn_router[0].ports[0].networks: 10.50.50.1 belongs to port 'r1-red' of router 'r1' on switch 'red', too",
    ),
    (
        {
            "ovn_load_balancer": [
                {"name": "lb", "vips": {"10.50.50.9:80": "10.50.50.10:80"}, "protocol": "tcp", "switches": ["red"]}
            ]
        },
        "ovn_load_balancer[0].vips.10.50.50.9:80: 10.50.50.9 is an address of port 'theirs'",
    ),
]


@pytest.mark.parametrize(("params", "says"), THEIRS, ids=[says.split(" ")[0] + says[-9:] for _params, says in THEIRS])
def test_what_other_programs_have_counts(params: dict[str, t.Any], says: str) -> None:
    host = FakeNorthbound()
    red = host.add("Logical_Switch", name="red", other_config={"subnet": "10.50.50.0/24"})
    host.add("Logical_Switch_Port", (red, "ports"), name="theirs", addresses=(f"{MAC(9).upper()} 10.50.50.9",))
    r1 = host.add("Logical_Router", name="r1")
    host.add("Logical_Router_Port", (r1, "ports"), name="r1-red", mac=MAC(2), networks=("10.50.50.1/24",))
    way = {"type": "router", "addresses": ("router",), "options": {"router-port": "r1-red"}}
    host.add("Logical_Switch_Port", (red, "ports"), name="way", **way)
    with pytest.raises(NetloomError) as caught:
        run_ovn(host, params, check=True)
    assert str(caught.value).startswith(says)


def test_two_odd_ports_of_others_are_nobodys_fault() -> None:
    """What is odd already, and what the declaration does not speak of, does not stop a run."""
    host = FakeNorthbound()
    red = host.add("Logical_Switch", name="red")
    for name in ("one", "two"):
        host.add("Logical_Switch_Port", (red, "ports"), name=name, addresses=(f"{MAC(5)} 10.50.50.9",))
    assert build(host, {"ovn_port": [{"switch": "red", "name": "one", "enabled": False}]})


@pytest.mark.parametrize(("address", "told"), [("unix:/run/ovn/ovnnb_db.sock", True), ("tcp:192.0.2.1:6641", False)])
def test_a_database_that_is_not_here_is_told_with_what_to_do(address: str, told: bool) -> None:
    host = FakeNorthbound()
    host.nb = Northbound(address, unreachable=f"Cannot reach the OVSDB at {address}: No such file or directory.")
    with pytest.raises(NetloomError) as caught:
        run_ovn(host, {"ovn_switch": [{"name": "red"}]}, check=True)
    assert ("run the task as root on a host that has it, or give its ovn_nb" in str(caught.value)) == told
