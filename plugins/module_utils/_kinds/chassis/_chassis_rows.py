# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows that a host has in the southbound database: those that it lacks, those that are stale, and what is
missing on the way to them.
"""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.module_utils._kinds.chassis import _chassis_spec
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import _ovs
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _native_tunnels,
    _ovn,
    _ovn_ops,
    _plan,
    _scope,
    _snapshot,
)

RUNNING = _scope.Running(_ovn.CONTROLLER)
NOT_RUNNING = (
    "ovn-controller does not run on this host, so it is no chassis yet: start it (systemctl start ovn-controller); role"
    " netloom.linux.ovn_chassis does"
)


def scope(scope: _scope.Scope) -> None:
    """Add what the plans below read."""
    scope.questions.add(RUNNING)
    scope.files.add(_ovn.HOSTNAME_FILE)


def is_running(spec: _chassis_spec.ChassisSpec, snapshot: _snapshot.Snapshot) -> bool:
    """Whether ovn-controller runs, as far as this host can tell."""
    return not _ovs.is_local(spec.target, snapshot) or snapshot.answers.get(RUNNING) is not False


def _ends(ovs: _snapshot.Ovs) -> set[tuple[str, str]]:
    """The ends of tunnels that the host is to have, as (type, address)."""
    kinds = _ovn.words_in(ovs.external_ids.get(_ovn.ENCAP_TYPE))
    return {(kind, address) for kind in kinds for address in _ovn.words_in(ovs.external_ids.get(_ovn.ENCAP_IP))}


def plan(spec: _chassis_spec.ChassisSpec, planner: _plan.Planner) -> None:
    """Delete the rows that the host had under another name or before it was installed anew, and say what is missing.
    Two chassis cannot have one address (ovn-sb(5), Encap).
    """
    southbound, ovs = planner.now.southbound.get(spec.target), planner.now.ovs[spec.target]
    if not is_running(spec, planner.now):
        planner.warn(f"{NOT_RUNNING}.")
    if southbound is None:
        return
    if southbound.unreachable:
        planner.warn(f"{_silent(southbound)}.")
        return
    own = ovs.external_ids.get(_ovn.SYSTEM_ID)
    before = planner.before.ovs[spec.target].external_ids.get(_ovn.SYSTEM_ID)
    for other in _twins(southbound, ovs):
        if (before not in (None, own) and other.name == before) or _was_this_host(spec, planner.now, other):
            planner.do(_delete(spec, southbound, other))
        else:
            planner.warn(f"{_twin_words(southbound, other)} (the rest of a host that was installed anew?).")


def _was_this_host(spec: _chassis_spec.ChassisSpec, now: _snapshot.Snapshot, twin: _ovn.Chassis) -> bool:
    """Whether a row has the name of this host, and only addresses that its links have. The row is from before the host
    was installed anew then: it got another system-id, and nobody else can serve tunnels at these addresses.
    """
    if not _ovs.is_local(spec.target, now):
        return False
    own = now.ovs[spec.target].external_ids.get(_ovn.HOSTNAME) or (now.files.get(_ovn.HOSTNAME_FILE) or "").strip()
    return twin.hostname == own != "" and twin.addresses <= _native_tunnels.own_addresses(now).keys()


def leave(spec: _chassis_spec.ChassisSpec, planner: _plan.Planner) -> None:
    """Delete the rows of a host that leaves OVN. An ovn-controller that ends in order does so itself."""
    southbound = planner.now.southbound.get(spec.target)
    before = planner.before.ovs[spec.target].external_ids
    own, remote = before.get(_ovn.SYSTEM_ID), before.get(_ovn.REMOTE)
    if remote and is_running(spec, planner.now) and _ovs.is_local(spec.target, planner.now):
        planner.warn(
            f"ovn-controller still runs, and leaves its flows and tunnels on bridge '{_ovn.bridge_of(before)}'. If it"
            " is stopped before (systemctl stop ovn-controller), it removes them, and its rows of the southbound"
            " database, itself."
        )
    if own is None or southbound is None:
        return
    if southbound.unreachable:
        if remote:
            planner.warn(
                f"The southbound database cannot be asked ({southbound.unreachable}): the rows of this host in the"
                f" tables Chassis and Chassis_Private may stay there; 'ovn-sbctl chassis-del {own}' deletes them."
            )
    elif own in southbound.chassis:
        _leave_rows(spec, planner, southbound, southbound.chassis[own])


def _leave_rows(
    spec: _chassis_spec.ChassisSpec, planner: _plan.Planner, southbound: _ovn.Southbound, own: _ovn.Chassis
) -> None:
    """Delete the rows, unless they are those of another host that has this name: a copy of this one's disk."""
    before = planner.before.ovs[spec.target].external_ids.get(_ovn.ENCAP_IP)
    addresses = set(_ovn.words_in(before or spec.keys.get(_ovn.ENCAP_IP)))
    if addresses & own.addresses:
        planner.do(_delete(spec, southbound, own))
    elif addresses:
        planner.warn(
            f"Chassis '{own.name}' of the southbound database has another tunnel address than this host"
            f" ({', '.join(sorted(own.addresses)) or 'none'}), and is left alone: is there another host with this"
            " system-id?"
        )


def _delete(
    spec: _chassis_spec.ChassisSpec, southbound: _ovn.Southbound, chassis: _ovn.Chassis
) -> _ovn_ops.ChassisDelete:
    ssl = southbound.ssl if "ssl:" in southbound.remote else None
    return _ovn_ops.ChassisDelete(spec.target, _ovn.Access(southbound.remote, ssl), chassis)


def _twins(southbound: _ovn.Southbound, ovs: _snapshot.Ovs) -> list[_ovn.Chassis]:
    """Other chassis that have an end of this host's tunnels."""
    own, ends = ovs.external_ids.get(_ovn.SYSTEM_ID), _ends(ovs)
    return [one for name, one in sorted(southbound.chassis.items()) if name != own and ends & set(one.encaps)]


def _twin_words(southbound: _ovn.Southbound, other: _ovn.Chassis) -> str:
    return (
        f"Chassis '{other.name}' of the southbound database (host '{other.hostname}') has the tunnel address of this"
        f" host, which no two chassis can have; if it is stale, 'ovn-sbctl chassis-del {other.name}' deletes it"
    )


def _silent(southbound: _ovn.Southbound) -> str:
    lost = (
        ". Packets get lost: look for a packet filter at this port, and if the card of one of both hosts is a veth,"
        " switch its transmit checksum offload off (ethtool -K CARD tx off)"
        if "timed out" in str(southbound.unreachable)  # strerror(3) of ETIMEDOUT
        else ""
    )
    return (
        f"The southbound database cannot be asked ({southbound.unreachable}), so nobody knows whether this host is a"
        f" chassis there{lost}"
    )


def _bridge_pending(ovs: _snapshot.Ovs) -> str | None:
    """Why the integration bridge, which ovn-controller makes, forwards nothing."""
    name = _ovn.bridge_of(ovs.external_ids)
    bridge = ovs.bridges.get(name)
    if bridge is None:
        return f"ovn-controller has not made the integration bridge '{name}'"
    if not bridge.datapath_id:
        kind = bridge.datapath_type or "system"
        return f"integration bridge '{name}' has no datapath of type '{kind}' (netdev needs no kernel module)"
    return None


def pending(spec: _chassis_spec.ChassisSpec, snapshot: _snapshot.Snapshot) -> str | None:
    """Why the host is no chassis yet. None: it is, or nobody can say."""
    southbound, ovs = snapshot.southbound.get(spec.target), snapshot.ovs[spec.target]
    if southbound is None or southbound.unreachable or not is_running(spec, snapshot) or not _ends(ovs):
        return None
    own = ovs.external_ids.get(_ovn.SYSTEM_ID, "")
    chassis = southbound.chassis.get(own)
    missing = _ends(ovs) - set(chassis.encaps if chassis is not None else ())
    if not missing:
        return _bridge_pending(ovs)
    twin = next(iter(_twins(southbound, ovs)), None)
    if twin is not None:
        return _twin_words(southbound, twin)
    kind, address = sorted(missing)[0]
    return (
        f"chassis '{own}' is not in the southbound database at {southbound.remote} with {kind} {address}; the log of"
        " ovn-controller says why"
    )


def unusable(spec: _chassis_spec.ChassisSpec, snapshot: _snapshot.Snapshot) -> str | None:
    """Why the host is no chassis, or nobody can say whether it is one."""
    southbound = snapshot.southbound.get(spec.target)
    if southbound is None or not snapshot.ovs[spec.target].external_ids.get(_ovn.REMOTE):
        return None
    if not is_running(spec, snapshot):
        return NOT_RUNNING
    return _silent(southbound) if southbound.unreachable else pending(spec, snapshot)
