"""The jobs of departures: no assignment is left behind, and a membership ends when it says so."""

from datetime import datetime, timedelta
from typing import Any

import structlog

from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import Change, Query, Remove, Stored, Where, Write
from backend.kit.errors import DataLoss
from backend.kit.pages import PageTokens
from backend.tasks.documents import changing as changing_task
from backend.tasks.documents import task_of, tasks_path
from backend.timers.documents import is_due, setting_anew, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import Timer
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.departures import Departures
from backend.workspaces.documents import member_of, member_path
from backend.workspaces.repository import Workspaces
from backend.workspaces.timers import FIRST, LAST, departure_timer, membership_end_timer

log = structlog.get_logger()

BATCH = 100  # Of either kind. The fewer a commit takes, the fewer others it can lose a race to.
ROUNDS = 20  # Then another job goes on: a job has its time, too.
# Longer than any process holds a membership: by then nobody can be assigned by an old one.
LAST_LOOK = timedelta(seconds=90)
PEOPLE = ("assigneeIds", "watcherIds")


class Departure:
    """
    After somebody left: they are assigned to nothing there any more, and watch nothing.

    A bounded number of tasks at a time, each commit guarded by the tasks it changes, until a
    search finds none. Killed anywhere, the next job goes on. It looks once more later: a task may
    have been assigned by a process that still held the membership.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        held: CachedDocuments,
        tokens: PageTokens,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._workspaces = Workspaces(store, held, tokens)
        self._departures = Departures(self._workspaces, store)

    def fire(self, alarm: Alarm) -> None:
        """Take away what the person had. Who is a member again by then keeps it."""
        for _ in range(ROUNDS):
            if not self._once(alarm):
                return
        self._go_on(alarm)

    def _once(self, alarm: Alarm) -> bool:
        now = self._clock.now()
        workspace_id, uid = alarm.id_of("workspaceId"), alarm.id_of("uid")

        def plan() -> tuple[tuple[Outbox, bool], list[Write]]:
            timer, stored = self._store.get_all(
                [timer_path(alarm.timer_id), member_path(workspace_id, uid)]
            )
            outbox = Outbox()
            if timer is None or not is_due(timer, alarm, now):
                return (outbox, False), []
            if stored is not None and member_of(stored).is_current(now):
                return (outbox, False), [Remove(timer)]
            spaces = self._workspaces.in_spaces(workspace_id, uid)
            touched.update(
                self._departures.leaving(spaces, by=alarm.id_of("byUid"), outbox=outbox, now=now)
            )
            tasks, is_more = self._tasks(workspace_id, uid)
            by = alarm.id_of("byUid")
            outbox.writes += [_without(uid, task, by=by, at=now) for task in tasks]
            if not is_more:
                self._finish(alarm, timer, outbox, now)
            return (outbox, is_more), outbox.writes

        with self._workspaces.changing() as touched:
            outbox, is_more = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)
        return is_more

    def _tasks(self, workspace_id: str, uid: str) -> tuple[list[Stored], bool]:
        found: dict[str, Stored] = {}
        is_more = False
        for field in PEOPLE:
            where = (Where(field, "array_contains", uid),)
            batch = self._store.find(Query(tasks_path(workspace_id), limit=BATCH, where=where))
            found |= {stored.path: stored for stored in batch}
            is_more |= len(batch) == BATCH
        return list(found.values()), is_more

    def _finish(self, alarm: Alarm, timer: Stored, outbox: Outbox, now: datetime) -> None:
        if alarm.id_of("look") == LAST:
            outbox.writes.append(Remove(timer))
            return
        ids = alarm.id_of("workspaceId"), alarm.id_of("uid")
        again = departure_timer(*ids, by=alarm.id_of("byUid"), at=now + LAST_LOOK, look=LAST)
        _set_anew(timer, again, outbox, now)

    def _go_on(self, alarm: Alarm) -> None:
        now = self._clock.now()

        def plan() -> tuple[Outbox, list[Write]]:
            stored = self._store.get(timer_path(alarm.timer_id))
            outbox = Outbox()
            if stored is None or not is_due(stored, alarm, now):
                return outbox, []
            again = departure_timer(
                alarm.id_of("workspaceId"),
                alarm.id_of("uid"),
                by=alarm.id_of("byUid"),
                at=now,
                look=stored.fields["subject"].get("look", FIRST),
                attempts=stored.fields["attempts"] + 1,
            )
            _set_anew(stored, again, outbox, now)
            return outbox, outbox.writes

        self._timers.announce(self._store.commit(plan).timers, now=now)
        log.info("departure.went_on", workspace_id=alarm.id_of("workspaceId"))


def _without(uid: str, stored: Stored, *, by: str, at: datetime) -> Change:
    """Return the write that takes somebody off a task, as a change of it like any other."""
    try:
        task = task_of(stored)
    except DataLoss:  # Nobody can read it, and still they must not stand in it.
        lists: dict[str, Any] = {name: stored.fields.get(name) for name in PEOPLE}
        return Change(
            stored,
            {
                name: [each for each in value if each != uid]
                for name, value in lists.items()
                if isinstance(value, list)
            },
        )
    changes = {
        "assignee_ids": tuple(each for each in task.assignee_ids if each != uid),
        "watcher_ids": tuple(each for each in task.watcher_ids if each != uid),
        "reminders": tuple(each for each in task.reminders if each.uid != uid),
    }
    return changing_task(stored, task.edited(changes, by=by, at=at))


class MembershipEnd:
    """A membership whose time is over: its document goes, and all that follows a departure."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        held: CachedDocuments,
        tokens: PageTokens,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._workspaces = Workspaces(store, held, tokens)
        self._departures = Departures(self._workspaces, store)

    def fire(self, alarm: Alarm) -> None:
        """End the membership if its time is over; where that was moved, the timer moves too."""
        now = self._clock.now()
        workspace_id, uid = alarm.id_of("workspaceId"), alarm.id_of("uid")

        def plan() -> tuple[Outbox, list[Write]]:
            timer, stored = self._store.get_all(
                [timer_path(alarm.timer_id), member_path(workspace_id, uid)]
            )
            outbox = Outbox()
            if timer is None or not is_due(timer, alarm, now):
                return outbox, []
            member = member_of(stored) if stored else None
            if stored is None or member is None or member.expire_at is None:
                return outbox, [Remove(timer)]
            if member.is_current(now):
                later = membership_end_timer(workspace_id, uid, at=member.expire_at)
                _set_anew(timer, later, outbox, now)
                return outbox, outbox.writes
            found = stored, member
            touched.update(self._departures.ending(found, by=SYSTEM_UID, outbox=outbox, now=now))
            return outbox, outbox.writes

        with self._workspaces.changing(workspace_id) as touched:
            outbox = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)
        if outbox.timers:
            log.info("membership.ended", workspace_id=workspace_id)


def _set_anew(stored: Stored, timer: Timer, outbox: Outbox, now: datetime) -> None:
    """Set a timer in place of one that was read: not of one that was set or withdrawn since."""
    outbox.writes.append(setting_anew(stored, timer, now=now))
    outbox.timers.append(timer)
