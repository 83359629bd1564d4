"""Counting all tasks of a workspace again, where totals have drifted."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import NAME, Change, Query, Remove, Stored, Where
from backend.kit.errors import Aborted, hidden
from backend.kit.ids import checked
from backend.reactions.documents import shadowed_task
from backend.reactions.reaction import Reaction
from backend.reactions.totals import ALL, BY_MEMBER, BY_PRIORITY, BY_STATUS, nested, totals
from backend.tasks.documents import task_path
from backend.tasks.model import Task
from backend.timers.documents import timer_path
from backend.timers.model import TimerKind
from backend.workspaces.documents import workspace_path

PAGE = 100
MOST_ATTEMPTS = 5
ALWAYS = ("openTasks", "doneTasks")
OURS = frozenset({*ALWAYS, ALL, "overdueTasks", BY_STATUS, BY_PRIORITY, BY_MEMBER})


@dataclass(frozen=True, slots=True)
class Recounted:
    """What a recount came to: how many tasks there are, and whether the totals had been right."""

    tasks: int
    was_right: bool


class Recounting:
    """
    Makes the totals of a workspace what a count of its tasks says.

    Reactions have counted what their shadows say, so shadows are what is counted here: a change
    whose reaction is still to come is counted by that. Every counting reaction writes the
    workspace, so the commit fails if one takes place in between, and all is counted again. It also
    removes shadows of tasks that are gone, and sets timers that tasks in the trash lack.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def all(self) -> Iterator[tuple[str, Recounted]]:
        """Recount every workspace; yield its id and what it came to."""
        after: tuple[Any, ...] | None = None
        while found := self._store.find(Query("workspaces", PAGE, order_by=(NAME,), after=after)):
            for stored in found:
                yield stored.id, self.one(stored.id)
            after = (found[-1].path,)

    def one(self, workspace_id: str) -> Recounted:
        """
        Recount a workspace.

        Raises:
            NotFound: there is none.
            Aborted: its tasks kept changing.
        """
        path = workspace_path(checked(workspace_id))
        for _ in range(MOST_ATTEMPTS):
            stored = self._store.get(path)
            if stored is None:
                raise hidden()
            counted = self._counted(workspace_id)
            before: Mapping[str, Any] = stored.fields.get("counters") or {}
            others = {name: value for name, value in before.items() if name not in OURS}
            after = {**others, **dict.fromkeys(ALWAYS, 0), **nested(counted)}
            if (was_right := _without_zeros(before) == _without_zeros(after)) or (
                self._store.attempt([Change(stored, {"counters": after})])
            ):
                return Recounted(counted[ALL], was_right)
        raise Aborted("Others kept changing this at the same time.")

    def _counted(self, workspace_id: str) -> Counter[str]:
        counted: Counter[str] = Counter()
        after: tuple[Any, ...] | None = None
        where = (Where("workspaceId", "==", workspace_id),)
        while found := self._store.find(Query("shadows", PAGE, where, (NAME,), after=after)):
            for task in self._tasks([each for each in found if "task" in each.fields]):
                counted.update(totals(task))
            after = (found[-1].path,)
        return counted

    def _tasks(self, shadows: Sequence[Stored]) -> list[Task]:
        """Return the tasks of shadows as they were counted, those that are still there."""
        if not shadows:
            return []
        tasks = [shadowed_task(each) for each in shadows]
        found = self._store.get_all([task_path(task.ref) for task in tasks])
        kept = []
        for shadow, task, stored in zip(shadows, tasks, found, strict=True):
            if stored is not None or not self._store.attempt([Remove(shadow)]):
                kept.append(task)
        self._set_timers([task for task in kept if task.purge_at is not None])
        return kept

    def _set_timers(self, thrown_away: Sequence[Task]) -> None:
        """See to it that what lies in the trash will go, also what did before there were timers."""
        now, reaction = self._clock.now(), Reaction()
        for task in thrown_away:
            reaction.schedule(TimerKind.TRASH, task.ref, task.purge_at, now)
        paths = [timer_path(timer.id) for timer in reaction.timers]
        there = self._store.get_all(paths) if paths else []
        missing = [
            write for write, stored in zip(reaction.writes, there, strict=True) if stored is None
        ]
        self._store.attempt(missing)


def _without_zeros(counters: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in counters.items():
        left = _without_zeros(value) if isinstance(value, Mapping) else value
        if left:
            found[name] = left
    return found
