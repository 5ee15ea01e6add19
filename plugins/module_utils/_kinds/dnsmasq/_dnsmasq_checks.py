# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a dnsmasq could not serve: beside others of its namespace, or with the addresses that are there."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import (
    _dnsmasq_config,
    _dnsmasq_dhcp,
    _dnsmasq_spec,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _plan,
    _snapshot,
)


def check_together(settings: t.Mapping[str, t.Any], path: str) -> None:
    """Check options that depend on each other."""
    for name in ("servers", "records"):
        if settings[name] and not settings["dns"]:
            raise _errors.BadInput(
                f"{path}{name}: is for DNS, which is switched off; set dns to true, or empty {name}."
            )
    if settings["ra_params"] and not any(":" in entry["start"] for entry in settings["ranges"]):
        raise _errors.BadInput(
            f"{path}ra_params: is for router advertisements, which are sent for IPv6 ranges; add one, or empty"
            " ra_params."
        )
    _dnsmasq_config.check_length(settings, path)
    networks = _dnsmasq_dhcp.networks(settings["ranges"])
    if networks is None:
        return
    for index, entry in enumerate(settings["hosts"]):
        if "address" in entry and not any(ipaddress.ip_address(entry["address"]) in network for network in networks):
            where = ", ".join(map(str, networks))
            raise _errors.BadInput(
                f"{path}hosts[{index}].address: '{entry['address']}' lies outside of the ranges' networks ({where});"
                " dnsmasq would never give it."
            )


def served(
    settings: t.Mapping[str, t.Any], ns: _snapshot.Namespace, planner: _plan.Planner, spec: _dnsmasq_spec.DnsmasqSpec
) -> list[str]:
    """The interfaces that the server serves. An interface that is named must exist."""
    named = [(f"interfaces[{index}]", name) for index, name in enumerate(settings["interfaces"])]
    for option, suboption in (("ranges", "constructor"), ("relays", "interface"), ("ra_params", "interface")):
        named += [
            (f"{option}[{index}].{suboption}", entry[suboption])
            for index, entry in enumerate(settings[option])
            if suboption in entry
        ]
    for option, name in named:
        if name not in ns.links:
            planner.missing(
                f"{spec.path}{option}: there is no link '{name}' in namespace '{spec.netns}'."
                " Create it with netloom.linux.veth, ovs_port or netns_interface first.",
                (spec.netns, name),
            )
            planner.now.put(spec.netns, _snapshot.Link(name))
    return list(settings["interfaces"]) or sorted(name for name in ns.links if name != "lo")


def check_relays(
    settings: t.Mapping[str, t.Any], ns: _snapshot.Namespace, planner: _plan.Planner, spec: _dnsmasq_spec.DnsmasqSpec
) -> None:
    """Check the relay addresses. dnsmasq knows a network whose requests it relays by its own address there, and says
    nothing if it has none.
    """
    own = {address.cidr.split("/")[0] for link in ns.links.values() for address in link.addresses}
    for index, entry in enumerate(settings["relays"]):
        if entry["address"] not in own:
            planner.missing(
                f"{spec.path}relays[{index}].address: no link in namespace '{spec.netns}' has the address"
                f" '{entry['address']}', so nothing would be relayed. Give its address on the link to the clients."
            )


def warn_unreachable_ranges(
    settings: t.Mapping[str, t.Any],
    networks: t.Sequence[t.Any],
    planner: _plan.Planner,
    spec: _dnsmasq_spec.DnsmasqSpec,
) -> None:
    """Warn of a range without an address in its network. dnsmasq then starts without an error and answers nobody,
    because it does not know the network.
    """
    if planner.assume:
        return
    for index, entry in enumerate(settings["ranges"]):
        near = "constructor" in entry or any(ipaddress.ip_address(entry["start"]) in network for network in networks)
        if not near and not entry.get("relayed"):
            planner.warn(
                f"{spec.path}ranges[{index}]: no interface that dnsmasq '{spec.name}' serves has an address in the"
                f" network of '{entry['start']}'; until one has, dnsmasq answers relayed requests only. If that is"
                " meant, set relayed to true."
            )
