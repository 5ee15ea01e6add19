# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of veth as those of an entry of topology.

`make schema` writes this file from the documentation of the module veth. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_veth"""

    DOCUMENTATION = r"""
options:
  veth:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      netns:
        description: Name of the network namespace (a file below C(/run/netns)).
        type: str
      addresses:
        description: >-
          The exact list of addresses, each with its prefix length, such as V(10.0.0.1/24) or V(fd00::1/64). The address
          of the network itself is allowed.
        type: list
        elements: str
      mac:
        description: MAC address, unicast, such as V(52:54:00:12:34:56). Quote it.
        type: str
      mtu:
        description: Largest packet size in bytes, 68 to 65535.
        type: int
      altnames:
        description: >-
          The exact list of alternative names of the link (C(ip link property add altname)), each up to 127 bytes. Their
          order has no meaning. Programs such as C(ip) and C(tcpdump) find the link by each of these names. The modules
          of this collection need its main name.
        type: list
        elements: str
      sysctl:
        description: >-
          Sysctls of this link by leaf name, such as C(rp_filter), C(proxy_arp), C(accept_ra) or C(disable_ipv6). They
          are written after the link is created and before it is set up.
        type: dict
      up:
        description: Whether the link is administratively up.
        type: bool
        default: true
      master:
        description: The Linux bridge, in the same namespace, that has the link as a port. An empty string means none.
        type: str
      txqueuelen:
        description: Length of the transmit queue in packets.
        type: int
      alias:
        description: >-
          Text that is stored with the link (C(ip link set alias)), up to 255 bytes. An empty string means none.
        type: str
      name:
        description: Name of the first end, at most 15 bytes.
        type: str
        required: true
      tx_checksum:
        description: Whether the link computes transmit checksums (C(ethtool -K LINK tx on|off)).
        type: bool
      peer:
        description: The other end. Required unless O(veth[].state=absent).
        type: dict
        suboptions:
          name:
            description: Name of the other end, at most 15 bytes.
            type: str
            required: true
          netns:
            description: Namespace of the other end. If left out, the namespace in which the module runs.
            type: str
          addresses:
            description: Like O(veth[].addresses), for the other end.
            type: list
            elements: str
          mac:
            description: Like O(veth[].mac), for the other end.
            type: str
          mtu:
            description: Like O(veth[].mtu), for the other end.
            type: int
          up:
            description: Like O(veth[].up), for the other end.
            type: bool
            default: true
          master:
            description: Like O(veth[].master), for the other end.
            type: str
          txqueuelen:
            description: Like O(veth[].txqueuelen), for the other end.
            type: int
          alias:
            description: Like O(veth[].alias), for the other end.
            type: str
          altnames:
            description: Like O(veth[].altnames), for the other end.
            type: list
            elements: str
          sysctl:
            description: Like O(veth[].sysctl), for the other end.
            type: dict
          tx_checksum:
            description: Like O(veth[].tx_checksum), for the other end.
            type: bool
      state:
        description: V(absent) deletes the pair. Only O(veth[].name) and O(veth[].netns) are needed.
        type: str
        choices:
          - present
          - absent
        default: present
"""
