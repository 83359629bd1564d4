"""What tests of overdue tasks share: people in zones, due dates, and time that passes."""

from datetime import datetime, timedelta
from typing import Any

from backend.notifications.bundling import WINDOW
from backend.notifications.deciding import MAILED_AFTER
from tests.api.world import Caller, World


def lives_in(world: World, person: Caller, tz: str) -> None:
    """Somebody sets the zone of their profile, and what follows has followed."""
    answer = person.patch("/users/me", {"timezone": tz})
    assert answer.status_code == 200, answer.text
    world.settle()


def all_day(day: str, tz: str = "UTC") -> dict[str, Any]:
    return {"kind": "allDay", "date": day, "tz": tz}


def floating(day: str, time: str, tz: str = "UTC") -> dict[str, Any]:
    return {"kind": "floating", "date": day, "time": time, "tz": tz}


def zoned(at: datetime) -> dict[str, Any]:
    return {"kind": "zoned", "date": f"{at:%F}", "time": f"{at:%H:%M}", "tz": "UTC"}


def new_task(person: Caller, workspace_id: str, **fields: Any) -> str:
    """Make a task through the API; return its path in the database."""
    path = f"/workspaces/{workspace_id}/tasks"
    answer = person.post(path, {"title": "A task", **fields})
    assert answer.status_code == 201, answer.text
    return f"{path}/{answer.json()['id']}".removeprefix("/")


def until(world: World, instant: datetime) -> None:
    """Let time pass up to an instant."""
    world.pass_time(instant - world.clock.now())


def window_passes(world: World) -> None:
    """Let those be told who are told at the end of the window, and their phones ring."""
    world.pass_time(WINDOW)
    world.settle()


def mails_pass(world: World) -> None:
    """Let the time pass after which those are written to who have not seen what they were told."""
    world.pass_time(MAILED_AFTER)


def heard(world: World, person: Caller, category: str = "overdue") -> list[dict[str, Any]]:
    """What somebody was told in a category, oldest first."""
    return [each for each in world.inbox(person) if each["category"] == category]


def soon(world: World, hours: float = 5) -> datetime:
    """A full minute some hours from now."""
    at = world.clock.now() + timedelta(hours=hours)
    return at.replace(second=0, microsecond=0)
