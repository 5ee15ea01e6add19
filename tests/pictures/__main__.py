# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the pictures of the documentation."""

from __future__ import annotations

import sys

from ansible_collections.netloom.linux.tests.pictures import pictures


def main() -> None:
    """Write the files that differ."""
    for path, text in pictures.files().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(pictures.ROOT)}: {len(text)} bytes\n")


if __name__ == "__main__":
    main()
