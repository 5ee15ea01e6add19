# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What RTM_NEWADDR says of an address, and back again (linux/if_addr.h)."""

from __future__ import annotations

import socket
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

IFA_F_TEMPORARY, IFA_F_NODAD, IFA_F_DADFAILED, IFA_F_TENTATIVE, IFA_F_PERMANENT = 0x01, 0x02, 0x08, 0x40, 0x80
IFA_F_KEPT = 0x02 | 0x100 | 0x200  # NODAD, MANAGETEMPADDR, NOPREFIXROUTE: what whoever made the address chose for it


def encode(detail: t.Mapping[str, t.Any]) -> list[list[t.Any]]:
    """Attributes of RTM_NEWADDR for a detail."""
    attributes: list[list[t.Any]] = [["IFA_BROADCAST", detail["broadcast"]]] if "broadcast" in detail else []
    if len(detail.get("label", "")) in range(1, 16):  # IFNAMSIZ; a longer one is left to the kernel, which takes the link's name
        attributes.append(["IFA_LABEL", detail["label"]])
    if "lifetimes" in detail:
        preferred, valid = detail["lifetimes"]
        attributes.append(["IFA_CACHEINFO", {"ifa_preferred": preferred, "ifa_valid": valid}])
    return attributes


def decode(message: t.Any, link: str) -> _snapshot.Address:
    """RTM_NEWADDR as pyroute2 gives it; ``link``: the name of its link."""
    flags = message.get_attr("IFA_FLAGS") or message["flags"]
    text = message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS")
    return _snapshot.Address(
        cidr=f"{text}/{message['prefixlen']}",
        dynamic=not flags & IFA_F_PERMANENT,
        # fe80:: and lo's own addresses come by themselves; IFA_PROTO (kernel 5.18) is not asked, since older kernels lack it.
        link_local=text.lower().startswith("fe80:") or f"{text}/{message['prefixlen']}" in ("127.0.0.1/8", "::1/128"),
        tentative=bool(flags & IFA_F_TENTATIVE) and not flags & IFA_F_DADFAILED,
        failed=bool(flags & IFA_F_DADFAILED),
        detail=_detail(message, link, text, flags),
    )


def _detail(message: t.Any, link: str, text: str, flags: int) -> dict[str, t.Any]:
    """What an address has and no option speaks of."""
    six = message["family"] == socket.AF_INET6
    label = message.get_attr("IFA_LABEL") or link
    cache = message.get_attr("IFA_CACHEINFO")
    found = {
        "broadcast": message.get_attr("IFA_BROADCAST"),
        "peer": None if message.get_attr("IFA_ADDRESS") in (None, text) else message.get_attr("IFA_ADDRESS"),
        "label": label[len(link) :] if label.startswith(link) else "",
        "scope": 0 if six or text.startswith("127.") else message["scope"],
        "flags": flags & IFA_F_KEPT,
        "temporary": six and bool(flags & IFA_F_TEMPORARY),
        "lifetimes": None if flags & IFA_F_PERMANENT or not cache else (cache["ifa_preferred"], cache["ifa_valid"]),
    }
    return {key: value for key, value in found.items() if value}
