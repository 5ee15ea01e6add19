# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a port about offloads that the userspace datapath cannot bear."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.ovs_offload"""

    DOCUMENTATION = r"""
options:
  peer_tx_checksum:
    description:
      - For a port that is a veth end, whether its other end leaves checksums to whoever sends the frame on (transmit
        checksum offload).
      - If left out, it is switched off on the userspace datapath, and left alone on the datapath of the kernel. If the
        same topology has O(netloom.linux.veth#module:tx_checksum), that option wins.
    type: bool
  receive_offload:
    description:
      - For a port that is a link of the host, whether the packets that it receives are joined (generic receive offload,
        GRO). A VLAN, a macvlan or a bond passes on what the cards below have joined, so for such a port it is about
        these cards.
      - If left out, it is switched off on the userspace datapath, which drops what is longer than the MTU of the port,
        and left alone on the datapath of the kernel.
      - A veth end joins nothing, unless somebody switched that on.
    type: bool
"""
