# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks that OVN carries, and their members, as a user declares them."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _ovn_switch
from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import _dnsmasq_values
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _dhcp_words
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _addresses,
    _bridge_network,
    _entry,
    _link_names,
    _members,
    _ovn,
    _ovs_vlan_dhcp,
    _vxlan_dhcp,
    _vxlan_network,
)

OPTION = f"{_ovn.ROLE}_networks"
KEYS = ("name", "subnet", "mtu", "gateway", "dhcp", "dns", "external", "members", "state")
EXTERNAL_KEYS = ("bridge", "subnet", "gateway", "physical_network", "tag")
DHCP_KEYS = ("lease_time", "options")
DNS_KEYS = ("domain", "servers")
MEMBER_KEYS = (
    "name",
    "host",
    "address",
    "pid",
    "container",
    "engine",
    "interface",
    "host_interface",
    "mac",
    "default_route",
    "security_groups",
    "port_security",
    "state",
)
NONE = "none"
FOR_EVER = 2**32 - 1  # seconds of a lease that does not end (RFC 2131, section 3.3)


def draft(entry: _entry.Entry, topology: str) -> _ovn.Network:
    """Read a network. What is written is taken from its subnets, so that the automatic addresses fill the gaps."""
    name = _values.object_name(entry.required("name"), entry.at("name"))
    external = _external(entry) if entry.has("external") else None
    place = external.entry if external else entry
    written = place.texts("subnet")
    if not written:
        raise _errors.BadInput(f"{place.path}: 'subnet' is missing.")
    subnets = _addresses.Subnets(written)
    gateways = _gateways(place, subnets, external is not None)
    members, dns = entry.entries("members", MEMBER_KEYS), _dns(entry)
    names = _names(members, name)
    if dns:
        _refuse_names(members, dns)
    return _ovn.Network(
        entry=entry,
        name=name,
        topology=topology,
        subnets=subnets,
        gateways=gateways,
        mtu=_vxlan_network.mtu_of(entry, subnets),
        dhcp=_dhcp(entry, subnets, external),
        server=next((one for one in gateways if _ovn.version_of(one) == 4), None),
        dns=dns,
        external=external,
        names=names,
        fixed={one.path: _fixed(one, subnets) for one in members},
        members=(),
        routed=bool(gateways) and place.has("gateway"),
        gone=_members.unless_present(entry),
    )


def finish(network: _ovn.Network, routed: bool) -> _ovn.Network:
    """The network with its members. ``routed``: whether a router has it."""
    subnet = next((one for one in network.subnets.all if one.network.version == 4), None)
    server = network.server
    if network.dhcp and subnet and server is None:
        server = subnet.allot(network.entry.at("dhcp"), f"the DHCP of '{network.name}'")
    network = network._replace(server=server if network.dhcp else None, routed=network.routed or routed)
    entries = network.entry.entries("members", MEMBER_KEYS)
    return network._replace(members=tuple(_member(one, network) for one in entries))


def _names(members: t.Sequence[_entry.Entry], network: str) -> tuple[str, ...]:
    """The names of the members, which name their ports, too."""
    once = _entry.Once()
    found = []
    for entry in members:
        path = entry.at("name")
        name = _values.object_name(_members.netns_of(entry, "name"), path)
        once.take(name, path, f"the name '{name}' in network '{network}'")
        found.append(name)
    return tuple(found)


def _external(network: _entry.Entry) -> _ovn.External:
    for key in ("subnet", "gateway", "dhcp"):
        if network.has(key):
            hint = (
                "; write it there, or leave it out." if key in EXTERNAL_KEYS else ", where others answer; leave it out."
            )
            raise _errors.BadInput(f"{network.at(key)}: the network is 'external'{hint}")
    entry = network.entry("external", EXTERNAL_KEYS)
    tag = entry.whole("tag")
    name = entry.text("physical_network")
    for key, value in (("bridge", entry.required("bridge")), ("physical_network", name or "")):
        _ovn_switch.refuse_unmappable(value, entry.at(key))
    return _ovn.External(
        entry=entry,
        bridge=_values.link_name(entry.required("bridge"), entry.at("bridge")),
        physical_network=name,
        tag=None if tag is None else _values.number(tag, entry.at("tag"), 1, 4094),
    )


def _gateways(entry: _entry.Entry, subnets: _addresses.Subnets, external: bool) -> tuple[str, ...]:
    """The addresses of the gateway. In a network of ours the first ones are kept for it, as in Neutron, so that a
    router that comes later moves nobody. Who has them outside, only the user knows.
    """
    texts = entry.texts("gateway")
    if [value for value, _path in texts] == [NONE]:
        return ()
    written = subnets.sorted(texts)
    found = []
    for subnet in subnets.all:
        if subnet.network.version in written:
            found.append(subnet.reserve(*written[subnet.network.version], "the gateway"))
        elif not external:
            found.append(subnet.reserve(subnet.host(1), entry.at("gateway"), "the gateway"))
    return tuple(found)


def settings(entry: _entry.Entry, key: str, keys: tuple[str, ...], default: bool) -> _entry.Entry | None:
    """A mapping, or whether there is one; None: there is none."""
    if isinstance(entry.value(key), dict):
        return entry.entry(key, keys)
    return _entry.Entry({}, entry.at(key), keys) if entry.flag(key, default) else None


def _dhcp(network: _entry.Entry, subnets: _addresses.Subnets, external: _ovn.External | None) -> _ovn.Dhcp | None:
    has_ipv4 = 4 in subnets.versions
    entry = settings(network, "dhcp", DHCP_KEYS, has_ipv4 and external is None)
    if entry is None:
        return None
    if not has_ipv4:
        raise _errors.BadInput(
            f"{entry.path}: the network has no IPv4 subnet, and the DHCP of this role is IPv4; leave it out."
        )
    options = entry.entry("options", None)
    told = _dhcp_words.read({str(key): _plain(options, key) for key in options.values()}, 4)
    _dhcp_words.unknown(told, 4, options.path)
    _dhcp_words.refuse_malformed(told, 4, options.path)
    return _ovn.Dhcp(_seconds(_ovs_vlan_dhcp.lease_time(entry)), told)


def _plain(entry: _entry.Entry, key: str) -> str:
    """The value of an option in OVN's words: a number needs no quotes."""
    value = entry.value(key)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else entry.required(key)


def _seconds(lease_time: str) -> int:
    if lease_time == "infinite":
        return FOR_EVER
    unit = lease_time[-1] if lease_time[-1].isalpha() else "s"
    return int(lease_time.rstrip(unit)) * _dnsmasq_values.UNITS[unit]


def _dns(network: _entry.Entry) -> _ovn.Dns | None:
    entry = settings(network, "dns", DNS_KEYS, True)
    if entry is None:
        return None
    domain = entry.text("domain")
    servers = [str(_values.host_address(value, path)) for value, path in entry.texts("servers")]
    return _ovn.Dns(
        None if domain is None else _ovn_switch.dns_name(domain, entry.at("domain")).strip("."), tuple(servers)
    )


def _refuse_names(members: t.Sequence[_entry.Entry], dns: _ovn.Dns) -> None:
    """Refuse names of members that are one name for DNS, or that nobody asks for."""
    once = _entry.Once()
    for entry in members:
        path = entry.at("name")
        known = _ovn_switch.dns_name(entry.required("name"), path)
        for one in (known, *([f"{known}.{dns.domain}"] if dns.domain else [])):
            once.take(one, path, f"the name '{one}' in DNS, which has no upper and lower case,")


def _fixed(entry: _entry.Entry, subnets: _addresses.Subnets) -> dict[int, str]:
    """The written addresses of a member: IP version -> address."""
    written = [one for one in entry.texts("address") if one[0] != _vxlan_dhcp.DHCP]
    return subnets.reserve(written, f"{_members.netns_of(entry, 'name')} ({entry.path})")


def _member(entry: _entry.Entry, network: _ovn.Network) -> _ovn.Member:
    name, interface = entry.required("name"), _members.interface_of(entry)
    routed = entry.flag("default_route", network.routed)
    if routed and not network.routed:
        raise _errors.BadInput(
            f"{entry.at('default_route')}: nobody has the gateway's address in network '{network.name}'; give it a"
            " router, or write the 'gateway' of the network."
        )
    groups = tuple(value for value, _path in entry.texts("security_groups"))
    port_security = entry.flag("port_security", True)
    if groups and not port_security:
        raise _errors.BadInput(
            f"{entry.at('port_security')}: a member with security groups sends with its own addresses only; leave out"
            " one of both."
        )
    return _ovn.Member(
        entry=entry,
        host=entry.required("host"),
        name=name,
        interface=interface,
        host_interface=_members.link_of(entry, "host_interface", _link_names.link_name("v", name, interface)),
        addresses=_addresses_of(entry, network, name),
        leased=_is_leased(entry, network),
        mac=_members.mac_of(entry) or network.mac_of(name),
        source=_bridge_network.source_of(entry),
        default_route=routed,
        groups=groups,
        port_security=port_security,
        gone=network.gone or _members.unless_present(entry),
    )


def _addresses_of(entry: _entry.Entry, network: _ovn.Network, name: str) -> tuple[str, ...]:
    fixed = network.fixed[entry.path]
    lacking = network.subnets.versions - set(fixed)
    if network.external and not fixed:
        raise _errors.BadInput(
            f"{entry.at('address')}: is missing; which addresses of an external network are free, only you know."
        )
    if network.external and lacking:
        return tuple(fixed.values())
    return network.subnets.complete(fixed, entry.at("address"), f"{name} ({entry.path})")


def _is_leased(entry: _entry.Entry, network: _ovn.Network) -> bool:
    paths = [path for value, path in entry.texts("address") if value == _vxlan_dhcp.DHCP]
    if paths and network.dhcp is None:
        raise _errors.BadInput(
            f"{paths[0]}: network '{network.name}' has no DHCP; write the address, or give the network 'dhcp: true'."
        )
    if len(paths) > 1:
        raise _errors.BadInput(f"{paths[1]}: {_words.shown(_vxlan_dhcp.DHCP)} is already {paths[0]}; write it once.")
    return bool(paths)
