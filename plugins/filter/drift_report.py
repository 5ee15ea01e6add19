# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter drift_report; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: drift_report
short_description: Write the artifact of the playbook drift as Markdown
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Returns a table of what differs, with a row for each attribute, and the hosts that could not be compared.
options:
  _input:
    description: The artifact C(netloom_drift).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Keep the report
  ansible.builtin.copy:
    content: "{{ netloom_drift | netloom.linux.drift_report }}"
    dest: /srv/reports/drift.md
    mode: '0644'
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
_value:
  description: The text.
  type: str
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _drift, _edge


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"drift_report": _edge.complaining(_drift.report)}
