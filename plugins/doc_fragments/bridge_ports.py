# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a Linux bridge: what it keeps for its ports."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.bridge_ports."""

    DOCUMENTATION = r"""
options:
  port_flags:
    description:
      - Settings of single ports, as a dictionary of port name to a dictionary of flags. A flag that is left out or null
        is left alone.
      - V(isolated) (boolean), isolated ports reach only ports that are not isolated, and not each other.
      - V(hairpin) (boolean), a frame may leave by the port by which it came in.
      - V(learning) (boolean), the bridge learns MAC addresses from the frames of the port.
      - V(flood) (boolean), the port gets unicast frames to unknown MAC addresses too.
      - V(neigh_suppress) (boolean), the bridge itself answers ARP and ND requests for addresses behind the port,
        and does not send them there. For that it must know the neighbour (O(neighbours)), and that its MAC address is
        behind a port with this flag (learned, or in O(fdb)).
      - V(cost) (1 to 65535) and V(priority) (0 to 63) are the cost and the priority of the port in the spanning tree.
      - A link loses its flags when it leaves the bridge. The next run sets them again.
      - A link that becomes a port has its flags before it forwards a frame. One that is up is set down for that moment,
        unless it would lose addresses, routes or neighbours; then it gets the flags right after it became a port.
      - O(clear) gives all ports the flags of a new port. Only the cost stays, because the kernel does not tell who set
        it. To reset the cost, remove the port from the bridge and add it again.
    type: dict
  fdb:
    description:
      - The exact list of static entries of the bridge's own forwarding table (C(bridge fdb add ... dev ... master
        static)), each of which says behind which port a MAC address is, whatever the bridge learns.
      - Entries that the bridge learned, the addresses of its ports, and entries of a routing daemon are left alone. So
        are those of a VXLAN's own table (O(netloom.linux.netns_interface#module:fdb)).
      - A link loses its entries when it leaves the bridge or is recreated. They are written again in the same run.
      - If left out, the entries that somebody wrote are left alone.
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
        description: Only for frames of this VLAN, 1 to 4094, on a bridge that filters by VLAN. If left out, for all
          VLANs of the port.
        type: int
"""
