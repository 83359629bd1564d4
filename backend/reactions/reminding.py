"""
The timer of a task's reminders: one for all of them, at the next instant.

It stands between those that were told, and those that were not. A late one is still before the
others, so it is told first, and an edit in between does not pass it over.
"""

from dataclasses import replace
from datetime import UTC, datetime

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Stored, Write
from backend.kit.ids import derived_id
from backend.reactions.difference import responsible
from backend.reactions.documents import event_path
from backend.reactions.model import Event, EventType, SetTimer
from backend.reactions.reaction import Reaction
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import Task, TaskRef
from backend.tasks.reminding import Moment, first_after, moments
from backend.tasks.timers import task_timer_id
from backend.timers.documents import is_due, setting_anew, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import TimerKind
from backend.timers.service import TimerService

log = structlog.get_logger()


def moving_reminders(store: Store, old: Task | None, task: Task) -> SetTimer | None:
    """
    Return how the timer of a task's reminders moves by a change; None: it stays as it is.

    `task` is as it was put right, with `rev` and `updated_at` of the edit. A reminder whose instant
    had passed when it was set is not told: who set it has just looked at the task. One that fell
    due before the edit, and is only late, is.
    """
    before, after = moments(old) if old else frozenset(), moments(task)
    if before == after:
        return None
    edited_at, kept = task.updated_at, before & after
    upcoming = [first_after(after - before, _set_after(old, task)), first_after(kept, edited_at)]
    next_at = min((at for at in upcoming if at is not None), default=None)
    if next_at is None and first_after(before, edited_at) is None:
        return None
    passed = max((each.at for each in kept if each.at <= edited_at), default=None)
    fire_at = _fire_at(store, task) if passed is not None else None
    if passed is not None and fire_at is not None and fire_at <= min(passed, next_at or passed):
        return None  # It is late. Its alarm tells, and goes on from the task as it is then.
    return SetTimer(TimerKind.REMINDER, next_at)


def _set_after(old: Task | None, task: Task) -> datetime:
    """Return an instant before which no reminder was set that `old` does not have."""
    # What nobody has seen before may come from elsewhere, where what has passed was told already.
    if old is None or task.rev == old.rev + 1:
        return task.updated_at
    # Of several changes nobody knows which it was. Better told late than never.
    return old.updated_at


def _fire_at(store: Store, task: Task) -> datetime | None:
    stored = store.get(timer_path(task_timer_id(TimerKind.REMINDER, task.ref)))
    return timer_of(stored).fire_at if stored is not None else None


class Reminding:
    """Leaves an event for whom a task's reminders are for, at each instant, and goes on."""

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def fire(self, alarm: Alarm) -> None:
        """
        Record what has fallen due since the timer's instant; set the timer to what comes next.

        An event is created under the id that follows from instant and person, once for all time:
        where a commit fails, what is there already is left out of the next.
        """
        now = self._clock.now()
        ref = TaskRef(alarm.id_of("workspaceId"), alarm.id_of("taskId"))
        has_failed = False

        def plan() -> tuple[tuple[Reaction, int], list[Write]]:
            nonlocal has_failed
            timer, stored = self._store.get_all([timer_path(alarm.timer_id), task_path(ref)])
            reaction = Reaction()
            if timer is None or not is_due(timer, alarm, now):
                return (reaction, 0), []
            task = task_of(stored) if stored else None
            events = _events(task, since=timer_of(timer).fire_at, until=now) if task else []
            if has_failed:
                events = self._untold(events)
            has_failed = True
            for event in events:
                reaction.tell(event, now, once=True)
            self._go_on(timer, task, reaction, now)
            return (reaction, sum(len(event.audience) for event in events)), reaction.writes

        reaction, told = self._store.commit(plan)
        self._timers.announce(reaction.timers, now=now)
        if told:
            log.info("task.reminded", task_id=ref.task_id, people=told)

    def _untold(self, events: list[Event]) -> list[Event]:
        paths = [event_path(event.workspace_id, event.id) for event in events]
        found = self._store.get_all(paths) if paths else []
        return [event for event, stored in zip(events, found, strict=True) if stored is None]

    def _go_on(self, timer: Stored, task: Task | None, reaction: Reaction, now: datetime) -> None:
        next_at = first_after(moments(task), now) if task else None
        if next_at is None:
            reaction.writes.append(Remove(timer))
            return
        again = replace(timer_of(timer), fire_at=next_at, attempts=0)
        reaction.writes.append(setting_anew(timer, again, now=now))
        reaction.timers.append(again)


def _events(task: Task, *, since: datetime, until: datetime) -> list[Event]:
    found = sorted(
        (each for each in moments(task) if since <= each.at <= until),
        key=lambda each: (each.at, each.uid or ""),
    )
    events = [_event(task, each, _audience(task, each, found)) for each in found]
    return [event for event in events if event.audience]


def _audience(task: Task, moment: Moment, found: list[Moment]) -> set[str]:
    if moment.uid is not None:
        return {moment.uid}
    # Who has a reminder of their own at this instant hears of that one.
    own = {each.uid for each in found if each.at == moment.at}
    return {uid for uid in responsible(task) if uid not in own}


def _event(task: Task, moment: Moment, audience: set[str]) -> Event:
    return Event(
        type=EventType.REMINDED,
        workspace_id=task.workspace_id,
        task_id=task.id,
        actor_uid=SYSTEM_UID,
        audience=tuple(sorted(audience)),
        rev=task.rev,
        at=moment.at,
        cause=_cause(moment),
    )


def _cause(moment: Moment) -> str:
    instant = moment.at.astimezone(UTC).isoformat()
    # Not the uid itself: nobody finds it here when the person leaves for good.
    return instant if moment.uid is None else f"{instant}/{derived_id(moment.uid)}"
