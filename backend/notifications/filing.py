"""From an event to what each person of its audience finds in the app."""

from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Write
from backend.notifications.delivery import deliver
from backend.notifications.model import CATEGORIES, Category, Notification
from backend.notifications.templates import SOMEONE, Words, render
from backend.reactions.documents import event_of, event_path
from backend.reactions.model import Event
from backend.tasks.documents import task_of, task_path
from backend.tasks.due import Due
from backend.tasks.model import Task, TaskRef
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.model import Member
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()

STILL_TO_DO = (Category.DUE_SOON, Category.OVERDUE)


class Filing:
    """Files an event with its audience: notification, badge, decisions and push, in one commit."""

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, workspaces: WorkspaceService
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._workspaces = workspaces

    def fire(self, alarm: Alarm) -> None:
        """File the event of the timer once. Who has left the workspace since hears nothing."""
        now = self._clock.now()
        ref = TaskRef(alarm.id_of("workspaceId"), alarm.id_of("taskId"))
        paths = [
            timer_path(alarm.timer_id),
            event_path(ref.workspace_id, alarm.id_of("eventId")),
            task_path(ref),
        ]

        def plan() -> tuple[Outbox, list[Write]]:
            timer, event, task = self._store.get_all(paths)
            if timer is None or not is_due(timer, now):
                return Outbox(), []
            filed = self._file(event_of(event), task_of(task), now) if event and task else Outbox()
            return filed, [*filed.writes, Remove(timer)]

        filed = self._store.commit(plan)
        self._timers.announce(filed.timers, now=now)
        if filed.timers:
            log.info("event.filed", event_id=alarm.id_of("eventId"), people=len(filed.timers))

    def _file(self, event: Event, task: Task, now: datetime) -> Outbox:
        category = CATEGORIES[event.type]
        filed = Outbox()
        if category in STILL_TO_DO and not task.is_open:
            return filed  # Done in the meantime: nobody needs to hear that it was late.
        # Read now, not remembered: what is filed stays with people after they have left.
        members = self._workspaces.current_members(
            task.workspace_id, [*event.audience, event.actor_uid]
        )
        words = _words(event, task, members)
        for uid in event.audience:
            if uid in members:
                deliver(filed, _notification(uid, category, event, words, now), now)
        return filed


def _notification(
    uid: str, category: Category, event: Event, words: Words, now: datetime
) -> Notification:
    rendered = render(category.value, words)
    return Notification(
        id=event.id,
        uid=uid,
        category=category,
        template=rendered.template,
        title=rendered.title,
        body=rendered.body,
        link=f"/workspaces/{event.workspace_id}/tasks/{event.task_id}",
        group_key=f"task:{event.task_id}",
        actor_uid=event.actor_uid,
        workspace_id=event.workspace_id,
        task_id=event.task_id,
        created_at=now,
    )


def _words(event: Event, task: Task, members: dict[str, Member]) -> Words:
    actor = members.get(event.actor_uid)
    return Words(
        actor=(actor.display_name if actor else "") or SOMEONE,
        task=task.title,
        status=task.status.value.replace("_", " "),
        due=_written(task.due) if task.due else "",
    )


def _written(due: Due) -> str:
    day = f"{due.day.day} {due.day:%b %Y}"
    return f"{day}, {due.time:%H:%M}" if due.time else day
