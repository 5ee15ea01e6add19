# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what is made from the documentation of modules and roles: the JSON schema, and the suboptions of topologies."""

from __future__ import annotations

import sys

from ansible_collections.netloom.linux.tests.schema import document, documentation, fragments


def main() -> None:
    """Write the files that differ, the suboptions first: the schema has them, too."""
    for files in (fragments.files, document.files):
        for path, text in files().items():
            if not path.exists() or path.read_text() != text:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
                sys.stdout.write(f"{path.relative_to(documentation.ROOT)}: {len(text)} bytes\n")


if __name__ == "__main__":
    main()
