#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage named network namespaces."""

from __future__ import annotations

DOCUMENTATION = r"""
module: netns
short_description: Manage named network namespaces
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Makes and deletes named network namespaces as C(ip netns) knows them, or gives a name to the namespace of a process
    or of a container.
  - A dangling name (its mount or its process is gone) is healed.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
options:
  name:
    description: Name of the namespace, a file name below C(/run/netns).
    type: str
    required: true
  pid:
    description:
      - Attach the network namespace of this process under O(name), instead of making a new one.
      - If the name was attached to another process before, it is attached anew.
      - Not needed again on later runs; then the attachment is left as it is.
    type: int
  path:
    description: Attach the network namespace at this path, such as C(/proc/1234/ns/net), under O(name).
    type: path
  container:
    description:
      - Attach the network namespace of this running container, by its name or id, under O(name).
      - After a restart a container has another namespace; the next run notices, and attaches that one. Links that lead
        into the old namespace go with it, so declare them after it; with a O(netloom.linux.veth#module:mac) of their own,
        so that the neighbours' ARP caches stay right.
      - A container that uses the host's network (C(--network host)) is refused, for it has no namespace of its own.
      - On O(state=absent) it is not needed, and no engine is asked.
    type: str
  engine:
    description:
      - Which container engine has the O(container).
      - V(docker) is asked by its API on C(/run/docker.sock).
      - V(podman) is asked by its API on C(/run/podman/podman.sock), or where nobody listens there, by C(podman container inspect).
      - V(auto) asks both; if both have a container of that name it is an error.
    type: str
    choices: [auto, docker, podman]
    default: auto
  loopback:
    description: Whether C(lo) is up.
    type: bool
    default: true
  sysctl:
    description:
      - Sysctls of the namespace by full name, such as C(net.ipv4.ip_forward). Only those below C(net.) belong to a namespace.
      - As for sysctl(8), C(/) may stand in place of C(.), as in C(net/ipv4/conf/eth0.100/rp_filter), where the name of a link has a dot. The sysctls of a
        link are better declared with the link.
      - Values are compared as strings with white space folded.
    type: dict
  etc_files:
    description:
      - The exact set of files below C(/etc/netns/NAME/), as a dictionary of file name to content. C(ip netns exec) shows
        them to a program in place of those in C(/etc).
      - In the place of a content there may be a dictionary with C(content) and C(mode), such as V('0600'), three octal digits in
        quotes. Without a mode a file that is there keeps its own, and a new one gets V('0644'). A file that is there keeps its
        owner too.
      - V({}) deletes them all.
      - What was there before the first of these files was written comes back, with its mode and its owner, when they go.
      - What is no regular file there, such as a symbolic link, is refused, for it could not be brought back.
      - The contents are neither in the log nor in results. See O(show_etc_files).
    type: dict
  show_etc_files:
    description:
      - Whether results and the diff show the contents of O(etc_files). Without it they tell the size, the SHA-256 and the mode
        of each file, which say whether it differs.
      - In M(netloom.linux.topology) it is an option of the entry.
    type: bool
    default: false
  processes:
    description:
      - What O(state=absent) does when processes live in the namespace.
      - V(refuse) fails and lists them; V(kill) ends them; V(leave) takes only the name away, and the namespace lives on
        until they end.
      - V(kill) is refused for an attached namespace, whose processes are somebody else's. A name that is a symbolic link, as
        container tools make it, counts as attached too.
    type: str
    choices: [refuse, kill, leave]
    default: refuse
  state:
    description:
      - V(absent) deletes the namespace with the links in it, and those files below C(/etc/netns/NAME/) that this module wrote;
        what was there before them comes back.
      - From an attached namespace only the name is taken away.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netloom.linux.veth
  - module: netloom.linux.netns_info
  - name: ip-netns(8)
    description: The manual page of the commands it replaces.
    link: https://man7.org/linux/man-pages/man8/ip-netns.8.html
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

- name: The namespaces are gone; of the attached one only the name
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
  description: What the run did, or would do, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create namespace red", "set lo in red: up"]
inode:
  description: The inode of the namespace, which tells it from every other that is there now.
  returned: when the namespace exists
  type: int
cookie:
  description: The cookie of the namespace (C(SO_NETNS_COOKIE), Linux 5.14), which no other has before the next boot; null on older kernels.
  returned: when the namespace exists
  type: int
pids:
  description: The processes that live in it (C(ip netns pids)).
  returned: when the namespace exists
  type: list
  elements: int
attached:
  description: Whether the name was given to somebody else's namespace.
  returned: when the namespace exists
  type: bool
path:
  description: The file that stands for it.
  returned: when the namespace exists
  type: str
  sample: /run/netns/red
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _netns


def main() -> None:
    """Run it."""
    _module.run_kind(_netns.NetnsKind())


if __name__ == "__main__":
    main()
