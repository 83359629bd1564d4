"""The job of a task with subtasks: what is right below it follows where it goes."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import Stored, Where, Write
from backend.kit.errors import DataLoss
from backend.kit.ids import derived_id
from backend.reactions.ancestry import chain_of
from backend.reactions.paging import going_on, page_of, stands
from backend.tasks.documents import changing, task_of, task_path
from backend.tasks.model import MAX_DEPTH, Task, TaskRef
from backend.tasks.timers import task_timer
from backend.timers.documents import timer_path
from backend.timers.firing import Alarm
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

PAGE = 100
STAMP = "%Y%m%dT%H%M%S%f"
TOP: tuple[str, ...] = ()


def tree_timer(ref: TaskRef, *, at: datetime, back: datetime | None = None) -> Timer:
    """
    Return the timer that lets the subtasks of a task follow it.

    `back` is when it had been deleted, where it has just come back: what went with it comes, too.
    """
    timer = task_timer(TimerKind.TREE, ref, at)
    if back is None:
        return timer
    stamp = back.astimezone(UTC).strftime(STAMP)
    timer_id = derived_id(TimerKind.TREE.value, *ref, stamp)
    return replace(timer, id=timer_id, subject={**timer.subject, "back": stamp})


class Growth:
    """
    Lets the subtasks right below a task follow it: page by page, each page one commit.

    Only what is right below: a subtask that changes has a timer of its own, and so on, level by
    level. Each page looks at the documents as they are, subtasks first and then the task, so that
    a job that runs twice, late or beside another changes nothing, and one that was killed goes on
    where its timer says. `ancestorIds` and `depth` follow without a new revision: nobody's edit is
    in their way. A subtask that goes to the trash, comes back or comes to the top has a new one.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def fire(self, alarm: Alarm) -> None:
        """Put one page of subtasks right; where there may be more, the timer goes on."""
        now = self._clock.now()
        ref = TaskRef(alarm.id_of("workspaceId"), alarm.id_of("taskId"))

        def plan() -> tuple[_Page, list[Write]]:
            page = self._look(alarm, ref, now)
            return page, page.outbox.writes

        page = self._store.commit(plan)
        self._timers.announce(page.outbox.timers, now=now)
        if page.changed:
            log.info("task.subtasks_followed", task_id=ref.task_id, writes=page.changed)

    def _look(self, alarm: Alarm, ref: TaskRef, now: datetime) -> "_Page":
        # In this order: the guards then stand for a state no newer than that of the task.
        found = self._store.find(page_of(alarm, _subtasks(ref, alarm), limit=PAGE))
        timer, stored = self._store.get_all([timer_path(alarm.timer_id), task_path(ref)])
        page = _Page()
        if timer is None or not stands(timer, alarm, now):
            return page
        parent = task_of(stored) if stored is not None else None
        chain = self._chain(parent, found)
        for child in found:
            page.follow(child, parent, chain, alarm, now)
        page.outbox.writes.append(going_on(timer, found, page.outbox, now, limit=PAGE))
        return page

    def _chain(self, parent: Task | None, found: list[Stored]) -> tuple[str, ...]:
        if parent is None or not found:
            return TOP
        chain = (*parent.ancestor_ids, parent.id)
        # Before anything is cut off, what is stored is not believed.
        return chain if len(chain) <= MAX_DEPTH else chain_of(self._store, parent)


@dataclass(slots=True)
class _Page:
    outbox: Outbox = field(default_factory=Outbox)
    changed: int = 0

    def follow(
        self,
        stored: Stored,
        parent: Task | None,
        chain: tuple[str, ...],
        alarm: Alarm,
        now: datetime,
    ) -> None:
        try:
            task = task_of(stored)
        except DataLoss:  # Nobody can read it, so nobody sees it where it does not belong.
            return
        after = _following(task, parent, chain, alarm.subject.get("back"), now)
        if after is task:
            return
        self.changed += 1
        self.outbox.writes.append(changing(stored, after))
        # One with a new revision has a reaction of its own, which sees to this.
        if after.rev == task.rev:
            self.outbox.set(tree_timer(task.ref, at=now), now)


def _following(
    task: Task, parent: Task | None, chain: tuple[str, ...], back: str | None, now: datetime
) -> Task:
    if back is not None and parent is not None:
        return _returning(task, parent, now)
    if parent is None or len(chain) > MAX_DEPTH:
        freed = replace(task, parent_id=None, ancestor_ids=TOP, depth=0)
        return freed.corrected(by=SYSTEM_UID, at=now, anyway=True)
    if parent.deleted_at is not None and task.deleted_at is None:
        gone = replace(task.deleted(by=parent.updated_by, at=now), deleted_at=parent.deleted_at)
        return replace(gone, ancestor_ids=chain, depth=len(chain))
    if task.ancestor_ids == chain and task.depth == len(chain):
        return task
    return replace(task, ancestor_ids=chain, depth=len(chain))


def _returning(task: Task, parent: Task, now: datetime) -> Task:
    if parent.deleted_at is None:
        return task.restored(by=parent.updated_by, at=now)
    if parent.deleted_at == task.deleted_at:
        return task
    # It came back and went again: what went with it the first time has been with it all along.
    along = replace(task, deleted_at=parent.deleted_at)
    return along.corrected(by=parent.updated_by, at=now, anyway=True)


def _subtasks(ref: TaskRef, alarm: Alarm) -> list[Where]:
    where = [Where("parentId", "==", ref.task_id)]
    if "back" in alarm.subject:
        gone_at = datetime.strptime(alarm.id_of("back"), STAMP).replace(tzinfo=UTC)
        where.append(Where("deletedAt", "==", gone_at))
    return where
