# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the documentation: which page shows which, and what each is drawn from. It is what the page itself
declares, so a picture cannot tell of another network than the page.
"""

from __future__ import annotations

import pathlib
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_layout,
    _diagram_svg,
    _picture_model,
    _picture_sources,
)
from ansible_collections.netloom.linux.tests.pictures import declarations

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = "docs/pictures"
COLUMNS = 4
ONE = {"lab1": {"ansible_host": "198.18.78.1"}}
TWO = {"node1": {"ansible_host": "192.0.2.1"}, "node2": {"ansible_host": "192.0.2.2"}}


class Picture(t.NamedTuple):
    """A picture. ``page``: what declares it; ``blocks``: those blocks of the page, by the name of a file or by how
    they begin, of several equal ones the last, or the one before '#NUMBER'; ``inventory``: the block with the hosts, or
    the hosts themselves; ``key``: the variable that is a topology.
    """

    page: str
    blocks: tuple[str, ...]
    inventory: str | declarations.Variables = ONE
    key: str = ""


PICTURES = {
    "readme": Picture("README.md", ("vxlan_network_networks:",), TWO),
    "guide-boot": Picture("docs/guide-boot.md", ("- netloom.linux.topology:",)),
    "guide-bridge-network": Picture("docs/guide-bridge-network.md", ("networks.yml",)),
    "guide-capture": Picture("docs/guide-capture.md", ("network.yml",)),
    "guide-containers": Picture("docs/guide-containers.md", ("shop.yml",)),
    "guide-diagram": Picture("docs/guide-diagram.md", ("network.yml",)),
    "guide-many-hosts": Picture(
        "docs/guide-many-hosts.md", ("inventory/group_vars/fleet.yml#2",), "inventory/hosts.yml#2"
    ),
    "guide-namespaces-as-hosts": Picture("docs/guide-namespaces-as-hosts.md", ("inventory/host_vars/lab1.yml",)),
    "guide-ovn": Picture("docs/guide-ovn.md", ("ovn_network_networks:",), "cloud:"),
    "guide-ovn-central": Picture("docs/guide-ovn-central.md", (), "all:"),
    "guide-ovs-vlan-dhcp": Picture("docs/guide-ovs-vlan-dhcp.md", ("tenants.yml",)),
    "guide-router": Picture("docs/guide-router.md", ("router.yml",)),
    "guide-test-your-own-topology": Picture("docs/guide-test-your-own-topology.md", ("network.yml",), key="my_network"),
    "guide-uplink": Picture("docs/guide-uplink.md", ("- name: The bridge has the host's addresses",)),
}


def hosts(name: str) -> declarations.Variables:
    """The variables of the hosts of a picture."""
    one = PICTURES[name]
    page = (ROOT / one.page).read_text(encoding="utf-8")
    declared = [declarations.block(page, block) for block in one.blocks]
    inventory = (
        declarations.block(page, one.inventory) if isinstance(one.inventory, str) else {"all": {"hosts": one.inventory}}
    )
    return declarations.variables(inventory, declared, one.key)


def example() -> declarations.Variables:
    """The variables of the hosts of docs/examples/inventory."""
    return declarations.of_folder(ROOT / "docs/examples/inventory")


def files() -> dict[pathlib.Path, str]:
    """The pictures by their paths. Those of pages are narrow, because a page is, too."""
    found = {ROOT / FOLDER / f"{name}.svg": _drawn(hosts(name), COLUMNS) for name in PICTURES}
    return {ROOT / "docs/diagram.svg": _drawn(example()), **found}


def models(variables: declarations.Variables) -> list[_picture_model.Host]:
    """What is drawn of these hosts, as the playbook diagram does with netloom_diagram_source=declared."""
    return _picture_sources.hosts(list(variables), variables, _picture_sources.DECLARED)


def _drawn(variables: declarations.Variables, columns: int = _diagram_layout.COLUMNS) -> str:
    return _diagram_svg.draw(_diagram_layout.scene(models(variables), columns=columns, still=True))
