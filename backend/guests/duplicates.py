"""Tasks that a person has twice after a merge: spotted and reported, never thrown away. Pure."""

import unicodedata
from collections.abc import Iterable

from backend.tasks.model import Task


def duplicates(moved: Iterable[Task], there: Iterable[Task]) -> list[tuple[str, str]]:
    """
    Return the ids of moved tasks, each with that of the task it looks like, in order.

    Two look alike if they read the same but for case, width and blanks, are due at the same day
    and time, and both or neither are still to be done. The tasks of a series never count: they
    look alike by design.
    """
    known = {_look_of(task): task.id for task in there if task.series_id is None}
    return sorted(
        (task.id, known[look])
        for task in moved
        if task.series_id is None and (look := _look_of(task)) in known
    )


def _look_of(task: Task) -> tuple[object, ...]:
    title = " ".join(unicodedata.normalize("NFKC", task.title).casefold().split())
    due = (task.due.day, task.due.time) if task.due else None
    return title, due, task.is_open
