# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test: sanity tests, and units on the oldest Python that is there."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import re
import sys
import typing as t

from check import ROOT, Check

MANAGED_NODES = ("3.9", "3.10", "3.11", "3.12", "3.13")
STAND_IN = '''\
"""Stand-in for get-pip.py: installs pip with the copy of pip that comes with Python."""
import ensurepip
import glob
import os
import subprocess
import sys

bundled = os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", "pip-*.whl")
wheels = glob.glob(bundled) + glob.glob("/usr/share/python-wheels/pip-*.whl")
arguments = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
environment = {name: value for name, value in os.environ.items() if name != "GET_PIP"}
command = [sys.executable, "-m", "pip", "install", "--upgrade"] + arguments
sys.exit(subprocess.call(command, env=dict(environment, PYTHONPATH=wheels[0])))
'''


def prepare(*trees: str) -> t.Iterator[Check]:
    """A copy for each run, which has to be alone in it; and pip's installer, which ansible-test would fetch from a host
    that may be out of reach.
    """
    _provide_get_pip()
    for tree in trees:
        yield Check(
            f"a copy for ansible-test: {tree}",
            ["tests/setup", "--tree", tree],
            tally=lambda _output, good: (0, 0 if good else 1),
        )


def sanity() -> t.Iterator[Check]:
    """All, on the newest Python that is here."""
    yield _sanity("ansible-test sanity", "sanity", "--python", _ends()[1])


def sanity_oldest() -> t.Iterator[Check]:
    """On the oldest Python whether everything compiles and can be imported. After the newest: both make one environment
    below ~/.ansible/test.
    """
    oldest, newest = _ends()
    if oldest != newest:
        yield _sanity(
            f"on Python {oldest}", "sanity-oldest", "--python", oldest, "--test", "compile", "--test", "import"
        )


def _sanity(name: str, tree: str, *options: str) -> Check:
    command = ["ansible-test", "sanity", "--venv", "--color", "no", *options]
    return Check(name, command, _environment(tree), _sanity_tally, directory=_tree(tree))


def units() -> t.Iterator[Check]:
    """The units of what runs on managed nodes, on the oldest Python that is here. (On the newest, pytest runs them
    all.)
    """
    command = ["ansible-test", "units", "--venv", "--python", _ends()[0], "--color", "no"]
    yield Check(f"Python {_ends()[0]}", command, _environment("unit"), pytest_tally, directory=_tree("unit"))


def _ends() -> tuple[str, str]:
    """The oldest and the newest Python of managed nodes that are here."""
    here = [version for version in MANAGED_NODES if any(_interpreters(version))]
    return here[0], here[-1]


def pytest_tally(output: str, good: bool) -> tuple[int, int]:
    """Count by the last lines of pytest's runs. A run of nothing, or of skipped tests only, is a failure."""
    counts = {"passed": 0, "failed": 0, "error": 0}
    for line in re.findall(r"^(?:=+ )?(\d+ \w+.* in [0-9.]+s.*)$", output, re.MULTILINE):
        for number, word in re.findall(r"(\d+) (passed|failed|error)", line):
            counts[word] += int(number)
    bad = counts["failed"] + counts["error"]
    return counts["passed"], bad or (0 if good and counts["passed"] else 1)


def _sanity_tally(output: str, good: bool) -> tuple[int, int]:
    run = len(re.findall(r"^Running sanity test ", output, re.MULTILINE))
    failed = len(set(re.findall(r"The (\d+) sanity test", output))) and int(
        re.findall(r"The (\d+) sanity test", output)[-1]
    )
    return max(run - failed, 0), failed or (0 if good else 1)


def _tree(name: str) -> pathlib.Path:
    # It refuses symbolic links, and has its own idea of what git knows: so it gets a copy, and is told where that is.
    return ROOT / ".build/at" / name / "ansible_collections/netloom/linux"


def _environment(tree: str) -> dict[str, str]:
    # The interpreters themselves come first: ansible-test runs them with another environment, in which pyenv's shims
    # fail.
    folders = [str(path.parent) for version in MANAGED_NODES for path in _interpreters(version)]
    path = [
        str(pathlib.Path(sys.executable).parent),
        *folders,
        *(entry for entry in os.environ["PATH"].split(":") if not entry.endswith("shims")),
    ]
    return {
        "PATH": ":".join(dict.fromkeys(path)),
        "ANSIBLE_TEST_CONTENT_ROOT": str(_tree(tree)),
        "ANSIBLE_COLLECTIONS_PATH": str(_tree(tree).parents[2]),
    }


def _interpreters(version: str) -> t.Iterator[pathlib.Path]:
    for folder in ("/usr/bin", "/usr/local/bin"):
        yield from pathlib.Path(folder).glob(f"python{version}")
    root = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv"))
    yield from root.glob(f"versions/{version}.*/bin/python{version}")


def _provide_get_pip() -> None:
    found = importlib.util.find_spec("ansible_test")
    assert found is not None, "no ansible-test in this environment"
    assert found.submodule_search_locations
    text = (pathlib.Path(found.submodule_search_locations[0]) / "_internal/python_requirements.py").read_text()
    for version in re.findall(r"pip='([0-9.]+)'", text):
        path = pathlib.Path.home() / f".ansible/test/cache/get_pip_{version.replace('.', '_')}.py"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(STAND_IN)
