# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of netns as those of an entry of topology.

`make schema` writes this file from the documentation of the module netns. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_netns"""

    DOCUMENTATION = r"""
options:
  netns:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      name:
        description: Name of the namespace, a file name below C(/run/netns).
        type: str
        required: true
      pid:
        description: Attach the network namespace of this process under O(netns[].name), instead of creating a new one.
        type: int
      path:
        description: Attach the network namespace at this path, such as C(/proc/1234/ns/net), under O(netns[].name).
        type: path
      container:
        description: Attach the network namespace of this running container, by its name or id, under O(netns[].name).
        type: str
      engine:
        description: The container engine that runs the O(netns[].container).
        type: str
        choices:
          - auto
          - docker
          - podman
        default: auto
      loopback:
        description: Whether C(lo) is up.
        type: bool
        default: true
      sysctl:
        description: >-
          Sysctls of the namespace by full name, such as C(net.ipv4.ip_forward). Only those below C(net.) belong to a
          namespace.
        type: dict
      etc_files:
        description: >-
          The exact set of files below C(/etc/netns/NAME/), as a dictionary of file name to content. C(ip netns exec)
          shows these files to a program in place of those in C(/etc).
        type: dict
      show_etc_files:
        description: >-
          Whether results and the diff show the contents of O(netns[].etc_files). Otherwise they show the size, the
          SHA-256 and the mode of each file, so that a difference is still visible.
        type: bool
        default: false
      processes:
        description: What O(netns[].state=absent) does when processes live in the namespace.
        type: str
        choices:
          - refuse
          - kill
          - leave
        default: refuse
      state:
        description: >-
          V(absent) deletes the namespace with the links in it, and those files below C(/etc/netns/NAME/) that this
          module wrote. Files that existed before them are restored.
        type: str
        choices:
          - present
          - absent
        default: present
"""
