"""Reading the records of what operations did, and letting them go."""

from datetime import datetime

from backend.adapters.firestore import Store
from backend.kit.documents import NAME, Query, Stored, Where, Withdraw
from backend.operations.documents import operation_of, operation_path
from backend.operations.model import Operation
from backend.operations.running import Step
from backend.undo.records import RECORDS

AT_ONCE = 200


class Records:
    """What operations have touched."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def latest(self, operation_id: str, *, limit: int, after: str | None = None) -> list[Stored]:
        """Return some records, the last one first; `after` is the path of the one before."""
        place = None if after is None else (after,)
        of_operation = (Where("operationId", "==", operation_id),)
        query = Query(RECORDS, limit=limit, where=of_operation, order_by=(NAME,), after=place)
        return self._store.find(query)

    def tidy(self, operation_id: str) -> bool:
        """Delete the records of an operation; False: there are more."""
        found = self.latest(operation_id, limit=AT_ONCE)
        self._store.attempt([Withdraw(each.path) for each in found])
        return len(found) < AT_ONCE

    def tidy_when_over(self, operation_id: str, now: datetime) -> bool:
        """As `tidy`, but leave the records of an operation that can be read, and so undone."""
        stored = self._store.get(operation_path(operation_id))
        if stored is not None and operation_of(stored).is_kept(now):
            return True
        return self.tidy(operation_id)


class Kept:
    """The work of an operation that only keeps what a command did: to let it go in the end."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def step(self, operation: Operation) -> Step:
        """Fail it: it is done when it begins, so that nobody has anything to work at."""
        return Step(operation.failed("internal", at=operation.updated_at))

    def tidy(self, uid: str, operation_id: str) -> bool:  # noqa: ARG002 - every work's signature.
        """Delete the records; False: there are more."""
        return self._records.tidy(operation_id)
