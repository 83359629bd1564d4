"""The work of undoing a merge: untouched copies go, and the guest has everything again."""

from collections import Counter
from collections.abc import Mapping, Sequence

from backend.adapters.firestore import Store
from backend.guests.contents import kind_of, top_of
from backend.guests.documents import listed_copies, relisting
from backend.guests.model import written
from backend.guests.recovery import Recovery
from backend.guests.removal import Removal, Taken
from backend.kit.clock import Clock
from backend.kit.documents import Query, Remove, Stored, Where
from backend.operations.model import Operation
from backend.operations.running import Step
from backend.reactions.totals import adding
from backend.tasks.model import TaskRef
from backend.timers.outbox import Outbox

LISTS = 100
AT_ONCE = 25  # Documents looked at in a step: each takes some round trips.
MOST_WRITES = 380
REPORTED = 100
# What names others goes before what it names.
KINDS = ("tasks", "series", "lists", "labels", "boards", "projects")


class Undoing:
    """
    Goes through the lists of what was copied, kind by kind, and takes each back.

    A copy that somebody has worked with since stays in the account. If it is a task, the guest's
    own is deleted instead: nothing is in two places.
    """

    def __init__(self, store: Store, clock: Clock, removal: Removal, recovery: Recovery) -> None:
        self._store = store
        self._clock = clock
        self._removal = removal
        self._recovery = recovery

    def step(self, operation: Operation) -> Step:
        """Take some copies back; after the last one, open the guest's account again."""
        guest_uid = operation.cursor["guestUid"]
        of_guest = (Where("guestUid", "==", guest_uid),)
        lists = self._store.find(Query("mergeCopies", limit=LISTS, where=of_guest))
        if not lists:
            return self._finished(operation, guest_uid)
        listed, tops = _next(lists)
        copies = {path: rev for each in lists for path, rev in listed_copies(each).items()}
        return self._taken_back(operation, listed, tops, copies)

    def tidy(self, uid: str, operation_id: str) -> bool:
        """Merge again what an undoing that was called off has taken back by then."""
        self._recovery.merge_again(uid, operation_id)
        return True

    def _taken_back(
        self,
        operation: Operation,
        listed: Stored,
        tops: Sequence[str],
        copies: Mapping[str, int | None],
    ) -> Step:
        guest_uid = operation.cursor["guestUid"]
        outbox, counters = Outbox(), {operation.uid: Counter[str](), guest_uid: Counter[str]()}
        removed, kept = operation.cursor["removed"], [*operation.cursor["kept"]]
        handled: set[str] = set()
        for top in tops[:AT_ONCE]:
            taken, where = self._removal.of_copy(operation.uid, top, copies), operation.uid
            if stays := taken is None:
                taken, where = self._original(guest_uid, top), guest_uid
            if handled and len(outbox.writes) + len(taken.writes) > MOST_WRITES:
                break
            handled.add(top)
            outbox.writes += taken.writes
            counters[where].update(taken.counters)
            kept += [top] * stays
            removed += not stays
        left = [each for each in listed_copies(listed).items() if top_of(each[0]) not in handled]
        is_done = not tops or not left
        outbox.writes.append(Remove(listed) if is_done else relisting(listed, left))
        for workspace_id, counted in counters.items():
            outbox.writes += adding(workspace_id, counted)
        progressed = operation.progressed(
            done=operation.done + len(handled),
            at=self._clock.now(),
            cursor={"guestUid": guest_uid, "removed": removed, "kept": kept},
        )
        return Step(progressed, outbox)

    def _original(self, guest_uid: str, top: str) -> Taken:
        if kind_of(top) != "tasks":
            return Taken()  # Other tasks of the guest may still name it.
        ref = TaskRef(guest_uid, top.rpartition("/")[2])
        return self._removal.of_task(ref) or Taken()

    def _finished(self, operation: Operation, guest_uid: str) -> Step:
        now = self._clock.now()
        until, outbox = self._recovery.reopening(guest_uid, now)
        kept: Sequence[str] = operation.cursor["kept"]
        tasks = [top.rpartition("/")[2] for top in kept if kind_of(top) == "tasks"]
        result = {
            "takenBack": operation.cursor["removed"],
            "kept": len(kept),
            "keptTaskIds": tasks[:REPORTED],
            "guestExpireAt": written(until),
        }
        return Step(operation.finished(result, at=now), outbox)


def _next(lists: Sequence[Stored]) -> tuple[Stored, list[str]]:
    """Return the list to go on with, and which of it: all of one kind, or what nothing is of."""
    for kind in KINDS:
        for listed in lists:
            tops = dict.fromkeys(map(top_of, listed_copies(listed)))
            if found := [top for top in tops if kind_of(top) == kind]:
                return listed, found
    return lists[0], []
