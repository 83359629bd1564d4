"""A real browser, driven over the DevTools protocol through two pipes: nothing to install."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_S = 60.0
# The protocol is spoken on these descriptors, whatever numbers the pipes have got.
ON_3_AND_4 = """
import os, sys
high = [os.dup2(int(end), 200 + index) for index, end in enumerate(sys.argv[1:3])]
for number, end in enumerate(high, 3):
    os.dup2(end, number)
os.execv(sys.argv[3], sys.argv[3:])
"""
Event = dict[str, Any]


def program() -> str | None:
    """Return where a browser is, if there is one."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class Chromium:
    """
    A headless browser with one page, between `with` and its end.

    `events` are what the protocol told unasked; `answer` is called with each, and may `send`.
    """

    def __init__(self, profile: Path, program: str) -> None:
        self.events: list[Event] = []
        self.answer: Callable[[Event], None] = lambda _: None
        self._numbers = itertools.count(1)
        self._rest = b""
        self._command = [
            program,
            "--headless=new",
            "--no-sandbox",  # Tests may run as root, in containers.
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
            "about:blank",
        ]

    def __enter__(self) -> Self:
        theirs_in, self._ours_out = os.pipe()
        self._ours_in, theirs_out = os.pipe()
        ends = [str(theirs_in), str(theirs_out)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", ON_3_AND_4, *ends, *self._command],
            pass_fds=(theirs_in, theirs_out),
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        target = self._ask("Target.createTarget", {"url": "about:blank"}, session="")["targetId"]
        attached = self._ask(
            "Target.attachToTarget", {"targetId": target, "flatten": True}, session=""
        )
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours_out)
        os.close(self._ours_in)

    def ask(self, method: str, **options: Any) -> dict[str, Any]:
        """Call a method of the page and return what it answers."""
        return self._ask(method, options, session=self._session)

    def send(self, method: str, **options: Any) -> None:
        """Call a method without waiting for its answer."""
        self._write(method, options, self._session)

    def open(self, url: str) -> None:
        """Load a page."""
        self.ask("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")

    def look(self, expression: str) -> Any:
        """Return the value of an expression on the page."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true on the page, also after it has changed."""
        ends_at = time.monotonic() + PATIENCE_S
        while self.look(expression) is not True:
            assert time.monotonic() < ends_at, (expression, self.look("document.body.innerText"))

    def complaints(self) -> list[str]:
        """What the browser itself found wrong: refused by a policy, say, or a script that broke."""
        entries = [each["params"]["entry"] for each in self.events if _is(each, "Log.entryAdded")]
        broke = [each for each in self.events if _is(each, "Runtime.exceptionThrown")]
        return [each["text"] for each in entries if each["level"] == "error"] + [
            str(each["params"]["exceptionDetails"]["text"]) for each in broke
        ]

    def _ask(self, method: str, options: dict[str, Any], *, session: str) -> dict[str, Any]:
        number = self._write(method, options, session)
        while True:
            message = self._read()
            if message.get("id") == number:
                assert "error" not in message, (method, message["error"])
                return dict(message["result"])
            if "method" in message:
                self.events.append(message)
                self.answer(message)

    def _write(self, method: str, options: dict[str, Any], session: str) -> int:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": options}
        if session:
            message["sessionId"] = session
        os.write(self._ours_out, json.dumps(message).encode() + b"\0")
        return number

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._ours_in, 65536)
            assert more, "the browser has gone"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(line))


def _is(event: Event, method: str) -> bool:
    return event["method"] == method
