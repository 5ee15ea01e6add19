# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site has every page, and what leads from page to page leads somewhere."""

from __future__ import annotations

import importlib.util
import pathlib
import re
import sys
import types

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
AWAY = "https://forge.example/netloom/blob/main"


def load(name: str) -> types.ModuleType:
    """A file of docs/site as a module."""
    spec = importlib.util.spec_from_file_location(f"netloom_site_{name}", ROOT / f"docs/site/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


pages, links, conf = load("pages"), load("links"), load("conf")
# Not the start page: its paths begin at the site's top, and Sphinx follows them.
MARKDOWN = sorted(
    path
    for path in ROOT.rglob("*.md")
    if path != ROOT / "docs/site/index.md"
    and not any(part.startswith((".", "_")) or part == "output" for part in path.relative_to(ROOT).parts)
)


def relative(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


def prose(text: str) -> str:
    """A page without its blocks and its spans of code."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def anchors(text: str) -> set[str]:
    """The anchors that a forge, and the site, give to the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    titles = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title) for title in titles]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_each_page_is_in_the_contents() -> None:
    """A page that is added must be found: name it in a tree of contents of docs/site/index.md."""
    contents = pages.in_contents((ROOT / "docs/site/index.md").read_text())
    made = {pages.PLAYBOOKS.removesuffix(".md"), f"{pages.REFERENCE}/index"}
    assert {page.removesuffix(".md") for page in pages.pages()} | made == contents


@pytest.mark.parametrize("path", MARKDOWN, ids=relative)
def test_links_between_pages_lead_somewhere(path: pathlib.Path) -> None:
    broken = []
    for match in re.finditer(r"\]\((?!\w+:)(?P<path>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)", prose(path.read_text())):
        target = (path.parent / match["path"]).resolve() if match["path"] else path
        if not target.exists() or (match["anchor"] and match["anchor"] not in anchors(target.read_text())):
            broken.append(match[0])
    assert not broken


ROLES = sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))
REFERENCE = [*sorted((ROOT / "plugins").rglob("*.py")), *sorted((ROOT / "docs/docsite").rglob("*.*")), *ROLES]


@pytest.mark.parametrize("path", REFERENCE, ids=relative)
def test_links_of_the_reference_to_pages_lead_somewhere(path: pathlib.Path) -> None:
    told = re.findall(rf"{re.escape(pages.forge())}/([^\s#>\"')]+)", path.read_text())
    assert [name for name in told if name not in pages.pages()] == []


def test_ansibles_own_site_leads_to_each_guide() -> None:
    text = (ROOT / "docs/docsite/rst/guides.rst").read_text()
    guides = [page for page in pages.pages() if page.startswith("docs/guide-")]
    assert [page for page in guides if f"{pages.forge()}/{page}>" not in text] == []


@pytest.mark.parametrize("path", sorted((ROOT / "plugins/modules").glob("*.py")), ids=relative)
def test_each_module_leads_to_a_guide(path: pathlib.Path) -> None:
    assert f"link: {pages.forge()}/docs/" in path.read_text()


@pytest.mark.parametrize("path", ROLES, ids=relative)
def test_each_role_leads_to_its_readme(path: pathlib.Path) -> None:
    assert f"link: {pages.forge()}/{relative(path.parents[1])}/README.md" in path.read_text()


@pytest.mark.parametrize("name", ["hosts.yml", "group_vars/fleet.yml"])
def test_the_guide_to_many_hosts_shows_the_example(name: str) -> None:
    """Which the demonstration builds."""
    text = (ROOT / "docs/guide-many-hosts.md").read_text()
    shown = re.findall(rf"^```yaml file=inventory/{re.escape(name)}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    example = yaml.safe_load((ROOT / "docs/examples/fleet" / name).read_text())
    assert example in [yaml.safe_load(block) for block in shown]


def test_each_playbook_says_what_it_does() -> None:
    page = pages.playbooks()
    for path in (ROOT / "playbooks").glob("*.yml"):
        assert f"## {path.stem}\n" in page
        assert f"netloom.linux.{path.stem}" in page


def test_a_page_of_the_site_keeps_its_links_and_shows_names_of_files() -> None:
    text = "[a](b.md#c) [t](../tests/x.py#L1) [w](https://w.example/) [h](#here)\n```yaml file=net.yml\na: 1\n```\n"
    assert pages.adapted(text, "docs/a.md", {"docs/b.md"}, AWAY) == (
        f"[a](b.md#c) [t]({AWAY}/tests/x.py#L1) [w](https://w.example/) [h](#here)\n"
        "```{code-block} yaml\n:caption: net.yml\n\na: 1\n```\n"
    )


def test_the_reference_leads_to_the_pages_of_the_site() -> None:
    text = f"`Guide <{AWAY}/docs/guide.md#part>`__ `Code <{AWAY}/plugins/x.py>`__"
    assert pages.reference(text, ["docs/guide.md"], AWAY, "../..") == (
        f"`Guide <../../docs/guide.html#part>`__ `Code <{AWAY}/plugins/x.py>`__"
    )


def test_the_menu_names_modules_and_not_their_titles() -> None:
    assert pages.reference(".. toctree::\n\n    netns_info_module\n    docsite/guides\n", [], AWAY) == (
        ".. toctree::\n\n    netns_info <netns_info_module>\n    docsite/guides\n"
    )


def test_links_that_lead_nowhere_are_found(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.html").write_text(
        '<a href="b.html#x">1</a><a href="b.html#y">2</a><a href="https://c.example">3</a>'
    )
    (tmp_path / "b.html").write_text('<p id="x"><img src="none.png"><a href="a.html">4</a></p>')
    assert [line.partition(": ")[2] for line in links.broken(tmp_path)] == [
        "'b.html#y' leads to no place in b.html",
        "'none.png' leads to no file",
    ]


@pytest.mark.parametrize(
    ("page", "source"),
    [
        ("index", "docs/site/index.md"),
        ("docs/how-it-works", "docs/how-it-works.md"),
        ("reference/index", None),
        ("playbooks", None),
    ],
)
def test_a_page_leads_to_its_source(page: str, source: str | None) -> None:
    assert conf.source_of(page) == source


def test_labels_of_ansible_lead_to_its_documentation() -> None:
    there = "https://docs.ansible.com/ansible/latest"
    assert conf.elsewhere("ansible_collections.ansible.builtin.command_module") == (
        f"{there}/collections/ansible/builtin/command_module.html"
    )
    assert (
        conf.elsewhere("ANSIBLE_BECOME_USER") == f"{there}/reference_appendices/config.html#envvar-ANSIBLE_BECOME_USER"
    )
    assert conf.elsewhere("ansible_collections.netloom.linux.nosuch_module") is None
