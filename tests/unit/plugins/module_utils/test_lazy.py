# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module reads of its zip: only what it uses, and each file once."""

from __future__ import annotations

import ast
import json
import pathlib
import subprocess
import sys
import typing as t
import zipfile

import pytest
from ansible_collections.netloom.linux.plugins.module_utils import _lazy
from ansible_collections.netloom.linux.plugins.module_utils._engine import _order

PLUGINS = pathlib.Path(_lazy.__file__).resolve().parents[1]
PACKAGE = "ansible_collections.netloom.linux.plugins"
UTILS = f"{PACKAGE}.module_utils"
# Runs with a zip instead of the checkout, and counts what Python compiles of it.
BEFORE = """
import builtins, collections, json, sys, types
sys.path[:0] = sys.argv[1:2]
sys.dont_write_bytecode = True
compiled, real = collections.Counter(), compile
def counted(source, filename, *args, **options):
    if str(filename).startswith(sys.argv[1]):
        compiled[str(filename)[len(sys.argv[1]) + 1 :]] += 1
    return real(source, filename, *args, **options)
builtins.compile = counted
def read():
    ours = [one for one in list(sys.modules.values()) if ".netloom.linux.plugins.module_utils." in one.__name__]
    files = [one for one in ours if type(one) is types.ModuleType and not hasattr(one, "__path__")]
    return sorted(one.__name__.rpartition("module_utils.")[2] for one in files)
"""
# A run of module netns in check mode, but for Ansible and the host.
RUN = f"""
from {PACKAGE}.modules import netns
from {UTILS}._engine import _argspec, _entry, _hooks, _run
from {UTILS}._kinds import _netns
from {UTILS}._model import _snapshot
kind = _netns.NetnsKind()
spec = _argspec.module_spec(kind)
params = {{**{{name: option.get("default") for name, option in spec.items()}}, "name": "red"}}
class Host:
    def read(self, scope):
        return _snapshot.Snapshot({{None: _snapshot.Namespace(None)}})
outcome = _run.run(
    _hooks.Hooks([_entry.Entry(kind, kind.normalise(params, ""), params)]), Host(), check=True, alone=True, wait=0
)
assert outcome.steps[0] == "create namespace red", outcome.steps
print(json.dumps([read(), compiled]))
"""
# What such a run has no use for, and why. Everything else may be read.
UNUSED = {
    "_host._link_writer": "nothing is written in check mode",
    "_host._netns_writer": "nothing is written in check mode",
    "_host._stack_writer": "nothing is written in check mode",
    "_host._writer": "nothing is written in check mode",
    "_engine._records": "only a topology remembers",
    "_engine._topology": "only a topology has lists",
    "_model._address_ops": "a namespace has no addresses",
    "_model._daemon_ops": "a namespace has no daemons",
    "_model._nat_ops": "a namespace has no NAT",
    "_model._ovs_ops": "a namespace has no switch",
    "_model._probe": "nothing is probed",
    "_model._remains": "nothing has failed",
    "_model._uplink": "a namespace has no uplink",
    "_model._uplink_ops": "a namespace has no uplink",
}


@pytest.fixture(name="packed", scope="module")
def fixture_packed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A zip of our code, as Ansible makes it."""
    path = tmp_path_factory.mktemp("zip") / "payload.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for parent in (pathlib.PurePath(*UTILS.split(".")[:depth]) for depth in range(1, 5)):
            archive.writestr(f"{parent}/__init__.py", "")
        for file in sorted(PLUGINS.glob("module*/**/*.py")):
            archive.write(file, f"{PACKAGE.replace('.', '/')}/{file.relative_to(PLUGINS)}")
        archive.writestr(f"{PACKAGE.replace('.', '/')}/modules/__init__.py", "")
    return str(path)


def said(packed: str, script: str) -> t.Any:
    """What a script prints that imports our code from the zip."""
    outside = [path for path in sys.path if ".build" not in path]
    command = [sys.executable, "-c", f"{BEFORE}{script}", packed]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONPATH": ":".join(outside)})
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def test_a_run_reads_only_what_it_uses(packed: str) -> None:
    read, _compiled = said(packed, RUN)
    kinds = {f"_kinds._{name}" for name in _order.KIND_NAMES} - {"_kinds._netns"}
    reasons = {**UNUSED, **dict.fromkeys(kinds, "it is another kind")}
    vain = [f"{name}: {reasons[name]}" for name in read if name in reasons]
    assert not vain, (
        f"A run of netns reads files that it does not use: {'; '.join(vain)}. Each costs a millisecond at each start."
        " Use a name of such a file in a function, and not while another file is read."
    )
    assert "_kinds._netns" in read and "_engine._run" in read
    assert all((PLUGINS / "module_utils" / f"{name.replace('.', '/')}.py").is_file() for name in reasons)


def test_each_file_is_compiled_once(packed: str) -> None:
    _read, compiled = said(packed, RUN)
    files = {name: times for name, times in compiled.items() if "module_utils/_" in name and "__init__" not in name}
    twice = {name for name, times in files.items() if times > 1}
    # The entry point is imported before anything is lazy, and finds this file and its room as Python does.
    assert len(files) > 20
    assert {name.rpartition("/")[2] for name in twice} <= {"_lazy.py", "_module.py"}


def test_a_process_that_outlives_the_zip_reads_everything_before(packed: str) -> None:
    script = f"""
from {UTILS} import _lazy
from {UTILS}._host import _host
_lazy.read_all()
print(json.dumps([one.__name__ for one in list(sys.modules.values()) if type(one).__name__ == "_Unread"] + read()))
"""
    names = said(packed, script)
    assert "_host.ovsdb._ovsdb" in names and "_host.netlink._moving_links" in names
    assert not [name for name in names if name.startswith(PACKAGE)]


def test_a_file_that_could_not_be_read_is_tried_again(packed: str) -> None:
    script = f"""
from {UTILS} import _lazy
from {UTILS}._model import _words
archive, _words.__loader__ = _words.__loader__, None
tried = []
for _ in range(2):
    try:
        _words.legible
    except AttributeError:
        tried.append(type(_words).__name__)
_words.__loader__ = archive
print(json.dumps([tried, _words.legible("red"), type(_words).__name__, _words.__file__.endswith("_model/_words.py")]))
"""
    assert said(packed, script) == [["_Unread", "_Unread"], "red", "module", True]


def test_what_is_not_in_a_zip_is_imported_as_usual() -> None:
    assert type(_order).__name__ == "module"


@pytest.mark.parametrize("path", sorted((PLUGINS / "modules").glob("*.py")), ids=lambda path: path.stem)
def test_each_module_begins_with_what_makes_imports_lazy(path: pathlib.Path) -> None:
    first = next(iter(ours_in(path)))
    assert first.startswith("_engine."), "the first import of ours in a module is its entry point"
    entry = PLUGINS / "module_utils" / f"{first.replace('.', '/')}.py"
    assert next(iter(ours_in(entry))) == "_lazy", f"{entry.name} must import _lazy before other files of ours"


def ours_in(path: pathlib.Path) -> list[str]:
    """Our modules in the order in which a file imports them."""
    return [
        f"{node.module}.{alias.name}".removeprefix(f"{UTILS}.")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(UTILS)
        for alias in node.names
    ]
