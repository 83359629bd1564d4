"""Conditional requests (RFC 9110 section 13): tags, and 304 for who has it already."""

import hashlib
import re
from collections.abc import Callable

from flask import Flask, Response, request
from marshmallow import Schema
from werkzeug.http import remove_entity_headers

from backend.kit.errors import InvalidArgument, Stale
from backend.web.problems import problem

# What compression adds to a strong tag, so that each encoding has a tag of its own.
ENCODED = re.compile(r":(gzip|br|zstd|deflate)$")
REVISION = re.compile(r'"([0-9]{1,18})(?::[a-z]+)?"')


def install(app: Flask) -> None:
    """Tag every representation, and answer 304 to a caller who has it already."""

    @app.after_request
    def tag(answer: Response) -> Response:
        if request.method not in ("GET", "HEAD") or answer.status_code != 200:
            return answer
        if answer.is_streamed or answer.mimetype != "application/json":
            return answer
        if "ETag" not in answer.headers:
            digest = hashlib.sha256(answer.get_data()).hexdigest()[:32]
            answer.set_etag(digest, weak=True)
        if _has_it(answer):
            answer.status_code = 304
            answer.set_data(b"")
            remove_entity_headers(answer.headers)
        return answer


def revision_tag(rev: int) -> dict[str, str]:
    """Return the `ETag` header of something that counts its revisions."""
    return {"ETag": f'"{rev}"'}


def answering_stale(schema: Schema) -> Callable[[Stale], Response]:
    """Return the handler that answers 412 with the present, which the caller would ask for next."""

    def answer(error: Stale) -> Response:
        current = schema.dump(error.current)
        tag = revision_tag(current["rev"])
        return problem(412, error.code, error.detail, headers=tag, current=current)

    return answer


def if_match() -> int | None:
    """
    Return the revision that `If-Match` asks for, or None without one.

    Raises:
        InvalidArgument: it is not one strong tag as we give them: `"3"`.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    found = REVISION.fullmatch(header.strip())
    if found is None:
        raise InvalidArgument(
            'If-Match holds one tag as ETag gives it, such as "3".', code="malformed-request"
        )
    return int(found[1])


def _has_it(answer: Response) -> bool:
    theirs = request.if_none_match
    if not theirs:
        return False
    etag, _ = answer.get_etag()
    # Werkzeug reads `""`, which is a tag, as None.
    known = {ENCODED.sub("", tag or "") for tag in theirs.as_set(include_weak=True)}
    return theirs.star_tag or etag in known
