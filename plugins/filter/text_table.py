# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter text_table; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: text_table
short_description: Format a list of mappings as a text table
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Returns aligned lines, with a heading, for M(ansible.builtin.debug) to print.
positional: columns
options:
  _input:
    description: The rows.
    type: list
    elements: dict
    required: true
  columns:
    description: The keys to show, each with its heading, in order.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Print a table
  ansible.builtin.debug:
    msg: "{{ rows | netloom.linux.text_table(columns={'name': 'NAME', 'address': 'ADDRESS'}) }}"
  vars:
    rows:
      - {name: web1, address: 172.20.0.2}
      - {name: web2, address: 172.20.0.3}
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
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"text_table": _text_table.lines}
