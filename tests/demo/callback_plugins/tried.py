# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Output of one task for people who try it: what it did, step by step, or what it saw."""

from __future__ import annotations

import typing as t

import yaml
from ansible.plugins.callback import CallbackBase
from ansible_collections.netloom.linux.plugins.plugin_utils import _text_table

DOCUMENTATION = r"""
name: tried
type: stdout
short_description: What a task did or saw, and nothing else
description:
  - For the command C(try) of netloom.linux's lab shell.
"""
# What Ansible adds to a result.
COMMON = {"ansible_facts", "changed", "failed", "invocation", "warnings", "deprecations"}


class CallbackModule(CallbackBase):
    """What Ansible loads."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "tried"

    def v2_runner_on_ok(self, result: t.Any) -> None:
        """The task went well."""
        data = result.result if hasattr(result, "result") else result._result  # pylint: disable=protected-access
        for warning in data.get("warnings", ()):
            self._display.display(f"warning: {warning}", color="bright purple")
        changed = data.get("changed")
        verdict = "changed" if changed else "seen" if "steps" not in data else "nothing to do"
        self._tell(result, verdict, _lines(data), "yellow" if changed else "green")

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        """The task failed."""
        data = result.result if hasattr(result, "result") else result._result  # pylint: disable=protected-access
        message = data.get("msg", data)
        lines = [str(line) for line in message] if isinstance(message, list) else str(message).splitlines()
        self._tell(result, "failed", lines, "red")

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        """The host does not answer."""
        self.v2_runner_on_failed(result)

    def _tell(self, result: t.Any, verdict: str, lines: list[str], colour: str) -> None:
        host = result.host if hasattr(result, "host") else result._host  # pylint: disable=protected-access
        self._display.display("\n  ".join([f"{host.get_name()}: {verdict}", *lines]), color=colour)


def _lines(data: dict[str, t.Any]) -> list[str]:
    if "reachability" in data:
        return _text_table.of_probes(data["reachability"]) + [
            _way(one) for one in data["reachability"] if one.get("route")
        ]
    if "steps" in data:
        return [str(step) for step in data["steps"]]
    seen = {key: value for key, value in data.items() if key not in COMMON and not key.startswith("_ansible")}
    return yaml.safe_dump(_without_nothing(seen), sort_keys=False, allow_unicode=True).rstrip().splitlines()


def _way(probe: dict[str, t.Any]) -> str:
    """The route that a packet of a probe takes, in the words of ip route get."""
    words = {"via": "gateway", "dev": "device", "src": "source"}
    told = [f"{word} {probe['route'][key]}" for word, key in words.items() if probe["route"].get(key)]
    return " ".join([str(probe["to"]), *told])


def _without_nothing(value: t.Any) -> t.Any:
    """Without what is empty, which a reader does not miss."""
    if isinstance(value, dict):
        return {str(key): _without_nothing(one) for key, one in value.items() if one not in (None, "", [], {})}
    return [_without_nothing(one) for one in value] if isinstance(value, list) else value
