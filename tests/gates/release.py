# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fold changelogs/fragments into the changelog of the version in galaxy.yml: ``make release``.

This can be repeated until the version is published, which is when git has a tag of that name.

The first release has no release before it, so nothing in it is a change. Of its fragments, what the collection can do
(major and minor changes) becomes a line of the summary; what was mended or removed before anybody had it is left out.
"""

from __future__ import annotations

import datetime
import pathlib
import re
import subprocess
import sys
import typing as t

import yaml

CHANGELOG = "changelogs/changelog.yaml"
Texts = dict[str, t.Any]
FOLDED = ("major_changes", "minor_changes")
# Words by which a line speaks of an earlier release.
OF_EARLIER = re.compile(r"no longer|any more|\bbefore[,.]|as before|used to", re.IGNORECASE)
# What a first release can have beside its summary: it tells of now, and not of a change.
KEPT = ("known_issues", "trivial")


def main() -> int:
    """What the command does, in the folder of a checkout; the exit status."""
    root = pathlib.Path.cwd()
    version = str(_read(root / "galaxy.yml")["version"])
    if version in _run(root, "git", "tag", "--list", version).split():
        print(f"{version} is published: git has a tag of that name. Raise the version in galaxy.yml first.")
        return 1
    releases = _read(root / CHANGELOG).get("releases") or {}
    if not set(releases) - {version}:
        for line in fold_into_first(root, version):
            print(line)
    date = datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()
    command = ("antsibull-changelog", "release", "--update-existing", "--reload-plugins", "--refresh-plugins")
    print(_run(root, *command, "--date", date), end="")
    list_playbooks(root, version)
    _run(root, "antsibull-changelog", "generate")
    _run(root, "antsibull-changelog", "lint")
    print(f"CHANGELOG.md has {version}. Look at it, commit it, and tag the commit {version} when it is published.")
    return 0


def fold_into_first(root: pathlib.Path, version: str) -> t.Iterator[str]:
    """Put one fragment in the place of all fragments: a summary, and what stands beside it. Say what is left out."""
    folder, changelog = root / "changelogs/fragments", _read(root / CHANGELOG)
    released = (changelog.get("releases") or {}).get(version, {}).get("changes", {})
    told = {path: _read(path) for path in sorted(folder.glob("*.yml"))}
    summaries = [texts["release_summary"] for texts in told.values() if "release_summary" in texts]
    summary = [(summaries or [released.get("release_summary", "The first release.")])[-1].rstrip()]
    folded: Texts = {}
    for path, texts in told.items():
        for section, lines in texts.items():
            if section in FOLDED:
                summary += [f"* {' '.join(line.split())}" for line in lines]
                for line in lines:
                    if word := OF_EARLIER.search(line):
                        yield f"{path.name}: '{word[0]}' speaks of an earlier release; there is none: {line.strip()}"
            elif section in KEPT:
                folded.setdefault(section, []).extend(lines)
            elif section != "release_summary":
                yield f"{path.name}: left out {len(lines)} of {section}, because there is no release before this one"
        path.unlink()
    if told:
        # The fragment brings it back, longer: antsibull-changelog accepts no second summary.
        if released.pop("release_summary", None):
            _write(root / CHANGELOG, changelog)
        folded["release_summary"] = "\n".join(summary) + "\n"
        _write(folder / f"{version}.yml", folded)


def list_playbooks(root: pathlib.Path, version: str) -> None:
    """List the playbooks that no release names yet: antsibull-changelog learns of all else from ansible-doc."""
    changelog = _read(root / CHANGELOG)
    objects = [release.setdefault("objects", {}) for release in changelog["releases"].values()]
    known = {entry["name"] for one in objects for entry in one.get("playbook", [])}
    new = [
        {"name": playbook.stem, "description": purpose(playbook), "namespace": None}
        for playbook in sorted((root / "playbooks").glob("*.yml"))
        if playbook.stem not in known
    ]
    if new:
        listed = changelog["releases"][version]["objects"].setdefault("playbook", [])
        listed += new
        listed.sort(key=lambda entry: str(entry["name"]))
    for release in changelog["releases"].values():
        if not release["objects"]:
            del release["objects"]
        if "fragments" in release:
            release["fragments"] = sorted(set(release["fragments"]))
    _write(root / CHANGELOG, changelog)


def purpose(playbook: pathlib.Path) -> str:
    """The first sentence of the comment below the header, as far as the colon."""
    below = playbook.read_text().splitlines()[3:]
    comment = [line.removeprefix("# ") for line in below if line.startswith("# ")]
    if not comment:
        raise SystemExit(f"{playbook.name} does not say in a comment below its header what it is for.")
    return re.split(r"[.:](?: |$)", " ".join(comment))[0]


def _read(path: pathlib.Path) -> Texts:
    return yaml.safe_load(path.read_text()) or {}


def _write(path: pathlib.Path, content: Texts) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, default_flow_style=False))


def _run(root: pathlib.Path, *command: str) -> str:
    done = subprocess.run(command, cwd=root, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
