# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet for each test, and the proof that nothing is left on any host."""

from __future__ import annotations

import typing as t

import pytest
from fleet import VALUES, Fleet
from lab_host import differences


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """The hosts, with the folders of namespaces that stay."""
    found = Fleet(tmp_path_factory.mktemp("fleet"))
    for host in found.all:
        host.does("ip netns add first; ip netns delete first")
    return found


@pytest.fixture
def fleet(lab: Fleet) -> t.Iterator[Fleet]:
    """Hosts with nothing of ours; after the test, absent leaves each of them as it was."""
    for host in lab.all:
        host.before = host.state()
    yield lab
    lab.hosts = lab.all
    lab.run("teardown").good()
    lab.values = dict(VALUES)
    left = {host.name: differences(host.before, host.state()) for host in lab.all}
    assert left == {host.name: ([], []) for host in lab.all}
