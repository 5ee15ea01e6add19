# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OVN's southbound database, as far as it tells which chassis have acted on what was written to the northbound one.

NB_Global.hv_cfg tells the same of all chassis together: one that died holds it back for ever, and one that stopped is
not waited for.
"""

from __future__ import annotations

import dataclasses

from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb_session
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _snapshot

DATABASE = _ovsdb_session.Database(
    "OVN_Southbound",
    root="SB_Global",
    asked="nb_cfg",
    reached="nb_cfg",
    tables={"SB_Global": ("nb_cfg",), "Chassis_Private": ("name", "nb_cfg"), "Chassis": ("name", "hostname")},
)
# Where the southbound database is, beside the northbound one (ovn-ctl(8)).
BESIDE = (("ovnnb_db", "ovnsb_db"), ("ovn_nb", "ovn_sb"))
PORTS = ("6641", "6642")
SHORTEST = 2  # seconds to connect


def address_of(northbound: str) -> str | None:
    """The address of the southbound database, by that of the northbound one; None if it is not where it usually is."""
    found = []
    for remote in northbound.split(","):
        if remote.startswith("unix:"):
            beside = next((remote.replace(one, other) for one, other in BESIDE if one in remote), None)
        else:
            host, _colon, port = remote.rpartition(":")
            beside = f"{host}:{PORTS[1]}" if port == PORTS[0] else None
        if beside is None:
            return None
        found.append(beside)
    return ",".join(found)


def beside(northbound: _snapshot.OvsTarget) -> _snapshot.OvsTarget | None:
    """The southbound database; None if it is not where it usually is. Nobody has said that it is there."""
    address = address_of(northbound.ovsdb)
    timeout = min(northbound.timeout, SHORTEST)
    return None if address is None else dataclasses.replace(northbound, ovsdb=address, timeout=timeout)


class Chassis:
    """The chassis that had acted on everything before this run. The others are down or behind, and are not waited
    for.
    """

    def __init__(self, northbound: _snapshot.OvsTarget) -> None:
        self._session: _ovsdb_session.Session | None = None
        self._waited: frozenset[str] = frozenset()
        self._down: frozenset[str] = frozenset()
        target = beside(northbound)
        if target is None:
            return
        try:
            self._session = _ovsdb_session.Session(target, DATABASE)
        except _errors.Unreachable:
            return  # it may be closed to us, while the northbound database is not
        told = self._told()
        before = max(told.values(), default=0)
        self._waited = frozenset(name for name, reached in told.items() if reached == before)
        self._down = frozenset(told) - self._waited

    def close(self) -> None:
        """Close the connection."""
        if self._session is not None:
            self._session.close()

    def _told(self) -> dict[str, int]:
        rows = self._session.rows("Chassis_Private") if self._session is not None else []
        return {str(row.name): int(row.nb_cfg) for row in rows}

    def behind(self, asked: int, patience: float) -> list[str]:
        """Wait until the chassis have acted on what was asked. Return those that have not, by name."""
        if self._session is None:
            return []
        waited = self._waited
        self._session.until(lambda: all(self._told().get(name, asked) >= asked for name in waited), patience)
        told = self._told()
        hosts = {str(row.name): str(row.hostname) for row in self._session.rows("Chassis")}
        late = sorted(name for name, reached in told.items() if reached < asked and name in waited | self._down)
        return [f"{hosts[name]} ({name})" if hosts.get(name, name) != name else name for name in late]
