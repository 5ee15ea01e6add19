# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and requirements of what is in an OVSDB."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.ovs"""

    DOCUMENTATION = r"""
options:
  ovsdb:
    description:
      - "Where the OVSDB is: V(unix:/path/to/socket), V(tcp:host:port) or V(ssl:host:port), an IPv6 address in brackets. Several,
        separated by commas, are tried in turn (a clustered database)."
      - Options that are about a network device on this host are refused if the OVSDB is another host's.
    type: str
    default: unix:/run/openvswitch/db.sock
  ovsdb_private_key:
    description: File on the managed node with the private key for C(ssl:).
    type: path
  ovsdb_certificate:
    description: File on the managed node with the certificate of O(ovsdb_private_key).
    type: path
  ovsdb_ca_cert:
    description: File on the managed node with the CA certificate that the server's must be signed by.
    type: path
  timeout:
    description: Seconds that the OVSDB may take to answer, 1 to 3600.
    type: int
    default: 10
requirements:
  - ovsdbapp >= 2.1 for the same Python as pyroute2, and Open vSwitch.
notes:
  - O(external_ids) and O(other_config) are exact maps. A key that is stored and not declared is removed. Numbers and truth
    values are stored as strings, V(true) and V(false) in lower case.
  - Open vSwitch does not report most of what it cannot do. After each write the module waits until ovs-vswitchd has acted on
    it, looks at what came of it, and takes the write back where that failed.
"""
