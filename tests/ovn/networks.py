# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks of OVN on lab hosts, proven by packets: tenants with one subnet, a router, source NAT, a floating address,
DHCP, DNS, security groups, a load balancer whose backend dies; drift in the database and on hosts, and nothing left.
"""

from __future__ import annotations

import json
import re
import typing as t

import cloud
import hosts as lab
from cloud import FETCH, LOOK, OUTSIDE, says, within
from hosts import arrives, on, plan, play

CENTRAL, *CHASSIS = HOSTS = ["lab1", "lab2", "lab3", "lab4"]
ONE, TWO, THREE = CHASSIS
MTU = 1500 - 58
NETWORKS: list[dict[str, t.Any]] = [
    {
        "name": "red",
        "subnet": "10.50.50.0/24",
        "members": [
            {"name": "red1", "host": ONE},
            {"name": "red2", "host": TWO, "security_groups": ["web"]},
            {"name": "red3", "host": THREE, "address": "dhcp"},
        ],
    },
    {
        "name": "blue",
        "subnet": "10.50.50.0/24",
        "members": [
            {"name": "blue1", "host": ONE, "address": "10.50.50.201"},
            {"name": "blue2", "host": TWO, "address": "10.50.50.202"},
        ],
    },
    {"name": "green", "subnet": "10.60.60.0/24", "members": [{"name": "green1", "host": THREE}]},
    {"name": "out", "external": {"bridge": "br-ex", "subnet": "198.51.100.0/24", "gateway": OUTSIDE}},
]
DECLARED: dict[str, t.Any] = {
    "ovn_network_networks": NETWORKS,
    "ovn_network_routers": [
        {
            "name": "r1",
            "networks": ["red", "green"],
            "external": {"network": "out", "address": "198.51.100.10", "hosts": [ONE, TWO]},
            "snat": True,
            "floating": [{"address": "198.51.100.50", "member": "red2"}],
        }
    ],
    "ovn_network_security_groups": [
        {
            "name": "web",
            "rules": [
                {"direction": "ingress", "protocol": "tcp", "ports": [80]},
                {"direction": "ingress", "protocol": "icmp"},
                {"direction": "egress", "remote": "10.50.50.0/24"},
            ],
        }
    ],
    "ovn_network_load_balancers": [
        {
            "name": "www",
            "address": "10.50.50.100",
            "port": 80,
            "members": ["red1", "red2"],
            "health_check": {"interval": 1, "timeout": 1, "success_count": 1, "failure_count": 1},
        }
    ],
}
RED = {"red1": "10.50.50.2", "red2": "10.50.50.3"}
PLACES = cloud.places(NETWORKS)
FIND = "ovs-vsctl --bare --columns=name find interface external_ids:iface-id=red-red2"
# What OVN's DNS tells of red1.
RENAME = (
    "for row in $(ovn-nbctl --bare --columns=_uuid list dns); do ovn-nbctl get dns $row records:red1 >/dev/null 2>&1 &&"
    " ovn-nbctl --wait=hv set dns $row records:red1={}; done; true"
)
DRAWS = f"--extra-vars={{netloom_diagram: [{lab.FLEET.parent}/drawn.html, {lab.FLEET.parent}/drawn.txt]}}"
DRIFTED = (("port", "red3"), ("router", "r1"), ("security group", "web"), ("port", "red1"), ("load balancer", "www"))
PICTURE = (
    "OVN switch theirs",
    f"red1  10.50.50.2/24  on {ONE}",
    f"gateway {ONE}, then {TWO}",
    "198.51.100.50 is red2, 10.50.50.3",
    "─ OVN green\n",
)
FETCH_OFTEN = """
import sys, urllib.request
for turn in range(12):
    try:
        print(urllib.request.urlopen(sys.argv[1], timeout=3).read().decode())
    except OSError:
        print('-')
"""
ASK = """
import random, socket, struct, sys
name = b''.join(bytes([len(part)]) + part.encode() for part in sys.argv[1].split('.')) + b'\\0'
question = struct.pack('>HHHHHH', random.randrange(65536), 256, 1, 0, 0, 0) + name + struct.pack('>HH', 1, 1)
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); asking.settimeout(3)
asking.sendto(question, (sys.argv[2], 53))
print(socket.inet_ntoa(asking.recv(512)[-4:]))
"""


def declare(networks: bool = True, **more: t.Any) -> None:
    """Who is what, and the networks."""
    cloud.declare(CENTRAL, CHASSIS, **{**(DECLARED if networks else {}), **more})


def inside(member: str, program: str, *options: str) -> str:
    """What a program in Python prints in a member's namespace; '' if it fails."""
    words = " ".join(f"'{one}'" for one in options)
    return on(
        PLACES[member], f"ip netns exec {member} python3 - {words} 2>/dev/null <<'END'\n{program}\nEND", check=False
    )


def outside(program: str, *options: str) -> str:
    """What a program prints on the central host, which is outside."""
    words = " ".join(f"'{one}'" for one in options)
    return on(CENTRAL, f"python3 - {words} 2>/dev/null <<'END'\n{program}\nEND", check=False)


def drawn(form: str) -> str:
    """The picture that the last playbook made."""
    return (lab.FLEET.parent / f"drawn.{form}").read_text(encoding="utf-8")


def marked(kind: str, name: str) -> bool:
    """Whether the picture shows that an object of the database differs."""
    return bool(re.search(rf'class="box \w+ differs"[^>]*><title>{kind} {name}\b', drawn("html")))


def all_marked() -> None:
    """The picture shows each object that differs."""
    unmarked = [one for one in DRIFTED if not marked(*one)]
    assert not unmarked, (unmarked, re.findall(r'class="box [^"]*"[^>]*><title>[^\n<]*', drawn("html")))


def builds() -> None:
    """Check mode foretells the hosts of OVN; on them it tells all of the networks, then there is nothing more to do."""
    says("hosts, then networks")
    declare(networks=False)
    play("site")
    declare()
    checked, foretold = play("site", "--check", "--diff")
    made, done = play("site", "--diff")
    assert sorted(checked["changed"]) == sorted(made["changed"]) == HOSTS, (checked, made)
    assert plan(foretold) == plan(done), (plan(foretold), plan(done))
    print("\n".join(plan(done)))
    again, _text = play("site")
    assert sorted(again["ok"]) == HOSTS, again


def carries() -> None:
    """Whole packets reach whom they should, on the same switch and through the router, and nobody else."""
    says("packets")
    on(CENTRAL, f"ip address replace {OUTSIDE}/24 dev eth0")
    leased = within(
        lambda: on(THREE, "ip -n red3 -4 -brief address show eth0 | awk '{print $3}' | cut -d/ -f1"), "lease"
    )
    print(f"red3 has the lease {leased}")
    ways = [("red1", RED["red2"]), ("red1", leased), ("red3", RED["red1"]), ("blue1", "10.50.50.202")]
    ways += [("green1", RED["red1"]), ("red1", "10.60.60.2"), ("red3", "10.60.60.2")]
    for member, address in ways:
        within(lambda one=member, to=address: arrives(PLACES[one], one, to, MTU), f"{member} to {address}")
    assert not arrives(ONE, "red1", "10.50.50.202", 100)
    assert not arrives(TWO, "blue2", leased, 100)
    print(f"whole packets of {MTU} bytes reach everybody of a network, through the router too, and nobody else")


def serves() -> None:
    """DNS, security groups, the load balancer, the floating address and source NAT."""
    says("services")
    assert inside("red1", ASK, "red2", "10.50.50.1") == RED["red2"]
    for member in RED:
        cloud.serve(PLACES[member], member)
    within(lambda: inside("red3", FETCH, f"http://{RED['red2']}/") == "red2", "a web server")
    assert inside("red3", FETCH, f"http://{RED['red1']}:81/") == "red1"
    assert not inside("red3", FETCH, f"http://{RED['red2']}:81/"), "the security group lets port 81 pass"
    within(lambda: balanced() == set(RED), "both backends")
    within(lambda: outside(FETCH, "http://198.51.100.50/") == "red2", "the floating address")
    assert not outside(FETCH, "http://198.51.100.50:81/")
    dump = "timeout 15 tcpdump -nlc 1 -i eth0 icmp and dst host"
    on(CENTRAL, f"({dump} {OUTSIDE} 2>/dev/null > /run/seen &) ; sleep 2")
    within(lambda: arrives(ONE, "red1", OUTSIDE, 100), "the outside")
    told = within(lambda: on(CENTRAL, "cat /run/seen"), "a packet outside")
    assert "IP 198.51.100.10 > " in told, told
    print("DNS, security group, load balancer, floating address and source NAT hold; outside one sees 198.51.100.10")


def balanced() -> set[str]:
    """The backends that answer for the load balancer; and '-', if it did not always answer."""
    return set(inside("red3", FETCH_OFTEN, "http://10.50.50.100/").split())


def proves() -> None:
    """What is declared holds, says verify; it names a broken port, and a wrong answer of DNS. A backend that dies is
    not asked any more.
    """
    says("proofs, and a backend that dies")
    found, text = play("verify")
    assert sorted(found["ok"]) == CHASSIS, found
    print("\n".join(line.strip('", ') for line in text.splitlines() if re.match(r' +"(red|blue|green|NETWORK) ', line)))
    port = on(TWO, FIND)
    on(TWO, f"ovs-vsctl remove interface {port} external_ids iface-id")
    on(CENTRAL, RENAME.format("10.50.50.99"))
    found, _text = play("verify", fails=True)
    told = json.dumps(found["surprises"])
    assert f"No interface of {TWO} has the iface-id 'red-red2' of red2" in told, found
    assert f"for 'red1' (dns): the answer is 10.50.50.99, though it should be {RED['red1']}" in told, found
    on(CENTRAL, RENAME.format(RED["red1"]))
    on(TWO, f"ovs-vsctl set interface {port} external_ids:iface-id=red-red2")
    within(lambda: balanced() == set(RED), "both backends again")
    on(PLACES["red1"], "ip netns pids red1 | xargs kill")
    within(lambda: balanced() == {"red2"}, "the backend that lives")
    play("verify")


def shows_packets() -> None:
    """Packets between two members behind a router are captured on both hosts, and in the tunnel between them."""
    says("a look at packets")
    options = {
        "netloom_capture": ["red1", "green1"],
        "netloom_capture_ping": True,
        "netloom_capture_underlay": True,
        "netloom_capture_seconds": 2,
        "netloom_capture_dest": str(lab.FLEET.parent / "capture"),
    }
    found, text = play("capture", f"--extra-vars={json.dumps(options)}")
    captured = {(one["host"], one["netns"], one["interface"]): one for one in found["captures"]}
    print("\n".join(line for one in found["captures"] for line in one["summary"]))
    for place in ((ONE, "red1", "eth0"), (THREE, "green1", "eth0")):
        summary = " ".join(captured[place]["summary"])
        assert f"{RED['red1']} > 10.60.60.2" in summary and f"10.60.60.2 > {RED['red1']}" in summary, text
    for host in (ONE, THREE):
        summary = " ".join(captured[host, None, "eth0"]["summary"])
        assert re.search(rf"geneve vni \d+: {RED['red1']} > 10\.60\.60\.2", summary), text


def mends() -> None:
    """Each drift, in the database and on the hosts, is named and mended; rows of others stay."""
    says("drift")
    on(
        CENTRAL,
        "ovn-nbctl ls-add theirs -- lsp-add theirs their-port -- set logical_switch theirs external_ids:neutron=1",
    )
    before = on(CENTRAL, "ovn-nbctl --columns=_uuid,name,ports,external_ids list logical_switch theirs")
    drifts = {
        "dhcp_options": (CENTRAL, "ovn-nbctl lsp-set-dhcpv4-options red-red3"),
        "nat": (CENTRAL, "ovn-nbctl lr-nat-del r1 snat"),
        "routes": (CENTRAL, "ovn-nbctl lr-route-add r1 203.0.113.0/24 198.51.100.7"),
        "acls": (CENTRAL, "ovn-nbctl --type=port-group acl-del web"),
        "addresses": (CENTRAL, "ovn-nbctl lsp-set-addresses red-red1 unknown"),
        "vips": (CENTRAL, "ovn-nbctl set load_balancer www vips='{\"10.50.50.100:80\"=\"10.50.50.9:80\"}'"),
        "iface_id": (TWO, f"ovs-vsctl remove interface $({FIND}) external_ids iface-id"),
        "red1": (ONE, "ip netns delete red1"),
    }  # fmt: skip
    for host, command in drifts.values():
        on(host, command)
    found, _text = play("drift", DRAWS, fails=True)
    all_marked()
    play("diagram", DRAWS, "--extra-vars=netloom_diagram_source=both")
    all_marked()
    report = json.dumps(found["drift"])
    assert not [what for what in drifts if what not in report], report
    made, _text = play("site")
    assert sorted(made["changed"]) == sorted({CENTRAL, ONE, TWO}), made
    again, _text = play("site", "--check", DRAWS)
    assert sorted(again["ok"]) == HOSTS, again
    assert not [one for one in DRIFTED if marked(*one)], drawn("txt")
    assert all(one in drawn("txt") for one in PICTURE), drawn("txt")
    assert on(CENTRAL, "ovn-nbctl --columns=_uuid,name,ports,external_ids list logical_switch theirs") == before
    on(CENTRAL, "ovn-nbctl ls-del theirs")


def goes() -> None:
    """A member that is not declared any more goes from its host and from the database; then everything goes."""
    says("less, then nothing")
    on(TWO, "ip netns pids red2 | xargs kill; sleep 1")  # the servers of above
    fewer = json.loads(json.dumps(NETWORKS))
    del fewer[0]["members"][2]
    declare(ovn_network_networks=fewer)
    made, _text = play("site")
    assert sorted(made["changed"]) == [CENTRAL, THREE], made
    assert "red-red3" not in on(CENTRAL, "ovn-nbctl show")
    declare(ovn_network_state="absent")
    play("site")
    assert on(CENTRAL, "ovn-nbctl --bare --columns=name list logical_switch; ovn-nbctl list logical_router") == ""
    assert (
        on(CENTRAL, "ovn-nbctl show; ovn-nbctl list port_group; ovn-nbctl list dhcp_options; ovn-nbctl list dns") == ""
    )
    assert not [host for host in CHASSIS if on(host, "ip netns list")]


def main() -> None:
    """Build, prove, break, mend, and take down."""
    cloud.prepare(HOSTS)
    before = {host: on(host, LOOK) for host in HOSTS}
    builds()
    carries()
    serves()
    proves()
    shows_packets()
    mends()
    carries()
    goes()
    declare()
    cloud.teardown(HOSTS, CENTRAL)
    on(CENTRAL, f"ip address delete {OUTSIDE}/24 dev eth0")
    for host in HOSTS:
        assert on(host, LOOK) == before[host], (host, on(host, LOOK), before[host])
    print("nothing is left")


main()
