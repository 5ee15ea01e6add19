# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of netns_route as those of an entry of topology.

`make schema` writes this file from the documentation of the module netns_route. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_netns_route"""

    DOCUMENTATION = r"""
options:
  netns_route:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      destination:
        description: A network such as V(10.0.0.0/24), a single address, or V(default).
        type: str
        required: true
        aliases:
          - dst
      netns:
        description: Name of the network namespace. If left out, the namespace in which the module runs.
        type: str
      gateway:
        description: >-
          Address of the next router. An address of a link must cover it, unless O(netns_route[].onlink) is set.
        type: str
        aliases:
          - via
      device:
        description: >-
          The link by which packets leave. If there is a O(netns_route[].gateway), this can be left out, and the kernel
          chooses the link.
        type: str
        aliases:
          - dev
      source:
        description: >-
          The source address that the host prefers on this route. An empty string is not accepted. Use
          O(netns_route[].clear).
        type: str
        aliases:
          - src
      metric:
        description: >-
          Preference of the route. The lowest wins. Part of the identity of the route. If left out, 0 for IPv4 and 1024
          for IPv6.
        type: int
      tos:
        description: >-
          For IPv4, only packets with this type of service take the route. A multiple of 4 up to 252. YAML reads V(0x10)
          as 16. Part of the identity of the route.
        type: int
      table:
        description: >-
          The routing table, which is V(main), V(default), V(local), a number, or a name from C(/etc/iproute2/rt_tables)
          or from a file in C(/etc/iproute2/rt_tables.d) of the managed node.
        type: str
      scope:
        description: >-
          Scope of an IPv4 route. If left out, V(link) for a unicast route without a gateway and for a multicast route,
          V(host) for a local route, otherwise V(global).
        type: str
        choices:
          - global
          - site
          - link
          - host
      type:
        description: >-
          What happens to packets. V(unicast) sends them on, V(multicast) does so for groups, and V(local) delivers them
          to the host as if it had the addresses. V(blackhole) drops them silently, V(unreachable) and V(prohibit) drop
          them with an answer. With V(throw), the lookup continues with the next policy rule.
        type: str
        choices:
          - unicast
          - blackhole
          - unreachable
          - prohibit
          - throw
          - local
          - multicast
        default: unicast
      onlink:
        description: >-
          Treat the gateway as directly reachable on the link, although no address covers it. Requires the device.
        type: bool
      mtu:
        description: Largest packet size on this route, in bytes.
        type: int
      nexthops:
        description: >-
          Several next hops, between which the kernel shares the traffic (ECMP). A single one means the same as
          O(netns_route[].gateway) and O(netns_route[].device).
        type: list
        elements: dict
        suboptions:
          gateway:
            description: Address of the next router.
            type: str
            aliases:
              - via
          device:
            description: The link by which packets leave.
            type: str
            aliases:
              - dev
          weight:
            description: The share of the traffic, 1 to 256.
            type: int
            default: 1
      state:
        description: >-
          V(absent) deletes the route. Only the options that identify it are needed. If several routes match the given
          options, all of them are deleted.
        type: str
        choices:
          - present
          - absent
        default: present
"""
