# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What OVN answers to DHCP requests of a network (ovn-nb(5), table DHCP_Options). Its name stands in external_ids."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _dhcp_words, _fields, _ovn
from ansible_collections.netloom.linux.plugins.module_utils._model import _northbound, _plan, _values


def cidr(value: str, path: str) -> str:
    """The network of the clients."""
    return str(_values.network(value, path))


class DhcpOptionsKind(_ovn.OvnKind):
    """netloom.linux.ovn_dhcp_options"""

    name = "ovn_dhcp_options"
    table, word, keyed = "DHCP_Options", "OVN DHCP options", True
    fields = (
        _fields.Field("cidr", "cidr", None, cidr, spec={"type": "str", "required": True}),
        _fields.rest("options", "options"),
        _fields.rest("external_ids", "external_ids"),
    )
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "name": {"type": "str", "required": True},
        **_fields.options(fields),
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = _fields.clearable(fields[1:])

    def normalise(self, params: _plan.Params, path: str) -> _ovn.OvnSpec:
        spec = super().normalise(params, path)
        version, told = _version(spec.given["cidr"]), spec.given.get("options")
        if not told or spec.state == "absent":
            return spec
        return dataclasses.replace(spec, given={**spec.given, "options": _dhcp_words.read(told, version)})

    def identity(self, spec: _ovn.OvnSpec) -> tuple[t.Any, ...]:
        """Those of IPv4 and of IPv6 may have one name, by which a port gets both."""
        return (spec.name, _version(spec.given["cidr"]))

    def candidates(self, spec: _ovn.OvnSpec, nb: _northbound.Northbound) -> list[_northbound.Place]:
        named, version = super().candidates(spec, nb), _version(spec.given["cidr"])
        return [place for place in named if _version(nb.row(place)["cidr"]) == version]

    def judge(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        row, path = planner.now.nb.row(place), f"{spec.path}options"
        version = _version(row["cidr"])
        _dhcp_words.refuse_lacking(row["options"], version, path)
        declared = spec.given.get("options") or {}
        _dhcp_words.refuse_malformed(declared, version, path)
        for sentence in _dhcp_words.unknown(declared, version, path):
            planner.warn(sentence)


def _version(network: str) -> int:
    return 6 if ":" in network else 4
