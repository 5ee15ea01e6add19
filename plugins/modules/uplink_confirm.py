#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Confirm that a host is reached after its uplink moved."""

from __future__ import annotations

DOCUMENTATION = r"""
module: uplink_confirm
short_description: Confirm that a host is reached after its uplink moved
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - M(netloom.linux.linux_bridge) and M(netloom.linux.topology) move the addresses of a NIC onto a bridge under a guard, which puts all
    back unless the host is told within O(netloom.linux.linux_bridge#module:confirm_timeout) that it was reached over a new connection.
  - In a playbook both do that by themselves. This module is what they tell it with, and is there for programs that run the modules
    without their action plugins.
options:
  token:
    description: Which move. It is in the list RV(netloom.linux.linux_bridge#module:unconfirmed) of the result.
    type: str
    required: true
  timeout:
    description:
      - Seconds to wait for the guard's answer, 1 to 3600. It first looks whether the default gateway still answers.
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
  - module: netloom.linux.topology
"""

EXAMPLES = r"""
- name: A bridge; with an uplink, and without the action plugin, moves would wait in the result
  netloom.linux.linux_bridge:
    name: br0
  register: moved

- name: Tell the host that it is reached
  netloom.linux.uplink_confirm:
    token: "{{ item.token }}"
    timeout: 30
  loop: "{{ moved.unconfirmed | default([]) }}"

- name: The bridge is gone
  netloom.linux.linux_bridge:
    name: br0
    state: absent
"""

RETURN = r"""
confirmed:
  description: Whether the move stays. If not, the message says why the host went back.
  returned: always
  type: bool
  sample: true
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _uplink_confirm


def main() -> None:
    """Run it."""
    _uplink_confirm.run_confirm()


if __name__ == "__main__":
    main()
