# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures as a browser lays them out: no text leaves its box or lies over another, at two sizes of windows.

With NETLOOM_SCREENSHOTS each is written as PNG, to be looked at.
"""

from __future__ import annotations

import os
import pathlib
import typing as t

import chromium
import pytest
from ansible_collections.netloom.linux.plugins.plugin_utils import _diagram_formats
from scenes import SCENES

SIZES = {400: 800, 1600: 1000}
LARGEST = 1_200_000  # letters of a page
# Texts that leave the frame of their box, texts of one box that lie over each other, and signs on the name of a host.
CRAMPED = """(() => {
  const found = [];
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4;
  const place = (one) => one.getBoundingClientRect();
  for (const box of document.querySelectorAll('svg.net .box, svg.net .label')) {
    const face = place(box.querySelector('.face, rect'));
    if (!face.width) continue;
    const texts = [...box.querySelectorAll('text')].filter((one) => !one.closest('.sign'));
    texts.forEach((one, index) => {
      const words = one.textContent;
      if (place(one).left < face.left || place(one).right > face.right + 1) found.push(`${words} leaves its box`);
      for (const other of texts.slice(index + 1)) {
        if (over(place(one), place(other))) found.push(`${words} / ${other.textContent}`);
      }
    });
  }
  for (const head of document.querySelectorAll('svg.net .host > .head')) {
    for (const name of head.querySelectorAll('.h2, :scope > .soft')) {
      for (const one of head.querySelectorAll(':scope > .sign, :scope > .label')) {
        if (over(place(name), place(one))) found.push(`${name.textContent} / ${one.textContent}`);
      }
    }
  }
  return found;
})()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[chromium.Browser]:
    """A browser for all tests."""
    found = chromium.Browser(tmp_path_factory.mktemp("profile"))
    yield found
    found.close()


@pytest.mark.parametrize("name", SCENES)
def test_nothing_is_cramped(browser: chromium.Browser, tmp_path: pathlib.Path, name: str) -> None:
    path = tmp_path / "page.html"
    path.write_text(_diagram_formats.draw(SCENES[name](), "html", "The network"))
    assert path.stat().st_size < LARGEST
    folder = os.environ.get("NETLOOM_SCREENSHOTS")
    for width, height in SIZES.items():
        browser.open(path, width, height)
        if folder:
            browser.screenshot(pathlib.Path(folder) / f"{name}-{width}.png")
        if name != "thousand":  # unfolded, the others have all there is to be seen
            browser.run(
                "document.querySelectorAll('.block.host.folded .fold').forEach((one) => one.dispatchEvent("
                "new MouseEvent('click', {bubbles: true})))"
            )
        assert browser.run(CRAMPED) == []
        assert browser.complaints == []
