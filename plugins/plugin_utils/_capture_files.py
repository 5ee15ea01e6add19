# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of captured packets, on the control node."""

from __future__ import annotations

import base64
import collections.abc as c
import contextlib
import os
import re
import tempfile
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words

ENDING = ".pcap"
MOST_LETTERS = 200  # of a file's name, which file systems limit to 255 bytes
_STRANGE = re.compile(r"[^0-9A-Za-z._@+-]+")


class Files:
    """Where the captures of one task are written: a file, or a folder for several. It raises BadInput if that is not
    possible, and makes nothing before there is something to write.
    """

    def __init__(self, dest: t.Any, host: str, arguments: c.Mapping[str, t.Any]) -> None:
        if not isinstance(dest, str):
            raise _errors.BadInput(f"dest: {_words.shown(dest)} is not a path on the control node.")
        self.path, self.host = os.path.abspath(os.path.expanduser(os.path.expandvars(dest))), host
        self.single = dest.endswith(ENDING)
        several = arguments.get("points")
        if self.single and isinstance(several, (list, tuple)) and len(several) > 1:
            raise _errors.BadInput(
                f"dest: '{dest}' is one file, and there are {len(several)} points; give a folder, without '{ENDING}'."
            )
        if self.single and os.path.isdir(self.path):
            raise _errors.BadInput(f"dest: '{dest}' is a folder, though it ends in '{ENDING}'.")
        self._check_folder()

    @property
    def folder(self) -> str:
        """The folder in which files are made."""
        return os.path.dirname(self.path) if self.single else self.path

    def _check_folder(self) -> None:
        """See that files can be made in the folder, or that it can be made."""
        there = self.folder
        while not os.path.lexists(there):
            there = os.path.dirname(there)
        if not os.path.isdir(there):
            raise _errors.BadInput(f"dest: '{there}' is not a folder.")
        if not os.access(there, os.W_OK | os.X_OK):
            raise _errors.BadInput(f"dest: this user cannot write into the folder '{there}'.")

    def written(self, result: dict[str, t.Any]) -> dict[str, t.Any]:
        """Write what a module captured. Return its result with the files in place of contents. Raises HostError."""
        captures: list[dict[str, t.Any]] = []
        for index, one in enumerate(result["captures"]):
            rest = {key: value for key, value in one.items() if key not in ("content", "encoding")}
            path = self.path if self.single else os.path.join(self.path, name_of(self.host, one))
            if any(path == other["dest"] for other in captures):  # strange names may look alike
                path = f"{path[: -len(ENDING)]}.{index}{ENDING}"
            try:
                os.makedirs(self.folder, exist_ok=True)
                _write(path, base64.b64decode(one["content"]))
            except OSError as error:
                raise _errors.HostError(f"Cannot write '{path}': {error.strerror}.") from error
            captures.append({**rest, "dest": path})
        return {**result, "captures": captures, "files": [one["dest"] for one in captures]}


def name_of(host: str, capture: c.Mapping[str, t.Any]) -> str:
    """The name of a file: HOST.NETNS.INTERFACE.pcap, without what has a meaning in paths."""
    parts = [host, *([capture["netns"]] if capture.get("netns") else []), capture["interface"]]
    return ".".join(_STRANGE.sub("_", str(part)) for part in parts)[:MOST_LETTERS] + ENDING


def _write(path: str, data: bytes) -> None:
    """Write a file whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".capture-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
