# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a central host of OVN needs: from what all central hosts told, the work for one of them, and that in words."""

from __future__ import annotations

import collections.abc as c
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _ovn_answers, _ovn_hosts, _ovn_raft

DIRECTORY = "/etc/netloom/ovn/central"
AUTHORITY = "/etc/netloom/ovn/ca"
FILES = {"private_key": "key.pem", "certificate": "cert.pem", "ca_cert": "ca-cert.pem"}
MARK = "of what netloom.linux.ovn_central wrote"
DATA = "/var/lib/ovn/ovn{}_db.db"
Options = c.Mapping[str, t.Any]
Answers = c.Mapping[str, t.Optional[_ovn_answers.Host]]


class Site(t.NamedTuple):
    """What is true for all central hosts. ``here``: those that this run works on, in their order."""

    centrals: list[_ovn_hosts.Central]
    answers: Answers
    options: Options
    here: list[str]

    @property
    def authority(self) -> str:
        """The host that signs certificates; empty if nobody has to."""
        return self.centrals[0].authority

    @property
    def tls(self) -> bool:
        """Whether the databases are reached by TLS."""
        return self.centrals[0].tls


def tls_files(options: Options, role: str, directory: str) -> dict[str, str]:
    """The paths of key, certificate and authority on a host: the user's, or ours."""
    return {key: options.get(f"{role}_{key}") or f"{directory}/{name}" for key, name in FILES.items()}


def plan(site: Site, host: str, families: c.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What is to be done on a host. ``refused``: a sentence, if it must not be. ``steps``: the same in words."""
    own = site.answers.get(host)
    if own is None:
        return {"refused": f"host '{host}' did not tell what it has", "steps": []}
    family = next((one for one in families.values() if set(one["systems"]) & set(own.systems)), None)
    if family is None:
        return {"refused": "the role knows Debian, Ubuntu, Fedora and RHEL only", "steps": []}
    try:
        if site.options["ovn_central_state"] == "absent":
            return {"refused": "", **_going(site, host, own, family)}
        return {"refused": "", **_coming(site, host, own, family)}
    except _errors.BadInput as error:
        return {"refused": str(error), "steps": []}


def _coming(site: Site, host: str, own: _ovn_answers.Host, family: Options) -> dict[str, t.Any]:
    steps: list[str] = []
    done: dict[str, t.Any] = {"family": family, "steps": steps, "directory": DIRECTORY}
    done["authority"], done["certificate"] = _certificates(site, host, own, steps)
    raft = _ovn_raft.plan(site, host)
    line = command_line(site, host, raft.used)
    done["options"] = line if _block(own, family) != [line] else None
    if done["options"] is not None:
        steps.append(f"write the options of ovn-ctl into {family['options']}")
    steps += raft.steps
    done.update(files=raft.files, lost=raft.lost, first=raft.first)
    new = done["options"] is not None
    units = {name: family["units"][name] for name in ("nb", "sb", "northd")}
    done["restart"] = _unique(
        unit for name, unit in units.items() if unit in own.active and (new or name in own.stale or name in raft.files)
    )
    done["start"] = _unique(unit for unit in units.values() if unit not in own.active)
    done["enable"] = [unit for unit in family["boot"] if unit not in own.enabled]
    steps += [f"restart {unit}" for unit in done["restart"]] + [f"start {unit}" for unit in done["start"]]
    steps += [f"let {unit} start at boot" for unit in done["enable"]]
    done["listening"] = _listening(site, host, steps)
    return done


def _unique(values: t.Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _certificates(site: Site, host: str, own: _ovn_answers.Host, steps: list[str]) -> tuple[bool, bool]:
    """Whether an authority has to be made, and whether the host needs a certificate."""
    if not site.authority:
        refuse_missing(own, tls_files(site.options, "ovn_central", DIRECTORY).values() if site.tls else ())
        return False, False
    need = certificate_needed(own, site.answers.get(site.authority))
    if not need:
        return False, False
    told = site.answers.get(site.authority)
    if told is None:
        raise _errors.BadInput(
            f"host '{host}' needs a certificate ({need}), and the authority is on host '{site.authority}', which does"
            " not answer."
        )
    if not told.ca:
        _refuse_a_second_authority(site)
        if host == site.here[0]:
            steps.append(f"make a certificate authority on {site.authority}")
    steps.append(f"make a certificate: {need}")
    return not told.ca, True


def certificate_needed(own: _ovn_answers.Host, authority: _ovn_answers.Host | None) -> str:
    """Why a host needs a certificate; empty if it has a good one. ``authority``: what its host told."""
    if own.certificate:
        return own.certificate
    if authority is not None and own.trusts != authority.ca:
        return "the present one is of another authority"
    return ""


def refuse_missing(own: _ovn_answers.Host, paths: c.Iterable[str]) -> None:
    """Refuse files of the user that the host does not have."""
    for path in paths:
        if path not in own.files:
            raise _errors.BadInput(f"the host has no file {path}; put it there, or leave out the options for own files")


def _refuse_a_second_authority(site: Site) -> None:
    """A new authority is of use only if all central hosts get certificates of it at once."""
    away = [one.host for one in site.centrals if one.host not in site.here]
    trusting = [host for host, told in site.answers.items() if told and told.trusts]
    if trusting and away:
        has = "has a certificate" if len(trusting) == 1 else "have certificates"
        raise _errors.BadInput(
            f"the key of the certificate authority is not on host '{site.authority}' ({AUTHORITY}), while"
            f" {_words.some(trusting, 3)} {has} of it; put it back from a backup, or run without --limit, so that all"
            " central hosts get certificates of a new one."
        )


def command_line(site: Site, host: str, raft: bool) -> str:
    """The options of ovn-ctl(8)."""
    words: list[str] = []
    files = tls_files(site.options, "ovn_central", DIRECTORY)
    keys = {"key": files["private_key"], "cert": files["certificate"], "ca-cert": files["ca_cert"]}
    if site.tls:
        words += [f"--ovn-{name}-db-ssl-{key}={path}" for name in ("nb", "sb") for key, path in keys.items()]
    if raft:
        words += _ovn_raft.command_line(site, host)
        words += [
            f"--ovn-northd-{name}-db={','.join(_ovn_hosts.remotes(site.centrals, name))}" for name in ("nb", "sb")
        ]
        words += [f"--ovn-northd-ssl-{key}={path}" for key, path in keys.items() if site.tls]
    return " ".join([*words, *(site.options.get("ovn_central_options") or ())])


def _block(own: _ovn_answers.Host, family: Options) -> list[str] | None:
    """What our block in the file of options says; None without one. Refuses options that somebody else wrote."""
    setting = re.compile(rf"\s*{family['variable']}=\"?(.*?)\"?\s*$")
    inside = False
    ours: list[str] | None = None
    for line in own.options.get(family["options"], ()):
        found = setting.match(line)
        if line == f"# BEGIN {MARK}":
            inside, ours = True, ours or []
        elif line == f"# END {MARK}":
            inside = False
        elif inside and ours is not None and found:
            ours.append(found[1])
        elif found and found[1]:
            raise _errors.BadInput(
                f"{family['options']} has a line {family['variable']}=..., which is not of this role; move its options"
                " into ovn_central_options, and delete the line."
            )
    return ours


def _listening(site: Site, host: str, steps: list[str]) -> dict[str, t.Any]:
    """What has to be changed of the rows that say where the databases listen. One host does it for all."""
    if host != site.here[0]:
        return {}
    found: dict[str, t.Any] = {}
    for name, title in _ovn_answers.DATABASES.items():
        target = _target(site, name)
        told = [one.databases[name] for one in site.answers.values() if one]
        rows = next((one.listens for one in told if one.listens is not None), None)
        if rows is None:
            add, wrong = all(one.kind == _ovn_answers.NONE for one in told), {}
        else:
            ours = re.compile(rf"p(?:ssl|tcp):{_ovn_hosts.PORTS[name]}(?::.*)?")
            add = target not in rows
            wrong = {row: uuid for row, uuid in rows.items() if row != target and ours.fullmatch(row)}
        steps += [f"let {title} listen on {target}"] if add else []
        steps += [f"let {title} listen on {row} no more" for row in wrong]
        if add or wrong:
            found[name] = {"target": target if add else "", "remove": list(wrong.values())}
    return found


def _target(site: Site, name: str) -> str:
    anywhere = ":[::]" if any("[" in one.address for one in site.centrals) else ""
    return f"{'pssl' if site.tls else 'ptcp'}:{_ovn_hosts.PORTS[name]}{anywhere}"


def _going(site: Site, host: str, own: _ovn_answers.Host, family: Options) -> dict[str, t.Any]:
    purge = site.options["ovn_central_purge_data"]
    units = _unique([*family["boot"], *(family["units"][name] for name in ("northd", "nb", "sb"))])
    done: dict[str, t.Any] = {
        "family": family,
        "stop": [unit for unit in units if unit in own.active],
        "disable": [unit for unit in family["boot"] if unit in own.enabled],
        "options": "" if _block(own, family) is not None else None,
        "delete": [DIRECTORY] if DIRECTORY in own.files else [],
        "leave": [],
    }
    if purge:
        staying = [one.host for one in site.centrals if one.host not in site.here]
        for name, told in own.databases.items():
            done["leave"] += [name] if told.member and len(told.servers) > 1 and staying else []
            paths = [DATA.format(name), f"/var/lib/ovn/.ovn{name}_db.db.~lock~"]
            done["delete"] += paths if told.kind != _ovn_answers.NONE else []
        done["delete"] += [AUTHORITY] if AUTHORITY in own.files and host == site.authority else []
    done["steps"] = [
        *(f"leave the cluster of {_ovn_answers.DATABASES[name]}" for name in done["leave"]),
        *(f"stop {unit}" for unit in done["stop"]),
        *(f"let {unit} start at boot no more" for unit in done["disable"]),
        *([f"take the options of ovn-ctl out of {family['options']}"] if done["options"] is not None else []),
        *(f"delete {path}" for path in done["delete"]),
    ]
    return done
