# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a package: all that users need, and nothing else: ``contents.py FILE``."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import tarfile
import typing as t

# Of these folders everything is for users; of tests/, only what makes lab hosts is.
FOR_USERS = ("LICENSES", "docs", "extensions", "meta", "playbooks", "plugins", "roles", "tests/lab")
# .ansible-lint is for Galaxy's importer: it says what cannot be judged without other collections.
FILES = {
    ".ansible-lint", "CHANGELOG.md", "CODE_OF_CONDUCT.md", "LICENSE", "MAINTAINERS.md", "README.md", "REUSE.toml",
    "SECURITY.md", "changelogs/changelog.yaml", "tests/config.yml", "tests/setup",
}  # fmt: skip
BY_GALAXY = {"FILES.json", "MANIFEST.json"}
NEEDED = FILES | {"LICENSES/GPL-3.0-or-later.txt", "meta/runtime.yml", "tests/lab/lab"}
MOST_BYTES = 2_000_000


def main(path: pathlib.Path) -> int:
    """Print what is wrong; the exit status."""
    with tarfile.open(path) as package:
        names = {member.name.removeprefix("./") for member in package.getmembers() if not member.isdir()} - BY_GALAXY
        pages = {name: _text(package, name) for name in names if name.endswith(".md")}
    wrong = [*_strays(names), *_dead_links(names, pages)]
    if path.stat().st_size > MOST_BYTES:
        wrong.append(f"{path.name} has {path.stat().st_size} bytes, more than {MOST_BYTES}")
    print("\n".join(wrong) or f"{len(names)} files, {path.stat().st_size} bytes, no dead link")
    return 1 if wrong else 0


def _strays(names: set[str]) -> t.Iterator[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    )
    for name in sorted(names - set(listed.stdout.split("\0"))):
        yield f"{name} is in the package, but not in the repository: add it to build_ignore in galaxy.yml"
    for name in sorted(names - FILES):
        if not name.startswith(tuple(f"{folder}/" for folder in FOR_USERS)):
            yield f"{name} is in the package, and of no use without a checkout: add it to build_ignore in galaxy.yml"
    for name in sorted(NEEDED - names):
        yield f"{name} is not in the package"


def _dead_links(names: set[str], pages: dict[str, str]) -> t.Iterator[str]:
    folders = {str(parent) for name in names for parent in pathlib.PurePosixPath(name).parents}
    for page, text in sorted(pages.items()):
        # What stands in a block of code, or in a span of it, is no link.
        prose = re.sub(r"^```.*?^```$|`[^`\n]+`", "", text, flags=re.MULTILINE | re.DOTALL)
        for link in re.findall(r"\]\(([^)\s]+)\)", prose):
            target = link.partition("#")[0]
            if target and "://" not in link and _resolved(page, target) not in names | folders:
                yield f"{page} links {link}, which is not in the package: link the repository's page"


def _resolved(page: str, target: str) -> str:
    parts: list[str] = []
    for part in (*pathlib.PurePosixPath(page).parent.parts, *pathlib.PurePosixPath(target).parts):
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts) or "."


def _text(package: tarfile.TarFile, name: str) -> str:
    handle = package.extractfile(name)
    assert handle is not None
    return handle.read().decode()


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
