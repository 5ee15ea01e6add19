# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dnsmasq_in_ns: the servers that it asks and the names that it answers as a DNS server, in normal form."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import _dnsmasq_values
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values, _words

Entry = _dnsmasq_values.Entry

RECORDS: dict[str, t.Any] = {
    "name": {"type": "str", "required": True},
    "address": {"type": "raw"},
    "cname": {"type": "str"},
}
WILD = "*."
STANDARD = "#"  # for these domains, the servers that are asked for all others
_LABEL = re.compile(r"_?[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
_SERVER = re.compile(
    r"(?:/(?P<domains>(?:[^/]*/)+))?(?P<address>[^#@/%]*)(?:%(?P<link>[^#@/]+))?(?:#(?P<port>\d+))?"
    r"(?:@(?P<source>[^@#/]+))?"
)
_EXAMPLES = "'10.0.0.53', '10.0.0.53#5353', 'fe80::53%eth0', '/example.org/10.0.0.53' or '/corp/lan/#'"


def domain(value: str, option: str) -> str:
    """A name in the DNS, without the dot at its end. Unlike the name of a host, its parts may begin with '_' (RFC
    8552).
    """
    _values.text(value, option)
    name = value[:-1] if value.endswith(".") and value != "." else value
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise _errors.BadInput(
            f"{option}: {value!r} is not a domain name; take letters, digits, '-' and '_' in parts of up to 63,"
            " separated by dots."
        )
    return name


def servers(entries: list[t.Any], option: str) -> list[str]:
    """Upstream servers: [/DOMAIN/.../]ADDRESS[%LINK][#PORT][@SOURCE], or '#' for the standard ones."""
    found: list[str] = []
    for index, value in enumerate(_values.strings(entries, option)):
        here = f"{option}[{index}]"
        one = _server(_values.text(value, here), here)
        if one in found:
            raise _errors.BadInput(f"{here}: '{one}' stands in the list twice; remove one.")
        found.append(one)
    return found


def _server(value: str, option: str) -> str:
    standard = value.startswith("/") and value.endswith(f"/{STANDARD}")
    parts = _SERVER.fullmatch(value[:-1] if standard else value)
    if (
        not parts
        or not (parts["domains"] or parts["address"])
        or (not parts["address"] and (parts["link"] or parts["port"] or parts["source"]))
    ):
        raise _errors.BadInput(f"{option}: {value!r} is not a DNS server; write {_EXAMPLES}.")
    names = [_of_domain(name, option) for name in (parts["domains"] or "").split("/")[:-1]]
    address = f"{STANDARD if standard else ''}{_address(parts, option) if parts['address'] else ''}"
    return f"{''.join(f'/{name}' for name in names)}{'/' if names else ''}{address}"


def _of_domain(name: str, option: str) -> str:
    """A domain whose names a server is asked for. '' stands for names without a dot."""
    if name.startswith(WILD):
        raise _errors.BadInput(
            f"{option}: {name!r} needs no '{WILD}'; a domain means all names below it. Write '{name[len(WILD) :]}'."
        )
    return domain(name, option) if name else ""


def _address(parts: re.Match[str], option: str) -> str:
    address = _values.host_address(parts["address"], option)
    if parts["link"] and not address.is_link_local:
        raise _errors.BadInput(
            f"{option}: '{address}' is not link-local, so the link it is on is not asked for; write it without"
            f" '%{parts['link']}'."
        )
    if not parts["link"] and address.version == 6 and address.is_link_local:
        raise _errors.BadInput(f"{option}: '{address}' is link-local; say on which link, as in '{address}%eth0'.")
    link = f"%{_dnsmasq_values.interface(parts['link'], option)}" if parts["link"] else ""
    port = f"#{_values.number(int(parts['port']), option, 1, 65535)}" if parts["port"] else ""
    source = f"@{_source(parts['source'], option)}" if parts["source"] else ""
    return f"{address}{link}{port}{source}"


def _source(value: str, option: str) -> str:
    """The source of the questions: a link, or an address of the namespace."""
    return (
        str(_values.host_address(value, option))
        if re.fullmatch(r"[0-9.]+|.*:.*", value)
        else _dnsmasq_values.interface(value, option)
    )


def records(entries: list[Entry], option: str) -> list[Entry]:
    """Names that the server answers for, each with its addresses or with the name of which it is an alias."""
    found: list[Entry] = []
    for index, entry in enumerate(entries):
        here = f"{option}[{index}]"
        name = _record_name(_dnsmasq_values.need(entry.get("name"), f"{here}.name"), f"{here}.name")
        if any(each["name"].lower() == name.lower() for each in found):
            raise _errors.BadInput(
                f"{here}.name: '{name}' stands in the list twice; put all its addresses into one entry."
            )
        if entry.get("cname") is None:
            if entry.get("address") is None:
                raise _errors.BadInput(
                    f"{here}.address: is missing; say which addresses '{name}' has, or with cname which name it stands"
                    " for."
                )
            found.append({"name": name, "address": _addresses(entry["address"], f"{here}.address")})
            continue
        if entry.get("address") is not None:
            raise _errors.BadInput(
                f"{here}.cname: '{name}' has addresses, or stands for another name; give address or cname."
            )
        target = domain(entry["cname"], f"{here}.cname")
        if target.lower() == name.lower():
            raise _errors.BadInput(f"{here}.cname: '{name}' cannot stand for itself; name another one.")
        found.append({"name": name, "cname": target})
    return found


def _record_name(value: str, option: str) -> str:
    return f"{WILD}{domain(value[len(WILD) :], option)}" if value.startswith(WILD) else domain(value, option)


def _addresses(value: t.Any, option: str) -> list[str]:
    _values.refuse_converted(value, option)
    if not isinstance(value, (str, list)):
        raise _errors.BadInput(f"{option}: {_words.shown(value)} is a mapping; give an address, or a list of them.")
    addresses = _values.strings([value] if isinstance(value, str) else value, option)
    if not addresses:
        raise _errors.BadInput(f"{option}: is empty; give at least one address, or remove the entry.")
    return [str(_values.host_address(one, option)) for one in addresses]


def record_lines(record: Entry) -> list[str]:
    """The configuration lines of one record."""
    name = record["name"]
    if "cname" in record:
        return [f"cname={name},{record['cname']}"]
    # dnsmasq(8), --address: a domain and all below it.
    return [
        f"address=/{name[len(WILD) :]}/{address}" if name.startswith(WILD) else f"host-record={name},{address}"
        for address in record["address"]
    ]
