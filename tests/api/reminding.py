"""Reminders of tasks, and what people got of them."""

from datetime import datetime, timedelta
from typing import Any

from tests.api.factories import due_map
from tests.api.world import Caller, World

HOUR = timedelta(hours=1)


def on_the_minute(world: World, after: timedelta) -> datetime:
    """A full minute, so far from now: due dates know no seconds."""
    return world.clock.now().replace(second=0, microsecond=0) + after


def before(minutes: int, anchor: str = "due", uid: str | None = None) -> dict[str, Any]:
    """A relative reminder."""
    return {
        "kind": "relative",
        "minutesBefore": minutes,
        "at": None,
        "anchor": anchor,
        "uid": uid,
    }


def at(instant: datetime, uid: str | None = None) -> dict[str, Any]:
    """An absolute reminder."""
    written = f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"
    return {"kind": "absolute", "minutesBefore": None, "at": written, "anchor": None, "uid": uid}


def new_task(world: World, person: Caller, workspace_id: str, **fields: Any) -> dict[str, Any]:
    """Make a task, and let follow what does; a `due` that is an instant becomes one of UTC."""
    if isinstance(fields.get("due"), datetime):
        fields["due"] = due_map(fields["due"])
    answer = person.post(f"/workspaces/{workspace_id}/tasks", {"title": "Pay", **fields})
    assert 201 == answer.status_code, answer.text
    world.settle()
    made: dict[str, Any] = answer.json()
    return made


def reminders_of(world: World, person: Caller) -> list[str]:
    """The titles of the reminders that somebody finds in the app."""
    return [each["title"] for each in world.inbox(person) if each["category"] == "reminder"]


def reminded_at(world: World, workspace_id: str) -> list[datetime]:
    """The instants for which somebody was reminded in a workspace."""
    events = world.documents(f"workspaces/{workspace_id}/events")
    return sorted(each["at"] for each in events if each["type"] == "task.reminded")


def pushed(world: World, token: str) -> list[str]:
    """The titles that a device has shown."""
    sent = [push.message for push in world.fcm.messages(token)]
    # Silent ones only clear what is shown.
    return [each["notification"]["title"] for each in sent if "notification" in each]
