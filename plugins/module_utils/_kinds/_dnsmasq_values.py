# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of dnsmasq_in_ns into their normal form: plain lists and dictionaries, as the record keeps them (dnsmasq(8))."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values

Entry = dict[str, t.Any]

IPV6_MODES = ("slaac", "ra-only", "ra-names", "ra-stateless")
MODES = ("static", "proxy", *IPV6_MODES)
UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
SHORTEST_LEASE = 120  # seconds; dnsmasq raises anything shorter to this, without a word
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
TAG = re.compile(r"[A-Za-z0-9_.-]+")
OPTION_NAME = re.compile(r"(?:(option6?):)?([A-Za-z0-9+-]+)")
# Lines that would take the daemon's files, its process or its test out of our hands.
OURS = (
    *("conf-file", "conf-dir", "servers-file", "pid-file", "log-facility", "dhcp-leasefile", "leasefile-ro"),
    *("dhcp-hostsfile", "dhcp-optsfile", "dhcp-hostsdir", "dhcp-optsdir", "no-daemon", "keep-in-foreground", "test"),
    *("bind-dynamic", "bind-interfaces", "interface", "except-interface", "port"),
)


def hostname(value: str, option: str) -> str:
    """A host's name, with or without a domain (RFC 1123)."""
    _values.text(value, option)
    if len(value) > 253 or not all(LABEL.fullmatch(label) for label in value.split(".")):
        raise _errors.BadInput(f"{option}: {value!r} is not a host name; take letters, digits and '-' in parts of up to 63, separated by dots, such as 'web1'.")
    return value


def lease_time(value: t.Any, option: str) -> str:
    """Seconds, a number with a unit, or infinite -> the number with the largest unit that fits, so that 60m and 1h are one."""
    written = str(value).strip().lower()
    _values.text(str(value), option)
    if written == "infinite":
        return written
    found = re.fullmatch(r"(\d{1,10})([wdhms]?)", written)
    if not found:
        raise _errors.BadInput(f"{option}: {value!r} is not a lease time; write seconds, or a number with m, h, d or w such as '1h', or 'infinite'.")
    seconds = int(found.group(1)) * UNITS[found.group(2) or "s"]
    if not SHORTEST_LEASE <= seconds < 2**32 - 1:
        raise _errors.BadInput(f"{option}: {value!r} is out of range; the shortest lease is 2m, and for one without an end write 'infinite'.")
    unit = next(unit for unit, size in UNITS.items() if seconds % size == 0)
    return f"{seconds // UNITS[unit]}{'' if unit == 's' else unit}"


def tag(value: str, option: str, negated: bool = False) -> str:
    """A tag; where one is asked for, '!' in front means: without it."""
    bare = value[1:] if negated and value.startswith("!") else value
    if not TAG.fullmatch(bare):
        raise _errors.BadInput(f"{option}: {value!r} is not a tag; take letters, digits, '_', '.' and '-'.")
    return value


def interface(value: str, option: str) -> str:
    """A link's name that dnsmasq can be told: it reads ',', '*', quotes, '#' and a backslash as its own."""
    _values.link_name(value, option)
    if not re.fullmatch(r"[A-Za-z0-9_.@+=~-]+", value):
        raise _errors.BadInput(f"{option}: {value!r} cannot be named to dnsmasq; it takes letters, digits and '_.@+=~-' only. Rename the link.")
    return value


def need(value: t.Any, option: str) -> t.Any:
    """A required value. Ansible lets an explicit null pass for one."""
    if value is None:
        raise _errors.BadInput(f"{option}: is required; null is no value.")
    return value


def _kept(**values: t.Any) -> Entry:
    return {key: value for key, value in values.items() if value is not None}


# --- DHCP -----------------------------------------------------------------------------------------


def one_range(entry: Entry, option: str) -> Entry:
    """ranges[N]"""
    start = _values.address(need(entry.get("start"), f"{option}.start"), f"{option}.start")
    mode, end, prefix = entry.get("mode"), entry.get("end"), entry.get("prefix")
    _check_range_mode(start, mode, end, option)
    if prefix is not None:
        low, high = (1, 31) if start.version == 4 else (64, 128)  # dnsmasq(8): an IPv6 range's prefix is at least 64
        _values.number(prefix, f"{option}.prefix", low, high)
    stop = _end_of(start, end, prefix, option) if end is not None else None
    return _kept(
        start=str(start),
        end=str(stop) if stop is not None else None,
        prefix=prefix,
        lease_time=None if entry.get("lease_time") is None else lease_time(entry["lease_time"], f"{option}.lease_time"),
        set_tag=None if entry.get("set_tag") is None else tag(entry["set_tag"], f"{option}.set_tag"),
        mode=mode,
    )


def _check_range_mode(start: _values.Address, mode: str | None, end: t.Any, option: str) -> None:
    if mode in IPV6_MODES and start.version == 4:
        raise _errors.BadInput(f"{option}.mode: '{mode}' is for IPv6, and '{start}' is an IPv4 address; leave mode out, or take 'static' or 'proxy'.")
    if mode == "proxy" and start.version == 6:
        raise _errors.BadInput(f"{option}.mode: 'proxy' is for IPv4, and '{start}' is an IPv6 address.")
    if mode in ("static", "proxy", "ra-only") and end is not None:
        raise _errors.BadInput(f"{option}.end: a range of mode '{mode}' has no end; remove it, and let start be the network's address.")
    if end is None and mode is None:
        raise _errors.BadInput(f"{option}.end: is missing; a range goes from start to end, unless its mode is static, proxy or one of router advertisements.")


def _end_of(start: _values.Address, end: str, prefix: int | None, option: str) -> _values.Address:
    stop = _values.address(end, f"{option}.end")
    if stop.version != start.version:
        raise _errors.BadInput(f"{option}.end: '{stop}' is IPv{stop.version}, but start '{start}' is IPv{start.version}; both must be of one family.")
    if int(stop) < int(start):
        raise _errors.BadInput(f"{option}.end: '{stop}' comes before start '{start}'; swap them.")
    if prefix is not None:
        network = ipaddress.ip_network(f"{start}/{prefix}", strict=False)
        if stop not in network:
            raise _errors.BadInput(f"{option}.end: '{stop}' lies outside of '{network}', the network of start '{start}' with prefix {prefix}.")
    return stop


def ranges(entries: list[Entry], option: str) -> list[Entry]:
    """All ranges; two must not overlap, or dnsmasq would hand out an address from either."""
    found: list[Entry] = []
    for index, entry in enumerate(entries):
        new = one_range(entry, f"{option}[{index}]")
        for before, old in enumerate(found):
            if _overlap(new, old):
                raise _errors.BadInput(
                    f"{option}[{index}]: '{new['start']}' to '{new.get('end', new['start'])}' overlaps with {option}[{before}]; separate them."
                )
        found.append(new)
    return found


def _overlap(one: Entry, two: Entry) -> bool:
    first, second = ([ipaddress.ip_address(each["start"]), ipaddress.ip_address(str(each.get("end", each["start"])))] for each in (one, two))
    return first[0].version == second[0].version and int(first[0]) <= int(second[1]) and int(second[0]) <= int(first[1])


def hosts(entries: list[Entry], option: str) -> list[Entry]:
    """All reservations; one for each MAC address, address and name in each family."""
    found: list[Entry] = []
    seen: dict[tuple[t.Any, ...], int] = {}
    for index, entry in enumerate(entries):
        here = f"{option}[{index}]"
        address = None if entry.get("address") is None else _values.host_address(entry["address"], f"{here}.address")
        name = None if entry.get("hostname") is None else _host_name(entry["hostname"], f"{here}.hostname")
        mac = _values.mac(need(entry.get("mac"), f"{here}.mac"), f"{here}.mac")
        family = address.version if address is not None else 4
        keys: dict[tuple[t.Any, ...], str] = {("mac", mac, family): f"{here}.mac: '{mac}'"}
        if address is not None:
            keys[("address", address)] = f"{here}.address: '{address}'"
        if name is not None:
            keys[("hostname", name.lower(), family)] = f"{here}.hostname: '{name}'"
        for key, said in keys.items():
            if key in seen:
                raise _errors.BadInput(f"{said} is also that of {option}[{seen[key]}]; remove one.")
            seen[key] = index
        time = None if entry.get("lease_time") is None else lease_time(entry["lease_time"], f"{here}.lease_time")
        found.append(_kept(mac=mac, address=str(address) if address is not None else None, hostname=name, lease_time=time))
    return found


def _host_name(value: str, option: str) -> str:
    """dnsmasq tells a reservation's parts apart by their looks."""
    if re.fullmatch(r"\d+[wdhms]?|infinite|ignore", value, re.IGNORECASE):
        raise _errors.BadInput(f"{option}: {value!r} would be read by dnsmasq as a lease time or as 'ignore'; choose a name that begins with a letter.")
    return hostname(value, option)


def options(entries: list[Entry], option: str) -> list[Entry]:
    """All DHCP options; one value for each option and tag."""
    found: list[Entry] = []
    for index, entry in enumerate(entries):
        here = f"{option}[{index}]"
        new = _kept(
            option=_option_name(need(entry.get("option"), f"{here}.option"), f"{here}.option"),
            value=_option_value(entry.get("value"), f"{here}.value"),
            tag=None if entry.get("tag") is None else tag(entry["tag"], f"{here}.tag", negated=True),
        )
        same = next((old for old, each in enumerate(found) if (each["option"], each.get("tag")) == (new["option"], new.get("tag"))), None)
        if same is not None:
            raise _errors.BadInput(f"{here}.option: '{new['option']}' is also that of {option}[{same}]; put all its values into one list.")
        found.append(new)
    return found


def _option_name(value: t.Any, option: str) -> str:
    found = OPTION_NAME.fullmatch(str(value)) if isinstance(value, (int, str)) and not isinstance(value, bool) else None
    if not found:
        raise _errors.BadInput(f"{option}: {value!r} is neither a number nor a name of a DHCP option; write such as 3, 'router' or 'option6:dns-server'.")
    name = found.group(2)
    if name.isdigit():
        _values.number(int(name), option, 1, 254 if found.group(1) != "option6" else 65535)
        name = str(int(name))
    return f"option6:{name}" if found.group(1) == "option6" else name


def _option_value(value: t.Any, option: str) -> t.Any:
    """A string is kept whole; the parts of a list become the parts of the option. None: the option is sent without a value, or not at all."""
    if isinstance(value, list):
        if value == [""]:
            _values.strings(value, option)
        return [_scalar(one, f"{option}[{index}]") for index, one in enumerate(value)]
    return None if value is None or value == "" else _scalar(value, option)


def _scalar(value: t.Any, option: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise _errors.BadInput(f"{option}: {value!r} is neither text nor a number; quote it, or write 1 or 0 for yes or no.")
    if value == "":
        raise _errors.BadInput(f"{option}: is empty; remove the entry.")
    return _values.text(str(value), option)


# --- DNS ------------------------------------------------------------------------------------------


def servers(entries: list[t.Any], option: str) -> list[str]:
    """Upstream servers: ADDRESS, ADDRESS#PORT, /DOMAIN/ADDRESS."""
    found: list[str] = []
    for index, value in enumerate(_values.strings(entries, option)):
        here = f"{option}[{index}]"
        parts = re.fullmatch(r"(?:/([^/]+)/)?([^#/]*)(?:#(\d+))?", _values.text(value, here))
        if not parts or not (parts.group(1) or parts.group(2)):
            raise _errors.BadInput(f"{here}: {value!r} is not a DNS server; write '10.0.0.53', '10.0.0.53#5353' or '/example.org/10.0.0.53'.")
        if parts.group(1):
            hostname(parts.group(1), here)
        address = str(_values.host_address(parts.group(2), here)) if parts.group(2) else ""
        port = _values.number(int(parts.group(3)), here, 1, 65535) if parts.group(3) else None
        one = f"{f'/{parts.group(1)}/' if parts.group(1) else ''}{address}{f'#{port}' if port else ''}"
        if one in found:
            raise _errors.BadInput(f"{here}: '{one}' stands in the list twice; remove one.")
        found.append(one)
    return found


def records(entries: list[Entry], option: str) -> list[Entry]:
    """Names that it answers for, each with its addresses."""
    found: list[Entry] = []
    for index, entry in enumerate(entries):
        here = f"{option}[{index}]"
        name = hostname(need(entry.get("name"), f"{here}.name"), f"{here}.name")
        if any(each["name"].lower() == name.lower() for each in found):
            raise _errors.BadInput(f"{here}.name: '{name}' stands in the list twice; put all its addresses into one entry.")
        value = need(entry.get("address"), f"{here}.address")
        if not isinstance(value, (str, list)):
            raise _errors.BadInput(f"{here}.address: {value!r} was not read as a string; quote it.")
        addresses = _values.strings([value] if isinstance(value, str) else value, f"{here}.address")
        if not addresses:
            raise _errors.BadInput(f"{here}.address: is empty; give at least one address, or remove the entry.")
        found.append({"name": name, "address": [str(_values.host_address(one, f"{here}.address")) for one in addresses]})
    return found


def extra_config(value: t.Any, option: str) -> list[str]:
    """Raw lines. A bare string is refused: Ansible would cut it at its commas."""
    if not isinstance(value, list):
        raise _errors.BadInput(f"{option}: {value!r} is not a list; write each line of configuration as an item of its own.")
    lines = _values.strings(value, option) if value else []
    for index, line in enumerate(lines):
        _values.text(line, f"{option}[{index}]")
        word = line.strip().split("=")[0].strip()
        if word in OURS:
            raise _errors.BadInput(f"{option}[{index}]: {line!r} would change what the module itself decides; remove it.")
    return [line.strip() for line in lines]
