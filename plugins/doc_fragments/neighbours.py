# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The neighbours that somebody declares of a link."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.neighbours."""

    DOCUMENTATION = r"""
options:
  neighbours:
    description:
      - The exact list of neighbours that the interface knows without asking (C(ip neighbour add ... nud permanent)),
        and of addresses for which it answers (C(ip neighbour add proxy)).
      - There is no option for other states, because the kernel ends these by itself. Neighbours that the kernel learned
        or that a routing daemon added are left alone.
      - The kernel drops the neighbours when the interface goes down or when its MAC address changes, and those of IPv4
        when its last IPv4 address is removed. So give a bridge a O(netloom.linux.linux_bridge#module:mac). Otherwise
        its MAC address changes when it takes that of another port.
    type: list
    elements: dict
    suboptions:
      address:
        description: The neighbour's address, without a prefix length.
        type: str
        required: true
      mac:
        description: The MAC address of the neighbour. Quote it. Required unless O(neighbours[].proxy) is set.
        type: str
      proxy:
        description:
          - Whether the interface answers ARP or ND requests for the address, instead of having it as a neighbour.
          - Packets for the address are to be routed on. The kernel therefore answers only if forwarding is on and
            another interface leads to the address. For IPv6 it also needs the sysctl C(proxy_ndp) of this interface.
        type: bool
        default: false
"""
