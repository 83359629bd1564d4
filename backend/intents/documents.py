"""Intents as documents."""

from datetime import datetime

import structlog

from backend.intents.model import Answer, Intent, IntentState
from backend.kit.documents import Change, Stored, reading
from backend.kit.errors import DataLoss

log = structlog.get_logger()


def intent_path(uid: str, intent_id: str) -> str:
    """Return where an intent lies."""
    return f"users/{uid}/intents/{intent_id}"


def intent_of(stored: Stored) -> Intent:
    """
    Read an intent from its document.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
        return Intent(
            uid=stored.parent_id,
            id=stored.id,
            command=fields["command"],
            args=fields["args"],
            state=IntentState(fields["state"]),
            created_at=fields["createdAt"],
            expire_at=fields["expireAt"],
        )


def answering(stored: Stored, answer: Answer, *, at: datetime) -> Change:
    """Return the write of an answer, provided that nobody else has answered."""
    fields = {
        "state": answer.state.value,
        "result": None if answer.result is None else dict(answer.result),
        "problem": None if answer.problem is None else dict(answer.problem),
        "finishedAt": at,
    }
    return Change(stored, fields)


def waiting_or_answered(stored: Stored | None, now: datetime) -> Intent | None:
    """Return an intent; None where there is none, its time is over, or nobody can read it."""
    if stored is None:
        return None
    try:
        intent = intent_of(stored)
    except DataLoss:
        log.exception("intent.unreadable")
        return None
    return intent if intent.expire_at > now else None
