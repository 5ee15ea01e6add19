# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sysctls. /proc/sys/net shows the namespace of the thread that opens a file, so callers enter it first."""

from __future__ import annotations

import contextlib
import os
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _sysctls

FIRST = "stable_secret"  # which sets addr_gen_mode, too
# Of the link itself, and of the multicast routing daemon.
NOT_ITS_OWN = {
    "ipv6.mtu",
    "ipv4.mc_forwarding",
    "ipv6.mc_forwarding",
}


def path_of(link: str | None, key: str) -> str:
    """The file of net.ipv4.ip_forward, or of ipv4.rp_filter or ipv4.neigh.retrans_time_ms of a link."""
    if link is None:
        # sysctl.conf(5): a name that is written with '/' may contain dots, as links' names do.
        return f"/proc/sys/{key if '/' in key else key.replace('.', '/')}"
    family, leaf = key.split(".", 1)
    folder, leaf = ("neigh", leaf[len("neigh.") :]) if leaf.startswith("neigh.") else ("conf", leaf)
    return f"/proc/sys/net/{family}/{folder}/{link}/{leaf}"


def read(link: str | None, key: str) -> str | None:
    """The value with white space folded; None if the kernel has no such sysctl (or none of that link)."""
    try:
        with open(path_of(link, key), encoding="utf-8") as handle:
            return _sysctls.shown(key, handle.read())
    except OSError:
        return None


def own(link: str) -> dict[str, str]:
    """All sysctls of a link that differ from what its namespace gives to a new link. The MTU belongs to the link
    itself.
    """
    found = {}
    for family in ("ipv4", "ipv6"):
        for folder, prefix in (("conf", ""), ("neigh", "neigh.")):
            with contextlib.suppress(OSError):  # IPv6 may be off, or the link's MTU too small for it
                for leaf in sorted(
                    os.listdir(f"/proc/sys/net/{family}/{folder}/{link}"), key=lambda name: (name != FIRST, name)
                ):
                    key = f"{family}.{prefix}{leaf}"
                    value = None if key in NOT_ITS_OWN else read(link, key)
                    if value is not None and value != read("default", key):
                        found[key] = value
    return found


def known(key: str, link: bool) -> bool:
    """Whether the kernel has this sysctl. Every namespace has the sysctls of a link in conf/default."""
    path = path_of("default" if link else None, key)
    return os.path.exists(path if link else re.sub("/(conf|neigh)/[^/]+/", r"/\1/default/", path))


def write(link: str | None, key: str, value: str, require: t.Callable[[], object] = lambda: None) -> None:
    """Write a sysctl. ``require`` raises if the open file is not the one that is meant."""
    wish = f"Cannot set sysctl {key}={value}{f' of {link}' if link else ''}"
    path = path_of(link, key)
    try:
        with open(path, "w", encoding="utf-8") as handle:
            require()
            handle.write(f"{value}\n")  # without the line's end an empty value is no write at all
    except FileNotFoundError:
        # The file may well be there: of a name of something, such as tcp_congestion_control, the kernel says that there
        # is no such thing.
        if not os.path.exists(path):
            raise _errors.HostError(f"{wish}: this kernel has no such sysctl here.") from None
        raise _errors.HostError(f"{wish}: this kernel knows no {value!r}{_available(path)}.") from None
    except OSError as error:
        raise _errors.HostError(f"{wish}: {error.strerror}.") from error


def _available(path: str) -> str:
    """The possible values, if the kernel lists them: tcp_available_congestion_control for tcp_congestion_control."""
    folder, leaf = os.path.split(path)
    try:
        with open(f"{folder}/{leaf.replace('tcp_', 'tcp_available_', 1)}", encoding="utf-8") as handle:
            found = handle.read().split()
    except OSError:
        return ""
    return f"; it has {', '.join(found)}" if found and leaf.startswith("tcp_") else ""


@contextlib.contextmanager
def secondaries_kept(link: str, cidr: str) -> t.Iterator[None]:
    """Keep secondary addresses. With an IPv4 address the kernel deletes the later ones of its network, unless
    promote_secondaries is set (ip-sysctl.rst).
    """
    switch = "ipv4.promote_secondaries"
    deletes = ":" not in cidr and read(link, switch) == "0"
    if deletes:
        write(link, switch, "1")
    try:
        yield
    finally:
        if deletes:
            write(link, switch, "0")
