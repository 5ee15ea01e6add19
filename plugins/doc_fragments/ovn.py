# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and requirements of the modules for OVN's northbound database."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.ovn for all of them; with .run for those that write."""

    DOCUMENTATION = r"""
options:
  ovn_nb:
    description:
      - "Where the northbound database is: V(unix:/path/to/socket), V(tcp:host:port) or V(ssl:host:port), an IPv6
        address in brackets."
      - Several, separated by commas, are the members of a cluster. They are tried in turn until one is the leader,
        because only the leader takes what is written. If the leader changes during the run, the run follows it.
    type: str
    default: unix:/run/ovn/ovnnb_db.sock
  ovn_nb_private_key:
    description: File on the managed node with the private key for C(ssl:).
    type: path
  ovn_nb_certificate:
    description: File on the managed node with the certificate of O(ovn_nb_private_key).
    type: path
  ovn_nb_ca_cert:
    description: File on the managed node with the CA certificate that must have signed the certificate of the server.
    type: path
  timeout:
    description: The longest time that the database may take to answer in seconds, 1 to 3600. The run gives a database
      with many rows more time.
    type: int
    default: 10
requirements:
  - ovsdbapp >= 2.1 on the managed node, for its C(ansible_python_interpreter), for C(/usr/bin/python3) or in
    C(/opt/netloom/venv). The module finds an interpreter that has it. R(The role
    prepare,ansible_collections.netloom.linux.prepare_role) installs it.
  - A northbound database of OVN 20.03 or newer. It may be on another host. An option whose table or column the database
    lacks is refused, with the release of OVN that has it.
  - "Root (C(become: true)) for the socket of O(ovn_nb), which belongs to root. V(tcp:) and V(ssl:) need no rights."
attributes:
  check_mode:
    description: Can run in C(check_mode), and then predicts exactly what the run would do, without writing to the
      database.
    support: full
  platform:
    description: Where it runs.
    platforms: posix
    support: full
  action_group:
    description:
      - Use C(group/netloom.linux.ovn) in C(module_defaults) for O(ovn_nb), its keys and O(timeout).
      - These modules are not in C(group/netloom.linux.all). A default of C(state) or C(wait) that is meant for hosts
        must not reach a database that hosts share.
    support: full
    membership:
      - netloom.linux.ovn
"""

    RUN = r"""
options:
  wait:
    description:
      - Seconds to wait until ovn-northd has translated what was written, and until the hosts have acted on it. For a
        database with many rows the module waits longer. Hosts that were down or behind before are not waited for.
      - If ovn-northd or a host is slower, or does not run, the module warns that what was written is not in effect
        there yet. It stays written, and takes effect later.
      - How far the hosts are is known from the southbound database, beside O(ovn_nb), if it can be reached.
    type: int
    default: 10
attributes:
  diff_mode:
    description: Returns what has changed, before and after, in the shape of the options. Check mode returns the same.
    support: full
notes:
  - Options that an entry does not give are left alone. C(null) means the same as leaving an option out. C([]) and C({})
    make it empty.
  - Everything that a run writes is one transaction of OVSDB. If the database refuses it, nothing was written.
  - Runs wait for each other, whichever hosts they run on, by OVSDB's lock C(netloom_linux) in the database.
  - Rows of others (of OpenStack Neutron, or made by hand with ovn-nbctl) are left alone, unless you declare an object
    with their name. Several switches, routers or load balancers with the declared name are an error, because OVN tells
    them apart only by their UUIDs.
  - "Keys of C(external_ids) that begin with C(netloom-) belong to the collection. They say what the rows themselves
    cannot: C(netloom-key) is the name of a row whose table has no column for it, C(netloom-rule) has the options of
    which a match was composed, and M(netloom.linux.ovn_topology) writes C(netloom-topology), C(netloom-made) and
    C(netloom-before)."
"""
