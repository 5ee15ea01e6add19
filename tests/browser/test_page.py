# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the diagram as people use it: fold, search, hover, and go from a step to its place."""

from __future__ import annotations

import os
import pathlib
import typing as t

import chromium
import pytest
from ansible_collections.netloom.linux.plugins.plugin_utils import _diagram_formats, _picture_model
from scenes import bridge, fleet, host

SIZES = {400: 800, 1600: 1000}
EVIL = "<img src=x onerror=alert(1)>\"'"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[chromium.Browser]:
    """A browser for all tests."""
    found = chromium.Browser(tmp_path_factory.mktemp("profile"))
    yield found
    found.close()


@pytest.fixture(params=SIZES, ids=lambda width: f"{width}px")
def page(
    request: pytest.FixtureRequest, browser: chromium.Browser, tmp_path: pathlib.Path
) -> t.Iterator[chromium.Browser]:
    """A page of twelve folded hosts with marks; in the end nobody complained."""
    marks = (
        _picture_model.Mark(_picture_model.MADE, ("red5", ""), "netns red5", ("loopback=true",)),
        _picture_model.Mark(_picture_model.BROKEN, ("red5", "eth0"), "eth0 of red5 is down.", (EVIL,)),
        _picture_model.Mark(_picture_model.GONE, ("not drawn", ""), EVIL),
    )
    hosts = fleet(12, 24)
    hosts[4] = _picture_model.Host(**{**vars(hosts[4]), "marks": marks})
    show(browser, tmp_path, [*hosts, host(bridge(70), "big")], request.param)
    yield browser
    picture(browser, request.node.name)
    assert browser.complaints == []


def show(browser: chromium.Browser, folder: pathlib.Path, hosts: t.Any, width: int, fragment: str = "") -> float:
    """Open the page of hosts; the seconds that it took."""
    path = folder / "page.html"
    path.write_text(_diagram_formats.draw(hosts, "html", f"Network {EVIL}"))
    return browser.open(path, width, SIZES[width], fragment)


def picture(browser: chromium.Browser, name: str) -> None:
    """Keep what is to be seen, if somebody asks for it."""
    folder = os.environ.get("NETLOOM_SCREENSHOTS")
    if folder:
        browser.screenshot(pathlib.Path(folder) / f"{name.replace('[', '-').rstrip(']')}.png")


def box(name: str) -> str:
    """JavaScript for the box of an object."""
    return f"[...document.querySelectorAll('.box')].find((one) => one.textContent.startsWith('{name}\\n'))"


def seen(browser: chromium.Browser, name: str) -> bool:
    """Whether an object is within the window, and nothing hides it."""
    return bool(
        browser.run(
            f"(() => {{ const box = {box(name)}.querySelector('.face').getBoundingClientRect();"
            " return box.width > 0 && box.left >= 0 && box.right <= innerWidth + 1 && box.top >= 0"
            " && box.bottom <= innerHeight; })()"
        )
    )


def test_a_host_and_a_network_fold(page: chromium.Browser) -> None:
    height = page.run("document.querySelector('svg.net').viewBox.baseVal.height")
    assert page.run("document.querySelectorAll('.block.host.folded').length") == 13
    page.click(".block.host .fold")
    assert page.run("document.querySelectorAll('.block.host.folded').length") == 12
    first = page.run("document.querySelector('.block.host .fold').getAttribute('aria-expanded')")
    assert first == "true"
    assert page.run("document.querySelector('svg.net').viewBox.baseVal.height") > height
    page.click(".block.host .fold")
    assert page.run("document.querySelector('svg.net').viewBox.baseVal.height") == height
    page.click("#fold-hosts")
    assert page.run("document.querySelectorAll('.block.host.folded').length") == 0
    assert page.run("document.querySelectorAll('.block.network.folded').length") == 1  # of 70 namespaces
    page.click("#fold-networks")
    assert page.run("document.querySelectorAll('.block.network:not(.folded)').length") == 0
    assert page.run("document.querySelectorAll('.wire.tunnel[visibility=visible]').length") == 11  # above the bars


def test_blocks_stand_where_the_layout_puts_them(page: chromium.Browser) -> None:
    """The script and the layout in Python stack blocks alike."""
    places = "[...document.querySelectorAll('.block, .wire, .ground')].map((one) => [one.getAttribute('transform'),"
    places += " one.getAttribute('d'), one.getAttribute('height'), one.getAttribute('visibility') !== 'hidden'].join())"
    before = page.run(places)
    page.click(".block.host .fold")
    assert page.run(places) != before
    page.click(".block.host .fold")
    assert page.run(places) == before


def test_a_click_on_a_step_shows_its_place(page: chromium.Browser) -> None:
    for number, title in (("1", "namespace red5"), ("2", "namespace red5")):
        page.click(f"aside section:nth-of-type({number}) li button")
        assert page.run("document.querySelector('.chosen title').textContent").startswith(f"{title}\n")
        assert seen(page, title)
        assert page.run("document.activeElement.classList.contains('box')")
    assert "netns:\n  - name: red5" in page.run("document.getElementById('detail').textContent")
    assert page.run("document.getElementById('detail-of').textContent") == "namespace red5"


def test_the_search_finds_what_is_folded_away(page: chromium.Browser) -> None:
    page.click("#find")
    page.type("red17")
    assert page.run("document.getElementById('found').textContent").startswith("2 of ")  # the bridge has its port
    assert page.run("document.querySelectorAll('.holds-hit').length") == 1
    page.key("Enter")
    assert seen(page, "namespace red17")
    assert page.run("getComputedStyle(document.querySelector('.box:not(.hit)')).opacity") < "0.5"
    page.key("Escape")
    assert page.run("document.querySelectorAll('.hit').length") == 0


def test_hovering_tells_what_an_object_is(page: chromium.Browser) -> None:
    second = ".block.host:nth-child(2)"
    page.click(f"{second} .fold")
    edge = f"getComputedStyle(document.querySelector('{second} .box.card .face')).stroke"
    before = page.run(edge)
    page.hover(f"{second} .box.card")
    assert page.run(edge) != before
    told = page.run(f"document.querySelector('{second} .box.card > title').textContent")
    assert told.startswith("namespace red1\n")
    assert "veth:\n  - name: v-red1" in told


def test_the_keyboard_is_enough(page: chromium.Browser) -> None:
    page.run("document.querySelector('.block.host .fold').focus()")
    page.key("Enter")
    assert page.run("document.querySelectorAll('.block.host:not(.folded)').length") == 1
    page.key("ArrowRight")
    assert page.run("document.activeElement.closest('.block').id") != page.run("document.querySelector('.host').id")
    page.key("/")
    assert page.run("document.activeElement.id") == "find"
    page.key("Escape")
    assert page.run("document.querySelectorAll('svg a, svg [onclick], svg foreignObject').length") == 0


def test_a_page_is_no_wider_than_its_window(page: chromium.Browser) -> None:
    page.click("#fold-hosts")
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    page.click("#larger")
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    page.click("#fit")
    assert page.run("document.querySelector('svg.net').style.width") == ""


def test_names_are_text(page: chromium.Browser) -> None:
    assert page.run("document.title") == f"Network {EVIL}"
    assert page.run("document.images.length") == 0
    assert EVIL in page.run("document.querySelector('aside').textContent")


def test_a_link_leads_to_an_object(browser: chromium.Browser, tmp_path: pathlib.Path) -> None:
    show(browser, tmp_path, fleet(12, 24), 1600)
    key = browser.run(f"{box('namespace red11')}.id")
    show(browser, tmp_path, fleet(12, 24), 1600, f"#{key}")
    assert seen(browser, "namespace red11")
    assert browser.complaints == []


def test_a_thousand_namespaces_open_within_a_second(browser: chromium.Browser, tmp_path: pathlib.Path) -> None:
    show(browser, tmp_path, [host(bridge(1), "warm")], 1600)
    assert min(show(browser, tmp_path, [host(bridge(1000), "big")], 1600) for _turn in range(3)) < 1
    browser.click("#fold-networks")
    assert browser.run(f"{box('namespace web1000')}.getBoundingClientRect().width") > 0
    assert browser.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(browser: chromium.Browser, tmp_path: pathlib.Path, scheme: str) -> None:
    browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    show(browser, tmp_path, fleet(3, 12), 1600)
    picture(browser, f"scheme-{scheme}")
    ground = browser.run("getComputedStyle(document.querySelector('.paper')).fill")
    assert (ground == "rgb(244, 246, 249)") is (scheme == "light")
    browser.ask("Emulation.setEmulatedMedia", features=[])
