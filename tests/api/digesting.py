"""What tests of digests share: people who want them, and hours that come."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from backend.digests.model import DigestKind
from backend.digests.timers import timer_id
from backend.timers.documents import timer_of
from backend.timers.service import alarm_body
from tests.api.factories import task_fields
from tests.api.lateness import until
from tests.api.wishes import prefers
from tests.api.world import Caller, World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def wants(
    world: World,
    person: Caller,
    *,
    daily: str | None = None,
    weekly: tuple[int, str] | None = None,
    **others: Any,
) -> None:
    """Somebody's app sets when their digests come, and what follows has followed."""
    on = {"day": weekly[0], "time": weekly[1]} if weekly else None
    prefers(world, person, digests={"daily": daily, "weekly": on}, **others)
    looked_at(world, person)


def looked_at(world: World, person: Caller) -> None:
    """What a doorbell of settings, or of an account, brings about."""
    world.services.reactors.settings.react(person.uid)


def digests(world: World, person: Caller) -> list[dict[str, Any]]:
    """The digests that somebody has got, oldest first."""
    return [each for each in world.inbox(person) if each["category"] == "digest"]


def digest_timer(world: World, person: Caller, kind: str = "daily") -> dict[str, Any] | None:
    """The timer of somebody's next digest."""
    return world.document(f"timers/{timer_id(person.uid, DigestKind(kind))}")


def comes_at(world: World, person: Caller, kind: str = "daily") -> datetime | None:
    """When somebody's next digest comes."""
    timer = digest_timer(world, person, kind)
    return timer["fireAt"] if timer else None


def job_of(world: World, person: Caller, kind: str = "daily") -> dict[str, str]:
    """What the job of somebody's next digest says."""
    stored = world.services.ports.store.get(f"timers/{timer_id(person.uid, DigestKind(kind))}")
    assert stored is not None
    return alarm_body(timer_of(stored))


def let_come(world: World, person: Caller, kind: str = "daily") -> list[dict[str, Any]]:
    """Let time pass until somebody's next digest has come; return all they have got by then."""
    at = comes_at(world, person, kind)
    assert at is not None
    until(world, at)
    return digests(world, person)


def rings(world: World) -> None:
    """Let every job that is due by now come, and nothing else happen."""
    world.services.timers.promote()
    world.tasks.wake()
    world.tasks.settle()


def at_local(day: str, at: str, tz: str) -> datetime:
    """A local time of a zone, as an instant."""
    return datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=ZoneInfo(tz)).astimezone(UTC)


def done_task(
    world: World, workspace_id: str, by: Caller, title: str, at: datetime, **state: Any
) -> None:
    """A task that somebody has done at an instant."""
    fields = task_fields(world, by=by, title=title)
    done = {"status": "done", "completedAt": at, "completedBy": by.uid}
    path = f"workspaces/{workspace_id}/tasks/{title.replace(' ', '-')}"
    world.write(path, {**fields, **done, **state})


def open_task(
    world: World,
    workspace_id: str,
    by: Caller,
    title: str,
    due_at: datetime,
    *assignees: Caller,
    **state: Any,
) -> None:
    """A task that is due at an instant, and has been looked at already."""
    fields = task_fields(world, by=by, title=title, assignees=assignees)
    due = {"kind": "zoned", "date": f"{due_at:%F}", "time": f"{due_at:%H:%M}", "tz": "UTC"}
    path = f"workspaces/{workspace_id}/tasks/{title.replace(' ', '-')}"
    world.write(path, {**fields, "due": due, "dueAt": due_at, "dueDay": f"{due_at:%F}", **state})


def titles(digest: dict[str, Any], name: str) -> list[str]:
    """The titles that a digest lists under a name."""
    return [each["title"] for each in digest["values"][name]]


def outcomes(world: World) -> dict[str, int]:
    """What became of the digests whose hour has come, as the metrics count it."""
    shown = re.findall(
        r'taskflow_digests_total\{kind="[a-z]+",outcome="([a-z]+)"\} ([0-9]+)',
        world.services.ports.metrics.text(),
    )
    return {outcome: int(number) for outcome, number in shown}
