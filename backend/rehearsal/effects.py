"""From what a rehearsal wrote to what it means: an effect is a document that came to be."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from backend.adapters.overlay import Kept
from backend.kit.documents import Stored
from backend.notifications.model import Category, Verdict
from backend.reactions.documents import event_of
from backend.reactions.model import EventType
from backend.recurrence.series import OccurrenceState
from backend.rehearsal.model import Effect, EffectKind

SEGMENT = "([^/]+)"
EVENTS = {
    EventType.DUE_SOON: EffectKind.DUE_SOON,
    EventType.OVERDUE: EffectKind.OVERDUE,
    EventType.REMINDED: EffectKind.REMINDER,
    EventType.ESCALATED: EffectKind.ESCALATION,
}
OPEN = OccurrenceState.OPEN.value


def effects_of(kept: Iterable[Kept], *, at: datetime) -> Iterator[Effect]:
    """Yield what happened at an instant, by the documents that were written then."""
    for each in kept:
        if each.after is None:
            continue
        for pattern, read in READERS:
            if pattern.fullmatch(each.after.path):
                yield from read(each.before, each.after, at)


def _event(before: Stored | None, after: Stored, at: datetime) -> Iterator[Effect]:
    event = event_of(after)
    if before is None and event.type in EVENTS:
        yield Effect(
            EVENTS[event.type],
            at,
            workspace_id=event.workspace_id,
            task_id=event.task_id,
            people=event.audience,
        )


def _occurrence(before: Stored | None, after: Stored, at: datetime) -> Iterator[Effect]:
    was_open = before is not None and before.fields["state"] == OPEN
    if after.fields["state"] == OPEN and not was_open:
        _, workspace_id, _, series_id, _, key = after.path.split("/")
        yield Effect(
            EffectKind.OCCURRENCE,
            at,
            workspace_id=workspace_id,
            task_id=after.fields["taskId"],
            series_id=series_id,
            occurrence_key=key,
        )


def _run(before: Stored | None, after: Stored, at: datetime) -> Iterator[Effect]:
    if before is None:
        yield Effect(
            EffectKind.JOB,
            at,
            workspace_id=after.fields.get("workspaceId"),
            job_id=after.parent_id,
        )


def _notification(before: Stored | None, after: Stored, at: datetime) -> Iterator[Effect]:
    if before is None or before.fields["count"] != after.fields["count"]:
        is_digest = after.fields["category"] == Category.DIGEST.value
        yield Effect(
            EffectKind.DIGEST if is_digest else EffectKind.NOTIFICATION,
            at,
            workspace_id=after.fields["workspaceId"],
            task_id=after.fields["taskId"],
            category=after.fields["category"],
            people=(after.parent_id,),
        )


def _decision(before: Stored | None, after: Stored, at: datetime) -> Iterator[Effect]:
    was_held = before is not None and before.fields["decision"] == Verdict.HELD.value
    if was_held and after.fields["decision"] == Verdict.PENDING.value:
        yield Effect(EffectKind.RELEASE, at, people=(after.path.split("/")[1],))


Reader = Callable[[Stored | None, Stored, datetime], Iterator[Effect]]

READERS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(pattern.replace("*", SEGMENT)), read)
    for pattern, read in (
        ("workspaces/*/events/*", _event),
        ("workspaces/*/series/*/occurrences/*", _occurrence),
        ("jobs/*/runs/*", _run),
        ("users/*/notifications/*", _notification),
        ("users/*/notifications/*/decisions/*", _decision),
    )
)
