# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The border: every value a user types is checked and brought into its one normal form here.

Every function takes the value and the option's path as the user wrote it (``peer.addresses[0]``)
and returns the normal form, or raises BadInput with a sentence that names option, value and remedy.
Normal forms are fixed points: normalising twice changes nothing.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _rule, _words

Address = t.Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
Interface = t.Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]

# IFNAMSIZ of linux/if.h is 16 with the closing NUL.
LINK_NAME_BYTES = 15
# NAME_MAX of linux/limits.h: a namespace's name is a file below /run/netns.
NETNS_NAME_BYTES = 255
# ALTIFNAMSIZ of linux/if.h is 128 with the closing NUL.
ALTNAME_BYTES = 127

_MAC = re.compile(r"[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")  # what Python makes of bytes that it cannot decode


def text(value: str, option: str) -> str:
    """A value for one line of a file or for a sysctl: no control characters."""
    found = _CONTROL.search(value)
    if found:
        raise _errors.BadInput(
            f"{option}: {value!r} contains"
            f" {'a line break' if found.group() in chr(10) + chr(13) else 'a control character'}; one line of printable"
            " text is expected."
        )
    if not value.isascii() and _SURROGATE.search(value):
        raise _errors.BadInput(f"{option}: {value!r} contains bytes that are not UTF-8; write it in UTF-8.")
    return value


def is_text(value: str) -> bool:
    """Whether `text` takes the value."""
    return not _CONTROL.search(value) and not _SURROGATE.search(value)


def link_name(value: str, option: str) -> str:
    """A name for a network link (dev_valid_name() in the kernel's net/core/dev.c)."""
    return long_name(value, option, LINK_NAME_BYTES, "the kernel", "a link's name")


def long_name(value: str, option: str, most: int, whose: str, what: str) -> str:
    """A link's name with another length limit, for names beside those of links, such as that of an Open vSwitch port
    without one.
    """
    if not value:
        raise _errors.BadInput(f"{option}: is empty; give the link a name such as 'veth0'.")
    if value in (".", "..") or re.search(r"[/:%\s]", value):  # of '%d' the kernel makes a number
        raise _errors.BadInput(
            f"{option}: {value!r} is not a link name; it must not be '.' or '..', nor contain '/', ':', '%' or white"
            " space."
        )
    if value in ("all", "default"):
        raise _errors.BadInput(
            f"{option}: {value!r} is not a link name; the kernel keeps it for the sysctls of all links. Choose another"
            " one."
        )
    text(value, option)
    if len(value.encode()) > most:
        raise _errors.BadInput(
            f"{option}: {value!r} has {len(value.encode())} bytes; {whose} takes at most {most} for {what}."
        )
    return value


def altname(value: str, option: str) -> str:
    """An alternative name of a link (check_altifname() in iproute2's lib/utils.c)."""
    if not value:
        raise _errors.BadInput(f"{option}: is empty; give a name such as 'lan'.")
    if value in (".", "..") or re.search(r"[/\s]", value):
        raise _errors.BadInput(
            f"{option}: {value!r} is not a link name; it must not be '.' or '..', nor contain '/' or white space."
        )
    text(value, option)
    if len(value.encode()) > ALTNAME_BYTES:
        raise _errors.BadInput(
            f"{option}: {value[:20]!r}... has {len(value.encode())} bytes; the kernel takes at most {ALTNAME_BYTES}."
        )
    return value


def netns_name(value: str, option: str) -> str:
    """A name for a network namespace: one file name below /run/netns."""
    if not value:
        raise _errors.BadInput(f"{option}: is empty; give the namespace a name such as 'red'.")
    if value in (".", "..") or "/" in value or re.search(r"\s", value):
        raise _errors.BadInput(
            f"{option}: {value!r} is not a namespace name; it must not be '.' or '..', nor contain '/' or white space."
        )
    text(value, option)
    if len(value.encode()) > NETNS_NAME_BYTES:
        raise _errors.BadInput(
            f"{option}: {value[:20]!r}... has {len(value.encode())} bytes; a namespace's name has at most"
            f" {NETNS_NAME_BYTES}."
        )
    return value


def object_name(value: str, option: str) -> str:
    """The name of one of our own objects (a DHCP server, a topology). It becomes a file name, so it is kept plain."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}", value):
        raise _errors.BadInput(
            f"{option}: {value!r} is not a usable name; take 1 to 64 letters, digits and '_', '.', '@', '-', beginning"
            " with a letter, a digit or '_'."
        )
    return value


def mac(value: str, option: str) -> str:
    """A unicast Ethernet address as aa:bb:cc:dd:ee:ff in lower case."""
    lowered = value.strip().lower()
    if re.fullmatch(r"\d+", lowered):
        raise _errors.BadInput(
            f"{option}: YAML read this MAC address as the number {value}; quote it, as in '52:54:00:12:34:56'."
        )
    if not _MAC.fullmatch(lowered):
        raise _errors.BadInput(f"{option}: {value!r} is not a MAC address; write it as '52:54:00:12:34:56'.")
    lowered = lowered.replace("-", ":")
    if int(lowered[:2], 16) & 1:
        raise _errors.BadInput(
            f"{option}: {value!r} is a multicast MAC address; a link needs a unicast one (the first byte is even), such"
            " as '02:00:00:00:00:01'."
        )
    if lowered == "00:00:00:00:00:00":
        raise _errors.BadInput(
            f"{option}: {value!r} is not an address a link can have; take one such as '02:00:00:00:00:01'."
        )
    return lowered


def address(value: str, option: str) -> Address:
    """A single IP address without a prefix length."""
    try:
        found = ipaddress.ip_address(value.strip())
    except ValueError:
        hint = " without a prefix length" if "/" in value else ""
        raise _errors.BadInput(
            f"{option}: {value!r} is not an IP address; write it as '10.0.0.1' or 'fd00::1'{hint}."
        ) from None
    bare, zoned, _zone = str(found).partition("%")
    if zoned:
        raise _errors.BadInput(
            f"{option}: {value!r} names a link after the address; write '{bare}', the link is told by an option of its"
            " own."
        )
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped:
        raise _errors.BadInput(
            f"{option}: {value!r} is an IPv4 address written as an IPv6 one, which no link can have; write '{mapped}'."
        )
    return found


def host_address(value: str, option: str) -> Address:
    """A single IP address that a host can have: neither multicast nor unspecified."""
    found = address(value, option)
    if found.is_multicast or found.is_unspecified or str(found) == "255.255.255.255":
        raise _errors.BadInput(f"{option}: {value!r} is not an address of a host; write one such as '10.0.0.1'.")
    return found


def interface(value: str, option: str) -> str:
    """An address of a link with its prefix length, as '10.0.0.1/24'. A network's own address is legal."""
    written = value.strip()
    if "/" not in written:
        address(written, option)
        raise _errors.BadInput(
            f"{option}: {value!r} has no prefix length; did you mean '{written}/{'64' if ':' in written else '24'}'?"
        )
    bare, prefix = written.split("/", 1)
    try:
        parsed = ipaddress.ip_interface(written)
    except ValueError:
        raise _errors.BadInput(
            f"{option}: {value!r} is not an address with a prefix length; write it as '10.0.0.1/24' or 'fd00::1/64'."
        ) from None
    if not prefix.isdigit():
        raise _errors.BadInput(
            f"{option}: {value!r} has a netmask; write the prefix length, as in '{parsed.with_prefixlen}'."
        )
    host_address(bare, option)
    return parsed.with_prefixlen


def interfaces(values: t.Sequence[str], option: str) -> tuple[str, ...]:
    """A list of a link's addresses; each once."""
    found: list[str] = []
    for index, value in enumerate(strings(values, option)):
        one = interface(value, f"{option}[{index}]")
        if one in found:
            raise _errors.BadInput(f"{option}[{index}]: '{one}' stands in the list twice; remove one.")
        found.append(one)
    return tuple(found)


def routing_table(value: str, option: str) -> int:
    """A routing table by its number, or by a name that every host knows. The host's own names are numbers by now
    (_host/netlink/_rt_tables.py).
    """
    if value in _rule.TABLES:
        return _rule.TABLES[value]
    if not re.fullmatch("[0-9]+", value):
        raise _errors.BadInput(
            f"{option}: {value!r} is not a routing table; name 'main', 'default', 'local', one that the host's"
            " /etc/iproute2/rt_tables has, or a number."
        )
    return number(int(value), option, 1, 2**32 - 1)


def network(value: str, option: str) -> Network:
    """A network without host bits, as '10.0.0.0/24'; a bare address means that one host."""
    written = value.strip()
    try:
        found = ipaddress.ip_network(written)
    except ValueError:
        pass
    else:
        if found.num_addresses == 1:
            address(written.partition("/")[0], option)  # as strict as where an address is asked for
        return found
    try:
        meant = ipaddress.ip_network(written, strict=False)
    except ValueError:
        raise _errors.BadInput(
            f"{option}: {value!r} is not a network; write it as '10.0.0.0/24' or 'fd00::/64'."
        ) from None
    raise _errors.BadInput(f"{option}: {value!r} has host bits set; did you mean '{meant}'?")


def number(value: int, option: str, low: int, high: int, unit: str = "") -> int:
    """A whole number within its range."""
    if not low <= value <= high:
        raise _errors.BadInput(
            f"{option}: {value} is out of range; it must lie between {low} and {high}{' ' + unit if unit else ''}."
        )
    return value


def mtu(value: int, option: str) -> int:
    """An MTU in bytes: 68 is the least for IPv4 (RFC 791), 65535 the most a virtual link takes."""
    return number(value, option, 68, 65535, "bytes")


def vlan(value: int, option: str) -> int:
    """A VLAN number (IEEE 802.1Q): 0 to 4095 exist, 4095 is reserved."""
    if not 0 <= value <= 4094:
        raise _errors.BadInput(
            f"{option}: {value} is not a VLAN; the numbers are 1 to 4094 (and 0 for priority-tagged frames)."
        )
    return value


def is_template(value: t.Any) -> bool:
    """Whether a value is a template that nobody has evaluated yet. ansible-lint gives such values to a module."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def refuse_empty_template(values: t.Sequence[t.Any], option: str) -> None:
    """Refuse [''], which an empty template leaves behind."""
    if list(values) == [""]:
        raise _errors.BadInput(
            f"{option}: is a list of one empty string, as an empty template makes it; use `| default(omit)` to leave"
            " the option out, or [] to empty it."
        )


def refuse_converted(value: t.Any, option: str) -> None:
    """Refuse text that YAML has converted. The original text is lost, so it cannot be proposed."""
    if isinstance(value, (bool, int, float)):
        was = f"the truth value {str(value).lower()}" if isinstance(value, bool) else f"the number {value}"
        raise _errors.BadInput(
            f"{option}: YAML read this as {was}; quote it, so that it stays the text that was written."
        )


def refuse_nested(value: t.Any, option: str) -> None:
    """Refuse a list or a mapping in place of a string."""
    if isinstance(value, (list, tuple, dict)):
        raise _errors.BadInput(
            f"{option}: {_words.shown(value)} is a {'mapping' if isinstance(value, dict) else 'list'}; one string is"
            " expected."
        )


def strings(values: t.Sequence[t.Any], option: str) -> list[str]:
    """A list of non-empty strings."""
    refuse_empty_template(values, option)
    for index, value in enumerate(values):
        here = f"{option}[{index}]"
        refuse_converted(value, here)
        refuse_nested(value, here)
        if not isinstance(value, str):
            raise _errors.BadInput(f"{here}: {_words.shown(value)} is not a string; give one.")
        if not value.strip():
            raise _errors.BadInput(f"{option}[{index}]: is empty; remove the entry.")
    return list(values)


def scalar(value: t.Any) -> str:
    """The stored text of a sysctl's or an OVS column's value: white space folded, bools as 1 and 0."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return " ".join(str(value).split())
