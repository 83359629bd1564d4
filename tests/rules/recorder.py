"""
Keeps what the tests of the rules have shown, for the two that ask whether they show enough.

From each module it takes the emulator's report of what every condition was seen to say, because the
report of all of them at once is more than the emulator can write in a minute. And it remembers each
request that was refused, with the line of the `allow` that refused it, so that it can be sent again
under rules that lack a condition.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from tests.rules.client import RulesClient
from tests.rules.coverage import Span, expressions

LINE = re.compile(r"@ L(\d+)")

# A precondition that no document meets. The emulator asks the rules first, so a write that they
# would grant fails on this, and one that they refuse is refused.
NEVER = {"currentDocument": {"updateTime": "2020-01-01T00:00:00Z"}}


@dataclass(frozen=True)
class Refusal:
    """A request that the rules refused, and the lines of the `allow`s that they asked."""

    method: str
    path: str
    body: Any
    token: str | None
    lines: frozenset[int]


class Recorder(RulesClient):
    """A client that remembers."""

    def __init__(self, host: str, project_id: str) -> None:
        """Talk to the emulator at `host`."""
        super().__init__(host, project_id)
        self.rules = ""
        self.refusals: list[Refusal] = []
        self.seen: dict[Span, set[str]] = defaultdict(set)

    def load_rules(self, rules: str) -> None:
        """Put `rules` in force."""
        super().load_rules(rules)
        self.rules = rules

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None
    ) -> tuple[int, Any]:
        """Send one request, and keep it if it was refused."""
        status, answer = super().call(method, path, body, token)
        if status == 403:
            error = (answer[0] if isinstance(answer, list) else answer)["error"]
            lines = frozenset(map(int, LINE.findall(error["message"])))
            self.refusals.append(Refusal(method, path, body, token, lines))
        return status, answer

    def note(self) -> None:
        """Take in the report of what has run since, and let the emulator forget it."""
        for span, found in expressions(self.coverage()).items():
            self.seen[span] |= found
        super().load_rules(self.rules)

    def is_still_refused(self, refusal: Refusal) -> bool:
        """Send a request again, under whatever rules are in force now, and leave all as it is."""
        writes = (refusal.body or {}).get("writes", [])
        harmless = [write if _creates(write) else write | NEVER for write in writes]
        body = refusal.body | {"writes": harmless} if writes else refusal.body
        status, _ = super().call(refusal.method, refusal.path, body, refusal.token)
        if status == 200 and writes:  # Then it made documents only.
            undone = [{"delete": write["update"]["name"]} for write in writes]
            super().call("POST", refusal.path, {"writes": undone}, "owner")
        return status == 403


def _creates(write: dict[str, Any]) -> bool:
    return write.get("currentDocument") == {"exists": False}
