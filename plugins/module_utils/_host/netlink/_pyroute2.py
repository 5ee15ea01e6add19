# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of pyroute2 that we use, without the others.

``import pyroute2`` loads all of it (NDB, a laboratory, every protocol), which takes a fifth of a small run. So its
modules are imported from within the package without running the package's ``__init__``. If that does not work, they are
imported as usual.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
import typing as t

PACKAGE = "pyroute2"


def classes(*paths: str) -> tuple[t.Any, ...]:
    """The classes at these paths below the package: 'netlink.rtnl.rtmsg.rtmsg'. Raises ImportError."""
    if PACKAGE not in sys.modules:
        try:
            _enter()
            return _import(paths)
        except (ImportError, AttributeError):
            for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
                del sys.modules[name]
    return _import(paths)


def _import(paths: t.Sequence[str]) -> tuple[t.Any, ...]:
    found = [path.rsplit(".", 1) for path in paths]
    return tuple(getattr(importlib.import_module(f"{PACKAGE}.{module}"), name) for module, name in found)


def _enter() -> None:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError(f"No module named {PACKAGE!r}")
    package = types.ModuleType(PACKAGE)
    package.__path__ = list(spec.submodule_search_locations)
    package.__spec__ = spec
    sys.modules[PACKAGE] = package
