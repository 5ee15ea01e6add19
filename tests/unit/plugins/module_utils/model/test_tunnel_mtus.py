# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The warning that a bridge joins a tunnel with ports of a greater MTU, with the number to write."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Route
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Address, Link
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, run_one, run_topology

Params = dict[str, t.Any]
FOUR, SIX = "192.0.2.1/24", "fd00::1/64"


def host(mtu: int = 1500) -> FakeHost:
    """An underlay with an address of each family."""
    fake = FakeHost("red")
    link = Link("eth9", "", index=9, mac="02:00:00:00:00:09", mtu=mtu, up=True, txqueuelen=1000)
    fake.state.put(None, dataclasses.replace(link, addresses=(Address(FOUR), Address(SIX))))
    return fake


def linux(vxlan: Params, mtu: int | None = None, bridge: Params | None = None) -> Params:
    """A Linux bridge with a vxlan and the cable of a namespace."""
    cable: Params = {"name": "v1", "master": "br0", "peer": {"name": "eth0", "netns": "red"}}
    if mtu is not None:
        cable = {**cable, "mtu": mtu, "peer": {**cable["peer"], "mtu": mtu}}
    return {
        "name": "t",
        "linux_bridge": [{"name": "br0", **(bridge or {})}],
        "netns_interface": [{"name": "vx0", "kind": "vxlan", "id": 7, "master": "br0", **vxlan}],
        "veth": [cable],
    }


def ovs(port: Params, mtu: int | None = None) -> Params:
    """An OVS bridge with a tunnel and an internal port in a namespace."""
    inner: Params = {"bridge": "br0", "name": "p1", "type": "internal", "netns": "red"}
    return {
        "name": "t",
        "ovs_bridge": [{"name": "br0"}],
        "ovs_port": [{**inner, **({"mtu": mtu} if mtu else {})}, {"bridge": "br0", "name": "tun0", **port}],
    }


def said(fake: FakeHost, wish: Params) -> list[str]:
    """The warnings about tunnels, which check mode and run give alike; the second run gives them again."""
    foretold = run_topology(fake, wish, check=True).warnings
    assert run_topology(fake, wish).warnings == foretold
    found = [warning for warning in foretold if "joins the tunnel" in warning]
    assert [one for one in run_topology(fake, wish).warnings if "joins the tunnel" in one] == found
    return found


@pytest.mark.parametrize(
    ("vxlan", "underlay", "number"),
    [
        ({"local": "192.0.2.1", "remote": "192.0.2.2"}, 1500, 1450),
        ({"local": "fd00::1", "remote": "fd00::2"}, 1500, 1430),
        ({"remote": "192.0.2.2"}, 1400, 1350),
        ({"remotes": ["192.0.2.2", "192.0.2.3"]}, 1400, 1350),
        ({"parent": "eth9", "remote": "192.0.2.2", "mtu": 1450}, 1500, 1450),
        ({"remote": "192.0.2.2", "mtu": 1300}, 1500, 1300),
        ({"remote": "192.0.2.2", "mtu": 1450}, 9000, 1450),
    ],
)
def test_a_linux_bridge(vxlan: Params, underlay: int, number: int) -> None:
    warning = next(iter(said(host(underlay), linux(vxlan))))
    assert f"'br0' joins the tunnel 'vx0', in which packets of at most {number} bytes fit" in warning
    assert "'v1' (MTU 1500), 'eth0' in red (MTU 1500)" in warning
    assert warning.endswith(f"Write mtu: {number} for each of them.")
    own = {**vxlan, "mtu": number}
    assert said(host(underlay), linux(own, number, {"mtu": number})) == []


def test_a_bridge_that_sends_itself_is_a_sender_too() -> None:
    assert "'br0'" not in said(host(), linux({"local": "192.0.2.1"}))[0].partition(" with ")[2]
    assert "'br0' (MTU 1500)" in said(host(), linux({"local": "192.0.2.1"}, bridge={"addresses": ["10.0.0.1/24"]}))[0]


@pytest.mark.parametrize(
    ("port", "underlay", "number"),
    [
        ({"type": "vxlan", "options": {"remote_ip": "192.0.2.2", "key": 7}}, 1500, 1450),
        ({"type": "vxlan", "options": {"remote_ip": "flow", "local_ip": "192.0.2.1"}}, 1500, 1450),
        ({"type": "geneve", "options": {"remote_ip": "fd00::2"}}, 1500, 1430),
        ({"type": "gre", "options": {"remote_ip": "192.0.2.2"}}, 1500, 1462),
        ({"type": "gre", "options": {"remote_ip": "192.0.2.2", "key": 7, "csum": True}}, 1500, 1454),
        ({"type": "vxlan", "options": {"remote_ip": "192.0.2.2"}}, 1600, None),
        ({"type": "vxlan", "options": {"remote_ip": "flow"}}, 1500, None),
        ({"type": "vxlan", "options": {"remote_ip": "198.51.100.2"}}, 1500, None),
    ],
)
def test_an_ovs_bridge(port: Params, underlay: int, number: int | None) -> None:
    found = said(host(underlay), ovs(port))
    if number is None:
        assert found == []
        return
    assert f"the tunnel 'tun0', in which packets of at most {number} bytes fit, with 'p1' in red (MTU 1500)" in found[0]
    assert said(host(underlay), ovs(port, number)) == []


def test_a_remote_end_behind_the_default_route() -> None:
    fake = host(1400)
    fake.state.namespaces[None].routes.append(Route("0.0.0.0/0", gateway="192.0.2.254", device="eth9"))
    assert "1350" in said(fake, ovs({"type": "vxlan", "options": {"remote_ip": "198.51.100.2"}}))[0]


def test_a_kernel_vxlan_as_a_port_of_an_ovs_bridge() -> None:
    wish = ovs({"type": "system"})
    wish["netns_interface"] = [{"name": "tun0", "kind": "vxlan", "id": 7, "local": "192.0.2.1", "remote": "192.0.2.2"}]
    assert "the tunnel 'tun0', in which packets of at most 1450 bytes fit" in said(host(), wish)[0]


def test_only_bridges_of_which_the_plan_speaks() -> None:
    fake = host()
    run_topology(fake, linux({"local": "192.0.2.1"}))
    assert not run_one(fake, "linux_bridge", {"name": "br1"}).warnings
    assert not run_one(fake, "netns", {"name": "red"}).warnings
    # A port that comes later, from a module of its own.
    late = run_one(fake, "veth", {"name": "v2", "master": "br0", "peer": {"name": "v3"}}, check=True)
    assert any("'v2' (MTU 1500)" in warning for warning in late.warnings)
