# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random topologies, one after the other under the same name, on a real northbound database with rows of others: what
check mode foretells is what happens, a second run finds nothing to do, and absent leaves the database as it was.

With more of them than in passing: NETLOOM_SEQUENCES=300 (see run).
"""

from __future__ import annotations

import os
import pathlib
import tempfile
import typing as t

import hypothesis
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.tests.contract import northbound, schemas
from ansible_collections.netloom.linux.tests.contract.judge import lab_host_only
from hypothesis import strategies as st

pytestmark = [lab_host_only, northbound.needs_server]
SEQUENCES = int(os.environ.get("NETLOOM_SEQUENCES") or 8)
Params = dict[str, t.Any]


def some(*values: t.Any) -> st.SearchStrategy[t.Any]:
    """One of the values, or null, which leaves alone."""
    return st.sampled_from([None, *values])


def options(**strategies: st.SearchStrategy[t.Any]) -> st.SearchStrategy[Params]:
    """Options with values, without those that are null."""
    return st.fixed_dictionaries(strategies).map(
        lambda found: {key: value for key, value in found.items() if value is not None}
    )


IDS = some({}, {"tenant": "one"}, {"tenant": "two", "more": "x"})
RULES = st.lists(
    st.sampled_from(
        [
            {"direction": "ingress", "action": "allow-related", "protocol": "tcp", "ports": ["80"]},
            {"direction": "ingress", "action": "drop"},
            {"direction": "egress", "action": "drop", "priority": 7, "to": "203.0.113.0/24"},
        ]
    ),
    unique_by=str,
)
SWITCHES = [
    options(
        name=st.just(name),
        subnet=some("", f"10.{number}.0.0/24"),
        mcast_snoop=some(True, False),
        other_config=some({}, {"mcast_querier": "false"}),
        external_ids=IDS,
        dns=some({}, {"a.test": f"10.{number}.0.5"}, {"a.test": f"10.{number}.0.6", "b.test": f"10.{number}.0.7"}),
        acls=st.none() | RULES,
        localnet=some({"network": "phys"}, {"network": "phys", "tag": 7}) if name == "out" else st.none(),
    )
    for number, name in enumerate(("red", "blue", "out"))
]
ANSWERS = {"server_id": "10.0.0.1", "server_mac": "0a:00:00:00:00:01", "lease_time": "3600"}
DHCP = options(name=st.just("red4"), cidr=some("10.0.0.0/24", "10.1.0.0/24"), options=st.just(ANSWERS))
SET = options(name=st.just("office"), addresses=some([], ["192.0.2.1"], ["192.0.2.0/24"]), external_ids=IDS)
GLOBAL = options(options=st.sampled_from([{"bfd-min-rx": "200"}, {"bfd-min-rx": None}, {"northd_probe_interval": "1"}]))


def port(name: str, switch: str, dhcp: bool) -> st.SearchStrategy[Params]:
    """A port that is on this switch."""
    return options(
        switch=st.just(switch),
        name=st.just(name),
        addresses=some([], ["dynamic"], ["0a:00:00:00:00:11 10.0.0.11"]),
        port_security=some([], ["0a:00:00:00:00:11"]),
        enabled=some(True, False),
        chassis=some("", "node1"),
        options=some({}, {"mcast_flood": "true"}),
        external_ids=IDS,
        dhcp_options=some("", "red4") if dhcp else st.none(),
    )


def router(switches: t.Sequence[str]) -> st.SearchStrategy[Params]:
    """A router between these switches."""
    ports = st.lists(
        st.sampled_from(switches).flatmap(
            lambda switch: options(
                name=st.just(f"edge-{switch}"),
                switch=st.just(switch),
                mac=st.sampled_from(["0a:00:00:00:01:01", "0a:00:00:00:01:02"]),
                networks=st.sampled_from([["10.0.0.1/24"], ["10.0.0.1/24", "fd00::1/64"], ["fd00::2/64"]]),
                gateway_chassis=some({}, {"node1": 10}, {"node1": 20, "node2": 10}),
            )
        ),
        unique_by=lambda one: one["name"],
    )
    routes = st.lists(
        st.sampled_from(
            [{"ip_prefix": "0.0.0.0/0", "nexthop": "10.0.0.9"}, {"ip_prefix": "10.9.0.0/16", "nexthop": "10.0.0.8"}]
        ),
        unique_by=str,
    )
    policies = st.lists(st.sampled_from([{"priority": 5, "action": "drop", "from": "10.0.0.0/24"}]), max_size=1)
    return options(
        name=st.just("edge"),
        ports=st.none() | ports if switches else st.none(),
        routes=st.none() | routes,
        policies=st.none() | policies,
        enabled=some(True, False),
        external_ids=IDS,
    )


@st.composite
def topologies(draw: st.DrawFn) -> Params:
    """A topology whose parts mostly fit together."""
    careless = draw(st.integers(0, 9)) == 0  # one of ten refers to what may not be there
    switches = [draw(one) for one in SWITCHES if draw(st.booleans())]
    names = ["red", "out"] if careless else [one["name"] for one in switches]
    dhcp = [draw(DHCP)] if draw(st.booleans()) else []
    dhcp = [one for one in dhcp if "cidr" in one]
    ports = [draw(port(f"p{number}", draw(st.sampled_from(names)), bool(dhcp))) for number in (1, 2, 3) if names]
    ports = [one for one in ports if draw(st.booleans())]
    found: Params = {"ovn_switch": switches, "ovn_dhcp_options": dhcp, "ovn_port": ports}
    found["ovn_router"] = [draw(router(names))] if draw(st.booleans()) else []
    found["ovn_address_set"] = [draw(SET)] if draw(st.booleans()) else []
    found["ovn_global"] = [draw(GLOBAL)] if draw(st.booleans()) else []
    members = st.lists(st.sampled_from([one["name"] for one in ports]), unique=True) if ports else st.just([])
    group = options(name=st.just("web"), ports=st.none() | members, acls=st.none() | RULES, external_ids=IDS)
    found["ovn_port_group"] = [draw(group)] if draw(st.booleans()) else []
    balancer = options(
        name=st.just("front"),
        protocol=some("", "tcp", "udp"),
        vips=some({}, {"10.0.0.100:80": ["10.0.0.11:80"]}),
        switches=st.none() | st.lists(st.sampled_from(names), unique=True) if names else st.none(),
        routers=some([], ["edge"]) if found["ovn_router"] else st.none(),
    )
    found["ovn_load_balancer"] = [draw(balancer)] if draw(st.booleans()) else []
    return found


OTHERS = [
    {
        "op": "insert",
        "table": "Logical_Switch",
        "row": {"name": "theirs", "external_ids": ["map", [["neutron:mtu", "1442"]]]},
    },
    {
        "op": "insert",
        "table": "Logical_Switch",
        "row": {"name": "blue", "other_config": ["map", [["subnet", "10.77.0.0/24"], ["vlan-passthru", "true"]]]},
    },
    {"op": "insert", "table": "Address_Set", "row": {"name": "office", "addresses": ["set", ["192.0.2.77"]]}},
]


def live(server: northbound.Server, params: Params) -> None:
    """One topology of a sequence."""
    before = server.picture()
    try:
        foretold = northbound.apply(server.remote, params, check=True)
    except NetloomError as error:
        hypothesis.event("refused")
        try:
            northbound.apply(server.remote, params)
            raise AssertionError(f"check mode said: {error}")
        except NetloomError as again:
            assert str(error) in str(again)
        assert server.picture() == before
        return
    hypothesis.event(f"{min(len(foretold.steps) // 10 * 10, 40)} steps or more")
    assert server.picture() == before
    done = northbound.apply(server.remote, params)
    assert done.steps == foretold.steps
    assert northbound.apply(server.remote, params).steps == []
    assert northbound.apply(server.remote, params, check=True).steps == []


@hypothesis.settings(
    max_examples=SEQUENCES, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
)
@hypothesis.given(st.lists(topologies(), min_size=1, max_size=4), st.booleans())
def test_a_sequence_of_topologies_on_a_northbound_database(sequence: list[Params], others: bool) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        northbound.serving(pathlib.Path(folder), schemas.schema("23.03")) as server,
    ):
        if others:
            server.transact(*OTHERS)
        before = server.picture()
        for params in sequence:
            live(server, {"name": "sequence", **params})
        northbound.apply(server.remote, {"name": "sequence", "state": "absent"})
        assert server.picture() == before
        assert northbound.apply(server.remote, {"name": "sequence", "state": "absent"}).steps == []
