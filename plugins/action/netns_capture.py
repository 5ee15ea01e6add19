# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run netns_capture on the host, and write what it captured into files on the control node."""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.plugin_utils import _capture_action


class ActionModule(_capture_action.CaptureAction):
    """netloom.linux.netns_capture"""
