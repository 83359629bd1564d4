"""An archive brought into another project: the same state, and nobody hears of it."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from backend.exporting.archive import Unfit, opened
from backend.kit.errors import FailedPrecondition
from backend.leaving.receipts import ReceiptKind
from tests.api.belongings import FILE, furnish
from tests.api.command_line import run
from tests.api.exports import Archive, export
from tests.api.factories import app_task, stored_tasks
from tests.api.lateness import window_passes
from tests.api.mortality import Fate, Killed, mortal_services
from tests.api.world import Caller, World
from tests.storage import StorageStandIn


@pytest.fixture
def packed(tmp_path: Path):
    """Put an archive where a command finds it."""

    def pack(archive: Archive) -> Path:
        path = tmp_path / "archive.zip"
        path.write_bytes(archive.content)
        return path

    return pack


def bring(world: World, path: Path, uid: str | None = None) -> dict:
    """Import an archive into a world; return the result."""
    with opened(path) as archive:
        return dict(world.services.importer.run(archive, uid or archive.uid).result)


class TestEqual:
    """Export, import elsewhere, export: the same."""

    def test_into_another_project(self, world: World, elsewhere: World, packed):
        """Every entry of the person's own state has the same SHA-256."""
        ann = world.person("Ann")
        made = furnish(world, ann, world.person("Bob"))
        first = export(world, ann)

        result = bring(elsewhere, packed(first))
        second = export(elsewhere, Caller(elsewhere, ann.uid, "Ann"))

        assert first.own() == second.own()
        assert len(first.own()) > 20
        count = sum(first.manifest["documents"]["own"].values())
        assert {"documents": count, "files": 1} == result
        assert FILE == second.zip.read(f"files/{made.attachment}")

    def test_under_another_uid(self, world: World, elsewhere: World, packed):
        """The same lines, but for the uid, wherever it stands."""
        ann = world.person("Ann")
        furnish(world, ann, world.person("Bob"))
        first = export(world, ann)

        bring(elsewhere, packed(first), "someone-else")
        second = export(elsewhere, Caller(elsewhere, "someone-else", "Ann"))

        for name in first.own():
            lines = first.zip.read(name).replace(ann.uid.encode(), b"someone-else")
            assert (name, sorted(lines.splitlines())) == (
                name,
                sorted(second.zip.read(name).splitlines()),
            )
        assert set(first.own()) == set(second.own())

    def test_after_erasure(self, world: World, packed, storage: StorageStandIn):
        """Export, erase, import, export: nothing was left, and all of it is back."""
        ann = world.person("Ann")
        made = furnish(world, ann, world.person("Bob"))
        first = export(world, ann)
        path = packed(first)

        assert 202 == ann.delete("/users/me").status_code
        world.settle()
        world.pass_time(timedelta(days=7, hours=1))
        while world.documents("receipts")[0]["at"] is None:
            world.pass_time(timedelta(hours=2))
        assert None is world.document(f"users/{ann.uid}")
        left = storage.names(world.services.settings.storage_bucket)
        bring(world, path, "ann-again")
        second = export(world, Caller(world, "ann-again", "Ann"))

        assert [] == left
        for name in first.own():
            lines = first.zip.read(name).replace(ann.uid.encode(), b"ann-again")
            assert (name, sorted(lines.splitlines())) == (
                name,
                sorted(second.zip.read(name).splitlines()),
            )
        file = made.attachment.replace(ann.uid, "ann-again")
        assert FILE == second.zip.read(f"files/{file}")

    def test_the_person_works_on_where_they_were(self, world: World, elsewhere: World, packed):
        """Their tasks are found by the API, and change as any others."""
        ann = world.person("Ann")
        made = furnish(world, ann, world.person("Bob"))
        due_at = world.clock.now() + timedelta(hours=3)
        app_task(world, ann.uid, by=ann, title="Soon", due_at=due_at)
        world.settle()
        archive = export(world, ann)

        bring(elsewhere, packed(archive))
        again = Caller(elsewhere, ann.uid, "Ann")
        again.delete(f"/workspaces/me/tasks/{made.private}/completion")
        elsewhere.settle()
        before = [each["category"] for each in elsewhere.inbox(again)]
        for _ in range(2):  # Soon to be due, and then late.
            elsewhere.pass_time(timedelta(hours=2))
            window_passes(elsewhere)

        assert "open" == again.get(f"/workspaces/me/tasks/{made.private}").json()["status"]
        told = Counter(each["category"] for each in elsewhere.inbox(again))
        told.subtract(before)
        assert (1, 1) == (told["dueSoon"], told["overdue"])


class TestSilence:
    """What people had been told stays told."""

    def test_nobody_is_told_anew(self, world: World, elsewhere: World, packed):
        """Neither event nor notification, counter or push follows, whoever rings the doorbell."""
        ann = world.person("Ann")
        furnish(world, ann, world.person("Bob"))
        soon = world.clock.now() + timedelta(hours=1)
        app_task(world, ann.uid, by=ann, title="Late", due_at=soon)
        world.settle()
        world.pass_time(timedelta(hours=2))
        window_passes(world)
        archive = export(world, ann)
        pushed = len(world.fcm.messages())

        bring(elsewhere, packed(archive))
        for path in archive.paths("own/workspaces.tasks"):
            elsewhere.ring(ann.uid, path.split("/")[-1])
        elsewhere.settle(times=2)
        second = export(elsewhere, Caller(elsewhere, ann.uid, "Ann"))

        titles = {line["data"]["title"] for line in archive.lines("own/users.notifications")}
        assert any("Late" in title for title in titles), titles
        assert archive.own() == second.own()
        assert pushed == len(elsewhere.fcm.messages())


class TestAgain:
    """An import that was interrupted is repeated."""

    def test_killed_anywhere_it_goes_on(self, world: World, elsewhere: World, packed):
        """Whenever it dies, the next run ends with the same state."""
        ann = world.person("Ann")
        furnish(world, ann, world.person("Bob"))
        stored_tasks(world, ann, [{} for _ in range(150)])
        first = export(world, ann)
        path, deaths = packed(first), 0

        while True:
            uid = f"copy-{deaths}"
            services = mortal_services(elsewhere, Fate(at=deaths + 1))
            try:
                with opened(path) as archive:
                    services.importer.run(archive, uid)
            except Killed:
                deaths += 1
            else:
                break
            result = bring(elsewhere, path, uid)
            assert sum(first.manifest["documents"]["own"].values()) == result["documents"]
            below = elsewhere.services.ports.store.below
            assert 150 <= len(below(f"workspaces/{uid}", limit=1000))
        last = export(elsewhere, Caller(elsewhere, "copy-1", "Ann"))

        assert deaths >= 6
        assert first.manifest["documents"]["own"] == last.manifest["documents"]["own"]

    def test_a_second_time_it_changes_nothing(self, world: World, elsewhere: World, packed):
        """Also when the person has worked in between."""
        ann = world.person("Ann")
        path = packed(export(world, ann))
        first = bring(elsewhere, path)
        Caller(elsewhere, ann.uid, "Ann").post("/workspaces/me/tasks", {"title": "New"})

        assert first == bring(elsewhere, path)
        assert 1 == len(elsewhere.documents(f"workspaces/{ann.uid}/tasks"))


class TestRefusal:
    """Nothing is written over, and nothing is written in part."""

    def test_an_account_that_is_there_stays(self, world: World, packed):
        """Another uid is to be chosen."""
        ann = world.person("Ann")
        path = packed(export(world, ann))

        with pytest.raises(FailedPrecondition, match="account here already"):
            bring(world, path)

    def test_a_document_in_the_way_stays(self, world: World, elsewhere: World, packed):
        """Something else has written there; the import says where, and stops."""
        ann = world.person("Ann")
        ann.post("/workspaces/me/tasks", {"title": "Mine"})
        archive = export(world, ann)
        (task,) = archive.paths("own/workspaces.tasks")
        elsewhere.write(task, {"title": "In the way"})

        with pytest.raises(FailedPrecondition, match="there already"):
            bring(elsewhere, packed(archive))

        assert {"title": "In the way"} == elsewhere.document(task)
        assert elsewhere.document(f"users/{ann.uid}") is None

    def test_an_erased_uid_is_not_filled_again(self, world: World, elsewhere: World, packed):
        """It never gets an account here; another uid may."""
        ann = world.person("Ann")
        path = packed(export(world, ann))
        receipt = elsewhere.services.receipts.opening(ann.uid, ReceiptKind.ERASED)
        assert elsewhere.services.ports.store.attempt([receipt])

        with pytest.raises(FailedPrecondition, match="--uid"):
            bring(elsewhere, path)

        assert 0 < bring(elsewhere, path, "another")["documents"]

    def test_a_bad_document_at_the_end_stops_it_at_the_beginning(
        self, world: World, elsewhere: World, packed
    ):
        """Everything is looked at before anything is written."""
        ann = world.person("Ann")
        path = packed(export(world, ann))
        with ZipFile(path, "a") as archive:
            archive.writestr("own/workspaces.tasks.ndjson", b"{}\n")

        with pytest.raises(Unfit):
            bring(elsewhere, path)

        assert [] == elsewhere.documents("users")
        assert [] == elsewhere.documents("operations")


class TestCommand:
    """`python -m backend.cli import-person`."""

    def test_it_says_what_it_did(self, world: World, elsewhere: World, packed):
        """How many documents and files of whom."""
        ann = world.person("Ann")
        path = packed(export(world, ann))

        done = run(elsewhere, "import-person", str(path), "--uid", "new-ann")

        assert (0, "") == (done.returncode, done.stderr)
        assert done.stdout.startswith("3 documents and 0 files of new-ann, exported on 20")
        assert elsewhere.document("users/new-ann") is not None

    @pytest.mark.parametrize("uid", ["../x", "a/b", ""])
    def test_an_impossible_uid_is_refused(self, elsewhere: World, tmp_path, uid: str):
        """In a sentence, with a status that says so."""
        refused = run(elsewhere, "import-person", str(tmp_path / "none.zip"), "--uid", uid)

        assert 1 == refused.returncode
        assert "A uid has" in refused.stderr

    def test_a_damaged_archive_is_refused(self, elsewhere: World, tmp_path):
        """And nothing is written."""
        path = tmp_path / "half.zip"
        path.write_bytes(b"PK\x03\x04")

        refused = run(elsewhere, "import-person", str(path))

        assert 1 == refused.returncode
        assert "no whole zip" in refused.stderr
        assert [] == elsewhere.documents("users")
