"""How much a guest may store: enough for a day, and not worth abusing."""

from backend.adapters.firestore import Store
from backend.guests.model import MAX_GUEST_TASKS
from backend.kit.actor import Actor
from backend.kit.documents import Query
from backend.kit.errors import InvalidArgument
from backend.tasks.documents import tasks_path


class GuestQuota:
    """Counts what guests have, trash included, before they get more. It costs nobody else."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def check(self, actor: Actor, workspace_id: str) -> None:
        """
        Return if there is room for one more task.

        Raises:
            InvalidArgument: a guest has as many as a guest may, code `limit-exceeded`.
        """
        if not actor.is_guest:
            return
        stored = self._store.count(Query(tasks_path(workspace_id), limit=MAX_GUEST_TASKS))
        if stored >= MAX_GUEST_TASKS:
            raise InvalidArgument(
                f"A guest can have {MAX_GUEST_TASKS} tasks. Link an account to have more.",
                code="limit-exceeded",
            )
