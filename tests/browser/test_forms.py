# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mermaid, DOT and SVG, read by the programs that they are made for: valid, and each name comes out as text."""

from __future__ import annotations

import json
import pathlib
import subprocess
import typing as t
import xml.etree.ElementTree as ET

import chromium
import pytest
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_formats,
    _picture_model,
    _picture_ovn,
    _picture_reader,
)
from ansible_collections.netloom.linux.tests.unit.drawings import HOSTILE

MERMAID = pathlib.Path(__file__).resolve().parents[2] / ".build/mermaid.js"
# Words and letters that mean something to Mermaid or Graphviz, beside those that do to XML.
SYNTAX = [
    *(
        "end",
        "subgraph",
        "graph",
        "click x href y",
        "%% note",
        "a --- b",
        "x;y",
        "a|b|c",
        "[(x)]",
        "{x}",
        "a\\nb",
        "\\",
    ),
    *('say "x"', "#quot;", "#35;", "`code`", "**bold**", "_x_", "$x$", "~~~", "@{shape: x}", ":::down", "é 🦊 ネット"),
]
NAMES = [*HOSTILE, *SYNTAX]
WORDS = "[...document.querySelectorAll('#drawn foreignObject, #drawn text')].map((one) => one.textContent).join(' ')"
STRANGE = "document.querySelectorAll('#drawn img, #drawn script, #drawn a, #drawn iframe, #drawn b').length"


def shown(name: str) -> str:
    """A name as it is to be read."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in name)


def hosts(name: str) -> list[_picture_model.Host]:
    """A host and a northbound database in which everything is called so."""
    info = {
        "netns": [{"name": name}],
        "linux_bridge": [{"name": name, "addresses": [name], "up": False}],
        "veth": [{"name": f"{name}1", "master": name, "peer": {"name": name, "netns": name, "up": False}}],
        "netns_interface": [{"name": f"{name}2", "kind": "dummy"}],
        "ovs_bridge": [{"name": f"{name}3", "datapath_type": "netdev"}],
        "ovs_port": [{"bridge": f"{name}3", "name": f"{name}4", "type": "geneve", "options": {"remote_ip": name}}],
    }
    lists = {
        "ovn_switch": [{"name": name}],
        "ovn_port": [{"switch": name, "name": f"{name}5", "addresses": [f"unknown {name}"], "chassis": name}],
        "ovn_port_group": [{"name": name, "ports": [f"{name}5"]}],
        "ovn_load_balancer": [{"name": name, "vips": {name: [name]}}],
    }
    return [_picture_ovn.host_of(name, lists), _picture_reader.host_of(name, {"netns_info": info})]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[chromium.Browser]:
    """A browser in which Mermaid waits."""
    folder = tmp_path_factory.mktemp("mermaid")
    page = folder / "page.html"
    page.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><div id="drawn"></div><script src="{MERMAID.as_uri()}"></script>'
        "<script>mermaid.initialize({startOnLoad: false, securityLevel: 'strict'});</script>"
    )
    found = chromium.Browser(folder / "profile")
    found.open(page, 1600, 1000)
    yield found
    found.close()


def mermaid(browser: chromium.Browser, text: str) -> str:
    """What is to be read in the drawing of a flowchart. The parser refuses what is none."""
    kind = browser.run(f"mermaid.parse({json.dumps(text)}).then((one) => one.diagramType)")
    assert kind.startswith("flowchart")
    browser.run(
        f"mermaid.render('one', {json.dumps(text)})"
        ".then((one) => { document.getElementById('drawn').innerHTML = one.svg; })"
    )
    found: str = browser.run(WORDS)
    return found


def graphviz(text: str) -> str:
    """What is to be read in the drawing of a graph."""
    done = subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    return " ".join(one.text or "" for one in ET.fromstring(done.stdout).iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_names_are_text_for_mermaid(browser: chromium.Browser, name: str) -> None:
    told = mermaid(browser, _diagram_formats.draw(hosts(name), "mermaid"))
    # A browser makes one space of several. The letter of no width is ours, where Mermaid would read mathematics.
    assert told.replace("\N{ZERO WIDTH SPACE}", "").count(" ".join(shown(name).split())) >= 5
    assert browser.run(STRANGE) == 0


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_names_are_text_for_graphviz(name: str) -> None:
    told = graphviz(_diagram_formats.draw(hosts(name), "dot"))
    assert told.replace("\N{NO-BREAK SPACE}", " ").count(shown(name)) >= 5


def test_svg_is_valid(browser: chromium.Browser, tmp_path: pathlib.Path) -> None:
    """Each name in one drawing, for xmllint and for a browser, which shows no part of a drawing that is not valid."""
    path = tmp_path / "drawn.svg"
    path.write_text(_diagram_formats.draw([host for name in NAMES for host in hosts(name)], "svg", "<&>\"'"))
    done = subprocess.run(["xmllint", "--noout", path], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    other = chromium.Browser(tmp_path / "profile")
    try:
        other.open(path, 1600, 1000)
        assert other.run("document.querySelectorAll('parsererror').length") == 0
        assert other.run("document.querySelectorAll('.block.host').length") == 2 * len(NAMES)
        assert other.complaints == []
    finally:
        other.close()
