# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A move of an uplink that nobody confirmed is not done again at boot, until a later one is confirmed."""

from __future__ import annotations

import contextlib
import os
import time
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._entry import Outcome
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._host.lasting import _boots, _confirmation
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError
from ansible_collections.netloom.linux.plugins.module_utils._model._paths import UNCONFIRMED, boot_file
from ansible_collections.netloom.linux.tests.contract.judge import (
    differences,
    host_picture,
    lab_host_only,
    outcome_of,
    told,
)

pytestmark = lab_host_only

SECONDS = 5
BRIDGE = {"name": "br-up", "stp": False, "uplink": "nic-up", "confirm_timeout": SECONDS}
KINDS = ["linux_bridge", "ovs_bridge"]


@pytest.fixture(autouse=True)
def nic() -> t.Iterator[None]:
    """A NIC with an address, and nothing left at the end but it."""
    told("systemctl start openvswitch-switch")
    told(
        "ip link add nic-up up type veth peer name cable-up && ip link set cable-up up && ip address add 10.80.0.1/24"
        " dev nic-up"
    )
    before = host_picture()
    yield
    with contextlib.closing(Host(10)) as host:
        outcome_of({"name": "up", "state": "absent", "persist": False}, host)
    _confirm_all()
    assert differences(before, host_picture()) == []
    told("ip link delete nic-up")


def _confirm_all() -> None:
    """The way home is guarded, too."""
    folder = "/run/netloom/guard"
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if name.endswith(".json"):
            _confirmation.confirm(name[: -len(".json")], SECONDS)


def apply(kind: str) -> tuple[Outcome, list[str]]:
    """A run, and the tokens that wait for a controller."""
    with contextlib.closing(Host(10)) as host:
        outcome = outcome_of({"name": "up", kind: [BRIDGE], "persist": True}, host)
        return outcome, [one["token"] for one in host.unconfirmed]


@pytest.mark.parametrize("kind", KINDS)
def test_a_boot_waits_for_a_move_that_was_confirmed(kind: str) -> None:
    _outcome, tokens = apply(kind)
    assert len(tokens) == 1
    with pytest.raises(HostError, match="no controller came back to confirm it"):
        _boots.refuse_unconfirmed("up")
    until = time.monotonic() + 3 * SECONDS
    while "10.80.0.1" not in told("ip -o address show nic-up") and time.monotonic() < until:
        time.sleep(0.1)
    assert "10.80.0.1" in told("ip -o address show nic-up")
    again, tokens = apply(kind)
    assert again.steps[-1].endswith("(the last move of its uplink was not confirmed)")
    assert _confirmation.confirm(tokens[0], SECONDS) == _confirmation.CONFIRMED
    _boots.confirmed(tokens[0])
    assert not os.path.lexists(boot_file("up", UNCONFIRMED))
    _boots.refuse_unconfirmed("up")
    assert not apply(kind)[0].changed
