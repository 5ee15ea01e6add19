# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sysctls. /proc/sys/net shows the namespace of the thread that opens a file, so callers enter it first."""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values


def path_of(link: str | None, key: str) -> str:
    """The file of net.ipv4.ip_forward, or of ipv4.rp_filter of a link."""
    if link is None:
        # sysctl.conf(5): a name that is written with '/' may contain dots, as links' names do.
        return f"/proc/sys/{key if '/' in key else key.replace('.', '/')}"
    family, leaf = key.split(".", 1)
    return f"/proc/sys/net/{family}/conf/{link}/{leaf}"


def read(link: str | None, key: str) -> str | None:
    """The value with white space folded; None if the kernel has no such sysctl (or none of that link)."""
    try:
        with open(path_of(link, key), encoding="utf-8") as handle:
            return _values.scalar(handle.read())
    except OSError:
        return None


def known(key: str, link: bool) -> bool:
    """Whether the kernel has it; of a link's, every namespace has the set of conf/default."""
    return os.path.exists(path_of("default" if link else None, key))


def write(link: str | None, key: str, value: str) -> None:
    """Set it."""
    try:
        with open(path_of(link, key), "w", encoding="utf-8") as handle:
            handle.write(value)
    except FileNotFoundError:
        raise _errors.HostError(f"Cannot set sysctl {key}{f' of {link}' if link else ''}: this kernel has no such sysctl here.") from None
    except OSError as error:
        raise _errors.HostError(f"Cannot set sysctl {key}={value}{f' of {link}' if link else ''}: {error.strerror}.") from error


@contextlib.contextmanager
def secondaries_kept(link: str, cidr: str) -> t.Iterator[None]:
    """With an IPv4 address the kernel deletes the later ones of its network, unless promote_secondaries says otherwise (ip-sysctl.rst)."""
    switch = "ipv4.promote_secondaries"
    deletes = ":" not in cidr and read(link, switch) == "0"
    if deletes:
        write(link, switch, "1")
    try:
        yield
    finally:
        if deletes:
            write(link, switch, "0")
