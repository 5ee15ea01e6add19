# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of DHCP as OVN writes them (ovn-nb(5), DHCP_Options; the words stand in its southbound database).

All options of a network are one action of OVN. A word that it does not know, or a value of another form, and each
chassis drops the whole action: nobody on the network gets an answer, and nothing says so but a log.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values, _words

ADDRESSES, NUMBER, BOOL, STRING, HOST, ROUTES, MAC = "addresses", "number", "bool", "string", "host", "routes", "MAC"
V4: dict[str, str] = {
    **dict.fromkeys(
        (
            "broadcast_address", "dns_server", "log_server", "lpr_server", "netbios_name_server", "netmask",
            "next_server", "nis_server", "ntp_server", "policy_filter", "router", "router_solicitation", "server_id",
            "swap_server", "tftp_server_address",
        ),
        ADDRESSES,
    ),
    **dict.fromkeys(
        (
            "T1", "T2", "arp_cache_timeout", "default_ttl", "lease_time", "mtu", "netbios_node_type",
            "tcp_keepalive_interval", "tcp_ttl",
        ),
        NUMBER,
    ),
    **dict.fromkeys(("ethernet_encap", "ip_forward_enable", "router_discovery"), BOOL),
    **dict.fromkeys(
        (
            "bootfile_name", "bootfile_name_alt", "domain_name", "domain_search_list", "hostname", "path_prefix",
            "wpad",
        ),
        STRING,
    ),
    "classless_static_route": ROUTES,
    "ms_classless_static_route": ROUTES,
    "server_mac": MAC,
    "tftp_server": HOST,
}  # fmt: skip
V6: dict[str, str] = {
    **dict.fromkeys(("bootfile_name", "bootfile_name_alt", "domain_search", "fqdn"), STRING),
    "dhcpv6_stateless": BOOL,
    "dns_server": ADDRESSES,
    "server_id": MAC,
}
# The least and the most that the options hold which are numbers: OVN cuts off what is above (RFC 2132).
OCTET, LONG = (0, 255), (0, 2**32 - 1)
RANGES = {
    "default_ttl": OCTET,
    "lease_time": (1, LONG[1]),
    "mtu": (68, 65535),
    "netbios_node_type": OCTET,
    "tcp_ttl": OCTET,
}
NEEDED = {4: ("server_id", "server_mac", "lease_time"), 6: ("server_id",)}


def read(options: t.Mapping[str, str], version: int) -> dict[str, str]:
    """The options in the form that OVN reads: texts in quotes, several addresses in braces. Others stay as they are."""
    known = V4 if version == 4 else V6
    return {key: _as_ovn_reads(value.strip(), known.get(key, ""), version) for key, value in options.items()}


def refuse_lacking(options: t.Mapping[str, str], version: int, path: str) -> None:
    """Refuse options without which OVN never answers."""
    lacking = [name for name in NEEDED[version] if not options.get(name)]
    if lacking:
        raise _errors.BadInput(
            f"{path}: lack {', '.join(lacking)}; without {'it' if len(lacking) == 1 else 'them'} OVN answers no request"
            f" for an address of IPv{version}."
        )


def unknown(options: t.Mapping[str, str], version: int, path: str) -> list[str]:
    """Sentences about words that OVN does not know, as far as we know. Refuses those that are nearly one it knows."""
    known = V4 if version == 4 else V6
    told = []
    for key in options:
        if key not in known:
            near = _words.nearest(key, known)
            if near is not None:
                raise _errors.BadInput(
                    f"{path}.{key}: OVN has no such option for IPv{version}, and would answer nobody; did you mean"
                    f" '{near}'?"
                )
            told.append(
                f"{path}.{key}: no option of OVN for IPv{version} that netloom knows. If the OVN of the chassis does"
                " not know it either, it answers nobody on this network."
            )
    return told


def refuse_malformed(options: t.Mapping[str, str], version: int, path: str) -> None:
    """Refuse values that OVN could not read."""
    known = V4 if version == 4 else V6
    for key, value in options.items():
        kind, here = known.get(key, ""), f"{path}.{key}"
        if value.startswith('"') and not re.fullmatch(r'"[^"\\]*"', value):
            raise _errors.BadInput(
                f"{here}: {value} has a quotation mark or a backslash inside, which OVN takes as the end of a text."
            )
        if kind == NUMBER and not re.fullmatch("[0-9]{1,10}", value):
            raise _errors.BadInput(f"{here}: {value!r} is not a whole number, as OVN needs it here.")
        if kind == NUMBER:
            _values.number(int(value), here, *RANGES.get(key, LONG))
        if kind == BOOL and value not in ("0", "1", "false", "true"):
            raise _errors.BadInput(f"{here}: {value!r} is neither true nor false.")
        if kind == MAC:
            _values.mac(value, here)
        if kind in (ADDRESSES, ROUTES) and value.startswith("{") != value.endswith("}"):
            raise _errors.BadInput(f"{here}: {value!r} has one brace without the other; write both, or none.")
        if kind == ADDRESSES and not value.startswith("$"):
            for one in value.strip("{}").split(","):
                if _values.address(one, here).version != version:
                    raise _errors.BadInput(f"{here}: {one.strip()} is not of IPv{version}, as the network is.")
        if kind == ROUTES:
            _refuse_no_routes(value, here)
        if key == "server_id" and kind == ADDRESSES:
            _values.host_address(value.strip("{}"), here)


def _refuse_no_routes(value: str, path: str) -> None:
    """Refuse what are not networks with the next router behind each."""
    terms = [one.strip() for one in value.strip("{}").split(",")]
    if len(terms) % 2:
        raise _errors.BadInput(
            f"{path}: {value!r} are no routes; write each network with its next router, as in '30.0.0.0/24,10.0.0.1'."
        )
    for network, router in zip(terms[::2], terms[1::2]):
        _values.network(network, path)
        _values.host_address(router, path)


def _as_ovn_reads(value: str, kind: str, version: int) -> str:
    if kind == HOST:
        kind = ADDRESSES if re.fullmatch("[0-9.]+", value) else STRING
    if kind == STRING and not value.startswith('"'):
        return f'"{value}"'
    if kind == MAC:
        return value.lower().replace("-", ":")
    if kind == BOOL and version == 4:
        return {"true": "1", "false": "0"}.get(value.lower(), value)
    if kind in (ADDRESSES, ROUTES) and "," in value and not value.startswith("{"):
        return f"{{{', '.join(one.strip() for one in value.split(','))}}}"
    return value
