# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a fault that was made on purpose."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.plugin_utils._fault_report import report

FOUND = {"changed": True, "steps": ["set eth0 in red: up", "set route default via 10.0.0.1 in red"]}
STARTED = {"changed": True, "steps": ["stop dnsmasq dhcp in green (why)", "start dnsmasq dhcp in green"]}
NOTHING: dict[str, t.Any] = {"changed": False, "steps": []}


def host(
    red: int = 4, green: int = 4, pid: int = 9, edited: t.Sequence[str] = (), unit: str | None = None
) -> dict[str, t.Any]:
    """A result of netns_info: two namespaces with a link of this index each, and a server in green."""
    links = [
        {"netns": ns, "name": "eth0", "ifindex": index, "mac": "02:00:00:00:00:01"}
        for ns, index in (("red", red), ("green", green))
    ]
    daemons = [{"netns": "green", "name": "dhcp", "kind": "dnsmasq", "pid": pid, "edited": list(edited), "unit": unit}]
    return {"namespaces": {"red": {"inode": 1}, "green": {"inode": 2}}, "links": links, "daemons": daemons}


HEALED = {"before": host(), "broken": host(), "foretold": FOUND, "done": FOUND, "again": NOTHING, "healed": host()}


def test_a_fault_that_heals_as_it_should() -> None:
    assert report("red is cut off", **{**HEALED, "broken": host(red=0), "healed": host(red=5)}) == {
        "fault": "red is cut off",
        "named": "set eth0 in red: up, and 1 more",
        "healed": True,
        "complaints": [],
    }


def test_a_server_that_its_supervisor_brought_back() -> None:
    found = report(
        "dnsmasq is killed",
        **{**HEALED, "broken": host(pid=10), "foretold": NOTHING, "done": NOTHING, "healed": host(pid=10)},
    )
    assert (found["named"], found["healed"]) == ("healed by itself", True)


def test_a_server_whose_configuration_was_edited_is_started_anew() -> None:
    results = {
        **HEALED,
        "broken": host(edited=["dnsmasq.conf"]),
        "foretold": STARTED,
        "done": STARTED,
        "healed": host(pid=10),
    }
    assert report("dnsmasq is edited", **results)["healed"]


def test_a_restart_that_breaks_nothing() -> None:
    quiet = {**HEALED, "foretold": NOTHING, "done": NOTHING}
    assert report("the service is restarted", **quiet, harmless=True) == {
        "fault": "the service is restarted",
        "named": "nothing",
        "healed": True,
        "complaints": [],
    }
    found = report("the service is restarted", **{**quiet, "done": FOUND}, harmless=True)
    assert found["complaints"] == ["the service is restarted: the run did something else than check mode foretold"]


@pytest.mark.parametrize(("unit", "healed"), [("netloom-dnsmasq-dhcp.service", True), (None, False)])
def test_a_server_that_its_supervisor_brings_back_between_check_mode_and_run(unit: str | None, healed: bool) -> None:
    back = host(pid=10, unit=unit)
    assert (
        report(
            "dnsmasq is killed",
            **{**HEALED, "broken": host(pid=0), "foretold": STARTED, "done": NOTHING, "healed": back},
        )["healed"]
        is healed
    )


@pytest.mark.parametrize(
    ("results", "says"),
    [
        ({"foretold": NOTHING, "done": NOTHING}, "check mode names nothing, and nothing has healed by itself"),
        ({"foretold": {"failed": True, "msg": "no"}}, "check mode: no"),
        ({"done": {"failed": True, "msg": "no"}}, "the run: no"),
        (
            {"done": {"changed": True, "steps": ["delete link eth0"]}},
            "the run did something else than check mode foretold",
        ),
        ({"again": FOUND}, "the second run still had to set eth0 in red: up"),
        ({"healed": host(green=7)}, "eth0 in green was healthy, and was not left alone"),
        ({"healed": host(pid=7)}, "dnsmasq dhcp in green was healthy, and was not left alone"),
        ({"unreached": ["red does not reach green"]}, "afterwards red does not reach green"),
    ],
)
def test_what_is_complained_of(results: dict[str, t.Any], says: str) -> None:
    found = report("something", **{**HEALED, **results})
    assert (found["healed"], found["complaints"]) == (False, [f"something: {says}"])
