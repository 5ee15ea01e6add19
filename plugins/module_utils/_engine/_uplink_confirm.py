# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point of the module uplink_confirm, which sends the token that a guard waits for."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils import _lazy  # noqa: F401 pylint: disable=unused-import
from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._host.lasting import _boots, _confirmation
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors

SPEC: dict[str, t.Any] = {
    "token": {"type": "str", "required": True, "no_log": False},
    "timeout": {"type": "int", "default": 10},
}


def run_confirm() -> None:
    """main() of module uplink_confirm. It has no check mode, because it plans nothing and its caller has reached the
    host.
    """
    module = _module.parsed(SPEC, {}, check_mode=False)
    token = module.params["token"]
    if not re.fullmatch("[0-9a-f]{16}", token):
        _module.fail(
            module,
            f"token: {token!r} is not a token; it is in the list `unconfirmed` of the result of the module that moved"
            " the uplink.",
            reason=_errors.BadInput.reason,
        )
    if not 1 <= module.params["timeout"] <= 3600:
        _module.fail(
            module,
            f"timeout: {module.params['timeout']} is out of range; it must lie between 1 and 3600 seconds.",
            reason=_errors.BadInput.reason,
        )
    try:
        said = _confirmation.confirm(token, module.params["timeout"])
    except _errors.NetloomError as error:
        _module.fail(module, str(error), reason=error.reason, confirmed=False)
    if said != _confirmation.CONFIRMED:
        _module.fail(
            module,
            f"The host went back to what it was before the move: {_errors.quoted(said)}.",
            reason=_errors.NotInEffect.reason,
            confirmed=False,
        )
    _boots.confirmed(token)
    module.exit_json(changed=False, confirmed=True)
