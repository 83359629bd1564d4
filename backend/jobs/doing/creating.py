"""Creating a task."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from backend.adapters.firestore import Store
from backend.jobs.doing.acting import Acting
from backend.jobs.handlers import JobScope, Step
from backend.jobs.model import JobRun
from backend.kit.clock import Clock
from backend.kit.documents import Write
from backend.kit.errors import InvalidArgument
from backend.kit.ids import derived_id
from backend.kit.wallclock import zone
from backend.tasks import acts
from backend.tasks.detail_schemas import (
    TIME,
    ZONE,
    ChecklistItemSchema,
    PriorityName,
    ids,
    ids_of_their_own,
    people,
)
from backend.tasks.details import MAX_CHECKLIST
from backend.tasks.draft import Draft
from backend.tasks.due import Due
from backend.tasks.model import (
    MAX_ASSIGNEES,
    MAX_DESCRIPTION,
    MAX_ESTIMATE_MIN,
    MAX_LABELS,
    MAX_TITLE,
    MAX_WATCHERS,
)
from backend.tasks.people import LISTS
from backend.tasks.references import named
from backend.web.schemas import CamelSchema, Id, Text, Whole, frozen
from backend.workspaces.permissions import Right

LEFT_OUT = "leftOut"  # In a run's result: whom it named in vain, by the lists of its arguments.
DUE = {"description": "When it is due, counted from the day of the run in that zone."}
PROBE = "2026-01-05"  # Any day: only time and zone are looked at.


class DueLaterSchema(CamelSchema):
    """So many days after the run: the whole day, or at a local time."""

    in_days = Whole(required=True, validate=validate.Range(0, 366))
    time = fields.String(allow_none=True, load_default=None, metadata=TIME)
    tz = fields.String(required=True, metadata=ZONE)

    @post_load
    def _check(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        try:
            _due_on(PROBE, data)
        except InvalidArgument as error:
            pointer = error.faults[0].pointer.removeprefix("/due").strip("/")
            raise ValidationError(error.detail, pointer or "_schema") from None
        return data


class CreateTaskArguments(CamelSchema):
    """What the task starts with."""

    title = Text(MAX_TITLE, shortest=1, required=True)
    description = Text(MAX_DESCRIPTION, lines=True)
    priority = PriorityName()
    assignee_ids = people(MAX_ASSIGNEES)
    watcher_ids = people(MAX_WATCHERS)
    label_ids = ids(MAX_LABELS)
    project_id = Id(allow_none=True)
    board_id = Id(allow_none=True)
    list_id = Id(allow_none=True)
    checklist = fields.List(
        fields.Nested(ChecklistItemSchema),
        validate=[validate.Length(max=MAX_CHECKLIST), ids_of_their_own],
    )
    estimate_min = Whole(allow_none=True, validate=validate.Range(0, MAX_ESTIMATE_MIN))
    due = fields.Nested(DueLaterSchema, allow_none=True, metadata=DUE)

    @post_load
    def _freeze(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return frozen(data)


class CreateTask:
    """Creates one task a run, under an id that follows from the run."""

    name = "createTask"
    scope = JobScope.WORKSPACE
    arguments = CreateTaskArguments()

    def __init__(self, store: Store, clock: Clock, acting: Acting) -> None:
        self._store = store
        self._clock = clock
        self._acting = acting

    def people_named(self, arguments: Mapping[str, Any]) -> dict[str, Sequence[str]]:
        """Return who is to do or to watch the task, under the pointers of their lists."""
        return {pointer: arguments.get(name, ()) for name, pointer in LISTS.items()}

    def step(
        self,
        run: JobRun,
        arguments: Mapping[str, Any],
        cursor: Mapping[str, Any],  # noqa: ARG002 - every handler's signature.
    ) -> Step:
        """
        Create the task, on behalf of whoever set the job up.

        People who have left are left out, and the result says whom: `leftOut` has the lists of the
        arguments with their uids, where there are any.

        Raises:
            NotFound: whoever set the job up belongs to the workspace no longer.
            PermissionDenied: they may not create tasks there any more.
            InvalidArgument: a project, board, list or label is gone, or the list is full.
        """
        now, task_id = self._clock.now(), derived_id("jobTask", run.job_id, run.id)
        people = self.people_named(arguments)
        wanted = [uid for uids in people.values() for uid in uids]
        members = self._acting.admit_among(run, wanted, to=Right.CREATE_TASK)
        details = _details(run, arguments, members)
        member = members[run.by]

        def plan() -> tuple[int, list[Write]]:
            draft = Draft(self._store, member, now)
            draft.read([draft.path(task_id), *named(member.workspace_id, details)])
            if draft.document(draft.path(task_id)) is not None:
                return 1, []  # Made by a step that was killed before it could say so.
            acts.create(draft, task_id, title=arguments["title"], details=details)
            return 1, draft.writes()

        result = {"taskId": task_id, **_left_out(people, members)}
        return Step(self._store.commit(plan), None, result)


def _left_out(
    people: Mapping[str, Sequence[str]], members: Mapping[str, Any]
) -> dict[str, dict[str, list[str]]]:
    # Under the names that the arguments have, so that whoever is erased goes from both alike.
    gone = {
        pointer.removeprefix("/"): [uid for uid in uids if uid not in members]
        for pointer, uids in people.items()
    }
    found = {name: uids for name, uids in gone.items() if uids}
    return {LEFT_OUT: found} if found else {}


def _details(
    run: JobRun, arguments: Mapping[str, Any], members: Mapping[str, Any]
) -> dict[str, Any]:
    details = {name: value for name, value in arguments.items() if name not in ("title", "due")}
    for name in LISTS:
        if name in details:
            details[name] = tuple(uid for uid in details[name] if uid in members)
    if due := arguments.get("due"):
        details["due"] = _due(run, due)
    return details


def _due(run: JobRun, due: Mapping[str, Any]) -> Due:
    # The day it is in that zone at the slot: a run that comes late means the same day.
    today = run.slot.astimezone(zone(due["tz"])).date()
    return _due_on((today + timedelta(days=due["in_days"])).isoformat(), due)


def _due_on(day: str, due: Mapping[str, Any]) -> Due:
    kind = "allDay" if due["time"] is None else "zoned"
    return Due.from_fields({"kind": kind, "date": day, "time": due["time"], "tz": due["tz"]})
