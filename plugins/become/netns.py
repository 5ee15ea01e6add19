# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The become plugin netns; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: netns
short_description: Run tasks inside a network namespace of the managed node
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Runs any task inside a named network namespace of the managed node, over every connection that supports become, such
    as SSH and local.
  - >-
    If the connection user is not root, the plugin first becomes root with another become plugin, the O(root_method).
    Then it enters the namespace O(netns) with C(ip netns exec). In the namespace it becomes O(become_user).
  - If a namespace does not exist or cannot be entered, the task fails with a sentence that names the namespace. In that
    case nothing has been run.
requirements:
  - C(ip) of iproute2 on the managed node.
  - For a O(become_user) other than root, C(runuser) of util-linux, or another program in O(user_exe).
notes:
  - >-
    The plugin uses C(ip netns exec) and not C(nsenter), because only C(ip netns exec) shows the task what programs in
    the namespace see. The files of C(/etc/netns/NAME), such as C(resolv.conf) and C(hosts), replace those in C(/etc),
    and C(/sys/class/net) lists the interfaces of the namespace. Facts are right because of the latter.
  - >-
    As with every C(ip netns exec), a task has its own mount namespace. What it mounts is unmounted at its end, and
    C(/sys) has no control groups. A file in C(/etc) that C(/etc/netns/NAME) replaces can be written in place, but it
    cannot be replaced by a rename, as M(ansible.builtin.template) does. Write it in C(/etc/netns/NAME) instead.
  - >-
    If a task starts a service of systemd, PID 1 runs the service in the namespace of the host.
    C(NetworkNamespacePath=/run/netns/NAME) in its unit puts it into the namespace.
  - >-
    Only the task itself runs in the namespace. Files are copied to the managed node outside the namespace, and lookups
    and filters are evaluated on the control node.
  - Ansible skips a become plugin if the connection user already is O(become_user). This plugin is never skipped,
    because the namespace differs.
options:
  netns:
    description:
      - The namespace's name, as C(ip netns list) shows it.
      - Without it tasks fail, and do not run in the namespace of the host.
    type: raw
    vars:
      - name: ansible_netns
    env:
      - name: ANSIBLE_NETNS
    ini:
      - section: netns_become_plugin
        key: netns
  become_user:
    description: The user who runs the task in the namespace.
    type: str
    default: root
    keyword:
      - name: become_user
    vars:
      - name: ansible_become_user
      - name: ansible_netns_user
    env:
      - name: ANSIBLE_BECOME_USER
      - name: ANSIBLE_NETNS_USER
    ini:
      - section: privilege_escalation
        key: become_user
      - section: netns_become_plugin
        key: user
  root_method:
    description:
      - The become plugin with which the connection user becomes root, because only root may enter a namespace.
      - It is not used if the connection user is root.
    type: str
    default: sudo
    vars:
      - name: ansible_netns_root_method
    env:
      - name: ANSIBLE_NETNS_ROOT_METHOD
    ini:
      - section: netns_become_plugin
        key: root_method
  become_exe:
    description:
      - The executable of the O(root_method). The default is that of the become plugin.
      - The sections of C(ansible.cfg) and the environment variables of that plugin also apply.
    type: str
    keyword:
      - name: become_exe
    vars:
      - name: ansible_become_exe
      - name: ansible_sudo_exe
      - name: ansible_su_exe
      - name: ansible_doas_exe
  become_flags:
    description: The flags of the O(root_method). The default is that of the become plugin.
    type: str
    keyword:
      - name: become_flags
    vars:
      - name: ansible_become_flags
      - name: ansible_sudo_flags
      - name: ansible_su_flags
      - name: ansible_doas_flags
  become_pass:
    description: The password that the O(root_method) asks for.
    type: str
    vars:
      - name: ansible_become_password
      - name: ansible_become_pass
      - name: ansible_sudo_pass
      - name: ansible_su_pass
      - name: ansible_doas_pass
  ip_exe:
    description: The program C(ip) of iproute2, by name or by path. A name is looked up in C(PATH), then in C(/usr/sbin)
      and C(/sbin).
    type: str
    default: ip
    vars:
      - name: ansible_netns_ip_exe
    env:
      - name: ANSIBLE_NETNS_IP_EXE
    ini:
      - section: netns_become_plugin
        key: ip_exe
  user_exe:
    description: The program with which root becomes another user. It must take arguments like C(runuser). C(su) does.
    type: str
    default: runuser
    vars:
      - name: ansible_netns_user_exe
    env:
      - name: ANSIBLE_NETNS_USER_EXE
    ini:
      - section: netns_become_plugin
        key: user_exe
seealso:
  - plugin: netloom.linux.namespaces
    plugin_type: inventory
    description: Lists namespaces as hosts that are reached by this plugin.
  - module: netloom.linux.netns
"""

EXAMPLES = r"""
- name: Run a task inside of namespace red
  ansible.builtin.uri:
    url: http://10.0.0.2/
  become: true
  become_method: netloom.linux.netns
  vars:
    ansible_netns: red

- name: As another user, for a connection user who becomes root by su
  ansible.builtin.command: id
  changed_when: false
  become: true
  become_method: netloom.linux.netns
  become_user: nobody
  vars:
    ansible_netns: red
    ansible_netns_root_method: ansible.builtin.su
"""

import json
import shlex
import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.become import BecomeBase
from ansible.plugins.loader import become_loader
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values

NAME = "netloom.linux.netns"
ROOT = "root"

# What root runs on the managed node. A refusal is said twice: to people on stderr, and on stdout as the result of a
# module. What Ansible still sends is read before the end, so that it does not take a closed pipe for a lost connection;
# a standard input that stays open ends the wait.
SCRIPT = r"""
refuse() {{
  printf '%s\n' "$1$3" >&2
  printf '{{"failed": true, "msg": "%s"}}\n' "$2$3"
  [ -t 0 ] || timeout 3 cat >/dev/null
  exit 1
}}
find() {{ PATH="$PATH:/usr/sbin:/sbin"; command -v "$1"; }}
ip=$(find {ip}) || refuse {no_ip}
[ -e /run/netns/{netns} ] || [ -L /run/netns/{netns} ] || refuse {no_netns}
why=$("$ip" netns exec {netns} true 2>&1 </dev/null) || refuse {not_entered} \
    "$(printf %s "$why" | tr -cd '[:alnum:] :_./-')"
{user}exec "$ip" netns exec {netns} {command}
"""
OTHER_USER = r"""id -u {user} >/dev/null 2>&1 || refuse {no_user}
switch=$(find {exe}) || refuse {no_exe}
"""


class _Never(str):
    """A user that differs from every connection user. Otherwise Ansible would skip the plugin, and run the task in the
    namespace of the host.
    """

    __hash__ = str.__hash__

    def __ne__(self, other: object) -> bool:
        """Differ from every user. Ansible uses `!=` to decide whether to skip the plugin, and `==` to find out who may
        read files.
        """
        return True


class BecomeModule(BecomeBase):  # type: ignore[misc]
    """The class that Ansible loads."""

    def __init__(self) -> None:
        super().__init__()
        self._root: t.Any = None

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Any = None) -> None:
        """Pass the settings of Ansible for a task to both plugins. The plugin that becomes root gets the same settings,
        with root as its user.
        """
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        method = super().get_option("root_method")
        self._root = None if method in (NAME, "netns") else become_loader.get(method)
        if self._root is None:
            raise AnsibleError(
                f"ansible_netns_root_method: there is no become plugin {method!r} that makes root; `ansible-doc -t"
                " become -l` lists them."
            )
        self._root.set_options(
            task_keys=task_keys, var_options=var_options, direct={**(direct or {}), "become_user": ROOT}
        )

    def get_option(self, option: str, hostvars: t.Any = None, playcontext: t.Any = None) -> t.Any:
        """Return an option. Connections ask for the password, which belongs to the plugin that becomes root."""
        if option == "become_pass" and self._root is not None:
            return self._root.get_option(option, playcontext=playcontext)
        value = super().get_option(option, hostvars=hostvars, playcontext=playcontext)
        return _Never(value) if option == "become_user" and value else value

    def build_become_command(self, cmd: str, shell: t.Any) -> str:
        """Return the shell command that runs ``cmd`` in the namespace."""
        super().build_become_command(cmd, shell)
        if not cmd:
            return cmd
        script = self._script(cmd, shell.executable)
        become_root = self._root.build_become_command(script, shell)
        # Success means root. What may go wrong after that is a result of the task.
        self._id, self.success = self._root._id, self._root.success
        return f'if [ "$(id -u)" = 0 ]; then {self._root._build_success_command(script, shell)}; else {become_root}; fi'

    def _script(self, cmd: str, shell: str) -> str:
        netns, user, exe = self._netns(), self._user(), self.get_option("user_exe")
        quoted, command, switch = shlex.quote(user), f"{shell} -c {shlex.quote(cmd)}", ""
        if user != ROOT:
            switch = OTHER_USER.format(
                user=quoted,
                exe=shlex.quote(exe),
                no_user=_refusal(
                    f"become_user: there is no user '{user}' on this host; create it, or name another one."
                ),
                no_exe=_refusal(
                    f"ansible_netns_user_exe: there is no program '{exe}' on this host; install util-linux, or take"
                    " 'su'."
                ),
            )
            command = f'"$switch" -s {shell} -c {shlex.quote(cmd)} {quoted}'
        return SCRIPT.format(
            ip=shlex.quote(self.get_option("ip_exe")),
            netns=shlex.quote(netns),
            user=switch,
            command=command,
            no_ip=_refusal(
                f"ansible_netns_ip_exe: there is no program '{self.get_option('ip_exe')}' on this host; install"
                " iproute2, or give its path."
            ),
            no_netns=_refusal(
                f"ansible_netns: there is no network namespace '{netns}' on this host. Create it with"
                " netloom.linux.netns first."
            ),
            not_entered=_refusal(
                f"ansible_netns: the network namespace '{netns}' cannot be entered; its name may dangle. What ip says: "
            ),
        )

    def _netns(self) -> str:
        value = self.get_option("netns")
        if value is None:
            raise AnsibleError(
                "ansible_netns: is not set; name the network namespace that the task is to run in, or take another"
                " become_method."
            )
        if not isinstance(value, str):
            raise AnsibleError(f"ansible_netns: YAML read this as {value!r}, which is no text; quote it.")
        try:
            return _values.netns_name(value, "ansible_netns")
        except _errors.BadInput as error:
            raise AnsibleError(str(error)) from error

    def _user(self) -> str:
        user = str(self.get_option("become_user") or ROOT)
        if user.startswith("-"):
            raise AnsibleError(f"become_user: {user!r} is not a user's name; it must not begin with '-'.")
        return user

    # What connections ask a become plugin is about the password, and so about the plugin that makes root.

    @property
    def name(self) -> str:
        """Return the name that messages about an incorrect or missing password use."""
        return getattr(self._root, "name", NAME)

    @property
    def prompt(self) -> t.Any:
        """Return what the password prompt looks like."""
        return getattr(self._root, "prompt", "")

    @property
    def pipelining(self) -> bool:
        """Return whether a module may be sent through standard input."""
        return bool(getattr(self._root, "pipelining", True))

    def check_password_prompt(self, b_output: bytes) -> bool:
        """Return whether the program asks for the password."""
        return bool(self._root.check_password_prompt(b_output))

    def check_incorrect_password(self, b_output: bytes) -> bool:
        """Return whether the password is wrong."""
        return bool(self._root.check_incorrect_password(b_output))

    def check_missing_password(self, b_output: bytes) -> bool:
        """Return whether a password is needed."""
        return bool(self._root.check_missing_password(b_output))


def _refusal(sentence: str) -> str:
    """Return the sentence as two words for the shell: one for people, and one in the form of JSON."""
    return f"{shlex.quote(sentence)} {shlex.quote(json.dumps(sentence)[1:-1])}"
