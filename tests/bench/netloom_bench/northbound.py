# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure many switches in OVN's northbound database: our module beside ovn-nbctl, with an ovsdb-server of our own
without ovn-northd, so that its processor is counted apart and nothing else writes.
"""

from __future__ import annotations

import shlex
import statistics
import typing as t

from netloom_bench.host import Run, payload, script, there, timed
from netloom_bench.networks import Wish

FOLDER = "/tmp/bench/ovn"
REMOTE = f"unix:{FOLDER}/nb.sock"
MODULE, ONE_CALL, LOOP = "netloom: ovn_topology", "ovn-nbctl, all in one call", "ovn-nbctl, a call for each object"
CHECK, WRITE, AGAIN, CHANGE, DOWN = PHASES = ("check", "first run", "no change", "one port changed", "down")
MOST_TIMES, MOST_AGAIN = 1.5, 1.5  # the first run as often as the one call; seconds of a run that changes nothing
PREPARE = f"""
mkdir -p {FOLDER}; cd {FOLDER}
ovsdb-tool create nb.db /usr/share/ovn/ovn-nb.ovsschema
ovsdb-server --detach --no-chdir --pidfile=$PWD/pid --unixctl=$PWD/ctl --log-file=$PWD/log --remote=p{REMOTE} nb.db
ovn-nbctl --db={REMOTE} init
"""
USED = f"awk '{{ print $14 + $15 }}' /proc/$(cat {FOLDER}/pid)/stat; getconf CLK_TCK"
ROWS = f"ovn-nbctl --db={REMOTE} --format=csv --no-headings --columns=name list Logical_Switch_Port | wc -l"
MARKS = ("external_ids:netloom-topology=bench", "external_ids:netloom-made=true")
Commands = t.Sequence[t.Sequence[str]]  # of one object each


class Cost(t.NamedTuple):
    """What a run takes: what a user waits, and seconds of processor of the client and of the server."""

    seconds: float
    client: float
    server: float


class Samples(t.NamedTuple):
    """The medians of one phase."""

    who: str
    phase: str
    cost: Cost


def declared(switches: int, ports: int, last_host: int = 0) -> Wish:
    """Switches with a subnet and DHCP options each, and ports with addresses on them. ``last_host``: another last byte
    of the first port's address.
    """
    names = [(number, f"s{number}", f"10.{number // 256}.{number % 256}") for number in range(switches)]
    found = [
        {
            "switch": name,
            "name": f"{name}-{port}",
            "addresses": [f"{_mac(number, port)} {net}.{10 + port}"],
            "port_security": [_mac(number, port)],
            "dhcp_options": f"d{number}",
        }
        for number, name, net in names
        for port in range(ports)
    ]
    if last_host:
        found[0]["addresses"] = [f"{_mac(0, 0)} 10.0.0.{last_host}"]
    return {
        "name": "bench",
        "ovn_nb": REMOTE,
        "ovn_switch": [{"name": name, "subnet": f"{net}.0/24"} for _number, name, net in names],
        "ovn_dhcp_options": [
            {"name": f"d{number}", "cidr": f"{net}.0/24", "options": _answers(net)} for number, _name, net in names
        ],
        "ovn_port": found,
    }


def _mac(number: int, port: int) -> str:
    return f"0a:00:{number // 256:02x}:{number % 256:02x}:00:{port + 1:02x}"


def _answers(net: str) -> dict[str, str]:
    return {"server_id": f"{net}.1", "server_mac": "0a:00:00:00:00:01", "lease_time": "3600"}


def _commands(wish: Wish) -> list[list[str]]:
    """What makes the same rows, with the marks that the module writes: words of ovn-nbctl for each object."""
    found: list[list[str]] = []
    for one in wish["ovn_dhcp_options"]:
        options = [f'options:{key}="{value}"' for key, value in one["options"].items()]
        cidr = f'cidr="{one["cidr"]}"'
        ids = f"external_ids:netloom-key={one['name']}"
        found.append([f"--id=@{one['name']}", "create", "DHCP_Options", cidr, *options, ids, *MARKS])
    for one in wish["ovn_switch"]:
        subnet = f'other_config:subnet="{one["subnet"]}"'
        found.append(["ls-add", one["name"], "--", "set", "Logical_Switch", one["name"], subnet, *MARKS])
    for one in wish["ovn_port"]:
        name, named = one["name"], f"dhcpv4_options=@{one['dhcp_options']}"
        words = ["lsp-add", one["switch"], name, "--", "lsp-set-addresses", name, *one["addresses"]]
        words += ["--", "lsp-set-port-security", name, *one["port_security"]]
        found.append([*words, "--", "set", "Logical_Switch_Port", name, *MARKS, named])
    return found


def _gone(wish: Wish) -> list[list[str]]:
    switches = [["ls-del", one["name"]] for one in wish["ovn_switch"]]
    return [*switches, ["--all", "destroy", "DHCP_Options"]]


def _changed(wish: Wish) -> list[list[str]]:
    port = wish["ovn_port"][0]
    return [["lsp-set-addresses", port["name"], *port["addresses"]]]


def _in_one_call(commands: Commands) -> str:
    words = [word for one in commands for word in ("--", *one)]
    return f"ovn-nbctl --db={REMOTE} {shlex.join(words)}"


def _in_a_loop(commands: Commands) -> str:
    """A call for each object. A name of another call is the UUID that the call told."""
    lines = []
    for one in commands:
        line = f"ovn-nbctl --db={REMOTE} {shlex.join(one)}"
        if one[0].startswith("--id=@"):
            name = one[0].partition("@")[2]
            line = f"{name}=$(ovn-nbctl --db={REMOTE} {shlex.join(one[1:])})"
        elif one[-1].startswith("dhcpv4_options=@"):
            name = one[-1].partition("@")[2]
            line = f"ovn-nbctl --db={REMOTE} {shlex.join(one[:-1])} dhcpv4_options=${name}"
        lines.append(line)
    return "\n".join(lines)


def _used() -> float:
    """Seconds of processor that the server has used."""
    ticks, in_a_second = map(int, there(USED).split())
    return ticks / in_a_second


def _measured(run: t.Callable[[], Run]) -> Cost:
    before = _used()
    done = run()
    return Cost(done.seconds, done.processor, _used() - before)


def costs(switches: int, ports: int, rounds: int) -> list[Samples]:
    """All who write, in turns; the loop, once."""
    there(PREPARE)
    wish, changed = declared(switches, ports), declared(switches, ports, last_host=254)
    found: dict[tuple[str, str], list[Cost]] = {}
    modules = _payloads(wish, changed)
    for number in range(rounds):
        print(f"{switches} switches with {ports} ports, round {number + 1} of {rounds}", flush=True)
        turns: dict[str, dict[str, t.Callable[[], Run]]] = {MODULE: modules}
        turns[ONE_CALL] = _scripts(_in_one_call, wish, changed)
        if number == 0:
            turns[LOOP] = _scripts(_in_a_loop, wish, changed)
        for who, phases in turns.items():
            for phase, run in phases.items():
                cost = _measured(run)
                _see(who, phase, switches * ports)
                print(f"  {who}, {phase}: {cost.seconds:.2f} s, {cost.client:.2f} s, {cost.server:.2f} s", flush=True)
                found.setdefault((who, phase), []).append(cost)
    medians = {key: Cost(*map(statistics.median, zip(*seen))) for key, seen in found.items()}
    return [Samples(who, phase, cost) for (who, phase), cost in medians.items()]


def _payloads(wish: Wish, changed: Wish) -> dict[str, t.Callable[[], Run]]:
    """The phases of the module. Each is run once by Ansible, which then is not measured."""
    gone: Wish = {"name": wish["name"], "ovn_nb": REMOTE, "state": "absent"}
    calls: list[tuple[str, Wish, list[str]]] = [
        (CHECK, wish, ["--check"]),
        (WRITE, wish, []),
        (AGAIN, wish, []),
        (CHANGE, changed, []),
        (DOWN, gone, []),
    ]
    commands = {
        phase: payload(phase.replace(" ", "-"), what, *options, name="ovn_topology") for phase, what, options in calls
    }

    def run_of(phase: str) -> Run:
        run = timed(*commands[phase])
        if bool(run.steps) != (phase != AGAIN):
            raise SystemExit(f"{phase}: {run.steps} steps.")
        return run

    return {phase: (lambda phase=phase: run_of(phase)) for phase in commands}  # type: ignore[misc]


def _scripts(form: t.Callable[[Commands], str], wish: Wish, changed: Wish) -> dict[str, t.Callable[[], Run]]:
    texts = {WRITE: form(_commands(wish)), CHANGE: form(_changed(changed)), DOWN: form(_gone(wish))}
    return {phase: (lambda text=text: script(text)) for phase, text in texts.items()}  # type: ignore[misc]


def _see(who: str, phase: str, ports: int) -> None:
    """All of them must have done the same."""
    there_are, wanted = int(there(ROWS)), 0 if phase in (CHECK, DOWN) else ports
    if there_are != wanted:
        raise SystemExit(f"{who}, {phase}: {there_are} ports, not {wanted}.")


def heading() -> list[str]:
    """The columns of the table."""
    return ["", "until it ends", "the client's processor", "the ovsdb-server's", "client : one call"]


def rows(samples: t.Sequence[Samples]) -> t.Iterator[list[str]]:
    """A row for each phase of each who writes. The ratio is of the processor of the clients."""
    found = {(one.who, one.phase): one.cost for one in samples}
    for phase in PHASES:
        for who in (MODULE, ONE_CALL, LOOP):
            cost, one_call = found.get((who, phase)), found.get((ONE_CALL, phase))
            if cost is not None:
                ratio = "-" if one_call is None else f"{cost.client / one_call.client:.2f}"
                yield [f"{phase}: {who}", *(f"{value:.2f}" for value in cost), ratio]


def promises(samples: t.Sequence[Samples]) -> t.Iterator[tuple[str, float, float]]:
    """(what, what it is, the most that we promise)."""
    found = {(one.who, one.phase): one.cost.client for one in samples}
    yield "the first run : the one call", found[MODULE, WRITE] / found[ONE_CALL, WRITE], MOST_TIMES
    yield "seconds of a run that changes nothing", found[MODULE, AGAIN], MOST_AGAIN
