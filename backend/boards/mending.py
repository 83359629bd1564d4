"""The job that keeps ranks short: apps put cards between others, and never move the others."""

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Stored, Write
from backend.kit.errors import DataLoss
from backend.kit.placing import AROUND, Siblings
from backend.kit.ranks import LONG_RANK, NoRoom, is_rank, mended
from backend.tasks.documents import changing, task_of, task_path
from backend.tasks.model import TaskRef
from backend.tasks.moving import order_of, standing_in
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm

log = structlog.get_logger()


class RankMending:
    """
    Gives a task whose rank has grown long a shorter one, and neighbours where that takes it.

    The order stays as it is. Each task is guarded: of a job and a person who drag the same card at
    once the job loses, and looks again.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def fire(self, alarm: Alarm) -> None:
        """Mend the ranks around a task, if its own is still long."""
        now = self._clock.now()
        ref = TaskRef(alarm.id_of("workspaceId"), alarm.id_of("taskId"))

        def plan() -> tuple[int, list[Write]]:
            timer, stored = self._store.get_all([timer_path(alarm.timer_id), task_path(ref)])
            if timer is None or not is_due(timer, alarm, now):
                return 0, []
            writes: list[Write] = []
            for each, rank in self._mended(stored) if stored else []:
                task = task_of(each).edited({"rank": rank}, by=SYSTEM_UID, at=now)
                writes.append(changing(each, task))
            return len(writes), [*writes, Remove(timer)]

        moved = self._store.commit(plan)
        if moved:
            log.info("ranks.mended", task_id=ref.task_id, writes=moved)

    def _mended(self, stored: Stored) -> list[tuple[Stored, str]]:
        task = task_of(stored)
        where = order_of(task)
        if where is None or not task.is_live or len(task.rank or "") <= LONG_RANK:
            return []
        siblings = Siblings(self._store.find, standing_in(task.workspace_id, where))
        earlier = siblings.near(stored, AROUND, before=True)
        later = siblings.near(stored, AROUND)
        low = earlier.pop() if len(earlier) == AROUND else None
        high = later.pop() if len(later) == AROUND else None
        standing = [*reversed(earlier), stored, *later]
        ranks = [_rank(each) for each in standing]
        try:
            new = mended(ranks, _rank(low), _rank(high))
        except NoRoom:  # So many of one rank: an order that apps have not given any.
            return []
        return [
            (standing[place], rank) for place, rank in new.items() if _readable(standing[place])
        ]


def _rank(stored: Stored | None) -> str | None:
    rank = stored.fields.get("rank") if stored is not None else None
    return rank if is_rank(rank) else None


def _readable(stored: Stored) -> bool:
    try:
        task_of(stored)
    except DataLoss:
        return False
    return True
