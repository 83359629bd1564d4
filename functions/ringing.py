"""How a doorbell rings: one job that carries ids."""

import os
import re
from typing import Any

from firebase_functions import logger
from firebase_functions.firestore_fn import Event
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


def ring(handler: str, event: Event[Any], names: tuple[str, ...]) -> None:
    """Ask for a job whose body are the ids that these variable parts of the path hold."""
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
