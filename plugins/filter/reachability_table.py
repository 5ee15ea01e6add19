# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter reachability_table; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: reachability_table
short_description: Format the result of reachability as a text table
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Returns aligned lines for M(ansible.builtin.debug) to print.
  - As rows, there is one line for all targets of a source with the same result. The lines that were not as expected
    come last.
  - As a matrix, there is a row for each source and a column for each target, with a sign for all probes between the
    two. Below it stands what was not as expected, each cause once with all the probes that it explains. Of more than 32
    sources and targets, the matrix shows those with most that was not as expected.
positional: form
options:
  _input:
    description: The list RV(netloom.linux.reachability#module:reachability) that M(netloom.linux.reachability) returns.
    type: list
    elements: dict
    required: true
  form:
    description: The form. V(auto) means rows, or a matrix if there were more than 12 rows, or rows of more than 110
      letters.
    type: str
    choices: [auto, rows, matrix]
    default: auto
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

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _text_table


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"reachability_table": _edge.complaining(_text_table.of_probes)}
