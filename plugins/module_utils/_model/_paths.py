# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The paths of our own files: below /run what must not survive a reboot, below /var/lib what must."""

from __future__ import annotations

import hashlib
import re

RUN = "/run/netloom"
STATE = "/var/lib/netloom"
LOCK = f"{RUN}/lock"
# Bytes of a name that is a file's; with an ending, and what a file is called before it is whole, 255 is the file
# system's limit.
LONGEST = 200


def file_of(name: str) -> str:
    """The name of a file about an object of this name, which may itself have 255 bytes."""
    data = name.encode("utf-8", "surrogateescape")
    if len(data) <= LONGEST:
        return name
    return f"{data[: LONGEST - 40].decode('utf-8', 'ignore')}-{hashlib.sha256(data).hexdigest()[:32]}"


def _place(ns: str | None) -> str:
    """A namespace, or the host itself, as a part of a path. A namespace may be called '@host' as well: another '@'
    before it keeps the two apart.
    """
    return "@host" if ns is None else f"@{ns}" if ns.startswith("@") else ns


def netns_record(name: str) -> str:
    """The record that the name was given to somebody's namespace: {inode, path}."""
    return f"{RUN}/netns/{file_of(name)}.json"


ETC = "/etc/netns"


def etc_folder(name: str) -> str:
    """The folder in which ip-netns(8) looks for the namespace's own files of /etc."""
    return f"{ETC}/{name}"


def etc_record(name: str) -> str:
    """The record of our files below /etc/netns/NAME. They outlive a reboot, and so does this record."""
    return f"{STATE}/netns/{file_of(name)}.json"


def chassis_record(ovsdb: str) -> str:
    """The record of what ovn_chassis changed on the host besides keys of its own: {system_id, ssl}."""
    return f"{STATE}/ovn_chassis/{file_of(ovsdb.replace('/', '%'))}.json"


# What runs of topologies made, one file each.
TOPOLOGIES = f"{RUN}/topologies"

# Links that netns_interface moved, one file each: {inode, name, ...}.
MOVED = f"{RUN}/moved"


def moved(ns: str | None) -> str:
    """The folder of the records of moved links in this namespace."""
    return f"{MOVED}/{_place(ns)}"


def link_record(ns: str | None, name: str) -> str:
    """The record of what netns_interface did to the link at this place: made it, or moved it there from its home."""
    return f"{moved(ns)}/{name}.json"


# What netns_nat did in each namespace, one file each: {inode, tables, before}.
NAT = f"{RUN}/nat"


def nat_record(ns: str | None) -> str:
    """The record of the netns_nat tables of a namespace, and of the earlier forwarding sysctls."""
    return f"{NAT}/{file_of(_place(ns).replace('/', '%'))}.json"


# One file for each move of an uplink that waits for confirmation, and the socket beside it.
GUARDS = f"{RUN}/guard"


def uplinks(ns: str | None) -> str:
    """The records of the NICs that are the uplinks of bridges in this namespace, one file each."""
    return f"{RUN}/uplink/{_place(ns)}"


def uplink_record(ns: str | None, name: str) -> str:
    """The record of what a NIC had before it became an uplink, and of its bridge."""
    return f"{uplinks(ns)}/{name}.json"


def tx_checksums() -> str:
    """The records of the far ends whose transmit checksum offload ovs_port or an uplink switched off."""
    return f"{RUN}/tx_checksum"


def tx_checksum_record(port: str) -> str:
    """The record of the far end of this port: {netns, inode, cookie, link, index}."""
    return f"{tx_checksums()}/{port}.json"


def receive_offloads() -> str:
    """The records of the links that join no packets while a port of the userspace datapath receives by them."""
    return f"{RUN}/receive_offload"


def receive_offload_record(name: str) -> str:
    """The record of such a link of the host, with the port for which it was switched off."""
    return f"{receive_offloads()}/{name}.json"


# How the names of our units begin: what systemd supervises for us.
DNSMASQ_UNIT, DHCP_UNIT = "netloom-dnsmasq-", "netloom-dhcp-"
UNITS = (DNSMASQ_UNIT, DHCP_UNIT)


# What brings a topology back at boot (persist): its declaration, the code that applies it, and what else it has to
# remember.
DECLARATIONS, BOOT = "/etc/netloom/topologies", f"{STATE}/boot"
# The code; records of what outlives a boot; the MAC addresses that the kernel chose; moves of uplinks that nobody
# confirmed.
ENGINE, RECORDS, MACS, UNCONFIRMED = "engine.zip", "records.json", "macs.json", "unconfirmed"
SYSTEM_UNITS = "/etc/systemd/system"
WANTED_BY = "multi-user.target"


def declaration(name: str) -> str:
    """The declaration of a persistent topology."""
    return f"{DECLARATIONS}/{file_of(name)}.json"


def boot_file(name: str, file: str) -> str:
    """The path of one of the files above."""
    return f"{BOOT}/{name}/{file}"


def escaped(name: str) -> str:
    """A name as a part of a unit's name (systemd-escape(1)), but '-' stays. '@' too is escaped: at the end it would
    make a template of the unit.
    """
    return re.sub(rb"[^A-Za-z0-9_.-]", lambda found: b"\\x%02x" % found[0][0], name.encode()).decode()


def boot_unit(name: str) -> str:
    """The unit that applies a topology at boot."""
    return f"netloom-topology-{escaped(name)}.service"


def boot_traces(name: str) -> tuple[str, ...]:
    """The files of which at least one exists if anything of the topology is saved."""
    return (
        declaration(name),
        boot_file(name, ENGINE),
        f"{SYSTEM_UNITS}/{boot_unit(name)}",
        f"{SYSTEM_UNITS}/{WANTED_BY}.wants/{boot_unit(name)}",
    )
