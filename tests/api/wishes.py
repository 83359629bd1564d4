"""What people want to be told, as tests set it: as an app does, straight in the database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.world import Caller, World

DEFAULTS: dict[str, Any] = {
    "matrix": {},
    "quietHours": None,
    "urgentPasses": True,
    "bundleMinutes": 5,
    "digests": {"daily": None, "weekly": None},
    "workspaces": {},
    "rev": 1,
}
ALWAYS = {str(day): {"start": "00:00", "end": "00:00"} for day in range(1, 8)}


def prefers(world: World, person: Caller, **changes: Any) -> None:
    """Somebody's settings become these, and the defaults besides."""
    fields = {**DEFAULTS, **changes, "updatedAt": world.clock.now()}
    world.write(f"users/{person.uid}/settings/notifications", fields)


def quiet_for(world: World, person: Caller, hours: float, **changes: Any) -> datetime:
    """It is quiet for somebody now, and for some hours to come; return when that ends."""
    start = world.clock.now().astimezone(UTC)
    end = (start + timedelta(hours=hours)).replace(second=0, microsecond=0)
    span = {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
    prefers(world, person, quietHours={str(start.isoweekday()): span}, **changes)
    return end


def decision(world: World, person: Caller, notification: str, channel: str) -> dict[str, Any]:
    """Why a notification did, or did not, reach somebody on a channel."""
    path = f"users/{person.uid}/notifications/{notification}/decisions/{channel}"
    return world.document(path) or {}


def ids(world: World, person: Caller) -> list[str]:
    """The ids of somebody's notifications, oldest first."""
    found = world.database.collection(f"users/{person.uid}/notifications").stream()
    return [each.id for each in sorted(found, key=lambda each: each.get("createdAt"))]
