# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings -> dnsmasq's files, always the same for the same settings; each line knows the option it came from."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _dnsmasq_values
from ansible_collections.netloom.linux.plugins.module_utils._model import _daemon_ops, _errors

Settings = t.Mapping[str, t.Any]
# (option it came from, line); '' is a line of ours.
Line = tuple[str, str]

HEADER = "# Written by netloom.linux.dnsmasq_in_ns; what is changed by hand is changed back."
# dnsmasq reads lines into a buffer of MAXDNAME (1025) bytes, and takes the rest of a longer one for another line.
LONGEST_LINE = 1000


def files(name: str, settings: Settings) -> dict[str, str]:
    """path -> content."""
    return {
        _daemon_ops.dnsmasq_file(name, "dnsmasq.conf"): _text([("", HEADER), *own_lines(name), *_config(settings)]),
        # Of its own, so that a change needs no restart: dnsmasq reads both again on SIGHUP, and drops what is no longer there.
        _daemon_ops.dnsmasq_file(name, "hosts"): _text(_hosts(settings)),
        _daemon_ops.dnsmasq_file(name, "options"): _text(_options(settings)),
    }


def own_lines(name: str) -> list[Line]:
    """Where its files are. Where it logs to, its command line says: the journal, or a file where there is none."""
    places = {"pid-file": _daemon_ops.dnsmasq_file(name, "pid"), "dhcp-leasefile": _daemon_ops.dnsmasq_leases(name)}
    places.update({"dhcp-hostsfile": _daemon_ops.dnsmasq_file(name, "hosts"), "dhcp-optsfile": _daemon_ops.dnsmasq_file(name, "options")})
    return [("", f"{key}={value}") for key, value in places.items()]


def for_test(settings: Settings) -> list[Line]:
    """The configuration for `dnsmasq --test`, which does not read the files of hosts and options: they stand in it."""
    hosts = [(option, f"dhcp-host={line}") for option, line in _hosts(settings)]
    return [*_config(settings), *hosts, *((option, f"dhcp-option={line}") for option, line in _options(settings))]


def text_for_test(settings: Settings) -> str:
    """The same as text."""
    return _text(for_test(settings))


def explain(said: str, settings: Settings, path: str) -> str:
    """What dnsmasq says to a line -> which option is wrong, and how."""
    found = re.match(r"(.*?) at line (\d+) of ", said)
    lines = for_test(settings)
    if not found or not 0 < int(found.group(2)) <= len(lines):
        return f"{path}dnsmasq refuses this configuration: {said}."
    option, line = lines[int(found.group(2)) - 1]
    field, hint = "", ""
    if option.startswith("options["):
        unknown = found.group(1) == "bad dhcp-option"
        field = ".option" if unknown else ".value"
        hint = " It knows the names that `dnsmasq --help dhcp` (IPv6: dhcp6) lists, and numbers." if unknown else ""
    return f"{path}{option or 'the configuration'}{field}: dnsmasq says '{found.group(1)}' to the line '{line}'.{hint}"


def _text(lines: t.Iterable[Line]) -> str:
    return "".join(f"{line}\n" for _option, line in lines)


def check_length(settings: Settings, path: str) -> None:
    """Refuse what dnsmasq would cut in two."""
    for option, line in for_test(settings):
        if len(line.encode()) > LONGEST_LINE:
            raise _errors.BadInput(f"{path}{option}: makes a line of {len(line.encode())} bytes; dnsmasq reads at most {LONGEST_LINE}. Split it.")


def _config(settings: Settings) -> list[Line]:
    names = settings["interfaces"]
    # dnsmasq binds to addresses as they come and go; two of them never meet on one socket.
    lines: list[Line] = [("", "bind-dynamic")]
    if "lo" not in names:
        lines.append(("", "except-interface=lo"))  # `interface` alone would add lo
    lines += [(f"interfaces[{index}]", f"interface={name}") for index, name in enumerate(names)]
    lines += _dns(settings)
    if settings["ranges"]:
        lines.append(("", "dhcp-authoritative"))  # a client with an address of another network gets a NAK, and asks anew at once
    if settings["static_only"]:
        lines.append(("static_only", "dhcp-ignore=tag:!known"))
    if settings["ra"]:
        lines.append(("ra", "enable-ra"))
    if settings["domain"]:
        lines.append(("domain", f"domain={settings['domain']}"))
    lines += [(f"ranges[{index}]", f"dhcp-range={_range(entry)}") for index, entry in enumerate(settings["ranges"])]
    return lines + [(f"extra_config[{index}]", line) for index, line in enumerate(settings["extra_config"])]


def _dns(settings: Settings) -> list[Line]:
    if not settings["dns"]:
        return [("", "port=0")]
    lines: list[Line] = [("", "no-hosts")]  # the host's own names are none of the namespace's business
    if not any(line.startswith("resolv-file") for line in settings["extra_config"]):
        lines.append(("", "no-resolv"))
    lines += [(f"servers[{index}]", f"server={server}") for index, server in enumerate(settings["servers"])]
    return lines + [
        (f"records[{index}]", f"host-record={record['name']},{address}") for index, record in enumerate(settings["records"]) for address in record["address"]
    ]


def _range(entry: _dnsmasq_values.Entry) -> str:
    """[set:TAG,]START[,END][,MODE][,NETMASK or PREFIX][,LEASE]"""
    six = ":" in entry["start"]
    parts = [f"set:{entry['set_tag']}"] if "set_tag" in entry else []
    parts.append(entry["start"])
    parts += [entry["end"]] if "end" in entry else []
    parts += [entry["mode"]] if "mode" in entry else []
    if "prefix" in entry:
        parts.append(str(entry["prefix"]) if six else str(ipaddress.IPv4Network(f"0.0.0.0/{entry['prefix']}").netmask))
    return ",".join(parts + ([entry["lease_time"]] if "lease_time" in entry else []))


def _hosts(settings: Settings) -> list[Line]:
    lines: list[Line] = []
    for index, entry in enumerate(settings["hosts"]):
        address = entry.get("address")
        parts = [entry["mac"], f"[{address}]" if address and ":" in address else address, entry.get("hostname"), entry.get("lease_time")]
        lines.append((f"hosts[{index}]", ",".join(part for part in parts if part)))
    return lines


def _options(settings: Settings) -> list[Line]:
    lines: list[Line] = []
    for index, entry in enumerate(settings["options"]):
        name = entry["option"] if entry["option"].isdigit() or entry["option"].startswith("option6:") else f"option:{entry['option']}"
        value = entry.get("value")
        values = [] if value is None else [_quoted(value)] if isinstance(value, str) else [_quoted(one, ",") for one in value]
        lines.append((f"options[{index}]", ",".join([*([f"tag:{entry['tag']}"] if "tag" in entry else []), name, *values])))
    return lines


def _quoted(value: str, also: str = "") -> str:
    """dnsmasq drops what follows white space and '#', and reads quotes and backslashes; in quotes all is text, but never an address."""
    if not re.search(r'["\\]|(^|\s)#|^\s|\s$', value) and not (also and also in value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
