# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of the unit that applies a saved topology at boot (systemd.unit(5))."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _entry
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _lock
from ansible_collections.netloom.linux.plugins.module_utils._model import _paths

# Services that flush or fill the firewall run before us, and the sysctl service does not reset our sysctls.
ALWAYS_AFTER = ("network-pre.target", "systemd-sysctl.service", "nftables.service", "firewalld.service")
OPEN_VSWITCH = ("openvswitch-switch.service", "openvswitch.service", "ovsdb-server.service", "ovs-vswitchd.service")
CONTAINERS = ("docker.service", "podman.service")
ONLINE = "network-online.target"
LEAST_PATIENCE = 600  # seconds
SLACK = 60  # seconds that a run works itself


def text(name: str, entries: t.Sequence[_entry.Entry], wait: float, python: str) -> str:
    """The unit's file. ``wait``: seconds that the topology may take to be usable.

    What needs the network waits for network-online.target, and so for us: we come before it. But an uplink is moved
    with the addresses that the host's own configuration gives it, and containers are started after it: then we come
    after.
    """
    late = any(entry.kind.is_late(entry.params) for entry in entries)
    ovs = any("ovsdbapp" in entry.kind.libraries for entry in entries)
    after = [*ALWAYS_AFTER, *(OPEN_VSWITCH if ovs else ()), *((ONLINE, *CONTAINERS) if late else ())]
    wants = [*(OPEN_VSWITCH[:2] if ovs else ()), *((ONLINE,) if late else ())]
    lines = [
        "# Written by netloom.linux.topology, option persist; what is changed by hand is changed back.",
        "[Unit]",
        f"Description=Network topology {name} (netloom)",
        f"After={' '.join(after)}",
        *([f"Wants={' '.join(wants)}"] if wants else []),
        *([] if late else [f"Before={ONLINE}"]),
        # A step that failed because something else was not up yet may work a moment later. Then the unit has failed,
        # and stays so.
        "StartLimitIntervalSec=900",
        "StartLimitBurst=5",
        "",
        "[Service]",
        "Type=oneshot",
        "RemainAfterExit=yes",
        f"ExecStart={_quoted(python)} -I {_paths.boot_file(name, _paths.ENGINE)} {name}",
        "Restart=on-failure",
        "RestartSec=2",
        f"TimeoutStartSec={_patience(entries, wait)}",
        "",
        "[Install]",
        f"WantedBy={_paths.WANTED_BY}",
    ]
    return "".join(f"{line}\n" for line in lines)


def _patience(entries: t.Sequence[_entry.Entry], wait: float) -> int:
    """Seconds after which systemd may stop a run. A run may wait for the lock of another run, and then for what it
    made.
    """
    longest = max([wait, *(entry.kind.patience(entry.spec) for entry in entries)])
    return int(max(LEAST_PATIENCE, _lock.PATIENCE + longest + SLACK))


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'
