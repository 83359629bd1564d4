"""The history of a task is exact: whoever writes at once, and on whatever way (M011)."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest
import requests
from google.api_core.exceptions import FailedPrecondition

from backend.kit.ids import random_id
from tests.api.world import Caller, World

WRITERS = 50
# What may stand beside a value in the history: nobody chose it.
FOLLOWING = {"isOverdue", "dueAt", "dueDay"}


@pytest.fixture
def crowd():
    """As many threads as there are writers."""
    with ThreadPoolExecutor(WRITERS) as threads:
        yield threads


class Scene:
    """A task that many write to at once, and what its history says afterwards."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ann = world.person("Ann")
        self.id = self.ann.post("/workspaces/me/tasks", {"title": "0"}).json()["id"]
        self.path = f"/workspaces/{self.ann.uid}/tasks/{self.id}"
        world.settle()

    @property
    def task(self) -> dict[str, Any]:
        return self.world.document(self.path.removeprefix("/")) or {}

    def edit(self, **changes: Any) -> requests.Response:
        # Under one key, since a busy machine may take longer than a request waits (504): then
        # nobody knows whether it took effect, and an app asks once more.
        headers = {"Idempotency-Key": random_id(), **changes.pop("headers", {})}
        while True:
            answer = self.ann.patch(self.path, changes, headers=headers)
            if answer.status_code != 504:
                return answer

    def app_edits(self, by: Caller, **changes: Any) -> int | None:
        """Write as an app does that the rules let through: the next revision, or nothing."""
        document = self.world.database.document(self.path.removeprefix("/"))
        seen = document.get()
        rev = seen.to_dict()["rev"] + 1
        stamped = {"rev": rev, "updatedAt": self.world.clock.now(), "updatedBy": by.uid}
        option = self.world.database.write_option(last_update_time=seen.update_time)
        try:
            document.update({**changes, **stamped}, option=option)
        except FailedPrecondition:
            return None
        return rev

    def changes(self) -> list[dict[str, Any]]:
        """The history, oldest first, page by page as people read it."""
        found: list[dict[str, Any]] = []
        query: dict[str, Any] = {"pageSize": 20}
        while True:
            page = self.ann.get(f"{self.path}/history", params=query).json()
            found += page["items"]
            if page["nextPageToken"] is None:
                return found[::-1]
            query["pageToken"] = page["nextPageToken"]

    def assert_seamless(self) -> None:
        """Each begins where the one before ended, and the last one ends where the task is."""
        changes = self.changes()
        assert [1, *(each["rev"] for each in changes)][:-1] == [each["fromRev"] for each in changes]
        assert self.task["rev"] == changes[-1]["rev"]
        values: dict[str, Any] = {}
        for each in changes:
            for field, value in each["previous"].items():
                assert (each["rev"], field, value) == (each["rev"], field, values.get(field, value))
            values |= each["patch"]
        assert {name: self.task[name] for name in values} == values


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


class TestFiftyWriters:
    """On one task, at the same time."""

    def test_every_accepted_edit_is_in_history(self, scene: Scene, crowd: ThreadPoolExecutor):
        """With its own value, author and revision; every other writer is told 409."""
        answers = list(crowd.map(lambda n: scene.edit(title=f"{n + 1}"), range(WRITERS)))
        scene.world.settle(times=2)

        accepted = {
            answer.json()["rev"]: answer.json()["title"]
            for answer in answers
            if answer.status_code == 200
        }
        assert {200, 409} >= {answer.status_code for answer in answers}
        assert len(accepted) == Counter(each.status_code for each in answers)[200] >= 12
        changes = scene.changes()
        assert accepted == {each["rev"]: each["patch"]["title"] for each in changes}
        assert {scene.ann.uid} == {each["actorUid"] for each in changes}
        scene.assert_seamless()

    def test_of_those_who_saw_the_same_one_is_accepted(
        self, scene: Scene, crowd: ThreadPoolExecutor
    ):
        """`If-Match` makes everybody else a 412, or a 409 that may try again."""
        tag = {"If-Match": '"1"'}
        answers = list(
            crowd.map(lambda n: scene.edit(title=f"{n + 1}", headers=tag), range(WRITERS))
        )
        scene.world.settle()

        statuses = Counter(answer.status_code for answer in answers)
        assert (1, {200, 409, 412}) == (statuses[200], {200, 409, 412} | set(statuses))
        (accepted,) = [answer.json()["title"] for answer in answers if answer.status_code == 200]
        assert [accepted] == [each["patch"]["title"] for each in scene.changes()]
        scene.assert_seamless()

    def test_mixed_with_apps_nothing_is_lost(self, scene: Scene, crowd: ThreadPoolExecutor):
        """Half of them write directly, and doorbells ring in between."""
        bob = scene.world.person("Bob")

        def write(number: int) -> tuple[str, int | None]:
            value = f"{number + 1}"
            if number % 5 == 0:
                scene.world.ring(scene.ann.uid, scene.id)
            if number % 2:
                return value, scene.app_edits(bob, title=value)
            answer = scene.edit(title=value)
            assert answer.status_code in (200, 409)
            return value, answer.json()["rev"] if answer.status_code == 200 else None

        written = {rev: value for value, rev in crowd.map(write, range(WRITERS)) if rev}
        scene.world.settle(times=2)

        changes = {each["rev"]: each for each in scene.changes()}
        by_api = {rev: value for rev, value in written.items() if int(value) % 2}
        # Each edit through the API has a line of its own; of an app's, those that follow each
        # other before a reaction comes have one together, which ends at the last of them.
        assert by_api == {rev: changes[rev]["patch"]["title"] for rev in by_api}
        assert max(written) == scene.task["rev"]
        assert written[max(written)] == scene.task["title"]
        scene.assert_seamless()


class TestOneAfterTheOther:
    """API and app by turns, and reactions whenever they come."""

    @pytest.mark.parametrize("seed", range(3))
    def test_every_value_and_its_author_is_there(self, scene: Scene, seed: int):
        """Where a reaction follows each write of an app, no two are ever summed up."""
        random, bob = Random(seed), scene.world.person("Bob")
        wanted = []
        acts: list[Callable[[int], None]] = [
            lambda n: wanted.append(
                (f"{n}", scene.ann.uid, scene.edit(title=f"{n}").json()["rev"])
            ),
            lambda n: wanted.append((f"{n}", bob.uid, scene.app_edits(bob, title=f"{n}"))),
        ]
        for number in range(1, 25):
            random.choice(acts)(number)
            if wanted[-1][1] == bob.uid or random.random() < 0.3:
                scene.world.services.reactor.look(_stored(scene))

        found = [
            (each["patch"]["title"], each["actorUid"], each["rev"]) for each in scene.changes()
        ]
        assert wanted == found
        scene.assert_seamless()


def _stored(scene: Scene) -> Any:
    (stored,) = scene.world.services.ports.store.get_all([scene.path.removeprefix("/")])
    return stored
