# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is published agrees with itself: versions, changelog, licences; and the changelog can be made again."""

from __future__ import annotations

import fnmatch
import os
import pathlib
import re
import subprocess
import sys
import typing as t

import pytest
import tomllib
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text())
RELEASES: dict[str, t.Any] = yaml.safe_load((ROOT / "changelogs/changelog.yaml").read_text())["releases"]
WAITING = sorted((ROOT / "changelogs/fragments").glob("*.yml"))
# SemVer: https://semver.org. A release that is none, such as 1.1.0-dev, may stand in galaxy.yml between two releases.
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
HEADER = (
    "Copyright (c) 2026, The netloom authors",
    "GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "SPDX-License-" + "Identifier: GPL-3.0-or-later",
)


def number(version: str) -> tuple[int, ...]:
    """A version, to be compared."""
    return tuple(int(part) for part in version.partition("-")[0].split("."))


def tracked() -> list[str]:
    """The files that git knows, or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    listed = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_the_version_is_the_newest_of_the_changelog() -> None:
    newest = max(RELEASES, key=number)
    assert all(SEMVER.fullmatch(version) for version in RELEASES)
    assert GALAXY["version"] == newest or (WAITING and number(GALAXY["version"]) > number(newest))
    assert f'<a id="v{newest.replace(".", "-")}"></a>' in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    "path",
    [*sorted((ROOT / "plugins").rglob("*.py")), *sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_what_there_is_was_added_in_a_release(path: pathlib.Path) -> None:
    """Not in one that never was, and not later than in the one that is coming."""
    text = path.read_text()
    added = re.findall(r"^ *version_added: *[\"']?([^\s\"']+)", text, re.MULTILINE)
    assert set(added) <= {*RELEASES, GALAXY["version"]}
    is_public = path.suffix == ".yml" or (path.parent.parent.name == "plugins" and "DOCUMENTATION = " in text)
    assert added or not is_public or path.parent.name in ("action", "doc_fragments")


def test_the_changelog_lists_all_that_can_be_called() -> None:
    """Once each. What was added since the last `make release` may be missing, as long as a fragment waits."""
    listed: list[tuple[str, str]] = []
    for release in RELEASES.values():
        groups = {"module": release.get("modules", []), **release.get("plugins", {}), **release.get("objects", {})}
        listed += [(kind, entry["name"]) for kind, entries in groups.items() for entry in entries]
    assert len(listed) == len(set(listed))
    there = {("module", path.stem) for path in (ROOT / "plugins/modules").glob("*.py")}
    there |= {(kind, path.stem) for kind in ("become", "filter", "inventory") for path in plugins(kind)}
    there |= {("playbook", path.stem) for path in (ROOT / "playbooks").glob("*.yml")}
    there |= {("role", path.parents[1].name) for path in (ROOT / "roles").glob("*/meta/argument_specs.yml")}
    assert set(listed) <= there
    assert WAITING or set(listed) == there


def plugins(kind: str) -> t.Iterator[pathlib.Path]:
    """Those of a kind that are documented."""
    yield from (path for path in (ROOT / "plugins" / kind).glob("*.py") if not path.name.startswith("_"))


def test_a_first_release_mends_nothing() -> None:
    first = RELEASES[min(RELEASES, key=number)]["changes"]
    assert set(first) <= {"release_summary", "known_issues", "trivial"}


def test_all_headers_are_alike() -> None:
    """`reuse lint` looks whether there is a licence; here it is one style, and nothing else says whose a file is."""
    annotated = tomllib.loads((ROOT / "REUSE.toml").read_text())["annotations"]
    without = [pattern for entry in annotated for pattern in entry["path"]]
    different = []
    for name in tracked():
        if name.startswith("LICENSE") or any(fnmatch.fnmatch(name, pattern) for pattern in without):
            continue
        text = (ROOT / name).read_text()
        if text and not all(line in text[:600] for line in HEADER):
            different.append(name)
    assert not different


# The forge's workflows

WORKFLOWS = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / ".github/workflows").glob("*.yml")}


def commands(job: dict[str, t.Any]) -> str:
    """What a job runs."""
    return "\n".join(step["run"] for step in job["steps"] if "run" in step)


def test_the_forge_runs_each_layer() -> None:
    listed = subprocess.run(
        [sys.executable, "tests/gates", "--help"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    layers = listed.stdout.partition("Layers of make test:")[2].split()
    job = WORKFLOWS["tests"]["jobs"]["layer"]
    assert sorted(job["strategy"]["matrix"]["layer"]) == sorted(layers)
    assert "tests/run ${{ matrix.layer }}" in commands(job)
    published = re.findall(r"tests/run (.+)", commands(WORKFLOWS["release"]["jobs"]["publish"]))
    assert set(published[0].split()) <= set(layers)


def test_the_forge_runs_each_ansible_core_every_day() -> None:
    """From the oldest that is supported to the newest that is tested here, and the one that is being developed."""
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())
    oldest = int(re.fullmatch(r">=2\.(\d+)\.0", runtime["requires_ansible"])[1])  # type: ignore[index]
    locked = re.findall(r"^ansible-core==2\.(\d+)\.", (ROOT / "requirements/test.txt").read_text(), re.MULTILINE)
    newest = max(int(minor) for minor in locked)
    job = WORKFLOWS["tests"]["jobs"]["ansible-core"]
    branches = {entry["ansible"] for entry in job["strategy"]["matrix"]["include"]}
    assert branches == {"devel", *(f"stable-2.{minor}" for minor in range(oldest, newest + 1))}
    assert {"schedule", "pull_request", "push"} <= set(WORKFLOWS["tests"]["on"])
    assert ".ci/ansible-core " in commands(job)


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_a_workflow_may_read_only(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_what_a_workflow_runs_is_there(name: str) -> None:
    for job in WORKFLOWS[name]["jobs"].values():
        for command in re.findall(r"(?:^|sudo )((?:tests|\.ci)/\S+)", commands(job), re.MULTILINE):
            assert os.access(ROOT / command, os.X_OK), command


# `make release`

CONFIGURATION = (ROOT / "changelogs/config.yaml").read_text()
GALAXY_FILE = "namespace: some\nname: thing\nversion: {}\nreadme: README.md\nauthors: [somebody]\n"
PLAYBOOK = (
    f"# x\n# x\n# {HEADER[2]}\n---\n# Shows what there is: all of it.\n#   ansible-playbook shows\n- hosts: all\n"
)


@pytest.fixture(name="checkout")
def _checkout(tmp_path: pathlib.Path) -> pathlib.Path:
    root = tmp_path / "ansible_collections/some/thing"
    for name, text in {
        "galaxy.yml": GALAXY_FILE.format("1.0.0"),
        "changelogs/config.yaml": CONFIGURATION,
        "changelogs/changelog.yaml": "ancestor:\nreleases: {}\n",
        "playbooks/shows.yml": PLAYBOOK,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "changelogs/fragments").mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    return root


def fragment(root: pathlib.Path, name: str, **sections: object) -> None:
    """Write one."""
    (root / "changelogs/fragments" / f"{name}.yml").write_text(yaml.safe_dump(sections))


def has_first_release(root: pathlib.Path) -> None:
    """Give it a changelog with 1.0.0."""
    first = {"changes": {"release_summary": "The first."}, "release_date": "2026-11-28"}
    path = root / "changelogs/changelog.yaml"
    path.write_text(yaml.safe_dump({"ancestor": None, "releases": {"1.0.0": first}}))


def release(root: pathlib.Path) -> subprocess.CompletedProcess[str]:
    """Run what `make release` runs."""
    path = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "ANSIBLE_COLLECTIONS_PATH": str(root.parents[2])}
    command = [sys.executable, str(ROOT / "tests/gates/release.py")]
    return subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True, text=True)


def changes(root: pathlib.Path, version: str) -> dict[str, t.Any]:
    """What the changelog says of a release."""
    told: dict[str, t.Any] = yaml.safe_load((root / "changelogs/changelog.yaml").read_text())["releases"][version]
    return told


def test_a_first_release_is_cut_again_with_what_came_later(checkout: pathlib.Path) -> None:
    fragment(checkout, "1.0.0", release_summary="The first.\n\n* One.\n")
    assert release(checkout).returncode == 0
    fragment(checkout, "drift", major_changes=["drift - new playbook that\n  looks."], bugfixes=["was wrong"])
    done = release(checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "drift.yml: left out 1 of bugfixes" in done.stdout
    assert "speaks of an earlier release" not in done.stdout
    told = changes(checkout, "1.0.0")
    assert told["fragments"] == ["1.0.0.yml"]
    assert told["changes"] == {"release_summary": "The first.\n\n* One.\n* drift - new playbook that looks.\n"}
    assert told["objects"]["playbook"] == [{"description": "Shows what there is", "name": "shows", "namespace": None}]
    page = (checkout / "CHANGELOG.md").read_text()
    assert "drift \\- new playbook that looks" in page
    assert "was wrong" not in page
    assert "shows" in page
    assert not list((checkout / "changelogs/fragments").iterdir())
    assert release(checkout).returncode == 0
    assert changes(checkout, "1.0.0") == told
    assert (checkout / "CHANGELOG.md").read_text() == page


def test_a_first_release_warns_of_words_that_speak_of_an_earlier_one(checkout: pathlib.Path) -> None:
    """Here without the rest of the release, of which ansible-doc takes seconds; the test above has all of it."""
    fragment(checkout, "words", minor_changes=["drift - no longer prints everything."])
    folds = "import pathlib, release; print(*release.fold_into_first(pathlib.Path.cwd(), '1.0.0'))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests/gates")}
    command = [sys.executable, "-c", folds]
    done = subprocess.run(command, cwd=checkout, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    assert "words.yml: 'no longer' speaks of an earlier release" in done.stdout


def test_a_later_release_says_what_it_mends(checkout: pathlib.Path) -> None:
    has_first_release(checkout)
    (checkout / "galaxy.yml").write_text(GALAXY_FILE.format("1.0.1"))
    fragment(checkout, "mended", bugfixes=["was wrong"])
    assert release(checkout).returncode == 0
    assert changes(checkout, "1.0.1")["changes"] == {"bugfixes": ["was wrong"]}
    assert changes(checkout, "1.0.0")["changes"] == {"release_summary": "The first."}
    fragment(checkout, "more", bugfixes=["wrong, too"])
    assert release(checkout).returncode == 0
    assert changes(checkout, "1.0.1")["changes"] == {"bugfixes": ["was wrong", "wrong, too"]}


def test_what_is_published_stays_as_it_is(checkout: pathlib.Path) -> None:
    has_first_release(checkout)
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, "commit", "--quiet", "--allow-empty", "-m", "x"], cwd=checkout, check=True)
    subprocess.run(["git", "tag", "1.0.0"], cwd=checkout, check=True)
    fragment(checkout, "more", minor_changes=["new"])
    before = (checkout / "changelogs/changelog.yaml").read_text()
    done = release(checkout)
    assert (done.returncode, done.stdout) == (
        1,
        "1.0.0 is published: git has a tag of that name. Raise the version in galaxy.yml first.\n",
    )
    assert (checkout / "changelogs/changelog.yaml").read_text() == before
    assert (checkout / "changelogs/fragments/more.yml").exists()
