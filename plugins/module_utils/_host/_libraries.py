# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the libraries that we use, without the others.

``import pyroute2`` loads all of it (NDB, a laboratory, every protocol), which takes a fifth of a small run. ``import
ovsdbapp`` loads all of setuptools to tell its own version, which takes a tenth. So their modules are imported from
within the package without running the package's ``__init__``. If that does not work, they are imported as usual.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
import typing as t


def modules(package: str, *names: str) -> list[t.Any]:
    """The modules of these names below a package: 'netlink.rtnl.rtmsg'. Raises ImportError."""
    if package not in sys.modules:
        try:
            _enter(package)
            return _import(package, names)
        except (ImportError, AttributeError):
            for name in [name for name in sys.modules if name.split(".")[0] == package]:
                del sys.modules[name]
    return _import(package, names)


def _import(package: str, names: t.Sequence[str]) -> list[t.Any]:
    return [importlib.import_module(f"{package}.{name}") for name in names]


def _enter(package: str) -> None:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError(f"No module named {package!r}")
    entered = types.ModuleType(package)
    entered.__path__ = list(spec.submodule_search_locations)
    entered.__spec__ = spec
    sys.modules[package] = entered
