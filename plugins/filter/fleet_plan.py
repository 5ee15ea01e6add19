# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_plan; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_plan
short_description: Put the plans of several hosts into words, equal ones once
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Takes what the modules of this collection returned on several hosts, and returns their plans as text. Each object
    has a line, which begins with V(+) (it is created), V(-) (it is deleted), V(~) (it changes) or V(=) (it is adopted),
    and ends with what that disturbs. V(brief) means that packets may be lost for a moment, V(recreated) that the object
    is deleted and created again, V(gone) that it is deleted.
  - If several hosts have the same plan, it is printed once, and the first line names the hosts.
  - The attributes are only known if the modules ran with C(--diff). Attributes that nobody declared are left out of new
    objects, and so are usual values and MAC addresses. A change shows all that differs.
  - If the variable C(netloom_plan) is V(collect) where a module runs, its result has C(before) and C(after) also
    without C(--diff), and Ansible prints no plan of its own there.
positional: complete, picture
options:
  _input:
    description: The registered results of each host, by the name of the host. Results of loops are taken, too.
    type: dict
    required: true
  complete:
    description:
      - Whether all hosts of a plan are named, even if they do not fit on one line. If left out, they are with C(-vv).
    type: bool
  picture:
    description:
      - Whether a topology of which nothing is there yet is drawn as P(netloom.linux.picture#filter) does it, with V(+)
        before each line, instead of a line for each object. The picture shows what is connected to what, and not all
        attributes.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: A namespace
  netloom.linux.netns:
    name: red
  check_mode: true
  vars:
    netloom_plan: collect
  register: planned

- name: What will happen, on all hosts?
  ansible.builtin.debug:
    msg: "{{ plans | netloom.linux.fleet_plan }}"
  vars:
    plans: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'planned'))) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The lines.
  type: str
  sample: |-
    netns red on lab1, lab2: 2 steps, disturbing nothing
      + netns  red
"""

import collections.abc as c
import typing as t

from ansible.utils.display import Display
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _plan_text

WHOLE = 2  # -vv


def fleet_plan(plans: t.Any, complete: bool | None = None, picture: bool = False) -> str:
    """The plans of several hosts as text."""
    if not isinstance(plans, c.Mapping):
        raise _errors.BadInput("fleet_plan: give a mapping of hosts to the results of modules.")
    whole = Display().verbosity >= WHOLE if complete is None else complete
    return "\n".join(_plan_text.grouped(plans, whole, picture))


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"fleet_plan": _edge.complaining(fleet_plan)}
