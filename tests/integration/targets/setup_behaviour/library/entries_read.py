#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read many entries as their module reads its options, in one process, and see what each is refused with.

Takes tested (a module's name) and refusals (a list of args, the options, and says, part of the sentence).
Returns seen (those that the reader refuses) and left (those that it takes: the host decides). Fails where another
sentence comes.
"""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._kinds._registry import KINDS
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError


def main() -> None:
    """Run it."""
    module = AnsibleModule(
        {
            "tested": {"type": "str", "required": True},
            "refusals": {"type": "list", "elements": "dict", "required": True},
        }
    )
    kind, reader = module.params["tested"], EntryReader()
    seen, left = [], []
    for refusal in module.params["refusals"]:
        try:
            if kind in KINDS:  # a module of another form has a reader of its own
                reader.read(kind, refusal["args"], "")
            left.append(refusal)
        except NetloomError as error:
            if refusal["says"] not in str(error):
                module.fail_json(msg=f"{refusal['args']}: expected {refusal['says']!r}, was refused with {error}")
            seen.append(refusal)
    module.exit_json(seen=seen, left=left)


if __name__ == "__main__":
    main()
