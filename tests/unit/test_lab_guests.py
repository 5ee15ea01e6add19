# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lab guests: which kernel a host has, and in which order the modules of Debian's own are loaded."""

from __future__ import annotations

import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
kernels = pytest.importorskip("labhost.kernels", reason="lab hosts are not in the tree that ansible-test copies")
kernel_debian = pytest.importorskip("labhost.kernel_debian")
packages = pytest.importorskip("labhost.packages")
rundir = pytest.importorskip("labhost.rundir")
uml = pytest.importorskip("labhost.uml")


@pytest.mark.parametrize(
    ("chosen", "seen"),
    [
        ({}, ["", "", ""]),
        ({0: "7.2"}, ["7.2", "7.2", "7.2"]),
        ({2: "7.2"}, ["", "7.2", ""]),
        ({0: "6.1", 3: "7.2"}, ["6.1", "6.1", "7.2"]),
    ],
)
def test_a_host_has_its_own_kernel_or_that_of_all(chosen: dict[int, str], seen: list[str]) -> None:
    run = rundir.Run(pathlib.Path("/nowhere"), rundir.Settings(count=3, kernels=chosen))
    assert [host.kernel for host in run.hosts] == seen


def test_settings_come_back_as_they_were_whatever_another_checkout_wrote(tmp_path: pathlib.Path) -> None:
    settings = rundir.Settings(count=2, kernels={2: "7.2"}, without={0: ["dnsmasq-base"]})
    run = rundir.Run(tmp_path, settings)
    run.save_settings()
    assert rundir.load(tmp_path).settings == settings
    older = {"prefix": "lab", "count": 1, "without": {}, "of the future": True}
    (tmp_path / "settings.json").write_text(json.dumps(older))
    assert rundir.load(tmp_path).settings == rundir.Settings()


@pytest.mark.parametrize(
    ("option", "read"), [("7.2", (0, "7.2")), ("2:7.2", (2, "7.2")), ("1:debian-6.1", (1, "debian-6.1"))]
)
def test_an_option_is_for_all_hosts_or_for_one(option: str, read: tuple[int, str]) -> None:
    assert packages.by_number("--kernel", option) == read


@pytest.mark.parametrize("option", ["x:7.2", "2:", "", ":"])
def test_an_option_that_is_neither_is_refused(option: str) -> None:
    with pytest.raises(rundir.LabError, match=r"^--kernel .*: expected \[NUMBER:\]VALUE$"):
        packages.by_number("--kernel", option)


def test_an_unknown_kernel_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(
        rundir.LabError, match=r"^--kernel 5\.4: there is no such kernel\. There are: 7\.2, debian-6\.1$"
    ):
        kernels.named("5.4")


def test_another_configuration_is_another_kernel(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kernels.named("7.2").directory
    changed = tmp_path / "config"
    changed.write_bytes(kernels.CONFIG.read_bytes() + b"CONFIG_MORE=y\n")
    monkeypatch.setattr(kernels, "CONFIG", changed)
    assert kernels.named("7.2").directory != before
    assert kernels.named("debian-6.1").directory.name.startswith("debian-6.1-")


def test_a_kernel_that_is_not_what_was_made_is_refused(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kernel = kernels.named("7.2")
    kernel.directory.mkdir(parents=True)
    kernel.program.write_bytes(b"another")
    (kernel.directory / "made.json").write_text(json.dumps({"sha256": "0" * 64}))
    with pytest.raises(rundir.LabError, match="is not what was made"):
        kernels.ready("7.2")


def test_modules_are_loaded_after_what_they_need() -> None:
    dependencies = """\
kernel/fs/ext4/ext4.ko: kernel/fs/jbd2/jbd2.ko kernel/lib/crc16.ko
kernel/fs/jbd2/jbd2.ko:
kernel/lib/crc16.ko:
kernel/drivers/net/virtio_net.ko.xz: kernel/drivers/net/net_failover.ko.xz kernel/net/core/failover.ko.xz
kernel/drivers/net/net_failover.ko.xz: kernel/net/core/failover.ko.xz
kernel/net/core/failover.ko.xz:
kernel/fs/fuse/virtio-fs.ko:
"""
    assert kernel_debian.in_order(dependencies, ("virtio_fs", "built_in", "ext4", "virtio_net", "ext4")) == [
        "kernel/fs/fuse/virtio-fs.ko",
        "kernel/lib/crc16.ko",
        "kernel/fs/jbd2/jbd2.ko",
        "kernel/fs/ext4/ext4.ko",
        "kernel/net/core/failover.ko.xz",
        "kernel/drivers/net/net_failover.ko.xz",
        "kernel/drivers/net/virtio_net.ko.xz",
    ]


def _passes(how_it_came: int) -> bool:
    """What the kernel makes of the filter: it runs from the first instruction to the first one that returns."""
    at = accumulator = 0
    while True:
        code, if_true, if_false, number = uml.NOT_ITS_OWN[at]
        at += 1
        if code == 0x28:  # a half word, at an offset that means something else than a place in the frame
            assert number == 0xFFFFF004
            accumulator = how_it_came
        elif code == 0x15:
            at += if_true if accumulator == number else if_false
        else:
            assert code == 0x06
            return bool(number)


def test_a_guest_gets_what_others_send_and_nothing_that_it_sent_whoever_the_sender_was(tmp_path: pathlib.Path) -> None:
    to_us, broadcast, multicast, to_others, outgoing = range(5)  # linux/if_packet.h
    assert all(_passes(one) for one in (to_us, broadcast, multicast, to_others))
    assert not _passes(outgoing)
    run = rundir.Run(tmp_path, rundir.Settings())
    host = run.host(1)
    host.storage.mkdir(parents=True)
    for words in uml.raw(host):
        path = pathlib.Path(words.rpartition("=")[2])
        assert path.stat().st_size == 8 * len(uml.NOT_ITS_OWN)  # struct sock_filter
