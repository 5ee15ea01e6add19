# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has, as plain data: _host reads it, _kinds interpret it, and ops predict its changes.

The leaves (Link, Address, Route, ...) are frozen: a clone of a snapshot copies containers only, so a plan over 1000
namespaces is cheap to simulate.
"""

from __future__ import annotations

import bisect
import dataclasses
import itertools
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _access,
    _address,
    _boot,
    _errors,
    _lease,
    _nft,
    _northbound,
    _ovn,
    _routes,
    _rule,
)

Address = _address.Address  # a leaf of the snapshot like those below

# A namespace's key: None is the namespace the module runs in, a plain name is one below /run/netns,
# and a path (/proc/PID/ns/net) is one without a name.
NsKey = t.Optional[str]


@dataclasses.dataclass(frozen=True)
class Link:
    """One network link. None means unknown: not read, or (in a planned state) chosen by the kernel later."""

    name: str
    kind: str = ""  # IFLA_INFO_KIND: veth, bridge, tun, openvswitch, macvlan, ...; '' for hardware and loopback
    index: int | None = None
    mac: str | None = None
    permanent_mac: str | None = None
    mtu: int | None = None
    up: bool = False
    carrier: bool | None = None
    master: str | None = None
    held_by: str | None = (
        # Open vSwitch's own device whose port it is on the kernel's datapath (ovs-system): no master of ours to write.
        None
    )
    txqueuelen: int | None = None
    alias: str = ""
    altnames: tuple[str, ...] = ()  # in order
    addresses: tuple[Address, ...] = ()
    peer: tuple[NsKey, str] | None = None  # a veth's other end, if it is in a namespace that was read
    peer_index: int | None = None  # IFLA_LINK: of a veth the other end's ifindex, of a macvlan, vlan, ... the parent's
    peer_nsid: int | None = None  # IFLA_LINK_NETNSID: the id that this namespace gives to the other's
    data: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)  # IFLA_INFO_DATA in the shape of the options
    # Further attributes of its kind, as the kernel takes them: numbers, and values in hexadecimal.
    rest: tuple[tuple[int, str], ...] = ()
    # Of a Linux bridge's port: its flags (IFLA_INFO_SLAVE_DATA).
    port: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    tx_checksum: bool | None = None
    gro: bool | None = None  # whether it joins packets that it receives; read on the host only (Scope.receiving)
    promiscuity: int = 0
    # What a link loses in another namespace besides addresses and the like. Read only of links that may move; None: not
    # read.
    token: str | None = None  # with which it makes its IPv6 addresses of routers' prefixes; '': none
    maddresses: tuple[str, ...] | None = None  # link-layer groups that somebody joined (ip-maddress(8)), in order
    queueing: tuple[str, ...] | None = None  # queueing disciplines that somebody gave to it (tc(8)), as 'htb 1:'
    # Of a bridge: somebody chose its MAC, so that it does not follow its ports.
    mac_set: bool | None = dataclasses.field(default=None, compare=False)
    fallback: bool = False  # made by a tunnel's module, which makes one in every namespace and keeps it there

    @property
    def has_mac(self) -> bool:
        """Whether the link has an Ethernet address. The link-layer address of a tunnel is an IP address, and the
        loopback has none.
        """
        return self.mac is not None and len(self.mac) == len("02:00:00:00:00:01") and self.mac.strip("0:") != ""

    def with_data(self, **data: t.Any) -> Link:
        """The same link with some attributes of its kind changed."""
        return dataclasses.replace(self, data={**self.data, **data})


@dataclasses.dataclass(frozen=True)
class Neighbour:
    """An entry of the neighbour tables (ip-neighbour(8)) that somebody wrote: permanent, or a proxy. It does not return
    by itself.

    ``flags`` (NTF_* of linux/neighbour.h) have no option. They are kept when the entry is restored or moves.
    """

    address: str
    mac: str | None  # of a proxy None: the host answers with the link's own
    device: str
    proxy: bool = False
    flags: int = dataclasses.field(default=0, compare=False)

    @property
    def key(self) -> tuple[str, str, bool]:
        """The identity of the entry inside its namespace."""
        return (self.device, self.address, self.proxy)

    @property
    def declared(self) -> bool:
        """Whether an exact list covers it: not if a routing daemon wrote it (NTF_EXT_LEARNED), or if its MAC is one
        that no link can have.
        """
        unicast = self.proxy or (
            self.mac is not None and len(self.mac) == len("02:00:00:00:00:01") and not int(self.mac[:2], 16) & 1
        )
        return unicast and not self.flags & 0x10 and self.mac != "00:00:00:00:00:00"


@dataclasses.dataclass
class Namespace:
    """One network namespace with what is in it."""

    key: NsKey
    inode: int | None = None
    cookie: int | None = None  # unlike the inode never reused; None: the kernel is older than 5.14
    dangling: bool = False  # the name is there, the namespace is not (field: mount gone, process gone)
    attached: bool = False  # our record says that the name was given to somebody's namespace
    links: dict[str, Link] = dataclasses.field(default_factory=dict)
    routes: _routes.Routes = dataclasses.field(default_factory=_routes.Routes)
    neighbours: list[Neighbour] = dataclasses.field(default_factory=list)  # only where a scope asks for them
    rules: list[_rule.Rule] = dataclasses.field(default_factory=list)  # only where a scope asks for them
    # (link or None, key) -> value; None: no such key
    sysctl: dict[tuple[str | None, str], str | None] = dataclasses.field(default_factory=dict)
    processes: dict[int, str] | None = None  # pid -> command; None: not read
    nft: _nft.Nft | None = None  # None: not read
    # Alternative name -> a link that had it once.
    altnamed: dict[str, str] = dataclasses.field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.altnamed = {name: link.name for link in self.links.values() for name in link.altnames}

    def clone(self) -> Namespace:
        """A copy whose containers can be changed."""
        return dataclasses.replace(
            self,
            links=dict(self.links),
            routes=self.routes.clone(),
            neighbours=list(self.neighbours),
            rules=list(self.rules),
            sysctl=dict(self.sysctl),
            processes=None if self.processes is None else dict(self.processes),
            nft=None if self.nft is None else self.nft.clone(),
        )

    def by_altname(self, name: str) -> Link | None:
        """The link with that alternative name."""
        link = self.links.get(self.altnamed.get(name, ""))
        return link if link is not None and name in link.altnames else None

    def by_index(self, index: int | None) -> Link | None:
        """The link with that ifindex."""
        return next((link for link in self.links.values() if link.index == index), None) if index else None


@dataclasses.dataclass(frozen=True)
class OvsTarget:
    """How to reach one OVSDB."""

    ovsdb: str = "unix:/run/openvswitch/db.sock"
    private_key: str | None = None
    certificate: str | None = None
    ca_cert: str | None = None
    timeout: int = 10
    option: str = "ovsdb"  # the option that names it; those of the TLS files begin with it


@dataclasses.dataclass(frozen=True)
class OvsBridge:
    """A row of table Bridge; controllers are the targets of its Controller rows."""

    name: str
    datapath_type: str = ""  # as stored: '' means 'system'
    datapath_id: str | None = None  # empty when ovs-vswitchd could not make the datapath
    fail_mode: str | None = None
    controllers: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()
    stp: bool = False
    rstp: bool = False
    mcast_snooping: bool = False
    external_ids: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    other_config: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    uuid: str | None = None


@dataclasses.dataclass(frozen=True)
class OvsPort:
    """A row of table Port with its one Interface (bonds have several and are only named in ``interfaces``)."""

    name: str
    bridge: str
    type: str = ""  # Interface.type as stored: '' means 'system'
    options: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    mac: str | None = None  # Interface.mac, the pinned one
    mtu_request: int | None = None  # without it OVS gives an internal port on the host its bridge's least MTU
    tag: int | None = None
    trunks: tuple[int, ...] = ()
    vlan_mode: str | None = None
    protected: bool = False  # no frame passes from it to another protected port of its bridge
    external_ids: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    other_config: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    ofport: int | None = None
    error: str | None = None
    interfaces: tuple[str, ...] = ()
    fake_bridge: bool = False  # a VLAN of its bridge that ovs-vsctl shows as a bridge of its own
    uuid: str | None = None
    iface_id: str | None = None  # Interface.external_ids:iface-id, the name of the logical port that it is
    # The rest of Interface.external_ids, which is written only where the port is made again.
    interface_ids: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    ovn_installed: bool = False  # ovn-controller has the flows of the logical port in effect


@dataclasses.dataclass
class Ovs:
    """One OVSDB. ``unreachable`` says why there is nothing to read, and ``silence`` is the type of that error."""

    bridges: dict[str, OvsBridge] = dataclasses.field(default_factory=dict)
    ports: dict[str, OvsPort] = dataclasses.field(default_factory=dict)
    unreachable: str | None = None
    external_ids: t.Mapping[str, str] = dataclasses.field(default_factory=dict)  # of table Open_vSwitch
    ssl: _ovn.Ssl | None = None
    uuid: str | None = None  # of the row of table Open_vSwitch
    silence: type[_errors.Unreachable] = _errors.Unreachable

    def clone(self) -> Ovs:
        """A copy whose containers can be changed."""
        return dataclasses.replace(self, bridges=dict(self.bridges), ports=dict(self.ports))


@dataclasses.dataclass(frozen=True)
class Daemon:
    """Our dnsmasq or DHCP client. ``files``: what it runs with; ``links``: the ifindexes of its links at its start."""

    kind: str  # dnsmasq, dhclient, dhcpcd, udhcpc
    name: str
    netns: NsKey
    pid: int | None = None
    alive: bool = False
    inode: int | None = None  # of the namespace it was started in
    files: t.Mapping[str, str] = dataclasses.field(default_factory=dict)  # path -> content it last read
    links: t.Mapping[str, int] = dataclasses.field(default_factory=dict)
    lease: _lease.Lease | None = None
    # Its options as declared, for diff and netns_info.
    settings: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    unread: tuple[str, ...] = ()  # paths of files whose content is not what the process last read
    planned: bool = False  # foretold by a DaemonStart: its lease is not known yet
    pids: tuple[int, ...] = ()  # it and its children (dhcpcd separates privileges)
    supervised: bool | None = None  # whether systemd looks after it; None where systemd is not PID 1


@dataclasses.dataclass
class Snapshot:
    """The host, as far as a scope asks for it."""

    namespaces: dict[NsKey, Namespace] = dataclasses.field(default_factory=dict)
    ovs: dict[OvsTarget, Ovs] = dataclasses.field(default_factory=dict)
    # 'dnsmasq/NAME', 'dhcp_client/NETNS/INTERFACE'
    daemons: dict[str, Daemon] = dataclasses.field(default_factory=dict)
    files: dict[str, str | None] = dataclasses.field(default_factory=dict)  # path -> content; None: not there
    access: dict[str, _access.Access] = dataclasses.field(default_factory=dict)  # of files below /etc/netns
    # By topology, only where a scope asks for them.
    boots: dict[str, _boot.Boot] = dataclasses.field(default_factory=dict)
    answers: dict[t.Any, t.Any] = dataclasses.field(default_factory=dict)  # question -> what the host says
    system_datapath: bool = False  # the kernel has Open vSwitch's datapath
    # The southbound databases, by the database of Open vSwitch whose host they serve.
    southbound: dict[OvsTarget, _ovn.Southbound] = dataclasses.field(default_factory=dict)
    nb: _northbound.Northbound = dataclasses.field(default_factory=_northbound.Northbound)
    names: tuple[str, ...] = ()  # of all namespaces of the host, if one that is asked for is not there
    _paths: list[str] = dataclasses.field(default_factory=list, compare=False, repr=False)  # those of files, in order
    # Links that once stood on another one.
    _stacked: dict[tuple[NsKey, str], None] | None = dataclasses.field(default=None, compare=False, repr=False)

    def clone(self) -> Snapshot:
        """A copy whose containers can be changed without changing this one."""
        return Snapshot(
            {key: ns.clone() for key, ns in self.namespaces.items()},
            {key: ovs.clone() for key, ovs in self.ovs.items()},
            dict(self.daemons),
            dict(self.files),
            dict(self.access),
            dict(self.boots),
            self.answers,
            self.system_datapath,
            {target: southbound.clone() for target, southbound in self.southbound.items()},
            self.nb.clone(),
            self.names,
        )

    def below(self, folder: str) -> dict[str, str]:
        """The existing files below a folder, in order: path -> content. A path that was once in ``files`` stays
        there.
        """
        if len(self._paths) != len(self.files):
            self._paths = sorted(self.files)
        start = f"{folder}/"
        following = itertools.islice(self._paths, bisect.bisect_left(self._paths, start), None)
        inside = itertools.takewhile(lambda path: path.startswith(start), following)
        return {path: content for path in inside if (content := self.files[path]) is not None}

    def link(self, ns: NsKey, name: str) -> Link | None:
        """A link by namespace and name."""
        found = self.namespaces.get(ns)
        return found.links.get(name) if found else None

    def has(self, ns: NsKey) -> bool:
        """Whether the namespace is there and alive."""
        found = self.namespaces.get(ns)
        return found is not None and not found.dangling

    def spaces(self) -> list[str]:
        """The names of namespaces, as far as they are known."""
        read = [key for key in self.namespaces if key and not key.startswith("/") and self.has(key)]
        return [*read, *(name for name in self.names if name not in self.namespaces)]

    def stacked(self) -> list[tuple[NsKey, Link]]:
        """The links that stand on another one. There are few, and each deletion of a link asks for them."""
        if self._stacked is None:
            self._stacked = {
                (key, link.name): None
                for key, ns in self.namespaces.items()
                for link in ns.links.values()
                if link.data.get("parent")
            }
        found = ((ns, self.link(ns, name)) for ns, name in self._stacked)
        return [(ns, link) for ns, link in found if link is not None and link.data.get("parent")]

    def put(self, ns: NsKey, link: Link) -> None:
        """Store a link under its name."""
        if self._stacked is not None and link.data.get("parent"):
            self._stacked[(ns, link.name)] = None
        self.namespaces[ns].links[link.name] = link
        self.namespaces[ns].altnamed.update(dict.fromkeys(link.altnames, link.name))
