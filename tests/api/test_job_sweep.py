"""The tick `jobs`: a job whose slot has passed goes on, whatever became of its timer."""

from datetime import timedelta

import pytest

from backend.adapters.firestore import Usage, metered
from backend.jobs.model import Job, job_timer_id, run_timer_id
from backend.timers.alarm import Alarm
from backend.timers.documents import timer_path
from local.cloudtasks import Fault, FaultKind
from tests.api.job_bench import QUARTERS, JobBench
from tests.api.world import World


@pytest.fixture
def bench(world: World) -> JobBench:
    """Jobs behind a queue of their own; the built-in ones are there already."""
    world.services.job_sweep.run()
    # The service's own jobs, which know another handler, get lost.
    world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=0))
    return JobBench(world)


def state_of(world: World, job: Job) -> str | None:
    """How the timer of a job's next slot is set, if it is."""
    return (world.document(timer_path(job_timer_id(job.id))) or {}).get("state")


def outlive(bench: JobBench, job: Job) -> None:
    """Let half an hour pass behind a job's slot, with nothing at work."""
    assert job.next_run_at is not None
    bench.clock.move_to(job.next_run_at + timedelta(minutes=30))


class TestTimers:
    """One that will not fire is set anew."""

    def test_a_lost_timer_is_set_anew(self, world: World, bench: JobBench):
        """Half an hour behind the slot; it costs one read while none is lost."""
        with metered() as usage:
            found = [world.services.job_sweep.run()]
        job = bench.job(QUARTERS)
        world.database.document(timer_path(job_timer_id(job.id))).delete()
        bench.queue.jobs.clear()
        outlive(bench, job)
        found += [world.services.job_sweep.run() for _ in range(2)]
        bench.pass_time(timedelta(minutes=5))

        assert ([0, 1, 0], Usage(reads=1, writes=0, rpcs=1)) == (found, usage)
        assert "done" == bench.outcomes(job)[-1]

    def test_a_timer_that_was_given_up_is_set_anew(self, world: World, bench: JobBench):
        """As by a version that could not read the job: this one can."""
        job = bench.job(QUARTERS)
        bench.timers.give_up(Alarm(job_timer_id(job.id), {}), "It cannot be read.")
        bench.queue.jobs.clear()
        given_up = state_of(world, job)
        outlive(bench, job)
        world.services.job_sweep.run()
        bench.pass_time(timedelta(minutes=5))

        assert ("failed", "done") == (given_up, bench.outcomes(job)[-1])

    @pytest.mark.parametrize("is_lost", [True, False], ids=["lost", "given up"])
    def test_a_run_without_a_timer_goes_on_at_the_next_slot(
        self, world: World, bench: JobBench, *, is_lost: bool
    ):
        """Else every run behind it would be skipped for its sake, for ever."""
        job = bench.job(QUARTERS, max_runtime_s=6 * 3600)
        stuck = bench.triggering.run(bench.keeper, job.id)
        timer_id = run_timer_id(job.id, stuck.id)
        if is_lost:
            world.database.document(timer_path(timer_id)).delete()
        else:
            bench.timers.give_up(Alarm(timer_id, {}), "It cannot be read.")
        bench.queue.jobs.clear()
        bench.pass_time(timedelta(minutes=50))
        outcomes = {run.id: run.outcome.value for run in bench.runs(job)}

        assert "done" == outcomes.pop(stuck.id)
        assert ["skipped", "done", "done"] == [*outcomes.values()][:3]

    def test_a_job_that_cannot_be_read_keeps_no_other_back(self, world: World, bench: JobBench):
        """Such as one that a newer version has set up, before a roll-back."""
        unknown, job = bench.job(QUARTERS), bench.job(QUARTERS)
        world.database.document(f"jobs/{unknown.id}").update({"overlap": "notYetKnown"})
        for each in (unknown, job):
            world.database.document(timer_path(job_timer_id(each.id))).delete()
        outlive(bench, job)
        world.services.job_sweep.run()

        assert (None, "promoted") == (state_of(world, unknown), state_of(world, job))
