# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ovn_chassis as those of an entry of topology.

`make schema` writes this file from the documentation of the module ovn_chassis. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_ovn_chassis"""

    DOCUMENTATION = r"""
options:
  ovn_chassis:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      ovsdb:
        description: >-
          Where the OVSDB is: V(unix:/path/to/socket), V(tcp:host:port) or V(ssl:host:port), an IPv6 address in
          brackets. Several, separated by commas, are tried in turn (a clustered database).
        type: str
        default: unix:/run/openvswitch/db.sock
      ovsdb_private_key:
        description: File on the managed node with the private key for C(ssl:).
        type: path
      ovsdb_certificate:
        description: File on the managed node with the certificate of O(ovn_chassis[].ovsdb_private_key).
        type: path
      ovsdb_ca_cert:
        description: >-
          File on the managed node with the CA certificate that must have signed the certificate of the server.
        type: path
      timeout:
        description: The longest time that the OVSDB may take to answer in seconds, 1 to 3600.
        type: int
        default: 10
      remote:
        description: >-
          Where the southbound database is, such as V(ssl:192.0.2.1:6642), V(tcp:192.0.2.1:6642) or
          V(unix:/run/ovn/ovnsb_db.sock), an IPv6 address in brackets. Several, separated by commas, are the members of
          one cluster.
        type: str
      encap_type:
        description: >-
          How tunnels to other chassis are made, V(geneve) or V(vxlan), or both. With VXLAN, OVN supports fewer networks
          and ports, and no ACL that matches an inport across hosts.
        type: list
        elements: str
      encap_address:
        description: >-
          The address of this host at which the tunnels of the other chassis end. If no link of the host has it, the
          task warns. Several, separated by commas, need OVN 24.03.
        type: str
      bridge_mappings:
        description: >-
          The exact map of networks outside of OVN (C(network_name) of localnet ports) to bridges of Open vSwitch, such
          as C({physnet1: br-ex}).
        type: dict
      gateway:
        description: >-
          Whether the host may be chosen as a gateway (C(enable-chassis-as-gw) in C(ovn-cms-options)). Other words in
          C(ovn-cms-options) are left alone.
        type: bool
      system_id:
        description: >-
          The name of the chassis. It is written to C(/etc/openvswitch/system-id.conf), from which Open vSwitch takes it
          at every start, and then to C(external_ids:system-id).
        type: str
      bridge:
        description: The integration bridge, which ovn-controller creates. Without it, OVN uses C(br-int).
        type: str
      datapath_type:
        description: The datapath of the integration bridge.
        type: str
        choices:
          - auto
          - system
          - netdev
        default: auto
      private_key:
        description: >-
          File on the managed node with the private key for V(ssl:), as an absolute path. It needs
          O(ovn_chassis[].certificate) and O(ovn_chassis[].ca_cert).
        type: path
      certificate:
        description: File on the managed node with the certificate of O(ovn_chassis[].private_key).
        type: path
      ca_cert:
        description: >-
          File on the managed node with the CA certificate that must have signed the certificate of the southbound
          database.
        type: path
      state:
        description: >-
          V(absent) removes the keys, and TLS files that this module wrote. If this module changed the name of the
          chassis, the host gets its old name back. The rows of the host in the tables C(Chassis) and C(Chassis_Private)
          of the southbound database are deleted.
        type: str
        choices:
          - present
          - absent
        default: present
"""
