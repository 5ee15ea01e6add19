# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes that prove nothing. A missing packet proves something only if it could have been sent and received."""

from __future__ import annotations

import ipaddress

from ansible_collections.netloom.linux.plugins.module_utils._model import _probe, _snapshot


def why(probe: _probe.Probe, snapshot: _snapshot.Snapshot) -> str:
    """Why an expected silence would prove nothing, or '' if it would prove something."""
    if probe.reachable or probe.protocol in _probe.SILENT:
        return ""  # a target without an address is certainly not reached
    awake = {"ethernet": (probe.source, probe.target), "arp": (probe.source,)}.get(probe.protocol, ())
    for ns in awake:
        if not _probe.ethernet_links(snapshot.namespaces[ns]):
            return f"{_probe.name_of(ns)} has no link that is up"
    if probe.protocol == "ethernet":
        return ""
    if probe.address is None:
        return f"{_probe.name_of(probe.target)} has no address"
    if ipaddress.ip_address(probe.address).is_loopback or _sends(snapshot.namespaces[probe.source], probe.version):
        return ""
    return f"{_probe.name_of(probe.source)} has no IPv{probe.version} address to send from"


def _sends(ns: _snapshot.Namespace, version: int) -> bool:
    own = (
        _probe.interface(address.cidr).ip
        for link in ns.links.values()
        for address in link.addresses
        if not address.link_local
    )
    return any(one.version == version and not one.is_loopback for one in own)
