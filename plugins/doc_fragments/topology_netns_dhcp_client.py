# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of netns_dhcp_client as those of an entry of topology.

`make schema` writes this file from the documentation of the module netns_dhcp_client. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_netns_dhcp_client"""

    DOCUMENTATION = r"""
options:
  netns_dhcp_client:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      netns:
        description: The namespace of the interface.
        type: str
        required: true
      interface:
        description: The interface. The client sets it up.
        type: str
        required: true
      family:
        description: V(ipv6) asks for an address by DHCPv6. An interface may have a client of each family.
        type: str
        choices:
          - ipv4
          - ipv6
        default: ipv4
      client:
        description: >-
          The program to use. V(auto) keeps the program that runs. If none runs, it takes the first of V(dhclient),
          V(dhcpcd) and V(udhcpc) that is installed.
        type: str
        choices:
          - auto
          - dhclient
          - dhcpcd
          - udhcpc
        default: auto
      hostname:
        description: >-
          The host name that the client sends to the server. If it is V('') or was never given, the client sends none.
          The host name of the managed node is never sent.
        type: str
      default_route:
        description: >-
          Whether the client sets the default route of the lease, from its routers or its classless routes. A new client
          has V(true). Other routes of the lease are always set.
        type: bool
      timeout:
        description: >-
          Seconds to wait for the lease, if that is more than O(wait). All waits of a topology run at the same time.
        type: int
        default: 30
      wait_for_lease:
        description: >-
          If V(false), the client need not have a lease. It keeps asking until a server answers. Use it if the server
          may be built later, for example on another host.
        type: bool
        default: true
      state:
        description: >-
          V(absent) releases the lease, removes its address from the interface, ends the client and deletes its files. A
          client that is dead at that moment cannot release the lease, unless it is dhclient; the server keeps the lease
          until it expires.
        type: str
        choices:
          - present
          - absent
        default: present
"""
