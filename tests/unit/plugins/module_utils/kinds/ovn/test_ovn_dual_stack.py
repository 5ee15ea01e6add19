# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DHCP options of IPv4 and of IPv6 under one name, by which a port gets both."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.tests.unit.fake_northbound import FakeNorthbound, build, run_ovn

FOUR = {"server_id": "10.0.0.1", "server_mac": "0a:00:00:00:00:01", "lease_time": "3600"}
BOTH: list[dict[str, t.Any]] = [
    {"name": "red", "cidr": "10.0.0.0/24", "options": FOUR},
    {"name": "red", "cidr": "fd00::/64", "options": {"server_id": "0a:00:00:00:00:01"}},
]


def wish(*addresses: str, dhcp: t.Sequence[t.Any] = tuple(BOTH)) -> dict[str, t.Any]:
    """A port that names them."""
    port = {"switch": "red", "name": "red1", "addresses": list(addresses), "dhcp_options": "red"}
    return {"ovn_switch": [{"name": "red"}], "ovn_dhcp_options": list(dhcp), "ovn_port": [port]}


def given(host: FakeNorthbound) -> list[str | None]:
    """The networks of the options that the port has."""
    row = host.row("Logical_Switch_Port", "red1")
    rows = host.nb.rows("DHCP_Options")
    return [rows[row[name]]["cidr"] if row[name] else None for name in ("dhcpv4_options", "dhcpv6_options")]


@pytest.mark.parametrize("address", ["10.0.0.5 fd00::5", "10.0.0.5", "fd00::5"])
def test_a_port_gets_both_and_loses_what_goes(address: str) -> None:
    host = FakeNorthbound()
    empty = host.contents()
    mac = "0a:00:00:00:00:05"
    build(host, wish(f"{mac} {address}"))
    assert given(host) == ["10.0.0.0/24", "fd00::/64"]
    left = BOTH[0] if "10.0" in address else BOTH[1]
    build(host, wish(f"{mac} {address}", dhcp=[left]))
    assert [one for one in given(host) if one] == [left["cidr"]]
    run_ovn(host, {"state": "absent"})
    assert host.contents() == empty


def test_what_another_program_takes_away_of_one_is_mended() -> None:
    host = FakeNorthbound()
    params = wish("0a:00:00:00:00:05 10.0.0.5 fd00::5")
    build(host, params)
    host.edit("Logical_Switch_Port", "red1", dhcpv6_options=None)
    assert build(host, params) == ["give OVN port red1 DHCP options red"]
    assert given(host) == ["10.0.0.0/24", "fd00::/64"]


def test_one_of_them_must_be_of_an_address_of_the_port() -> None:
    with pytest.raises(NetloomError, match="and this one has none of IPv4"):
        run_ovn(FakeNorthbound(), wish("0a:00:00:00:00:05"))
    with pytest.raises(NetloomError, match=r"'red' are for fd00::/64, and the port has fd01::5"):
        run_ovn(FakeNorthbound(), wish("0a:00:00:00:00:05 10.0.0.5 fd01::5"))


def test_two_of_one_family_are_refused() -> None:
    twice = [BOTH[0], {**BOTH[0], "cidr": "10.1.0.0/24"}]
    with pytest.raises(NetloomError, match="ovn_dhcp_options"):
        run_ovn(FakeNorthbound(), wish("0a:00:00:00:00:05 10.0.0.5", dhcp=twice))
