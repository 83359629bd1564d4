"""Moving a task, and all below it, to another workspace."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from backend.adapters.firestore import Store
from backend.guests.quota import GuestQuota, full
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Write
from backend.kit.errors import InvalidArgument
from backend.kit.ids import checked, random_id
from backend.operations.documents import operation_of, operation_path
from backend.operations.model import Operation, OperationKind
from backend.operations.service import starting
from backend.relocation.model import LEFT_BEHIND, MOST_TASKS, Arrival, Pair, Place
from backend.tasks.documents import creating, task_path
from backend.tasks.draft import Draft
from backend.tasks.duplicating import family_of
from backend.tasks.history import remembering
from backend.tasks.model import Task, TaskRef
from backend.tasks.people import people_on
from backend.timers.service import TimerService
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers
from backend.workspaces.model import Member
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()


class Relocation:
    """
    Moves tasks for those who may throw them away here and create them there.

    One commit makes the tasks there and puts these in the trash, so that whoever looks finds each
    in one of the two. What was said and attached follows by the operation that it begins.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        workspaces: WorkspaceService,
        quota: GuestQuota,
        offers: UndoOffers,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._workspaces = workspaces
        self._quota = quota
        self._offers = offers

    def move(
        self,
        actor: Actor,
        ref: TaskRef,
        workspace_id: str,
        *,
        expected_rev: int | None = None,
    ) -> Done[Operation]:
        """
        Move a task and all below it; return the operation that brings what belongs to them.

        Raises:
            NotFound: the caller does not see the task, or does not belong to the other workspace.
            PermissionDenied: they may not throw tasks away here, or create any there.
            Stale: the task is no longer at `expected_rev`.
            InvalidArgument: it is there already, or more than `MOST_TASKS` would move, or a guest
                has no room there (`limit-exceeded`).
            Aborted: others kept changing the same tasks.
        """
        now = self._clock.now()
        member = self._workspaces.admit(actor, ref.workspace_id, to=Right.TRASH_TASK)
        there = self._workspaces.admit(actor, workspace_id, to=Right.CREATE_TASK)
        if there.workspace_id == member.workspace_id:
            raise InvalidArgument("It is in this workspace already.", pointer="/workspaceId")
        room, operation_id = self._quota.room(actor, there.workspace_id), random_id()
        path = task_path(TaskRef(member.workspace_id, checked(ref.task_id)))
        is_again = False

        def plan() -> tuple[Operation, list[Write]]:
            nonlocal is_again
            if is_again and (stored := self._store.get(operation_path(operation_id))) is not None:
                return operation_of(stored), []  # Only the answer of our own commit was lost.
            is_again = True
            draft = Draft(self._store, member, now)
            draft.read([path])
            family = family_of(draft, draft.task(ref.task_id), most=MOST_TASKS)
            if room is not None and len(family) > room:
                raise full()
            arrival = self._arrival(operation_id, there, family)
            _leave(draft, family, arrival, expected_rev)
            return self._begun(draft, family, arrival, operation_id)

        begun = self._store.commit(plan)
        work = starting(begun, now).timers
        self._store.afterwards(lambda: self._timers.announce(work, now=now))
        self._store.afterwards(lambda: log.info("task.left", task_id=ref.task_id))
        return Done(begun, self._offers.of_operation(actor, begun.id, now=now))

    def _arrival(self, operation_id: str, there: Member, family: Sequence[Task]) -> Arrival:
        people = {uid for each in family for uid in people_on(each)}
        found = self._workspaces.current_members(there.workspace_id, sorted(people))
        return Arrival.of(operation_id, there.workspace_id, family, frozenset(found))

    def _begun(
        self, draft: Draft, family: Sequence[Task], arrival: Arrival, operation_id: str
    ) -> tuple[Operation, list[Write]]:
        arrived = [arrival.arrived(task, by=draft.by, at=draft.now) for task in family]
        begun = Operation.started(
            operation_id,
            OperationKind.MOVE_TASK,
            uid=draft.by,
            at=draft.now,
            total=len(family),
            cursor=_place(draft.workspace_id, arrival, family).cursor,
        )
        begun = replace(begun, result=_report(family, arrival))
        touched = [
            *(Touched.created(task_path(task.ref), task.rev) for task in arrived),
            *draft.bare_touched(),
        ]
        writes: list[Write] = [
            *draft.bare_writes(),
            *map(creating, arrived),
            *(
                remembering(arrival.as_there(old), new)
                for old, new in zip(family, arrived, strict=True)
            ),
            *starting(begun, draft.now).writes,
            *self._offers.recording(draft.by, operation_id, touched, now=draft.now),
        ]
        return begun, writes


def _leave(
    draft: Draft, family: Sequence[Task], arrival: Arrival, expected_rev: int | None
) -> None:
    for task in family:
        is_root = task is family[0]
        gone = arrival.left(
            task, by=draft.by, at=draft.now, expected_rev=expected_rev if is_root else None
        )
        draft.put(gone)


def _place(source: str, arrival: Arrival, family: Sequence[Task]) -> Place:
    pairs = tuple(Pair(task.id, arrival.ids[task.id], task.rev) for task in family)
    return Place(source, arrival.workspace_id, pairs)


def _report(family: Sequence[Task], arrival: Arrival) -> dict[str, object]:
    """Return what is known from the beginning: where it is, and what did not come along."""
    left = [name for name in LEFT_BEHIND if any(getattr(each, name) for each in family)]
    if any({*each.blocked_by} - {*arrival.ids} for each in family):
        left.append("blocked_by")
    return {
        "workspaceId": arrival.workspace_id,
        "taskId": arrival.ids[family[0].id],
        "tasks": len(family),
        "comments": 0,
        "attachments": 0,
        "history": 0,
        "people": sorted({uid for each in family for uid in arrival.lost(each)}),
        "leftBehind": [_camel(name) for name in left],
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
