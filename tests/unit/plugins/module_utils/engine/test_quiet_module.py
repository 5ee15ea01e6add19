# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible hides of a result is hidden, and nobody looks for it where there is nothing to hide."""

from __future__ import annotations

import typing as t

from ansible.module_utils import basic
from ansible_collections.netloom.linux.plugins.module_utils._engine import _quiet_module
from ansible_collections.netloom.linux.plugins.module_utils._model import _contents

RESULT = {"steps": ["create red"], "password": "sesame"}


class Base:
    """The part of AnsibleModule that returns a result."""

    params: t.ClassVar[dict[str, t.Any]] = {"name": "red"}

    def __init__(self, *hidden: str) -> None:
        self.no_log_values = set(hidden)
        self.told: dict[str, t.Any] = {}

    def _return_formatted(self, kwargs: dict[str, t.Any]) -> None:
        self.told = basic.remove_values(kwargs, self.no_log_values)


def returned(*hidden: str) -> dict[str, t.Any]:
    """What the module returns of RESULT."""
    module: t.Any = _quiet_module.of(t.cast("t.Any", Base))(*hidden)
    module._return_formatted(dict(RESULT))
    return dict(module.told)


def test_a_secret_stays_hidden() -> None:
    told = returned("sesame")
    assert (told["steps"], told["password"]) == (RESULT["steps"], _contents.HIDDEN)


def test_a_result_without_secrets_is_not_copied() -> None:
    looking = basic.remove_values
    assert returned()["steps"] is RESULT["steps"]
    assert basic.remove_values is looking
