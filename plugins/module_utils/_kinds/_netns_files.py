# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files below /etc/netns/NAME, which ip-netns(8) shows in place of those in /etc.

The record says which of them are ours, and what existed before the first of ours was written. That is restored when
ours are deleted.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _access,
    _errors,
    _ops,
    _paths,
    _plan,
    _snapshot,
    _values,
)

DEFAULT_MODE = 0o644
TYPES = {
    "NoneType": "null",
    "bool": "a truth value",
    "int": "a number",
    "float": "a number",
    "list": "a list",
    "dict": "a dictionary",
}


@dataclasses.dataclass(frozen=True)
class EtcFile:
    """One file; ``mode`` None: that of the existing file, else 0644."""

    content: str
    mode: int | None = None


Files = t.Mapping[str, EtcFile]  # path below /etc/netns/NAME -> file


def normalise(files: t.Mapping[str, t.Any], option: str) -> dict[str, EtcFile]:
    """Read the option etc_files. Errors do not show its values, because they may be secrets."""
    found = {}
    for name, value in files.items():
        parts = name.split("/")
        if not name or any(part in ("", ".", "..") for part in parts) or _values.text(name, option) != name:
            raise _errors.BadInput(
                f"{option}: {name!r} is not a file below /etc/netns/NAME; name one such as 'resolv.conf'."
            )
        content, mode = value, None
        if isinstance(value, dict):
            unknown = sorted(set(value) - {"content", "mode"})
            if unknown or "content" not in value:
                wrong = f"{unknown[0]!r} is none of its options" if unknown else "it has no content"
                raise _errors.BadInput(
                    f"{option}.{name}: {wrong}; give {{content: ..., mode: '0600'}}, or the content alone as a string."
                )
            content, mode = value["content"], _mode(value.get("mode"), f"{option}.{name}.mode")
        if not isinstance(content, str):
            what = TYPES.get(type(content).__name__, "no text")
            raise _errors.BadInput(
                f"{option}.{name}: is {what}, not text; give the file's content as a string (a block scalar '|' keeps"
                " its lines)."
            )
        found[name] = EtcFile(content, mode)
    return found


def _mode(value: t.Any, option: str) -> int | None:
    """A mode as ansible.builtin.copy takes it. YAML reads 0600 as the number 384."""
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"0?[0-7]{3}", value):
        raise _errors.BadInput(
            f"{option}: {value!r} is not a file's mode; give three octal digits, quoted, such as '0600'."
        )
    return int(value, 8)


def view(snapshot: _snapshot.Snapshot, folder: str) -> dict[str, t.Any]:
    """The files in the shape of the option. A file with the usual mode is only its content."""
    return {
        path[len(folder) + 1 :]: _shown(content, snapshot.access.get(path))
        for path, content in snapshot.below(folder).items()
    }


def _shown(content: str, access: _access.Access | None) -> t.Any:
    return (
        content if access is None or access.mode == DEFAULT_MODE else {"content": content, "mode": f"{access.mode:04o}"}
    )


# --- the record ---


@dataclasses.dataclass
class _Record:
    """The record. ``before``: the files that existed before ours and do not exist now, by path: content, mode,
    owner.
    """

    ours: set[str] = dataclasses.field(default_factory=set)
    before: dict[str, dict[str, t.Any]] = dataclasses.field(default_factory=dict)


def _read(name: str, planner: _plan.Planner) -> _Record | None:
    text = planner.now.files.get(_paths.etc_record(name))
    if not text:
        return None
    try:
        said = json.loads(text)
        # A list: an older release.
        return _Record(set(said)) if isinstance(said, list) else _Record(set(said["ours"]), dict(said["before"]))
    except (ValueError, TypeError, KeyError) as error:
        raise _errors.HostError(
            f"Cannot read {_paths.etc_record(name)}: it is damaged ({error}). It says which files below"
            f" {_paths.etc_folder(name)} are ours. Remove it; these files are then left alone."
        ) from error


def _write(name: str, record: _Record, planner: _plan.Planner) -> None:
    path = _paths.etc_record(name)
    facts = {"ours": sorted(record.ours), "before": record.before}
    text = json.dumps(facts, sort_keys=True) + "\n" if any(facts.values()) else None
    if planner.now.files.get(path) != text:
        planner.do(_ops.record(path, text))


def _seen(path: str, planner: _plan.Planner) -> dict[str, t.Any]:
    access = planner.now.access.get(path) or _access.Access()
    return {"content": planner.now.files[path], "mode": access.mode, "owner": [access.user, access.group]}


# --- there, and gone ---


def settle(name: str, files: Files | None, planner: _plan.Planner) -> None:
    """Plan that exactly these files exist."""
    if files is None:
        return
    folder = _paths.etc_folder(name)
    _refuse_special(folder, planner)
    here = planner.now.below(folder)
    known = _read(name, planner)
    record = known or _Record()
    wanted = {f"{folder}/{path}": file for path, file in files.items()}
    writes = [op for path, file in wanted.items() for op in _put(path, file, record.before.get(path), planner)]
    changed = {op.path for op in writes} | (set(here) - set(wanted))
    # Files from before the first of ours are restored at the end. A file that appears later among ours is drift.
    if known is None:
        record.before.update({path: _seen(path, planner) for path in here if path in changed})
    record.ours = (record.ours & set(wanted)) | {op.path for op in writes}
    _write(name, record, planner)  # first, because a run that is killed must not forget the earlier files
    for path in sorted(set(here) - set(wanted)):
        planner.do(_ops.FileDelete(path))
    for op in writes:
        planner.do(op)
    # A file that is as it was before us is not ours.
    back = {
        path
        for path, was in record.before.items()
        if planner.now.files.get(path) is not None and _seen(path, planner) == was
    }
    left = {path: was for path, was in record.before.items() if path not in back}
    _write(name, _Record(record.ours - back, left), planner)


def _put(
    path: str, file: EtcFile, before: t.Mapping[str, t.Any] | None, planner: _plan.Planner
) -> list[_ops.FileWrite]:
    """Write a file that differs. Its mode and its owner stay, unless a mode is declared."""
    there = planner.now.files.get(path) is not None
    access = planner.now.access.get(path) or _access.Access(DEFAULT_MODE)
    if before and not there:
        access = _access.Access(before["mode"], *before["owner"])
    mode = access.mode if file.mode is None else file.mode
    same = planner.now.files.get(path) == file.content and mode == access.mode
    return [] if same else [_ops.FileWrite(path, file.content, mode, owner=(access.user, access.group))]


def remove(name: str, planner: _plan.Planner) -> None:
    """Plan that our files are deleted, and that the files before them are restored."""
    record = _read(name, planner) or _Record()
    special = {path for path, access in planner.now.access.items() if access.special}
    for path in sorted(special & {*record.ours, *record.before}):
        planner.warn(f"Left alone: {path} is {planner.now.access[path].special}, which no run made.")
    here = set(planner.now.below(_paths.etc_folder(name)))
    for path in sorted((record.ours - set(record.before) - special) & here):
        planner.do(_ops.FileDelete(path))
    for path, was in sorted(record.before.items()):
        if path not in special and (planner.now.files.get(path) is None or path in record.ours):
            planner.do(_ops.FileWrite(path, was["content"], was["mode"], owner=(was["owner"][0], was["owner"][1])))
    _write(name, _Record(), planner)


def _refuse_special(folder: str, planner: _plan.Planner) -> None:
    """Refuse what would be deleted or replaced and could not be restored: anything but regular files, and names that
    the option does not take.
    """
    wish, way = f"Cannot write the files below {folder}:", "Move it away, or leave etc_files out."
    for path, access in sorted(planner.now.access.items()):
        if access.special and path.startswith(f"{folder}/"):
            raise _errors.Conflict(
                f"{wish} {path} is {access.special}, which etc_files would replace and could not bring back. {way}"
            )
    for path in sorted(planner.now.below(folder)):
        if not _values.is_text(path):
            raise _errors.Conflict(
                f"{wish} the name of {path!r} has a line break, a control character or bytes that are not UTF-8;"
                f" etc_files would delete that file and could not bring it back. {way}"
            )
