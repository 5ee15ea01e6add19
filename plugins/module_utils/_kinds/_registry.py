# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All kinds by name."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds._dnsmasq_in_ns import DnsmasqKind
from ansible_collections.netloom.linux.plugins.module_utils._kinds._linux_bridge import LinuxBridgeKind
from ansible_collections.netloom.linux.plugins.module_utils._kinds._netns import NetnsKind
from ansible_collections.netloom.linux.plugins.module_utils._kinds._netns_dhcp_client import DhcpClientKind
from ansible_collections.netloom.linux.plugins.module_utils._kinds._netns_interface import NetnsInterfaceKind
from ansible_collections.netloom.linux.plugins.module_utils._kinds._netns_nat import NetnsNatKind
from ansible_collections.netloom.linux.plugins.module_utils._kinds._netns_route import NetnsRouteKind
from ansible_collections.netloom.linux.plugins.module_utils._kinds._ovs_bridge import OvsBridgeKind
from ansible_collections.netloom.linux.plugins.module_utils._kinds._ovs_port import OvsPortKind
from ansible_collections.netloom.linux.plugins.module_utils._kinds._veth import VethKind
from ansible_collections.netloom.linux.plugins.module_utils._model._plan import Kind

KINDS: dict[str, Kind[t.Any]] = {
    kind.name: kind
    for kind in (
        NetnsKind(),
        LinuxBridgeKind(),
        VethKind(),
        NetnsInterfaceKind(),
        OvsBridgeKind(),
        OvsPortKind(),
        NetnsRouteKind(),
        NetnsNatKind(),
        DnsmasqKind(),
        DhcpClientKind(),
    )
}
