"""Taking back what people did with their notifications."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from backend.adapters.firestore import Store
from backend.inbox.badge import Badge
from backend.inbox.documents import is_kept
from backend.inbox.marking import set_snooze
from backend.inbox.model import MARKS, Following, following
from backend.kit.actor import Actor
from backend.kit.documents import Change, Create, Fields, Stored, Write
from backend.kit.errors import hidden
from backend.notifications.documents import badge_path
from backend.timers.outbox import Outbox
from backend.undo.model import Kind, Reverted, Touched, digest

NOTIFICATIONS = "notifications"


def left_by(stored: Stored, changes: Fields) -> Touched:
    """Return what a command leaves that changes these marks. Notifications count no revisions."""
    return Touched(
        stored.path,
        0,
        Kind.CHANGED,
        before={name: stored.fields.get(name) for name in changes},
        after={name: digest(value) for name, value in changes.items()},
    )


class InboxReverter:
    """
    Puts notifications back as they were marked, mark by mark, and brings deleted ones back.

    What was taken off devices meanwhile stays off: nobody wants to be told twice.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._badge = Badge(store)

    def reverting(
        self, actor: Actor, uid: str, touched: Sequence[Touched], now: datetime
    ) -> Reverted:
        """
        Return what puts the actor's own notifications, or the decisions about them, back.

        Raises:
            NotFound: they are another's.
        """
        if uid != actor.uid:
            raise hidden()
        badge, *found = self._store.get_all([badge_path(uid), *(each.path for each in touched)])
        reverted, outbox, by = Reverted(), Outbox(), Counter[str]()
        for each, stored in zip(touched, found, strict=True):
            is_of_mine = each.collection == NOTIFICATIONS
            back = _back(each, stored, now) if is_of_mine else _decided_back(each, stored)
            (reverted.kept if back is None else reverted.undone).append(each.path)
            if not back:
                continue
            write, follows = back[0]
            outbox.writes.append(write)
            if isinstance(write, Change):  # Who wants to delete it after all can do so again.
                marks = {name: write.fields[name] for name in MARKS if name in write.fields}
                reverted.touched.append(left_by(write.of, marks))
            if follows is not None:
                set_snooze(outbox, uid, each.id, follows, now)
                fields = stored.fields if stored else each.before
                by[str(fields.get("category"))] += follows.by
        outbox.writes += self._badge.moving(uid, badge, by, now)
        reverted.writes.extend(outbox.writes)
        reverted.timers.extend(outbox.timers)
        return reverted


# What puts a document back: nothing where it is back already. None: it cannot be put back.
Back = list[tuple[Write, Following | None]]


def _back(each: Touched, stored: Stored | None, now: datetime) -> Back | None:
    match each.kind, stored:
        case Kind.CHANGED, Stored():
            return _marked_back(each, stored, now)
        case Kind.REMOVED, None:
            return _brought_back(each, now)
        case Kind.REMOVED, Stored() if stored.fields.get("createdAt") == each.before["createdAt"]:
            return []
    return None


def _marked_back(each: Touched, stored: Stored, now: datetime) -> Back | None:
    fields = stored.fields
    names = [name for name in MARKS if name in each.before]
    left = [name for name in names if digest(fields.get(name)) == each.after[name]]
    wanted = {name: _still(name, each.before[name], now) for name in left}
    changes = {name: value for name, value in wanted.items() if fields.get(name) != value}
    if not changes:
        is_back = bool(left) or all(fields.get(name) == each.before[name] for name in names)
        return [] if is_back else None
    follows = following({**fields, **changes}, now)
    write = Change(stored, {**changes, **follows.fields, "updatedAt": now})
    return [(write, follows)]


def _brought_back(each: Touched, now: datetime) -> Back | None:
    # Its deletion took its timer and its place in the badge along.
    before = {**each.before, "wakesAt": None, "isCounted": False}
    before["snoozedUntil"] = _still("snoozedUntil", before.get("snoozedUntil"), now)
    if not is_kept(Stored(each.path, before, now), now):
        return None
    follows = following(before, now)
    return [(Create(each.path, {**before, **follows.fields, "updatedAt": now}), follows)]


def _decided_back(each: Touched, stored: Stored | None) -> Back | None:
    if each.kind is not Kind.REMOVED:
        return None
    return [] if stored else [(Create(each.path, each.before), None)]


def _still(name: str, value: datetime | None, now: datetime) -> datetime | None:
    """Return a mark as it may be set again: nothing is put off until the past."""
    is_over = name == "snoozedUntil" and value is not None and value <= now
    return None if is_over else value
