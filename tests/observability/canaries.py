"""What must never be read in a log: one of each kind, all with a mark that nothing else has."""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from flask import Flask


@dataclass(frozen=True)
class Canaries:
    """Secrets and words of people, each with `mark` in its most secret part."""

    mark: str

    @property
    def all(self) -> dict[str, str]:
        mark = self.mark
        return {
            "bearer": f"eyJhbGciOiJub25lIn0.{_b64({'sub': mark})}.{mark}",
            "device": f"d{mark}:APA91b{mark}",
            "words": f'A ring for {mark}, don\'t tell "her"',
            "word": mark,
            "address": f"{mark}@example.com",
            "link": f"https://x.firebaseapp.com/__/auth/action?mode=signIn&oobCode={mark}",
            "signed": f"https://storage.googleapis.com/b/o?X-Goog-Signature={mark}",
            "key": f"-----BEGIN PRIVATE KEY-----\\n{mark}\\n-----END PRIVATE KEY-----\\n",
            "password": f"redis://:{mark}@cache:6379",
        }

    def headers(self, canary: str) -> dict[str, str]:
        """A canary in every header that anybody might look at, and in one that nobody does."""
        names = (
            "Accept", "Accept-Encoding", "Accept-Language", "Cookie", "Forwarded", "From",
            "Idempotency-Key", "If-Match", "If-None-Match", "Origin", "Referer", "User-Agent",
            "X-CloudTasks-QueueName", "X-CloudTasks-TaskName", "X-CloudTasks-TaskRetryCount",
            "X-Firebase-AppCheck", "X-Forwarded-For", "X-Forwarded-Host", "X-Request-Id", "X-Any",
            "X-Cloud-Trace-Context", "baggage", "traceparent", "tracestate",
        )  # fmt: skip
        return dict.fromkeys(names, canary)


def fields_of(openapi: dict[str, Any]) -> list[str]:
    """Every name of a field that any body has."""
    found: set[str] = set()

    def look(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("properties"), dict):
                found.update(part["properties"])
            for inner in part.values():
                look(inner)
        elif isinstance(part, list):
            for inner in part:
                look(inner)

    look(openapi)
    return sorted(found)


def addresses_of(app: Flask, value: str, **real: str) -> list[tuple[str, str]]:
    """Every route's method and path, with `value` for each variable part that is not `real`."""
    return [
        (method, re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda part: real.get(part[1], value), rule.rule))
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
    ]


def _b64(content: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
