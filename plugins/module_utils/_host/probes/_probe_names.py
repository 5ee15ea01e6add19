# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol dns: a server is asked for the addresses of a name."""

from __future__ import annotations

import secrets

from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _probe_loop, _probe_streams
from ansible_collections.netloom.linux.plugins.module_utils._model import _probe, _probe_dns


class DnsProber(_probe_streams.DatagramProber):
    """Asks, and notes the addresses in the answer. A server that knows none has answered as well: nobody else is waited
    for.
    """

    def __init__(self, outcome: _probe.Outcome, loop: _probe_loop.Loop) -> None:
        probe, self.number = outcome.probe, secrets.randbits(16)
        version = 6 if any(":" in one for one in probe.answers or ()) else 4
        super().__init__(outcome, loop, probe.port or 0, _probe_dns.question(str(probe.name), version, self.number))

    def heard(self, data: bytes) -> bool:
        answer = _probe_dns.read(data, self.number)
        if answer is None:
            return False
        self.outcome.reason, self.outcome.told = answer.reason, list(answer.addresses)
        if answer.addresses:
            self.arrived()
        self.over = True
        return True
