# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory plugin namespaces: from files of an inventory to hosts, groups and variables."""

from __future__ import annotations

import pathlib

import pytest
import yaml
from ansible import constants as C
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import display
from ansible.plugins.loader import inventory_loader
from ansible_collections.netloom.linux.plugins.inventory import namespaces

NAME = "netloom.linux.namespaces"
EXAMPLES = pathlib.Path(__file__).resolve().parents[4] / "docs/examples/inventory"
CABLE = {
    "netns": [{"name": "red"}, {"name": "green"}],
    "veth": [
        {"name": "eth0", "netns": "red", "addresses": ["10.0.0.1/24"], "peer": {"name": "eth0", "netns": "green"}}
    ],
}


@pytest.fixture
def inventory():
    return InventoryData()


def read(inventory, folder, name="namespaces.yml", hosts="hosts.yml"):
    """Reads the files of a folder as Ansible does."""
    loader = DataLoader()
    if hosts:
        inventory.current_source = str(folder / hosts)
        inventory_loader.get("yaml").parse(inventory, loader, str(folder / hosts))
        inventory.processed_sources.append(str(folder / hosts))
    definitions = yaml.safe_load(namespaces.DOCUMENTATION)["options"]
    constructed = {
        "strict": "bool",
        "compose": "dict",
        "groups": "dict",
        "keyed_groups": "list",
        "use_extra_vars": "bool",
        "leading_separator": "bool",
    }
    defaults = {"strict": False, "use_extra_vars": False, "leading_separator": True}
    definitions |= {key: {"type": kind, "default": defaults.get(key)} for key, kind in constructed.items()}
    C.config.initialize_plugin_configuration_definitions("inventory", NAME, definitions)
    plugin = namespaces.InventoryModule()
    plugin._load_name = plugin.ansible_name = NAME
    plugin.ansible_aliases = [NAME]
    assert plugin.verify_file(str(folder / name))
    plugin.parse(inventory, loader, str(folder / name))
    inventory.reconcile_inventory()


def written(folder, config, hosts=None):
    """A folder with an inventory."""
    (folder / "namespaces.yml").write_text(yaml.safe_dump({"plugin": NAME, **config}))
    (folder / "hosts.yml").write_text(yaml.safe_dump(hosts or {"all": {"hosts": {}}}))
    return folder


def members(inventory, group):
    return [host.name for host in inventory.groups[group].get_hosts()] if group in inventory.groups else []


def variables(inventory, host):
    return inventory.get_host(host).vars


def test_the_example(inventory, tmp_path):
    for path in EXAMPLES.rglob("*.yml"):
        copy = tmp_path / path.relative_to(EXAMPLES)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text())
    (tmp_path / "namespaces.yml").write_text(f"plugin: {NAME}\n")
    read(inventory, tmp_path)
    webs, tenants = (
        ["web1", "web2", "web3", "web4", "api1", "api2", "db1", "cache1"],
        ["dhcp-red", "red1", "red2", "dhcp-green", "green1", "green2"],
    )
    assert members(inventory, "namespaces") == webs + tenants
    assert (
        members(inventory, "network_web")
        == members(inventory, "bridge_br_web")
        == members(inventory, "parent_node1_example_com")
        == webs
    )
    assert members(inventory, "bridge_OVS1") == members(inventory, "parent_node2_example_com") == tenants
    assert members(inventory, "vlan_100") == members(inventory, "network_red") == tenants[:3]
    assert members(inventory, "vlan_200") == members(inventory, "network_green") == tenants[3:]
    assert members(inventory, "role_dhcp_server") == ["dhcp-red", "dhcp-green"]
    assert members(inventory, "role_member") == [*webs, "red1", "red2", "green1", "green2"]
    assert variables(inventory, "web2") | {"inventory_file": 0, "inventory_dir": 0} == {
        "inventory_file": 0,
        "inventory_dir": 0,
        "ansible_become": True,
        "ansible_become_method": "netloom.linux.netns",
        "ansible_host": "node1.example.com",
        "ansible_netns": "web2",
        "netloom_addresses": ["172.20.0.3/24"],
        "netloom_bridges": ["br-web"],
        "netloom_networks": ["web"],
        "netloom_parent": "node1.example.com",
        "netloom_roles": ["member"],
        "netloom_vlans": [],
    }
    # The plays of the parents are not for their namespaces.
    assert members(inventory, "bridge_hosts") == ["node1.example.com"]


def test_the_parents_connection(inventory, tmp_path):
    parent = {
        "ansible_host": "{{ inventory_hostname }}.example.com",
        "ansible_user": "{{ who }}",
        "who": "alice",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "ansible_become": False,
        "ansible_become_method": "su",
        "ansible_become_user": "bob",
        "ansible_become_password": "secret",
    }
    hosts = {"all": {"hosts": {"lab1": {"netloom_topology": CABLE}}, "vars": parent}}
    read(inventory, written(tmp_path, {}, hosts))
    found = variables(inventory, "red")
    for key in ("ansible_host", "ansible_user", "ansible_python_interpreter"):
        assert found[key] == '{{ hostvars["lab1"]["' + key + '"] }}'
    assert found["ansible_become_password"] == "secret", "as it is written"
    assert (
        found["ansible_become"] is True
        and found["ansible_become_method"] == "netloom.linux.netns"
        and found["ansible_netns_root_method"] == "su"
    )
    assert "ansible_become_user" not in found and "who" not in found


def test_inline(inventory, tmp_path):
    read(inventory, written(tmp_path, {"hosts": {"lab1": {"ansible_host": "192.0.2.1", "netloom_topology": CABLE}}}))
    assert variables(inventory, "red")["ansible_host"] == "192.0.2.1" and variables(inventory, "red")[
        "netloom_addresses"
    ] == ["10.0.0.1/24"]
    assert members(inventory, "parent_lab1") == ["red", "green"] and "lab1" not in inventory.hosts


def test_no_secret_is_evaluated(inventory, tmp_path):
    """A lookup would run here, and what it gives would stand beside each namespace."""
    witness = tmp_path / "witness"
    ask = "{{ lookup('ansible.builtin.pipe', 'echo once >> " + str(witness) + "; echo hunter2') }}"
    hosts = {
        "all": {
            "hosts": {"lab1": {"netloom_topology": CABLE}},
            "vars": {"ansible_become_password": ask, "ansible_ssh_extra": ["{{ secret }}"], "secret": ask},
        }
    }
    read(inventory, written(tmp_path, {"compose": {"who": "ansible_netns"}}, hosts))
    assert not witness.exists()
    for name in ("red", "green"):
        assert "hunter2" not in str(variables(inventory, name)) and "secret" not in variables(inventory, name)
        assert (
            variables(inventory, name)["ansible_become_password"] == '{{ hostvars["lab1"]["ansible_become_password"] }}'
        )
        assert variables(inventory, name)["ansible_ssh_extra"] == '{{ hostvars["lab1"]["ansible_ssh_extra"] }}'


def test_what_a_vault_encrypted_stays_with_the_parent(inventory, tmp_path):
    written(tmp_path, {}, {"all": {"hosts": {"lab1": {"netloom_topology": CABLE}}}})
    sealed = "$ANSIBLE_VAULT;1.1;AES256\n          3162\n"
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars/lab1.yml").write_text(f"ansible_become_password: !vault |\n          {sealed}")
    read(inventory, tmp_path)
    assert variables(inventory, "red")["ansible_become_password"] == '{{ hostvars["lab1"]["ansible_become_password"] }}'


def test_what_only_this_file_knows_is_handed_on_as_it_is_written(inventory, tmp_path):
    inline = {
        "ansible_host": "{{ inventory_hostname }}.{{ zone }}",
        "zone": "{{ site }}.example",
        "site": "x",
        "other": "y",
        "netloom_topology": CABLE,
    }
    read(
        inventory,
        written(
            tmp_path,
            {"hosts": {"lab1": inline}, "keyed_groups": [{"key": "ansible_host", "prefix": "on", "separator": "_"}]},
        ),
    )
    found = variables(inventory, "red")
    assert found["ansible_host"] == "{{ netloom_parent }}.{{ zone }}"
    assert (found["zone"], found["site"]) == ("{{ site }}.example", "x")
    assert "other" not in found
    assert members(inventory, "on_lab1_x_example") == ["red", "green"]


def test_a_parent_that_nobody_knows_is_told(inventory, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(display, "warning", told.append)
    hosts = {"all": {"hosts": {"lab1": {}}}}
    for name, more in (("lab2", {}), ("lab1", {}), ("far", {"ansible_host": "192.0.2.1"}), ("nosuch", {})):
        written(tmp_path, {"hostname": "{parent}.{netns}", "hosts": {name: {"netloom_topology": CABLE, **more}}}, hosts)
        read(InventoryData(), tmp_path)
    where = "so its namespaces are looked for at that name."
    assert told == [
        f"hosts.lab2: no source read so far has a host 'lab2', {where} Did you mean 'lab1'?",
        (
            f"hosts.nosuch: no source read so far has a host 'nosuch', {where} Read this file after the source that has"
            " it, or give it an ansible_host."
        ),
    ]


def test_bridges_vlans_and_roles_of_a_topology(inventory, tmp_path):
    lists = {
        "netns": [
            {"name": "r", "sysctl": {"net.ipv4.ip_forward": 1}},
            {"name": "gone", "state": "absent"},
            {"name": "alone"},
        ],
        "linux_bridge": [{"name": "br0", "ports": ["p1"]}, {"name": "brx", "netns": "r", "ports": ["in"]}],
        "veth": [
            {"name": "p1", "peer": {"name": "eth0", "netns": "a"}},
            {"name": "p2", "master": "br1", "peer": {"name": "eth1", "netns": "a"}},
            {"name": "p3", "peer": {"name": "eth0", "netns": "r"}},
            {"name": "eth0", "netns": "b", "peer": {"name": "in", "netns": "r"}},
            {"name": "p4", "peer": {"name": "eth0", "netns": "gone"}},
            {"name": "p5", "master": "br1", "state": "absent", "peer": {"name": "eth0", "netns": "alone"}},
        ],
        "netns_interface": [{"name": "eth9", "netns": "moved"}],
        "ovs_port": [
            {"bridge": "s", "name": "p3", "tag": 7},
            {"bridge": "s", "name": "int", "type": "internal", "netns": "d", "tag": 8},
        ],
        "dnsmasq_in_ns": [{"name": "x", "netns": "d"}],
    }
    read(inventory, written(tmp_path, {"hosts": {"h": {"netloom_topology": lists}}}))
    groups = {
        name: members(inventory, name)
        for name in inventory.groups
        if name.partition("_")[0] in ("bridge", "vlan", "role", "network")
    }
    assert groups == {
        "bridge_br0": ["a"],
        "bridge_br1": ["a"],
        "bridge_brx": ["b"],
        "bridge_s": ["r", "d"],
        "vlan_7": ["r"],
        "vlan_8": ["d"],
        "role_router": ["r"],
        "role_dhcp_server": ["d"],
        "role_member": ["alone", "moved", "a", "b"],
    }


def test_names_parents_and_constructed_groups(inventory, tmp_path):
    config = {
        "parents": ["some", "lab3"],
        "hostname": "{parent}.{netns}",
        "groups": {"reds": "ansible_netns == 'red'"},
        "keyed_groups": [{"key": "netloom_parent", "prefix": "on"}],
        "compose": {"twice": "ansible_netns * 2"},
    }
    hosts = {
        "some": {"hosts": {"lab1": {}, "lab2": {}}},
        "all": {"hosts": {"lab3": {}, "lab4": {}}, "vars": {"netloom_topology": CABLE}},
    }
    read(inventory, written(tmp_path, config, hosts))
    assert members(inventory, "reds") == ["lab1.red", "lab2.red", "lab3.red"]
    assert members(inventory, "on_lab3") == ["lab3.red", "lab3.green"]
    assert variables(inventory, "lab3.green")["twice"] == "greengreen"


def test_a_second_file_takes_no_namespace_for_a_parent(inventory, tmp_path):
    read(
        inventory,
        written(
            tmp_path, {"hostname": "a-{netns}"}, {"all": {"hosts": {"lab1": {}}, "vars": {"netloom_topology": CABLE}}}
        ),
    )
    written(tmp_path, {"hostname": "b-{netns}"})
    read(inventory, tmp_path, hosts=None)
    assert members(inventory, "namespaces") == ["a-red", "a-green", "b-red", "b-green"]


def test_absent_is_not_listed(inventory, tmp_path):
    network = {"name": "n", "subnet": "10.1.0.0/24", "members": [{"name": "a"}, {"name": "b", "state": "absent"}]}
    read(
        inventory,
        written(
            tmp_path,
            {"hosts": {"h": {"bridge_network_networks": [network], "netloom_topology": {**CABLE, "state": "absent"}}}},
        ),
    )
    assert members(inventory, "namespaces") == ["a"]


def test_a_server_may_have_the_states_of_its_own(inventory, tmp_path):
    servers = [
        {"name": name, "netns": name, "state": state}
        for name, state in (("a", "started"), ("b", "stopped"), ("c", "absent"))
    ]
    topology = {
        "netns": [{"name": name} for name in "abc"],
        "netns_route": [{"netns": "a", "dst": "default", "dev": "lo"}],
        "dnsmasq_in_ns": servers,
    }
    read(inventory, written(tmp_path, {"hosts": {"h": {"netloom_topology": topology}}}))
    assert [inventory.hosts[name].vars["netloom_roles"] for name in "abc"] == [
        ["dhcp_server"],
        ["dhcp_server"],
        ["member"],
    ]


def test_files_of_other_kinds(tmp_path):
    (tmp_path / "hosts.ini").touch()
    assert not namespaces.InventoryModule().verify_file(str(tmp_path / "hosts.ini"))


def test_of_networks_over_several_hosts_each_parent_has_its_own(inventory, tmp_path):
    red = {
        "name": "red",
        "vni": 4100,
        "subnet": "10.5.0.0/24",
        "dhcp": {"host": "lab2"},
        "members": [{"name": "red1", "host": "lab1"}, {"name": "red2", "host": "lab2"}],
    }
    hosts = {"lab1": {}, "lab2": {}, "lab3": {}}
    read(inventory, written(tmp_path, {}, {"all": {"hosts": hosts, "vars": {"vxlan_network_networks": [red]}}}))
    assert members(inventory, "parent_lab1") == ["red1"]
    assert members(inventory, "parent_lab2") == ["red2", "dhcp-red"]
    assert members(inventory, "parent_lab3") == []
    assert members(inventory, "network_red") == ["red1", "red2", "dhcp-red"]
    assert members(inventory, "role_dhcp_server") == ["dhcp-red"]
    assert members(inventory, "bridge_br_red") == ["red1", "red2", "dhcp-red"]
    assert variables(inventory, "red2")["netloom_addresses"] == ["10.5.0.3/24"]


def test_members_of_networks_of_ovn_are_on_their_hosts(inventory, tmp_path):
    red = {
        "name": "red",
        "subnet": "10.5.0.0/24",
        "members": [
            {"name": "red1", "host": "lab1", "security_groups": ["web"]},
            {"name": "red2", "host": "lab2", "address": "dhcp"},
            {"name": "red3", "host": "lab2", "state": "absent"},
        ],
    }
    declared = {
        "ovn_network_networks": [red],
        "ovn_network_security_groups": [{"name": "web", "rules": [{"direction": "egress"}]}],
    }
    hosts = {"lab1": {}, "lab2": {}, "lab3": {"ovn_network_state": "absent"}}
    read(inventory, written(tmp_path, {}, {"all": {"hosts": hosts, "vars": declared}}))
    assert members(inventory, "parent_lab1") == ["red1"]
    assert members(inventory, "network_red") == members(inventory, "bridge_br_int") == ["red1", "red2"]
    assert variables(inventory, "red1")["netloom_addresses"] == ["10.5.0.2/24"]
    assert variables(inventory, "red2")["netloom_addresses"] == []
    assert variables(inventory, "red2")["netloom_parent"] == "lab2"


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (
            {},
            (
                "no host has bridge_network_networks, vxlan_network_networks, ovs_vlan_dhcp_tenants,"
                " ovn_network_networks or netloom_topology. Read this file after the inventory"
            ),
        ),
        ({"host": {}}, "'host' is not an option of netloom.linux.namespaces; did you mean 'hosts'?"),
        ({"hosts": {"h": [1]}}, "hosts.h: [1] is not a mapping"),
        ({"parents": ["lab9"]}, "parents[0]: 'lab9' is neither a host nor a group"),
        (
            {"hosts": {"h": {"netloom_topology": {"nets": []}}}},
            "netloom_topology: 'nets' is not an option of netloom.linux.topology; did you mean 'netns'?",
        ),
        ({"hosts": {"h": {"netloom_topology": [1]}}}, "host 'h': netloom_topology: [1] is not a mapping"),
        ({"hosts": "h"}, "hosts: 'h' is not a mapping; write names of hosts"),
        ({"hosts": ["h"]}, "hosts: ['h'] is not a mapping; write names of hosts"),
        (
            {"hosts": {"h": {"netloom_topolgy": {}}}},
            "hosts.h: 'netloom_topolgy' is not one of them; did you mean 'netloom_topology'?",
        ),
        (
            {"hosts": {"h": {"netloom_topology": {"netns": [{"nmae": "red"}]}}}},
            "netloom_topology.netns[0]: 'nmae' is not an option of this entry; did you",
        ),
        (
            {"hosts": {"h": {"netloom_topology": {"netns_nat": [{"nmae": "n"}]}}}},
            "netloom_topology.netns_nat[0]: 'nmae' is not an option of this entry",
        ),
        (
            {"hosts": {"h": {"netloom_topology": {"veth": [{"peer": {"ns": "red"}}]}}}},
            "netloom_topology.veth[0].peer: 'ns' is not an option of this entry",
        ),
        (
            {"hosts": {"h": {"netloom_topology": {"netns": "red"}}}},
            "host 'h': netloom_topology.netns: 'red' is not a list.",
        ),
        (
            {"hosts": {"h": {"netloom_topology": {"netns": ["red"]}}}},
            "host 'h': netloom_topology.netns[0]: 'red' is not a mapping",
        ),
        (
            {"hosts": {"h": {"netloom_topology": {"netns": [{"name": False}]}}}},
            "host 'h': netloom_topology.netns[0].name: YAML read this as the truth value false; quote it, so that",
        ),
        (
            {"hosts": {"h": {"netloom_topology": {"netns": [{"name": "a b"}]}}}},
            "host 'h': netloom_topology.netns[0].name: 'a b' is not a namespace name",
        ),
        (
            {"hosts": {"h": {"netloom_topology": {"veth": [{"peer": {"netns": "a/b"}}]}}}},
            "netloom_topology.veth[0].peer.netns: 'a/b' is not a namespace name",
        ),
        (
            {"hosts": {"h": {"netloom_topology": {"ovs_port": [{"bridge": "s", "name": "p", "tag": "x"}]}}}},
            "netloom_topology.ovs_port[0].tag: 'x' is not a whole number",
        ),
        (
            {"hosts": {"h": {"netloom_topology": {"veth": [{"peer": "p"}]}}}},
            "netloom_topology.veth[0].peer: 'p' is not a mapping",
        ),
        (
            {"hosts": {"h": {"bridge_network_networks": [{"name": "n"}]}}},
            "host 'h': bridge_network_networks[0]: 'subnet' is missing.",
        ),
        (
            {"hosts": {"h": {"ovs_vlan_dhcp_tenants": {}}}},
            "host 'h': ovs_vlan_dhcp_tenants: {} is not a list; write one of mappings",
        ),
        ({"hosts": {"h": {"netloom_topology": "{{ nowhere }}"}}}, "host 'h': netloom_topology: cannot be evaluated: "),
        ({"hosts": {"h": {"netloom_topology": CABLE}}, "hostname": "x"}, "hostname: 'x' gives all namespaces one name"),
        (
            {"hosts": {"h": {"netloom_topology": CABLE}, "i": {"netloom_topology": CABLE}}},
            (
                "namespace 'red' of host 'i' would be host 'red', which is already namespace 'red' of host 'h'. Tell"
                " them apart, for example by hostname: "
            ),
        ),
    ],
)
def test_refused(inventory, tmp_path, config, says):
    with pytest.raises(AnsibleParserError) as caught:
        read(inventory, written(tmp_path, config))
    assert says in str(caught.value) and "namespaces.yml: " in str(caught.value)
    assert "namespaces" not in inventory.groups or not members(inventory, "namespaces")


def test_a_host_of_that_name(inventory, tmp_path):
    with pytest.raises(
        AnsibleParserError,
        match="namespace 'red' of host 'red' would be host 'red', which is already a host of another source",
    ):
        read(inventory, written(tmp_path, {}, {"all": {"hosts": {"red": {"netloom_topology": CABLE}}}}))
