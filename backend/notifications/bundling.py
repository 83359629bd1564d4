"""What comes to one person within moments, of a kind that comes in heaps, is one notification."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import Adjust, Change, Query, Remove, Stored, Where, Write
from backend.kit.errors import DataLoss
from backend.kit.ids import derived_id
from backend.notifications.addressees import Addressee, Addressees
from backend.notifications.deciding import is_wanted
from backend.notifications.delivery import deliver
from backend.notifications.documents import notifications_path
from backend.notifications.holding import is_urgent, still_concerns
from backend.notifications.model import Category, Notification
from backend.notifications.waiting import Waiting, going_on, parted
from backend.reactions.model import Event
from backend.tasks.documents import readable_task, task_path
from backend.tasks.model import Task, TaskRef
from backend.templating.language import due_value
from backend.templating.model import Values
from backend.templating.service import Templates
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.documents import member_of, member_path

log = structlog.get_logger()

# Most due instants are full minutes: what falls due together is flagged within seconds of it.
WINDOW = timedelta(seconds=10)
BUNDLED = frozenset({Category.OVERDUE, Category.ESCALATED})
MOST = 300  # In one notification. Of more than that, another one tells.
MOST_APART = 50  # Notifications in one commit, where workspaces are muted.
MOST_NAMED = 3
MOST_VALUES = 30  # That Firestore compares with in one query.


def bundle_path(uid: str, category: Category) -> str:
    """Return where it stands what somebody is to be told of at the end of the window."""
    return f"shadows/{derived_id('bundle', uid, category.value)}"


def hold(filed: Outbox, uid: str, category: Category, event: Event, now: datetime) -> None:
    """
    Add to a guarded commit that somebody hears of an event together with others of its category.

    Windows are those of the clock, ten seconds each, so that nothing has to be read and nobody
    waits for anybody: whoever comes adds what they have, and sets the same timer.
    """
    closes_at = window_end(now)
    waiting = {event.id: {"workspaceId": event.workspace_id, "taskId": event.task_id}}
    filed.writes.append(Adjust(bundle_path(uid, category), {"uid": uid, "waiting": waiting}))
    timer_id = derived_id(TimerKind.BUNDLE.value, uid, category.value, closes_at.isoformat())
    subject = {"uid": uid, "category": category.value}
    filed.set(Timer(timer_id, TimerKind.BUNDLE, subject, closes_at), now)


def window_end(now: datetime) -> datetime:
    """Return when the window ends that an instant lies in: at :00, :10, :20 and so on."""
    begun = now.second - now.second % int(WINDOW.total_seconds())
    return now.replace(second=begun, microsecond=0) + WINDOW


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that somebody is to hear of, and the task it is about."""

    event_id: str
    task: Task


class Bundling:
    """
    Files all that waits for a person as one notification, but for what they have muted.

    The bundle is the guard: of two that close it, one loses the race, looks again, and finds what
    the other one told in the notifications themselves.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        addressees: Addressees,
        templates: Templates,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._addressees = addressees
        self._templates = templates

    def fire(self, alarm: Alarm) -> None:
        """Tell the person of everything that waits and is still so, each of it once."""
        now = self._clock.now()
        uid, category = alarm.id_of("uid"), Category(alarm.id_of("category"))
        paths = [timer_path(alarm.timer_id), bundle_path(uid, category)]

        def plan() -> tuple[Outbox, list[Write]]:
            filed = Outbox()
            timer, bundle = self._store.get_all(paths)
            if timer is None or not is_due(timer, alarm, now):
                return filed, []
            waiting = bundle.fields["waiting"] if bundle is not None else {}
            if bundle is None or not waiting:
                return filed, [Remove(timer)]
            now_told, later = parted(waiting, MOST)
            left = {**later, **self._tell(filed, uid, category, now_told, now)}
            done = going_on(timer, filed, now) if left else Remove(timer)
            return filed, [*filed.writes, Change(bundle, {"waiting": left}), done]

        filed = self._store.commit(plan)
        self._timers.announce(filed.timers, now=now)
        if filed.writes:
            log.info("bundle.filed", people=1)

    def _tell(
        self, filed: Outbox, uid: str, category: Category, waiting: Waiting, now: datetime
    ) -> Waiting:
        """Add what the person is told of; return what the commit has no room for: it waits on."""
        entries = self._concerning(uid, category, waiting)
        to = self._addressees.of([uid]).get(uid) if entries else None
        if to is None:
            return {}
        together = _together(to, category, entries)
        for some in together[:MOST_APART]:
            pressing = any(is_urgent(each.task) for each in some)
            notification = self._notification(to, category, some, now)
            deliver(filed, notification, to, now, is_urgent=pressing)
        left = [each.event_id for some in together[MOST_APART:] for each in some]
        return {event_id: waiting[event_id] for event_id in left}

    def _concerning(self, uid: str, category: Category, waiting: Waiting) -> list[Entry]:
        """Return what still is as it was, and the person has not been told of."""
        told = self._told(uid, sorted(waiting))
        refs = {
            event_id: TaskRef(at["workspaceId"], at["taskId"])
            for event_id, at in waiting.items()
            if event_id not in told
        }
        workspaces = sorted({ref.workspace_id for ref in refs.values()})
        tasks = [task_path(ref) for ref in refs.values()]
        members = [member_path(each, uid) for each in workspaces]
        found = self._store.get_all([*tasks, *members]) if tasks else []
        # Read now, not remembered: what is filed stays with people after they have left.
        present = set(_present(found[len(tasks) :], self._clock.now()))
        entries = [
            Entry(event_id, task)
            for event_id, stored in zip(refs, found, strict=False)
            if (task := readable_task(stored)) is not None
            and task.workspace_id in present
            and still_concerns(category, uid, task)
        ]
        return sorted(entries, key=lambda each: (each.task.due_day or "", each.event_id))

    def _told(self, uid: str, event_ids: Sequence[str]) -> set[str]:
        told: set[str] = set()
        for start in range(0, len(event_ids), MOST_VALUES):
            some = list(event_ids[start : start + MOST_VALUES])
            query = Query(
                notifications_path(uid),
                limit=MOST_VALUES,
                where=(Where("events", "array_contains_any", some),),
                only=("events",),
            )
            for stored in self._store.find(query):
                told.update(stored.fields["events"])
        return told

    def _notification(
        self, to: Addressee, category: Category, entries: Sequence[Entry], now: datetime
    ) -> Notification:
        only = entries[0] if len(entries) == 1 else None
        values = _values_of_one(only.task) if only else _values_of_many(entries)
        name = category.value if only else f"{category.value}Many"
        rendered = self._templates.render(name, to.locale, values)
        events = tuple(each.event_id for each in entries)
        workspaces = {each.task.workspace_id for each in entries}
        return Notification(
            id=only.event_id if only else derived_id("bundle", to.uid, category.value, *events),
            uid=to.uid,
            category=category,
            words=rendered,
            link=_link(only, workspaces),
            group_key=f"task:{only.task.id}" if only else category.value,
            actor_uid=SYSTEM_UID,
            workspace_id=workspaces.pop() if len(workspaces) == 1 else None,
            task_id=only.task.id if only else None,
            created_at=now,
            events=events,
        )


def _together(to: Addressee, category: Category, entries: Sequence[Entry]) -> list[list[Entry]]:
    """
    Part what is told as one from what is muted by the workspace it lies in.

    The latter is filed for each workspace by itself, so that it says which setting muted it.
    """
    heard: list[Entry] = []
    muted: dict[str, list[Entry]] = {}
    for each in entries:
        workspace_id = each.task.workspace_id
        if is_wanted(category, to.preferences.level(workspace_id)):
            heard.append(each)
        else:
            muted.setdefault(workspace_id, []).append(each)
    return [heard, *muted.values()] if heard else [*muted.values()]


def _present(members: Sequence[Stored | None], now: datetime) -> Iterator[str]:
    for stored in members:
        try:
            if stored is not None and member_of(stored).is_current(now):
                yield stored.parent_id
        except DataLoss as error:
            log.exception("member.unreadable", detail=error.detail)


def _values_of_one(task: Task) -> Values:
    return {"task": task.title, "due": due_value(task.due) if task.due else ""}


def _values_of_many(entries: Sequence[Entry]) -> Values:
    named = [each.task.title for each in entries[:MOST_NAMED]]
    more = len(entries) - len(named)
    return {"number": len(entries), "first": ", ".join(named), "more": more or None}


def _link(only: Entry | None, workspaces: set[str]) -> str:
    if only is not None:
        return f"/workspaces/{only.task.workspace_id}/tasks/{only.task.id}"
    if len(workspaces) == 1:
        return f"/workspaces/{min(workspaces)}/tasks?overdue=true"
    return "/tasks?overdue=true"
