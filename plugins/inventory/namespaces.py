# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin namespaces; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: namespaces
short_description: List the namespaces of declared topologies as hosts
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - >-
    Reads the variables that declare topologies, and lists each namespace that they declare as a host. The tasks of that
    host run inside the namespace, on the host that has it, which is called its parent. The become plugin
    P(netloom.linux.netns#become) does that.
  - >-
    The variables are C(bridge_network_networks), C(vxlan_network_networks), C(ovs_vlan_dhcp_tenants),
    C(ovn_network_networks), and C(netloom_topology), which holds lists in the shape of M(netloom.linux.topology). Of
    networks over several hosts, a parent has the namespaces that are on it. The plugin takes them from the hosts of
    inventory sources that were read before this one, with their C(group_vars) and C(host_vars), or from O(hosts).
  - >-
    The host of a namespace gets all variables of its parent that begin with C(ansible_), except those of become. If the
    parent has no C(ansible_host), that is the name of the parent. If the parent has C(ansible_become_method), that
    method becomes root before the namespace is entered.
  - >-
    Templates and values that are encrypted by a vault are not evaluated. The host of the namespace refers to the
    variable of the parent instead. So a secret stays in one place, and a lookup runs only when a task needs it.
  - >-
    The host also has the variables C(netloom_parent) and C(ansible_netns), and the lists C(netloom_networks),
    C(netloom_bridges), C(netloom_vlans), C(netloom_roles) and C(netloom_addresses). Addresses from DHCP are not in
    these lists.
  - >-
    The host is in the groups C(namespaces), C(parent_NAME), C(network_NAME) for each network or tenant of the roles,
    C(bridge_NAME), C(vlan_TAG), and C(role_dhcp_server), C(role_router) or C(role_member). A router is a namespace
    whose C(sysctl) switches forwarding on. Characters that are not allowed in group names become C(_).
  - No host is contacted, so the namespaces need not exist yet. Namespaces that are declared as absent are not listed.
notes:
  - >-
    Sources are read in the order of the command line, and the files of a folder in that of the alphabet. So this file
    comes after the one that has the parents, as C(namespaces.yml) comes after C(hosts.yml).
  - Variables beside a playbook are not known to inventory plugins. Put the topologies beside the inventory.
extends_documentation_fragment:
  - ansible.builtin.constructed
options:
  plugin:
    description: States that the file is for this plugin.
    type: str
    required: true
    choices: [netloom.linux.namespaces]
  parents:
    description:
      - The hosts, or groups of hosts, whose namespaces are listed.
      - The default is all hosts that have one of the variables.
    type: list
    elements: str
  hosts:
    description:
      - Variables of parents, by the names of the parents, as in a YAML inventory. They take precedence over those of
        other sources.
      - A parent that is in no other source does not become a host. Only its namespaces do.
    type: raw
    default: {}
  hostname:
    description:
      - The name of the host of a namespace. V({netns}) stands for the namespace, V({parent}) for its parent.
      - It is an error if two namespaces would have the same name.
    type: str
    default: '{netns}'
seealso:
  - plugin: netloom.linux.netns
    plugin_type: become
  - module: netloom.linux.topology
"""

EXAMPLES = r"""
# namespaces.yml, beside hosts.yml and group_vars with the roles' variables
plugin: netloom.linux.namespaces

# Several hosts with the same namespaces; a group of all that have an address in 10.1.0.0/16
---
plugin: netloom.linux.namespaces
parents: [vlan_hosts]
hostname: '{parent}.{netns}'
groups:
  site1: netloom_addresses | select('match', '10\.1\.') | length > 0

# All in one file
---
plugin: netloom.linux.namespaces
hosts:
  lab1:
    ansible_host: 192.0.2.1
    ansible_user: root
    netloom_topology:
      netns: [{name: red}, {name: green}]
      veth:
        - {name: eth0, netns: red, addresses: [10.0.0.1/24], peer: {name: eth0, netns: green, addresses: [10.0.0.2/24]}}
"""

import contextlib
import json
import typing as t

from ansible.errors import AnsibleParserError
from ansible.inventory.group import to_safe_group_name
from ansible.inventory.helpers import get_group_vars
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable
from ansible.utils.vars import combine_vars
from ansible.vars.plugins import get_vars_from_inventory_sources
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _inventory_values, _namespaces

NETNS_METHOD = "netloom.linux.netns"
# How the parent becomes another user says nothing about its namespaces.
NOT_INHERITED = (
    "ansible_become",
    "ansible_become_method",
    "ansible_become_user",
    "ansible_netns",
    "ansible_netns_user",
)


class InventoryModule(BaseInventoryPlugin, Constructable):  # type: ignore[misc]
    """The class that Ansible loads."""

    NAME = "netloom.linux.namespaces"

    def verify_file(self, path: str) -> bool:
        """Return whether the file may be for this plugin. Its key ``plugin`` is checked later."""
        return bool(super().verify_file(path)) and path.endswith((".yml", ".yaml"))

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        """Read the file, and add hosts and groups to the inventory."""
        super().parse(inventory, loader, path, cache)
        config = self._read_config_data(path)
        known = set(self.get_options())
        try:
            for key in config:
                if key not in known:
                    raise _errors.BadInput(_words.unknown(key, self.NAME, known))
            self._list(path)
        except _errors.BadInput as error:
            raise AnsibleParserError(f"{path}: {error}") from error

    def _list(self, path: str) -> None:
        # A host that is a namespace itself, by another file of this plugin, may know the variables of 'all', too.
        declared = {
            name: variables
            for name, variables in self._parents(path).items()
            if set(variables) & set(_namespaces.VARIABLES) and "ansible_netns" not in variables
        }
        if not declared:
            raise _errors.BadInput(
                f"no host has {', '.join(_namespaces.VARIABLES[:-1])} or {_namespaces.VARIABLES[-1]}. "
                + (
                    _namespaces.misspelt(self.get_option("hosts"))
                    or "Read this file after the inventory that declares them, or write them below 'hosts'."
                )
            )
        self._warn_of_strangers(declared)
        taken = dict.fromkeys(self.inventory.hosts, "a host of another source")
        named = [
            (self._name(parent, namespace.name, taken), parent, namespace)
            for parent, variables in declared.items()
            for namespace in self._namespaces_of(parent, variables)
        ]
        for name, parent, namespace in named:
            self._add(name, parent, declared[parent], namespace)

    def _warn_of_strangers(self, declared: dict[str, _inventory_values.Variables]) -> None:
        """Warn of a parent that no source knows and for which nothing says how to reach it. It is probably misspelt."""
        hosts = [name for name, host in self.inventory.hosts.items() if "ansible_netns" not in host.vars]
        for name, variables in declared.items():
            if name not in hosts and not {"ansible_host", "ansible_connection"} & set(variables):
                near = _words.nearest(name, hosts)
                hint = (
                    f"Did you mean '{near}'?"
                    if near
                    else "Read this file after the source that has it, or give it an ansible_host."
                )
                self.display.warning(
                    f"hosts.{name}: no source read so far has a host '{name}', so its namespaces are looked for at that"
                    f" name. {hint}"
                )

    def _namespaces_of(self, parent: str, variables: _inventory_values.Variables) -> list[_namespaces.Namespace]:
        values = {
            key: self._value(variables[key], variables, f"host '{parent}': {key}")
            for key in _inventory_values.declaring(variables)
        }
        try:
            return _namespaces.namespaces(values, parent)
        except _errors.BadInput as error:
            raise _errors.BadInput(f"host '{parent}': {error}") from error

    def _parents(self, path: str) -> dict[str, _inventory_values.Variables]:
        """Return the variables of all hosts that may be parents."""
        inline = self.get_option("hosts")
        if not isinstance(inline, dict):
            raise _errors.BadInput(
                f"hosts: {_words.shown(inline)} is not a mapping; write names of hosts with their variables below them."
            )
        for name, variables in inline.items():
            if not isinstance(variables, dict):
                raise _errors.BadInput(
                    f"hosts.{name}: {variables!r} is not a mapping; write variables such as 'ansible_host: 192.0.2.1'."
                )
        wanted = self._wanted([*self.inventory.hosts, *(name for name in inline if name not in self.inventory.hosts)])
        return {
            name: {**self._known(name, path), **inline.get(name, {}), "inventory_hostname": name} for name in wanted
        }

    def _wanted(self, names: list[str]) -> list[str]:
        parents = self.get_option("parents")
        if parents is None:
            return names
        wanted: list[str] = []
        for index, name in enumerate(parents):
            group = self.inventory.groups.get(name)
            if group is None and name not in names:
                raise _errors.BadInput(
                    f"parents[{index}]: '{name}' is neither a host nor a group of the sources read so far; read this"
                    " file after them."
                )
            wanted += [name] if group is None else [host.name for host in group.get_hosts()]
        return list(dict.fromkeys(wanted))

    def _known(self, name: str, path: str) -> _inventory_values.Variables:
        """Return what earlier sources, and the files beside them, say about a host."""
        host = self.inventory.get_host(name)
        if host is None:
            return {}
        # All hosts are put into 'all' only when all sources have been read.
        groups = list(dict.fromkeys([self.inventory.groups["all"], *host.get_groups()]))
        sources = [*self.inventory.processed_sources, path]
        of_groups, of_host = (
            get_vars_from_inventory_sources(self.loader, sources, entities, "all") for entities in (groups, [host])
        )
        known: _inventory_values.Variables = get_group_vars(groups)
        for variables in (of_groups, host.vars, of_host):
            known = combine_vars(known, variables)
        return known

    def _value(self, value: t.Any, variables: _inventory_values.Variables, option: str) -> t.Any:
        """Return a variable as its parent sees it."""
        self.templar.available_variables = variables
        try:
            return self.templar.template(value)
        except Exception as error:
            raise _errors.BadInput(f"{option}: cannot be evaluated: {error}") from error

    def _inherited(self, parent: str, variables: _inventory_values.Variables) -> _inventory_values.Variables:
        """Return the variables that say how to reach the parent. Nothing is evaluated here, so no secret is written
        down a second time.
        """
        found: _inventory_values.Variables = {"ansible_host": parent}
        for key, value in variables.items():
            if key.startswith("ansible_") and key not in NOT_INHERITED:
                found |= self._handed_on(parent, key, value, variables)
        method = variables.get("ansible_become_method")
        if method not in (None, NETNS_METHOD):
            found.setdefault("ansible_netns_root_method", method)
        return found

    def _handed_on(
        self, parent: str, key: str, value: t.Any, variables: _inventory_values.Variables
    ) -> _inventory_values.Variables:
        """Return a variable of the parent for its namespaces: a plain value as it is, anything else as a reference to
        the variable of the parent.
        """
        if _inventory_values.plain(value):
            return {key: value}
        needed = _inventory_values.needed(value, variables)
        inline = self.get_option("hosts").get(parent, {})
        if parent in self.inventory.hosts and not {key, *needed} & set(inline):
            return {
                key: _inventory_values.as_template(
                    "{{ hostvars[" + json.dumps(parent) + "][" + json.dumps(key) + "] }}"
                )
            }
        # Only this file knows it, so the namespaces get what it is made of, as it is written.
        return {name: _inventory_values.of_parent(variables[name]) for name in (*needed, key)}

    def _name(self, parent: str, netns: str, taken: dict[str, str]) -> str:
        form = self.get_option("hostname")
        if "{netns}" not in form:
            raise _errors.BadInput(
                f"hostname: {form!r} gives all namespaces one name; write '{{netns}}' where the namespace's name is"
                " to be."
            )
        name = str(form.replace("{parent}", parent).replace("{netns}", netns))
        if name in taken:
            raise _errors.BadInput(
                f"hostname: namespace '{netns}' of host '{parent}' would be host '{name}', which is already"
                f" {taken[name]}. Tell them apart, for example by hostname: '{{parent}}.{{netns}}'."
            )
        taken[name] = f"namespace '{netns}' of host '{parent}'"
        return name

    def _seen(self, name: str, parent: str, variables: _inventory_values.Variables) -> _inventory_values.Variables:
        """Return the variables of a namespace for expressions of this file, in which references to the parent are
        resolved.
        """
        seen: _inventory_values.Variables = self.inventory.get_host(name).get_vars()
        asked = " ".join(map(str, (self.get_option(option) for option in ("compose", "groups", "keyed_groups"))))
        for key in [
            key
            for key, value in seen.items()
            if key in variables and not _inventory_values.plain(value) and key in asked
        ]:
            with contextlib.suppress(_errors.BadInput):  # it takes what is known in a play only
                seen[key] = self._value(variables[key], variables, key)
        return seen

    def _add(
        self, name: str, parent: str, variables: _inventory_values.Variables, namespace: _namespaces.Namespace
    ) -> None:
        self.inventory.add_host(name)
        become = {"ansible_become": True, "ansible_become_method": NETNS_METHOD, "ansible_netns": namespace.name}
        for key, value in {
            **self._inherited(parent, variables),
            **become,
            "netloom_parent": parent,
            **namespace.variables(),
        }.items():
            self.inventory.set_variable(name, key, value)
        for group in _inventory_values.groups(parent, namespace):
            self.inventory.add_child(self.inventory.add_group(to_safe_group_name(group, force=True, silent=True)), name)
        strict, seen = self.get_option("strict"), self._seen(name, parent, variables)
        self._set_composite_vars(self.get_option("compose"), seen, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), seen, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), seen, name, strict=strict)
