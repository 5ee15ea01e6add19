# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dnsmasq_in_ns: ranges, DHCP options, _dnsmasq_ipv6.relays and router advertisements, in normal form (dnsmasq(8))."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import _dnsmasq_values
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values

Entry = _dnsmasq_values.Entry

IPV6_MODES = ("slaac", "ra-only", "ra-names", "ra-stateless", "ra-advrouter", "off-link")
MODES = ("static", "proxy", *IPV6_MODES)
ENDLESS = ("static", "proxy", "ra-only")
LEASING = ("static", "ra-stateless")  # IPv6 modes with which dnsmasq answers DHCPv6 although there is no end
OPTION_NAME = re.compile(r"(?:(option6?):)?([A-Za-z0-9+-]+)")
VENDOR = re.compile(r"[A-Za-z0-9 ._:/+-]+")
PRIORITIES = ("high", "medium", "low")
# dnsmasq.c and radv.c bring what is beyond these to them without a word (RFC 4861, section 6.2.1).
SHORTEST_INTERVAL, LONGEST_INTERVAL, LONGEST_LIFETIME = 4, 1800, 9000  # seconds
LEAST_MTU = 1280  # RFC 8200

RANGES: dict[str, t.Any] = {
    "start": {"type": "str", "required": True},
    "end": {"type": "str"},
    "constructor": {"type": "str"},
    "prefix": {"type": "int"},
    "lease_time": {"type": "str"},
    "tag": {"type": "raw"},
    "set_tag": {"type": "str"},
    "mode": {"type": "list", "elements": "str", "choices": list(MODES)},
    "relayed": {"type": "bool"},
}
OPTIONS: dict[str, t.Any] = {
    "option": {"type": "raw", "required": True},
    "value": {"type": "raw"},
    "tag": {"type": "raw"},
    "vendor": {"type": "str"},
    "encap": {"type": "int"},
    "vi_encap": {"type": "int"},
}
RELAYS: dict[str, t.Any] = {
    "address": {"type": "str", "required": True},
    "server": {"type": "str"},
    "interface": {"type": "str"},
}
RA_PARAMS: dict[str, t.Any] = {
    "interface": {"type": "str"},
    "interval": {"type": "int"},
    "lifetime": {"type": "int"},
    "mtu": {"type": "int"},
    "priority": {"type": "str", "choices": list(PRIORITIES)},
}


def leases(entries: t.Sequence[Entry]) -> bool:
    """Whether dnsmasq does DHCP with these ranges: only then it reads the files of hosts and options (dnsmasq.c,
    clear_cache_and_reload()).
    """
    return any(":" not in entry["start"] or "end" in entry or set(modes(entry)) & set(LEASING) for entry in entries)


def modes(entry: Entry) -> list[str]:
    """The words of a range's mode."""
    return _dnsmasq_values.each(entry.get("mode"))


# --- ranges ---------------------------------------------------------------------------------------


def one_range(entry: Entry, option: str) -> Entry:
    """Check one entry of ranges, ranges[N]."""
    start = _values.address(_dnsmasq_values.need(entry.get("start"), f"{option}.start"), f"{option}.start")
    words, end, prefix, constructor = (
        _modes(entry, option),
        entry.get("end"),
        entry.get("prefix"),
        entry.get("constructor"),
    )
    _check_range_mode(start, words, end, option)
    if prefix is not None:
        low, high = (1, 31) if start.version == 4 else (64, 128)  # dnsmasq(8): an IPv6 range's prefix is at least 64
        _values.number(prefix, f"{option}.prefix", low, high)
    if constructor is not None:
        _check_constructor(start, _dnsmasq_values.interface(constructor, f"{option}.constructor"), entry, option)
    if entry.get("relayed") and prefix is None:
        raise _errors.BadInput(
            f"{option}.prefix: is missing; the network behind a relay is on no interface, so dnsmasq must be told its"
            " prefix."
        )
    stop = _end_of(start, end, prefix, option) if end is not None else None
    return _dnsmasq_values.kept(
        start=str(start),
        end=str(stop) if stop is not None else None,
        constructor=constructor,
        prefix=prefix,
        lease_time=_lease_time(entry.get("lease_time"), start, f"{option}.lease_time"),
        tag=_dnsmasq_values.several(entry.get("tag"), f"{option}.tag", _dnsmasq_values.condition),
        set_tag=None if entry.get("set_tag") is None else _dnsmasq_values.tag(entry["set_tag"], f"{option}.set_tag"),
        mode=_dnsmasq_values.folded(words),
        relayed=entry.get("relayed") or None,
    )


def _modes(entry: Entry, option: str) -> list[str]:
    words = modes(entry)
    for index, word in enumerate(words):
        if word in words[:index]:
            raise _errors.BadInput(f"{option}.mode[{index}]: '{word}' stands in the list twice; remove one.")
    return words


def _check_range_mode(start: _values.Address, words: list[str], end: t.Any, option: str) -> None:
    six = [word for word in words if word in IPV6_MODES]
    if six and start.version == 4:
        raise _errors.BadInput(
            f"{option}.mode: '{six[0]}' is for IPv6, and '{start}' is an IPv4 address; leave mode out, or take 'static'"
            " or 'proxy'."
        )
    if "proxy" in words and start.version == 6:
        raise _errors.BadInput(f"{option}.mode: 'proxy' is for IPv4, and '{start}' is an IPv6 address.")
    if start.version == 4 and len(words) > 1:
        raise _errors.BadInput(f"{option}.mode: '{words[0]}' and '{words[1]}' exclude each other; take one of them.")
    endless = [word for word in words if word in ENDLESS]
    if endless and end is not None:
        raise _errors.BadInput(
            f"{option}.end: a range of mode '{endless[0]}' has no end; remove it, and let start be the network's"
            " address."
        )
    if end is None and not words:
        raise _errors.BadInput(
            f"{option}.end: is missing; a range goes from start to end, unless its mode is static, proxy or one of"
            " router advertisements."
        )


def _check_constructor(start: _values.Address, interface: str, entry: Entry, option: str) -> None:
    if start.version == 4:
        raise _errors.BadInput(
            f"{option}.constructor: is for IPv6, and '{start}' is an IPv4 address; leave constructor out."
        )
    if int(start) >> 64:
        raise _errors.BadInput(
            f"{option}.start: '{start}' has a network of its own, which comes from '{interface}'; write the rest of the"
            " address, such as '::100', or '::'."
        )
    if entry.get("relayed"):
        raise _errors.BadInput(
            f"{option}.relayed: a network behind a relay cannot be that of '{interface}'; leave constructor or relayed"
            " out."
        )


def _lease_time(value: t.Any, start: _values.Address, option: str) -> str | None:
    if value is not None and start.version == 6 and str(value).strip().lower() == "deprecated":
        return "deprecated"
    return None if value is None else _dnsmasq_values.lease_time(value, option)


def _end_of(start: _values.Address, end: str, prefix: int | None, option: str) -> _values.Address:
    stop = _values.address(end, f"{option}.end")
    if stop.version != start.version:
        raise _errors.BadInput(
            f"{option}.end: '{stop}' is IPv{stop.version}, but start '{start}' is IPv{start.version}; both must be of"
            " one family."
        )
    if int(stop) < int(start):
        raise _errors.BadInput(f"{option}.end: '{stop}' comes before start '{start}'; swap them.")
    if prefix is not None:
        network = ipaddress.ip_network(f"{start}/{prefix}", strict=False)
        if stop not in network:
            raise _errors.BadInput(
                f"{option}.end: '{stop}' lies outside of '{network}', the network of start '{start}' with prefix"
                f" {prefix}."
            )
    return stop


def ranges(entries: list[Entry], option: str) -> list[Entry]:
    """Check all ranges. Two of them must not overlap, because dnsmasq would then hand out an address from either."""
    found: list[Entry] = []
    for index, entry in enumerate(entries):
        new = one_range(entry, f"{option}[{index}]")
        for before, old in enumerate(found):
            if _overlap(new, old):
                raise _errors.BadInput(
                    f"{option}[{index}]: '{new['start']}' to '{new.get('end', new['start'])}' overlaps with"
                    f" {option}[{before}]; separate them."
                )
        found.append(new)
    return found


def _overlap(one: Entry, two: Entry) -> bool:
    first, second = (
        [ipaddress.ip_address(each["start"]), ipaddress.ip_address(str(each.get("end", each["start"])))]
        for each in (one, two)
    )
    same = first[0].version == second[0].version and one.get("constructor") == two.get("constructor")
    return same and int(first[0]) <= int(second[1]) and int(second[0]) <= int(first[1])


def networks(entries: t.Sequence[Entry]) -> list[_values.Network] | None:
    """The networks of the ranges. None if one of them is that of an interface, which may change."""
    if not entries or any("prefix" not in entry or "constructor" in entry for entry in entries):
        return None
    return [ipaddress.ip_network(f"{entry['start']}/{entry['prefix']}", strict=False) for entry in entries]


# --- options --------------------------------------------------------------------------------------


def options(entries: list[Entry], option: str) -> list[Entry]:
    """Check all DHCP options. Each option has one value for each place and set of tags."""
    found: list[Entry] = []
    for index, entry in enumerate(entries):
        new = _one_option(entry, f"{option}[{index}]")
        same = next((old for old, each in enumerate(found) if {**each, "value": None} == {**new, "value": None}), None)
        if same is not None:
            raise _errors.BadInput(
                f"{option}[{index}].option: '{new['option']}' is also that of {option}[{same}]; put all its values into"
                " one list."
            )
        found.append(new)
    return found


def _one_option(entry: Entry, option: str) -> Entry:
    name = _option_name(_dnsmasq_values.need(entry.get("option"), f"{option}.option"), f"{option}.option")
    inside = [key for key in ("vendor", "encap", "vi_encap") if entry.get(key) is not None]
    if len(inside) > 1:
        raise _errors.BadInput(
            f"{option}.{inside[1]}: an option is in one other at most; give {inside[0]} or {inside[1]}."
        )
    if inside and not name.isdigit():
        raise _errors.BadInput(
            f"{option}.option: '{name}' is the name of an option that is in no other; inside of {inside[0]} write the"
            " number."
        )
    vendor = entry.get("vendor")
    if vendor is not None and not VENDOR.fullmatch(vendor):
        raise _errors.BadInput(
            f"{option}.vendor: {vendor!r} is not a vendor class; take letters, digits, spaces and '._:/+-', such as"
            " 'PXEClient'."
        )
    return _dnsmasq_values.kept(
        option=name,
        value=_option_value(entry.get("value"), f"{option}.value", six=name.startswith("option6:")),
        tag=_dnsmasq_values.several(entry.get("tag"), f"{option}.tag", _dnsmasq_values.condition),
        vendor=vendor,
        encap=None if entry.get("encap") is None else _values.number(entry["encap"], f"{option}.encap", 1, 254),
        vi_encap=(
            None
            if entry.get("vi_encap") is None
            else _values.number(entry["vi_encap"], f"{option}.vi_encap", 1, 2**31 - 1)
        ),
    )


def _option_name(value: t.Any, option: str) -> str:
    found = OPTION_NAME.fullmatch(str(value)) if isinstance(value, (int, str)) and not isinstance(value, bool) else None
    if not found:
        raise _errors.BadInput(
            f"{option}: {value!r} is neither a number nor a name of a DHCP option; write such as 3, 'router' or"
            " 'option6:dns-server'."
        )
    name = found.group(2)
    if name.isdigit():
        _values.number(int(name), option, 1, 254 if found.group(1) != "option6" else 65535)
        name = str(int(name))
    return f"option6:{name}" if found.group(1) == "option6" else name


def _option_value(value: t.Any, option: str, *, six: bool) -> t.Any:
    """The value of an option. A string is kept whole, and the parts of a list become the parts of the option. None:
    send it empty, or not at all.
    """
    if isinstance(value, list):
        if value == [""]:
            _values.strings(value, option)
        parts = [_scalar(one, f"{option}[{index}]") for index, one in enumerate(value)]
        return [_bracketed(one) for one in parts] if six else parts
    if value is None or value == "":
        return None
    whole = _scalar(value, option)
    return ",".join(_bracketed(one) for one in whole.split(",")) if six else whole


def _bracketed(value: str) -> str:
    """Put an IPv6 address in brackets. dnsmasq takes one without brackets for something else, and says nothing."""
    try:
        return f"[{ipaddress.IPv6Address(value.strip())}]"
    except ValueError:
        return value


def _scalar(value: t.Any, option: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise _errors.BadInput(
            f"{option}: {value!r} is neither text nor a number; quote it, or write 1 or 0 for yes or no."
        )
    if value == "":
        raise _errors.BadInput(f"{option}: is empty; remove the entry.")
    return _values.text(str(value), option)


# --- _dnsmasq_ipv6.relays and router advertisements -------------------------------------------------------------
