# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module says of a failure, beside its message. Ansible has no fragments for what is returned."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.reasons"""

    DOCUMENTATION = r"""
attributes:
  reasons:
    description:
      - The C(reason) of a failure is its kind in one word, for a C(rescue) that treats some errors differently.
      - Of databases it is V(unreachable) if none answers, V(follower) if the servers of its cluster answer and none of
        them is the leader, and V(certificate) if a TLS file cannot be read or the two sides do not trust each other.
        V(locked) is a database, or a host, of which another run has the lock.
      - Of what was declared it is V(input) if no host could accept it, V(missing) if it needs something that is not
        there, V(conflict) if it is at odds with something that is there, and V(disruption) if it disturbs more than is
        allowed.
      - Of a host it is V(library) if a Python library is missing or too old, V(rights) if the task is not root's,
        V(refused) if the kernel, a database or a daemon refused a step, V(not_in_effect) if all was done and is of no
        use, V(uncertain) if nobody knows whether it was done, and V(unexpected) if netloom does not know the error.
      - Of packets it is V(surprise) if a probe of M(netloom.linux.reachability) did not end as expected.
    support: full
"""
