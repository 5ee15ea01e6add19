# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ovn_load_balancer as those of an entry of ovn_topology.

`make schema` writes this file from the documentation of the module ovn_load_balancer. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_ovn_load_balancer"""

    DOCUMENTATION = r"""
options:
  ovn_load_balancer:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      name:
        description: Name of the load balancer, C(Load_Balancer.name). Up to 255 bytes, without white space.
        type: str
        required: true
      protocol:
        description: The protocol of its ports; C(Load_Balancer.protocol). If never given, OVN takes C(tcp).
        type: str
        choices:
          - tcp
          - udp
          - sctp
      vips:
        description: >-
          The exact map of C(Load_Balancer.vips). A key is the address to which clients send, with a port or without,
          such as V(10.50.50.100:80) or V([fd00::100]:80). Its value is the list of addresses among which the
          connections are shared. They are of the same family, and have a port if the key has one.
        type: dict
      options:
        description: >-
          The exact map of C(Load_Balancer.options). Values are stored as strings, V(true) and V(false) in lower case.
        type: dict
      external_ids:
        description: >-
          The exact map of C(Load_Balancer.external_ids), except for keys that begin with C(netloom-). Values are stored
          as strings.
        type: dict
      health_check:
        description: >-
          How OVN finds out which targets work. Each of the O(ovn_load_balancer[].vips) is checked so. Only IPv4, tcp
          and udp are checked by OVN.
        type: dict
        suboptions:
          interval:
            description: Seconds between two questions, 1 to 3600. If left out, OVN takes 5.
            type: int
          timeout:
            description: Seconds that an answer may take, 1 to 3600. If left out, OVN takes 20.
            type: int
          success_count:
            description: Answers after which a target works, 1 to 3600. If left out, OVN takes 3.
            type: int
          failure_count:
            description: Missing answers after which a target does not work, 1 to 3600. If left out, OVN takes 3.
            type: int
          sources:
            description: >-
              From where each target is asked; C(Load_Balancer.ip_port_mappings). A key is the address of a target. Its
              value has C(port), the port of the switch that has the address, and C(address), a free address of the same
              subnet, which is the source of the questions.
            type: dict
      switches:
        description: The exact list of logical switches on which it acts. They must exist.
        type: list
        elements: str
      routers:
        description: The exact list of logical routers on which it acts. They must exist.
        type: list
        elements: str
      state:
        description: >-
          V(absent) deletes the load balancer with its health checks, whoever made it. Only O(ovn_load_balancer[].name)
          is needed.
        type: str
        choices:
          - present
          - absent
        default: present
"""
