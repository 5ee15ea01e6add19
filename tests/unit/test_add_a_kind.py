# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/add-a-kind.md is true: the kind is built from its blocks in a copy of the repository, and its tests pass
there.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/add-a-kind.md").read_text()
COPIED = (
    "plugins",
    "meta",
    "tests/unit",
    "tests/integration/targets",
    "extensions/molecule",
    "playbooks",
    "roles",
    "docs",
    "README.md",
    "galaxy.yml",
)
# What knows a new kind, beside its own files. If this grows, the design got worse.
TOLD = {
    "plugins/module_utils/_kinds/_registry.py",
    "plugins/module_utils/_engine/_order.py",
    "plugins/modules/topology.py",
    "meta/runtime.yml",
}


def new_files() -> dict[str, str]:
    """Path -> text of the blocks that are files."""
    return dict(re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


def changes() -> list[tuple[str, list[str]]]:
    """(path, lines) of the hunks of the diffs."""
    found = []
    for block in re.findall(r"^```diff\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        for path, hunks in re.findall(r"^--- a/\S+\n\+\+\+ b/(\S+)\n((?:(?!--- a/).*\n)*)", block, re.MULTILINE):
            found += [(path, hunk.splitlines()) for hunk in hunks.split("@@\n") if hunk]
    return found


def apply(tree: pathlib.Path, path: str, hunk: list[str]) -> None:
    """Change a file; what a hunk shows of it must be there, once."""
    text = (tree / path).read_text()
    old = "".join(f"{line[1:]}\n" for line in hunk if not line.startswith("+"))
    assert text.count(f"\n{old}") == 1, f"{path}: {old}"
    (tree / path).write_text(text.replace(f"\n{old}", "\n" + "".join(f"{line[1:]}\n" for line in hunk)))


@pytest.fixture(name="tree", scope="module")
def _tree(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    tree = tmp_path_factory.mktemp("kind") / "ansible_collections/netloom/linux"
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, tree / name)
    for path, text in new_files().items():
        assert not (tree / path).exists()
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    for path, hunk in changes():
        apply(tree, path, hunk)
    return tree


def test_few_places_know_a_new_kind() -> None:
    assert {path for path, _hunk in changes()} == TOLD
    assert (
        sum(
            line.startswith("+")
            for path, hunk in changes()
            for line in hunk
            if path.endswith(("_registry.py", "_order.py"))
        )
        == 3
    )


@pytest.mark.parametrize("tests", ["plugins/module_utils/kinds/test_netns_resolver.py", "test_architecture.py"])
def test_the_kind_passes_its_tests_and_the_rules_of_the_house(tree: pathlib.Path, tests: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(tree.parents[2])}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/unit/{tests}"]
    done = subprocess.run(command, cwd=tree, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "passed" in done.stdout


def test_the_module_has_a_page(tree: pathlib.Path) -> None:
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(tree.parents[2])}
    command = [str(pathlib.Path(sys.executable).with_name("ansible-doc")), "netloom.linux.netns_resolver"]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert "Addresses of the name servers" in done.stdout, done.stderr[-2000:]
