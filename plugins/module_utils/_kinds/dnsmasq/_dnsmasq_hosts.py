# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dnsmasq_in_ns: reservations (dhcp-host), in normal form."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import _dnsmasq_values
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values

Entry = _dnsmasq_values.Entry

HOSTS: dict[str, t.Any] = {
    "mac": {"type": "raw"},
    "client_id": {"type": "raw"},
    "address": {"type": "str"},
    "hostname": {"type": "str"},
    "lease_time": {"type": "str"},
    "tag": {"type": "raw"},
    "set_tag": {"type": "raw"},
    "ignore": {"type": "bool"},
}
GIVEN = ("address", "lease_time")  # what a client that is ignored cannot get
ANY = "*"
_WILD = re.compile(r"(?:[0-9a-f]{2}|\*)(?:[:-](?:[0-9a-f]{2}|\*)){5}")
_HEX = re.compile(r"[0-9a-f]{1,2}(?::[0-9a-f]{1,2})+", re.IGNORECASE)


def hosts(entries: list[Entry], option: str) -> list[Entry]:
    """Check all reservations. A client has one in each subnet, and an address or a name has one client."""
    found: list[Entry] = []
    for index, entry in enumerate(entries):
        new = _host(entry, f"{option}[{index}]")
        for before, old in enumerate(found):
            said = _same(old, new)
            if said:
                raise _errors.BadInput(f"{option}[{index}].{said} is also that of {option}[{before}]; remove one.")
        found.append(new)
    return found


def _host(entry: Entry, option: str) -> Entry:
    address = None if entry.get("address") is None else _values.host_address(entry["address"], f"{option}.address")
    new = _dnsmasq_values.kept(
        mac=_dnsmasq_values.several(entry.get("mac"), f"{option}.mac", _mac),
        client_id=None if entry.get("client_id") is None else _client_id(entry["client_id"], f"{option}.client_id"),
        address=str(address) if address is not None else None,
        hostname=None if entry.get("hostname") is None else _host_name(entry["hostname"], f"{option}.hostname"),
        lease_time=(
            None
            if entry.get("lease_time") is None
            else _dnsmasq_values.lease_time(entry["lease_time"], f"{option}.lease_time")
        ),
        tag=_dnsmasq_values.several(entry.get("tag"), f"{option}.tag", _dnsmasq_values.condition),
        set_tag=_dnsmasq_values.several(entry.get("set_tag"), f"{option}.set_tag", _dnsmasq_values.tag),
        ignore=entry.get("ignore") or None,
    )
    if not {"mac", "hostname"} & set(new) and new.get("client_id") in (None, ANY):
        raise _errors.BadInput(
            f"{option}.mac: is missing; a reservation is for a mac, a client_id, or a hostname that the client tells."
        )
    for key in GIVEN:
        if new.get("ignore") and key in new:
            raise _errors.BadInput(f"{option}.{key}: a client that is ignored gets nothing; leave {key} or ignore out.")
    return new


def _mac(value: str, option: str) -> str:
    """A MAC address in which '*' stands for any byte, as in dnsmasq."""
    lowered = value.strip().lower()
    return lowered.replace("-", ":") if ANY in value and _WILD.fullmatch(lowered) else _values.mac(value, option)


def _client_id(value: t.Any, option: str) -> str:
    """A client identifier (RFC 2132) or a DUID (RFC 8415): bytes as '01:02:aa', or text; '*': any identifier."""
    _values.refuse_converted(value, option)
    if not isinstance(value, str) or not re.fullmatch(r"[ -~]*", _values.text(value, option)):
        raise _errors.BadInput(f"{option}: {value!r} is not text of ASCII; write bytes such as '01:52:54:00:12:34:56'.")
    written = value
    if ":" in written and not _HEX.fullmatch(written):
        raise _errors.BadInput(
            f"{option}: {value!r} is neither bytes such as '00:03:00:01:52:54:00:12:34:56' nor text, which has no ':'."
        )
    if not written.strip() or written != written.strip():
        raise _errors.BadInput(
            f"{option}: {value!r} is empty or has white space around it; write bytes such as '01:52:54:00:12:34:56', or"
            " text."
        )
    return ":".join(byte.zfill(2) for byte in written.lower().split(":")) if ":" in written else written


def _host_name(value: str, option: str) -> str:
    """A host name that dnsmasq cannot take for another part of the reservation: it tells the parts apart by their
    form.
    """
    if re.fullmatch(r"\d+[wdhms]?|infinite|ignore", value, re.IGNORECASE):
        raise _errors.BadInput(
            f"{option}: {value!r} would be read by dnsmasq as a lease time or as 'ignore'; choose a name that begins"
            " with a letter."
        )
    return _dnsmasq_values.hostname(value, option)


def clients(entry: Entry) -> set[str]:
    """The clients of a reservation: MAC addresses and client identifiers, or only the name."""
    found = {
        *_dnsmasq_values.each(entry.get("mac")),
        *({entry["client_id"]} if entry.get("client_id") not in (None, ANY) else set()),
    }
    return found or {entry["hostname"].lower()}


def _family(entry: Entry) -> int:
    return ipaddress.ip_address(entry["address"]).version if "address" in entry else 4


def _same(old: Entry, new: Entry) -> str | None:
    """What two reservations share although they must not: the rest of a sentence that begins with the option."""
    if "address" in new and old.get("address") == new["address"]:
        return f"address: '{new['address']}'"
    if _family(old) != _family(new) or _dnsmasq_values.each(old.get("tag")) != _dnsmasq_values.each(new.get("tag")):
        return None
    both = sorted(clients(old) & clients(new))
    if both and not ("address" in old and "address" in new):  # else they may be for two subnets
        macs = _dnsmasq_values.each(new.get("mac"))
        return (
            f"{'mac' if both[0] in macs else 'client_id' if both[0] == new.get('client_id') else 'hostname'}:"
            f" '{both[0]}'"
        )
    if not both and "hostname" in new and old.get("hostname", "").lower() == new["hostname"].lower():
        return f"hostname: '{new['hostname']}'"
    return None


def check(entries: t.Sequence[Entry], networks: t.Sequence[_values.Network], path: str) -> None:
    """Refuse two reservations for one client in one subnet: dnsmasq would only ever give the first."""
    for index, new in enumerate(entries):
        for before, old in enumerate(entries[:index]):
            both = sorted(clients(old) & clients(new))
            if (
                not both
                or "address" not in old
                or "address" not in new
                or _dnsmasq_values.each(old.get("tag")) != _dnsmasq_values.each(new.get("tag"))
            ):
                continue
            addresses = [ipaddress.ip_address(entry["address"]) for entry in (old, new)]
            shared = next((network for network in networks if all(address in network for address in addresses)), None)
            if shared is not None:
                raise _errors.BadInput(
                    f"{path}hosts[{index}]: '{both[0]}' is also that of hosts[{before}], and both addresses lie in"
                    f" '{shared}'; a client gets one address in each subnet. Remove one."
                )
