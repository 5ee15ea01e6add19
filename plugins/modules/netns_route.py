#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage routes of a namespace."""

from __future__ import annotations

DOCUMENTATION = r"""
module: netns_route
short_description: Manage routes in network namespaces
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Creates, replaces and deletes routes in a namespace or on the host.
  - A route is identified by its namespace, O(table), O(destination), O(metric), O(tos) and, unless it is unicast,
    O(type). If any other attribute differs, the module replaces the route. A route with another metric or TOS is
    another route. Attributes that have no option, such as C(advmss) or realms, are kept.
  - The kernel may have several routes with the same identity. The declared route is in effect if one of them is as
    declared. An IPv6 route through another link is another route, and stays. If the kernel would share packets between
    that route and the declared one, the run is refused.
  - Routes that the kernel creates with an address are never changed. Neither are routes that appear and expire by
    themselves, which come from router advertisements or have a lifetime.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.reasons
options:
  destination:
    description:
      - A network such as V(10.0.0.0/24), a single address, or V(default).
      - V(default) has the IP version of its gateway, next hops or source. Without them it is IPv4. Write V(0.0.0.0/0)
        for an IPv4 default route with an IPv6 gateway.
    type: str
    required: true
    aliases: [dst]
  netns:
    description: Name of the network namespace. If left out, the namespace in which the module runs.
    type: str
  gateway:
    description:
      - Address of the next router. An address of a link must cover it, unless O(onlink) is set.
      - An IPv4 route may have an IPv6 gateway (RFC 5549). A link-local gateway needs O(device).
      - O(gateway), O(device) and O(nexthops) are one declaration. An existing route with other values for them is
        replaced.
    type: str
    aliases: [via]
  device:
    description: The link by which packets leave. If there is a O(gateway), this can be left out, and the kernel chooses
      the link.
    type: str
    aliases: [dev]
  source:
    description: The source address that the host prefers on this route. An empty string is not accepted. Use O(clear).
    type: str
    aliases: [src]
  metric:
    description: Preference of the route. The lowest wins. Part of the identity of the route. If left out, 0 for IPv4
      and 1024 for IPv6.
    type: int
  tos:
    description:
      - For IPv4, only packets with this type of service take the route. A multiple of 4 up to 252. YAML reads V(0x10)
        as 16. Part of the identity of the route.
      - V(0) if left out. Such a route is for all packets that match no other route to the destination.
    type: int
  table:
    description:
      - The routing table, which is V(main), V(default), V(local), a number, or a name from C(/etc/iproute2/rt_tables)
        or from a file in C(/etc/iproute2/rt_tables.d) of the managed node.
      - If left out, V(local) for routes of the type V(local), otherwise V(main), as with C(ip route).
    type: str
  scope:
    description:
      - Scope of an IPv4 route. If left out, V(link) for a unicast route without a gateway and for a multicast route,
        V(host) for a local route, otherwise V(global).
    type: str
    choices: [global, site, link, host]
  type:
    description:
      - What happens to packets. V(unicast) sends them on, V(multicast) does so for groups, and V(local) delivers them
        to the host as if it had the addresses. V(blackhole) drops them silently, V(unreachable) and V(prohibit) drop
        them with an answer. With V(throw), the lookup continues with the next policy rule.
    type: str
    choices: [unicast, blackhole, unreachable, prohibit, throw, local, multicast]
    default: unicast
  onlink:
    description: Treat the gateway as directly reachable on the link, although no address covers it. Requires the
      device.
    type: bool
  mtu:
    description: Largest packet size on this route, in bytes.
    type: int
  nexthops:
    description:
      - Several next hops, between which the kernel shares the traffic (ECMP). A single one means the same as O(gateway)
        and O(device).
      - For IPv6, each next hop needs a gateway, and may appear only once.
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
        description: The share of the traffic, 1 to 256.
        type: int
        default: 1
  state:
    description:
      - V(absent) deletes the route. Only the options that identify it are needed. If several routes match the given
        options, all of them are deleted.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - name: ip-route(8)
    description: The manual page of the commands that this module replaces.
    link: https://man7.org/linux/man-pages/man8/ip-route.8.html
  - name: A router between tenants
    description: A guide with routes, source NAT and floating addresses.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-router.md
  - name: From commands to YAML
    description: For each command of the usual tutorials, the task that replaces it.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/from-commands.md
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

- name: Each namespace reaches the network of the other one through the cable
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

- name: Packets for these addresses are delivered to the host, as transparent proxies need it
  netloom.linux.netns_route:
    netns: vnet1
    destination: 192.0.2.128/25
    type: local
    device: veth1

- name: The default route is deleted
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
  sample: {"destination": "default", "state": "present", "netns": "vnet0", "gateway": "10.0.1.254", "device": "veth0",
    "type": "unicast"}
steps:
  description: What the run did, or would do. One sentence for each step.
  returned: success
  type: list
  elements: str
disruptions:
  description: The steps that disturb something. The others disturb nothing.
  returned: success
  type: list
  elements: dict
  contains:
    step:
      description: What the step does, as in RV(steps).
      type: str
    disturbs:
      description: V(brief) or V(recreate), as in the option C(max_disruption) of M(netloom.linux.topology).
      type: str
plan:
  description: What becomes of each object that changes.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of the object, as its module is called.
      type: str
    identity:
      description: The options that identify the object.
      type: dict
    change:
      description:
        - V(create), V(delete) or V(change). V(renew) says that there are steps, but no difference that an option shows.
      type: str
    disturbs:
      description: What the gravest step of the object disturbs; V(none), V(brief) or V(recreate).
      type: str
    declared:
      description: The options of a new object that somebody wrote down, with suboptions as C(peer.name).
      type: list
      elements: str
    steps:
      description: The steps of V(renew).
      type: list
      elements: str
before:
  description: The object before the run, in the shape of the options.
  returned: with C(--diff)
  type: dict
after:
  description: The object after the run, in the shape of the options; in check mode, as it would be.
  returned: with C(--diff)
  type: dict
diff:
  description:
    - What Ansible prints with C(--diff). Its C(prepared) is the plan in words, a line for each object.
    - RV(before) and RV(after) are in it, too, with C(-vv), with C(async), and if it was the play that set C(diff), not
      the command line.
  returned: with C(--diff)
  type: dict
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _netns_route


def main() -> None:
    """Run the module."""
    _module.run_kind(_netns_route.NetnsRouteKind())


if __name__ == "__main__":
    main()
