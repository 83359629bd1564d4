"""The work of a broadcast: telling people page by page, then counting what became of it."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.broadcasts.audience import Audience, Met
from backend.broadcasts.documents import (
    Reached,
    Recipient,
    broadcast_of,
    broadcast_path,
    changing,
    meeting,
    recipient_path,
)
from backend.broadcasts.model import Broadcast, BroadcastState
from backend.broadcasts.outcomes import Outcomes, Tally
from backend.broadcasts.wording import Wording
from backend.kit.clock import Clock
from backend.kit.documents import Stored
from backend.kit.errors import Aborted, hidden
from backend.notifications.addressees import Addressees
from backend.notifications.delivery import deliver
from backend.operations.documents import operation_of, operation_path
from backend.operations.model import KEPT_FOR, Operation, OperationState
from backend.operations.running import Step
from backend.operations.service import ending
from backend.timers.outbox import Outbox

log = structlog.get_logger()

# Of each person nine documents are written at the most: 405 in a commit, and those of the work.
AT_ONCE = 45
# An operation ends by itself some days after its beginning, unless work on it goes on.
PROLONGED_BEFORE = timedelta(days=3)
ENDED_AS = {
    OperationState.DONE: BroadcastState.DONE,
    OperationState.FAILED: BroadcastState.FAILED,
}


class Telling:
    """
    Tells whoever belongs to a broadcast's segment, each once, no faster than its throttle.

    A step is one commit: notifications, a document for each person that says their turn has come,
    the broadcast's counts and the place it goes on from. So a step that was killed has told nobody
    or all of its page, and whoever is met twice was told the first time.
    """

    def __init__(
        self, store: Store, clock: Clock, addressees: Addressees, wording: Wording
    ) -> None:
        self._store = store
        self._clock = clock
        self._addressees = addressees
        self._wording = wording
        self._audience = Audience(store)
        self._outcomes = Outcomes(store)

    def step(self, operation: Operation) -> Step:
        """
        Tell a page of people; or count a page of what became of it.

        Raises:
            NotFound: there is no such broadcast.
            Aborted: it was paused or ended meanwhile.
        """
        stored = self._store.get(broadcast_path(operation.id))
        if stored is None:
            raise hidden()
        now, broadcast = self._clock.now(), broadcast_of(stored)
        if broadcast.state not in (BroadcastState.RUNNING, BroadcastState.COUNTING):
            raise Aborted("Somebody has stopped it meanwhile.")
        if (until := broadcast.waits_until(now)) is not None:
            waiting = operation.progressed(done=operation.done, at=now, cursor=operation.cursor)
            return Step(waiting, again_at=until)
        if broadcast.state is BroadcastState.COUNTING:
            return self._count(operation, stored, broadcast, now)
        return _kept_alive(self._tell(operation, stored, broadcast, now), now)

    def tidy(self, uid: str, operation_id: str) -> bool:  # noqa: ARG002 - every work's signature.
        """Let a broadcast end as its operation has: called off, failed, or out of time."""
        now = self._clock.now()
        stored, kept = self._store.get_all(
            [broadcast_path(operation_id), operation_path(operation_id)]
        )
        if stored is None or (broadcast := broadcast_of(stored)).has_ended:
            return True
        operation = operation_of(kept) if kept else None
        if operation is not None and operation.is_running and operation.is_kept(now):
            return True  # Somebody has resumed it in the same moment.
        state = BroadcastState.CANCELLED
        if operation is not None:
            state = ENDED_AS.get(operation.state, state)
        return self._store.attempt([changing(stored, broadcast.ended(state, at=now))])

    def _tell(
        self, operation: Operation, stored: Stored, broadcast: Broadcast, now: datetime
    ) -> Step:
        most = broadcast.at_once(AT_ONCE)
        met = self._audience.page(broadcast.segment, operation.cursor, most=most, now=now)
        new = self._not_met_before(broadcast, [*met.uids, *met.strangers])
        filed = Outbox()
        told = self._told(filed, broadcast, [uid for uid in met.uids if uid in new], now)
        left_out = [uid for uid in met.strangers if uid in new]
        for uid in left_out:
            filed.writes.append(meeting(broadcast, Recipient(uid, Reached.LEFT_OUT, None, now)))
        after = broadcast.further(told=told, left_out=len(left_out), at=now)
        return self._progressed(operation, stored, after, met, filed)

    def _told(
        self, filed: Outbox, broadcast: Broadcast, uids: Collection[str], now: datetime
    ) -> int:
        people = self._addressees.of(uids)
        for uid, to in people.items():
            notice = self._wording.notice(broadcast, to, now)
            deliver(filed, notice, to, now, offered=broadcast.offered)
            recipient = Recipient(uid, Reached.TOLD, notice.id, now)
            filed.writes.append(meeting(broadcast, recipient))
        return len(people)

    def _progressed(
        self, operation: Operation, stored: Stored, after: Broadcast, met: Met, filed: Outbox
    ) -> Step:
        now, done = after.updated_at, after.told + after.left_out
        if met.next is None and not after.told:
            return self._ended(operation, stored, after, {}, now=now, filed=filed)
        if met.next is None:
            after = after.counting(at=now)
            log.info("broadcast.told", people=after.told)
        filed.writes.append(changing(stored, after))
        total = done if met.next is None else max(after.expected, done)
        further = operation.progressed(done=done, total=total, at=now, cursor=met.next or {})
        return Step(further, filed, again_at=after.waits_until(now))

    def _not_met_before(self, broadcast: Broadcast, uids: list[str]) -> set[str]:
        if not uids:
            return set()
        paths = [recipient_path(broadcast.id, uid) for uid in uids]
        found = self._store.get_all(paths)
        return {uid for uid, seen in zip(uids, found, strict=True) if seen is None}

    def _count(
        self, operation: Operation, stored: Stored, broadcast: Broadcast, now: datetime
    ) -> Step:
        tally = self._outcomes.counted(broadcast, Tally.going_on(operation.cursor))
        if tally.after is None:
            return self._ended(operation, stored, broadcast, tally.outcomes, now=now)
        further = operation.progressed(done=operation.done, at=now, cursor=tally.cursor())
        return Step(further)

    def _ended(
        self,
        operation: Operation,
        stored: Stored,
        broadcast: Broadcast,
        outcomes: Mapping[str, Counter[str]],
        *,
        now: datetime,
        filed: Outbox | None = None,
    ) -> Step:
        counted: dict[str, Any] = {each: dict(verdicts) for each, verdicts in outcomes.items()}
        ended = broadcast.ended(BroadcastState.DONE, at=now, outcomes=counted)
        filed = filed or Outbox()
        filed.writes.append(changing(stored, ended))
        result = {"told": ended.told, "leftOut": ended.left_out, "outcomes": counted}
        return Step(operation.finished(result, at=now), filed)


def _kept_alive(step: Step, now: datetime) -> Step:
    """Return a step after which the operation has some days left, however slow the throttle is."""
    operation = step.operation
    if not operation.is_running or operation.expire_at > now + PROLONGED_BEFORE:
        return step
    prolonged = replace(operation, expire_at=now + KEPT_FOR)
    step.outbox.set(ending(prolonged), now)
    return replace(step, operation=prolonged)
