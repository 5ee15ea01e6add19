# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and requirements of the modules for objects in an OVSDB."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.ovs"""

    CONNECTION = r"""
options:
  ovsdb:
    description:
      - "Where the OVSDB is: V(unix:/path/to/socket), V(tcp:host:port) or V(ssl:host:port), an IPv6 address in brackets.
        Several, separated by commas, are tried in turn (a clustered database)."
      - Options about a network device on this host are refused if the OVSDB belongs to another host.
    type: str
    default: unix:/run/openvswitch/db.sock
  ovsdb_private_key:
    description: File on the managed node with the private key for C(ssl:).
    type: path
  ovsdb_certificate:
    description: File on the managed node with the certificate of O(ovsdb_private_key).
    type: path
  ovsdb_ca_cert:
    description: File on the managed node with the CA certificate that must have signed the certificate of the server.
    type: path
  timeout:
    description: The longest time that the OVSDB may take to answer in seconds, 1 to 3600.
    type: int
    default: 10
requirements:
  - ovsdbapp >= 2.1 for the Python that has pyroute2, and Open vSwitch.
"""

    DOCUMENTATION = r"""
options: {}
notes:
  - O(external_ids) and O(other_config) are exact maps. A stored key that is not declared is removed. Numbers and truth
    values are stored as strings, V(true) and V(false) in lower case.
  - Open vSwitch does not report most failures. After each write the module waits until ovs-vswitchd has acted on it,
    checks the result, and undoes the write if it failed.
"""
