# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the host again after an undo, and find what differs from the state before the run."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _identity,
    _plan,
    _remains,
    _scope,
    _snapshot,
)

PAUSE = 0.02  # seconds between two looks
LONGEST_LOOK = 2.0  # seconds in which what was taken back has to be as it was


class Reader(t.Protocol):
    """An object that reads the host."""

    def read(self, scope: _scope.Scope) -> _snapshot.Snapshot:
        """A snapshot of the scope."""


class Look:
    """Reads the host once after an undo. Objects that disappear late (a link whose namespace was deleted) get a
    moment.
    """

    def __init__(
        self, host: Reader, scope: _scope.Scope, before: _snapshot.Snapshot, book: _identity.Book, wait: float
    ) -> None:
        self._host, self._scope, self._before, self._book = host, scope, before, book
        self._patience = min(wait, LONGEST_LOOK)
        self._after: _snapshot.Snapshot | None = None

    def __call__(self, steps: t.Sequence[_plan.Step]) -> list[str] | None:
        touched = _remains.touched_by(op for step in steps for op in (step.op, *step.inverse))
        if not touched:
            return None if steps else []
        until = time.monotonic() + self._patience
        while True:
            try:
                found = _remains.differences(self._before, self._read(), touched, self._book)
            except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
                # What cannot be read is not as before: it is not known.
                found = [
                    f"what else is not as before is not known, for the host could not be read ({_errors.quoted(error)})"
                ]
            if not found or time.monotonic() > until:
                self._patience = 0.0
                return found
            self._after = None
            time.sleep(PAUSE)

    def _read(self) -> _snapshot.Snapshot:
        self._after = self._after or self._host.read(self._scope)
        return self._after
