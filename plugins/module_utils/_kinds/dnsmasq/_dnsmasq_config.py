# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert settings to the files of dnsmasq. Equal settings give equal files, and each line knows the option from which
it came.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import (
    _dnsmasq_dhcp,
    _dnsmasq_dns,
    _dnsmasq_values,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import _daemon_ops, _errors

Settings = t.Mapping[str, t.Any]
# (option it came from, line); '' is a line of ours.
Line = tuple[str, str]

HEADER = "# Written by netloom.linux.dnsmasq_in_ns; what is changed by hand is changed back."
# dnsmasq reads lines into a buffer of MAXDNAME (1025) bytes, and takes the rest of a longer one for another line.
LONGEST_LINE = 1000
USUAL_INTERVAL = 600  # seconds between two router advertisements, as dnsmasq has it by itself


def files(name: str, settings: Settings) -> dict[str, str]:
    """The files: path -> content."""
    options = _options(settings)
    reads = _dnsmasq_dhcp.leases(settings["ranges"])
    here = [] if reads else _as_options(options)  # they are for router advertisements, and the file would not be read
    return {
        _daemon_ops.dnsmasq_file(name, "dnsmasq.conf"): _text(
            [("", HEADER), *own_lines(name), *_config(settings), *here]
        ),
        # Of its own, so that a change needs no restart: dnsmasq reads both again on SIGHUP, and drops what is no longer
        # there.
        _daemon_ops.dnsmasq_file(name, "hosts"): _text(_hosts(settings)),
        _daemon_ops.dnsmasq_file(name, "options"): _text(options if reads else []),
    }


def own_lines(name: str) -> list[Line]:
    """The lines that say where its files are. Its command line says where it logs to: the journal, or a file if there
    is no journal.
    """
    places = {"pid-file": _daemon_ops.dnsmasq_file(name, "pid"), "dhcp-leasefile": _daemon_ops.dnsmasq_leases(name)}
    places.update(
        {
            "dhcp-hostsfile": _daemon_ops.dnsmasq_file(name, "hosts"),
            "dhcp-optsfile": _daemon_ops.dnsmasq_file(name, "options"),
        }
    )
    return [("", f"{key}={value}") for key, value in places.items()]


def for_test(settings: Settings) -> list[Line]:
    """The configuration for `dnsmasq --test`, which does not read the files of hosts and options. So it contains
    them.
    """
    hosts = [(option, f"dhcp-host={line}") for option, line in _hosts(settings)]
    return [*_config(settings), *hosts, *_as_options(_options(settings))]


def _as_options(lines: t.Iterable[Line]) -> list[Line]:
    return [(option, f"dhcp-option={line}") for option, line in lines]


def text_for_test(settings: Settings) -> str:
    """The configuration for `dnsmasq --test` as text."""
    return _text(for_test(settings))


def explain(said: str, settings: Settings, path: str) -> str:
    """Explain what dnsmasq says about a line: which option is wrong, and how."""
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
    """Refuse lines that dnsmasq would cut in two."""
    for option, line in for_test(settings):
        if len(line.encode()) > LONGEST_LINE:
            raise _errors.BadInput(
                f"{path}{option}: makes a line of {len(line.encode())} bytes; dnsmasq reads at most {LONGEST_LINE}."
                " Split it."
            )


def _config(settings: Settings) -> list[Line]:
    names = settings["interfaces"]
    # dnsmasq binds to addresses as they come and go; two of them never meet on one socket.
    lines: list[Line] = [("", "bind-dynamic")]
    if "lo" not in names:
        lines.append(("", "except-interface=lo"))  # `interface` alone would add lo
    lines += [(f"interfaces[{index}]", f"interface={name}") for index, name in enumerate(names)]
    lines += _dns(settings)
    if settings["ranges"]:
        # A client with an address of another network gets a NAK, and asks again at once.
        lines.append(("", "dhcp-authoritative"))
    if settings["static_only"]:
        lines.append(("static_only", "dhcp-ignore=tag:!known"))
    if settings["ra"]:
        lines.append(("ra", "enable-ra"))
    lines += [
        (f"ra_params[{index}]", f"ra-param={_ra_param(entry)}") for index, entry in enumerate(settings["ra_params"])
    ]
    if settings["domain"]:
        lines.append(("domain", f"domain={settings['domain']}"))
    lines += [(f"ranges[{index}]", f"dhcp-range={_range(entry)}") for index, entry in enumerate(settings["ranges"])]
    lines += [(f"relays[{index}]", f"dhcp-relay={_relay(entry)}") for index, entry in enumerate(settings["relays"])]
    return lines + [(f"extra_config[{index}]", line) for index, line in enumerate(settings["extra_config"])]


def _dns(settings: Settings) -> list[Line]:
    if not settings["dns"]:
        return [("", "port=0")]
    lines: list[Line] = [("", "no-hosts")]  # the names of the host do not belong to the namespace
    if not any(line.startswith("resolv-file") for line in settings["extra_config"]):
        lines.append(("", "no-resolv"))
    lines += [(f"servers[{index}]", f"server={server}") for index, server in enumerate(settings["servers"])]
    return lines + [
        (f"records[{index}]", line)
        for index, record in enumerate(settings["records"])
        for line in _dnsmasq_dns.record_lines(record)
    ]


def _range(entry: _dnsmasq_values.Entry) -> str:
    """[tag:TAG,][set:TAG,]START[,END][,constructor:LINK][,MODE][,NETMASK or PREFIX][,LEASE]"""
    six = ":" in entry["start"]
    parts = [*_tags(entry), *([f"set:{entry['set_tag']}"] if "set_tag" in entry else []), entry["start"]]
    parts += [entry["end"]] if "end" in entry else []
    parts += [f"constructor:{entry['constructor']}"] if "constructor" in entry else []
    parts += _dnsmasq_dhcp.modes(entry)
    if "prefix" in entry:
        parts.append(str(entry["prefix"]) if six else str(ipaddress.IPv4Network(f"0.0.0.0/{entry['prefix']}").netmask))
    return ",".join(parts + ([entry["lease_time"]] if "lease_time" in entry else []))


def _relay(entry: _dnsmasq_values.Entry) -> str:
    return ",".join(entry[key] for key in ("address", "server", "interface") if key in entry)


def _ra_param(entry: _dnsmasq_values.Entry) -> str:
    """LINK[,mtu:MTU][,high or low],INTERVAL[,LIFETIME]"""
    parts = [entry.get("interface", "*")]
    parts += [f"mtu:{entry['mtu'] or 'off'}"] if "mtu" in entry else []
    parts += [entry["priority"]] if entry.get("priority", "medium") != "medium" else []
    parts.append(str(entry.get("interval", USUAL_INTERVAL)))
    return ",".join(parts + ([str(entry["lifetime"])] if "lifetime" in entry else []))


def _tags(entry: _dnsmasq_values.Entry) -> list[str]:
    return [f"tag:{one}" for one in _dnsmasq_values.each(entry.get("tag"))]


def _hosts(settings: Settings) -> list[Line]:
    return [(f"hosts[{index}]", _host(entry)) for index, entry in enumerate(settings["hosts"])]


def _host(entry: _dnsmasq_values.Entry) -> str:
    """MAC,...,id:CLIENT,set:TAG,...,tag:TAG,...,ADDRESS,NAME,LEASE,ignore"""
    address = entry.get("address")
    parts = [
        *_dnsmasq_values.each(entry.get("mac")),
        f"id:{_quoted(entry['client_id'], ',')}" if "client_id" in entry else None,
        *(f"set:{one}" for one in _dnsmasq_values.each(entry.get("set_tag"))),
        *_tags(entry),
        f"[{address}]" if address and ":" in address else address,
        entry.get("hostname"),
        entry.get("lease_time"),
        "ignore" if entry.get("ignore") else None,
    ]
    return ",".join(part for part in parts if part)


def _options(settings: Settings) -> list[Line]:
    return [(f"options[{index}]", _option(entry)) for index, entry in enumerate(settings["options"])]


def _option(entry: _dnsmasq_values.Entry) -> str:
    """[tag:TAG,][vendor:CLASS, or encap:OPTION, or vi-encap:ENTERPRISE,]OPTION[,VALUE]"""
    inside = [f"{key.replace('_', '-')}:{entry[key]}" for key in ("vendor", "encap", "vi_encap") if key in entry]
    name = (
        entry["option"]
        if entry["option"].isdigit() or entry["option"].startswith("option6:")
        else f"option:{entry['option']}"
    )
    value = entry.get("value")
    values = (
        [] if value is None else [_quoted(value)] if isinstance(value, str) else [_quoted(one, ",") for one in value]
    )
    return ",".join([*_tags(entry), *inside, name, *values])


def _quoted(value: str, also: str = "") -> str:
    """A quoted value. dnsmasq drops what follows white space and '#', and reads quotes and backslashes; in quotes all
    is text, but never an address.
    """
    if not re.search(r'["\\]|(^|\s)#|^\s|\s$', value) and not (also and also in value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
