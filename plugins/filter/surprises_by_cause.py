# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter surprises_by_cause; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: surprises_by_cause
short_description: Tell what was not as expected, each cause once
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - A link that is down may be the cause of dozens of surprises. Of more than 12, returns the first sentence of each
    cause, followed by the other probes that it explains. What explains most probes comes first.
options:
  _input:
    description: The list RV(netloom.linux.reachability#module:surprises) that M(netloom.linux.reachability) returns.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Say what is wrong
  ansible.builtin.fail:
    msg: "{{ probed.surprises | netloom.linux.surprises_by_cause }}"
  when: probed.surprises | length > 0
  vars:
    probed:
      surprises:
        - "web1 -> web2 (icmp): no answer, though it should be reachable. v-web2 of the host is down."
        - "web3 -> web2 (icmp): no answer, though it should be reachable. v-web2 of the host is down."
"""

RETURN = r"""
_value:
  description: The sentences.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _surprises


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"surprises_by_cause": _edge.complaining(_surprises.by_cause)}
