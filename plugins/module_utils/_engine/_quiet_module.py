# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An AnsibleModule that keeps the contents of files out of the journal and out of the result.

no_log would do it for an option of a module, as ansible.builtin.copy has it; but in an entry of a topology there are no
options to Ansible, and what no_log hides, it hides everywhere: a file with the content "red" would take every "red" out
of the result.
"""

from __future__ import annotations

import contextlib
import hashlib
import typing as t

from ansible.module_utils import basic
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils._model import _contents

FILES = _contents.FILES


def of(base: type[AnsibleModule]) -> type[AnsibleModule]:
    """A module class whose log of the invocation has no contents of files."""

    class Module(base):  # type: ignore[misc]  # which has no types
        def _log_invocation(self) -> None:
            params: dict[str, t.Any] = self.params
            self.params: dict[str, t.Any] = _contents.left_out(params)
            try:
                super()._log_invocation()
            finally:
                self.params = params

        def _return_formatted(self, kwargs: dict[str, t.Any]) -> None:
            kwargs.setdefault("invocation", {"module_args": _contents.left_out(self.params)})
            with _as_it_is() if not self.no_log_values else contextlib.nullcontext():
                super()._return_formatted(kwargs)

    return Module


@contextlib.contextmanager
def _as_it_is() -> t.Iterator[None]:
    """Let Ansible return a result as it is: without no_log there is nothing to hide in it, and looking for that in each
    text of thousands of objects takes a tenth of a run.
    """
    looking = basic.remove_values
    basic.remove_values = lambda value, _hidden: value
    try:
        yield
    finally:
        basic.remove_values = looking


def with_digests(view: dict[str, t.Any], params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The shown form of an object: the size and digest of its files, which show whether they differ. ``show_etc_files``
    shows the contents.
    """
    if not view.get(FILES) or params.get("show_etc_files"):
        return view
    return {**view, FILES: digests(view[FILES])}


def digests(files: t.Mapping[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    """Files in the shape of the option, without their contents."""
    found = {}
    for name, one in files.items():
        given = one if isinstance(one, dict) else {"content": one, "mode": "0644"}
        data = given["content"].encode("utf-8", "surrogateescape")
        found[name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "mode": given["mode"]}
    return found
