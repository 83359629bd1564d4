"""The trash is emptied after 30 days: with everything that belongs to a task, whatever happens."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.adapters.firestore import metered
from backend.bootstrap import Services, build_services
from backend.kit.documents import Write
from backend.kit.ids import derived_id
from backend.tasks.model import KEPT_IN_TRASH
from local.cloudtasks import Fault, FaultKind
from tests.api.attaching import announced, attached, files_of, room_of
from tests.api.commenting import say
from tests.api.factories import app_task
from tests.api.guest import everything
from tests.api.mortality import Fate, Killed, MortalBlobs, MortalStore
from tests.api.world import Caller, World, cost_of

SECOND = timedelta(seconds=1)
FIRE = "/internal/jobs/fire"


class MortalCommits(MortalStore):
    """The store, in the hands of fate around each of its commits."""

    def attempt(self, writes: Sequence[Write]) -> bool:
        return super(MortalStore, self).attempt(writes)

    def _commit(self, writes: Sequence[Write]) -> list[datetime]:
        if not writes:
            return []
        self.fate.moment()
        written = super()._commit(writes)
        self.fate.moment()
        return written


class MortalFiles(MortalBlobs):
    """The files, in the hands of fate where any are deleted."""

    def delete_prefix(self, folder: str, limit: int) -> int:
        if not self._blobs.listed(folder, limit=1):
            return 0
        self._fate.moment()
        deleted = self._blobs.delete_prefix(folder, limit)
        self._fate.moment()
        return deleted


class Scene:
    """Ann's task with everything that a task can have, thrown away."""

    def __init__(self, world: World, people: Sequence[Caller] = ()) -> None:
        self.world = world
        self.ann = world.person("Ann")
        self.id = self._made({"title": "Report"})
        self.path = f"/workspaces/{self.ann.uid}/tasks/{self.id}"
        self.child = self._made({"title": "Part"})
        for number in range(3):
            say(self.ann, self.path, f"Words {number}")
        attached(self.ann, self.path)
        announced(self.ann, self.path)
        self.ann.patch(self.path, {"description": "d"})
        world.settle()
        child = world.database.document(f"workspaces/{self.ann.uid}/tasks/{self.child}")
        self.before = everything(world.database)
        self.ann.delete(self.path)
        world.settle()
        # As an app could write it that had not heard of it: the reactor has no say here.
        child.update({"parentId": self.id, "ancestorIds": [self.id], "depth": 1})

    def _made(self, body: dict[str, Any]) -> str:
        return str(self.ann.post("/workspaces/me/tasks", body).json()["id"])

    @property
    def timer(self) -> dict[str, str]:
        timer_id = derived_id("trash", self.ann.uid, self.id)
        return {
            "timerId": timer_id,
            "kind": "trash",
            "workspaceId": self.ann.uid,
            "taskId": self.id,
        }

    def fire(self, services: Services | None = None) -> None:
        """What the job does that the timer sends."""
        (services or self.world.services).firing.fire(self.timer)

    def is_waited_for(self) -> bool:
        """Whether the timer is still set."""
        return self.world.document(f"timers/{self.timer['timerId']}") is not None

    def traces(self) -> dict[str, dict[str, Any]]:
        """What names the task, but for events, and the history of its subtask."""
        return {
            path: fields
            for path, fields in everything(self.world.database).items()
            if self.id in path or self.id in str(fields)
            if "/events/" not in path and f"{self.child}/history" not in path
            if fields.get("kind") not in ("attachment", "trash")  # Alarms that find nothing.
        }

    def assert_gone(self) -> None:
        """Nothing is left but a subtask, which stands for itself."""
        assert {} == self.traces()
        assert [] == files_of(self.world)
        assert (0, 0) == room_of(self.world, self.ann.uid)
        child = self.ann.get(f"/workspaces/me/tasks/{self.child}").json()
        assert (None, [], 0) == tuple(child[name] for name in ("parentId", "ancestorIds", "depth"))
        counters = self.world.document(f"workspaces/{self.ann.uid}")["counters"]
        assert (1, 1) == (counters["allTasks"], counters["openTasks"])


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


class TestThirtyDays:
    """From `deletedAt` on."""

    def test_then_nothing_is_left(self, scene: Scene):
        """Comments, files, history, what search knew, counts, and in the end the timer too."""
        assert 10 <= len(scene.traces())
        scene.world.pass_time(KEPT_IN_TRASH)
        scene.world.pass_time(timedelta(minutes=5))

        scene.assert_gone()
        assert not scene.is_waited_for()
        assert 404 == scene.ann.post(f"{scene.path}:restore").status_code

    def test_until_then_all_comes_back(self, scene: Scene):
        """A second before, whole; and the days begin anew when it is thrown away again."""
        scene.world.pass_time(KEPT_IN_TRASH - SECOND)
        restored = scene.ann.post(f"{scene.path}:restore")
        scene.world.settle()
        scene.world.pass_time(SECOND)

        task = scene.ann.get(scene.path).json()
        comments = scene.ann.get(f"{scene.path}/comments").json()["items"]
        assert (200, "d", 3) == (restored.status_code, task["description"], len(comments))
        assert not scene.is_waited_for()

        scene.ann.delete(scene.path)
        scene.world.settle()
        scene.world.pass_time(KEPT_IN_TRASH - SECOND)
        assert 200 == scene.ann.post(f"{scene.path}:restore").status_code

    def test_what_an_app_threw_away_goes_too(self, world: World):
        """By its own write, under the rules; also a task that nobody had reacted to before."""
        ann = world.person("Ann")
        task_id = app_task(world, ann.uid, by=ann)
        now = world.clock.now()
        world.database.document(f"workspaces/{ann.uid}/tasks/{task_id}").update(
            {"deletedAt": now, "updatedAt": now, "rev": 2}
        )
        world.settle()
        world.pass_time(KEPT_IN_TRASH)

        assert [] == world.documents(f"workspaces/{ann.uid}/tasks")


class TestInterrupted:
    """One end, on whatever way."""

    @pytest.mark.parametrize("moment", [2, 3], ids=["behind its commit", "before the next"])
    def test_a_kill_between_any_two_commits_leaves_a_way_on(self, scene: Scene, moment: int):
        """Each job lives for one commit, or one folder of files."""
        scene.world.clock.advance(KEPT_IN_TRASH)
        jobs = 0
        while scene.is_waited_for():
            jobs += 1
            try:
                scene.fire(_mortal(scene.world, Fate(moment)))
            except Killed:
                assert scene.is_waited_for() or moment == 2
            else:
                scene.world.clock.advance(timedelta(minutes=5))
            assert jobs < 50
        scene.world.settle()

        scene.assert_gone()
        assert jobs > 6

    def test_two_at_once_come_to_the_same_end(self, scene: Scene, crowd: ThreadPoolExecutor):
        """A job that is delivered twice."""
        scene.world.clock.advance(KEPT_IN_TRASH)
        list(crowd.map(lambda _: scene.fire(), range(2)))
        scene.world.settle()

        scene.assert_gone()

    def test_what_was_written_behind_its_back_goes_at_the_second_look(self, scene: Scene):
        """A request that had read the task before it went."""
        scene.world.pass_time(KEPT_IN_TRASH)
        scene.world.write(f"{scene.path}/comments/late".removeprefix("/"), {"body": "?"})
        scene.world.pass_time(timedelta(minutes=5))

        scene.assert_gone()
        assert not scene.is_waited_for()


class TestRestoredMeanwhile:
    """Wins or loses; never half."""

    def test_of_the_two_one_wins(self, scene: Scene, crowd: ThreadPoolExecutor):
        """At the same instant: either everything is there, or nothing."""
        scene.world.clock.advance(KEPT_IN_TRASH)
        acts = [scene.fire, lambda: scene.ann.post(f"{scene.path}:restore").status_code]
        _, status = crowd.map(lambda act: act(), acts)
        scene.world.settle()

        comments = scene.world.documents(f"{scene.path}/comments".removeprefix("/"))
        assert (status, len(comments)) in [(200, 3), (404, 0), (409, 0)]
        assert (status == 200) == (scene.ann.get(scene.path).status_code == 200)

    def test_a_restore_that_nobody_has_reacted_to_yet_counts(self, scene: Scene):
        """The timer has not been withdrawn, and finds that it came for nothing."""
        scene.world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=0))
        scene.world.clock.advance(KEPT_IN_TRASH)
        scene.ann.post(f"{scene.path}:restore")
        scene.fire()

        assert 200 == scene.ann.get(scene.path).status_code
        assert not scene.is_waited_for()

    def test_what_was_thrown_away_unseen_is_counted_before_it_goes(self, scene: Scene):
        """Changes that no doorbell announced come first."""
        tasks = scene.world.database.collection(f"workspaces/{scene.ann.uid}/tasks")
        # Else the reaction takes it along into the trash.
        tasks.document(scene.child).update({"parentId": None, "ancestorIds": [], "depth": 0})
        tasks.document(scene.id).update({"title": "Late", "rev": 99})
        scene.world.clock.advance(KEPT_IN_TRASH)
        scene.fire()
        scene.world.settle()

        scene.assert_gone()


class TestCost:
    """Of a restore, and of emptying."""

    def test_a_restore_is_a_change_and_a_look_below(self, scene: Scene):
        """At subtasks that went along; however many comments and files there are."""
        assert (3, 2, 2) == cost_of(scene.ann.post(f"{scene.path}:restore"))

    def test_emptying_reads_what_it_deletes(self, world: World):
        """And a little for each place: with ten comments more, ten comments dearer."""
        ann, costs = world.person("Ann"), []
        for comments in (0, 10):
            task = ann.post("/workspaces/me/tasks", {"title": "A"}).json()
            path = f"/workspaces/{ann.uid}/tasks/{task['id']}"
            for number in range(comments):
                world.write(f"{path}/comments/c{number}".removeprefix("/"), {"body": "?"})
            ann.delete(path)
            world.settle()
            world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=0))
            world.clock.advance(KEPT_IN_TRASH)
            timer_id = derived_id("trash", ann.uid, task["id"])
            with metered() as usage:
                ids = {"workspaceId": ann.uid, "taskId": task["id"]}
                world.services.firing.fire({"timerId": timer_id, "kind": "trash", **ids})
            costs.append((usage.rpcs, usage.reads, usage.writes))

        (rpcs, reads, writes), (_, more_reads, more_writes) = costs
        assert (10, 9, 6) == (rpcs, reads, writes)
        assert (10, 10) == (more_reads - reads, more_writes - writes)


def _mortal(world: World, fate: Fate) -> Services:
    ports, settings = world.services.ports, world.services.settings
    store = MortalCommits(settings.project_id, ports.clock, emulated=True)
    store.fate = fate
    return build_services(
        settings, replace(ports, store=store, blobs=MortalFiles(ports.blobs, fate))
    )
