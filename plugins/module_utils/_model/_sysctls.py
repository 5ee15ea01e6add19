# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of sysctls as the kernel shows them, whatever the form in which they are written."""

from __future__ import annotations

import ipaddress
import re

from ansible_collections.netloom.linux.plugins.module_utils._model import _values

PORTS = "ip_local_reserved_ports"  # a set of numbers, shown as ranges (proc_do_large_bitmap())
SECRET = "stable_secret"  # an IPv6 address, shown with all its digits
_HEX = re.compile(r"(-?)0x([0-9a-f]+)", re.IGNORECASE)
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")
MOST = 65535


def shown(key: str, value: object) -> str:
    """The value as the kernel shows it. One that the kernel does not take stays as it is."""
    text, leaf = _values.scalar(value), re.split(r"[./]", key)[-1]
    if leaf == PORTS:
        return _ranges(text)
    if leaf == SECRET:
        return _all_digits(text)
    return " ".join(_decimal(word) for word in text.split(" "))


def _ranges(text: str) -> str:
    numbers: set[int] = set()
    for part in filter(None, re.split(r"[, ]+", text)):
        found = _RANGE.fullmatch(part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if not first <= last <= MOST:
            return text
        numbers.update(range(first, last + 1))
    begins = sorted(number for number in numbers if number - 1 not in numbers)
    ends = sorted(number for number in numbers if number + 1 not in numbers)
    return ",".join(str(begin) if begin == end else f"{begin}-{end}" for begin, end in zip(begins, ends))


def _all_digits(text: str) -> str:
    try:
        return ipaddress.IPv6Address(text).exploded
    except ValueError:
        return text


def _decimal(word: str) -> str:
    found = _HEX.fullmatch(word)
    return f"{found[1]}{int(found[2], 16)}" if found else word
