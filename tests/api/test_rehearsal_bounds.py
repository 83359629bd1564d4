"""/api/v1/rehearsals where there is much, where something is broken, and what is not for all."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.rehearsal.stage import MOST_FIRED
from backend.timers.documents import timer_fields, timer_path
from backend.timers.model import Timer, TimerKind, TimerState
from tests.api.job_bench import QUARTERS
from tests.api.test_rehearsal import due_in, rehearsed, written
from tests.api.timing import put
from tests.api.world import Caller, World, cost_of

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody with a workspace of her own, in which nothing is planned."""
    return world.person("Ann")


def idle_timers(ann: Caller, count: int, *, at: datetime, apart: timedelta) -> list[Timer]:
    """Timers of tasks that are not there: each of them fires, and nothing comes of it."""
    return [
        Timer(
            f"idle{number:04}",
            TimerKind.OVERDUE,
            {"workspaceId": ann.uid, "taskId": f"nothing{number}"},
            at + number * apart,
        )
        for number in range(count)
    ]


def asked_on(ann: Caller, until: datetime) -> list[dict[str, Any]]:
    """Rehearse in as many goes as it takes, each from where the one before came to."""
    found = [rehearsed(ann, until)]
    while not found[-1]["isComplete"]:
        found.append(rehearsed(ann, until, **{"from": found[-1]["to"]}))
        assert found[-1]["from"] < found[-1]["to"]
    return found


class TestMuch:
    """More timers than one rehearsal lets fire, and many that it has nothing to do with."""

    @pytest.mark.parametrize(
        "apart", [timedelta(seconds=1), timedelta(0)], ids=["apart", "at once"]
    )
    def test_asking_on_from_where_it_ended_comes_to_the_end(
        self, world: World, ann: Caller, apart: timedelta
    ):
        """What comes before is gone through again, and does not count."""
        now = world.clock.now()
        put(world, idle_timers(ann, MOST_FIRED + 20, at=now + HOUR, apart=apart))
        due = due_in(world, 3 * HOUR)
        ann.post("/workspaces/me/tasks", {"title": "A", "due": due})
        world.settle()

        found = asked_on(ann, now + DAY)

        assert [False, True] == [each["isComplete"] for each in found]
        assert "overdue" in {each["kind"] for each in found[-1]["items"]}

    def test_each_timer_is_read_once(self, world: World, ann: Caller):
        """However many there are, and however many of them fire."""
        count, now = 150, world.clock.now()
        put(world, idle_timers(ann, count, at=now + HOUR, apart=timedelta(seconds=1)))

        answer = ann.post("/rehearsals", {"to": written(now + DAY)})
        _, reads, _ = cost_of(answer)

        assert answer.json()["isComplete"]
        # Of each timer itself, its task and its shadow.
        assert reads <= 3 * count + 60


class TestBroken:
    """What stands in nobody's way when it really happens does not when it is rehearsed."""

    @pytest.mark.parametrize(
        "broken",
        [{"kind": "notYetKnown"}, {"subject": {"workspaceId": "mine"}}],
        ids=["of a newer version", "of no task"],
    )
    def test_a_timer_that_cannot_fire_keeps_no_other_back(
        self, world: World, broken: dict[str, Any]
    ):
        """The queue would hear that it is refused, and go on with the next."""
        ann = Caller(world, "mine", "Ann")
        ann.post("/workspaces/me/tasks", {"title": "A", "due": due_in(world, 5 * HOUR)})
        world.settle()
        (timer,) = idle_timers(ann, 1, at=world.clock.now() + HOUR, apart=HOUR)
        world.write(timer_path(timer.id), {**timer_fields(timer, TimerState.WAITING), **broken})

        found = rehearsed(ann, world.clock.now() + DAY)

        assert found["isComplete"]
        assert "overdue" in {each["kind"] for each in found["items"]}

    def test_a_timer_that_was_given_up_does_not_fire(self, world: World, ann: Caller):
        """It never will: nobody queues it any more."""
        made = ann.post("/workspaces/me/tasks", {"title": "A", "due": due_in(world, 5 * HOUR)})
        world.settle()
        for snapshot in world.database.collection("timers").stream():
            if snapshot.to_dict()["subject"].get("taskId") == made.json()["id"]:
                snapshot.reference.update({"state": TimerState.FAILED.value})

        assert [] == rehearsed(ann, world.clock.now() + DAY)["items"]


class TestJobs:
    """What a workspace does by itself is for those to know who may read its jobs."""

    def test_jobs_are_shown_to_those_who_may_read_them(self, world: World, ann: Caller):
        """To owner and admins, as `…/jobs` are."""
        others = {role: world.person(role) for role in ("admin", "member", "viewer")}
        team = world.team(ann)
        for role, person in others.items():
            world.join(team, person, role)
        job = {"name": "Tidy", "handler": "archiveDone", "arguments": {"olderThanDays": 7}}
        schedule = {**QUARTERS, "kind": "cron"}
        assert (
            ann.post(f"/workspaces/{team}/jobs", {**job, "schedule": schedule}).status_code == 201
        )
        until = world.clock.now() + HOUR

        seen = {
            person.name: {
                each["kind"] for each in rehearsed(person, until, workspaceId=team)["items"]
            }
            for person in (ann, *others.values())
        }

        assert {"Ann": {"job"}, "admin": {"job"}, "member": set(), "viewer": set()} == seen
