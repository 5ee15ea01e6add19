# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point for systemd: it applies a saved topology at boot, with the usual flow, without Ansible and without a
controller.
"""

from __future__ import annotations

import json
import sys
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils import _lazy  # noqa: F401 pylint: disable=unused-import
from ansible_collections.netloom.linux.plugins.module_utils._engine import _order, _requirements, _run, _topology
from ansible_collections.netloom.linux.plugins.module_utils._host import _host
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._host.lasting import _boots, _confirmation
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _paths

LEAST_WAIT = 30.0  # seconds: a host that boots is slow


def main(name: str) -> int:
    """Apply the topology, and report it in lines for the journal. Return the exit status."""
    try:
        _boots.refuse_unconfirmed(name)
        params = json.loads(_files.read(_paths.declaration(name)) or "null")
        if params is None:
            raise _errors.HostError(
                f"Cannot read {_paths.declaration(name)}: it is gone. Run topology '{name}' from the controller once"
                " more."
            )
        for sentence in _apply(name, {"state": "present", **params}):
            sys.stdout.write(f"{sentence}\n")
    except (_errors.NetloomError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _apply(name: str, params: dict[str, t.Any]) -> t.Iterator[str]:
    needed = _requirements.needed(_topology.libraries_of(params))
    if not _requirements.have(needed):
        raise _errors.HostError(
            f"{sys.executable} lacks one of {', '.join(needed)}. Run role netloom.linux.prepare on this host."
        )
    # Nothing is purged: other topologies, which may stand on what this one once made, have no records until their own
    # units have run.
    manifest = _topology.manifest_of({**_as_at_boot(_with_macs(name, params)), "purge": False})
    wait = max(LEAST_WAIT, float(params.get("wait") or 0))
    host = _host.Host(wait, f"topology '{name}' at boot")
    try:
        outcome = _run.run(manifest, host, check=False, alone=False, wait=wait)
    finally:
        host.close()
    yield from outcome.steps
    yield from (f"Warning: {sentence}" for sentence in outcome.warnings)
    for move in host.unconfirmed:
        # The guard has asked the gateway meanwhile. At boot only its answer can be known.
        said = _confirmation.confirm(move["token"], move["seconds"])
        if said != _confirmation.CONFIRMED:
            raise _errors.HostError(f"'{move['uplink']}' went back to what it was: {_errors.quoted(said)}.")
    yield f"Topology {name}: {len(outcome.steps)} steps, all in effect."


def _with_macs(name: str, params: dict[str, t.Any]) -> dict[str, t.Any]:
    """The declaration, with the MAC addresses that the kernel chose when it was last applied."""
    saved = json.loads(_files.read(_paths.boot_file(name, _paths.MACS)) or "{}")
    reader, found = _topology.EntryReader(), {}
    for kind in sorted({json.loads(key)[0] for key in saved}):
        entries = [reader.read(kind, one, f"{kind}[{index}].") for index, one in enumerate(params.get(kind) or ())]
        found[kind] = [
            entry.kind.with_macs(entry.params, saved[entry.key]) if entry.key in saved else entry.params
            for entry in entries
        ]
    return {**params, **found}


def _as_at_boot(params: dict[str, t.Any]) -> dict[str, t.Any]:
    """The declaration, with the options of each kind that have other values at boot."""
    changed = {
        name: [{**one, **_registry.KINDS[name].at_boot} for one in params[name]]
        for name in _order.KIND_NAMES
        if params.get(name)
    }
    return {**params, **changed}
