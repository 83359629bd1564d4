"""The job `backup`: Firestore exports itself to a bucket, once a run, whatever happens."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from backend.adapters.backups import FirestoreBackups
from backend.jobs.doing.backing_up import Backup
from backend.kit.errors import FailedPrecondition, Unavailable
from tests.api.job_runs import a_run, carried_out, one_step
from tests.api.world import World
from tests.exports_server import DOCUMENTS, ExportsServer, Mood


@pytest.fixture
def exports() -> Iterator[ExportsServer]:
    with ExportsServer() as server:
        yield server


@pytest.fixture
def backup(world: World, exports: ExportsServer) -> Backup:
    return a_backup(world, exports, "backups.example.com")


def a_backup(world: World, exports: ExportsServer, bucket: str) -> Backup:
    settings = replace(
        world.services.settings, backup_bucket=bucket, firestore_admin_url=exports.url
    )
    return Backup(world.clock, FirestoreBackups(settings, world.clock))


class TestBackup:
    """backup {}"""

    def test_it_waits_until_all_is_there(
        self, world: World, backup: Backup, exports: ExportsServer
    ):
        """In a folder of the run's own; documents are its items."""
        run = a_run(world, backup)

        items, last = carried_out(backup, run)

        folder = f"backups/job-1/{run.id}"
        assert [f"gs://backups.example.com/{folder}"] == exports.folders
        assert DOCUMENTS == items
        assert {"folder": folder, "documents": DOCUMENTS} == last.result

    @pytest.mark.parametrize("has_answer", [True, False])
    def test_killed_after_beginning_it_finds_the_same_export(
        self, world: World, backup: Backup, exports: ExportsServer, has_answer: bool
    ):
        """Also where only the answer to the beginning was lost."""
        run = a_run(world, backup)
        if has_answer:
            one_step(backup, run)
        else:
            exports.mood = Mood.CUT
            with pytest.raises(Unavailable):
                one_step(backup, run)
            exports.mood = Mood.WELL

        items, _ = carried_out(backup, run)

        assert (1, DOCUMENTS) == (len(exports.operations), items)

    def test_without_a_bucket_it_is_refused_plainly(self, world: World, exports: ExportsServer):
        """The run fails, with the setting's name in its log."""
        backup = a_backup(world, exports, "")

        with pytest.raises(FailedPrecondition) as refused:
            one_step(backup, a_run(world, backup))

        assert "BACKUP_BUCKET" in refused.value.detail
        assert [] == exports.operations

    @pytest.mark.parametrize(
        ("mood", "expected"),
        [(Mood.BUSY, Unavailable), (Mood.REFUSING, FailedPrecondition)],
    )
    def test_what_may_pass_is_tried_again(
        self,
        world: World,
        backup: Backup,
        exports: ExportsServer,
        mood: Mood,
        expected: type[Exception],
    ):
        """A 503 is; being refused is not, and says with which code."""
        exports.mood = mood

        with pytest.raises(expected):
            one_step(backup, a_run(world, backup))

    def test_an_export_that_breaks_fails_the_run(
        self, world: World, backup: Backup, exports: ExportsServer
    ):
        """With Google's code, and none of its words, which name buckets."""
        exports.mood = Mood.BREAKING

        with pytest.raises(FailedPrecondition) as failed:
            carried_out(backup, a_run(world, backup))

        assert ("backup-failed", "The export failed: PERMISSION_DENIED.") == (
            failed.value.code,
            failed.value.detail,
        )
