"""From an event to what each person of its audience finds in the app."""

from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.comments.documents import comment_path, live_comment
from backend.comments.markup import words_of
from backend.comments.model import Comment, CommentRef
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Write
from backend.notifications.bundling import BUNDLED, hold
from backend.notifications.delivery import ABOUT_COMMENT, deliver
from backend.notifications.holding import still_concerns
from backend.notifications.model import CATEGORIES, Category, Notification
from backend.notifications.templates import SOMEONE, Words, render
from backend.notifications.wording import due_in_words
from backend.reactions.documents import event_of, event_path
from backend.reactions.model import Event
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import Task, TaskRef
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.model import Member
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()


class Filing:
    """
    Files an event with its audience: notification, badge, decisions and push, in one commit.

    What comes in heaps waits for the end of its ten seconds instead, and is told together.
    """

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
            *_comment_path(alarm, ref),
        ]

        def plan() -> tuple[Outbox, list[Write]]:
            timer, event, task, *comment = self._store.get_all(paths)
            if timer is None or not is_due(timer, alarm, now):
                return Outbox(), []
            filed = Outbox()
            if event is not None and task is not None:
                filed = self._file(event_of(event), task_of(task), live_comment(*comment), now)
            return filed, [*filed.writes, Remove(timer)]

        filed = self._store.commit(plan)
        self._timers.announce(filed.timers, now=now)
        if filed.timers:
            log.info("event.filed", event_id=alarm.id_of("eventId"), people=len(filed.timers))

    def _file(self, event: Event, task: Task, comment: Comment | None, now: datetime) -> Outbox:
        category = CATEGORIES[event.type]
        filed = Outbox()
        if event.comment_id is not None and (comment is None or task.deleted_at is not None):
            return filed  # Taken back before anybody had heard of it.
        # What was taken back in the meantime nobody needs to hear of.
        concerned = [uid for uid in event.audience if still_concerns(category, uid, task)]
        # Read now, not remembered: what is filed stays with people after they have left.
        author = [] if category in BUNDLED or not concerned else [event.actor_uid]
        members = self._workspaces.current_members(task.workspace_id, [*concerned, *author])
        words = _words(event, task, comment, members)
        for uid in concerned:
            if uid in members and category in BUNDLED:
                hold(filed, uid, category, event, now)
            elif uid in members:
                notification = _notification(uid, category, event, words, now)
                deliver(filed, notification, now, about_comment=event.comment_id)
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
        link=_link(event),
        group_key=f"task:{event.task_id}",
        actor_uid=event.actor_uid,
        workspace_id=event.workspace_id,
        task_id=event.task_id,
        created_at=now,
    )


def _link(event: Event) -> str:
    task = f"/workspaces/{event.workspace_id}/tasks/{event.task_id}"
    return f"{task}/comments/{event.comment_id}" if event.comment_id else task


def _comment_path(alarm: Alarm, ref: TaskRef) -> list[str]:
    comment_id = alarm.subject.get(ABOUT_COMMENT)
    return [comment_path(CommentRef(*ref, comment_id))] if comment_id else []


def _words(event: Event, task: Task, comment: Comment | None, members: dict[str, Member]) -> Words:
    actor = members.get(event.actor_uid)
    return Words(
        actor=(actor.display_name if actor else "") or SOMEONE,
        task=task.title,
        comment=words_of(comment.body) if comment else "",
        status=task.status.value.replace("_", " "),
        due=due_in_words(task.due) if task.due else "",
    )
