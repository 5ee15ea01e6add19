# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a vxlan sends (ip-link(8), bridge-fdb(8)): to one remote, to a multicast group, or to the remotes and the
entries of its forwarding table.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _encapsulation,
    _errors,
    _fdb,
    _fdb_ops,
    _ops,
    _plan,
    _snapshot,
    _tunnel_ports,
    _values,
)

PORT = _encapsulation.PORTS[_encapsulation.VXLAN]  # the kernel's own default, 8472, is older than the assignment
HIGHEST_VNI = _encapsulation.HIGHEST_NUMBER[_encapsulation.VXLAN]
TAKES = ("parent", "id", "remote", "local", "port", "group", "remotes", "fdb", "learning", "ttl")
MENDS = ("learning", "ttl")
OPTIONS: dict[str, dict[str, t.Any]] = {
    "group": {"type": "str"},
    "remotes": {"type": "list", "elements": "str"},
    "fdb": {
        "type": "list",
        "elements": "dict",
        "options": {
            "mac": {"type": "str", "required": True},
            "remote": {"type": "str", "required": True},
            "port": {"type": "int"},
            "vni": {"type": "int"},
        },
    },
    "learning": {"type": "bool"},
    "ttl": {"type": "str"},
}
CLEARABLE: dict[str, t.Any] = {"remotes": [], "fdb": [], "learning": True, "ttl": "auto"}
TOGETHER = ("remote", "group", "remotes")  # where it sends what it knows no better place for: one of them says so


def normalise(given: dict[str, t.Any], path: str, present: bool) -> None:
    """Bring the options of a vxlan to their normal form, in place."""
    _refuse_contradictions(given, path, present)
    for option in ("remote", "local"):
        if "%" in given.get(option, ""):
            raise _errors.BadInput(
                f"{path}{option}: {given[option]!r} names a link; write '{given[option].split('%')[0]}' here and the"
                " link as parent."
            )
    if "remote" in given:
        found = _values.address(given["remote"], f"{path}remote")
        given["remote"] = str(found if found.is_multicast else _values.host_address(given["remote"], f"{path}remote"))
    if "local" in given:
        given["local"] = str(_values.host_address(given["local"], f"{path}local"))
    if "group" in given:
        given["group"] = _group(given["group"], f"{path}group")
    if "remotes" in given:
        given["remotes"] = _remotes(given["remotes"], f"{path}remotes")
    if "fdb" in given:
        given["fdb"] = _entries(given["fdb"], f"{path}fdb")
    _refuse_ends(given, path)
    multicast = next((name for name in ("remote", "group") if _is_multicast(given.get(name))), None)
    if present and multicast and "parent" not in given:
        raise _errors.BadInput(
            f"{path}parent: is missing; name the link by which the multicast group {given[multicast]} is reached."
        )
    if "ttl" in given:
        given["ttl"] = _ttl(given["ttl"], f"{path}ttl")
    if present:
        given["port"] = _values.number(given.get("port", PORT), f"{path}port", 1, 65535)


def _refuse_contradictions(given: t.Mapping[str, t.Any], path: str, present: bool) -> None:
    named = [name for name in TOGETHER if name in given]
    if present and len(named) > 1:
        raise _errors.BadInput(
            f"{path}{named[1]}: excludes {named[0]}; a vxlan sends what it knows no better place for to one remote, to"
            " one multicast group, or to all remotes of a list."
        )


def _group(value: str, option: str) -> str:
    found = _values.address(value, option)
    if not found.is_multicast:
        raise _errors.BadInput(
            f"{option}: {value!r} is not a multicast address; write one such as '239.1.1.1', or give remotes."
        )
    return str(found)


def _remote(value: str, option: str) -> str:
    """The address of another end."""
    found = _values.host_address(value, option)
    if found.version == 6 and found.is_link_local:
        raise _errors.BadInput(
            f"{option}: {value!r} is link-local, and means another host on each link; give an address that is routed."
        )
    return str(found)


def _remotes(values: t.Sequence[t.Any], option: str) -> tuple[_fdb.Tunnel, ...]:
    found: list[_fdb.Tunnel] = []
    for index, value in enumerate(_values.strings(values, option)):
        one = _fdb.Tunnel(_fdb.DEFAULT, _remote(value, f"{option}[{index}]"))
        if one in found:
            raise _errors.BadInput(f"{option}[{index}]: '{one.remote}' stands in the list twice; remove one.")
        found.append(one)
    return tuple(found)


def _entries(values: t.Sequence[_plan.Params], option: str) -> tuple[_fdb.Tunnel, ...]:
    found: dict[str, _fdb.Tunnel] = {}
    for index, value in enumerate(values):
        here = f"{option}[{index}]."
        if value["mac"].strip().replace("-", ":") == _fdb.DEFAULT:
            raise _errors.BadInput(
                f"{here}mac: '{_fdb.DEFAULT}' stands for all addresses that are not known; give remotes."
            )
        mac = _values.mac(value["mac"], f"{here}mac")
        port, vni = value.get("port"), value.get("vni")
        one = _fdb.Tunnel(
            mac,
            _remote(value["remote"], f"{here}remote"),
            None if port is None else _values.number(port, f"{here}port", 1, 65535),
            None if vni is None else _values.number(vni, f"{here}vni", 0, HIGHEST_VNI),
        )
        if mac in found:
            twice = "stands in the list twice; remove one" if found[mac] == one else "is behind another remote above"
            raise _errors.BadInput(f"{here}mac: '{mac}' {twice}.")
        found[mac] = one
    return tuple(found.values())


def _refuse_ends(given: t.Mapping[str, t.Any], path: str) -> None:
    """Refuse ends of several IP families (vxlan_config_validate(), vxlan_fdb_parse()), and the link itself as its other
    end.
    """
    ends = [(name, given[name]) for name in ("remote", "group", "local") if name in given]
    ends += [(f"remotes[{index}]", one.remote) for index, one in enumerate(given.get("remotes", ()))]
    ends += [(f"fdb[{index}].remote", one.remote) for index, one in enumerate(given.get("fdb", ()))]
    first, *others = ends or [("", "")]
    for name, end in others:
        if (":" in end) != (":" in first[1]):
            raise _errors.BadInput(f"{path}{name}: '{end}' and the {first[0]} '{first[1]}' must be of one IP family.")
    itself = next((name for name, end in ends if name != "local" and end == given.get("local")), None)
    if itself is not None:
        raise _errors.BadInput(f"{path}{itself}: '{given['local']}' is the local end itself; name only others.")


def _ttl(value: str, option: str) -> str:
    """A number of hops, 'inherit' (that of the packet inside), or 'auto': the kernel chooses it."""
    if value in ("inherit", "auto"):
        return value
    if not value.isdecimal():
        raise _errors.BadInput(f"{option}: {value!r} is neither a number of hops nor 'inherit' or 'auto'.")
    return str(_values.number(int(value), option, 0, 255)) if int(value) else "auto"


def _is_multicast(address: str | None) -> bool:
    return address is not None and ipaddress.ip_address(address).is_multicast


# --- the plan ---


def kernel_data(own: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The options that are attributes of the link, as the kernel names them: it has one for remote and group."""
    data = {name: value for name, value in own.items() if name not in ("group", "remotes", "fdb")}
    return {**data, **({"remote": own["group"]} if "group" in own else {})}


def fresh_table(own: t.Mapping[str, t.Any]) -> tuple[_fdb.Tunnel, ...]:
    """The entries that a new vxlan has."""
    remote = kernel_data(own).get("remote")
    return (_fdb.Tunnel(_fdb.DEFAULT, remote),) if remote else ()


def is_lasting(differing: t.Mapping[str, t.Any], link: _snapshot.Link) -> bool:
    """Whether a living vxlan takes these attributes. It does not begin or cease to inherit the TTL
    (VXLAN_F_TTL_INHERIT in vxlan_nl2conf()).
    """
    return not set(differing) - set(MENDS) and not (
        "ttl" in differing and "inherit" in (differing["ttl"], link.data.get("ttl"))
    )


def unwanted(own: t.Mapping[str, t.Any], link: _snapshot.Link) -> dict[str, t.Any]:
    """The attributes of a living vxlan that contradict the options though none names them, with what they should be."""
    if "remotes" in own and _is_multicast(link.data.get("remote")):
        return {"remote": None}
    group = kernel_data(own).get("remote")
    if _is_multicast(group) and not _is_in_effect(group, link):  # nobody can write this entry in another namespace
        return {_fdb.FDB: None}
    return {}


def _is_in_effect(remote: str | None, link: _snapshot.Link) -> bool:
    """Whether the vxlan still sends to its own remote: somebody may have deleted the entry."""
    return _fdb.FDB not in link.data or _fdb.Tunnel(_fdb.DEFAULT, remote) in _fdb.of_vxlan(link)


def refuse_taken(planner: _plan.Planner, place: _plan.Place, data: t.Mapping[str, t.Any]) -> None:
    """Refuse an id that another vxlan has with the same UDP port (vxlan_vni_in_use()), of which the kernel says "File
    exists", as for a name. Refuse the port of an external one: the kernel makes the link, and it never comes up.
    """
    home, port = _tunnel_ports.home_of(place[0], data), data["port"]
    wish = f"Cannot create vxlan '{place[1]}'{_ops.where(place[0])}"
    for ns, link in _tunnel_ports.vxlans(planner.now, home, port):
        if (link.data.get("id"), _family(link.data)) == (data["id"], _family(data)):
            raise _errors.Conflict(
                f"{wish}: '{link.name}'{_ops.where(ns)} has the id {data['id']} on UDP port {port}, and is left alone."
                " Choose another id or port, or take that link away."
            )
    for ns, link in _tunnel_ports.vxlans(planner.now, home, port, external=True):
        raise _errors.Conflict(
            f"{wish}: '{link.name}'{_ops.where(ns)} receives whatever comes to UDP port {port}. Open vSwitch makes such"
            " a link for its own tunnels. Choose another port, on all hosts that this vxlan joins, or take that one"
            " away."
        )


def _family(data: t.Mapping[str, t.Any]) -> int:
    return 6 if ":" in str(data.get("local") or data.get("remote") or "") else 4


def settle(place: _plan.Place, own: t.Mapping[str, t.Any], planner: _plan.Planner, path: str) -> None:
    """Plan exactly the declared remotes and entries. Those of which the options do not speak stay."""
    link = planner.now.namespaces[place[0]].links[place[1]]
    if own.get("remote") and not _is_in_effect(own["remote"], link):
        planner.do(_fdb_ops.FdbSet(*place, _fdb.Tunnel(_fdb.DEFAULT, own["remote"])))
    for option in ("remotes", "fdb"):
        if option not in own:
            continue
        wanted = dict.fromkeys(_as_told(one, link) for one in own[option])
        has = set(_fdb.of_vxlan(link))
        for index, one in enumerate(wanted):
            _refuse_family(one, link, f"{path}{option}[{index}]")
            if one not in has:
                planner.do(_fdb_ops.FdbSet(*place, one))
        for one in _fdb.of_vxlan(planner.now.namespaces[place[0]].links[place[1]]):
            if one.declared and one.is_default == (option == "remotes") and one not in wanted:
                planner.do(_fdb_ops.FdbDelete(*place, one))


def _as_told(entry: _fdb.Tunnel, link: _snapshot.Link) -> _fdb.Tunnel:
    """The entry as the kernel tells it: without what is that of the link anyway (vxlan_fdb_info())."""
    port = None if entry.port == link.data.get("port") else entry.port
    vni = None if entry.vni == link.data.get("id") else entry.vni
    return _fdb.Tunnel(entry.mac, entry.remote, port, vni)


def _refuse_family(entry: _fdb.Tunnel, link: _snapshot.Link, option: str) -> None:
    family, wanted = _family(link.data), 6 if ":" in str(entry.remote) else 4
    if family != wanted:
        end = link.data.get("local") or link.data.get("remote")
        raise _errors.BadInput(
            f"{option}: '{entry.remote}' is IPv{wanted}, and '{link.name}' is of IPv{family}"
            f"{f' like {end}' if end else ', as without local'}. Give it a local address of IPv{wanted}."
        )


# --- what is shown ---


def view(link: _snapshot.Link, own: t.Mapping[str, t.Any] | None = None) -> dict[str, t.Any]:
    """Where it sends, in the shape of the options. ``own``: the declared ones, and only of these the entries are shown;
    None: all.
    """
    remote, table = link.data.get("remote"), _fdb.of_vxlan(link)
    defaults = [one.remote for one in table if one.is_default and one.declared]
    found: dict[str, t.Any] = {"remote": None, "group": None}
    if own is not None and not _is_in_effect(remote, link):
        remote = None
    if remote is not None and (own is None or "remotes" not in own or _is_multicast(remote)):
        found["group" if _is_multicast(remote) and "remote" not in (own or ()) else "remote"] = remote
    if _fdb.FDB in link.data and _is_listed(remote, defaults, own):
        found.update({"remote": None, "remotes": defaults})
    if own is None or "fdb" in own:
        shown = ("mac", "remote", "port", "vni")
        entries = [
            {name: getattr(one, name) for name in shown if getattr(one, name) is not None}
            for one in table
            if one.declared and not one.is_default
        ]
        found["fdb"] = entries if entries or own is not None else None
    return found


def _is_listed(remote: str | None, defaults: t.Sequence[str | None], own: t.Mapping[str, t.Any] | None) -> bool:
    """Whether the remotes are shown as a list: not if there is a group, or just the one remote of the link itself."""
    if _is_multicast(remote):
        return False
    return "remotes" in own if own is not None else list(defaults) != ([remote] if remote else [])
