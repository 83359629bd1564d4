"""Going through all that people share, until nothing names somebody any more."""

from collections import Counter
from collections.abc import Sequence

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Adjust, Increment, Remove, Stored, Write
from backend.leaving.purge import Purged
from backend.leaving.traces import BY_ADDRESS, TRACES, Trace, counterpart, forgetting

BATCH = 100  # A task and its shadow go together: far from the 400 writes of a commit.
WORK_S = 8.0


class Forgetting:
    """
    Takes a person out of the documents of others.

    One query for each field that can name people, each with an index: it reads what it changes,
    and one empty answer for each field, however much is stored. It can be killed anywhere and
    called again.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def forget(self, uid: str, address: str | None, *, counted_at: str) -> Purged:
        """
        Change or delete what names the person, or was sent to their address, for some seconds.

        What it counts, here and at the receipt, is each document once for each field that named
        the person when it was found.
        """
        ends_at = self._clock.monotonic() + WORK_S
        done: Counter[str] = Counter()
        asked = [(trace, uid) for trace in TRACES]
        if address is not None:
            asked += [(trace, address) for trace in BY_ADDRESS]
        for trace, value in asked:
            while found := self._store.find(trace.query(value, limit=BATCH)):
                done += self._changed(trace, found, uid, address, counted_at)
                if self._clock.monotonic() >= ends_at:
                    return Purged(dict(done), is_done=False)
        return Purged(dict(done), is_done=True)

    def _changed(
        self,
        trace: Trace,
        found: Sequence[Stored],
        uid: str,
        address: str | None,
        counted_at: str,
    ) -> Counter[str]:
        others = self._others(found)
        pairs = [[each, *others.get(each.path, ())] for each in found]
        if self._commit(trace, pairs, uid, address, counted_at):
            return Counter({trace.collection: len(pairs)})
        # Somebody works at one of them: that one waits for the next look, the others do not.
        kept = [self._commit(trace, [pair], uid, address, counted_at) for pair in pairs]
        return Counter({trace.collection: sum(kept)})

    def _others(self, found: Sequence[Stored]) -> dict[str, list[Stored]]:
        """
        Return the shadows of tasks, and the tasks of shadows.

        Who is gone from one and not from the other has changed. And a task that names somebody
        in a reminder alone is found by its shadow only.
        """
        paths = {each.path: path for each in found if (path := counterpart(each)) is not None}
        if not paths:
            return {}
        read = self._store.get_all(list(paths.values()))
        return {path: [other] for path, other in zip(paths, read, strict=True) if other is not None}

    def _commit(
        self,
        trace: Trace,
        pairs: Sequence[Sequence[Stored]],
        uid: str,
        address: str | None,
        counted_at: str,
    ) -> bool:
        writes: list[Write] = [
            write
            for pair in pairs
            for stored in pair
            if (write := forgetting(stored, uid, address=address)) is not None
        ]
        removed = sum(isinstance(write, Remove) for write in writes)
        counts = {"deleted": removed, "changed": len(pairs) - removed}
        counted = {kind: {trace.collection: Increment(n)} for kind, n in counts.items() if n}
        return self._store.attempt([*writes, Adjust(counted_at, counted)])
