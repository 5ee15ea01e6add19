# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation shows: the examples of the modules and the marked blocks of the pages."""

from __future__ import annotations

import ast
import dataclasses
import pathlib
import re
import typing as t

import yaml

Tasks = list[dict[str, t.Any]]

FENCE = re.compile(r"^```(?P<info>\S[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
HIDDEN = re.compile(r"^<!-- (?P<when>here|before|after|var (?P<name>\w+)): (?P<command>.+) -->$", re.MULTILINE)
HOSTS = re.compile(r"^<!-- hosts: (?P<count>\d+) -->$", re.MULTILINE)
SECTION = re.compile(r"^###? (?P<title>.+)$", re.MULTILINE)
TABLE = re.compile(r"^\|(?P<table>.*\n(?:^\|.*\n)+)", re.MULTILINE)
# A task that fails, and the sentence it fails with.
FAILS = re.compile(r"^<!-- fails: (?P<bad>.+) -->\n\n?> `+ ?(?P<sentence>.+?) ?`+$", re.MULTILINE)
# A row whose last cell is a task.
ROW = re.compile(r"^\| .* \| `(?P<task>netloom\.linux\.\w+: \{.*\})` \|$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Block:
    """A piece of a page that can be run.

    kind 'tasks': text is YAML, a list of tasks. 'file': text goes to a file of this name. 'console': a session of
    commands and their output. 'here': a command that prepares the folder on the control node. 'before' and 'after': a
    command that prepares the host for a section, or tidies up after it. 'var': a command whose output becomes the
    Ansible variable of this name. 'fails': text is a task, which fails with the sentence that is the name.
    """

    kind: str
    text: str
    line: int
    name: str = ""

    @property
    def tasks(self) -> Tasks:
        """The tasks in it."""
        return t.cast(Tasks, yaml.safe_load(self.text))


@dataclasses.dataclass
class Section:
    """What stands under one heading. It is run in order, and what its tasks made is taken down at its end."""

    title: str
    blocks: list[Block]


@dataclasses.dataclass
class Page:
    """A module's examples or a Markdown file. ``hosts``: how many lab hosts it is typed on."""

    name: str
    path: pathlib.Path
    sections: list[Section]
    hosts: int = 1


def of_module(path: pathlib.Path) -> Page:
    """The EXAMPLES of a module, read without importing it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES":
            return Page(
                path.stem, path, [Section("EXAMPLES", [Block("tasks", ast.literal_eval(node.value), node.lineno)])]
            )
    raise ValueError(f"{path} has no EXAMPLES")


def of_markdown(path: pathlib.Path, root: pathlib.Path) -> Page:
    """The blocks of a page that say by their marks that they can be run."""
    text = path.read_text(encoding="utf-8")
    starts = [(0, ""), *((match.start(), match["title"]) for match in SECTION.finditer(text))]
    sections = [Section(title, []) for _start, title in starts]
    found = [*FENCE.finditer(text), *HIDDEN.finditer(text), *TABLE.finditer(text), *FAILS.finditer(text)]
    for match in sorted(found, key=lambda match: match.start()):
        block = _block(match, text.count("\n", 0, match.start()) + 1)
        if block:
            place = max(index for index, (start, _title) in enumerate(starts) if start <= match.start())
            sections[place].blocks.append(block)
    many = HOSTS.search(text)
    kept = [section for section in sections if section.blocks]
    return Page(str(path.relative_to(root)), path, kept, int(many["count"]) if many else 1)


def _block(match: re.Match[str], line: int) -> Block | None:
    groups = match.groupdict()
    if "when" in groups:
        return Block(groups["when"].partition(" ")[0], groups["command"], line, groups["name"] or "")
    if "bad" in groups:
        return Block("fails", f"- {groups['bad']}", line, groups["sentence"])
    if "table" in groups:
        rows = [f"- {row['task']}\n" for row in ROW.finditer(match[0])]
        return Block("tasks", "".join(rows), line) if rows else None
    return _fenced(groups["info"], groups["text"], line)


def _fenced(info: str, text: str, line: int) -> Block | None:
    language, _space, mark = info.partition(" ")
    if language == "console":
        return Block("console", text, line)
    if language == "yaml" and mark == "tasks":
        return Block("tasks", text, line)
    if mark.startswith("file="):
        return Block("file", text, line, mark.removeprefix("file="))
    return None


def all_pages(root: pathlib.Path) -> list[Page]:
    """Everything that is to be run."""
    modules = [of_module(path) for path in sorted((root / "plugins" / "modules").glob("*.py"))]
    markdown = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    pages = [of_markdown(path, root) for path in markdown if path.exists()]
    return [*modules, *(page for page in pages if page.sections)]
