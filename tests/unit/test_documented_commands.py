# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each command that a page shows is run by a test (tests/docs), or the page says why it is not."""

from __future__ import annotations

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "roles").glob("*/README.md"))]
BLOCK = re.compile(r"^```(?P<language>\w+)[^\n]*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
REASON = re.compile(r"<!-- not run: \S[^>]{10,} -->\s*\Z")
TYPED = re.compile(r"^(\$ |lab1# |ansible|cd |export |sudo |make )", re.MULTILINE)


def unproven(text: str) -> list[str]:
    """The first lines of the blocks with commands that are not run, and for which the page has no reason."""
    return [
        block["text"].partition("\n")[0]
        for block in BLOCK.finditer(text)
        if block["language"] in ("shell", "bash", "sh") or (block["language"] == "text" and TYPED.search(block["text"]))
        if not REASON.search(text[: block.start()])
    ]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_are_run_or_the_page_says_why_not(path: pathlib.Path) -> None:
    assert unproven(path.read_text(encoding="utf-8")) == []


def test_a_block_without_a_reason_is_found() -> None:
    block = "```shell\nansible-playbook site.yml\n```\n"
    assert unproven(block) == ["ansible-playbook site.yml"]
    assert unproven(f"<!-- not run: it needs an AWX, which is not here -->\n\n{block}") == []
    assert unproven(f"<!-- not run:  -->\n\n{block}") == ["ansible-playbook site.yml"]
    assert unproven("```text\n$ ansible-playbook site.yml\n```\n") == ["$ ansible-playbook site.yml"]
    assert unproven("```console\n$ ansible-playbook site.yml\n```\n") == []
