# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The namespaces that a host's variables declare, and the role of each in the topology."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _argspec, _order
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _bridge_network,
    _declared,
    _entry,
    _members,
    _ovn,
    _ovn_intent,
    _ovn_network,
    _ovn_share,
    _ovs_vlan_dhcp,
    _vxlan_network,
)

TOPOLOGY = "netloom_topology"
# The variables that declare namespaces: those of the roles, and the lists of the module topology.
VARIABLES = (_bridge_network.OPTION, _vxlan_network.OPTION, _ovs_vlan_dhcp.OPTION, _ovn_network.OPTION, TOPOLOGY)
# Others that are needed to read these.
STATES = tuple(f"{option.rpartition('_')[0]}_state" for option in VARIABLES if option != TOPOLOGY)
BRIDGE = f"{_ovn.ROLE}_bridge"
MORE = (
    *STATES,
    "ovs_vlan_dhcp_bridge",
    *(name for name in _ovn_intent.OPTIONS.values() if name != _ovn_network.OPTION),
    BRIDGE,
)
KEYS = (*_order.KIND_NAMES, "name", "state", "purge", "persist", "max_disruption", "wait")
FORWARDING = ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding")
DHCP_SERVER, ROUTER, MEMBER = "dhcp_server", "router", "member"

Variables = c.Mapping[str, t.Any]
Link = tuple[t.Optional[str], str]  # (namespace or None for the host's own, name)


def _of_bridges(variables: Variables, _parent: str) -> dict[str, list[str]]:
    networks = _bridge_network.read(variables.get(_bridge_network.OPTION))
    return {network.name: [one.name for one in network.members] for network in networks}


def _of_fleet(variables: Variables, parent: str) -> dict[str, list[str]]:
    networks = _vxlan_network.read(variables.get(_vxlan_network.OPTION))
    return {one.name: one.namespaces(parent) for one in networks}


def _of_tenants(variables: Variables, parent: str) -> dict[str, list[str]]:
    tenants = _ovs_vlan_dhcp.of_host(_declared.tenants(variables, parent).tenants, parent)
    return {one.name: [one.server.netns, *(member.name for member in one.members)] for one in tenants}


def _of_ovn(variables: Variables, parent: str) -> dict[str, list[str]]:
    networks = _ovn_intent.read(_ovn_intent.declared(variables)).networks
    return {one.name: [member.name for member in one.present if member.host == parent] for one in networks}


# By the variable that declares networks, what finds the namespaces of each of them.
NETWORKS: c.Mapping[str, c.Callable[[Variables, str], dict[str, list[str]]]] = {
    _bridge_network.OPTION: _of_bridges,
    _vxlan_network.OPTION: _of_fleet,
    _ovs_vlan_dhcp.OPTION: _of_tenants,
    _ovn_network.OPTION: _of_ovn,
}


class _Item(_entry.Entry):
    """An entry of a list of the module topology. ``spec``: its options; None: any. Their values are the module's to
    judge, but for those read here.
    """

    def __init__(self, value: t.Any, path: str, spec: Variables | None = None) -> None:
        aliases = () if spec is None else (alias for option in spec.values() for alias in option.get("aliases", ()))
        super().__init__(value, path, None if spec is None else [*spec, *aliases])
        self._spec = spec or {}

    def below(self, key: str) -> _Item:
        """A mapping below this one; an empty one if it is left out."""
        return _Item(self._value.get(key) or {}, self.at(key), self._spec.get(key, {}).get("options"))

    def words(self, key: str) -> list[str]:
        """A list of strings; an empty one if it is left out."""
        return [str(one) for one in _sequence(self._value.get(key), self.at(key))]

    @property
    def absent(self) -> bool:
        """Whether the entry is declared absent."""
        return self.choice("state", self._spec.get("state", {}).get("choices", _entry.STATES)) == _entry.STATES[1]


class Namespace:
    """One namespace; each list is in the order of the declaration."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.networks: list[str] = []
        self.bridges: list[str] = []
        self.vlans: list[int] = []
        self.roles: list[str] = []
        self.addresses: list[str] = []

    def variables(self) -> dict[str, t.Any]:
        """The variables of its host in the inventory."""
        return {
            "netloom_networks": self.networks,
            "netloom_bridges": self.bridges,
            "netloom_vlans": self.vlans,
            "netloom_roles": self.roles,
            "netloom_addresses": self.addresses,
        }


def namespaces(variables: Variables, parent: str) -> list[Namespace]:
    """What the variables of the host ``parent`` declare as present."""
    reading = _Reading()
    for option, lists in (*_declared.topologies(variables, parent), *_ovn_topology(variables, parent)):
        if option in NETWORKS:
            reading.take(lists, option)
            reading.belong(NETWORKS[option](variables, parent))
    reading.take(variables.get(TOPOLOGY) or {}, TOPOLOGY)
    return reading.done()


def _ovn_topology(variables: Variables, parent: str) -> c.Iterator[tuple[str, _members.Topology]]:
    """A host's members in networks of OVN. Their MTU is no matter here, so nobody needs to know the chassis."""
    if variables.get(_ovn_network.OPTION) is not None and variables.get(f"{_ovn.ROLE}_state") != _entry.STATES[1]:
        options = _ovn_share.options_of(bridge=str(variables.get(BRIDGE) or _ovn.BRIDGE))
        yield _ovn_network.OPTION, _ovn_share.topology(_ovn_intent.declared(variables), parent, None, options)


def misspelt(hosts: c.Mapping[str, Variables]) -> str:
    """A question about a host's variable that may be a misspelt one of ours, or an empty string."""
    for name, variables in hosts.items():
        for key in variables:
            near = _words.nearest(key, VARIABLES)
            if near:
                return f"hosts.{name}: '{key}' is not one of them; did you mean '{near}'?"
    return ""


class _Reading:
    """Reads the lists of topologies."""

    def __init__(self) -> None:
        self._found: dict[str, Namespace] = {}
        self._gone: set[str] = set()
        self._ports: dict[Link, tuple[str, int | None]] = {}
        self._cables: list[tuple[Link, Link]] = []

    def take(self, lists: t.Any, path: str) -> None:
        """Read one topology."""
        topology = _Item(lists, path)
        for key in topology.values():
            if key not in KEYS:
                raise _errors.BadInput(f"{path}: {_words.unknown(key, 'netloom.linux.topology', KEYS)}")
        if topology.absent:
            return
        found = {key: self._items(key, lists.get(key), f"{path}.{key}") for key in _order.KIND_NAMES}
        for one in found.pop("netns"):
            self._namespace(one)
        there = {key: [one for one in items if not one.absent] for key, items in found.items()}
        for one in (*there["netns_interface"], *there["netns_route"], *there["netns_dhcp_client"]):
            self._link(one)
        for one in there["linux_bridge"]:
            place, bridge = self._place(one), one.required("name")
            self._ports.update({(place, port): (bridge, None) for port in one.words("ports")})
        for one in there["veth"]:
            self._cables.append((self._link(one), self._link(one.below("peer"))))
        for one in there["ovs_port"]:
            self._ovs_port(one)
        for one in there["dnsmasq_in_ns"]:
            place = self._place(one)
            if place is not None:
                _add(self._found[place].roles, DHCP_SERVER)

    def _items(self, kind: str, value: t.Any, path: str) -> list[_Item]:
        spec = _argspec.argument_spec(_registry.KINDS[kind])
        return [_Item(one, f"{path}[{index}]", spec) for index, one in enumerate(_sequence(value, path))]

    def belong(self, networks: c.Mapping[str, list[str]]) -> None:
        """Assign namespaces to the networks that the roles build."""
        for network, members in networks.items():
            for name in members:
                if name in self._found:
                    _add(self._found[name].networks, network)

    def done(self) -> list[Namespace]:
        """All present namespaces, after the last topology."""
        for one, other in (pair for cable in self._cables for pair in (cable, cable[::-1])):
            if one in self._ports and other[0] is not None:
                self._connect(other[0], *self._ports[one])
        found = [one for name, one in self._found.items() if name not in self._gone]
        for namespace in found:
            namespace.roles = namespace.roles or [MEMBER]
        return found

    def _namespace(self, item: _Item) -> None:
        name = _members.netns_of(item, "name")
        if item.absent:
            self._gone.add(name)
            return
        self._gone.discard(name)
        one, sysctl = self._found.setdefault(name, Namespace(name)), item.below("sysctl")
        if any(sysctl.has(option) and sysctl.flag(option, False) for option in FORWARDING):
            _add(one.roles, ROUTER)

    def _place(self, item: _Item) -> str | None:
        """The namespace that contains an object, if any."""
        if not item.has("netns"):
            return None
        name = _members.netns_of(item, "netns")
        self._found.setdefault(name, Namespace(name))
        return name

    def _link(self, item: _Item) -> Link:
        place, name, master = self._place(item), item.text("name") or "", item.text("master")
        if master:
            self._ports[(place, name)] = (master, None)
        self._address(place, item)
        return place, name

    def _ovs_port(self, item: _Item) -> None:
        place, bridge, tag = self._place(item), item.required("bridge"), item.whole("tag")
        self._ports[(place, item.required("name"))] = (bridge, tag)
        self._address(place, item)
        if place is not None:
            self._connect(place, bridge, tag)

    def _connect(self, place: str, bridge: str, tag: int | None) -> None:
        _add(self._found[place].bridges, bridge)
        if tag is not None:
            _add(self._found[place].vlans, tag)

    def _address(self, place: str | None, item: _Item) -> None:
        if place is not None:
            for address in item.words("addresses"):
                _add(self._found[place].addresses, address)


def _sequence(value: t.Any, path: str) -> c.Sequence[t.Any]:
    if value is not None and (isinstance(value, (str, c.Mapping)) or not isinstance(value, c.Sequence)):
        raise _errors.BadInput(f"{path}: {value!r} is not a list.")
    return value or ()


def _add(to: list[t.Any], value: t.Any) -> None:
    if value not in to:
        to.append(value)
