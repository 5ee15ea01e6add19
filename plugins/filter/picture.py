# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter picture; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: picture
short_description: Draw the network of a host, or of several hosts, as text, Mermaid, DOT, SVG or HTML
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Draws what M(netloom.linux.netns_info) reports. The module should run with
    O(netloom.linux.netns_info#module:include_host=true). The playbook C(netloom.linux.show) does both.
  - The picture has Linux bridges and Open vSwitch bridges with their ports and VLANs, the other end of each cable,
    cables between namespaces, other links, addresses, leases, default routes, DHCP servers and address translation.
  - It draws what M(netloom.linux.ovn_info) reports, too. The picture has switches with their ports, routers, gateways,
    address translation, load balancers and security groups. If it is drawn together with hosts, their ports of OVN
    stand below the names of its switches.
  - A link that is down is marked, in text as C(** DOWN **). Letters that cannot be printed are escaped.
positional: format
options:
  _input:
    description:
      - The result of M(netloom.linux.netns_info) or M(netloom.linux.ovn_info), or a mapping of names to such results. A
        host whose result is a failure is drawn with its message.
    type: dict
    required: true
  format:
    description:
      - V(text) is a tree. V(mermaid) is a flowchart that forges show in Markdown, in a block marked C(mermaid). V(dot)
        is the language of Graphviz. V(html) is a page that opens without a network, and V(svg) the drawing on it.
    type: str
    choices: [text, mermaid, dot, html, svg]
    default: text
"""

EXAMPLES = r"""
- name: What does the host have?
  netloom.linux.netns_info:
    include_host: true
  register: found

- name: The network of the host as text
  ansible.builtin.debug:
    msg: "{{ found | netloom.linux.picture }}"

- name: The network of all hosts as a flowchart
  ansible.builtin.debug:
    msg: "{{ pictures | netloom.linux.picture('mermaid') }}"
  vars:
    pictures: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'found'))) }}"
  run_once: true

- name: What does the northbound database of OVN hold?
  netloom.linux.ovn_info:
  register: northbound

- name: The networks of OVN as text
  ansible.builtin.debug:
    msg: "{{ northbound | netloom.linux.picture }}"
"""

RETURN = r"""
_value:
  description: The picture.
  type: str
  sample: |-
    linux bridge br-web  172.20.0.1/24
     ├─ v-web1 ── web1:eth0  172.20.0.2/24  default via 172.20.0.1
     └─ v-web2 ── web2:eth0  172.20.0.3/24  default via 172.20.0.1
"""

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _diagram_formats, _edge, _picture_reader


def picture(results: t.Any, format: str = "text") -> str:  # noqa: A002  # what users type
    """The picture of one host or of several."""
    if format not in _diagram_formats.FORMATS:
        raise _errors.BadInput(f"picture: format {_words.impossible(format, list(_diagram_formats.FORMATS))}")
    return _diagram_formats.draw(_picture_reader.hosts_of(results), format)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"picture": _edge.complaining(picture)}
