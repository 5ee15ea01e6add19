# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a DHCP server hands out, and to whom."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.dhcp_server"""

    DOCUMENTATION = r"""
options:
  ranges:
    description:
      - The address ranges it hands out. An interface needs an address in the network of a range, which tells dnsmasq the
        network.
    type: list
    elements: dict
    suboptions:
      start:
        description: The first address. For a O(ranges[].mode) without an end, the address of the network.
        type: str
        required: true
      end:
        description: The last address, of the same family and not before O(ranges[].start). Not with the modes V(static), V(proxy) and V(ra-only).
        type: str
      constructor:
        description:
          - An interface whose IPv6 networks the range is in, whatever they are today. O(ranges[].start) and O(ranges[].end) are then the rest of the
            address, such as V(::100), or V(::).
        type: str
      prefix:
        description: Prefix length of the network, 1 to 31 (IPv6, 64 to 128). Left out, that of the interface.
        type: int
      lease_time:
        description:
          - Seconds, or a number with V(m), V(h), V(d) or V(w), such as V(1h), at least V(2m); or V(infinite). dnsmasq's own default is one hour.
          - V(deprecated) announces an IPv6 network with a preferred lifetime of 0.
        type: str
      tag:
        description: Use the range only for clients with this tag, or, with V(!) in front, without it; of a list, all must hold.
        type: raw
      set_tag:
        description: A tag that requests from this range get, for O(options[].tag).
        type: str
      mode:
        description:
          - V(static) hands out only what O(hosts) names; V(proxy) is for proxy DHCP (PXE).
          - The others are for IPv6, and can be combined, as in V([ra-only, off-link]); see C(dhcp-range) in dnsmasq(8).
        type: list
        elements: str
        choices: [static, proxy, slaac, ra-only, ra-names, ra-stateless, ra-advrouter, off-link]
      relayed:
        description:
          - Set it to V(true) for a network whose clients are behind a relay (O(relays) of another server), so that no interface here has an address in it.
          - Nothing is warned of then. Needs O(ranges[].prefix).
        type: bool
  hosts:
    description:
      - Reservations, each for a client by O(hosts[].mac), O(hosts[].client_id) or, with neither, by the O(hosts[].hostname) that it tells.
      - An IP address has one client. A client has one address in each subnet. dnsmasq forgets reservations that are taken away.
    type: list
    elements: dict
    suboptions:
      mac:
        description:
          - The client's MAC address, or a list of them for a client that comes by one or another. Quote it.
          - V(*) stands for any byte, as in V("52:54:00:*:*:*").
        type: raw
      client_id:
        description:
          - The client identifier (DHCP) or DUID (DHCPv6), as bytes such as V("00:03:00:01:52:54:00:12:34:56"), or as text without V(:). Quote it.
          - V("*") beside a O(hosts[].mac) means that the client is known by that, whatever identifier it sends.
        type: raw
      address:
        description: The address it gets.
        type: str
      hostname:
        description: The name it gets.
        type: str
      lease_time:
        description: As O(ranges[].lease_time).
        type: str
      tag:
        description: As O(ranges[].tag).
        type: raw
      set_tag:
        description: A tag, or a list of tags, that the client gets, for O(options[].tag).
        type: raw
      ignore:
        description: Whether the client is never answered.
        type: bool
  options:
    description:
      - DHCP options to send.
      - Router advertisements (O(ra)) take their DNS servers and search list from V(option6:dns-server) and V(option6:domain-search) here.
    type: list
    elements: dict
    suboptions:
      option:
        description:
          - The number (V(3)) or dnsmasq's name (V(router), V(mtu), V(dns-server)) of the option.
          - C(option6:) in front makes it one of DHCPv6, as in V(option6:dns-server).
        type: raw
        required: true
      value:
        description:
          - A string is given to dnsmasq whole. The parts of a list become the parts of the option, such as several addresses.
          - IPv6 addresses may be written without dnsmasq's brackets.
          - Left out, the option is sent empty; of those that dnsmasq sends by itself (V(router)), it is not sent.
        type: raw
      tag:
        description: Send it only to clients with this tag, or, with V(!) in front, without it; of a list, all must hold.
        type: raw
      vendor:
        description: Send it inside of option 43, to clients whose vendor class contains this, such as V(PXEClient). The option is then a number.
        type: str
      encap:
        description: Send it inside of the option of this number. The option is then a number itself.
        type: int
      vi_encap:
        description: Send it as a vendor-identifying option (RFC 3925) of the enterprise with this number. The option is then a number.
        type: int
"""
