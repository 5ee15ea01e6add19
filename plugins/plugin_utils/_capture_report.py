# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was captured on the hosts of a play, as data and as lines; and the command to capture where a proof failed."""

from __future__ import annotations

import collections.abc as c
import shlex
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import _capture_places, _fleet

CAPTURED = "netloom__captured"  # what netns_capture returned
ROWS = ("netns", "interface", "packets", "dropped", "seconds", "ended_by", "dest", "summary")
MOST_LINES = 21  # all that the module tells of a place
MOST_ENDS = 6  # of failed pairs
Variables = c.Mapping[str, t.Any]
Item = dict[str, t.Any]


def report(
    hosts: c.Iterable[str], variables: c.Mapping[str, Variables], name: str = CAPTURED, most: int = MOST_LINES
) -> Item:
    """What the hosts captured. ``variables``: host -> its variables; ``name``: the one with the module's result;
    ``most``: lines about each place.
    """
    captures: list[Item] = []
    failed: dict[str, str] = {}
    for host in hosts:
        told = variables[host].get(name)
        if not isinstance(told, c.Mapping) or (told.get("skipped") and "captures" not in told):
            continue  # nothing was to be captured there
        if "captures" not in told:
            failed[host] = _fleet.reason(told)
        rows = told.get("captures") or ()
        captures += [{"host": host, **{key: one[key] for key in ROWS if key in one}} for one in rows]
    return {
        "captures": captures,
        "files": [one["dest"] for one in captures if "dest" in one],
        "packets": sum(one["packets"] for one in captures),
        "dropped": sum(one["dropped"] for one in captures),
        "failed": failed,
        "lines": _lines(captures, failed, most),
    }


def _lines(captures: c.Iterable[Item], failed: c.Mapping[str, str], most: int) -> list[str]:
    lines = []
    for one in captures:
        heading, *rest = one["summary"]
        rest = rest if len(rest) <= most else [*rest[:most], f"  and {len(rest) - most} more lines"]
        lines += [f"{one['host']}: {heading}", *rest, *([f"  written to {one['dest']}"] if "dest" in one else [])]
    return [*lines, *(f"{host}: nothing was captured: {why}" for host, why in failed.items())]


def offer(
    reports: c.Iterable[Item],
    crossings: Variables,
    variables: c.Mapping[str, Variables],
    host: str,
    options: tuple[c.Iterable[str], c.Iterable[str]] = ((), ()),
) -> list[str]:
    """A sentence with the command that captures at the ends of the failed proofs of a host; none if nothing failed, or
    if the ends are not declared. ``options``: inventories, and files of variables, for the command.
    """
    crossed = list((crossings.get("ends") or {}).get(host) or ())
    ends = failed_ends(reports, crossed, variables, host)[:MOST_ENDS]
    return [f"To see the packets: {command([one.reference for one in ends], *options)}"] if ends else []


def failed_points(
    reports: c.Iterable[Item], crossings: Variables, variables: c.Mapping[str, Variables], host: str
) -> list[Item]:
    """The points of netns_capture on a host, at the ends of its failed proofs, and of those of others that end here."""
    crossed = dict.fromkeys(one for ends in (crossings.get("ends") or {}).values() for one in ends)
    ends = failed_ends(reports, crossed, variables, host)
    return _capture_places.points(ends, ping=True).get(host, [])[:MOST_ENDS]


def failed_ends(
    reports: c.Iterable[Item], crossed: c.Iterable[str], variables: c.Mapping[str, Variables], host: str
) -> list[_capture_places.Place]:
    """The declared ends of the failed proofs of a host. ``reports``: what reachability returned; ``crossed``: the ends
    of proofs between hosts.
    """
    failed, others = [one for one in reports if not one.get("as_expected")], list(crossed)
    if not failed and not others:
        return []
    hosts = list(dict.fromkeys([host, *(one.partition(":")[0] for one in others)]))
    try:
        known = {one.reference: one for one in _capture_places.places(hosts, variables, {}, list(variables))}
    except _errors.NetloomError:
        return []  # it must not hide the failure
    of_name: dict[str, _capture_places.Place] = {}
    for place in (one for one in known.values() if one.host == host):
        for name in (str(place.netns), *place.addresses):
            of_name.setdefault(name, place)
    found: dict[str, None] = {}
    for one in failed:
        told = (of_name.get(str(one.get(end))) for end in ("from", "to"))
        found.update(dict.fromkeys(place.reference for place in told if place is not None))
    return [known[one] for one in dict.fromkeys([*found, *others]) if one in known]


def command(ends: c.Sequence[str], inventories: c.Iterable[str], files: c.Iterable[str] = ()) -> str:
    """The command that captures at these ends, while they ping each other."""
    words = ["ansible-playbook", *(word for one in inventories for word in ("-i", one)), "netloom.linux.capture"]
    words += [word for one in (*files, f"netloom_capture={','.join(ends)}") for word in ("-e", one)]
    return shlex.join([*words, *(["-e", "netloom_capture_ping=true"] if len(ends) > 1 else [])])
