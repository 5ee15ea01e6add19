# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The namespace that gets a name: the one at a path, or the one of a container according to its engine."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _plan, _scope, _snapshot, _values

ENGINES = ("docker", "podman")
HERE = ("running", "stopped")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")  # of names and ids alike, for both engines


@dataclasses.dataclass(frozen=True)
class Source:
    """The namespace to attach: its path, its identity, its name in sentences, and its process (pid, start time)."""

    path: str
    inode: int | None
    words: str
    process: tuple[int, int] | None = None


def question_of(params: _plan.Params, path: str, sysctls: t.Sequence[str]) -> _scope.ContainerOf | None:
    """The question to the engines, from the options container and engine."""
    name, engine = params.get("container"), params.get("engine") or "auto"
    if name is None:
        if engine != "auto":
            raise _errors.BadInput(
                f"{path}engine: {engine!r} is asked for a container, and none is named. Give container too, or leave"
                " engine out."
            )
        return None
    known = name_of(name, f"{path}container")
    return _scope.ContainerOf(ENGINES if engine == "auto" else (engine,), known, tuple(sysctls))


def name_of(value: str, option: str) -> str:
    """The name or the id of a container."""
    if not NAME.fullmatch(_values.text(value, option)):
        raise _errors.BadInput(
            f"{option}: {value!r} is not a container's name or id; give it as `docker ps` or `podman ps` shows it."
        )
    return value


def of_path(name: str, path: str, planner: _plan.Planner) -> Source:
    """The namespace at a path."""
    inode = planner.now.answers.get(_scope.NamespaceOf(path))
    if inode is None:
        raise _errors.BadInput(
            f"Cannot attach namespace '{name}': there is no network namespace at {path} (has the process ended?). Give"
            " a running one's pid."
        )
    return Source(path, inode, path)


def of_container(name: str, question: _scope.ContainerOf, planner: _plan.Planner) -> Source:
    """The namespace of a running container. In check mode an earlier task may start the container, so it is assumed to
    run.
    """
    found = chosen(question, planner.now)
    if found is None or found.state != "running":
        planner.missing(
            f"Cannot attach container '{question.name}' as namespace '{name}': {_why_not(question, found, planner.now)}"
        )
        path = f"/container/{question.name}"
        planner.now.namespaces[path] = _snapshot.Namespace(
            path, links={"lo": _snapshot.Link("lo", mtu=65536, up=True)}, processes={}
        )
        return Source(path, None, f"container {question.name}")
    if found.inode == planner.now.namespaces[None].inode:
        raise _errors.Conflict(
            f"Cannot attach container '{question.name}' as namespace '{name}': it has no network namespace of its own,"
            " but uses the host's (--network host). Start it with --network none, or leave netns out where you mean"
            " the host."
        )
    return Source(found.path, found.inode, f"container {question.name} ({found.engine})", (found.pid, found.started))


def chosen(question: _scope.ContainerOf, snapshot: _snapshot.Snapshot) -> _scope.ContainerState | None:
    """The answer of the only engine that has the container. Raises Conflict if two engines have it."""
    here = [one for one in _answers(question, snapshot) if one.state in HERE]
    if len(here) > 1:
        both = " and ".join(one.engine for one in here)
        raise _errors.Conflict(
            f"container: {both} each have a container '{question.name}'. Say which one you mean with engine:"
            f" {here[0].engine}, say."
        )
    return here[0] if here else None


def name_in(question: _scope.ContainerOf, snapshot: _snapshot.Snapshot, name: str) -> str | None:
    """The container's name if the named namespace is the container's, else None."""
    ns = snapshot.namespaces.get(name)
    running = [one for one in _answers(question, snapshot) if one.state == "running"]
    return question.name if ns is not None and any(one.inode == ns.inode for one in running) else None


def _answers(question: _scope.ContainerOf, snapshot: _snapshot.Snapshot) -> t.Sequence[_scope.ContainerState]:
    return t.cast("t.Sequence[_scope.ContainerState]", snapshot.answers.get(question) or ())


def _why_not(question: _scope.ContainerOf, found: _scope.ContainerState | None, snapshot: _snapshot.Snapshot) -> str:
    if found is not None:
        return f"it does not run ({found.engine} says: {found.detail}). Start it first."
    answers = _answers(question, snapshot)
    silent = next((one for one in answers if one.state == "silent"), None)
    if silent is not None:
        return f"{silent.engine} gives no answer ({silent.detail}). See to that engine first."
    if all(one.state == "absent" for one in answers):
        listed = ", ".join(one.detail for one in answers)
        return (
            f"{' and '.join(question.engines)} {'are' if len(answers) > 1 else 'is'} not running here ({listed}). Start"
            " the engine first, or name another one."
        )
    asked = " and ".join(one.engine for one in answers if one.state == "unknown")
    verb = "know" if " and " in asked else "knows"
    return (
        f"{asked} {verb} no such container. Create it first, or look for its name with"
        f" `{asked.split(' ', maxsplit=1)[0]} ps`."
    )
