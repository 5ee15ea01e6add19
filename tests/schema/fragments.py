# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the kinds as suboptions of topologies: a documentation fragment for each kind."""

from __future__ import annotations

import pathlib
import re
import textwrap
import typing as t

import yaml
from ansible_collections.netloom.linux.tests.schema import documentation

WIDTH = 120
FILE = '''\
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of {kind} as those of an entry of {whole}.

`make schema` writes this file from the documentation of the module {kind}. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """{name}"""

    DOCUMENTATION = r"""
{text}"""
'''
KEPT = ("type", "elements", "required", "choices", "default", "aliases")


def files() -> dict[pathlib.Path, str]:
    """Path -> text of the fragments."""
    return {
        documentation.FRAGMENTS / f"topology_{kind}.py": FILE.format(
            kind=kind, name=documentation.fragment_name(kind), text=_text(kind), whole=whole
        )
        for whole, kinds in documentation.WHOLES.items()
        for kind in kinds
    }


def _text(kind: str) -> str:
    suboptions = {name: _brief(option, kind) for name, option in documentation.entry_options(kind).items()}
    found = {"options": {kind: {"suboptions": suboptions}}}
    text = yaml.dump(found, Dumper=documentation.Dumper, sort_keys=False, width=10**6, allow_unicode=True)
    return "".join(_wrapped(line) for line in text.splitlines(keepends=True))


def _wrapped(line: str) -> str:
    """A long description as a folded block. (PyYAML breaks a line only after the word that makes it too long.)"""
    key, _colon, value = line.partition(": ")
    if len(line) <= WIDTH:
        return line
    indent = " " * (len(key) - len(key.lstrip()) + 2)
    words = textwrap.wrap(
        yaml.safe_load(value),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"{key}: >-\n" + "".join(f"{one}\n" for one in words)


def _brief(option: dict[str, t.Any], kind: str) -> dict[str, t.Any]:
    """An option with the beginning of its description. The page of the kind's module has all of it."""
    brief = {
        "description": _within(documentation.first_paragraph(option["description"]), kind),
        **{key: option[key] for key in KEPT if key in option},
    }
    if "suboptions" in option:
        brief["suboptions"] = {name: _brief(inner, kind) for name, inner in option["suboptions"].items()}
    return brief


def _within(text: str, kind: str) -> str:
    """The text with references to options as a topology has them, and to return values of the kind's own module."""
    own = documentation.entry_options(kind)

    def option(found: re.Match[str]) -> str:
        return f"O({kind}[].{found[1]}" if found[1] in own else found[0]

    text = re.sub(r"\bO\((?!ignore:|[\w.]+#)(\w+)", option, text)
    return re.sub(r"\bRV\((?!ignore:|[\w.]+#)", f"RV({documentation.OURS}{kind}#module:", text)
