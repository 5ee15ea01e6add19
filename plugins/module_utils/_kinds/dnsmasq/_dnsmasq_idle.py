# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dnsmasq_in_ns: declared values that would have no effect. dnsmasq itself says nothing about them."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import _dnsmasq_dhcp, _dnsmasq_values

Settings = t.Mapping[str, t.Any]

# dnsmasq(8), "Tags": those that it sets by itself, beside the name of the interface.
OWN_TAGS = {"known", "known-othernet", "bootp", "dhcpv6", "cpewan-id"}
ADVERTISED = {f"option6:{name}" for name in ("dns-server", "domain-search", "23", "24")}  # RFC 8106
SIX = "option6:"


def sentences(settings: Settings, links: t.Iterable[str]) -> list[str]:
    """Sentences that each begin with the option. ``links``: those of the namespace. Raw lines are not checked."""
    raw = " ".join(settings["extra_config"])
    found = [] if "dhcp-range" in raw else [*_without_range(settings)]
    return found if "set:" in raw else [*found, *_without_tag(settings, set(links))]


def _without_range(settings: Settings) -> t.Iterator[str]:
    """Values that need a range of an IP version, or a range that hands out addresses."""
    ranges = settings["ranges"]
    families = {6 if ":" in entry["start"] else 4 for entry in ranges}
    by_dhcpv6 = _dnsmasq_dhcp.leases([entry for entry in ranges if ":" in entry["start"]])
    if settings["ra"] and 6 not in families:
        yield "ra: router advertisements are sent for IPv6 ranges, and there is none."
    if settings["hosts"] and not _dnsmasq_dhcp.leases(ranges):
        yield "hosts: no range hands out addresses, so no reservation is ever used."
    for index, entry in enumerate(settings["options"]):
        family = 6 if entry["option"].startswith(SIX) else 4
        if family not in families:
            yield f"options[{index}]: there is no IPv{family} range, so it is never sent."
        elif family == 6 and not by_dhcpv6 and entry["option"] not in ADVERTISED:
            yield (
                f"options[{index}]: no range is for DHCPv6, and router advertisements take dns-server and domain-search"
                " only, so it is never sent."
            )


def _without_tag(settings: Settings, links: set[str]) -> t.Iterator[str]:
    """Values for a tag that nothing sets."""
    given = OWN_TAGS | links | {entry["set_tag"] for entry in settings["ranges"] if "set_tag" in entry}
    given |= {tag for entry in settings["hosts"] for tag in _dnsmasq_values.each(entry.get("set_tag"))}
    for option in ("ranges", "hosts", "options"):
        for index, entry in enumerate(settings[option]):
            lost = [
                tag for tag in _dnsmasq_values.each(entry.get("tag")) if not tag.startswith("!") and tag not in given
            ]
            if lost:
                yield f"{option}[{index}].tag: nothing sets the tag '{lost[0]}'; ranges and hosts do with set_tag."
