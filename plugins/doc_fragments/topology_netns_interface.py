# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of netns_interface as those of an entry of topology.

`make schema` writes this file from the documentation of the module netns_interface. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_netns_interface"""

    DOCUMENTATION = r"""
options:
  netns_interface:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      netns:
        description: Name of the network namespace (a file below C(/run/netns)).
        type: str
      addresses:
        description: >-
          The exact list of addresses, each with its prefix length, such as V(10.0.0.1/24) or V(fd00::1/64). The address
          of the network itself is allowed.
        type: list
        elements: str
      mac:
        description: MAC address, unicast, such as V(52:54:00:12:34:56). Quote it.
        type: str
      mtu:
        description: Largest packet size in bytes, 68 to 65535.
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
      master:
        description: The Linux bridge, in the same namespace, that has the link as a port. An empty string means none.
        type: str
      txqueuelen:
        description: Length of the transmit queue in packets.
        type: int
      alias:
        description: >-
          Text that is stored with the link (C(ip link set alias)), up to 255 bytes. An empty string means none.
        type: str
      neighbours:
        description: >-
          The exact list of neighbours that the interface knows without asking (C(ip neighbour add ... nud permanent)),
          and of addresses for which it answers (C(ip neighbour add proxy)).
        type: list
        elements: dict
        suboptions:
          address:
            description: The neighbour's address, without a prefix length.
            type: str
            required: true
          mac:
            description: >-
              The MAC address of the neighbour. Quote it. Required unless O(netns_interface[].neighbours[].proxy) is
              set.
            type: str
          proxy:
            description: >-
              Whether the interface answers ARP or ND requests for the address, instead of having it as a neighbour.
            type: bool
            default: false
      remote:
        description: >-
          Address of the only other end of a V(vxlan). For several ends give O(netns_interface[].remotes). A multicast
          group is possible here, too, as in O(netns_interface[].group).
        type: str
      local:
        description: >-
          Source address of a V(vxlan). All ends of a V(vxlan) are of its IP version, and without it of IPv4.
        type: str
      port:
        description: UDP port of a V(vxlan); 4789 (RFC 7348) if left out.
        type: int
      group:
        description: >-
          Multicast group of a V(vxlan), whose members are the other ends. The V(vxlan) joins the group by
          O(netns_interface[].parent), which is required.
        type: str
      remotes:
        description: >-
          The exact list of the other ends of a V(vxlan), to each of which it sends what it knows no better place for,
          such as broadcasts (head-end replication, C(bridge fdb append 00:00:00:00:00:00 dev ... dst ...)).
        type: list
        elements: str
      fdb:
        description: >-
          The exact list of the MAC addresses of which a V(vxlan) knows behind which end they are (C(bridge fdb replace
          ... dev ... dst ...)). To other MAC addresses it sends by O(netns_interface[].remotes),
          O(netns_interface[].remote) or O(netns_interface[].group).
        type: list
        elements: dict
        suboptions:
          mac:
            description: The MAC address. Quote it.
            type: str
            required: true
          remote:
            description: Address of the end behind which it is.
            type: str
            required: true
          port:
            description: UDP port of that end. If left out, O(netns_interface[].port).
            type: int
          vni:
            description: The number by which that end knows the network. If left out, O(netns_interface[].id).
            type: int
      learning:
        description: >-
          Whether a V(vxlan) learns from the frames that it receives which MAC address is behind which end. A new one
          learns. It can be changed without recreating the link, and what was learned before is left to age.
        type: bool
      ttl:
        description: TTL or hop limit of the packets of a V(vxlan); 1 to 255, V(auto) (or 0), or V(inherit).
        type: str
      name:
        description: Name of the interface in the namespace, at most 15 bytes.
        type: str
        required: true
      up:
        description: >-
          Whether the link is administratively up. If left out, it is V(true) with O(netns_interface[].kind) or
          O(netns_interface[].source). Otherwise the present state is left alone.
        type: bool
      source:
        description: The interface to move, with its present name and place.
        type: dict
        suboptions:
          name:
            description: The present name of the interface.
            type: str
            required: true
          netns:
            description: The present namespace of the interface. If left out, the namespace in which the module runs.
            type: str
      kind:
        description: The kind of interface to create. V(tap) and V(tun) are persistent.
        type: str
        choices:
          - tap
          - tun
          - macvlan
          - ipvlan
          - vlan
          - vxlan
          - dummy
      parent:
        description: The link on which a V(macvlan), V(ipvlan), V(vlan) or V(vxlan) is created.
        type: str
      mode:
        description: >-
          Mode of a V(macvlan) (V(private), V(vepa), V(bridge), V(passthru)) or V(ipvlan) (V(l2), V(l3), V(l3s)).
        type: str
      id:
        description: Number of a V(vlan) (0 to 4094) or V(vxlan) (0 to 16777215).
        type: int
      owner:
        description: User, by name or number, who may open a V(tap) or V(tun) without being root.
        type: str
      owner_group:
        description: Group, by name or number, whose members may open it.
        type: str
      rules:
        description: >-
          The exact list of policy rules (C(ip rule)) that name the interface. Rules that name another interface or
          none, such as the rules of the kernel itself, are left alone.
        type: list
        elements: dict
        suboptions:
          priority:
            description: >-
              The position among all rules, 1 to 4294967295. The lowest number comes first. The rules of the kernel are
              at 0 (C(local)), 32766 (C(main)) and 32767.
            type: int
            required: true
          match:
            description: V(iif) is for packets that come in by the interface.
            type: str
            choices:
              - iif
              - oif
            default: iif
          family:
            description: >-
              The IP version of the packets. If left out, the version of O(netns_interface[].rules[].from) or
              O(netns_interface[].rules[].to), otherwise IPv4.
            type: str
            choices:
              - ipv4
              - ipv6
          from:
            description: Only packets from this network. If left out, all.
            type: str
          to:
            description: Only packets to this network. If left out, all.
            type: str
          fwmark:
            description: Only packets with this firewall mark, such as V(0x1) or, with a mask, V(0x1/0xff).
            type: str
          action:
            description: >-
              V(lookup) takes the route from O(netns_interface[].rules[].table). If that table has no route, the next
              rule is tried.
            type: str
            choices:
              - lookup
              - blackhole
              - unreachable
              - prohibit
            default: lookup
          table:
            description: >-
              The routing table, by number, as V(main), V(default) or V(local), or by a name from
              C(/etc/iproute2/rt_tables) of the managed node. Required for V(lookup).
            type: str
          suppress_prefixlength:
            description: >-
              Ignore routes of the table whose prefix has at most this length. V(0) ignores the default route of the
              table.
            type: int
      state:
        description: >-
          V(absent) deletes a created interface, moves a moved one back home, or removes the declared settings from one
          that is managed in place.
        type: str
        choices:
          - present
          - absent
        default: present
"""
