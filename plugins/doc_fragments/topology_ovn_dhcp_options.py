# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ovn_dhcp_options as those of an entry of ovn_topology.

`make schema` writes this file from the documentation of the module ovn_dhcp_options. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_ovn_dhcp_options"""

    DOCUMENTATION = r"""
options:
  ovn_dhcp_options:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      name:
        description: >-
          Name of the options, by which ports name them. Up to 255 bytes, without white space. Options of IPv4 and of
          IPv6 may have one name; then a port gets both.
        type: str
        required: true
      cidr:
        description: >-
          The network of the clients, such as V(10.50.50.0/24); C(DHCP_Options.cidr). A network of IPv6 makes them
          options of DHCPv6.
        type: str
        required: true
      options:
        description: >-
          The exact map of C(DHCP_Options.options), in the words of OVN. Values are stored as strings, V(true) and
          V(false) in lower case.
        type: dict
      external_ids:
        description: >-
          The exact map of C(DHCP_Options.external_ids), except for keys that begin with C(netloom-). Values are stored
          as strings.
        type: dict
      state:
        description: >-
          V(absent) deletes the row. Ports that name it no longer get answers. Only O(ovn_dhcp_options[].name) and
          O(ovn_dhcp_options[].cidr) are needed.
        type: str
        choices:
          - present
          - absent
        default: present
"""
