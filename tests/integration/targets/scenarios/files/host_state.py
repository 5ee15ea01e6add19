# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything of a host that the collection may touch, as lines that can be compared.

The judges are iproute2, ethtool, nft, ovsdb-client and /proc, not the collection's own code. What changes by itself
(indexes, counters, timers, link-local addresses, UUIDs) is left out. Runs on the host by ``python3 -c``, or alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys

TREES = ("/run/netloom", "/var/lib/netloom", "/etc/netloom", "/etc/netns", "/var/lib/dhcp")
PREFIXES = ("/run/dhclient", "/run/dhcpcd", "/run/udhcpc", "/var/lib/misc/dnsmasq")
CONTENTS = ("/etc/resolv.conf", "/etc/hosts")
CLIENTS = {"dnsmasq", "dhclient", "dhcpcd", "udhcpc"}
MOVING_LINK = {
    "ifindex",
    "link",
    "link_index",
    "link_netnsid",
    "operstate",
    "root_id",
    "topology_change",
    "topology_change_detected",
    "gso_max_size",
    "port_no",
    "inet6_addr_gen_mode",
    "no",
}
MOVING_LINK |= {
    "id",
    "designated_port",
    "designated_bridge",
    "designated_root",
    "designated_cost",
    "state",
    "message_age",
    "num_disabled",
    "fdb_n_learned",
}
# Carrier comes and goes with the other end.
MOVING_FLAGS = {"LOWER_UP", "M-DOWN", "NO-CARRIER"}
MOVING_OVS = {
    "_uuid",
    "statistics",
    "status",
    "cur_cfg",
    "next_cfg",
    "ifindex",
    "mac_in_use",
    "link_state",
    "link_resets",
    "link_speed",
    "duplex",
    "admin_state",
}
MOVING_OVS |= {
    "ofport",
    "datapath_id",
    "db_version",
    "rstp_statistics",
    "rstp_status",
    "mtu",
    "datapaths",
    "capabilities",
    "ct_zones",
    "ovs_version",
    "bfd_status",
}


def run(*words: str) -> str:
    """A command's output, empty if it fails."""
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout


def listing(*words: str) -> list[dict]:
    """The same of a command that speaks JSON."""
    try:
        return [row for row in json.loads(run(*words) or "[]") if row]
    except ValueError:
        return []


def links(where: list[str], enter: list[str]) -> list[str]:
    """Links with their addresses and, where it matters, their checksum offload."""
    lines = []
    for link in listing("ip", "-d", "-j", *where, "link"):
        name = link["ifname"]
        info = link.get("linkinfo", {})
        kept = {key: value for key, value in link.items() if key not in MOVING_LINK and key != "linkinfo"}
        kept["flags"] = sorted(set(link.get("flags", ())) - MOVING_FLAGS)
        for part in ("info_data", "info_slave_data"):
            data = {
                key: value
                for key, value in (info.get(part) or {}).items()
                if key not in MOVING_LINK and not key.endswith("timer")
            }
            # A bridge's identifier is its MAC, which is random unless declared; it is told by "address" already.
            kept[part] = {
                key: value for key, value in data.items() if key not in ("bridge_id", "root_port", "root_path_cost")
            }
        kept["kind"] = info.get("info_kind")
        if kept["kind"] in ("veth", "tun"):
            kept["tx"] = [
                line.split()[1]
                for line in run(*enter, "ethtool", "-k", name).splitlines()
                if line.startswith("tx-checksumming")
            ]
        lines.append(f"link {name} {json.dumps(kept, sort_keys=True)}")
    for link in listing("ip", "-j", *where, "address"):
        for address in link["addr_info"]:
            if address["scope"] != "link":
                kept = {key: address.get(key) for key in ("scope", "broadcast", "dynamic", "nodad", "label")}
                lines.append(
                    f"address {link['ifname']} {address['local']}/{address['prefixlen']}"
                    f" {json.dumps(kept, sort_keys=True)}"
                )
    return lines


def routes(where: list[str]) -> list[str]:
    """Routes of all tables and policy rules."""
    lines = []
    for family in ("-4", "-6"):
        for route in listing("ip", "-j", family, *where, "route", "show", "table", "all"):
            # IPv6 puts an address into the local table only when it has found no duplicate.
            if str(route.get("dst", "")).startswith(("fe80", "ff00")) or (
                family == "-6" and route.get("table") == "local"
            ):
                continue
            kept = {key: value for key, value in route.items() if key not in ("flags", "expires")}
            lines.append(f"route {family} {json.dumps(kept, sort_keys=True)}")
        lines += [
            f"rule {family} {json.dumps(rule, sort_keys=True)}" for rule in listing("ip", "-j", family, *where, "rule")
        ]
    return lines


def firewall(enter: list[str]) -> list[str]:
    """nftables, without counters."""
    return (
        [f"nft {line.strip()}" for line in run(*enter, "nft", "-s", "list", "ruleset").splitlines() if line.strip()]
        if shutil.which("nft")
        else []
    )


def switches() -> list[str]:
    """Rows of OVSDB by name, references as names."""
    socket = "/run/openvswitch/db.sock"
    if not os.path.exists(socket):
        return []
    tables: dict[str, list[dict]] = {}
    for line in run("ovsdb-client", "-f", "json", "dump", f"unix:{socket}", "Open_vSwitch").splitlines():
        table = json.loads(line)
        tables[table["caption"].split()[0]] = [dict(zip(table["headings"], row)) for row in table["data"]]
    names = {
        row["_uuid"][1]: row.get("name") or row.get("target") or name for name, rows in tables.items() for row in rows
    }

    def plain(value: object) -> object:
        if isinstance(value, list) and len(value) == 2 and value[0] == "uuid":
            return names.get(value[1], "?")
        if isinstance(value, list) and len(value) == 2 and value[0] == "set":
            return sorted((plain(item) for item in value[1]), key=str)
        if isinstance(value, list) and len(value) == 2 and value[0] == "map":
            return {str(plain(key)): plain(item) for key, item in value[1]}
        return value

    rows = [
        (name, {key: plain(value) for key, value in row.items() if key not in MOVING_OVS})
        for name, found in tables.items()
        if name != "Datapath"
        for row in found
    ]
    return [f"ovs {name} {row.get('name', '')} {json.dumps(row, sort_keys=True)}" for name, row in rows]


def processes(inodes: dict[int, str]) -> list[str]:
    """DHCP and DNS daemons wherever they are, and whatever runs in a named namespace."""
    lines = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                words = file.read().split("\0")
            inode = os.stat(f"/proc/{pid}/ns/net").st_ino
        except OSError:
            continue  # it ended, or is a thread of the kernel
        if words[0] and (inode in inodes or os.path.basename(words[0]) in CLIENTS):
            lines.append(f"process in {inodes.get(inode, 'the host')}: {' '.join(words).strip()}")
    return lines


def files() -> list[str]:
    """Files below our directories; of those that do not change by themselves the content too."""
    paths = (
        [
            path
            for prefix in PREFIXES
            for path in (os.path.join(os.path.dirname(prefix), name) for name in os.listdir(os.path.dirname(prefix)))
            if path.startswith(prefix)
        ]
        if all(os.path.isdir(os.path.dirname(prefix)) for prefix in PREFIXES)
        else []
    )
    for tree in TREES:
        for folder, folders, names in os.walk(tree):
            paths += [folder, *(os.path.join(folder, name) for name in (*folders, *names))]
    lines = [f"file {path}" for path in paths]
    for path in [*CONTENTS, *(path for path in paths if path.startswith("/etc/netns/"))]:
        if os.path.isfile(path):
            with open(path, "rb") as file:
                lines.append(f"content {path} {hashlib.sha256(file.read()).hexdigest()[:16]}")
    return lines


def main() -> None:
    """Print all, sorted."""
    names = sorted(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else []
    lines = [f"namespace {name}" for name in names]
    for name in [None, *names]:
        where, enter = (["-n", name], ["nsenter", f"--net=/run/netns/{name}"]) if name else ([], [])
        lines += [f"{name or 'host'}: {line}" for line in (*links(where, enter), *routes(where), *firewall(enter))]
    lines += switches()
    lines += processes({os.stat(f"/run/netns/{name}").st_ino: name for name in names})
    lines += files()
    sys.stdout.write("".join(f"{line}\n" for line in sorted(set(lines))))


main()
