"""What followed from a command goes with it: the next occurrence, and notices not yet delivered."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backend.tasks.model import TaskRef
from local.cloudtasks import Fault, FaultKind
from tests.api.undoing import undone, without_zeros
from tests.api.world import Caller, World

BERLIN = ZoneInfo("Europe/Berlin")
WEEKLY = {
    "title": "Report",
    "rule": "FREQ=WEEKLY;BYDAY=MO",
    "start": {"date": "2027-03-22", "time": "09:00", "tz": "Europe/Berlin"},
}
LOST = Fault(FaultKind.DROP, path="/internal/jobs/fire", count=1)
FIRST, NEXT = "20270322T0900", "20270329T0900"


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


@pytest.fixture
def team(world: World, ann: Caller, bob: Caller) -> str:
    return world.team(ann, bob)


@pytest.fixture
def series(world: World, ann: Caller, team: str) -> str:
    """The path of a weekly series, on the day of its first occurrence."""
    begun = ann.post(f"/workspaces/{team}/series", WEEKLY).json()
    world.clock.move_to(datetime(2027, 3, 22, 7, 0, tzinfo=BERLIN))
    world.settle()
    return f"workspaces/{team}/series/{begun['id']}"


def task_path(series: str, key: str) -> str:
    _, team, _, series_id = series.split("/")
    return f"workspaces/{team}/tasks/{series_id}-{key}"


def ledger(world: World, series: str) -> dict[str, str]:
    return {each["key"]: each["state"] for each in world.documents(f"{series}/occurrences")}


def counters(world: World, series: str) -> dict[str, Any]:
    found = world.document(series.partition("/series/")[0])
    return without_zeros(found["counters"])


class TestOccurrences:
    """A completed occurrence brought the next one; then the completion is taken back."""

    def test_an_untouched_next_one_is_withdrawn(self, world: World, ann: Caller, series: str):
        """With its place in the ledger, its search entry, its timers and what it counted."""
        before = counters(world, series), world.document(series)["lastKey"]
        done = ann.post(f"/{task_path(series, FIRST)}/completion")
        world.settle(times=2)
        assert {FIRST: "done", NEXT: "open"} == ledger(world, series)

        undone(ann, done)
        world.settle(times=2)

        assert {FIRST: "open"} == ledger(world, series)
        assert before == (counters(world, series), world.document(series)["lastKey"])
        assert world.document(task_path(series, NEXT)) is None
        assert [] == [each for each in world.documents("timers") if NEXT in str(each["subject"])]
        assert [] == [each for each in world.documents("shadows") if NEXT in str(each["taskId"])]
        assert ["Report"] == [each["title"] for each in world.documents("searchEntries")]

    def test_reopened_in_an_app_it_is_withdrawn_as_well(
        self, world: World, ann: Caller, series: str
    ):
        """It is the task's state that counts, whoever changed it and how."""
        ann.post(f"/{task_path(series, FIRST)}/completion")
        world.settle(times=2)
        world.database.document(task_path(series, FIRST)).update(
            {
                "status": "open",
                "completedAt": None,
                "completedBy": None,
                "rev": 3,
                "updatedAt": world.clock.now(),
            }
        )
        world.settle(times=2)

        assert {FIRST: "open"} == ledger(world, series)

    def test_completed_again_it_comes_again_once(self, world: World, ann: Caller, series: str):
        """Under the same id."""
        for _ in range(2):
            done = ann.post(f"/{task_path(series, FIRST)}/completion")
            world.settle(times=2)
            undone(ann, done)
            world.settle(times=2)

        ann.post(f"/{task_path(series, FIRST)}/completion")
        world.settle(times=2)

        assert {FIRST: "done", NEXT: "open"} == ledger(world, series)
        assert world.document(task_path(series, NEXT))["status"] == "open"

    def test_a_touched_next_one_stays(self, world: World, ann: Caller, bob: Caller, series: str):
        """Bob has begun with it; completing the first again makes no second one."""
        done = ann.post(f"/{task_path(series, FIRST)}/completion")
        world.settle(times=2)
        bob.patch(f"/{task_path(series, NEXT)}", {"title": "Bob's report"})

        undone(ann, done)
        world.settle(times=2)
        ann.post(f"/{task_path(series, FIRST)}/completion")
        world.settle(times=2)

        assert {FIRST: "done", NEXT: "open"} == ledger(world, series)
        assert "Bob's report" == world.document(task_path(series, NEXT))["title"]

    def test_one_that_was_commented_on_stays(self, world: World, ann: Caller, series: str):
        """Words of people are never taken away with it."""
        done = ann.post(f"/{task_path(series, FIRST)}/completion")
        world.settle(times=2)
        comment = ann.post(f"/{task_path(series, NEXT)}/comments", {"body": "Soon."})
        assert 201 == comment.status_code

        undone(ann, done)
        world.settle(times=2)

        assert world.document(task_path(series, NEXT)) is not None

    def test_done_again_before_the_withdrawal_it_stays(
        self, world: World, ann: Caller, series: str
    ):
        """The timer of the withdrawal looks at what is so then."""
        path = task_path(series, FIRST)
        ann.post(f"/{path}/completion")
        world.settle(times=2)
        world.tasks.script(LOST)
        ann.delete(f"/{path}/completion")
        world.services.reactor.react(_ref(path))  # The timer is set, and its job lost.
        world.tasks.settle()
        ann.post(f"/{path}/completion")
        for _ in range(2):
            world.pass_time(timedelta(minutes=2))

        assert {FIRST: "done", NEXT: "open"} == ledger(world, series)


class TestNotices:
    """Nobody hears of what was taken back before they were told."""

    def test_completed_and_undone_nobody_is_told(
        self, world: World, ann: Caller, bob: Caller, team: str
    ):
        """Neither of the one nor of the other, though the reactor saw both."""
        made = ann.post(f"/workspaces/{team}/tasks", {"title": "A", "watcherIds": [bob.uid]})
        path = f"workspaces/{team}/tasks/{made.json()['id']}"
        world.settle()

        world.tasks.script(LOST)
        done = ann.post(f"/{path}/completion")
        assert world.services.reactor.react(_ref(path))
        world.tasks.settle()
        undone(ann, done)
        for _ in range(2):
            world.pass_time(timedelta(minutes=2))

        assert [] == world.inbox(bob)
        assert [] == world.documents("timers")
        types = sorted(each["type"] for each in world.documents(f"workspaces/{team}/events"))
        assert ["task.completed", "task.created", "task.statusChanged"] == types

    def test_told_of_it_they_are_told_that_it_is_open_again(
        self, world: World, ann: Caller, bob: Caller, team: str
    ):
        """What is known cannot be made unknown."""
        made = ann.post(f"/workspaces/{team}/tasks", {"title": "A", "watcherIds": [bob.uid]})
        world.settle()
        done = ann.post(f"/workspaces/{team}/tasks/{made.json()['id']}/completion")
        world.settle(times=2)

        world.clock.advance(timedelta(seconds=1))
        undone(ann, done)
        world.settle(times=2)

        told = [each["category"] for each in world.inbox(bob)]
        assert ["completed", "statusChanged"] == told

    def test_assigned_and_undone_nobody_is_told(
        self, world: World, ann: Caller, bob: Caller, team: str
    ):
        """The notice looks whether they are still assigned."""
        made = ann.post(f"/workspaces/{team}/tasks", {"title": "A"})
        path = f"workspaces/{team}/tasks/{made.json()['id']}"
        world.settle()

        world.tasks.script(LOST)
        assigned = ann.patch(f"/{path}", {"assigneeIds": [bob.uid]})
        assert world.services.reactor.react(_ref(path))
        world.tasks.settle()
        undone(ann, assigned)
        for _ in range(2):
            world.pass_time(timedelta(minutes=2))

        assert [] == world.inbox(bob)
        assert [] == world.documents("timers")

    def test_a_push_that_waits_is_not_sent(self, world: World, ann: Caller, bob: Caller, team: str):
        """It was filed already, and FCM was away; then there was nothing left to tell."""
        token = bob.has_phone()
        made = ann.post(f"/workspaces/{team}/tasks", {"title": "A"})
        path = f"workspaces/{team}/tasks/{made.json()['id']}"
        world.fcm.script(token, ["UNAVAILABLE"])
        assigned = ann.patch(f"/{path}", {"assigneeIds": [bob.uid]})
        world.settle(times=2)
        undone(ann, assigned)

        world.pass_time(timedelta(minutes=5))

        decision = world.only_decision(bob, "push")
        assert ("suppressed", "takenBack") == (decision["decision"], decision["reason"])
        assert 1 == len(world.fcm.messages(token))  # The one that FCM did not take.


def _ref(path: str) -> TaskRef:
    segments = path.split("/")
    return TaskRef(segments[1], segments[3])
