"""
`Idempotency-Key`: a repeated POST, PATCH or DELETE has one effect and one answer.

After draft-ietf-httpapi-idempotency-key-header. The answer is a document created in the same
commit as the effect, so there is never one without the other, and copies that arrive at once race
to that commit: one wins, the others find its answer (docs/decisions/0010).
"""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import structlog
from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue

from backend.adapters.firestore import Joined
from backend.kit.documents import Change, Create, Fields, Stored, Write, reading
from backend.kit.errors import InvalidArgument, TaskFlowError
from backend.kit.ids import derived_id
from backend.kit.people import PEOPLE, people_in
from backend.web.context import actor, services, workspace_id

log = structlog.get_logger()

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
METHODS = frozenset({"POST", "PATCH", "DELETE"})
KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Link", "Undo-Token")

View = Callable[..., ResponseReturnValue]


def once(view: View) -> View:
    """Wrap a view so that a request with an `Idempotency-Key` takes effect once."""

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        key = request.headers.get(HEADER)
        if key is None or "actor" not in g:  # Nobody is known whose key it could be.
            return view(*args, **kwargs)
        if not KEY.fullmatch(key):
            raise InvalidArgument(
                f"{HEADER} holds 1 to 255 visible ASCII characters.", code="malformed-request"
            )
        return OneAnswer(key, lambda: current_app.make_response(view(*args, **kwargs))).give()

    return answered


class OneAnswer:
    """
    The answer to the request at hand, and to every copy of it under the same key.

    It is kept by the commit that has the effect, and read only where that commit, or the view
    itself, fails: a first request costs one write more, and a repeated one does nothing.
    """

    def __init__(self, key: str, view: Callable[[], Response]) -> None:
        ports = services().ports
        self._store = ports.store
        self._now = ports.clock.now()
        self._uid = actor().uid
        self._path = f"idempotency/{derived_id(self._uid, key)}"
        self._fingerprint = _fingerprint()
        self._view = view
        self._may_be_there = False
        self._joined = Joined()

    def give(self) -> Response:
        """
        Run the view as the plan of one commit, or return the answer it gave before.

        Raises:
            InvalidArgument: the key was used for another request, code `idempotency-key-reuse`.
        """
        try:
            answer = self._store.commit(self._plan)
            for act in self._joined.afterwards:
                act()
        finally:
            for act in self._joined.eventually:
                act()
        return answer

    def _plan(self) -> tuple[Response, list[Write]]:
        stored = self._store.get(self._path) if self._may_be_there else None
        self._may_be_there = True
        self._joined = Joined()
        if replay := self._replay(stored):
            return replay, []
        with self._store.joining() as joined:
            try:
                answer = self._view()
            except TaskFlowError:  # Perhaps because it has been done already.
                if replay := self._replay(stored or self._store.get(self._path)):
                    return replay, []
                raise
        self._joined = joined
        fields = self._fields(answer)
        keeping = Change(stored, fields) if stored else Create(self._path, fields)
        return answer, [*joined.writes, keeping]

    def _replay(self, stored: Stored | None) -> Response | None:
        if stored is None:
            return None
        with reading(stored) as fields:
            if fields["expireAt"] <= self._now:  # Deletion by TTL may be a day late.
                return None
            if fields["fingerprint"] != self._fingerprint:
                raise InvalidArgument(
                    f"This {HEADER} was used for another request.", code="idempotency-key-reuse"
                )
            log.info("http.answer_replayed")
            services().ports.metrics.answer_replayed(str(request.url_rule))
            headers = {**fields["headers"], REPLAYED: "true"}
            return Response(fields["body"], status=fields["status"], headers=headers)

    def _fields(self, answer: Response) -> Fields:
        named = (request.view_args or {}).get("workspace")
        return {
            "uid": self._uid,
            # With whom, and with what, an answer goes before its time.
            "workspaceId": workspace_id(named) if named else None,
            PEOPLE: people_in({"": answer.get_json(silent=True)}),
            "fingerprint": self._fingerprint,
            "status": answer.status_code,
            "headers": {n: answer.headers[n] for n in KEPT_HEADERS if n in answer.headers},
            "body": answer.get_data(as_text=True),
            "createdAt": self._now,
            "expireAt": self._now + KEPT_FOR,
        }


def _fingerprint() -> str:
    """Return what tells this request from another: method, address, `If-Match` and body."""
    asked = hashlib.sha256()
    # An empty `If-Match` is a fault, and none is not.
    for part in (request.method, request.full_path, *request.headers.getlist("If-Match")):
        asked.update(f"{len(part)}:{part};".encode())
    asked.update(request.get_data(cache=True))
    return asked.hexdigest()
