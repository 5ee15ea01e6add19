# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter misspelt_options; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: misspelt_options
short_description: Find variables that look like a misspelt option of a role
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Ansible silently ignores a variable that no role uses. This filter returns a sentence for each variable that begins
    with the name of a role of this collection and is nearly one of its options. It warns about all other unknown
    variables that begin with C(bridge_network_), C(ovs_vlan_dhcp_) or C(vxlan_network_).
options:
  _input:
    description: The names of the variables.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Check that no option is misspelt
  ansible.builtin.assert:
    that: misspelt == []
    fail_msg: "{{ misspelt }}"
  vars:
    misspelt: "{{ lookup('ansible.builtin.varnames', '^bridge_network_', wantlist=true) | netloom.linux.misspelt_options
      }}"
"""

RETURN = r"""
_value:
  description: The sentences.
  type: list
  elements: str
"""

import typing as t

from ansible.utils.display import Display
from ansible_collections.netloom.linux.plugins.plugin_utils import _role_options

display = Display()


def _misspelt(names: t.Iterable[str]) -> list[str]:
    found = _role_options.look_at(names)
    for sentence in found.strange:
        display.warning(sentence)
    return found.wrong


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"misspelt_options": _misspelt}
