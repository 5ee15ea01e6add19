# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The topology of tests/soak/killed_servers as JSON: one server and so many members. Arguments: MEMBERS [STATE]"""

from __future__ import annotations

import json
import sys
import typing as t


def topology(members: int, state: str) -> dict[str, t.Any]:
    """A server behind an internal port, and members behind cables."""
    numbers = range(1, members + 1)
    return {
        "name": "many",
        "state": state,
        "wait": 30,
        "netns": [{"name": "dhcp-many"}, *({"name": f"m{number}"} for number in numbers)],
        "ovs_bridge": [{"name": "many"}],
        "veth": [
            {
                "name": f"m{number}",
                "peer": {"name": "eth0", "netns": f"m{number}", "mac": f"52:54:00:77:00:{number:02x}"},
            }
            for number in numbers
        ],
        "ovs_port": [
            {
                "bridge": "many",
                "name": "tap-many",
                "type": "internal",
                "netns": "dhcp-many",
                "addresses": ["10.70.0.1/24"],
            },
            *({"bridge": "many", "name": f"m{number}"} for number in numbers),
        ],
        "dnsmasq_in_ns": [
            {
                "name": "dhcp-many",
                "netns": "dhcp-many",
                "interfaces": ["tap-many"],
                "ranges": [{"start": "10.70.0.10", "end": "10.70.0.60", "prefix": 24}],
            }
        ],
        "netns_dhcp_client": [{"netns": f"m{number}", "interface": "eth0"} for number in numbers],
    }


print(json.dumps(topology(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "present")))
