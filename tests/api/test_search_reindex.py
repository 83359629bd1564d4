"""`python -m backend.cli reindex`: what was stored before there was any search is found, too."""

from datetime import timedelta

from backend.kit.documents import Create
from backend.search.reindexing import PAGE, Reindexing
from tests.api.command_line import run
from tests.api.commenting import app_says
from tests.api.factories import app_task, stored_tasks, task_fields
from tests.api.world import World


class TestReindex:
    """All entries, written anew."""

    def test_it_writes_what_reactions_would_have_written(self, world: World):
        """Of tasks, comments, boards and lists; twice is as good as once."""
        ann = world.person("Ann")
        task = f"/workspaces/{ann.uid}/tasks/{app_task(world, ann.uid, by=ann, title='Launch')}"
        app_says(world, ann, task, "Countdown")
        board = ann.post("/workspaces/me/boards", {"name": "Roadmap"}).json()["id"]
        ann.post("/workspaces/me/lists", {"name": "Next", "boardId": board})
        world.settle()
        expected = _entries(world)
        assert {"task", "comment", "board", "list"} == {e["kind"] for e in expected.values()}
        for path in expected:
            world.database.document(path).delete()

        once = run(world, "reindex")
        after_once = _entries(world)
        run(world, "reindex")

        assert (0, "") == (once.returncode, once.stderr)
        assert ["1 tasks", "1 comments", "1 boards", "1 lists"] == once.stdout.split("\n")[:4]
        assert expected == after_once == _entries(world)

    def test_what_is_gone_loses_its_entry(self, world: World):
        """In the trash, or below a task that is there."""
        ann = world.person("Ann")
        (task_id,) = stored_tasks(world, ann, [{"title": "Launch"}])
        app_says(world, ann, f"/workspaces/{ann.uid}/tasks/{task_id}", "Countdown")
        store = world.services.ports.store
        Reindexing(store).run()
        assert 2 == len(_entries(world))
        gone = world.clock.now() + timedelta(seconds=1)
        world.database.document(f"workspaces/{ann.uid}/tasks/{task_id}").update({"deletedAt": gone})

        Reindexing(store).run()

        assert {} == _entries(world)

    def test_what_nobody_can_read_is_passed_over(self, world: World):
        """The others are behind it, over many pages, in every workspace."""
        ann, bob = world.person("Ann"), world.person("Bob")
        store = world.services.ports.store
        for person in (ann, bob):
            fields = task_fields(world, by=person)
            path = f"workspaces/{person.uid}/tasks"
            assert store.attempt([Create(f"{path}/t{n}", fields) for n in range(PAGE)])
        world.write(f"workspaces/{ann.uid}/tasks/t0", {"title": 7})

        done = Reindexing(store).run()

        assert 2 * PAGE == done["tasks"]
        assert 2 * PAGE - 1 == len(_entries(world))


def _entries(world: World) -> dict[str, dict]:
    return {
        f"searchEntries/{each.id}": each.to_dict()
        for each in world.database.collection("searchEntries").stream()
    }
