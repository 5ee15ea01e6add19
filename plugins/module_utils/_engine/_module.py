# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one edge to Ansible for the modules of a single kind."""

from __future__ import annotations

import gc
import typing as t

from ansible.module_utils import basic
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils._engine import _apply, _argspec, _requirements, _run
from ansible_collections.netloom.linux.plugins.module_utils._host import _host
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _plan

Body = t.Callable[[AnsibleModule, _host.Host], dict[str, t.Any]]


def run_kind(kind: _plan.Kind[t.Any]) -> None:
    """main() of a kind's module."""
    needed = _requirements.needed(ovs=kind.name.startswith("ovs_"))

    def body(module: AnsibleModule, host: _host.Host) -> dict[str, t.Any]:
        _argspec.refuse_null(kind.options, module.params, "")
        entry = _run.Entry(kind, kind.normalise(module.params, ""), module.params)
        outcome = _run.run([entry], host, check=module.check_mode, alone=True, wait=module.params["wait"])
        return result_of(entry, outcome, module._diff)  # pylint: disable=protected-access  # the documented way to ask for --diff

    at_the_edge(_argspec.module_spec(kind), dict(kind.rules), needed, body)


def at_the_edge(
    spec: dict[str, t.Any],
    rules: dict[str, t.Any],
    needed: t.Mapping[str, str] | t.Callable[[t.Any], t.Mapping[str, str]],
    body: Body,
    check_mode: bool = True,
) -> None:
    """Parse, check the libraries, run the body with a host, and turn our errors into fail_json. ``check_mode``: whether the module has one."""
    gc.disable()  # a run is over before garbage counts, and looking for it takes a tenth of the time
    try:
        given = basic._load_params() or {}  # pylint: disable=protected-access  # before Ansible turns them into text
        _argspec.refuse_unread(spec, given)
    except _errors.NetloomError as error:
        anything = {key: {"type": "raw"} for key in given if not key.startswith("_ansible_")}
        AnsibleModule(argument_spec=anything, supports_check_mode=True).fail_json(msg=str(error))
    module = AnsibleModule(argument_spec=spec, supports_check_mode=check_mode, **rules)
    problem = _requirements.ensure(needed(module.params) if callable(needed) else needed)
    if problem:
        module.fail_json(msg=problem)
    host = _host.Host(float(module.params.get("wait") or 10), _called(module))
    try:
        result = body(module, host)
    except _apply.Failed as error:
        module.fail_json(msg=str(error), failed_step=error.step, undone=error.undone, remains=error.remains)
    except _errors.NetloomError as error:
        module.fail_json(msg=str(error))
    finally:
        host.close()
    if host.unconfirmed:
        result["unconfirmed"] = host.unconfirmed  # the action plugin of linux_bridge and topology confirms
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    module.exit_json(**result)


def _called(module: AnsibleModule) -> str:
    """What runs, for those who have to wait for it."""
    name = module.params.get("name")
    return f"{module._name}{f' {name!r}' if name else ''}"  # pylint: disable=protected-access  # as it was called


def result_of(entry: _run.Entry, outcome: _run.Outcome, diff: bool) -> dict[str, t.Any]:
    """The result of a single kind's module."""
    kind, spec = entry.kind, entry.spec
    result: dict[str, t.Any] = {
        "changed": outcome.changed,
        "steps": outcome.steps,
        "warnings": outcome.warnings,
        kind.name: shown(entry, kind.view(spec, outcome.now)),
        **kind.facts(spec, outcome.now),
    }
    if diff:
        before, after = (shown(entry, kind.view(spec, snapshot)) for snapshot in (outcome.before, outcome.planned))
        result["diff"] = {"before": before, "after": after}
    return result


def shown(entry: _run.Entry, view: dict[str, t.Any] | None) -> dict[str, t.Any]:
    """An object in the shape of the options; unknown values are left out, and nothing is 'absent'."""
    if view is None:
        return {**entry.name, "state": "absent"}
    return {key: value for key, value in {"state": entry.kind.states[0], **view}.items() if value is not None}
