#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a host a chassis of OVN."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovn_chassis
short_description: Make a host a chassis of OVN
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Tells ovn-controller on this host where the southbound database is, at which address the tunnels of the host end,
    and which bridges lead to networks outside of OVN. All this is in C(external_ids) of the table C(Open_vSwitch).
  - Only the keys of the options are written. All other keys are left alone.
  - The module neither installs nor starts ovn-controller. If ovn-controller does not run, or the southbound database
    does not answer, the task succeeds with a warning.
  - If both are there, a run that changes something waits until the southbound database has the host as a chassis with
    this address (RV(registered)). If another chassis has the address, the message names it. A run that changes
    nothing does not wait; it warns.
  - What this host left in the southbound database before it was installed anew, under another name, is deleted. It is
    known by its hostname, and by having no address that this host has not.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.ovs.connection
  - netloom.linux.reasons
options:
  remote:
    description:
      - Where the southbound database is, such as V(ssl:192.0.2.1:6642), V(tcp:192.0.2.1:6642) or
        V(unix:/run/ovn/ovnsb_db.sock), an IPv6 address in brackets. Several, separated by commas, are the members of
        one cluster.
      - V(ssl:) needs O(private_key), O(certificate) and O(ca_cert), unless Open vSwitch has such files already.
      - A host that is no chassis yet needs this option and O(encap_address).
    type: str
  encap_type:
    description:
      - How tunnels to other chassis are made, V(geneve) or V(vxlan), or both. With VXLAN, OVN supports fewer networks
        and ports, and no ACL that matches an inport across hosts.
      - A new chassis gets V(geneve).
    type: list
    elements: str
  encap_address:
    description:
      - The address of this host at which the tunnels of the other chassis end. If no link of the host has it, the task
        warns. Several, separated by commas, need OVN 24.03.
    type: str
  bridge_mappings:
    description:
      - "The exact map of networks outside of OVN (C(network_name) of localnet ports) to bridges of Open vSwitch, such
        as C({physnet1: br-ex})."
      - If a bridge does not exist, the task warns. OVN itself does not report it, and the network ends at this host.
    type: dict
  gateway:
    description:
      - Whether the host may be chosen as a gateway (C(enable-chassis-as-gw) in C(ovn-cms-options)). Other words in
        C(ovn-cms-options) are left alone.
    type: bool
  system_id:
    description:
      - The name of the chassis. It is written to C(/etc/openvswitch/system-id.conf), from which Open vSwitch takes it
        at every start, and then to C(external_ids:system-id).
      - If left out, the name in that file is used, and the key gets the same name. A host without that file gets one,
        with the present name or, if it has none, the content of C(/etc/machine-id).
      - If the name changes, the rows that the host had in the southbound database under the old name are deleted.
      - Only if the OVSDB belongs to this host.
    type: str
  bridge:
    description:
      - The integration bridge, which ovn-controller creates. Without it, OVN uses C(br-int).
    type: str
  datapath_type:
    description:
      - The datapath of the integration bridge.
      - V(auto) leaves it alone, but chooses V(netdev) if the kernel does not have the datapath of Open vSwitch and the
        integration bridge has no other one that works.
    type: str
    choices: [auto, system, netdev]
    default: auto
  private_key:
    description:
      - File on the managed node with the private key for V(ssl:), as an absolute path. It needs O(certificate) and
        O(ca_cert).
      - The three are the only row of the table C(SSL) of Open vSwitch, which ovs-vswitchd uses too. If somebody else
        has written other files there, the task fails and leaves them alone.
    type: path
  certificate:
    description: File on the managed node with the certificate of O(private_key).
    type: path
  ca_cert:
    description: File on the managed node with the CA certificate that must have signed the certificate of the
      southbound database.
    type: path
  state:
    description:
      - V(absent) removes the keys, and TLS files that this module wrote. If this module changed the name of the
        chassis, the host gets its old name back. The rows of the host in the tables C(Chassis) and C(Chassis_Private)
        of the southbound database are deleted.
      - If the southbound database does not answer, the task succeeds with a warning that names the rows.
      - Stop ovn-controller before. It then removes its tunnels, its flows and its rows. If it still runs, the task
        warns, and the tunnels and flows stay.
    type: str
    choices: [present, absent]
    default: present
attributes:
  action_group:
    description:
      - Use C(group/netloom.linux.all) in C(module_defaults) for the options that all modules share, and
        C(group/netloom.linux.ovs) for O(ovsdb), its keys and O(timeout).
    support: full
    membership:
      - netloom.linux.all
      - netloom.linux.ovs
notes:
  - An option that is left out is left alone.
seealso:
  - module: netloom.linux.ovs_bridge
  - module: netloom.linux.ovs_port
  - name: ovn-controller(8)
    description: The keys behind the options.
    link: https://man7.org/linux/man-pages/man8/ovn-controller.8.html
  - name: Networks of OVN
    description: A guide for networks, routers, security groups and load balancers over many hosts.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovn.md
  - name: How it works
    description: Facts about OVN that explain what the module does.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/how-it-works.md
"""

EXAMPLES = r"""
- name: The integration bridge, and a bridge to the world outside
  netloom.linux.ovs_bridge:
    name: "{{ item }}"
  loop: [br-int, br-ex]

- name: A chassis that may be a gateway, here on the central host itself
  netloom.linux.ovn_chassis:
    # From another host ssl:192.0.2.1:6642, with private_key, certificate and ca_cert.
    remote: unix:/run/ovn/ovnsb_db.sock
    encap_address: 127.0.0.1
    bridge_mappings:
      physnet1: br-ex
    gateway: true

- name: A logical port of OVN on it, whose switch is declared later
  netloom.linux.ovs_port:
    bridge: br-int
    name: red1
    type: internal
    iface_id: red1
    wait_for_installed: false

- name: The host leaves OVN
  netloom.linux.ovn_chassis:
    state: absent
"""

RETURN = r"""
ovn_chassis:
  description: What ovn-controller reads of Open vSwitch, in the shape of the options.
  returned: success
  type: dict
  sample:
    state: present
    remote: tcp:192.0.2.1:6642
    encap_type: [geneve]
    encap_address: 192.0.2.11
    bridge_mappings: {physnet1: br-ex}
    gateway: true
    system_id: 2371b319-3d48-4fc5-b8a9-d9fdd1dd1e2d
    bridge: br-int
steps:
  description: What the run did, or would do. One sentence for each step.
  returned: success
  type: list
  elements: str
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
uuid:
  description: The UUID of the row of the table C(Open_vSwitch).
  returned: when the host is a chassis
  type: str
registered:
  description: Whether the southbound database has the host as a chassis. Null if it does not answer.
  returned: when the host is a chassis
  type: bool
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _ovn_chassis


def main() -> None:
    """Run the module."""
    _module.run_kind(_ovn_chassis.OvnChassisKind())


if __name__ == "__main__":
    main()
