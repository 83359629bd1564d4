"""Where operations are kept."""

from datetime import datetime

from backend.adapters.firestore import Store
from backend.kit.documents import Stored
from backend.kit.errors import hidden
from backend.kit.ids import checked
from backend.operations.documents import operation_of, operation_path
from backend.operations.model import Operation


class Operations:
    """Reads of operations. Everyone reads their own only."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, operation_id: str, *, of: str, at: datetime) -> tuple[Stored, Operation]:
        """
        Return an operation of a person, with what was stored.

        Raises:
            NotFound: there is none, it is another's, or its time is over.
        """
        stored = self._store.get(operation_path(checked(operation_id)))
        if stored is None:
            raise hidden()
        operation = operation_of(stored)
        if operation.uid != of or not operation.is_kept(at):
            raise hidden()
        return stored, operation
