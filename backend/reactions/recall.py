"""Taking back what nobody has been told yet."""

from backend.adapters.firestore import Store
from backend.kit.documents import Stored
from backend.reactions.model import EventType
from backend.reactions.reaction import event_about, notice_id
from backend.tasks.model import Task
from backend.timers.documents import timer_path


def untold_completion(store: Store, old: Task | None, task: Task) -> Stored | None:
    """
    Return the timer by which people were yet to hear that a task was done, which is open again.

    Whoever removes it in a commit has nobody told, neither of the one nor of the other. One read,
    and only where a task is reopened.
    """
    if old is None or not old.is_done or task.is_done:
        return None
    return store.get(timer_path(notice_id(event_about(EventType.COMPLETED, (), old))))
