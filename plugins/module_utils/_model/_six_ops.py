# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The write that switches IPv6 off or on, as data. Addresses and routes of IPv6 are lost when it is off."""

from __future__ import annotations

import dataclasses
import re

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address,
    _fallout,
    _ops,
    _snapshot,
    _stack_ops,
)

_OF_NAMESPACE = re.compile(r"net[./]ipv6[./]conf[./](.+)[./]disable_ipv6")


@dataclasses.dataclass(frozen=True)
class Ipv6Switch(_stack_ops.SysctlSet):
    """Switch IPv6 off or on: on a link, or with conf.all on all present and later links of a namespace
    (addrconf_disable_ipv6()).
    """

    def falls(self, now: _snapshot.Snapshot) -> tuple[str, ...]:
        return _fallout.words_of(self._fallen(now), now)

    def effect(self, now: _snapshot.Snapshot) -> None:
        for fall in self._fallen(now):
            fall.drop(now)
        super().effect(now)
        if self._of_all:
            sysctl = now.namespaces[self.ns].sysctl
            # Of a namespace that this plan makes nothing was read, and the links that it gets are later ones.
            sysctl[(None, _address.OFF_BY_DEFAULT)] = self.value
            sysctl.update({key: self.value for key in sysctl if key[0] is not None and key[1] == _address.OFF})

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        sysctl = now.namespaces[self.ns].sysctl
        others = [
            (key, value)
            for key, value in sysctl.items()
            if self._of_all
            and value is not None
            and (key == (None, _address.OFF_BY_DEFAULT) or (key[0] and key[1] == _address.OFF))
        ]
        kept = [_stack_ops.SysctlSet(self.ns, *key, value) for key, value in others]
        return (*super().inverse(now), *kept, *(op for fall in self._fallen(now) for op in fall.back(now)))

    @property
    def _of_all(self) -> bool:
        found = _OF_NAMESPACE.fullmatch(self.key)
        return self.link is None and found is not None and found.group(1) == "all"

    def _fallen(self, now: _snapshot.Snapshot) -> list[_fallout.Fall]:
        if is_on(self.value):
            return []
        ns = now.namespaces[self.ns]
        found = _OF_NAMESPACE.fullmatch(self.key)
        names = list(ns.links) if self._of_all else [self.link or (found.group(1) if found else "")]
        return [_fallout.of_ipv6(ns, name, stack=False) for name in names if name in ns.links]


def is_on(value: str) -> bool:
    """Whether this value of disable_ipv6 leaves IPv6 on."""
    return value.strip() in ("", "0")


def sysctl_set(ns: _snapshot.NsKey, link: str | None, key: str, value: str) -> _stack_ops.SysctlSet:
    """The op that writes a sysctl of a link or of a namespace."""
    switches = key == _address.OFF if link is not None else _OF_NAMESPACE.fullmatch(key) is not None
    return (Ipv6Switch if switches else _stack_ops.SysctlSet)(ns, link, key, value)
