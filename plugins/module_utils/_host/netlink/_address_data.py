# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert between RTM_NEWADDR and addresses of the model (linux/if_addr.h)."""

from __future__ import annotations

import socket
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _address

IFA_F_TEMPORARY, IFA_F_NODAD, IFA_F_DADFAILED, IFA_F_DEPRECATED = 0x01, 0x02, 0x08, 0x20
IFA_F_TENTATIVE, IFA_F_PERMANENT, IFA_F_STABLE_PRIVACY = 0x40, 0x80, 0x800
# NODAD, HOMEADDRESS, MANAGETEMPADDR, NOPREFIXROUTE, MCAUTOJOIN: what whoever made the address chose for it
# (inet6_rtm_newaddr()).
IFA_F_KEPT = 0x02 | 0x10 | 0x100 | 0x200 | 0x400
IFAPROT_KERNEL_LL = 3
IFA_RT_PRIORITY, IFA_PROTO = 9, 11


def encode(detail: t.Mapping[str, t.Any]) -> list[list[t.Any]]:
    """The attributes of RTM_NEWADDR for a detail."""
    attributes: list[list[t.Any]] = [["IFA_BROADCAST", detail["broadcast"]]] if "broadcast" in detail else []
    # IFNAMSIZ; a longer one is left to the kernel, which takes the link's name.
    if len(detail.get("label", "")) in range(1, 16):
        attributes.append(["IFA_LABEL", detail["label"]])
    if "lifetimes" in detail:
        preferred, valid = detail["lifetimes"]
        attributes.append(["IFA_CACHEINFO", {"ifa_preferred": preferred, "ifa_valid": valid}])
    return attributes


def protocols_told(messages: t.Iterable[t.Any]) -> bool:
    """Whether this kernel tells who made an address: its own ones (127.0.0.1 of a loopback that is up, say) have
    IFA_PROTO since Linux 5.18.
    """
    return any(message.get_attr("IFA_PROTO") for message in messages)


def decode(message: t.Any, link: str, told: bool = True) -> _address.Address:
    """Convert an RTM_NEWADDR of the link of this name. ``told``: see protocols_told()."""
    flags = message.get_attr("IFA_FLAGS") or message["flags"]
    text = message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS")
    cidr = f"{text}/{message['prefixlen']}"
    detail = _detail(message, link, text, flags)
    return _address.Address(
        cidr=cidr,
        dynamic=not flags & IFA_F_PERMANENT,
        link_local=cidr in ("127.0.0.1/8", "::1/128")
        or (text.lower().startswith("fe80:") and _made_by_kernel(cidr, flags, detail, told)),
        tentative=bool(flags & IFA_F_TENTATIVE) and not flags & IFA_F_DADFAILED,
        failed=bool(flags & IFA_F_DADFAILED),
        detail=detail,
    )


def _made_by_kernel(cidr: str, flags: int, detail: t.Mapping[str, t.Any], told: bool) -> bool:
    """Whether the kernel made a link-local address by itself."""
    if told:
        return bool(detail.get("protocol") == IFAPROT_KERNEL_LL)
    return bool(flags & IFA_F_STABLE_PRIVACY) or _address.is_eui64(cidr)


def _detail(message: t.Any, link: str, text: str, flags: int) -> dict[str, t.Any]:
    """The attributes of an address that have no option."""
    six = message["family"] == socket.AF_INET6
    label = message.get_attr("IFA_LABEL") or link
    cache = message.get_attr("IFA_CACHEINFO")
    preferred, valid = (cache["ifa_preferred"], cache["ifa_valid"]) if cache else (_address.FOREVER, _address.FOREVER)
    # Of an IPv4 address that is valid for ever only the flag tells (inet_fill_ifaddr()).
    lifetimes = (
        0 if flags & IFA_F_DEPRECATED else preferred,
        valid,
    )
    found = {
        "broadcast": message.get_attr("IFA_BROADCAST"),
        "peer": None if message.get_attr("IFA_ADDRESS") in (None, text) else message.get_attr("IFA_ADDRESS"),
        "label": label[len(link) :] if label.startswith(link) else "",
        "scope": 0 if six or text.startswith("127.") else message["scope"],
        "flags": flags & IFA_F_KEPT,
        "temporary": six and bool(flags & IFA_F_TEMPORARY),
        # One that is valid for ever may be deprecated all the same: no new connection begins with it.
        "lifetimes": None if lifetimes == (_address.FOREVER, _address.FOREVER) else lifetimes,
        "metric": message.get_attr("IFA_RT_PRIORITY"),
        "protocol": message.get_attr("IFA_PROTO"),
    }
    return {key: value for key, value in found.items() if value}
