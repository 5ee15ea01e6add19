# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ovs_bridge as those of an entry of topology.

`make schema` writes this file from the documentation of the module ovs_bridge. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_ovs_bridge"""

    DOCUMENTATION = r"""
options:
  ovs_bridge:
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
        description: File on the managed node with the certificate of O(ovs_bridge[].ovsdb_private_key).
        type: path
      ovsdb_ca_cert:
        description: >-
          File on the managed node with the CA certificate that must have signed the certificate of the server.
        type: path
      timeout:
        description: The longest time that the OVSDB may take to answer in seconds, 1 to 3600.
        type: int
        default: 10
      uplink:
        description: >-
          A NIC that becomes a port of the bridge. Its addresses, routes and permanent neighbours move to the bridge.
          The host stays reachable by its address, now over the bridge, and all other ports of the bridge are on the
          network of the NIC.
        type: str
      confirm_timeout:
        description: >-
          Seconds within which a move of the O(ovs_bridge[].uplink) must be confirmed, 5 to 3600, counted from the end
          of the run.
        type: int
        default: 30
      name:
        description: Name of the bridge, at most 15 bytes.
        type: str
        required: true
      datapath_type:
        description: >-
          Selects who forwards the packets. This is the kernel (V(system)) or ovs-vswitchd (V(netdev), which needs no
          kernel module except C(/dev/net/tun)).
        type: str
        choices:
          - auto
          - system
          - netdev
        default: auto
      fail_mode:
        description: >-
          What the bridge does without its controllers. V(standalone) forwards like a plain switch, which is also the
          default of Open vSwitch. V(secure) waits for the controllers.
        type: str
        choices:
          - standalone
          - secure
      controllers:
        description: The exact list of OpenFlow controllers, such as V(tcp:10.0.0.1:6653). Their order has no meaning.
        type: list
        elements: str
      protocols:
        description: >-
          The exact list of OpenFlow versions that the bridge speaks. Empty means the default of Open vSwitch.
        type: list
        elements: str
        choices:
          - OpenFlow10
          - OpenFlow11
          - OpenFlow12
          - OpenFlow13
          - OpenFlow14
          - OpenFlow15
      stp:
        description: Whether the bridge takes part in the spanning tree protocol (IEEE 802.1D).
        type: bool
      rstp:
        description: >-
          Whether the bridge takes part in the rapid spanning tree protocol. Cannot be combined with
          O(ovs_bridge[].stp).
        type: bool
      mcast_snooping:
        description: Whether the bridge learns from IGMP and MLD which ports want a multicast group.
        type: bool
      external_ids:
        description: The exact map of C(Bridge.external_ids).
        type: dict
      other_config:
        description: >-
          The exact map of C(Bridge.other_config), without C(hwaddr), which is the same as O(ovs_bridge[].mac) and is
          shown there.
        type: dict
      ports:
        description: >-
          The exact list of the ports, without the local port. Other ports are removed. They are not restored when the
          bridge no longer belongs to a topology.
        type: list
        elements: str
      addresses:
        description: >-
          The exact list of addresses of the local port, each with its prefix length, such as V(10.0.0.1/24).
        type: list
        elements: str
      altnames:
        description: >-
          The exact list of the alternative names of the local port's device (C(ip link property add altname)), each up
          to 127 bytes.
        type: list
        elements: str
      mac:
        description: >-
          MAC address of the local port, unicast, such as V(52:54:00:12:34:56). Quote it. The datapath id follows from
          it.
        type: str
      mtu:
        description: Largest packet size of the local port in bytes, 68 to 65535.
        type: int
      up:
        description: >-
          Whether the local port is administratively up. If left out, it is left alone, unless O(ovs_bridge[].addresses)
          are given, because they need it up.
        type: bool
      sysctl:
        description: Sysctls of the local port by leaf name, such as C(rp_filter) or C(disable_ipv6).
        type: dict
      state:
        description: >-
          V(absent) deletes the bridge with all its ports, no matter who created them. What moved from an
          O(ovs_bridge[].uplink) moves back to it. Only O(ovs_bridge[].name) is needed.
        type: str
        choices:
          - present
          - absent
        default: present
"""
