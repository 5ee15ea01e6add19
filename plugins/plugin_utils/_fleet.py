# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each host of a play, as data and as a summary that fits on a screen."""

from __future__ import annotations

import collections.abc as c
import textwrap
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _surprises

Variables = c.Mapping[str, t.Any]
Outcomes = dict[str, t.Any]

# The variable that a host has once a playbook has reached it, or has tried to.
CONTACTS = {
    "site": "prepare__answer",
    "teardown": "netloom__teardown_contact",
    "verify": "netloom__verify_contact",
    "drift": "netloom__drift_contact",
}
# The roles that build, what each takes, and what each returns. Who is what in OVN, groups of the inventory say.
ROLES = ("ovn_central", "ovn_chassis", "bridge_network", "vxlan_network", "ovs_vlan_dhcp", "router", "ovn_network")
OPTIONS = {
    "bridge_network": "bridge_network_networks",
    "vxlan_network": "vxlan_network_networks",
    "ovs_vlan_dhcp": "ovs_vlan_dhcp_tenants",
    "router": "router_routers",
    "ovn_network": "ovn_network_networks",
}
FAILED = "netloom__failed"  # what the task returned that failed
SURPRISED = "Not as promised:"  # so begins what the role verify says of proofs that did not hold
LACKING = "prepare_result"
PROBES = "verify__reachability"
CROSSINGS = "verify__crossings"  # the verdict over networks on several hosts, the same on all of them
# The words of the summary, and in which order they come.
WORDS = {
    "changed": "changed",
    "drifted": "drifted",
    "ok": "ok",
    "unverified": "not verified",
    "undeclared": "nothing declared",
    "lacking": "cannot be told",
    "failed": "failed",
    "unreachable": "unreachable",
    "not_reached": "not reached",
}
WITH_REASON = ("lacking", "failed", "unreachable")
HEAD, TAIL = 120, 200  # letters of a reason, which its sentences share: what is wrong; the cause and what to do
MOST_GROUPS = 8  # reasons, or numbers of steps, that have lines of their own
MOST_NETWORKS = 5  # of which something is missing
WIDTH = 110


def result_name(role: str) -> str:
    """The variable with what the task of a role returned."""
    return f"{role}_result"


# What the tasks of all roles returned. One central host also writes OVN's northbound database, before and after.
RESULTS = (*map(result_name, ROLES), "ovn_network_result_northbound", "ovn_network_result_purge")


def outcomes(
    hosts: c.Iterable[str], variables: c.Mapping[str, Variables], playbook: str, check: bool = False
) -> Outcomes:
    """What became of each host. ``variables``: host -> its variables."""
    found: Outcomes = {
        "playbook": playbook,
        "check_mode": check or playbook == "drift",
        **{word: {} if word in WITH_REASON else [] for word in WORDS},
    }
    found["steps"] = {}
    if playbook == "verify":
        found.update(held={}, inconclusive={}, surprises={}, unproven=[])
    for host in hosts:
        own = variables[host]
        results = _results(own, playbook)
        word, why = _outcome(host, own, results, playbook, check)
        if word in WITH_REASON:
            found[word][host] = why
        else:
            found[word].append(host)
        steps = sum(len(one.get("steps") or ()) for one in results)
        if steps:
            found["steps"][host] = steps
        if playbook == "verify":
            _add_probes(found, host, own.get(PROBES), _crossed(own))
    return found


def _results(own: Variables, playbook: str) -> list[Variables]:
    names = [PROBES] if playbook == "verify" else RESULTS
    if CONTACTS[playbook] not in own:
        return []
    found = [own[name] for name in names if isinstance(own.get(name), c.Mapping)]
    return [one for one in found if not one.get("skipped")]


def _outcome(host: str, own: Variables, results: list[Variables], playbook: str, check: bool) -> tuple[str, str]:
    """The word of WORDS, and the reason if there is one."""
    if CONTACTS[playbook] not in own:
        return "not_reached", ""
    if FAILED in own:
        return "failed", reason(_failure(host, own))
    lost = next((one for one in (own[CONTACTS[playbook]], *results) if one.get("unreachable")), None)
    if lost is not None:
        return "unreachable", reason(lost)
    needs = own.get(LACKING) if playbook == "site" else None
    if check and needs and needs.get("unforetold"):
        return "lacking", f"still needs {', '.join(needs['unforetold'])}"
    if playbook == "verify":
        return "ok" if any(map(_held, results)) or _crossed(own).get("held", {}).get(host) else "unverified", ""
    return _word(own, [*results, *([needs] if needs else [])], playbook), ""


def _failure(host: str, own: Variables) -> t.Any:
    """What the task returned that failed. Of one that judged proofs, only what is not as promised: advice, such as how
    to see the packets, is in its message.
    """
    failed, proven = own[FAILED], own.get(PROBES)
    told = failed.get("msg") if isinstance(failed, c.Mapping) else None
    if not isinstance(told, list) or not told or str(told[0]) != SURPRISED:
        return failed
    probed = proven.get("surprises") if isinstance(proven, c.Mapping) else None
    found = [*(probed or ()), *(_crossed(own).get("surprises") or {}).get(host, ())]
    return {"msg": [SURPRISED, *_surprises.by_cause(found)]} if found else failed


def _word(own: Variables, results: list[Variables], playbook: str) -> str:
    """The word of a host on which all went well."""
    # What is declared in the play and not for the host, only its results show.
    if not results and not any(option in own for option in OPTIONS.values()):
        return "undeclared"
    if playbook == "drift":
        return "drifted" if any(one.get("changed") or one.get("unusable") for one in results) else "ok"
    return "changed" if any(one.get("changed") for one in results) else "ok"


def _held(reached: Variables) -> int:
    """How many probes held. None are sent in check mode, and those that could not be sent prove nothing."""
    return sum(bool(one.get("as_expected")) for one in reached.get("reachability") or ())


def _crossed(own: Variables) -> Variables:
    """The verdict over networks on several hosts; empty without one."""
    found = own.get(CROSSINGS)
    return found if isinstance(found, c.Mapping) else {}


def _add_probes(found: Outcomes, host: str, reached: t.Any, over: Variables) -> None:
    told = reached if isinstance(reached, c.Mapping) and "reachability" in reached else None
    held = over.get("held") or {}
    if told is None and host not in held:
        return
    mine: Variables = told or {}
    found["held"][host] = _held(mine) + held.get(host, 0)
    inconclusive = (mine.get("inconclusive") or 0) + (over.get("inconclusive") or {}).get(host, 0)
    surprises = [*(mine.get("surprises") or ()), *(over.get("surprises") or {}).get(host, ())]
    if inconclusive:
        found["inconclusive"][host] = inconclusive
    if surprises:
        found["surprises"][host] = surprises
    found["unproven"] = list(dict.fromkeys([*found["unproven"], *(over.get("unproven") or ())]))


def reason(result: t.Any) -> str:
    """Why a task failed or did not reach its host, on one line."""
    if not isinstance(result, c.Mapping):
        return "see its message above"
    for turn in result.get("results") or ():
        if isinstance(turn, c.Mapping) and (turn.get("failed") or turn.get("unreachable")):
            return reason(turn)
    told = result.get("msg")
    parts = [*told] if isinstance(told, c.Sequence) and not isinstance(told, str) else [told] if told else []
    if len(parts) > 2:  # a heading, and sentences
        parts = [parts[0], *_words.listed([str(one) for one in parts[1:]], 2)]
    if result.get("rc") and not (told and "sudo" in str(told)):
        parts += [
            line for line in str(result.get("stderr") or result.get("module_stderr") or "").splitlines() if line.strip()
        ][-1:]
    lines = [" ".join(str(part).split()).removeprefix("Task failed: ") for part in parts]
    share = 2 if len(lines) > 2 else 1
    return (
        " ".join(_words.bounded(line, HEAD // share, TAIL // share) for line in lines if line)
        or "see its message above"
    )


def summary(found: c.Mapping[str, t.Any]) -> list[str]:
    """The outcomes as lines: a heading with the numbers, and then the names, equal reasons once."""
    counts = [f"{len(found[word])} {WORDS[word]}" for word in WORDS if found.get(word)]
    hosts = sum(len(found.get(word) or ()) for word in WORDS)
    checked = "; check mode: nothing was touched" if found.get("check_mode") else ""
    lines = [f"{found['playbook']}: {hosts} host{'' if hosts == 1 else 's'}, {', '.join(counts) or 'none'}{checked}"]
    for word, shown in WORDS.items():
        if found.get(word):
            lines += _told(shown, _groups(word, found))
    for sentence in found.get("unproven") or ():
        lines += _told("not proven", [([], sentence)])
    missing = _words.listed(found.get("missing") or (), MOST_NETWORKS)
    return lines + _told("missing", [([], sentence) for sentence in missing])


def _groups(word: str, found: c.Mapping[str, t.Any]) -> list[tuple[list[str], str]]:
    """Names of hosts with what is told of all of them."""
    if word in WITH_REASON:
        told: c.Mapping[str, str] = found[word]
    elif found["playbook"] == "verify":
        told = {host: _proven(host, found) for host in found[word]}
    else:
        steps = found.get("steps") or {}
        told = {host: _counted(steps[host], "step") if host in steps else "" for host in found[word]}
    groups: dict[str, list[str]] = {}
    for host, words in told.items():
        groups.setdefault(words, []).append(host)
    listed = [(hosts, words) for words, hosts in groups.items()]
    shown, rest = listed[:MOST_GROUPS], [host for hosts, _words_of in listed[MOST_GROUPS:] for host in hosts]
    return [*shown, *([(rest, "see their messages above" if word in WITH_REASON else "")] if rest else [])]


def _proven(host: str, found: c.Mapping[str, t.Any]) -> str:
    if host not in found["held"]:
        return ""
    unproven = found["inconclusive"].get(host)
    return f"{_counted(found['held'][host], 'probe')} held" + (f", {unproven} proved nothing" if unproven else "")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _told(word: str, groups: c.Iterable[tuple[list[str], str]]) -> list[str]:
    margin = " " * (max(map(len, WORDS.values())) + 4)
    lines: list[str] = []
    for hosts, words in groups:
        text = ": ".join(part for part in (", ".join(hosts), words) if part)
        head = f"  {word}".ljust(len(margin)) if not lines else margin
        lines += textwrap.wrap(
            text, WIDTH, initial_indent=head, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
        )
    return lines
