# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter misspelt_options; the documentation below says what it does."""

from __future__ import annotations

DOCUMENTATION = r"""
name: misspelt_options
short_description: Find variables that are a role's option but for a letter
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Ansible takes a variable that no role knows without a word. This gives a sentence for each one that begins with the name of a role of this collection
    and is nearly one of its options, and warns of what else begins with C(bridge_network_) or C(ovs_vlan_dhcp_).
options:
  _input:
    description: The names of the variables.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: See that no option is misspelt
  ansible.builtin.assert:
    that: misspelt == []
    fail_msg: "{{ misspelt }}"
  vars:
    misspelt: "{{ lookup('ansible.builtin.varnames', '^bridge_network_', wantlist=true) | netloom.linux.misspelt_options }}"
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
    """What Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {"misspelt_options": _misspelt}
