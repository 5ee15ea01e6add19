# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a namespace."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _netns_files
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _paths,
    _plan,
    _scope,
)

SYSCTL_OF_LINK = 5  # parts: net, ipv4, conf, the link, the leaf


@dataclasses.dataclass(frozen=True)
class NetnsSpec(_plan.Spec):
    """A namespace; ``source`` is the path of the one to attach, ``container`` the container whose namespace is
    attached.
    """

    name: str
    source: str | None
    container: _scope.ContainerOf | None
    loopback: bool
    sysctl: t.Mapping[str, str] | None
    etc_files: _netns_files.Files | None
    processes: str

    @property
    def folder(self) -> str:
        """The path /etc/netns/NAME."""
        return _paths.etc_folder(self.name)
