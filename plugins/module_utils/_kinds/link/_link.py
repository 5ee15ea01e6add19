# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that every kind of link shares: options, normal form, plan and view."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _adopted, _link_addresses, _port_flags
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _link_ops,
    _mtus,
    _offload_ops,
    _plan,
    _scope,
    _six_ops,
    _snapshot,
    _sysctls,
    _values,
)

OPTIONS: dict[str, dict[str, t.Any]] = {
    "netns": {"type": "str"},
    "addresses": {"type": "list", "elements": "str"},
    "mac": {"type": "str"},
    "mtu": {"type": "int"},
    "up": {"type": "bool", "default": True},
    "master": {"type": "str"},
    "txqueuelen": {"type": "int"},
    "alias": {"type": "str"},
    "altnames": {"type": "list", "elements": "str"},
    "sysctl": {"type": "dict"},
    "tx_checksum": {"type": "bool"},
}
# What `clear` makes of each: the kernel's own defaults for an Ethernet-like link.
CLEARABLE: dict[str, t.Any] = {
    "addresses": [],
    "mtu": 1500,
    "master": "",
    "txqueuelen": 1000,
    "alias": "",
    "altnames": [],
    "tx_checksum": True,
}
ALIAS_BYTES = 255  # IFALIASZ less its NUL
IFLA_MAX_TXQLEN = 2**31 - 1

# Leaf names that only exist below net/ipv6/conf (Documentation/networking/ip-sysctl.rst); all others are
# looked for below net/ipv4/conf. 'ipv6.forwarding' names the family of one that both have.
IPV6_LEAVES = re.compile(
    r"(accept_(dad|ra.*|untracked_na)|addr_gen_mode|autoconf|dad_transmits|disable_ipv6|enhanced_dad|force_tllao"
    r"|hop_limit|ioam6_.*|keep_addr_on_down"
    r"|max_addresses|max_desync_factor|mldv._unsolicited_report_interval|mtu|ndisc_.*|ndp_.*|optimistic_dad|proxy_ndp"
    r"|ra_defrtr_metric|ra_honor_pio_.*"
    r"|regen_.*|router_.*|rpl_.*|seg6_.*|stable_secret|suppress_frag_ndisc|temp_.*"
    r"|use_oif_addrs_only|use_optimistic|use_tempaddr|drop_unsolicited_na)"
)


@dataclasses.dataclass(frozen=True)
class LinkSpec:
    """The declared attributes of one link in normal form; None: leave alone, '' of master and alias: none."""

    addresses: tuple[str, ...] | None = None
    mac: str | None = None
    mtu: int | None = None
    up: bool | None = None
    master: str | None = None
    txqueuelen: int | None = None
    alias: str | None = None
    altnames: tuple[str, ...] | None = None
    sysctl: t.Mapping[str, str] | None = None  # 'ipv4.rp_filter' -> '0'
    tx_checksum: bool | None = None
    again: _adopted.Again | None = None  # what an adopted link is to get back with its attributes


def options(*names: str) -> dict[str, dict[str, t.Any]]:
    """The argument specs of some of the shared options."""
    return {name: dict(OPTIONS[name]) for name in names}


def clearable(*names: str) -> dict[str, t.Any]:
    """What `clear` may name among them."""
    return {name: CLEARABLE[name] for name in names if name in CLEARABLE}


def netns_of(params: _plan.Params, path: str) -> _snapshot.NsKey:
    """The option netns. If left out, the namespace in which the module runs."""
    value = params.get("netns")
    if value == "":
        raise _errors.BadInput(
            f"{path}netns: is empty; name a namespace, or leave the option out (`| default(omit)`) for the one the"
            " module runs in."
        )
    return None if value is None else _values.netns_name(value, f"{path}netns")


def normalise_link(params: _plan.Params, path: str) -> LinkSpec:
    """Read the shared options of one link. Options that a kind does not have are not in params."""
    addresses, mac, mtu, master, txqueuelen, alias, sysctl = (
        params.get(name) for name in ("addresses", "mac", "mtu", "master", "txqueuelen", "alias", "sysctl")
    )
    if alias and len(_values.text(alias, f"{path}alias").encode()) > ALIAS_BYTES:
        raise _errors.BadInput(f"{path}alias: has {len(alias.encode())} bytes; the kernel takes at most {ALIAS_BYTES}.")
    found = None if addresses is None else _values.interfaces(addresses, f"{path}addresses")
    _link_addresses.refuse_small_mtu(found, mtu, path)
    return LinkSpec(
        addresses=found,
        mac=None if mac is None else _values.mac(mac, f"{path}mac"),
        mtu=None if mtu is None else _values.mtu(mtu, f"{path}mtu"),
        up=params.get("up"),
        master=_values.link_name(master, f"{path}master") if master else master,
        txqueuelen=(
            None
            if txqueuelen is None
            else _values.number(txqueuelen, f"{path}txqueuelen", 0, IFLA_MAX_TXQLEN, "packets")
        ),
        alias=alias,
        sysctl=(
            None
            if sysctl is None
            else {
                sysctl_key(key, f"{path}sysctl"): sysctl_value(key, value, f"{path}sysctl.{key}")
                for key, value in sysctl.items()
            }
        ),
        tx_checksum=params.get("tx_checksum"),
        altnames=_altnames(params, path),
    )


def _altnames(params: _plan.Params, path: str) -> tuple[str, ...] | None:
    """Read the exact list of alternative names, whose order has no meaning."""
    values = params.get("altnames")
    if values is None:
        return None
    own = params.get("rename") or params.get("name")
    found = [
        _values.altname(value, f"{path}altnames[{index}]")
        for index, value in enumerate(_values.strings(values, f"{path}altnames"))
    ]
    if own in found:
        raise _errors.BadInput(
            f"{path}altnames[{found.index(own)}]: '{own}' is the link's own name; list only further ones."
        )
    return tuple(sorted(set(found)))


def sysctl_key(key: str, option: str) -> str:
    """A leaf name of a link with its IP version: rp_filter -> ipv4.rp_filter."""
    found = re.fullmatch(r"(?:(ipv4|ipv6)[./])?([a-z0-9_]+)", key)
    if not found:
        raise _errors.BadInput(
            f"{option}: {key!r} is not a sysctl of a link; name a file below /proc/sys/net/ipv4/conf or ipv6/conf, such"
            " as 'rp_filter' or 'ipv6.forwarding'."
        )
    family = found.group(1) or ("ipv6" if IPV6_LEAVES.fullmatch(found.group(2)) else "ipv4")
    return f"{family}.{found.group(2)}"


def sysctl_value(key: str, value: t.Any, option: str) -> str:
    """A sysctl's value as the kernel shows it."""
    if value is None or isinstance(value, (dict, list)):
        raise _errors.BadInput(f"{option}: {value!r} is not a value; give a number or a string.")
    return _sysctls.shown(key, _values.text(str(value) if not isinstance(value, bool) else str(int(value)), option))


def link_scope(scope: _scope.Scope, ns: _snapshot.NsKey, name: str, spec: LinkSpec, going: bool = False) -> None:
    """Add to the scope what has to be read for one link. ``going``: it may be deleted."""
    if (
        going
        or spec.up is False
        or not (spec.mac is None and spec.addresses is None)
        or (spec.mtu or _mtus.DEFAULT_MTU) < _mtus.LEAST_FOR_IPV6
    ):
        scope.neighbours.add(ns)  # those that somebody wrote are then lost, and are restored if the run fails
    if (spec.mtu or _mtus.DEFAULT_MTU) < _mtus.LEAST_FOR_IPV6:
        scope.moving.add((ns, name))  # the same is true of its sysctls of IPv6
    scope.namespaces.add(ns)
    for key in spec.sysctl or ():
        scope.sysctls.add((ns, name, key))
        scope.questions.add(_scope.SysctlKnown(key, link=True))
    if going or spec.master:
        scope.fdb.add((ns, name))  # what somebody wrote for it into the table of its bridge is then lost
    if spec.master and ns is None:
        scope.questions.add(_scope.SwitchPorts())
    _link_addresses.scope(scope, ns, name, spec.addresses, spec.up)


def require_kind(link: _snapshot.Link, kinds: tuple[str, ...], wish: str, ns: _snapshot.NsKey) -> None:
    """Refuse a link of another kind under the wanted name."""
    if link.kind not in kinds:
        place = f" in namespace '{ns}'" if ns else ""
        what = link.kind or ("loopback" if link.name == "lo" else "physical link")
        raise _errors.Conflict(
            f"Cannot {wish}: '{link.name}'{place} is a {what}, not a {kinds[0]}, and is left alone. Choose another"
            " name, or remove that link yourself."
        )


def require_bridge(planner: _plan.Planner, ns: _snapshot.NsKey, master: str, port: str) -> None:
    """Require the master to be a Linux bridge in the same namespace."""
    bridge = planner.now.link(ns, master)
    place = f" in namespace '{ns}'" if ns else ""
    if bridge is None:
        planner.missing(
            f"Cannot make '{port}' a port of '{master}': no such bridge{place}. Create it with"
            " netloom.linux.linux_bridge first.",
            (ns, master),
            named=(master, [link.name for link in planner.now.namespaces[ns].links.values() if link.kind == "bridge"]),
        )
        planner.now.put(ns, _snapshot.Link(master, "bridge"))
    elif bridge.kind != "bridge":
        raise _errors.Conflict(
            f"Cannot make '{port}' a port of '{master}'{place}: it is a {bridge.kind or 'physical link'}, not a Linux"
            " bridge."
        )


def plan_link(planner: _plan.Planner, ns: _snapshot.NsKey, name: str, spec: LinkSpec) -> None:
    """Plan that an existing link has the declared attributes."""
    link = planner.now.namespaces[ns].links[name]
    changes: dict[str, t.Any] = {}
    if spec.mtu is not None:
        planner.pinned_mtus.add((ns, name))
    for key in ("mac", "mtu", "txqueuelen", "alias", "altnames"):
        wanted = getattr(spec, key)
        if wanted is not None and wanted != getattr(link, key):
            changes[key] = wanted
    if spec.master is not None:
        if spec.master:
            require_bridge(planner, ns, spec.master, name)
        if (spec.master or None) != link.master:
            changes["master"] = spec.master or None
            changes.update(_port_flags.joining(planner, (ns, name)) if spec.master else {})
    lowered = bool(changes.get("master")) and _port_flags.lower(planner, (ns, name), str(spec.master))
    if spec.up is False and link.up and not lowered:
        changes["up"] = False
    if changes:
        planner.do(_link_ops.LinkSet(ns, name, changes))
    plan_sysctls(planner, ns, name, spec.sysctl)
    if spec.tx_checksum is not None:
        planner.pinned_checksums.add((ns, name))
        if spec.tx_checksum != link.tx_checksum:
            planner.do(_offload_ops.TxChecksum(ns, name, spec.tx_checksum))
    if (spec.up and not link.up) or (lowered and spec.up is not False):
        planner.do(_link_ops.LinkSet(ns, name, {"up": True}))
    _link_addresses.plan(planner, ns, name, spec.addresses)
    if spec.again is not None:
        _adopted.give(spec.again, (ns, name), planner)


def claims_of(ns: _snapshot.NsKey, name: str, spec: LinkSpec) -> tuple[_plan.Claim, ...]:
    """The alternative names that the link occupies besides its name, and the claim that it is to be down."""
    down = (("down", ns, name),) if spec.up is False else ()
    return (*(("altname", ns, other) for other in spec.altnames or ()), *down)


def free_names(planner: _plan.Planner, place: _plan.Place, spec: LinkSpec) -> None:
    """Remove, before anything is made, the alternative names that this plan gives to others, or to the link as its main
    name.
    """
    link = planner.now.link(*place)
    if link is None or spec.altnames is None:
        return
    leaving = {
        name
        for name in link.altnames
        if name not in spec.altnames and {("link", place[0], name), ("altname", place[0], name)} & planner.wanted
    }
    if leaving:
        planner.do(
            _link_ops.LinkSet(*place, {"altnames": tuple(name for name in link.altnames if name not in leaving)})
        )


def plan_sysctls(
    planner: _plan.Planner, ns: _snapshot.NsKey, name: str | None, wanted: t.Mapping[str, str] | None
) -> None:
    """Write the sysctls that differ. A sysctl that the kernel does not know is refused before anything is touched."""
    for key, value in (wanted or {}).items():
        if planner.now.answers.get(_scope.SysctlKnown(key, link=name is not None)) is False:
            raise _errors.BadInput(
                f"sysctl: this kernel knows no {f'net.{key} of a link' if name else key}; see /proc/sys/net for what it"
                " knows."
            )
        if planner.now.namespaces[ns].sysctl.get((name, key)) != value:
            planner.do(_six_ops.sysctl_set(ns, name, key, value))


def view_link(
    snapshot: _snapshot.Snapshot,
    ns: _snapshot.NsKey,
    link: _snapshot.Link,
    *names: str,
    sysctl: t.Mapping[str, str] | None = None,
) -> dict[str, t.Any]:
    """Some of a link's shared options as they are. Of the sysctls, only those that were declared."""
    masters = snapshot.namespaces[ns].links
    values: dict[str, t.Any] = {
        "netns": ns,
        "addresses": [address.cidr for address in link.addresses if address.declared],
        "mac": link.mac if link.has_mac else None,
        "mtu": link.mtu,
        "up": link.up,
        "master": link.master if link.master in masters and masters[link.master].kind == "bridge" else None,
        "txqueuelen": link.txqueuelen,
        "alias": link.alias or None,
        "altnames": list(link.altnames) or None,
        "tx_checksum": link.tx_checksum,
        "sysctl": {key: snapshot.namespaces[ns].sysctl.get((link.name, key)) for key in sysctl} if sysctl else None,
    }
    return {name: values[name] for name in names}


def facts_of(snapshot: _snapshot.Snapshot, ns: _snapshot.NsKey, name: str) -> dict[str, t.Any]:
    """Read-only facts of a link."""
    link = snapshot.link(ns, name)
    if link is None:
        return {}
    dynamic = [address.cidr for address in link.addresses if address.dynamic]
    return {"ifindex": link.index, "carrier": link.carrier, "dynamic_addresses": dynamic}


def pending_link(
    snapshot: _snapshot.Snapshot, ns: _snapshot.NsKey, name: str, spec: LinkSpec, carrier: bool
) -> str | None:
    """Why a link cannot be used yet."""
    link = snapshot.link(ns, name)
    place = f" in {ns}" if ns else ""
    if link is None:
        return f"'{name}'{place} is not there"
    if carrier and spec.up and not link.carrier:
        return f"'{name}'{place} has no carrier"
    for address in link.addresses:
        if address.cidr not in (spec.addresses or ()):
            continue
        if address.failed:
            return f"{address.cidr} of '{name}'{place} is a duplicate of somebody else's address (DAD failed)"
        if address.tentative and link.carrier:
            return f"{address.cidr} of '{name}'{place} is still tentative"
    return None
