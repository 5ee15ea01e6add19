# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which room may know which, and other rules that hold for the whole repository."""

from __future__ import annotations

import ast
import functools
import pathlib
import re
import typing as t

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.module_utils._engine._order import KIND_NAMES, NORTHBOUND_NAMES

ROOT = pathlib.Path(__file__).resolve().parents[2]
UTILS = "ansible_collections.netloom.linux.plugins.module_utils."
PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))
MODULES = sorted((ROOT / "plugins/modules").glob("*.py"))
# A room, and what it may know beside itself. The values and types of _model are everybody's.
ARROWS = {
    "modules": {"_engine", "_kinds", "_model"},
    "_engine": {"_engine", "_kinds", "_host", "_model", "_lazy"},
    "_kinds": {"_kinds", "_model"},
    "_host": {"_host", "_model", "_lazy"},
    "_model": {"_model"},
    "become": {"_model"},
    "inventory": {"_model"},
    "plugin_utils": {"_engine", "_kinds", "_model"},
    "filter": {"_model"},
}
# The rooms of _host, from the lowest to the highest: what each may know beside itself, and by which of its modules
# others come in.
ROOMS: dict[str, tuple[set[str], set[str]]] = {
    "files": (set(), {"_files", "_lock", "_privileges", "_sysctl"}),
    "namespaces": (set(), {"_libc", "_namespaces"}),
    "processes": ({"files", "namespaces"}, {"_apart", "_containers", "_listeners", "_proof", "_spawn"}),
    "netlink": (
        {"files", "namespaces"},
        {
            "_addresses",
            "_bridge_vlans",
            "_ethtool",
            "_fdb_tables",
            "_kernel_kinds",
            "_link_data",
            "_message",
            "_neighbours",
            "_netlink",
            "_route_data",
            "_route_reader",
            "_rt_tables",
            "_rtnl",
            "_rules",
            "_tuntap",
        },
    ),
    "nft": ({"netlink", "processes"}, {"_conntrack", "_nfnetlink", "_nftables"}),
    "ovsdb": (
        {"netlink"},
        {"_kernel_datapath", "_northbound", "_ovn_end", "_ovn_rows", "_ovsdb", "_southbound", "_switch_ports"},
    ),
    "daemons": (
        {"files", "namespaces", "netlink", "processes"},
        {"_daemons", "_dhcp_programs", "_dnsmasq", "_systemd"},
    ),
    "probes": (
        {"files", "namespaces", "netlink", "nft", "processes"},
        {"_capturing", "_ears", "_probes", "_tunnels", "_witness"},
    ),
    "lasting": ({"daemons", "files", "namespaces", "processes"}, {"_boots", "_confirmation", "_guard"}),
}
MOST_LINES = 350


# Calls whose result has the order of what they are given, and those that forget that order.
ORDERING = r"list|tuple|enumerate|zip|map|filter|iter|dict\.fromkeys|.*\.(join|extend)"
FORGETTING = r"sorted|bool|set|frozenset|len|any|all|sum|min|max"
LISTING = r"os\.(listdir|scandir|walk)|.*\.(iterdir|r?glob)"


def relative(path: pathlib.Path) -> str:
    """How a test is named after a file."""
    return str(path.relative_to(ROOT))


@functools.cache
def parsed(path: pathlib.Path) -> ast.Module:
    """A file, for all rules about it: reading it takes longer than most of them."""
    return ast.parse(path.read_text())


def imported(path: pathlib.Path) -> t.Iterator[str]:
    """Full names of the modules that a file imports, and of the names from them."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path: pathlib.Path) -> str:
    """The folder whose rule holds for a file."""
    inner = path.relative_to(ROOT / "plugins").parts
    return inner[1] if inner[0] == "module_utils" and len(inner) > 2 else inner[0]


def inner_room_of(name: str) -> str:
    """Of a module of _host by its full name: the room inside; '' above them all."""
    parts = name.removeprefix(f"{UTILS}_host.").split(".")
    return parts[0] if len(parts) > 1 else ""


def full_name(path: pathlib.Path) -> str:
    """What imports call a file."""
    return ".".join(("ansible_collections.netloom.linux", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(
        ".__init__"
    )


NAMES = {full_name(path): path for path in PLUGINS}


@pytest.mark.parametrize("path", PLUGINS, ids=relative)
def test_arrows_point_one_way(path: pathlib.Path) -> None:
    rooms = {name[len(UTILS) :].split(".")[0] for name in imported(path) if name.startswith(UTILS)}
    assert rooms <= ARROWS.get(room_of(path), set())


@pytest.mark.parametrize("path", PLUGINS, ids=relative)
def test_rooms_of_the_host_are_entered_by_their_doors_and_from_above(path: pathlib.Path) -> None:
    own, within = full_name(path), room_of(path) == "_host"
    for name in imported(path):
        room = inner_room_of(name) if name.startswith(f"{UTILS}_host.") else ""
        if room and not (within and inner_room_of(own) == room):
            assert name.rpartition(".")[2] in ROOMS[room][1], name
            assert not within or not inner_room_of(own) or room in ROOMS[inner_room_of(own)][0], name


def test_no_circle_is_left() -> None:
    arrows = {name: {one for one in imported(path) if one in NAMES} - {name} for name, path in NAMES.items()}
    while ends := {name for name, known in arrows.items() if not known}:
        arrows = {name: known - ends for name, known in arrows.items() if name not in ends}
    assert not arrows


@pytest.mark.parametrize("path", PLUGINS, ids=relative)
def test_modules_are_imported_and_not_names_from_them(path: pathlib.Path) -> None:
    """Where Ansible packs a module, each name costs a search for two files."""
    ours = {name for name in imported(path) if name.startswith("ansible_collections.netloom.linux.")}
    assert ours <= set(NAMES)


@pytest.mark.parametrize("path", PLUGINS, ids=relative)
def test_no_file_is_long(path: pathlib.Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", PLUGINS, ids=relative)
def test_check_mode_is_known_in_one_place(path: pathlib.Path) -> None:
    # The edges pass module.check_mode on; what follows from it is decided in _run alone.
    tree = parsed(path)
    decides = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.If, ast.IfExp)) and re.search(r"(?<!health_)check(_mode)?\b", ast.unparse(node.test))
    ]
    # Probes and captures make no plan: in check mode they are skipped. The summary of a fleet only says so.
    if path.name not in ("_run.py", "_reachability.py", "_capture_module.py", "_fleet.py"):
        assert not decides


@pytest.mark.parametrize(
    "path", [path for path in PLUGINS if room_of(path) == "_engine" and path.name != "_order.py"], ids=relative
)
def test_the_engine_knows_no_kind_by_its_name(path: pathlib.Path) -> None:
    """What is true of one kind, that kind says itself (see Kind)."""
    tree = parsed(path)
    kinds = {*KIND_NAMES, *NORTHBOUND_NAMES} - {"netns"}  # which is an option, too
    assert (
        not {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        & kinds
    )
    compared = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and "kind.name" in ast.unparse(node)
    ]
    asked = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith("kind.name.startswith")
    ]
    assert not compared + asked


@pytest.mark.parametrize("path", PLUGINS, ids=relative)
def test_the_kernel_and_ovs_are_asked_without_commands(path: pathlib.Path) -> None:
    words = {
        node.value for node in ast.walk(parsed(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    commands = {"ip", "brctl", "bridge-utils", "ovs-vsctl", "ovs-ofctl", "sh", "bash"}
    if path.name in ("_nft.py", "_match.py", "_southbound.py"):
        commands.remove("ip")  # a family of nftables, a symbol and a column of OVN
    assert not {pathlib.PurePath(word).name for word in words if len(word.split()) == 1} & commands


@pytest.mark.parametrize("path", [path for path in PLUGINS if room_of(path) in ("_model", "_kinds")], ids=relative)
def test_pure_rooms_touch_nothing(path: pathlib.Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)}
    assert not roots & {"os", "pathlib", "socket", "subprocess", "time", "ansible", "pyroute2", "ovsdbapp", "ovs"}


def calls(node: ast.AST | None, functions: str) -> bool:
    """Whether the node is a call of one of these functions."""
    return isinstance(node, ast.Call) and re.fullmatch(functions, ast.unparse(node.func)) is not None


def is_set(node: ast.AST) -> bool:
    """Whether an expression is a set at sight."""
    if isinstance(node, ast.BinOp):
        return is_set(node.left) or is_set(node.right) or calls(node.left, r".*\.keys")
    return isinstance(node, (ast.Set, ast.SetComp)) or calls(node, "set|frozenset")


def with_random_order(tree: ast.Module) -> t.Iterator[str]:
    """Expressions whose order differs from run to run, and that reach something that has an order."""
    above = {inner: outer for outer in ast.walk(tree) for inner in ast.iter_child_nodes(outer)}
    through = (ast.comprehension, ast.GeneratorExp, ast.ListComp, ast.Starred, ast.List, ast.Tuple)
    for node in ast.walk(tree):
        outer = above.get(node)
        taken = isinstance(outer, (ast.Starred, ast.YieldFrom)) or calls(outer, ORDERING)
        taken = taken or (isinstance(outer, (ast.For, ast.comprehension)) and outer.iter is node)
        if not ((is_set(node) and taken) or calls(node, LISTING)):
            continue
        while isinstance(outer, through) or calls(outer, ORDERING):
            outer = above.get(outer)
        sorts = isinstance(outer, ast.For) and calls(node, r"os\.walk") and "sort" in ast.unparse(outer)
        if not (calls(outer, FORGETTING) or isinstance(outer, (ast.Set, ast.SetComp)) or sorts):
            yield ast.unparse(node)


@pytest.mark.parametrize("path", PLUGINS, ids=relative)
def test_nothing_has_the_order_of_a_set_or_of_a_folder(path: pathlib.Path) -> None:
    """Otherwise plans, sentences and files would differ from run to run. See test_one_order.py as well."""
    assert not list(with_random_order(parsed(path)))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_each_module_has_an_integration_target(path: pathlib.Path) -> None:
    assert (ROOT / "tests/integration/targets" / path.stem / "tasks/main.yml").is_file()


@pytest.mark.parametrize("role", sorted(path.parent.name for path in (ROOT / "roles").glob("*/README.md")))
def test_each_role_has_a_molecule_scenario(role: str) -> None:
    called = (path.read_text(encoding="utf-8") for path in (ROOT / "extensions/molecule").glob("*/*.yml"))
    assert any(f"netloom.linux.{role}\n" in text for text in called)


def test_the_plans_of_all_kinds_are_put_into_words() -> None:
    """A file for each module, although all are alike: it has the module's name, which module_defaults go by."""
    planned = (*KIND_NAMES, *NORTHBOUND_NAMES, "topology", "ovn_topology")
    words = {name: (ROOT / f"plugins/action/{name}.py").read_text().replace(f" {name},", " NAME,") for name in planned}
    assert len(set(words.values())) == 1


def test_what_judges_options_is_imported_with_the_action_plugin() -> None:
    """Otherwise the worker of each task of each host imports it: nearly a hundred files."""
    lines = (ROOT / "plugins/plugin_utils/_confirm.py").read_text().splitlines()
    assert "from ansible_collections.netloom.linux.plugins.plugin_utils import _judge" in lines


def test_the_modules_of_ovn_share_a_group_and_are_in_no_other() -> None:
    """Defaults that are meant for hosts (state, wait) must not reach a database that hosts share."""
    groups = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"]
    assert sorted(groups["ovn"]) == sorted([*NORTHBOUND_NAMES, "ovn_topology", "ovn_info"])
    others = {name for group, members in groups.items() if group != "ovn" for name in members if isinstance(name, str)}
    assert not others & set(groups["ovn"])


def test_each_block_that_is_a_file_says_in_words_which() -> None:
    """The name of a file stands behind its block's language, which nobody sees when the page is rendered."""
    nameless = []
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        lines = page.read_text().splitlines()
        for number, line in enumerate(lines):
            named = re.match(r"```\S+ file=(\S+)", line)
            if named and f"`{named[1]}`" not in " ".join(lines[max(0, number - 4) : number]):
                nameless.append(f"{relative(page)}: {named[1]}")
    assert not nameless


@pytest.mark.parametrize("name", ["show", "site", "verify", "drift", "capture", "teardown"])
def test_the_playbooks_become_root(name: str) -> None:
    assert 'become: "{{ netloom_become | default(true) }}"' in (ROOT / "playbooks" / f"{name}.yml").read_text()


@pytest.mark.parametrize("path", sorted((ROOT / "roles").glob("*/README.md")), ids=relative)
def test_the_examples_of_the_roles_become_root(path: pathlib.Path) -> None:
    assert path.read_text().count("become: true\n") >= path.read_text().count("- hosts: ") > 0
