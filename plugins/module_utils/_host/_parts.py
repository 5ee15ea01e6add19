# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of this room that few runs need: each is imported when something is asked of it.

Ansible sends a module's code as a zip, from which Python compiles every file at every run: what is not imported costs
nothing. The imports that only a type checker performs are there for Ansible as well, which packs what they name.
"""

from __future__ import annotations

import importlib
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.netloom.linux.plugins.module_utils._host import (
        _boots,
        _conntrack,
        _containers,
        _daemons,
        _dhcp_clients,
        _dnsmasq,
        _guard,
        _listeners,
        _moving_links,
        _neighbours,
        _nftables,
        _ovsdb,
        _proof,
        _rules,
        _switch_ports,
        _systemd,
        _tuntap,
        _witness,
    )

__all__ = [
    "_boots",
    "_conntrack",
    "_containers",
    "_daemons",
    "_dhcp_clients",
    "_dnsmasq",
    "_guard",
    "_listeners",
    "_moving_links",
    "_neighbours",
    "_nftables",
    "_ovsdb",
    "_proof",
    "_rules",
    "_switch_ports",
    "_systemd",
    "_tuntap",
    "_witness",
]
PARTS = tuple(__all__)
__all__ += ["import_all"]
ROOM = __name__.rpartition(".")[0]


class _Part:
    """Stands for a module of this room, and becomes it at the first question."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> t.Any:
        return getattr(importlib.import_module(f"{ROOM}.{self._name}"), attribute)


if not t.TYPE_CHECKING:
    globals().update({name: _Part(name) for name in PARTS})


def import_all() -> None:
    """Import them now: for a process that outlives the zip."""
    for name in PARTS:
        importlib.import_module(f"{ROOM}.{name}")
