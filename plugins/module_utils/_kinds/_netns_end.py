# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end of a namespace would take with it: it is refused, moved away, or deleted before."""

from __future__ import annotations

import json

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _netns_spec
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _identity,
    _link_ops,
    _paths,
    _plan,
    _snapshot,
)


def refuse_links(spec: _netns_spec.NetnsSpec, planner: _plan.Planner) -> None:
    """Refuse a sysctl of a link that does not exist. It can only be written if the link exists."""
    for key in spec.sysctl or ():
        parts = key.split("/" if "/" in key else ".")
        of_link = (
            parts[2:3] in (["conf"], ["neigh"])
            and len(parts) == _netns_spec.SYSCTL_OF_LINK
            and parts[3] not in ("all", "default")
        )
        if of_link and planner.now.has(spec.name) and planner.now.link(spec.name, parts[3]) is None:
            raise _errors.BadInput(
                f"{spec.path}sysctl: {key!r} is about the link '{parts[3]}', which is not in namespace '{spec.name}';"
                " declare it as sysctl of that link."
            )


def cut_cables(name: str, ns: _snapshot.Namespace, planner: _plan.Planner) -> None:
    """Delete the pairs that lead out of a namespace that is about to die."""
    for link in [
        link for link in ns.links.values() if link.kind == "veth" and (link.peer is None or link.peer[0] != name)
    ]:
        if link.name in ns.links:
            planner.do(_link_ops.LinkDelete(name, link.name))


def bury(spec: _netns_spec.NetnsSpec, ns: _snapshot.Namespace, planner: _plan.Planner) -> None:
    """Delete the old namespace with its cables if it lives only by this name, because its process has ended."""
    try:
        origin = json.loads(planner.now.files.get(_paths.netns_record(spec.name)) or "{}").get("path", "")
    except ValueError:
        origin = ""
    if origin.startswith("/proc/") and not ns.processes:
        cut_cables(spec.name, ns, planner)


def refuse_guests(spec: _netns_spec.NetnsSpec, ns: _snapshot.Namespace, planner: _plan.Planner) -> None:
    """Refuse to delete a namespace with links that netns_interface moved in. They would die with it, or go home under a
    foreign name.
    """
    for path, content in planner.now.below(_paths.MOVED).items():
        try:
            record = json.loads(content)
            marked = _identity.is_marked(ns, record)
        except (ValueError, AttributeError) as error:
            if path.startswith(f"{_paths.moved(spec.name)}/"):
                raise _errors.damaged(
                    path, error, "It says what was moved into that namespace, and would die with it."
                ) from error
            continue
        if "home" in record and marked and record.get("name") in ns.links:
            raise _errors.Conflict(
                f"Cannot delete namespace '{spec.name}': '{record['name']}' was moved into it. Send it home first, by"
                " netns_interface with state: absent."
            )


def way_out(spec: _netns_spec.NetnsSpec) -> str:
    """The advice about processes. A purged namespace has no entry in which an option could be set."""
    if spec.path.startswith("purge of"):
        return (
            f"Stop what runs there, or declare it once more, as {{name: {spec.name}, state: absent, processes: kill}}"
            " (or leave)."
        )
    return "Stop what runs there, or set processes to kill or leave."
