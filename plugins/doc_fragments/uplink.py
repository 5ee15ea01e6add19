# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a bridge about its uplink, and what is so with Open vSwitch only."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.uplink"""

    DOCUMENTATION = r"""
options:
  uplink:
    description:
      - A NIC that becomes a port of the bridge. Its addresses, routes and permanent neighbours move to the
        bridge. The host stays reachable by its address, now over the bridge, and all other ports of the bridge are on
        the network of the NIC.
      - The bridge takes the MAC address of the NIC, unless O(mac) is given, and its MTU, unless O(mtu) is given.
      - Without O(addresses), all addresses of the NIC move to the bridge. With O(addresses), the bridge has exactly
        these addresses and the NIC has none. The gateways of the routes that move must be reachable from these
        addresses.
      - Routes of all tables except V(local) move with their metric, source, protocol and MTU. This includes routes with
        a gateway outside the subnet (onlink). If such a route is lost later, the next run sets it again, unless another
        route of the same destination, table and metric has taken its place.
      - An address that a DHCP client leased is refused, because the client would continue to renew it on the NIC. Stop
        the client and declare O(addresses). IPv6 addresses from router advertisements move with their lifetimes.
      - Sysctls, firewall rules and policy rules that name the NIC are not changed.
      - The uplink counts as one of the O(ports), also if a later run leaves this option out.
      - The move is safe over an SSH connection through the same NIC, see O(confirm_timeout). C(clear=[uplink]) or
        O(state=absent) gives the NIC back what it had.
      - A wireless device, a bridge, a member of a bond, and the port of another bridge are refused.
    type: str
  confirm_timeout:
    description:
      - Seconds within which a move of the O(uplink) must be confirmed, 5 to 3600, counted from the end of the run.
      - Before the first change, the module starts a guard process on the host, which outlives the module and the SSH
        session. The guard restores the NIC and the bridge if nobody confirms in time over a new connection. It restores
        them at once if the run is killed, or if a default gateway that answered before the move no longer answers. The
        task itself confirms before it ends.
      - With a spanning tree the uplink forwards nothing for twice the forward delay, which is 15 seconds by default, so
        O(confirm_timeout) must be longer than that.
    type: int
    default: 30
notes:
  - If you use C(async) with an O(uplink), give a C(poll) above 0. C(poll=0) is refused, because then nobody would
    confirm the move.
"""

    OVS = r"""
notes:
  - The addresses, the MAC address and the MTU of a bridge of Open vSwitch are those of its local port. With an
    O(uplink) the last two are written to OVSDB, because otherwise Open vSwitch would choose others when ports come and
    go.
  - On the userspace datapath (V(netdev)) the kernel goes on to read what the NIC receives. So while the NIC is an
    O(uplink), its sysctls C(ipv4.rp_filter), C(ipv4.arp_ignore) and C(ipv6.disable_ipv6) are 1. If the NIC is a veth,
    transmit checksum offload of its other end is switched off.
  - VLANs and other columns of the port of an O(uplink) can be declared with M(netloom.linux.ovs_port) in the same
    topology.
  - OVSDB keeps the port of an O(uplink) over a reboot, and the addresses are not kept. Declare it in a topology with
    C(persist), which moves it again at boot.
  - The guard of an O(uplink) gives the NIC its addresses and routes first, and then deletes rows of OVSDB. So the host
    is reachable again also if Open vSwitch has stopped meanwhile. If only the database hangs, and the bridge is on the
    kernel's datapath, the host is reachable when the database answers again.
"""
