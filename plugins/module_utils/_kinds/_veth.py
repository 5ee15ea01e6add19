# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pair of veth ends (veth(4)), each in its namespace."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link, _link_kind, _port_flags
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _link_ops,
    _plan,
    _scope,
    _snapshot,
    _ties,
    _values,
)

END = ("netns", "addresses", "mac", "mtu", "up", "master", "txqueuelen", "alias", "altnames", "sysctl", "tx_checksum")


@dataclasses.dataclass(frozen=True)
class EndSpec:
    """One end: its namespace, its name there, and its attributes."""

    ns: _snapshot.NsKey
    name: str
    link: _link.LinkSpec

    @property
    def place(self) -> _plan.Place:
        """Namespace and name of the end."""
        return (self.ns, self.name)

    def __str__(self) -> str:
        return f"'{self.name}'" + (f" in namespace '{self.ns}'" if self.ns else "")


@dataclasses.dataclass(frozen=True)
class VethSpec(_plan.Spec):
    """A pair. ``peer`` may be left out only if the pair is to be absent."""

    end: EndSpec
    peer: EndSpec | None

    @property
    def ns(self) -> _snapshot.NsKey:
        """The namespace of the end that names the pair."""
        return self.end.ns

    @property
    def ends(self) -> tuple[EndSpec, ...]:
        """The ends that are declared."""
        return (self.end, self.peer) if self.peer else (self.end,)


class VethKind(_link_kind.LinkKind[VethSpec]):
    """netloom.linux.veth"""

    name = "veth"
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "name": {"type": "str", "required": True},
        **_link.options(*END),
        "peer": {"type": "dict", "options": {"name": {"type": "str", "required": True}, **_link.options(*END)}},
    }
    rules: t.ClassVar[t.Mapping[str, t.Any]] = {"required_if": [("state", "present", ("peer",))]}
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = _link.clearable(*END)
    moving = ("peer",)

    def normalise(self, params: _plan.Params, path: str) -> VethSpec:
        filled, clear = self.cleared(params, path)
        end = _end(filled, path)
        peer = _end(filled["peer"], f"{path}peer.") if filled.get("peer") else None
        if peer and peer.place == end.place:
            raise _errors.BadInput(
                f"{path}peer.name: {peer} is the end itself; a veth's two ends need different names, or different"
                " namespaces."
            )
        return VethSpec(path, filled["state"], clear, end, peer)

    def identity(self, spec: VethSpec) -> tuple[t.Any, ...]:
        return spec.end.place

    def claims(self, spec: VethSpec) -> tuple[_plan.Claim, ...]:
        return tuple(
            claim for end in spec.ends for claim in (("link", *end.place), *_link.claims_of(*end.place, end.link))
        )

    def spaces(self, spec: VethSpec) -> set[_snapshot.NsKey]:
        return {end.ns for end in spec.ends if end.ns is not None}

    def needs(self, spec: VethSpec) -> tuple[_plan.Claim, ...]:
        return (*super().needs(spec), *(("link", end.ns, end.link.master) for end in spec.ends if end.link.master))

    def links(self, spec: VethSpec) -> tuple[_ties.DeclaredLink, ...]:
        return tuple(_ties.DeclaredLink(end.place, end.link) for end in spec.ends)

    def with_links(self, spec: VethSpec, links: t.Sequence[_link.LinkSpec]) -> VethSpec:
        end, *peers = (dataclasses.replace(end, link=link) for end, link in zip(spec.ends, links))
        return dataclasses.replace(spec, end=end, peer=peers[0] if peers else None)

    def places(self, spec: VethSpec) -> tuple[_plan.Place, ...]:
        return tuple(end.place for end in spec.ends)

    def chosen_macs(self, spec: VethSpec) -> tuple[_plan.Place, ...]:
        return self.places(spec)

    def with_macs(self, params: t.Mapping[str, t.Any], macs: t.Sequence[str | None]) -> _plan.Params:
        first, second = (*macs, None, None)[:2]
        return {
            **params,
            "mac": params.get("mac") or first,
            "peer": {**params["peer"], "mac": params["peer"].get("mac") or second},
        }

    def whole(self, option: str, was: t.Any, params: t.Mapping[str, t.Any]) -> t.Any:
        if option != "peer" or was is None:
            return was
        return {**{name: self.clearable[name] for name in params["peer"] if name in self.clearable}, **was}

    def scope(self, spec: VethSpec, scope: _scope.Scope) -> None:
        for end in spec.ends:
            _link.link_scope(scope, end.ns, end.name, end.link, going=spec.state == "absent")

    def vacate(self, spec: VethSpec, planner: _plan.Planner) -> None:
        for place, end in self._elsewhere(spec, planner):
            spare = planner.make_way(place)
            if end is spec.end:
                planner.ours[end.place] = spare
        for end in spec.ends:
            _link.free_names(planner, end.place, end.link)

    @staticmethod
    def _elsewhere(spec: VethSpec, planner: _plan.Planner) -> list[tuple[_plan.Place, EndSpec]]:
        """The ends of our pair if it has another name or is in another namespace: the present place of each, and the
        end that it is to be.
        """
        first = planner.ours.get(spec.end.place)
        link = planner.now.link(*first) if first is not None else None
        if first is None or link is None or link.kind != "veth" or spec.peer is None:
            return []
        second = link.peer
        if second == spec.end.place or first == spec.peer.place:  # the same pair, seen from its other end
            first, second = second or first, first
        ends = ((first, spec.end), (second, spec.peer))
        return [(place, end) for place, end in ends if place is not None and place != end.place]

    def make(self, spec: VethSpec, planner: _plan.Planner) -> None:
        if spec.peer is None:  # required_if
            raise AssertionError
        for end in spec.ends:
            planner.namespace(end.ns, f"put '{end.name}' into")
        for place, end in self._elsewhere(spec, planner):
            if planner.now.link(*end.place) is None:
                planner.move(place, end.place, end.link.altnames)
                if end is spec.end:
                    planner.ours[end.place] = end.place
        self._drop_half(spec, planner)
        link, other = (planner.now.link(*end.place) for end in spec.ends)
        if link is None and other is None:
            # The kernel sets a master at creation only on the end that the message is about.
            first, second = (spec.end, spec.peer) if spec.end.link.master else (spec.peer, spec.end)
            master = first.link.master or None
            if master:
                _link.require_bridge(planner, first.ns, master, first.name)
            planner.do(
                _link_ops.LinkAdd(first.ns, _fresh(first, master, planner), (second.ns, _fresh(second, None, planner)))
            )
            return
        _refuse_forgotten_netns(spec, link, other)
        _require_pair(spec.end, link, spec.peer)
        _require_pair(spec.peer, other, spec.end)

    @staticmethod
    def _drop_half(spec: VethSpec, planner: _plan.Planner) -> None:
        """Delete half of our pair whose other end is in a namespace that has lost its name. That end dies with it, or
        lives on where nobody finds it.
        """
        link = planner.now.link(*spec.end.place)
        if (
            link is not None
            and link.kind == "veth"
            and link.peer is None
            and planner.ours.get(spec.end.place) == spec.end.place
        ):
            planner.do(_link_ops.LinkDelete(*spec.end.place, dying=True))

    def settle(self, spec: VethSpec, planner: _plan.Planner) -> None:
        for end in spec.ends:
            _link.plan_link(planner, end.ns, end.name, end.link)

    def remove(self, spec: VethSpec, planner: _plan.Planner) -> None:
        place = planner.ours.get(spec.end.place, spec.end.place)
        link = planner.now.link(*place)
        if link is None:
            return
        _link.require_kind(link, ("veth",), f"delete veth {spec.end}", spec.end.ns)
        if spec.peer and link.peer != spec.peer.place and spec.end.place not in planner.ours:
            raise _errors.Conflict(
                f"Cannot delete veth {spec.end}: its peer is {_peer_of(link)}, not {spec.peer}; it is left alone."
            )
        planner.do(_link_ops.LinkDelete(*place, dying=link.peer is None))

    def view(self, spec: VethSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        link = snapshot.link(*spec.end.place)
        if link is None or link.kind != "veth":
            return None
        return view_pair(snapshot, spec.end.place, {end.place: end.link.sysctl or {} for end in spec.ends})

    def facts(self, spec: VethSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
        facts = _link.facts_of(snapshot, *spec.end.place)
        if spec.peer and facts:
            facts["peer"] = _link.facts_of(snapshot, *spec.peer.place)
        return facts

    def pending(self, spec: VethSpec, snapshot: _snapshot.Snapshot) -> str | None:
        # A veth has a carrier once both ends are up.
        carrier = all(end.link.up for end in spec.ends)
        reasons = (_link.pending_link(snapshot, end.ns, end.name, end.link, carrier) for end in spec.ends)
        return next((reason for reason in reasons if reason), None)


def view_pair(
    snapshot: _snapshot.Snapshot,
    place: tuple[_snapshot.NsKey, str],
    sysctls: t.Mapping[tuple[_snapshot.NsKey, str], t.Mapping[str, str]],
) -> dict[str, t.Any]:
    """A pair in the shape of the options, seen from the end at ``place``. An unknown peer is left out."""

    def end_of(at: tuple[_snapshot.NsKey, str]) -> dict[str, t.Any]:
        found = snapshot.namespaces[at[0]].links[at[1]]
        values = _link.view_link(snapshot, at[0], found, *END, sysctl=sysctls.get(at))
        return {"name": at[1], **{name: value for name, value in values.items() if value is not None}}

    link = snapshot.namespaces[place[0]].links[place[1]]
    view = end_of(place)
    if link.peer is not None and snapshot.link(*link.peer) is not None:
        view["peer"] = end_of(link.peer)
    return view


def _end(params: _plan.Params, path: str) -> EndSpec:
    name = _values.link_name(params["name"], f"{path}name")
    return EndSpec(_link.netns_of(params, path), name, _link.normalise_link(params, path))


def _fresh(end: EndSpec, master: str | None, planner: _plan.Planner) -> _snapshot.Link:
    # An end that has sysctls to set comes up after them: accept_ra and its kind act when a link comes up.
    up = bool(end.link.up) and not end.link.sysctl
    mac = end.link.mac or planner.mac_of(end.place)
    return _snapshot.Link(
        end.name,
        "veth",
        mac=mac,
        mtu=end.link.mtu,
        up=up,
        master=master,
        port=_port_flags.joining(planner, end.place).get("port", {}) if master else {},
        txqueuelen=end.link.txqueuelen,
        alias=end.link.alias or "",
    )


def _peer_of(link: _snapshot.Link, wanted: EndSpec | None = None) -> str:
    if link.peer is None:
        return "in a namespace that has no declared name"
    if link.peer[0] is None and wanted is not None and wanted.ns is not None:
        return f"'{link.peer[1]}' on the host itself, not in namespace '{wanted.ns}'"
    return f"'{link.peer[1]}'" + (f" in namespace '{link.peer[0]}'" if link.peer[0] else "")


def _refuse_forgotten_netns(spec: VethSpec, link: _snapshot.Link | None, other: _snapshot.Link | None) -> None:
    """Refuse the typical mistake: the peer should be in a namespace, and without its netns its name is that of the
    host's own NIC.
    """
    if (
        spec.peer is not None
        and spec.peer.ns is None
        and other is not None
        and (link is None or link.peer != spec.peer.place)
    ):
        raise _errors.Conflict(
            f"{spec.path}peer: the host itself has a link '{spec.peer.name}' already. Did you forget peer.netns?"
        )


def _require_pair(end: EndSpec, link: _snapshot.Link | None, peer: EndSpec) -> None:
    """Require the link to be the declared one: kind, peer and namespace agree. Any other link is left alone."""
    if link is None:
        return
    _link.require_kind(link, ("veth",), f"create veth {end}", end.ns)
    if link.peer != peer.place:
        raise _errors.Conflict(
            f"Cannot create veth {end} with peer {peer}: it exists, and its peer is {_peer_of(link, peer)}. Choose"
            " another name, or remove that pair."
        )
