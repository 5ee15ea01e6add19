# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ovn_address_set as those of an entry of ovn_topology.

`make schema` writes this file from the documentation of the module ovn_address_set. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_ovn_address_set"""

    DOCUMENTATION = r"""
options:
  ovn_address_set:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      name:
        description: >-
          Name of the set, C(Address_Set.name), unique in the database. Letters, digits and C(_), not beginning with a
          digit. OVN would take another name, but never obey a rule that has it.
        type: str
        required: true
      addresses:
        description: >-
          The exact list of addresses and networks, such as V(192.0.2.1) and V(198.51.100.0/24);
          C(Address_Set.addresses). All of IPv4, or all of IPv6.
        type: list
        elements: str
      external_ids:
        description: >-
          The exact map of C(Address_Set.external_ids), except for keys that begin with C(netloom-). Values are stored
          as strings.
        type: dict
      state:
        description: >-
          V(absent) deletes the set, whoever made it. Rules that name it match nothing any more. Only
          O(ovn_address_set[].name) is needed.
        type: str
        choices:
          - present
          - absent
        default: present
"""
