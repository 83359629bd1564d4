"""From an event to what each person of its audience finds in the app."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.comments.documents import comment_path, live_comment
from backend.comments.markup import words_of
from backend.comments.model import Comment, CommentRef
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Stored, Write
from backend.notifications.addressees import Addressee, Addressees
from backend.notifications.bundling import BUNDLED, hold
from backend.notifications.delivery import ABOUT_COMMENT, deliver
from backend.notifications.documents import notification_of
from backend.notifications.grouping import Grouping, grouped, joined, texts_of
from backend.notifications.holding import is_urgent, still_concerns
from backend.notifications.model import CATEGORIES, Category, Notification
from backend.notifications.places import place_of
from backend.reactions.documents import event_of, event_path
from backend.reactions.model import Event
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import Task, TaskRef
from backend.templating.language import due_value
from backend.templating.model import Rendered, Values
from backend.templating.service import Templates
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.model import Member
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()


MAX_COMMENT = 300  # Of a comment that is told: texts show less.
# What the template of each category takes.
SAID: Mapping[Category, tuple[str, ...]] = {
    Category.ASSIGNED: ("actor", "task", "due"),
    Category.STATUS_CHANGED: ("actor", "task", "status"),
    Category.COMPLETED: ("actor", "task"),
    Category.DUE_SOON: ("task", "due"),
    Category.OVERDUE: ("task", "due"),
    Category.ESCALATED: ("task", "due"),
    Category.REMINDER: ("task", "due"),
    Category.COMMENT: ("actor", "task", "comment"),
    Category.MENTION: ("actor", "task", "comment"),
}


class Filing:
    """
    Files an event with its audience: notification, badge, decisions and push, in one commit.

    What comes in heaps waits for the end of its ten seconds instead, and is told together.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        workspaces: WorkspaceService,
        addressees: Addressees,
        templates: Templates,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._workspaces = workspaces
        self._addressees = addressees
        self._templates = templates
        self._grouping = Grouping(store)

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
        values = _values(category, event, task, comment, members)
        present = [uid for uid in concerned if uid in members]
        if category in BUNDLED:
            for uid in present:
                hold(filed, uid, category, event, now)
            return filed
        people = self._addressees.of(present)
        slots = self._grouping.slots([*people.values()], category, place_of(task), now)
        for uid, to in people.items():
            slot = slots[uid]
            rendered = self._templates.render(category.value, to.locale, values)
            found = _notification(uid, category, event, rendered, values, now)
            new = replace(found, id=slot.notification_id or event.id)
            if slot.stored is not None:
                self._join(filed, slot.stored, new, task, to, is_urgent=is_urgent(task))
                continue
            about = event.comment_id
            deliver(filed, new, to, now, is_urgent=is_urgent(task), about_comment=about)
        return filed

    def _join(
        self,
        filed: Outbox,
        stored: Stored,
        new: Notification,
        task: Task,
        to: Addressee,
        *,
        is_urgent: bool,
    ) -> None:
        before, place = notification_of(stored), place_of(task)
        if set(new.events) <= set(before.events):
            return  # Told already.
        found = self._store.get(place.path)
        name = str(found.fields.get("name", "")) if found else ""
        values = {"number": before.count + new.count, "place": name, "first": task.title}
        rendered = self._templates.render("grouped", to.locale, values)
        both = grouped(before, new, place, {**texts_of(rendered), "values": values})
        joined(filed, stored, both, to, new.created_at, is_urgent=is_urgent)


def _notification(
    uid: str, category: Category, event: Event, rendered: Rendered, values: Values, now: datetime
) -> Notification:
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
        events=(event.id,),
        locale=rendered.locale,
        values=values,
    )


def _link(event: Event) -> str:
    task = f"/workspaces/{event.workspace_id}/tasks/{event.task_id}"
    return f"{task}/comments/{event.comment_id}" if event.comment_id else task


def _comment_path(alarm: Alarm, ref: TaskRef) -> list[str]:
    comment_id = alarm.subject.get(ABOUT_COMMENT)
    return [comment_path(CommentRef(*ref, comment_id))] if comment_id else []


def _values(
    category: Category,
    event: Event,
    task: Task,
    comment: Comment | None,
    members: dict[str, Member],
) -> Values:
    actor = members.get(event.actor_uid)
    known = {
        "actor": actor.display_name if actor else "",
        "task": task.title,
        "comment": words_of(comment.body)[:MAX_COMMENT] if comment else "",
        "status": task.status.value,
        "due": due_value(task.due) if task.due else "",
    }
    return {name: known[name] for name in SAID[category]}
