"""Notifications and decisions as documents."""

from backend.kit.actor import ERASED_UID
from backend.kit.documents import Fields, Stored
from backend.notifications.model import KEPT, Category, Channel, Decision, Notification, Verdict
from backend.templating.model import Rendered
from backend.templating.unnaming import texts_without_actor


def notifications_path(uid: str) -> str:
    """Return the collection of somebody's notifications."""
    return f"users/{uid}/notifications"


def notification_path(uid: str, notification_id: str) -> str:
    """Return where a notification lies."""
    return f"{notifications_path(uid)}/{notification_id}"


def decision_path(uid: str, notification_id: str, channel: Channel) -> str:
    """Return where the decision about one channel lies."""
    return f"{notification_path(uid, notification_id)}/decisions/{channel.value}"


def badge_path(uid: str) -> str:
    """Return where somebody's unread notifications are counted."""
    return f"users/{uid}/counters/inbox"


def notification_fields(notification: Notification) -> Fields:
    """Return the document of a new notification, which the badge counts."""
    return {
        "category": notification.category.value,
        **_wording(notification.words),
        "link": notification.link,
        "groupKey": notification.group_key,
        "count": notification.count,
        "events": list(notification.events),
        "actorUid": notification.actor_uid,
        "workspaceId": notification.workspace_id,
        "taskId": notification.task_id,
        "readAt": notification.read_at,
        "archivedAt": notification.archived_at,
        "snoozedUntil": notification.snoozed_until,
        "isCounted": not notification.was_seen,
        "createdAt": notification.created_at,
        "updatedAt": notification.created_at,
        "expireAt": notification.created_at + KEPT,
    }


def notification_of(stored: Stored) -> Notification:
    """Read a notification from its document."""
    fields = stored.fields
    return Notification(
        id=stored.id,
        uid=stored.parent_id,
        category=Category(fields["category"]),
        words=Rendered(
            template=fields["template"],
            title=fields["title"],
            body=fields["body"],
            locale=fields.get("locale", "en"),
            values=fields.get("values", {}),
        ),
        link=fields["link"],
        group_key=fields["groupKey"],
        actor_uid=fields["actorUid"],
        workspace_id=fields["workspaceId"],
        task_id=fields["taskId"],
        created_at=fields["createdAt"],
        read_at=fields["readAt"],
        archived_at=fields["archivedAt"],
        snoozed_until=fields.get("snoozedUntil"),
        events=tuple(fields.get("events", ())),
    )


def without_actor(fields: Fields) -> Fields:
    """Return what of a notification changes when the person it tells of has left for good."""
    return {"actorUid": ERASED_UID, **texts_without_actor(fields)}


def _wording(words: Rendered) -> Fields:
    return {
        "template": words.template,
        "title": words.title,
        "body": words.body,
        "locale": words.locale,
        "values": dict(words.values),
    }


def decision_fields(decision: Decision) -> Fields:
    """Return the document of a decision."""
    return {
        "decision": decision.verdict.value,
        "reason": decision.reason,
        "attempts": decision.attempts,
        "at": decision.at,
        "devices": dict(decision.devices),
        "setting": decision.setting,
        "until": decision.until,
        "inputs": dict(decision.inputs),
    }


def decision_of(stored: Stored) -> Decision:
    """Read a decision from its document."""
    fields = stored.fields
    return Decision(
        verdict=Verdict(fields["decision"]),
        reason=fields["reason"],
        attempts=fields["attempts"],
        at=fields["at"],
        devices=fields["devices"],
        setting=fields.get("setting"),
        until=fields.get("until"),
        inputs=fields.get("inputs", {}),
    )
