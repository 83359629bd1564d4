"""What one look at a document led to."""

from datetime import datetime

from backend.kit.actor import SYSTEM_UID
from backend.kit.documents import Create
from backend.kit.ids import derived_id
from backend.reactions.documents import recording
from backend.reactions.model import Event, EventType
from backend.tasks.model import Task, TaskRef
from backend.tasks.timers import task_timer, task_timer_id
from backend.timers.documents import withdrawing
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox


class Reaction(Outbox):
    """An outbox that knows what events and timers of tasks look like."""

    def tell(self, event: Event, now: datetime, *, once: bool = False) -> None:
        """
        Record an event, and see to it that its audience hears of it.

        `once`: the commit fails if it was recorded before, also long ago.
        """
        write = recording(event)
        self.writes.append(Create(write.path, write.fields) if once else write)
        if event.audience:
            subject = {
                "workspaceId": event.workspace_id,
                "taskId": event.task_id,
                "eventId": event.id,
            }
            if event.comment_id is not None:
                subject["commentId"] = event.comment_id
            self.set(Timer(notice_id(event), TimerKind.NOTIFY, subject, now), now)

    def schedule(
        self, kind: TimerKind, ref: TaskRef, fire_at: datetime | None, now: datetime
    ) -> None:
        """Set a timer of a task, in place of the one it has; withdraw it where there is none."""
        if fire_at is None:
            self.writes.append(withdrawing(task_timer_id(kind, ref)))
        else:
            self.set(task_timer(kind, ref, fire_at), now)


def event_about(
    event_type: EventType, audience: tuple[str, ...], task: Task, cause: str | None = None
) -> Event:
    """Return what happened to a task by its last change, or by time, which is nobody's doing."""
    return Event(
        type=event_type,
        workspace_id=task.workspace_id,
        task_id=task.id,
        actor_uid=task.updated_by if cause is None else SYSTEM_UID,
        audience=audience,
        rev=task.rev,
        at=task.updated_at,
        cause=str(task.rev) if cause is None else cause,
    )


def notice_id(event: Event) -> str:
    """Return the id of the timer by which the audience of an event hears of it."""
    return derived_id("notify", event.id)
