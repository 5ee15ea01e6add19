# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of dnsmasq_in_ns as those of an entry of topology.

`make schema` writes this file from the documentation of the module dnsmasq_in_ns. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_dnsmasq_in_ns"""

    DOCUMENTATION = r"""
options:
  dnsmasq_in_ns:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      ranges:
        description: >-
          The address ranges that the server hands out. For each range an interface needs an address in its network,
          from which dnsmasq knows the network.
        type: list
        elements: dict
        suboptions:
          start:
            description: >-
              The first address. If O(dnsmasq_in_ns[].ranges[].mode) allows no end, the address of the network.
            type: str
            required: true
          end:
            description: >-
              The last address, of the same IP version and not before O(dnsmasq_in_ns[].ranges[].start). Not allowed
              with the modes V(static), V(proxy) and V(ra-only).
            type: str
          constructor:
            description: >-
              An interface. The range is in the IPv6 networks of that interface, whatever they are at the moment.
              O(dnsmasq_in_ns[].ranges[].start) and O(dnsmasq_in_ns[].ranges[].end) are then only the host part of the
              address, such as V(::100), or V(::).
            type: str
          prefix:
            description: >-
              Prefix length of the network, 1 to 31 (IPv6, 64 to 128). If left out, the prefix length of the interface.
            type: int
          lease_time:
            description: >-
              Seconds, or a number with V(m), V(h), V(d) or V(w), such as V(1h), at least V(2m), or V(infinite). The
              default of dnsmasq is one hour.
            type: str
          tag:
            description: >-
              Use the range only for clients with this tag, or with V(!) in front, for clients without it. All tags of a
              list must match.
            type: raw
          set_tag:
            description: A tag for requests from this range, to be used in O(dnsmasq_in_ns[].options[].tag).
            type: str
          mode:
            description: >-
              V(static) hands out only the addresses in O(dnsmasq_in_ns[].hosts). V(proxy) is for proxy DHCP (PXE).
            type: list
            elements: str
            choices:
              - static
              - proxy
              - slaac
              - ra-only
              - ra-names
              - ra-stateless
              - ra-advrouter
              - off-link
          relayed:
            description: >-
              Set this to V(true) for a network whose clients are behind a relay (O(dnsmasq_in_ns[].relays) of another
              server), so that no interface of this server has an address in that network.
            type: bool
      hosts:
        description: >-
          Reservations. Each is for the client with this O(dnsmasq_in_ns[].hosts[].mac) or
          O(dnsmasq_in_ns[].hosts[].client_id). If both are left out, it is for the client that sends this
          O(dnsmasq_in_ns[].hosts[].hostname).
        type: list
        elements: dict
        suboptions:
          mac:
            description: >-
              The MAC address of the client, or a list of addresses for a client that may use any of them. Quote it.
            type: raw
          client_id:
            description: >-
              The client identifier (DHCP) or DUID (DHCPv6), as bytes such as V("00:03:00:01:52:54:00:12:34:56"), or as
              text without V(:). Quote it.
            type: raw
          address:
            description: The address that the client gets.
            type: str
          hostname:
            description: The name that the client gets.
            type: str
          lease_time:
            description: Like O(dnsmasq_in_ns[].ranges[].lease_time).
            type: str
          tag:
            description: Like O(dnsmasq_in_ns[].ranges[].tag).
            type: raw
          set_tag:
            description: A tag, or a list of tags, for the client, to be used in O(dnsmasq_in_ns[].options[].tag).
            type: raw
          ignore:
            description: Whether the server never answers this client.
            type: bool
      options:
        description: DHCP options to send.
        type: list
        elements: dict
        suboptions:
          option:
            description: The number (V(3)) or dnsmasq's name (V(router), V(mtu), V(dns-server)) of the option.
            type: raw
            required: true
          value:
            description: >-
              A string is given to dnsmasq as a whole. The elements of a list become the parts of the option, such as
              several addresses.
            type: raw
          tag:
            description: >-
              Send it only to clients with this tag, or with V(!) in front, to clients without it. All tags of a list
              must match.
            type: raw
          vendor:
            description: >-
              Send it inside option 43, to clients whose vendor class contains this text, such as V(PXEClient).
              O(dnsmasq_in_ns[].options[].option) must then be a number.
            type: str
          encap:
            description: >-
              Send it inside the option with this number. O(dnsmasq_in_ns[].options[].option) must then be a number.
            type: int
          vi_encap:
            description: >-
              Send it as a vendor-identifying option (RFC 3925) of the enterprise with this number.
              O(dnsmasq_in_ns[].options[].option) must then be a number.
            type: int
      name:
        description: Name of the server, unique on the host. 1 to 64 letters, digits and C(_.@-).
        type: str
        required: true
      netns:
        description: >-
          The namespace in which the server runs. Required unless O(dnsmasq_in_ns[].state) is V(stopped) or V(absent).
        type: str
      interfaces:
        description: >-
          The interfaces that the server serves. If the list is empty or was never given, it serves all interfaces of
          the namespace except C(lo).
        type: list
        elements: str
      static_only:
        description: Whether only the clients in O(dnsmasq_in_ns[].hosts) get an address. A new server has V(false).
        type: bool
      dns:
        description: Whether the server answers DNS queries (port 53). A new server has V(false).
        type: bool
      domain:
        description: The domain that clients are told and that is appended to their names.
        type: str
      servers:
        description: >-
          The DNS servers to ask, such as V(10.0.0.53), V(10.0.0.53#5353) or V(fe80::53%eth0). V(10.0.0.53@eth1) asks
          from a link or an address of the namespace. Needs O(dnsmasq_in_ns[].dns=true).
        type: list
        elements: str
      records:
        description: >-
          Names that the server answers for, each with O(dnsmasq_in_ns[].records[].address) or
          O(dnsmasq_in_ns[].records[].cname). Needs O(dnsmasq_in_ns[].dns=true).
        type: list
        elements: dict
        suboptions:
          name:
            description: The name. A dot at its end is ignored.
            type: str
            required: true
          address:
            description: Its address, or a list of addresses.
            type: raw
          cname:
            description: >-
              The name that this name is an alias of. This dnsmasq must know it from O(dnsmasq_in_ns[].records) or from
              a lease.
            type: str
      ra:
        description: >-
          Whether the server sends IPv6 router advertisements for all IPv6 ranges (C(enable-ra)). A new server has
          V(false).
        type: bool
      ra_params:
        description: >-
          How router advertisements are sent (C(ra-param) in dnsmasq(8)). One entry for each interface, or one for all
          interfaces.
        type: list
        elements: dict
        suboptions:
          interface:
            description: The interface. If left out, the entry is for all interfaces that no other entry names.
            type: str
          interval:
            description: >-
              The longest time between two advertisements in seconds, 4 to 1800. The default of dnsmasq is 600.
            type: int
          lifetime:
            description: >-
              How many seconds clients keep the server as a default router, from O(dnsmasq_in_ns[].ra_params[].interval)
              to 9000. V(0) means that the server is no default router. The default of dnsmasq is three intervals.
            type: int
          mtu:
            description: >-
              The MTU to advertise, 1280 to 65535, or V(0) to advertise none. The default of dnsmasq is the MTU of the
              interface.
            type: int
          priority:
            description: The preference of this router among several routers (RFC 4191).
            type: str
            choices:
              - high
              - medium
              - low
      relays:
        description: >-
          Pass requests on to a server elsewhere. That server needs the network among its O(dnsmasq_in_ns[].ranges),
          with O(dnsmasq_in_ns[].ranges[].prefix), and a route back to O(dnsmasq_in_ns[].relays[].address).
        type: list
        elements: dict
        suboptions:
          address:
            description: The address that the namespace has on the link to the clients.
            type: str
            required: true
          server:
            description: >-
              The server. DHCPv6 with O(dnsmasq_in_ns[].relays[].interface) does not need it, and then asks all servers
              on that interface.
            type: str
          interface:
            description: Accept the answers of the server only on this interface.
            type: str
      extra_config:
        description: >-
          Further lines of configuration, as described in dnsmasq(8). A list of strings, such as C(no-ping). A bare
          string is an error.
        type: raw
      state:
        description: V(started) and V(present) mean that the server runs with this configuration.
        type: str
        choices:
          - started
          - present
          - stopped
          - absent
        default: started
"""
