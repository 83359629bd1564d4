"""`/users/me/notifications`: what somebody was told, and what they do with it."""

from typing import Any

from backend.inbox import examples
from backend.inbox.clearing import Clear
from backend.inbox.model import Cleared, Item, Wanted
from backend.inbox.schemas import (
    ClearedSchema,
    DecisionPageSchema,
    DeviceHeaderSchema,
    MarksSchema,
    NotificationPageSchema,
    NotificationQuerySchema,
    NotificationSchema,
)
from backend.kit.pages import Page
from backend.notifications.model import Channel, Decision
from backend.undo.model import Done
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services
from backend.web.limits import costs
from backend.web.pages import LINK_HEADER, asked, linked
from backend.web.undo_header import undo_header

blueprint = ApiBlueprint(
    "inbox",
    __name__,
    url_prefix="/api/v1/users/me",
    description="What the caller was told, and why.",
)

NOTIFICATION, NOTIFICATIONS = NotificationSchema(), NotificationPageSchema()
QUERY, MARKS, DECISIONS = NotificationQuerySchema(), MarksSchema(), DecisionPageSchema()
CLEARED, DEVICE = ClearedSchema(), DeviceHeaderSchema()


@blueprint.get("/notifications")
@blueprint.arguments(QUERY, location="query")
@blueprint.response(200, NOTIFICATIONS, headers=LINK_HEADER, example=examples.NOTIFICATION_PAGE)
def list_notifications(query: dict[str, Any]) -> tuple[Page[Item], int, dict[str, str]]:
    """
    List the caller's notifications, the newest first.

    They are kept for 90 days. Those in the archive are a list of their own, by when they came
    there; what is snoozed is among the others, but not among the unread ones.
    """
    page = asked(query)
    category = query.pop("category")
    wanted = Wanted(category=category.value if category else None, **query)
    return linked(services().inbox.page(actor(), wanted, page))


@blueprint.get("/notifications/<notification_id>")
@blueprint.response(200, NOTIFICATION, example=examples.NOTIFICATION)
def get_notification(notification_id: str) -> Item:
    """
    Return a notification.

    Looking at it does not mark it as read.
    """
    return services().inbox.get(actor(), notification_id)


@blueprint.patch("/notifications/<notification_id>")
@blueprint.arguments(DEVICE, location="headers")
@blueprint.arguments(MARKS, example=examples.MARKS)
@blueprint.response(200, NOTIFICATION, example=examples.READ_NOTIFICATION)
def mark_notification(
    device_id: str | None, marks: dict[str, Any], notification_id: str
) -> tuple[Item, int, dict[str, str]]:
    """
    Read, archive or snooze a notification, or take that back.

    The badge follows with the answer. What is unread no more leaves the screens of the caller's
    other devices within two seconds. What is archived while it is snoozed stays in the archive.
    """
    done = services().inbox.mark(actor(), notification_id, marks, on_device=device_id)
    return done.value, 200, undo_header(done.undo)


@blueprint.delete("/notifications/<notification_id>")
@blueprint.arguments(DEVICE, location="headers")
@blueprint.response(204)
def delete_notification(
    device_id: str | None, notification_id: str
) -> tuple[None, int, dict[str, str]]:
    """
    Delete a notification, with the decisions about it.

    Badge and screens follow as when it is read. `Undo-Token` brings it back.
    """
    done = services().inbox.delete(actor(), notification_id, on_device=device_id)
    return None, 204, undo_header(done.undo)


@blueprint.get("/notifications/<notification_id>/decisions")
@blueprint.response(200, DECISIONS, example=examples.DECISIONS)
def list_decisions(notification_id: str) -> Page[tuple[Channel, Decision]]:
    """
    Say why a notification did, or did not, reach the caller.

    One decision for each channel, all on one page; `setting` is where to change it.
    """
    return Page(services().inbox.decisions(actor(), notification_id))


@blueprint.post("/notifications:markAllRead")
@costs(5)
@blueprint.arguments(DEVICE, location="headers")
@blueprint.response(200, CLEARED, example=examples.CLEARED)
def mark_all_read(device_id: str | None) -> tuple[Cleared, int, dict[str, str]]:
    """
    Mark all unread notifications as read.

    What is snoozed stays so. With more than 400 an operation goes on with all of them.
    `Undo-Token` takes it back.
    """
    return _cleared(services().inbox_clearing.clear(actor(), Clear.READ, on_device=device_id))


@blueprint.post("/notifications:archiveAll")
@costs(5)
@blueprint.arguments(DEVICE, location="headers")
@blueprint.response(200, CLEARED, example=examples.CLEARED)
def archive_all(device_id: str | None) -> tuple[Cleared, int, dict[str, str]]:
    """
    Put all notifications into the archive.

    What is snoozed stays so. With more than 400 an operation goes on with all of them.
    `Undo-Token` takes it back.
    """
    return _cleared(services().inbox_clearing.clear(actor(), Clear.ARCHIVE, on_device=device_id))


def _cleared(done: Done[Cleared]) -> tuple[Cleared, int, dict[str, str]]:
    return done.value, 200, undo_header(done.undo)
