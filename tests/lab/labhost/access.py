# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How people and Ansible reach the hosts of a run: keys, an SSH configuration, an inventory.

No address of the machine is used: SSH's ProxyCommand connects to a unix socket of the host (systemd starts an sshd for
each connection), found through /proc/PID/root of the host's PID 1; or to that of a guest's gate (gate.py).
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping

from labhost.rundir import Host, LabError, Run, write_whole

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SSH_SOCKET = "/run/netloom-lab/ssh.sock"  # inside the host

# What a command finds in its environment, as after a login.
ENVIRONMENT = {
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "LOGNAME": "root",
    "PATH": PATH,
    "SHELL": "/bin/bash",
    "USER": "root",
}

_SSH_CONFIG = """\
Host *
    User root
    IdentityFile {dir}/key
    IdentitiesOnly yes
    UserKnownHostsFile {dir}/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    UpdateHostKeys no
    LogLevel ERROR
    # A host may vanish at any time: notice within seconds, not minutes.
    ServerAliveInterval 2
    ServerAliveCountMax 2
    ProxyCommand sh {dir}/connect %n
"""

# nc.openbsd: plain nc may be another netcat, which knows no unix sockets.
# The pid is looked up at each connection, for it changes when the host reboots. -N: when ssh is gone, hang up.
_CONNECT = """\
#!/bin/sh
case $1 in
{numbers}
esac
host={dir}/h/$number
[ ! -S "$host/ssh.sock" ] || exec nc.openbsd -N -U "$host/ssh.sock"
read -r pid _ <"$host/pid" && exec nc.openbsd -N -U "/proc/$pid/root{socket}"
"""

_INVENTORY = """\
# Lab hosts; made by tests/lab/lab
lab_hosts:
  vars:
{common}
  hosts:
{hosts}
"""


def prepare(run: Run) -> None:
    """Write everything that is needed to reach the hosts."""
    for key in ("key", "hostkey"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "netloom-lab", "-f", str(run.directory / key)]
        subprocess.run(command, check=True)
    # One host key for all: a run's hosts are interchangeable, and a reboot must not change it.
    public = (run.directory / "hostkey.pub").read_text(encoding="ascii").strip()
    names = ",".join([*(host.name for host in run.hosts), *(host.address for host in run.hosts)])
    write_whole(run.directory / "known_hosts", f"{names} {public}\n")
    numbers = "\n".join(f"{host.name}|{host.address}) number={host.number} ;;" for host in run.hosts)
    values = {"dir": run.directory, "socket": SSH_SOCKET, "numbers": numbers}
    write_whole(run.directory / "ssh_config", _SSH_CONFIG.format(**values))
    write_whole(run.directory / "connect", _CONNECT.format(**values))
    write_whole(run.inventory, inventory(run))


def inventory(run: Run) -> str:
    """The Ansible inventory: group lab_hosts."""
    hosts = (f'    "{host.name}":\n' + _as_lines(of_host(host), 6) for host in run.hosts)
    return _INVENTORY.format(common=_as_lines(connection(run), 4), hosts="\n".join(hosts))


def variables(run: Run) -> str:
    """The same variables for all hosts of an inventory of one's own, which have the names or the addresses of these."""
    return f"all:\n  vars:\n{_as_lines(connection(run), 4)}\n"


def connection(run: Run) -> dict[str, str]:
    """The variables by which Ansible reaches each host of a run."""
    return {
        "ansible_user": "root",
        "ansible_ssh_args": f"-F {run.directory}/ssh_config -o ControlMaster=auto -o ControlPersist=60s",
        "ansible_ssh_private_key_file": f"{run.directory}/key",
        "ansible_control_path_dir": f"{run.directory}/cp",
        "ansible_ssh_pipelining": "true",
        "ansible_python_interpreter": "/usr/bin/python3",
    }


def of_host(host: Host) -> dict[str, str | int]:
    """The variables of one host."""
    return {"lab_number": host.number, "lab_address": host.address}


def _as_lines(variables: Mapping[str, str | int], indent: int) -> str:
    return "\n".join(f"{' ' * indent}{name}: {value}" for name, value in variables.items())


def environment(run: Run, tool: str) -> dict[str, str]:
    """What `lab run` tells its command."""
    return {
        "NETLOOM_LAB": tool,
        "NETLOOM_LAB_DIR": str(run.directory),
        "NETLOOM_LAB_INVENTORY": str(run.inventory),
    }


def inside(host: Host, command: list[str]) -> list[str]:
    """The command line that runs a command in a host, as root, as after a login."""
    if host.pid is None:
        raise LabError(f"Lab host {host.name} is off. Start it with: lab reboot {host.number}")
    environment = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
    if not host.kernel:
        return _enter(host.pid, ["env", "-i", *environment, *command])
    # Nobody enters another kernel; one connection serves them all.
    ssh = ["ssh", "-F", str(host.run.directory / "ssh_config"), "-o", "ControlMaster=auto", "-o", "ControlPersist=60"]
    ssh += ["-o", f"ControlPath={host.run.directory}/cp/{host.number}", "-o", "ConnectTimeout=5"]
    return [*ssh, host.name, "--", "exec", shlex.join(["env", "-i", *environment, *command])]


def _enter(pid: int, command: list[str]) -> list[str]:
    """The command line that runs a command in all namespaces of a process."""
    # -r -w: the host's root, and / as the working directory. -C after all: it must not hide the machine's from -m.
    return ["nsenter", "-t", str(pid), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "--", *command]
