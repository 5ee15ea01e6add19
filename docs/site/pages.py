# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather the site's pages in one folder, each at its path in the repository, so that links between them hold.

A link to a file that is no page of the site (a folder of tests, a licence) becomes a link to the forge. A link of the
reference to a page on the forge becomes a link to that page of the site.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shutil
import typing as t

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SITE = ROOT / "docs/site"
START = "index.md"
OVERVIEW = "README.md"
PLAYBOOKS = "playbooks.md"
REFERENCE = "reference"
CONTENTS = "Modules, plugins and roles"  # the title of the reference's first page
# What is a page of the site, beside the start page, the playbooks and the reference.
PAGES = (
    "README.md",
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "MAINTAINERS.md",
    "SECURITY.md",
    "docs/*.md",
    "roles/*/README.md",
    "tests/lab/README.md",
)
PLAYBOOKS_BEGIN = """# Playbooks

If the roles' variables are in the inventory, you need no play of your own. The [overview](README.md#the-playbooks) has
the variables of the playbooks.
"""
PICTURES = ("docs/*.svg", "docs/*.png", "docs/pictures/*.svg")

# A line of the reference's trees of contents. The menu would show the page's title, which is a sentence.
CONTENTS_ENTRY = re.compile(r"^ {4}(?P<page>(?P<name>\w+)_(?:become|filter|inventory|module|role))$", re.MULTILINE)

LINK = re.compile(r"(?<=\]\()(?!\w+:|#)(?P<path>[^)#\s]+)(?P<anchor>#[^)\s]*)?(?=\))")
NAMED_BLOCK = re.compile(r"^```(?P<language>\w+) file=(?P<name>\S+)$", re.MULTILINE)
SAID = re.compile(r"\A(#.*\n)*---\n(?P<comment>(#.*\n)+)")


def forge() -> str:
    """Where the repository's files can be read."""
    return f"{yaml.safe_load((ROOT / 'galaxy.yml').read_text(encoding='utf-8'))['repository']}/blob/main"


def pages(root: pathlib.Path = ROOT) -> list[str]:
    """The paths of the pages that lie in the repository."""
    return sorted(str(path.relative_to(root)) for pattern in PAGES for path in root.glob(pattern))


def in_contents(text: str) -> set[str]:
    """What the trees of contents of a page name, as paths from the site's top."""
    trees = re.findall(r"^```\{toctree\}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = [line for tree in trees for line in tree.splitlines() if line and not line.startswith(":")]
    return {match[1] if (match := re.search(r"<(.+)>$", line)) else line for line in lines}


def adapted(text: str, page: str, known: t.Container[str], away: str) -> str:
    """A page as the site has it: links that lead out of the site lead to the forge, and a file's name is a caption."""

    def target(match: re.Match[str]) -> str:
        path = os.path.normpath(os.path.join(os.path.dirname(page), match["path"]))
        return match[0] if path in known else f"{away}/{path}{match['anchor'] or ''}"

    if page == OVERVIEW:
        text = text.replace("# netloom.linux\n", "# Overview\n", 1)
    text = LINK.sub(target, text)
    return NAMED_BLOCK.sub(r"```{code-block} \g<language>\n:caption: \g<name>\n", text)


def reference(text: str, known: t.Iterable[str], away: str, top: str = "..") -> str:
    """A page of the reference, whose links to pages on the forge lead to those of the site. top: the way up to them."""
    for page in known:
        text = text.replace(f"<{away}/{page}", f"<{top}/{page.removesuffix('.md')}.html")
    # The name is no title; and of all pages that speak of netloom.linux, a list of search results has to tell this one.
    text = re.sub(r"^Netloom\.Linux\n=+$", f"{CONTENTS}\n{'=' * len(CONTENTS)}", text, flags=re.MULTILINE)
    text = CONTENTS_ENTRY.sub(r"    \g<name> <\g<page>>", text)
    return text.replace("Netloom.Linux", "netloom.linux")


def playbooks(root: pathlib.Path = ROOT) -> str:
    """The page of the playbooks: what each says of itself, and its text."""
    parts = [PLAYBOOKS_BEGIN]
    for path in sorted((root / "playbooks").glob("*.yml")):
        match = SAID.match(path.read_text(encoding="utf-8"))
        if match is None:
            raise ValueError(f"{path}: say in a comment after '---' what the playbook does, and how to call it")
        lines = [line.removeprefix("#")[1:] for line in match["comment"].splitlines()]
        said = "\n".join(line for line in lines if not line.startswith("  "))
        typed = "\n".join(line.strip() for line in lines if line.startswith("  "))
        parts.append(f"## {path.stem}\n\n{said}\n\n```shell\n{typed}\n```\n")
        parts.append(f"````{{dropdown}} {path.name}\n```yaml\n{path.read_text(encoding='utf-8')}```\n````\n")
    return "\n".join(parts)


def gather(into: pathlib.Path) -> None:
    """Write all pages below a folder, in which the reference lies already."""
    away, found = forge(), pages()
    known = {*found, *(str(path.relative_to(ROOT)) for pattern in PICTURES for path in ROOT.glob(pattern))}
    for page in sorted(known):
        (into / page).parent.mkdir(parents=True, exist_ok=True)
        if page.endswith(".md"):
            text = (ROOT / page).read_text(encoding="utf-8")
            (into / page).write_text(adapted(text, page, known, away), encoding="utf-8")
        else:
            shutil.copy(ROOT / page, into / page)
    (into / PLAYBOOKS).write_text(playbooks(), encoding="utf-8")
    shutil.copy(SITE / START, into / START)
    for path in (into / REFERENCE).rglob("*.rst"):
        top = os.path.relpath(into, path.parent)
        path.write_text(reference(path.read_text(encoding="utf-8"), found, away, top), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("into", type=pathlib.Path)
    gather(parser.parse_args().into)
