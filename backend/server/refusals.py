"""What is answered to a request that never becomes one for the application."""

import json
import secrets
from dataclasses import dataclass

from gunicorn.http import errors

from backend.web.catalogue import english

# Only what a client can do wrong. The texts are ours: gunicorn's repeat what the client sent.
MALFORMED = (
    errors.ParseException,
    errors.InvalidChunkSize,
    errors.InvalidChunkExtension,
    errors.ChunkMissingTerminator,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A problem by its code in the catalogue, with a sentence about this case."""

    code: str
    detail: str
    request_id: str

    def to_http(self) -> bytes:
        """Return the whole answer, as `backend.web.problems` would have made it."""
        problem = english().problems[self.code]
        body = json.dumps(
            {
                "type": f"/errors/{self.code}",
                "title": problem.title,
                "status": problem.status,
                "detail": self.detail,
                "code": self.code,
                "requestId": self.request_id,
            }
        ).encode()
        lines = [
            f"HTTP/1.1 {problem.status} {problem.title}",
            "Content-Type: application/problem+json",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            f"X-Request-Id: {self.request_id}",
            "Connection: close",
        ]
        if problem.status == 503:
            lines.append("Retry-After: 2")
        return "\r\n".join([*lines, "", ""]).encode() + body


def refusal(code: str, detail: str = "") -> Refusal:
    """Return the refusal of a code, with the catalogue's sentence where there is no better one."""
    return Refusal(code, detail or english().problems[code].means, secrets.token_hex(8))


def refusal_of(error: Exception) -> Refusal:
    """Return what to answer to an error of gunicorn's parser, or of ours."""
    if isinstance(error, errors.LimitRequestLine):
        return refusal("uri-too-long")
    if isinstance(error, errors.LimitRequestHeaders):
        return refusal("headers-too-large")
    if isinstance(error, MALFORMED):
        return refusal("malformed-request", "This is not a request of HTTP/1.1 as we take it.")
    return refusal("internal", "This is our mistake. It was recorded.")
