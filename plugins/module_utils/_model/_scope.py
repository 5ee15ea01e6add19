# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan needs to know about the host: collected from all specs first, then read once in bulk."""

from __future__ import annotations

import dataclasses

from ansible_collections.netloom.linux.plugins.module_utils._model import _ovn, _routes, _snapshot


@dataclasses.dataclass(frozen=True)
class NamespaceOf:
    """Which namespace is at this path (/proc/PID/ns/net)? Answer: its inode, or None."""

    path: str


@dataclasses.dataclass(frozen=True)
class ContainerOf:
    """Where is this container? Each engine is asked. Answer: a ContainerState of each.

    The namespace of a running container is read with it, and these sysctls in that namespace.
    """

    engines: tuple[str, ...]
    name: str
    sysctls: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class ContainerState:
    """The answer of one engine about a container.

    ``state``: running; stopped (``detail``: its status); unknown (the engine has no such container); absent (nobody is
    there to be asked) or silent (somebody is, but gives no answer), with the reason in ``detail``.
    """

    engine: str
    state: str
    detail: str = ""
    pid: int = 0
    started: int = 0  # clock ticks since boot: a later process of the same number has another
    inode: int | None = None

    @property
    def path(self) -> str:
        """The path of its namespace."""
        return f"/proc/{self.pid}/ns/net"


@dataclasses.dataclass(frozen=True)
class SysctlKnown:
    """Does the kernel know this sysctl? ``link``: a key such as ipv4.rp_filter of a link. Answer: bool."""

    key: str
    link: bool


@dataclasses.dataclass(frozen=True)
class LinkKindKnown:
    """Can the kernel make links of this kind (IFLA_INFO_KIND), with the modules that it finds? Answer: bool."""

    kind: str


@dataclasses.dataclass(frozen=True)
class SwitchPorts:
    """Which links of the host are ports of Open vSwitch's userspace datapath? The kernel does not know. Answer: a
    frozenset of names.
    """


@dataclasses.dataclass(frozen=True)
class UserId:
    """What is the number of a user, or with ``group`` of a group? Answer: int, or None."""

    name: str
    group: bool = False


@dataclasses.dataclass(frozen=True)
class Program:
    """Where is the first of these programs that is installed? Answer: (name, path), or None."""

    names: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Wired:
    """Is this link of the host not a wireless device? Answer: bool."""

    name: str


@dataclasses.dataclass(frozen=True)
class GuardOf:
    """Is an uplink being moved and not confirmed yet? Answer: the seconds until the move is undone, or None."""

    ns: _snapshot.NsKey
    uplink: str


@dataclasses.dataclass(frozen=True)
class DnsmasqTest:
    """What does ``dnsmasq --test`` say about this configuration? Answer: None (fine), or the error; '' if dnsmasq is
    missing.
    """

    configuration: str


@dataclasses.dataclass(frozen=True)
class Listeners:
    """Who listens on this port in the namespace? Answer: a tuple of (address, who), who as "'sshd' (process 12)"; or
    None.
    """

    ns: _snapshot.NsKey
    protocol: str
    port: int


@dataclasses.dataclass(frozen=True)
class Running:
    """Does a process with this command name run on the host? Answer: bool."""

    command: str


@dataclasses.dataclass(frozen=True)
class Unreadable:
    """Why can this file not be read? Answer: the reason in words, or None."""

    path: str


@dataclasses.dataclass(frozen=True)
class EngineHere:
    """Which code runs, in the form that would be saved for the next boot? Answer: (its digest, the path of the Python
    that runs it).
    """


@dataclasses.dataclass(frozen=True)
class PythonReplaceable:
    """Can anybody other than root replace the Python that runs? Answer: how, in words, or None."""


@dataclasses.dataclass(frozen=True)
class MountsPrivate:
    """Are mounts that are made here invisible to others? Answer: True if nobody would see them."""


@dataclasses.dataclass(frozen=True)
class Uptime:
    """How long has the host been up? Answer: seconds."""


@dataclasses.dataclass
class Scope:
    """The parts of the host to read."""

    namespaces: set[_snapshot.NsKey] = dataclasses.field(default_factory=lambda: {None})
    every_namespace: bool = False
    processes: set[_snapshot.NsKey] = dataclasses.field(default_factory=set)
    nft: set[_snapshot.NsKey] = dataclasses.field(default_factory=set)
    sysctls: set[tuple[_snapshot.NsKey, str | None, str]] = dataclasses.field(default_factory=set)
    # Links of which all is wanted that they lose in another namespace.
    moving: set[tuple[_snapshot.NsKey, str]] = dataclasses.field(default_factory=set)
    files: set[str] = dataclasses.field(default_factory=set)
    # Namespaces whose permanent neighbours and proxies are wanted.
    neighbours: set[_snapshot.NsKey] = dataclasses.field(default_factory=set)
    # Vxlans, bridges and ports of whose forwarding tables is wanted what somebody wrote; None: all of the namespace.
    fdb: set[tuple[_snapshot.NsKey, str | None]] = dataclasses.field(default_factory=set)
    # What is asked of routes; what a plan looks for besides is read then.
    routes: set[tuple[_snapshot.NsKey, _routes.Question]] = dataclasses.field(default_factory=set)
    rules: set[_snapshot.NsKey] = dataclasses.field(default_factory=set)  # namespaces whose policy rules are wanted
    trees: set[str] = dataclasses.field(default_factory=set)  # folders whose files are read, all of them
    ovs: set[_snapshot.OvsTarget] = dataclasses.field(default_factory=set)
    # The southbound databases whose chassis are wanted, and how each is reached.
    chassis: dict[_snapshot.OvsTarget, _ovn.Access] = dataclasses.field(default_factory=dict)
    # Ports whose logical ports the southbound database is asked for, unless they are in effect.
    bindings: set[tuple[_snapshot.OvsTarget, str]] = dataclasses.field(default_factory=set)
    # Links on the host whose veth peers are wanted, wherever they are.
    peers_of: set[str] = dataclasses.field(default_factory=set)
    receiving: bool = False  # whether it is wanted which links of the host join packets that they receive
    daemons: set[str] = dataclasses.field(default_factory=set)  # keys as in Snapshot.daemons
    every_daemon: bool = False
    boots: set[str] = dataclasses.field(default_factory=set)  # topologies: what is saved of them for the next boot
    questions: set[object] = dataclasses.field(default_factory=set)
