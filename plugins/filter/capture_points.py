# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter capture_points; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: capture_points
short_description: Tell where members are, so that their packets can be captured
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Finds members by their names in what the hosts declare, by the variables of the roles, C(netloom_topology) and
    C(verify_segments).
positional: variables, members
options:
  _input:
    description: The hosts of the play.
    type: list
    elements: str
    required: true
  variables:
    description: C(hostvars).
    type: dict
    required: true
  members:
    description:
      - The members, as a list or as a text with commas. A member is the name of a namespace, with its host before a
        colon and its interface behind a slash where that is needed, as in C(node1:red1/eth0). C(node1:/eth0) is an
        interface of the host itself.
      - Without an interface, all interfaces that are declared for the namespace are meant. Without a host, all hosts
        that have a namespace of this name are meant. With both of them, it need not be declared.
    type: raw
    required: true
  ping:
    description: Whether the members send echo requests to each other's declared addresses.
    type: bool
    default: false
  complaint:
    description: Whether to return what is wrong with O(members), as a sentence, or an empty string.
    type: bool
    default: false
  here:
    description: Variables that only the play has.
    type: dict
    default: {}
  everybody:
    description: All hosts of the inventory. The default is O(_input).
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Where is red1?
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | netloom.linux.capture_points(hostvars, 'red1') }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: By the names of hosts, the points as M(netloom.linux.netns_capture) takes them. With O(complaint) a
    string.
  type: raw
"""

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _capture_places, _edge


@_edge.complaining
def capture_points(
    hosts: t.Any,
    variables: t.Any,
    members: t.Any,
    *,
    ping: bool = False,
    complaint: bool = False,
    here: t.Any = None,
    everybody: t.Any = None,
) -> t.Any:
    """The points of each host, or what is wrong."""
    all_hosts = list(everybody or hosts)
    try:
        wanted = _capture_places.references(members)
        known = _capture_places.places(all_hosts, variables, here or {}, all_hosts)
        found = _capture_places.chosen(wanted, known, list(hosts), all_hosts)
    except _errors.NetloomError as error:
        if complaint:
            return _words.bounded(str(error))
        raise
    return "" if complaint else _capture_places.points(found, ping)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"capture_points": capture_points}
