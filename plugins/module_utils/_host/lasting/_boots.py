# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The saved form of a topology for the next boot: its declaration, its unit, and the code that applies it, in the form
in which it runs now.

Ansible sends a module with all that it imports as a zip. The Python files in it are saved in another zip, with a start
of their own. Python reads it as it is.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import marshal
import os
import pathlib
import pwd
import site
import stat
import sys
import typing as t
import zipfile
import zlib

import ansible.module_utils
import ansible_collections.netloom.linux.plugins.module_utils as ours
from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _systemd
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._model import _boot, _boot_ops, _errors, _ops, _paths

PACKAGES = ("ansible/", "ansible_collections/")
MAIN = "__main__.py"
MOST_LINKS = 40  # as path_resolution(7) has it
START = f"""\
import sys
from {ours.__name__}._engine._boot import main
sys.exit(main(sys.argv[1]))
"""
EPOCH = (1980, 1, 1, 0, 0, 0)


def here() -> tuple[str, str]:
    """The digest of the code that runs, and the Python that runs it."""
    return _digest((name, zlib.crc32(content), len(content)) for name, content in _sources().items()), sys.executable


def replaceable() -> str | None:
    """Why systemd must not run this Python as root at boot: somebody else may change its files. None: nobody can."""
    # (The folders of libraries below /usr/local belong to group staff on some distributions.)
    parts = [(path, 0o022) for path in _links(sys.executable)] + [(path, 0o002) for path in site.getsitepackages()]
    for path, writable in parts:
        for part in (
            path,
            *map(str, pathlib.PurePath(path).parents),
            *map(str, pathlib.PurePath(os.path.realpath(path)).parents),
        ):
            try:
                found = os.lstat(part)
            except FileNotFoundError:
                continue
            if found.st_uid != 0:
                return f"{part} belongs to {_user(found.st_uid)}"
            if not stat.S_ISLNK(found.st_mode) and found.st_mode & writable:
                return f"{part} can be written by others (mode {stat.S_IMODE(found.st_mode):04o})"
    return None


def _links(path: str) -> list[str]:
    """A path, and the target of each symbolic link in it."""
    found = [path]
    while os.path.islink(found[-1]) and len(found) < MOST_LINKS:
        found.append(os.path.normpath(os.path.join(os.path.dirname(found[-1]), os.readlink(found[-1]))))
    return found


def _user(number: int) -> str:
    try:
        return f"user {pwd.getpwuid(number).pw_name}"
    except KeyError:
        return f"user {number}"


def _sources() -> dict[str, bytes]:
    """Our code and the code of Ansible that it needs: path -> content."""
    archive = getattr(getattr(ours, "__loader__", None), "archive", None)
    if archive is not None:
        with zipfile.ZipFile(archive) as packed:
            names = [name for name in packed.namelist() if name.startswith(PACKAGES) and name.endswith(".py")]
            return {**{name: packed.read(name) for name in names}, MAIN: START.encode()}
    found = {MAIN: START.encode()}
    for package in (ours, ansible.module_utils):
        inside = package.__name__.replace(".", "/")
        for depth in range(1, inside.count("/") + 1):
            found["/".join([*inside.split("/")[:depth], "__init__.py"])] = b""
        for parent, _folders, files in sorted(os.walk(next(iter(package.__path__)))):
            for name in sorted(files):
                if name.endswith(".py"):
                    path = os.path.join(parent, name)
                    with open(path, "rb") as handle:
                        found[f"{inside}/{os.path.relpath(path, next(iter(package.__path__)))}"] = handle.read()
    return found


def _digest(entries: t.Iterable[tuple[str, int, int]]) -> str:
    return hashlib.sha256(repr(sorted(entries)).encode()).hexdigest()


def _digest_of(path: str) -> str | None:
    """The digest of the code in a saved zip."""
    try:
        with zipfile.ZipFile(path) as packed:
            return _digest(
                (entry.filename, entry.CRC, entry.file_size)
                for entry in packed.infolist()
                if not entry.filename.endswith(".pyc")
            )
    except (OSError, zipfile.BadZipFile):
        return None


def _packed() -> bytes:
    """The zip of our code with the bytecode of this Python, which saves a second of a boot. Another Python ignores the
    bytecode.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in sorted(_sources().items()):
            packed.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
            packed.writestr(zipfile.ZipInfo(f"{name}c", EPOCH), _compiled(name, content), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _compiled(name: str, content: bytes) -> bytes:
    """A .pyc file that is not compared with its source (PEP 552)."""
    code = marshal.dumps(compile(content, name, "exec", dont_inherit=True))
    return importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + importlib.util.source_hash(content) + code


def _wanted(name: str) -> str:
    return f"{_paths.SYSTEM_UNITS}/{_paths.WANTED_BY}.wants/{_paths.boot_unit(name)}"


def _beside(name: str) -> list[str]:
    return [_paths.boot_file(name, file) for file in (_paths.RECORDS, _paths.MACS, _paths.UNCONFIRMED)]


def read(name: str) -> _boot.Boot | None:
    """The saved parts of a topology, or None if nothing is saved."""
    found = _boot.Boot(
        _files.read(_paths.declaration(name)),
        _files.read(f"{_paths.SYSTEM_UNITS}/{_paths.boot_unit(name)}"),
        _digest_of(_paths.boot_file(name, _paths.ENGINE)),
        os.path.lexists(_wanted(name)),
        _files.read(_paths.boot_file(name, _paths.UNCONFIRMED)) is not None,
    )
    return None if found == _boot.Boot(None, None, None, False) else found


class Boots:
    """Saves and forgets in one run, and keeps what it replaced or deleted, so that an undone run can save that
    again.
    """

    def __init__(self) -> None:
        self._engines: dict[str, bytes] = {}  # by digest
        self._beside: dict[str, str] = {}  # by path
        self._tokens: t.Sequence[str] = ()

    def do(self, op: _ops.Op, tokens: t.Sequence[str]) -> None:
        """Save or forget. ``tokens``: of the moves of uplinks in this run that wait to be confirmed."""
        self._tokens = tokens
        _ops.performed_by(PERFORM, op)(self, op)

    def _keep(self, name: str) -> None:
        digest = _digest_of(_paths.boot_file(name, _paths.ENGINE))
        if digest is not None and digest not in self._engines:
            with open(_paths.boot_file(name, _paths.ENGINE), "rb") as handle:
                self._engines[digest] = handle.read()

    def save(self, op: _boot_ops.BootSave) -> None:
        """Write the declaration, our code and the unit."""
        name, boot = op.name, op.boot
        self._keep(name)
        files: list[tuple[str, str | bytes | None, int]] = [
            (_paths.declaration(name), boot.declaration, 0o600),
            (
                _paths.boot_file(name, _paths.ENGINE),
                None if boot.engine is None else self._engines.get(boot.engine) or _packed(),
                0o644,
            ),
            (f"{_paths.SYSTEM_UNITS}/{_paths.boot_unit(name)}", boot.unit, 0o644),
        ]
        files += [(path, self._beside.pop(path), 0o600) for path in _beside(name) if path in self._beside]
        if self._tokens:
            files.append((_paths.boot_file(name, _paths.UNCONFIRMED), json.dumps(list(self._tokens)) + "\n", 0o600))
        elif not boot.unconfirmed:
            self._set_aside(_paths.boot_file(name, _paths.UNCONFIRMED))
        for path, content, mode in files:
            if content is None:
                _files.delete(path)
            else:
                _files.write(path, content, mode, lasting=True)
        if boot.enabled:
            _files.link(_wanted(name), f"{_paths.SYSTEM_UNITS}/{_paths.boot_unit(name)}")
        _systemd.reload()

    def forget(self, op: _boot_ops.BootForget) -> None:
        """Delete the declaration, the code and the unit, and disable the unit."""
        name = op.name
        self._keep(name)
        for path in (_wanted(name), f"{_paths.SYSTEM_UNITS}/{_paths.boot_unit(name)}"):
            _files.delete(path)
        _systemd.stop([_paths.boot_unit(name)])
        _systemd.reload()
        for path in _beside(name):
            self._set_aside(path)
        for path in (_paths.declaration(name), _paths.boot_file(name, _paths.ENGINE)):
            _files.delete(path)

    def _set_aside(self, path: str) -> None:
        text = _files.read(path)
        if text is not None:
            self._beside[path] = text
        _files.delete(path)


PERFORM: dict[str, t.Callable[[Boots, t.Any], None]] = {"BootSave": Boots.save, "BootForget": Boots.forget}


def confirmed(token: str) -> None:
    """Record that the move of this token is confirmed. It may then be done at boot, where nobody can confirm it."""
    for path, text in _files.read_tree(
        os.path.dirname(os.path.dirname(_paths.boot_file("x", _paths.UNCONFIRMED)))
    ).items():
        if os.path.basename(path) == _paths.UNCONFIRMED and token in text:
            left = [one for one in json.loads(text) if one != token]
            if left:
                _files.write(path, json.dumps(left) + "\n", 0o600)
            else:
                _files.delete(path)


def refuse_unconfirmed(name: str) -> None:
    """Raise HostError if the topology moves an uplink and that move was never confirmed."""
    if _files.read(_paths.boot_file(name, _paths.UNCONFIRMED)) is not None:
        raise _errors.HostError(
            f"Topology '{name}' moves an uplink, and when it did so last, no controller came back to confirm it. It is"
            " not done again at boot. Run it from the controller once more, until the move is confirmed."
        )
