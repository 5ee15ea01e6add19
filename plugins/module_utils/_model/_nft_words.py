# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule as `nft list` shows it (nft(8)), from the JSON in which it is compared. Unknown parts stay JSON."""

from __future__ import annotations

import json
import typing as t

PLAIN = ("accept", "drop", "return", "continue", "masquerade", "reject", "counter", "notrack")
BARE = (
    "iifname",
    "oifname",
    "iif",
    "oif",
    "iiftype",
    "oiftype",
    "mark",
    "skuid",
    "skgid",
)  # of meta, which nft shows without that word
NAMES = ("iifname", "oifname", "comment", "prefix")  # whose values are quoted


def of_rule(text: str) -> str:
    """The rule in the words of nft."""
    rule = json.loads(text)
    words = [_statement(one) for one in rule.get("expr", ())]
    return " ".join([*words, *([f"comment {_quoted(rule['comment'])}"] if "comment" in rule else [])])


def of_object(text: str) -> str:
    """A set, a map or the like in words: '{"set": {"name": "s"}}' -> 'set s'."""
    ((kind, body),) = json.loads(text).items()
    return f"{kind} {body['name']}" if isinstance(body, dict) and "name" in body else text


def _statement(statement: t.Mapping[str, t.Any]) -> str:
    try:
        ((name, body),) = statement.items()
        if name == "match":
            return _match(body)
        if name in PLAIN and not _details(body):
            return name
        if name in ("jump", "goto"):
            return f"{name} {body['target']}"
        if name in ("snat", "dnat"):
            return f"{name} {body['family']} to {_place(body)}" if "family" in body else f"{name} to {_place(body)}"
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    return json.dumps(statement, sort_keys=True)


def _details(body: t.Any) -> bool:
    """Whether an object has more than counters."""
    return bool(body) and set(body) != {"packets", "bytes"}


def _match(body: t.Mapping[str, t.Any]) -> str:
    left, name = _left(body["left"])
    op = "" if body["op"] in ("==", "in") else f"{body['op']} "
    return f"{left} {op}{_right(body['right'], name)}"


def _left(left: t.Mapping[str, t.Any]) -> tuple[str, str]:
    """The words of the left side, and the name of what the value belongs to."""
    ((kind, body),) = left.items()
    if kind == "payload":
        return f"{body['protocol']} {body['field']}", body["field"]
    if kind == "meta":
        return body["key"] if body["key"] in BARE else f"meta {body['key']}", body["key"]
    if kind == "ct":
        return " ".join(["ct", *([body["dir"]] if "dir" in body else []), body["key"]]), body["key"]
    if kind == "fib":
        flags = body["flags"] if isinstance(body["flags"], list) else [body["flags"]]
        return f"fib {' . '.join(flags)} {body['result']}", body["result"]
    raise ValueError(kind)


def _right(value: t.Any, name: str) -> str:
    if isinstance(value, (str, int)):
        return _quoted(value) if name in NAMES else str(value)
    if isinstance(value, list):
        return ", ".join(_right(one, name) for one in value)
    if "prefix" in value:
        return f"{value['prefix']['addr']}/{value['prefix']['len']}"
    if "range" in value:
        return "-".join(_right(one, name) for one in value["range"])
    if "set" in value:
        return f"{{ {_right(value['set'], name)} }}"
    raise ValueError(value)


def _place(body: t.Mapping[str, t.Any]) -> str:
    address, port = body.get("addr", ""), body.get("port")
    shown = f"[{address}]" if port is not None and ":" in address else str(address)
    return shown if port is None else f"{shown}:{port}"


def _quoted(value: t.Any) -> str:
    return f'"{value}"'
