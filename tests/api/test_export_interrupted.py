"""Exports whose worker dies, has to wait, comes twice or finds its person gone."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.adapters.blobs import CloudStorageBlobs
from backend.bootstrap import build_services
from backend.exporting.exporter import Exporter
from backend.kit.deadline import deadline
from backend.kit.errors import DeadlineExceeded, Unavailable
from backend.operations.model import OperationKind
from backend.operations.running import Running
from backend.timers import pace
from backend.timers.firing import Alarm
from tests.api.belongings import furnish
from tests.api.exports import download, export, finished, start_export, unattended_export
from tests.api.factories import stored_tasks
from tests.api.mortality import Fate, Killed, mortal_services
from tests.api.world import World
from tests.storage import StorageStandIn


def small_steps(world: World) -> Running:
    """A worker that writes a segment for every document or two."""
    ports = world.services.ports
    exporter = Exporter(ports.store, ports.clock, ports.blobs, ports.credentials, page=1, batch=1)
    timers = world.services.timers
    return Running(ports.store, ports.clock, timers, {OperationKind.EXPORT: exporter})


class TestDying:
    """A worker may be killed between any two lines."""

    def test_another_worker_goes_on_where_it_was(self, world: World, storage: StorageStandIn):
        """Whenever the first is killed: one archive, the same as without, and nothing beside it."""
        ann, bob = world.person("Ann"), world.person("Bob")
        furnish(world, ann, bob)
        expected = export(world, ann)
        bucket = world.services.settings.storage_bucket
        moments = 0

        while True:
            before = set(storage.names(bucket))
            fate = Fate(at=moments + 1)
            job = unattended_export(world, ann)
            try:
                mortal_services(world, fate).firing.fire(job)
            except Killed:
                moments += 1
            else:
                break
            world.services.firing.fire(job)
            archive = download(finished(world, ann, job["operationId"]))
            assert (moments, expected.own()) == (moments, archive.own())
            assert archive.zip.testzip() is None
            assert 1 == len(set(storage.names(bucket)) - before)

        assert moments >= 14

    def test_long_work_goes_on_in_further_jobs(self, world: World, monkeypatch: pytest.MonkeyPatch):
        """Each job works for some seconds; the timer carries the rest, until it is done."""
        ann = world.person("Ann")
        stored_tasks(world, ann, [{}] * 6)
        monkeypatch.setattr(pace, "GOES_ON_S", 0.0)
        operation_id = start_export(ann)

        world.settle()

        assert "done" == finished(world, ann, operation_id)["state"]


class TestManySteps:
    """An archive of more segments than can be joined at once."""

    def test_it_is_one_archive(self, world: World, storage: StorageStandIn):
        """Of all documents, each once, in files that are numbered from the second on."""
        ann = world.person("Ann")
        stored_tasks(world, ann, [{} for _ in range(40)])
        whole = export(world, ann)
        job = unattended_export(world, ann)

        worker = small_steps(world)
        alarm = _alarm(job)
        for _ in range(5):
            worker.fire(alarm)
        archive = download(finished(world, ann, job["operationId"]))

        names = [name for name in archive.names if name.startswith("own/workspaces.tasks.")]
        assert len(names) == 40
        assert archive.zip.testzip() is None
        assert _lines(whole, "own/workspaces.tasks") == _lines(archive, "own/workspaces.tasks")
        assert whole.manifest["documents"]["own"] == archive.manifest["documents"]["own"]

    def test_progress_only_grows(self, world: World):
        """A person who looks sees more each time."""
        ann = world.person("Ann")
        stored_tasks(world, ann, [{} for _ in range(5)])
        job = unattended_export(world, ann)
        path = f"operations/{job['operationId']}"
        worker, seen = small_steps(world), [0]
        step = worker._works[OperationKind.EXPORT].step

        def watched(operation):
            seen.append(world.document(path)["done"])
            return step(operation)

        worker._works[OperationKind.EXPORT].step = watched
        worker.fire(_alarm(job))

        assert sorted(seen) == seen
        assert len(set(seen)) > 5


class TestTwice:
    """Jobs are delivered more than once."""

    def test_two_workers_make_one_archive(self, world: World, crowd: ThreadPoolExecutor):
        """Who loses a step looks again, and leaves nothing behind that counts."""
        ann = world.person("Ann")
        furnish(world, ann, world.person("Bob"))
        expected = export(world, ann)
        job = unattended_export(world, ann)
        firing = world.services.firing

        list(crowd.map(lambda _: _fire_until_quiet(firing, job), range(4)))
        archive = download(finished(world, ann, job["operationId"]))

        assert archive.zip.testzip() is None
        assert expected.own() == archive.own()

    def test_a_job_after_the_end_does_nothing(self, world: World, storage: StorageStandIn):
        """Late, and for an operation that another has followed."""
        ann = world.person("Ann")
        job = unattended_export(world, ann)
        world.services.firing.fire(job)
        before = storage.names(world.services.settings.storage_bucket)

        world.services.firing.fire(job)

        assert before == storage.names(world.services.settings.storage_bucket)


class TestWaiting:
    """What an export needs may not answer."""

    def test_it_waits_for_the_file_storage(self, world: World):
        """The job fails and comes again; nothing is lost meanwhile."""
        ann = world.person("Ann")
        job = unattended_export(world, ann)
        settings = replace(world.services.settings, storage_emulator_host="http://127.0.0.1:9")
        ports = world.services.ports
        deaf = replace(ports, blobs=CloudStorageBlobs(settings, ports.clock))

        with deadline(ports.clock, 3), pytest.raises((Unavailable, DeadlineExceeded)):
            build_services(settings, deaf).firing.fire(job)
        assert "running" == ann.get(f"/operations/{job['operationId']}").json()["state"]
        world.pass_time(timedelta(minutes=2))

        assert "done" == finished(world, ann, job["operationId"])["state"]

    def test_it_gives_up_after_a_week(self, world: World):
        """And says so: nobody waits for ever."""
        ann = world.person("Ann")
        job = unattended_export(world, ann)
        world.clock.advance(timedelta(days=7))

        world.services.firing.fire(job)

        stored = world.document(f"operations/{job['operationId']}")
        assert ("failed", "deadline-exceeded") == (stored["state"], stored["problem"])


class TestEndings:
    """What was called off, or lost its person, leaves nothing."""

    def test_called_off_in_the_middle_it_is_swept(self, world: World, storage: StorageStandIn):
        """What was written so far goes, and the operation can still be read."""
        ann = world.person("Ann")
        stored_tasks(world, ann, [{}] * 3)
        job = unattended_export(world, ann)
        worker = small_steps(world)
        exporter = worker._works[OperationKind.EXPORT]
        step, steps = exporter.step, []

        def calling_off(operation):
            steps.append(operation)
            if len(steps) == 3:
                ann.post(f"/operations/{operation.id}:cancel")
            return step(operation)

        exporter.step = calling_off
        worker.fire(_alarm(job))
        world.settle()

        assert 3 == len(steps)
        assert [] == storage.names(world.services.settings.storage_bucket)
        assert "cancelled" == ann.get(f"/operations/{job['operationId']}").json()["state"]

    def test_what_is_purged_in_the_middle_is_swept(self, world: World, storage: StorageStandIn):
        """An erased person's export stops, and deletes what it wrote."""
        ann = world.person("Ann")
        job = unattended_export(world, ann)
        worker = small_steps(world)
        exporter = worker._works[OperationKind.EXPORT]
        step = exporter.step

        def erasing(operation):
            done = step(operation)
            world.database.document(f"operations/{operation.id}").delete()
            world.database.document(f"timers/{job['timerId']}").delete()
            return done

        exporter.step = erasing
        worker.fire(_alarm(job))

        assert [] == storage.names(world.services.settings.storage_bucket)
        assert None is world.document(f"timers/{job['timerId']}")


def _fire_until_quiet(firing, job) -> None:
    for _ in range(4):
        try:
            firing.fire(job)
        except Unavailable:  # The other was faster, and has swept.
            continue
        return


def _alarm(job: dict[str, str]) -> Alarm:
    subject = {name: text for name, text in job.items() if name not in ("timerId", "kind")}
    return Alarm(job["timerId"], subject)


def _lines(archive, name: str) -> list:
    """The lines of a collection, from all of its files."""
    parts = [
        each for each in archive.names if each.startswith(f"{name}.") and "tasks.h" not in each
    ]
    lines = [line for part in parts for line in archive.zip.read(part).splitlines()]
    return sorted(line for line in lines if line.count(b"/tasks/") == 1)
