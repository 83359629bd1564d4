"""React to a task: commit all that follows from its last change, once."""

from dataclasses import replace
from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Remove, Stored, Write
from backend.kit.errors import DataLoss
from backend.reactions.chronicle import unrecorded
from backend.reactions.counting import counting, without_absent
from backend.reactions.difference import difference
from backend.reactions.documents import shadow_fields, shadow_path, shadowed_task
from backend.reactions.kin import Family, counting_kin
from backend.reactions.model import (
    Consequence,
    Count,
    EventType,
    Happened,
    SetTimer,
    TurnSeries,
)
from backend.reactions.reaction import Reaction, event_about
from backend.reactions.recall import untold_completion
from backend.reactions.reminding import moving_reminders
from backend.reactions.totals import adding
from backend.reactions.zones import Zones
from backend.recurrence.turning import Turning
from backend.search.entries import comments_move, of_task
from backend.tasks.documents import changing, says, task_of, task_path
from backend.tasks.history import history_path, remembering
from backend.tasks.model import Task, TaskRef
from backend.timers.model import TimerKind
from backend.timers.service import TimerService

log = structlog.get_logger()

# Changes through the API, faster than reactions, that are looked behind for one of an app.
MOST_UNDONE = 50


class Reactor:
    """
    Turns a change, whoever made it, into its consequences.

    The doorbell carries no meaning: the reactor reads the task and its shadow, which holds what it
    last reacted to, and commits every consequence with the new shadow. The shadow is the guard:
    of two reactors, one loses the race, looks again and finds nothing left to do.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService, series: Turning) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._series = series
        self._family = Family(store)
        self._zones = Zones(store)

    def react(self, ref: TaskRef) -> bool:
        """
        Commit what follows from the task's state; False if nothing was left to do.

        A document that no one can make sense of is reported and passed over: it must not keep the
        queue busy, nor the sweep from the tasks behind it.
        """
        now = self._clock.now()
        has_failed = False

        def plan() -> tuple[Reaction, list[Write]]:
            nonlocal has_failed
            stored, shadow = self._store.get_all([task_path(ref), shadow_path(ref)])
            reaction = Reaction()
            if stored is not None:
                reaction = self._look(stored, shadow, now, careful=has_failed)
            if has_failed:  # Perhaps since what should count the task is gone.
                reaction.writes = without_absent(self._store, reaction.writes)
            has_failed = True
            return reaction, reaction.writes

        try:
            reaction = self._store.commit(plan)
        except DataLoss as error:
            log.exception("task.unreadable", task_id=ref.task_id, detail=error.detail)
            return False
        self._timers.announce(reaction.timers, now=now)
        if reaction.writes:
            log.info("task.reacted", task_id=ref.task_id, writes=len(reaction.writes))
        return bool(reaction.writes)

    def look(self, stored: Stored) -> bool:
        """As `react`, for whoever has just found the task."""
        return self.react(TaskRef(stored.parent_id, stored.id))

    def _look(
        self, stored: Stored, shadow: Stored | None, now: datetime, *, careful: bool
    ) -> Reaction:
        written = task_of(stored)
        old = shadowed_task(shadow) if shadow else None
        if old is not None and written.rev <= old.rev:
            return Reaction()
        # A correction completes somebody's edit, so it stays theirs. What was passed over in
        # reading, since the rules could not refuse it, goes the same way.
        passed_over = not says(stored, written)
        kin = self._family.around(old, written)
        placed = self._zones.following(old, self._family.put_right(old, written, kin))
        has_moved = (placed.parent_id, placed.due) != (written.parent_id, written.due)
        anyway = passed_over or has_moved
        task = placed.corrected(by=written.updated_by, at=now, anyway=anyway)
        reaction = Reaction()
        if task is not written:
            reaction.writes.append(changing(stored, task))
        untold = untold_completion(self._store, old, task)
        if untold is not None:
            reaction.writes.append(Remove(untold))
        for consequence in difference(old, task):
            self._add(reaction, consequence, task, now, tells=untold is None, careful=careful)
        self._move_reminders(reaction, old, written, task, now)
        reaction.writes += counting(old, task)
        reaction.writes += counting_kin(old, task, kin)
        for timer in self._family.follow(old, written, task, kin, at=now):
            reaction.set(timer, now)
        reaction.writes += of_task(old, task)
        if comments_move(old, task):
            reaction.schedule(TimerKind.COMMENT_ENTRIES, task.ref, now, now)
        reaction.writes += self._recording(old, written, task)
        reaction.writes.append(_shadowing(shadow, task))
        return reaction

    def _move_reminders(
        self, reaction: Reaction, old: Task | None, written: Task, task: Task, now: datetime
    ) -> None:
        as_edited = replace(task, rev=written.rev, updated_at=written.updated_at)
        moved = moving_reminders(self._store, old, as_edited)
        if moved is not None:
            reaction.schedule(moved.kind, task.ref, moved.fire_at, now)

    def _recording(self, old: Task | None, written: Task, task: Task) -> list[Write]:
        """Return the writes of what the history does not hold yet: what apps wrote themselves."""
        if old is None:  # Who takes its creation back sees that nobody has changed the due date.
            return [remembering(written, task)] if task.due != written.due else []
        mark = written.recorded
        if mark is None or mark.upto <= old.rev:
            return [remembering(old, task)]
        writes: list[Write] = []
        if mark.since > old.rev or mark.upto < written.rev:
            writes += unrecorded(old, written, self._entries(old, written))
        if task.rev > written.rev:
            writes.append(remembering(written, task))
        return writes

    def _entries(self, old: Task, task: Task) -> list[Stored]:
        """Return what the history holds already of the changes since `old`."""
        revs = range(task.rev, max(old.rev, task.rev - MOST_UNDONE), -1)
        found = self._store.get_all([history_path(task.ref, rev) for rev in revs])
        return [stored for stored in found if stored is not None]

    def _add(
        self,
        reaction: Reaction,
        consequence: Consequence,
        task: Task,
        now: datetime,
        *,
        tells: bool,
        careful: bool,
    ) -> None:
        match consequence:
            case Happened(EventType.STATUS_CHANGED as event_type) if not tells:
                reaction.tell(event_about(event_type, (), task), now)
            case Happened(event_type, audience, cause):
                reaction.tell(event_about(event_type, audience, task, cause), now)
            case Count(by):
                reaction.writes += adding(task.workspace_id, by)
            case SetTimer(kind, fire_at):
                reaction.schedule(kind, task.ref, fire_at, now)
            case TurnSeries(reopened):
                reaction.add(self._series.turning(task, now=now, careful=careful))
                if reopened:
                    reaction.schedule(TimerKind.WITHDRAWAL, task.ref, now, now)


def _shadowing(shadow: Stored | None, task: Task) -> Write:
    if shadow is None:
        return Create(shadow_path(task.ref), shadow_fields(task))
    return Change(shadow, shadow_fields(task))
