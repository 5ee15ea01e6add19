# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module that has a plan, and tell the plan in words. meta/runtime.yml says which modules this is for."""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.plugin_utils import _plan_action


class ActionModule(_plan_action.PlanAction):
    """netloom.linux.topology, netloom.linux.ovn_topology and the modules of one kind of objects"""
