# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The classes of pyroute2 that we use."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _libraries


def classes(*paths: str) -> tuple[t.Any, ...]:
    """The classes at these paths below the package: 'netlink.rtnl.rtmsg.rtmsg'. Raises ImportError."""
    found = [path.rsplit(".", 1) for path in paths]
    modules = _libraries.modules("pyroute2", *(module for module, _name in found))
    return tuple(getattr(module, name) for module, (_module, name) in zip(modules, found))
