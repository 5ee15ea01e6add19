# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a chassis of OVN and their normal form (ovn-controller(8), "Configuration")."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import _ovs
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _ovn,
    _plan,
    _snapshot,
    _values,
)

ENCAPSULATIONS = ("geneve", "vxlan")
TLS = ("private_key", "certificate", "ca_cert")
DATAPATHS = ("auto", "system", "netdev")

OPTIONS: dict[str, t.Any] = {
    "remote": {"type": "str"},
    "encap_type": {"type": "list", "elements": "str"},
    "encap_address": {"type": "str"},
    "bridge_mappings": {"type": "dict"},
    "gateway": {"type": "bool"},
    "system_id": {"type": "str"},
    "bridge": {"type": "str"},
    "datapath_type": {"type": "str", "choices": list(DATAPATHS), "default": "auto"},
    **{name: {"type": "path"} for name in TLS},
    **_ovs.TARGET_OPTIONS,
}
CLEARABLE: dict[str, t.Any] = {
    "remote": "",
    "encap_type": [],
    "encap_address": "",
    "bridge_mappings": {},
    "gateway": False,
    "bridge": "",
    "datapath_type": "",
    **dict.fromkeys(TLS, ""),
}


@dataclasses.dataclass(frozen=True)
class ChassisSpec(_plan.Spec):
    """A chassis. ``keys``: the declared keys of external_ids, as texts; None: not there."""

    target: _snapshot.OvsTarget
    keys: t.Mapping[str, str | None]
    gateway: bool | None
    system_id: str | None
    datapath: str  # one of DATAPATHS, or '' to remove the key
    ssl: _ovn.Ssl | None
    without_ssl: bool  # the TLS files are to be removed

    @property
    def access(self) -> _ovn.Access:
        """How the southbound database is reached, as far as it is declared."""
        return _ovn.Access(self.keys.get(_ovn.REMOTE), self.ssl)


def spec_of(params: _plan.Params, clear: tuple[str, ...], path: str) -> ChassisSpec:
    """Options -> spec. Raises BadInput."""
    ssl = _ssl(params, clear, path)
    system_id = params.get("system_id")
    return ChassisSpec(
        path,
        params["state"],
        clear,
        _ovs.target_of(params, path),
        _keys(params, clear, path),
        params.get("gateway"),
        None if system_id is None else _name(system_id, f"{path}system_id", "the name of a chassis", "node1"),
        params.get("datapath_type") or "",
        ssl,
        bool(set(clear) & set(TLS)),
    )


def _keys(params: _plan.Params, clear: tuple[str, ...], path: str) -> dict[str, str | None]:
    readers: dict[str, tuple[str, t.Callable[[t.Any, str], str | None]]] = {
        "remote": (_ovn.REMOTE, lambda value, option: ",".join(_ovs.remotes_in(value, option))),
        "encap_type": (_ovn.ENCAP_TYPE, _encapsulations),
        "encap_address": (_ovn.ENCAP_IP, _addresses),
        "bridge_mappings": (_ovn.MAPPINGS, _mappings),
        "bridge": (_ovn.BRIDGE, _bridge),
    }
    return {
        key: None if option in clear else read(params[option], f"{path}{option}")
        for option, (key, read) in readers.items()
        if params.get(option) is not None
    }


def _bridge(value: str, option: str) -> str | None:
    """OVN's own choice needs no key."""
    name = _values.link_name(value, option)
    return None if name == _ovn.DEFAULT_BRIDGE else name


def _addresses(value: str, option: str) -> str:
    """One address, or several with commas (OVN 24.03)."""
    return ",".join(str(_values.host_address(one, option)) for one in value.split(","))


def _encapsulations(values: t.Sequence[str], option: str) -> str:
    found = list(dict.fromkeys(one.strip() for one in values))
    wrong = next((one for one in found if one not in ENCAPSULATIONS), None)
    if wrong is not None or not found:
        told = "is empty" if wrong is None else f"{wrong!r} is not an encapsulation of OVN"
        raise _errors.BadInput(f"{option}: {told}; write {' or '.join(ENCAPSULATIONS)}, or both.")
    return ",".join(found)


def _mappings(value: t.Mapping[t.Any, t.Any], option: str) -> str | None:
    pairs = []
    for network, bridge in sorted(value.items(), key=str):
        if not isinstance(bridge, str):
            raise _errors.BadInput(f"{option}.{network}: {bridge!r} is not the name of a bridge; write a text.")
        name = _name(str(network), f"{option}.{network}", "the name of a network", "physnet1")
        if "," in bridge:
            raise _errors.BadInput(
                f"{option}.{network}: {bridge!r} contains ',', which separates the mappings; a network has one bridge."
            )
        pairs.append(f"{name}:{_values.link_name(bridge, f'{option}.{network}')}")
    return ",".join(pairs) or None


def _name(value: str, option: str, what: str, example: str) -> str:
    """A name in a list with colons and commas, or in a file of one line."""
    _values.text(value, option)
    wrong = next((one for one in value if one in ":," or one.isspace()), None)
    if wrong is not None or not value:
        why = "is empty" if wrong is None else f"contains {'white space' if wrong.isspace() else repr(wrong)}"
        raise _errors.BadInput(f"{option}: {value!r} {why}; {what} is one word such as '{example}'.")
    return value


def _ssl(params: _plan.Params, clear: tuple[str, ...], path: str) -> _ovn.Ssl | None:
    given = {name: params[name] for name in TLS if params.get(name) and name not in clear}
    if not given:
        return None
    for name in TLS:
        if name not in given:
            raise _errors.BadInput(
                f"{path}{name}: is missing; {', '.join(given)} and {name} belong together, as a private key, its"
                " certificate, and the CA certificate that signed the southbound database's."
            )
        if not given[name].startswith("/"):
            raise _errors.BadInput(f"{path}{name}: {given[name]!r} is not an absolute path; it begins with '/'.")
    return _ovn.Ssl(**given)
