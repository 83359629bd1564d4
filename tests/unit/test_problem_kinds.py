"""From the kinds of errors that the domain knows to HTTP, without a service around it."""

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException, abort

from backend.kit.errors import (
    Aborted,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    TaskFlowError,
    Unauthenticated,
    Unavailable,
)
from backend.web import problems


@pytest.fixture
def app() -> Flask:
    """An application that can do nothing but fail."""
    app = Flask(__name__, static_folder=None)
    problems.install(app)
    return app


class TestKinds:
    """Each kind has a code by default, and each code its status."""

    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [
            (InvalidArgument("Why."), 422, "validation-failed"),
            (InvalidArgument("Why.", code="malformed-request"), 400, "malformed-request"),
            (Unauthenticated("Why."), 401, "unauthenticated"),
            (PermissionDenied("Why."), 403, "permission-denied"),
            (NotFound("Why."), 404, "not-found"),
            (FailedPrecondition("Why."), 409, "invalid-transition"),
            (Aborted("Why."), 409, "conflict"),
            (Unavailable("Why."), 503, "unavailable"),
            (DeadlineExceeded("Why."), 504, "deadline-exceeded"),
        ],
        ids=lambda value: str(value) if isinstance(value, str) else None,
    )
    def test_a_kind_has_its_status_and_code(
        self, app: Flask, error: TaskFlowError, status: int, code: str
    ):
        """With the sentence it came with, as long as the answer is in English."""
        answer = _failing(app, error)

        assert status == answer.status_code
        assert (status, code) == (answer.json["status"], answer.json["code"])
        assert "Why." == answer.json["detail"]

    @pytest.mark.parametrize(
        ("error", "told"),
        [
            (Unauthenticated("Why."), {"WWW-Authenticate"}),
            (Unavailable("Why."), {"Retry-After"}),
            (DeadlineExceeded("Why."), {"Retry-After"}),
            (NotFound("Why."), set()),
        ],
    )
    def test_what_helps_is_told_to_programs_too(
        self, app: Flask, error: TaskFlowError, told: set[str]
    ):
        """How to identify oneself, and when to come back."""
        answer = _failing(app, error)

        assert told == {"WWW-Authenticate", "Retry-After"} & set(answer.headers.keys())


class TestFrameworkErrors:
    """What Flask and Werkzeug find looks like what we find."""

    @pytest.mark.parametrize(
        ("found", "answered", "code"),
        [
            (400, 400, "malformed-request"),
            (405, 405, "method-not-allowed"),
            (413, 413, "payload-too-large"),
            (417, 400, "malformed-request"),
            (501, 500, "internal"),
        ],
    )
    def test_a_status_of_theirs_is_one_of_ours(
        self, app: Flask, found: int, answered: int, code: str
    ):
        """Statuses that the description does not have become those that it has."""
        with pytest.raises(HTTPException) as caught:
            abort(found)
        answer = _failing(app, caught.value)

        assert (answered, code) == (answer.status_code, answer.json["code"])

    def test_their_words_are_not_repeated(self, app: Flask):
        """They may quote what was sent."""
        with pytest.raises(HTTPException) as caught:
            abort(400, description="could not decode: <script>")

        assert "script" not in _failing(app, caught.value).text


def _failing(app: Flask, error: Exception):
    def view() -> None:
        raise error

    app.add_url_rule("/", view_func=view)
    return app.test_client().get("/")
