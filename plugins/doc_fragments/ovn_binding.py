# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a port that is a logical port of OVN."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.ovn_binding"""

    DOCUMENTATION = r"""
options:
  iface_id:
    description:
      - The name of the logical port of OVN that the port is (C(iface-id) in C(Interface.external_ids), which is not
        O(external_ids)). Only this key is written. Other keys, such as those of ovn-controller, are left alone.
      - Two ports of one host cannot have the same name here. If two hosts have the same one, both take the logical port
        in turn, and half of its packets are lost, unless C(options:requested-chassis) of the logical port names one of
        them.
      - Prefer a veth to an internal port in a namespace. After a restart of ovs-vswitchd with the userspace datapath,
        the device of an internal port is dead although OVN reports the port as up, until the next run.
    type: str
  wait_for_installed:
    description:
      - If a run changes something, it waits up to RV(ignore:wait) seconds until ovn-controller has put the flows of the
        logical port in effect (C(ovn-installed)). If that does not happen, the run fails, names the cause and is
        undone. The cause can be that the northbound database has no logical port of this name, that ovn-controller does
        not run, or that the logical port is requested for another chassis.
      - The run waits only if OVN is at work on the host, which means that C(external_ids) of C(Open_vSwitch) have
        C(ovn-remote), and O(bridge) is the integration bridge.
      - Use V(false) if the northbound database is written after the ports of the hosts. With V(true), such a run never
        succeeds. ovn-controller binds the port by itself as soon as the logical port exists. RV(ovn_installed) of a
        later run tells whether it did.
      - At boot (O(netloom.linux.topology#module:persist)) nothing waits, because ovn-controller starts later.
    type: bool
    default: true
"""
