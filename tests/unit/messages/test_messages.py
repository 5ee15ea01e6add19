# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user reads who made a mistake: messages.yml has a mistake and the whole message for each case, in YAML, since
YAML takes part in some mistakes.
"""

from __future__ import annotations

import importlib
import json
import pathlib
import re
import typing as t

import pytest
import yaml
from ansible.module_utils import basic
from ansible_collections.netloom.linux.plugins.module_utils._engine import _module, _verify
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _privileges
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _northbound_session
from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _bridge_nat,
    _bridge_network,
    _crossing_input,
    _ovn_balancers,
    _ovn_groups,
    _ovn_network,
    _ovn_routers,
    _ovs_vlan_dhcp,
    _roles,
    _router,
    _vxlan_dhcp,
    _vxlan_network,
)
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost

CASES: list[dict[str, t.Any]] = yaml.safe_load((pathlib.Path(__file__).parent / "messages.yml").read_text())
CASES.append(  # no YAML has such a name, but a variable that Ansible read from a program may
    {
        "of": "netns",
        "given": {"name": "a\udcffb"},
        "says": "name: 'a\\udcffb' contains bytes that are not UTF-8; write it in UTF-8.",
    }
)
MOST_LETTERS = 5 * 160
ROLE = "role "


class Host(FakeHost):
    """A host with a NIC and a namespace, in the place of the real one."""

    def __init__(self, *_arguments: t.Any) -> None:
        super().__init__("red")
        links = self.state.namespaces[None].links
        links["eth0"] = _snapshot.Link("eth0", "", up=True, index=2)
        links["va"] = _snapshot.Link("va", "veth", up=True, index=3, peer=(None, "vb"))
        links["vb"] = _snapshot.Link("vb", "veth", up=True, index=4, peer=(None, "va"))
        self.unconfirmed: list[t.Any] = []

    def close(self) -> None:
        """Nothing is open."""


class Database(_northbound_session.Session):
    """A northbound database that nobody initialised, and whose server takes no row, in the place of a real one."""

    def __init__(self, target: _snapshot.OvsTarget) -> None:  # pylint: disable=super-init-not-called
        self.target = target
        self.rows = {"NB_Global": {}}

    def close(self) -> None:
        """Nothing is open."""

    def refresh(self) -> None:
        """Nothing comes."""

    def locked(self, name: str, timeout: float) -> bool:
        return True

    def until(self, condition: t.Callable[[], t.Any], timeout: float) -> bool:
        return bool(condition())

    def _sent(self, operations: t.Sequence[t.Any], deadline: float) -> None:
        """No answer."""


def case_id(case: dict[str, t.Any]) -> str:
    """What a case is about."""
    return f"{case['of']} {case.get('given')}"[:90]


def of_modules() -> t.Iterator[t.Any]:
    """The cases of modules, in check mode and in a run; or in a run alone, if only who writes is told."""
    for case in CASES:
        for check in (False,) if case.get("written") else (True, False):
            if not case["of"].startswith(ROLE):
                yield pytest.param(case, check, id=f"{case_id(case)}-{'check' if check else 'run'}")


@pytest.fixture
def a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the modules' edge meets, without a kernel and whoever runs the tests."""
    monkeypatch.setattr(_module._host, "Host", Host)
    monkeypatch.setattr(_northbound_session, "Session", Database)
    monkeypatch.setattr(_privileges, "problem", lambda: None)
    monkeypatch.setattr(_module._requirements, "ensure", lambda libraries: None)
    monkeypatch.setattr(_verify.time, "monotonic", iter(range(0, 10**9, 100)).__next__)
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)


def module_says(
    name: str, given: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], check: bool
) -> dict[str, t.Any]:
    """The result of a module's own main()."""
    internal = {
        "_ansible_module_name": f"netloom.linux.{name}",
        "_ansible_check_mode": check,
        "_ansible_remote_tmp": "/tmp",
        "_ansible_keep_remote_files": False,
    }
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": {**given, **internal}}).encode())
    main = importlib.import_module(f"ansible_collections.netloom.linux.plugins.modules.{name}").main
    with pytest.raises(SystemExit):
        main()
    return dict(json.loads(capsys.readouterr().out))


@pytest.mark.usefixtures("a_host")
@pytest.mark.parametrize(("case", "check"), list(of_modules()))
def test_modules(
    case: dict[str, t.Any], check: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = module_says(case["of"], case["given"] or {}, monkeypatch, capsys, check)
    assert result["failed"] is True
    assert result["msg"] == case["says"]


@pytest.mark.parametrize("case", [case for case in CASES if case["of"].startswith(ROLE)], ids=case_id)
def test_roles(case: dict[str, t.Any]) -> None:
    role = case["of"][len(ROLE) :]
    assert (
        _roles.complaint({**defaults(role), **(case["given"] or {})}, role, names=case["given"] or {}) == case["says"]
    )


def defaults(role: str) -> dict[str, t.Any]:
    """A role's own defaults, without those that are templates."""
    text = (pathlib.Path(__file__).parents[3] / "roles" / role / "defaults/main.yml").read_text()
    return {name: value for name, value in (yaml.safe_load(text) or {}).items() if "{{" not in str(value)}


@pytest.mark.parametrize("role", sorted(_roles.ROLES))
def test_no_role_complains_of_its_own_defaults(role: str) -> None:
    wanted = {
        "bridge_network": "bridge_network_networks",
        "ovs_vlan_dhcp": "ovs_vlan_dhcp_tenants",
        "router": "router_routers",
        "vxlan_network": "vxlan_network_networks",
        "ovn_network": "ovn_network_networks",
        "faults": "faults_list",
    }
    given = {wanted[role]: []} if role in wanted else {}
    assert _roles.complaint({**defaults(role), **given, "faults_topology": {}}, role) == ""


@pytest.mark.parametrize("role", sorted(_roles.ROLES))
def test_each_variable_of_a_role_is_judged(role: str) -> None:
    """What the argument spec documents is what the first task hands to the filter, and no more."""
    folder = pathlib.Path(__file__).parents[3] / "roles" / role
    options = yaml.safe_load((folder / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    tasks = yaml.safe_load((folder / "tasks/main.yml").read_text())
    first = next(task for task in tasks if f"{role}__complaint" in task.get("vars", {}))
    # Before it a host only notes what the others are to know, and all of them are judged, once.
    assert all(task.get("run_once") or "ansible.builtin.set_fact" in task for task in tasks[: tasks.index(first)])
    assert set(re.findall(rf"'({role}_\w+)':", first["vars"][f"{role}__complaint"])) == set(options)
    # And all that begins as they do, or a letter that is missing would go unseen.
    assert f"names=lookup('ansible.builtin.varnames', '^{role}_', wantlist=true)" in first["vars"][f"{role}__complaint"]
    # Ansible's own validation would fail with the whole argument spec, of hundreds of lines.
    assert {option["type"] for option in options.values()} == {"raw"}
    assert not [name for name, option in options.items() if option.get("required") or option.get("choices")]


def keys(role: str, *path: str) -> set[str]:
    """What a role's argument spec documents of the entries below a variable."""
    text = (pathlib.Path(__file__).parents[3] / "roles" / role / "meta/argument_specs.yml").read_text()
    found = yaml.safe_load(text)["argument_specs"]["main"]["options"]
    for name in path:
        found = found[name]["options"]
    return set(found)


def test_what_the_roles_document_is_what_they_take() -> None:
    networks, tenants, routers = _bridge_network.OPTION, _ovs_vlan_dhcp.OPTION, _router.OPTION
    assert keys("bridge_network", networks) == set(_bridge_network.NETWORK_KEYS)
    assert keys("bridge_network", networks, "members") == set(_bridge_network.MEMBER_KEYS)
    assert keys("bridge_network", networks, "members", "publish") == set(_bridge_nat.PUBLISH_KEYS)
    assert keys("ovs_vlan_dhcp", tenants) == set(_ovs_vlan_dhcp.TENANT_KEYS)
    assert keys("ovs_vlan_dhcp", tenants, "members") == set(_ovs_vlan_dhcp.MEMBER_KEYS)
    assert keys("ovs_vlan_dhcp", tenants, "server") == set(_ovs_vlan_dhcp.SERVER_KEYS)
    stretched = _vxlan_network.OPTION
    assert keys("vxlan_network", stretched) == set(_vxlan_network.NETWORK_KEYS)
    assert keys("vxlan_network", stretched, "members") == set(_vxlan_network.MEMBER_KEYS)
    assert keys("vxlan_network", stretched, "members", "publish") == set(_bridge_nat.PUBLISH_KEYS)
    assert keys("vxlan_network", stretched, "gateway") == set(_vxlan_network.GATEWAY_KEYS)
    assert keys("vxlan_network", stretched, "dhcp") == set(_vxlan_dhcp.KEYS)
    carried, joining = _ovn_network.OPTION, _ovn_routers.OPTION
    assert keys("ovn_network", carried) == set(_ovn_network.KEYS)
    assert keys("ovn_network", carried, "members") == set(_ovn_network.MEMBER_KEYS)
    assert keys("ovn_network", carried, "external") == set(_ovn_network.EXTERNAL_KEYS)
    assert keys("ovn_network", carried, "dhcp") == set(_ovn_network.DHCP_KEYS)
    assert keys("ovn_network", carried, "dns") == set(_ovn_network.DNS_KEYS)
    assert keys("ovn_network", joining) == set(_ovn_routers.KEYS)
    assert keys("ovn_network", joining, "external") == set(_ovn_routers.EXTERNAL_KEYS)
    assert keys("ovn_network", joining, "routes") == set(_ovn_routers.ROUTE_KEYS)
    assert keys("ovn_network", joining, "floating") == set(_ovn_routers.FLOATING_KEYS)
    assert keys("ovn_network", _ovn_groups.OPTION) == set(_ovn_groups.KEYS)
    assert keys("ovn_network", _ovn_groups.OPTION, "rules") == set(_ovn_groups.RULE_KEYS)
    assert keys("ovn_network", _ovn_balancers.OPTION) == set(_ovn_balancers.KEYS)
    assert keys("ovn_network", _ovn_balancers.OPTION, "health_check") == set(_ovn_balancers.HEALTH_KEYS)
    assert keys("router", routers) == set(_router.ROUTER_KEYS)
    assert keys("router", routers, "interfaces") == set(_router.INTERFACE_KEYS)
    assert keys("router", routers, "external") == set(_router.EXTERNAL_KEYS)
    assert keys("router", routers, "floating") == set(_router.FLOATING_KEYS)
    crossed = _crossing_input.OPTION
    assert keys("verify", crossed) == set(_crossing_input.KEYS)
    assert keys("verify", crossed, "members") == set(_crossing_input.MEMBER_KEYS)
    assert keys("verify", crossed, "gateway") == set(_crossing_input.GATEWAY_KEYS)
    assert keys("verify", crossed, "carrier") == set(_crossing_input.CARRIER_KEYS)
    assert keys("ovs_vlan_dhcp", tenants, "dhcp") == set(_ovs_vlan_dhcp.DHCP_KEYS)
    assert keys("router", routers, "interfaces") == set(_router.INTERFACE_KEYS)


def test_each_message_is_short_and_one_line() -> None:
    assert len(CASES) >= 80
    for case in CASES:
        assert len(case["says"]) <= MOST_LETTERS
        assert "\n" not in case["says"]
        assert not any(word in case["says"] for word in ("Traceback", "Errno", "argument_spec", "NoneType"))


def test_what_is_too_long_loses_its_middle() -> None:
    message = _words.bounded("The beginning. " + "x" * 22_000 + " The remedy.")
    assert len(message) < MOST_LETTERS
    assert message.startswith("The beginning.")
    assert message.endswith("The remedy.")
