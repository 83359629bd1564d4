"""Timers and their jobs: which one fires, when its job is queued, and what is left of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from google.api_core.exceptions import InvalidArgument

from backend.adapters.jobs import Job
from backend.kit.errors import Unavailable
from backend.timers.documents import timer_fields, timer_path
from backend.timers.firing import Firing
from backend.timers.handing_over import AT_ONCE
from backend.timers.model import TimerKind, TimerState
from backend.timers.service import alarm_body
from local.cloudtasks import Fault, FaultKind
from tests.api.factories import app_task
from tests.api.timing import (
    Hearing,
    InPairs,
    Interrupting,
    PausingClock,
    Refusing,
    Silent,
    alarm_of,
    overdue_timer,
    push_timers,
    put,
    timers_of,
    waiting_jobs,
)
from tests.api.world import World

FIRE = "/internal/jobs/fire"


class TestGenerations:
    """A timer set anew has another job; those for what it was before come for nothing."""

    @pytest.mark.parametrize("by_h", [-1, 1], ids=["earlier", "later"])
    def test_the_job_of_a_moved_timer_fires_into_nothing(self, world: World, by_h: int):
        """Though its instant has come, and the timer is due as well."""
        first = overdue_timer(at=world.clock.now() + timedelta(hours=1))
        moved = replace(first, fire_at=first.fire_at + timedelta(hours=by_h))
        put(world, [moved])
        world.clock.move_to(first.fire_at + timedelta(hours=2))

        world.services.firing.fire(alarm_body(first))
        after_the_old = world.documents("timers")
        world.services.firing.fire(alarm_body(moved))

        assert 1 == len(after_the_old)
        assert [] == world.documents("timers")

    def test_another_attempt_is_another_generation(self, world: World):
        """At the same instant too."""
        timer = overdue_timer(at=world.clock.now())

        assert 2 == len({timer.generation, timer.again(timer.fire_at).generation})

    def test_a_job_of_before_there_were_generations_fires(self, world: World):
        """Such are in the queue while a new version is rolled out."""
        timer = overdue_timer(at=world.clock.now())
        put(world, [timer])
        body = alarm_body(timer)
        del body["timerGeneration"]

        world.services.firing.fire(body)

        assert [] == world.documents("timers")

    def test_what_cannot_be_fired_is_given_up_in_its_own_generation(self, world: World):
        """Neither a timer set anew is, nor is one brought back that was withdrawn."""
        set_anew, gone = push_timers(2, at=world.clock.now())
        put(world, [set_anew.again(world.clock.now())])

        for timer in (set_anew, gone):
            world.services.timers.give_up(alarm_of(timer), "It cannot be read.")

        assert ["promoted"] == [each["state"] for each in world.documents("timers")]

    def test_a_job_that_is_early_by_a_clocks_error_waits(self, world: World):
        """Else the timer would be late by a repair because the queue's clock is ahead of ours."""
        began_at = world.clock.now()
        clock = PausingClock(began_at)
        hearing = Hearing(clock)
        firing = Firing(timers_of(world, clock=clock), {TimerKind.PUSH: hearing})

        for early in (timedelta(milliseconds=300), timedelta(minutes=1)):
            (timer,) = push_timers(1, at=clock.now() + early)
            firing.fire(alarm_body(timer))

        # The second job is so early that it must be another one's, and is heard at once.
        assert [began_at + timedelta(milliseconds=300)] * 2 == hearing.at


class TestAnnouncing:
    """Right behind the commit that has set timers, while somebody waits for the answer."""

    def test_many_are_handed_over_at_once(self, world: World):
        """Each is a round trip of its own, and an assignment may tell fifty people."""
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=0))
        now = world.clock.now()
        timers = push_timers(2 * AT_ONCE, at=now + timedelta(minutes=1))

        timers_of(world, queue=InPairs(world)).announce(timers, now=now)

        assert len(timers) == len(waiting_jobs(world))

    def test_a_silent_queue_is_not_asked_for_each(self, world: World):
        """It takes seconds each time; the repair will find the others."""
        queue, now = Silent(), world.clock.now()

        timers_of(world, queue=queue).announce(push_timers(400, at=now), now=now)

        assert AT_ONCE == queue.asked


class TestPromotion:
    """From the documents to the queue."""

    def test_a_timer_31_days_ahead_comes_at_its_very_second(self, world: World):
        """The queue itself refuses it; it stays in its document until it is near."""
        ann = world.person("Ann")
        due_at = world.clock.now().replace(second=0, microsecond=0) + timedelta(days=31)
        path = f"workspaces/{ann.uid}/tasks/{app_task(world, ann.uid, by=ann, due_at=due_at)}"
        world.settle()
        with pytest.raises(InvalidArgument, match="no more than 720h"):
            world.services.ports.jobs.enqueue(Job("fire", {}, key="far", at=due_at))
        states = {timer["state"] for timer in world.documents("timers")}
        world.pass_time(due_at - world.clock.now() - timedelta(minutes=2))
        queued = [datetime.fromisoformat(each["scheduleTime"]) for each in waiting_jobs(world)]
        world.clock.advance(timedelta(minutes=2) - timedelta(milliseconds=1))
        world.tasks.wake()
        world.tasks.settle()
        a_moment_before = is_overdue(world, path)
        world.clock.advance(timedelta(milliseconds=1))
        world.tasks.wake()
        world.tasks.settle()

        assert {"waiting"} == states
        assert due_at in queued
        assert (False, True) == (a_moment_before, is_overdue(world, path))

    def test_a_timer_moved_while_its_job_is_queued_stays_unpromoted(self, world: World):
        """And all those beside it are marked by the same run."""
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=0))
        timers = push_timers(20, at=world.clock.now() + timedelta(minutes=1))
        put(world, timers, TimerState.WAITING)
        moved = replace(timers[7], fire_at=world.clock.now() + timedelta(days=1))
        queue = Interrupting(world, lambda: put(world, [moved], TimerState.WAITING))

        promoted = timers_of(world, queue=queue).promote()
        stored = {each.id: each.to_dict() for each in world.database.collection("timers").get()}

        assert 20 == promoted
        assert ["t7"] == [name for name, each in stored.items() if each["state"] == "waiting"]
        assert moved.fire_at == stored["t7"]["fireAt"]

    def test_an_unreadable_timer_keeps_no_other_waiting(self, world: World):
        """Such as one of a kind that only a newer version knows."""
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=0))
        now = world.clock.now()
        (good,) = push_timers(1, at=now)
        put(world, [good], TimerState.WAITING)
        unknown = {**timer_fields(good, TimerState.WAITING), "kind": "notYetKnown"}
        world.write(timer_path("unknown"), {**unknown, "fireAt": now - timedelta(hours=1)})

        promoted = world.services.timers.promote()

        assert 1 == promoted
        assert "promoted" == (world.document(timer_path(good.id)) or {})["state"]

    def test_a_queue_that_refuses_some_gets_them_next_time(self, world: World):
        """The others are marked, and none is handed over twice."""
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=0))
        put(world, push_timers(20, at=world.clock.now()), TimerState.WAITING)
        queue = Refusing(world, refused={"t3", "t11"})
        timers = timers_of(world, queue=queue)

        with pytest.raises(Unavailable):
            timers.promote()
        left = [each["state"] for each in world.documents("timers")].count("waiting")
        queue.refused.clear()

        assert (2, 2) == (left, timers.promote())
        assert {f"t{n}": 1 for n in range(20)} == queue.taken


class TestRepair:
    """What comes of timers whose job never came."""

    def test_a_lost_job_is_repaired_by_the_second_tick(self, world: World):
        """The first one may come before it counts as lost."""
        settings, timers = world.services.settings, world.services.timers
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=1))
        timer = overdue_timer(at=world.clock.now())
        put(world, [timer])
        timers.announce([timer], now=world.clock.now())
        world.tasks.settle()
        world.clock.advance(timedelta(seconds=settings.repair_grace_s / 2))

        first = timers.repair()
        world.clock.advance(timedelta(seconds=settings.repair_interval_s))
        second = timers.repair()
        world.tasks.wake()
        world.tasks.settle()

        assert (0, 1) == (first, second)
        assert [] == world.documents("timers")

    def test_a_worker_that_stands_still_finds_no_heap(self, world: World):
        """A timer late by a day has been repaired each hour, and more often in the first one."""
        world.tasks.script(Fault(FaultKind.DELAY, path=FIRE, count=0, seconds=86400.0 * 2))
        put(world, push_timers(1, at=world.clock.now()))
        every = timedelta(seconds=world.services.settings.repair_interval_s)

        for _ in range(timedelta(days=1) // every):
            world.clock.advance(every)
            world.services.timers.repair()

        assert len(waiting_jobs(world)) in range(24, 33)

    def test_more_than_one_page_of_lost_ones_is_repaired_at_once(self, world: World):
        """Else those that cannot be helped would stand in front of the others for ever."""
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=0))
        put(world, push_timers(450, at=world.clock.now() - timedelta(hours=1)))

        assert 450 == world.services.timers.repair()


def is_overdue(world: World, path: str) -> bool:
    """Whether a task is flagged by now."""
    return bool((world.document(path) or {})["isOverdue"])
