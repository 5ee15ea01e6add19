# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names for links that the user did not name.

A link's name has at most 15 bytes and must be unique. A name here depends only on what the link belongs to, so adding a
member renames no other link. The name is ``PREFIX-NAME``, or ``PREFIX-NAME.INTERFACE`` for an interface other than
eth0, if that is short and unambiguous. Otherwise it is the beginning of that and, after a '~' that no readable form
has, a digest.
"""

from __future__ import annotations

import base64
import hashlib

from ansible_collections.netloom.linux.plugins.module_utils._model import _values

USUAL_INTERFACE = "eth0"
# 40 bits: among a thousand long names a clash has a chance of one in two million, and would be refused.
_DIGEST_LETTERS = 8


def digest(*words: str) -> bytes:
    """The same bytes for the same words, on every machine; no two lists of words are mistaken for each other."""
    return hashlib.sha256("\0".join(words).encode()).digest()


def link_name(prefix: str, name: str, interface: str = USUAL_INTERFACE) -> str:
    """The name of the link for an object, or for an interface of a namespace."""
    usual = interface == USUAL_INTERFACE
    readable = f"{prefix}-{name}" if usual else f"{prefix}-{name}.{interface}"
    clear = "~" not in readable and "." not in name and (usual or "." not in interface)
    if clear and readable.isascii() and ":" not in readable and len(readable) <= _values.LINK_NAME_BYTES:
        return readable
    letters = base64.b32encode(digest(prefix, name, interface)).decode().lower()[:_DIGEST_LETTERS]
    head = "".join(letter for letter in name if (letter.isascii() and letter.isalnum()) or letter in "-_")
    return f"{prefix}-{head[: _values.LINK_NAME_BYTES - len(prefix) - 2 - _DIGEST_LETTERS]}~{letters}"


def mac_address(*words: str) -> str:
    """A unicast MAC address of the locally administered range (IEEE 802, second-lowest bit of the first byte)."""
    value = bytearray(digest("mac", *words)[:6])
    value[0] = (value[0] & 0xFC) | 0x02
    return ":".join(f"{byte:02x}" for byte in value)
