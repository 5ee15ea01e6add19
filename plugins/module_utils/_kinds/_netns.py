# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A named network namespace (ip-netns(8)): a new one, or somebody's namespace that is attached under a name."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import (
    _container,
    _netns_end,
    _netns_files,
    _netns_spec,
)
from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _daemon_ops,
    _errors,
    _kind,
    _link_ops,
    _netns_ops,
    _ops,
    _paths,
    _plan,
    _record_ops,
    _scope,
    _snapshot,
    _values,
)

MOST_NAMED = 5  # processes that a refusal lists one by one


class NetnsKind(_kind.Kind[_netns_spec.NetnsSpec]):
    """netloom.linux.netns"""

    name = "netns"
    carries = True
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "name": {"type": "str", "required": True},
        "pid": {"type": "int"},
        "path": {"type": "path"},
        "container": {"type": "str"},
        "engine": {"type": "str", "choices": ["auto", *_container.ENGINES], "default": "auto"},
        "loopback": {"type": "bool", "default": True},
        "sysctl": {"type": "dict"},
        "etc_files": {"type": "dict"},
        "show_etc_files": {"type": "bool", "default": False},
        "processes": {"type": "str", "choices": ["refuse", "kill", "leave"], "default": "refuse"},
    }
    rules: t.ClassVar[t.Mapping[str, t.Any]] = {"mutually_exclusive": [("pid", "path", "container")]}
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {"etc_files": {}}

    def normalise(self, params: _plan.Params, path: str) -> _netns_spec.NetnsSpec:
        filled, clear = self.cleared(params, path)
        name = _values.netns_name(filled["name"], f"{path}name")
        sysctl = (
            None
            if filled.get("sysctl") is None
            else {
                _sysctl_key(key, path): _link.sysctl_value(key, value, f"{path}sysctl.{key}")
                for key, value in filled["sysctl"].items()
            }
        )
        return _netns_spec.NetnsSpec(
            path,
            filled["state"],
            clear,
            name,
            _source(filled, path),
            _container.question_of(filled, path, sorted(sysctl or ())) if filled["state"] == "present" else None,
            filled["loopback"],
            sysctl,
            (
                None
                if filled.get("etc_files") is None
                else _netns_files.normalise(filled["etc_files"], f"{path}etc_files")
            ),
            filled["processes"],
        )

    def identity(self, spec: _netns_spec.NetnsSpec) -> tuple[t.Any, ...]:
        return (spec.name,)

    def is_late(self, params: t.Mapping[str, t.Any]) -> bool:
        return bool(params.get("container"))

    def fleeting(self, params: t.Mapping[str, t.Any]) -> tuple[str, str] | None:
        if params.get("pid") or str(params.get("path") or "").startswith("/proc/"):
            why = (
                "a process has another number after a reboot, so persist: true cannot bring its namespace back. Name"
                " the container with `container`,"
            )
            return ("pid" if params.get("pid") else "path", f"{why} or set persist to false.")
        return None

    def scope(self, spec: _netns_spec.NetnsSpec, scope: _scope.Scope) -> None:
        scope.namespaces.add(spec.name)
        scope.processes.add(spec.name)
        scope.trees.add(spec.folder)
        scope.files |= {_paths.netns_record(spec.name), _paths.etc_record(spec.name), _paths.nat_record(spec.name)}
        if spec.source:
            scope.questions.add(_scope.NamespaceOf(spec.source))
            scope.namespaces.add(spec.source)  # its content is also its content under the new name
            scope.sysctls |= {(spec.source, None, key) for key in spec.sysctl or ()}
        if spec.container:
            scope.questions.add(spec.container)
        for key in spec.sysctl or ():
            scope.sysctls.add((spec.name, None, key))
            scope.questions.add(_scope.SysctlKnown(key, link=False))
        if spec.state == "present":
            scope.questions.add(_scope.MountsPrivate())
        if spec.state == "absent":
            scope.every_daemon = True
            scope.trees.add(_paths.MOVED)

    def make(self, spec: _netns_spec.NetnsSpec, planner: _plan.Planner) -> None:
        if spec.container:
            self._attach(spec, _container.of_container(spec.name, spec.container, planner), planner)
        elif spec.source:
            self._attach(spec, _container.of_path(spec.name, spec.source, planner), planner)
        elif not planner.now.has(spec.name):
            _refuse_private(spec, planner)
            planner.do(_netns_ops.NetnsCreate(spec.name))
            for record in (_paths.netns_record(spec.name), _paths.nat_record(spec.name)):
                if planner.now.files.get(record) is not None:
                    planner.do(_ops.FileDelete(record, quiet=True))  # the record of a namespace that is gone

    @staticmethod
    def _attach(spec: _netns_spec.NetnsSpec, source: _container.Source, planner: _plan.Planner) -> None:
        found = planner.now.namespaces.get(spec.name)
        # Two living namespaces have two inodes, and the name keeps its own alive: a container's new one differs from
        # it.
        if found is None or found.dangling or found.inode != source.inode:
            if found is not None and not found.dangling:
                if not found.attached:
                    raise _errors.Conflict(
                        f"Cannot attach {source.words} as namespace '{spec.name}': another namespace has that name and"
                        " is left alone. Choose another name, or remove it."
                    )
                _netns_end.bury(spec, found, planner)
            _refuse_private(spec, planner)
            planner.do(_netns_ops.NetnsAttach(spec.name, source.path, source.inode, source.words, source.process))
        facts = {"path": source.path}
        if planner.now.files.get(_paths.netns_record(spec.name)) != _record_ops.space_record_of(
            planner.now.namespaces[spec.name], facts
        ):
            planner.do(_record_ops.SpaceRecord(spec.name, _paths.netns_record(spec.name), facts))

    def settle(self, spec: _netns_spec.NetnsSpec, planner: _plan.Planner) -> None:
        ns = planner.now.namespaces[spec.name]
        loopback = ns.links.get("lo")
        if loopback is not None and loopback.up != spec.loopback:
            planner.do(_link_ops.LinkSet(spec.name, "lo", {"up": spec.loopback}))
        _netns_end.refuse_links(spec, planner)
        _link.plan_sysctls(planner, spec.name, None, spec.sysctl)
        _netns_files.settle(spec.name, spec.etc_files, planner)

    def remove(self, spec: _netns_spec.NetnsSpec, planner: _plan.Planner) -> None:
        ns = planner.now.namespaces.get(spec.name)
        if ns is not None:
            if not ns.attached and not ns.dangling:
                self._empty(spec, ns, planner)
            elif ns.attached and spec.processes == "kill":
                raise _errors.BadInput(
                    f"{spec.path}processes: 'kill' is refused for '{spec.name}': its processes are somebody else's, for"
                    " it was attached."
                )
            planner.do(_netns_ops.NetnsDelete(spec.name))
        for path in planner.now.below(_paths.moved(spec.name)):
            planner.do(_ops.FileDelete(path, quiet=True))  # records of links that were deleted with it
        for record in (_paths.netns_record(spec.name), _paths.nat_record(spec.name)):
            if planner.now.files.get(record) is not None:
                planner.do(_ops.FileDelete(record, quiet=True))
        _netns_files.remove(spec.name, planner)

    def _empty(self, spec: _netns_spec.NetnsSpec, ns: _snapshot.Namespace, planner: _plan.Planner) -> None:
        """End the processes first, then the links whose other end is elsewhere: otherwise the name of that end is freed
        late (field fact).
        """
        _netns_end.refuse_guests(spec, ns, planner)
        for key, daemon in [(key, one) for key, one in planner.now.daemons.items() if one.netns == spec.name]:
            if planner.before.daemons[key].alive and not daemon.alive:
                continue  # this plan has already stopped it
            # systemd would start it again, in the namespace while that still lives, or in a later one of the name.
            if spec.processes == "kill" if daemon.alive else daemon.supervised is not None:
                planner.do(_daemon_ops.DaemonStop(daemon, forget=False, reason=f"namespace {spec.name} goes"))
        living = dict(ns.processes or {})
        if living and spec.processes == "refuse":
            planner.refuse(
                spec.path,
                f"Cannot delete namespace '{spec.name}': {_named(living, spec.name, planner)} in it."
                f" {_netns_end.way_out(spec)}",
            )
            return
        if living and spec.processes == "leave":
            planner.warn(
                f"Namespace '{spec.name}' loses its name but lives on, unseen by ip netns list, as long as"
                f" {_named(living, spec.name, planner)} in it."
            )
            return
        for pid, command in sorted(living.items()):
            planner.do(_netns_ops.ProcessKill(spec.name, pid, command))
        _netns_end.cut_cables(spec.name, ns, planner)

    def view(self, spec: _netns_spec.NetnsSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        if not snapshot.has(spec.name):
            return None
        return {
            **view_netns(snapshot, spec.name),
            **({"container": _container.name_in(spec.container, snapshot, spec.name)} if spec.container else {}),
            **(
                {"sysctl": {key: snapshot.namespaces[spec.name].sysctl.get((None, key)) for key in spec.sysctl}}
                if spec.sysctl
                else {}
            ),
        }

    def facts(self, spec: _netns_spec.NetnsSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
        ns = snapshot.namespaces.get(spec.name)
        if ns is None or ns.dangling:
            return {}
        return {
            "inode": ns.inode,
            "cookie": ns.cookie,
            "pids": sorted(ns.processes or ()),
            "attached": ns.attached,
            "path": f"/run/netns/{spec.name}",
        }


def view_netns(snapshot: _snapshot.Snapshot, name: str) -> dict[str, t.Any]:
    """A namespace in the shape of the options."""
    loopback = snapshot.link(name, "lo")
    view: dict[str, t.Any] = {"name": name, "loopback": bool(loopback and loopback.up)}
    files = _netns_files.view(snapshot, _paths.etc_folder(name))
    if files:
        view["etc_files"] = files
    return view


def _refuse_private(spec: _netns_spec.NetnsSpec, planner: _plan.Planner) -> None:
    """Refuse to create a name in a private mount namespace. A name is a mount: nobody else would see it, and it would
    dangle when the process ends.
    """
    if planner.now.answers.get(_scope.MountsPrivate()) is True:
        raise _errors.Conflict(
            f"Cannot give a namespace the name '{spec.name}': this run is in a mount namespace of its own (a systemd"
            " unit with PrivateTmp= or its kind, pam_namespace, unshare --mount), so nobody else would see the name,"
            " and it would dangle after the run. Run it outside of that."
        )


def _source(params: _plan.Params, path: str) -> str | None:
    if params.get("pid") is not None:
        return f"/proc/{_values.number(params['pid'], f'{path}pid', 1, 2**22)}/ns/net"
    source = params.get("path")
    if source is not None and not str(source).startswith("/"):
        raise _errors.BadInput(f"{path}path: {source!r} is not an absolute path; give one such as /proc/1234/ns/net.")
    return source


def _sysctl_key(key: str, path: str) -> str:
    """The normal form of a sysctl's name. sysctl(8) reads the first separator, and takes the other one for a '.' in the
    name of a link.
    """
    first = re.search(r"[./]", key)
    written = key.split("/") if first and first[0] == "/" else [part.replace("/", ".") for part in key.split(".")]
    if (
        written[0] != "net"
        or len(written) < 2
        or any(not re.fullmatch(r"[^\s/]+", part) or part in (".", "..") for part in written)
    ):
        raise _errors.BadInput(
            f"{path}sysctl: {key!r} is not a sysctl of a namespace; only those below net. belong to one, such as"
            " net.ipv4.ip_forward."
        )
    if written[2:3] in (["conf"], ["neigh"]) and len(written) > _netns_spec.SYSCTL_OF_LINK:
        meant = "/".join([*written[:3], ".".join(written[3:-1]), written[-1]])
        raise _errors.BadInput(f"{path}sysctl: {key!r} has a link's name with a dot in it; write {meant!r}.")
    return ("/" if any("." in part for part in written) else ".").join(
        _values.text(part, f"{path}sysctl") for part in written
    )


def _named(processes: t.Mapping[int, str], name: str, planner: _plan.Planner) -> str:
    """Processes in words. Our own daemons are named with the kind that stops them."""
    ours = {daemon.pid: daemon for daemon in planner.now.daemons.values() if daemon.netns == name and daemon.alive}
    words = []
    for pid, command in sorted(processes.items())[:MOST_NAMED]:
        daemon = ours.get(pid)
        module = "dnsmasq_in_ns" if daemon and daemon.kind == "dnsmasq" else "netns_dhcp_client"
        words.append(f"{pid} ({command}{f', of netloom.linux.{module}' if daemon else ''})")
    more = f" and {len(processes) - MOST_NAMED} more" if len(processes) > MOST_NAMED else ""
    return (
        f"process{'es' if len(processes) > 1 else ''} {', '.join(words)}{more} live{'' if len(processes) > 1 else 's'}"
    )
