"""Writing down what became of a delivery, in one commit with its timer."""

from collections.abc import Callable

from backend.adapters.firestore import Store
from backend.kit.documents import Stored, Write
from backend.timers.documents import timer_of

ATTEMPTS = 3


def recorded(
    store: Store, timer: Stored, decided: Stored, writes: Callable[[Stored], list[Write]]
) -> bool:
    """
    Commit the `writes` for a timer; False where it, or the decision, has been set anew meanwhile.

    Whoever has queued a job marks its timer as queued, perhaps not before the job is at work. To
    take that for somebody else's work would be to send once more.
    """
    for _ in range(ATTEMPTS):
        if store.attempt(writes(timer)):
            return True
        latest, decision = store.get_all([timer.path, decided.path])
        if latest is None or decision is None or decision.updated_at != decided.updated_at:
            return False
        if timer_of(latest).generation != timer_of(timer).generation:
            return False
        timer = latest
    return False
