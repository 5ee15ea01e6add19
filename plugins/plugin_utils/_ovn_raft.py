# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which databases of OVN a host makes, joins or turns into a cluster. Never one that somebody has is made anew."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _ovn_answers, _ovn_hosts

PORTS = {"nb": 6643, "sb": 6644}
MOST_NAMED = 3


class Site(t.Protocol):
    """What is true for all central hosts."""

    @property
    def centrals(self) -> list[_ovn_hosts.Central]:
        """All of them."""

    @property
    def answers(self) -> c.Mapping[str, _ovn_answers.Host | None]:
        """What each told."""

    @property
    def here(self) -> list[str]:
        """Those that this run works on."""

    @property
    def tls(self) -> bool:
        """Whether they speak TLS."""


class Plan(t.NamedTuple):
    """``files``: database -> how its file comes to be: action, local and remotes. ``lost``: members to be taken out of
    the cluster, and by which host. ``first``: whether the others wait for this host.
    """

    used: bool
    files: dict[str, dict[str, t.Any]]
    lost: list[dict[str, str]]
    first: bool
    steps: list[str]


def used(site: Site) -> bool:
    """Whether the databases are a cluster, or become one."""
    kinds = (one.databases[name].kind for one in site.answers.values() if one for name in PORTS)
    return len(site.centrals) > 1 or any(kind in (_ovn_answers.CLUSTERED, _ovn_answers.JOINING) for kind in kinds)


def local(site: Site, host: str, name: str) -> str:
    """The address of a host in the cluster of a database."""
    found = next(one.address for one in site.centrals if one.host == host)
    return f"{'ssl' if site.tls else 'tcp'}:{found}:{PORTS[name]}"


def command_line(site: Site, host: str) -> list[str]:
    """The options of ovn-ctl(8). With a remote, it never makes a cluster of its own, even if the disk is lost."""
    own = next(one.address for one in site.centrals if one.host == host)
    other = next((one.address for one in site.centrals if one.host != host), "")
    words = []
    for name in PORTS:
        for end, address in (("local", own), ("remote", other)):
            if address:
                words.append(f"--db-{name}-cluster-{end}-addr={address}")
                words.append(f"--db-{name}-cluster-{end}-proto={'ssl' if site.tls else 'tcp'}")
    return words


def plan(site: Site, host: str) -> Plan:
    """What a host does for its databases."""
    if not used(site):
        own = site.answers[host]
        new = [name for name in PORTS if own and own.databases[name].kind == _ovn_answers.NONE]
        return Plan(False, {}, [], False, [f"create the database {_ovn_answers.DATABASES[name]}" for name in new])
    found = Plan(True, {}, [], False, [])
    for name, title in _ovn_answers.DATABASES.items():
        action = _action(site, host, name)
        if action:
            others = [local(site, one.host, name) for one in site.centrals if one.host != host]
            file = {"action": action, "title": title, "local": local(site, host, name), "remotes": others}
            found.files[name] = file
            found.steps.append(_WORDS[action].format(title))
        if action == "join":
            for via, server in _lost(site, host, name):
                found.lost.append({"database": name, "title": title, "server": server, "via": via})
                found.steps.append(
                    f"take the lost member {server} at {local(site, host, name)} out of the cluster of {title}"
                )
    return found._replace(first=any(file["action"] != "join" for file in found.files.values()))


_WORDS = {
    "create": "create the database {} as the first of a cluster",
    "convert": "turn the database {} into a cluster",
    "join": "join the cluster of {}",
}


def _action(site: Site, host: str, name: str) -> str:
    """How the file of a database comes to be on a host; empty if it is there."""
    told = {one.host: site.answers.get(one.host) for one in site.centrals}
    kinds = {one: answer.databases[name].kind for one, answer in told.items() if answer}
    for one, kind in kinds.items():
        if kind == _ovn_answers.UNREADABLE:
            raise _errors.BadInput(
                f"{_ovn_answers.DATABASES[name]}: host '{one}' has a file /var/lib/ovn/ovn{name}_db.db that ovsdb-tool"
                " cannot read; put it back from a backup, or delete it if another host has the database."
            )
    alone, joined = (_of_kind(kinds, kind) for kind in (_ovn_answers.STANDALONE, _ovn_answers.CLUSTERED))
    title = _ovn_answers.DATABASES[name]
    if alone:
        _refuse_two_beginnings(site, name, alone, joined)
        return "convert" if host == alone[0] else "join" if kinds[host] == _ovn_answers.NONE else ""
    if kinds[host] == _ovn_answers.CLUSTERED:
        _refuse_another_address(site, host, name)
        return ""
    if joined:
        return "join" if kinds[host] == _ovn_answers.NONE else ""
    silent = [one for one, answer in told.items() if answer is None]
    if silent:
        raise _errors.BadInput(
            f"{title}: none of the other hosts has the database, but {_words.some(silent, MOST_NAMED)} did not tell"
            " whether it has; it is not made anew before all hosts of the group answer."
        )
    empty = [one for one in site.here if kinds[one] == _ovn_answers.NONE]
    if host == (empty or [""])[0]:
        return "create"
    return "join" if kinds[host] == _ovn_answers.NONE else ""


def _refuse_two_beginnings(site: Site, name: str, alone: list[str], joined: list[str]) -> None:
    """Refuse a database outside of a cluster that cannot become the beginning of one. ``joined``: who is in one."""
    title, path = _ovn_answers.DATABASES[name], f"/var/lib/ovn/ovn{name}_db.db"
    if joined:
        raise _errors.BadInput(
            f"{title}: host '{joined[0]}' has a cluster, and {_words.some(alone, MOST_NAMED)} a database outside of it;"
            f" if nobody needs that, stop OVN there and delete {path}, then run again."
        )
    if len(alone) > 1:
        raise _errors.BadInput(
            f"{title}: {_words.some(alone, MOST_NAMED)} each have a database, and only one of them can be the beginning"
            f" of the cluster; stop OVN on the others and delete {path} there, then run again."
        )
    if alone[0] not in site.here:
        raise _errors.BadInput(
            f"{title}: the database of host '{alone[0]}' must become a cluster before others can join it; run for that"
            " host, too."
        )


def _of_kind(kinds: c.Mapping[str, str], kind: str) -> list[str]:
    return [host for host, found in kinds.items() if found == kind]


def _refuse_another_address(site: Site, host: str, name: str) -> None:
    own = site.answers[host]
    is_at, wanted = own.databases[name].local if own else "", local(site, host, name)
    if is_at != wanted:
        raise _errors.BadInput(
            f"{_ovn_answers.DATABASES[name]}: host '{host}' is in the cluster as {is_at}, and is declared as {wanted};"
            " a member keeps its address, so take the host out with ovn_central_state: absent and"
            " ovn_central_purge_data: true first, and add it again."
        )


def _lost(site: Site, host: str, name: str) -> c.Iterator[tuple[str, str]]:
    """Members of the cluster that have the address of this host, which has lost its database; and who says so."""
    for other, told in site.answers.items():
        if other != host and told and told.databases[name].member:
            servers = told.databases[name].servers
            yield from ((other, server) for address, server in servers if address == local(site, host, name))
            return
