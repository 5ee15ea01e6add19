# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them: a private data directory, an inventory with the plugin namespaces, extra variables, events."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

import ansible_runner

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs/examples/awx/project"
LAB = os.environ["NETLOOM_LAB"]
INVENTORY = pathlib.Path(os.environ["NETLOOM_LAB_INVENTORY"])
PRIVATE = pathlib.Path(os.environ["NETLOOM_LAB_DIR"]) / "job"
MOST_BYTES = 200_000  # of events for ten hosts without changes
NOBODY = "198.18.78.250"  # an address that no lab host has
Job = tuple[int, dict[str, t.Any], int, str]


def prepare() -> list[str]:
    """Make the private data directory. Return the hosts."""
    shutil.copytree(EXAMPLE, PRIVATE / "project")
    inventory = PRIVATE / "inventory"
    shutil.copytree(EXAMPLE / "inventory", inventory)
    shutil.copy(INVENTORY, inventory / "hosts.yml")
    (inventory / "groups.yml").write_text("bridge_hosts: {children: {lab_hosts: {}}}\n")
    # The second host needs a role more than the first one, and Open vSwitch, which does not run yet.
    tenants = [{"name": "red", "tag": 100, "subnet": "10.50.50.0/24", "members": [{"name": "red1"}]}]
    hosts = list(listed(inventory)["lab_hosts"]["hosts"])
    (inventory / "host_vars").mkdir()
    (inventory / f"host_vars/{hosts[1]}.json").write_text(json.dumps({"ovs_vlan_dhcp_tenants": tenants}))
    assert f"{hosts[1]}.red1" in listed(inventory)["namespaces"]["hosts"]
    return hosts


def listed(inventory: pathlib.Path) -> dict[str, t.Any]:
    """The groups of an inventory."""
    command = ["ansible-inventory", "-i", str(inventory), "--list"]
    found: dict[str, t.Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)
    return found


def job(playbook: str, ident: str, cmdline: str = "", **extravars: t.Any) -> Job:
    """Run a job. Return its status, its artifacts, the size of its events, and what it printed."""
    shutil.rmtree(PRIVATE / "env", ignore_errors=True)  # ansible-runner leaves the last job's options there
    done = ansible_runner.run(
        private_data_dir=str(PRIVATE), playbook=f"{playbook}.yml", ident=ident, cmdline=cmdline or None,
        extravars=extravars, quiet=True,
    )  # fmt: skip
    files = list((PRIVATE / "artifacts" / ident / "job_events").glob("*.json"))
    ends = [event for event in done.events if event["event"] == "playbook_on_stats"]
    artifacts = ends[-1]["event_data"].get("artifact_data", {}) if ends else {}
    size = sum(file.stat().st_size for file in files)
    printed = "".join(event["stdout"] + "\n" for event in done.events)
    print(f"{ident}: {done.status}, rc {done.rc}, {size} bytes of events in {len(files)} files")
    print(f"  artifacts: {json.dumps(artifacts)[:1500]}")
    if not ends:
        print(printed)
    return done.rc, artifacts, size, printed


def on_host(number: int, command: str) -> None:
    """Do something on a lab host, behind the back of the collection."""
    subprocess.run([LAB, "exec", str(number), "--", "bash", "-c", command], check=True)


def builds_and_tells(hosts: list[str]) -> None:
    """Site, once and once more: what changed, and how little is told if nothing did."""
    status, artifacts, _size, _printed = job("site", "site", netloom_become=True)
    assert (status, sorted(artifacts["netloom_site"]["changed"])) == (0, sorted(hosts))
    status, artifacts, _size, printed = job("site", "again")
    assert (status, sorted(artifacts["netloom_site"]["ok"])) == (0, sorted(hosts))
    # The first and the last host are alike.
    alone, both = (job("site", limit, f"--limit {limit}")[2] for limit in (hosts[0], f"{hosts[0]},{hosts[-1]}"))
    ten = alone + 9 * (both - alone)
    print(f"ten hosts without changes would have {ten:.0f} bytes of events")
    assert ten < MOST_BYTES
    assert f"site: {len(hosts)} hosts, {len(hosts)} ok" in printed
    status, artifacts, _size, printed = job("verify", "unverified", "--check")
    told = artifacts["netloom_verify"]
    assert (status, sorted(told["unverified"]), told["ok"]) == (0, sorted(hosts), [])
    assert f"verify: {len(hosts)} hosts, {len(hosts)} not verified; check mode" in printed
    status, artifacts, _size, _printed = job("verify", "verify")
    told = artifacts["netloom_verify"]
    assert (status, set(told["held"]), told["surprises"]) == (0, set(hosts), {})


def tells_drift(hosts: list[str]) -> None:
    """Drift is red, or green with the artifact; a job in check mode is green in any case. Nothing is mended."""
    on_host(2, "ip netns delete web2")
    status, artifacts, _size, _printed = job("site", "check", "--check")
    assert (status, artifacts["netloom_site"]["changed"]) == (0, [hosts[1]])
    reports = {kind: PRIVATE / f"drift.{kind}" for kind in ("json", "md")}
    paths = {"netloom_drift_json": str(reports["json"]), "netloom_drift_markdown": str(reports["md"])}
    for ident, fails, expected in (("drift", "yes", 2), ("green", "no", 0)):
        status, artifacts, _size, _printed = job("drift", ident, netloom_drift_fail=fails, **paths)
        told = artifacts["netloom_drift"]
        assert (status, told["drifted"], sorted(told["ok"])) == (expected, [hosts[1]], sorted({*hosts} - {hosts[1]}))
        assert any(row["host"] == hosts[1] for row in told["drift"])
        assert json.loads(reports["json"].read_text()) == told
        assert f"| {hosts[1]} |" in reports["md"].read_text()
    print(reports["md"].read_text())
    status, artifacts, _size, _printed = job("site", "mend")
    assert (status, artifacts["netloom_site"]["changed"]) == (0, [hosts[1]])
    status, artifacts, _size, _printed = job("drift", "mended", **paths)
    assert (status, artifacts["netloom_drift"]["drift"]) == (0, [])


def names_who_is_lost(hosts: list[str]) -> None:
    """One host refuses, and one does not answer: the others are done, and the summary names both."""
    extra = PRIVATE / "inventory/lost.yml"
    extra.write_text(f"bridge_hosts: {{hosts: {{lost: {{ansible_host: {NOBODY}, ansible_timeout: 3}}}}}}\n")
    on_host(2, "ip link delete br-web; ip tuntap add br-web mode tap")
    on_host(3, "ip link delete br-web")
    status, artifacts, _size, printed = job("site", "lost")
    told = artifacts["netloom_site"]
    assert (status, list(told["failed"]), list(told["unreachable"])) == (4, [hosts[1]], ["lost"])
    assert "'br-web' is a tun" in told["failed"][hosts[1]]
    assert (told["ok"], told["changed"]) == ([hosts[0]], [hosts[2]])
    end = printed.partition("Tell what became of the fleet")[2]
    assert "1 failed, 1 unreachable" in end and "'br-web' is a tun" in end
    print(end.partition("TASK")[0])
    status, artifacts, _size, _printed = job("site", "nobody", "--limit lost")
    assert (status, list(artifacts["netloom_site"]["unreachable"])) == (4, ["lost"])
    extra.unlink()
    on_host(2, "ip link delete br-web")


def refuses_once(hosts: list[str]) -> None:
    """Bad input is one sentence for the fleet, before a host is touched."""
    status, _artifacts, _size, printed = job("site", "refused", survey_networks="[{name: web}]")
    assert status == 2
    assert printed.count("FAILED!") == 1 and "bridge_network_networks[0]" in printed
    assert "Weave the declared networks" not in printed.partition("FAILED!")[2]
    assert len(hosts) > 1


def takes_a_survey(hosts: list[str]) -> None:
    """The string of a textarea is what the inventory would say, and all of it goes."""
    text = "- name: other\n  subnet: 172.30.0.0/24\n  members: [{name: other1}]\n"
    for playbook in ("site", "teardown"):
        status, artifacts, _size, _printed = job(playbook, f"survey-{playbook}", survey_networks=text)
        assert (status, sorted(artifacts[f"netloom_{playbook}"]["changed"])) == (0, sorted(hosts))
    on_host(1, "! ls /run/netns | grep .")


def with_navigator() -> None:
    """The same project by ansible-navigator, without an execution environment."""
    command = ["ansible-navigator", "run", "site.yml", "--ee", "false", "--mode", "stdout", "--pae", "false"]
    command += ["--inventory", str(PRIVATE / "inventory"), "--check"]
    told = subprocess.run(command, cwd=PRIVATE / "project", stdout=subprocess.PIPE, check=True, text=True)
    assert "check mode: nothing was touched" in told.stdout, told.stdout
    print("navigator: successful")


def main() -> int:
    """All jobs, in an order in which each finds what it needs."""
    hosts = prepare()
    builds_and_tells(hosts)
    tells_drift(hosts)
    names_who_is_lost(hosts)
    refuses_once(hosts)
    takes_a_survey(hosts)
    with_navigator()
    print("awx: all jobs are as they should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
