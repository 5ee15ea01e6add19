# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main() of the module reachability. The module changes nothing, so it needs no plan."""

from __future__ import annotations

import contextlib
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils import _lazy  # noqa: F401 pylint: disable=unused-import
from ansible_collections.netloom.linux.plugins.module_utils._engine import _hearing, _module, _requirements
from ansible_collections.netloom.linux.plugins.module_utils._host import _host
from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _probes, _witness
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _diagnosis,
    _diagnosis_case,
    _errors,
    _journey,
    _listening,
    _probe,
    _probe_options,
    _scope,
    _snapshot,
)

SPEC: dict[str, t.Any] = {
    "probes": {"type": "list", "elements": "dict", "options": _probe_options.OPTIONS},
    "count": {"type": "int", "default": 3},
    "timeout": {"type": "float", "default": 2.0},
    "allow_inconclusive": {"type": "bool", "default": False},
    **_hearing.SPEC,
}
MOST_PROBES = 100_000
MOST_EXPLAINED = 200
MOST_TOLD = 50
MOST_CAUSES = 2  # that the message names of a surprise


def run_reachability() -> None:
    """Parse the options, send the probes and judge the results."""
    _module.at_the_edge(SPEC, {}, _requirements.needed(()), body)


def body(module: AnsibleModule, host: _host.Host) -> dict[str, t.Any]:
    """Return the result. Fail the module if something is not as expected."""
    params = module.params
    probes = _checked(params)
    if module.check_mode:
        return {
            "changed": False,
            "skipped": True,
            "reachability": [],
            "warnings": ["In check mode no packets are sent: the probes were skipped."],
        }
    result: dict[str, t.Any] = _hearing.listen(params, host)
    outcomes, told, allowed = _proven(probes, params, host)
    result |= {**_hearing.send(params, host), **_hearing.collect(params), **told}
    unproven = told["inconclusive"] - len(allowed)
    if told["surprises"]:
        message = _told(told["surprises"], len(outcomes), unproven)
        module.fail_json(msg=message, reason=_errors.Surprise.reason, **result)
    return {"changed": False, **result, "warnings": [str(outcome.surprise()) for outcome in allowed]}


def _proven(
    probes: list[_probe.Probe], params: t.Mapping[str, t.Any], host: _host.Host
) -> tuple[list[_probe.Outcome], dict[str, t.Any], list[_probe.Outcome]]:
    """Send the probes. Return the outcomes, what the result tells of them, and those that are allowed to prove
    nothing.
    """
    if not probes:
        return [], {"reachability": [], "surprises": [], "inconclusive": 0}, []
    scope = _scope.Scope(
        namespaces=_probe.namespaces(probes),
        # Whoever answers on another host is in no namespace of this one.
        every_namespace=any(probe.protocol == "arp" and probe.host is None for probe in probes),
        every_daemon=any(probe.protocol == "dhcp" for probe in probes),
    )
    snapshot, witness = host.read(scope), host.witness()
    mark = _listening.mark_of(params["run"])
    outcomes = _probes.run(probes, snapshot, witness, params["count"], params["timeout"], mark=mark)
    unproven = [outcome for outcome in outcomes if outcome.inconclusive]
    allowed = unproven if params["allow_inconclusive"] else []
    surprising = [outcome for outcome in outcomes if outcome.surprise() and outcome not in allowed]
    if surprising:
        # A diagnosis that fails must not hide what it was to explain.
        with contextlib.suppress(_errors.NetloomError, OSError):
            _explain(surprising, host, witness)
    surprises = [" ".join([str(outcome.surprise()), *outcome.causes[:MOST_CAUSES]]) for outcome in surprising]
    told = {
        "reachability": [outcome.report() for outcome in outcomes],
        "surprises": surprises,
        "inconclusive": len(unproven),
    }
    return outcomes, told, allowed


def _told(surprises: t.Sequence[str], probes: int, unproven: int) -> str:
    counted = (
        f"{len(surprises)} of {probes} probes did not end as"
        f" expected{f', {unproven} of them inconclusive' if unproven else ''}."
    )
    more = [f"And {len(surprises) - MOST_TOLD} more."] if len(surprises) > MOST_TOLD else []
    return " ".join([counted, *surprises[:MOST_TOLD], *more])


def _explain(surprising: list[_probe.Outcome], host: _host.Host, witness: _witness.Witness) -> None:
    """Look for causes of the first surprises only: of hundreds of surprises most have the same cause."""
    told = surprising[:MOST_EXPLAINED]
    ovs = _requirements.with_ovs(_snapshot.OvsTarget())
    snapshot = host.read(_scope.Scope(every_namespace=True, every_daemon=True, ovs=ovs))
    silent = [
        one.probe
        for one in told
        if one.probe.address and not one.seen and (one.probe.protocol in ("tcp", "udp") or one.probe.size)
    ]
    small = {(probe.source, probe.address): _probe.small_ping(probe) for probe in silent}
    pings = _probes.run(list(small.values()), snapshot, witness, 2, 1.0)
    case = _diagnosis_case.Case(
        snapshot, witness, {(one.probe.source, str(one.probe.address)): one.seen for one in pings}
    )
    for outcome in told:
        if outcome.probe.host is None:
            outcome.causes = _diagnosis.causes(outcome, case)
        else:
            outcome.causes = _journey.before_it_leaves(outcome.probe, case.segments, case.evidence)


def _checked(params: t.Mapping[str, t.Any]) -> list[_probe.Probe]:
    _hearing.check(params)
    if not 1 <= params["count"] <= 100:
        raise _errors.BadInput(f"count: {params['count']} is out of range; it must lie between 1 and 100.")
    if not 0.2 <= params["timeout"] <= 600:
        raise _errors.BadInput(
            f"timeout: {params['timeout']:g} is out of range; it must lie between 0.2 and 600 seconds."
        )
    if params["probes"] is None:
        return []
    if not params["probes"] and not params["frames"]:
        raise _errors.BadInput("probes: is empty, so nothing would be proven; give at least one.")
    if len(params["probes"]) > MOST_PROBES:
        raise _errors.BadInput(
            f"probes: {len(params['probes'])} are too many for one run; at most {MOST_PROBES} are sent at once."
        )
    return _probe_options.parse(params["probes"])
