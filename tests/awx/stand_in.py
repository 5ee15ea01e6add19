# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX's API answers to the modules of awx.awx, as far as docs/examples/awx/controller.yml needs it.

Objects live in memory. A list is filtered by equality, as AWX does it by name; the list of unified job templates is
that of projects, inventory sources, job templates and workflows together. Nothing is launched.
"""

from __future__ import annotations

import http.server
import itertools
import json
import re
import typing as t
import urllib.parse

KINDS = (
    "organizations", "execution_environments", "credentials", "projects", "inventories", "inventory_sources",
    "job_templates", "workflow_job_templates", "workflow_job_template_nodes", "schedules",
)  # fmt: skip
UNIFIED = ("projects", "inventory_sources", "job_templates", "workflow_job_templates")
PATH = re.compile(r"/api/v2/(?P<kind>\w+)/(?:(?P<id>\d+)/(?:(?P<part>\w+)/)?)?")
Object = dict[str, t.Any]


class StandIn(http.server.ThreadingHTTPServer):
    """The server with all its objects: kind -> id -> object."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.objects: dict[str, dict[int, Object]] = {kind: {} for kind in KINDS}
        self.parts: dict[tuple[str, int, str], t.Any] = {}  # surveys, and lists of the ids of associated objects
        self._ids = itertools.count(1)

    @property
    def url(self) -> str:
        """What CONTROLLER_HOST is to be."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def create(self, kind: str, fields: Object) -> Object:
        """A new object."""
        number = next(self._ids)
        url = f"/api/v2/{kind}/{number}/"
        one = {
            "id": number,
            "type": kind.removesuffix("s").replace("inventorie", "inventory"),
            "url": url,
            "related": {"survey_spec": f"{url}survey_spec/"},
            "summary_fields": {},
            "scm_revision": "",
            **fields,
        }
        self.objects[kind][number] = one
        return one

    def listed(self, kind: str, wanted: t.Mapping[str, str]) -> list[Object]:
        """The objects of a kind that have these values."""
        kinds = UNIFIED if kind == "unified_job_templates" else (kind,)
        found = [one for name in kinds for one in self.objects[name].values()]
        return [one for one in found if all(str(one.get(key)) == value for key, value in wanted.items())]

    def named(self, kind: str) -> dict[str, Object]:
        """The objects of a kind by name."""
        return {one["name"]: one for one in self.objects[kind].values()}


class _Request(http.server.BaseHTTPRequestHandler):
    server: StandIn

    def do_GET(self) -> None:
        """Answer with a list, an object, its survey, or the objects associated with it."""
        kind, number, part, wanted = self._asked()
        if number is None:
            self._answer(200, _page(self.server.listed(kind, wanted)))
        elif not part:
            self._answer(200, self.server.objects[kind][number])
        elif part == "survey_spec":
            self._answer(200, self.server.parts.get((kind, number, part), {}))
        else:
            self._answer(200, _page([{"id": one} for one in self.server.parts.get((kind, number, part), [])]))

    def do_POST(self) -> None:
        """Create an object, or give one its survey or an associated object."""
        kind, number, part, _wanted = self._asked()
        sent = self._sent()
        if number is None:
            self._answer(201, self.server.create(kind, sent))
        elif part == "survey_spec":
            self.server.parts[kind, number, part] = sent
            self._answer(200, {})
        else:
            associated = self.server.parts.setdefault((kind, number, part), [])
            (associated.remove if sent.get("disassociate") else associated.append)(sent["id"])
            self._answer(204)

    def do_PATCH(self) -> None:
        """Change an object."""
        kind, number, _part, _wanted = self._asked()
        assert number is not None
        self.server.objects[kind][number].update(self._sent())
        self._answer(200, self.server.objects[kind][number])

    def do_DELETE(self) -> None:
        """Delete an object."""
        kind, number, _part, _wanted = self._asked()
        assert number is not None
        del self.server.objects[kind][number]
        self._answer(204)

    def _asked(self) -> tuple[str, int | None, str, dict[str, str]]:
        asked = urllib.parse.urlsplit(self.path)
        match = PATH.fullmatch(asked.path)
        assert match and match["kind"] in (*KINDS, "unified_job_templates"), self.path
        number = int(match["id"]) if match["id"] else None
        return match["kind"], number, match["part"] or "", dict(urllib.parse.parse_qsl(asked.query))

    def _sent(self) -> Object:
        sent: Object = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return sent

    def _answer(self, status: int, body: Object | None = None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def _page(results: list[Object]) -> Object:
    return {"count": len(results), "next": None, "results": results}
