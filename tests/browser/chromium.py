# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headless Chromium by the DevTools protocol, through a pipe: https://chromedevtools.github.io/devtools-protocol/."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pathlib
import select
import shutil
import subprocess
import time
import typing as t

PATIENCE = 30  # seconds for an answer
OPTIONS = (
    *("--headless=new", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))"
KEYS = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowRight": 39, "/": 191}


class Browser:
    """One browser with one page."""

    def __init__(self, folder: pathlib.Path) -> None:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        assert program, "There is no Chromium; run tests/setup --browser."
        (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
        sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
        self._process = subprocess.Popen(
            [
                *("bash", "-c", f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}', program, *OPTIONS, *sandbox),
                *(f"--user-data-dir={folder}", "about:blank"),
            ],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._in, self._out, self._read = ours_in, ours_out, b""
        self._number = 0
        self._session = ""
        self.events: list[dict[str, t.Any]] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "DOM"):
            self.ask(f"{domain}.enable")

    def close(self) -> None:
        """End the browser."""
        with contextlib.suppress(OSError):
            self.ask("Browser.close")
        self._process.wait(PATIENCE)
        os.close(self._in)
        os.close(self._out)

    def ask(self, method: str, **params: t.Any) -> dict[str, t.Any]:
        """The answer to a request."""
        self._number += 1
        request = {"id": self._number, "method": method, "params": params}
        if self._session and not method.startswith(("Target.", "Browser.")):
            request["sessionId"] = self._session
        os.write(self._out, json.dumps(request).encode() + b"\0")
        return self._until(lambda message: message.get("id") == self._number)

    def _until(self, wanted: t.Callable[[dict[str, t.Any]], bool]) -> dict[str, t.Any]:
        end = time.monotonic() + PATIENCE
        while True:
            message = self._next(end)
            if wanted(message):
                assert "error" not in message, message
                found: dict[str, t.Any] = message.get("result", message.get("params", {}))
                return found
            self.events.append(message)

    def _next(self, end: float) -> dict[str, t.Any]:
        while b"\0" not in self._read:
            ready, _writable, _failed = select.select([self._in], [], [], max(end - time.monotonic(), 0))
            assert ready, "The browser does not answer."
            piece = os.read(self._in, 1 << 20)
            assert piece, "The browser has ended."
            self._read += piece
        message, _end, self._read = self._read.partition(b"\0")
        found: dict[str, t.Any] = json.loads(message)
        return found

    def open(self, path: pathlib.Path, width: int, height: int, fragment: str = "") -> float:
        """Show a file in a window of this size; the seconds until it was loaded and drawn."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Page.navigate", url="about:blank")
        self._until(lambda message: message.get("method") == "Page.loadEventFired")
        self.events.clear()
        began = time.monotonic()
        self.ask("Page.navigate", url=path.as_uri() + fragment)
        self._until(lambda message: message.get("method") == "Page.loadEventFired")
        self.run(DRAWN)
        return time.monotonic() - began

    def run(self, expression: str) -> t.Any:
        """The value of an expression in the page."""
        told = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def click(self, selector: str) -> None:
        """Click into the middle of the first element that is there."""
        x, y = self._middle(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def hover(self, selector: str) -> None:
        """Move the mouse there."""
        x, y = self._middle(selector)
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.run(DRAWN)

    def _middle(self, selector: str) -> tuple[float, float]:
        box = self.run(
            f"(() => {{ const one = document.querySelector({json.dumps(selector)});"
            " one.scrollIntoView({block: 'center', inline: 'center'}); const box = one.getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        return box[0], box[1]

    def key(self, key: str) -> None:
        """Press a key."""
        text = {"Enter": "\r", "/": "/"}.get(key, "")
        code = KEYS[key]
        more = {"text": text} if text else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **more)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.ask("Input.insertText", text=text)

    def screenshot(self, path: pathlib.Path) -> None:
        """Write what is to be seen as PNG."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))

    @property
    def complaints(self) -> list[str]:
        """Errors of scripts, what stands on the console, and requests to others."""
        self.run("1")
        found = []
        for one in self.events:
            method, params = one.get("method"), one.get("params", {})
            if method == "Network.requestWillBeSent" and params["request"]["url"].startswith(("file:", "data:,")):
                continue
            if method in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
                found.append(json.dumps(params))
            if method == "Network.requestWillBeSent":
                found.append(params["request"]["url"])
        return found
