# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the result of netns_info to the model of a picture."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _picture_model,
    _picture_ovn,
    _picture_places,
    _picture_words,
)

Entry = c.Mapping[str, t.Any]
Place = _picture_model.Place
# Devices of Open vSwitch itself, which are down by design.
OWN = {"ovs-netdev", "ovs-system"}
LOOPBACK = {"127.0.0.1/8", "::1/128"}


def hosts_of(results: t.Any) -> list[_picture_model.Host]:
    """The hosts in the result of netns_info of one host, or in a mapping of host -> result. A result of ovn_info is the
    northbound database of these hosts. Raises BadInput.
    """
    if not isinstance(results, c.Mapping):
        raise _errors.BadInput("picture: give the result of netns_info, or a mapping of hosts to such results.")
    if "netns_info" in results or _picture_ovn.lists_of(results) is not None:
        results = {"": results}
    return _picture_ovn.joined([host_of(str(name), result) for name, result in results.items()])


def host_of(name: str, result: t.Any) -> _picture_model.Host:
    """One host. A result without netns_info, as of a host that did not answer, is a host of which nothing is known."""
    lists = _picture_ovn.lists_of(result)
    if lists is not None:
        return _picture_ovn.host_of(name, lists)
    if not isinstance(result, c.Mapping) or not isinstance(result.get("netns_info"), c.Mapping):
        told = result.get("msg") if isinstance(result, c.Mapping) else None
        return _picture_model.Host(name, problem=str(told or "nothing is known of it"))
    return _Reader(name, result).host()


class _Reader:
    """Reads one result."""

    def __init__(self, name: str, result: Entry) -> None:
        self.name = name
        self.info: Entry = result["netns_info"]
        self.links = {(one["netns"], one["name"]): one for one in result.get("links") or ()}
        self.details = _picture_words.of_links(self.info, result)
        self.spaces = _picture_words.of_spaces(self.info, result.get("namespaces") or {})
        self.views: dict[Place, Entry] = {}  # by the place of a link, what is said of it
        self.peers: dict[Place, Place] = {}
        self.bridges = {(view.get("netns"), view["name"]) for view in self.info.get("linux_bridge") or ()}
        self.masters: dict[Place, list[Place]] = {}  # by the place of a bridge, its ports
        for pair in self.info.get("veth") or ():
            self._pair(pair)
        for view in self.info.get("netns_interface") or ():
            silent = view["name"] == "lo" and set(map(str, view.get("addresses") or ())) <= LOOPBACK
            if view["name"] not in OWN and not silent:
                self._seen((view.get("netns"), view["name"]), view)

    def _pair(self, pair: Entry) -> None:
        peer = pair.get("peer") or {}
        here, there = (pair.get("netns"), pair["name"]), (peer.get("netns"), str(peer.get("name") or ""))
        self._seen(here, pair)
        if there[1]:
            self._seen(there, peer)
            self.peers[here], self.peers[there] = there, here

    def _seen(self, place: Place, view: Entry) -> None:
        # The neighbours and rules of an end of a cable stand in a second entry.
        self.views[place] = {**self.views.get(place, {}), **view}
        if view.get("master"):
            self.masters.setdefault((place[0], view["master"]), []).append(place)

    def host(self) -> _picture_model.Host:
        """The host with all that hangs on it."""
        switches = [*self._bridges(), *self._ovs_bridges()]
        ports = {port.end.place for switch in switches for port in switch.ports}
        far = {port.far.place for switch in switches for port in switch.ports if port.far is not None}
        cables, others = [], []
        for place in self.views:
            peer = self.peers.get(place)
            if place in ports or place in far:
                continue
            if peer is None:
                others.append(self.end(place))
            elif (place[0] or "", place[1]) <= (peer[0] or "", peer[1]):
                cables.append(_picture_model.Cable((self.end(place), self.end(peer))))
        spaces = [_picture_model.Space(name, tuple(self.spaces[name])) for name in sorted(self.spaces, key=str)]
        views = _picture_places.views_of(self.info)
        return _picture_model.Host(self.name, tuple(switches), tuple(cables), tuple(others), tuple(spaces), views=views)

    def end(self, place: Place, more: t.Iterable[str] = ()) -> _picture_model.End:
        """A link with what is said of it."""
        view, link = self.views.get(place, {}), self.links.get(place)
        addresses = [str(one) for one in view.get("addresses") or () if str(one) not in LOOPBACK]
        master = view.get("master")  # a bond or a VRF: a port of a bridge is drawn at the bridge
        above = [f"port of {master}"] if master and (place[0], master) not in self.bridges else []
        details = [*_picture_words.of_kind(view), *above, *addresses, *self.details.get(place, ())]
        leased = " ".join(details)
        details += [f"{one} (dynamic)" for one in (link or {}).get("dynamic_addresses") or () if one not in leased]
        return _picture_model.End(*place, tuple(dict.fromkeys([*more, *details])), self._state(view, link))

    @staticmethod
    def _state(view: Entry, link: Entry | None) -> str:
        if (link or view).get("up") is False:
            return _picture_model.DOWN
        return _picture_model.NO_CARRIER if link is not None and link.get("carrier") is False else ""

    def _bridges(self) -> c.Iterator[_picture_model.Switch]:
        for view in self.info.get("linux_bridge") or ():
            place = (view.get("netns"), view["name"])
            ports_of = [*(view.get("ports") or ()), *([view["uplink"]] if view.get("uplink") else [])]
            names = [(place[0], port) for port in ports_of]
            ports = [self._port(one) for one in dict.fromkeys([*names, *self.masters.get(place, ())])]
            addresses = [str(one) for one in view.get("addresses") or ()]
            details = tuple(dict.fromkeys([*addresses, *self.details.get(place, ())]))
            state = _picture_model.DOWN if (self.links.get(place) or view).get("up") is False else ""
            yield _picture_model.Switch("linux bridge", view["name"], place[0], details, state, tuple(ports))

    def _port(self, place: Place, vlan: str = "", more: t.Iterable[str] = ()) -> _picture_model.Port:
        peer = self.peers.get(place)
        far = self.end(peer) if peer is not None else None
        return _picture_model.Port(self.end(place, more), vlan, far)

    def _ovs_bridges(self) -> c.Iterator[_picture_model.Switch]:
        """Bridges of Open vSwitch. The port with a bridge's own name is the bridge, which need not be up."""
        ports: dict[str, list[Entry]] = {view["name"]: [] for view in self.info.get("ovs_bridge") or ()}
        for view in self.info.get("ovs_port") or ():
            ports.setdefault(view["bridge"], []).append(view)
        bridges = {view["name"]: view for view in self.info.get("ovs_bridge") or ()}
        for name, views in ports.items():
            view = bridges.get(name, {})
            datapath = [f"({view['datapath_type']})"] if view.get("datapath_type") else []
            details = [*datapath, *map(str, view.get("addresses") or ()), *self.details.get((None, name), ())]
            chassis, joins, more = _picture_words.of_chassis(self.info, name)
            by_tag = sorted(views, key=lambda one: (one.get("tag") is not None, one.get("tag") or 0))
            uplink = view.get("uplink")
            if uplink and uplink not in {one["name"] for one in views}:  # a declaration has it here alone
                by_tag.insert(0, {"bridge": name, "name": uplink})
            found = tuple(self._ovs_port(one, name) for one in by_tag)
            details += chassis
            yield _picture_model.Switch("OVS bridge", name, None, tuple(details), "", found, joins, more)

    def _ovs_port(self, view: Entry, bridge: str) -> _picture_model.Port:
        name, vlan = view["name"], _picture_words.vlan_of(view)
        if view.get("type") == "internal":
            device = (view.get("netns"), view.get("rename") or name)
            self.views[device] = {**view, "name": device[1]}
            if view.get("netns"):
                port = _picture_model.End(None, name)
                return _picture_model.Port(port, vlan, self.end(device), internal=True)
        if view.get("type") == "patch":
            peer = str((view.get("options") or {}).get("peer") or "?")
            return _picture_model.Port(_picture_model.End(None, name), vlan, _picture_model.End(None, peer))
        return self._port((None, name), vlan, _picture_words.of_ovs_port(view))
