# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dnsmasq_in_ns: values, files and plans as tables."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._kinds._dnsmasq_in_ns import DEFAULTS, DnsmasqKind
from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import (
    _dnsmasq_config,
    _dnsmasq_dhcp,
    _dnsmasq_hosts,
    _dnsmasq_values,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Missing
from ansible_collections.netloom.linux.plugins.module_utils._model._plan import Planner
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import DnsmasqTest, Scope
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import (
    Address,
    Daemon,
    Link,
    Namespace,
    Snapshot,
)
from ansible_collections.netloom.linux.tests.unit.fake_host import planned

KIND = DnsmasqKind()
CONF = "/run/netloom/dnsmasq/d1/dnsmasq.conf"
HOSTS = "/run/netloom/dnsmasq/d1/hosts"
M1, M2 = "52:54:00:00:00:01", "52:54:00:00:00:02"
RANGE = {"start": "10.0.0.10", "end": "10.0.0.99"}


def params(**given: t.Any) -> dict[str, t.Any]:
    """Options as the argument spec leaves them."""
    empty = dict.fromkeys(KIND.options)
    return {**empty, "clear": None, "state": "started", "name": "d1", "netns": "red", **given}


def host(*daemons: Daemon, inode: int = 7, index: int = 2) -> Snapshot:
    """A host with namespace red, in which eth0 is 10.0.0.1/24."""
    links = {"lo": Link("lo", index=1), "eth0": Link("eth0", "veth", index=index, addresses=(Address("10.0.0.1/24"),))}
    found = {None: Namespace(None), "red": Namespace("red", inode=inode, links=links)}
    return Snapshot(found, daemons={f"dnsmasq/{daemon.name}": daemon for daemon in daemons})


def plan(snapshot: Snapshot, assume: bool = False, **given: t.Any) -> Planner:
    """The plan for one entry."""
    return planned(KIND, params(**given), snapshot, assume)


def sentences(snapshot: Snapshot, **given: t.Any) -> list[str]:
    """What would be done."""
    return [step.sentence for step in plan(snapshot, **given).steps]


def running(**given: t.Any) -> Daemon:
    """The daemon as a run with these options would have left it."""
    planner = plan(host(), **given)
    return dataclasses.replace(planner.now.daemons["dnsmasq/d1"], pid=100, planned=False)


def config(**given: t.Any) -> list[str]:
    """The lines of dnsmasq.conf that come from the options."""
    settings = {**DEFAULTS, **KIND.normalise(params(**given), "").given}
    return _dnsmasq_config.files("d1", settings)[CONF].splitlines()[5:]


# --- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("1h", "1h"),
        ("60m", "1h"),
        ("3600", "1h"),
        (3600, "1h"),
        ("90m", "90m"),
        ("24h", "1d"),
        ("7d", "1w"),
        ("150", "150"),
        ("INFINITE", "infinite"),
    ],
)
def test_lease_time(written: t.Any, normal: str) -> None:
    assert _dnsmasq_values.lease_time(written, "x") == normal
    assert _dnsmasq_values.lease_time(normal, "x") == normal


@pytest.mark.parametrize("written", ["", "1x", "h", "-1", "119", "60s", "1h\n", "1.5h", "4294967295", "99999999999"])
def test_bad_lease_time(written: str) -> None:
    with pytest.raises(BadInput, match="ranges"):
        _dnsmasq_values.lease_time(written, "ranges[0].lease_time")


BAD = {
    "range upside down": (
        {"ranges": [{"start": "10.0.0.9", "end": "10.0.0.2"}]},
        r"ranges\[0\]\.end: '10.0.0.2' comes before start '10.0.0.9'; swap",
    ),
    "mixed families": (
        {"ranges": [{"start": "10.0.0.9", "end": "fd00::2"}]},
        r"ranges\[0\]\.end: .* IPv6, but start .* IPv4",
    ),
    "outside of prefix": (
        {"ranges": [{"start": "10.0.0.9", "end": "10.0.1.2", "prefix": 24}]},
        "outside of '10.0.0.0/24'",
    ),
    "prefix out of range": ({"ranges": [{**RANGE, "prefix": 33}]}, r"ranges\[0\]\.prefix: 33"),
    "long IPv6 range": ({"ranges": [{"start": "fd00::1", "end": "fd00::9", "prefix": 48}]}, r"ranges\[0\]\.prefix: 48"),
    "no end": ({"ranges": [{"start": "10.0.0.9"}]}, r"ranges\[0\]\.end: is missing"),
    "static with end": ({"ranges": [{**RANGE, "mode": "static"}]}, "has no end"),
    "IPv6 mode": ({"ranges": [{**RANGE, "mode": "slaac"}]}, "is for IPv6"),
    "proxy for IPv6": ({"ranges": [{"start": "fd00::", "mode": "proxy"}]}, "is for IPv4"),
    "no address": ({"ranges": [{"start": "10.0.0.300", "end": "10.0.0.9"}]}, r"ranges\[0\]\.start"),
    "overlap": (
        {"ranges": [RANGE, {"start": "10.0.0.99", "end": "10.0.0.120"}]},
        r"ranges\[1\]: .* overlaps with ranges\[0\]",
    ),
    "tag": ({"ranges": [{**RANGE, "set_tag": "a,b"}]}, r"ranges\[0\]\.set_tag"),
    "line break in domain": ({"domain": "a\nuser=root"}, "domain: .*line break"),
    "line break in option": (
        {"options": [{"option": 3, "value": "1.2.3.4\nuser=root"}]},
        r"options\[0\]\.value: .*line break",
    ),
    "line break in a list": (
        {"options": [{"option": 3, "value": ["1.2.3.4", "a\rb"]}]},
        r"options\[0\]\.value\[1\]: .*line break",
    ),
    "line break in host": (
        {"hosts": [{"mac": "52:54:00:00:00:01", "hostname": "a\nb"}]},
        r"hosts\[0\]\.hostname: .*line break",
    ),
    "line break in extra": ({"extra_config": ["no-ping\nuser=root"]}, r"extra_config\[0\]: .*line break"),
    "line break in server": ({"servers": ["10.0.0.1\n"], "dns": True}, r"servers\[0\]: .*line break"),
    "bare extra": ({"extra_config": "no-ping,quiet-dhcp"}, "extra_config: .*not a list"),
    "empty template": ({"extra_config": [""]}, "omit"),
    "number as extra": ({"extra_config": [5]}, "quote it"),
    "ours": ({"extra_config": ["pid-file = /tmp/x"]}, "what the module itself decides"),
    "option name": ({"options": [{"option": "a b"}]}, r"options\[0\]\.option"),
    "option number": ({"options": [{"option": 255}]}, r"options\[0\]\.option: 255"),
    "option true": ({"options": [{"option": True}]}, r"options\[0\]\.option"),
    "value true": ({"options": [{"option": 19, "value": True}]}, "write 1 or 0"),
    "option twice": (
        {"options": [{"option": "router", "value": "10.0.0.1"}, {"option": "option:router"}]},
        r"options\[1\]\.option: .*options\[0\]",
    ),
    "mac twice": (
        {"hosts": [{"mac": "52:54:00:00:00:01"}, {"mac": "52-54-00-00-00-01"}]},
        r"hosts\[1\]\.mac: .*hosts\[0\]",
    ),
    "address twice": (
        {"hosts": [{"mac": f"52:54:00:00:00:0{n}", "address": "10.0.0.5"} for n in (1, 2)]},
        r"hosts\[1\]\.address: .*hosts\[0\]",
    ),
    "name twice": (
        {"hosts": [{"mac": f"52:54:00:00:00:0{n}", "hostname": h} for n, h in ((1, "Web"), (2, "web"))]},
        r"hosts\[1\]\.hostname",
    ),
    "multicast MAC": ({"hosts": [{"mac": "53:54:00:00:00:01"}]}, "multicast"),
    "name like a time": ({"hosts": [{"mac": "52:54:00:00:00:01", "hostname": "10"}]}, "lease time"),
    "host out of prefix": (
        {"ranges": [{**RANGE, "prefix": 24}], "hosts": [{"mac": "52:54:00:00:00:01", "address": "10.1.0.5"}]},
        r"hosts\[0\]\.address: .*outside",
    ),
    "interface twice": ({"interfaces": ["eth0", "eth0"]}, r"interfaces\[1\]"),
    "interface of two": ({"interfaces": ["eth0,eth1"]}, r"interfaces\[0\]"),
    "servers without DNS": ({"servers": ["10.0.0.53"]}, "servers: .*set dns to true"),
    "records without DNS": ({"records": [{"name": "a", "address": "10.0.0.1"}]}, "records: .*set dns to true"),
    "server": ({"servers": ["one"], "dns": True}, r"servers\[0\]"),
    "server port": ({"servers": ["10.0.0.1#70000"], "dns": True}, r"servers\[0\]"),
    "record twice": (
        {"records": [{"name": n, "address": "10.0.0.1"} for n in ("a", "A")], "dns": True},
        r"records\[1\]\.name",
    ),
    "record without address": ({"records": [{"name": "a", "address": []}], "dns": True}, r"records\[0\]\.address"),
    "long line": ({"options": [{"option": 15, "value": "x" * 1000}]}, r"options\[0\]: .*bytes"),
    "two modes for IPv4": ({"ranges": [{"start": "10.0.0.0", "mode": ["static", "proxy"]}]}, "exclude each other"),
    "mode twice": (
        {"ranges": [{"start": "fd00::", "mode": ["slaac", "slaac"]}]},
        r"ranges\[0\]\.mode\[1\]: 'slaac' stands in the list twice",
    ),
    "one endless mode of several": (
        {"ranges": [{"start": "fd00::1", "end": "fd00::9", "mode": ["off-link", "ra-only"]}]},
        "mode 'ra-only' has no end",
    ),
    "constructor for IPv4": ({"ranges": [{**RANGE, "constructor": "eth0"}]}, r"ranges\[0\]\.constructor: is for IPv6"),
    "constructor with a network": (
        {"ranges": [{"start": "fd00::", "mode": ["slaac"], "constructor": "eth0"}]},
        "such as '::100'",
    ),
    "constructor of two": (
        {"ranges": [{"start": "::", "mode": ["slaac"], "constructor": "eth0,static"}]},
        r"ranges\[0\]\.constructor",
    ),
    "relayed without prefix": ({"ranges": [{**RANGE, "relayed": True}]}, r"ranges\[0\]\.prefix: is missing"),
    "deprecated for IPv4": ({"ranges": [{**RANGE, "lease_time": "deprecated"}]}, r"ranges\[0\]\.lease_time"),
    "tag of a range": ({"ranges": [{**RANGE, "tag": "a,set:b"}]}, r"ranges\[0\]\.tag"),
    "tag twice": (
        {"options": [{"option": 3, "tag": ["a", "a"]}]},
        r"options\[0\]\.tag\[1\]: 'a' stands in the list twice",
    ),
    "tag as a number": (
        {"options": [{"option": 3, "tag": 5}]},
        r"options\[0\]\.tag: YAML read this as the number 5; quote it",
    ),
    "vendor with a comma": ({"options": [{"option": 1, "vendor": "a,3"}]}, r"options\[0\]\.vendor"),
    "vendor and encap": (
        {"options": [{"option": 1, "vendor": "a", "encap": 2}]},
        r"options\[0\]\.encap: .*one other at most",
    ),
    "name inside of another": (
        {"options": [{"option": "router", "encap": 2}]},
        r"options\[0\]\.option: .*write the number",
    ),
    "nobody": ({"hosts": [{"address": "10.0.0.5"}]}, r"hosts\[0\]\.mac: is missing"),
    "any client": ({"hosts": [{"client_id": "*"}]}, r"hosts\[0\]\.mac: is missing"),
    "client id as a number": ({"hosts": [{"client_id": 5}]}, r"hosts\[0\]\.client_id: .*quote it"),
    "client id beyond ASCII": ({"hosts": [{"client_id": "a\x85b"}]}, r"hosts\[0\]\.client_id: .*ASCII"),
    "MAC among several as a number": (
        {"hosts": [{"mac": [M1, 190]}]},
        r"hosts\[0\]\.mac\[1\]: YAML read this as the number 190",
    ),
    "client id": ({"hosts": [{"client_id": "00:zz"}]}, r"hosts\[0\]\.client_id: .*neither bytes"),
    "client id twice": (
        {"hosts": [{"client_id": "0:1"}, {"client_id": "00:01"}]},
        r"hosts\[1\]\.client_id: '00:01' is also that of hosts\[0\]",
    ),
    "line break in client id": ({"hosts": [{"client_id": "a\nb"}]}, r"hosts\[0\]\.client_id: .*line break"),
    "wild MAC": ({"hosts": [{"mac": "52:54:*"}]}, r"hosts\[0\]\.mac"),
    "second MAC": ({"hosts": [{"mac": [M1, "x"]}]}, r"hosts\[0\]\.mac\[1\]"),
    "MAC among several": ({"hosts": [{"mac": [M2, M1]}, {"mac": M1}]}, r"hosts\[1\]\.mac: .*hosts\[0\]"),
    "ignored with address": (
        {"hosts": [{"mac": M1, "ignore": True, "address": "10.0.0.5"}]},
        r"hosts\[0\]\.address: a client that is ignored",
    ),
    "set_tag of a host": ({"hosts": [{"mac": M1, "set_tag": "a b"}]}, r"hosts\[0\]\.set_tag"),
    "relay of two families": (
        {"relays": [{"address": "10.0.0.1", "server": "fd00::1"}]},
        r"relays\[0\]\.server: .*one family",
    ),
    "relay to nobody": ({"relays": [{"address": "10.0.0.1"}]}, r"relays\[0\]\.server: is missing"),
    "relay twice": (
        {"relays": [{"address": "10.0.0.1", "server": "10.0.0.9"}] * 2},
        r"relays\[1\]: is the same as relays\[0\]",
    ),
    "ra_params without IPv6": ({"ra_params": [{"interval": 60}]}, "ra_params: is for router advertisements"),
    "ra_params twice": ({"ra_params": [{"interval": 60}, {"mtu": 1400}]}, r"ra_params\[1\]\.interface: .*twice"),
    "interval": ({"ra_params": [{"interval": 3}]}, r"ra_params\[0\]\.interval: 3"),
    "lifetime below the interval": ({"ra_params": [{"interval": 60, "lifetime": 30}]}, r"ra_params\[0\]\.lifetime: 30"),
    "MTU of IPv4": ({"ra_params": [{"mtu": 1279}]}, r"ra_params\[0\]\.mtu: 1279"),
    "quoted port": ({"extra_config": ['"port"=53']}, "what the module itself decides"),
    "link-local server": (
        {"servers": ["fe80::1"], "dns": True},
        r"servers\[0\]: 'fe80::1' is link-local; say on which link, as in 'fe80::1%eth0'",
    ),
    "link of a global server": (
        {"servers": ["fd00::1%eth0"], "dns": True},
        r"servers\[0\]: .*write it without '%eth0'",
    ),
    "domain with wildcard": ({"servers": ["/*.corp/10.0.0.1"], "dns": True}, r"servers\[0\]: .*Write 'corp'"),
    "standard server of no domain": ({"servers": ["#"], "dns": True}, r"servers\[0\]"),
    "port of nothing": ({"servers": ["/corp/#54"], "dns": True}, r"servers\[0\]"),
    "server with a comment": ({"servers": ["10.0.0.1 # x"], "dns": True}, r"servers\[0\]"),
    "record of both": (
        {"records": [{"name": "a", "address": "10.0.0.1", "cname": "b"}], "dns": True},
        r"records\[0\]\.cname: .*give address or cname",
    ),
    "record of neither": (
        {"records": [{"name": "a"}], "dns": True},
        r"records\[0\]\.address: is missing; say which addresses",
    ),
    "record of itself": (
        {"records": [{"name": "a.x", "cname": "A.x."}], "dns": True},
        r"records\[0\]\.cname: .*itself",
    ),
    "record with a comma": (
        {"records": [{"name": "a,10.0.0.9", "address": "10.0.0.1"}], "dns": True},
        r"records\[0\]\.name",
    ),
    "wildcard inside": ({"records": [{"name": "a.*.x", "address": "10.0.0.1"}], "dns": True}, r"records\[0\]\.name"),
    "cname with a slash": ({"records": [{"name": "a", "cname": "b/c"}], "dns": True}, r"records\[0\]\.cname"),
    "name": ({"name": "../x"}, "name:"),
    "null name": ({"name": None}, "name: is required"),
    "null netns": ({"netns": None}, "netns: is required"),
    "null start": ({"ranges": [{"start": None, "end": "10.0.0.9"}]}, r"ranges\[0\]\.start: is required"),
    "null MAC": ({"hosts": [{"mac": None}]}, r"hosts\[0\]\.mac: is missing"),
    "netns": ({"netns": "a/b"}, "netns:"),
    "clear and set": ({"dns": True, "clear": ["dns"]}, "clear"),
    "clear name": ({"clear": ["name"]}, "cannot be cleared"),
}


@pytest.mark.parametrize(("given", "message"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("assume", [False, True])
def test_bad_input(given: dict[str, t.Any], message: str, assume: bool) -> None:
    with pytest.raises(BadInput, match=message):
        plan(host(), assume=assume, **given)


def test_normal_form_is_a_fixed_point() -> None:
    given = {
        "interfaces": ["eth0"],
        "ranges": [{**RANGE, "prefix": 24, "lease_time": "60m", "set_tag": "a", "mode": None}],
        "hosts": [{"mac": "52-54-00-AA-00-01", "address": "10.0.0.5", "hostname": "web", "lease_time": None}],
        "options": [
            {"option": 3, "value": ["10.0.0.1"], "tag": "!a"},
            {"option": "option:mtu", "value": 1400, "tag": None},
        ],
        "dns": True,
        "servers": ["/example.org/10.0.0.53#53"],
        "records": [{"name": "gw", "address": "10.0.0.1"}],
        "extra_config": [" no-ping "],
    }
    once = KIND.normalise(params(**given), "").given
    assert KIND.normalise(params(**once), "").given == once
    assert once["hosts"] == [{"mac": "52:54:00:aa:00:01", "address": "10.0.0.5", "hostname": "web"}]
    assert once["options"] == [{"option": "3", "value": ["10.0.0.1"], "tag": "!a"}, {"option": "mtu", "value": "1400"}]


# --- files ----------------------------------------------------------------------------------------

BASE = ["bind-dynamic", "except-interface=lo", "port=0"]


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({}, BASE),
        ({"interfaces": ["lo", "eth0"]}, ["bind-dynamic", "interface=lo", "interface=eth0", "port=0"]),
        ({"ranges": [RANGE]}, [*BASE, "dhcp-authoritative", "dhcp-range=10.0.0.10,10.0.0.99"]),
        (
            {"ranges": [{**RANGE, "prefix": 25, "lease_time": "1h", "set_tag": "red"}], "static_only": True},
            [
                *BASE,
                "dhcp-authoritative",
                "dhcp-ignore=tag:!known",
                "dhcp-range=set:red,10.0.0.10,10.0.0.99,255.255.255.128,1h",
            ],
        ),
        (
            {"ranges": [{"start": "fd00::", "prefix": 64, "mode": "ra-only"}], "ra": True},
            [*BASE, "dhcp-authoritative", "enable-ra", "dhcp-range=fd00::,ra-only,64"],
        ),
        (
            {"ranges": [{"start": "10.0.0.0", "mode": "static", "prefix": 24}]},
            [*BASE, "dhcp-authoritative", "dhcp-range=10.0.0.0,static,255.255.255.0"],
        ),
        (
            {
                "dns": True,
                "domain": "a.example",
                "servers": ["10.0.0.53"],
                "records": [{"name": "gw", "address": ["10.0.0.1", "fd00::1"]}],
            },
            [
                *BASE[:2],
                "no-hosts",
                "no-resolv",
                "server=10.0.0.53",
                "host-record=gw,10.0.0.1",
                "host-record=gw,fd00::1",
                "domain=a.example",
            ],
        ),
        (
            {
                "ranges": [
                    {"start": "fd00::", "prefix": 64, "mode": ["ra-only", "off-link"], "lease_time": "deprecated"}
                ]
            },
            [*BASE, "dhcp-authoritative", "dhcp-range=fd00::,ra-only,off-link,64,deprecated"],
        ),
        (
            {"ranges": [{"start": "::100", "end": "::1ff", "constructor": "eth0", "mode": ["ra-names", "slaac"]}]},
            [*BASE, "dhcp-authoritative", "dhcp-range=::100,::1ff,constructor:eth0,ra-names,slaac"],
        ),
        (
            {"ranges": [{**RANGE, "tag": ["a", "!b"], "set_tag": "c"}]},
            [*BASE, "dhcp-authoritative", "dhcp-range=tag:a,tag:!b,set:c,10.0.0.10,10.0.0.99"],
        ),
        (
            {
                "ranges": [{"start": "fd00::", "prefix": 64, "mode": ["ra-only"]}],
                "ra": True,
                "ra_params": [
                    {"interval": 60},
                    {"interface": "eth0", "mtu": 1400, "priority": "high", "lifetime": 1800},
                ],
            },
            [
                *BASE,
                "dhcp-authoritative",
                "enable-ra",
                "ra-param=eth0,mtu:1400,high,600,1800",
                "ra-param=*,60",
                "dhcp-range=fd00::,ra-only,64",
            ],
        ),
        (
            {
                "dns": True,
                "servers": [
                    "/a.example/b/10.0.0.53#54",
                    "/corp/#",
                    "/lan/",
                    "//10.0.0.9",
                    "FE80::53%eth0#55",
                    "10.0.0.8@eth1",
                    "/_x.y./10.0.0.7@10.0.0.1",
                ],
            },
            [
                *[
                    *BASE[:2],
                    "no-hosts",
                    "no-resolv",
                    "server=/a.example/b/10.0.0.53#54",
                    "server=/corp/#",
                    "server=/lan/",
                    "server=//10.0.0.9",
                ],
                *["server=fe80::53%eth0#55", "server=10.0.0.8@eth1", "server=/_x.y/10.0.0.7@10.0.0.1"],
            ],
        ),
        (
            {
                "dns": True,
                "records": [
                    *[
                        {"name": "*.apps.x", "address": ["10.0.0.2", "10.0.0.3"]},
                        {"name": "_sip._tcp.x", "address": "10.0.0.4"},
                    ],
                    *[{"name": "gw.x.", "address": "10.0.0.1"}, {"name": "www.x", "cname": "gw.x."}],
                ],
            },
            [
                *[*BASE[:2], "no-hosts", "no-resolv", "address=/apps.x/10.0.0.2", "address=/apps.x/10.0.0.3"],
                *["host-record=_sip._tcp.x,10.0.0.4", "host-record=gw.x,10.0.0.1", "cname=www.x,gw.x"],
            ],
        ),
        (
            {"dns": True, "extra_config": ["resolv-file=/etc/resolv.conf"]},
            [*BASE[:2], "no-hosts", "resolv-file=/etc/resolv.conf"],
        ),
    ],
)
def test_configuration(given: dict[str, t.Any], lines: list[str]) -> None:
    assert config(**given) == lines


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ({"option": "router", "value": "10.0.0.1"}, "option:router,10.0.0.1"),
        ({"option": 3, "value": ["10.0.0.1", "10.0.0.2"]}, "3,10.0.0.1,10.0.0.2"),
        ({"option": "router"}, "option:router"),
        ({"option": "option6:dns-server", "value": "[fd00::1]", "tag": "a"}, "tag:a,option6:dns-server,[fd00::1]"),
        ({"option": 114, "value": 'http://x/ #a"b'}, '114,"http://x/ #a\\"b"'),
        ({"option": 114, "value": ["a,b"]}, '114,"a,b"'),
        ({"option": "option6:dns-server", "value": "fd00::1"}, "option6:dns-server,[fd00::1]"),
        ({"option": "option6:23", "value": "fd00::1,[fd00::2]"}, "option6:23,[fd00::1],[fd00::2]"),
        ({"option": "option6:dns-server", "value": ["FD00::1", "fd00::2"]}, "option6:dns-server,[fd00::1],[fd00::2]"),
        (
            {"option": "option6:domain-search", "value": ["a.example", "b.example"]},
            "option6:domain-search,a.example,b.example",
        ),
        ({"option": 3, "value": "10.0.0.1", "tag": ["a", "!b"]}, "tag:a,tag:!b,3,10.0.0.1"),
        ({"option": 1, "value": "0.0.0.0", "vendor": "PXEClient"}, "vendor:PXEClient,1,0.0.0.0"),
        ({"option": 190, "value": "iscsi", "encap": 175, "tag": "a"}, "tag:a,encap:175,190,iscsi"),
        ({"option": 10, "value": "text", "vi_encap": 2}, "vi-encap:2,10,text"),
    ],
)
def test_option_lines(entry: dict[str, t.Any], line: str) -> None:
    settings = {**DEFAULTS, "ranges": [RANGE], "options": _dnsmasq_dhcp.options([entry], "options")}
    assert _dnsmasq_config.files("d1", settings)["/run/netloom/dnsmasq/d1/options"] == f"{line}\n"


def test_hosts_lines() -> None:
    hosts = [
        {"mac": "52:54:00:00:00:01", "address": "10.0.0.5", "hostname": "web", "lease_time": "1h"},
        {"mac": "52:54:00:00:00:02", "address": "fd00::5"},
    ]
    settings = {**DEFAULTS, "hosts": _dnsmasq_hosts.hosts(hosts, "hosts")}
    assert (
        _dnsmasq_config.files("d1", settings)[HOSTS]
        == "52:54:00:00:00:01,10.0.0.5,web,1h\n52:54:00:00:00:02,[fd00::5]\n"
    )


ONLY_RA = {"start": "fd00::", "prefix": 64}
OPTIONS = "/run/netloom/dnsmasq/d1/options"


@pytest.mark.parametrize(
    ("ranges", "reads"),
    [
        ([], False),
        ([{**ONLY_RA, "mode": ["slaac"]}], False),
        ([{**ONLY_RA, "mode": ["ra-only", "off-link"]}], False),
        ([{**ONLY_RA, "mode": ["ra-names"]}, {"start": "fd01::", "prefix": 64, "mode": ["ra-advrouter"]}], False),
        ([{**ONLY_RA, "mode": ["ra-stateless"]}], True),
        ([{**ONLY_RA, "mode": ["static"]}], True),
        ([{"start": "fd00::10", "end": "fd00::20", "mode": ["slaac"]}], True),
        ([{**ONLY_RA, "mode": ["slaac"]}, RANGE], True),
        ([{"start": "10.0.0.0", "prefix": 24, "mode": ["proxy"]}], True),
    ],
)
def test_options_stand_where_dnsmasq_reads_them(ranges: list[dict[str, t.Any]], reads: bool) -> None:
    """dnsmasq reads dhcp-optsfile only if it does DHCP; router advertisements take their RDNSS and DNSSL from options,
    too.
    """
    given = {"ranges": ranges, "ra": True, "options": [{"option": "option6:dns-server", "value": "fd00::53"}]}
    settings = {**DEFAULTS, **KIND.normalise(params(**given), "").given}
    written = _dnsmasq_config.files("d1", settings)
    line = "option6:dns-server,[fd00::53]\n"
    assert (line == written[OPTIONS]) is reads
    assert (f"dhcp-option={line}" in written[CONF]) is not reads
    assert _dnsmasq_config.text_for_test(settings).count(line) == 1


def test_an_option_of_router_advertisements_is_a_restart() -> None:
    given = {"ranges": [{**ONLY_RA, "mode": ["slaac"]}], "ra": True}
    more = {**given, "options": [{"option": "option6:domain-search", "value": "x.example"}]}
    assert sentences(host(running(**given)), **more) == [
        "stop dnsmasq d1 in red (its configuration changes)",
        "start dnsmasq d1 in red",
    ]


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ({"mac": [M1, M2], "address": "10.0.0.5"}, f"{M1},{M2},10.0.0.5"),
        ({"mac": "52-54-00-*-*-*", "set_tag": "vm"}, "52:54:00:*:*:*,set:vm"),
        ({"client_id": "00:01:0:1:24:AA", "address": "fd00::5"}, "id:00:01:00:01:24:aa,[fd00::5]"),
        ({"client_id": "laptop", "hostname": "lap"}, "id:laptop,lap"),
        ({"client_id": "a,b"}, 'id:"a,b"'),
        ({"client_id": "a #b"}, 'id:"a #b"'),
        ({"client_id": 'a"b'}, 'id:"a\\"b"'),
        ({"mac": M1, "client_id": "*", "address": "10.0.0.5"}, f"{M1},id:*,10.0.0.5"),
        (
            {"mac": M1, "set_tag": ["a", "b"], "tag": ["c", "!d"], "lease_time": "60m"},
            f"{M1},set:a,set:b,tag:c,tag:!d,1h",
        ),
        ({"mac": M1, "ignore": True}, f"{M1},ignore"),
        ({"hostname": "lap", "address": "10.0.0.5"}, "10.0.0.5,lap"),
    ],
)
def test_one_host(entry: dict[str, t.Any], line: str) -> None:
    once = KIND.normalise(params(hosts=[entry]), "").given
    assert KIND.normalise(params(**once), "").given == once
    assert _dnsmasq_config.files("d1", {**DEFAULTS, **once})[HOSTS] == f"{line}\n"


def test_one_client_in_two_subnets() -> None:
    both = [
        {"mac": M1, "address": "10.0.0.5", "hostname": "web"},
        {"mac": M1, "address": "10.7.0.5", "hostname": "web"},
    ]
    assert plan(host(), hosts=both, ranges=[RANGE]).warnings == []
    one = [both[0], {**both[1], "address": "10.0.0.6"}]
    with pytest.raises(
        BadInput, match=rf"hosts\[1\]: '{M1}' is also that of hosts\[0\], and both addresses lie in '10.0.0.0/24'"
    ):
        plan(host(), hosts=one, ranges=[RANGE])
    with pytest.raises(BadInput, match=r"both addresses lie in '10.7.0.0/24'"):
        plan(
            host(),
            hosts=[both[1], {**both[1], "address": "10.7.0.6"}],
            ranges=[{"start": "10.7.0.1", "end": "10.7.0.9", "prefix": 24, "relayed": True}],
        )
    assert plan(host(), hosts=[one[0], {**one[1], "tag": "b"}], ranges=[RANGE]).steps


def test_a_relay_needs_its_address() -> None:
    relay = {"address": "10.0.0.1", "server": "10.9.0.2"}
    assert "dhcp-relay=10.0.0.1,10.9.0.2" in config(relays=[relay])
    assert plan(host(), relays=[relay]).warnings == []
    with pytest.raises(Missing, match=r"relays\[0\]\.address: no link in namespace 'red' has the address '10.77.0.1'"):
        plan(host(), relays=[{**relay, "address": "10.77.0.1"}])
    with pytest.raises(Missing, match=r"relays\[0\]\.interface: there is no link 'eth9'"):
        plan(host(), relays=[{**relay, "interface": "eth9"}])


SIX = {"start": "fd00::10", "end": "fd00::20", "prefix": 64, "relayed": True}
RA = {"start": "fd00::", "prefix": 64, "mode": ["slaac"], "relayed": True}
HOST = {"mac": M1}


@pytest.mark.parametrize(
    ("given", "warnings"),
    [
        ({"ranges": [RANGE], "hosts": [HOST], "options": [{"option": 3}]}, []),
        ({"ranges": [RANGE], "ra": True}, ["ra: router advertisements are sent for IPv6 ranges"]),
        ({"ranges": [RA], "ra": True, "hosts": [HOST]}, ["hosts: no range hands out addresses"]),
        ({"ranges": [RA], "ra": True, "options": [{"option": "option6:dns-server"}, {"option": "option6:24"}]}, []),
        (
            {"ranges": [RA], "ra": True, "options": [{"option": "option6:ntp-server"}]},
            ["options[0]: no range is for DHCPv6"],
        ),
        ({"ranges": [RA, SIX], "ra": True, "options": [{"option": "option6:ntp-server"}], "hosts": [HOST]}, []),
        ({"ranges": [RA], "ra": True, "options": [{"option": 3}]}, ["options[0]: there is no IPv4 range"]),
        (
            {"ranges": [RANGE], "options": [{"option": 3}, {"option": "option6:23"}]},
            ["options[1]: there is no IPv6 range"],
        ),
        ({"options": [{"option": 3}], "extra_config": ["dhcp-range=10.0.0.1,10.0.0.9"]}, []),
        (
            {"ranges": [RANGE], "options": [{"option": 3, "tag": "gold"}]},
            ["options[0].tag: nothing sets the tag 'gold'"],
        ),
        ({"ranges": [RANGE], "options": [{"option": 3, "tag": ["eth0", "!gold", "known"]}]}, []),
        ({"ranges": [{**RANGE, "set_tag": "gold"}], "options": [{"option": 3, "tag": "gold"}]}, []),
        (
            {"ranges": [RANGE], "hosts": [{**HOST, "set_tag": ["x", "gold"]}, {"mac": M2, "tag": "golf"}]},
            ["hosts[1].tag: nothing sets the tag 'golf'"],
        ),
        ({"ranges": [{**RANGE, "tag": "gold"}], "extra_config": ["dhcp-vendorclass=set:gold,x"]}, []),
    ],
)
def test_what_would_have_no_effect_is_said(given: dict[str, t.Any], warnings: list[str]) -> None:
    said = plan(host(), **given).warnings
    assert len(said) == len(warnings)
    assert all(one.startswith(begin) for one, begin in zip(said, warnings))


# --- dnsmasq's own test ---------------------------------------------------------------------------


def answered(said: str | None, assume: bool = False, **given: t.Any) -> Planner:
    """A plan on a host whose dnsmasq says this to the configuration."""
    spec = KIND.normalise(params(**given), "")
    scope = Scope()
    KIND.scope(spec, scope)
    (question,) = scope.questions
    assert isinstance(question, DnsmasqTest)
    snapshot = host()
    snapshot.answers[question] = said
    return plan(snapshot, assume=assume, **given)


def test_dnsmasq_names_the_option() -> None:
    options = [{"option": "router", "value": "10.0.0.1"}, {"option": "nonsense", "value": "1"}]
    with pytest.raises(BadInput, match=r"options\[1\]\.option: .*nonsense"):
        answered("bad dhcp-option at line 5 of stdin", options=options)
    with pytest.raises(BadInput, match=r"options\[0\]\.value: .*10.0.0.1"):
        answered("bad IPv4 address at line 4 of stdin", options=options)
    with pytest.raises(BadInput, match=r"extra_config\[0\]: .*nonsense=1"):
        answered("bad option at line 4 of stdin", extra_config=["nonsense=1"])
    with pytest.raises(BadInput, match="what ever"):
        answered("what ever")


def test_dnsmasq_is_missing() -> None:
    with pytest.raises(Missing, match=r"netloom\.linux\.prepare"):
        answered("")
    planner = answered("", assume=True)
    assert len(planner.steps) == 1
    assert "prepare" in planner.warnings[0]


# --- plans ----------------------------------------------------------------------------------------

GIVEN: dict[str, t.Any] = {"interfaces": ["eth0"], "ranges": [RANGE], "hosts": [{"mac": "52:54:00:00:00:01"}]}


def edited(path: str, line: str) -> Daemon:
    """Somebody added a line to a file."""
    daemon = running(**GIVEN)
    return dataclasses.replace(daemon, files={**daemon.files, path: daemon.files[path] + line + "\n"}, unread=(path,))


RESTART = "stop dnsmasq d1 in red ({})", "start dnsmasq d1 in red"
PLANS: dict[str, tuple[Snapshot, dict[str, t.Any], list[str]]] = {
    "new": (host(), GIVEN, ["start dnsmasq d1 in red"]),
    "the same": (host(running(**GIVEN)), GIVEN, []),
    "left alone": (host(running(**GIVEN)), {}, []),
    "present is started": (host(running(**GIVEN)), {**GIVEN, "state": "present"}, []),
    "host removed": (host(running(**GIVEN)), {"hosts": []}, ["reload dnsmasq d1 in red (hosts changed)"]),
    "options added": (
        host(running(**GIVEN)),
        {"options": [{"option": 3}]},
        ["reload dnsmasq d1 in red (options changed)"],
    ),
    "range": (
        host(running(**GIVEN)),
        {"ranges": [{**RANGE, "lease_time": "2h"}]},
        [RESTART[0].format("its configuration changes"), RESTART[1]],
    ),
    "cleared": (
        host(running(**GIVEN, dns=True)),
        {"clear": ["dns"]},
        [RESTART[0].format("its configuration changes"), RESTART[1]],
    ),
    "configuration by hand": (
        host(edited(CONF, "no-ping")),
        GIVEN,
        [RESTART[0].format("its configuration was edited by hand"), RESTART[1]],
    ),
    "hosts by hand": (host(edited(HOSTS, "x")), GIVEN, ["reload dnsmasq d1 in red (hosts changed)"]),
    "dead": (
        host(dataclasses.replace(running(**GIVEN), alive=False, pid=None)),
        GIVEN,
        ["start dnsmasq d1 in red (it was not running)"],
    ),
    "namespace anew": (
        host(running(**GIVEN), inode=8),
        GIVEN,
        [RESTART[0].format("namespace red was made anew"), RESTART[1]],
    ),
    "interface anew": (
        host(running(**GIVEN), index=9),
        GIVEN,
        [RESTART[0].format("its interface eth0 was made anew"), RESTART[1]],
    ),
    "stopped": (host(running(**GIVEN)), {"state": "stopped"}, ["stop dnsmasq d1 in red"]),
    "stopped, never there": (host(), {"state": "stopped"}, []),
    "absent": (
        host(running(**GIVEN)),
        {"state": "absent", "netns": None},
        ["stop dnsmasq d1 in red and delete its files"],
    ),
    "absent, never there": (host(), {"state": "absent"}, []),
    "absent elsewhere": (host(running(**GIVEN)), {"state": "absent", "netns": "redhat"}, []),
    "another name": (host(running(**GIVEN)), {"state": "absent", "name": "d"}, []),
}


@pytest.mark.parametrize(("snapshot", "given", "steps"), PLANS.values(), ids=PLANS)
def test_plan(snapshot: Snapshot, given: dict[str, t.Any], steps: list[str]) -> None:
    assert sentences(snapshot, **given) == steps


@pytest.mark.parametrize(("snapshot", "given", "steps"), PLANS.values(), ids=PLANS)
def test_undo(snapshot: Snapshot, given: dict[str, t.Any], steps: list[str]) -> None:
    """The inverses, newest first, lead back: what ran runs again with its files, and leases are not forgotten on the
    way.
    """
    planner = plan(snapshot, **given)
    now = planner.now
    for step in reversed(planner.steps):
        for op in step.inverse:
            op.effect(now)
    before = {key: (daemon.alive, dict(daemon.settings)) for key, daemon in snapshot.daemons.items()}
    after = {key: (daemon.alive, dict(daemon.settings)) for key, daemon in now.daemons.items()}
    assert after == before


def test_view_is_the_options() -> None:
    daemon = running(**GIVEN)
    spec = KIND.normalise(params(), "")
    view = KIND.view(spec, host(daemon))
    assert view == {
        "name": "d1",
        "netns": "red",
        "state": "started",
        **GIVEN,
        "static_only": False,
        "dns": False,
        "ra": False,
    }
    assert sentences(host(daemon), **{key: value for key, value in view.items() if key != "name"}) == []
    drifted = KIND.view(spec, host(edited(CONF, "no-ping")))
    assert drifted is not None
    assert drifted["extra_config"] == ["no-ping"]
    displaced = KIND.view(spec, host(daemon, inode=8))
    assert displaced is not None
    assert displaced["state"] == "stopped"


def test_what_is_missing() -> None:
    with pytest.raises(Missing, match=r"interfaces\[0\]: there is no link 'eth7' in namespace 'red'"):
        plan(host(), interfaces=["eth7"])
    with pytest.raises(Missing, match="no such namespace"):
        plan(host(), netns="blue")
    planner = plan(host(), assume=True, netns="blue", interfaces=["eth7"])
    assert [step.sentence for step in planner.steps] == ["start dnsmasq d1 in blue"]
    assert len(planner.warnings) == 2


def test_a_range_that_nobody_is_in() -> None:
    assert "ranges[0]" in plan(host(), ranges=[{"start": "10.7.0.1", "end": "10.7.0.9"}]).warnings[0]
    assert plan(host(), ranges=[RANGE]).warnings == []
    assert plan(host(), ranges=[{"start": "10.7.0.1", "end": "10.7.0.9", "prefix": 24, "relayed": True}]).warnings == []
    assert plan(host(), ranges=[{"start": "::", "mode": ["slaac"], "constructor": "eth0"}]).warnings == []
