"""Due soon and overdue, where an edit comes around the instant: neither is passed over."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.tasks.model import TaskRef
from tests.api.lateness import heard, new_task, soon, until, zoned
from tests.api.world import Caller, World

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def at(world: World) -> datetime:
    return soon(world)


@pytest.fixture
def path(world: World, ann: Caller, at: datetime) -> str:
    """A task due at that instant, whose timers are set."""
    path = new_task(ann, ann.uid, due=zoned(at))
    world.settle(times=2)
    return path


def app_turns(world: World, path: str, **fields: Any) -> None:
    """Close or open a task as an app does, of which no doorbell tells."""
    stamps = {"rev": (world.document(path) or {})["rev"] + 1, "updatedAt": world.clock.now()}
    world.database.document(path).update({**stamps, **fields})


def is_overdue(world: World, path: str) -> bool:
    return bool((world.document(path) or {})["isOverdue"])


def test_closed_and_opened_around_the_instant(world: World, ann: Caller, at: datetime, path: str):
    """The alarm finds it done, and who looks next finds it open as before."""
    until(world, at - MINUTE)
    app_turns(world, path, status="done", completedAt=world.clock.now(), completedBy=ann.uid)
    world.clock.move_to(at)
    world.tasks.wake()
    world.tasks.settle()
    app_turns(world, path, status="open", completedAt=None, completedBy=None)
    before = is_overdue(world, path)
    world.settle(times=2)

    assert (False, True) == (before, is_overdue(world, path))


def test_closed_then_and_opened_later(world: World, ann: Caller, at: datetime, path: str):
    """It is flagged at once, though the queue knows the name of its alarm from before."""
    until(world, at - MINUTE)
    app_turns(world, path, status="done", completedAt=world.clock.now(), completedBy=ann.uid)
    world.ring(ann.uid, path.rpartition("/")[2])
    until(world, at + MINUTE)
    world.settle()
    ann.delete(f"/{path}/completion")
    world.ring(ann.uid, path.rpartition("/")[2])
    world.tasks.settle()

    assert is_overdue(world, path)


def test_an_edit_before_a_late_alarm(world: World, ann: Caller, at: datetime, path: str):
    """Nothing ran as it was to be announced; it still is, once."""
    world.clock.move_to(at - timedelta(minutes=50))
    ann.patch(f"/{path}", {"title": "Another"})
    world.services.reactor.react(TaskRef(ann.uid, path.rpartition("/")[2]))
    before = heard(world, ann, "dueSoon")
    world.settle(times=2)
    ann.patch(f"/{path}", {"title": "Yet another"})
    world.settle(times=2)

    assert ([], 1) == (before, len(heard(world, ann, "dueSoon")))
