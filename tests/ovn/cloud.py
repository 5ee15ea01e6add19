# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests share that build a cloud of OVN on lab hosts: who is what, the outside, patience, what is served and
fetched, and pings.
"""

from __future__ import annotations

import re
import time
import typing as t

import hosts as lab
from hosts import on, play

EVERY = 0.05  # seconds between two pings
OUTSIDE = "198.51.100.1"  # an address of the central host on the physical network, which is the hosts' own
WITHIN = 30.0
LOOK = "ovs-vsctl list-br; ip netns list; ip -o link | sed 's/^[0-9]*: //; s/[:@].*//' | sort"
# It takes connections of IPv4, too.
SERVE = """
import http.server, socket, sys
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(sys.argv[1].encode())
    def log_message(self, *args): pass
Server(('::', int(sys.argv[2])), Handler).serve_forever()
"""
FETCH = "import urllib.request, sys; print(urllib.request.urlopen(sys.argv[1], timeout=3).read().decode())"


def says(what: str) -> None:
    """Tell which part begins."""
    print(f"--- {what}", flush=True)


def prepare(hosts: t.Iterable[str]) -> None:
    """Open vSwitch runs. The hosts' cables are veths, on which nobody computes the checksums that the userspace
    datapath needs.
    """
    for host in hosts:
        on(host, "systemctl start openvswitch-switch; ethtool -K eth0 tx off >/dev/null")


def declare(central: str, chassis: t.Sequence[str], **more: t.Any) -> None:
    """Who is what, and what is declared beside it. On the userspace datapath, the address of the tunnels has to be on a
    bridge of Open vSwitch.
    """
    lab.declare(
        {
            "ovn_central_address": "{{ lab_address }}",
            "ovn_chassis_encap_address": "{{ lab_address }}",
            "ovn_chassis_bridge_mappings": {"physical": "br-ex"},
            "ovn_chassis_uplinks": {"br-ex": "eth0"},
            **more,
        },
        {"ovn_central": [central], "ovn_chassis": list(chassis)},
    )


def teardown(hosts: t.Sequence[str], central: str) -> None:
    """Take everything down, twice: the second time there is no database, and this is told."""
    play("teardown")
    again, text = play("teardown")
    assert sorted(again["ok"]) == list(hosts), again
    told = f"No server of the northbound database runs on {central}, so nothing was taken out of the database."
    assert told in " ".join(text.split()), text


def within(holds: t.Callable[[], t.Any], what: str, seconds: float = WITHIN) -> t.Any:
    """Wait until something holds, and return it."""
    until = time.monotonic() + seconds
    while not (found := holds()):
        if time.monotonic() > until:
            raise SystemExit(f"not within {seconds} s: {what}")
        time.sleep(1)
    return found


def places(networks: t.Iterable[dict[str, t.Any]]) -> dict[str, str]:
    """The host of each member."""
    return {member["name"]: member["host"] for network in networks for member in network.get("members", ())}


def serve(host: str, member: str) -> None:
    """Web servers in the namespace of a member, which answer with its name."""
    program = SERVE.replace("'", '"')
    for port in (80, 81):
        on(host, f"ip netns exec {member} setsid python3 -c '{program}' {member} {port} >/dev/null 2>&1 </dev/null &")


class Lost(t.NamedTuple):
    """What became of a row of pings. ``silence``: seconds of the longest time without an answer."""

    sent: int
    lost: int
    silence: float


class Pings:
    """Pings every EVERY seconds from a host, or from a namespace on it, until they are stopped."""

    def __init__(self, host: str, target: str, netns: str = "") -> None:
        self.host, self.log = host, f"/run/pings-{netns or 'outside'}-{target}"
        inside = f"ip netns exec {netns} " if netns else ""
        on(
            host,
            f"{inside}ping -n -i {EVERY} {target} >{self.log} 2>&1 </dev/null & echo $! > {self.log}.pid",
        )

    def stop(self) -> Lost:
        """End them, after a second in which every one of them must have been answered again."""
        on(self.host, f"kill -INT $(cat {self.log}.pid); sleep 0.5")
        return judged(on(self.host, f"cat {self.log}"))


def judged(log: str) -> Lost:
    """What a log of ping tells. Raises SystemExit if the last ones were not answered: nothing came back."""
    answered = sorted({int(one) for one in re.findall(r"icmp_seq=(\d+) ttl=", log)})
    sent = int(re.findall(r"(\d+) packets transmitted", log)[0])
    if not answered or sent - answered[-1] > 5:
        raise SystemExit(f"the pings are not answered again:\n{log[-600:]}")
    longest = max((later - earlier - 1 for earlier, later in zip([0, *answered], answered)), default=0)
    return Lost(sent, sent - len(answered), longest * EVERY)
