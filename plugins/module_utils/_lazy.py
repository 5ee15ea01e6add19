# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lazy imports: a file of ours is read when something in it is first used, and not when it is imported.

Ansible sends a module as a zip, from which Python compiles each file that it imports, at every run. It even does so
twice: ``zipimporter.get_filename()`` compiles a file to tell its name. A run uses a third of our files. So each entry
point imports this file before the others of ours, and what follows are ordinary imports.

Python 3.15 has the same in the language (``lazy import``, PEP 810). ``importlib.util.LazyLoader`` does not help: its
files are found by ``get_filename()``, and the zipimporter of Python 3.9 is not enough for it. If our files are not in a
zip, as on the controller and in unit tests, they are imported as usual.
"""

from __future__ import annotations

import importlib.machinery
import sys
import types
import typing as t
import zipimport

import ansible_collections.netloom.linux.plugins.module_utils as ours


class _Unread(types.ModuleType):
    """A module whose file was not read yet. The class has no other names, so any name in the module is sought here."""

    def __getattr__(self, name: str) -> t.Any:
        _read(self)
        return getattr(self, name)


def _read(module: types.ModuleType) -> None:
    loader: t.Any = module.__loader__
    module.__class__ = types.ModuleType
    try:
        exec(loader.get_code(module.__name__), module.__dict__)
    except BaseException:
        module.__class__ = _Unread  # the next use tries again, like the next import after one that failed
        raise


class _Later:
    """Leaves the file of a module to the zipimporter, for later."""

    def __init__(self, archive: t.Any) -> None:
        self._archive = archive

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None  # an ordinary module

    def exec_module(self, module: types.ModuleType) -> None:
        module.__loader__ = self._archive
        if module.__spec__ is not None:
            module.__spec__.loader = self._archive
        module.__class__ = _Unread


class _Finder:
    """Finds our modules in a zip, but not our packages, whose files are empty."""

    def find_spec(
        self, name: str, path: t.Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not path or not name.startswith(f"{ours.__name__}."):
            return None
        try:
            archive = zipimport.zipimporter(path[0])
            if archive.is_package(name):
                return None
        except zipimport.ZipImportError:  # it is not in a zip
            return None
        loader: t.Any = _Later(archive)
        file = f"{path[0]}/{name.rpartition('.')[2]}.py"
        spec = importlib.machinery.ModuleSpec(name, loader, origin=file)
        spec.has_location = True  # so that tracebacks find the file's lines
        return spec


def read_all() -> None:
    """Read now whatever may be used later: for a process that outlives the zip, which Ansible deletes."""
    while unread := [module for module in list(sys.modules.values()) if isinstance(module, _Unread)]:
        for module in unread:
            _read(module)


if isinstance(getattr(ours, "__loader__", None), zipimport.zipimporter):
    sys.meta_path.insert(0, _Finder())
