"""Somebody is in another zone now: their due dates follow them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from backend.accounts.documents import account_path
from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import Query, Remove, Stored, Where, Write
from backend.reactions.service import Reactor
from backend.reactions.zones import person_of, zone_of
from backend.tasks.documents import changing, readable_task
from backend.tasks.model import Status, Task
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm

log = structlog.get_logger()

PAGE = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Longer than a reaction takes that has read the person's account before they changed it.
IN_FLIGHT = timedelta(minutes=10)
TO_DO = [Status.OPEN.value, Status.IN_PROGRESS.value]


class Rezoning:
    """
    Brings the open tasks of a person that are due wherever they are into the zone they have set.

    Reads what they should still do by some date, and nothing else. What follows from another due
    instant is left to the reactions. Killed anywhere, the next attempt finds what is done already.
    """

    def __init__(self, store: Store, clock: Clock, reactor: Reactor) -> None:
        self._store = store
        self._clock = clock
        self._reactor = reactor

    def fire(self, alarm: Alarm) -> None:
        """Go through the tasks of the person, page by page, a commit for each."""
        now = self._clock.now()
        uid = alarm.id_of("uid")
        timer, account = self._store.get_all([timer_path(alarm.timer_id), account_path(uid)])
        if timer is None or not is_due(timer, alarm, now):
            return
        tz = zone_of(account.fields) if account is not None else None
        moved = 0
        if tz is not None:
            for whose in _whose(uid):
                moved += self._follow(whose, uid, tz, now)
        self._store.attempt([Remove(timer)])
        if moved:
            log.info("account.rezoned", writes=moved)

    def _follow(self, whose: Where, uid: str, tz: str, now: datetime) -> int:
        moved = 0
        after: tuple[Any, ...] | None = None
        while True:
            found, count = self._turn_page(_page(whose, after), uid, tz, now)
            moved += count
            if len(found) < PAGE:
                return moved
            after = (found[-1].fields["dueAt"], found[-1].path)

    def _turn_page(
        self, query: Query, uid: str, tz: str, now: datetime
    ) -> tuple[Sequence[Stored], int]:
        def plan() -> tuple[tuple[list[Stored], list[Task], int], list[Write]]:
            found = self._store.find(query)
            writes: list[Write] = []
            doubtful = []
            for stored in found:
                task = readable_task(stored)
                if task is None or person_of(task) != uid or task.due is None:
                    continue
                there = task.rezoned(tz, by=SYSTEM_UID, at=now)
                if there is not task:
                    writes.append(changing(stored, there))
                elif task.due.travels and now - task.updated_at < IN_FLIGHT:
                    doubtful.append(task)
            return (found, doubtful, len(writes)), writes

        found, doubtful, moved = self._store.commit(plan)
        for task in doubtful:
            # A reaction on its way has perhaps read the old zone. It gives way to this one.
            self._reactor.react(task.ref)
        return found, moved


def _whose(uid: str) -> tuple[Where, Where]:
    """Return the conditions of which one holds for every task of a person."""
    return Where("assigneeIds", "array_contains", uid), Where("createdBy", "==", uid)


def _page(whose: Where, after: tuple[Any, ...] | None) -> Query:
    return Query(
        "tasks",
        limit=PAGE,
        where=(
            whose,
            Where("deletedAt", "==", None),
            Where("archivedAt", "==", None),
            Where("status", "in", TO_DO),
            Where("dueAt", ">", EPOCH),
        ),
        order_by=("dueAt",),
        group=True,
        after=after,
    )
