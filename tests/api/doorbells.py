"""What apps write of their own person directly, and the doorbells that such writes ring."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from google.cloud import firestore

from backend.adapters.jobs import Job
from backend.kit.ids import random_id
from tests.api.world import Caller, World


def ring(world: World, handler: str, **ids: str) -> None:
    """Ring a doorbell, as the function does: the job is queued, and not yet run."""
    world.services.ports.jobs.enqueue(Job(handler, ids, key=random_id()))


def write_profile(world: World, person: Caller, **fields: Any) -> None:
    """Change a profile as the app does, under the rules."""
    world.database.document(f"users/{person.uid}").update(
        {**fields, "rev": firestore.Increment(1), "updatedAt": world.clock.now()}
    )


def write_device(
    world: World,
    person: Caller,
    device_id: str,
    *,
    token: str,
    platform: str = "android",
    seen_at: datetime | None = None,
) -> None:
    """Register a device as the app does, under the rules."""
    fields = {
        "token": token,
        "platform": platform,
        "locale": None,
        "timezone": None,
        "lastSeenAt": seen_at or world.clock.now(),
        "disabledAt": None,
    }
    world.write(f"users/{person.uid}/devices/{device_id}", fields)


def ring_device(world: World, person: Caller, device_id: str) -> None:
    """Ring the doorbell of a device."""
    ring(world, "reactDevice", uid=person.uid, deviceId=device_id)


def mark(world: World, person: Caller, notification_id: str, marks: Mapping[str, Any]) -> None:
    """Mark a notification as the app does: `readAt`, `archivedAt`."""
    path = f"users/{person.uid}/notifications/{notification_id}"
    world.database.document(path).update({**marks, "updatedAt": world.clock.now()})
