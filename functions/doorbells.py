"""
Doorbells: each says "look at this document" by asking for one job.

A doorbell carries ids and no meaning. Firestore may ring it twice, late, out of order or
never (Python triggers have no retry), so the job reads the document itself, and a sweep
finds whatever nobody rang for. The payload of the event is therefore never read.

There is none for Firebase Auth: docs/decisions/0017-no-doorbell-at-the-front-door.md.
"""

import os
import re
from typing import Any

from firebase_functions import logger
from firebase_functions.firestore_fn import (
    Event,
    on_document_deleted,
    on_document_updated,
    on_document_written,
)
from firebase_functions.options import MemoryOption
from google.api_core.exceptions import GoogleAPIError
from jobs import request_job

# A document id may hold anything but a slash; ours are of this shape, and so must job bodies be.
SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
OPTIONS: dict[str, Any] = {
    "region": os.environ.get("JOBS_LOCATION", "europe-west1"),  # The decorators ask at import.
    "memory": MemoryOption.MB_256,
    "cpu": 1,
    "concurrency": 8,  # As many as functions-framework has threads; a ring is one short call.
    "max_instances": 20,
    "timeout_sec": 30,
}
NOTIFICATION = "users/{uid}/notifications/{notificationId}"


@on_document_written(document="workspaces/{workspaceId}/tasks/{taskId}", **OPTIONS)
def task_written(event: Event[Any]) -> None:
    """Ask the reactor to look at a task that was created, changed or deleted."""
    _ring("react", event, ("workspaceId", "taskId"))


@on_document_written(document="users/{uid}", **OPTIONS)
def account_written(event: Event[Any]) -> None:
    """Ask for a look at an account: perhaps its name is another now."""
    _ring("reactAccount", event, ("uid",))


@on_document_written(document="users/{uid}/devices/{deviceId}", **OPTIONS)
def device_written(event: Event[Any]) -> None:
    """Ask for a look at a device: perhaps it is new, or one too many."""
    _ring("reactDevice", event, ("uid", "deviceId"))


@on_document_updated(document=NOTIFICATION, **OPTIONS)
def notification_marked(event: Event[Any]) -> None:
    """Ask for a look at a notification. When one is filed, the badge counts it already."""
    _ring("reactInbox", event, ("uid", "notificationId"))


@on_document_deleted(document=NOTIFICATION, **OPTIONS)
def notification_deleted(event: Event[Any]) -> None:
    """Ask for a look at the badge, which perhaps counted what is gone."""
    _ring("reactInbox", event, ("uid", "notificationId"))


def _ring(handler: str, event: Event[Any], names: tuple[str, ...]) -> None:
    ids = {name: event.params[name] for name in names}
    if not all(SAFE_ID.fullmatch(value) for value in ids.values()):
        logger.warn("doorbell.skipped", handler=handler, eventId=event.id, document=event.document)
        return
    try:
        # Two doorbells may hang at one write, whose event has one id for both.
        created = request_job(handler, ids, key=f"{handler}:{event.id}")
    except GoogleAPIError as error:
        logger.error("doorbell.failed", handler=handler, eventId=event.id, error=str(error), **ids)
        raise
    logger.info("doorbell.rang", handler=handler, eventId=event.id, created=created, **ids)
