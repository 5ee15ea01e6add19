# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the northbound database of OVN to the model of a picture: switches, and what is on them."""

from __future__ import annotations

import collections.abc as c
import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_style,
    _picture_model,
    _picture_ovn_words,
    _picture_places,
)

Entry = c.Mapping[str, t.Any]
Lists = c.Mapping[str, t.Sequence[Entry]]
NAME = "OVN"
KEY, LEFT_OUT = "ovn_info", "left_out"  # of the result of ovn_info


def lists_of(result: t.Any) -> dict[str, list[Entry]] | None:
    """The objects in a result of ovn_info, whether they can be declared or not. None if it is no such result."""
    if not isinstance(result, c.Mapping) or not isinstance(result.get(KEY), c.Mapping):
        return None
    found = {kind: list(views) for kind, views in result[KEY].items()}
    for one in result.get(LEFT_OUT) or ():
        views, options = found.setdefault(one["kind"], []), one["options"]
        names = [view.get("name") for view in views]
        if options.get("name") in names:  # some of its options are left out
            place = names.index(options.get("name"))
            views[place] = {**views[place], **options}
        else:
            views.append(options)
    return found


def host_of(name: str, lists: Lists, hosts: c.Mapping[str, str] | None = None) -> _picture_model.Host:
    """The database as a frame. ``lists``: as ovn_info returns them; ``hosts``: chassis -> name of its host."""
    return _Reader(lists, hosts or {}).host(name)


def joined(found: c.Sequence[_picture_model.Host]) -> list[_picture_model.Host]:
    """Hosts whose ports of OVN stand in the lanes of its switches, if the database is one of the hosts."""
    switches = {
        str(view["name"]): str(view["switch"])
        for database in found
        if database.northbound
        for views in database.views.values()
        for kind, view in views
        if kind == "ovn_port"
    }
    return [one if one.northbound else _with_lanes(one, switches) for one in found]


def _with_lanes(host: _picture_model.Host, switches: c.Mapping[str, str]) -> _picture_model.Host:
    """A host of which the ports that are bound to OVN stand in a lane of their switch. ``switches``: port -> switch."""
    lanes: dict[_picture_model.Place, str] = {}
    for place, views in host.views.items():
        for kind, view in views:
            if kind == "ovs_port" and view.get("iface_id") in switches and place == (None, view["name"]):
                lanes[place] = f"{_diagram_style.LANE}{switches[view['iface_id']]}"
    if not lanes:
        return host
    found = []
    for switch in host.switches:
        ports = [dataclasses.replace(one, vlan=lanes.get(one.end.place, one.vlan)) for one in switch.ports]
        ports.sort(key=lambda one: (one.vlan in lanes.values(), one.vlan if one.vlan in lanes.values() else ""))
        found.append(dataclasses.replace(switch, ports=tuple(ports)))
    return dataclasses.replace(host, switches=tuple(found))


class _Reader:
    """Reads one database."""

    def __init__(self, lists: Lists, hosts: c.Mapping[str, str]) -> None:
        self.lists, self.hosts = lists, hosts
        self.words = _picture_ovn_words.Words(lists, hosts)
        self.ports: dict[str, list[_picture_model.Port]] = {}  # by the name of a switch
        self.shown: list[_picture_model.Space] = []

    def _all(self, kind: str) -> c.Iterable[tuple[Entry, str]]:
        """The objects of a kind, each with the name of its space."""
        for view in self.lists.get(kind) or ():
            yield view, str(_picture_places.place_of(kind, view)[0])

    def host(self, name: str) -> _picture_model.Host:
        """The database with all that is in it."""
        routed = {port["name"] for router in self.lists.get("ovn_router") or () for port in router.get("ports") or ()}
        for view, space in self._all("ovn_port"):
            if view.get("type") not in ("router", "localnet") and view["name"] not in routed:
                self._port(view, space)
        for view, space in self._all("ovn_router"):
            self._router(view, space)
        self._spaces("ovn_load_balancer", self.words.balancer)
        self._spaces("ovn_port_group", self.words.group)
        self._spaces("ovn_address_set", lambda view: list(map(str, view.get("addresses") or ())))
        switches = [self._switch(view) for view in self.lists.get("ovn_switch") or ()]
        known = {one["name"] for one in self.lists.get("ovn_switch") or ()}
        switches += [self._switch({"name": one}) for one in self.ports if one not in known]
        used = {place for switch in switches for place in switch.more}
        unused = [(view, space) for view, space in self._all("ovn_dhcp_options") if (space, "") not in used]
        for view, space in unused:
            self._space("ovn_dhcp_options", view, space, self.words.dhcp(view))
        options = self.words.options()
        whole = (_picture_model.Space(None, tuple(options)),) if options else ()
        return _picture_model.Host(
            name,
            tuple(switches),
            spaces=(*whole, *self.shown),
            views=_picture_places.views_of(self.lists),
            northbound=True,
        )

    def _spaces(self, kind: str, told: t.Callable[[Entry], list[str]]) -> None:
        for view, space in self._all(kind):
            self._space(kind, view, space, told(view))

    def _space(self, kind: str, view: Entry, space: str, details: t.Iterable[str], title: str = "") -> None:
        sort = _picture_places.OF_OVN[kind]
        self.shown.append(_picture_model.Space(space, tuple(details), sort, title or str(view["name"])))

    def _port(self, view: Entry, space: str) -> None:
        """A port with what is behind it. The name of a member's port begins with that of its network."""
        name, switch = str(view["name"]), str(view["switch"])
        title = name.removeprefix(f"{switch}-") or name
        state = _picture_model.DOWN if view.get("enabled") is False else ""
        end = _picture_model.End(space, "", tuple(self.words.port(view)), state, title)
        near = _picture_model.End(space, name)
        self.ports.setdefault(switch, []).append(_picture_model.Port(near, "", end))
        self._space("ovn_port", view, space, (), title)

    def _router(self, view: Entry, space: str) -> None:
        """A router with its ports. Each of them has a peer on a switch, which has no name in the lists."""
        for port in view.get("ports") or ():
            networks = tuple(map(str, port.get("networks") or ()))
            far = _picture_model.End(
                space, str(port["name"]), networks, owner=f"{_picture_model.ROUTER} {view['name']}"
            )
            near = _picture_model.End(space, f"peer of {port['name']}")
            self.ports.setdefault(str(port["switch"]), []).append(_picture_model.Port(near, "", far))
        self._space("ovn_router", view, space, self.words.router(view))

    def _switch(self, view: Entry) -> _picture_model.Switch:
        name = str(view["name"])
        localnet = view.get("localnet") or {}
        network = str(localnet.get("network") or "")
        ports = list(self.ports.get(name, ()))
        if network:
            tag = (f"VLAN {localnet['tag']}",) if localnet.get("tag") else ()
            ports.insert(0, _picture_model.Port(_picture_model.End(None, f"to {network}", ("physical network", *tag))))
        used = dict.fromkeys(
            one["dhcp_options"]
            for one in self.lists.get("ovn_port") or ()
            if one["switch"] == name and one.get("dhcp_options")
        )
        options = [one for one in self.lists.get("ovn_dhcp_options") or () if one["name"] in used]
        more = [_picture_places.place_of("ovn_dhcp_options", one) for one in options]
        details = self.words.switch(view, options)
        joins = (network,) if network else ()
        return _picture_model.Switch(
            "OVN switch", name, None, tuple(details), ports=tuple(ports), joins=joins, more=tuple(more)
        )
