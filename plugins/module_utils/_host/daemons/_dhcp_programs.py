# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three DHCP clients, and how to call each of them so that it touches only its interface and nothing else of the
host.

Each runs in its own mount namespace, in which its configuration, its hooks and resolv.conf are ours.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import re
import shlex
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _dhcp_scripts
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _spawn
from ansible_collections.netloom.linux.plugins.module_utils._model import _daemon_ops, _paths, _snapshot

ROOT = f"{_paths.RUN}/dhcp"
RESOLV_CONF = "/etc/resolv.conf"
# Debian's AppArmor profile lets dhclient use these places and the stock script only.
DHCLIENT_ETC = "/etc/dhcp"
DHCPCD_STATE = "/var/lib/dhcpcd"


@dataclasses.dataclass(frozen=True)
class Place:
    """The paths of one client's files. Names are made safe and short, and a digest keeps them apart."""

    netns: _snapshot.NsKey
    interface: str
    family: str = _daemon_ops.IPV4

    @classmethod
    def of(cls, daemon: _snapshot.Daemon) -> Place:
        """The place of a client."""
        return cls(daemon.netns, daemon.name, _daemon_ops.family_of(daemon))

    @property
    def six(self) -> bool:
        """Whether the client uses DHCPv6."""
        return self.family == _daemon_ops.IPV6

    @property
    def key(self) -> str:
        """A file name for namespace, interface and family."""
        six = f"-{self.family}" if self.six else ""
        safe = re.sub(r"[^A-Za-z0-9_.]", "_", f"{self.netns or ''}-{self.interface}")
        digest = hashlib.sha256(f"{self.netns or chr(0)}/{self.interface}{six}".encode()).hexdigest()[:10]
        return f"{safe[:48].lstrip('.-')}-{digest}{six}"

    def file(self, name: str) -> str:
        """The path of one of our own files about the client."""
        return f"{ROOT}/{self.key}/{name}"

    @property
    def state(self) -> str:
        """The path of the folder that outlives a boot."""
        return f"{_paths.STATE}/dhcp/{self.key}"

    @property
    def dhclient_leases(self) -> str:
        """A path that AppArmor lets dhclient write."""
        return f"/var/lib/dhcp/dhclient-netloom-{self.key}.leases"

    @property
    def dhclient_pid(self) -> str:
        """A path that AppArmor lets dhclient write."""
        return f"/run/dhclient-netloom-{self.key}.pid"

    @property
    def dhcpcd_lease(self) -> str:
        """The path of the server's answer as a packet."""
        return f"{self.state}/{self.interface}.lease{'6' if self.six else ''}"


@dataclasses.dataclass(frozen=True)
class Call:
    """How to run a client."""

    argv: tuple[str, ...]
    private: _spawn.Private


def call(kind: str, program: str, place: Place, settings: t.Mapping[str, t.Any], *, release: bool = False) -> Call:
    """The command line and the private mounts of a client; writes what the mounts show. ``release``: dhclient only."""
    _files.write(place.file("resolv.conf"), "")
    private: list[_spawn.Bind | _spawn.Cover] = (
        [_spawn.Bind(place.file("resolv.conf"), RESOLV_CONF)] if os.path.exists(RESOLV_CONF) else []
    )
    if kind == "dhclient":
        return _dhclient(program, place, settings, private, release)
    return (
        _dhcpcd(program, place, settings, private) if kind == "dhcpcd" else _udhcpc(program, place, settings, private)
    )


def _takes_default(settings: t.Mapping[str, t.Any]) -> bool:
    return bool(settings.get("default_route", True))


def _for_shell(script: str, settings: t.Mapping[str, t.Any]) -> str:
    return script.replace("@DEFAULT_ROUTE@", "yes" if _takes_default(settings) else "no")


def _dhclient(
    program: str,
    place: Place,
    settings: t.Mapping[str, t.Any],
    private: list[_spawn.Bind | _spawn.Cover],
    release: bool,
) -> Call:
    lines = _dhclient_conf(place.six, settings.get("hostname"))
    files = {
        "dhclient.conf": "\n".join(lines) + "\n",
        "dhclient-enter-hooks.d/netloom": _for_shell(_dhcp_scripts.DHCLIENT_HOOK, settings),
        "dhclient-exit-hooks.d/netloom": _dhcp_scripts.CLASSLESS_HOOK,
    }
    private.append(_spawn.Cover(DHCLIENT_ETC, files))
    # dhclient makes its lease file, but not the folder above it.
    os.makedirs(os.path.dirname(place.dhclient_leases), mode=0o755, exist_ok=True)
    argv = [
        program,
        "-6" if place.six else "-4",
        *(["-r"] if release else ["-d"]),
        "-cf",
        f"{DHCLIENT_ETC}/dhclient.conf",
    ]
    return Call((*argv, "-lf", place.dhclient_leases, "-pf", place.dhclient_pid, place.interface), private)


def _dhclient_conf(six: bool, hostname: str | None) -> list[str]:
    if six:  # its timing is that of RFC 8415
        named = [f'send fqdn.fqdn "{hostname}";', "send fqdn.encoded on;"] if hostname else []
        return ["also request dhcp6.name-servers, dhcp6.domain-search;", *named]
    # dhclient.conf(5). Without `timeout` it would take an old lease out of its file when no server answers.
    wanted = "subnet-mask, broadcast-address, routers, domain-name, domain-name-servers, interface-mtu"
    return [
        "option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;",
        "timeout 4000000;",
        "retry 2;",
        "reboot 3;",
        "select-timeout 0;",
        "initial-interval 1;",
        "backoff-cutoff 4;",
        f"request {wanted}, rfc3442-classless-static-routes;",
        *([f'send host-name "{hostname}";'] if hostname else []),
    ]


def _dhcpcd(
    program: str, place: Place, settings: t.Mapping[str, t.Any], private: list[_spawn.Bind | _spawn.Cover]
) -> Call:
    hostname = settings.get("hostname")
    # dhcpcd.conf(5). noarp: the other two do not probe either, and it takes 5 s. nodelay: otherwise it waits for up to
    # 2 s before it asks, and one that was started again and has not asked yet releases nothing.
    lines = ["clientid", "timeout 0", "nodelay"]
    if place.six:  # router advertisements stay the kernel's
        lines += ["ipv6only", "noipv6rs", "ia_na", "option dhcp6_name_servers, dhcp6_domain_search", "release"]
        lines += ["fqdn both"] if hostname else []
    else:
        lines += ["ipv4only", "noipv4ll", "noarp", "vendorclassid", "require dhcp_server_identifier"]
        lines.append("option domain_name_servers, domain_name, classless_static_routes, interface_mtu")
        lines += [] if _takes_default(settings) else ["nogateway"]
    lines += [f"hostname {hostname}"] if hostname else []
    _files.make_parents(f"{place.state}/x")
    os.makedirs(DHCPCD_STATE, mode=0o755, exist_ok=True)
    # Its pid file and sockets have fixed names, one for each interface's name: all of /run is its own.
    files = {"netloom-dhcpcd.conf": "\n".join(lines) + "\n", "script": _dhcp_scripts.DHCPCD_SCRIPT}
    private += [_spawn.Bind(place.state, DHCPCD_STATE), _spawn.Cover("/run", files, ("dhcpcd",))]
    return Call((program, "-B", "-f", "/run/netloom-dhcpcd.conf", "-c", "/run/script", place.interface), private)


def _udhcpc(
    program: str, place: Place, settings: t.Mapping[str, t.Any], private: list[_spawn.Bind | _spawn.Cover]
) -> Call:
    hostname = settings.get("hostname")
    folder = place.file("private")
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder, 0o755)
    script = _for_shell(_dhcp_scripts.UDHCPC_SCRIPT, settings).replace("@RECORD@", shlex.quote(place.file("lease")))
    private.append(_spawn.Cover(folder, {"script": script}))
    # -R: release on exit.
    argv = [
        program,
        "-f",
        "-R",
        "-t",
        "3",
        "-T",
        "1",
        "-A",
        "2",
        "-O",
        "staticroutes",
        "-O",
        "mtu",
        "-i",
        place.interface,
        "-s",
        f"{folder}/script",
    ]
    return Call((*argv, *(["-x", f"hostname:{hostname}"] if hostname else [])), private)
