# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which links the tunnels of Open vSwitch can leave a host. On the kernel's datapath by any: the kernel routes them.
On the userspace datapath ovs-vswitchd looks for the way among its own bridges ("native tunnel routing failed").
"""

from __future__ import annotations

import collections.abc as c

from ansible_collections.netloom.linux.plugins.module_utils._model import _ovn, _snapshot


def own_addresses(snapshot: _snapshot.Snapshot) -> dict[str, str]:
    """The addresses that links of this host have, outside of namespaces, and which link has each."""
    links = snapshot.namespaces[None].links.values()
    return {one.cidr.split("/")[0]: link.name for link in links for one in link.addresses}


def stuck(
    snapshot: _snapshot.Snapshot, ovs: _snapshot.Ovs, bridge: str, addresses: c.Iterable[str | None]
) -> dict[str, str]:
    """Those of the addresses from which no tunnel of the bridge can leave, and which link has each. ``ovs``: that of
    this host.
    """
    if not _is_userspace(ovs, bridge):
        return {}
    own = own_addresses(snapshot)
    return {one: own[one] for one in addresses if one in own and own[one] not in ovs.bridges}


def _is_userspace(ovs: _snapshot.Ovs, bridge: str) -> bool:
    found = ovs.bridges.get(bridge)
    if found is not None and found.datapath_type == "netdev":
        return True
    # ovn-controller gives its bridge this datapath, also while there is no such bridge yet.
    return bridge == _ovn.bridge_of(ovs.external_ids) and ovs.external_ids.get(_ovn.DATAPATH_TYPE) == "netdev"
