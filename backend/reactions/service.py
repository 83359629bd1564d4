"""React to a task: commit all that follows from its last change, once."""

from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Adjust, Change, Create, Increment, Stored, Write
from backend.kit.errors import DataLoss
from backend.reactions.difference import difference
from backend.reactions.documents import shadow_fields, shadow_path, shadowed_task
from backend.reactions.model import (
    Consequence,
    Count,
    Event,
    EventType,
    Happened,
    SetTimer,
    TurnSeries,
)
from backend.reactions.reaction import Reaction
from backend.recurrence.service import SeriesService
from backend.tasks.documents import changing, says, task_of, task_path
from backend.tasks.history import before, history_path, remembering
from backend.tasks.model import Recorded, Task, TaskRef
from backend.timers.service import TimerService
from backend.workspaces.documents import workspace_path

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

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, series: SeriesService
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._series = series

    def react(self, ref: TaskRef) -> bool:
        """
        Commit what follows from the task's state; False if nothing was left to do.

        A document that no one can make sense of is reported and passed over: it must not keep the
        queue busy, nor the sweep from the tasks behind it.
        """
        now = self._clock.now()

        def plan() -> tuple[Reaction, list[Write]]:
            stored, shadow = self._store.get_all([task_path(ref), shadow_path(ref)])
            reaction = self._look(stored, shadow, now) if stored else Reaction()
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

    def _look(self, stored: Stored, shadow: Stored | None, now: datetime) -> Reaction:
        written = task_of(stored)
        old = shadowed_task(shadow) if shadow else None
        if old is not None and written.rev <= old.rev:
            return Reaction()
        # A correction completes somebody's edit, so it stays theirs. What was passed over in
        # reading, since the rules could not refuse it, goes the same way.
        passed_over = not says(stored, written)
        task = written.corrected(by=written.updated_by, at=now, anyway=passed_over)
        reaction = Reaction()
        if task is not written:
            reaction.writes.append(changing(stored, task))
        for consequence in difference(old, task):
            self._add(reaction, consequence, task, now)
        if old is not None:
            reaction.writes += self._recording(old, written, task)
        reaction.writes.append(_shadowing(shadow, task))
        return reaction

    def _recording(self, old: Task, written: Task, task: Task) -> list[Write]:
        """Return the writes of what the history does not hold yet: what apps wrote themselves."""
        mark = written.recorded
        if mark is None or mark.upto != written.rev:
            return [remembering(old, task)]
        writes: list[Write] = []
        if mark.since > old.rev:
            writes.append(remembering(old, self._before(written, mark)))
        if task is not written:
            writes.append(remembering(written, task))
        return writes

    def _before(self, task: Task, mark: Recorded) -> Task:
        """Return a task as it was before the changes that stand in its history already."""
        revs = range(task.rev, max(mark.since, task.rev - MOST_UNDONE), -1)
        found = self._store.get_all([history_path(task.ref, rev) for rev in revs])
        return before(task, [stored for stored in found if stored is not None])

    def _add(self, reaction: Reaction, consequence: Consequence, task: Task, now: datetime) -> None:
        match consequence:
            case Happened(event_type, audience):
                reaction.tell(_event(event_type, audience, task), now)
            case Count(by):
                counters = {counter: Increment(change) for counter, change in by.items()}
                path = workspace_path(task.workspace_id)
                reaction.writes.append(Adjust(path, {"counters": counters}))
            case SetTimer(kind, fire_at):
                reaction.schedule(kind, task.ref, fire_at, now)
            case TurnSeries(done):
                reaction.writes.extend(self._series.turning(task, done=done, now=now))


def _event(event_type: EventType, audience: tuple[str, ...], task: Task) -> Event:
    return Event(
        type=event_type,
        workspace_id=task.workspace_id,
        task_id=task.id,
        actor_uid=task.updated_by,
        audience=audience,
        rev=task.rev,
        at=task.updated_at,
        cause=str(task.rev),
    )


def _shadowing(shadow: Stored | None, task: Task) -> Write:
    if shadow is None:
        return Create(shadow_path(task.ref), shadow_fields(task))
    return Change(shadow, shadow_fields(task))
