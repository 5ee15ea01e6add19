#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage what OVN answers to DHCP requests."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovn_dhcp_options
short_description: Manage what OVN answers to DHCP requests
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Creates and deletes rows of table C(DHCP_Options) in the northbound database of OVN, and keeps them as declared. OVN
    answers DHCP requests itself, on the host of the port, without a server.
  - The table has no column for a name. So the name stands in C(external_ids:netloom-key), and rows without this key are
    left alone.
  - Ports name them in O(netloom.linux.ovn_port#module:dhcp_options). The address that a port gets is in its
    O(netloom.linux.ovn_port#module:addresses), with the MAC address before it.
extends_documentation_fragment:
  - netloom.linux.ovn
  - netloom.linux.ovn.run
  - netloom.linux.common.clear
  - netloom.linux.reasons
options:
  name:
    description: Name of the options, by which ports name them. Up to 255 bytes, without white space. Options of IPv4
      and of IPv6 may have one name; then a port gets both.
    type: str
    required: true
  cidr:
    description: The network of the clients, such as V(10.50.50.0/24); C(DHCP_Options.cidr). A network of IPv6 makes
      them options of DHCPv6.
    type: str
    required: true
  options:
    description:
      - The exact map of C(DHCP_Options.options), in the words of OVN. Values are stored as strings, V(true) and
        V(false) in lower case.
      - OVN answers only if it has, for IPv4, C(server_id), C(server_mac) and C(lease_time). Others are C(router),
        C(dns_server), C(mtu), C(domain_name), C(classless_static_route). For IPv6 they are C(server_id),
        C(dns_server), C(domain_search), C(dhcpv6_stateless).
      - One word that OVN does not know, and it answers nobody on the network. So a name that is nearly one of OVN's is
        refused, and any other that is not known is warned of. Texts are put into quotes, and several addresses into
        braces, as OVN reads them.
    type: dict
  external_ids:
    description: The exact map of C(DHCP_Options.external_ids), except for keys that begin with C(netloom-). Values are
      stored as strings.
    type: dict
  state:
    description: V(absent) deletes the row. Ports that name it no longer get answers. Only O(name) and O(cidr) are
      needed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netloom.linux.ovn_topology
  - module: netloom.linux.ovn_port
  - name: ovn-nb(5)
    description: The tables and columns behind the options, and the words of C(DHCP_Options.options).
    link: https://www.ovn.org/support/dist-docs/ovn-nb.5.html
  - name: Networks of OVN
    description: A guide for networks, routers, security groups and load balancers over many hosts.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovn.md
"""

EXAMPLES = r"""
- name: What OVN answers to DHCP requests of a network
  netloom.linux.ovn_dhcp_options:
    name: red
    cidr: 10.50.50.0/24
    options:
      server_id: 10.50.50.1
      server_mac: "02:00:00:50:50:01"
      lease_time: 3600
      router: 10.50.50.1
      dns_server: 10.50.50.1
      mtu: 1442

- name: The same for IPv6
  netloom.linux.ovn_dhcp_options:
    name: red-6
    cidr: fd00:50::/64
    options:
      server_id: "02:00:00:50:50:01"
"""

RETURN = r"""
ovn_dhcp_options:
  description: The options as they are (in check mode, as they would be), in the shape of the options of this module.
  returned: success
  type: dict
  sample:
    name: red
    state: present
    cidr: 10.50.50.0/24
    options: {server_id: 10.50.50.1, server_mac: "02:00:00:50:50:01", lease_time: "3600"}
steps:
  description: What the run did, or would do. One sentence for each step.
  returned: success
  type: list
  elements: str
disruptions:
  description: The steps that disturb something. The others disturb nothing.
  returned: success
  type: list
  elements: dict
  contains:
    step:
      description: What the step does, as in RV(steps).
      type: str
    disturbs:
      description: V(brief) or V(recreate), as in the option C(max_disruption) of M(netloom.linux.topology).
      type: str
plan:
  description: What becomes of each object that changes.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of the object, as its module is called.
      type: str
    identity:
      description: The options that identify the object.
      type: dict
    change:
      description:
        - V(create), V(delete) or V(change). V(renew) says that there are steps, but no difference that an option shows.
      type: str
    disturbs:
      description: What the gravest step of the object disturbs; V(none), V(brief) or V(recreate).
      type: str
    declared:
      description: The options of a new object that somebody wrote down, with suboptions as C(peer.name).
      type: list
      elements: str
    steps:
      description: The steps of V(renew).
      type: list
      elements: str
before:
  description: The object before the run, in the shape of the options.
  returned: with C(--diff)
  type: dict
after:
  description: The object after the run, in the shape of the options; in check mode, as it would be.
  returned: with C(--diff)
  type: dict
diff:
  description:
    - What Ansible prints with C(--diff). Its C(prepared) is the plan in words, a line for each object.
    - RV(before) and RV(after) are in it, too, with C(-vv), with C(async), and if it was the play that set C(diff), not
      the command line.
  returned: with C(--diff)
  type: dict
uuid:
  description: The UUID of the row.
  returned: when the row exists; null otherwise, and in check mode for a new one
  type: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _ovn_module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _ovn_dhcp_options


def main() -> None:
    """Run the module."""
    _ovn_module.run_ovn_kind(_ovn_dhcp_options.DhcpOptionsKind())


if __name__ == "__main__":
    main()
