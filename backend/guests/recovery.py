"""Taking a merge back: who asks for it begins it here, and so does whatever finds one stuck."""

from datetime import datetime, timedelta

from backend.accounts.documents import account_fields, account_of, account_path
from backend.adapters.firestore import Store
from backend.guests.documents import merge_fields, merge_of, merge_path
from backend.guests.model import Merge, MergeState, undo_operation_id
from backend.guests.place import Place
from backend.guests.timers import expiry_timer
from backend.kit.clock import Clock
from backend.kit.documents import Change, Query, Remove, Stored, Where, Write
from backend.kit.errors import hidden
from backend.kit.ids import random_id
from backend.operations.documents import operation_of, operation_path
from backend.operations.model import Operation, OperationKind
from backend.operations.service import starting
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.documents import member_fields, member_of, member_path

MERGES = 50  # More guests than that nobody takes over in a day.
LOOKS_AGAIN_AFTER, GIVES_UP_AFTER = timedelta(minutes=5), timedelta(hours=24)


class Recovery:
    """Begins the undoing of merges, and sees to those that stand still."""

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def undoing(self, stored: Stored, merge: Merge, now: datetime) -> tuple[Operation, Outbox]:
        """Return the operation that undoes a merge, and what begins it in the plan of a commit."""
        operation = Operation.started(
            undo_operation_id(merge.operation_id),
            OperationKind.UNDO_MERGE,
            uid=merge.uid,
            at=now,
            cursor={"guestUid": merge.guest_uid, "removed": 0, "kept": []},
        )
        outbox = starting(operation, now)
        begun = merge.put_in_state(MergeState.UNDOING)
        outbox.writes.append(Change(stored, merge_fields(begun)))
        return operation, outbox

    def undo_unfinished(self, uid: str, operation_id: str) -> None:
        """Undo the merge that an operation of a person has begun, and did not finish."""
        found = self.merge_by(operation_id)
        if found is not None and found[1].uid == uid:
            self._undo(found[1].guest_uid, operation_id)

    def merge_again(self, uid: str, operation_id: str) -> None:
        """Merge anew what an operation of a person was undoing, and has not finished."""
        query = Query("merges", limit=MERGES, where=(Where("uid", "==", uid),))
        for merge in map(merge_of, self._store.find(query)):
            if merge.state is MergeState.UNDOING and merge.current_operation_id == operation_id:
                self._merge_again(merge.guest_uid)

    def reopening(self, guest_uid: str, now: datetime) -> tuple[datetime, Outbox]:
        """
        Return until when a guest goes on, and the writes that end a merge and make it so.

        Raises:
            NotFound: there is no such merge, or nothing of the guest.
        """
        paths = [merge_path(guest_uid), account_path(guest_uid), member_path(guest_uid, guest_uid)]
        merged, account, member = self._store.get_all(paths)
        if merged is None or account is None:
            raise hidden()
        until = merge_of(merged).guest_ends_at(now)
        resumed = account_of(account).resumed(until=until, at=now)
        outbox = Outbox([Remove(merged), Change(account, account_fields(resumed))])
        if member is not None:
            outbox.writes.append(Change(member, member_fields(member_of(member).kept(resumed))))
        outbox.set(expiry_timer(guest_uid, until), now)
        return until, outbox

    def merge_by(self, operation_id: str) -> tuple[Stored, Merge] | None:
        """Return the merge that an operation does or has done, with what was stored."""
        query = Query("merges", limit=1, where=(Where("operationId", "==", operation_id),))
        found = self._store.find(query)
        return (found[0], merge_of(found[0])) if found else None

    def look_after(self, guest_uid: str) -> datetime | None:
        """
        Return when to look at a merged guest again; None: all that is left of them may go.

        What failed on the way is turned round first: a merge is undone, an undoing merged again, so
        that all of the guest's work is in one of the two places.
        """
        now = self._clock.now()
        stored = self._store.get(merge_path(guest_uid))
        if stored is None:
            return None
        merge = merge_of(stored)
        if merge.undo_until > now:
            return merge.undo_until
        if merge.undo_until + GIVES_UP_AFTER <= now:
            return None  # What failed so often is nothing that waiting mends.
        if self._is_running(merge.current_operation_id):
            return now + LOOKS_AGAIN_AFTER
        match merge.state:
            case MergeState.COPYING:
                self._undo(guest_uid, merge.operation_id)
            case MergeState.UNDOING:
                self._merge_again(guest_uid)
            case MergeState.MERGED:
                return None
        return now + LOOKS_AGAIN_AFTER

    def _undo(self, guest_uid: str, operation_id: str) -> None:
        now = self._clock.now()

        def plan() -> tuple[Outbox, list[Write]]:
            stored = self._store.get(merge_path(guest_uid))
            merge = merge_of(stored) if stored else None
            if stored is None or merge is None or merge.operation_id != operation_id:
                return Outbox(), []
            if merge.state is not MergeState.COPYING:
                return Outbox(), []
            _, outbox = self.undoing(stored, merge, now)
            return outbox, outbox.writes

        outbox = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)

    def _merge_again(self, guest_uid: str) -> None:
        now = self._clock.now()

        def plan() -> tuple[Outbox, list[Write]]:
            stored = self._store.get(merge_path(guest_uid))
            merge = merge_of(stored) if stored else None
            if stored is None or merge is None or merge.state is not MergeState.UNDOING:
                return Outbox(), []
            operation = merging(guest_uid, merge.uid, now)
            outbox = starting(operation, now)
            outbox.writes.append(Change(stored, merge_fields(merge.begun_again(operation.id))))
            return outbox, outbox.writes

        outbox = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)

    def _is_running(self, operation_id: str) -> bool:
        stored = self._store.get(operation_path(operation_id))
        return stored is not None and operation_of(stored).is_running


def merging(guest_uid: str, uid: str, now: datetime) -> Operation:
    """Return an operation that merges a guest into the account of a person."""
    cursor = Place(guest_uid).cursor
    return Operation.started(random_id(), OperationKind.MERGE_GUEST, uid=uid, at=now, cursor=cursor)
