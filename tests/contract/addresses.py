# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of any form that iproute2 can give a link, drawn by hypothesis; and what a judge tells of them."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.netloom.linux.tests.contract.judge import told
from hypothesis import strategies as st

FOUR = [
    "198.18.7.1/24",
    "198.18.7.2/24",
    "198.18.7.1/16",
    "198.18.9.9/32",
    "198.18.7.1 peer 198.18.8.1/32",
    "198.18.7.1 peer 198.18.8.2/32",
]
SIX = [
    "fd18:7::1/64",
    "fd18:7::2/64",
    "fd18:8::1/128",
    "fd18:9::1 peer fd18:9::2/64",
    "fe80::77/64",
    "fe80::78/10",
    "::198.18.0.1/96",
    "fd18:7::3/56",
]
PASSING = ("valid_life_time", "preferred_life_time")  # they run down while one looks
# What the kernel says of a moment, or of itself.
NOT_COMPARED = (*PASSING, "index", "tentative", "dadfailed", "stable-privacy", "protocol")


def line(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Words one after the other, but for the empty ones."""
    return st.tuples(*parts).map(lambda found: " ".join(part for part in found if part))


def words(*choices: str) -> st.SearchStrategy[str]:
    """One of these, or nothing."""
    return st.sampled_from(["", *choices])


def lines(link: str) -> list[st.SearchStrategy[str]]:
    """Strategies for a line of `ip` that gives the link an address; whether it works or not is the kernel's
    business.
    """
    flags = words("noprefixroute", "nodad", "home", "mngtmpaddr", "noprefixroute nodad")
    four = line(
        st.just("ip address add"),
        st.sampled_from(FOUR),
        words("broadcast +", "broadcast 198.18.7.77"),
        words("scope link", "scope host", "scope site"),
        words(f"label {link}:x", f"label {link}:a-long-one"),
        words("metric 77"),
        words("noprefixroute"),
        words("valid_lft forever preferred_lft 0", "valid_lft forever preferred_lft 900"),
        st.just(f"dev {link}"),
    )
    six = line(
        st.just("ip -6 address add"),
        st.sampled_from(SIX),
        words("metric 78"),
        flags,
        words("valid_lft forever preferred_lft 0", "valid_lft forever preferred_lft 900"),
        st.just(f"dev {link}"),
    )
    return [four, six]


def addresses_of(link: str, netns: str = "") -> list[dict[str, t.Any]]:
    """The addresses of a link in the kernel's order, without the kernel's own and what passes by itself."""
    found = json.loads(told(f"ip {f'-n {netns} ' if netns else ''}-j -d address show dev {link}"))
    return without_the_kernels(found[0]["addr_info"])


def without_the_kernels(found: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """The same of what iproute2 has told."""
    kept = []
    for one in found:
        if not one or (one.get("dynamic") and one["family"] == "inet6") or is_the_kernels(one):
            continue
        ends = {name: name in one and 0 < one[name] < 0xFFFFFFFF for name in PASSING}
        kept.append(
            {
                **{key: value for key, value in one.items() if key not in NOT_COMPARED},
                "ends": ends,
                "deprecated": bool(one.get("deprecated")),
            }
        )
    return kept


def is_the_kernels(address: dict[str, t.Any]) -> bool:
    """Whether it is the link-local address that the kernel makes of a MAC address."""
    return address["local"].startswith("fe80:") and ":fe" in address["local"] and "ff" in address["local"]
