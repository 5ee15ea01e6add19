# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan and what is told of it have one order, whatever order Python's sets have in a process."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import typing as t

import yaml
from ansible_collections.netloom.linux.plugins.filter import (
    bridge_network_probes,
    bridge_network_topology,
    ovs_vlan_dhcp_probes,
    ovs_vlan_dhcp_topology,
    router_probes,
    router_topology,
    vxlan_network_probes,
    vxlan_network_topology,
)
from ansible_collections.netloom.linux.plugins.module_utils._engine import _info, _module, _topology
from ansible_collections.netloom.linux.plugins.module_utils._engine._run import run
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry, _told
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _link_ops, _snapshot
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _crossing_data,
    _crossing_fleet,
    _crossing_report,
    _crossing_sources,
    _crossings,
    _fleet_input,
    _plan_text,
)
from ansible_collections.netloom.linux.tests.unit import test_architecture
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, run_one

SEEDS = (1, 2)
HOSTS = ("node1", "node2", "node3")
NAMES = ("eve", "bob", "zoe", "dan", "amy", "max")
DECLARED: dict[str, t.Any] = {
    "bridge_network_networks": [
        {
            "name": "web",
            "subnet": ["172.20.0.0/24", "fd00:20::/64"],
            "members": [{"name": f"w-{name}", "publish": [{"port": 8080 + n}]} for n, name in enumerate(NAMES)],
        },
        {"name": "db", "subnet": "172.21.0.0/24", "members": [{"name": f"d-{name}"} for name in NAMES[:3]]},
    ],
    "vxlan_network_networks": [
        {
            "name": network,
            "vni": vni,
            "subnet": "10.60.60.0/24",
            "gateway": {"host": "node2", "address": "10.60.60.254"},
            "dhcp": {"host": "node1", "start": "10.60.60.100", "end": "10.60.60.199"},
            "members": [
                {"name": f"{network}-{name}", "host": HOSTS[n % 3], **({"address": "dhcp"} if n > 3 else {})}
                for n, name in enumerate(NAMES)
            ],
        }
        for network, vni in (("red", 4100),)
    ],
    "ovs_vlan_dhcp_tenants": [
        {
            "name": tenant,
            "tag": tag,
            "subnet": "10.50.50.0/24",
            "server": {"host": "node1"},
            "members": [
                {"name": f"{tenant}-{name}", "host": HOSTS[n % 3], "attach": ("veth", "internal")[n % 2]}
                for n, name in enumerate(NAMES)
            ],
        }
        for tenant, tag in (("green", 100), ("blue", 200))
    ],
    "ovs_vlan_dhcp_tunnels": {"key": 7, "type": "vxlan"},
    "router_routers": [
        {
            "name": "r1",
            "interfaces": [{"tag": 100, "address": "10.50.51.1/24"}, {"tag": 200, "address": "10.50.52.1/24"}],
            "external": {"address": "203.0.113.2/24", "gateway": "203.0.113.1", "bridge": "br-ex"},
            "floating": [{"address": f"203.0.113.{n + 10}", "to": f"10.50.51.{n + 10}"} for n in range(3)],
        }
    ],
}
ENDS = {host: {"local": f"192.0.2.{host[-1]}", "underlay_mtu": 1500} for host in HOSTS}
# The kinds that the roles do not use, and several of each thing that a link can have.
MIXED: dict[str, t.Any] = {
    "name": "mixed",
    "netns": [{"name": name, "etc_files": {"hosts": "", "resolv.conf": "", "a/b": ""}} for name in NAMES],
    "linux_bridge": [
        {
            "name": "br0",
            "port_flags": {f"v-{name}": {"isolated": True, "learning": False} for name in NAMES},
            "fdb": [{"mac": f"02:00:00:00:00:{n:02x}", "port": f"v-{name}"} for n, name in enumerate(NAMES)],
            "neighbours": [{"address": f"10.9.0.{n + 1}", "mac": f"02:00:00:00:01:{n:02x}"} for n in range(5)],
        },
        {"name": "br1"},
    ],
    "veth": [
        {
            "name": f"v-{name}",
            "master": "br0",
            "altnames": [f"{name}-one", f"{name}-two"],
            "peer": {"name": "eth0", "netns": name, "addresses": [f"10.9.0.{n + 10}/24", f"fd09::{n + 10}/64"]},
        }
        for n, name in enumerate(NAMES)
    ],
    "netns_interface": [
        {"name": "vx7", "kind": "vxlan", "id": 7, "local": "192.0.2.10", "remotes": ["192.0.2.12", "192.0.2.11"]},
        {"name": "base", "kind": "dummy", "addresses": ["192.0.2.10/24"]},
        {"name": "base.5", "kind": "vlan", "id": 5, "parent": "base"},
        {"name": "base.6", "kind": "vlan", "id": 6, "parent": "base"},
        {
            "name": "lo",
            "netns": "eve",
            "addresses": ["127.0.0.1/8", "::1/128", "10.255.0.1/32"],
            "rules": [{"priority": number, "from": "10.255.0.1", "table": number} for number in (300, 200)],
        },
    ],
    "netns_route": [
        {"netns": name, "destination": destination, "gateway": f"{gateway}1"}
        for name in NAMES
        for destination, gateway in (("default", "10.9.0."), ("192.0.2.0/24", "10.9.0."), ("::/0", "fd09::"))
    ],
}


def _lists(role: str, host: str, state: str = "present") -> dict[str, t.Any]:
    """What a role builds on a host."""
    if role == "bridge_network":
        given: t.Any = bridge_network_topology.FilterModule().filters()["bridge_network_topology"]
        return dict(given(DECLARED["bridge_network_networks"], state=state))
    if role == "vxlan_network":
        given = vxlan_network_topology.FilterModule().filters()["vxlan_network_topology"]
        return dict(given(DECLARED["vxlan_network_networks"], host, ENDS, state=state))
    if role == "ovs_vlan_dhcp":
        given = ovs_vlan_dhcp_topology.FilterModule().filters()["ovs_vlan_dhcp_topology"]
        tunnels = DECLARED["ovs_vlan_dhcp_tunnels"]
        return dict(
            given(DECLARED["ovs_vlan_dhcp_tenants"], seed=host, host=host, tunnels=tunnels, ends=ENDS, state=state)
        )
    given = router_topology.FilterModule().filters()["router_topology"]
    return dict(given(DECLARED["router_routers"], seed=host))


def _probes(host: str) -> t.Any:
    """What is asked on a host."""
    tenants, tunnels = DECLARED["ovs_vlan_dhcp_tenants"], DECLARED["ovs_vlan_dhcp_tunnels"]
    filters = {
        **bridge_network_probes.FilterModule().filters(),
        **ovs_vlan_dhcp_probes.FilterModule().filters(),
        **router_probes.FilterModule().filters(),
        **vxlan_network_probes.FilterModule().filters(),
    }
    return [
        filters["bridge_network_probes"](DECLARED["bridge_network_networks"]),
        filters["vxlan_network_probes"](DECLARED["vxlan_network_networks"], host),
        filters["ovs_vlan_dhcp_probes"](tenants, host=host, tunnels=tunnels),
        filters["router_probes"](DECLARED["router_routers"], tenants=tenants, host=host, tunnels=tunnels),
    ]


def _outcome(host: FakeHost, params: dict[str, t.Any], *, check: bool = False) -> t.Any:
    """The result of a topology, with its diff and its plan in words."""
    try:
        manifest = _topology.manifest_of({"state": "present", **params})
        outcome = run(manifest, host, check=check, alone=False, wait=0)
        result = _topology.result_of(manifest, outcome, _module.shown)
        return [result, _plan_text.lines(result)]
    except _errors.NetloomError as error:
        return str(error)


def _spoil(host: FakeHost) -> None:
    """Take links, routes and ports away, and change others."""
    for ns in list(host.state.namespaces.values()):
        for number, name in enumerate(list(ns.links)):
            if number % 3 == 1 and name in ns.links:
                _link_ops.LinkDelete(ns.key, name).effect(host.state)
            elif name in ns.links:
                host.state.put(ns.key, dataclasses.replace(ns.links[name], mtu=1280, up=False, addresses=()))
    for ovs in host.state.ovs.values():
        for name in list(ovs.ports)[::3]:
            del ovs.ports[name]


def _life(params: dict[str, t.Any]) -> t.Any:
    """All outcomes of a topology: built, told, spoiled, mended, built again and taken down."""
    host = FakeHost()
    found = [_outcome(host, params, check=True), _outcome(host, params)]
    found.append(repr(_told.tell(host.state, _snapshot.OvsTarget(), list(host.state.namespaces), _info.view_of)))
    _spoil(host)
    found += [_outcome(host, params, check=True), _outcome(host, params)]
    smaller = {kind: value for kind, value in params.items() if kind not in ("netns_nat", "netns_route")}
    found += [_outcome(host, smaller, check=True), _outcome(host, {"name": params["name"], "state": "absent"})]
    return [*found, sorted(host.state.files)]


def _examples(kind: str) -> t.Any:
    """What the examples of a module do, one after the other. Those with a variable are left out."""
    text = (test_architecture.ROOT / f"plugins/modules/{kind}.py").read_text(encoding="utf-8")
    documented = text.partition('EXAMPLES = r"""')[2].partition('"""')[0]
    host, found = FakeHost("red", "green", "lab", "router", "server", "dhcp-r", "vnet0", "vnet1"), []
    for task in yaml.safe_load(documented):
        for other in (one for one in _registry.KINDS if f"netloom.linux.{one}" in task):
            given = task[f"netloom.linux.{other}"]
            if "{{" not in json.dumps(given):
                try:
                    found.append(run_one(host, other, given).steps)
                except _errors.NetloomError as error:
                    found.append(str(error))
    return found


def _proofs() -> t.Any:
    """What is asked and judged across hosts. A host is silent, and a tunnel goes astray."""
    variables: dict[str, t.Any] = {host: {**DECLARED, "ansible_host": ENDS[host]["local"]} for host in HOSTS}
    segments = _crossing_data.plain(_crossing_sources.segments(HOSTS, variables, {}))
    reports = {
        host: {
            "listening": [
                {
                    "netns": place.netns,
                    "interface": place.interface,
                    "mac": place.mac,
                    "mtu": 1450,
                    "addresses": [f"{one}/24" for one in place.addresses],
                    "bridge": "br",
                    "ports": {"tcp": 1, "udp": 2},
                    "problem": None,
                }
                for place in _crossings.places_on(_crossing_data.read(segments), host)
            ],
            "tunnels": [
                {
                    "name": "vx",
                    "type": "vxlan",
                    "number": 4100,
                    "port": 4789,
                    "local": ENDS[host]["local"],
                    "remotes": [],
                    "group": None,
                    "fdb": {},
                    "learning": False,
                    "bridge": "br",
                    "mtu": 1450,
                    "up": True,
                }
            ],
            "addresses": [ENDS[host]["local"]],
        }
        for host in HOSTS
    }
    fleet = _crossing_fleet.Fleet(_crossing_data.read(segments), reports)
    work = {host: _crossings.work(fleet, host, 240) for host in HOSTS}
    sent = {
        host: {
            "reachability": [
                {**probe, "seen": "unreachable", "as_expected": n % 4 != 0}
                for n, probe in enumerate(work[host]["probes"])
            ],
            "frames": work[host]["frames"],
        }
        for host in HOSTS
    }
    frames = [frame["name"] for host in HOSTS for frame in work[host]["frames"]]
    collected = {
        host: {
            "heard": [
                {**row, "frames": frames[n::4], "tcp": [], "udp": []}
                for n, row in enumerate(reports[host]["listening"])
            ],
            "underlay": [],
        }
        for host in HOSTS
    }
    return [
        segments,
        work,
        _crossing_report.of_run(segments, reports, sent, collected, 240),
        _fleet_input.complaint(HOSTS, variables, {}),
        _fleet_input.strange(HOSTS, {host: {"router_x": 1, "router_y": 1, "verify_z": 1} for host in HOSTS}),
    ]


def everything() -> t.Any:
    """What must not depend on the order of sets."""
    roles = ("bridge_network", "vxlan_network", "ovs_vlan_dhcp", "router")
    return {
        "mixed": _life(MIXED),
        **{role: _life({"name": role, **_lists(role, HOSTS[0])}) for role in roles},
        **{f"{role} {host}": [_lists(role, host), _lists(role, host, "absent")] for role in roles for host in HOSTS},
        **{f"probes {host}": _probes(host) for host in HOSTS},
        **{f"examples {kind}": _examples(kind) for kind in _registry.KINDS},
        "proofs": _proofs(),
    }


def test_nothing_depends_on_the_order_of_sets() -> None:
    code = f"import json; from {__name__} import everything; print(json.dumps(everything(), default=repr))"
    path = os.pathsep.join(sys.path)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": str(seed)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in SEEDS
    ]
    first, *others = [json.loads(one.communicate()[0]) for one in started]
    for part, told in first.items():
        for other in others:
            assert other[part] == told, part
            assert json.dumps(other[part]) == json.dumps(told), part  # mappings, too
