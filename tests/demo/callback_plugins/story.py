# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Output of a playbook for people who look on: what happens and how it ends, no headings for what does nothing."""

from __future__ import annotations

import functools
import os
import pathlib
import textwrap
import time
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: story
type: stdout
short_description: Steps, messages and failures, and how long it took
description:
  - For the demonstration of netloom.linux. With --diff it prints the plans; to the file
    NETLOOM_STORY_STEPS it adds every step. With NETLOOM_STORY_NAMES it says which host did it.
"""
WIDTH = 116
TOLD = "Fail where something failed"  # the playbooks' last task repeats what the summary has said


class CallbackModule(CallbackBase):
    """What Ansible loads."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "story"

    def __init__(self) -> None:
        super().__init__()
        self.started = time.monotonic()
        self.file = pathlib.Path(os.environ["NETLOOM_STORY_STEPS"])
        self.file.write_text("", encoding="utf-8")
        self.named = bool(os.environ.get("NETLOOM_STORY_NAMES"))

    def _line(self, text: str, colour: str | None = None) -> None:
        self._display.display(f"  {text}", color=colour)

    def _line_of(self, result: t.Any, text: str, colour: str | None = None) -> None:
        self._line(f"{_host(result)}: {text}" if self.named else text, colour)

    def v2_runner_on_ok(self, result: t.Any) -> None:
        """A task went well."""
        data, task = _data(result), _task(result)
        for warning in data.get("warnings", ()):
            if self._is_new(warning):
                self._line_of(result, f"warning: {warning}", "bright purple")
        if "steps" in data:
            self._tell_steps(result, data)
        elif task.action.endswith("debug"):
            lines = data.get("msg", "")
            # A message that counts as a change is what one host does; others are about all hosts.
            tell = functools.partial(self._line_of, result) if data.get("changed") else self._line
            for line in lines if isinstance(lines, list) else [lines]:
                tell(str(line))
            self._line("")
        elif task.action.endswith("assert") and "msg" in data and not task.args.get("quiet"):
            self._line_of(result, str(data["msg"]), "green")
        elif data.get("changed"):
            self._line_of(result, f"{task.get_name().split(' : ')[-1]}: done", "yellow")

    def _is_new(self, warning: str) -> bool:
        """Whether the story has not told it yet: each of its playbooks, and each host, would tell it again."""
        told = self.file.with_name("warned")
        known = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
        told.write_text("\n".join([*known, warning]), encoding="utf-8")
        return warning not in known

    def _tell_steps(self, result: t.Any, data: dict[str, t.Any]) -> None:
        steps: list[str] = data["steps"]
        with self.file.open("a", encoding="utf-8") as file:
            file.writelines(f"{_host(result)}: {step}\n" for step in steps)
        what = _task(result).get_name().split(" : ")[-1]
        told = f"{len(steps)} step{'' if len(steps) == 1 else 's'}" if steps else "nothing to do"
        self._line_of(result, f"{what}: {told}", "yellow" if steps else "green")
        for line in data.get("diff", {}).get("prepared", "").splitlines():
            self._line(f"  {line}")

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        """A task failed."""
        data = _data(result)
        message = data.get("msg", data)
        self._line_of(result, f"{_task(result).get_name().split(' : ')[-1]}: failed", "red")
        if _task(result).get_name() == TOLD:
            return
        for line in message if isinstance(message, list) else [message]:
            for part in textwrap.wrap(str(line), WIDTH, subsequent_indent="  ", break_long_words=False):
                self._line(part, "red")
        if data.get("module_stderr"):
            self._line(str(data["module_stderr"]), "red")

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        """A host does not answer."""
        self._line_of(result, f"unreachable: {_data(result).get('msg')}", "red")

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        """The end."""
        for host in sorted(stats.processed):
            found = stats.summarize(host)
            counts = " ".join(f"{key}={found[key]}" for key in ("ok", "changed", "failures", "unreachable"))
            bad = found["failures"] or found["unreachable"]
            self._line(f"{host}: {counts}   ({time.monotonic() - self.started:.1f} s)", "red" if bad else "green")


def _data(result: t.Any) -> dict[str, t.Any]:
    # ansible-core 2.19 gave the attribute a public name.
    # pylint: disable=protected-access
    found: dict[str, t.Any] = result.result if hasattr(result, "result") else result._result
    return found


def _host(result: t.Any) -> str:
    host = result.host if hasattr(result, "host") else result._host  # pylint: disable=protected-access
    return str(host.get_name())


def _task(result: t.Any) -> t.Any:
    return result.task if hasattr(result, "task") else result._task  # pylint: disable=protected-access
