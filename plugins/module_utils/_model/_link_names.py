# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a link cannot get."""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _snapshot,
)


def refuse_altname(now: _snapshot.Snapshot, ns: _snapshot.NsKey, name: str, wish: str) -> None:
    """Refuse a name that is an alternative name. Names and alternative names are one set (netdev_name_in_use()). Kinds
    check the names themselves.
    """
    space = now.namespaces.get(ns)
    other = space.by_altname(name) if space is not None else None
    if other is not None:
        raise _errors.Conflict(
            f"Cannot {wish}: '{name}' is an alternative name of '{other.name}' there, and is left alone. Choose another"
            f" name, or take it off '{other.name}' (altnames)."
        )


def refuse_name(now: _snapshot.Snapshot, ns: _snapshot.NsKey, name: str, wish: str) -> None:
    """Refuse a name that a link has as its name or as an alternative name."""
    refuse_altname(now, ns, name, wish)
    if now.link(ns, name) is not None:
        raise _errors.Conflict(
            f"Cannot {wish}: a link '{name}' is there already, and is left alone. Choose another name."
        )
