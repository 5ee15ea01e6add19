# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run module topology, and tell its plan in words."""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.plugin_utils import _plan_action

ActionModule = _plan_action.PlanAction
