# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that a host gives to routing tables (rtnl_rttable_a2n() in iproute2's lib/rt_names.c). A table is
identified by its number.
"""

from __future__ import annotations

import contextlib
import glob
import typing as t

# Where iproute2 looks, the later file first: /etc has the administrator's, /usr what the distribution ships since
# version 6.5.
FOLDERS = ("/usr/share/iproute2", "/usr/lib/iproute2", "/etc/iproute2")
KNOWN = ("main", "default", "local")


def number_of(name: str) -> str:
    """The number of a table by the name that this host gives to it. An unknown name stays."""
    return _names().get(name, name)


def numbered(params: t.Mapping[str, t.Any], number: t.Callable[[str], str] = number_of) -> dict[str, t.Any]:
    """The options with numbers in place of the host's names of tables, in ``table`` and in ``rules``. ``number``: the
    number of a name.
    """
    found = dict(params)
    rules = found.get("rules")
    if isinstance(rules, list):
        found["rules"] = [numbered(rule, number) if isinstance(rule, dict) else rule for rule in rules]
    table = found.get("table")
    if isinstance(table, str) and table not in KNOWN and not table.isdigit():
        found["table"] = number(table)
    return found


def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for folder in FOLDERS:
        for path in [f"{folder}/rt_tables", *sorted(glob.glob(f"{glob.escape(folder)}/rt_tables.d/*.conf"))]:
            with contextlib.suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as handle:
                lines = (line.split("#")[0].split() for line in handle)
                found.update({words[1]: number for words in lines if len(words) == 2 and (number := _number(words[0]))})
    return found


def _number(text: str) -> str:
    """The number of a table as iproute2 reads it: decimal, or hexadecimal with 0x; '' if it is neither."""
    try:
        return str(int(text, 16 if text.lower().startswith("0x") else 10))
    except ValueError:
        return ""
