#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage named network namespaces."""

from __future__ import annotations

DOCUMENTATION = r"""
module: netns
short_description: Manage named network namespaces
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Creates and deletes named network namespaces like C(ip netns), or gives a name to the namespace of a process or of a
    container.
  - A dangling name (its mount or its process is gone) is repaired.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.reasons
options:
  name:
    description: Name of the namespace, a file name below C(/run/netns).
    type: str
    required: true
  pid:
    description:
      - Attach the network namespace of this process under O(name), instead of creating a new one.
      - If the name is attached to another process, it is attached to this one instead.
      - Later runs do not need this option. Without it they leave the attachment as it is.
    type: int
  path:
    description: Attach the network namespace at this path, such as C(/proc/1234/ns/net), under O(name).
    type: path
  container:
    description:
      - Attach the network namespace of this running container, by its name or id, under O(name).
      - A container has a new namespace after each restart. The next run notices that and attaches the new namespace.
        Links into the old namespace are deleted with it, so declare them after the namespace. Give them a
        O(netloom.linux.veth#module:mac), so that the ARP caches of their neighbours stay right.
      - A container that uses the network of the host (C(--network host)) is refused, because it has no namespace of its
        own.
      - With O(state=absent) this option is not needed, and no engine is asked.
    type: str
  engine:
    description:
      - The container engine that runs the O(container).
      - V(docker) is asked through its API on C(/run/docker.sock).
      - V(podman) is asked through its API on C(/run/podman/podman.sock), or with C(podman container inspect) if nobody
        listens on that socket.
      - V(auto) asks both. If both have a container of that name, the task fails.
    type: str
    choices: [auto, docker, podman]
    default: auto
  loopback:
    description: Whether C(lo) is up.
    type: bool
    default: true
  sysctl:
    description:
      - Sysctls of the namespace by full name, such as C(net.ipv4.ip_forward). Only those below C(net.) belong to a
        namespace.
      - As in sysctl(8), C(/) may be used in place of C(.), as in C(net/ipv4/conf/eth0.100/rp_filter) for a link whose
        name has a dot. Declare the sysctls of a link with the link rather than here.
      - Values are compared as strings with white space folded.
    type: dict
  etc_files:
    description:
      - The exact set of files below C(/etc/netns/NAME/), as a dictionary of file name to content. C(ip netns exec)
        shows these files to a program in place of those in C(/etc).
      - Instead of a content, a dictionary with C(content) and C(mode) is accepted. The mode is three octal digits in
        quotes, such as V('0600'). Without a mode an existing file keeps its mode and a new file gets V('0644'). An
        existing file also keeps its owner.
      - V({}) deletes all files of this option.
      - Files that existed before the module wrote the first of its files are restored, with mode and owner, when the
        files of this option are deleted.
      - Anything else than a regular file there, such as a symbolic link, is refused, because it could not be restored.
      - The contents appear neither in the log nor in results. See O(show_etc_files).
    type: dict
  show_etc_files:
    description:
      - Whether results and the diff show the contents of O(etc_files). Otherwise they show the size, the SHA-256 and
        the mode of each file, so that a difference is still visible.
      - In M(netloom.linux.topology) this is an option of the entry.
    type: bool
    default: false
  processes:
    description:
      - What O(state=absent) does when processes live in the namespace.
      - V(refuse) fails and lists the processes. V(kill) ends them. V(leave) removes only the name, and the namespace
        lives on until its processes end.
      - V(kill) is refused for an attached namespace, because its processes belong to somebody else. A name that is a
        symbolic link, as container tools create it, also counts as attached.
    type: str
    choices: [refuse, kill, leave]
    default: refuse
  state:
    description:
      - V(absent) deletes the namespace with the links in it, and those files below C(/etc/netns/NAME/) that this module
        wrote. Files that existed before them are restored.
      - For an attached namespace only the name is removed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netloom.linux.veth
  - module: netloom.linux.netns_info
  - name: ip-netns(8)
    description: The manual page of the commands that this module replaces.
    link: https://man7.org/linux/man-pages/man8/ip-netns.8.html
  - name: Run tasks inside namespaces
    description: A guide for services and templates in namespaces.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-namespaces-as-hosts.md
  - name: From commands to YAML
    description: For each command of the usual tutorials, the task that replaces it.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/from-commands.md
"""

EXAMPLES = r"""
- name: A namespace with its loopback link up
  netloom.linux.netns:
    name: red

- name: A router's namespace with its own resolver
  netloom.linux.netns:
    name: router
    sysctl:
      net.ipv4.ip_forward: 1
    etc_files:
      resolv.conf: |
        nameserver 10.0.0.53

- name: A namespace with a secret that only root may read
  netloom.linux.netns:
    name: router
    etc_files:
      resolv.conf: "nameserver 10.0.0.53\n"
      ipsec.secrets:
        content: "{{ my_ipsec_secrets | default('') }}"
        mode: '0600'

- name: A name for the namespace of a process (PID 1; a container's in practice)
  netloom.linux.netns:
    name: init
    pid: 1

- name: Names for the namespaces of running containers, such as [web, db]
  netloom.linux.netns:
    name: "{{ item }}"
    container: "{{ item }}"
    engine: docker
  loop: "{{ my_containers | default([]) }}"

- name: The namespaces are deleted; the attached one only loses its name
  netloom.linux.netns:
    name: "{{ item }}"
    state: absent
  loop: [red, router, init]
"""

RETURN = r"""
netns:
  description: The namespace as it is (in check mode, as it would be), in the shape of the options.
  returned: success
  type: dict
  sample: {"name": "red", "state": "present", "loopback": true}
steps:
  description: What the run did, or would do. One sentence for each step.
  returned: success
  type: list
  elements: str
  sample: ["create namespace red", "set lo in red: up"]
disruptions:
  description: The steps that disturb something. The others disturb nothing.
  returned: success
  type: list
  elements: dict
  contains:
    step:
      description: What the step does, as in RV(steps).
      type: str
    disturbs:
      description: V(brief) or V(recreate), as in the option C(max_disruption) of M(netloom.linux.topology).
      type: str
plan:
  description: What becomes of each object that changes.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of the object, as its module is called.
      type: str
    identity:
      description: The options that identify the object.
      type: dict
    change:
      description:
        - V(create), V(delete) or V(change). V(renew) says that there are steps, but no difference that an option shows.
      type: str
    disturbs:
      description: What the gravest step of the object disturbs; V(none), V(brief) or V(recreate).
      type: str
    declared:
      description: The options of a new object that somebody wrote down, with suboptions as C(peer.name).
      type: list
      elements: str
    steps:
      description: The steps of V(renew).
      type: list
      elements: str
before:
  description: The object before the run, in the shape of the options.
  returned: with C(--diff)
  type: dict
after:
  description: The object after the run, in the shape of the options; in check mode, as it would be.
  returned: with C(--diff)
  type: dict
diff:
  description:
    - What Ansible prints with C(--diff). Its C(prepared) is the plan in words, a line for each object.
    - RV(before) and RV(after) are in it, too, with C(-vv), with C(async), and if it was the play that set C(diff), not
      the command line.
  returned: with C(--diff)
  type: dict
inode:
  description: The inode of the namespace, which distinguishes it from every other existing namespace.
  returned: when the namespace exists
  type: int
cookie:
  description: The cookie of the namespace (C(SO_NETNS_COOKIE), Linux 5.14). No other namespace has the same cookie
    before the next boot. Null on older kernels.
  returned: when the namespace exists
  type: int
pids:
  description: The processes in the namespace (C(ip netns pids)).
  returned: when the namespace exists
  type: list
  elements: int
attached:
  description: Whether the name belongs to a namespace that somebody else created.
  returned: when the namespace exists
  type: bool
path:
  description: The file of the namespace.
  returned: when the namespace exists
  type: str
  sample: /run/netns/red
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _netns


def main() -> None:
    """Run the module."""
    _module.run_kind(_netns.NetnsKind())


if __name__ == "__main__":
    main()
