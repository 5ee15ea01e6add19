# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge on the control node what the inventory declares for many hosts, with the code and the sentences of the roles
and of the module topology. No host is contacted.
"""

from __future__ import annotations

import collections.abc as c
import re
import typing as t

from ansible.errors import AnsibleError
from ansible_collections.netloom.linux.plugins.module_utils._model import _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _bridge_network,
    _judge,
    _namespaces,
    _ovs_vlan_dhcp,
    _role_options,
    _roles,
    _router,
)
from jinja2.exceptions import TemplateError

# The variable that declares something for a role. Without it, the playbooks leave the role out.
DECLARE = {
    "bridge_network": _bridge_network.OPTION,
    "ovs_vlan_dhcp": _ovs_vlan_dhcp.OPTION,
    "router": _router.OPTION,
}
JUDGED = (*DECLARE, "verify", "prepare")  # faults is for hosts that you can afford to break, and has no playbook

Variables = c.Mapping[str, t.Any]
_PATH = re.compile(r"\w+(\[\d+\])?(\.\w+(\[\d+\])?)*: ")  # of a value, at the beginning of a sentence


class Complaint(t.NamedTuple):
    """One sentence, and the hosts whose variables it is about."""

    sentence: str
    hosts: list[str]


def complaints(hosts: c.Mapping[str, Variables]) -> list[Complaint]:
    """What is wrong with the variables of these hosts. Each sentence comes once, with all hosts that it is about. A
    host is judged by its first mistake.
    """
    found: dict[str, Complaint] = {}
    judged: list[tuple[dict[str, t.Any], str]] = []  # equal variables are judged once
    for host in hosts:
        try:
            ours = _ours(hosts[host])
        except (AnsibleError, TemplateError) as error:
            sentence = _words.bounded(" ".join(str(error).split()))
        else:
            known = [said for variables, said in judged if variables == ours]
            sentence = known[0] if known else _sentence(ours)
            if not known:
                judged.append((ours, sentence))
        if sentence:
            found.setdefault(sentence, Complaint(sentence, [])).hosts.append(host)
    return list(found.values())


def _ours(variables: Variables) -> dict[str, t.Any]:
    """The variables that begin with the name of a role, and the lists of a topology."""
    begin = tuple(f"{role}_" for role in JUDGED)
    return {
        str(name): _judge.plain(variables[name])
        for name in variables
        if name == _namespaces.TOPOLOGY or (str(name).startswith(begin) and "__" not in name)
    }


def _sentence(ours: Variables) -> str:
    misspelt = _role_options.look_at(ours).wrong
    if misspelt:
        return misspelt[0]
    for role in JUDGED:
        if DECLARE.get(role, "") in ours or role not in DECLARE:
            known = {name: ours[name] for name in _role_options.options()[role] if name in ours}
            said = _roles.complaint({**_role_options.defaults(role), **known}, role)
            if said:
                return said
    lists = ours.get(_namespaces.TOPOLOGY)
    if lists is None:
        return ""
    if not isinstance(lists, c.Mapping):
        return (
            f"{_namespaces.TOPOLOGY}: {_words.shown(lists)} is not a mapping; write it with keys such as 'netns: ...'."
        )
    said = _judge.task("netloom.linux.topology", {"name": _namespaces.TOPOLOGY, **lists})
    if not said:
        return ""
    return f"{_namespaces.TOPOLOGY}{'.' if _PATH.match(said) else ': '}{said}"
