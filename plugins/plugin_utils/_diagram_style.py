# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How drawings look. Colours stand here alone, each for light and for dark."""

from __future__ import annotations

import dataclasses
import zlib


@dataclasses.dataclass(frozen=True)
class Palette:
    """The colours of one scheme. ``hues``: of networks; ``on_hue``: of text on them."""

    ground: str
    host: str
    card: str
    edge: str
    ink: str
    soft: str
    wire: str
    on_hue: str
    hues: tuple[str, ...]
    made: str
    gone: str
    differs: str
    broken: str


LIGHT = Palette(
    *("#f4f6f9", "#ffffff", "#fbfcfe", "#d3dae4", "#172033", "#5b6779", "#8f9bad", "#ffffff"),
    ("#0f766e", "#4f46e5", "#b45309", "#be185d", "#0369a1", "#4d7c0f", "#7c3aed", "#a16207", "#0e7490"),
    *("#15803d", "#64748b", "#b45309", "#d11a2a"),
)
DARK = Palette(
    *("#0e131b", "#161d29", "#1c2534", "#344054", "#e8edf5", "#a3afc2", "#66738a", "#0b1018"),
    ("#2dd4bf", "#a5a9ff", "#fbb14b", "#f787bd", "#57bdf7", "#a8d94a", "#bfa4ff", "#e6c244", "#45d3ec"),
    *("#4ade80", "#94a3b8", "#fbbf24", "#ff6b74"),
)
# Networks named after a colour have it, as far as there is one like it.
LANE = "OVN "  # before the name of a switch of OVN, where a host has ports of it
NAMED = {
    "br-int": 1,
    "red": 3,
    "pink": 3,
    "green": 5,
    "blue": 4,
    "orange": 2,
    "yellow": 7,
    "violet": 6,
    "purple": 6,
    "teal": 0,
}


def hue_of(name: str) -> int:
    """The number of a colour. Equal names have equal colours in all drawings."""
    named = next((number for colour, number in NAMED.items() if colour in name.lower()), None)
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) % len(LIGHT.hues) if named is None else named


def hue_of_vlan(vlan: str, otherwise: int) -> int:
    """The colour of a VLAN. Neighbouring numbers differ, and so do hundreds."""
    if vlan.startswith(LANE):
        return hue_of(vlan.removeprefix(LANE))
    tag = vlan.removeprefix("VLAN ")
    number = int(tag) if tag.isascii() and tag.isdigit() else None
    return otherwise if number is None else (number + number // 100) % len(LIGHT.hues)


MONO = "ui-monospace, 'DejaVu Sans Mono', 'SFMono-Regular', Menlo, Consolas, monospace"
SANS = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Roboto, sans-serif"
SHAPES = f"""
.net text {{ font-family: {SANS}; font-size: 12px }}
.net .mono {{ font-family: {MONO}; font-size: 10.2px }}
.net .tiny {{ font-family: {MONO}; font-size: 8.6px }}
.net .h1 {{ font-size: 22px; font-weight: 650 }}
.net .h2 {{ font-size: 17px; font-weight: 650 }}
.net .name {{ font-size: 12.5px; font-weight: 650 }}
.net .badge text, .net .sign text {{ font-size: 8.6px; font-weight: 700 }}
.net .badge text, .net .sign text {{ text-anchor: middle }}
.net .sign text {{ font-size: 12px }}
.net .end {{ text-anchor: end }}
.net .wire, .net .line {{ fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round }}
.net .line.inner {{ stroke-width: 4 }}
.net .wire.tunnel {{ stroke-width: 2.6 }}
.net .folded > .inside, .net .open-only, .net .folded > .spine {{ display: none }}
.net .block:not(.folded) > .head .shut {{ display: none }}
.net .chevron {{ fill: none; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }}
.net .folded > .head .chevron {{ transform: rotate(-90deg) }}
.net .made > .face {{ stroke-width: 2; stroke-dasharray: 5 3 }}
.net .gone > .face {{ stroke-width: 2; stroke-dasharray: 2 3 }}
.net .gone > .name {{ text-decoration: line-through }}
.net .gone > text {{ opacity: .7 }}
.net .differs > .face {{ stroke-width: 2 }}
.net .broken > .face {{ stroke-width: 3 }}
"""


def _colours(one: Palette) -> str:
    lines = [
        f".net .paper {{ fill: {one.ground} }}",
        f".net .ground {{ fill: {one.host}; stroke: {one.edge} }}",
        f".net text {{ fill: {one.ink} }}",
        f".net .soft, .net .mono, .net .tiny {{ fill: {one.soft} }}",
        f".net .card > .face, .net .chip > .face {{ fill: {one.card}; stroke: {one.edge} }}",
        f".net .line, .net .wire, .net .chevron {{ stroke: {one.wire} }}",
        f".net .dot {{ fill: {one.host}; stroke: {one.wire} }}",
        f".net .spine {{ fill: {one.wire} }}",
        f".net .bar > text, .net .bar > .mono, .net .bar .soft, .net .label text {{ fill: {one.on_hue} }}",
        f".net .plain text {{ fill: {one.soft} }}",
        f".net .plain .face {{ fill: {one.ground}; stroke: {one.edge} }}",
        f".net .down {{ fill: {one.broken}; font-weight: 700 }}",
        f".net .badge rect {{ fill: {one.edge} }} .net .badge text {{ fill: {one.ink} }}",
        f".net .network > .head > .fold .chevron, .net .label:not(.plain) + g .chevron {{ stroke: {one.on_hue} }}",
        f".net .sign text {{ fill: {one.on_hue} }}",
    ]
    for number, hue in enumerate(one.hues):
        lines.append(f".net .hue{number} {{ fill: {hue} }} .net .ink{number} {{ stroke: {hue} }}")
    for sort in ("made", "gone", "differs", "broken"):
        colour = getattr(one, sort)
        lines.append(f".net .{sort} > .face {{ stroke: {colour} }} .net .sign.{sort} circle {{ fill: {colour} }}")
    lines.append(f".net .card.broken > .face {{ fill: {_mixed(one.broken, one.card)} }}")
    lines.append(f".net .card.made > .face {{ fill: {_mixed(one.made, one.card)} }}")
    lines.append(f".net .card.differs > .face {{ fill: {_mixed(one.differs, one.card)} }}")
    return "\n".join(lines)


def _mixed(colour: str, ground: str, share: float = 0.1) -> str:
    pairs = zip(*([int(one[at : at + 2], 16) for at in (1, 3, 5)] for one in (colour, ground)))
    return "#" + "".join(f"{round(front * share + back * (1 - share)):02x}" for front, back in pairs)


DRAWING = f"""{SHAPES}{_colours(LIGHT)}
@media screen and (prefers-color-scheme: dark) {{
{_colours(DARK)}
}}
"""


def _page(one: Palette) -> str:
    return (
        f"--ground: {one.ground}; --host: {one.host}; --card: {one.card}; --edge: {one.edge}; --ink: {one.ink};"
        f" --soft: {one.soft}; --made: {one.made}; --gone: {one.gone}; --differs: {one.differs};"
        f" --broken: {one.broken}; --accent: {one.hues[1]}"
    )


PAGE = f"""
:root {{ color-scheme: light dark; {_page(LIGHT)} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {_page(DARK)} }} }}
* {{ box-sizing: border-box }}
html, body {{ margin: 0; height: 100% }}
body {{ background: var(--ground); color: var(--ink); font: 14px/1.45 {SANS}; display: grid;
  grid: auto minmax(0, 1fr) / minmax(0, 1fr) 340px }}
body > header {{ grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center;
  padding: 10px 20px; background: var(--host); border-bottom: 1px solid var(--edge) }}
h1 {{ font-size: 19px; margin: 0; font-weight: 650; overflow-wrap: anywhere }}
h2 {{ font-size: 14px; margin: 18px 0 8px }}
.counts {{ color: var(--soft); margin: 0; flex: 1 1 auto }}
.tools {{ display: flex; flex-wrap: wrap; gap: 6px; align-items: center }}
button, input {{ font: inherit; color: inherit; background: var(--card); border: 1px solid var(--edge);
  border-radius: 8px; padding: 5px 10px }}
input {{ width: 210px }}
button {{ cursor: pointer }}
button:hover {{ border-color: var(--accent) }}
:focus-visible {{ outline: 3px solid var(--accent); outline-offset: 2px }}
.skip {{ position: absolute; left: -999px }}
.skip:focus {{ left: 8px; top: 8px; z-index: 2; background: var(--host); padding: 6px 12px }}
main {{ overflow: auto; padding: 0; min-width: 0 }}
main svg {{ display: block; min-width: 700px; max-width: 1300px; width: 100%; height: auto; margin: 0 auto }}
aside {{ overflow: auto; border-left: 1px solid var(--edge); background: var(--host);
  padding: 0 16px 16px; min-width: 0 }}
aside ol {{ list-style: none; margin: 0; padding: 0; display: grid; gap: 6px }}
aside li button {{ width: 100%; text-align: left; display: grid; gap: 2px 6px;
  grid-template-columns: 22px minmax(0, 1fr); overflow-wrap: anywhere }}
aside li small {{ grid-column: 2; color: var(--soft); white-space: pre-line }}
.mark {{ width: 20px; height: 20px; border-radius: 50%; color: var(--host); font-weight: 700; text-align: center;
  line-height: 20px; grid-row: 1 }}
.mark.made {{ background: var(--made) }} .mark.gone {{ background: var(--gone) }}
.mark.differs {{ background: var(--differs) }} .mark.broken {{ background: var(--broken) }}
pre {{ font: 11.5px/1.5 {MONO}; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--card);
  border: 1px solid var(--edge); border-radius: 8px; padding: 10px }}
.hint {{ color: var(--soft) }}
.net [tabindex] {{ cursor: pointer; outline: none }}
.net [tabindex]:focus-visible > .face, .net .chosen > .face {{ stroke: var(--accent); stroke-width: 3.5;
  stroke-dasharray: none }}
.net .box:hover > .face {{ stroke: var(--accent) }}
.net.searching .box:not(.hit) {{ opacity: .22 }}
.net .holds-hit > .head .face, .net .holds-hit > .ground {{ stroke: var(--accent); stroke-width: 3 }}
@media (max-width: 900px) {{
  body {{ display: block; height: auto }}
  aside {{ border-left: 0; border-top: 1px solid var(--edge) }}
  input {{ width: 100% }} .tools {{ width: 100% }} .find {{ flex: 1 1 100% }}
}}
@media (prefers-reduced-motion: no-preference) {{ .net .chevron {{ transition: transform .12s }} }}
@media print {{
  @page {{ margin: 10mm }}
  body {{ display: block; height: auto; background: none }}
  .tools, .skip, .details {{ display: none }}
  main, aside {{ overflow: visible; border: 0 }}
  main svg {{ min-width: 0; max-height: 100vh }}
  aside li button {{ border: 0; padding: 2px 0; break-inside: avoid }}
  .net, .mark {{ print-color-adjust: exact; -webkit-print-color-adjust: exact }}
}}
"""
