"""Commits that took place although Firestore said otherwise: bulk, copies and moves."""

from collections.abc import Callable

import pytest
import requests
from google.api_core import exceptions as gcp
from google.cloud.firestore import WriteBatch
from pytest_mock import MockerFixture

from tests.api.bulk import batch, creating, made, tasks
from tests.api.relocating import move
from tests.api.undoing import undone
from tests.api.world import Caller, World

Act = Callable[[Caller, str, str], requests.Response]


def _batch(ann: Caller, task_id: str, _team: str) -> requests.Response:
    renaming = {"op": "update", "taskId": task_id, "title": "B", "ifMatch": 1}
    return batch(ann, [*creating(2), renaming], mode="atomic")


def _many(ann: Caller, task_id: str, _team: str) -> requests.Response:
    return batch(ann, [*creating(60), {"op": "complete", "taskId": task_id}])


ACTS: dict[str, tuple[Act, int]] = {
    "batch": (_batch, 200),
    "batch with a record": (_many, 200),
    "duplicate": (lambda ann, each, _: ann.post(f"/workspaces/me/tasks/{each}:duplicate", {}), 201),
    "move": (lambda ann, each, team: move(ann, "me", each, team), 202),
}


@pytest.fixture
def lost(mocker: MockerFixture) -> Callable[[], None]:
    """Lose the answer of the next commit, and of no other."""

    def lose() -> None:
        commit, errors = WriteBatch.commit, iter([gcp.Aborted("lost")])

        def loses_its_first_answer(commits: WriteBatch, **options):
            results = commit(commits, **options)
            for error in errors:
                raise error
            return results

        mocker.patch.object(WriteBatch, "commit", loses_its_first_answer)

    return lose


class TestLostAnswers:
    """Without an `Idempotency-Key`, too."""

    @pytest.mark.parametrize("name", ACTS)
    def test_it_took_place_once(self, world: World, lost: Callable[[], None], name: str):
        """The command is answered as it was done, and its token takes it back."""
        ann = world.person("Ann")
        team, (task_id,) = world.team(ann), made(ann, 1)
        act, status = ACTS[name]
        expected = {"batch": (3, 0), "batch with a record": (61, 0)} | {
            "duplicate": (2, 0),
            "move": (1, 1),
        }

        lost()
        answer = act(ann, task_id, team)
        world.settle(times=2)
        found = tuple(len(tasks(world, each)) for each in (ann.uid, team))
        undone(ann, answer)

        assert (status, expected[name]) == (answer.status_code, found)
        (title,) = {tasks(world, ann.uid)[task_id]["title"]}
        assert "Task 000" == title
