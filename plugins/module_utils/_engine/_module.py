# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point of the modules of a single kind."""

from __future__ import annotations

import gc
import json
import sys
import traceback
import typing as t

from ansible.module_utils import basic
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils import _lazy  # noqa: F401 pylint: disable=unused-import
from ansible_collections.netloom.linux.plugins.module_utils._engine import (
    _apply,
    _argspec,
    _changes,
    _entry,
    _hooks,
    _options,
    _quiet_module,
    _requirements,
    _run,
)
from ansible_collections.netloom.linux.plugins.module_utils._host import _host
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _privileges
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _rt_tables
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _kind, _words

TRACED = 3  # -vvv
MOST_UNDONE = 20  # steps that the result of a failed run lists; the message counts them all
Body = t.Callable[[AnsibleModule, t.Any], dict[str, t.Any]]


def run_kind(kind: _kind.Kind[t.Any]) -> None:
    """main() of a kind's module."""
    needed = _requirements.needed(kind.libraries)

    def body(module: AnsibleModule, host: _host.Host) -> dict[str, t.Any]:
        _argspec.refuse_null(kind.options, module.params, "")
        params = _rt_tables.numbered(module.params)
        entry = _entry.Entry(kind, kind.normalise(params, ""), params)
        outcome = _run.run(_hooks.Hooks([entry]), host, check=module.check_mode, alone=True, wait=module.params["wait"])
        # pylint: disable=protected-access  # the documented way to ask for --diff
        return result_of(entry, outcome, module._diff)

    at_the_edge(_argspec.module_spec(kind), dict(kind.rules), needed, body)


def at_the_edge(
    spec: dict[str, t.Any],
    rules: dict[str, t.Any],
    needed: t.Mapping[str, str] | t.Callable[[t.Any], t.Mapping[str, str]],
    body: Body,
    check_mode: bool = True,
    *,
    host_of: t.Callable[[AnsibleModule], t.Any] | None = None,
) -> None:
    """Parse, check the libraries, run the body with a host, and turn our errors into fail_json. ``check_mode``: whether
    the module has one. ``host_of``: makes what the body runs on, if that is not this host.
    """
    gc.disable()  # a run ends before garbage matters, and collecting it takes a tenth of the time
    module = parsed(spec, rules, check_mode, as_root=host_of is None)
    host = None
    try:
        problem = _requirements.ensure(needed(module.params) if callable(needed) else needed)
        if problem:
            fail(module, problem, reason=_errors.NoLibrary.reason)
        host = (host_of or _this_host)(module)
        result = body(module, host)
    except _apply.Failed as error:
        more = _trace(module) if isinstance(error.cause, _errors.Unexpected) else {}
        fail(module, str(error), reason=error.cause.reason, **_undone(error), **more)
    except _errors.NetloomError as error:
        fail(module, str(error), reason=error.reason)
    except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
        # A fault of ours: one sentence, and the traceback for who wants it.
        fail(module, str(_errors.Unexpected(error)), reason=_errors.Unexpected.reason, **_trace(module))
    finally:
        if host is not None:
            host.close()
    result = _legible(result, module)
    if host.unconfirmed:
        result["unconfirmed"] = host.unconfirmed  # the action plugin confirms
    for warning in result.pop("warnings", ()):
        module.warn(_words.bounded(warning))
    module.exit_json(**result)


def _this_host(module: AnsibleModule) -> _host.Host:
    return _host.Host(float(module.params.get("wait") or 10), called(module))


def _undone(error: _apply.Failed) -> dict[str, t.Any]:
    """Where a run failed, and what became of the steps before."""
    undone = _words.listed(error.undone, MOST_UNDONE)
    return {"failed_step": error.step, "undone": undone, "remains": error.remains}


def _legible(result: dict[str, t.Any], module: AnsibleModule) -> dict[str, t.Any]:
    """The result as JSON can carry it, with a warning if that is not as it was."""
    if _words.is_legible(result):
        return result
    shown: dict[str, t.Any] = _words.legible(result)
    if shown != result:
        module.warn(
            "Something that is told here has a name that is not UTF-8; the bytes that are not are shown as \\xNN, which"
            " no option takes."
        )
    return shown


def parsed(
    spec: dict[str, t.Any], rules: t.Mapping[str, t.Any], check_mode: bool = True, as_root: bool = True
) -> AnsibleModule:
    """Read the options of the module, after our own checks of the raw values and of the rights of the process. Fails
    with one sentence.
    """
    given: dict[str, t.Any] = {}
    try:
        given = _loaded()
        if not _words.is_legible(given):
            _options.refuse_undecodable(given)
        if given:  # without any arguments, ansible-test asks for the argument spec
            _options.judge(spec, given, str(given.get("_ansible_module_name", "the module")).rpartition(".")[2])
            _options.refuse_rules(rules, {**_defaults(spec), **given}, "")
            _argspec.check_wait(given)
    except _errors.NetloomError as error:
        _refuse(error)
    module = _quiet_module.of(AnsibleModule)(argument_spec=spec, supports_check_mode=check_mode, **rules)
    # If a result has a `path`, Ansible adds its owner, mode and `state: file`.
    module.add_path_info = lambda result: result
    lacking = _privileges.problem() if as_root else None
    if lacking:
        fail(module, lacking, reason=_errors.NoRights.reason)
    return module


def _loaded() -> dict[str, t.Any]:
    """The arguments of the module, before Ansible converts them to text."""
    # pylint: disable=protected-access  # there is no other way to get what was given
    try:
        return basic._load_params() or {}
    except Exception:
        # ansible-core 2.19 and later decline text that is not UTF-8, with a traceback and without its place.
        _options.refuse_undecodable(json.loads(basic._ANSIBLE_ARGS)["ANSIBLE_MODULE_ARGS"])
        raise


def _refuse(error: _errors.NetloomError) -> t.NoReturn:
    """Fail before there is an AnsibleModule: it would log and return options that it cannot read. ansible-lint, too,
    reads what is printed here; it runs modules with a stand-in for AnsibleModule, which accepts everything.
    """
    # pylint: disable=ansible-bad-function
    sys.stdout.write(json.dumps({"failed": True, "reason": error.reason, **_told(str(error))}) + "\n")
    sys.exit(1)


def _told(message: str) -> dict[str, str]:
    """The message in a readable length, and in full if that is more."""
    message = _words.legible(message)
    short = _words.bounded(message)
    return {"msg": short, **({} if short == message else {"message_in_full": message})}


def fail(module: AnsibleModule, message: str, **more: t.Any) -> t.NoReturn:
    """Fail the module with a message of a readable length."""
    module.fail_json(**_told(message), **_words.legible(more))
    raise AssertionError  # fail_json ends the process


def _trace(module: AnsibleModule) -> dict[str, list[str]]:
    """The traceback of the present exception, at -vvv. Newer releases of ansible-core show a traceback only if that is
    configured.
    """
    # pylint: disable=protected-access
    return {"traceback": traceback.format_exc().splitlines()} if module._verbosity >= TRACED else {}


def _defaults(spec: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {name: option["default"] for name, option in spec.items() if "default" in option}


def called(module: AnsibleModule) -> str:
    """The name of the running module and of its object, for those who wait for its lock."""
    name = module.params.get("name")
    return f"{module._name}{f' {name!r}' if name else ''}"  # pylint: disable=protected-access  # as it was called


def result_of(entry: _entry.Entry, outcome: _entry.Outcome, diff: bool) -> dict[str, t.Any]:
    """The result of a single kind's module."""
    kind, spec = entry.kind, entry.spec
    before, after = (shown(entry, kind.view(spec, snapshot)) for snapshot in (outcome.before, outcome.planned))
    changes = _changes.Changes(outcome)
    changes.add(entry, before, after)
    result: dict[str, t.Any] = {
        "changed": outcome.changed,
        "steps": outcome.steps,
        "disruptions": outcome.disruptions,
        "plan": changes.told,
        "warnings": outcome.warnings,
        kind.name: shown(entry, kind.view(spec, outcome.now)),
        **kind.facts(spec, outcome.now),
    }
    if diff:
        result["diff"] = {"before": before, "after": after}
        if before == after and outcome.steps:
            # Not every difference is in an option: an address may be about to expire, or its route may be gone. Ansible
            # shows it below the diff.
            result["diff"]["prepared"] = "".join(f"{step}\n" for step in outcome.steps)
    return result


def shown(entry: _entry.Entry, view: dict[str, t.Any] | None) -> dict[str, t.Any]:
    """An object in the shape of the options. Unknown values are left out, and a missing object is 'absent'."""
    if view is None:
        return {**entry.name, "state": "absent"}
    told = _quiet_module.with_digests(view, entry.params)
    return {key: value for key, value in {"state": entry.kind.states[0], **told}.items() if value is not None}
