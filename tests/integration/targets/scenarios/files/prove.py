# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proofs by packets. Reads a list of proofs as JSON, tries all at once, prints those that came out otherwise.

ping: 10.0.0.2, from: red                       an echo comes back (from left out: the host)
tcp: 10.0.0.2, from: red, to: green, port: 80   a message sent by nc arrives at nc; udp likewise
to_port: 8080, sees: 10.0.0.1                   for both: the port that nc listens on, if it is another, and whom it
takes the sender for matrix: {red: 10.0.0.1, green: 10.0.0.2}        ping and tcp of each to each, itself included
lease: eth0, from: red, server: dhcp-r, server_interface: tap-r, not_server: dhcp-g
                                                a leased address, from the server in that namespace
command: [...], in: red, says: text, lacks: text
expect: false                                   it must not succeed
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

SERVERS: dict[tuple[str, int], threading.Lock] = {}
QUICK = 0.002  # seconds in which a host of the usual speed starts a program
LEAST, MOST = 3.0, 15.0  # seconds of patience


def patience() -> float:
    """How long to wait for a message: as much longer as this host starts programs more slowly than others."""
    took = []
    for _try in range(5):
        begun = time.monotonic()
        subprocess.run(["true"], check=True)
        took.append(time.monotonic() - begun)
    return max(LEAST, min(MOST, LEAST * min(took) / QUICK))


PATIENCE = patience()


def enter(ns: str | None) -> list[str]:
    return ["ip", "netns", "exec", ns] if ns else []


def output(*words: str) -> str:
    try:
        return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
    except FileNotFoundError:
        return f"there is no {words[0]}"


def ping(proof: dict) -> bool:
    # Where it must succeed one lost packet, of a bridge that still learns, does not count.
    count = "2" if proof.get("expect") is False else "4"
    words = [
        *enter(proof.get("from")),
        "ping",
        "-n",
        "-c",
        count,
        "-i",
        "0.2",
        "-W",
        "1",
        *(["-I", proof["source"]] if "source" in proof else []),
        proof["ping"],
    ]
    return " 0 received" not in (said := output(*words)) and "bytes from" in said


def message(proof: dict, protocol: str) -> bool:
    """Sent by nc again and again until it is heard by nc, as long as our patience lasts."""
    port = str(proof.get("port", 7096))
    text = f"from {proof.get('from')} to {proof.get('to')} {time.monotonic_ns()}"
    flags = {"tcp": ["-N", "-w", str(round(PATIENCE / 3))], "udp": ["-u", "-q", "0"]}[protocol]
    listener = [
        *enter(proof.get("to")),
        "timeout",
        str(PATIENCE + 1),
        "nc",
        "-n",
        "-v",
        "-l",
        *flags[:1] * (protocol == "udp"),
        "-p",
        str(proof.get("to_port", port)),
    ]
    sender = [*enter(proof.get("from")), "nc", *flags, proof[protocol], port]
    with (
        SERVERS[listens(proof)],
        tempfile.TemporaryFile() as heard,
        subprocess.Popen(listener, stdout=heard, stderr=subprocess.STDOUT) as server,
    ):
        until = time.monotonic() + PATIENCE
        sent = said = None
        while time.monotonic() < until and text not in (said := os.pread(heard.fileno(), 1 << 16, 0).decode()):
            time.sleep(0.05)  # until it listens
            if protocol == "udp" or sent is None or sent.returncode != 0:
                sent = subprocess.run(
                    sender, input=text, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, check=False
                )
        server.terminate()
    proof["said"] = said
    return text in said and f"received on {proof.get('sees', '')}" in said


def tcp(proof: dict) -> bool:
    return message(proof, "tcp")


def udp(proof: dict) -> bool:
    return message(proof, "udp")


def listens(proof: dict) -> tuple[str, int]:
    """Where the proof's listener is; there is room for one at a time."""
    return str(proof.get("to")), int(proof.get("to_port", proof.get("port", 7096)))


def lease(proof: dict) -> bool:
    """The address is a leased one; the server's own lease file has our MAC; and who answers at its address has its
    MAC.
    """
    link = json.loads(output(*enter(proof["from"]), "ip", "-j", "address", "show", "dev", proof["lease"]))[0]
    leased = [address["local"] for address in link["addr_info"] if address["family"] == "inet"]
    if len(leased) != 1 or (proof.get("address") and leased != [proof["address"]]):
        return False
    if not any(link["address"] in line and leased[0] in line for line in _leases(proof["server"])):
        return False
    if proof.get("not_server") and any(link["address"] in line for line in _leases(proof["not_server"])):
        return False
    far = json.loads(output(*enter(proof["server"]), "ip", "-j", "address", "show", "dev", proof["server_interface"]))[
        0
    ]
    address = next(item["local"] for item in far["addr_info"] if item["family"] == "inet")
    if not ping({"from": proof["from"], "ping": address}):
        return False
    return far["address"] in output(*enter(proof["from"]), "ip", "neigh", "show", address)


def _leases(ns: str) -> list[str]:
    """The lines of the lease files that the dnsmasq in a namespace has open, wherever they are."""
    lines: list[str] = []
    for pid in output("ip", "netns", "pids", ns).split():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # programs of other proofs come and go
            with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                if file.read().strip() != "dnsmasq":
                    continue
            for number in os.listdir(f"/proc/{pid}/fd"):
                path = os.readlink(f"/proc/{pid}/fd/{number}")
                if path.endswith(".leases") and os.path.exists(path):
                    with open(path, encoding="utf-8") as file:
                        lines += file.read().splitlines()
    return lines


def command(proof: dict) -> bool:
    said = output(*enter(proof.get("in")), *proof["command"])
    proof["said"] = said[-400:]
    return re.search(proof.get("says", ""), said) is not None and (
        "lacks" not in proof or re.search(proof["lacks"], said) is None
    )


KINDS = {"ping": ping, "tcp": tcp, "udp": udp, "lease": lease, "command": command}


def expanded(proofs: list[dict]) -> list[dict]:
    found = []
    for proof in proofs:
        if "matrix" not in proof:
            found.append(proof)
            continue
        members = proof["matrix"]
        pairs = [(a, b) for a in members for b in members]
        found += [{"ping": members[b], "from": a} for a, b in pairs]
        found += [{"tcp": members[b], "from": a, "to": b} for a, b in pairs if a != b]
    return found


def main() -> None:
    proofs = expanded(json.load(sys.stdin))
    for proof in proofs:
        SERVERS.setdefault(listens(proof), threading.Lock())
    failed = []
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        tried = [(proof, pool.submit(KINDS[next(kind for kind in KINDS if kind in proof)], proof)) for proof in proofs]
        for proof, result in tried:
            if result.result() is not proof.get("expect", True):
                failed.append(proof)
    for proof in failed:
        print(json.dumps(proof))
    print(f"{len(proofs) - len(failed)} of {len(proofs)} proofs hold")
    sys.exit(1 if failed else 0)


main()
