# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A set of addresses that rules of OVN name (ovn-nb(5), table Address_Set)."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _fields, _match, _ovn
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _northbound, _plan, _values


def addresses(values: t.Sequence[str], path: str) -> tuple[str, ...]:
    """Addresses and networks of one family, in normal form."""
    found: dict[str, int] = {}
    for index, value in enumerate(_values.strings(values, path)):
        network = _values.network(value, f"{path}[{index}]")
        whole = network.num_addresses == 1
        found[str(network.network_address) if whole else str(network)] = network.version
    if len(set(found.values())) > 1:
        raise _errors.BadInput(
            f"{path}: has addresses of IPv4 and of IPv6, and a rule compares with one of them only. Make two sets."
        )
    return tuple(sorted(found))


class AddressSetKind(_match.NamedInRules):
    """netloom.linux.ovn_address_set"""

    name = "ovn_address_set"
    table, word = "Address_Set", "OVN address set"
    fields = (
        _fields.Field("addresses", "addresses", None, addresses, tuple, list, _fields.STRINGS, []),
        _fields.rest("external_ids", "external_ids"),
    )
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "name": {"type": "str", "required": True},
        **_fields.options(fields),
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = _fields.clearable(fields)

    def judge(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        super().judge(spec, planner, place)
        nb = planner.now.nb
        if spec.given.get("addresses"):
            _match.refuse_other_family(nb, spec.name, nb.row(place)["addresses"], f"{spec.path}addresses")
