# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand out the addresses of a subnet."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values

if t.TYPE_CHECKING:
    from ansible_collections.netloom.linux.plugins.plugin_utils import _entry


# IPv4 addresses written as IPv6 ones (RFC 4291, section 2.5.5.2), which no link can have.
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


def _refuse_without_hosts(network: _values.Network, written: str, option: str) -> None:
    """Refuse a subnet whose addresses are those of no link, or of the loopback only."""
    if network.is_multicast or network.is_loopback or _MAPPED.overlaps(t.cast("t.Any", network)):
        raise _errors.BadInput(
            f"{option}: {written!r} has no addresses that a link can have; take a subnet such as '10.0.0.0/24' or"
            " 'fd00::/64'."
        )


class Range(t.NamedTuple):
    """What a DHCP server leases from: its first and its last address, and all as numbers."""

    start: str
    end: str
    numbers: range


class Subnet:
    """A subnet, and the owner of each of its used addresses."""

    def __init__(self, written: str, option: str) -> None:
        self.network: _values.Network = _values.network(written, option)
        _refuse_without_hosts(self.network, written, option)
        spare = self.network.max_prefixlen - self.network.prefixlen
        if spare == 0:
            raise _errors.BadInput(f"{option}: {written!r} is a single address; give a subnet such as '10.0.0.0/24'.")
        # RFC 3021: a /31 has two hosts. RFC 4291: an IPv6 subnet's lowest address means its routers; there is no
        # broadcast.
        self.low = int(self.network.network_address) + (1 if spare > 1 else 0)
        self.high = int(self.network.broadcast_address) - (1 if spare > 1 and self.network.version == 4 else 0)
        self._taken: dict[int, str] = {}
        self._kept: list[tuple[int, int]] = []  # ranges of DHCP servers
        self._next = self.low

    @property
    def size(self) -> int:
        """How many hosts it holds."""
        return self.high - self.low + 1

    def host(self, number: int) -> str:
        """The host address with this number, counted from the first. Beyond the end, the last one."""
        return str(self._address(min(self.low + number - 1, self.high)))

    def number(self, written: str, option: str) -> int:
        """A host address of this subnet as a number, given with or without the subnet's prefix length."""
        bare, _slash, prefix = written.partition("/")
        if prefix and prefix != str(self.network.prefixlen):
            raise _errors.BadInput(
                f"{option}: {written!r} has another prefix length than the subnet {self.network}; leave the length out."
            )
        found = _values.host_address(bare, option)
        if found not in self.network:
            raise _errors.BadInput(f"{option}: {written!r} lies outside of the subnet {self.network}.")
        if not self.low <= int(found) <= self.high:
            raise _errors.BadInput(
                f"{option}: {written!r} is the subnet's own or its broadcast address, not one for a host."
            )
        return int(found)

    def reserve(self, written: str, option: str, owner: str) -> str:
        """Give this very address to somebody; returns it without prefix length."""
        number = self.number(written, option)
        if number in self._taken:
            raise _errors.BadInput(
                f"{option}: {self._address(number)} is already the address of {self._taken[number]}."
            )
        self._taken[number] = owner
        return str(self._address(number))

    def allot(self, option: str, owner: str) -> str:
        """Give the lowest free address to somebody; returns it without prefix length."""
        while self._next in self._taken or self._kept_until(self._next):
            self._next = max(self._next, self._kept_until(self._next)) + 1
        if self._next > self.high:
            raise self._full(option, owner)
        self._taken[self._next] = owner
        return str(self._address(self._next))

    def allot_last(self, option: str, owner: str) -> str:
        """Give the highest free address to somebody, so that those who are allotted one later stay where they are."""
        free = (one for one in range(self.high, self.low - 1, -1) if one not in self._taken)
        found = next((one for one in free if not self._kept_until(one)), None)
        if found is None:
            raise self._full(option, owner)
        self._taken[found] = owner
        return str(self._address(found))

    def _full(self, option: str, owner: str) -> _errors.BadInput:
        return _errors.BadInput(
            f"{option}: no address is left for {owner}; {self.network} has room for {self.size}. Take a larger subnet."
        )

    def keep(self, entry: _entry.Entry, numbers: tuple[int, int]) -> Range:
        """Keep a range for a DHCP server: nobody is allotted one of its addresses. ``entry`` may have a start and an
        end; ``numbers``: those of the hosts that are them otherwise.
        """
        first = self.number(entry.text("start") or self.host(numbers[0]), entry.at("start"))
        last = self.number(entry.text("end") or self.host(numbers[1]), entry.at("end"))
        start, end = str(self._address(first)), str(self._address(last))
        if first > last:
            raise _errors.BadInput(f"{entry.at('start')}: the range is upside down: {start} comes after {end}.")
        self._kept.append((first, last))
        return Range(start, end, range(first, last + 1))

    def owners(self, kept: range) -> dict[str, str]:
        """The addresses of a range that somebody has: address -> owner."""
        return {str(self._address(one)): self._taken[one] for one in sorted(self._taken) if one in kept}

    def _kept_until(self, number: int) -> int:
        """The last address of the range that this one is in, or 0."""
        return max((last for first, last in self._kept if first <= number <= last), default=0)

    def with_prefix(self, address: str) -> str:
        """An address with the prefix length, as a link has it."""
        return f"{address}/{self.network.prefixlen}"

    def _address(self, number: int) -> _values.Address:
        kind: t.Callable[[int], _values.Address] = (
            ipaddress.IPv4Address if self.network.version == 4 else ipaddress.IPv6Address
        )
        return kind(number)


Written = tuple[str, str]  # the value, and its path


class Subnets:
    """The subnets of a network: one, or one for each IP version."""

    def __init__(self, written: t.Sequence[Written]) -> None:
        by_family: dict[int, Subnet] = {}
        for value, path in written:
            found = Subnet(value, path)
            other = by_family.setdefault(found.network.version, found)
            if other is not found:
                raise _errors.BadInput(
                    f"{path}: {found.network} is of one family with {other.network}; a network has one subnet of each"
                    " family."
                )
        self.all = tuple(by_family.values())

    @property
    def versions(self) -> set[int]:
        """The IP versions of the subnets: 4, 6."""
        return {subnet.network.version for subnet in self.all}

    def sorted(self, written: t.Sequence[Written]) -> dict[int, Written]:
        """Addresses by their IP versions. Each must be that of a subnet, and may appear only once."""
        found: dict[int, Written] = {}
        for value, path in written:
            version = self._version_of(value, path)
            if version in found:
                raise _errors.BadInput(
                    f"{path}: '{value}' and '{found[version][0]}' are of one family; give one address of each."
                )
            found[version] = (value, path)
        return found

    def _version_of(self, value: str, path: str) -> int:
        if len(self.all) == 1:  # its own check explains best what is wrong with an address of the other family
            return self.all[0].network.version
        return _values.host_address(value.partition("/")[0], path).version

    def reserve(self, written: t.Sequence[Written], owner: str) -> dict[int, str]:
        """Give exactly these addresses to somebody: IP version -> address without prefix length."""
        by_family = self.sorted(written)
        return {
            subnet.network.version: subnet.reserve(*by_family[subnet.network.version], owner)
            for subnet in self.all
            if subnet.network.version in by_family
        }

    def complete(self, reserved: t.Mapping[int, str], option: str, owner: str) -> tuple[str, ...]:
        """An address in each subnet: the reserved one, else the lowest free one."""
        return tuple(reserved.get(subnet.network.version) or subnet.allot(option, owner) for subnet in self.all)

    def with_prefix(self, addresses: t.Sequence[str]) -> list[str]:
        """Addresses, one of each subnet, with their prefix lengths, as a link has them."""
        return [subnet.with_prefix(address) for subnet, address in zip(self.all, addresses)]
