# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three DHCP clients: how each is called so that it touches its interface and nothing else of the host.

Each runs in a mount namespace of its own, in which its configuration, its hooks and resolv.conf are ours.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import re
import shlex

from ansible_collections.netloom.linux.plugins.module_utils._host import _files, _spawn
from ansible_collections.netloom.linux.plugins.module_utils._model import _paths, _snapshot

ROOT = f"{_paths.RUN}/dhcp"
RESOLV_CONF = "/etc/resolv.conf"
# Debian's AppArmor profile lets dhclient use these places and the stock script only.
DHCLIENT_ETC = "/etc/dhcp"
CLASSLESS = "dhclient-exit-hooks.d/rfc3442-classless-routes"
DHCPCD_STATE = "/var/lib/dhcpcd"

DHCLIENT_HOOK = """\
# Written by netloom: dhclient-script(8) reads this before it acts.
make_resolv_conf() { :; }
set_hostname() { :; }
# The stock script flushes every address of the link where only the leased one is meant; declared ones must stay.
# An infinite lease becomes one of 136 years: without a lifetime nobody could tell it from a declared address.
ip() {
    case "$*" in
        "-4 addr flush dev $interface label $interface") leased=$old_ip_address${old_subnet_mask:+/$old_subnet_mask} ;;
        "-4 addr flush dev $interface") leased=$new_ip_address${new_subnet_mask:+/$new_subnet_mask} ;;
        *) leased= ;;
    esac
    if [ -n "$leased" ]; then
        command ip -4 addr del "$leased" dev "$interface"
        return
    fi
    for word do
        shift
        [ "$word" = 4294967295 ] && word=4294967294
        set -- "$@" "$word"
    done
    command ip "$@"
}
"""

UDHCPC_SCRIPT = """\
#!/bin/sh
# Written by netloom: udhcpc's events (its first argument) onto the interface, and into a record.
record=@RECORD@
life="valid_lft $lease preferred_lft $lease"
# An infinite lease becomes one of 136 years: without a lifetime nobody could tell it from a declared address.
[ "$lease" = 4294967295 ] && life="valid_lft 4294967294 preferred_lft 4294967294"
command -v ip >/dev/null || { ip() { busybox ip "$@"; }; life=; }
held=$(sed -n 's/^address=//p' "$record" 2>/dev/null)
case "$1" in
    deconfig)
        ip link set dev "$interface" up
        [ -n "$held" ] && ip -4 addr del "$held" dev "$interface"
        rm -f "$record"
        ;;
    bound|renew)
        address="$ip/${mask:-32}"
        [ -n "$held" ] && [ "$held" != "$address" ] && ip -4 addr del "$held" dev "$interface"
        [ -n "$mtu" ] && [ "$mtu" -gt 576 ] && ip link set dev "$interface" mtu "$mtu"
        ip -4 addr replace "$address" ${broadcast:+broadcast "$broadcast"} $life dev "$interface"
        # RFC 3442: with classless routes the routers are ignored.
        if [ -n "$staticroutes" ]; then
            set -- $staticroutes
            while [ $# -ge 2 ]; do
                if [ "$2" = 0.0.0.0 ]; then ip -4 route replace "$1" dev "$interface"; else ip -4 route replace "$1" via "$2" dev "$interface"; fi
                shift 2
            done
        elif [ -n "$router" ]; then
            ip -4 route replace default via "${router%% *}" dev "$interface"
        fi
        umask 022
        printf 'address=%s\\nserver=%s\\nrouters=%s\\ndns=%s\\nlease=%s\\nat=%s\\ndomain=%s\\n' \\
            "$address" "$serverid" "$router" "$dns" "$lease" "$(date +%s)" "$domain" >"$record.new"
        mv "$record.new" "$record"
        ;;
esac
"""

DHCPCD_SCRIPT = """\
#!/bin/sh
# Written by netloom: dhcpcd sets addresses and routes by itself, before it calls this (dhcpcd-run-hooks(8)).
# An infinite lease becomes one of 136 years: without a lifetime nobody could tell it from a declared address.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
if [ "$new_dhcp_lease_time" = 4294967295 ] && command -v ip >/dev/null; then
    ip -4 addr change "$new_ip_address/$new_subnet_cidr" dev "$interface" valid_lft 4294967294 preferred_lft 4294967294
fi
exit 0
"""


@dataclasses.dataclass(frozen=True)
class Place:
    """Where the files of one client are. The names are made safe and short; the digest keeps them apart."""

    netns: _snapshot.NsKey
    interface: str

    @property
    def key(self) -> str:
        """A file name for namespace and interface."""
        safe = re.sub(r"[^A-Za-z0-9_.]", "_", f"{self.netns or ''}-{self.interface}")
        return f"{safe[:48].lstrip('.-')}-{hashlib.sha256(f'{self.netns or chr(0)}/{self.interface}'.encode()).hexdigest()[:10]}"

    def file(self, name: str) -> str:
        """One of our own files about it."""
        return f"{ROOT}/{self.key}/{name}"

    @property
    def state(self) -> str:
        """The folder that outlives a boot."""
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
        """The server's answer as a packet."""
        return f"{self.state}/{self.interface}.lease"


@dataclasses.dataclass(frozen=True)
class Call:
    """How to run a client."""

    argv: tuple[str, ...]
    private: _spawn.Private


def call(kind: str, program: str, place: Place, hostname: str | None, *, release: bool = False) -> Call:
    """The command line and the private mounts of a client; writes what the mounts show. ``release``: dhclient only."""
    _files.write(place.file("resolv.conf"), "")
    private: list[_spawn.Bind | _spawn.Cover] = [_spawn.Bind(place.file("resolv.conf"), RESOLV_CONF)] if os.path.exists(RESOLV_CONF) else []
    if kind == "dhclient":
        return _dhclient(program, place, hostname, private, release)
    return _dhcpcd(program, place, hostname, private) if kind == "dhcpcd" else _udhcpc(program, place, hostname, private)


def _dhclient(program: str, place: Place, hostname: str | None, private: list[_spawn.Bind | _spawn.Cover], release: bool) -> Call:
    # dhclient.conf(5). Without `timeout` it would take an old lease out of its file when no server answers.
    lines = ["option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;", "timeout 4000000;", "retry 2;", "reboot 3;"]
    lines += ["select-timeout 0;", "initial-interval 1;", "backoff-cutoff 4;"]
    lines.append("request subnet-mask, broadcast-address, routers, domain-name, domain-name-servers, interface-mtu, rfc3442-classless-static-routes;")
    if hostname:
        lines.append(f'send host-name "{hostname}";')
    files = {"dhclient.conf": "\n".join(lines) + "\n", "dhclient-enter-hooks.d/netloom": DHCLIENT_HOOK}
    classless = _files.read(f"{DHCLIENT_ETC}/{CLASSLESS}")
    if classless is not None:
        files[CLASSLESS] = classless
    private.append(_spawn.Cover(DHCLIENT_ETC, files))
    # dhclient makes its lease file, but not the folder above it.
    os.makedirs(os.path.dirname(place.dhclient_leases), mode=0o755, exist_ok=True)
    argv = [program, "-4", *(["-r"] if release else ["-d"]), "-cf", f"{DHCLIENT_ETC}/dhclient.conf"]
    return Call((*argv, "-lf", place.dhclient_leases, "-pf", place.dhclient_pid, place.interface), private)


def _dhcpcd(program: str, place: Place, hostname: str | None, private: list[_spawn.Bind | _spawn.Cover]) -> Call:
    # dhcpcd.conf(5). noarp: the other two do not probe either, and it takes 5 s.
    lines = ["ipv4only", "noipv4ll", "noarp", "clientid", "timeout 0", "vendorclassid", "require dhcp_server_identifier"]
    lines.append("option domain_name_servers, domain_name, classless_static_routes, interface_mtu")
    if hostname:
        lines.append(f"hostname {hostname}")
    _files.make_parents(f"{place.state}/x")
    os.makedirs(DHCPCD_STATE, mode=0o755, exist_ok=True)
    # Its pid file and sockets have fixed names, one for each interface's name: all of /run is its own.
    files = {"netloom-dhcpcd.conf": "\n".join(lines) + "\n", "script": DHCPCD_SCRIPT}
    private += [_spawn.Bind(place.state, DHCPCD_STATE), _spawn.Cover("/run", files, ("dhcpcd",))]
    return Call((program, "-B", "-f", "/run/netloom-dhcpcd.conf", "-c", "/run/script", place.interface), private)


def _udhcpc(program: str, place: Place, hostname: str | None, private: list[_spawn.Bind | _spawn.Cover]) -> Call:
    folder = place.file("private")
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder, 0o755)
    private.append(_spawn.Cover(folder, {"script": UDHCPC_SCRIPT.replace("@RECORD@", shlex.quote(place.file("lease")))}))
    # -R: release on exit.
    argv = [program, "-f", "-R", "-t", "3", "-T", "1", "-A", "2", "-O", "staticroutes", "-O", "mtu", "-i", place.interface, "-s", f"{folder}/script"]
    return Call((*argv, *(["-x", f"hostname:{hostname}"] if hostname else [])), private)
