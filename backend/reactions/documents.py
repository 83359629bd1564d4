"""Events, history and shadows as documents."""

from backend.kit.documents import Fields, Put, Stored
from backend.kit.ids import derived_id
from backend.kit.people import PEOPLE, people_in
from backend.reactions.counting import COUNTED, marks
from backend.reactions.model import Event, EventType
from backend.tasks.documents import task_fields, task_from
from backend.tasks.model import Task, TaskRef


def event_path(workspace_id: str, event_id: str) -> str:
    """Return where an event lies."""
    return f"workspaces/{workspace_id}/events/{event_id}"


def recording(event: Event) -> Put:
    """Return the write of an event. Its commit needs a guarded write."""
    return Put(
        event_path(event.workspace_id, event.id),
        {
            "type": event.type.value,
            "actorUid": event.actor_uid,
            "subject": _subject(event),
            "audience": list(event.audience),
            "rev": event.rev,
            "at": event.at,
            "cause": event.cause,
        },
    )


def event_of(stored: Stored) -> Event:
    """Read an event from its document."""
    fields = stored.fields
    subject = fields["subject"]
    is_comment = subject["kind"] == "comment"
    return Event(
        type=EventType(fields["type"]),
        workspace_id=stored.parent_id,
        task_id=subject["taskId"] if is_comment else subject["id"],
        actor_uid=fields["actorUid"],
        audience=tuple(fields["audience"]),
        rev=fields["rev"],
        at=fields["at"],
        cause=fields["cause"],
        comment_id=subject["id"] if is_comment else None,
    )


def _subject(event: Event) -> Fields:
    if event.comment_id is None:
        return {"kind": "task", "id": event.task_id}
    return {"kind": "comment", "id": event.comment_id, "taskId": event.task_id}


def shadow_path(ref: TaskRef) -> str:
    """Return where the shadow of a task lies; task ids are unique in their workspace only."""
    return f"shadows/{derived_id('task', *ref)}"


def shadow_fields(task: Task) -> Fields:
    """Return the shadow of a task. Its `rev` changes with every write, as a guard's must."""
    fields = task_fields(task)
    return {
        "workspaceId": task.workspace_id,
        "taskId": task.id,
        "rev": task.rev,
        "task": fields,
        COUNTED: marks(task),
        PEOPLE: people_in(fields),
    }


def shadowed_task(stored: Stored) -> Task:
    """Return the task as it was when last reacted to."""
    fields = stored.fields
    return task_from(TaskRef(fields["workspaceId"], fields["taskId"]), fields["task"])
