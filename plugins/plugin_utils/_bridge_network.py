# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Docker-style networks: each is a Linux bridge, and namespaces with an interface on it."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _container
from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link, _uplink
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _mtus, _values
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _addresses,
    _bridge,
    _bridge_nat,
    _entry,
    _link_names,
    _members,
)

OPTION = "bridge_network_networks"
NETWORK_KEYS = (
    "name",
    "bridge",
    "subnet",
    "gateway",
    "isolated",
    "internal",
    "masquerade",
    "apart",
    "beside_docker",
    "stp",
    "mtu",
    "mac",
    "sysctl",
    "uplink",
    "confirm_timeout",
    "members",
    "state",
)
MEMBER_KEYS = _members.BRIDGED_KEYS
ENGINES = ("auto", "docker", "podman")


def read(networks: t.Any) -> list[_bridge.Network]:
    """Read the declared networks, and check every value."""
    found = [_network(entry) for entry in _entry.entries(networks, OPTION, NETWORK_KEYS)]
    once = _entry.Once()
    for network in found:
        once.take(("network", network.name), network.entry.at("name"), f"the name '{network.name}'")
        once.take(("link", network.bridge), network.entry.at("bridge"), f"the link name '{network.bridge}'")
        if network.uplink:
            once.take(("link", network.uplink), network.entry.at("uplink"), f"the link name '{network.uplink}'")
    members = [(network, member) for network in found for member in network.members]
    _members.refuse_twins(member.entry for _network, member in members)
    for network, member in members:
        once.take(
            ("link", member.host_interface),
            member.entry.at("host_interface"),
            f"the link name '{member.host_interface}'",
        )
        if member.default_route and not member.gone:
            for version in sorted(network.subnets.versions):
                what = (
                    f"the default IPv{version} route of namespace '{member.name}' (switch one off with 'default_route:"
                    " false')"
                )
                once.take(("default", member.name, version), member.entry.at("default_route"), what)
    _bridge_nat.refuse_ambiguity(found)
    return found


def _network(entry: _entry.Entry) -> _bridge.Network:
    name = _values.object_name(entry.required("name"), entry.at("name"))
    written = entry.texts("subnet")
    if not written:
        raise _errors.BadInput(f"{entry.path}: 'subnet' is missing.")
    subnets = _addresses.Subnets(written)
    isolated = entry.flag("isolated", False)
    if isolated and entry.has("gateway"):
        raise _errors.BadInput(f"{entry.at('gateway')}: an isolated network has no gateway; leave out one of both.")
    uplink = _members.link_of(entry, "uplink", "") if entry.has("uplink") else None
    if uplink and isolated:
        raise _errors.BadInput(f"{entry.at('uplink')}: an isolated network has no way out; leave out one of both.")
    if uplink and not entry.has("gateway"):
        raise _errors.BadInput(
            f"{entry.at('gateway')}: with an uplink this is the router of the network of '{uplink}', which only you"
            " know; write it."
        )
    if entry.has("confirm_timeout") and not uplink:
        raise _errors.BadInput(
            f"{entry.at('confirm_timeout')}: is about the uplink, and the network has none; leave it out."
        )
    gateways = () if isolated else _gateways(entry, subnets, uplink)
    gone = _members.unless_present(entry)
    outside = _bridge_nat.read_outside(entry, gateways)
    return _bridge.Network(
        entry=entry,
        name=name,
        bridge=_members.link_of(entry, "bridge", _link_names.link_name("br", name)),
        subnets=subnets,
        gateways=gateways,
        outside=outside,
        stp=entry.flag("stp", False),
        mtu=mtu_of(entry, subnets),
        mac=_members.mac_of(entry),
        sysctl=_sysctl_of(entry),
        uplink=uplink,
        confirm_timeout=_confirm_timeout(entry),
        members=_members_of(entry, subnets, gateways, outside.internal, gone),
        gone=gone,
    )


def _gateways(entry: _entry.Entry, subnets: _addresses.Subnets, uplink: str | None) -> tuple[str, ...]:
    """The bridge's own address in each subnet, or with an uplink the router's."""
    written = subnets.sorted(entry.texts("gateway"))
    found = []
    for subnet in subnets.all:
        if uplink and subnet.network.version not in written:
            raise _errors.BadInput(
                f"{entry.at('gateway')}: the router of {subnet.network} is missing; only you know it, so write it."
            )
        value, path = written.get(subnet.network.version, (subnet.host(1), entry.at("gateway")))
        found.append(subnet.reserve(value, path, "the gateway"))
    return tuple(found)


def mtu_of(entry: _entry.Entry, subnets: _addresses.Subnets) -> int | None:
    """The MTU of a network, if one is given."""
    found = _members.mtu_of(entry)
    if found is not None and 6 in subnets.versions and found < _mtus.LEAST_FOR_IPV6:
        raise _errors.BadInput(
            f"{entry.at('mtu')}: {found} is too small for an IPv6 subnet: IPv6 needs an MTU of at least"
            f" {_mtus.LEAST_FOR_IPV6}."
        )
    return found


def _confirm_timeout(entry: _entry.Entry) -> int | None:
    found = entry.whole("confirm_timeout")
    return None if found is None else _uplink.seconds_of(found, entry.at("confirm_timeout"))


def _sysctl_of(entry: _entry.Entry) -> _members.Item | None:
    """The sysctls of the bridge, as the module takes them."""
    if not entry.has("sysctl"):
        return None
    written = entry.entry("sysctl", None).values()
    return {
        key: _link.sysctl_value(key, value, f"{entry.at('sysctl')}.{key}")
        for key, value in written.items()
        if _link.sysctl_key(key, entry.at("sysctl"))
    }


def _members_of(
    network: _entry.Entry, subnets: _addresses.Subnets, gateways: tuple[str, ...], internal: bool, gone: _members.Item
) -> tuple[_bridge.Member, ...]:
    found = network.entries("members", MEMBER_KEYS)
    # What is written is taken first, so that the automatic ones fill the gaps, in order.
    written = {
        entry.path: subnets.reserve(entry.texts("address"), f"{_members.netns_of(entry, 'name')} ({entry.path})")
        for entry in found
        if entry.has("address")
    }
    members = []
    for entry in found:
        name, interface = _members.netns_of(entry, "name"), _members.interface_of(entry)
        addresses = subnets.complete(written.get(entry.path, {}), entry.at("address"), f"{name} ({entry.path})")
        routed = entry.flag("default_route", bool(gateways))
        if routed and not gateways:
            raise _errors.BadInput(
                f"{entry.at('default_route')}: the network is isolated, so it has no gateway for a default route."
            )
        members.append(
            _bridge.Member(
                entry=entry,
                name=name,
                interface=interface,
                host_interface=_members.link_of(entry, "host_interface", _link_names.link_name("v", name, interface)),
                addresses=addresses,
                mac=_members.mac_of(entry),
                source=source_of(entry),
                default_route=routed,
                isolated=entry.flag("isolated", False) if entry.has("isolated") else None,
                publish=_bridge_nat.read_ports(entry, subnets, gateways, internal),
                gone=gone or _members.unless_present(entry),
            )
        )
    return tuple(members)


def source_of(entry: _entry.Entry) -> _members.Item:
    """The options of ``netns`` that attach somebody else's namespace."""
    pid, container = entry.whole("pid"), entry.text("container")
    if pid is not None and container is not None:
        raise _errors.BadInput(
            f"{entry.at('container')}: a member is a process or a container; leave out one of pid and container."
        )
    if container is None and entry.has("engine"):
        raise _errors.BadInput(
            f"{entry.at('engine')}: says whom to ask for a container; give the container, or leave it out."
        )
    # The kernel's limit is PID_MAX_LIMIT of linux/threads.h.
    checked = None if pid is None else _values.number(pid, entry.at("pid"), 1, 4194304)
    if container is not None:
        _container.name_of(container, entry.at("container"))
    return _members.item(
        pid=checked, container=container, engine=entry.choice("engine", ENGINES) if container else None
    )


def topology(networks: t.Any, state: str = _entry.STATES[0]) -> _members.Topology:
    """The lists of ``topology`` that build these networks. ``state`` is that of the whole topology: absent needs no pid
    and no container.
    """
    namespaces, built = _members.Namespaces(), read(networks)
    lists: _members.Topology = {
        "linux_bridge": [_bridge_item(network) for network in built],
        "veth": [],
        "netns_route": [],
    }
    lists["netns_nat"] = [_bridge_nat.nat_item(network, built) for network in built]
    for network in built:
        for member in network.members:
            gone = member.gone
            source = {} if gone or state == _entry.STATES[1] else member.source
            namespaces.join(member.entry, member.name, member.interface, gone, source)
            lists["veth"].append(_veth_item(network, member) | gone)
            if member.default_route and not gone:
                for gateway in network.gateways:
                    lists["netns_route"].append(
                        _members.item(
                            netns=member.name, destination="default", gateway=gateway, device=member.interface
                        )
                    )
    return {"netns": namespaces.items(), **lists}


def _bridge_item(network: _bridge.Network) -> _members.Item:
    own = {"stp": network.stp, "mtu": network.mtu, "mac": network.mac, "sysctl": network.sysctl}
    if network.uplink:  # the host's addresses are those of the NIC
        way = {"uplink": network.uplink, "confirm_timeout": network.confirm_timeout}
        return _members.item(name=network.bridge, **own, **way) | network.gone
    addresses = network.subnets.with_prefix(network.gateways)
    flags = {member.host_interface: _flags(member) for member in network.members if _flags(member) and not member.gone}
    return _members.item(name=network.bridge, addresses=addresses, **own, port_flags=flags or None) | network.gone


def _flags(member: _bridge.Member) -> _members.Item:
    # With br_netfilter (a dockerd loads it) who asks for its own published port gets its frame back only if its port
    # may send it back. Each port has the setting, so that it is switched off when nothing is published any more.
    return _members.item(isolated=member.isolated, hairpin=bool(member.publish))


def _veth_item(network: _bridge.Network, member: _bridge.Member) -> _members.Item:
    inside = _members.item(
        name=member.interface,
        netns=member.name,
        addresses=network.subnets.with_prefix(member.addresses),
        mac=member.mac,
        mtu=network.mtu,
    )
    return _members.item(name=member.host_interface, master=network.bridge, mtu=network.mtu, peer=inside)
