# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that say what a DHCP server hands out, and to which clients."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.dhcp_server"""

    DOCUMENTATION = r"""
options:
  ranges:
    description:
      - The address ranges that the server hands out. For each range an interface needs an address in its network, from
        which dnsmasq knows the network.
    type: list
    elements: dict
    suboptions:
      start:
        description: The first address. If O(ranges[].mode) allows no end, the address of the network.
        type: str
        required: true
      end:
        description: The last address, of the same IP version and not before O(ranges[].start). Not allowed with the
          modes V(static), V(proxy) and V(ra-only).
        type: str
      constructor:
        description:
          - An interface. The range is in the IPv6 networks of that interface, whatever they are at the moment.
            O(ranges[].start) and O(ranges[].end) are then only the host part of the address, such as V(::100), or
            V(::).
        type: str
      prefix:
        description: Prefix length of the network, 1 to 31 (IPv6, 64 to 128). If left out, the prefix length of the
          interface.
        type: int
      lease_time:
        description:
          - Seconds, or a number with V(m), V(h), V(d) or V(w), such as V(1h), at least V(2m), or V(infinite). The
            default of dnsmasq is one hour.
          - V(deprecated) announces an IPv6 network with a preferred lifetime of 0.
        type: str
      tag:
        description: Use the range only for clients with this tag, or with V(!) in front, for clients without it. All
          tags of a list must match.
        type: raw
      set_tag:
        description: A tag for requests from this range, to be used in O(options[].tag).
        type: str
      mode:
        description:
          - V(static) hands out only the addresses in O(hosts). V(proxy) is for proxy DHCP (PXE).
          - The other modes are for IPv6 and can be combined, as in V([ra-only, off-link]). See C(dhcp-range) in
            dnsmasq(8).
        type: list
        elements: str
        choices: [static, proxy, slaac, ra-only, ra-names, ra-stateless, ra-advrouter, off-link]
      relayed:
        description:
          - Set this to V(true) for a network whose clients are behind a relay (O(relays) of another server), so that no
            interface of this server has an address in that network.
          - The module then does not warn about the missing address. Needs O(ranges[].prefix).
        type: bool
  hosts:
    description:
      - Reservations. Each is for the client with this O(hosts[].mac) or O(hosts[].client_id). If both are left out, it
        is for the client that sends this O(hosts[].hostname).
      - An IP address has one client, and a client has one address in each subnet. dnsmasq forgets reservations that are
        removed here.
    type: list
    elements: dict
    suboptions:
      mac:
        description:
          - The MAC address of the client, or a list of addresses for a client that may use any of them. Quote it.
          - V(*) stands for any byte, as in V("52:54:00:*:*:*").
        type: raw
      client_id:
        description:
          - The client identifier (DHCP) or DUID (DHCPv6), as bytes such as V("00:03:00:01:52:54:00:12:34:56"), or as
            text without V(:). Quote it.
          - V("*") together with O(hosts[].mac) means that the client is identified by its MAC address, whatever
            identifier it sends.
        type: raw
      address:
        description: The address that the client gets.
        type: str
      hostname:
        description: The name that the client gets.
        type: str
      lease_time:
        description: Like O(ranges[].lease_time).
        type: str
      tag:
        description: Like O(ranges[].tag).
        type: raw
      set_tag:
        description: A tag, or a list of tags, for the client, to be used in O(options[].tag).
        type: raw
      ignore:
        description: Whether the server never answers this client.
        type: bool
  options:
    description:
      - DHCP options to send.
      - Router advertisements (O(ra)) take their DNS servers and search list from V(option6:dns-server) and
        V(option6:domain-search) in this list.
    type: list
    elements: dict
    suboptions:
      option:
        description:
          - The number (V(3)) or dnsmasq's name (V(router), V(mtu), V(dns-server)) of the option.
          - C(option6:) in front means an option of DHCPv6, as in V(option6:dns-server).
        type: raw
        required: true
      value:
        description:
          - A string is given to dnsmasq as a whole. The elements of a list become the parts of the option, such as
            several addresses.
          - IPv6 addresses may be written without the brackets of dnsmasq.
          - If left out, the option is sent empty. An option that dnsmasq sends by default (V(router)) is then not sent.
        type: raw
      tag:
        description: Send it only to clients with this tag, or with V(!) in front, to clients without it. All tags of a
          list must match.
        type: raw
      vendor:
        description: Send it inside option 43, to clients whose vendor class contains this text, such as V(PXEClient).
          O(options[].option) must then be a number.
        type: str
      encap:
        description: Send it inside the option with this number. O(options[].option) must then be a number.
        type: int
      vi_encap:
        description: Send it as a vendor-identifying option (RFC 3925) of the enterprise with this number.
          O(options[].option) must then be a number.
        type: int
"""
