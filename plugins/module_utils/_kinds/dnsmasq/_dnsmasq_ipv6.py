# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Router advertisements (RFC 4861) and DHCP relays (RFC 3046) of dnsmasq."""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import _dnsmasq_dhcp, _dnsmasq_values
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values


def relays(entries: list[_dnsmasq_dhcp.Entry], option: str) -> list[_dnsmasq_dhcp.Entry]:
    """Check the relays: the network whose requests are passed on, and the server."""
    found: list[_dnsmasq_dhcp.Entry] = []
    for index, entry in enumerate(entries):
        here = f"{option}[{index}]"
        address = _values.host_address(_dnsmasq_values.need(entry.get("address"), f"{here}.address"), f"{here}.address")
        server = None if entry.get("server") is None else _values.host_address(entry["server"], f"{here}.server")
        interface = (
            None
            if entry.get("interface") is None
            else _dnsmasq_values.interface(entry["interface"], f"{here}.interface")
        )
        if server is not None and server.version != address.version:
            raise _errors.BadInput(
                f"{here}.server: '{server}' is IPv{server.version}, but '{address}' is IPv{address.version}; both must"
                " be of one family."
            )
        if server is None and (address.version == 4 or interface is None):
            raise _errors.BadInput(
                f"{here}.server: is missing; only a relay of DHCPv6 with an interface does without, and asks all"
                " servers there."
            )
        new = _dnsmasq_values.kept(address=str(address), server=str(server) if server else None, interface=interface)
        if new in found:
            raise _errors.BadInput(f"{here}: is the same as {option}[{found.index(new)}]; remove one.")
        found.append(new)
    return found


def ra_params(entries: list[_dnsmasq_dhcp.Entry], option: str) -> list[_dnsmasq_dhcp.Entry]:
    """Check the parameters of router advertisements. Each interface may appear once, and one entry may be for all
    others.
    """
    found: list[_dnsmasq_dhcp.Entry] = []
    for index, entry in enumerate(entries):
        here = f"{option}[{index}]"
        interface, interval, lifetime, mtu = (entry.get(key) for key in ("interface", "interval", "lifetime", "mtu"))
        if interface is not None:
            _dnsmasq_values.interface(interface, f"{here}.interface")
        if any(each.get("interface") == interface for each in found):
            which = f"'{interface}'" if interface else "the entry without an interface"
            raise _errors.BadInput(f"{here}.interface: {which} stands in the list twice; remove one.")
        if interval is not None:
            _values.number(
                interval, f"{here}.interval", _dnsmasq_dhcp.SHORTEST_INTERVAL, _dnsmasq_dhcp.LONGEST_INTERVAL, "seconds"
            )
        if lifetime:  # 0: this is no default router
            _values.number(
                lifetime,
                f"{here}.lifetime",
                interval or _dnsmasq_dhcp.SHORTEST_INTERVAL,
                _dnsmasq_dhcp.LONGEST_LIFETIME,
                "seconds (from the interval on), or be 0",
            )
        if mtu:  # 0: none is told
            _values.number(mtu, f"{here}.mtu", _dnsmasq_dhcp.LEAST_MTU, 65535, "bytes, or be 0 for none")
        found.append(
            _dnsmasq_values.kept(
                interface=interface, interval=interval, lifetime=lifetime, mtu=mtu, priority=entry.get("priority")
            )
        )
    # dnsmasq takes the first that matches, so what is for all others comes last.
    return sorted(found, key=lambda each: "interface" not in each)
