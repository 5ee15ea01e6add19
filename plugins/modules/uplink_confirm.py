#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Confirm that a host is still reachable after its uplink moved."""

from __future__ import annotations

DOCUMENTATION = r"""
module: uplink_confirm
short_description: Confirm that a host is still reachable after its uplink moved
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - M(netloom.linux.linux_bridge), M(netloom.linux.ovs_bridge) and M(netloom.linux.topology) move the addresses of a NIC
    to a bridge under a guard. The guard undoes the move unless the host is told over a new connection that it is
    reachable, within O(netloom.linux.linux_bridge#module:confirm_timeout).
  - In a playbook these modules do that by themselves, with this module. Use it directly only in programs that run them
    without their action plugins.
extends_documentation_fragment:
  - netloom.linux.reasons
options:
  token:
    description: The token of the move. It is in the list RV(netloom.linux.linux_bridge#module:unconfirmed) of the
      result.
    type: str
    required: true
  timeout:
    description:
      - Seconds to wait for the answer of the guard, 1 to 3600. The guard first checks whether the default gateway still
        answers.
    type: int
    default: 10
attributes:
  check_mode:
    support: none
    description: Can run in check_mode and return changed status prediction without modifying target.
  diff_mode:
    support: none
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
  platform:
    support: full
    platforms: linux
    description: Target OS/families that can be operated against.
seealso:
  - module: netloom.linux.linux_bridge
  - module: netloom.linux.ovs_bridge
  - module: netloom.linux.topology
  - name: The host's own NIC on the bridge
    description: What happens to the connection, and how a move is taken back.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-uplink.md
"""

EXAMPLES = r"""
- name: A bridge; if it had an uplink and no action plugin, the result would have moves that wait
  netloom.linux.linux_bridge:
    name: br0
  register: moved

- name: Tell the host that it is reachable
  netloom.linux.uplink_confirm:
    token: "{{ item.token }}"
    timeout: 30
  loop: "{{ moved.unconfirmed | default([]) }}"

- name: The bridge is deleted
  netloom.linux.linux_bridge:
    name: br0
    state: absent
"""

RETURN = r"""
confirmed:
  description: Whether the move stays. If not, the message says why the guard undid it.
  returned: always
  type: bool
  sample: true
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _uplink_confirm


def main() -> None:
    """Run the module."""
    _uplink_confirm.run_confirm()


if __name__ == "__main__":
    main()
