#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage routes of a namespace."""

from __future__ import annotations

DOCUMENTATION = r"""
module: netns_route
short_description: Manage routes in network namespaces
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Makes, replaces and deletes routes in a namespace or on the host.
  - A route is known by its namespace, O(table), O(destination), O(metric), O(tos) and, unless unicast, O(type); all else is mended by
    replacing it. A route of another metric or TOS is another route. What no option speaks of, such as C(advmss) or realms, is left as it is.
  - The kernel may have several such routes, and the declared one is in effect if one of them is as declared. An IPv6 route by
    another link is another route, and stays. Where the kernel would share packets between it and the declared one, the run is refused.
  - Routes that the kernel makes with an address are never touched, nor those that come and go by themselves, by a router's advertisement
    or with an expiry.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
options:
  destination:
    description:
      - A network such as V(10.0.0.0/24), a single address, or V(default).
      - V(default) has the family of its gateway, next hops or source, else it is IPv4. Write V(0.0.0.0/0) for an IPv4 default route by an IPv6 gateway.
    type: str
    required: true
    aliases: [dst]
  netns:
    description: Name of the network namespace. If left out, the namespace in which the module runs.
    type: str
  gateway:
    description:
      - Address of the next router. It must be on a link, that is, an address of a link covers it, unless O(onlink) is set.
      - An IPv4 route may have an IPv6 gateway (RFC 5549). A link-local one needs O(device).
      - O(gateway), O(device) and O(nexthops) are one declaration. A route that has another way out is replaced.
    type: str
    aliases: [via]
  device:
    description: The link by which packets leave. With a O(gateway), the kernel finds it if it is left out.
    type: str
    aliases: [dev]
  source:
    description: Source address that the host prefers on this route. An empty string is not accepted; use O(clear).
    type: str
    aliases: [src]
  metric:
    description: Preference; the lowest wins. Part of what the route is. 0 if left out, and 1024 for IPv6.
    type: int
  tos:
    description:
      - Only packets of this type of service take the route, for IPv4. A multiple of 4 up to 252; YAML reads V(0x10) as 16. Part of what the route is.
      - V(0) if left out, which is for all packets that no other route to the destination is for.
    type: int
  table:
    description:
      - Routing table, V(main), V(default), V(local), a number, or a name that C(/etc/iproute2/rt_tables) or a file in
        C(/etc/iproute2/rt_tables.d) of the managed node gives it.
      - V(main) if left out, and V(local) for routes of the type V(local), as with C(ip route).
    type: str
  scope:
    description:
      - Scope of an IPv4 route. If left out, V(link) for a unicast route without a gateway and for a multicast route, V(host) for a local one, else V(global).
    type: str
    choices: [global, site, link, host]
  type:
    description:
      - What happens to packets - they are sent on (V(unicast), and V(multicast) for groups), taken in by the host as if it had the addresses (V(local)), or
        dropped silently, as unreachable, or as prohibited. With V(throw), the look-up goes on with the next policy rule.
    type: str
    choices: [unicast, blackhole, unreachable, prohibit, throw, local, multicast]
    default: unicast
  onlink:
    description: Take the gateway to be on the link, though no address covers it. The device must be named then.
    type: bool
  mtu:
    description: Greatest packet size on this route, in bytes.
    type: int
  nexthops:
    description:
      - Several ways, between which the kernel shares the traffic (ECMP). A single one is the same as O(gateway) and O(device).
      - For IPv6, each needs a gateway, and has its place once.
    type: list
    elements: dict
    suboptions:
      gateway:
        description: Address of the next router.
        type: str
        aliases: [via]
      device:
        description: The link by which packets leave.
        type: str
        aliases: [dev]
      weight:
        description: Share of the traffic, 1 to 256.
        type: int
        default: 1
  state:
    description:
      - V(absent) deletes the route; only what it is known by is needed then. Of several, all go that have what is given.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - name: ip-route(8)
    description: The manual page of the commands it replaces.
    link: https://man7.org/linux/man-pages/man8/ip-route.8.html
"""

EXAMPLES = r"""
- name: Two namespaces in different networks
  netloom.linux.netns:
    name: "{{ item }}"
  loop: [vnet0, vnet1]

- name: A cable between them
  netloom.linux.veth:
    name: veth0
    netns: vnet0
    addresses: [10.0.1.1/24]
    peer:
      name: veth1
      netns: vnet1
      addresses: [10.0.2.1/24]

- name: Each finds the other's network behind the cable
  netloom.linux.netns_route:
    netns: "{{ item.netns }}"
    destination: "{{ item.destination }}"
    device: "{{ item.device }}"
  loop:
    - {netns: vnet0, destination: 10.0.2.0/24, device: veth0}
    - {netns: vnet1, destination: 10.0.1.0/24, device: veth1}

- name: A default route with a preferred source
  netloom.linux.netns_route:
    netns: vnet0
    destination: default
    gateway: 10.0.1.254
    source: 10.0.1.1

- name: Packets to this network are dropped
  netloom.linux.netns_route:
    netns: vnet1
    destination: 192.0.2.0/24
    type: blackhole

- name: Packets for these addresses are taken in, as transparent proxies want it
  netloom.linux.netns_route:
    netns: vnet1
    destination: 192.0.2.128/25
    type: local
    device: veth1

- name: The default route is gone
  netloom.linux.netns_route:
    netns: vnet0
    destination: default
    state: absent
"""

RETURN = r"""
netns_route:
  description: The route as it is (in check mode, as it would be), in the shape of the options.
  returned: success
  type: dict
  sample: {"destination": "default", "state": "present", "netns": "vnet0", "gateway": "10.0.1.254", "device": "veth0", "type": "unicast"}
steps:
  description: What the run did, or would do, a sentence each.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _netns_route


def main() -> None:
    """Run it."""
    _module.run_kind(_netns_route.NetnsRouteKind())


if __name__ == "__main__":
    main()
