# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy rule (ip-rule(8)) that belongs with an interface, because it names one."""

from __future__ import annotations

import dataclasses

# linux/rtnetlink.h
PROTOCOL_STATIC = 4  # an administrator wrote it
TABLES = {"main": 254, "default": 253, "local": 255}


@dataclasses.dataclass(frozen=True)
class Rule:
    """One rule. It outlives its interface: the kernel keeps the name, and the rule applies to an interface that gets
    the name later.

    ``match``: iif or oif, which of the two names ``device``. Networks are CIDRs, None: any. ``fwmark``: '0x1', with a
    mask '0x1/0xff'.
    """

    device: str
    match: str
    priority: int
    family: int = 4
    source: str | None = None
    destination: str | None = None
    fwmark: str | None = None
    action: str = "lookup"
    table: int | None = None
    suppress_prefixlength: int | None = None
    protocol: int = dataclasses.field(default=PROTOCOL_STATIC, compare=False)  # its author does not change what it does

    @property
    def selector(self) -> tuple[object, ...]:
        """The packets of the rule, and its position among the rules."""
        return (self.family, self.priority, self.match, self.device, self.source, self.destination, self.fwmark)

    @property
    def table_name(self) -> str | None:
        """The table in the form of the option."""
        return next(
            (name for name, number in TABLES.items() if number == self.table),
            None if self.table is None else str(self.table),
        )

    @property
    def words(self) -> str:
        """The rule in the words of ip-rule(8)."""
        found = [f"priority {self.priority}"]
        found += [
            f"{word} {value}"
            for word, value in (("from", self.source), ("to", self.destination), ("fwmark", self.fwmark))
            if value is not None
        ]
        found += [
            f"{self.match} {self.device}",
            f"lookup {self.table_name}" if self.action == "lookup" else self.action,
        ]
        found += [] if self.suppress_prefixlength is None else [f"suppress_prefixlength {self.suppress_prefixlength}"]
        return " ".join(found)
