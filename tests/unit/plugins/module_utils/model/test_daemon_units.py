# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of daemons' units, and what becomes of a daemon that systemd does not look after."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model._daemon_ops import dhcp_client_key, unit_of_key
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, run_one


@pytest.mark.parametrize(
    ("key", "unit"),
    [
        ("dnsmasq/tenant-red", "netloom-dnsmasq-tenant-red.service"),
        (dhcp_client_key("red", "eth0"), "netloom-dhcp-red:eth0.service"),
        (dhcp_client_key(None, "eth0"), "netloom-dhcp-:eth0.service"),
        (dhcp_client_key("a:b$é", "x"), "netloom-dhcp-a\\x3ab\\x24\\xc3\\xa9:x.service"),
    ],
)
def test_unit_names(key: str, unit: str) -> None:
    assert unit_of_key(key) == unit


def test_long_names_stay_apart_and_short() -> None:
    units = {unit_of_key(dhcp_client_key("n" * 240 + end, "x")) for end in "ab"}
    assert len(units) == 2
    assert max(map(len, units)) < 255


def test_a_server_that_nobody_looks_after_is_started_anew_by_systemd() -> None:
    host = FakeHost("srv")
    run_one(host, "dnsmasq_in_ns", {"name": "d", "netns": "srv"})
    host.state.daemons["dnsmasq/d"] = dataclasses.replace(host.state.daemons["dnsmasq/d"], supervised=False)
    outcome = run_one(host, "dnsmasq_in_ns", {"name": "d", "netns": "srv"})
    assert outcome.steps == ["stop dnsmasq d in srv (so that systemd looks after it)", "start dnsmasq d in srv"]
    assert outcome.disturbs == ["brief", "none"]
