"""
Doorbells: each says "look at this document" by asking for one job.

A doorbell carries ids and no meaning. Firestore may ring it twice, late, out of order or
never (Python triggers have no retry), so the job reads the document itself, and a sweep
finds whatever nobody rang for. The payload of the event is therefore never read.

There is none for Firebase Auth: docs/decisions/0017-no-doorbell-at-the-front-door.md.
"""

from typing import Any

from firebase_functions.firestore_fn import (
    Event,
    on_document_created,
    on_document_deleted,
    on_document_updated,
    on_document_written,
)
from ringing import OPTIONS, ring

BOARD = "workspaces/{workspaceId}/boards/{boardId}"
LIST = "workspaces/{workspaceId}/lists/{listId}"
COMMENT = "workspaces/{workspaceId}/tasks/{taskId}/comments/{commentId}"
NOTIFICATION = "users/{uid}/notifications/{notificationId}"


@on_document_written(document="workspaces/{workspaceId}/tasks/{taskId}", **OPTIONS)
def task_written(event: Event[Any]) -> None:
    """Ask the reactor to look at a task that was created, changed or deleted."""
    ring("react", event, ("workspaceId", "taskId"))


@on_document_created(document=BOARD, **OPTIONS)
def board_created(event: Event[Any]) -> None:
    """Ask for a look at a board, which search finds by its name. Changes of counters ring none."""
    ring("reactBoard", event, ("workspaceId", "boardId"))


@on_document_deleted(document=BOARD, **OPTIONS)
def board_deleted(event: Event[Any]) -> None:
    """Ask for a look at where a board was."""
    ring("reactBoard", event, ("workspaceId", "boardId"))


@on_document_created(document=LIST, **OPTIONS)
def list_created(event: Event[Any]) -> None:
    """Ask for a look at a list, as at a board."""
    ring("reactList", event, ("workspaceId", "listId"))


@on_document_deleted(document=LIST, **OPTIONS)
def list_deleted(event: Event[Any]) -> None:
    """Ask for a look at where a list was."""
    ring("reactList", event, ("workspaceId", "listId"))


@on_document_written(document=COMMENT, **OPTIONS)
def comment_written(event: Event[Any]) -> None:
    """Ask for a look at a comment that was written, changed or deleted."""
    ring("reactComment", event, ("workspaceId", "taskId", "commentId"))


@on_document_written(document="users/{uid}", **OPTIONS)
def account_written(event: Event[Any]) -> None:
    """Ask for a look at an account: perhaps its name is another now."""
    ring("reactAccount", event, ("uid",))


@on_document_written(document="users/{uid}/settings/notifications", **OPTIONS)
def settings_written(event: Event[Any]) -> None:
    """Ask for a look at what somebody wants to be told of, and when."""
    ring("reactSettings", event, ("uid",))


@on_document_written(document="users/{uid}/devices/{deviceId}", **OPTIONS)
def device_written(event: Event[Any]) -> None:
    """Ask for a look at a device: perhaps it is new, or one too many."""
    ring("reactDevice", event, ("uid", "deviceId"))


@on_document_created(document="users/{uid}/intents/{intentId}", **OPTIONS)
def intent_written(event: Event[Any]) -> None:
    """Ask that a command is carried out which an app wrote down. Answers ring nothing."""
    ring("runIntent", event, ("uid", "intentId"))


@on_document_updated(document=NOTIFICATION, **OPTIONS)
def notification_marked(event: Event[Any]) -> None:
    """Ask for a look at a notification. When one is filed, the badge counts it already."""
    ring("reactInbox", event, ("uid", "notificationId"))


@on_document_deleted(document=NOTIFICATION, **OPTIONS)
def notification_deleted(event: Event[Any]) -> None:
    """Ask for a look at the badge, which perhaps counted what is gone."""
    ring("reactInbox", event, ("uid", "notificationId"))
