# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option ``probes``, entry by entry: check it, and convert it to probes."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _probe, _probe_dns, _values

Given = t.Mapping[str, t.Any]
OPTIONS: dict[str, t.Any] = {
    "from": {"type": "str"},
    "to": {"type": "str", "required": True},
    "protocol": {"type": "str", "choices": list(_probe.PROTOCOLS), "default": _probe.PROTOCOLS[0]},
    "port": {"type": "int"},
    "expect": {"type": "str", "choices": list(_probe.EXPECTATIONS), "default": _probe.EXPECTATIONS[0]},
    "answered_by": {"type": "str"},
    "listen": {"type": "bool", "default": False},
    "listen_in": {"type": "str"},
    "listen_port": {"type": "int"},
    "size": {"type": "int"},
    "via": {"type": "str"},
    "hops": {"type": "list", "elements": "str"},
    "interface": {"type": "str"},
    "range": {"type": "str"},
    "answered_by_mac": {"type": "str"},
    "host": {"type": "str"},
    "name": {"type": "str"},
    "answers": {"type": "list", "elements": "str"},
}
# Option -> the protocols that have use for it.
MEANT_FOR = {
    "port": ("tcp", "udp", "dns"),
    "name": ("dns",),
    "answers": ("dns",),
    "listen_in": ("tcp", "udp"),
    "listen_port": ("tcp", "udp"),
    "size": ("icmp", "udp"),
    "answered_by": ("arp",),
    "answered_by_mac": ("arp", "dhcp"),
    "host": ("icmp", "tcp", "udp", "arp"),
    "via": _probe.ROUTED,
    "hops": ("icmp",),
    "interface": ("dhcp",),
    "range": ("dhcp",),
}
WHY = {
    "port": "has no ports",
    "answered_by": "does not tell who answered",
    "answered_by_mac": "does not tell who answered",
    "host": "does not reach other hosts",
}
# IPv6 with its header (40), that of ICMP or UDP (8) and our mark (20) fits.
SMALLEST = 68
MOST_HOPS = 16


def parse(params: t.Sequence[Given]) -> list[_probe.Probe]:
    """Convert the option ``probes`` to probes. Raises BadInput."""
    return [parse_one(one, f"probes[{index}]") for index, one in enumerate(params)]


def parse_one(one: Given, path: str) -> _probe.Probe:
    """Convert one entry to a probe. ``path``: the path of the entry."""
    source, protocol = one.get("from"), one["protocol"]
    if source is not None:
        _values.netns_name(source, f"{path}.from")
    literal = _address(one["to"])
    if literal is not None:
        literal = str(_values.host_address(one["to"], f"{path}.to"))
        if ipaddress.ip_address(literal).version == 6 and ipaddress.ip_address(literal).is_link_local:
            raise _errors.BadInput(
                f"{path}.to: '{literal}' is link-local, so it does not say by which link; take another address of the"
                " target."
            )
    else:
        _values.netns_name(one["to"], f"{path}.to")
    _fitting(one, path)
    _ends(one, path, literal)
    _elsewhere(one, path, literal)
    _listener(one, path, literal)
    return _probe.Probe(
        path,
        source,
        one["to"] if literal is None else None,
        literal,
        protocol,
        one.get("port") or (_probe_dns.PORT if protocol == "dns" else None),
        one["expect"] == _probe.EXPECTATIONS[0],
        one.get("answered_by"),
        bool(one.get("listen")),
        one.get("listen_in"),
        one.get("listen_port"),
        one.get("size"),
        _via(one.get("via"), f"{path}.via"),
        _hops(one.get("hops"), f"{path}.hops"),
        one.get("interface"),
        _range(one.get("range"), f"{path}.range"),
        _mac(one.get("answered_by_mac"), f"{path}.answered_by_mac"),
        one.get("host"),
        one.get("name") and _probe_dns.host_name(one["name"], f"{path}.name"),
        _answers(one.get("answers"), f"{path}.answers"),
    )


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _fitting(one: Given, path: str) -> None:
    """Check that each option belongs to the protocol, and that numbers are in range."""
    for option, protocols in MEANT_FOR.items():
        if one.get(option) is not None and one["protocol"] not in protocols:
            why = WHY.get(option, f"has no use for '{option}'")
            raise _errors.BadInput(
                f"{path}.{option}: {one['protocol']} {why}; leave it out, or set 'protocol: {' or '.join(protocols)}'."
            )
    for option in ("port", "listen_port"):
        if one.get(option) is not None:
            _values.number(one[option], f"{path}.{option}", 1, 65535)
    if one.get("size") is not None:
        _values.number(one["size"], f"{path}.size", SMALLEST, 65507)
    for option in ("answered_by", "listen_in"):
        if one.get(option) is not None:
            _values.netns_name(one[option], f"{path}.{option}")
    if one.get("interface") is not None:
        _values.link_name(one["interface"], f"{path}.interface")


def _ends(one: Given, path: str, literal: str | None) -> None:
    source, protocol = one.get("from"), one["protocol"]
    if protocol == "ethernet" and (source is None or literal is not None):
        raise _errors.BadInput(
            f"{path}.{'from' if source is None else 'to'}: an ethernet probe goes from one namespace to another, each"
            " given by its name."
        )
    if protocol == "dhcp" and literal is not None and ":" in literal:
        raise _errors.BadInput(f"{path}.to: {literal!r} is IPv6; dhcp knows IPv4 addresses only.")
    if protocol == "dns" and one.get("name") is None:
        raise _errors.BadInput(f"{path}.name: is missing; say which name the server is asked for.")
    if protocol == "dhcp" and source is None:
        raise _errors.BadInput(f"{path}.from: is missing; say which namespace has the lease.")
    if source is not None and source == one["to"]:
        raise _errors.BadInput(f"{path}.to: is where the probe comes from; name another namespace.")


def _listener(one: Given, path: str, literal: str | None) -> None:
    protocol, listen, place = one["protocol"], bool(one.get("listen")), one.get("listen_in")
    if listen and protocol not in ("tcp", "udp"):
        raise _errors.BadInput(
            f"{path}.listen: {protocol} needs no listener; leave it out, or set 'protocol: tcp or udp'."
        )
    for option in ("listen_in", "listen_port"):
        if one.get(option) is not None and not listen:
            raise _errors.BadInput(f"{path}.{option}: says where to listen, so it needs 'listen: true'.")
    if listen and literal is not None and place is None:
        raise _errors.BadInput(
            f"{path}.listen: '{literal}' does not say in which namespace to listen; name it in 'listen_in', or in 'to'."
        )
    if protocol in ("tcp", "udp") and one.get("port") is None and (literal is not None or place is not None):
        raise _errors.BadInput(
            f"{path}.port: is missing; only for a namespace's name in 'to' can a listener be opened on a free port."
        )


def _elsewhere(one: Given, path: str, literal: str | None) -> None:
    """Check a target on another host, of whose namespaces this host knows nothing."""
    if one.get("host") is None:
        return
    if literal is None:
        raise _errors.BadInput(
            f"{path}.to: '{one['to']}' is a namespace, and this host knows none of '{one['host']}'; give its address."
        )
    if one.get("listen"):
        raise _errors.BadInput(
            f"{path}.listen: opens a listener on this host; on '{one['host']}' a task with 'listeners' opens it."
        )


def _mac(value: str | None, option: str) -> str | None:
    return None if value is None else _values.mac(value, option)


def _via(value: str | None, option: str) -> str | None:
    """A gateway's address, or a link's name."""
    if value is None:
        return None
    return _address(value) or _values.link_name(value, option)


def _hops(given: t.Sequence[str] | None, option: str) -> tuple[str, ...] | None:
    if given is None:
        return None
    if len(given) > MOST_HOPS:
        raise _errors.BadInput(f"{option}: {len(given)} routers are too many; at most {MOST_HOPS} are asked.")
    return tuple(str(_values.host_address(one, f"{option}[{index}]")) for index, one in enumerate(given))


def _answers(given: t.Sequence[str] | None, option: str) -> tuple[str, ...] | None:
    """Addresses of one version, because a question is for one sort of them."""
    if given is None:
        return None
    found = [_values.host_address(one, f"{option}[{index}]") for index, one in enumerate(given)]
    if len({one.version for one in found}) != 1:
        raise _errors.BadInput(f"{option}: needs addresses of one version, IPv4 or IPv6; ask for the others, too.")
    return tuple(map(str, found))


def _range(value: str | None, option: str) -> tuple[_values.Address, _values.Address] | None:
    """Convert '10.0.0.10-10.0.0.99' or '10.0.0.0/24' to first and last address."""
    if value is None:
        return None
    first, dash, last = value.partition("-")
    try:
        if dash:
            low, high = ipaddress.IPv4Address(first.strip()), ipaddress.IPv4Address(last.strip())
        else:
            network = ipaddress.IPv4Network(value.strip())
            low, high = network[0], network[-1]
    except ValueError:
        raise _errors.BadInput(
            f"{option}: {value!r} is not a range of IPv4 addresses; write it as '10.0.0.10-10.0.0.99' or '10.0.0.0/24'."
        ) from None
    if high < low:
        raise _errors.BadInput(f"{option}: {value!r} ends before it begins; exchange the two addresses.")
    return low, high
