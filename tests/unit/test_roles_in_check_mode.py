# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles in check mode, whoever said so: --check, or a play of a user. Role ovn_network tells that a northbound database
does not answer, if a run would bring it; role verify proves nothing.
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import yaml

COMING = {"ovn_central_result": {"changed": True}}
NOBODY = {"ovn_network_nb": "unix:/run/nobody.sock"}
BY_TLS = {"ovn_network_nb": "ssl:127.0.0.1:1"}
MISTYPED = {"ovn_network_nb_certificate": "/etc/netloom/ovn/central/crt.pem"}
YET_TO_COME = "write the northbound database, which cannot be compared before its server runs"
# What is given to a host, and what becomes of it: the steps of a plan, or the reason of the failure.
HOSTS: dict[str, tuple[dict[str, object], str]] = {
    "stopped": ({**COMING, **NOBODY}, YET_TO_COME),
    "stopped for good": (NOBODY, "unreachable"),
    "without the certificate of the role": ({**COMING, **BY_TLS}, YET_TO_COME),
    "with a mistyped certificate": ({**COMING, **BY_TLS, **MISTYPED}, "certificate"),
}


@pytest.fixture(scope="module", name="told", params=["--check", "check_mode of the play"])
def fixture_told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What one run in check mode tells of all hosts. Each is the only central host of its own."""
    said = request.param == "--check"
    folder = tmp_path_factory.mktemp("role")
    names = {host.replace(" ", "_"): given for host, (given, _told) in HOSTS.items()}
    groups = {
        f"of_{name}": {"hosts": {name: {**given, "ovn_central_group": f"of_{name}"}}} for name, given in names.items()
    }
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "ovn_network_networks": [],
        "verify_probes": [{"to": "127.0.0.1"}],
    }
    role = {"name": "netloom.linux.ovn_network"}
    play = {
        "hosts": "all",
        "gather_facts": False,
        **({} if said else {"check_mode": True}),
        "tasks": [
            {
                "block": [{"ansible.builtin.include_role": role}],
                "rescue": [{"ansible.builtin.set_fact": {"failed": "{{ ansible_failed_result.reason }}"}}],
            },
            {
                "ansible.builtin.debug": {
                    "msg": "{{ inventory_hostname }}: {{ failed | default(ovn_network_result_northbound.steps[0]) }}."
                }
            },
        ],
    }
    play["tasks"].append({"ansible.builtin.include_role": {"name": "netloom.linux.verify"}})
    (folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    (folder / "hosts.yml").write_text(
        yaml.safe_dump({"all": {"vars": variables, "children": groups}}), encoding="utf-8"
    )
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "hosts.yml", "play.yml", *["--check"] * said]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("host", HOSTS)
def test_only_what_a_run_would_mend_is_yet_to_come(host: str, told: str) -> None:
    found = re.findall(rf'"msg": "{host.replace(" ", "_")}: (.*)\."', told)
    assert found == [HOSTS[host][1]], told


def test_nothing_is_proven(told: str) -> None:
    assert told.count("In check mode no packets are sent, so nothing was verified on") == len(HOSTS), told
