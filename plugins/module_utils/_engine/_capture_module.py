# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main() of the module netns_capture. The module changes nothing, so it needs no plan."""

from __future__ import annotations

import base64
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils import _lazy  # noqa: F401 pylint: disable=unused-import
from ansible_collections.netloom.linux.plugins.module_utils._engine import _module, _requirements
from ansible_collections.netloom.linux.plugins.module_utils._host import _host
from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _capturing
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _capture,
    _capture_summary,
    _errors,
    _scope,
    _snapshot,
    _words,
)

SKIPPED = "In check mode nothing is captured."
CUT = {"bytes": "the memory for packets was full", "gone": "the interface was deleted meanwhile"}


def run_capture() -> None:
    """Parse the options, capture, and tell what passed."""
    _module.at_the_edge(_capture.OPTIONS, {}, _requirements.needed(()), body)


def body(module: AnsibleModule, host: _host.Host) -> dict[str, t.Any]:
    """Return the result."""
    wish = _capture.read(module.params)
    if module.check_mode:
        # The namespace may be one that the play would make, so nobody looks for it.
        told: dict[str, t.Any] = {"captures": [], "packets": 0, "dropped": 0, "summary": [SKIPPED]}
        return {"changed": False, "skipped": True, **told}
    snapshot = host.read(_scope.Scope(namespaces={None, *(one.ns for one in wish.points)}))
    links = [_link_at(one, snapshot) for one in wish.points]
    captured, warnings = _capturing.run(wish, [link.index or 0 for link in links])
    warnings += [
        f"{point.words} is down, so no packet passes." for point, link in zip(wish.points, links) if not link.up
    ]
    captures = [_shown(point, one) for point, one in zip(wish.points, captured)]
    return {
        "changed": False,
        "captures": captures,
        "packets": sum(one["packets"] for one in captures),
        "dropped": sum(one["dropped"] for one in captures),
        "summary": [line for one in captures for line in one["summary"]],
        "warnings": warnings,
    }


def _link_at(point: _capture.Point, snapshot: _snapshot.Snapshot) -> _snapshot.Link:
    """The link at a point. Raises BadInput with the names of those that there are."""
    if not snapshot.has(point.ns):
        raise _errors.BadInput(
            f"Cannot capture at {point.words}: there is no such namespace. netns_info tells which there are."
            f"{_words.meant(str(point.ns), snapshot.spaces())}"
        )
    links = snapshot.namespaces[point.ns].links
    if point.interface not in links:
        there = _words.some(sorted(links), 8)
        raise _errors.BadInput(f"Cannot capture at {point.words}: there is no such interface, only {there}.")
    return links[point.interface]


def _shown(point: _capture.Point, captured: dict[str, t.Any]) -> dict[str, t.Any]:
    """What was captured at a point, as the result has it."""
    flows, pcap = captured.pop("flows"), captured.pop("pcap")
    where = f"{point.ns}/{point.interface}" if point.ns else point.interface
    notes = [CUT[captured["ended_by"]]] if captured["ended_by"] in CUT else []
    heading = _capture_summary.heading(where, captured["packets"], captured["dropped"], captured["seconds"], notes)
    return {
        **captured,
        "summary": [heading, *(f"  {line}" for line in flows.lines())],
        "content": base64.b64encode(pcap).decode(),
        "encoding": "base64",
    }
