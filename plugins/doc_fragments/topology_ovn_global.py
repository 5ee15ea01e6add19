# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ovn_global as those of an entry of ovn_topology.

`make schema` writes this file from the documentation of the module ovn_global. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_ovn_global"""

    DOCUMENTATION = r"""
options:
  ovn_global:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      options:
        description: >-
          The keys of C(NB_Global.options) with their values, such as C(bfd-min-rx), C(mac_prefix) or
          C(northd_probe_interval). Values are stored as strings, V(true) and V(false) in lower case.
        type: dict
        required: true
      state:
        description: V(absent) removes the keys of O(ovn_global[].options), whatever their values are.
        type: str
        choices:
          - present
          - absent
        default: present
"""
