# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all kinds return is described in the RETURN of each, for Ansible has no fragments for it: in the same words."""

from __future__ import annotations

import ast
import pathlib
import re
import typing as t

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.doc_fragments import reasons
from ansible_collections.netloom.linux.plugins.module_utils._engine import _module, _topology
from ansible_collections.netloom.linux.plugins.module_utils._engine._hooks import Hooks
from ansible_collections.netloom.linux.plugins.module_utils._engine._run import run
from ansible_collections.netloom.linux.plugins.module_utils._kinds._registry import KINDS
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost

MODULES = pathlib.Path(__file__).resolve().parents[2] / "plugins/modules"
SHARED = ("steps", "disruptions", "plan", "before", "after", "diff")
EVERY = sorted(path.stem for path in MODULES.glob("*.py"))
MODEL = "veth"  # the module whose words the others have
Value = dict[str, t.Any]


def documented(module: str) -> Value:
    """The RETURN of a module."""
    for node in ast.parse((MODULES / f"{module}.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RETURN":
            found: Value = yaml.safe_load(ast.literal_eval(node.value))
            return found
    raise AssertionError(module)


def without_sample(value: Value) -> Value:
    """What is said of a value. Each module has an example of its own."""
    return {key: one for key, one in value.items() if key != "sample"}


@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize("kind", KINDS)
def test_all_kinds_describe_what_they_return_in_the_same_words(kind: str, name: str) -> None:
    assert without_sample(documented(kind)[name]) == without_sample(documented(MODEL)[name])


@pytest.mark.parametrize("whole", ["topology", "ovn_topology"])
@pytest.mark.parametrize("name", SHARED)
def test_a_topology_describes_them_as_the_kinds_do(name: str, whole: str) -> None:
    """It has several objects, and one more sort of change. What else is in the values is the same."""
    of_topology, of_kind = documented(whole)[name], documented(MODEL)[name]
    same = ("returned", "type", "elements")
    assert {key: of_topology.get(key) for key in same} == {key: of_kind.get(key) for key in same}
    inner, inner_of_kind = (value.get("contains", {}) for value in (of_topology, of_kind))
    assert set(inner) == set(inner_of_kind)
    if name == "plan":
        change = inner.pop("change")["description"]
        assert change[: len(inner_of_kind["change"]["description"])] == inner_of_kind.pop("change")["description"]
        assert inner == inner_of_kind
    if name in ("steps", "diff"):
        assert without_sample(of_topology) == without_sample(of_kind)


@pytest.mark.parametrize("module", [*KINDS, "topology", "ovn_topology", "netns_info", "ovn_info", "reachability"])
def test_what_a_module_is_about_is_returned_under_its_own_name(module: str) -> None:
    assert module in documented(module)


def test_what_is_returned_is_described_and_the_other_way_round() -> None:
    params = {"name": "va", "mtu": 1400, "peer": {"name": "vb"}}
    for result in (_single(params), _whole({"name": "all", "veth": [params]})):
        module = "topology" if "topology" in result else "veth"
        assert set(SHARED) - {"before", "after"} <= set(result)  # these come out of diff, on the control node
        assert set(result) - {"changed", "warnings", "failed"} <= set(documented(module))
        for change in result["plan"]:
            assert set(change) <= set(documented(module)["plan"]["contains"])


@pytest.mark.parametrize("module", EVERY)
def test_all_modules_describe_the_reason_of_a_failure(module: str) -> None:
    text = (MODULES / f"{module}.py").read_text(encoding="utf-8")
    assert "  - netloom.linux.reasons\n" in text
    told, of_model = (documented(name)["reason"] for name in (module, MODEL))
    assert told["returned"] == of_model["returned"]
    assert of_model["description"] in told["description"]


def test_all_reasons_are_described() -> None:
    told = yaml.safe_load(reasons.ModuleDocFragment.DOCUMENTATION)["attributes"]["reasons"]["description"]
    described = re.findall(r"V\((\w+)\)", " ".join(told))
    assert sorted(described) == sorted(set(_reasons(_errors.NetloomError)))
    assert f"V({_errors.Surprise.reason})" in str(documented("reachability")["reason"])


def test_each_reason_is_the_word_of_an_error() -> None:
    """A word that stood elsewhere would be described nowhere."""
    code = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(MODULES.parent.rglob("*.py"))}
    told = [(path.name, one) for path, tree in code.items() for node in ast.walk(tree) for one in _told(node)]
    assert len(told) > 10
    assert not [(name, ast.unparse(one)) for name, one in told if getattr(one, "attr", "") != "reason"]


def _told(node: ast.AST) -> list[ast.expr]:
    """What a call that fails, or a failed result, gives as reason."""
    if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("fail", "fail_json"):
        return [one.value for one in node.keywords if one.arg == "reason"]
    if isinstance(node, ast.Dict):
        words = {key.value: value for key, value in zip(node.keys, node.values) if isinstance(key, ast.Constant)}
        return [words["reason"]] if "failed" in words and "reason" in words else []
    return []


def _reasons(error: type[_errors.NetloomError]) -> t.Iterator[str]:
    """The words for an error and all that it may be."""
    yield error.reason
    for narrower in error.__subclasses__():
        yield from _reasons(narrower)


def _single(params: Value) -> Value:
    entry = _topology.EntryReader().read("veth", params, "")
    outcome = run(Hooks([entry]), FakeHost(), check=False, alone=True, wait=0)
    return {**_module.result_of(entry, outcome, diff=True)}


def _whole(params: Value) -> Value:
    manifest = _topology.manifest_of({"state": "present", **params})
    outcome = run(manifest, FakeHost(), check=False, alone=False, wait=0)
    return {**_topology.result_of(manifest, outcome, _module.shown)}
