# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers of tests: what each is for and which checks it has."""

from __future__ import annotations

import dataclasses
import pathlib
import platform
import typing as t
from functools import partial

import package
import with_ansible_test
from check import ROOT, Check

LINKS = {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/links")}
PYTHONPATH = {"PYTHONPATH": str(ROOT / ".build/links")}
# With --remember a task takes a host two thirds of the time; with these callbacks a start of Ansible takes the control
# node a second or two less, and a second of waiting a thirtieth less. The layer package does without, as anybody does.
PACKED = f"ANSIBLE_CALLBACK_PLUGINS={ROOT / 'tests/gates/callback_plugins'}"
PLAIN_LAB = ["tests/lab/lab", "run", "1", "--"]


def lab(count: int, *options: str) -> list[str]:
    """The beginning of a command that is run with so many lab hosts."""
    return ["env", PACKED, "tests/lab/lab", "run", str(count), "--remember", *options, "--"]


LAB = lab(1)
TARGETS = ROOT / "tests/integration/targets"
SCENARIOS = ROOT / "extensions/molecule"
# What a slow check holds up starts first.
SLOW_TARGETS = ("topology", "dnsmasq_in_ns", "netns_dhcp_client", "ovs_port")
# Small targets that depend on this one share a lab host, and one start of ansible-playbook.
SHARED = "setup_ovn_northbound"
# A target with many parts, each on a lab host of its own.
PARTS = {"scenarios": sorted(path.stem for path in (TARGETS / "scenarios/scenarios").glob("*.yml"))}

# What the forge reads: schema, and files below .github.
FORGE = {
    "github-workflows": "workflows/*.yml",
    "github-issue-forms": "ISSUE_TEMPLATE/[!c]*.yml",
    "github-issue-config": "ISSUE_TEMPLATE/config.yml",
    "dependabot": "dependabot.yml",
}

Stage = t.Callable[[], t.Iterable[Check]]


@dataclasses.dataclass(frozen=True)
class Layer:
    """Checks that say something together.

    stages: each is begun when all of the one before it is good. root: needs lab hosts with systemd.
    """

    purpose: str
    stages: tuple[Stage, ...]
    root: bool = False


def _lint() -> t.Iterator[Check]:
    yield Check("ansible-lint", ["ansible-lint", "--offline", "--profile", "production", "--strict"], LINKS)
    yield Check("mypy", ["mypy", "-p", "ansible_collections.netloom.linux.plugins", "-p", "labhost"])
    yield Check("mypy tests/gates", ["mypy", "tests/gates"], {"MYPYPATH": "tests/gates"})
    yield Check("mypy tests/bench", ["mypy", "-p", "netloom_bench"], {"MYPYPATH": "tests/bench"})
    yield Check("mypy tests/failing_hosts", ["mypy", "tests/failing_hosts"], {"MYPYPATH": "tests/failing_hosts"})
    yield Check("mypy tests/docs", ["mypy", "-p", "docrun"], {"MYPYPATH": "tests/docs"})
    yield Check("mypy tests/awx", ["mypy", "tests/awx"], {"MYPYPATH": "tests/awx"})
    yield Check("mypy tests/schema", ["mypy", "-p", "ansible_collections.netloom.linux.tests.schema"])
    yield Check("mypy tests/pictures", ["mypy", "-p", "ansible_collections.netloom.linux.tests.pictures"])
    yield Check("mypy docs/site", ["mypy", "docs/site"], {"MYPYPATH": "docs/site"})
    yield Check("ruff check", ["ruff", "check", "."])
    yield Check("ruff format", ["ruff", "format", "--check", "."])
    yield Check("yamllint", ["yamllint", "--strict", "."])
    yield Check(
        "documentation",
        ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs", "self", "."],
        LINKS,
    )
    yield Check("changelog", ["antsibull-changelog", "lint"], LINKS)
    yield Check("licences", ["reuse", "lint"])
    for schema, pattern in FORGE.items():
        paths = sorted(str(path.relative_to(ROOT)) for path in (ROOT / ".github").glob(pattern))
        yield Check(f".github/{pattern}", ["check-jsonschema", "--builtin-schema", f"vendor.{schema}", *paths])


def _pytest() -> t.Iterator[Check]:
    yield Check("pytest", ["pytest", "-n", "2", "tests/unit"], PYTHONPATH, with_ansible_test.pytest_tally)


def _contract() -> t.Iterator[Check]:
    yield Check("the real host", [*LAB, "tests/contract/run"], {}, with_ansible_test.pytest_tally)


def _targets() -> list[tuple[str, str]]:
    """(targets with commas between, part) of all targets, those that take long first."""
    names = {
        path.name
        for path in TARGETS.iterdir()
        if (path / "tasks/main.yml").exists() and not path.name.startswith("setup_")
    }
    sharing = {path.parts[-3] for path in TARGETS.glob("*/meta/main.yml") if SHARED in path.read_text()}
    alone = sorted(names - sharing, key=lambda name: (name not in PARTS, name not in SLOW_TARGETS, name))
    return [(",".join(sorted(sharing)), ""), *((name, part) for name in alone for part in PARTS.get(name, [""]))]


# With the newest libraries the contract tests perform every op. Here they come as a managed node has them, and all
# together.
AT_THE_NEWEST = {("scenarios", "s12")}


def _integration(libraries: str) -> t.Iterator[Check]:
    for name, part in _targets():
        if libraries == "newest" and (name, part) not in AT_THE_NEWEST:
            continue
        yield Check(
            f"{name} {part}".rstrip(),
            [*LAB, "tests/integration/run", libraries, name, *([part] if part else [])],
            LINKS,
        )


def _environment(name: str) -> t.Iterator[Check]:
    yield Check(f"environment of {name}", ["tests/setup", "--env", name])


def main_job(name: str, environment: str, collections: pathlib.Path, host: t.Sequence[str] = ()) -> Check:
    """The play for both topologies: with this environment's Ansible, and the collection below this path."""
    return Check(name, [*(host or LAB), "tests/integration/main_job", environment, str(collections)])


def _oldest_ansible() -> t.Iterator[Check]:
    yield main_job("the main job on ansible-core 2.18", ".venv-ansible-2.18", ROOT / ".build/links")


def _molecule() -> t.Iterator[Check]:
    for path in sorted(SCENARIOS.glob("*/molecule.yml")):
        yield Check(path.parent.name, [*LAB, "tests/molecule", path.parent.name])


LONGEST_PAGE = "docs/from-commands.md"
# It takes hosts with a kernel of their own, and is run with the installed package.
MOLECULE_PAGE = "docs/guide-test-your-own-topology.md"
# It takes the environment that the layer awx makes.
AWX_PAGE = "docs/awx.md"
FLEET_PAGE = "docs/guide-many-hosts.md"
LAB_OF_FOUR = lab(4, "--name", "node")
ELSEWHERE = (LONGEST_PAGE, MOLECULE_PAGE, AWX_PAGE, FLEET_PAGE)


def _examples() -> t.Iterator[Check]:
    yield Check(LONGEST_PAGE, [*LAB, "tests/docs/run", LONGEST_PAGE])
    yield Check("the other pages", [*LAB, "tests/docs/run", "--all-but", *ELSEWHERE, "modules"])
    yield Check("the modules' EXAMPLES", [*LAB, "tests/docs/run", "modules"])


# A host with a kernel of its own (tests/lab/README.md), on which Open vSwitch has the kernel's datapath; and what
# depends on that, on kinds of links, on AppArmor or on a boot. The soak test "kernel" runs all there is.
# What takes longest comes first.
KERNEL = "7.2"
GUEST = lab(1, "--kernel", KERNEL)
ON_A_GUEST = (
    ("topology", ""), ("ovs_port", ""), ("netns_interface", ""), ("scenarios", "s12"), ("ovs_bridge", ""),
    ("persist", ""), ("apparmor", ""),
)  # fmt: skip
# Targets leave out the parts that are the same on the machine's kernel.
ONLY_KERNEL = ("--extra-vars", '{"only_kernel": true}')
CONTRACT_ON_A_GUEST = "host_contract or (test_fault and (ovs or openvswitch))"


def _built() -> t.Iterator[Check]:
    yield Check(f"Linux {KERNEL}, built if it is not there", ["tests/lab/lab", "kernel", KERNEL])


def _kernel() -> t.Iterator[Check]:
    yield Check(
        f"the real host, Linux {KERNEL}",
        [*GUEST, "tests/contract/run", "-k", CONTRACT_ON_A_GUEST],
        {},
        with_ansible_test.pytest_tally,
    )
    yield main_job("the main job", ".venv", ROOT / ".build/links", GUEST)
    for name, part in ON_A_GUEST:
        yield Check(
            f"{name} {part}".rstrip(),
            [*GUEST, "tests/integration/run", "distribution", name, *([part] if part else []), *ONLY_KERNEL],
            LINKS,
        )


# Beside the one that the machine itself is; the soak test "distributions" has more of them, and more to run there.
DISTRIBUTIONS = ("debian-12", "debian-13", "debian-testing")


def _other_distributions() -> list[str]:
    told = platform.freedesktop_os_release()
    return [name for name in DISTRIBUTIONS if name != f"{told.get('ID')}-{told.get('VERSION_ID')}"]


def _on(distribution: str, *command: str) -> list[str]:
    return [*lab(1, "--distribution", distribution), *command]


def _roots() -> t.Iterator[Check]:
    for name in _other_distributions():
        yield Check(f"the root of {name}", _on(name, "true"))


def _distributions() -> t.Iterator[Check]:
    for name in _other_distributions():
        yield Check(f"the main job on {name}", _on(name, "tests/integration/distribution"))


def _jobs() -> t.Iterator[Check]:
    yield Check("jobs as AWX runs them", [*lab(3), "tests/awx/run"])
    yield Check(AWX_PAGE, [*LAB, "tests/docs/run", AWX_PAGE])
    yield Check("AWX set up, on a stand-in of its API", ["python", "tests/awx/controller.py"])


def _fleet() -> t.Iterator[Check]:
    yield Check("the guide to many hosts", [*LAB_OF_FOUR, "tests/docs/run", FLEET_PAGE])
    yield Check("proofs across hosts", [*lab(3), "tests/fleet/run"])
    yield Check("tenants joined by tunnels", [*lab(3), "tests/tunnels/run"])
    yield Check("VXLAN networks", [*lab(3), "tests/tunnels/run", "networks"])


def _ovn() -> t.Iterator[Check]:
    # What becomes of a cluster of central hosts, the soak test "ovn_central" shows.
    yield Check("networks of OVN", [*lab(4), "tests/ovn/run", "networks"])


def _from_the_package() -> t.Iterator[Check]:
    package.strip()
    yield main_job("the main job, with only what a collection may use", ".venv", package.STRIPPED, PLAIN_LAB)
    yield Check("README.md, installed in an empty home", [*package.lab(), "tests/gates/fresh", package.tarball()])
    yield Check("the execution environment", [*LAB, "tests/ee/run", package.tarball()])


def _molecule_elsewhere() -> t.Iterator[Check]:
    yield Check(
        "a Molecule scenario of somebody else's, with the installed package",
        [*LAB, "tests/docs/run", MOLECULE_PAGE],
        {"NETLOOM_COLLECTIONS": str(package.INSTALLED)},
    )


def _docs() -> t.Iterator[Check]:
    yield Check("documentation", ["docs/site/build"])
    yield Check("the page of the diagram in a browser", ["tests/browser/run"], {}, with_ansible_test.pytest_tally)


# They get their turns in this order: first what is soon told, then what takes long in one piece, then the many small
# checks, which fill the processors to the end.
LAYERS = {
    "lint": Layer("style, types and documentation", (_lint,)),
    "unit": Layer(
        "the units, with pytest and on the oldest Python there is",
        (_pytest, partial(with_ansible_test.prepare, "unit"), with_ansible_test.units),
    ),
    "sanity": Layer(
        "ansible-test sanity, with nothing ignored",
        (
            partial(with_ansible_test.prepare, "sanity", "sanity-oldest"),
            with_ansible_test.sanity,
            with_ansible_test.sanity_oldest,
        ),
    ),
    "contract": Layer("the fake host of the units behaves like a real one", (_contract,), root=True),
    "package": Layer(
        "built, looked at by Galaxy's importer, installed, run from there",
        (
            partial(_environment, "importer"),
            package.build,
            package.look_into,
            _from_the_package,
            _built,
            _molecule_elsewhere,
        ),
        root=True,
    ),
    "fleet": Layer("networks over several hosts, proven and broken", (_fleet,), root=True),
    "ovn": Layer("networks carried by OVN over several hosts, proven and broken", (_ovn,), root=True),
    "kernel": Layer(
        "what depends on the kernel, on one with Open vSwitch's own datapath and every kind of link",
        (_built, _kernel),
        root=True,
    ),
    "awx": Layer(
        "the playbooks on several hosts, by ansible-runner and ansible-navigator",
        (partial(_environment, "runner"), _jobs),
        root=True,
    ),
    "examples": Layer("what the documentation shows, run", (_examples,), root=True),
    "floors": Layer(
        "the same with the newest libraries; the main job on the oldest Ansible",
        (
            partial(_environment, "managed"),
            partial(_environment, "ansible-2.18"),
            _oldest_ansible,
            partial(_integration, "newest"),
        ),
        root=True,
    ),
    "distributions": Layer(
        "the main job on other distributions, with what role prepare installs there",
        (_roots, _distributions),
        root=True,
    ),
    "molecule": Layer("each role and the playbooks, proven by packets", (_molecule,), root=True),
    "docs": Layer(
        "the site in docs/_build: without a warning, and each link within it leads somewhere; the diagram in a browser",
        (partial(_environment, "docs"), _docs),
    ),
    "integration": Layer(
        "each module on lab hosts, with the distribution's libraries",
        (partial(_integration, "distribution"),),
        root=True,
    ),
}
DEFAULT = list(LAYERS)
