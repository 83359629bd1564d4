"""Deleting projects, boards, lists and labels: what refers to them stays, without them."""

from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.boards.documents import changing, group_of, group_path
from backend.boards.model import Group, GroupKind, GroupRef, SortedOut
from backend.boards.references import (
    Loosened,
    Referring,
    add_groups,
    loosening,
    referring_to,
    without,
)
from backend.boards.rights import right
from backend.boards.timers import group_timer
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Stored, Write
from backend.kit.errors import DataLoss, hidden
from backend.kit.ids import checked, random_id
from backend.operations.model import Operation, OperationKind
from backend.operations.running import Step
from backend.operations.service import starting
from backend.search.places import keeping_places
from backend.tasks.draft import Draft
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.undo.keeping import Records
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers
from backend.workspaces.model import Member
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()

AT_ONCE = 100  # Tasks, and groups that belong to it: more are taken off by an operation.


class Removing:
    """Deletes groups for those who may."""

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

    def delete(
        self, actor: Actor, ref: GroupRef, *, expected_rev: int | None = None
    ) -> Done[SortedOut]:
        """
        Delete a group, and take it off its tasks; the lists of a board go with it.

        Up to `AT_ONCE` tasks in the same commit. Where there are more it goes into the archive
        now, and an operation takes it off its tasks and deletes it at the end.

        Raises:
            NotFound: there is none, or the caller may not see it.
            PermissionDenied: the caller may see it, but not delete it.
            Stale: it is no longer at `expected_rev`.
            Aborted: others kept changing its tasks.
        """
        now = self._clock.now()
        member = self._workspaces.admit(actor, ref.workspace_id, to=right(ref.kind, "delete"))
        ref = ref._replace(id=checked(ref.id))
        operation_id = random_id()
        tried: tuple[Done[SortedOut], Outbox] | None = None

        def plan() -> tuple[tuple[Done[SortedOut], Outbox], list[Write]]:
            nonlocal tried
            stored = self._store.get(group_path(ref))
            if stored is None:
                if tried is not None:
                    return tried, []  # Our own commit took place; only its answer was lost.
                raise hidden()
            group = group_of(stored).edited({}, by=actor.uid, at=now, expected_rev=expected_rev)
            found = referring_to(self._store, ref, limit=AT_ONCE + 1)
            if found.most > AT_ONCE:
                begun = _begun(operation_id, actor, ref, now)
                return self._begin(actor, begun, stored, group, now)
            tried = self._at_once(actor, member, stored, ref, found, now)
            return tried, tried[1].writes

        done, outbox = self._store.commit(plan)
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        kind = ref.kind.value
        self._store.afterwards(lambda: log.info("group.deleted", kind=kind, group_id=ref.id))
        return done

    def _at_once(
        self,
        actor: Actor,
        member: Member,
        stored: Stored,
        ref: GroupRef,
        found: Referring,
        now: datetime,
    ) -> tuple[Done[SortedOut], Outbox]:
        loosened = Loosened([Remove(stored)], [Touched.removed(stored)])
        add_groups(loosened, found.groups, by=actor.uid, at=now)
        draft, unreadable = Draft(self._store, member, now), Referring()
        draft.know(found.tasks)
        for each in found.tasks:
            try:
                task = draft.any_task(each.id)
            except DataLoss:
                unreadable.tasks.append(each)
                continue
            draft.put(task.edited(without(ref, task), by=actor.uid, at=now))
        bare = loosening(unreadable, ref, by=actor.uid, at=now)
        touched = [*loosened.touched, *draft.touched()]
        offered = self._offers.offer(actor, touched, now=now)
        entries = keeping_places(loosened.writes)
        outbox = Outbox(
            [*loosened.writes, *entries, *draft.writes(), *bare.writes, *offered.writes]
        )
        outbox.set(group_timer(ref, by=actor.uid, at=now), now)
        return Done(SortedOut(len(found.tasks)), offered.token), outbox

    def _begin(
        self, actor: Actor, begun: Operation, stored: Stored, group: Group, now: datetime
    ) -> tuple[tuple[Done[SortedOut], Outbox], list[Write]]:
        token = self._offers.of_operation(actor, begun.id, now=now)
        done = Done(SortedOut(0, begun.id), token)
        outbox = starting(begun, now)
        # Out of sight at once; labels know no archive.
        is_shelved = group.kind is not GroupKind.LABEL
        away = group.archived(by=actor.uid, at=now) if is_shelved else group
        if away is not group:
            write = changing(stored, away)
            touched = [Touched.changed(stored, write.fields)]
            outbox.writes += [
                write,
                *keeping_places([write]),
                *self._offers.recording(actor.uid, begun.id, touched, now=now),
            ]
        return (done, outbox), outbox.writes


class GroupRemoval:
    """The work of deleting a group that many refer to: so many at a time, the group itself last."""

    def __init__(self, store: Store, clock: Clock, offers: UndoOffers) -> None:
        self._store = store
        self._clock = clock
        self._offers = offers
        self._records = Records(store)

    def step(self, operation: Operation) -> Step:
        """Take the group off some of what refers to it; delete it once nothing does."""
        now = self._clock.now()
        ref = _ref_of(operation)
        found = referring_to(self._store, ref, limit=AT_ONCE)
        loosened = loosening(found, ref, by=operation.uid, at=now)
        outbox = Outbox()
        number = int(operation.cursor["step"]) + 1
        after = operation.progressed(
            done=operation.done + len(found.tasks),
            at=now,
            cursor={**operation.cursor, "step": number},
        )
        if not found.most:
            after = operation.finished({"tasks": operation.done}, at=now)
            stored = self._store.get(group_path(ref))
            if stored is not None:
                loosened = Loosened([Remove(stored)], [Touched.removed(stored)])
            outbox.set(group_timer(ref, by=operation.uid, at=now), now)
        outbox.writes += [
            *loosened.writes,
            *keeping_places(loosened.writes),
            *self._offers.recording(
                operation.uid, operation.id, loosened.touched, now=now, step=number
            ),
        ]
        return Step(after, outbox)

    def tidy(self, uid: str, operation_id: str) -> bool:  # noqa: ARG002 - every work's signature.
        """Delete the records of what it did; False: there are more."""
        return self._records.tidy(operation_id)


def _begun(operation_id: str, actor: Actor, ref: GroupRef, now: datetime) -> Operation:
    cursor = {"workspaceId": ref.workspace_id, "kind": ref.kind.value, "id": ref.id, "step": 0}
    return Operation.started(
        operation_id, OperationKind.DELETE_GROUP, uid=actor.uid, at=now, cursor=cursor
    )


def _ref_of(operation: Operation) -> GroupRef:
    cursor = operation.cursor
    return GroupRef(cursor["workspaceId"], GroupKind(cursor["kind"]), cursor["id"])
