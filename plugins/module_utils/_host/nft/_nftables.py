# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nftables through nft's JSON interface (libnftables-json(5)): what is read is data, and what is written is one
transaction.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.nft import _nfnetlink
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _spawn
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _nat_ops, _nft, _snapshot

FILTER_CHAINS = ("DOCKER-USER", "FORWARD")
ABSENT = "the program nft is not on this host"
TERSE = ("-t",)  # without the elements of sets
Listed = list[tuple[str, dict[str, t.Any]]]


def read(ns: _snapshot.NsKey) -> _nft.Nft:
    """Our tables, and the forwarding rules of iptables' filter. If nft cannot read them, the kernel tells at least
    which of our tables exist.
    """
    try:
        before = _ours(ns)
        if before is None:
            return _nft.Nft(unreadable=_nft.NO_KERNEL)
    except _errors.HostError as error:
        return _nft.Nft(unreadable=str(error))
    if _spawn.which("nft") is None:
        return _nft.Nft(unreadable=ABSENT, known=before)
    try:
        found = _all(ns)
    except _errors.HostError as error:
        return _nft.Nft(unreadable=str(error), known=before)
    hidden = before - set(found.tables)
    if hidden and hidden & (_ours(ns) or set()):  # and nobody deleted it meanwhile
        return _nft.Nft(
            unreadable=f"it does not tell of table {_nft.table_of(min(hidden))}, which the kernel has", known=before
        )
    return found


def _ours(ns: _snapshot.NsKey) -> frozenset[str] | None:
    """The declared names of our tables, from the kernel. None if it has no nf_tables."""
    there = _nfnetlink.tables(ns)
    return (
        None
        if there is None
        else frozenset(
            name[len(_nft.PREFIX) :]
            for family, name in there
            if family == _nfnetlink.NFPROTO_INET and name.startswith(_nft.PREFIX)
        )
    )


def _all(ns: _snapshot.NsKey) -> _nft.Nft:
    rules = ruleset(ns)
    found = _nft.Nft()
    for table in [body for kind, body in rules if kind == "table"]:
        inside = [
            (kind, body)
            for kind, body in rules
            if body["family"] == table["family"] and body["name" if kind == "table" else "table"] == table["name"]
        ]
        if table["family"] == "inet" and table["name"].startswith(_nft.PREFIX):
            if any(kind not in ("table", "chain", "rule") for kind, _body in inside):
                # Somebody put a set into it: an undo would need its elements as well.
                inside = listed(ns, "table", "inet", table["name"])
            found.tables[table["name"][len(_nft.PREFIX) :]] = _table(table, inside)
        elif (
            table["family"] in _nft.FAMILIES.values()
            and table["name"] == "filter"
            and any(kind == "chain" and body["name"] == "FORWARD" and "hook" in body for kind, body in inside)
        ):
            found.forward[table["family"]] = _filter(inside)
    return found


def ruleset(ns: _snapshot.NsKey) -> Listed:
    """All rules without the elements of sets, of which blocklists have hundreds of thousands. Raises HostError."""
    return listed(ns, "ruleset", options=TERSE)


def listed(ns: _snapshot.NsKey, *what: str, options: t.Sequence[str] = ()) -> Listed:
    """The output of `nft list`, as (kind, body) in its order. Raises HostError."""
    done = _spawn.run(["nft", "-j", *options, "list", *what], ns, apart=True)
    if done.code:
        raise _errors.HostError(_words(done.errors))
    try:
        return [next(iter(one.items())) for one in json.loads(done.output)["nftables"] if "metainfo" not in one]
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        raise _errors.HostError(f"nft did not answer in JSON: {_errors.quoted(error)}") from error


def _words(errors: str) -> str:
    """The error of nft, without the line of input that it quotes."""
    return _errors.quoted(next((line for line in errors.splitlines() if line.strip()), "it gave no reason"))


def _table(table: dict[str, t.Any], listed: Listed) -> _nft.NftTable:
    rules: dict[str, list[str]] = {}
    others = []
    chains = []
    for kind, body in listed:
        if kind == "rule":
            rules.setdefault(body["chain"], []).append(_nft.text_of(_rule(body)))
        elif kind == "chain":
            chains.append(body)
        elif kind != "table":
            others.append(_nft.text_of({kind: {key: value for key, value in body.items() if key != "handle"}}))
    flags = table.get("flags", "")
    return _nft.NftTable(
        tuple(sorted((_chain(body, rules.get(body["name"], ())) for body in chains), key=lambda chain: chain.name)),
        tuple(others),
        flags if isinstance(flags, str) else " ".join(flags),
    )


def _rule(body: dict[str, t.Any]) -> dict[str, t.Any]:
    return {key: body[key] for key in ("expr", "comment") if key in body}


def _chain(body: dict[str, t.Any], rules: t.Iterable[str]) -> _nft.NftChain:
    return _nft.NftChain(
        body["name"], body.get("type"), body.get("hook"), body.get("prio"), body.get("policy"), tuple(rules)
    )


def _filter(listed: Listed) -> _nft.ForwardFilter:
    chains = {body["name"]: body for kind, body in listed if kind == "chain"}
    accepted = tuple(
        _nft.Accepted(body["chain"], body["comment"][len(_nft.MARK) :], _nft.text_of({"expr": body["expr"]}))
        for kind, body in listed
        if kind == "rule" and body["chain"] in FILTER_CHAINS and body.get("comment", "").startswith(_nft.MARK)
    )
    return _nft.ForwardFilter(chains["FORWARD"].get("policy", "accept"), "DOCKER-USER" in chains, accepted)


def _write(ns: _snapshot.NsKey, wish: str, commands: list[dict[str, t.Any]]) -> None:
    try:
        done = _spawn.run(["nft", "-j", "-f", "-"], ns, text=json.dumps({"nftables": commands}), apart=True)
    except _errors.HostError as error:
        raise _errors.HostError(f"Cannot {wish}: {error}") from error
    if done.code:
        raise _errors.HostError(f"Cannot {wish}: nft says: {_words(done.errors)}.")


def replace_table(ns: _snapshot.NsKey, name: str, table: _nft.NftTable, wish: str) -> None:
    """Replace our whole table. The old one is deleted and the new one created in the same transaction."""
    _write(ns, wish, [*_delete(name), {"add": {"table": _of(name)}}, *_content(name, table)])
    _confirm(ns, name, True, wish)


def delete_table(ns: _snapshot.NsKey, name: str, wish: str) -> None:
    """Delete our table with all its content. It is no error if it is gone already."""
    _write(ns, wish, _delete(name))
    _confirm(ns, name, False, wish)


def _confirm(ns: _snapshot.NsKey, name: str, there: bool, wish: str) -> None:
    """Check a write with the kernel. The exit status of nft is not enough."""
    if (name in (_ours(ns) or ())) != there:
        raise _errors.HostError(
            f"Cannot {wish}: nft reports success, but the kernel"
            f" {'has no such table' if there else 'still has the table'}."
        )


def _of(name: str) -> dict[str, t.Any]:
    return {"family": "inet", "name": _nft.table_of(name)}


def _delete(name: str) -> list[dict[str, t.Any]]:
    # Added first, so that there is one to delete.
    return [{"add": {"table": _of(name)}}, {"delete": {"table": _of(name)}}]


def _content(name: str, table: _nft.NftTable) -> t.Iterator[dict[str, t.Any]]:
    for one in table.others:
        yield {"add": json.loads(one)}
    place = {"family": "inet", "table": _nft.table_of(name)}
    for chain in table.chains:
        hook = (
            {"type": chain.type, "hook": chain.hook, "prio": chain.prio, "policy": chain.policy or "accept"}
            if chain.hook
            else {}
        )
        yield {"add": {"chain": {**place, "name": chain.name, **hook}}}
    for chain in table.chains:
        for rule in chain.rules:
            yield {"add": {"rule": {**place, "chain": chain.name, **json.loads(rule)}}}


def set_accepted(op: _nat_ops.AcceptSet) -> None:
    """Delete our rules by their handles from the chains of iptables' filter, and add the new ones at the top of the
    given chain.
    """
    place = {"family": op.family, "table": "filter"}
    mark = f"{_nft.MARK}{op.name}"
    try:
        there = listed(op.ns, "table", op.family, "filter", options=TERSE)
    except _errors.HostError as error:
        raise _errors.HostError(f"Cannot {op.sentence()}: {_errors.quoted(error)}.") from error
    commands: list[dict[str, t.Any]] = [
        {"delete": {"rule": {**place, "chain": body["chain"], "handle": body["handle"]}}}
        for kind, body in there
        if kind == "rule" and body["chain"] in FILTER_CHAINS and body.get("comment") == mark
    ]
    # Each goes to the top, so the last comes first.
    commands += [
        {"insert": {"rule": {**place, "chain": one.chain, "comment": mark, **json.loads(one.rule)}}}
        for one in reversed(op.accepted)
    ]
    _write(op.ns, op.sentence(), commands)
