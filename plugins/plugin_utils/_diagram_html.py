# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as a page: one file that opens without a network, with the drawing, a list of what is to be done or broken,
and a script that folds, searches and finds.
"""

from __future__ import annotations

import base64
import collections.abc as c
import hashlib

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_scene,
    _diagram_script,
    _diagram_style,
    _diagram_svg,
)

LISTS = {
    "What is broken": ("broken",),
    "What differs from the declaration": ("made", "gone", "differs"),
}
MOST_NOTES = 6
HINT = "Choose an object to see its options here. Enter folds, arrow keys go on, / searches."


def draw(scene: _diagram_scene.Scene) -> str:
    """The page."""
    script = _diagram_script.SCRIPT
    proof = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    title = _diagram_svg.escaped(scene.title)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline';
 script-src 'sha256-{proof}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="netloom.linux">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{_diagram_style.PAGE}{_diagram_style.DRAWING}</style>
</head>
<body>
<a class="skip" href="#list">Skip the drawing</a>
<header>
<h1>{title}</h1>
<p class="counts">{_diagram_svg.escaped(scene.counts)}</p>
<div class="tools" role="group" aria-label="Tools">
<span class="find"><input id="find" type="search" placeholder="Search" aria-label="Search"
 aria-describedby="found"></span>
<output id="found" for="find" aria-live="polite"></output>
<button type="button" id="fold-hosts">Fold hosts</button>
<button type="button" id="fold-networks">Fold networks</button>
<button type="button" id="smaller" aria-label="Smaller">&minus;</button>
<button type="button" id="fit">Fit</button>
<button type="button" id="larger" aria-label="Larger">+</button>
</div>
</header>
<main aria-label="The drawing">
{_diagram_svg.picture(scene, live=True)}
</main>
<aside id="list" tabindex="-1" aria-label="Steps and details">
{_lists(scene.steps)}
<section class="details" aria-live="polite">
<h2 id="detail-of">Details</h2>
<pre id="detail" tabindex="0" aria-labelledby="detail-of">{HINT}</pre>
</section>
</aside>
<script>{script}</script>
</body>
</html>
"""


def _lists(steps: c.Sequence[_diagram_scene.Step]) -> str:
    found: list[str] = []
    for heading, sorts in LISTS.items():
        mine = [step for step in steps if step.mark.sort in sorts]
        if mine:
            entries = "\n".join(map(_entry, mine))
            found.append(f"<section>\n<h2>{heading} ({len(mine)})</h2>\n<ol>\n{entries}\n</ol>\n</section>")
    return "\n".join(found)


def _entry(step: _diagram_scene.Step) -> str:
    notes = [*step.mark.notes[:MOST_NOTES]]
    if len(step.mark.notes) > MOST_NOTES:
        notes.append(f"and {len(step.mark.notes) - MOST_NOTES} more")
    words = "\n".join([step.host, *notes])
    sort = step.mark.sort
    sign = f'<span class="mark {sort}" role="img" aria-label="{sort}">{_diagram_svg.SIGNS[sort]}</span>'
    return (
        f'<li><button type="button" data-shows="{step.target}">{sign}'
        f"<span>{_diagram_svg.escaped(step.mark.title)}</span><small>{_diagram_svg.escaped(words)}</small></button></li>"
    )
