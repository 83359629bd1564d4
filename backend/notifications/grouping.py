"""Several changes in one place, within a few minutes, are one notification that counts them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.documents import Change, Stored
from backend.kit.ids import derived_id
from backend.notifications.addressees import Addressee
from backend.notifications.bundling import window_end
from backend.notifications.deciding import decisions, is_wanted
from backend.notifications.delivery import send
from backend.notifications.documents import (
    notification_fields,
    notification_of,
    notification_path,
)
from backend.notifications.model import Category, Channel, Notification, Verdict
from backend.notifications.places import Place, place_of
from backend.notifications.push_timers import UPDATE
from backend.tasks.model import Task
from backend.templating.model import Rendered
from backend.timers.outbox import Outbox

GROUPED = frozenset(
    {Category.ASSIGNED, Category.STATUS_CHANGED, Category.COMPLETED, Category.COMMENT}
)
MOST = 300  # Events in one notification: their ids are listed in it. More of them begin another.
MOST_BEFORE = 20  # That somebody can have read within one window, and are looked through.
# What a join changes; the rest is the reader's, or was settled when the first came.
JOINED = ("template", "title", "body", "link", "taskId", "actorUid", "values", "locale")


@dataclass(frozen=True, slots=True)
class Slot:
    """
    Where an event is to be told: in a notification that is open, or in a new one of this id.

    Without an id, in one of its own, which others do not join.
    """

    notification_id: str | None = None
    stored: Stored | None = None


class Grouping:
    """
    Finds the open notification of a person about a place, without a query.

    Its id follows from the person, the category, the place, and the stretch of time it began in, so
    two who file at once meet in one document: the second finds its precondition broken, and joins.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def slots(
        self, people: Sequence[Addressee], category: Category, task: Task, now: datetime
    ) -> dict[str, Slot]:
        """Return by uid where each person is to be told. Two documents a person are read."""
        slots, place = {to.uid: Slot() for to in people}, place_of(task)
        wanting = [to for to in people if _wants_groups(to, category, task.workspace_id)]
        ids = {to.uid: list(_candidates(to, category, place, now)) for to in wanting}
        paths = [notification_path(uid, each) for uid, two in ids.items() for each in two]
        found = self._store.get_all(paths) if paths else []
        for index, to in enumerate(wanting):
            latest, before = found[2 * index], found[2 * index + 1]
            slots[to.uid] = self._slot(to, ids[to.uid][0], latest, before, now)
        return slots

    def _slot(
        self,
        to: Addressee,
        first_id: str,
        latest: Stored | None,
        before: Stored | None,
        now: datetime,
    ) -> Slot:
        if latest is None and before is not None and _is_open(before, to, now):
            return Slot(before.id, before)
        return self._last_in_chain(to, first_id, latest, now)

    def _last_in_chain(
        self, to: Addressee, first_id: str, stored: Stored | None, now: datetime
    ) -> Slot:
        """Go on from notifications that were read or are full to the one after them."""
        each_id = first_id
        for _ in range(MOST_BEFORE):
            if stored is None or _is_open(stored, to, now):
                return Slot(each_id, stored)
            each_id = derived_id("group", each_id, str(len(stored.fields["events"])))
            stored = self._store.get(notification_path(to.uid, each_id))
        return Slot()


def joined(
    filed: Outbox,
    stored: Stored,
    new: Notification,
    to: Addressee,
    now: datetime,
    *,
    is_urgent: bool,
) -> None:
    """
    Add to a commit that an open notification becomes `new`, which counts one event more.

    What is decided is decided anew, by what the person wants now. On the device the push replaces
    the one before; of several that follow each other, one goes out each ten seconds.
    """
    fields = notification_fields(new)
    changed: dict[str, Any] = {name: fields[name] for name in JOINED}
    changed |= {"events": fields["events"], "count": new.count, "updatedAt": now}
    filed.writes.append(Change(stored, changed))
    found = decisions(new.category, new.workspace_id, to, now, is_urgent=is_urgent)
    push = found[Channel.PUSH]
    about: Mapping[str, str] = {}
    if push.verdict is Verdict.PENDING:
        found[Channel.PUSH] = replace(push, until=window_end(now))
        about = {UPDATE: "yes"}
    send(filed, new, found, now, about)


def grouped(before: Notification, new: Notification, place: Place, words: Rendered) -> Notification:
    """Return an open notification with what is new; `words` tell of them all."""
    is_same_task = before.task_id == new.task_id
    return replace(
        before,
        words=words,
        events=(*before.events, *new.events),
        actor_uid=new.actor_uid,
        task_id=before.task_id if is_same_task else None,
        link=_task_link(new) if is_same_task else place.link,
    )


def _task_link(notification: Notification) -> str:
    return f"/workspaces/{notification.workspace_id}/tasks/{notification.task_id}"


def _wants_groups(to: Addressee, category: Category, workspace_id: str) -> bool:
    """Say whether somebody's notifications are joined: those they never see are not."""
    preferences = to.preferences
    is_grouped = category in GROUPED and preferences.bundle_minutes > 0
    is_shown = preferences.is_on(category, Channel.INBOX)
    return is_grouped and is_shown and is_wanted(category, preferences.level(workspace_id))


def _candidates(to: Addressee, category: Category, place: Place, now: datetime) -> Iterator[str]:
    """Yield the ids of what began in this stretch of time, and in the one before."""
    minutes = to.preferences.bundle_minutes
    stretch = int(now.timestamp() // (60 * minutes))
    for each in (stretch, stretch - 1):
        yield derived_id("group", to.uid, category.value, place.key, str(minutes), str(each))


def _is_open(stored: Stored, to: Addressee, now: datetime) -> bool:
    notification = notification_of(stored)
    window = timedelta(minutes=to.preferences.bundle_minutes)
    is_recent = notification.created_at > now - window
    return is_recent and not notification.was_seen and len(notification.events) < MOST
