# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults that can be caused on purpose: what each one does, and which options describe its place."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values, _words

TABLES = ("Logical_Switch", "Logical_Router", "Load_Balancer", "Port_Group", "Address_Set")
PLACES = ("name", "netns", "value", "neighbour")  # the options, beside the fault itself


@dataclasses.dataclass(frozen=True)
class Sort:
    """One sort of fault. ``words`` says what is broken after it; ``needs`` and ``takes`` are options."""

    words: str
    needs: tuple[str, ...] = ("name",)
    takes: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()  # as of a kind (see Kind.libraries)


_LINK: t.Mapping[str, t.Any] = {"takes": ("netns",)}
_OVS: t.Mapping[str, t.Any] = {"libraries": ("ovsdbapp",)}
_VXLAN: t.Mapping[str, t.Any] = {"needs": ("name", "value"), "takes": ("netns",)}
_VALUED: t.Mapping[str, t.Any] = {"takes": ("netns", "value")}
SORTS: t.Mapping[str, Sort] = {
    "link_down": Sort("the link {name} is down", **_LINK),
    "link_deleted": Sort("the link {name} is deleted", **_LINK),
    "link_remade": Sort("the veth {name} is deleted and made again, with nothing set", **_LINK),
    "link_renamed": Sort("the link {name} has another name", **_VALUED),
    "link_moved": Sort("the link {name} is in another namespace", **_VALUED),
    "link_mtu": Sort("the link {name} has another MTU", **_VALUED),
    "link_mac": Sort("the link {name} has another MAC address", **_VALUED),
    "link_detached": Sort("the link {name} is no port of its bridge any more", **_LINK),
    "link_checksums": Sort("transmit checksum offload of {name} is switched on", **_LINK),
    "port_flags_lost": Sort("the bridge port {name} has the flags of a new port", **_LINK),
    "vxlan_remote_lost": Sort("the vxlan {name} no longer sends to {value}", **_VXLAN),
    "vxlan_fdb_lost": Sort("the vxlan {name} has no entry for {value} any more", **_VXLAN),
    "vxlan_learning": Sort("learning of the vxlan {name} is switched over", **_LINK),
    "link_addresses_lost": Sort("the link {name} has lost its addresses", **_LINK),
    "address_added": Sort("the link {name} has one address more", needs=("name", "value"), takes=("netns",)),
    "address_duplicated": Sort(
        "{name} had to give {value} up, because somebody else has it",
        needs=("name", "value", "neighbour"),
        takes=("netns",),
    ),
    "routes_lost": Sort("the routes of namespace {netns} are lost", needs=("netns",)),
    "sysctl_changed": Sort("the sysctl {name} is {value}", needs=("name", "value"), takes=("netns",)),
    "netns_unmounted": Sort("the name of namespace {name} dangles"),
    "netns_deleted": Sort("namespace {name} has lost its name"),
    "netns_replaced": Sort("another, empty namespace has the name {name}"),
    "dnsmasq_killed": Sort("dnsmasq {name} is killed"),
    "dnsmasq_pid_reused": Sort("dnsmasq {name} is killed, and its pid file names somebody else"),
    "dnsmasq_edited": Sort("the configuration of dnsmasq {name} is edited by hand"),
    "dhcp_client_killed": Sort("the DHCP client of {name} is killed", needs=("name", "netns")),
    "dhcp_lease_stale": Sort(
        "the DHCP client of {name} is killed, and its lease file is that of another life", needs=("name", "netns")
    ),
    "ovs_port_deleted": Sort("the OVS port {name} is deleted", **_OVS),
    "ovs_port_tag": Sort("the OVS port {name} has another VLAN tag", takes=("value",), **_OVS),
    "ovs_port_unprotected": Sort("the OVS port {name} is no longer protected", **_OVS),
    "ovs_port_iface_id_lost": Sort("the OVS port {name} has no iface-id any more", **_OVS),
    "ovs_bridge_deleted": Sort("the OVS bridge {name} is deleted with its ports", **_OVS),
    "ovs_vswitchd_crashed": Sort("ovs-vswitchd has crashed", needs=(), **_OVS),
    "ovn_encap_changed": Sort(
        "the host tells OVN that its tunnels end elsewhere", needs=(), takes=("value",), libraries=("ovsdbapp",)
    ),
    "ovn_row_deleted": Sort("{name} is deleted from table {value}", needs=("name", "value"), libraries=("ovsdbapp",)),
}

OPTIONS: dict[str, t.Any] = {
    "fault": {"type": "str", "required": True, "choices": list(SORTS)},
    "name": {"type": "str"},
    "netns": {"type": "str"},
    "value": {"type": "str"},
    "neighbour": {"type": "dict", "options": {"name": {"type": "str", "required": True}, "netns": {"type": "str"}}},
}


@dataclasses.dataclass(frozen=True)
class Fault:
    """One fault: its sort and its place."""

    sort: str
    name: str = ""
    netns: str | None = None
    value: str | None = None
    neighbour: tuple[str | None, str] | None = None  # a link of the same segment: namespace and name

    @property
    def sentence(self) -> str:
        """What it breaks, in words."""
        where = f" in namespace {self.netns}" if self.netns and "{netns}" not in SORTS[self.sort].words else ""
        return SORTS[self.sort].words.format(name=self.name, netns=self.netns, value=self.value) + where


def fault_of(params: t.Mapping[str, t.Any]) -> Fault:
    """A fault from the module's options. Raises BadInput."""
    sort = SORTS[params["fault"]]
    given: dict[str, t.Any] = {option: params.get(option) for option in PLACES if params.get(option) is not None}
    for option in sort.needs:
        if option not in given:
            raise _errors.BadInput(
                f"{option}: is missing; the fault '{params['fault']}' needs {' and '.join(sort.needs)}."
            )
    for option in given:
        if option not in sort.needs + sort.takes:
            known = ", ".join(sort.needs + sort.takes) or "no further option"
            raise _errors.BadInput(
                f"{option}: says nothing about the fault '{params['fault']}', which takes {known}. Leave it out."
            )
    neighbour = given.get("neighbour")
    return Fault(
        params["fault"],
        _name_of(params["fault"], given.get("name", "")),
        _values.netns_name(given["netns"], "netns") if "netns" in given else None,
        _value_of(params["fault"], given.get("value")),
        _place_of(neighbour) if neighbour else None,
    )


def _place_of(neighbour: t.Mapping[str, t.Any]) -> tuple[str | None, str]:
    netns = neighbour.get("netns")
    return _values.netns_name(netns, "neighbour.netns") if netns is not None else None, _values.link_name(
        neighbour["name"], "neighbour.name"
    )


def _name_of(sort: str, name: str) -> str:
    if sort == "sysctl_changed":
        if not re.fullmatch(r"net(\.[A-Za-z0-9_-]+)+", name):
            raise _errors.BadInput(
                f"name: {name!r} is not a sysctl of a namespace; name one such as net.ipv4.ip_forward."
            )
        return name
    if sort.startswith("netns_"):
        return _values.netns_name(name, "name")
    if sort.startswith("dnsmasq_") or sort == "ovn_row_deleted":
        return _values.object_name(name, "name")
    return _values.link_name(name, "name") if name else ""


def _table(value: str, option: str) -> str:
    """A table of the northbound database whose rows can be deleted one by one, and have names."""
    if value not in TABLES:
        raise _errors.BadInput(f"{option}: {_words.impossible(value, list(TABLES))}")
    return value


def _value_of(sort: str, value: str | None) -> str | None:
    if value is None:
        return None
    if sort in NUMBERS:
        if not re.fullmatch(r"\d{1,9}", value):
            raise _errors.BadInput(f"value: {value!r} is not a whole number, which the fault '{sort}' needs.")
        return str(NUMBERS[sort](int(value), "value"))
    return NORMAL.get(sort, _values.text)(value, "value")


NUMBERS: t.Mapping[str, t.Callable[[int, str], int]] = {"link_mtu": _values.mtu, "ovs_port_tag": _values.vlan}
NORMAL: t.Mapping[str, t.Callable[[str, str], str]] = {
    "address_added": _values.interface,
    "address_duplicated": _values.interface,
    "vxlan_remote_lost": lambda value, option: str(_values.address(value, option)),
    "vxlan_fdb_lost": _values.mac,
    "link_mac": _values.mac,
    "link_renamed": _values.link_name,
    "link_moved": _values.netns_name,
    "ovn_encap_changed": lambda value, option: str(_values.host_address(value, option)),
    "ovn_row_deleted": _table,
}
