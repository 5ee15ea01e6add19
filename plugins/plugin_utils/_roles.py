# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the variables of a role as a whole before a host is touched. The first complaint is one sentence."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.netloom.linux.plugins.module_utils._engine import _options
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _fault,
    _probe_options,
    _values,
    _words,
)
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _bridge_network,
    _crossing_input,
    _diagram_paths,
    _entry,
    _fleet_ends,
    _ovn,
    _ovn_balancers,
    _ovn_chassis,
    _ovn_groups,
    _ovn_hosts,
    _ovn_intent,
    _ovn_network,
    _ovn_places,
    _ovn_routers,
    _ovn_share,
    _ovs_tenant_lists,
    _ovs_tunnels,
    _ovs_vlan_dhcp,
    _role_options,
    _router,
    _vxlan,
    _vxlan_network,
)

DISRUPTIONS = ("recreate", "brief", "none")
PYTHONS = ("auto", "distribution", "venv", "none")
LONGEST_WAIT = 86_400  # seconds: a day
MOST_PAIRS = 100_000
MOST_PACKETS = 100
MOST_LISTENING = 3600  # seconds
LEAST_TIMEOUT, MOST_TIMEOUT = 0.2, 600  # seconds
# Lists whose entries have no name: keys that an example shows.
KEYS: t.Mapping[str, tuple[str, ...]] = {"verify_probes": ("to",), "faults_probes": ("to",), "faults_list": ("fault",)}


def complaint(variables: t.Any, role: str, names: t.Iterable[str] = ()) -> str:
    """What is wrong with the variables of a role, or an empty string. ``names``: of variables that may be misspelt
    options of it.
    """
    misspelt = _role_options.look_at(names).wrong
    if misspelt:
        return misspelt[0]
    try:
        entry = _entry.Entry({name: _entry.evaluated(variables, name) for name in variables}, "", None)
        for check in ROLES[role]:
            check(entry)
    except _errors.NetloomError as error:
        return _words.bounded(str(error))
    except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
        # A fault of ours: one sentence all the same.
        return str(_errors.Unexpected(error))
    return ""


Check = t.Callable[[_entry.Entry], None]


def _weaving(role: str) -> tuple[Check, ...]:
    """The checks of the variables that all roles which call topology have."""

    def check(entry: _entry.Entry) -> None:
        entry.choice(f"{role}_state", _entry.STATES)
        entry.choice(f"{role}_max_disruption", DISRUPTIONS)
        _values.object_name(entry.required(f"{role}_topology"), f"{role}_topology")
        _seconds(entry, f"{role}_wait", 0)

    return check, _flags(f"{role}_purge", f"{role}_persist")


def _flags(*names: str) -> Check:
    def check(entry: _entry.Entry) -> None:
        for name in names:
            entry.flag(name, True)

    return check


def _seconds(entry: _entry.Entry, key: str, least: int) -> None:
    _number(entry, key, least, LONGEST_WAIT, "seconds")


def _number(entry: _entry.Entry, key: str, least: int, most: int, unit: str = "") -> None:
    found = entry.whole(key)
    if found is not None:
        _values.number(found, key, least, most, unit)


def _lists(*names: str, required: bool = False) -> Check:
    def check(entry: _entry.Entry) -> None:
        for name in names:
            if required and not entry.has(name):
                raise _errors.BadInput(f"'{name}' is missing; it is what the role is to work on.")
            _entry.listed(entry.value(name), name, KEYS.get(name, ("name",)))

    return check


def _networks(entry: _entry.Entry) -> None:
    _bridge_network.topology(entry.value(_bridge_network.OPTION), entry.choice("bridge_network_state", _entry.STATES))


def _stretched_networks(entry: _entry.Entry) -> None:
    _vxlan_network.read(entry.value(_vxlan_network.OPTION))
    _number(entry, "vxlan_network_port", 1, 65_535)
    _fleet_ends.check(entry.values(), _vxlan.ROLE)


def _carried_by_ovn(entry: _entry.Entry) -> None:
    options = _ovn_share.options_of(entry.required("ovn_network_topology"), entry.required("ovn_network_bridge"))
    _ovn_intent.read(_ovn_intent.declared(entry.values()), names=options.names)
    _ovn_intent.read_global(entry.value(_ovn_intent.GLOBAL))
    _number(entry, _ovn_places.UNDERLAY_MTU, _fleet_ends.LEAST_MTU, _fleet_ends.MOST_MTU)
    for name in ("ovn_network_nb", *(f"ovn_network_nb_{one}" for one in ("private_key", "certificate", "ca_cert"))):
        entry.text(name)


def _tenants(entry: _entry.Entry) -> None:
    _fleet_ends.check(entry.values(), _ovs_vlan_dhcp.ROLE)
    fleet = _ovs_tenant_lists.fleet(
        entry.value(_ovs_vlan_dhcp.OPTION),
        tunnels=entry.value(_ovs_tunnels.OPTION),
        hosts=entry.value(_ovs_tunnels.HOSTS),
    )
    _ovs_tenant_lists.topology(fleet, entry.required("ovs_vlan_dhcp_bridge"))


def _routers(entry: _entry.Entry) -> None:
    _router.topology(entry.value(_router.OPTION), entry.required("router_bridge"))


def _probing(entry: _entry.Entry) -> None:
    _bridge_network.read(entry.value("verify_networks"))
    _vxlan_network.read(entry.value("verify_vxlan_networks"))
    _ovs_vlan_dhcp.read(entry.value("verify_tenants"))
    _router.read(entry.value("verify_routers"), _ovs_tenant_lists.DEFAULT_BRIDGE, "")
    _crossing_input.read(entry.value("verify_segments"))
    _number(entry, "verify_listen_seconds", 1, MOST_LISTENING, "seconds")
    _number(entry, "verify_pairs", 0, MOST_PAIRS)
    _number(entry, "verify_count", 1, MOST_PACKETS)
    if entry.value("verify_capture") != "":
        entry.text("verify_capture")
    if entry.has("verify_timeout"):
        written = entry.value("verify_timeout")
        try:
            in_range = not isinstance(written, bool) and LEAST_TIMEOUT <= float(written) <= MOST_TIMEOUT
        except (TypeError, ValueError):
            in_range = False
        if not in_range:
            raise _errors.BadInput(
                f"verify_timeout: {_words.shown(written)} is not possible; give seconds, between {LEAST_TIMEOUT} and"
                f" {MOST_TIMEOUT}."
            )


def _probes(name: str) -> Check:
    """A check of probes like that of the module reachability, but with their place in the role's list."""

    def check(entry: _entry.Entry) -> None:
        for index, one in enumerate(entry.value(name) or ()):
            path = f"{name}[{index}]"
            _probe_options.parse_one(_converted(_probe_options.OPTIONS, one, path), path)

    return check


def _faults(entry: _entry.Entry) -> None:
    for index, one in enumerate(entry.value("faults_list") or ()):
        path = f"faults_list[{index}]"
        if isinstance(one, dict) and "service" in one:
            _entry.Entry(one, path, ("service",)).required("service")
            continue
        try:
            _fault.fault_of(_converted(_fault.OPTIONS, one, path))
        except _errors.BadInput as error:
            raise error if str(error).startswith(path) else _errors.BadInput(f"{path}.{error}") from None


def _converted(options: t.Mapping[str, t.Any], given: t.Any, path: str) -> dict[str, t.Any]:
    """An entry in the form in which the module will read it, with its defaults."""
    _options.judge(options, given, "this entry", f"{path}.")
    return dict(ArgumentSpecValidator(options).validate(dict(given)).validated_parameters)


def _fault_places(entry: _entry.Entry) -> None:
    given = [name for name in ("faults_topology", "faults_northbound") if entry.has(name)]
    if not given:
        raise _errors.BadInput(
            "'faults_topology' is missing; it has the options of netloom.linux.topology, which makes the network and"
            " heals it."
        )
    for name in given:
        entry.entry(name, None)
    for index, one in enumerate(entry.value("faults_list") or ()):
        north = isinstance(one, dict) and one.get("fault") == "ovn_row_deleted"
        healer = "faults_northbound" if north else "faults_topology"
        if healer not in given:
            raise _errors.BadInput(f"faults_list[{index}]: '{healer}' is missing, which heals this fault.")


def _authority(role: str) -> Check:
    """A check of the TLS files of a user: all three, or none."""

    def check(entry: _entry.Entry) -> None:
        names = [f"{role}_{key}" for key in ("private_key", "certificate", "ca_cert")]
        given = [name for name in names if entry.text(name)]
        for name in given:
            if not entry.required(name).startswith("/"):
                raise _errors.BadInput(f"{name}: {_words.shown(entry.value(name))} is not an absolute path.")
        if given and len(given) < len(names):
            lacking = next(name for name in names if name not in given)
            raise _errors.BadInput(f"'{lacking}' is missing; with {given[0]}, give all three files.")

    return check


def _central(entry: _entry.Entry) -> None:
    entry.choice("ovn_central_state", _entry.STATES)
    entry.text("ovn_central_ca_host")
    _ovn_hosts.check_address(_ovn_hosts.CENTRAL, entry)
    entry.required("ovn_central_group")
    _number(entry, "ovn_central_certificate_days", 1, 7300, "days")
    _number(entry, "ovn_central_renew_days", 0, 7300, "days")
    _seconds(entry, "ovn_central_wait", 1)
    if (entry.whole("ovn_central_renew_days") or 0) >= (entry.whole("ovn_central_certificate_days") or 1):
        raise _errors.BadInput(
            "ovn_central_renew_days: must be less than ovn_central_certificate_days; each run would renew the"
            " certificates."
        )
    for option, path in entry.texts("ovn_central_options"):
        if not option.startswith("--") or any(letter in option for letter in " \"'`$\\"):
            raise _errors.BadInput(
                f"{path}: {_words.shown(option)} is not an option of ovn-ctl, such as '--db-nb-addr=...'."
            )


def _chassis(entry: _entry.Entry) -> None:
    entry.required("ovn_chassis_group")
    _ovn_hosts.check_address(_ovn_hosts.CHASSIS, entry)
    _ovn_chassis.read(entry)


def _packages(entry: _entry.Entry) -> None:
    entry.choice("prepare_python", PYTHONS)
    entry.required("prepare_dhcp_client_package")
    entry.required("prepare_venv")


def _drawing(entry: _entry.Entry) -> None:
    _diagram_paths.check(entry.value("diagram_path"), "diagram_path")
    entry.choice("diagram_source", _diagram_paths.SOURCES)
    entry.text("diagram_title")


ROLES: t.Mapping[str, tuple[Check, ...]] = {
    "diagram": (_drawing,),
    "bridge_network": (_lists(_bridge_network.OPTION, required=True), *_weaving("bridge_network"), _networks),
    "ovs_vlan_dhcp": (_lists(_ovs_vlan_dhcp.OPTION, required=True), *_weaving("ovs_vlan_dhcp"), _tenants),
    "vxlan_network": (
        _lists(_vxlan_network.OPTION, required=True),
        *_weaving("vxlan_network"),
        _flags("vxlan_network_learning"),
        _stretched_networks,
    ),
    "ovn_network": (
        _lists(_ovn_network.OPTION, required=True),
        _lists(_ovn_routers.OPTION, _ovn_groups.OPTION, _ovn_balancers.OPTION),
        *_weaving(_ovn.ROLE),
        _carried_by_ovn,
    ),
    "router": (_lists(_router.OPTION, required=True), *_weaving("router"), _routers),
    "verify": (
        _lists(
            *(f"verify_{name}" for name in ("networks", "vxlan_networks", "tenants", "routers", "segments", "probes"))
        ),
        _probing,
        _probes("verify_probes"),
        _flags("verify_allow_inconclusive", "verify_table"),
    ),
    "faults": (
        _fault_places,
        _lists("faults_list", required=True),
        _lists("faults_probes"),
        _faults,
        _probes("faults_probes"),
    ),
    _ovn_hosts.CENTRAL: (
        _flags(_ovn_hosts.TLS, "ovn_central_purge_data"),
        _authority(_ovn_hosts.CENTRAL),
        _central,
    ),
    _ovn_hosts.CHASSIS: (*_weaving(_ovn_hosts.CHASSIS), _authority(_ovn_hosts.CHASSIS), _chassis),
    "prepare": (
        _flags("prepare_openvswitch", "prepare_dnsmasq", "prepare_dhcp_client", "prepare_nftables", "prepare_apparmor"),
        _flags("prepare_ovn_central", "prepare_ovn_host"),
        _packages,
    ),
}
