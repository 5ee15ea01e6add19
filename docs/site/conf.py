# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx makes the site. docs/site/build gathers the pages first."""

from __future__ import annotations

import pathlib
import re
import typing as t

import yaml
from pygments.lexers.shell import BashSessionLexer

ROOT = pathlib.Path(__file__).resolve().parents[2]
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
ANSIBLE = "https://docs.ansible.com/ansible/latest"

project = "netloom.linux"
version = release = GALAXY["version"]
author = copyright = "The netloom authors"  # noqa: A001 (Sphinx's word)
extensions = ["myst_parser", "sphinx_antsibull_ext", "sphinx_copybutton", "sphinx_design"]
nitpicky = True
default_role = "any"
pygments_style = "ansible"
highlight_language = "YAML+Jinja"

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
# The prompts of the console's sessions: what is copied is the commands.
copybutton_prompt_text = r"\$ |lab1# |lab\$ "
copybutton_prompt_is_regexp = True

html_theme = "sphinx_ansible_theme"
html_title = f"netloom.linux {release}"
html_short_title = "netloom.linux"
# Not by html_logo: the theme would make the address relative to each page twice.
html_context = {"logo": "logo.svg", "favicon": "logo.svg"}
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_use_modindex = False
html_use_index = False
html_copy_source = False
html_theme_options = {
    "collapse_navigation": False,
    "navigation_depth": 4,
    "documentation_home_url": "",
    "show_extranav": False,
    "show_rtd_ethical_ads": False,
    "topbar_links": {"Repository": GALAXY["repository"], "Issues": GALAXY["issues"]},
}
# Labels of Ansible's own documentation. Sphinx would fetch an inventory of them; this needs no network.
ANSIBLE_LABELS = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}


class Session(BashSessionLexer):  # type: ignore[misc]
    """A session with the two prompts of the pages: on the control node, and on the managed node."""

    name, aliases = "Session", ["session"]
    _ps1rgx = re.compile(r"^(lab1# |\$ )(.*\n?)")


def elsewhere(label: str) -> str | None:
    """The address of a label, or of a variable of the environment, of Ansible's own documentation."""
    if re.fullmatch(r"ANSIBLE_\w+", label):
        return f"{ANSIBLE}/reference_appendices/config.html#envvar-{label}"
    if label in ANSIBLE_LABELS:
        return f"{ANSIBLE}/{ANSIBLE_LABELS[label]}"
    words = label.removeprefix("ansible_collections.").split(".")
    if len(words) == 3 and words[:2] == ["ansible", "builtin"]:
        return f"{ANSIBLE}/collections/ansible/builtin/{words[2]}.html"
    return None


def source_of(page: str) -> str | None:
    """The file in the repository that a page is made of; None for a page of the reference, which says it itself."""
    path = "docs/site/index.md" if page == "index" else f"{page}.md"
    return path if (ROOT / path).is_file() else None


def _resolve(_app: t.Any, _environment: t.Any, node: t.Any, content: t.Any) -> t.Any:
    from docutils import nodes

    address = elsewhere(node.get("reftarget", ""))
    return address and nodes.reference("", content.astext(), refuri=address, internal=False)


def _edit_link(_app: t.Any, page: str, _template: str, context: dict[str, t.Any], _doctree: t.Any) -> None:
    path = source_of(page)
    if path:
        context["meta"] = {**(context.get("meta") or {}), "github_url": f"{GALAXY['repository']}/blob/main/{path}"}


def setup(app: t.Any) -> None:
    """Called by Sphinx."""
    app.add_lexer("console", Session)
    app.connect("missing-reference", _resolve)
    app.connect("html-page-context", _edit_link)
