#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage the options of a whole OVN."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovn_global
short_description: Manage the options of a whole OVN
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Keeps options of the whole OVN as declared. They are keys of the column C(options) in the one row of table
    C(NB_Global) in the northbound database.
  - Keys that are not declared are left alone, because ovn-northd and other programs write some of them.
extends_documentation_fragment:
  - netloom.linux.ovn
  - netloom.linux.ovn.run
  - netloom.linux.common.clear
  - netloom.linux.reasons
options:
  options:
    description:
      - The keys of C(NB_Global.options) with their values, such as C(bfd-min-rx), C(mac_prefix) or
        C(northd_probe_interval). Values are stored as strings, V(true) and V(false) in lower case.
      - V(null) as the value of a key removes the key.
    type: dict
    required: true
  state:
    description: V(absent) removes the keys of O(options), whatever their values are.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netloom.linux.ovn_topology
  - name: ovn-nb(5)
    description: The keys and what they mean.
    link: https://www.ovn.org/support/dist-docs/ovn-nb.5.html
  - name: Networks of OVN
    description: A guide for networks, routers, security groups and load balancers over many hosts.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovn.md
"""

EXAMPLES = r"""
- name: A gateway that fails is noticed faster
  netloom.linux.ovn_global:
    options:
      bfd-min-rx: 200
      bfd-min-tx: 100

- name: One of them is what OVN takes by itself
  netloom.linux.ovn_global:
    options:
      bfd-min-tx: null
"""

RETURN = r"""
ovn_global:
  description: The declared keys as they are (in check mode, as they would be), in the shape of the options.
  returned: success
  type: dict
  sample: {state: present, options: {bfd-min-rx: "200"}}
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
  returned: success
  type: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _ovn_module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _ovn_global


def main() -> None:
    """Run the module."""
    _ovn_module.run_ovn_kind(_ovn_global.GlobalKind())


if __name__ == "__main__":
    main()
