"""Jobs whose workers die at any moment, meet, or lose their orders: one run for each slot."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest

from backend.jobs.model import CatchUp, Job, JobRun, Overlap
from backend.kit.errors import FailedPrecondition, Unavailable
from tests.api.job_bench import DAILY, IN_A_DAY, MINUTE, QUARTERS, JobBench
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit
from tests.api.world import World

QUARTER = timedelta(minutes=15)


def mortal_store(world: World, fate: Fate) -> MortalAtEveryCommit:
    ports, settings = world.services.ports, world.services.settings
    store = MortalAtEveryCommit(settings.project_id, ports.clock, emulated=True)
    store.fate = fate
    return store


def to_slot(bench: JobBench, job: Job) -> None:
    """Let time pass, with nothing due, until a job's next slot."""
    bench.clock.advance(job.next_run_at - bench.clock.now())


def standing(bench: JobBench, job: Job) -> list[str]:
    """The kinds of the timers that a job has."""
    timers = bench.world.documents("timers")
    return sorted(each["kind"] for each in timers if each["subject"].get("jobId") == job.id)


class TestKilled:
    """Whenever the worker dies, the next one goes on."""

    def test_before_and_behind_every_commit(self, world: World):
        """One run, ended once, each step done; the next slot is planned, and nothing else."""
        moments = 0
        while True:
            bench, fate = JobBench(world), Fate(at=moments + 1)
            job = bench.job(DAILY, arguments={"steps": 2})
            to_slot(bench, job)
            bench.timers.promote()
            dying = JobBench(world, mortal_store(world, fate), bench)
            try:
                dying.deliver()
                is_last = True
            except Killed:
                moments, is_last = moments + 1, False
            bench.pass_time(timedelta(minutes=5))
            (run,) = bench.runs(job)
            after = bench.now(job)

            assert ("done", 2, 1) == (run.outcome.value, run.items, run.attempt)
            assert (run.id, None, ()) == (after.last_run.run_id, after.current, after.waiting)
            assert (["job"], job.next_run_at + timedelta(days=1)) == (
                standing(bench, job),
                after.next_run_at,
            )
            if is_last:
                break
            bench.service.delete(bench.keeper, job.id)

        assert moments == 6  # Before and behind each of three: begun, a step done, ended.

    def test_a_run_that_waits_begins_however_the_one_before_ends(self, world: World):
        """Its worker may die with the end of the other: the line goes on."""
        for moment in range(1, 9):
            bench, fate = JobBench(world), Fate(at=moment)
            job = bench.job(IN_A_DAY, overlap=Overlap.QUEUE)
            ids = [bench.triggering.run(bench.keeper, job.id).id for _ in range(3)]
            dying = JobBench(world, mortal_store(world, fate), bench)
            with suppress(Killed):
                dying.deliver()
            bench.pass_time(timedelta(minutes=6))

            assert ["done"] * 3 == bench.outcomes(job)
            assert ids == list(dict.fromkeys(run_id for run_id, _ in bench.handler.done))
            assert ["job"] == standing(bench, job)
            bench.service.delete(bench.keeper, job.id)


class TestAtOnce:
    """Workers that do the same at the same time."""

    def test_a_slot_has_one_run(self, world: World):
        """Six workers fire its timer, and six work at it: it is begun and ended once."""
        bench = JobBench(world)
        job = bench.job(DAILY, arguments={"steps": 3})
        to_slot(bench, job)
        bench.timers.promote()
        for _ in range(2):
            bodies = [each.body for each in bench.queue.jobs.values()] * 6
            bench.queue.jobs.clear()
            with ThreadPoolExecutor(6) as workers:
                list(workers.map(bench.fire, bodies))
        bench.pass_time(timedelta(minutes=4))
        (run,) = bench.runs(job)

        assert ("done", 3) == (run.outcome.value, run.items)
        assert {0, 1, 2} == {step for _, step in bench.handler.done}
        assert ["job"] == standing(bench, job)

    def test_people_run_it_at_once(self, world: World):
        """With "skip" one of them is told that it is at work; with "queue" each gets a run."""
        for overlap, most in ((Overlap.SKIP, 1), (Overlap.QUEUE, 5)):
            bench = JobBench(world)
            job = bench.job(DAILY, overlap=overlap)

            def ask(_: int, bench: JobBench = bench, job: Job = job) -> bool:
                try:
                    bench.triggering.run(bench.keeper, job.id)
                except FailedPrecondition:
                    return False
                return True

            with ThreadPoolExecutor(5) as people:
                let = sum(people.map(ask, range(5)))
            bench.pass_time(timedelta(0))

            assert (most, ["done"] * most) == (let, bench.outcomes(job))

    def test_a_schedule_is_changed_while_its_slot_fires(self, world: World):
        """Whoever comes first: the slot has a run or has not, and one timer stands."""
        for _ in range(4):
            bench = JobBench(world)
            job = bench.job(DAILY)
            to_slot(bench, job)
            bench.timers.promote()
            (body,) = [each.body for each in bench.queue.jobs.values()]
            evenings = {"schedule": {**DAILY, "expression": "0 21 * * *"}}
            with ThreadPoolExecutor(2) as both:
                fired = both.submit(bench.fire, body)
                edited = both.submit(bench.service.edit, bench.keeper, job.id, evenings)
                fired.result(), edited.result()
            bench.pass_time(timedelta(minutes=5))

            assert bench.outcomes(job) in ([], ["done"])
            assert (21, ["job"]) == (bench.now(job).next_run_at.hour, standing(bench, job))
            bench.service.delete(bench.keeper, job.id)


class Weather:
    """A day or more in which workers die, orders are lost, doubled and late, and steps fail."""

    def __init__(self, world: World, seed: int) -> None:
        self.random, self.world = Random(seed), world
        self.bench = JobBench(world)
        self.bench.handler.act = self._step

    def blow(self, quarters: int) -> tuple[Job, list[JobRun]]:
        """Let so many quarters of an hour pass; then calm; return the job and its runs."""
        random, bench = self.random, self.bench
        job = bench.job(
            QUARTERS,
            catch_up=CatchUp.ALL,
            overlap=Overlap.QUEUE,
            retries=5,
            max_runtime_s=6 * 3600,
            arguments={"steps": random.randint(1, 3)},
        )
        for _ in range(quarters):
            bench.clock.advance(QUARTER * random.choice([0.2, 1, 1, 1.5, 3]))
            self._deliver_badly()
        bench.handler.act = lambda _run, _step: None
        bench.pass_time(timedelta(minutes=6))
        for _ in range(12):
            bench.clock.advance(timedelta(minutes=11))  # Past every back-off.
            bench.pass_time(MINUTE)
        return bench.now(job), bench.runs(job)

    def _deliver_badly(self) -> None:
        random, bench = self.random, self.bench
        for act in random.sample([bench.timers.promote, bench.timers.repair], random.randint(0, 2)):
            act()
        orders = [*bench.queue.jobs.items()]
        random.shuffle(orders)
        for key, order in orders:
            fate = random.random()
            if fate < 0.8:
                bench.queue.jobs.pop(key, None)
            if fate < 0.15:
                continue  # Lost.
            for _ in range(random.choice([1, 1, 2])):
                self._worked(order.body)

    def _worked(self, body: dict[str, str]) -> None:
        """Have a worker deliver a job who may die over it."""
        worker = self.bench
        if self.random.random() < 0.4:
            fate = Fate(self.random.randint(1, 5))
            worker = JobBench(self.world, mortal_store(self.world, fate), self.bench)
        with suppress(Killed):
            worker.fire(body)

    def _step(self, _run: JobRun, _step: int) -> None:
        if self.random.random() < 0.1:
            raise Unavailable("Not now.")


class TestWeather:
    """`make soak` lets it blow for longer."""

    @pytest.mark.parametrize("seed", range(2))
    def test_each_slot_is_run_once(self, world: World, request, seed: int):
        """All slots, in their order, each ended once, with each step done."""
        is_long = request.config.getoption("--long")
        weather = Weather(world, seed)
        job, runs = weather.blow(400 if is_long else 25)
        begun = runs[0].slot
        expected = [begun + QUARTER * number for number in range(len(runs))]
        steps = runs[0].arguments["steps"]

        assert expected == [run.slot for run in runs]
        assert job.next_run_at == expected[-1] + QUARTER
        assert {("done", steps)} == {(run.outcome.value, run.items) for run in runs}
        assert {(run.id, step) for run in runs for step in range(steps)} == {
            *weather.bench.handler.done
        }
        assert (None, ()) == (job.current, job.waiting)
