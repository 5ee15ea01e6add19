# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert the messages about links, and the IFLA_INFO_DATA of their kinds, to the shape of our options, and back.

Sources: linux/if_link.h; Documentation/networking/netlink_spec/rt-link.rst of the kernel.
"""

from __future__ import annotations

import os
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _link_info, _message
from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

NET_ADDR_SET = "3"  # linux/netdevice.h
IFF_UP, IFF_LOWER_UP = 0x1, 0x10000  # linux/if.h
VLAN_FLAG_LOOSE_BINDING = 0x4  # linux/if_vlan.h: it does not go up and down with its parent
# What a tunnel's module makes in every namespace when it is loaded (ipip.c, ip_gre.c, sit.c, ip_vti.c, ip6_tunnel.c,
# ip6_gre.c, ip6_vti.c): kind -> name.
FALLBACKS = {
    "ipip": "tunl0",
    "gre": "gre0",
    "gretap": "gretap0",
    "erspan": "erspan0",
    "sit": "sit0",
    "vti": "ip_vti0",
    "ip6tnl": "ip6tnl0",
    "ip6gre": "ip6gre0",
    "vti6": "ip6_vti0",
}
NAMES = {"mac": "IFLA_ADDRESS", "mtu": "IFLA_MTU", "txqueuelen": "IFLA_TXQLEN", "alias": "IFLA_IFALIAS"}
# An attribute: its option, and how its value is read and written.
Codec = tuple[str, t.Callable[[t.Any], t.Any], t.Callable[[t.Any], t.Any]]


def _same(value: t.Any) -> t.Any:
    return value


def _seconds(value: int) -> float:
    # The bridge counts in USER_HZ, which is 100 on every architecture Ansible runs on.
    return value // 100 if value % 100 == 0 else value / 100


def _ticks(value: float) -> int:
    return round(value * 100)


def _named(table: t.Mapping[str, int]) -> tuple[t.Callable[[t.Any], t.Any], t.Callable[[t.Any], t.Any]]:
    names = {number: name for name, number in table.items()}
    # pyroute2 0.9 decodes some of these to names by itself, 0.7 leaves the number.
    return (lambda value: value if isinstance(value, str) else names.get(value, value)), (
        lambda value: table.get(value, value)
    )


def _hops(value: int) -> str:
    return str(value) if value else "auto"


def _u8(value: int) -> bytes:
    return struct.pack("=B", value)


def _u16(value: int) -> bytes:
    return struct.pack("=H", value)


def _u32(value: int) -> bytes:
    return struct.pack("=I", value)


MACVLAN_MODES = {"private": 1, "vepa": 2, "bridge": 4, "passthru": 8, "source": 16}
IPVLAN_MODES = {"l2": 0, "l3": 1, "l3s": 2}

CODECS: dict[str, dict[str, Codec]] = {
    "bridge": {
        "IFLA_BR_STP_STATE": ("stp", bool, int),
        "IFLA_BR_FORWARD_DELAY": ("forward_delay", _seconds, _ticks),
        "IFLA_BR_HELLO_TIME": ("hello_time", _seconds, _ticks),
        "IFLA_BR_MAX_AGE": ("max_age", _seconds, _ticks),
        "IFLA_BR_AGEING_TIME": ("ageing_time", _seconds, _ticks),
        "IFLA_BR_PRIORITY": ("priority", _same, _same),
        "IFLA_BR_MCAST_SNOOPING": ("multicast_snooping", bool, int),
    },
    "tun": {
        "IFLA_TUN_TYPE": ("mode", {1: "tun", 2: "tap"}.get, {"tun": 1, "tap": 2}.get),
        "IFLA_TUN_OWNER": ("owner", _same, _same),
        "IFLA_TUN_GROUP": ("owner_group", _same, _same),
        "IFLA_TUN_PERSIST": ("persist", bool, int),
        # No option speaks of these. They are as they were when an owner changes, and when a tap comes back.
        "IFLA_TUN_PI": ("pi", bool, int),
        "IFLA_TUN_VNET_HDR": ("vnet_hdr", bool, int),
        "IFLA_TUN_MULTI_QUEUE": ("multi_queue", bool, int),
    },
    "macvlan": {"IFLA_MACVLAN_MODE": ("mode", *_named(MACVLAN_MODES))},
    "ipvlan": {"IFLA_IPVLAN_MODE": ("mode", *_named(IPVLAN_MODES))},
    "vlan": {"IFLA_VLAN_ID": ("id", _same, _same)},
    "vxlan": {
        "IFLA_VXLAN_ID": ("id", _same, _same),
        "IFLA_VXLAN_GROUP": ("remote", _same, _same),
        "IFLA_VXLAN_GROUP6": ("remote", _same, _same),
        "IFLA_VXLAN_LOCAL": ("local", _same, _same),
        "IFLA_VXLAN_LOCAL6": ("local", _same, _same),
        "IFLA_VXLAN_PORT": ("port", _same, _same),
        "IFLA_VXLAN_TTL": ("ttl", _hops, lambda hops: 0 if hops == "auto" else int(hops)),
        "IFLA_VXLAN_LEARNING": ("learning", bool, int),
        "IFLA_VXLAN_LINK": ("parent_index", _same, _same),
    },
}
# IFLA_INFO_SLAVE_DATA of a bridge's port.
PORT: dict[str, Codec] = {
    "IFLA_BRPORT_ISOLATED": ("isolated", bool, _u8),
    "IFLA_BRPORT_MODE": ("hairpin", bool, _u8),
    "IFLA_BRPORT_LEARNING": ("learning", bool, _u8),
    "IFLA_BRPORT_UNICAST_FLOOD": ("flood", bool, _u8),
    "IFLA_BRPORT_NEIGH_SUPPRESS": ("neigh_suppress", bool, _u8),
    "IFLA_BRPORT_COST": ("cost", _same, _u32),
    "IFLA_BRPORT_PRIORITY": ("priority", _same, _u16),
    # No option speaks of these. They come back when a port comes back.
    "IFLA_BRPORT_GUARD": ("bpdu_guard", bool, _u8),
    "IFLA_BRPORT_PROTECT": ("root_block", bool, _u8),
    "IFLA_BRPORT_FAST_LEAVE": ("fast_leave", bool, _u8),
    "IFLA_BRPORT_PROXYARP": ("proxy_arp", bool, _u8),
    "IFLA_BRPORT_PROXYARP_WIFI": ("proxy_arp_wifi", bool, _u8),
    "IFLA_BRPORT_MULTICAST_ROUTER": ("multicast_router", _same, _u8),
    "IFLA_BRPORT_MCAST_FLOOD": ("mcast_flood", bool, _u8),
    "IFLA_BRPORT_MCAST_TO_UCAST": ("mcast_to_unicast", bool, _u8),
    "IFLA_BRPORT_VLAN_TUNNEL": ("vlan_tunnel", bool, _u8),
    "IFLA_BRPORT_BCAST_FLOOD": ("bcast_flood", bool, _u8),
    "IFLA_BRPORT_GROUP_FWD_MASK": ("group_fwd_mask", _same, _u16),
    "IFLA_BRPORT_LOCKED": ("locked", bool, _u8),
    "IFLA_BRPORT_MAB": ("mab", bool, _u8),
    "IFLA_BRPORT_MCAST_MAX_GROUPS": ("mcast_max_groups", _same, _u32),
    "IFLA_BRPORT_NEIGH_VLAN_SUPPRESS": ("neigh_vlan_suppress", bool, _u8),
}
TTL_INHERIT = "IFLA_VXLAN_TTL_INHERIT"  # told as a number, taken as a flag
_SIX = {"IFLA_VXLAN_GROUP6", "IFLA_VXLAN_LOCAL6"}
_FOUR = {"IFLA_VXLAN_GROUP", "IFLA_VXLAN_LOCAL"}


def settings(link: _snapshot.Link) -> list[list[t.Any]]:
    """The attributes that the kernel takes at creation. With mtu and mac there, nobody sees the link with others (field
    fact: udev).
    """
    return [[NAMES[key], getattr(link, key)] for key in ("mac", "mtu", "txqueuelen") if getattr(link, key) is not None]


def random_mac() -> str:
    """A random MAC address, locally administered and unicast."""
    first, *rest = os.urandom(6)
    return bytes([first & 0xFC | 0x02, *rest]).hex(":")


def link_of(message: t.Any, names: t.Mapping[int, str], addresses: tuple[_snapshot.Address, ...]) -> _snapshot.Link:
    """A link from its message; ``names``: the names of all links, by ifindex."""
    info = message.get_attr("IFLA_LINKINFO")
    kind = (info.get_attr("IFLA_INFO_KIND") if info else None) or ""
    told = info.get_attr("IFLA_INFO_DATA") if info else None
    data = decode(kind, told)
    port = decode_port(info.get_attr("IFLA_INFO_SLAVE_KIND"), info.get_attr("IFLA_INFO_SLAVE_DATA")) if info else {}
    nsid = message.get_attr("IFLA_LINK_NETNSID")
    above = names.get(message.get_attr("IFLA_MASTER"))
    of_ovs = info is not None and info.get_attr("IFLA_INFO_SLAVE_KIND") == "openvswitch"
    lower = message.get_attr("IFLA_LINK")
    below = data.pop("parent_index", None) or lower
    if nsid is None and below in names and kind != "veth":
        data["parent"] = names[below]
    return _snapshot.Link(
        name=message.get_attr("IFLA_IFNAME"),
        kind=kind,
        index=message["index"],
        mac=message.get_attr("IFLA_ADDRESS"),
        permanent_mac=message.get_attr("IFLA_PERM_ADDRESS"),
        mtu=message.get_attr("IFLA_MTU"),
        up=bool(message["flags"] & IFF_UP),
        carrier=bool(message["flags"] & IFF_LOWER_UP),
        master=None if of_ovs else above,
        held_by=above if of_ovs else None,
        txqueuelen=message.get_attr("IFLA_TXQLEN"),
        alias=message.get_attr("IFLA_IFALIAS") or "",
        altnames=message.get_attr("IFLA_PROP_LIST") or (),
        addresses=addresses,
        peer_index=below,
        peer_nsid=nsid,
        data=data,
        rest=_link_info.rest_of(kind, told.attributes) if told is not None else (),
        port=port,
        promiscuity=message.get_attr("IFLA_PROMISCUITY") or 0,
        fallback=_is_fallback(message, kind),
    )


def mac_is_set(name: str) -> bool | None:
    """Whether somebody chose a link's MAC address, or the kernel did (Documentation/ABI/testing/sysfs-class-net,
    addr_assign_type).
    """
    try:
        with open(f"/sys/class/net/{name}/addr_assign_type", encoding="ascii") as handle:
            return handle.read().strip() == NET_ADDR_SET
    except OSError:
        return None


def _is_fallback(message: t.Any, kind: str) -> bool:
    """Whether the kernel made the link for a namespace and keeps it there. It says so since 6.15; before, only this
    link can have its name.
    """
    bound = message.get_attr("IFLA_NETNS_IMMUTABLE")
    return kind in FALLBACKS and (
        bool(bound) if bound is not None else message.get_attr("IFLA_IFNAME") == FALLBACKS[kind]
    )


def decode(kind: str, data: t.Any) -> dict[str, t.Any]:
    """Convert IFLA_INFO_DATA, as pyroute2 gives it, to options."""
    found = _decoded(CODECS.get(kind, {}), data)
    if kind == "bridge" and data is not None and data.get_attr("IFLA_BR_TOPOLOGY_CHANGE"):
        # Meanwhile it is twice the forward delay, and nobody tells what was set (__br_set_topology_change() in
        # net/bridge/br_stp.c).
        found.pop("ageing_time", None)
    if (
        kind == "vlan"
        and data is not None
        and (data.get_attr("IFLA_VLAN_FLAGS") or {}).get("flags", 0) & VLAN_FLAG_LOOSE_BINDING
    ):
        found["loose_binding"] = True
    if kind == "vxlan" and data is not None:
        if data.get_attr(TTL_INHERIT):
            found["ttl"] = "inherit"
        if data.get_attr("IFLA_VXLAN_COLLECT_METADATA"):
            found["external"] = True
    return found


def decode_port(master_kind: str | None, data: t.Any) -> dict[str, t.Any]:
    """Convert IFLA_INFO_SLAVE_DATA, as pyroute2 gives it, to flags of a bridge's port. Ports of other masters have
    none.
    """
    return _decoded(PORT if master_kind == "bridge" else {}, data)


def encode_port(flags: t.Mapping[str, t.Any]) -> bytes:
    """Convert flags to IFLA_LINKINFO."""
    return _link_info.of_port(
        (_message.PORT[attribute][0], write(flags[flag]))
        for attribute, (flag, _read, write) in PORT.items()
        if flags.get(flag) is not None
    )


def _decoded(codecs: t.Mapping[str, Codec], data: t.Any) -> dict[str, t.Any]:
    found: dict[str, t.Any] = {}
    if data is None:
        return found
    for attribute, (option, read, _write) in codecs.items():
        value = data.get_attr(attribute)
        if value is not None:
            found[option] = read(value)
    return found


def encode(kind: str, data: t.Mapping[str, t.Any]) -> list[list[t.Any]]:
    """Convert options to attributes of IFLA_INFO_DATA. Unknown and empty options are left out."""
    attributes: list[list[t.Any]] = []
    for attribute, (option, _read, write) in CODECS.get(kind, {}).items():
        value = data.get(option)
        if value is None:
            continue
        if (option, value) == ("ttl", "inherit"):
            attributes.append([TTL_INHERIT, True])
            continue
        six = isinstance(value, str) and ":" in value
        if (attribute in _SIX and not six) or (attribute in _FOUR and six):
            continue
        attributes.append([attribute, write(value)])
    return attributes
