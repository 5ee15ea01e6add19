# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and attributes that the modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.common for all modules; with .run for modules that build networks, .clear for kinds, .info for
    modules that only read.
    """

    DOCUMENTATION = r"""
requirements:
  - "Linux, and root (C(become: true))."
  - pyroute2 >= 0.7.2 on the managed node, for its C(ansible_python_interpreter), for C(/usr/bin/python3) or in
    C(/opt/netloom/venv). The module finds an interpreter that has it. R(The role
    prepare,ansible_collections.netloom.linux.prepare_role) installs it.
attributes:
  check_mode:
    description: Can run in C(check_mode), and then predicts exactly what the run would do, without changing anything.
    support: full
  platform:
    description: Where it runs.
    platforms: linux
    support: full
"""

    RUN = r"""
options:
  wait:
    description:
      - Seconds to wait until everything that the run created is usable (carrier, no tentative address, lease, confirmed
        by Open vSwitch). All waits run at the same time.
      - If something is not usable by then, the run is undone and fails.
    type: int
    default: 10
attributes:
  diff_mode:
    description: Returns what has changed, before and after, in the shape of the options. Check mode returns the same.
    support: full
  action_group:
    description: Use C(group/netloom.linux.all) in C(module_defaults) for the options that all modules share.
    support: full
    membership:
      - netloom.linux.all
notes:
  - Options that an entry does not give are left alone. C(null) means the same as leaving an option out. C([]) and C({})
    make it empty.
  - Runs on the same host wait for each other (a lock below C(/run/netloom)).
"""

    CLEAR = r"""
options:
  clear:
    description:
      - Names of options that are reset to their defaults. This is needed because an option that is left out is left
        alone.
      - It is an error to name an option that is also given a value.
    type: list
    elements: str
"""

    # It changes nothing, so check mode is the same as a run.
    INFO = r"""
attributes:
  diff_mode:
    description: The module changes nothing, so there is no difference to show.
    support: N/A
"""
