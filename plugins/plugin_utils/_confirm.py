# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of a module: judge the options before a host is contacted, and confirm a guarded move over a
new connection.
"""

from __future__ import annotations

import contextlib
import time
import typing as t

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.plugins.connection import ConnectionBase
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import _judge

PAUSE = 0.5  # seconds between two attempts to reach the host
AFTERWARDS = 15  # seconds after the time is up, in which a host that went back still says why
BRIDGES = ("linux_bridge", "ovs_bridge")  # kinds with an uplink
MOVERS = (*BRIDGES, "topology")  # modules whose result may say that moves are waiting
JUDGED = "netloom__judged"  # a variable of the playbooks, which judge what a fleet declares before they contact a host

Result = dict[str, t.Any]


class ConfirmingAction(ActionBase):  # type: ignore[misc]  # ansible-core has no types
    """Judges the options, runs the module of its own name on the host, and confirms the moves that its result says are
    waiting.
    """

    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Return the module's result. It is failed if the options are wrong, or if the host was not reached again, or
        undid the move.
        """
        super().run(tmp, task_vars)
        wrong = "" if (task_vars or {}).get(JUDGED) else _judge.task(self._task.action, self._task.args)
        if wrong:
            return {"failed": True, "reason": _errors.BadInput.reason, "msg": wrong}
        patience = self._task.async_val
        moved = self._uplinks()
        if patience and not self._task.poll and moved:
            wrong = (
                f"poll: 0 leaves nobody to confirm that the host is still there once '{moved[0]}' is the uplink of a"
                " bridge"
            )
            return {
                "failed": True,
                "reason": _errors.BadInput.reason,
                "msg": f"{wrong}; with async, give a poll above 0.",
            }
        try:
            result: Result = self._execute_module(task_vars=task_vars, wrap_async=patience)
        except AnsibleConnectionFailure as error:
            if moved:
                raise AnsibleConnectionFailure(
                    f"{error} If the move of '{moved[0]}' was under way, the host goes back by itself."
                ) from error
            raise
        if not patience or not self._task.poll or result.get("failed"):
            return self._confirm(result, task_vars)
        ended = self._ended(result, task_vars, patience) if self._module in MOVERS else {}
        confirmed = self._confirm(ended, task_vars) if ended.get("unconfirmed") else {}
        if confirmed.get("failed"):
            self._forget(result, task_vars)
            return confirmed
        # The executor waits for the job, fetches its result by its id, and removes its file: also if the module failed.
        return result

    @property
    def _module(self) -> str:
        return str(self._task.action).rpartition(".")[2]

    def _uplinks(self) -> list[str]:
        """The uplinks that the task names."""
        if self._module not in MOVERS:
            return []
        args = self._task.args
        bridges = [args] if self._module in BRIDGES else _judge.entries(args, BRIDGES)
        return [str(bridge["uplink"]) for bridge in bridges if bridge.get("uplink")]

    def _ended(self, job: Result, task_vars: Result | None, patience: int) -> Result:
        """The result of a job with async. It must be known before the guard's time is over, whatever `poll` is."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            try:
                seen = self._of_job(job, "status", task_vars)
            except AnsibleConnectionFailure:
                self._renew()
            else:
                if seen.get("finished"):
                    return seen
            time.sleep(PAUSE)
        return {}  # the executor reports that

    def _forget(self, job: Result, task_vars: Result | None) -> None:
        """Remove what a job with async leaves on the host, if it is reached: the executor does so only if it waits."""
        with contextlib.suppress(AnsibleConnectionFailure):
            self._of_job(job, "cleanup", task_vars)
            self.cleanup(force=True)

    def _of_job(self, job: Result, mode: str, task_vars: Result | None) -> Result:
        """What the host says of a job with async, or that it removed its file."""
        directory = self.get_shell_option("async_dir", default="~/.ansible_async")
        args = {"jid": job.get("ansible_job_id"), "mode": mode, "_async_dir": directory}
        found: Result = self._execute_module(
            module_name="ansible.legacy.async_status", module_args=args, task_vars=task_vars
        )
        return found

    def _confirm(self, result: Result, task_vars: Result | None) -> Result:
        waiting = result.pop("unconfirmed", None)
        if not waiting:
            return result
        since = time.monotonic()
        problems = [problem for problem in (self._reach(one, since, task_vars) for one in waiting) if problem]
        if problems:
            return {**result, "failed": True, "reason": _errors.NotInEffect.reason, "msg": " ".join(problems)}
        return {**result, "confirmed": [one["uplink"] for one in waiting]}

    def _reach(self, move: Result, since: float, task_vars: Result | None) -> str | None:
        """Reach the host again until the time of the move is over. Return None if the host confirmed, else what is
        wrong, as sentences.
        """
        until = since + move["seconds"] + AFTERWARDS
        while True:
            try:
                self._renew()
                args = {"token": move["token"], "timeout": move["seconds"]}
                said: Result = self._execute_module(
                    module_name="netloom.linux.uplink_confirm", module_args=args, task_vars=task_vars
                )
            except AnsibleConnectionFailure as error:
                if time.monotonic() > until:
                    return (
                        f"'{move['uplink']}' was moved, and the host cannot be reached over a new connection ({error})."
                        f" It goes back to what it was by itself within {move['seconds']} s of the move."
                    )
                time.sleep(PAUSE)
                continue
            return (
                None
                if said.get("confirmed")
                else f"'{move['uplink']}' was moved, but not for good. {said.get('msg') or said.get('module_stderr')}"
            )

    def _renew(self) -> None:
        """Close the connection. A connection from before the move, such as an SSH ControlMaster, proves nothing."""
        if type(self._connection).reset is not ConnectionBase.reset:
            self._connection.reset()
        else:
            self._connection.close()
