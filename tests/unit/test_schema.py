# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON schema and the suboptions of topologies: as the documentation is now, and of one mind with the validator."""

from __future__ import annotations

import ast
import functools
import pathlib
import re
import typing as t

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.module_utils._engine import _argspec, _reading
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.plugin_utils import _role_options, _roles
from ansible_collections.netloom.linux.tests.schema import document, documentation, fragments, variables
from ansible_collections.netloom.linux.tests.unit.messages.test_messages import CASES, case_id, defaults

jsonschema = pytest.importorskip("jsonschema")

ROOT = documentation.ROOT
SCHEMA = document.schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
PAGES = ("README.md", "docs/**/*.md", "roles/*/README.md", "tests/*/*.md")
WEB: dict[str, t.Any] = {"name": "web", "subnet": "172.20.0.0/24", "members": [{"name": "web1"}]}
HOST = {"bridge_network_networks": [WEB]}
PAIR = {"name": "a", "peer": {"name": "b"}}


class Loader(yaml.SafeLoader):
    """YAML with tags such as !vault and !unsafe."""


Loader.add_multi_constructor("!", lambda loader, _suffix, node: loader.construct_scalar(node))


def task(module: str, **arguments: t.Any) -> list[dict[str, t.Any]]:
    """A list of one task."""
    return [{"name": "A task", f"netloom.linux.{module}": arguments}]


def wrong(instance: t.Any) -> list[str]:
    """What the schema says of a file."""
    return [
        f"{'/'.join(str(part) for part in error.absolute_path)}: {error.message}"
        for error in VALIDATOR.iter_errors(instance)
    ]


def texts() -> t.Iterator[tuple[str, str]]:
    """All YAML that the repository shows or runs: blocks of pages, EXAMPLES, files."""
    pages = [
        ROOT / "README.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("roles/*/README.md"),
        *ROOT.glob("tests/*/*.md"),
    ]
    for page in pages:
        if page.name != "add-a-kind.md":  # it has a kind of its own
            for number, block in enumerate(re.findall(r"^```ya?ml[^\n]*\n(.*?)^```", page.read_text(), re.M | re.S)):
                yield f"{page.relative_to(ROOT)}, block {number}", block
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES":
                yield str(path.relative_to(ROOT)), ast.literal_eval(node.value)
    for folder in ("docs", "extensions", "playbooks", "roles", "tests"):
        for path in sorted((ROOT / folder).rglob("*.yml")):
            if "output" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text()


@pytest.mark.parametrize("path", [*document.files(), *fragments.files()], ids=lambda path: path.name)
def test_what_is_written_is_as_the_documentation_is(path: pathlib.Path) -> None:
    assert path.read_text() == {**document.files(), **fragments.files()}[path], "Run `make schema`."


@pytest.mark.parametrize("whole", documentation.WHOLES)
def test_a_topology_has_the_suboptions_of_all_its_kinds(whole: str) -> None:
    text = documentation._strings(documentation.MODULES / f"{whole}.py")["DOCUMENTATION"]
    extended = yaml.safe_load(text)["extends_documentation_fragment"]
    assert [name for name in extended if "topology_" in name] == [
        documentation.fragment_name(kind) for kind in documentation.WHOLES[whole]
    ]
    assert set(documentation.module_options(whole)) == set(_reading.SPECS[whole])


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_all_that_the_repository_shows_and_runs_is_accepted() -> None:
    seen, complaints = 0, []
    for name, text in texts():
        for found in yaml.load_all(text, Loader):  # a safe loader
            if found is not None:
                seen += "netloom.linux" in text or "bridge_network_" in text or "ovs_vlan_dhcp_" in text
                complaints += [f"{name}: {one}" for one in wrong(found)]
    assert not complaints
    assert seen > 150


SAME = ("type", "choices", "required", "elements", "aliases", "default")


def alike(option: dict[str, t.Any], spec: dict[str, t.Any], name: str) -> None:
    """An option's documentation and argument spec say the same."""
    for key in SAME:
        fallback = {"type": "str", "required": False}.get(key)
        said, meant = option.get(key, fallback) or None, spec.get(key, fallback) or None
        assert said == meant, f"{name}: {key}"
    assert set(option.get("suboptions", ())) == set(spec.get("options", ())), name
    for inner, suboption in option.get("suboptions", {}).items():
        alike(suboption, spec["options"][inner], f"{name}.{inner}")


@pytest.mark.parametrize("kind", documentation.kinds())
def test_the_schema_comes_from_what_the_validator_knows(kind: str) -> None:
    spec = _argspec.module_spec(_registry.KINDS[kind])
    documented = documentation.module_options(kind)
    assert set(documented) == set(spec)
    for name, option in documented.items():
        alike(option, spec[name], name)


# A mistake of form is the schema's. Of a value (a range, a second entry) and of the host it knows nothing.
FORM = re.compile(
    r"is not an option of|is not a mapping|is not a list;|is not a whole number|is neither true nor false|exclude each"
    r" other|is null, but|is missing; (state|peer|netns|topology)|is not possible; (did|the) "
)
BELOW = ("port_flags.p", "verify_timeout")  # a value of any name, a range


@pytest.mark.parametrize("case", [case for case in CASES if FORM.search(case["says"])], ids=case_id)
def test_the_schema_rejects_what_the_validator_rejects(case: dict[str, t.Any]) -> None:
    if case["says"].startswith(BELOW):
        return
    role = case["of"].startswith("role ")
    assert wrong(case["given"] or {} if role else task(case["of"], **(case["given"] or {})))


@pytest.mark.parametrize(
    "given",
    [
        {"bridge_network_network": []},
        {**HOST, "bridge_network_persit": True},
        {"bridge_network_networks": [{**WEB, "memebers": []}]},
        {"bridge_network_networks": [{**WEB, "members": ["web1"]}]},
        {"bridge_network_networks": {"web": {"subnet": "172.20.0.0/24"}}},
        {**HOST, "bridge_network_state": "presnt"},
        {"router_brigde": "OVS1"},
        {"verify_probe": []},
        {"prepare_opnvswitch": True},
        {"netloom_topology": {"nets": []}},
        {"name": "t", "veth": [{"nam": "a"}]},
        task("topology", name="t", vethh=[]),
        task("topology", name="t", veth=[{**PAIR, "address": ["10.0.0.1/24"]}]),
        task("topology", name="t", netns=["red", "green"]),
        task("veth", name="a", peer="eth0"),
        task("veth", name="a"),
        task("vethh", name="a"),
        [{"hosts": "all", "vars": {"bridge_network_persit": True}}],
        [{"hosts": "all", "roles": [{"role": "netloom.linux.bridge_network", "bridge_network_purg": False}]}],
        [{"hosts": "all", "tasks": [{"block": task("netns", nam="red")}]}],
        {"all": {"hosts": {"lab1": {"bridge_network_persit": True}}}},
        {"all": {"children": {"lab": {"vars": {"ovs_vlan_dhcp_tenants": [{"nam": "red"}]}}}}},
        {"plugin": "netloom.linux.namespaces", "hosts": {"lab1": {"netloom_topology": {"netns": [{"nam": "red"}]}}}},
    ],
    ids=str,
)
def test_what_new_users_mistype_is_rejected(given: t.Any) -> None:
    assert wrong(given)


@pytest.mark.parametrize(
    "given",
    [
        {"verify_ssl": True, "router_id": "10.0.0.1", "prepare_database": True, "bridge_network__lists": {}},
        {**HOST, "bridge_network_state": None, "bridge_network_wait": "20"},
        {"bridge_network_networks": "{{ networks }}", "bridge_network_purge": "{{ true }}"},
        {
            "bridge_network_networks": [
                {"name": "{{ a }}", "subnet": ["{{ b }}"], "mtu": "{{ c }}", "members": ["{{ d }}"]}
            ]
        },
        {"bridge_network_networks": ["{{ web }}"], "bridge_network_max_disruption": "{% if x %}none{% endif %}"},
        {"all": {"hosts": {"lab1": None}, "vars": HOST}},
        {"all": {"hosts": {"lab1": {"ansible_host": "192.0.2.1"}}}, "lab": {"children": {"all": None}}},
        task("veth", name="{{ a }}", peer="{{ b }}", mtu="{{ c }}", up="{{ d }}", addresses="{{ e }}"),
        task("veth", name="a", state="absent"),
        [{"netloom.linux.netns": "name=red"}, {"netloom.linux.netns_info": None}],
        [{"netloom.linux.topology": "{{ wanted }}"}, {"import_playbook": "netloom.linux.site"}],
        {"name": "t", "netns": [{"name": "red"}], "veth": "{{ cables }}"},
        {},
        [],
    ],
    ids=str,
)
def test_what_is_right_is_accepted(given: t.Any) -> None:
    assert wrong(given) == []


def inner(schema: t.Any, path: str = "") -> t.Iterator[tuple[str, t.Any]]:
    """The schemas of all options, at any depth."""
    for name, found in (schema.get("properties") or {}).items():
        yield f"{path}.{name}", found
        yield from inner(found, f"{path}.{name}")
    if isinstance(schema.get("items"), dict):
        yield f"{path}[]", schema["items"]
        yield from inner(schema["items"], f"{path}[]")


def test_a_template_may_stand_for_anything() -> None:
    definitions = SCHEMA["definitions"]
    found = [
        (path, option)
        for name in (*documentation.kinds(), "lists", "variables", "reachability", "fault", "netns_info")
        for path, option in inner(definitions[name], name)
    ]
    assert len(found) > 400
    for path, option in found:
        assert VALIDATOR.evolve(schema={**option, "definitions": definitions}).is_valid("{{ x }}"), path


JUDGED = [
    (role, name)
    for role, found in documentation.role_options().items()
    for name in found
    if name not in ("prepare_venv_packages", "faults_topology")  # which pip and topology judge
]
VALUES: tuple[t.Any, ...] = ("present", "none", "auto", "venv", "perhaps", "yes", "7", True, False, 5, ["x"], {})
EXACT = ("_state", "_max_disruption", "_purge", "_persist", "_python", "_inconclusive", "_openvswitch", "_nftables")


@pytest.mark.parametrize(("role", "name"), JUDGED)
def test_the_schema_takes_of_a_role_s_variable_what_the_role_takes(role: str, name: str) -> None:
    """The argument specs say `raw`; the schema reads descriptions and defaults, and the role has its own code."""
    needed = {"bridge_network_networks": [], "ovs_vlan_dhcp_tenants": [], "router_routers": [], "faults_list": []}
    needed["vxlan_network_networks"] = []
    for value in VALUES:
        taken = not _roles.complaint({**defaults(role), **needed, "faults_topology": {"name": "t"}, name: value}, role)
        accepted = not wrong({name: value})
        assert accepted == taken or (accepted and not name.endswith(EXACT)), value


@functools.cache
def misspelt(role: str) -> list[str]:
    """Names that differ from an option of the role by a letter."""
    found = set()
    for name in documentation.role_options()[role]:
        rest = name.removeprefix(f"{role}_")
        if len(rest) >= variables.LEAST_LETTERS:
            for at in range(len(rest)):
                found |= {rest[:at] + rest[at + 1 :], f"{rest[:at]}q{rest[at + 1 :]}", f"{rest[:at]}q{rest[at:]}"}
                found.add(rest[:at] + rest[at : at + 2][::-1] + rest[at + 2 :])
    return sorted(
        {f"{role}_{rest}" for rest in found if not rest.startswith("_")} - set(documentation.role_options()[role])
    )


@pytest.mark.parametrize("role", sorted(documentation.role_options()))
def test_a_misspelt_variable_is_rejected_by_the_schema_and_by_the_playbooks(role: str) -> None:
    assert len(misspelt(role)) > 20
    for name in misspelt(role):
        assert wrong({name: True}), name
        assert _role_options.look_at([name]).wrong, name


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("V(true) or C(/run)", "'true' or '/run'"),
        ("O(state=absent)", "'state=absent'"),
        ("O(netloom.linux.veth#module:peer.name)", "'peer.name'"),
        ("see M(netloom.linux.veth), P(netloom.linux.netns#become)", "see netloom.linux.veth, netloom.linux.netns"),
    ],
)
def test_markup_becomes_plain_text(marked: str, plain: str) -> None:
    assert documentation.readable(marked) == plain


def test_the_schema_is_small_enough_for_an_editor() -> None:
    assert document.FILE.stat().st_size < 400_000
