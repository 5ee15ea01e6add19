# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chassis of OVN: the lists of ``topology`` that make it, and what the host needs beside them."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _entry,
    _ovn_answers,
    _ovn_central,
    _ovn_hosts,
)

ROLE = _ovn_hosts.CHASSIS
DIRECTORY = "/etc/netloom/ovn/chassis"
DAEMON = "ovn-controller"
MAPPINGS, UPLINKS = f"{ROLE}_bridge_mappings", f"{ROLE}_uplinks"
ENCAPS = ("geneve", "vxlan")
DATAPATHS = ("auto", "system", "netdev")
# Options of the module that the role hands on as they are.
HANDED_ON = ("bridge", "datapath_type", "system_id")
GATEWAY = f"{ROLE}_gateway"
Lists = dict[str, list[dict[str, t.Any]]]


class Chassis(t.NamedTuple):
    """What the variables say of a chassis. ``mappings``: network -> bridge; ``uplinks``: bridge -> card."""

    mappings: dict[str, str]
    uplinks: dict[str, str]
    encap_type: list[str]
    options: dict[str, t.Any]


def read(entry: _entry.Entry) -> Chassis:
    """Read the variables of the role."""
    mappings, uplinks = _table(entry, MAPPINGS), _table(entry, UPLINKS)
    for network, bridge in mappings.items():
        _values.object_name(network, MAPPINGS)
        _values.link_name(bridge, f"{MAPPINGS}.{network}")
    for bridge, card in uplinks.items():
        _values.link_name(card, f"{UPLINKS}.{bridge}")
        if bridge not in mappings.values():
            raise _errors.BadInput(
                f"{UPLINKS}.{bridge}: no network of {MAPPINGS} has the bridge '{bridge}';"
                f" {_hint(bridge, mappings.values())}"
            )
    taken = _entry.Once()
    for bridge, card in uplinks.items():
        taken.take(card, f"{UPLINKS}.{bridge}", f"card '{card}'")
    written = {name: entry.text(f"{ROLE}_{name}") for name in HANDED_ON}
    if written["datapath_type"]:
        entry.choice(f"{ROLE}_datapath_type", DATAPATHS)
    if written["bridge"]:
        _values.link_name(written["bridge"], f"{ROLE}_bridge")
    options: dict[str, t.Any] = {name: value for name, value in written.items() if value}
    if entry.value(GATEWAY) not in (None, ""):
        options["gateway"] = entry.flag(GATEWAY, False)
    return Chassis(mappings, uplinks, _encaps(entry), options)


def _encaps(entry: _entry.Entry) -> list[str]:
    found = entry.texts(f"{ROLE}_encap_type")
    for kind, path in found:
        if kind not in ENCAPS:
            raise _errors.BadInput(f"{path}: {_words.impossible(kind, ENCAPS)}")
    return [kind for kind, _path in found] or [ENCAPS[0]]


def _hint(bridge: str, bridges: c.Iterable[str]) -> str:
    near = _words.nearest(bridge, list(bridges))
    return f"did you mean '{near}'?" if near else "map a network to it, or leave the uplink out."


def _table(entry: _entry.Entry, name: str) -> dict[str, str]:
    """Names with names."""
    inner = entry.entry(name, None)
    return {str(key): inner.required(str(key)) for key in inner.values()}


def lists(variables: c.Mapping[str, t.Any], centrals: c.Sequence[c.Mapping[str, t.Any]], address: str) -> Lists:
    """The lists of ``topology``. ``centrals``: as the filter ovn_centrals tells them; ``address``: of the tunnels."""
    entry = _entry.Entry(variables, "", None)
    wanted = read(entry)
    one: dict[str, t.Any] = {
        "remote": ",".join(central["sb"] for central in centrals),
        "encap_type": wanted.encap_type,
        "encap_address": address,
        "bridge_mappings": wanted.mappings,
        **wanted.options,
    }
    if centrals and centrals[0]["tls"]:
        one.update(_ovn_central.tls_files(variables, ROLE, DIRECTORY))
    # Patch ports and tunnels lead to bridges of the same datapath only. What the role does not say, the bridge keeps.
    alike = {name: value for name, value in wanted.options.items() if name == "datapath_type" and value != "auto"}
    bridges = [
        {"name": bridge, **alike, **({"uplink": wanted.uplinks[bridge]} if bridge in wanted.uplinks else {})}
        for bridge in dict.fromkeys(wanted.mappings.values())
    ]
    return {"ovn_chassis": [one], "ovs_bridge": bridges}


class Site(t.NamedTuple):
    """What a plan depends on beside the host. ``centrals``: as the filter ovn_centrals tells them; ``authority``: what
    the host told that signs certificates; ``foretelling``: whether it is a prediction, in which an authority may be
    missing.
    """

    centrals: c.Sequence[c.Mapping[str, t.Any]]
    authority: _ovn_answers.Host | None
    options: c.Mapping[str, t.Any]
    foretelling: bool


def plan(site: Site, told: _ovn_answers.Host | None, address: str) -> dict[str, t.Any]:
    """What is to be done on a host: ``steps`` beside ``topology``, whose lists are in ``lists``. ``foretold``: whether
    check mode can tell what ``topology`` does. ``refused``: a sentence, if it must not be done.
    """
    absent = site.options[f"{ROLE}_state"] == _entry.STATES[1]
    try:
        if told is None:
            raise _errors.BadInput("the host did not tell what it has")
        need = "" if absent else _need(site, told)
        found = lists(site.options, site.centrals, address)
    except _errors.BadInput as error:
        return {"refused": str(error), "steps": []}
    # On Debian, a unit that starts with the host wants the one of the daemon.
    boot = "ovn-host" if {"debian", "ubuntu"} & set(told.systems) else DAEMON
    done: dict[str, t.Any] = {"refused": "", "certificate": bool(need), "lists": found, "boot": boot}
    done["foretold"] = not (need and DIRECTORY not in told.files)
    if absent:
        done["stop"], done["disable"] = DAEMON in told.active, boot in told.enabled
        done["delete"] = DIRECTORY in told.files
    else:
        done["start"], done["enable"] = DAEMON not in told.active, boot not in told.enabled
    words = {
        "certificate": f"make a certificate: {need}",
        "start": f"start {DAEMON}",
        "enable": f"let {boot} start at boot",
        "stop": f"stop {DAEMON}",
        "disable": f"let {boot} start at boot no more",
        "delete": f"delete {DIRECTORY}",
    }
    done["steps"] = [step for key, step in words.items() if done.get(key)]
    return done


def _need(site: Site, told: _ovn_answers.Host) -> str:
    """Why the host needs a certificate of our authority; empty if it needs none."""
    if not site.centrals[0]["tls"]:
        return ""
    signer = site.centrals[0]["authority"]
    if site.options.get(f"{ROLE}_private_key"):
        _ovn_central.refuse_missing(told, _ovn_central.tls_files(site.options, ROLE, DIRECTORY).values())
        return ""
    if not signer:
        raise _errors.BadInput(
            f"'{ROLE}_private_key' is missing; the central hosts have certificates of an authority of yours, so give"
            " the chassis its three files, too"
        )
    authority = site.authority
    need = _ovn_central.certificate_needed(told, authority)
    if need and not site.foretelling and (authority is None or not authority.ca):
        why = "does not answer" if authority is None else "has none; run the role ovn_central there first"
        raise _errors.BadInput(f"it needs a certificate ({need}), and the authority on host '{signer}' {why}")
    return need
