# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter reachability_table; the documentation below says what it does."""

from __future__ import annotations

DOCUMENTATION = r"""
name: reachability_table
short_description: Lay out the result of reachability as a table of text
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Gives aligned lines for M(ansible.builtin.debug) to print, one for all targets of a source that ended alike. What was not as expected comes last.
options:
  _input:
    description: What M(netloom.linux.reachability) returns as RV(netloom.linux.reachability#module:reachability).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Print who reaches whom
  ansible.builtin.debug:
    msg: "{{ probed.reachability | netloom.linux.reachability_table }}"
  vars:
    probed:
      reachability:
        - {from: red1, to: red2, protocol: icmp, expect: reachable, seen: reachable, as_expected: true}
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _text_table


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {"reachability_table": _text_table.of_probes}
