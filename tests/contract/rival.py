# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another program: it deletes, renames and makes links and namespaces under given names, and tells at its end what it
has.

    rival.py SEED SECONDS LINKS NAMESPACES      names with commas between them

The last line of its output is JSON: a list of [namespace or null, ifindex], its links. Each has the alias FOREIGN.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time

FOREIGN = "somebody-elses"


def sh(command: str) -> str | None:
    """What a command prints; None: it failed."""
    done = subprocess.run(["sh", "-c", command], check=False, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


class Rival:
    """Does one thing after the other, and keeps a ledger of what it made."""

    def __init__(self, seed: int, links: list[str], spaces: list[str]) -> None:
        self.chance, self.links, self.spaces = random.Random(seed), links, spaces
        self.has: dict[tuple[str | None, str], int] = {}

    def act(self) -> None:
        """One thing."""
        link, space = self.chance.choice(self.links), self.chance.choice(self.spaces)
        what = self.chance.randrange(4)
        if what == 0 and sh(f"ip link delete {link}") is not None:
            self.has.pop((None, link), None)
            self.make(None, link)
        elif what == 1 and sh(f"ip link set {link} name race-x{self.chance.randrange(10**6)}") is not None:
            self.has.pop((None, link), None)  # under another name it is nobody's business here
            self.make(None, link)
        elif what == 2 and sh(f"ip netns delete {space}") is not None:
            self.has.pop((space, "theirs"), None)
            if sh(f"ip netns add {space}") is not None:
                self.make(space, "theirs")
        elif what == 3:
            sh(f"ip -n {space} link delete eth0")

    def make(self, space: str | None, name: str) -> None:
        """A link of its own."""
        ip = f"ip -n {space}" if space else "ip"
        if sh(f"{ip} link add {name} type bridge && {ip} link set {name} alias {FOREIGN}") is not None:
            found = sh(f"{ip} -j link show {name}")
            if found:
                self.has[(space, name)] = json.loads(found)[0]["ifindex"]


def main() -> None:
    """For so many seconds."""
    seed, seconds, links, spaces = sys.argv[1:5]
    rival = Rival(int(seed), links.split(","), spaces.split(","))
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        rival.act()
        time.sleep(rival.chance.random() * 0.03)
    sys.stdout.write(f"{json.dumps([[space, index] for (space, _name), index in rival.has.items()])}\n")


if __name__ == "__main__":
    main()
