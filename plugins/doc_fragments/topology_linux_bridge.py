# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of linux_bridge as those of an entry of topology.

`make schema` writes this file from the documentation of the module linux_bridge. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_linux_bridge"""

    DOCUMENTATION = r"""
options:
  linux_bridge:
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
      port_flags:
        description: >-
          Settings of single ports, as a dictionary of port name to a dictionary of flags. A flag that is left out or
          null is left alone.
        type: dict
      fdb:
        description: >-
          The exact list of static entries of the bridge's own forwarding table (C(bridge fdb add ... dev ... master
          static)), each of which says behind which port a MAC address is, whatever the bridge learns.
        type: list
        elements: dict
        suboptions:
          mac:
            description: The MAC address. Quote it.
            type: str
            required: true
          port:
            description: The port behind which it is, which may be a link of the same topology.
            type: str
            required: true
          vlan:
            description: >-
              Only for frames of this VLAN, 1 to 4094, on a bridge that filters by VLAN. If left out, for all VLANs of
              the port.
            type: int
      neighbours:
        description: >-
          The exact list of neighbours that the interface knows without asking (C(ip neighbour add ... nud permanent)),
          and of addresses for which it answers (C(ip neighbour add proxy)).
        type: list
        elements: dict
        suboptions:
          address:
            description: The neighbour's address, without a prefix length.
            type: str
            required: true
          mac:
            description: >-
              The MAC address of the neighbour. Quote it. Required unless O(linux_bridge[].neighbours[].proxy) is set.
            type: str
          proxy:
            description: >-
              Whether the interface answers ARP or ND requests for the address, instead of having it as a neighbour.
            type: bool
            default: false
      uplink:
        description: >-
          A NIC that becomes a port of the bridge. Its addresses, routes and permanent neighbours move to the bridge.
          The host stays reachable by its address, now over the bridge, and all other ports of the bridge are on the
          network of the NIC.
        type: str
      confirm_timeout:
        description: >-
          Seconds within which a move of the O(linux_bridge[].uplink) must be confirmed, 5 to 3600, counted from the end
          of the run.
        type: int
        default: 30
      name:
        description: Name of the bridge, at most 15 bytes.
        type: str
        required: true
      ports:
        description: >-
          The exact list of the ports of the bridge. Other links are removed from the bridge, but not deleted.
        type: list
        elements: str
      stp:
        description: >-
          Whether the spanning tree protocol runs. It is off on a new bridge. While it is on, a new port forwards only
          after twice the O(linux_bridge[].forward_delay).
        type: bool
      forward_delay:
        description: >-
          Seconds a port listens and then learns before it forwards, 0 to 30 (with O(linux_bridge[].stp) from 2).
        type: float
      hello_time:
        description: Seconds between two hello packets of the root bridge, 1 to 10.
        type: float
      max_age:
        description: Seconds after which the information of another bridge is too old, 6 to 40.
        type: float
      ageing_time:
        description: Seconds after which an unseen MAC address is forgotten, 0 to 1000000. 0 makes the bridge a hub.
        type: float
      priority:
        description: >-
          Priority of the bridge in the spanning tree, 0 to 65535. The bridge with the lowest priority becomes root.
        type: int
      multicast_snooping:
        description: Whether the bridge learns from IGMP and MLD which ports want which multicast groups.
        type: bool
      state:
        description: >-
          V(absent) deletes the bridge. Its ports stay, without a master. What moved from an O(linux_bridge[].uplink)
          moves back to it.
        type: str
        choices:
          - present
          - absent
        default: present
"""
