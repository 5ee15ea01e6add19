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
      - The exact list of addresses, each with its prefix length, such as V(10.0.0.1/24) or V(fd00::1/64). The address
        of the network itself is allowed.
      - Link-local addresses (C(fe80::)) that the kernel creates, the addresses of the loopback and those with a
        lifetime (DHCP, SLAAC) appear by themselves and are left alone. So are link-local addresses without a route of
        their own, as NetworkManager creates them.
      - A declared address is valid for ever and not deprecated, has global scope and no peer, and the route to its
        network exists (the kernel creates it, unless somebody else did). The module reports and corrects what differs.
      - The order matters when addresses are added (for IPv4 the host sends from the first address of a network).
        Another order alone changes nothing.
      - IPv6 needs an MTU of at least 1280, and C(disable_ipv6=0).
    type: list
    elements: str
  mac:
    description:
      - MAC address, unicast, such as V(52:54:00:12:34:56). Quote it.
      - If left out, a random MAC address is chosen when the link is created. A Linux bridge keeps it when ports are
        added or removed. A bridge whose C(ports) name a NIC has the MAC address of that NIC. If a topology has to
        recreate a link of its own, the link keeps its MAC address.
    type: str
  mtu:
    description:
      - Largest packet size in bytes, 68 to 65535.
      - Below 1280 a link has no IPv6 at all. The step then says which addresses and routes are lost, including those of
        a bridge that follows its smallest port.
    type: int
  altnames:
    description:
      - The exact list of alternative names of the link (C(ip link property add altname)), each up to 127 bytes. Their
        order has no meaning. Programs such as C(ip) and C(tcpdump) find the link by each of these names. The modules of
        this collection need its main name.
      - An empty list means none. If left out, they are left alone.
      - In one namespace a name belongs to one link, whether it is its main name or an alternative name.
      - Needs Linux 5.5.
    type: list
    elements: str
  sysctl:
    description:
      - Sysctls of this link by leaf name, such as C(rp_filter), C(proxy_arp), C(accept_ra) or C(disable_ipv6). They are
        written after the link is created and before it is set up.
      - A name that exists for both IPv4 and IPv6 means IPv4. Write C(ipv6.forwarding) for IPv6.
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
      - The Linux bridge, in the same namespace, that has the link as a port. An empty string means none.
    type: str
  txqueuelen:
    description: Length of the transmit queue in packets.
    type: int
  alias:
    description: Text that is stored with the link (C(ip link set alias)), up to 255 bytes. An empty string means none.
    type: str
"""
