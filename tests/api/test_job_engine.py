"""Runs of jobs by their schedule: one for each slot, whatever came between."""

from datetime import datetime, timedelta

import pytest

from backend.adapters.firestore import metered
from backend.jobs.model import CatchUp, JobRun, Overlap
from backend.kit.errors import InvalidArgument, Unavailable
from tests.api.job_bench import DAILY, MINUTE, QUARTERS, JobBench
from tests.api.world import World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def bench(world: World) -> JobBench:
    return JobBench(world)


def slots(runs: list[JobRun]) -> list[str]:
    return [f"{run.slot:%d %H:%M}" for run in runs]


def to_next(bench: JobBench, hour: int, minute: int = 0) -> None:
    """Let time pass, with nothing due, until a time of day."""
    now = bench.clock.now()
    at = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    bench.clock.advance((at if at > now else at + DAY) - now)


class TestSlots:
    """Each slot has one run."""

    def test_a_job_runs_at_its_slots(self, bench: JobBench):
        """Each with its number of items, and where it ended the job says how it went."""
        to_next(bench, 8, 50)
        job = bench.job(QUARTERS, arguments={"steps": 3})
        bench.pass_time(timedelta(minutes=41))
        runs, after = bench.runs(job), bench.now(job)

        assert ["09:00", "09:15", "09:30"] == [each.split()[1] for each in slots(runs)]
        assert {("done", 3, "schedule", 1)} == {
            (run.outcome.value, run.items, run.triggered_by, run.attempt) for run in runs
        }
        assert {3} == {run.result["reached"] for run in runs}
        assert runs[-1].slot + timedelta(minutes=15) == after.next_run_at
        assert (runs[-1].id, "done") == (after.last_run.run_id, after.last_run.outcome.value)
        assert (1, None) == (after.rev, after.current)

    def test_jobs_delivered_twice_and_late_run_it_once(self, bench: JobBench):
        """Duplicates of a timer's job, and those of timers long moved on, find nothing to do."""
        to_next(bench, 8, 50)
        job = bench.job(QUARTERS)
        old = []
        bench.timers.promote()
        for _ in range(40):
            old += [queued.body for queued in bench.queue.jobs.values()]
            bench.pass_time(MINUTE, times=3)
        for body in old:
            bench.fire(body)

        assert ["done"] * 3 == bench.outcomes(job)
        assert 3 == len(bench.handler.done)

    def test_a_midnight_job_runs_once_on_days_when_clocks_change(self, bench: JobBench):
        """02:30 in Berlin, on the night of 25 October that shows it twice."""
        bench.clock.advance(datetime.fromisoformat("2027-10-30T20:00Z") - bench.clock.now())
        schedule = {**DAILY, "expression": "30 2 * * *", "tz": "Europe/Berlin"}
        job = bench.job(schedule)
        for _ in range(3 * 24):
            bench.clock.advance(HOUR)
            bench.pass_time(timedelta(0))

        assert ["31 00:30", "01 01:30", "02 01:30"] == slots(bench.runs(job))

    def test_once_and_no_more(self, bench: JobBench):
        """A single time: afterwards nothing is planned, and no timer is left."""
        to_next(bench, 8, 50)
        at = bench.clock.now() + timedelta(minutes=10)
        job = bench.job({"kind": "once", "at": f"{at:%Y-%m-%dT%H:%M}", "tz": "UTC"})
        bench.pass_time(timedelta(minutes=20))
        timers = bench.world.documents("timers")

        assert ["done"] == bench.outcomes(job)
        assert bench.now(job).next_run_at is None
        assert [] == [each for each in timers if each["subject"].get("jobId") == job.id]

    def test_a_paused_job_does_not_run_and_makes_nothing_up(self, bench: JobBench):
        """What would have run while it was paused was not missed."""
        to_next(bench, 8, 50)
        job = bench.job(QUARTERS)
        bench.service.pause(bench.keeper, job.id)
        bench.pass_time(timedelta(minutes=30))
        while_paused = bench.outcomes(job)
        bench.service.resume(bench.keeper, job.id)
        bench.pass_time(timedelta(minutes=12))

        assert ([], ["done"]) == (while_paused, bench.outcomes(job))

    def test_a_changed_schedule_holds_at_once(self, bench: JobBench):
        """The timer of the one before fires into nothing."""
        to_next(bench, 8, 50)
        job = bench.job(QUARTERS)
        bench.timers.promote()
        bench.service.edit(bench.keeper, job.id, {"schedule": {**DAILY, "expression": "5 9 * * *"}})
        bench.pass_time(timedelta(minutes=30))

        assert ["09:05"] == [each.split()[1] for each in slots(bench.runs(job))]


class TestCatchingUp:
    """Nothing ran for a while: the scheduler, or all of it, was down."""

    @pytest.mark.parametrize(
        ("policy", "expected"),
        [
            (CatchUp.SKIP, {"missed": 12}),
            (CatchUp.LATEST, {"missed": 11, "done": 1}),
            (CatchUp.ALL, {"done": 12}),
        ],
    )
    def test_by_its_policy(self, bench: JobBench, policy: CatchUp, expected: dict[str, int]):
        """Each slot that passed has a record, and of `all` each its run, one after the other."""
        to_next(bench, 8, 50)
        job = bench.job(QUARTERS, catch_up=policy)
        bench.down_for(timedelta(hours=3, minutes=8))
        bench.pass_time(MINUTE)
        outcomes = bench.outcomes(job)

        assert expected == {each: outcomes.count(each) for each in set(outcomes)}
        assert sorted(bench.handler.done) == bench.handler.done
        assert bench.now(job).next_run_at > bench.clock.now()

    def test_a_slot_whose_job_was_lost_is_not_missed(self, bench: JobBench):
        """However late it is repaired, it runs as ever, also with `skip`."""
        to_next(bench, 8, 50)
        job = bench.job(DAILY, catch_up=CatchUp.SKIP)
        settings = bench.world.services.settings
        repaired_s = settings.repair_grace_s + settings.repair_interval_s
        bench.down_for(timedelta(minutes=11, seconds=repaired_s))

        assert ["done"] == bench.outcomes(job)

    def test_a_year_costs_no_more_than_a_day(self, bench: JobBench):
        """Many missed slots share one record, which says from when to when."""
        to_next(bench, 8, 50)
        job = bench.job(QUARTERS, catch_up=CatchUp.SKIP)
        bench.down_for(timedelta(days=365, minutes=8))
        (record,) = bench.runs(job)

        assert ("missed", "09:00") == (record.outcome.value, f"{record.slot:%H:%M}")
        assert (timedelta(days=365) - timedelta(minutes=15)) == record.missed_until - record.slot

    @pytest.mark.parametrize("by", ["retry", "backfill"])
    def test_run_after_all_it_says_what_else_was_missed(self, bench: JobBench, by: str):
        """Made up for by hand it is one run; how far the others went that it stood for stays."""
        to_next(bench, 8, 50)
        job = bench.job(QUARTERS, catch_up=CatchUp.SKIP)
        bench.down_for(timedelta(days=2, minutes=8))
        (record,) = bench.runs(job)
        if by == "retry":
            bench.triggering.retry(bench.keeper, job.id, record.id)
        else:
            bench.triggering.backfill(bench.keeper, job.id, record.slot, record.slot)
        bench.pass_time(MINUTE)
        (run,) = bench.runs(job)

        assert "done" == run.outcome.value
        assert (record.slot, record.missed_until) == (run.slot, run.missed_until)

    def test_a_backlog_comes_in_bounded_batches(self, bench: JobBench):
        """150 slots: fifty a commit, all of them run in the end."""
        to_next(bench, 8, 50)
        job = bench.job(QUARTERS, catch_up=CatchUp.ALL)
        bench.down_for(timedelta(minutes=15 * 150 + 8))
        bench.pass_time(MINUTE)

        assert ["done"] * 150 == bench.outcomes(job)
        assert [run.id for run in bench.runs(job)] == [run_id for run_id, _ in bench.handler.done]


class TestOverlap:
    """A slot comes while the run before is still at work."""

    @pytest.mark.parametrize(
        ("overlap", "then", "at_last"),
        [
            (Overlap.SKIP, ["running", "skipped"], ["done", "skipped"]),
            (Overlap.QUEUE, ["running", "queued"], ["done", "done"]),
            (Overlap.REPLACE, ["replaced", "running"], ["replaced", "done"]),
        ],
    )
    def test_by_its_overlap(
        self, bench: JobBench, overlap: Overlap, then: list[str], at_last: list[str]
    ):
        """It is skipped, waits, or takes its place."""

        def stuck(_run: JobRun, _step: int) -> None:
            if bench.clock.now() < give_way_at:
                raise Unavailable("It takes its time.")

        to_next(bench, 8, 58)
        bench.handler.act = stuck
        give_way_at = bench.clock.now() + timedelta(minutes=18, seconds=30)
        twice = {**DAILY, "expression": "0,15 9 * * *"}
        job = bench.job(twice, overlap=overlap, retries=5, max_runtime_s=3600)
        bench.pass_time(timedelta(minutes=18))
        outcomes = bench.outcomes(job)
        bench.pass_time(timedelta(minutes=20))

        assert (then, at_last) == (outcomes, bench.outcomes(job))
        assert None is bench.now(job).current


class TestTrouble:
    """Runs that fail, or take too long."""

    def test_a_passing_failure_is_tried_again(self, bench: JobBench):
        """After one minute, then two; it goes on where it was."""
        failures = iter([True, True])

        def failing(_run: JobRun, step: int) -> None:
            if step == 1 and next(failures, False):
                raise Unavailable("Not now.")

        to_next(bench, 8, 59)
        bench.handler.act = failing
        job = bench.job(DAILY, arguments={"steps": 2})
        bench.pass_time(timedelta(minutes=6))
        (run,) = bench.runs(job)

        assert ("done", 3, 2) == (run.outcome.value, run.attempt, run.items)
        assert [0, 1] == [step for _, step in bench.handler.done]
        assert timedelta(minutes=3) <= run.ended_at - run.started_at < timedelta(minutes=5)

    def test_it_gives_up_after_its_retries(self, bench: JobBench):
        """With the code of what went wrong, and a timer that tells people."""

        def failing(_run: JobRun, _step: int) -> None:
            raise Unavailable("Not now.")

        to_next(bench, 8, 59)
        bench.handler.act = failing
        job = bench.job(DAILY, retries=1)
        bench.pass_time(timedelta(minutes=6))
        (run,) = bench.runs(job)

        assert ("failed", "unavailable", 2) == (run.outcome.value, run.error, run.attempt)
        assert "jobAlert" in {timer["kind"] for timer in bench.world.documents("timers")}
        assert "failed" == bench.now(job).last_run.outcome.value

    def test_what_can_never_succeed_fails_at_once(self, bench: JobBench):
        """No retry would help."""

        def failing(_run: JobRun, _step: int) -> None:
            raise InvalidArgument("There is no such board.", code="unknown-reference")

        to_next(bench, 8, 59)
        bench.handler.act = failing
        job = bench.job(DAILY)
        bench.pass_time(timedelta(minutes=2))
        (run,) = bench.runs(job)

        assert ("failed", "unknown-reference", 1) == (run.outcome.value, run.error, run.attempt)

    def test_what_takes_too_long_is_ended(self, bench: JobBench):
        """After its maximum runtime, also while it waits to be tried again."""

        def failing(_run: JobRun, _step: int) -> None:
            raise Unavailable("Not now.")

        to_next(bench, 8, 59)
        bench.handler.act = failing
        job = bench.job(DAILY, retries=5, max_runtime_s=120)
        bench.pass_time(timedelta(minutes=6))
        (run,) = bench.runs(job)

        assert ("timedOut", "deadline-exceeded") == (run.outcome.value, run.error)
        assert timedelta(minutes=2) == run.ended_at - run.started_at


class TestCosts:
    """What a slot, a step and an end cost in round trips and documents."""

    def test_each_within_its_budget(self, bench: JobBench):
        """However old the schedule, and however many other jobs there are."""
        to_next(bench, 8, 59)
        bench.job(QUARTERS)
        job = bench.job(DAILY)
        bench.clock.advance(MINUTE)
        bench.timers.promote()
        found = {}
        for act, kind in (("slot", "job"), ("run", "jobRun")):
            (body,) = [
                each.body
                for each in bench.queue.jobs.values()
                if each.body["kind"] == kind and each.body["jobId"] == job.id
            ]
            with metered() as usage:
                bench.fire(body)
            found[act] = (usage.rpcs, usage.reads, usage.writes)

        # The timer, the job and the run are read; these, the next timer and the run's are written.
        # A step that ends it is looked at before and in its commit: the run, the job, the timer.
        assert {"slot": (3, 3, 4), "run": (3, 6, 3)} == found
        assert ["done"] == bench.outcomes(job)
