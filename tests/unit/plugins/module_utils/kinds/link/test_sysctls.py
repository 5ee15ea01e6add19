# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of sysctls in the forms that sysctl(8) reads, and values that the kernel does not know."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _sysctl
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, HostError
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, run_one


def host() -> FakeHost:
    """A namespace with a VLAN link, whose name has a dot."""
    fake = FakeHost("red")
    fake.state.namespaces["red"].links["eth0.100"] = Link("eth0.100", "vlan", up=True, index=7)
    return fake


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("net.ipv4.ip_forward", "net.ipv4.ip_forward"),
        ("net/ipv4/ip_forward", "net.ipv4.ip_forward"),
        ("net.ipv4.conf.all.rp_filter", "net.ipv4.conf.all.rp_filter"),
        ("net/ipv4/conf/eth0.100/rp_filter", "net/ipv4/conf/eth0.100/rp_filter"),
        ("net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter"),
    ],
)
def test_forms(written: str, meant: str) -> None:
    fake = host()
    assert run_one(fake, "netns", {"name": "red", "sysctl": {written: 1}}).steps == [f"set sysctl {meant}=1 in red"]
    assert not run_one(fake, "netns", {"name": "red", "sysctl": {meant: 1}}).changed


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        (
            "net.ipv4.conf.eth0.100.rp_filter",
            "has a link's name with a dot in it; write 'net/ipv4/conf/eth0.100/rp_filter'.",
        ),
        (
            "net.ipv4.conf.eth1.rp_filter",
            "is about the link 'eth1', which is not in namespace 'red'; declare it as sysctl of that link.",
        ),
        ("net/ipv4/conf/eth0.200/rp_filter", "is about the link 'eth0.200', which is not in namespace 'red'"),
        ("kernel.hostname", "is not a sysctl of a namespace"),
        ("net", "is not a sysctl of a namespace"),
        ("net/../kernel/hostname", "is not a sysctl of a namespace"),
        ("net..ipv4", "is not a sysctl of a namespace"),
        ("net.ipv4.a b", "is not a sysctl of a namespace"),
    ],
)
def test_refused(written: str, complaint: str) -> None:
    with pytest.raises(BadInput) as caught:
        run_one(host(), "netns", {"name": "red", "sysctl": {written: 1}}, check=True)
    assert complaint in str(caught.value)


def test_a_value_that_the_kernel_does_not_know_is_no_missing_sysctl(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tcp_congestion_control").write_text("cubic\n")
    (tmp_path / "tcp_available_congestion_control").write_text("reno cubic\n")
    monkeypatch.setattr(_sysctl, "path_of", lambda link, key: str(tmp_path / key.rpartition(".")[2]))

    def refused(*_arguments: object, **_more: object) -> None:
        raise FileNotFoundError

    real = open
    monkeypatch.setattr(
        "builtins.open", lambda path, mode="r", **more: refused() if mode == "w" else real(path, mode, **more)
    )
    with pytest.raises(HostError, match=r"=nonesuch: this kernel knows no 'nonesuch'; it has reno, cubic\.$"):
        _sysctl.write(None, "net.ipv4.tcp_congestion_control", "nonesuch")
    with pytest.raises(HostError, match=r"this kernel has no such sysctl here\.$"):
        _sysctl.write(None, "net.ipv4.nowhere", "1")


@pytest.mark.parametrize(
    ("key", "written", "shown"),
    [
        ("net.ipv4.ip_local_reserved_ports", "80,81,82", "80-82"),
        ("net.ipv4.ip_local_reserved_ports", "90, 8080-8081,8079 ,90", "90,8079-8081"),
        ("net.ipv4.ip_local_reserved_ports", "", ""),
        ("net.ipv4.ip_local_reserved_ports", 80, "80"),
        ("net.ipv4.ip_local_reserved_ports", "82-80", "82-80"),
        ("net.ipv4.ip_local_reserved_ports", "0-99999999", "0-99999999"),
        ("net.ipv6.conf.default.stable_secret", "2001:DB8::1", "2001:0db8:0000:0000:0000:0000:0000:0001"),
        ("net.ipv6.conf.default.stable_secret", "none", "none"),
        ("net.core.somaxconn", "0x80", "128"),
        ("net.ipv4.tcp_rmem", "0x1000 131072  6291456", "4096 131072 6291456"),
        ("net.ipv4.tcp_congestion_control", "reno", "reno"),
    ],
)
def test_values_in_the_form_of_the_kernel(key: str, written: object, shown: str) -> None:
    """Otherwise a run writes the value, finds it changed, and is undone."""
    fake = host()
    fake.state.namespaces["red"].sysctl[(None, key)] = "something else"
    assert run_one(fake, "netns", {"name": "red", "sysctl": {key: written}}).steps == [
        f"set sysctl {key}={shown} in red"
    ]
    assert not run_one(fake, "netns", {"name": "red", "sysctl": {key: written}}).changed


def test_an_empty_value_is_written(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing at all is no write(2), and the kernel keeps the old value."""
    (tmp_path / "ports").write_text("80-82\n")
    monkeypatch.setattr(_sysctl, "path_of", lambda _link, key: str(tmp_path / key))
    _sysctl.write(None, "ports", "")
    assert (tmp_path / "ports").read_text() == "\n"
