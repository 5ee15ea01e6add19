# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A logical switch (ovn-nb(5), table Logical_Switch) with its rules, its names and its way to a physical network."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import (
    _acls,
    _fields,
    _ovn,
    _residents,
    _router_judge,
    _router_ports,
    _uses,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _northbound,
    _northbound_ops,
    _plan,
    _values,
)

LOCALNET = "localnet"
LONGEST_LABEL = 63  # bytes of a name between two dots (RFC 1035, section 2.3.4)


def _subnet(value: str, path: str) -> str:
    network = _values.network(value, path)
    if network.is_multicast or network.is_loopback or network.prefixlen > 30 + 96 * (network.version == 6):
        raise _errors.BadInput(
            f"{path}: {value!r} has no addresses that OVN could allot; write a network such as '10.0.0.0/24'."
        )
    if network.version != 4:
        raise _errors.BadInput(f"{path}: {value!r} is of IPv6, of which OVN allots addresses by `ipv6_prefix`.")
    return str(network)


def _prefix(value: str, path: str) -> str:
    network = _values.network(value if "/" in value else f"{value}/64", path)
    if network.version != 6 or network.prefixlen != 64:
        raise _errors.BadInput(f"{path}: {value!r} is not a network of 64 bits of IPv6; write it as 'fd00:1::/64'.")
    return str(network.network_address)


def _excluded(values: t.Sequence[str], path: str) -> tuple[str, ...]:
    """Addresses, and ranges as 'first..last'."""
    found = []
    for index, value in enumerate(_values.strings(values, path)):
        ends = [_values.address(end, f"{path}[{index}]") for end in value.split("..")]
        if len(ends) > 2 or any(end.version != 4 for end in ends) or int(ends[0]) > int(ends[-1]):
            raise _errors.BadInput(
                f"{path}[{index}]: {value!r} is not a range; write '10.0.0.1', or '10.0.0.2..10.0.0.9'."
            )
        found.append("..".join(map(str, ends)))
    return tuple(found)


class SwitchKind(_ovn.OvnKind):
    """netloom.linux.ovn_switch"""

    name = "ovn_switch"
    table, word = _ovn.SWITCHES, "OVN switch"
    carries = True
    fields = (
        _fields.Field("subnet", "other_config", "subnet", _subnet),
        _fields.Field(
            "exclude_ips", "other_config", "exclude_ips", _excluded, " ".join, str.split, _fields.STRINGS, []
        ),
        _fields.Field("ipv6_prefix", "other_config", "ipv6_prefix", _prefix),
        _fields.Field(
            "mcast_snoop",
            "other_config",
            "mcast_snoop",
            stored=_fields.from_bool,
            shown=_fields.as_bool,
            spec=_fields.BOOL,
            empty=False,
        ),
        _fields.rest("other_config", "other_config"),
        _fields.rest("external_ids", "external_ids"),
    )
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "name": {"type": "str", "required": True},
        **_fields.options(fields),
        "dns": {"type": "dict"},
        "acls": _acls.OPTION,
        "localnet": {
            "type": "dict",
            "options": {"network": {"type": "str"}, "tag": {"type": "int"}},
        },
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {
        **_fields.clearable(fields),
        "dns": {},
        "acls": [],
        "localnet": {},
    }

    def read(self, params: _plan.Params, path: str) -> dict[str, t.Any]:
        return {
            "dns": None if params.get("dns") is None else _names(params["dns"], f"{path}dns"),
            "acls": _acls.read(params.get("acls"), f"{path}acls"),
            "localnet": _way_out(params.get("localnet"), f"{path}localnet"),
        }

    def fill(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        if spec.more["dns"] is not None:
            self._dns(spec, planner, place)
        if spec.more["localnet"] is not None:
            self._localnet(spec, planner, place)

    def settle(self, spec: _ovn.OvnSpec, planner: _plan.Planner) -> None:
        place = self.find(spec, planner.now.nb)
        if place is not None:
            _acls.plan(spec.more["acls"], planner, place, group=None, of=self.what(spec), path=spec.path)

    def _dns(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        nb, wanted = planner.now.nb, spec.more["dns"]
        row = _dns_of(nb, place)
        if row is None and wanted:
            row = _lost_dns(nb, spec.name)
            if row is not None:
                named = tuple(sorted({*nb.row(place)["dns_records"], row.id}))
                words = f"add names {', '.join(sorted(wanted))} to {self.what(spec)}"
                _ovn.change(planner, place, {"dns_records": named}, words)
        if row is None and wanted:
            values = {"records": wanted, "external_ids": {_ovn.KEY: spec.name}}
            new = _northbound.Place("DNS", nb.next_id())
            words = f"add names {', '.join(sorted(wanted))} to {self.what(spec)}"
            planner.do(_northbound_ops.RowInsert(new, words, values, (place, "dns_records")))
        elif row is not None and not wanted:
            planner.do(_northbound_ops.RowDelete(row, f"delete the names of {self.what(spec)}", part=True))
        elif row is not None:
            before, after = (
                [f"{name} {one}" for name, one in sorted(names.items())] for names in (nb.row(row)["records"], wanted)
            )
            words = _ovn.came_and_went(before, after)
            _ovn.change(planner, row, {"records": wanted}, f"set names of {self.what(spec)}: {words}")

    def _localnet(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        nb, wanted = planner.now.nb, spec.more["localnet"]
        port = _localnet_of(nb, place)
        if not wanted:
            if port is not None:
                planner.do(_northbound_ops.RowDelete(port, f"take {self.what(spec)} off its physical network"))
            return
        if port is None and nb.named(_ovn.PORTS, f"{spec.name}-{LOCALNET}"):
            raise _errors.Conflict(
                f"{spec.path}localnet: the port '{spec.name}-{LOCALNET}' that would lead to the physical network is"
                " there, and leads elsewhere. Delete it first."
            )
        tag = f", VLAN {wanted['tag']}" if wanted["tag"] else ""
        words = f"join {self.what(spec)} to physical network {wanted['network']}{tag}"
        if port is None:
            values = {
                "name": f"{spec.name}-{LOCALNET}",
                "type": LOCALNET,
                "addresses": ("unknown",),
                "options": {"network_name": wanted["network"]},
                "tag_request": wanted["tag"],
            }
            new = _northbound.Place(_ovn.PORTS, nb.next_id())
            planner.do(_northbound_ops.RowInsert(new, words, values, (place, "ports")))
            return
        row = nb.row(port)
        columns: dict[str, t.Any] = {"options": {**row["options"], "network_name": wanted["network"]}}
        columns.update(addresses=("unknown",), **_ovn.unhindered(row))
        if (_fields.tag_of(row) or None) != wanted["tag"]:
            # northd makes the tag of the request, and older ones do not take it back.
            columns.update(tag_request=wanted["tag"], **({} if wanted["tag"] else {"tag": None}))
        _ovn.change(planner, port, columns, words)

    def judge(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        """Refuse a new subnet that leaves ports outside, and addresses to exclude from none."""
        nb, path = planner.now.nb, spec.path
        row, before = nb.row(place), planner.before.nb.rows(self.table).get(place.id)
        if spec.given.get("exclude_ips"):
            _refuse_excluded_outside(row, f"{path}exclude_ips")
        if before is None or _residents.subnets_of(row) == _residents.subnets_of(before):
            return
        _router_judge.refuse_left_outside(nb, place, f"{path}subnet")
        for key in row["ports"]:
            port = nb.row(_northbound.Place(_ovn.PORTS, key))
            for one in _residents.of_port(port, place) if port["type"] != "router" else ():
                for told in one.addresses:
                    _residents.refuse_outside(told, nb, place, f"{path}subnet: {one.words}")

    def bury(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        nb = planner.now.nb
        row = _dns_of(nb, place) or _lost_dns(nb, spec.name)
        if row is not None:
            words = f"delete the names of {self.what(spec)}{_uses.shortened(nb, row, place)}"
            planner.do(_northbound_ops.RowDelete(row, words, part=True))

    def beside(self, planner: _plan.Planner, place: _northbound.Place) -> str:
        nb = planner.now.nb
        ports = sorted(nb.row(child)["name"] for child in nb.children(place, "ports"))
        return f" with its ports {', '.join(ports)}" if ports else ""

    def strangers(
        self, spec: _ovn.OvnSpec, nb: _northbound.Northbound, going: _uses.Names, declared: _uses.Declared
    ) -> list[str]:
        place = self.find(spec, nb)
        rows = [] if place is None else [nb.row(child) for child in nb.children(place, "ports")]
        ports = sorted(row["name"] for row in rows if not self._goes(row, nb, going, declared))
        return [*ports, *super().strangers(spec, nb, going, declared)]

    @staticmethod
    def _goes(row: _northbound.Row, nb: _northbound.Northbound, going: _uses.Names, declared: _uses.Declared) -> bool:
        """Whether a port goes with the switch: it is planned, the switch's own, or leads to a port of a router that
        goes, too, or that is declared without this port.
        """
        if row["type"] == LOCALNET or ("ovn_port", row["name"]) in going:
            return True
        if row["type"] != "router":
            return False
        port = row["options"].get(_router_ports.ROUTER_PORT, "")
        for name in _router_ports.routers_of(nb, port):
            spec = declared.get(("ovn_router", name))
            ports = None if spec is None else spec.more["ports"]
            if ("ovn_router", name) not in going and (ports is None or port in [one.name for one in ports]):
                return False
        return True

    def shown(self, place: _northbound.Place, nb: _northbound.Northbound) -> dict[str, t.Any]:
        dns, port = _dns_of(nb, place), _localnet_of(nb, place)
        records = {} if dns is None else nb.row(dns)["records"]
        localnet: dict[str, t.Any] | None = None  # an empty one is no option's value
        if port is not None:
            row = nb.row(port)
            localnet = {"network": row["options"].get("network_name", "")}
            localnet.update({} if _fields.tag_of(row) is None else {"tag": _fields.tag_of(row)})
        return {
            **super().shown(place, nb),
            "dns": {name: told.split() for name, told in sorted(records.items())},
            "acls": _acls.shown(place, nb, None),
            "localnet": localnet,
        }


def _refuse_excluded_outside(row: _northbound.Row, path: str) -> None:
    """Refuse to keep OVN from addresses that it would not allot anyhow."""
    subnet = row["other_config"].get("subnet")
    if not subnet:
        raise _errors.BadInput(f"{path}: need `subnet`, of which OVN allots addresses; declare it, or leave them out.")
    network = ipaddress.ip_network(subnet, strict=False)
    for index, one in enumerate(row["other_config"]["exclude_ips"].split()):
        for end in one.split(".."):
            if ipaddress.ip_address(end) not in network:
                raise _errors.BadInput(f"{path}[{index}]: {end} is outside of subnet {network}.")


def _way_out(value: t.Mapping[str, t.Any] | None, path: str) -> dict[str, t.Any] | None:
    """The physical network. None: left alone; empty: none."""
    if value is None or all(one is None for one in value.values()):
        return None if value is None else {}
    if not value.get("network"):
        raise _errors.BadInput(f"{path}.network: is missing; give the name of the physical network.")
    refuse_unmappable(value["network"], f"{path}.network")
    return {
        "network": _ovn.ovn_name(value["network"], f"{path}.network"),
        "tag": _tag(value.get("tag"), f"{path}.tag"),
    }


def refuse_unmappable(name: str, path: str) -> None:
    """Refuse a name that no bridge mapping can have."""
    if re.search("[:,]", name):
        raise _errors.BadInput(
            f"{path}: {name!r} cannot be mapped to a bridge, for a ':' or ',' ends a name in ovn-bridge-mappings; take"
            " another name."
        )


def _tag(value: int | None, path: str) -> int | None:
    """A VLAN of the physical network. None and 0: without a tag."""
    return _values.number(value, path, 1, 4094) if value else None


def _names(value: t.Mapping[str, t.Any], path: str) -> dict[str, str]:
    """Names and their addresses, as OVN stores them."""
    found = {}
    for name, told in value.items():
        here = f"{path}.{name}"
        key = dns_name(str(name), here)
        ones = told if isinstance(told, list) else str("" if told is None else told).replace(",", " ").split()
        addresses = dict.fromkeys(str(_values.host_address(str(one), here)) for one in ones)
        if not addresses:
            raise _errors.BadInput(f"{here}: has no address; give one, or leave the name out.")
        if key in found:
            raise _errors.BadInput(f"{here}: stands there twice, for names of DNS have no upper and lower case.")
        found[key] = " ".join(addresses)
    return found


def dns_name(value: str, path: str) -> str:
    """A name as OVN compares it with questions: in lower case, and without the last dot."""
    name = _ovn.ovn_name(value, path).lower().rstrip(".")
    if not name.isascii() or re.search(r'[*"\\]', name) or any(len(label) > LONGEST_LABEL for label in name.split(".")):
        raise _errors.BadInput(
            f"{path}: nobody asks for this name; write labels of at most {LONGEST_LABEL} letters of ASCII, without"
            " '*', quotation marks and backslashes (letters of others are asked for as 'xn--...')."
        )
    return name


def _dns_of(nb: _northbound.Northbound, place: _northbound.Place) -> _northbound.Place | None:
    """The row with our names of the switch. Those of others stay."""
    name = nb.row(place)["name"]
    return next(
        (row for row in nb.children(place, "dns_records") if nb.row(row)["external_ids"].get(_ovn.KEY) == name), None
    )


def _lost_dns(nb: _northbound.Northbound, name: str) -> _northbound.Place | None:
    """The row with our names of a switch that nobody names any more, because another program took it off."""
    return next((row for row in _ovn.keyed(nb, "DNS", name) if not nb.naming(row)), None)


def _localnet_of(nb: _northbound.Northbound, place: _northbound.Place) -> _northbound.Place | None:
    """The port that leads to a physical network."""
    return next(iter(nb.children(place, "ports", lambda row: row["type"] == LOCALNET)), None)
