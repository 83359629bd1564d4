"""The writes that bring occurrences into being: ledger, tasks and series in one commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from backend.adapters.firestore import Store
from backend.kit.documents import Change, Create, Fields, Stored, Write
from backend.kit.ids import derived_id
from backend.recurrence.copying import tasks_of
from backend.recurrence.documents import missing, noting, occurrence_path, series_fields
from backend.recurrence.ledger import Turn, makes_on_time, state_of
from backend.recurrence.model import Occurrence
from backend.recurrence.series import Series
from backend.tasks.documents import creating, task_path
from backend.tasks.model import Task
from backend.tasks.references import named, place_path
from backend.timers.documents import withdrawing
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox
from backend.workspaces.service import WorkspaceService

BATCH = 300  # So many writes a commit makes at most of what a time without service has left.
MOST_AT_ONCE = 20
NOTHING: Mapping[str, Fields] = MappingProxyType({})


class Making:
    """
    Makes occurrences for whoever commits: a person who begins or changes a series, the reactor
    when one is closed, and the timer where each comes at its own time.

    The series document is the guard: it names the last occurrence made, and every commit that
    makes one moves it on. Ids are derived, so that there can only ever be one of each.
    """

    def __init__(self, store: Store, workspaces: WorkspaceService) -> None:
        self._store = store
        self._workspaces = workspaces

    def turned(
        self,
        stored: Stored,
        turn: Turn,
        *,
        by: str,
        after: str | None = None,
        careful: bool = False,
    ) -> Outbox:
        """
        Return what makes a turn of a series that was read as `stored`; the timers are to announce.

        `after` is the key of the occurrence from whose end it follows, None if from none. `by`
        made the tasks. `careful`: a commit of this has failed, so look at what may be there.
        """
        before = stored.fields.get("planned", ())
        outbox = Outbox([Change(stored, series_fields(turn.series))])
        outbox.writes += self.occurrences(
            turn.series, turn.makes, by=by, after=after, planned=before, careful=careful
        )
        outbox.writes += [missing(turn.series, each, after=after) for each in turn.misses]
        return outbox

    def occurrences(
        self,
        series: Series,
        makes: Sequence[Occurrence],
        *,
        by: str,
        after: str | None = None,
        planned: Iterable[str] = (),
        changes: Mapping[str, Fields] = NOTHING,
        careful: bool = False,
    ) -> list[Write]:
        """
        Return the writes of ledger and tasks of occurrences, not those of the series.

        `planned` are the keys that somebody has changed before; of others nothing is read.
        `changes` are those made of one, by key, where its entry of the ledger lies elsewhere. The
        tasks name nobody who has left, and nothing that is gone.
        """
        known = set(planned)
        keys = [each.key for each in makes if careful or each.key in known]
        entries = self._entries(series, keys)
        tasks = [
            tasks_of(
                series,
                each,
                by=by,
                changes=changes.get(each.key) or _changes(entries.get(each.key)),
            )
            for each in makes
        ]
        tasks = self._present(tasks)
        there = self._there(tasks) if careful else frozenset()
        writes: list[Write] = []
        for occurrence, family in zip(makes, tasks, strict=True):
            writes.append(_entering(series, occurrence, family[0], entries, after))
            writes += [creating(task) for task in family if task_path(task.ref) not in there]
        return writes

    def most_at_once(self, series: Series) -> int:
        """Return how many occurrences of a series one commit may make."""
        each = 2 + sum(1 for _ in series.template.below())
        return max(1, min(MOST_AT_ONCE, BATCH // each))

    def _entries(self, series: Series, keys: Sequence[str]) -> Mapping[str, Stored]:
        paths = [occurrence_path(series.workspace_id, series.id, key) for key in keys]
        found = self._store.get_all(paths) if paths else []
        return {each.id: each for each in found if each is not None}

    def _present(self, families: Sequence[Sequence[Task]]) -> list[list[Task]]:
        """Return them naming nobody who has left since: they are for those who are there."""
        tasks = [task for family in families for task in family]
        people = dict.fromkeys(uid for task in tasks for uid in _people(task))
        things = dict.fromkeys(path for task in tasks for path in _things(task))
        if not people and not things:
            return [[*family] for family in families]
        here = self._workspaces.current_members(tasks[0].workspace_id, list(people))
        found = self._store.get_all(list(things)) if things else []
        there = {each.path for each in found if each and each.fields.get("deletedAt") is None}
        return [[_trimmed(task, here, there) for task in family] for family in families]

    def _there(self, families: Sequence[Sequence[Task]]) -> frozenset[str]:
        paths = [task_path(task.ref) for family in families for task in family]
        found = self._store.get_all(paths) if paths else []
        return frozenset(each.path for each in found if each is not None)


def tasks_made(writes: Iterable[Write]) -> list[str]:
    """Return the paths of the tasks that these writes make."""
    made = [write.path for write in writes if isinstance(write, Create)]
    return [path for path in made if path.split("/")[-2] == "tasks"]


def set_timer(outbox: Outbox, series: Series, *, before: Series | None, now: datetime) -> None:
    """
    Add the timer at which the next occurrence comes, or its withdrawal, if `before` had another.

    Only where tasks come at their own time is there one; `before` is None of a new series.
    """
    if _comes_at(series) == (_comes_at(before) if before else None):
        return
    timer = occurrence_timer(series)
    if timer is not None:
        outbox.set(timer, now)
    else:
        outbox.writes.append(withdrawing(occurrence_timer_id(series)))


def occurrence_timer(series: Series) -> Timer | None:
    """Return the timer at which the next occurrence comes; None: it does not come by itself."""
    fire_at = _comes_at(series)
    if fire_at is None:
        return None
    subject = {"workspaceId": series.workspace_id, "seriesId": series.id}
    return Timer(occurrence_timer_id(series), TimerKind.OCCURRENCE, subject, fire_at)


def occurrence_timer_id(series: Series) -> str:
    """Return the id of the one timer that a series may have."""
    return derived_id(TimerKind.OCCURRENCE.value, series.workspace_id, series.id)


def _comes_at(series: Series) -> datetime | None:
    if series.next_at is None or not makes_on_time(series):
        return None
    return series.next_at - series.template.lead


def _entering(
    series: Series,
    occurrence: Occurrence,
    task: Task,
    entries: Mapping[str, Stored],
    after: str | None,
) -> Create | Change:
    entry = entries.get(occurrence.key)
    state = state_of(task, occurrence)
    fresh = noting(series, occurrence, after=after, state=state)
    if entry is None:
        return fresh
    # What was changed stays to be seen.
    return Change(entry, {**fresh.fields, "changes": entry.fields.get("changes")})


def _changes(entry: Stored | None) -> Mapping[str, object] | None:
    changes = entry.fields.get("changes") if entry else None
    return changes if isinstance(changes, Mapping) else None


def _people(task: Task) -> tuple[str, ...]:
    return (*task.assignee_ids, *task.watcher_ids)


def _things(task: Task) -> list[str]:
    names = ("project_id", "board_id", "list_id", "label_ids")
    return named(task.workspace_id, {name: getattr(task, name) for name in names})


def _trimmed(task: Task, here: Mapping[str, object], there: set[str]) -> Task:
    def stands(collection: str, thing_id: str | None) -> bool:
        return thing_id is not None and (
            place_path(task.workspace_id, collection, thing_id) in there
        )

    board_id = task.board_id if stands("boards", task.board_id) else None
    list_id = task.list_id if board_id and stands("lists", task.list_id) else None
    return replace(
        task,
        assignee_ids=tuple(uid for uid in task.assignee_ids if uid in here),
        watcher_ids=tuple(uid for uid in task.watcher_ids if uid in here),
        label_ids=tuple(each for each in task.label_ids if stands("labels", each)),
        project_id=task.project_id if stands("projects", task.project_id) else None,
        board_id=board_id,
        list_id=list_id,
    )
