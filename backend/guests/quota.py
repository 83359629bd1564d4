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
        if (room := self.room(actor, workspace_id)) is not None and room < 1:
            raise full()

    def room(self, actor: Actor, workspace_id: str) -> int | None:
        """Return how many more tasks there is room for; None: as many as one likes."""
        if not actor.is_guest:
            return None
        stored = self._store.count(Query(tasks_path(workspace_id), limit=MAX_GUEST_TASKS))
        return MAX_GUEST_TASKS - stored


def full() -> InvalidArgument:
    """Return the refusal of one more task of a guest's."""
    return InvalidArgument(
        f"A guest can have {MAX_GUEST_TASKS} tasks. Link an account to have more.",
        code="limit-exceeded",
    )
