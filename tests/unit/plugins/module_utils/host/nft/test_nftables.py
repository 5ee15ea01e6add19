# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nft tells, what it does not tell, and what the kernel says to both."""

from __future__ import annotations

import json

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.nft import _nfnetlink, _nftables
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _spawn
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _nft

OURS = (_nfnetlink.NFPROTO_INET, "netloom_lan")
TABLE = {"table": {"family": "inet", "name": "netloom_lan", "handle": 1}}


class Programs:
    """nft as a test wants it: the arguments that were asked, and what is answered."""

    def __init__(self, monkeypatch):
        self.asked, self.answer, self.kernel = [], json.dumps({"nftables": [{"metainfo": {}}, TABLE]}), {OURS}
        monkeypatch.setattr(_spawn, "which", lambda name: f"/usr/sbin/{name}")
        monkeypatch.setattr(_spawn, "run", self._run)
        monkeypatch.setattr(_nfnetlink, "tables", lambda ns: self.kernel)

    def _run(self, argv, ns, **more):
        self.asked.append(argv)
        if isinstance(self.answer, Exception):
            raise self.answer
        return _spawn.Finished(0, self.answer)


@pytest.fixture
def nft(monkeypatch):
    return Programs(monkeypatch)


def test_elements_of_sets_are_not_asked_for(nft):
    assert (list(_nftables.read(None).tables), nft.asked) == (["lan"], [["nft", "-j", "-t", "list", "ruleset"]])


def test_but_those_in_our_own_table_are(nft):
    """An undo puts the table back as somebody had it."""
    spoilt = {
        "nftables": [
            {"metainfo": {}},
            TABLE,
            {"set": {"family": "inet", "table": "netloom_lan", "name": "s", "type": "ipv4_addr"}},
        ]
    }
    nft.answer = json.dumps(spoilt)
    _nftables.read(None)
    assert nft.asked[1] == ["nft", "-j", "list", "table", "inet", "netloom_lan"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "nft did not answer in JSON"),
        ("[]", "nft did not answer in JSON"),
        ('{"nftables": [1]}', "nft did not answer in JSON"),
        ('{"nftables": []}', "it does not tell of table netloom_lan, which the kernel has"),
        (_errors.HostError("Cannot run nft: it did not end within 20 s."), "it did not end within 20 s"),
    ],
)
def test_what_nft_does_not_tell_is_not_empty(nft, answer, said):
    nft.answer = answer
    found = _nftables.read(None)
    assert (said in str(found.unreadable), found.known) == (True, {"lan"})


def test_without_nft_the_kernel_still_tells_which_tables_it_has(nft, monkeypatch):
    monkeypatch.setattr(_spawn, "which", lambda name: None)
    assert _nftables.read(None) == _nft.Nft(unreadable="the program nft is not on this host", known=frozenset({"lan"}))


def test_a_kernel_without_nf_tables_and_one_that_does_not_tell(nft, monkeypatch):
    nft.kernel = None
    assert _nftables.read(None).unreadable == _nft.NO_KERNEL

    def refuse(ns):
        raise _errors.HostError("Operation not permitted.")

    monkeypatch.setattr(_nfnetlink, "tables", refuse)
    assert _nftables.read(None).unreadable == "Operation not permitted."


def test_a_chain_that_is_called_as_a_table_is_not_in_it(nft):
    other = {"chain": {"family": "inet", "table": "other", "name": "netloom_lan"}}
    nft.answer = json.dumps({"nftables": [TABLE, {"table": {"family": "inet", "name": "other"}}, other]})
    assert _nftables.read(None).tables["lan"].chains == ()


def test_that_nft_says_it_is_done_is_not_enough(nft):
    nft.answer = ""
    with pytest.raises(
        _errors.HostError, match="Cannot take it away: nft reports success, but the kernel still has the table"
    ):
        _nftables.delete_table(None, "lan", "take it away")
    nft.kernel = set()
    with pytest.raises(
        _errors.HostError, match="Cannot make it: nft reports success, but the kernel has no such table"
    ):
        _nftables.replace_table(None, "lan", _nft.NftTable(), "make it")


def test_a_write_that_does_not_end_says_what_was_to_be_written(nft):
    nft.answer = _errors.HostError("Cannot run nft: it did not end within 20 s.")
    with pytest.raises(_errors.HostError, match="Cannot take it away: Cannot run nft: it did not end within 20 s"):
        _nftables.delete_table(None, "lan", "take it away")


def test_addresses_have_the_form_in_which_options_are_read(nft):
    """nft tells them as glibc writes them: the end of some IPv6 addresses as an IPv4 address. What somebody wrote stays
    as it is.
    """
    source = {
        "match": {
            "op": "==",
            "left": {"payload": {"protocol": "ip6", "field": "saddr"}},
            "right": {"prefix": {"addr": "::10.0.0.0", "len": 104}},
        }
    }
    place = {"family": "inet", "table": "netloom_lan"}
    chain = {"chain": {**place, "name": "c", "handle": 1}}
    rule = {
        "rule": {
            **place,
            "chain": "c",
            "handle": 2,
            "comment": "::10.0.0.0",
            "expr": [source, {"snat": {"addr": "::10.0.0.9"}}],
        }
    }
    nft.answer = json.dumps({"nftables": [{"metainfo": {}}, TABLE, chain, rule]})
    (text,) = _nftables.read(None).tables["lan"].chains[0].rules
    read = json.loads(text)
    assert read["expr"][0]["match"]["right"] == {"prefix": {"addr": "::a00:0", "len": 104}}
    assert (read["expr"][1]["snat"]["addr"], read["comment"]) == ("::a00:9", "::10.0.0.0")
