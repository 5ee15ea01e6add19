# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set AWX up with docs/examples/awx/controller.yml: by the modules of awx.awx, on a stand-in of AWX's API."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import threading

import collection
import stand_in

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs/examples/awx"
COLLECTIONS = ROOT / ".build/awx"
JOBS = ("site", "verify", "drift", "teardown")
SCM_URL = "https://git.example.com/networks.git"


def played(awx: stand_in.StandIn) -> str:
    """Run the play as docs/awx.md types it. Return what it prints."""
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_NOCOLOR": "1",
        "CONTROLLER_HOST": awx.url,
        "CONTROLLER_OAUTH_TOKEN": "secret",
    }
    command = ["ansible-playbook", "docs/examples/awx/controller.yml", "-e", f"scm_url={SCM_URL}"]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=False, text=True)
    if done.returncode:
        raise SystemExit(done.stdout)
    return done.stdout


def check_objects(awx: stand_in.StandIn) -> None:
    """What AWX has afterwards."""
    project = awx.named("projects")["networks"]
    assert (project["scm_url"], project["scm_type"]) == (SCM_URL, "git")
    source = awx.named("inventory_sources")["networks"]
    assert (source["source_project"], source["source"]) == (project["id"], "scm")
    assert (EXAMPLE / "project" / source["source_path"]).is_dir()
    jobs = awx.named("job_templates")
    assert set(jobs) == {f"netloom {job}" for job in JOBS}
    for job in JOBS:
        one = jobs[f"netloom {job}"]
        assert (EXAMPLE / "project" / one["playbook"]).is_file()
        survey = EXAMPLE / f"surveys/{job}.json"
        expected = json.loads(survey.read_text()) if survey.exists() else {}
        assert awx.parts.get(("job_templates", one["id"], "survey_spec"), {}) == expected
        assert one["survey_enabled"] == survey.exists()
    check_order(awx)


def check_order(awx: stand_in.StandIn) -> None:
    """The workflow and the schedules."""
    nodes = {one["identifier"]: one for one in awx.objects["workflow_job_template_nodes"].values()}
    jobs = awx.named("job_templates")
    for name, following in (("site", ["verify"]), ("verify", ["drift"]), ("drift", [])):
        assert nodes[name]["unified_job_template"] == jobs[f"netloom {name}"]["id"]
        after = awx.parts.get(("workflow_job_template_nodes", nodes[name]["id"], "success_nodes"), [])
        assert after == [nodes[one]["id"] for one in following]
    workflow = awx.named("workflow_job_templates")["netloom networks"]["id"]
    scheduled = {one["unified_job_template"]: one["rrule"] for one in awx.objects["schedules"].values()}
    assert set(scheduled) == {workflow, jobs["netloom drift"]["id"]}
    assert "FREQ=DAILY" in scheduled[workflow]


def main() -> int:
    """Twice, and the second time nothing changes."""
    collection.fetch(COLLECTIONS)
    with stand_in.StandIn() as awx:
        threading.Thread(target=awx.serve_forever, daemon=True).start()
        awx.create("credentials", {"name": "networks"})
        played(awx)
        check_objects(awx)
        again = played(awx)
        check_objects(awx)
        awx.shutdown()
    assert re.search(r"ok=\d+ +changed=0 ", again), again
    print("awx: the controller is set up")
    return 0


if __name__ == "__main__":
    sys.exit(main())
