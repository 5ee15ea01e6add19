# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions: commands as a person types them, and the output as the page shows it.

    $ ansible-playbook web.yml      is typed on the control node
    lab1# ip netns list             is typed on the lab host, as root
    node2# ip netns list            on the second one, where a page has several

A line of '...' stands for any lines, '...' in a line for any text. A command that is to fail ends in '# fails'.
"""

from __future__ import annotations

import dataclasses
import re

from docrun.host import Host, Wrong

PROMPT = re.compile(r"^(?P<prompt>\$|(?P<host>(lab|node)(?P<number>\d+))#) (?P<command>.*)$")
FAILS = "  # fails"


@dataclasses.dataclass
class Command:
    """One command with the lines that the page shows after it. ``number``: of the lab host; 0 is the control node."""

    prompt: str
    number: int
    text: str
    shown: list[str]


def commands(session: str) -> list[Command]:
    """The commands of a session. A line that ends in a backslash goes on."""
    found: list[Command] = []
    for line in session.splitlines():
        match = PROMPT.match(line)
        if match:
            found.append(Command(match["prompt"], int(match["number"] or 0), match["command"], []))
        elif found and found[-1].text.endswith("\\"):
            found[-1].text = f"{found[-1].text}\n{line}"
        elif found:
            found[-1].shown.append(line)
        else:
            raise Wrong(f"a session begins with a command, not with {line!r}")
    return found


def play(session: str, host: Host) -> None:
    """Type the commands, and compare what they print with what the page shows."""
    for command in commands(session):
        printed = _type(command, host)
        if host.verbose:
            print(f"{command.prompt} {command.text}\n{printed}", flush=True)
        if command.shown and not re.fullmatch(_pattern(command.shown), _trimmed(printed.splitlines())):
            shown = "\n".join(command.shown)
            raise Wrong(f"'{command.text}' prints\n{printed}\nand not, as the page shows,\n{shown}")


def _type(command: Command, host: Host) -> str:
    def run(text: str) -> str:
        return host.there(text, command.number) if command.number else host.here(text)

    if not command.text.endswith(FAILS):
        return run(command.text)
    try:
        run(command.text.removesuffix(FAILS))
    except Wrong as error:
        return str(error).partition("\n")[2]
    raise Wrong(f"'{command.text}' does not fail")


def _pattern(shown: list[str]) -> str:
    return "".join(
        r"(.*\n)*" if line.strip() == "..." else r".*".join(map(re.escape, line.rstrip().split("..."))) + r"\n"
        for line in shown
    )


def _trimmed(lines: list[str]) -> str:
    """Without trailing blanks, and without empty lines at the end."""
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    return f"{text}\n" if text else ""
