"""Marking everything as read, or putting all of it into the archive."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.inbox.marking import Marking
from backend.inbox.model import Cleared, is_snoozed
from backend.inbox.repository import outside_of_archive
from backend.inbox.undoing import left_by
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Fields, Stored, Write
from backend.kit.ids import random_id
from backend.notifications.documents import badge_path
from backend.operations.model import Operation, OperationKind
from backend.operations.running import Step
from backend.operations.service import starting
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.undo.keeping import Records
from backend.undo.model import Done
from backend.undo.offers import UndoOffers

log = structlog.get_logger()

AT_ONCE = 400  # Notifications: of more, an operation marks as many with each step.


class Clear(StrEnum):
    """What is done to all of them."""

    READ = "read"
    ARCHIVE = "archive"


class Clearing:
    """Marks all that is in an inbox, but for what its person has put off until later."""

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, offers: UndoOffers
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._offers = offers
        self._marking = Marking(store)

    def clear(self, actor: Actor, how: Clear, *, on_device: str | None = None) -> Done[Cleared]:
        """
        Mark all of the caller's notifications; more than `AT_ONCE` at length.

        `on_device` is the device that the caller holds in hand.

        Raises:
            Aborted: others kept changing them at the same time.
        """
        now, operation_id = self._clock.now(), random_id()
        tried: tuple[Done[Cleared], Outbox] | None = None

        def plan() -> tuple[tuple[Done[Cleared], Outbox], list[Write]]:
            nonlocal tried
            badge = self._store.get(badge_path(actor.uid))
            found = self._store.find(
                outside_of_archive(actor.uid, unread=how is Clear.READ, limit=AT_ONCE + 1)
            )
            if len(found) > AT_ONCE:
                token = self._offers.of_operation(actor, operation_id, now=now)
                outbox = starting(_begun(operation_id, actor, how, on_device, now), now)
                return (Done(Cleared(0, operation_id), token), outbox), outbox.writes
            meant = [each for each in found if not is_snoozed(each.fields, now)]
            if not meant:  # Perhaps only the answer of our own commit was lost.
                return tried or (Done(Cleared(0), None), Outbox()), []
            marks = _marks(how, now)
            outbox = self._marking.of_many(actor.uid, meant, marks, badge, now, on_device=on_device)
            left = [left_by(each, marks) for each in meant]
            offered = self._offers.offer(actor, left, now=now)
            tried = Done(Cleared(len(meant)), offered.token), outbox
            return tried, [*outbox.writes, *offered.writes]

        done, outbox = self._store.commit(plan)
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        if done.undo is not None:
            self._store.afterwards(lambda: log.info("inbox.cleared", kind=how.value))
        return done


class InboxClearing:
    """The work of marking many notifications: so many at a time, from the newest on."""

    def __init__(self, store: Store, clock: Clock, offers: UndoOffers) -> None:
        self._store = store
        self._clock = clock
        self._offers = offers
        self._records = Records(store)
        self._marking = Marking(store)

    def step(self, operation: Operation) -> Step:
        """Mark some of them; what was filed since the operation began is left alone."""
        now, cursor = self._clock.now(), operation.cursor
        how, uid = Clear(cursor["how"]), operation.uid
        badge = self._store.get(badge_path(uid))
        found = self._store.find(
            outside_of_archive(
                uid, unread=how is Clear.READ, limit=AT_ONCE, after=_place(uid, cursor)
            )
        )
        if not found:
            return Step(operation.finished({"notifications": operation.done}, at=now))
        meant = [each for each in found if not is_snoozed(each.fields, now)]
        outbox, number = self._marked(operation, meant, badge, now), int(cursor["step"]) + 1
        after = operation.progressed(
            done=operation.done + len(meant),
            at=now,
            cursor={
                **cursor,
                "step": number,
                "createdAt": found[-1].fields["createdAt"],
                "last": found[-1].id,
            },
        )
        return Step(after, outbox)

    def _marked(
        self, operation: Operation, meant: Sequence[Stored], badge: Stored | None, now: datetime
    ) -> Outbox:
        uid, cursor = operation.uid, operation.cursor
        marks = _marks(Clear(cursor["how"]), now)
        outbox = self._marking.of_many(
            uid, meant, marks, badge, now, on_device=cursor.get("onDevice")
        )
        outbox.writes += self._offers.recording(
            uid,
            operation.id,
            [left_by(each, marks) for each in meant],
            now=now,
            step=int(cursor["step"]),
        )
        return outbox

    def tidy(self, uid: str, operation_id: str) -> bool:  # noqa: ARG002 - every work's signature.
        """Delete the records of what it did; False: there are more."""
        return self._records.tidy(operation_id)


def _marks(how: Clear, now: datetime) -> Fields:
    return {"readAt": now} if how is Clear.READ else {"archivedAt": now}


def _place(uid: str, cursor: Fields) -> tuple[Any, ...]:
    # Everything newer than the beginning comes before it in the order of the list.
    return cursor["createdAt"], f"users/{uid}/notifications/{cursor['last']}"


def _begun(
    operation_id: str, actor: Actor, how: Clear, on_device: str | None, now: datetime
) -> Operation:
    # No id comes after this one, so that the first page holds what was created at this instant.
    cursor = {"how": how.value, "onDevice": on_device, "step": 0, "createdAt": now, "last": "~"}
    return Operation.started(
        operation_id, OperationKind.MARK_ALL, uid=actor.uid, at=now, cursor=cursor
    )
