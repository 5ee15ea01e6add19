#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage logical routers of OVN."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovn_router
short_description: Manage logical routers of OVN, with their ports, routes, NAT and policies
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Creates and deletes logical routers in the northbound database of OVN, and keeps their settings as declared. A
    router is a row of table C(Logical_Router).
  - Its ports, routes, translations and policies have no names that others know. So they are exact lists of the router,
    and a row that is not declared is deleted. A list that is left out is left alone.
extends_documentation_fragment:
  - netloom.linux.ovn
  - netloom.linux.ovn.run
  - netloom.linux.common.clear
  - netloom.linux.reasons
options:
  name:
    description: Name of the router, C(Logical_Router.name). Up to 255 bytes, without white space.
    type: str
    required: true
  ports:
    description:
      - The exact list of ports, rows of C(Logical_Router_Port). For each of them the switch gets a port of the type
        C(router), with the name C(SWITCH-NAME).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the port, C(Logical_Router_Port.name), unique in the database.
        type: str
        required: true
      switch:
        description: Name of the logical switch that the port joins. It must exist.
        type: str
        required: true
      mac:
        description: MAC address of the port, unicast, such as V(02:00:00:50:50:01). Quote it.
        type: str
        required: true
      networks:
        description: The addresses of the port, each with its prefix length, such as V(10.50.50.1/24). At least one.
        type: list
        elements: str
        required: true
      gateway_chassis:
        description: The hosts that may be the gateway, by the names of their chassis (their C(system-id)), each with a
          priority, 0 to 32767. The one with the highest priority that works is the gateway. They are rows of
          C(Gateway_Chassis). If empty, the port is on every host.
        type: dict
      ra:
        description: The exact map of C(Logical_Router_Port.ipv6_ra_configs), what the port says of IPv6 in its router
          advertisements, such as C(address_mode).
        type: dict
  routes:
    description: The exact list of static routes, rows of C(Logical_Router_Static_Route).
    type: list
    elements: dict
    suboptions:
      ip_prefix:
        description: The network that is reached, such as V(0.0.0.0/0).
        type: str
        required: true
      nexthop:
        description: The address of the next router, or V(discard), which drops the packets.
        type: str
        required: true
      output_port:
        description: Name of the port of this router by which the packets leave. If left out, OVN chooses it by
          O(routes[].nexthop).
        type: str
      policy:
        description: Whether O(routes[].ip_prefix) is compared with the destination of a packet, or with its source.
        type: str
        choices: [dst-ip, src-ip]
        default: dst-ip
      route_table:
        description: The routing table of the route, which ports name in their options. If left out, the main one.
        type: str
  nat:
    description:
      - The exact list of translations, rows of C(NAT). They are done on the gateway of the router, which needs a port
        with O(ports[].gateway_chassis), or the option C(chassis) of the router.
      - If O(ports) is given, each external address must be in the network of one of them.
    type: list
    elements: dict
    suboptions:
      type:
        description: V(snat) translates the sources of packets that leave. V(dnat) translates the destinations of
          packets that come in. V(dnat_and_snat) does both (a floating address).
        type: str
        choices: [snat, dnat, dnat_and_snat]
        required: true
      external_ip:
        description: The address that the outside sees.
        type: str
        required: true
      logical_ip:
        description: The inner address. With O(nat[].type=snat) it may be a network, such as V(10.50.50.0/24).
        type: str
        required: true
      logical_port:
        description: The port of the switch that has the inner address. With it and O(nat[].external_mac), the
          translation is done on the host of that port. Only with O(nat[].type=dnat_and_snat).
        type: str
      external_mac:
        description: The MAC address that the outside sees. Belongs to O(nat[].logical_port).
        type: str
  policies:
    description: The exact list of policies that say by which way packets go, rows of C(Logical_Router_Policy). The
      policy with the highest priority that matches decides, before O(routes).
    type: list
    elements: dict
    suboptions:
      priority:
        description: The priority of the policy, 0 to 32767. The highest one decides.
        type: int
        required: true
      action:
        description: What becomes of the packet. V(allow) lets it go by the routes, V(drop) discards it, and V(reroute)
          sends it to O(policies[].nexthops).
        type: str
        choices: [allow, drop, reroute]
        required: true
      nexthops:
        description: Addresses of the next routers, among which the packets are shared. Required for
          O(policies[].action=reroute), and only for it.
        type: list
        elements: str
      protocol:
        description: The protocol. V(icmp) is for IPv4 and IPv6. If left out, all.
        type: str
        choices: [tcp, udp, sctp, icmp, icmp4, icmp6]
      from:
        description: The sources of the packets. That is a network, an address, or the name of a port group or of an
          address set. If left out, all.
        type: str
      to:
        description: The destinations of the packets, in the same forms as O(policies[].from). If left out, all.
        type: str
      ports:
        description: Destination ports, 1 to 65535, or ranges such as V(8000-8080). Only with the protocol V(tcp),
          V(udp) or V(sctp). If left out, all.
        type: list
        elements: raw
      icmp_type:
        description: The type of ICMP, 0 to 255. Only with the protocol V(icmp), which then means V(icmp4), V(icmp4) or
          V(icmp6).
        type: int
      match:
        description: The match of a policy that exists already and that this collection did not compose, exactly as
          M(netloom.linux.ovn_info) reports it. A new one is refused, as in
          O(netloom.linux.ovn_switch#module:acls[].match).
        type: str
  options:
    description: The exact map of C(Logical_Router.options). Values are stored as strings, V(true) and V(false) in lower
      case.
    type: dict
  enabled:
    description: Whether the router routes; C(Logical_Router.enabled). If never given, it does.
    type: bool
  external_ids:
    description: The exact map of C(Logical_Router.external_ids), except for keys that begin with C(netloom-). Values
      are stored as strings.
    type: dict
  state:
    description: V(absent) deletes the router with everything in it, whoever made it, and the ports of switches that
      lead to it. Only O(name) is needed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netloom.linux.ovn_topology
  - module: netloom.linux.ovn_switch
  - module: netloom.linux.ovn_load_balancer
  - name: ovn-nb(5)
    description: The tables and columns behind the options.
    link: https://www.ovn.org/support/dist-docs/ovn-nb.5.html
  - name: Networks of OVN
    description: A guide for networks, routers, security groups and load balancers over many hosts.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovn.md
"""

EXAMPLES = r"""
- name: Two switches, one of them with the outside
  netloom.linux.ovn_switch:
    name: "{{ item.name }}"
    localnet: "{{ item.localnet }}"
  loop:
    - {name: red, localnet: {}}
    - {name: outside, localnet: {network: physnet1}}
  loop_control: {label: "{{ item.name }}"}

- name: A router between them, whose gateway moves to node3 if node2 fails
  netloom.linux.ovn_router:
    name: r1
    ports:
      - {name: r1-red, switch: red, mac: "02:00:00:50:50:01", networks: [10.50.50.1/24]}
      - name: r1-out
        switch: outside
        mac: "02:00:00:50:50:02"
        networks: [198.51.100.10/24]
        gateway_chassis: {node2: 20, node3: 10}
    routes:
      - {ip_prefix: 0.0.0.0/0, nexthop: 198.51.100.1}
    nat:
      - {type: snat, external_ip: 198.51.100.10, logical_ip: 10.50.50.0/24}
      - {type: dnat_and_snat, external_ip: 198.51.100.50, logical_ip: 10.50.50.10}

- name: The web goes by another way
  netloom.linux.ovn_router:
    name: r1
    policies:
      - priority: 100
        action: reroute
        nexthops: [198.51.100.2]
        protocol: tcp
        from: 10.50.50.0/24
        ports: [80, 443]

- name: It does not any more
  netloom.linux.ovn_router:
    name: r1
    clear: [policies]
"""

RETURN = r"""
ovn_router:
  description: The router as it is (in check mode, as it would be), in the shape of the options.
  returned: success
  type: dict
  sample:
    name: r1
    state: present
    enabled: true
    ports:
      - name: r1-red
        switch: red
        mac: "02:00:00:50:50:01"
        networks: [10.50.50.1/24]
        gateway_chassis: {}
        ra: {}
    routes: [{ip_prefix: 0.0.0.0/0, nexthop: 198.51.100.1, policy: dst-ip}]
    nat: [{type: snat, external_ip: 198.51.100.10, logical_ip: 10.50.50.0/24}]
    policies: []
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
uuid:
  description: The UUID of the row.
  returned: when the router exists; null otherwise, and in check mode for a new one
  type: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _ovn_module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _ovn_router


def main() -> None:
    """Run the module."""
    _ovn_module.run_ovn_kind(_ovn_router.RouterKind())


if __name__ == "__main__":
    main()
