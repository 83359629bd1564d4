"""What people do about guests: take over their work, and give it back."""

from collections.abc import Sequence

import structlog

from backend.accounts.documents import account_fields, account_of, account_path
from backend.accounts.model import MERGED
from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.guests.documents import merge_fields, merge_of, merge_path
from backend.guests.model import Merge, MergeState, undo_operation_id
from backend.guests.recovery import Recovery, merging
from backend.guests.timers import expiry_timer
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Stored, Write
from backend.kit.errors import FailedPrecondition, hidden
from backend.kit.ids import checked
from backend.operations.documents import operation_of, operation_path
from backend.operations.model import Operation
from backend.operations.service import starting
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.undo.model import Done
from backend.undo.offers import UndoOffers
from backend.workspaces.documents import member_fields, member_of, member_path

log = structlog.get_logger()


class GuestService:
    """
    Merges, and their undoing.

    A merge is claimed in one commit, which also ends the guest's use of their account: nobody else
    can claim it then, and nothing of it is visible in two places. The copying is an operation.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        recovery: Recovery,
        held: Sequence[CachedDocuments],
        offers: UndoOffers,
    ) -> None:
        """Take the caches that hold what somebody is called, and where they belong."""
        self._store = store
        self._clock = clock
        self._timers = timers
        self._recovery = recovery
        self._held = held
        self._offers = offers

    def merge(self, actor: Actor, guest_uid: str) -> Done[Operation]:
        """
        Begin to move a guest's work into the caller's personal workspace.

        Whoever calls has proved to be that guest, too. Asked again, it is the same merge.

        Raises:
            NotFound: there is no such guest, their time is over, or another account has them.
            FailedPrecondition: the merge is just being undone.
        """
        now = self._clock.now()
        operation = merging(guest_uid, actor.uid, now)

        def plan() -> tuple[tuple[Operation, Outbox], list[Write]]:
            stored, merged, member = self._store.get_all(
                [account_path(guest_uid), merge_path(guest_uid), member_path(guest_uid, guest_uid)]
            )
            if merged is not None:
                return (self._standing(actor, merge_of(merged)), Outbox()), []
            outbox = self._claiming(actor, stored, member, operation)
            return (operation, outbox), outbox.writes

        try:
            found, outbox = self._store.commit(plan)
        finally:
            self._store.eventually(lambda: self._forget(guest_uid))
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        if found is operation:
            self._store.afterwards(lambda: log.info("guest.merge_began"))
        return Done(found, self._offers.of_operation(actor, found.id, now=now))

    def undo(self, actor: Actor, operation_id: str) -> Operation:
        """
        Begin to undo the merge that an operation has done. Asked again, it is the same undoing.

        Raises:
            NotFound: the caller has merged nothing by such an operation, or it is too late.
            FailedPrecondition: it is still being merged.
        """
        now, undoing_id = self._clock.now(), undo_operation_id(checked(operation_id))

        def plan() -> tuple[tuple[Operation, Outbox], list[Write]]:
            found = self._recovery.merge_by(operation_id)
            begun = self._store.get(operation_path(undoing_id))
            if begun is not None and begun.fields["uid"] == actor.uid:
                return (operation_of(begun), Outbox()), []
            if found is None or found[1].uid != actor.uid or found[1].undo_until <= now:
                raise hidden()
            stored, merge = found
            if self._operation(merge).is_running:
                raise FailedPrecondition("It is still being merged. Wait until that has ended.")
            operation, outbox = self._recovery.undoing(stored, merge, now)
            return (operation, outbox), outbox.writes

        operation, outbox = self._store.commit(plan)
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        if outbox.timers:
            self._store.afterwards(lambda: log.info("guest.undoing_began"))
        return operation

    def _forget(self, guest_uid: str) -> None:
        for held in self._held:
            held.forget(guest_uid)

    def _standing(self, actor: Actor, merge: Merge) -> Operation:
        if merge.uid != actor.uid:
            raise hidden()
        if merge.state is MergeState.UNDOING:
            raise FailedPrecondition("This merge is just being undone.")
        return self._operation(merge)

    def _operation(self, merge: Merge) -> Operation:
        stored = self._store.get(operation_path(merge.current_operation_id))
        if stored is None:
            raise hidden()
        return operation_of(stored)

    def _claiming(
        self, actor: Actor, stored: Stored | None, member: Stored | None, operation: Operation
    ) -> Outbox:
        now = operation.created_at
        account = account_of(stored) if stored else None
        if stored is None or account is None or account.expire_at is None:
            raise hidden()
        if not account.is_guest or not account.is_usable(now):
            raise hidden()
        merge = Merge(
            guest_uid=account.uid,
            uid=actor.uid,
            state=MergeState.COPYING,
            operation_id=operation.id,
            merged_at=now,
            guest_expire_at=account.expire_at,
        )
        ended = account.ending(MERGED, at=now)
        outbox = starting(operation, now)
        outbox.writes += [
            Change(stored, account_fields(ended)),
            Create(merge_path(account.uid), merge_fields(merge)),
        ]
        if member is not None:
            outbox.writes.append(Change(member, member_fields(member_of(member).kept(ended))))
        outbox.set(expiry_timer(account.uid, merge.undo_until), now)
        return outbox
