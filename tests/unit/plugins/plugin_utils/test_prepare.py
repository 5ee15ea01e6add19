# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host lacks, from its answer."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.module_utils._engine import _requirements
from ansible_collections.netloom.linux.plugins.plugin_utils import _prepare

ROLE = pathlib.Path(_prepare.__file__).parents[2] / "roles/prepare"
FAMILIES = yaml.safe_load((ROLE / "vars/main.yml").read_text())["prepare__families"]
DEFAULTS = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
COMPLETE = """system debian
name Debian GNU/Linux
has openvswitch-switch 3.1.0-2 installed
has dnsmasq-base 2.90-4 installed
has udhcpc 1:1.35.0-4 installed
has nftables 1.0.6-2 installed
has python3-pyroute2 0.7.2-2 installed
has python3-ovsdbapp 2.1.0-1 installed
there socket
there boot
there apparmor
rule /a r,
rule /b rw,
"""
RULES = "/a r,\n/b rw,"


def needs(answer: str, **options: t.Any) -> dict[str, t.Any]:
    """What the host lacks that answers this."""
    return _prepare.needs(answer, {**DEFAULTS, **options}, FAMILIES, RULES)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_host_with_everything_lacks_nothing(end: str) -> None:
    assert needs(COMPLETE.replace("\n", end))["lacks"] == []


@pytest.mark.parametrize(
    ("missing", "options", "lacks", "unforetold"),
    [
        ("has nftables 1.0.6-2 installed", {}, ["package nftables"], True),
        ("has nftables 1.0.6-2 installed", {"prepare_nftables": False}, [], False),
        ("has udhcpc 1:1.35.0-4 installed", {}, ["package isc-dhcp-client, dhcpcd-base or udhcpc"], True),
        ("has udhcpc 1:1.35.0-4 installed", {"prepare_dhcp_client": False}, [], False),
        ("has python3-ovsdbapp 2.1.0-1 installed", {}, ["package python3-ovsdbapp"], True),
        ("has python3-ovsdbapp 2.1.0-1 installed", {"prepare_python": "none"}, [], False),
        ("there socket", {}, ["a running Open vSwitch (no socket /run/openvswitch/db.sock)"], True),
        ("there socket", {"prepare_openvswitch": False}, [], False),
        ("there boot", {}, ["a start of Open vSwitch at boot"], False),
        ("rule /b rw,", {}, ["rules in the AppArmor profile of dnsmasq"], False),
        ("rule /b rw,", {"prepare_apparmor": False}, [], False),
        ("rule /b rw,", {"prepare_dnsmasq": False}, [], False),
        ("there apparmor", {}, [], False),
    ],
)
def test_what_is_missing_is_named(missing: str, options: dict[str, t.Any], lacks: list[str], unforetold: bool) -> None:
    found = needs(COMPLETE.replace(f"{missing}\n", ""), **options)
    assert (found["lacks"], bool(found["unforetold"])) == (lacks, unforetold)


def test_a_package_that_was_removed_is_not_there() -> None:
    assert needs(COMPLETE.replace("1.0.6-2 installed", "1.0.6-2 config-files"))["lacks"] == ["package nftables"]


def test_a_certain_client_is_asked_for() -> None:
    assert needs(COMPLETE, prepare_dhcp_client_package="dhcpcd-base")["lacks"] == ["package dhcpcd-base"]


def test_old_libraries_need_the_virtual_environment() -> None:
    old = COMPLETE.replace("0.7.2-2", "0.5.14-1")
    assert needs(old)["lacks"] == ["the virtual environment /opt/netloom/venv"]
    assert needs(f"{old}venv pyroute2>=0.7.2\nvenv ovsdbapp>=2.1.0\n")["lacks"] == []
    assert needs(f"{old}venv pyroute2>=0.7.2\n")["lacks"] == ["the virtual environment /opt/netloom/venv"]
    assert needs(old, prepare_python="distribution")["lacks"] == []


def test_the_virtual_environment_as_asked_for() -> None:
    assert needs(COMPLETE, prepare_python="venv")["lacks"] == ["the virtual environment /opt/netloom/venv"]


@pytest.mark.parametrize(
    ("system", "family"),
    [
        ("ubuntu debian", "debian"),
        ("linuxmint ubuntu debian", "debian"),
        ("rocky rhel centos fedora", "redhat"),
        ("arch", ""),
    ],
)
def test_families(system: str, family: str) -> None:
    found = needs(COMPLETE.replace("system debian", f"system {system}"))
    assert found["family"] == family
    assert bool(family) or found["lacks"]


def test_a_host_that_says_nothing_lacks_something() -> None:
    assert needs("")["lacks"]


@pytest.mark.parametrize("name", ["vars/main.yml", "defaults/main.yml", "meta/argument_specs.yml", "README.md"])
def test_the_role_names_the_versions_that_the_modules_need(name: str) -> None:
    text = (ROLE / name).read_text(encoding="utf-8")
    told = re.findall(r"(pyroute2|ovsdbapp)(?: |>=)(\d[\d.]*\d)", text)
    told += zip(_requirements.LEAST, re.findall(r"is version\('([\d.]+)', '>='\)", text))
    assert len(told) >= 2
    assert set(told) == set(_requirements.LEAST.items())
