# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter diagram; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: diagram
short_description: Draw the networks of the hosts of a play, with what is to be changed and what is broken
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Draws hosts as frames, their bridges and switches as bars, and namespaces that hang from them, with VLANs,
    addresses, leases, address translation and tunnels between hosts.
  - Networks of OVN are a frame of their own, with switches, routers and what they translate, gateways by their
    priority, security groups, load balancers and ports with their hosts. On the hosts, ports of OVN have a line for
    each of its switches.
  - What a plan of the roles of this collection would make, take away or change is marked, and so is what the role
    C(netloom.linux.verify) found broken.
  - Positions come from names, addresses and structure. If a member comes or goes, the others stay where they are.
  - The playbook C(netloom.linux.diagram) and the role C(netloom.linux.diagram) use this filter. To draw a single result
    of M(netloom.linux.netns_info), P(netloom.linux.picture#filter) is enough.
positional: variables, source, format
options:
  _input:
    description: The names of the hosts.
    type: list
    elements: str
    required: true
  variables:
    description: C(hostvars). Of each host, C(diagram__found) is what M(netloom.linux.netns_info) returned with
      O(netloom.linux.netns_info#module:include_host=true), and C(bridge_network_result) and so on are what the roles
      returned. C(ovn_network__seen) of one host is what M(netloom.linux.ovn_info) returned.
    type: dict
    required: true
  source:
    description: What is drawn. V(live) is what the hosts have, V(declared) what the variables of the roles and
      C(netloom_topology) declare, and V(both) what the hosts have, compared with the plans of the roles.
    type: str
    choices: [live, declared, both]
    default: live
  format:
    description:
      - V(html) is a page that opens without a network, on which one can fold, search and choose. V(svg) is the drawing
        alone.
      - V(text), V(mermaid) and V(dot) are as in P(netloom.linux.picture#filter), without marks.
      - V(counts) returns how many marks there are.
    type: str
    choices: [html, svg, text, mermaid, dot, counts]
    default: html
  path:
    description: The name of a file, whose ending says the format instead of O(format). It is C(.html), C(.svg),
      C(.txt), C(.mmd) or C(.dot).
    type: str
  title:
    description: The heading.
    type: str
    default: The network
  here:
    description: Variables that only the play has.
    type: dict
    default: {}
  everybody:
    description: All hosts of the inventory, because tunnels lead to hosts outside of the play, too. The default is
      O(_input).
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Draw what is declared, without asking a host
  ansible.builtin.copy:
    content: "{{ ansible_play_hosts_all | netloom.linux.diagram(hostvars, 'declared') }}"
    dest: network.html
    mode: '0644'
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
_value:
  description: The drawing. With O(format=counts) a mapping of C(made), C(gone), C(differs) and C(broken) to numbers,
    and C(unknown) with the names of hosts of which nothing is known.
  type: raw
"""

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_formats,
    _diagram_paths,
    _edge,
    _picture_sources,
)

COUNTS = "counts"


def diagram(
    hosts: t.Any,
    variables: t.Any,
    source: str = "live",
    format: str = "html",  # noqa: A002  # what users type
    *,
    path: str | None = None,
    title: str = "",
    **known: t.Any,
) -> t.Any:
    """The drawing of the hosts of a play."""
    format = format if path is None else _diagram_paths.form_of(path)  # noqa: A001
    formats = [*_diagram_formats.FORMATS, COUNTS]
    if format not in formats:
        raise _errors.BadInput(f"diagram: format {_words.impossible(format, formats)}")
    found = _picture_sources.hosts(list(hosts), variables, source, **known)
    return _picture_sources.counted(found) if format == COUNTS else _diagram_formats.draw(found, format, title)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"diagram": _edge.complaining(diagram)}
