# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ovn_router as those of an entry of ovn_topology.

`make schema` writes this file from the documentation of the module ovn_router. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_ovn_router"""

    DOCUMENTATION = r"""
options:
  ovn_router:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      name:
        description: Name of the router, C(Logical_Router.name). Up to 255 bytes, without white space.
        type: str
        required: true
      ports:
        description: >-
          The exact list of ports, rows of C(Logical_Router_Port). For each of them the switch gets a port of the type
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
            description: >-
              The addresses of the port, each with its prefix length, such as V(10.50.50.1/24). At least one.
            type: list
            elements: str
            required: true
          gateway_chassis:
            description: >-
              The hosts that may be the gateway, by the names of their chassis (their C(system-id)), each with a
              priority, 0 to 32767. The one with the highest priority that works is the gateway. They are rows of
              C(Gateway_Chassis). If empty, the port is on every host.
            type: dict
          ra:
            description: >-
              The exact map of C(Logical_Router_Port.ipv6_ra_configs), what the port says of IPv6 in its router
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
            description: >-
              Name of the port of this router by which the packets leave. If left out, OVN chooses it by
              O(ovn_router[].routes[].nexthop).
            type: str
          policy:
            description: >-
              Whether O(ovn_router[].routes[].ip_prefix) is compared with the destination of a packet, or with its
              source.
            type: str
            choices:
              - dst-ip
              - src-ip
            default: dst-ip
          route_table:
            description: The routing table of the route, which ports name in their options. If left out, the main one.
            type: str
      nat:
        description: >-
          The exact list of translations, rows of C(NAT). They are done on the gateway of the router, which needs a port
          with O(ovn_router[].ports[].gateway_chassis), or the option C(chassis) of the router.
        type: list
        elements: dict
        suboptions:
          type:
            description: >-
              V(snat) translates the sources of packets that leave. V(dnat) translates the destinations of packets that
              come in. V(dnat_and_snat) does both (a floating address).
            type: str
            required: true
            choices:
              - snat
              - dnat
              - dnat_and_snat
          external_ip:
            description: The address that the outside sees.
            type: str
            required: true
          logical_ip:
            description: >-
              The inner address. With O(ovn_router[].nat[].type=snat) it may be a network, such as V(10.50.50.0/24).
            type: str
            required: true
          logical_port:
            description: >-
              The port of the switch that has the inner address. With it and O(ovn_router[].nat[].external_mac), the
              translation is done on the host of that port. Only with O(ovn_router[].nat[].type=dnat_and_snat).
            type: str
          external_mac:
            description: The MAC address that the outside sees. Belongs to O(ovn_router[].nat[].logical_port).
            type: str
      policies:
        description: >-
          The exact list of policies that say by which way packets go, rows of C(Logical_Router_Policy). The policy with
          the highest priority that matches decides, before O(ovn_router[].routes).
        type: list
        elements: dict
        suboptions:
          priority:
            description: The priority of the policy, 0 to 32767. The highest one decides.
            type: int
            required: true
          action:
            description: >-
              What becomes of the packet. V(allow) lets it go by the routes, V(drop) discards it, and V(reroute) sends
              it to O(ovn_router[].policies[].nexthops).
            type: str
            required: true
            choices:
              - allow
              - drop
              - reroute
          nexthops:
            description: >-
              Addresses of the next routers, among which the packets are shared. Required for
              O(ovn_router[].policies[].action=reroute), and only for it.
            type: list
            elements: str
          protocol:
            description: The protocol. V(icmp) is for IPv4 and IPv6. If left out, all.
            type: str
            choices:
              - tcp
              - udp
              - sctp
              - icmp
              - icmp4
              - icmp6
          from:
            description: >-
              The sources of the packets. That is a network, an address, or the name of a port group or of an address
              set. If left out, all.
            type: str
          to:
            description: >-
              The destinations of the packets, in the same forms as O(ovn_router[].policies[].from). If left out, all.
            type: str
          ports:
            description: >-
              Destination ports, 1 to 65535, or ranges such as V(8000-8080). Only with the protocol V(tcp), V(udp) or
              V(sctp). If left out, all.
            type: list
            elements: raw
          icmp_type:
            description: >-
              The type of ICMP, 0 to 255. Only with the protocol V(icmp), which then means V(icmp4), V(icmp4) or
              V(icmp6).
            type: int
          match:
            description: >-
              The match of a policy that exists already and that this collection did not compose, exactly as
              M(netloom.linux.ovn_info) reports it. A new one is refused, as in
              O(netloom.linux.ovn_switch#module:acls[].match).
            type: str
      options:
        description: >-
          The exact map of C(Logical_Router.options). Values are stored as strings, V(true) and V(false) in lower case.
        type: dict
      enabled:
        description: Whether the router routes; C(Logical_Router.enabled). If never given, it does.
        type: bool
      external_ids:
        description: >-
          The exact map of C(Logical_Router.external_ids), except for keys that begin with C(netloom-). Values are
          stored as strings.
        type: dict
      state:
        description: >-
          V(absent) deletes the router with everything in it, whoever made it, and the ports of switches that lead to
          it. Only O(ovn_router[].name) is needed.
        type: str
        choices:
          - present
          - absent
        default: present
"""
