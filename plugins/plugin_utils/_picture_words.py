# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What netns_info says of a link or a namespace, in the few words that fit into a picture."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _ovn, _picture_model, _picture_places

Entry = c.Mapping[str, t.Any]
Details = dict[_picture_model.Place, list[str]]
Spaces = dict[t.Optional[str], list[str]]
GENEVE = "geneve"
TUNNELS = ("remote_ip", "local_ip", "key")
MAIN = ("main", "254")


def of_links(info: Entry, result: Entry) -> Details:
    """What leases, routes and DHCP servers say of links."""
    found: Details = {}
    leased = {(one["netns"], one["interface"]) for one in result.get("leases") or ()}
    for lease in result.get("leases") or ():
        words = "by DHCP" if lease.get("applied", True) else "leased, but not on the link"
        details = [f"{lease['address']} {words}", *(f"default via {router}" for router in lease.get("routers") or ())]
        found.setdefault((lease["netns"], lease["interface"]), []).extend(details)
    for client in info.get("netns_dhcp_client") or ():
        place = (client.get("netns"), client["interface"])
        if place not in leased:
            found.setdefault(place, []).append("no lease by DHCP yet")
    for route in info.get("netns_route") or ():
        if route["destination"] == "default" and route.get("type", "unicast") == "unicast":
            for device, way in _ways(route):
                found.setdefault((route.get("netns"), device), []).append(way + _table(route))
    for server in info.get("dnsmasq_in_ns") or ():
        for interface in server.get("interfaces") or ():
            found.setdefault((server.get("netns"), interface), []).extend(_serves(server))
    return found


def shows(route: Entry) -> bool:
    """Whether a picture says anything of a route."""
    info = {"netns_route": [route]}
    return bool(of_links(info, {}) or of_spaces(info, {}))


def _ways(route: Entry) -> c.Iterator[tuple[str, str]]:
    for hop in route.get("nexthops") or [route]:
        if hop.get("device"):
            yield hop["device"], f"default via {hop['gateway']}" if hop.get("gateway") else "default"


def _table(route: Entry) -> str:
    table = str(route.get("table") or MAIN[0])
    return "" if table in MAIN else f" in table {table}"


def _serves(server: Entry) -> list[str]:
    """What a server offers: DHCP with its ranges, DNS, router advertisements, relays."""
    if server.get("state") == "stopped":
        return ["DHCP server stopped"]
    ranges = [_range(one) for one in server.get("ranges") or ()]
    found = [f"serves DHCP {_words.some(ranges)}"] if ranges else []
    found += [f"relays DHCP to {one['server']}" for one in server.get("relays") or ()]
    return [*found, *(["serves DNS"] if server.get("dns") else []), *(["sends RAs"] if server.get("ra") else [])]


def _range(one: Entry) -> str:
    start, end = str(one.get("start") or one.get("constructor") or "?"), str(one.get("end") or "")
    if end and start.count(".") == 3 and start.rpartition(".")[0] == end.rpartition(".")[0]:
        end = end.rpartition(".")[2]
    return f"{start}-{end}" if end else start


def of_spaces(info: Entry, facts: c.Mapping[str, Entry]) -> Spaces:
    """What is said of a namespace as a whole. None: the host itself."""
    found: Spaces = {one["name"]: [] for one in info.get("netns") or ()}
    for name, one in facts.items():
        if one.get("attached"):
            found.setdefault(name, []).append("of another process")
    for table in info.get("netns_nat") or ():
        found.setdefault(table.get("netns"), []).extend(_nat(table))
    for route in info.get("netns_route") or ():
        if route["destination"] == "default" and route.get("type", "unicast") != "unicast":
            found.setdefault(route.get("netns"), []).append(f"default is {route['type']}{_table(route)}")
    for server in info.get("dnsmasq_in_ns") or ():
        if not server.get("interfaces"):
            found.setdefault(server.get("netns"), []).extend(_serves(server))
    return found


def _nat(table: Entry) -> list[str]:
    """Address translation in words."""
    found = [f"masquerades {one['source']}{_by(one)}" for one in table.get("masquerade") or ()]
    found += [f"{one['source']} leaves as {one['to']}{_by(one)}" for one in table.get("source_nat") or ()]
    found += [f"publishes {_published(one)}" for one in table.get("publish") or ()]
    found += [f"{one['address']} is {one['to_address']}" for one in table.get("floating") or ()]
    return found


def _by(one: Entry) -> str:
    return f" by {one['out_interface']}" if one.get("out_interface") else ""


def _published(one: Entry) -> str:
    near = ":".join(str(part) for part in (one.get("address"), one.get("port")) if part) or one.get("protocol", "")
    far = ":".join(str(part) for part in (one["to_address"], one.get("to_port") or one.get("port")) if part)
    protocol = one.get("protocol") or "tcp"
    return f"{near}{'' if protocol == 'tcp' else f' ({protocol})'} -> {far}"


def of_kind(view: Entry) -> list[str]:
    """What sort of link an entry of netns_interface is."""
    kind, parent = view.get("kind"), view.get("parent")
    if kind is None:
        return ["moved from the host"] if view.get("source") else []
    number = f" {view['id']}" if view.get("id") is not None else ""
    mode = f" {view['mode']}" if kind in ("macvlan", "ipvlan") and view.get("mode") else ""
    words = [f"{kind}{number}{mode}{f' on {parent}' if parent else ''}"]
    peers = [str(one) for one in view.get("remotes") or [view.get("remote") or view.get("group")] if one]
    return words + ([f"to {_words.some(peers)}"] if peers else [])


def of_ovs_port(view: Entry) -> list[str]:
    """What sort of port an entry of ovs_port is, where a name does not say it."""
    if view.get("type") in (None, "", "system", "internal", "patch"):
        return []
    options = view.get("options") or {}
    return [str(view["type"]), *(f"{key} {options[key]}" for key in TUNNELS if options.get(key))]


def of_chassis(info: Entry, bridge: str) -> tuple[list[str], tuple[str, ...], tuple[_picture_model.Place, ...]]:
    """What a chassis of OVN makes of a bridge of its host: words, what joins the bridge with others, and places of
    further objects.
    """
    words: list[str] = []
    joins: list[str] = []
    more: list[_picture_model.Place] = []
    for one in info.get("ovn_chassis") or ():
        networks = [name for name, other in (one.get("bridge_mappings") or {}).items() if other == bridge]
        words += [f"leads to {name}" for name in networks]
        joins += networks
        if bridge == (one.get("bridge") or _ovn.BRIDGE):
            kinds = one.get("encap_type") or [GENEVE]
            words.append(" ".join(["chassis", *([one["system_id"]] if one.get("system_id") else [])]))
            words.append(" ".join([*kinds, *([one["encap_address"]] if one.get("encap_address") else [])]))
            joins += [f"{kind} of OVN" for kind in kinds]
            more.append(_picture_places.place_of("ovn_chassis", one))
    return words, tuple(joins), tuple(more)


def vlan_of(view: Entry) -> str:
    """The VLANs of an entry of ovs_port."""
    tag, trunks = view.get("tag"), view.get("trunks") or ()
    carried = f"VLANs {_words.some([str(one) for one in trunks])}" if trunks else ""
    if tag is None:
        return carried or "all VLANs"
    return f"VLAN {tag}" + (f", {carried}" if carried else "")
