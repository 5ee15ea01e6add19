# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example of docs/guide-ovn.md is a declaration that nobody complains of, and members have the addresses that its
comments say.
"""

from __future__ import annotations

import pathlib
import re
import typing as t

import yaml
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _fleet_input,
    _ovn_intent,
    _ovn_names,
    _ovn_northbound,
    _ovn_places,
)

PAGE = (pathlib.Path(__file__).parents[4] / "docs/guide-ovn.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
(INVENTORY,) = [yaml.safe_load(block)["cloud"]["children"] for block in BLOCKS if block.startswith("cloud:")]
(SHOWN,) = [block for block in BLOCKS if block.startswith("ovn_network_networks:")]
DECLARED: dict[str, t.Any] = yaml.safe_load(SHOWN)


def hosts(declared: dict[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    """The variables of the hosts of the example."""
    groups = {name: list(group["hosts"]) for name, group in INVENTORY.items()}
    groups["all"] = [host for members in groups.values() for host in members]
    return {
        host: {**declared, **group.get("vars", {}), **own, "groups": groups}
        for group in INVENTORY.values()
        for host, own in group["hosts"].items()
    }


def test_nobody_complains_of_the_example() -> None:
    assert _fleet_input.complaint(list(hosts(DECLARED)), hosts(DECLARED), {}) == ""


def test_an_empty_declaration_takes_all_networks_down() -> None:
    nothing: dict[str, t.Any] = {name: [] for name in DECLARED}
    assert _fleet_input.complaint(list(hosts(nothing)), hosts(nothing), {}) == ""


def test_the_members_have_the_addresses_of_the_comments() -> None:
    told = dict(re.findall(r"name: (\w+), host: .*# (\d+\.\d+\.\d+\.\d+)$", SHOWN, re.MULTILINE))
    places = _ovn_places.places(list(hosts(DECLARED)), hosts(DECLARED), {})
    given = _ovn_intent.Declared(
        *(DECLARED[f"ovn_network_{name}"] for name in ("networks", "routers", "security_groups", "load_balancers"))
    )
    ports = _ovn_northbound.topology(given, places, _ovn_names.Names())["ovn_port"]
    allotted = {one["name"].partition("-")[2]: one["addresses"][0].split()[1] for one in ports}
    assert told
    assert {name: allotted[name] for name in told} == told
