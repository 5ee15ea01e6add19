# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A daemon in a namespace as a unit of systemd (systemd.exec(5), systemd.service(5)). The properties say what _spawn
does by itself.
"""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _systemd
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _spawn
from ansible_collections.netloom.linux.plugins.module_utils._model import _daemon_ops, _errors, _snapshot

MS_REC = 0x4000  # linux/mount.h
MOST_LINES, LONGEST_LINE = 5, 300  # of a log that an error quotes
SECOND = 1_000_000  # in systemd's microseconds
# linux/capability.h: what servers and clients of DHCP need, and no more.
CAPABILITIES = {
    "CHOWN": 0,
    "DAC_OVERRIDE": 1,
    "FOWNER": 3,
    "KILL": 5,
    "SETGID": 6,
    "SETUID": 7,
    "SETPCAP": 8,
    "NET_BIND_SERVICE": 10,
    "NET_BROADCAST": 11,
    "NET_ADMIN": 12,
    "NET_RAW": 13,
    "SYS_CHROOT": 18,
}


# Links in a daemon's own folder, to a namespace whose name the file of a unit cannot bear.
NETNS_LINK, ETC_LINK = "netns", "etc"
# What systemd takes for its own when it reads a unit's file again (daemon-reload): ':' ends the source of a mount,
# quotes and backslashes are no letters.
_UNBEARABLE = re.compile(r"""[:"'\\]""")
# A shared sandbox is only what holds for the scripts of DHCP clients and of dnsmasq's users, too.
SANDBOX: tuple[_systemd.Property, ...] = (
    ("ProtectSystem", "s", "full"),
    ("ProtectHome", "s", "read-only"),
    ("ProtectControlGroups", "b", True),
    ("ProtectKernelModules", "b", True),
    ("ProtectClock", "b", True),
    ("RestrictRealtime", "b", True),
    ("CapabilityBoundingSet", "t", sum(1 << number for number in CAPABILITIES.values())),
)


def service(
    daemon: _snapshot.Daemon,
    argv: t.Sequence[str],
    folder: str,
    own: t.Sequence[_systemd.Property],
    *,
    private: _spawn.Private = (),
    spool: str = "",
) -> _systemd.Unit:
    """The unit of a daemon. ``folder``: its own; ``own``: properties of its kind; ``spool``: a folder of ours for the
    files that only it is to see.

    The unit is restarted for ever, one second after it ended in any way, because a namespace may disappear for a while
    and return.
    """
    mounts = [*_etc(daemon.netns, folder), *_private(private, spool)]
    properties: list[_systemd.Property] = [
        ("Description", "s", _description(daemon)),
        ("CollectMode", "s", "inactive-or-failed"),
        ("Environment", "as", [f"{name}={value}" for name, value in _spawn.ENVIRONMENT.items()]),
        ("ExecStart", "a(sasb)", [(argv[0], list(argv), False)]),
        ("Restart", "s", "always"),
        ("RestartUSec", "t", SECOND),
        ("StartLimitIntervalUSec", "t", 0),
        ("TimeoutStartUSec", "t", 20 * SECOND),
        ("TimeoutStopUSec", "t", 5 * SECOND),
        ("UMask", "u", 0o022),
        *SANDBOX,
        ("BindPaths", "a(ssbt)", mounts),
    ]
    if daemon.netns is not None:
        properties.append(
            ("NetworkNamespacePath", "s", _bearable(_namespaces.path_of(daemon.netns), f"{folder}/{NETNS_LINK}"))
        )
    return _systemd.Unit(_daemon_ops.unit_of(daemon), (*properties, *own))


def last_words(unit: str, ended: str, log: str | None, since: float) -> str:
    """Why a daemon did not come up, as the end of a sentence: how it ended, and the last lines of ``log`` or of the
    journal.
    """
    booted = _systemd.booted()
    text = (_files.read(log) if log else None) or (_systemd.said(unit, since) if booted else "")
    lines = [
        line.strip()[:LONGEST_LINE] for line in text.encode(errors="replace").decode().splitlines() if line.strip()
    ][-MOST_LINES:]
    said = f": {_errors.quoted(' | '.join(lines))}" if lines else ", without a word"
    more = f"; `journalctl -u {unit}` has more" if booted else f"; its log is {log}" if log else ""
    return f"{ended}{said}{more}"


def _description(daemon: _snapshot.Daemon) -> str:
    what = f"dnsmasq {daemon.name}" if daemon.kind == "dnsmasq" else f"DHCP client {daemon.kind} on {daemon.name}"
    return what + (f" in network namespace {daemon.netns}" if daemon.netns is not None else "") + " (netloom)"


def _bearable(path: str, link: str) -> str:
    """The path, or a link to it if the file of a unit cannot contain its characters."""
    if not _UNBEARABLE.search(path):
        return path
    _files.link(link, path)
    return link


def _etc(ns: _snapshot.NsKey, own: str) -> list[tuple[str, str, bool, int]]:
    """The namespace's own files of /etc, which NetworkNamespacePath= does not show. A file that /etc lacks cannot be
    covered: systemd would create it.
    """
    folder = f"{_spawn.ETC_NETNS}/{ns}"
    if ns is None or "/" in ns or not os.path.isdir(folder):
        return []
    source = _bearable(folder, f"{own}/{ETC_LINK}")
    return [
        (f"{source}/{name}", f"/etc/{name}", True, MS_REC)
        for name in sorted(os.listdir(folder))
        if os.path.exists(f"/etc/{name}")
    ]


def _private(private: _spawn.Private, spool: str) -> list[tuple[str, str, bool, int]]:
    """The private mounts of a unit. Covers become folders of ours, so that a restarted unit finds them again."""
    mounts = []
    for one in private:
        if isinstance(one, _spawn.Bind):
            mounts.append((one.source, one.target, False, MS_REC))
            continue
        folder = f"{spool}/{one.folder.strip('/').replace('/', '-')}"
        for inner in (folder, *(f"{folder}/{name}" for name in one.folders)):
            _files.make_parents(f"{inner}/x")
            os.chmod(inner, 0o755)
        for name, content in one.files.items():
            _files.write(f"{folder}/{name}", content, 0o755)
        mounts.append((folder, one.folder, False, MS_REC))
    return mounts
