# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ovn_global: each topology has its own keys of the one row."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import Conflict
from ansible_collections.netloom.linux.tests.unit.fake_northbound import FakeNorthbound, build, run_ovn


def declared(name: str = "t1", state: str = "present", **options: t.Any) -> dict[str, t.Any]:
    """A topology with these options; '_' stands for '-'."""
    told = {key.replace("_", "-"): value for key, value in options.items()}
    return {"name": name, "state": state, "ovn_global": [{"options": told}] if told else []}


def options(host: FakeNorthbound) -> dict[str, str]:
    """The options that the database has."""
    return dict(host.row("NB_Global", "")["options"])


@pytest.fixture
def host() -> FakeNorthbound:
    """A database in which somebody has set an option."""
    found = FakeNorthbound()
    found.edit("NB_Global", "", options={"mac_prefix": "0a:00:01", "bfd-mult": "5"}, external_ids={"theirs": "1"})
    return found


THEIRS = {"mac_prefix": "0a:00:01", "bfd-mult": "5"}


def test_a_key_is_set_and_drift_of_it_mended(host: FakeNorthbound) -> None:
    assert build(host, declared(bfd_min_rx=200)) == ["set options of OVN: bfd-min-rx=200"]
    host.edit("NB_Global", "", options={**THEIRS, "bfd-min-rx": "1000"})
    assert build(host, declared(bfd_min_rx=200)) == ["set options of OVN: bfd-min-rx=200"]
    assert options(host) == {**THEIRS, "bfd-min-rx": "200"}


def test_null_removes_a_key(host: FakeNorthbound) -> None:
    assert build(host, declared(bfd_mult=None)) == ["set options of OVN: no bfd-mult"]
    assert options(host) == {"mac_prefix": "0a:00:01"}
    run_ovn(host, declared(state="absent"))
    assert options(host) == THEIRS


def test_absent_gives_back_what_was_there(host: FakeNorthbound) -> None:
    before = host.contents()
    build(host, declared(bfd_min_rx=200, bfd_mult=3))
    assert run_ovn(host, declared(state="absent")).steps == ["set options of OVN: bfd-mult=5, no bfd-min-rx"]
    assert host.contents() == before


@pytest.mark.parametrize("first", [{"bfd_min_rx": 200}, {"bfd_mult": 3}], ids=["new", "old"])
def test_what_is_no_longer_declared_is_as_before(host: FakeNorthbound, first: dict[str, t.Any]) -> None:
    before = host.contents()
    build(host, declared(**first))
    build(host, declared(**first, bfd_min_tx=100))
    build(host, declared(**first, bfd_min_tx=100, mac_prefix="0a:00:02"))
    assert len(build(host, declared(bfd_min_tx=100))) == 1
    assert options(host) == {**THEIRS, "bfd-min-tx": "100"}
    assert build(host, declared()) == ["set options of OVN: no bfd-min-tx"]
    assert host.contents() == before


def test_without_purge_it_stays(host: FakeNorthbound) -> None:
    build(host, declared(bfd_min_rx=200))
    run_ovn(host, {**declared(bfd_min_tx=100), "purge": False})
    assert options(host) == {**THEIRS, "bfd-min-rx": "200", "bfd-min-tx": "100"}


def test_two_topologies_have_their_own_keys(host: FakeNorthbound) -> None:
    before = host.contents()
    build(host, declared("a", bfd_min_rx=200, bfd_mult=3))
    build(host, declared("b", bfd_min_tx=100))
    build(host, declared("a", bfd_mult=3))
    assert options(host) == {"mac_prefix": "0a:00:01", "bfd-mult": "3", "bfd-min-tx": "100"}
    run_ovn(host, declared("a", state="absent"))
    assert options(host) == {**THEIRS, "bfd-min-tx": "100"}
    run_ovn(host, declared("b", state="absent"))
    assert host.contents() == before


def test_a_key_that_another_topology_declares_stays(host: FakeNorthbound) -> None:
    build(host, declared("a", bfd_min_rx=200))
    build(host, declared("b", bfd_min_rx=200, bfd_min_tx=100))
    run_ovn(host, declared("a", state="absent"))
    assert options(host) == {**THEIRS, "bfd-min-rx": "200", "bfd-min-tx": "100"}


def test_two_values_of_two_topologies_are_refused(host: FakeNorthbound) -> None:
    build(host, declared("a", bfd_min_rx=200))
    with pytest.raises(Conflict) as caught:
        run_ovn(host, declared("b", bfd_min_rx=100), check=True)
    assert str(caught.value) == (
        "ovn_global[0].options.bfd-min-rx: another topology declares it, too, and it is '200' there. Declare one value,"
        " or leave it out of one of the two."
    )
