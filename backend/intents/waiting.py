"""The intents that nobody has answered, for the sweep: their doorbell may have been lost."""

from datetime import timedelta

from backend.adapters.jobs import Job, Jobs
from backend.intents.documents import waiting_or_answered
from backend.kit.clock import Clock
from backend.kit.documents import Stored, Where
from backend.kit.ids import is_id

PENDING = (Where("state", "==", "pending"),)
HANDLER = "runIntent"
# A doorbell is on its way for so long, and then the job it asks for.
GRACE = timedelta(seconds=30)


class WaitingIntents:
    """Asks once more for the job that carries an intent out."""

    def __init__(self, clock: Clock, jobs: Jobs) -> None:
        self._clock = clock
        self._jobs = jobs

    def look(self, stored: Stored) -> bool:
        """Ask for the job of an intent that waits; False if it is new, or no job helps."""
        now = self._clock.now()
        intent, ids = waiting_or_answered(stored, now), (stored.parent_id, stored.id)
        if intent is None or intent.created_at + GRACE > now or not all(map(is_id, ids)):
            return False
        # A job of its own for each time it is asked for: the queue remembers names.
        key = f"{HANDLER}:{ids[0]}:{ids[1]}:{now.timestamp():.0f}"
        self._jobs.enqueue(Job(HANDLER, {"uid": ids[0], "intentId": ids[1]}, key=key))
        return True
