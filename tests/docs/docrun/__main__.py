# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the pages on lab hosts, and see that nothing of them is left."""

from __future__ import annotations

import argparse
import difflib
import pathlib
import sys
import tempfile
import time

import yaml

from docrun import session
from docrun.host import Host, Wrong, of_the_lab
from docrun.pages import Block, Page, Section, all_pages
from docrun.plays import refusals, rehearsal, takedown

MODULES = "modules"
OF_OVN = "ovn_"  # the beginning of the names of modules that need its databases


class _Dumper(yaml.SafeDumper):
    """YAML without anchors, which a repeated task would get."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def main() -> int:
    """What the command does; the exit status."""
    parser = argparse.ArgumentParser(
        prog="tests/docs/run", description="Run what the documentation shows on a lab host."
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="print what Ansible prints")
    parser.add_argument("--all-but", action="store_true", help="all pages but those named")
    parser.add_argument(
        "pages",
        nargs="*",
        metavar="PAGE",
        help="a module's name, a page's path, or 'modules': all of these (default: all)",
    )
    options = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[3]
    pages = all_pages(root)
    if MODULES in options.pages:
        options.pages += [page.name for page in pages if not page.name.endswith(".md")]
    unknown = set(options.pages) - {page.name for page in pages} - {MODULES}
    if unknown:
        parser.error(f"no such page, or nothing in it is marked to be run: {', '.join(sorted(unknown))}")
    wanted = [page for page in pages if not options.pages or (page.name in options.pages) != options.all_but]
    there = len(of_the_lab())
    for page in [page for page in wanted if page.hosts > there]:
        wanted.remove(page)
        print(f"left out {page.name}: tests/lab/lab run {page.hosts} --name node -- tests/docs/run {page.name}")
    if not wanted:
        return 1
    failures = [page.name for page in wanted if not _page(page, root, options.verbose)]
    if failures:
        print(f"docs: {len(failures)} of {len(wanted)} pages do not hold: {', '.join(failures)}")
        return 1
    print(f"docs: {len(wanted)} pages hold")
    return 0


def _page(page: Page, root: pathlib.Path, verbose: bool) -> bool:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="docs-") as name:
        host = Host(root, pathlib.Path(name), verbose, page.hosts)
        for number in range(1, page.hosts + 1):
            host.there("systemctl start openvswitch-switch", number)
        if page.name.startswith(OF_OVN):
            host.there("systemctl start ovn-central")
        before = host.state()
        problem = _problem_of(page, host)
        left = "\n".join(difflib.unified_diff(before, host.state(), "before", "after", lineterm=""))
    if problem:
        print(f"FAILED {page.name} ({problem})")
    if left:
        print(f"FAILED {page.name}: the host is not as it was:\n{left}")
    if not problem and not left:
        print(
            f"ok {page.name}: {sum(len(section.blocks) for section in page.sections)} blocks,"
            f" {time.monotonic() - started:.0f} s",
            flush=True,
        )
    return not problem and not left


class _Waiting:
    """Plays that wait for each other: they are run together, as each start of Ansible takes a second, and packs each
    module anew.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._plays: list[dict[str, object]] = []

    def add(self, plays: list[dict[str, object]], where: str) -> None:
        """Plays for later, with what a reader looks for when one fails."""
        self._plays += [{**play, "name": f"{play['name']} ({where})"} for play in plays]

    def run(self) -> None:
        """Run what waits, before the host is looked at or touched otherwise."""
        plays, self._plays = self._plays, []
        if plays:
            path = self._host.folder / "documented.yml"
            path.write_text(yaml.dump(plays, Dumper=_Dumper, sort_keys=False, allow_unicode=True), encoding="utf-8")
            self._host.play(path)


def _problem_of(page: Page, host: Host) -> str | None:
    waiting = _Waiting(host)
    try:
        for section in page.sections:
            _rehearse(section, host, waiting, not page.name.endswith(".md"))
            _tidy(section, host, waiting)
        waiting.run()
    except Wrong as error:
        return f"{page.path}): {error}"
    return None


def _rehearse(section: Section, host: Host, waiting: _Waiting, twice: bool) -> None:
    for block in section.blocks:
        if block.kind == "tasks":
            waiting.add(rehearsal(block.tasks, twice), f"line {block.line}")
        elif block.kind not in ("after", "fails"):
            waiting.run()
            try:
                _block(block, host)
            except Wrong as error:
                raise Wrong(f"line {block.line}: {error}") from None


def _block(block: Block, host: Host) -> None:
    if block.kind == "file":
        path = host.folder / block.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    elif block.kind == "console":
        session.play(block.text, host)
    elif block.kind == "var":
        host.variables[block.name] = host.there(block.text).strip()
    elif block.kind == "here":
        host.here(block.text)
    else:
        host.there(block.text)


def _tidy(section: Section, host: Host, waiting: _Waiting) -> None:
    refused = [(task, block.name) for block in section.blocks if block.kind == "fails" for task in block.tasks]
    tasks = [task for block in section.blocks if block.kind == "tasks" for task in block.tasks]
    after = [block.text for block in section.blocks if block.kind == "after"]
    waiting.add(refusals(refused) if refused else [], section.title)
    waiting.add(takedown(tasks), section.title)
    if after:
        try:
            waiting.run()
        finally:
            for command in after:
                host.there(command)


if __name__ == "__main__":
    sys.exit(main())
