# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ovn_port as those of an entry of ovn_topology.

`make schema` writes this file from the documentation of the module ovn_port. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_ovn_port"""

    DOCUMENTATION = r"""
options:
  ovn_port:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      switch:
        description: Name of the logical switch, which must exist. A port that exists on another switch is an error.
        type: str
        required: true
      name:
        description: >-
          Name of the port, C(Logical_Switch_Port.name), unique in the database. Up to 255 bytes, without white space.
        type: str
        required: true
      type:
        description: >-
          The type of the port, C(Logical_Switch_Port.type). The empty one is a port of a machine, a container or a
          namespace.
        type: str
        choices:
          - ''
          - router
          - localnet
          - localport
          - l2gateway
          - vtep
          - external
          - virtual
          - remote
      addresses:
        description: The exact list of addresses of the port, C(Logical_Switch_Port.addresses).
        type: list
        elements: str
      port_security:
        description: >-
          The exact list of MAC addresses, each with the addresses or networks that may stand behind it, from which the
          port may send; C(Logical_Switch_Port.port_security). If empty, it may send from all.
        type: list
        elements: str
      chassis:
        description: >-
          The host on which the port may come up, by the name of its chassis (its C(system-id));
          C(Logical_Switch_Port.options:requested-chassis).
        type: str
      parent:
        description: >-
          The port of the machine behind which this one is, told apart by O(ovn_port[].tag);
          C(Logical_Switch_Port.parent_name).
        type: str
      tag:
        description: >-
          The VLAN of a port with a O(ovn_port[].parent), or of a port of the type C(localnet), C(l2gateway) or C(vtep),
          0 to 4095; C(Logical_Switch_Port.tag_request). With 0, OVN allots the VLAN.
        type: int
      enabled:
        description: Whether the port passes packets; C(Logical_Switch_Port.enabled). If never given, it does.
        type: bool
      options:
        description: >-
          The exact map of C(Logical_Switch_Port.options), except for C(requested-chassis), which is
          O(ovn_port[].chassis). Values are stored as strings, V(true) and V(false) in lower case.
        type: dict
      external_ids:
        description: >-
          The exact map of C(Logical_Switch_Port.external_ids), except for keys that begin with C(netloom-). Values are
          stored as strings.
        type: dict
      dhcp_options:
        description: >-
          Name of the DHCP options that the port gets, see M(netloom.linux.ovn_dhcp_options). They must exist;
          C(Logical_Switch_Port.dhcpv4_options), or C(dhcpv6_options) if their network is of IPv6. If there are some of
          this name for both, the port gets both. Cleared, OVN does not answer DHCP requests of the port.
        type: str
      state:
        description: >-
          V(absent) deletes the port, whoever made it. Only O(ovn_port[].switch) and O(ovn_port[].name) are needed.
        type: str
        choices:
          - present
          - absent
        default: present
"""
