# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries of netns_nat's lists in normal form, read from what a user typed."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _plan, _snapshot, _values

EVERYTHING = ("0.0.0.0/0", "::/0")
ALL = "all"  # protocols
LONGEST_LINK = 15  # bytes of a link's name


def family_of(*values: str | None) -> int | None:
    """4 or 6, from the first address or network among the values. None: both."""
    for value in values:
        if value and is_network(value):
            return 6 if ":" in value else 4
    return None


def is_network(value: str) -> bool:
    """Whether the value is an address or a network. Otherwise it is a link's name, which has neither '/' nor ':', and
    may be a number, such as that of its VLAN.
    """
    return "/" in value or ":" in value or bool(re.fullmatch(r"[0-9]*\.[0-9.]*", value))


def _out(link: str | None) -> str:
    return f" out of {link}" if link else ""


@dataclasses.dataclass(frozen=True)
class Masquerade:
    """An entry of masquerade: packets of these sources leave with the address of the outgoing link."""

    source: str | None = None
    out_interface: str | None = None

    def text(self) -> str:
        """The entry in sentences."""
        return f"masquerade {self.source or 'everything'}{_out(self.out_interface)}"

    @property
    def family(self) -> int | None:
        """4, 6, or None for both."""
        return family_of(self.source)


@dataclasses.dataclass(frozen=True)
class SourceNat:
    """An entry of source_nat: packets of these sources leave with this address."""

    source: str | None
    out_interface: str | None
    to: str

    def text(self) -> str:
        """The entry in sentences."""
        return f"source NAT of {self.source or 'everything'}{_out(self.out_interface)} to {self.to}"

    @property
    def family(self) -> int | None:
        """4 or 6."""
        return family_of(self.to)


@dataclasses.dataclass(frozen=True)
class Publish:
    """A port of the host (address None: of all its addresses) that leads elsewhere. With protocol 'all', everything
    sent to the address, without ports.
    """

    protocol: str
    address: str | None
    port: int | None
    to_address: str
    to_port: int | None
    localhost: bool = False  # on the loopback addresses, too

    def text(self) -> str:
        """The entry in sentences."""
        also = " and of localhost" if self.localhost else ""
        return (
            f"publish {self.protocol} {_joined(self.address, self.port)}{also} to"
            f" {_joined(self.to_address, self.to_port)}"
        )

    @property
    def family(self) -> int | None:
        """4 or 6."""
        return family_of(self.to_address)

    @property
    def what(self) -> str:
        """What is published: 'tcp port 80', or 'what is sent to 192.0.2.1'."""
        return f"{self.protocol} port {self.port}" if self.port else f"what is sent to {self.address}"

    @property
    def target(self) -> tuple[str, int]:
        """The target. The port 0 means all ports."""
        return (self.to_address, self.to_port or 0)

    def collides(self, other: Publish) -> bool:
        """Whether a packet could match both entries."""
        if ALL in (self.protocol, other.protocol):
            # Of a port on all addresses and all ports of one, the first that is written decides.
            return self.address == other.address
        same = (self.protocol, self.port, self.family) == (other.protocol, other.port, other.family)
        return same and (
            self.address == other.address
            or None in (self.address, other.address)
            or (self.localhost and other.localhost)
        )


@dataclasses.dataclass(frozen=True)
class Forward:
    """An entry of forward: connections from here to there (networks or links; None: anywhere) are allowed or
    dropped.
    """

    origin: str | None
    to: str | None
    allow: bool

    def text(self) -> str:
        """The entry in sentences."""
        return (
            f"{'allow' if self.allow else 'refuse'} forwarding from {self.origin or 'anywhere'} to"
            f" {self.to or 'anywhere'}"
        )

    @property
    def family(self) -> int | None:
        """4, 6, or None for both."""
        return family_of(self.origin, self.to)


@dataclasses.dataclass(frozen=True)
class Subject:
    """The table in question, and its place in what a user wrote."""

    ns: _snapshot.NsKey
    name: str
    path: str

    @property
    def place(self) -> str:
        """The place of the table, in sentences."""
        return f" in namespace '{self.ns}'" if self.ns else ""


@dataclasses.dataclass(frozen=True)
class Floating:
    """An entry of floating: an address that stands for another one in both directions, one to one."""

    address: str
    to_address: str

    def text(self) -> str:
        """The entry in sentences."""
        return f"floating {self.address} for {self.to_address}"

    @property
    def family(self) -> int | None:
        """4 or 6."""
        return family_of(self.address)


Entry = t.Union[Masquerade, SourceNat, Publish, Forward, Floating]
E = t.TypeVar("E", Masquerade, SourceNat, Publish, Forward, Floating)


def _joined(address: str | None, port: int | None) -> str:
    if address is None or port is None:
        return str(address or port)
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def read_list(
    values: list[_plan.Params] | None, option: str, read: t.Callable[[_plan.Params, str], E]
) -> tuple[E, ...] | None:
    """A list of entries, each once."""
    if values is None:
        return None
    found: list[E] = []
    for index, value in enumerate(values):
        entry = read(value, f"{option}[{index}]")
        if entry in found:
            raise _errors.BadInput(f"{option}[{index}]: stands in the list twice ({entry.text()}); remove one.")
        found.append(entry)
    return tuple(found)


def read_masquerade(value: _plan.Params, option: str) -> Masquerade:
    """An entry of masquerade."""
    return Masquerade(*_origin(value, option))


def read_source_nat(value: _plan.Params, option: str) -> SourceNat:
    """An entry of source_nat."""
    source, link = _origin(value, option)
    to = str(_values.host_address(value["to"], f"{option}.to"))
    _same_family(option, ("source", source), ("to", to))
    return SourceNat(source, link, to)


def read_publish(value: _plan.Params, option: str) -> Publish:
    """An entry of publish."""
    address = value.get("address")
    if address is not None:
        parsed = _values.host_address(address, f"{option}.address")
        if parsed.is_loopback:
            raise _errors.BadInput(
                f"{option}.address: a port of '{parsed}' cannot be led elsewhere (the kernel routes no loopback"
                " address); give another or none. With 'localhost: true' the port is on 127.0.0.1, too."
            )
        address = str(parsed)
    target = _values.host_address(value["to_address"], f"{option}.to_address")
    if target.is_loopback:
        raise _errors.BadInput(
            f"{option}.to_address: '{target}' is the loopback address, to which the kernel routes nothing from outside;"
            " give another."
        )
    _same_family(option, ("address", address), ("to_address", str(target)))
    if value["protocol"] == ALL:
        return _everything(value, option, address, str(target))
    if value.get("port") is None:
        raise _errors.BadInput(
            f"{option}: 'port' is missing; only with 'protocol: all' everything that is sent to an address is led on."
        )
    port = _values.number(value["port"], f"{option}.port", 1, 65535)
    to_port = port if value.get("to_port") is None else _values.number(value["to_port"], f"{option}.to_port", 1, 65535)
    localhost = bool(value.get("localhost"))
    if localhost and target.version == 6:
        raise _errors.BadInput(
            f"{option}.localhost: the kernel lets no packet from ::1 leave, only from 127.0.0.1; leave it out of an"
            " entry for IPv6."
        )
    return Publish(value["protocol"], address, port, str(target), to_port, localhost)


def _everything(value: _plan.Params, option: str, address: str | None, target: str) -> Publish:
    for key in ("port", "to_port", "localhost"):
        if value.get(key):
            raise _errors.BadInput(
                f"{option}.{key}: with 'protocol: all' everything is led on, whatever its port; leave it out."
            )
    if address is None:
        raise _errors.BadInput(
            f"{option}: 'address' is missing; with 'protocol: all' nothing would reach the host itself any more."
        )
    return Publish(ALL, address, None, target, None)


def read_forward(value: _plan.Params, option: str) -> Forward:
    """An entry of forward."""
    origin, to = _place(value.get("from"), f"{option}.from"), _place(value.get("to"), f"{option}.to")
    if origin is None and to is None:
        raise _errors.BadInput(
            f"{option}.from: say where from or where to; an entry for all packets would be"
            f" {'of no use' if value['allow'] else 'too much'}."
        )
    _same_family(option, ("from", origin), ("to", to))
    # Beside a network of the same family 'all of IPv4' says nothing.
    if origin in EVERYTHING and family_of(to):
        origin = None
    if to in EVERYTHING and (family_of(origin) or origin is None):
        origin, to = origin or to, None
    return Forward(origin, to, value["allow"])


def read_floating(value: _plan.Params, option: str) -> Floating:
    """An entry of floating."""
    address, to = (_values.host_address(value[key], f"{option}.{key}") for key in ("address", "to_address"))
    for key, one in (("address", address), ("to_address", to)):
        if one.is_loopback:
            raise _errors.BadInput(
                f"{option}.{key}: '{one}' is a loopback address, which the kernel routes nowhere; give another."
            )
    _same_family(option, ("address", str(address)), ("to_address", str(to)))
    return Floating(str(address), str(to))


def _origin(value: _plan.Params, option: str) -> tuple[str | None, str | None]:
    source, link = value.get("source"), value.get("out_interface")
    if source is not None:
        source = str(_values.network(source, f"{option}.source"))
    if link is not None:
        link = _link(link, f"{option}.out_interface")
    if link is None and (source is None or source in EVERYTHING):
        raise _errors.BadInput(
            f"{option}.source: give the network whose packets are meant, such as '10.0.0.0/24', or the out_interface."
        )
    return source, link


def _place(value: str | None, option: str) -> str | None:
    if value is None:
        return None
    return str(_values.network(value, option)) if is_network(value) else _link(value, option)


def _link(value: str, option: str) -> str:
    r"""A link's name that a rule of nft can mean exactly. '@' at its beginning means a set there, and '*' at its end
    all names with that beginning.

    A '*' can be written as '\*', if the name still fits into its 15 bytes and no other backslash stands before it.
    """
    name = _values.link_name(value, option)
    if name.startswith("@") or name.endswith("\\*") or (name.endswith("*") and len(name.encode()) >= LONGEST_LINK):
        raise _errors.BadInput(
            f"{option}: nft has no way to name the link {name!r} and no other; give the link another name."
        )
    return name


def _same_family(option: str, *named: tuple[str, str | None]) -> None:
    known = [(name, value, 6 if ":" in value else 4) for name, value in named if value and is_network(value)]
    for name, value, family in known[1:]:
        if family != known[0][2]:
            raise _errors.BadInput(
                f"{option}.{name}: '{value}' is IPv{family}, but the {known[0][0]} '{known[0][1]}' is IPv{known[0][2]};"
                " an entry has one family, so make two."
            )


def network_of(value: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """A network in normal form, as an object."""
    return ipaddress.ip_network(value)
