# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of OVN's northbound database that somebody deletes behind the back of everybody."""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb_request
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _snapshot

DATABASE = "OVN_Northbound"
NORTHBOUND = _snapshot.OvsTarget("unix:/run/ovn/ovnnb_db.sock", option="")


def delete(table: str, name: str) -> None:
    """Delete the row of this name. Raises HostError if there is none."""
    where = [["name", "==", name]]
    deleted = _ovsdb_request.transact(NORTHBOUND, DATABASE, [{"op": "delete", "table": table, "where": where}])
    if not deleted[0]["count"]:
        raise _errors.HostError(
            f"Cannot delete '{name}' from table {table} of the northbound database: it is not there."
        )
