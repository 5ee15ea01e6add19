# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schemas of OVN's northbound database of several releases: those of Debian's packages, and older ones, which are
these without what later releases brought.
"""

from __future__ import annotations

import copy
import functools
import json
import pathlib
import re
import tempfile
import typing as t

from ansible_collections.netloom.linux.tests.contract.judge import told

OWN = ""  # the host's own release of Debian
# Release of OVN -> release of Debian whose schema it is, or which is cut down to it.
RELEASES = {"20.03": OWN, "23.03": OWN, "24.03": "trixie", "newest": "sid"}

# What the schema of a release lacks: tables, columns, and values of columns.
Lacks = t.Mapping[str, t.Union[t.Iterable[str], None]]
WITHOUT_20_03: Lacks = {
    "BFD": None,
    "Chassis_Template_Var": None,
    "Copp": None,
    "Load_Balancer_Group": None,
    "Mirror": None,
    "Static_MAC_Binding": None,
    "ACL": ("label", "options"),
    "Forwarding_Group": ("external_ids",),
    "Load_Balancer": ("options", "selection_fields"),
    "Logical_Router": ("copp", "load_balancer_group"),
    "Logical_Router_Policy": ("external_ids", "nexthops", "options"),
    "Logical_Router_Port": ("ipv6_prefix",),
    "Logical_Router_Static_Route": ("bfd", "options", "route_table"),
    "Logical_Switch": ("copp", "load_balancer_group"),
    "Logical_Switch_Port": ("mirror_rules",),
    "Meter": ("fair",),
    "NAT": ("allowed_ext_ips", "exempted_ext_ips", "external_port_range", "gateway_port"),
    "NB_Global": ("hv_cfg_timestamp", "nb_cfg_timestamp", "sb_cfg_timestamp"),
}
WITHOUT_24_03: Lacks = {
    "DHCP_Relay": None,
    "Sample": None,
    "Sample_Collector": None,
    "Sampling_App": None,
    "ACL": ("sample_est", "sample_new"),
    "Logical_Router_Policy": ("chain", "jump_chain"),
    "Logical_Router_Port": ("dhcp_relay",),
    "Logical_Router_Static_Route": ("selection_fields",),
    "Logical_Switch_Port": ("peer",),
    "NAT": ("match", "priority"),
    "SSL": ("ssl_ciphersuites",),
}
WITHOUT = {"20.03": WITHOUT_20_03, "24.03": WITHOUT_24_03}
VALUES = {
    "20.03": {("ACL", "action"): ("allow-stateless",), ("Load_Balancer", "protocol"): ("sctp",)},
    "24.03": {
        ("Logical_Router_Policy", "action"): ("jump",),
        ("Load_Balancer", "selection_fields"): ("ipv6_src", "ipv6_dst"),
    },
}


@functools.cache
def schema(release: str) -> pathlib.Path:
    """The file with the schema of a release."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="netloom-schema-"))
    whole = json.loads((_unpacked(RELEASES[release]) / "usr/share/ovn/ovn-nb.ovsschema").read_text())
    path = folder / "ovn-nb.ovsschema"
    path.write_text(json.dumps(cut(whole, WITHOUT.get(release, {}), VALUES.get(release, {}))))
    return path


@functools.cache
def _unpacked(suite: str) -> pathlib.Path:
    """The package of OVN's databases of a release of Debian. It is not installed: its services are not wanted."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="netloom-ovn-"))
    folder.chmod(0o777)
    options = ""
    if suite != OWN:
        for name in ("lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True)
        found = re.search(r"https?://\S+/debian(?=[/\s])", told("apt-get indextargets --format '$(SITE) $(REPO_URI)'"))
        assert found is not None
        (folder / "list").write_text(f"deb {found[0]} {suite} main\n")
        options = (
            f"-o Dir::Etc::SourceList={folder}/list -o Dir::Etc::SourceParts=/dev/null"
            f" -o Dir::State::Lists={folder}/lists -o Dir::Cache={folder}/cache -o Acquire::Languages=none"
            " -o APT::Sandbox::User=root"
        )
        told(f"apt-get {options} update")
    fetch = f"apt-get {options} download ovn-central"
    told(f"cd {folder}; {fetch} || (apt-get {options} update && {fetch}); dpkg -x ovn-central_*.deb .")
    return folder


def cut(whole: t.Any, lacks: Lacks, values: t.Mapping[tuple[str, str], t.Collection[str]]) -> t.Any:
    """A schema without some tables, columns, and values of columns."""
    found = copy.deepcopy(whole)
    found.pop("cksum", None)
    for table, columns in lacks.items():
        if columns is None:
            found["tables"].pop(table)
            continue
        for column in columns:
            found["tables"][table]["columns"].pop(column)
    for (table, column), ones in values.items():
        kept = found["tables"][table]["columns"][column]["type"]["key"]["enum"]
        kept[1] = [one for one in kept[1] if one not in ones]
    return found
