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
from backend.notifications.delivery import deliver
from backend.notifications.documents import notification_of, notification_path
from backend.notifications.grouping import Grouping, grouped, joined
from backend.notifications.holding import ABOUT_COMMENT, is_urgent, still_concerns
from backend.notifications.model import CATEGORIES, Category, Notification
from backend.notifications.places import Place, place_of
from backend.notifications.waiting import going_on
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
# People told by one commit, which has room for the eight writes that each may need. Those who come
# after them, by their uids, are told by the next.
AT_ONCE = 50
AFTER = "afterUid"
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
    Files an event with its audience: notification, badge, decisions and push, in one commit, or in
    several where a task concerns more people than one has room for.

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
        paths, tries = _paths(alarm), 0

        def plan() -> tuple[tuple[Outbox, int], list[Write]]:
            nonlocal tries
            tries += 1
            timer, event, task, *comment = self._store.get_all(paths)
            if timer is None or not is_due(timer, alarm, now):
                return (Outbox(), 0), []
            if event is None or task is None:
                return (Outbox(), 0), [Remove(timer)]
            told, last = _portion(event_of(event), alarm.subject.get(AFTER, ""))
            if tries > 1:  # Somebody was faster, or the event is told once more.
                told = self._without_told(told)
            filed = self._file(told, task_of(task), live_comment(*comment), now)
            done = going_on(timer, filed, now, **{AFTER: last}) if last else Remove(timer)
            return (filed, len(told.audience)), [*filed.writes, done]

        filed, people = self._store.commit(plan)
        self._timers.announce(filed.timers, now=now)
        if people:
            log.info("event.filed", event_id=alarm.id_of("eventId"), people=people)

    def _without_told(self, event: Event) -> Event:
        """
        Return an event without those who hold a notification of it already.

        An event that comes about once more, as when a due date is put back, is told once more: to
        those whose it has become since. It is so seldom that only a refused commit asks for it.
        """
        paths = [notification_path(uid, event.id) for uid in event.audience]
        found = self._store.get_all(paths) if paths else []
        left = [uid for uid, held in zip(event.audience, found, strict=True) if held is None]
        return replace(event, audience=tuple(left))

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
        self._tell(filed, event, task, self._addressees.of(present), values, now)
        return filed

    def _tell(
        self,
        filed: Outbox,
        event: Event,
        task: Task,
        people: Mapping[str, Addressee],
        values: Values,
        now: datetime,
    ) -> None:
        category, pressing = CATEGORIES[event.type], is_urgent(task)
        slots = self._grouping.slots([*people.values()], category, task, now)
        is_joined = any(slot.stored is not None for slot in slots.values())
        place_name = self._name_of(place_of(task)) if is_joined else ""
        for uid, to in people.items():
            slot = slots[uid]
            rendered = self._templates.render(category.value, to.locale, values)
            found = _notification(uid, category, event, rendered, now)
            new = replace(found, id=slot.notification_id or event.id)
            if slot.stored is not None:
                self._join(filed, slot.stored, new, task, place_name, to)
                continue
            deliver(filed, new, to, now, is_urgent=pressing)

    def _name_of(self, place: Place) -> str:
        found = self._store.get(place.path)
        return str(found.fields.get("name", "")) if found else ""

    def _join(
        self,
        filed: Outbox,
        stored: Stored,
        new: Notification,
        task: Task,
        place_name: str,
        to: Addressee,
    ) -> None:
        before = notification_of(stored)
        if set(new.events) <= set(before.events):
            return  # Told already.
        values = {"number": before.count + new.count, "place": place_name, "first": task.title}
        rendered = self._templates.render("grouped", to.locale, values)
        both = grouped(before, new, place_of(task), rendered)
        joined(filed, stored, both, to, new.created_at, is_urgent=is_urgent(task))


def _paths(alarm: Alarm) -> list[str]:
    """Return where all that an event rests on lies: timer, event, task, and comment if any."""
    ref = TaskRef(alarm.id_of("workspaceId"), alarm.id_of("taskId"))
    event = event_path(ref.workspace_id, alarm.id_of("eventId"))
    comment_id = alarm.subject.get(ABOUT_COMMENT)
    comment = [comment_path(CommentRef(*ref, comment_id))] if comment_id else []
    return [timer_path(alarm.timer_id), event, task_path(ref), *comment]


def _portion(event: Event, after: str) -> tuple[Event, str]:
    """Return an event with those it is told to now, and the last of them if others are left."""
    left = sorted(uid for uid in event.audience if uid > after)
    told = left[:AT_ONCE]
    return replace(event, audience=tuple(told)), told[-1] if len(left) > AT_ONCE else ""


def _notification(
    uid: str, category: Category, event: Event, rendered: Rendered, now: datetime
) -> Notification:
    return Notification(
        id=event.id,
        uid=uid,
        category=category,
        words=rendered,
        link=_link(event),
        group_key=f"task:{event.task_id}",
        actor_uid=event.actor_uid,
        workspace_id=event.workspace_id,
        task_id=event.task_id,
        created_at=now,
        events=(event.id,),
    )


def _link(event: Event) -> str:
    task = f"/workspaces/{event.workspace_id}/tasks/{event.task_id}"
    return f"{task}/comments/{event.comment_id}" if event.comment_id else task


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
