# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host says to the questions of a scope."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _dnsmasq
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files, _sysctl
from ansible_collections.netloom.linux.plugins.module_utils._host.lasting import _boots, _confirmation
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _kernel_kinds
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _switch_ports
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _containers, _listeners, _proof
from ansible_collections.netloom.linux.plugins.module_utils._model import _scope

SBIN = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def to(questions: t.Collection[t.Any]) -> dict[t.Any, t.Any]:
    """The answers to all questions. Configurations of dnsmasq are tested side by side."""
    tests = {question: question.configuration for question in questions if isinstance(question, _scope.DnsmasqTest)}
    found = {question: _answer(question) for question in questions if question not in tests}
    said = _dnsmasq.tests(tests.values()) if tests else {}
    return {**found, **{question: said[configuration] for question, configuration in tests.items()}}


def _answer(question: object) -> t.Any:  # noqa: PLR0911, PLR0912  # an answer for each type of question
    """The answer of the host to one question of a scope."""
    if isinstance(question, _scope.NamespaceOf):
        return _namespaces.network_inode_of(question.path)
    if isinstance(question, _scope.ContainerOf):
        return _containers.states_of(question)
    if isinstance(question, _scope.SysctlKnown):
        return _sysctl.known(question.key, question.link)
    if isinstance(question, _scope.LinkKindKnown):
        return _kernel_kinds.kind_known(question.kind)
    if isinstance(question, _scope.Program):
        found = ((name, shutil.which(name, path=SBIN)) for name in question.names)
        return next(((name, path) for name, path in found if path), None)
    if isinstance(question, _scope.UserId):
        return _number_of(question)
    if isinstance(question, (_scope.Wired, _scope.GuardOf)):
        return _of_an_uplink(question)
    if isinstance(question, _scope.EngineHere):
        return _boots.here()
    if isinstance(question, _scope.SwitchPorts):
        return _switch_ports.names()
    if isinstance(question, _scope.PythonReplaceable):
        return _boots.replaceable()
    if isinstance(question, _scope.MountsPrivate):
        return _namespaces.mounts_are_private()
    if isinstance(question, _scope.Listeners):
        return _listeners.read(question)
    if isinstance(question, _scope.Uptime):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if isinstance(question, _scope.Running):
        return _proof.is_running(question.command)
    if isinstance(question, _scope.Unreadable):
        return _files.unreadable(question.path)
    raise AssertionError(f"nobody answers {question!r}")


def _of_an_uplink(question: _scope.Wired | _scope.GuardOf) -> bool | int | None:
    if isinstance(question, _scope.GuardOf):
        return _confirmation.seconds_left(question.ns, question.uplink)
    return not os.path.exists(f"/sys/class/net/{question.name}/phy80211")


def _number_of(question: _scope.UserId) -> int | None:
    if question.name.isdigit():
        return int(question.name)
    try:
        return grp.getgrnam(question.name).gr_gid if question.group else pwd.getpwnam(question.name).pw_uid
    except KeyError:
        return None
