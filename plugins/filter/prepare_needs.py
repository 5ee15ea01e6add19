# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter prepare_needs; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: prepare_needs
short_description: Tell what a host lacks
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Reads the answer of a host to the question of the role P(netloom.linux.prepare#role), and returns what the host has
    and lacks. The role uses this filter; you seldom need it by hand.
positional: options, families, rules
options:
  _input:
    description: The answer.
    type: str
    required: true
  options:
    description: The variables of the role, by their names.
    type: dict
    required: true
  families:
    description: The packages of each family of distributions.
    type: dict
    required: true
  rules:
    description: The rules for dnsmasq in AppArmor.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: What does the host lack?
  ansible.builtin.debug:
    msg: "{{ (answer.stdout | netloom.linux.prepare_needs(options, families, rules)).lacks }}"
"""

RETURN = r"""
_value:
  description: >-
    C(lacks), a list of words; C(unforetold), those of them without which check mode cannot tell what comes after;
    C(installed), the packages with their versions; C(family) and C(distribution).
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _prepare


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"prepare_needs": _edge.complaining(_prepare.needs)}
