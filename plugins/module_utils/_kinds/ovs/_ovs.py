# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The common parts of OVS bridges and ports: their OVSDB, its maps, and the devices that OVS makes."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _link_names,
    _link_ops,
    _native_tunnels,
    _ovs_ops,
    _plan,
    _snapshot,
    _values,
)

TARGET_OPTIONS: dict[str, dict[str, t.Any]] = {
    "ovsdb": {"type": "str", "default": _snapshot.OvsTarget.ovsdb},
    "ovsdb_private_key": {"type": "path"},
    "ovsdb_certificate": {"type": "path"},
    "ovsdb_ca_cert": {"type": "path"},
    "timeout": {"type": "int", "default": _snapshot.OvsTarget.timeout},
}
TLS_FILES = ("private_key", "certificate", "ca_cert")
LONGEST_TIMEOUT = 3600  # seconds
LAST_PORT = 65535
LONGEST_NAME = 255  # bytes of a port that is no link of the kernel

_REMOTE = re.compile(r"unix:/\S+|(?:tcp|ssl):(?:\[[0-9A-Fa-f:.%\w]+\]|[\w.-]+):\d{1,5}")


def target_of(params: _plan.Params, path: str, option: str = "ovsdb") -> _snapshot.OvsTarget:
    """The options that say which OVSDB is meant. ``option``: its address; those of the TLS files begin with it."""
    remotes = remotes_in(params[option], f"{path}{option}")
    secure = any(remote.startswith("ssl:") for remote in remotes)
    files = {name: params.get(f"{option}_{name}") if secure else None for name in TLS_FILES}
    for name, value in files.items():
        if secure and not value:
            raise _errors.BadInput(
                f"{path}{option}_{name}: is missing; 'ssl:' needs a private key, its certificate, and the CA"
                " certificate that signed the server's."
            )
    timeout = _values.number(params["timeout"], f"{path}timeout", 1, LONGEST_TIMEOUT, "seconds")
    return _snapshot.OvsTarget(",".join(remotes), **files, timeout=timeout, option=option)


def remotes_in(value: str, option: str) -> list[str]:
    """The addresses of an OVSDB, which are separated by commas."""
    remotes = [one.strip() for one in value.split(",")]
    for remote in remotes:
        port = remote.rpartition(":")[2]
        if not _REMOTE.fullmatch(remote) or (port.isdigit() and not 1 <= int(port) <= LAST_PORT):
            raise _errors.BadInput(
                f"{option}: {remote!r} is not the address of an OVSDB; write 'unix:/path/to/socket', 'tcp:host:port'"
                " or 'ssl:host:port'."
            )
    return remotes


def is_local(target: _snapshot.OvsTarget, snapshot: _snapshot.Snapshot) -> bool:
    """Whether the OVSDB, and so the devices that its ovs-vswitchd makes, are of this host."""
    own = _native_tunnels.own_addresses(snapshot)
    return all(_is_own(remote, own) for remote in target.ovsdb.split(","))


def _is_own(remote: str, own: t.Collection[str]) -> bool:
    if remote.startswith("unix:"):
        return True
    host = remote.split(":", 1)[1].rsplit(":", 1)[0].strip("[]")
    if host in own or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_local(target: _snapshot.OvsTarget, snapshot: _snapshot.Snapshot, given: t.Sequence[str], path: str) -> None:
    """Refuse options of a device if the OVSDB belongs to another host."""
    if given and not is_local(target, snapshot):
        raise _errors.BadInput(
            f"{path}{given[0]}: cannot be set, because the OVSDB at {target.ovsdb} is not of this host, and neither is"
            f" the device. Run the task on that host, or leave out {', '.join(given)}."
        )


def database(planner: _plan.Planner, target: _snapshot.OvsTarget, wish: str) -> _snapshot.Ovs:
    r"""The OVSDB, which must answer. ``wish`` begins the error: \"create OVS bridge 'OVS1'\"."""
    ovs = planner.now.ovs[target]
    if ovs.unreachable:
        planner.missing(
            f"Cannot {wish}: {ovs.unreachable} Install and start Open vSwitch first (role netloom.linux.prepare does).",
            error=ovs.silence,
        )
        ovs = planner.now.ovs[target] = _snapshot.Ovs()
    return ovs


def fake(port: _snapshot.OvsPort) -> str:
    """A fake bridge (ovs-vsctl(8)) in words."""
    return (
        f"it is a fake bridge, VLAN {port.tag} of OVS bridge '{port.bridge}', and netloom does not manage fake bridges"
    )


def instead_of_fake(port: _snapshot.OvsPort) -> str:
    """The advice what to declare in place of a fake bridge."""
    return (
        f"Ports of it are those of '{port.bridge}' with that VLAN: declare them with netloom.linux.ovs_port, bridge:"
        f" {port.bridge}, tag: {port.tag}."
    )


def refuse_port_as_bridge(ovs: _snapshot.Ovs, name: str, wish: str) -> None:
    """Refuse the name of a port where that of a bridge is wanted."""
    port = ovs.ports.get(name)
    if port is not None and port.fake_bridge:
        raise _errors.Conflict(
            f"Cannot {wish}: '{name}' is no bridge of its own; {fake(port)}. {instead_of_fake(port)}"
        )
    if port is not None:
        raise _errors.Conflict(
            f"Cannot {wish}: '{name}' is a port of OVS bridge '{port.bridge}', not a bridge. Name that one."
        )


def refuse_member(ovs: _snapshot.Ovs, name: str, wish: str) -> None:
    """Refuse an interface that another port has: an interface is in one port only, and its name is unique in OVSDB."""
    bond = next((port for port in ovs.ports.values() if name in port.interfaces and port.name != name), None)
    if bond is not None:
        raise _errors.Conflict(
            f"Cannot {wish}: '{name}' is a member of bond '{bond.name}' of OVS bridge '{bond.bridge}', and is left"
            " alone."
        )


def string_map(value: t.Mapping[str, t.Any] | None, option: str) -> dict[str, str] | None:
    """A map column: OVSDB stores strings only; true and false are written as OVS writes them."""
    if value is None:
        return None
    found: dict[str, str] = {}
    for key, item in value.items():
        if item is None or isinstance(item, (dict, list)):
            raise _errors.BadInput(
                f"{option}.{key}: {item!r} is not a value; OVSDB stores strings, so give a string, a number or a truth"
                " value."
            )
        found[_values.text(str(key), option)] = (
            str(item).lower() if isinstance(item, bool) else _values.text(str(item), f"{option}.{key}")
        )
    return found


def string_list(value: t.Sequence[str] | None, option: str) -> tuple[str, ...] | None:
    """A set column of strings: each once, in the order in which OVSDB gives them back."""
    return (
        None if value is None else tuple(sorted({_values.text(one, option) for one in _values.strings(value, option)}))
    )


def is_alive(link: _snapshot.Link | None) -> bool:
    """Whether this is a device that OVS serves.

    A tap whose ovs-vswitchd has ended stays where it is, up but without carrier. The devices of the kernel's
    datapath need no process, and keep theirs.
    """
    return (
        link is not None
        and link.kind in _ovs_ops.DEVICE_KINDS
        and not (link.kind == "tun" and link.up and link.carrier is False)
    )


def live_device(
    snapshot: _snapshot.Snapshot, port: _snapshot.OvsPort, home: tuple[_snapshot.NsKey, str]
) -> tuple[_snapshot.NsKey, str] | None:
    """The place of an internal port's living device; ``home`` is its wanted place.

    After a restart of ovs-vswitchd there are two: the old tap at home, and the new one on the host under the
    port's own name. That second one tells that the first is dead, whatever its state is.
    """
    host = (None, port.name)
    if host != home and is_alive(snapshot.link(*host)):
        return host
    if is_alive(snapshot.link(*home)) and not _is_of_another(snapshot, port, snapshot.link(*home)):
        return home
    found = (
        (key, link.name)
        for key, ns in snapshot.namespaces.items()
        for link in ns.links.values()
        if link.mac == port.mac and is_alive(link)
    )
    # Beside one that the kernel's datapath lost by a rename is the one that it made since, under the port's name.
    return min(found, key=lambda place: place[1] != port.name, default=None) if port.mac is not None else None


def _is_of_another(snapshot: _snapshot.Snapshot, port: _snapshot.OvsPort, device: _snapshot.Link | None) -> bool:
    """Whether another port has pinned the MAC of this device, as when two ports exchanged their places."""
    if device is None or port.mac in (None, device.mac):
        return False
    others = (other for ovs in snapshot.ovs.values() for other in ovs.ports.values() if other.name != port.name)
    return any(other.mac == device.mac for other in others)


def require_free(planner: _plan.Planner, place: tuple[_snapshot.NsKey, str], wish: str) -> None:
    """Require the name of a device that OVS is to make, or to have moved, not to belong to another link."""
    _link_names.refuse_altname(planner.now, *place, wish)
    drop_orphan(planner, place)
    link = planner.now.link(*place)
    if link is not None:
        where = f" in namespace '{place[0]}'" if place[0] else ""
        what = f"a {link.kind} link" if link.kind else "a physical link"
        raise _errors.Conflict(
            f"Cannot {wish}: '{place[1]}'{where} is {what}, and is left alone. Choose another name, or remove that"
            " link."
        )


def drop_orphan(planner: _plan.Planner, place: _plan.Place) -> None:
    """Delete the rest of a device whose row the database has lost."""
    if place in planner.orphans and planner.now.link(*place) is not None:
        planner.do(_link_ops.LinkDelete(*place))


def shown_target(target: _snapshot.OvsTarget) -> dict[str, t.Any]:
    """The OVSDB options where they are not the default."""
    if target.ovsdb == _snapshot.OvsTarget.ovsdb:
        return {}
    return {
        "ovsdb": target.ovsdb,
        "ovsdb_private_key": target.private_key,
        "ovsdb_certificate": target.certificate,
        "ovsdb_ca_cert": target.ca_cert,
    }
