# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routers as Neutron of OpenStack makes them: a namespace with a port in each tenant's VLAN, and one that translates to
the outside.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values
from ansible_collections.netloom.linux.plugins.plugin_utils import _entry, _link_names, _members

OPTION = "router_routers"
ROUTER_KEYS = ("name", "netns", "snat_netns", "interfaces", "external", "floating", "state")
INTERFACE_KEYS = ("tag", "address", "mac")
EXTERNAL_KEYS = ("address", "gateway", "bridge", "tag", "mac")
FLOATING_KEYS = ("address", "to")
# The link between a router's two namespaces; no packet with these addresses leaves them, so all routers may have the
# same.
INNER, OUTER = "169.254.31.28", "169.254.31.29"
INNER_PREFIX = 31
PORT_ID_LETTERS = 11  # of a port's UUID, as Neutron cuts it: a prefix such as 'qr-' and these are 14 letters


class Leg(t.NamedTuple):
    """A router's port in one VLAN."""

    entry: _entry.Entry
    port: str
    address: str  # with prefix length
    network: str
    tag: int | None
    bridge: str
    mac: str


class Router(t.NamedTuple):
    """One router. Without ``external`` there is no namespace for source NAT."""

    entry: _entry.Entry
    name: str
    netns: str
    snat_netns: str
    legs: tuple[Leg, ...]
    external: Leg | None
    gateway: str | None
    floating: tuple[tuple[str, str], ...]
    gone: _members.Item


def read(routers: t.Any, bridge: str, seed: str) -> list[Router]:
    """Read the declared routers, and check every value."""
    found = [_router(entry, bridge, seed) for entry in _entry.entries(routers, OPTION, ROUTER_KEYS)]
    once = _entry.Once()
    for router in found:
        once.take(("router", router.name), router.entry.at("name"), f"the name '{router.name}'")
        once.take(("netns", router.netns), router.entry.at("netns"), f"the namespace '{router.netns}'")
        once.take(("netns", router.snat_netns), router.entry.at("snat_netns"), f"the namespace '{router.snat_netns}'")
    return found


def _router(entry: _entry.Entry, bridge: str, seed: str) -> Router:
    name = _values.object_name(entry.required("name"), entry.at("name"))
    legs = tuple(
        _leg(one, "qr", (seed, name, str(number)), bridge)
        for number, one in enumerate(entry.entries("interfaces", INTERFACE_KEYS))
    )
    if not legs:
        raise _errors.BadInput(
            f"{entry.path}: 'interfaces' is missing; give the router a tag and an address in each tenant's network."
        )
    _refuse_overlaps(legs)
    external = gateway = None
    if entry.has("external"):
        outside = entry.entry("external", EXTERNAL_KEYS)
        external = _leg(outside, "qg", (seed, name, "external"), bridge)
        gateway = _gateway(outside, external)
    return Router(
        entry=entry,
        name=name,
        netns=_members.netns_of(entry, "netns", f"qrouter-{name}"),
        snat_netns=_members.netns_of(entry, "snat_netns", f"snat-{name}"),
        legs=legs,
        external=external,
        gateway=gateway,
        floating=_floating(entry, legs, external),
        gone=_members.unless_present(entry),
    )


def _leg(entry: _entry.Entry, prefix: str, identity: tuple[str, ...], bridge: str) -> Leg:
    address = _values.interface(entry.required("address"), entry.at("address"))
    tag = entry.whole("tag")
    if tag is None and prefix == "qr":
        raise _errors.BadInput(f"{entry.path}: 'tag' is missing; give the VLAN of the tenant, from 1 to 4094.")
    return Leg(
        entry=entry,
        port=port_name(prefix, *identity),
        address=address,
        network=str(ipaddress.ip_interface(address).network),
        tag=None if tag is None else _values.number(tag, entry.at("tag"), 1, 4094),
        bridge=_values.link_name((entry.text("bridge") if prefix == "qg" else None) or bridge, entry.at("bridge")),
        mac=(
            _values.mac(entry.required("mac"), entry.at("mac"))
            if entry.has("mac")
            else _link_names.mac_address(prefix, *identity)
        ),
    )


def port_name(prefix: str, *identity: str) -> str:
    """The name of a port's device as in Neutron: the prefix and the beginning of the port's UUID."""
    letters = _link_names.digest("port", prefix, *identity).hex()
    return f"{prefix}-{letters[:8]}-{letters[8:12]}"[: len(prefix) + 1 + PORT_ID_LETTERS]


def _refuse_overlaps(legs: t.Sequence[Leg]) -> None:
    for number, leg in enumerate(legs):
        for other in legs[:number]:
            mine, others = ipaddress.ip_network(leg.network), ipaddress.ip_network(other.network)
            if mine.version == others.version and mine.overlaps(others):
                raise _errors.BadInput(
                    f"{leg.entry.at('address')}: {leg.network} overlaps with {other.network} of {other.entry.path}, so"
                    " a router could not tell them apart; give one of the tenants another subnet, or a router of its"
                    " own."
                )


def _gateway(entry: _entry.Entry, external: Leg) -> str:
    gateway = str(_values.host_address(entry.required("gateway"), entry.at("gateway")))
    if ipaddress.ip_address(gateway) not in ipaddress.ip_network(external.network):
        raise _errors.BadInput(
            f"{entry.at('gateway')}: '{gateway}' lies outside of {external.network}, the network of the router's own"
            " address."
        )
    return gateway


def _floating(router: _entry.Entry, legs: t.Sequence[Leg], external: Leg | None) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    once = _entry.Once()
    for entry in router.entries("floating", FLOATING_KEYS):
        if external is None:
            raise _errors.BadInput(
                f"{router.at('floating')}: a floating address is one of the outside; give the router an 'external' leg."
            )
        address, to = (str(_values.host_address(entry.required(key), entry.at(key))) for key in FLOATING_KEYS)
        if ipaddress.ip_address(address) not in ipaddress.ip_network(external.network):
            raise _errors.BadInput(
                f"{entry.at('address')}: '{address}' lies outside of {external.network}, the network of the router's"
                " external leg."
            )
        if not any(ipaddress.ip_address(to) in ipaddress.ip_network(leg.network) for leg in legs):
            raise _errors.BadInput(
                f"{entry.at('to')}: '{to}' is in no network of this router; they are"
                f" {', '.join(leg.network for leg in legs)}."
            )
        for address_of_somebody in (address, to):
            once.take(address_of_somebody, entry.path, f"the address {address_of_somebody}")
        if address in (external.address.split("/")[0], _peer_of(router)):
            raise _errors.BadInput(
                f"{entry.at('address')}: '{address}' is the router's own, or its gateway's; take another."
            )
        found.append((address, to))
    return tuple(found)


def _peer_of(router: _entry.Entry) -> str | None:
    return router.entry("external", EXTERNAL_KEYS).text("gateway")


def topology(routers: t.Any, bridge: str = "OVS1", seed: str = "") -> _members.Topology:
    """The lists of ``topology`` that build these routers. The bridges are among them: the first run creates them, and
    their other ports stay.
    """
    found = read(routers, _values.link_name(bridge, "router_bridge"), seed)
    bridges = dict.fromkeys(
        leg.bridge for router in found for leg in (*router.legs, router.external) if leg is not None and not router.gone
    )
    lists: _members.Topology = {
        "netns": [],
        "ovs_bridge": [_members.item(name=name) for name in bridges],
        "veth": [],
        "ovs_port": [],
        "netns_route": [],
        "netns_nat": [],
    }
    for router in found:
        lists["netns"].append(_members.item(name=router.netns, sysctl={"net.ipv4.ip_forward": 1}) | router.gone)
        lists["ovs_port"] += [_port(leg, router.netns) | router.gone for leg in router.legs]
        if router.external is not None:
            _outside(router, router.external, lists)
    return lists


def _outside(router: Router, external: Leg, lists: _members.Topology) -> None:
    """The namespace that translates: a link to the router, a port outside, and the way back to the tenants."""
    snat = router.snat_netns
    inner, outer = port_name("rfp", router.name), port_name("fpr", router.name)
    lists["netns"].append(_members.item(name=snat, sysctl={"net.ipv4.ip_forward": 1}) | router.gone)
    inside = _members.item(name=inner, netns=router.netns, addresses=[f"{INNER}/{INNER_PREFIX}"])
    lists["veth"].append(
        _members.item(name=outer, netns=snat, addresses=[f"{OUTER}/{INNER_PREFIX}"], peer=inside) | router.gone
    )
    own = [f"{address}/32" for address, _to in router.floating]
    lists["ovs_port"].append(_port(external, snat, own) | router.gone)
    if not router.gone:
        lists["netns_route"].append(
            _members.item(netns=router.netns, destination="default", gateway=OUTER, device=inner)
        )
        lists["netns_route"].append(
            _members.item(netns=snat, destination="default", gateway=router.gateway, device=external.port)
        )
        lists["netns_route"] += [
            _members.item(netns=snat, destination=leg.network, gateway=INNER, device=outer) for leg in router.legs
        ]
    address = external.address.split("/")[0]
    shared = [_members.item(source=leg.network, out_interface=external.port, to=address) for leg in router.legs]
    floating = [_members.item(address=one, to_address=to) for one, to in router.floating]
    # A member's neighbours reach it by its floating address, too: their packets come to it from the router, or it would
    # answer them directly.
    translated = _members.item(
        name=router.name, netns=snat, source_nat=shared, floating=floating, hairpin=bool(floating)
    )
    lists["netns_nat"].append(translated | router.gone)


def _port(leg: Leg, netns: str, more: t.Sequence[str] = ()) -> _members.Item:
    return _members.item(
        bridge=leg.bridge,
        name=leg.port,
        type="internal",
        tag=leg.tag,
        netns=netns,
        addresses=[leg.address, *more],
        mac=leg.mac,
    )
