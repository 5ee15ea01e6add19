# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The libraries that a managed node needs: find them, report a missing or old one, and switch to a Python that has
them.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import typing as t

from ansible.module_utils.common.respawn import has_respawned, probe_interpreters_for_module, respawn_module

if t.TYPE_CHECKING:
    from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

# Import name -> least version (what Debian 12 ships).
PYROUTE2 = {"pyroute2": "0.7.2"}
OTHERS = {"ovsdbapp": "2.1.0"}  # for the kinds that need them
LEAST = {**PYROUTE2, **OTHERS}
INTERPRETERS = ("/opt/netloom/venv/bin/python", "/usr/bin/python3")


def needed(libraries: t.Collection[str]) -> dict[str, str]:
    """The libraries that a run imports: pyroute2, and those that its kinds need in addition (see Kind.libraries)."""
    return {**PYROUTE2, **{name: least for name, least in OTHERS.items() if name in libraries}}


def ensure(libraries: t.Mapping[str, str]) -> str | None:
    """Make sure that the libraries can be imported. Return None if they can (or if this process is replaced), otherwise
    a sentence that says why not.
    """
    wrong = [problem for problem in (_problem(name, least) for name, least in libraries.items()) if problem]
    if not wrong:
        return None
    if not has_respawned():
        # Every library that the run needs has to be in the one interpreter that is chosen.
        for interpreter in INTERPRETERS:
            if interpreter != sys.executable and all(
                probe_interpreters_for_module([interpreter], name) for name in libraries
            ):
                respawn_module(interpreter)
    return (
        f"{' '.join(wrong)} Run role netloom.linux.prepare on this host, or install it for {sys.executable} "
        f"(Debian and Ubuntu: apt-get install {' '.join('python3-' + name for name in libraries)})."
    )


def have(libraries: t.Mapping[str, str]) -> bool:
    """Whether this interpreter has the libraries."""
    return not any(_problem(name, least) for name, least in libraries.items())


def with_ovs(target: _snapshot.OvsTarget) -> set[_snapshot.OvsTarget]:
    """The database of Open vSwitch, for a scope that looks at it if it is there. Without Open vSwitch on the host its
    library need not be there either.
    """
    return {target} if os.path.exists(target.ovsdb[len("unix:") :]) and have(OTHERS) else set()


def _problem(name: str, least: str) -> str | None:
    # Found, not imported: all of pyroute2 takes longer than most runs, and they need few of its parts.
    spec = importlib.util.find_spec(name)
    if spec is None:
        return f"The Python library {name} (at least {least}) is missing from {sys.executable}."
    places = list(spec.submodule_search_locations or ())
    found = _version_of(name, places)
    if found is not None and _numbers(found) < _numbers(least):
        return f"The Python library {name} {found} at {places[0]} is too old; {least} is the least."
    return None


def _version_of(name: str, places: t.Sequence[str]) -> str | None:
    """The version in the metadata of the package. Debian ships pyroute2 with the version 'unknown', and
    importlib.metadata takes 30 ms.
    """
    for folder in map(os.path.dirname, places):
        for entry in sorted(os.listdir(folder)):
            match = re.fullmatch(rf"{name}-(\d[^-]*)(-.*)?\.(dist|egg)-info", entry)
            if match:
                return match[1]
    return None  # without metadata the version is unknown


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
