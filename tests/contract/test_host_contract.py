# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real host does what the ops foretell, so that the fake of the unit tests cannot drift; and undo holds on it.

Runs as root inside a lab host only: ``tests/run contract``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import os
import random
import signal
import time
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed, Journal, batches
from ansible_collections.netloom.linux.plugins.module_utils._engine._entry import scope_of
from ansible_collections.netloom.linux.plugins.module_utils._engine._planning import plan
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import manifest_of
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb
from ansible_collections.netloom.linux.plugins.module_utils._model._daemon_ops import DaemonStart, dnsmasq_file
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError
from ansible_collections.netloom.linux.plugins.module_utils._model._link_ops import LinkAdd, LinkDelete, LinkSet
from ansible_collections.netloom.linux.plugins.module_utils._model._move_ops import LinkMove
from ansible_collections.netloom.linux.plugins.module_utils._model._netns_ops import (
    NetnsAttach,
    NetnsCreate,
    NetnsDelete,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import Op
from ansible_collections.netloom.linux.plugins.module_utils._model._plan import Step
from ansible_collections.netloom.linux.plugins.module_utils._model._rule import Rule
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Scope
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Daemon, Link, Snapshot
from ansible_collections.netloom.linux.plugins.module_utils._model._stack_ops import RuleAdd, RuleDelete
from ansible_collections.netloom.linux.tests.contract.judge import (
    Refusing,
    carry_out,
    every,
    host_picture,
    lab_host_only,
    told,
)

pytestmark = lab_host_only

KILLS = int(os.environ.get("NETLOOM_KILLS") or 3)
# On a guest, which is slow, every third batch: what its kernel has of its own are links and a datapath, not the undo.
STRIDE = every(3 if _ovsdb.system_datapath() else 1)
PORT_FLAGS = {
    "red-br": {"isolated": True, "hairpin": True, "priority": 7},
    "green-br": {"neigh_suppress": True, "learning": False, "cost": 700},
    "vx0": {"neigh_suppress": True, "learning": False},
}
VXLAN = {
    "name": "vx0",
    "kind": "vxlan",
    "id": 77,
    "local": "192.0.2.1",
    "learning": False,
    "ttl": 9,
    "remotes": ["192.0.2.2", "192.0.2.3"],
    "fdb": [
        {"mac": "02:00:00:00:00:99", "remote": "192.0.2.2"},
        {"mac": "02:00:00:00:00:98", "remote": "192.0.2.3", "port": 4790, "vni": 78},
    ],
}
NEIGHBOURS = [
    {"address": "10.1.0.9", "mac": "02:00:00:00:00:99"},
    {"address": "fd00::9", "mac": "02:00:00:00:00:99"},
    {"address": "10.1.0.8", "proxy": True},
]
RULES = [
    {"priority": 100, "from": "10.1.0.0/24", "table": "100"},
    {"priority": 101, "match": "oif", "family": "ipv6", "action": "prohibit"},
]
WHOLE: dict[str, t.Any] = {
    "name": "whole",
    "netns": [
        {"name": "red", "etc_files": {"hosts": "10.0.0.2 green\n"}},
        {"name": "green", "sysctl": {"net.ipv4.ip_forward": 1}},
        {"name": "dhcp"},
    ],
    "linux_bridge": [
        {
            "name": "br0",
            "addresses": ["10.0.0.254/24"],
            "ports": ["red-br", "green-br", "vx0"],
            "stp": False,
            "ageing_time": 100,
            "port_flags": PORT_FLAGS,
            "fdb": [{"mac": "02:00:00:00:00:99", "port": "vx0"}, {"mac": "02:00:00:00:00:98", "port": "red-br"}],
            "neighbours": [{"address": "10.0.0.9", "mac": "02:00:00:00:00:99"}],
        }
    ],
    "veth": [
        {
            "name": "red-br",
            "master": "br0",
            "peer": {"name": "eth0", "netns": "red", "addresses": ["10.0.0.1/24"], "sysctl": {"rp_filter": 0}},
        },
        {
            "name": "green-br",
            "master": "br0",
            "alias": "to green",
            "peer": {"name": "eth0", "netns": "green", "addresses": ["10.0.0.2/24"], "mtu": 1400},
        },
        {
            "name": "red-ovs",
            "peer": {"name": "eth1", "netns": "red", "mac": "02:00:00:00:00:01", "addresses": ["10.1.0.1/24"]},
        },
    ],
    "netns_interface": [
        {
            "name": "tap0",
            "netns": "red",
            "kind": "tap",
            "owner": "nobody",
            "neighbours": NEIGHBOURS,
            "rules": [{"priority": 102, "table": "main"}],
        },
        {"name": "eth1", "netns": "red", "neighbours": NEIGHBOURS, "rules": RULES},
        {"name": "mv0", "netns": "green", "kind": "macvlan", "parent": "br0", "mode": "bridge"},
        VXLAN,
    ],
    "ovs_bridge": [{"name": "ovs0", "external_ids": {"of": "test"}}],
    "ovs_port": [
        {"bridge": "ovs0", "name": "red-ovs", "tag": 100},
        {
            "bridge": "ovs0",
            "name": "tap-d",
            "type": "internal",
            "netns": "dhcp",
            "tag": 100,
            "addresses": ["10.1.0.2/24"],
        },
    ],
    "netns_route": [
        {"netns": "red", "destination": "default", "gateway": "10.0.0.254"},
        {"netns": "green", "destination": "192.0.2.0/24", "type": "blackhole"},
        {
            "netns": "green",
            "destination": "198.51.100.0/24",
            "nexthops": [{"gateway": "10.0.0.1"}, {"gateway": "10.0.0.254", "weight": 2}],
        },
    ],
    "netns_nat": [
        {
            "name": "lan",
            "ip_forward": True,
            "hairpin": True,
            "masquerade": [{"source": "10.0.0.0/24"}, {"source": "fd00::/64", "out_interface": "wan"}],
            "source_nat": [{"source": "10.0.0.2", "to": "192.0.2.2"}, {"out_interface": "wan", "to": "2001:db8::2"}],
            "publish": [
                {"port": 8080, "to_address": "10.0.0.1", "to_port": 80},
                {"protocol": "udp", "address": "2001:db8::2", "port": 53, "to_address": "fd00::1"},
                {"port": 8081, "to_address": "10.0.0.1", "localhost": True},
                {"protocol": "all", "address": "192.0.2.8", "to_address": "10.0.0.3"},
            ],
            "floating": [
                {"address": "192.0.2.9", "to_address": "10.0.0.2"},
                {"address": "2001:db8::9", "to_address": "fd00::2"},
            ],
            "forward": [
                {"from": "10.0.0.0/24", "to": "wan"},
                {"from": "::/0", "to": "br0", "allow": False},
                {"to": "10.9.0.0/16", "allow": False},
            ],
        },
        {
            "name": "only",
            "netns": "green",
            "masquerade": [{"out_interface": "eth0"}, {"out_interface": "e*"}],
            "forward": [{"from": 'q"x', "allow": False}],
        },
    ],
    "dnsmasq_in_ns": [
        {
            "name": "dhcp",
            "netns": "dhcp",
            "interfaces": ["tap-d"],
            "ranges": [{"start": "10.1.0.10", "end": "10.1.0.20"}],
        }
    ],
}
# With a client, whose lease takes its time: only where it is asked for once.
ALL: dict[str, t.Any] = {
    **WHOLE,
    "netns": [*WHOLE["netns"], {"name": "lodger"}],
    "veth": [*WHOLE["veth"], {"name": "lodger-ovs", "peer": {"name": "eth0", "netns": "lodger"}}],
    "ovs_port": [*WHOLE["ovs_port"], {"bridge": "ovs0", "name": "lodger-ovs", "tag": 100}],
    "netns_dhcp_client": [{"netns": "lodger", "interface": "eth0"}],
}


def named(name: str) -> dict[str, t.Any]:
    """A further name of an internal port's device, and another name where the datapath lets it have one."""
    return {"altnames": [f"alternative-{name}"], **({} if _ovsdb.system_datapath() else {"rename": name})}


# Each two have exchanged their names, or their places.
CROSSED: dict[bool, dict[str, t.Any]] = {
    crossed: {
        "name": "whole",
        "netns": [{"name": "red"}],
        "veth": [
            {"name": "v1", "peer": {"name": names[0], "netns": "red", "addresses": ["10.0.1.1/24", "fd00:1::1/64"]}},
            {
                "name": "v2",
                "altnames": [f"far-from-{names[0]}"],
                "peer": {"name": names[1], "netns": "red", "addresses": ["10.0.2.1/24"]},
            },
        ],
        "netns_interface": [
            {"name": "m1", "netns": "red", "source": {"name": places[0]}, "addresses": ["10.0.3.1/24"]},
            {"name": "m2", "netns": "red", "source": {"name": places[1]}},
        ],
        "ovs_bridge": [{"name": "ovs0"}],
        "ovs_port": [
            {
                "bridge": "ovs0",
                "name": "p1",
                "type": "internal",
                "netns": "red",
                **named(ports[0]),
                "addresses": ["10.0.4.1/24"],
            },
            {"bridge": "ovs0", "name": "p2", "type": "internal", "netns": "red", **named(ports[1])},
        ],
    }
    for crossed, names, places, ports in (
        (False, ("e1", "e2"), ("hand1", "hand2"), ("i1", "i2")),
        (True, ("e2", "e1"), ("hand2", "hand1"), ("i2", "i1")),
    )
}


def essence(snapshot: Snapshot, planned: Snapshot) -> t.Any:
    """What the foretelling speaks of: declared facts, no numbers that the kernel chooses."""
    spaces = {}
    for key, ns in planned.namespaces.items():
        real = snapshot.namespaces[key]
        names = sorted(ns.links) if snapshot is planned else sorted(real.links)
        links = {}
        for name in names:
            if name in ("ovs-netdev", "ovs-system"):
                continue  # ovs-vswitchd's own device for a datapath comes and goes with the bridges
            link, foretold = real.links[name], ns.links.get(name)
            known = {
                field.name: getattr(link, field.name)
                for field in dataclasses.fields(link)
                if field.name
                in (
                    "kind",
                    "mac",
                    "mtu",
                    "up",
                    "master",
                    "alias",
                    "altnames",
                    "txqueuelen",
                    "tx_checksum",
                    "gro",
                    "peer",
                )
                and foretold is not None
                and getattr(foretold, field.name) is not None
            }
            data = {
                option: link.data.get(option)
                for option in (foretold.data if foretold else {})
                if option != "parent_on_host"
            }
            data.update({flag: link.port.get(flag) for flag in (foretold.port if foretold else {})})
            links[name] = (
                known,
                data,
                sorted(address.cidr for address in link.addresses if address.declared and name != "lo"),
            )
        routes = sorted(
            (route.slot, route.type, route.gateway, len(route.nexthops))
            for route in real.routes
            if route.protocol == "static"
        )
        tables = real.nft.tables if real.nft is not None else {}
        written = [sorted(map(str, ns.neighbours)), sorted(map(str, ns.rules))]
        spaces[key] = (links, (routes, tables, written))
    ovs = {
        target: (
            sorted(found.bridges),
            sorted((port.name, port.bridge, port.type, port.tag) for port in found.ports.values()),
        )
        for target, found in snapshot.ovs.items()
    }
    daemons = {key: (daemon.alive, daemon.files) for key, daemon in snapshot.daemons.items()}
    files = {path for path, content in snapshot.files.items() if content is not None}
    return spaces, ovs, daemons, files


@pytest.fixture(autouse=True)
def _clean() -> t.Iterator[None]:
    told("systemctl start openvswitch-switch")
    yield
    with contextlib.closing(Host(10)) as host:
        carry_out({"name": "whole", "state": "absent"}, host)
    assert not os.path.exists("/run/netloom"), told("find /run/netloom")


def test_each_op_has_the_effect_that_it_foretells() -> None:
    """After every batch, reading the real host gives what the ops' effects gave."""
    manifest = manifest_of({"state": "present", **WHOLE})
    with contextlib.closing(Host(10)) as host:
        scope: Scope = scope_of(manifest.open(host))
        manifest.scope(scope)
        before = host.read(scope)
        foretold = before.clone()
        planner = plan(manifest.choose(before), before, assume=False)
        manifest.extend(planner, before)
        for batch in batches(planner.steps):
            host.do([step.op for step in batch])
            for step in batch:
                step.op.effect(foretold)
            real, expected = essence(host.read(scope), foretold), essence(foretold, foretold)
            for space, (links, routes) in real[0].items():
                for name, link in links.items():
                    assert link == expected[0][space][0].get(name), f"{name} in {space}, after: {batch[-1].sentence}"
                assert (sorted(links), routes) == (
                    sorted(expected[0][space][0]),
                    expected[0][space][1],
                ), f"{space}, after: {batch[-1].sentence}"
            assert real[1:] == expected[1:], batch[-1].sentence


def test_the_whole_life_of_a_topology() -> None:
    before = host_picture()
    with contextlib.closing(Host(10)) as host:
        assert len(carry_out(ALL, host)) > 40
        assert carry_out(ALL, host) == []
        carry_out({"name": "whole", "state": "absent"}, host)
        assert carry_out({**WHOLE, "state": "absent"}, host) == []
    assert host_picture() == before


def fail_at_each_batch(params: dict[str, t.Any], stride: int = STRIDE) -> int:
    """Refuse one batch of a run after the other, until none is left: the host is each time as it was."""
    number = 0
    before = host_picture()
    while True:
        with contextlib.closing(Refusing(10)) as refusing:
            refusing.number = number
            try:
                carry_out(params, refusing)
                return number
            except Failed as error:
                assert "refused by the test" in str(error), str(error)
                assert error.remains == [], str(error)
        assert host_picture() == before, f"after a failure at batch {number}"
        number += stride


def test_a_failure_at_any_batch_leaves_the_host_as_it_was() -> None:
    assert fail_at_each_batch(ALL) > 40


def test_a_failure_at_any_batch_of_absent_leaves_the_host_as_it_was() -> None:
    with contextlib.closing(Host(10)) as host:
        carry_out(WHOLE, host)
    assert fail_at_each_batch({**WHOLE, "state": "absent"}) > 15


def test_what_exchanges_its_names_is_the_same_and_so_it_is_after_a_failure() -> None:
    told(
        "ip link add hand1 type veth peer name hand2; ip link set hand1 mtu 1400 up; ip address add 192.0.2.1/24 dev"
        " hand1"
    )
    try:
        before = host_picture()
        with contextlib.closing(Host(10)) as host:
            carry_out(CROSSED[False], host)
            macs = link_names()
            assert fail_at_each_batch(CROSSED[True], stride=every(3)) > 20
            crossed = {"e1": "e2", "e2": "e1", "m1": "m2", "m2": "m1", "i1": "i2", "i2": "i1"}
            assert link_names() == {mac: crossed.get(name, name) for mac, name in macs.items()}
            assert carry_out(CROSSED[True], host) == []
            carry_out({"name": "whole"}, host)
        assert host_picture() == before
    finally:
        told("ip link delete hand1")


@pytest.mark.parametrize("wish", [{"mtu": 1400}, {"mtu": 1300}, {}])
@pytest.mark.parametrize("was_set", [True, False])
def test_a_bridge_has_its_mtu_after_a_failure_whether_it_followed_its_ports_or_not(
    wish: dict[str, t.Any], was_set: bool
) -> None:
    def of(mtu: int, bridge: dict[str, t.Any], number: int) -> dict[str, t.Any]:
        cable = {"name": f"whole-v{number}", "mtu": mtu, "master": "whole-br", "peer": {"name": "eth1", "mtu": mtu}}
        return {"name": "whole", "linux_bridge": [{"name": "whole-br", **bridge}], "veth": [cable]}

    before = host_picture()
    with contextlib.closing(Host(10)) as host:
        carry_out(of(1450, {"mtu": 1450} if was_set else {}, 1), host)
        assert json.loads(told("ip -j link show whole-br"))[0]["mtu"] == 1450
        assert fail_at_each_batch(of(1400, wish, 2)) > 2
        carry_out(of(1400, wish, 2), host)
        carry_out({"name": "whole", "state": "absent"}, host)
    assert host_picture() == before


def link_names() -> dict[str, str]:
    """The links of the namespace red: MAC address -> name."""
    return {link["address"]: link["ifname"] for link in json.loads(told("ip -n red -j link show"))}


def test_after_a_kill_at_any_moment_the_next_run_converges() -> None:
    told(
        "ip netns add foreign; ip link add foreign0 type veth peer name eth0 netns foreign; ip link add foreignbr type"
        " bridge; ovs-vsctl add-br foreignovs"
    )
    try:
        before = host_picture()
        begin = time.monotonic()
        with contextlib.closing(Host(10)) as host:
            carry_out(WHOLE, host)
            lasts = time.monotonic() - begin
            built = but_for_made_links(host_picture())
            carry_out({"name": "whole", "state": "absent"}, host)
        chance = random.Random(KILLS)
        for _number in range(KILLS):
            moment = chance.uniform(0, lasts)
            killed_after(moment, WHOLE)
            with contextlib.closing(Host(10)) as host:
                carry_out(WHOLE, host)
                assert carry_out(WHOLE, host) == [], f"after a kill at {moment}"
                assert but_for_made_links(host_picture()) == built, f"after a kill at {moment}"
                killed_after(moment, {"name": "whole", "state": "absent"})
                carry_out({"name": "whole", "state": "absent"}, host)
            assert host_picture() == before, f"after a kill at {moment}, and absent"
    finally:
        told("ip netns delete foreign; ip link delete foreignbr; ovs-vsctl del-br foreignovs")


def but_for_made_links(picture: t.Any) -> t.Any:
    """A link that is made is recorded after that: its ifindex is not known before. What the topology's record says is
    enough.
    """
    *others, files, daemons = picture
    return [*others, [file for file in files.split() if not file.startswith("/run/netloom/moved/")], daemons]


def killed_after(moment: float, params: dict[str, t.Any]) -> None:
    """A run in a process of its own, which is killed."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            carry_out(params, Host(10))
        os._exit(0)
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_a_policy_rule_comes_and_goes_alone() -> None:
    """To the kernel one with more selectors is the same, and stands in the way of a new one as well."""
    told("ip netns add rules")
    rule = Rule("eth0", "iif", 100, table=7)
    try:
        for more in ("from 10.0.0.0/24", "ipproto tcp dport 80", "not from 10.0.0.0/8", "uidrange 0-5", "fwmark 1"):
            told(f"ip -n rules rule add priority 100 iif eth0 {more} lookup 7 proto static")
        before = sorted(told("ip -n rules -d rule").splitlines())
        with contextlib.closing(Host(10)) as host:
            host.do([RuleAdd("rules", rule)])
            assert len(told("ip -n rules -d rule").splitlines()) == len(before) + 1
            host.do([RuleDelete("rules", rule)])
            assert sorted(told("ip -n rules -d rule").splitlines()) == before
            with pytest.raises(HostError, match="no such rule"):
                host.do([RuleDelete("rules", rule)])
        assert sorted(told("ip -n rules -d rule").splitlines()) == before
    finally:
        told("ip netns delete rules")


def test_links_go_together_all_or_none_and_nobody_elses() -> None:
    groups = "ip -d -o link show | sed -E 's/^[0-9]+: ([^:@]+).* group ([^ ]+) .*/\\1 \\2/' | sort"
    with contextlib.closing(Host(10)) as host:
        for name in ("go1", "go2", "stays"):
            host.do([LinkAdd(None, Link(name, "veth"), (None, Link(f"{name}p", "veth")))])
        try:
            told("ip link set go1 group 7")
            before = told(groups)
            with pytest.raises(
                HostError, match=r"Cannot delete link go1; delete link lo: this kernel does not support it"
            ):
                host.do([LinkDelete(None, "go1"), LinkDelete(None, "lo")])
            assert told(groups) == before
            host.do([LinkDelete(None, "go1"), LinkDelete(None, "go2")])
            left = [line for line in before.splitlines() if not line.startswith("go")]
            assert told(groups).splitlines() == left
        finally:
            for name in told("ip -br link show | grep -oE '^(go1|go2|stays)\\b' || true").split():
                told(f"ip link delete {name}")


# What the host refuses only after a part of it is done.
HALVES: dict[str, Op] = {
    "an alias that is too long": LinkAdd(None, Link("half1", "bridge", alias="x" * 300)),
    "a master that is gone": LinkAdd(None, Link("half1", "veth"), (None, Link("half2", "veth", master="gone"))),
    "a tap's MTU": LinkAdd(None, Link("half1", "tun", mtu=10**6, data={"mode": "tap"})),
    "an MTU after a MAC": LinkSet(None, "half0", {"mac": "02:00:00:00:00:77", "mtu": 10**6}),
    "an MTU after data": LinkSet(None, "halfbr", {"data": {"ageing_time": 100}, "mtu": 10**6}),
    "a name that is taken": LinkMove(None, "half0", None, "halfbr"),
    "a namespace that cannot be bound": NetnsAttach("half", "/proc/1/ns/net", _namespaces.inode_of("/proc/1/ns/net")),
    "a configuration that dnsmasq refuses": DaemonStart(
        Daemon("dnsmasq", "half", "half", files={dnsmasq_file("half", "dnsmasq.conf"): "nonsense\n"})
    ),
}


def refusing_once(real: t.Callable[..., None]) -> t.Callable[..., None]:
    """A function that does nothing but fail at its first call."""
    calls = itertools.count()

    def refuse(*arguments: t.Any) -> None:
        if next(calls) == 0:
            raise HostError("refused by the test")
        real(*arguments)

    return refuse


@pytest.mark.parametrize("what", HALVES)
def test_what_fails_half_way_is_taken_back(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = LinkAdd(None, Link("half0", "veth", up=True), (None, Link("half9", "veth")))
    with contextlib.closing(Host(10)) as host:
        for op in (NetnsCreate("half"), LinkAdd(None, Link("halfbr", "bridge")), pair):
            host.do([op])
        try:
            before, inode = host_picture(), _namespaces.inode_of("/run/netns/half")
            names_and_macs = "ip -br link show | awk '{print $1, $3}'"
            links = told(names_and_macs)
            if what == "a namespace that cannot be bound":
                monkeypatch.setattr(_namespaces, "bind", refusing_once(_namespaces.bind))
            snapshot = host.read(Scope(namespaces={None, "half"}))
            journal = Journal(host, host.expect(snapshot))
            with pytest.raises(HostError) as caught:
                journal.apply([Step(what, HALVES[what], HALVES[what].inverse(snapshot))])
            journal.book.retreating = True
            assert journal.undo(caught.value, lambda _steps: None).remains == []
            assert (host_picture(), told(names_and_macs)) == (before, links)
            assert _namespaces.inode_of("/run/netns/half") == inode
        finally:
            for op in (LinkDelete(None, "half0"), LinkDelete(None, "halfbr"), NetnsDelete("half")):
                host.do([op])
