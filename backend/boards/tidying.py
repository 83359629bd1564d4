"""Putting the done tasks of a list into the archive."""

from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.boards.documents import group_path
from backend.boards.model import GroupRef, SortedOut
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Query, Stored, Where, Write
from backend.kit.errors import hidden
from backend.kit.ids import checked, random_id
from backend.operations.model import Operation, OperationKind
from backend.operations.running import Step
from backend.operations.service import starting
from backend.tasks.documents import changing, task_of, tasks_path
from backend.tasks.draft import Draft
from backend.tasks.model import Status
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.undo.keeping import Records
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers
from backend.workspaces.model import Member
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()

AT_ONCE = 100  # Tasks: more are archived by an operation.


class Tidying:
    """Clears lists of what is done."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        workspaces: WorkspaceService,
        timers: TimerService,
        offers: UndoOffers,
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces
        self._timers = timers
        self._offers = offers

    def archive_done(self, actor: Actor, ref: GroupRef) -> Done[SortedOut]:
        """
        Put the tasks of a list that are done into the archive; more than `AT_ONCE` at length.

        Raises:
            NotFound: there is no such list, or the caller may not see it.
            PermissionDenied: the caller may see it, but not change its tasks.
            Aborted: others kept changing its tasks.
        """
        now = self._clock.now()
        member = self._workspaces.admit(actor, ref.workspace_id, to=Right.CHANGE_TASK)
        ref = ref._replace(id=checked(ref.id))
        operation_id = random_id()
        tried: Done[SortedOut] | None = None

        def plan() -> tuple[tuple[Done[SortedOut], Outbox], list[Write]]:
            nonlocal tried
            if self._store.get(group_path(ref)) is None:
                raise hidden()
            found = _done_tasks(self._store, ref.workspace_id, ref.id, AT_ONCE + 1)
            if len(found) > AT_ONCE:
                token = self._offers.of_operation(actor, operation_id, now=now)
                outbox = starting(_begun(operation_id, actor, ref, now), now)
                return (Done(SortedOut(0, operation_id), token), outbox), outbox.writes
            if not found:  # Perhaps only the answer of our own commit was lost.
                return (tried or Done(SortedOut(0), None), Outbox()), []
            tried, writes = self._at_once(actor, member, found, now)
            return (tried, Outbox()), writes

        done, outbox = self._store.commit(plan)
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        if done.undo is not None:
            self._store.afterwards(lambda: log.info("list.tidied", group_id=ref.id))
        return done

    def _at_once(
        self, actor: Actor, member: Member, found: list[Stored], now: datetime
    ) -> tuple[Done[SortedOut], list[Write]]:
        draft = Draft(self._store, member, now)
        draft.know(found)
        for stored in found:
            draft.put(draft.any_task(stored.id).archived(by=actor.uid, at=now))
        offered = self._offers.offer(actor, draft.touched(), now=now)
        return Done(SortedOut(len(found)), offered.token), [*draft.writes(), *offered.writes]


class DoneTidying:
    """The work of archiving many done tasks: so many at a time, until none is left."""

    def __init__(self, store: Store, clock: Clock, offers: UndoOffers) -> None:
        self._store = store
        self._clock = clock
        self._offers = offers
        self._records = Records(store)

    def step(self, operation: Operation) -> Step:
        """Archive some of the tasks; the reactor writes their history."""
        now, cursor = self._clock.now(), operation.cursor
        found = _done_tasks(self._store, cursor["workspaceId"], cursor["id"], AT_ONCE)
        if not found:
            return Step(operation.finished({"tasks": operation.done}, at=now))
        writes = [
            changing(stored, task_of(stored).archived(by=operation.uid, at=now)) for stored in found
        ]
        touched = [Touched.changed(write.of, write.fields) for write in writes]
        number = int(cursor["step"]) + 1
        recording = self._offers.recording(
            operation.uid, operation.id, touched, now=now, step=number
        )
        after = operation.progressed(
            done=operation.done + len(found), at=now, cursor={**cursor, "step": number}
        )
        return Step(after, Outbox([*writes, *recording]))

    def tidy(self, uid: str, operation_id: str) -> bool:  # noqa: ARG002 - every work's signature.
        """Delete the records of what it did; False: there are more."""
        return self._records.tidy(operation_id)


def _done_tasks(store: Store, workspace_id: str, list_id: str, limit: int) -> list[Stored]:
    where = (
        Where("listId", "==", list_id),
        Where("status", "==", Status.DONE.value),
        Where("deletedAt", "==", None),
        Where("archivedAt", "==", None),
    )
    return store.find(Query(tasks_path(workspace_id), limit, where=where))


def _begun(operation_id: str, actor: Actor, ref: GroupRef, now: datetime) -> Operation:
    cursor = {"workspaceId": ref.workspace_id, "id": ref.id, "step": 0}
    return Operation.started(
        operation_id, OperationKind.ARCHIVE_DONE, uid=actor.uid, at=now, cursor=cursor
    )
