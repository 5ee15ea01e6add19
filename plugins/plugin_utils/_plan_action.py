# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of all modules that have a plan: with --diff, Ansible prints a line for each object."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible import context
from ansible.utils.display import Display
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import _confirm, _entry, _plan_text

WHOLE = 2  # -vv shows the whole diff as well
# Variables of a role with the lists that it hands to a module, by the module: their names begin with the role's.
LISTS: t.Mapping[str, str] = {"topology": "__lists", "ovn_topology": "__northbound"}
COLLECTION = "netloom.linux."
WRITTEN = ("faults",)  # roles whose users write these lists themselves
COLLECT = "collect"  # value of the variable netloom_plan: print no plan here, for it is printed for the fleet


def told(
    result: dict[str, t.Any], host: str, terse: bool, silent: bool = False, picture: bool = False
) -> dict[str, t.Any]:
    """The result of a module with its plan in words as the diff.

    Ansible prints ``before`` and ``after`` of a diff wherever it finds them, so a terse one has only the words. Both
    are in the result itself in any case. ``silent``: the result has no diff, so that Ansible prints nothing.
    ``picture``: a topology of which nothing is there yet is drawn.
    """
    diff = result.get("diff")
    if "plan" not in result or not isinstance(diff, c.Mapping) or "before" not in diff:
        return result
    whole = {**result, "before": diff["before"], "after": diff["after"]}
    if silent:
        del whole["diff"]
        return whole
    lines = _plan_text.lines(whole, host, picture)
    words = {"prepared": "\n".join(lines)} if lines else {}
    header = lines[0].partition(":")[0] if lines else host
    whole["diff"] = words if terse and lines else {**diff, "before_header": header, "after_header": header, **words}
    return whole


class PlanAction(_confirm.ConfirmingAction):
    """Runs the module of its own name, confirms the moves of uplinks, and puts the plan into words."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return the module's result, with the plan in words as its diff."""
        variables = task_vars or {}
        try:  # before the host is changed: a task that fails for them must not have done its work
            silent = self._templar.template(variables.get("netloom_plan", "")) == COLLECT
            brief, picture = (self._flag(variables, name) for name in ("netloom_brief", "netloom_picture"))
        except _errors.BadInput as error:
            return {"failed": True, "reason": error.reason, "msg": str(error)}
        if silent:
            self._task.diff = True  # the module is to tell the plan, whoever prints it
        result = self._in_words_of_role(super().run(tmp, task_vars), variables)
        if brief:
            for whole in ("topology", "ovn_topology"):
                if whole in result:
                    result[whole] = {key: result[whole][key] for key in ("name", "state")}
        host = str(variables.get("inventory_hostname", ""))
        delegated = self._task.delegate_to
        # Whoever asks for the diff in the play, and not on the command line, gets it as other modules give it.
        terse = bool(context.CLIARGS.get("diff")) and Display().verbosity < WHOLE
        return told(result, f"{host} -> {delegated}" if delegated else host, terse, silent, picture)

    def _flag(self, variables: dict[str, t.Any], name: str) -> bool:
        """A truth value among the variables, however it is written: what -e gives is text. Raises BadInput."""
        return _entry.Entry({name: self._templar.template(variables.get(name))}, "", None).flag(name, False)

    def _in_words_of_role(self, result: dict[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        """The result whose messages name what the user of a role wrote, and not the lists that the role made of it."""
        role = str(self._task._role or "")  # pylint: disable=protected-access
        short = role.removeprefix(COLLECTION)
        if short in (role, *WRITTEN) or not (result.get("failed") or result.get("warnings")):
            return result
        from ansible_collections.netloom.linux.plugins.plugin_utils import _role_options, _whence

        lists = short + LISTS.get(self._task.action.rpartition(".")[2], "")

        def build(some: t.Mapping[str, t.Any]) -> t.Any:
            templar = self._templar.copy_with_new_env(available_variables={**variables, **some})
            return templar.template(variables[lists])

        def declared() -> t.Mapping[str, t.Any]:
            # Not what merely has such a name: a lookup of a user's own variable may ask for something, cost or warn.
            own = {name: variables[name] for name in _role_options.of(short) if name in variables}
            return _whence.evaluated(own, self._templar.template) if lists in variables else {}

        return _whence.told(result, _whence.Whence(short, self._task.args, declared, build))
