"""Emptying the trash before its 30 days are over."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from marshmallow import validate

from backend.adapters.firestore import Store
from backend.jobs.doing.acting import Acting
from backend.jobs.handlers import JobScope, Step
from backend.jobs.model import JobRun
from backend.kit.clock import Clock
from backend.kit.documents import Query, Where
from backend.tasks.documents import task_of, tasks_path
from backend.tasks.model import KEPT_IN_TRASH
from backend.timers.service import TimerService
from backend.trash.emptying import TrashEmptying
from backend.web.schemas import CamelSchema, Whole
from backend.workspaces.permissions import Right

PAGE = 25  # Each task is a commit of its own.
OLDER = {"description": "In the trash for at least so many days.", "example": 7}


class EmptyTrashArguments(CamelSchema):
    """What goes for good."""

    older_than_days = Whole(
        required=True, validate=validate.Range(0, KEPT_IN_TRASH.days), metadata=OLDER
    )


class EmptyTrash:
    """Deletes tasks in the trash for good, some of them a step."""

    name = "emptyTrash"
    scope = JobScope.WORKSPACE
    arguments = EmptyTrashArguments()

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        acting: Acting,
        trash: TrashEmptying,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._acting = acting
        self._trash = trash

    def step(
        self,
        run: JobRun,
        arguments: Mapping[str, Any],
        cursor: Mapping[str, Any],
    ) -> Step:
        """
        Delete some tasks. What lies below them follows by their own timers.

        Raises:
            NotFound: whoever set the job up belongs to the workspace no longer.
            PermissionDenied: they may not throw tasks away there any more.
        """
        member = self._acting.admit(run, to=Right.TRASH_TASK)
        before = run.slot - timedelta(days=arguments["older_than_days"])
        after = tuple(cursor["after"]) if "after" in cursor else None
        found = self._store.find(_thrown_away(member.workspace_id, before, after))
        timers = [
            timer
            for each in found
            if (timer := self._trash.delete(task_of(each).ref, thrown_away_by=before))
        ]
        self._timers.announce(timers, now=self._clock.now())
        if len(found) < PAGE:
            return Step(len(timers), None)
        last = found[-1]
        return Step(len(timers), {"after": [last.fields["deletedAt"], last.path]})


def _thrown_away(workspace_id: str, before: datetime, after: tuple[Any, ...] | None) -> Query:
    where = (Where("deletedAt", "<=", before),)
    return Query(tasks_path(workspace_id), PAGE, where, order_by=("deletedAt",), after=after)
