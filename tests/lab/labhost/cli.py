# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the lab host tool."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
from typing import NoReturn

from labhost import access, declared, hosts, kernels, packages, rootless, roots
from labhost.rundir import BASE, MOST_HOSTS, LabError, Run, Settings, living, load, say

_DEFAULT_PREFIX = "lab"


def main(argv: list[str]) -> int:
    """Run one command; return the exit status."""
    # A signal becomes an exception, so that every `finally` on the way runs.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    options, command = _parse(argv)
    try:
        result: int = options.action(options, command)
        return result
    except LabError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _stop(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def _parse(argv: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Split off what follows `--` and read the rest."""
    cut = argv.index("--") if "--" in argv else len(argv)
    parser = argparse.ArgumentParser(prog="lab", description="Throw-away Linux hosts to develop and test against.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, action: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(action=action)
        return command

    up = add("up", _up, "start hosts and leave them running")
    run = add("run", _run, "start hosts, run a command, remove the hosts")
    for command in (up, run):
        command.add_argument("count", nargs="?", type=int, default=1, metavar="N", help="how many (default 1)")
        command.add_argument(
            "--name", default=_DEFAULT_PREFIX, metavar="PREFIX", help="their names' beginning (default lab)"
        )
        command.add_argument("--disk", action="store_true", help="keep their changes on disk, not in memory")
        text = (
            f"give the hosts (host I only) a kernel of their own: {', '.join(kernels.KERNELS)}; built at the first use"
        )
        command.add_argument("--kernel", action="append", default=[], metavar="[I:]NAME", help=text)
        command.add_argument(
            "--remember",
            action="store_true",
            help="let Python remember what it compiled of Ansible's modules, which makes tests faster",
        )
        command.add_argument(
            "--root", default="/", metavar="DIR", help="the hosts' root file system, instead of the machine's"
        )
        command.add_argument(
            "--distribution", metavar="NAME", help=f"the same, made by debootstrap: {', '.join(roots.SUITES)}"
        )
        command.add_argument(
            "--without", action="append", default=[], metavar="[I:]PKG,PKG", help="purge packages (in host I only)"
        )
    run.usage = "lab run [N] [options] -- COMMAND..."
    run.add_argument("--rootless", action="store_true", help="the form without root, also when root")
    shell = add("shell", _shell, "a root shell in a host")
    execute = add("exec", _exec, "run a command in a host")
    execute.usage = "lab exec [I] -- COMMAND..."
    reboot = add("reboot", _reboot, "cut a host's power and switch it on again")
    cut_off = add("cut", _cut, "pull a host's cable (eth0)")
    heal = add("heal", _heal, "plug a host's cable in again")
    for command in (shell, execute, reboot, cut_off, heal):
        command.add_argument(
            "number", nargs="?", type=int, default=1, metavar="I", help="the host's number (default 1)"
        )
    down = add("down", _down, "remove the hosts that `lab up` started")
    inventory = add("inventory", _inventory, "print the Ansible inventory")
    inventory.add_argument("--vars", action="store_true", help="only how Ansible reaches them, for another inventory")
    for command in (shell, execute, reboot, cut_off, heal, down, inventory):
        command.add_argument(
            "--name", metavar="PREFIX", help="which hosts (default: those of this `lab run`, else lab)"
        )
    make = add("make", _make, "start the hosts that standard input declares, if they are not up; tell of them as JSON")
    make.add_argument("name", metavar="NAME", help="what these hosts are called together")
    make.add_argument("--look", action="store_true", help="only tell what would be done")
    add("list", _list, "list all hosts that are up")
    build = add("kernel", _kernel, "build a kernel for guests, if it is not there yet; print where it is")
    build.add_argument(
        "kernel",
        nargs="?",
        default=kernels.DEFAULT,
        metavar="NAME",
        help=f"which: {', '.join(kernels.KERNELS)} (default {kernels.DEFAULT})",
    )
    options = parser.parse_args(argv[:cut])
    command_line = argv[cut + 1 :]
    if cut < len(argv) and options.action not in (_run, _exec):
        parser.error("only run and exec take a command after --")
    if not command_line and options.action in (_run, _exec):
        parser.error("what command? lab run [N] -- COMMAND..., lab exec [I] -- COMMAND...")
    return options, command_line


def _settings(options: argparse.Namespace) -> Settings:
    if not 1 <= options.count <= MOST_HOSTS:
        raise LabError(f"{options.count} hosts? 1 to {MOST_HOSTS} can be started.")
    if not re.fullmatch("[a-zA-Z]([a-zA-Z0-9-]{0,18}[a-zA-Z-])?", options.name):
        raise LabError(
            f"--name {options.name}: at most 20 letters, digits and '-', beginning with a letter, not ending with a"
            " digit."
        )
    chosen = dict(packages.by_number("--kernel", option) for option in options.kernel)
    for name in chosen.values():
        kernels.named(name)
    settings = Settings(
        prefix=options.name,
        count=options.count,
        disk=options.disk,
        without=packages.parse(options.without),
        kernels=chosen,
        remember=options.remember,
    )
    if options.root == "/" and options.distribution is None:
        return settings
    _need_root()
    return dataclasses.replace(settings, root=roots.choose(options.root, options.distribution))


def _need_root() -> None:
    if os.geteuid() != 0:
        raise LabError("This needs root (try sudo). Without root there are: lab run -- COMMAND, and lab shell.")


def _chosen(options: argparse.Namespace) -> Run:
    if options.name is None and "NETLOOM_LAB_DIR" in os.environ:
        return load(pathlib.Path(os.environ["NETLOOM_LAB_DIR"]))
    _need_root()
    run = load(BASE / (options.name or _DEFAULT_PREFIX))
    if run.owner is None:
        raise LabError(f"The lab hosts in {run.directory} have ended. Start others with: lab up")
    return run


def _up(options: argparse.Namespace, _command: list[str]) -> int:
    _need_root()
    run = hosts.bring_up(_settings(options), options.name)
    hosts.keep_running(run)
    print(f"Lab hosts: {' '.join(host.name for host in run.hosts)}")
    print(f"Try: ansible -i {run.inventory} lab_hosts -m ansible.builtin.ping")
    return 0


def _make(options: argparse.Namespace, _command: list[str]) -> int:
    if os.geteuid() != 0:
        raise LabError('Lab hosts need root. Start Ansible or Molecule as root: sudo env PATH="$PATH" molecule test')
    told = declared.make(options.name, sys.stdin.read(), look_only=options.look)
    json.dump(told, sys.stdout)
    return 0


def _run(options: argparse.Namespace, command: list[str]) -> int:
    settings = _settings(options)
    if options.rootless or os.geteuid() != 0:
        return rootless.run(dataclasses.replace(settings, rootless=True), command, _tool())
    run = hosts.bring_up(settings)
    try:
        return hosts.run_command(command, {**os.environ, **access.environment(run, _tool())})
    finally:
        hosts.take_down(run)


def _down(options: argparse.Namespace, _command: list[str]) -> int:
    _need_root()
    directory = BASE / (options.name or _DEFAULT_PREFIX)
    if directory.exists():
        hosts.take_down(load(directory))
    return 0


def _shell(options: argparse.Namespace, _command: list[str]) -> int:
    if os.geteuid() != 0:
        return rootless.run(Settings(rootless=True), [os.environ.get("SHELL", "/bin/bash")], _tool())
    run = _chosen(options)
    # By SSH and not by nsenter: a terminal of the host's own.
    return subprocess.run(
        ["ssh", "-F", str(run.directory / "ssh_config"), run.host(options.number).name], check=False
    ).returncode


def _exec(options: argparse.Namespace, command: list[str]) -> int:
    return hosts.run_inside(_chosen(options).host(options.number), command)


def _reboot(options: argparse.Namespace, _command: list[str]) -> int:
    hosts.reboot(_chosen(options).host(options.number))
    return 0


def _cut(options: argparse.Namespace, _command: list[str]) -> int:
    return hosts.set_cable(_chosen(options).host(options.number), "down")


def _heal(options: argparse.Namespace, _command: list[str]) -> int:
    return hosts.set_cable(_chosen(options).host(options.number), "up")


def _inventory(options: argparse.Namespace, _command: list[str]) -> int:
    told = access.variables if options.vars else access.inventory
    sys.stdout.write(told(_chosen(options)))
    return 0


def _list(_options: argparse.Namespace, _command: list[str]) -> int:
    _need_root()
    for run in living():
        if run.settings.rootless:
            print(f"{run.hosts[0].name}\trootless: this is inside of it")
            continue
        for host in run.hosts:
            print(f"{host.name}\t{host.address}\tpid={host.pid or 'off'}\trun={run.directory.name}\towner={run.owner}")
    return 0


def _kernel(options: argparse.Namespace, _command: list[str]) -> int:
    print(kernels.ready(options.kernel).directory)
    return 0


def _tool() -> str:
    return str(pathlib.Path(__file__).resolve().parent.parent / "lab")
