# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages of Debian's suites, fetched beside the machine's own package lists, which stay as they are.

apt checks the signature of what it fetches, and uses the mirror and the proxy that the machine's apt uses.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
from collections.abc import Mapping

from labhost.rundir import LabError

_KEYRING = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_DEFAULT_MIRROR = "http://deb.debian.org/debian"


def cache(environment: Mapping[str, str] | None = None) -> pathlib.Path:
    """Where what takes long to fetch and make is kept: the user's cache (XDG Base Directory Specification)."""
    base = (os.environ if environment is None else environment).get("XDG_CACHE_HOME", "")
    return (pathlib.Path(base) if base.startswith("/") else pathlib.Path.home() / ".cache") / "netloom"


def mirror() -> str:
    """Debian's mirror: the one of the machine's own apt, if the machine is a Debian."""
    command = ["apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages", "Component: main"]
    with contextlib.suppress(OSError):
        return mirror_of(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    return _DEFAULT_MIRROR


def mirror_of(index_targets: str) -> str:
    """The machine's mirror of Debian, out of the lines 'LABEL URL' of its package lists."""
    urls = [line.partition(" ")[2] for line in index_targets.splitlines() if line.partition(" ")[0] == "Debian"]
    return next((url.rstrip("/") for url in urls if url.startswith(("http://", "https://"))), _DEFAULT_MIRROR)


class Apt:
    """An apt with lists of its own, for some suites of Debian. ``directory`` is for its files, and may be thrown
    away.
    """

    def __init__(self, directory: pathlib.Path, suites: tuple[str, ...]) -> None:
        if not _KEYRING.exists():
            raise LabError(
                f"There is no {_KEYRING}, with which Debian's packages are checked. Install it with: apt-get install"
                " debian-archive-keyring"
            )
        self._directory = directory
        for below in ("lists/partial", "cache/archives/partial"):
            (directory / below).mkdir(parents=True, exist_ok=True)
        (directory / "status").touch()
        lines = [f"deb [signed-by={_KEYRING}] {mirror()} {suite} main\n" for suite in suites]
        (directory / "sources.list").write_text("".join(lines), encoding="ascii")
        self._run("update")

    def download(self, package: str) -> pathlib.Path:
        """Fetch the newest version of a package that the suites have; return the file."""
        before = set(self._directory.glob("*.deb"))
        self._run("download", package)
        return (set(self._directory.glob("*.deb")) - before).pop()

    def _run(self, *words: str) -> None:
        where = {
            "Dir::Etc::SourceList": "sources.list", "Dir::Etc::SourceParts": "none", "Dir::State::Lists": "lists",
            "Dir::Cache": "cache",
            "Dir::State::Status": "status",
        }  # fmt: skip
        options = [f"-o{option}={self._directory / path}" for option, path in where.items()]
        # Root's apt would fetch as the user _apt, who may not write below a directory of root's.
        command = ["apt-get", "-q", "-oAPT::Sandbox::User=root", *options, *words]
        done = subprocess.run(command, cwd=self._directory, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError(
                f"{' '.join(('apt-get', *words))}: {done.stderr.strip()[-1000:] or done.stdout.strip()[-1000:]}"
            )
