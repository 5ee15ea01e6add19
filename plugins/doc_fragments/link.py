# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that every link shares."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.link and its parts."""

    # Where the link is.
    DOCUMENTATION = r"""
options:
  netns:
    description:
      - Name of the network namespace (a file below C(/run/netns)).
      - If left out, the namespace in which the module runs.
    type: str
  addresses:
    description:
      - The exact list of addresses, each with its prefix length, such as V(10.0.0.1/24) or V(fd00::1/64).
        A network's own address is legal.
      - Link-local addresses (C(fe80::)) that the kernel makes, the loopback's own and those with a lifetime (DHCP, SLAAC) come by themselves and are left
        alone; so are link-local ones without a route of their own, as NetworkManager makes them.
      - A declared address is valid for ever, not deprecated, of global scope and without a peer, and the route to its network is there (the kernel makes it,
        unless somebody else did). What differs is named and mended.
      - The order counts when addresses are added (of IPv4 the host sends from the first one of a network). Another order alone changes nothing.
      - IPv6 needs an MTU of at least 1280, and C(disable_ipv6=0).
    type: list
    elements: str
  mac:
    description:
      - MAC address, unicast, such as V(52:54:00:12:34:56). Quote it.
      - If left out, a random one is chosen when the link is made. A Linux bridge keeps it, whatever ports come and go; one whose C(ports) name a NIC
        has that one's. A link that a topology made, and that it has to make anew, gets the one that it had.
    type: str
  mtu:
    description:
      - Greatest packet size in bytes, 68 to 65535.
      - Below 1280 a link has no IPv6 at all. The step then says which addresses and routes go, also those of a bridge that follows its smallest port.
    type: int
  altnames:
    description:
      - The exact list of the link's alternative names (C(ip link property add altname)), each up to 127 bytes; their order means nothing.
        Programs such as C(ip) and C(tcpdump) find the link by each of them; the modules of this collection want its name.
      - An empty list means none. If left out, they are left alone.
      - In one namespace a name belongs to one link, whether it is its name or an alternative one.
      - Needs Linux 5.5.
    type: list
    elements: str
  sysctl:
    description:
      - Sysctls of this link by leaf name, such as C(rp_filter), C(proxy_arp), C(accept_ra) or C(disable_ipv6).
        They are written after the link exists and before it comes up.
      - A name that exists for IPv4 and IPv6 means IPv4; write C(ipv6.forwarding) for the other.
      - Values are compared as strings with white space folded.
    type: dict
"""

    UP = r"""
options:
  up:
    description: Whether the link is administratively up.
    type: bool
    default: true
"""

    MORE = r"""
options:
  master:
    description:
      - The Linux bridge in the same namespace whose port the link is. An empty string means none.
    type: str
  txqueuelen:
    description: Length of the transmit queue in packets.
    type: int
  alias:
    description: Text that is kept with the link (C(ip link set alias)), up to 255 bytes. An empty string means none.
    type: str
"""
