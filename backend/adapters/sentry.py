"""
`ErrorReports` by Sentry. Imported only where it is switched on: requirements-observability.txt.

Sentry's integrations are all off: they would send requests, locals, queries and log lines.
"""

from typing import Any

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.types import Event, Hint
from structlog.contextvars import get_contextvars

from backend.kit.redaction import redacted_event
from backend.kit.tracebacks import message_of

# What an event may consist of. All else, also in versions to come, stays here.
KEPT = frozenset(
    {
        "contexts",
        "environment",
        "event_id",
        "exception",
        "level",
        "platform",
        "release",
        "sdk",
        "tags",
        "timestamp",
        "transaction",
    }
)
KEPT_OF_FRAME = ("abs_path", "context_line", "filename", "function", "in_app", "lineno", "module")
KEPT_CONTEXTS = ("runtime", "trace")


class SentryReports:
    """`ErrorReports` to the project of a DSN."""

    def __init__(self, dsn: str, *, release: str, environment: str) -> None:
        self._client = sentry_sdk.Client(
            dsn=dsn,
            release=release or None,
            environment=environment,
            server_name="",
            send_default_pii=False,
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            send_client_reports=False,
            auto_session_tracking=False,
            default_integrations=False,
            integrations=[AtexitIntegration(callback=lambda *_: None)],
            before_send=without_what_people_sent,
        )

    def report(self, error: BaseException, **tags: str) -> None:
        """Queue the error for Sentry, with these tags."""
        with sentry_sdk.new_scope() as scope:
            scope.set_client(self._client)
            for name, value in tags.items():
                scope.set_tag(name, value)
            scope.capture_exception(error)

    def flush(self, within_s: float) -> None:
        """Wait until what was queued has been sent."""
        self._client.flush(timeout=within_s)


def without_what_people_sent(event: Event, hint: Hint) -> Event:
    """Return what of an event may leave: types, places, lines of our code, and tags."""
    kept: dict[str, Any] = {key: value for key, value in event.items() if key in KEPT}
    contexts = kept.get("contexts") or {}
    kept["contexts"] = {name: contexts[name] for name in KEPT_CONTEXTS if name in contexts}
    messages = _messages(hint)
    for one in (kept.get("exception") or {}).get("values", []):
        one["value"] = messages.get(str(one.get("type")), "")
        for frame in (one.get("stacktrace") or {}).get("frames", []):
            for name in set(frame) - set(KEPT_OF_FRAME):
                del frame[name]
    # As on a line of the log: whose request it was is known by a pseudonym, here and in paths.
    actor_uid = get_contextvars().get("actor_uid")
    cleaned: Any = redacted_event({**kept, "actor_uid": actor_uid} if actor_uid else kept)
    if actor := cleaned.pop("actor", None):
        cleaned["user"] = {"id": actor}
    cleaned["event_id"] = event["event_id"]
    return cleaned  # type: ignore[no-any-return]


def _messages(hint: Hint) -> dict[str, str]:
    """Return by type what each exception of the chain may say."""
    found: dict[str, str] = {}
    error = hint.get("exc_info", (None, None, None))[1]
    while error is not None and type(error).__name__ not in found:
        found[type(error).__name__] = message_of(error)
        error = error.__cause__ or error.__context__
    return found
