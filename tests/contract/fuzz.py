# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile options: those of the argument specs with values of any form, and topologies that are good but for a few of
them.
"""

from __future__ import annotations

import copy
import pathlib
import typing as t

import yaml
from ansible_collections.netloom.linux.plugins.module_utils._kinds._registry import KINDS
from hypothesis import strategies as st

Params = dict[str, t.Any]
MARK = "INJECTED"  # what must not come out at the beginning of a line, or as an argument of its own
NASTY = [
    "",
    " ",
    "-",
    "--help",
    ".",
    "..",
    "/",
    "../../etc/passwd",
    "a/b",
    f"a\n{MARK}=1",
    f"a\r{MARK}=1",
    f"a\0{MARK}",
    f"a {MARK}",
    f"--{MARK}",
    f"; touch /{MARK}",
    f"$(touch /{MARK})",
    f"`touch /{MARK}`",
    "'",
    '"',
    "\\",
    "%s%n",
    "{{ 1 }}",
    "\u2028",
    f"\x85{MARK}",
    f"\x0b{MARK}",
    "\udcff",
    "é" * 8,
    "a" * 16,
    "a" * 300,
    "eth0",
    "lo",
    "all",
    "default",
    "b1",
    "10.4.0.1/24",
    "10.4.0.0/33",
    "fd04::1/64",
    "fe80::1%eth0",
    "0.0.0.0/0",
    "::ffff:10.0.0.1/96",
    "02:00:00:04:00:01",
    "ff:ff:ff:ff:ff:ff",
    "1",
    "-1",
    "4294967296",
    "1e9",
    "nan",
    "unix:/run/openvswitch/db.sock",
    "unix:/nowhere",
    "ptcp:6640",
    "12h",
    "infinite",
    "tag:x",
]
STRINGS = st.sampled_from(NASTY) | st.text(max_size=20) | st.text(alphabet="abc0123456789.:/-_@,=#!\n ", max_size=24)
NUMBERS = st.integers(-2, 5000) | st.sampled_from([2**31, 2**32, 2**63, -(2**63), 10**30])
SCALARS = STRINGS | NUMBERS | st.booleans() | st.none() | st.floats(allow_nan=True)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRINGS, inner, max_size=3), max_leaves=5
)


def value_of(spec: Params) -> st.SearchStrategy[t.Any]:
    """A value for an option: mostly of its type, sometimes of any."""
    if spec.get("choices"):
        fitting: st.SearchStrategy[t.Any] = st.sampled_from(spec["choices"])
    elif spec["type"] == "list":
        fitting = st.lists(value_of({**spec, "type": spec.get("elements", "str")}), max_size=3)
    elif spec["type"] == "dict" and spec.get("options"):
        fitting = options_of(spec["options"])
    elif spec["type"] == "dict":
        fitting = st.dictionaries(STRINGS, SCALARS, max_size=3)
    else:
        fitting = {"int": NUMBERS, "bool": st.booleans(), "float": st.floats()}.get(spec["type"], STRINGS)
    return st.one_of(fitting, fitting, fitting, ANYTHING)


def options_of(options: t.Mapping[str, Params]) -> st.SearchStrategy[Params]:
    """Options of a spec; those that are required are mostly given."""
    required = {name: value_of(spec) for name, spec in options.items() if spec.get("required")}
    return st.fixed_dictionaries(
        required, optional={name: value_of(spec) for name, spec in options.items() if name not in required}
    )


def _named(kind: str) -> st.SearchStrategy[tuple[str, Params]]:
    return st.tuples(st.just(kind), options_of({**KINDS[kind].options, "clear": {"type": "list", "elements": "str"}}))


ENTRIES = st.one_of([_named(kind) for kind in sorted(KINDS)])
GOOD: Params = yaml.safe_load((pathlib.Path(__file__).parents[1] / "faults/table.yml").read_text())["topologies"][
    "bridge"
]
DHCP = {"name": "fuzz", "netns": "b3", "interfaces": ["eth0"], "ranges": [{"start": "10.4.0.10", "end": "10.4.0.20"}]}


@st.composite
def topologies(draw: st.DrawFn) -> Params:
    """A topology of two namespaces, a bridge and a server, in which one to three options have another value."""
    params = copy.deepcopy(
        {
            **GOOD,
            "dnsmasq_in_ns": [DHCP],
            "netns_nat": [{"name": "fuzz", "netns": "b1", "masquerade": [{"source": "10.4.0.0/24"}]}],
        }
    )
    for _change in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(sorted(params)))
        entry, options = draw(st.sampled_from(params[kind])), KINDS[kind].options
        option = draw(st.sampled_from(sorted(options)))
        if isinstance(entry.get(option), dict) and options[option].get("options"):
            entry, options = entry[option], options[option]["options"]
            option = draw(st.sampled_from(sorted(options)))
        entry[option] = draw(value_of(options[option]))
    return params
