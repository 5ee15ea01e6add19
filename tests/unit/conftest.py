# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests share a process, whoever starts them.

ansible-test forks for each test, and for thousands of them that takes longer than the tests: each child makes the
fixtures and imports the modules anew. Our own run has them all in one process, so nothing depends on it.
"""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Do without ansible-test's plugin for that."""
    forks = config.pluginmanager.get_plugin("ansible_forked")
    if forks is not None:
        config.pluginmanager.unregister(forks)
