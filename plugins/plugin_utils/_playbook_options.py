# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge the variables of the playbooks. Ansible ignores a misspelt one, and reads a word that is none as false."""

from __future__ import annotations

import collections.abc as c
import difflib
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _diagram_paths, _entry

PREFIX = "netloom_"
INNER = "netloom__"  # what the playbooks themselves note
ALIKE = 0.8  # of the letters after the prefix
# Others may have variables of this prefix, too: only what is nearly one of these is misspelt.
FLAGS = (
    "netloom_become",
    "netloom_prepare",
    "netloom_picture",
    "netloom_verify_table",
    "netloom_drift_fail",
    "netloom_capture_ping",
    "netloom_capture_underlay",
)
OTHERS = (
    "netloom_hosts",
    "netloom_serial",
    "netloom_max_fail_percentage",
    "netloom_drift_json",
    "netloom_drift_markdown",
    "netloom_capture",
    "netloom_capture_seconds",
    "netloom_capture_count",
    "netloom_capture_filter",
    "netloom_capture_dest",
    "netloom_verify_capture",
    "netloom_diagram",
    "netloom_diagram_source",
    "netloom_diagram_title",
    "netloom_show_format",
    "netloom_show_path",
    "netloom_topology",
)
# The collection sets these: artifacts, which a workflow hands to its next jobs, and what namespaces as hosts have.
SET = (
    *("netloom_site", "netloom_verify", "netloom_drift", "netloom_teardown"),
    *("netloom_parent", "netloom_addresses", "netloom_vlans", "netloom_roles", "netloom_bridges", "netloom_networks"),
    *(
        "netloom_capture_result",
        "netloom_diagram_result",
        "netloom_plan",
        "netloom_brief",
        "netloom_lab_hosts",
        "netloom_lab_name",
        "netloom_lab_inventory",
    ),
)
NO_ANSWER = (None, "")
_NUMBER_OF_HOSTS = re.compile(r"\s*[0-9]+\s*%?\s*")
_PERCENTAGE = re.compile(r"\s*[0-9]+(\.[0-9]+)?\s*%?\s*")


def complaint(variables: c.Mapping[str, t.Any]) -> str:
    """What is wrong with the variables of the playbooks among these, or an empty string."""
    misspelt = _misspelt(variables)
    if misspelt:
        return misspelt
    try:
        entry = _entry.Entry(variables, "", None)
        for name in FLAGS:
            entry.flag(name, True)
        _batches(entry)
        if entry.value("netloom_diagram") not in NO_ANSWER:
            _diagram_paths.check(entry.value("netloom_diagram"), "netloom_diagram")
    except _errors.NetloomError as error:
        return _words.bounded(str(error))
    return ""


def _misspelt(names: c.Iterable[str]) -> str:
    options = {name[len(PREFIX) :]: name for name in (*FLAGS, *OTHERS)}
    for name in sorted(names):
        rest = name[len(PREFIX) :]
        if not name.startswith(PREFIX) or name.startswith(INNER) or rest in options or name in SET:
            continue
        near = difflib.get_close_matches(rest, options, 1, ALIKE)
        if near:
            return f"'{name}' is not a variable of the playbooks; did you mean '{options[near[0]]}'?"
    return ""


def _batches(entry: _entry.Entry) -> None:
    """How many hosts at a time. A survey's question without an answer is an empty string: the default."""
    serial = entry.value("netloom_serial")
    for one in serial if isinstance(serial, (list, tuple)) else [serial]:
        if one not in NO_ANSWER and (isinstance(one, bool) or not _NUMBER_OF_HOSTS.fullmatch(str(one))):
            raise _errors.BadInput(
                f"netloom_serial: {_words.shown(one)} is neither a number of hosts nor a percentage, such as '30%'."
            )
    most = entry.value("netloom_max_fail_percentage")
    if most not in NO_ANSWER and (isinstance(most, bool) or not _PERCENTAGE.fullmatch(str(most))):
        raise _errors.BadInput(f"netloom_max_fail_percentage: {_words.shown(most)} is not a percentage.")
