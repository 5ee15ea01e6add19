# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ovs_port as those of an entry of topology.

`make schema` writes this file from the documentation of the module ovs_port. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_ovs_port"""

    DOCUMENTATION = r"""
options:
  ovs_port:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      netns:
        description: >-
          Namespace of the device of an internal port (a file below C(/run/netns)). If left out, the namespace in which
          the module runs.
        type: str
      addresses:
        description: >-
          The exact list of addresses of an internal port, each with its prefix length, such as V(10.0.0.1/24).
        type: list
        elements: str
      mac:
        description: >-
          MAC address of an internal port, unicast, such as V(52:54:00:12:34:56). Quote it. It is also stored in OVSDB,
          so that the port keeps it when Open vSwitch recreates its device.
        type: str
      mtu:
        description: Largest packet size of an internal port in bytes, 68 to 65535.
        type: int
      altnames:
        description: >-
          The exact list of alternative names of the link (C(ip link property add altname)), each up to 127 bytes. Their
          order has no meaning. Programs such as C(ip) and C(tcpdump) find the link by each of these names. The modules
          of this collection need its main name.
        type: list
        elements: str
      sysctl:
        description: >-
          Sysctls of this link by leaf name, such as C(rp_filter), C(proxy_arp), C(accept_ra) or C(disable_ipv6). They
          are written after the link is created and before it is set up.
        type: dict
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
        description: File on the managed node with the certificate of O(ovs_port[].ovsdb_private_key).
        type: path
      ovsdb_ca_cert:
        description: >-
          File on the managed node with the CA certificate that must have signed the certificate of the server.
        type: path
      timeout:
        description: The longest time that the OVSDB may take to answer in seconds, 1 to 3600.
        type: int
        default: 10
      iface_id:
        description: >-
          The name of the logical port of OVN that the port is (C(iface-id) in C(Interface.external_ids), which is not
          O(ovs_port[].external_ids)). Only this key is written. Other keys, such as those of ovn-controller, are left
          alone.
        type: str
      wait_for_installed:
        description: >-
          If a run changes something, it waits up to RV(ignore:wait) seconds until ovn-controller has put the flows of
          the logical port in effect (C(ovn-installed)). If that does not happen, the run fails, names the cause and is
          undone. The cause can be that the northbound database has no logical port of this name, that ovn-controller
          does not run, or that the logical port is requested for another chassis.
        type: bool
        default: true
      peer_tx_checksum:
        description: >-
          For a port that is a veth end, whether its other end leaves checksums to whoever sends the frame on (transmit
          checksum offload).
        type: bool
      receive_offload:
        description: >-
          For a port that is a link of the host, whether the packets that it receives are joined (generic receive
          offload, GRO). A VLAN, a macvlan or a bond passes on what the cards below have joined, so for such a port it
          is about these cards.
        type: bool
      bridge:
        description: >-
          The bridge. If a port of the wanted name exists on another bridge, the task fails and leaves that port alone.
        type: str
        required: true
      name:
        description: >-
          Name of the port and of its interface. At most 15 bytes. With O(ovs_port[].type=patch), which is no link of
          the kernel, at most 255 bytes.
        type: str
        required: true
      type:
        description: >-
          V(system) uses an existing device of the host, such as a veth end. V(internal) creates a device. V(patch)
          leads to another bridge. The other types are tunnels.
        type: str
        choices:
          - system
          - internal
          - patch
          - vxlan
          - geneve
          - gre
      options:
        description: >-
          The exact map of C(Interface.options). V(patch) needs C(peer), and tunnels need C(remote_ip). C(key) is the
          network id of a tunnel. Keys, ports, C(ttl), C(tos), C(csum), C(df_default) and the two ends are checked,
          because Open vSwitch takes what it cannot read as 0 or false.
        type: dict
      tag:
        description: The VLAN of the port, 0 to 4094.
        type: int
      trunks:
        description: >-
          The exact list of VLANs, 0 to 4094, or ranges of VLANs such as V(100-200), that the port carries tagged. An
          empty list means all VLANs.
        type: list
        elements: raw
      vlan_mode:
        description: If unset, a port with a O(ovs_port[].tag) is an access port, and a port without a tag is a trunk.
        type: str
        choices:
          - access
          - trunk
          - native-tagged
          - native-untagged
          - dot1q-tunnel
      protected:
        description: >-
          No frame passes from a protected port to another protected port of the same bridge. Frames between a protected
          port and all other ports pass.
        type: bool
      external_ids:
        description: The exact map of C(Port.external_ids).
        type: dict
      other_config:
        description: The exact map of C(Port.other_config).
        type: dict
      rename:
        description: >-
          Name of the device of an internal port in its namespace, if it is not O(ovs_port[].name).
          O(ovs_port[].altnames) work on every datapath.
        type: str
      up:
        description: Whether an internal port is administratively up. If left out, it is up.
        type: bool
      state:
        description: >-
          V(absent) removes the port, no matter who created it, together with the device of an internal port. Only
          O(ovs_port[].bridge) and O(ovs_port[].name) are needed.
        type: str
        choices:
          - present
          - absent
        default: present
"""
