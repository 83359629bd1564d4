"""Putting what was done some time ago into the archive."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import validate

from backend.adapters.firestore import Store
from backend.jobs.doing.acting import Acting
from backend.jobs.handlers import JobScope, Step
from backend.jobs.model import JobRun
from backend.kit.clock import Clock
from backend.kit.documents import Query, Where
from backend.tasks.documents import changing, task_of, tasks_path
from backend.tasks.model import Status
from backend.web.schemas import CamelSchema, Id, Whole
from backend.workspaces.permissions import Right

PAGE = 100
OLDER = {"description": "Done at least so many days ago.", "example": 14}
BOARD = {"description": "Only what is on this board."}


class ArchiveDoneArguments(CamelSchema):
    """What is archived."""

    older_than_days = Whole(required=True, validate=validate.Range(0, 3650), metadata=OLDER)
    board_id = Id(allow_none=True, load_default=None, metadata=BOARD)


class ArchiveDone:
    """Archives done tasks, a page a step, on behalf of whoever set the job up."""

    name = "archiveDone"
    scope = JobScope.WORKSPACE
    arguments = ArchiveDoneArguments()

    def __init__(self, store: Store, clock: Clock, acting: Acting) -> None:
        self._store = store
        self._clock = clock
        self._acting = acting

    def step(self, run: JobRun, arguments: Mapping[str, Any], cursor: Mapping[str, Any]) -> Step:
        """
        Archive a page of tasks; the reactor writes their history.

        Raises:
            NotFound: whoever set the job up belongs to the workspace no longer.
            PermissionDenied: they may not change tasks there any more.
        """
        member = self._acting.admit(run, to=Right.CHANGE_TASK)
        now = self._clock.now()
        # By the slot: a run that comes late archives what it would have archived in time.
        found = self._store.find(
            _done_before(
                member.workspace_id,
                arguments["board_id"],
                run.slot - timedelta(days=arguments["older_than_days"]),
            )
        )
        writes = [
            changing(stored, task_of(stored).archived(by=member.uid, at=now)) for stored in found
        ]
        if not self._store.attempt(writes):
            return Step(0, dict(cursor) or {"again": True}, {})  # Somebody was faster: look anew.
        return Step(len(found), {"again": True} if len(found) == PAGE else None, {})


def _done_before(workspace_id: str, board_id: str | None, until: Any) -> Query:
    where = [
        Where("deletedAt", "==", None),
        Where("archivedAt", "==", None),
        Where("status", "==", Status.DONE.value),
        Where("completedAt", "<=", until),
    ]
    if board_id is not None:
        where.append(Where("boardId", "==", board_id))
    return Query(tasks_path(workspace_id), PAGE, tuple(where), order_by=("completedAt",))
