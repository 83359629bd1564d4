"""Notifications as their person sees them, and the timers that end their snoozes."""

from datetime import datetime

from backend.inbox.model import Item, is_unread
from backend.kit.documents import Stored, reading
from backend.kit.ids import derived_id
from backend.timers.model import Timer, TimerKind


def item_of(stored: Stored, now: datetime) -> Item:
    """
    Read a notification as it is seen at an instant.

    Raises:
        DataLoss: it is none that we would have written.
    """
    with reading(stored) as fields:
        return Item(
            id=stored.id,
            category=fields["category"],
            template=fields["template"],
            title=fields["title"],
            body=fields["body"],
            link=fields["link"],
            group_key=fields["groupKey"],
            count=fields.get("count", 1),
            actor_uid=fields["actorUid"],
            workspace_id=fields["workspaceId"],
            task_id=fields["taskId"],
            read_at=fields["readAt"],
            archived_at=fields["archivedAt"],
            snoozed_until=fields.get("snoozedUntil"),
            is_unread=is_unread(fields, now),
            created_at=fields["createdAt"],
            updated_at=fields.get("updatedAt", fields["createdAt"]),
        )


def is_kept(stored: Stored, now: datetime) -> bool:
    """Say whether a notification is still to be seen: TTL may delete it a day late."""
    expire_at = stored.fields.get("expireAt")
    return not isinstance(expire_at, datetime) or expire_at > now


def snooze_timer(uid: str, notification_id: str, at: datetime) -> Timer:
    """Return the timer that ends a snooze, in place of the one there is."""
    subject = {"uid": uid, "notificationId": notification_id}
    return Timer(snooze_timer_id(uid, notification_id), TimerKind.SNOOZED, subject, at)


def snooze_timer_id(uid: str, notification_id: str) -> str:
    """Return the id of the timer that ends a snooze."""
    return derived_id(TimerKind.SNOOZED.value, uid, notification_id)
