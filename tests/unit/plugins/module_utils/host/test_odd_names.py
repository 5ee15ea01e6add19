# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that mean something elsewhere: in the names and files of units, in paths, in dnsmasq's configuration."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _dhcp_programs, _units
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._model import _daemon_ops, _paths, _snapshot

# What a namespace may be called; links may be called all but those with ':' and '%'.
NAMES = (
    *(
        "a:b",
        'a"b',
        "a'b",
        "a\\b",
        "a\\",
        "p%n",
        "%",
        "%i",
        "$HOME",
        "$",
        "*",
        "?",
        "[x]",
        "ä€",
        "x@",
        "@",
        "@host",
        "~",
        "-x",
    ),
    *("a,b", "a=b", "#a", ";a", "a&b", "(", "{", "|", "!", "`id`"),
)
# Unit names: systemd.unit(5).
UNIT = re.compile(r"[A-Za-z0-9:_.\\-]{1,247}\.service")


@pytest.fixture
def etc(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A folder in the place of /etc/netns."""
    monkeypatch.setattr(_units._spawn, "ETC_NETNS", str(tmp_path / "etc"))
    monkeypatch.setattr(_files, "OURS", ())
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_the_file_of_a_unit_can_bear_its_mounts_and_its_namespace(name: str, etc: pathlib.Path) -> None:
    (etc / "etc" / name).mkdir(parents=True)
    (etc / "etc" / name / "hosts").write_text("")
    daemon = _snapshot.Daemon("dhclient", "eth0", name)
    unit = _units.service(daemon, ["/sbin/dhclient", name], str(etc / "own"), [])
    properties: dict[str, t.Any] = {key: value for key, _signature, value in unit.properties}
    (mount,) = properties["BindPaths"]
    assert not re.search(r"""[:"'\\]""", mount[0] + properties["NetworkNamespacePath"])
    assert pathlib.Path(mount[0]).resolve() == etc / "etc" / name / "hosts"
    path = pathlib.Path(properties["NetworkNamespacePath"])
    assert (str(path.readlink()) if path.is_symlink() else str(path)) == _namespaces.path_of(name)
    assert UNIT.fullmatch(unit.name)
    assert not properties["Description"].endswith("\\")


def test_no_two_names_share_a_unit_or_a_file() -> None:
    places: list[str | None] = [None, *NAMES]
    for made in (
        [_daemon_ops.unit_of_key(_daemon_ops.dhcp_client_key(ns, "eth0")) for ns in places],
        [_paths.boot_unit(name) for name in NAMES],
        [_paths.link_record(ns, "eth0") for ns in places],
        [_paths.nat_record(ns) for ns in places],
        [_paths.uplinks(ns) for ns in places],
        [_dhcp_programs.Place(ns, "eth0").key for ns in places],
    ):
        assert len(set(made)) == len(made)


@pytest.mark.parametrize("name", [name for name in NAMES if "/" not in name])
def test_units_have_names_that_systemd_takes(name: str) -> None:
    for unit in (
        _paths.boot_unit(name),
        _daemon_ops.unit_of_key(f"dnsmasq/{name}"),
        _daemon_ops.unit_of_key(_daemon_ops.dhcp_client_key(name, name)),
    ):
        assert UNIT.fullmatch(unit)
        assert "@" not in unit
