# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module linux_bridge on the host, and confirm the moves of uplinks over a new connection."""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.plugin_utils import _confirm


class ActionModule(_confirm.ConfirmingAction):
    """netloom.linux.linux_bridge"""
