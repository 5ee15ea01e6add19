# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the documentation show what its pages declare, and each guide shows its network."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
from ansible_collections.netloom.linux.tests.pictures import declarations, pictures

ROOT = pictures.ROOT
FILES = pictures.files()
LARGEST = 40_000  # bytes


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_picture_is_as_its_page_declares(path: pathlib.Path) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path], "Run: make pictures"
    assert len(FILES[path].encode()) < LARGEST


def test_no_picture_is_left_over() -> None:
    assert set((ROOT / pictures.FOLDER).iterdir()) <= set(FILES)


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_a_page_shows_its_picture(name: str) -> None:
    page = ROOT / pictures.PICTURES[name].page
    shown = re.findall(r"^!\[([^]]+)\]\(([^)]+)\)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    there = {(page.parent / path).resolve(): words for words, path in shown}
    assert there[ROOT / pictures.FOLDER / f"{name}.svg"]


def test_each_guide_shows_its_network() -> None:
    guides = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("guide-*.md")}
    assert guides | {"README.md"} == {one.page for one in pictures.PICTURES.values()}


PAGE = """
```yaml file=a.yml
x_networks: [1]
```

```yaml file=a.yml
- hosts: all
  vars: {x_networks: [2], wanted: present}
  tasks:
    - netloom.linux.topology: {netns: [{name: red, state: "{{ wanted }}"}], state: present}
    - netloom.linux.veth: {name: v}
    - netloom.linux.veth: {name: "{{ item }}"}
      loop: [1, 2]
```

```yaml
all: {hosts: {a: {own: 1}}, vars: {own: 0}, children: {g: {hosts: {a:, b:}}}}
```
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("a.yml#1", {"x_networks": [1]}),
        (
            "a.yml",
            {
                "x_networks": [2],
                "netloom_topology": {"netns": [{"name": "red", "state": "present"}], "veth": [{"name": "v"}]},
            },
        ),
    ],
)
def test_what_a_block_declares(words: str, expected: dict[str, t.Any]) -> None:
    found = declarations.variables(declarations.block(PAGE, "all:"), [declarations.block(PAGE, words)])
    groups = {"all": ["a"], "g": ["a", "b"]}
    assert found["b"] == {**expected, "own": 0, "groups": groups}
    assert set(found) == {"a", "b"}
