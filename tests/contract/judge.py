# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the contract tests share: the engine on this host, and a judge of what the host has."""

from __future__ import annotations

import glob
import json
import os
import shlex
import subprocess
import time
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._entry import Outcome
from ansible_collections.netloom.linux.plugins.module_utils._engine._hooks import Hooks
from ansible_collections.netloom.linux.plugins.module_utils._engine._run import run
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader, manifest_of
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._host.lasting import _confirmation
from ansible_collections.netloom.linux.plugins.module_utils._model import _paths
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import Op


def _on_lab_host() -> bool:
    """Whether PID 1 was started by the lab (see tests/lab/labhost/guest.py)."""
    try:
        with open("/proc/1/environ", "rb") as handle:
            return b"container=netloom-lab" in handle.read().split(b"\0")
    except OSError:
        return False


lab_host_only = pytest.mark.skipif(
    not _on_lab_host(), reason="changes the network of the machine it runs on, so it runs inside a lab host only"
)


def outcome_of(params: dict[str, t.Any], host: Host, check: bool = False, wait: float = 10) -> Outcome:
    """One topology's run, or what it would be."""
    manifest = manifest_of({"state": "present", **params})
    return run(manifest, host, check=check, alone=False, wait=wait)


def carry_out(params: dict[str, t.Any], host: Host) -> list[str]:
    """The steps of one topology's run."""
    return outcome_of(params, host).steps


def module(
    kind: str, params: dict[str, t.Any], check: bool = False, host: Host | None = None, confirmed: bool = True
) -> Outcome:
    """One module's run, and the controller's confirmation if it waits for one: after the end of the run, when the guard
    begins to count.
    """
    host = host or Host(5)
    try:
        return run(Hooks([EntryReader().read(kind, params, "")]), host, check=check, alone=True, wait=5)
    finally:
        host.close()
        for guard in host.unconfirmed if confirmed else ():
            _confirmation.confirm(guard["token"], 10)
            guards_end()


def guards_end(patience: float = 30) -> None:
    """Wait until no guard is left: else the next run is told to wait for it."""
    until = time.monotonic() + patience
    while glob.glob(f"{_paths.GUARDS}/*.json"):
        assert time.monotonic() < until
        time.sleep(0.01)


def every(nth: int) -> int:
    """The stride with which a test goes through the steps of a run: in passing this one, each step with
    NETLOOM_STEPS=all (see run).
    """
    return 1 if os.environ.get("NETLOOM_STEPS") == "all" else nth


class Refusing(Host):
    """The real host, but for the batch of this number, which it refuses."""

    number = -1

    def do(self, ops: t.Sequence[Op]) -> None:
        """Count down to the refusal."""
        self.number -= 1
        if self.number == -1:
            raise HostError(f"Cannot {ops[0].sentence()}: refused by the test.")
        super().do(ops)


class Refused(subprocess.CalledProcessError):
    """A command that failed, with what it said."""

    def __str__(self) -> str:
        return f"{super().__str__()}\n{self.stderr}"


def told(command: str) -> str:
    """What a judge says."""
    done = subprocess.run(["sh", "-c", command], check=False, capture_output=True, text=True)
    if done.returncode:
        raise Refused(done.returncode, command, done.stdout, done.stderr)
    return done.stdout


_NEXT = "-- next --"


def told_each(*questions: str) -> list[str]:
    """What a judge says to each of several questions, asked by one shell."""
    return told("set -e\n" + f"\necho '{_NEXT}'\n".join(questions)).split(f"{_NEXT}\n")


_ANSWERS = 7  # in JSON; the rest is text
# One process a question would take most of the time of these tests, above all on a guest.
_LOOK = """
set -e
ip -j -d -batch - <<END
address show
route show table all proto static
rule show
neigh show nud permanent
neigh show proxy
END
echo rule show | ip -6 -j -d -batch -
bridge -j fdb show
cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding
nft -s list ruleset
"""


def host_picture() -> t.Any:
    """All that a run may change, as iproute2 and ovsdb tell it, without what differs from life to life."""
    names = sorted(entry["name"] for entry in json.loads(told("ip -j netns list") or "[]"))
    looks = told_each(_LOOK, *(f"ip netns exec {name} sh -c {shlex.quote(_LOOK)}" for name in names))
    spaces = {name: _space(looked) for name, looked in zip(["", *names], looks)}
    rows = told(
        "ovs-vsctl --no-heading --format=csv -- --columns=name,datapath_type,external_ids list bridge"
        " -- --columns=name,tag list port -- --columns=name,type list interface"
    )
    files = told("find /run/netloom /var/lib/netloom /etc/netns /var/lib/dhcp -type f 2>/dev/null | sort || true")
    daemons = told("ps -eo comm= | grep -cE '^(dnsmasq|dhclient)$' || true")
    return [spaces, sorted(rows.splitlines()), files, daemons]


def _space(looked: str) -> list[t.Any]:
    """What one look at a namespace tells."""
    reader, answers, rest = json.JSONDecoder(), list[t.Any](), looked.lstrip()
    while len(answers) < _ANSWERS:
        answer, end = reader.raw_decode(rest)
        answers.append(answer)
        rest = rest[end:].lstrip()
    links, routes, *written, fdb = answers
    static = [one for one in fdb if one.get("state") == "static" or "dst" in one]
    return [
        {link["ifname"]: _link(link) for link in links},
        _lines({key: value for key, value in route.items() if key != "flags"} for route in routes),
        rest,
        [_lines(entries) for entries in (*written, static)],
    ]


def _lines(entries: t.Iterable[t.Any]) -> list[str]:
    return sorted(json.dumps(entry, sort_keys=True) for entry in entries)


def _link(link: dict[str, t.Any]) -> list[t.Any]:
    addresses = sorted(f"{one['local']}/{one['prefixlen']}" for one in link["addr_info"] if one["scope"] != "link")
    kind = link.get("linkinfo", {})
    data = {
        key: value
        for key, value in kind.get("info_data", {}).items()
        if "timer" not in key and key not in ("bridge_id", "root_id", "group_addr")
    }
    port = {
        key: kind.get("info_slave_data", {}).get(key)
        for key in ("isolated", "hairpin", "learning", "flood", "neigh_suppress", "priority", "cost")
    }
    return [
        kind.get("info_kind"),
        data,
        port,
        link["mtu"],
        link.get("master"),
        link.get("ifalias"),
        sorted(set(link["flags"]) & {"UP"}),
        addresses,
    ]


def differences(one: t.Any, other: t.Any, where: str = "") -> list[str]:
    """Where two pictures differ, in words."""
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = [(key, one.get(key), other.get(key)) for key in sorted({*one, *other}, key=str)]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(str(index), *both) for index, both in enumerate(zip(one, other))]
    else:
        return [] if one == other else [f"{where}: {one!r} became {other!r}"]
    return [found for key, left, right in pairs for found in differences(left, right, f"{where}/{key}")]
