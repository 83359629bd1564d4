"""FCM without HTTP: takes messages in, decides what becomes of them, remembers them."""

import json
import secrets
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from local.fcm.errors import ApiError, Violation, not_the_schema
from local.fcm.push import ReceivedPush, Shown, shown
from local.fcm.rules import check_message
from local.fcm.schema import SEND_MESSAGE_REQUEST
from local.serving.clock import Clock
from local.serving.inbox import Inbox
from local.serving.scripts import Argument, Scripts, Step

INBOX_LIMIT = 5000
_KEPT_REFUSAL_BYTES = 16 * 1024
_DEPTH_LIMIT = 100

_RETRY_AFTER = Argument("retryAfter", required=False, maximum=3600)
OUTCOMES: dict[str, Argument | None] = {
    "OK": None,
    "UNREGISTERED": None,
    "NOT_FOUND": None,
    "SENDER_ID_MISMATCH": None,
    "INVALID_ARGUMENT": None,
    "UNAUTHENTICATED": None,
    "THIRD_PARTY_AUTH": None,
    "QUOTA_EXCEEDED": _RETRY_AFTER,
    "INTERNAL": None,
    "UNAVAILABLE": _RETRY_AFTER,
    "ACCEPT_THEN_DROP": None,
    "MALFORMED": None,
    "DELAY": Argument("seconds", required=True, maximum=300),
}


class Fcm:
    """The state of the stand-in. Safe to use from several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.inbox: Inbox[ReceivedPush] = Inbox(INBOX_LIMIT)
        self.scripts = Scripts(OUTCOMES, default="OK")
        self.stopping = threading.Event()
        """Set when delayed answers should no longer be waited for."""

    def send(self, project: str, raw: bytes) -> tuple[ReceivedPush, Step]:
        """
        Take in one SendMessageRequest, and say what the sender is to be told.

        Raises:
            ApiError: FCM refuses the request; it is in the inbox as REFUSED.
        """
        body: Any = None
        try:
            body = _read_json(raw)
            fields = _read_request(body)
        except ApiError as error:
            kept = body if len(raw) <= _KEPT_REFUSAL_BYTES else None
            self.inbox.add(self._refusal(project, kept, error))
            raise
        message = fields["message"]
        push = self._push(project, body["message"], "OK")
        step = self.scripts.take(push.device or "")
        push = replace(
            push,
            outcome=step.outcome,
            validate_only=fields.get("validate_only", False),
            fields=message,
        )
        self.inbox.add(push)
        return push, step

    def messages(self, device: str | None = None) -> list[ReceivedPush]:
        """List the attempts, oldest first, all or those for one token or installation id."""
        return [push for push in self.inbox.items() if device in (None, push.device)]

    def tray(self, device: str) -> list[Shown]:
        """List what the device shows, newest first."""
        return tray(self.messages(device))

    def _push(self, project: str, message: Any, outcome: str) -> ReceivedPush:
        now = self._clock()
        # Shaped like the real ids, colon and per cent sign included.
        push_id = f"0:{int(now.timestamp() * 1_000_000)}%{secrets.token_hex(8)}"
        kept = message if isinstance(message, dict) else {}
        return ReceivedPush(push_id, project, now, kept, outcome)

    def _refusal(self, project: str, body: Any, error: ApiError) -> ReceivedPush:
        message = body.get("message") if isinstance(body, dict) else None
        return replace(self._push(project, message, "REFUSED"), error=error.message)


def tray(pushes: Iterable[ReceivedPush]) -> list[Shown]:
    """
    Lay out one device's pushes, given oldest first, as its tray: newest first.

    A push replaces the one with the same key and moves to the top.
    """
    notifications: dict[str, Shown] = {}
    for push in pushes:
        new = shown(push) if push.delivered else None
        if new is None:
            continue
        place = new.replace_key or push.id
        old = notifications.pop(place, None)
        notifications[place] = replace(new, replaced=old.replaced + 1) if old else new
    return list(reversed(notifications.values()))


def _read_json(raw: bytes) -> Any:
    try:
        body = json.loads(raw, parse_constant=_refuse_constant)
        json.dumps(body, ensure_ascii=False).encode()  # Lone surrogates are no Unicode.
        _check_depth(body)
    except (ValueError, RecursionError) as error:
        reason = "Invalid JSON payload received. Unexpected token."
        raise not_the_schema(Violation("", reason)) from error
    return body


def _check_depth(body: Any) -> None:
    level = [body]
    for _ in range(_DEPTH_LIMIT):
        level = [
            entry
            for value in level
            if isinstance(value, dict | list)
            for entry in (value.values() if isinstance(value, dict) else value)
        ]
    if level:
        raise ValueError("The JSON is nested too deeply.")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _read_request(body: Any) -> dict[str, Any]:
    """
    Check a request against the schema and the rules, and return it with snake_case names.

    Raises:
        ApiError: 400.
    """
    if not isinstance(body, dict):
        reason = 'Invalid JSON payload received. Unknown name "": Root element must be a message.'
        raise not_the_schema(Violation("", reason))
    violations: list[Violation] = []
    fields: dict[str, Any] = SEND_MESSAGE_REQUEST(body, "", violations)
    if violations:
        raise not_the_schema(*violations)
    check_message(fields.setdefault("message", {}))
    return fields
