# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What OVN answers to DHCP requests of a network (ovn-nb(5), table DHCP_Options). Its name stands in external_ids."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _fields, _ovn
from ansible_collections.netloom.linux.plugins.module_utils._model import _values


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
