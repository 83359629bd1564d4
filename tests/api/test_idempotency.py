"""`Idempotency-Key`: one effect and one answer, however often a request arrives."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from google.api_core import exceptions as gcp
from google.cloud.firestore import WriteBatch
from pytest_mock import MockerFixture

from tests.api.conftest import serving
from tests.api.world import Caller, World, cost_of

TASKS = "/workspaces/me/tasks"
KEY = {"Idempotency-Key": "9f1c0f2e-8a51-4c0e"}


class TestReplay:
    """The same key and body."""

    def test_a_repeated_creation_creates_nothing(self, world: World):
        """And is told what the first was told, down to the address."""
        ann = world.person("Ann")

        first, second = (ann.post(TASKS, {"title": "A"}, headers=KEY) for _ in range(2))

        assert [201, 201] == [first.status_code, second.status_code]
        assert first.content == second.content
        for header in ("Location", "ETag", "Content-Type"):
            assert first.headers[header] == second.headers[header]
        assert (None, "true") == tuple(
            answer.headers.get("Idempotent-Replayed") for answer in (first, second)
        )
        assert 1 == len(_tasks(world, ann))

    def test_the_answer_is_the_first_one(self, world: World):
        """Not what the task has become since."""
        ann = world.person("Ann")
        first = ann.post(TASKS, {"title": "A"}, headers=KEY)
        ann.patch(f"{TASKS}/{first.json()['id']}", {"title": "B"})

        second = ann.post(TASKS, {"title": "A"}, headers=KEY)

        assert "A" == second.json()["title"]

    def test_fifty_copies_at_once_have_one_effect(self, world: World, crowd: ThreadPoolExecutor):
        """They race to one commit; who loses gets the winner's answer."""
        ann = world.person("Ann")

        answers = list(crowd.map(lambda _: ann.post(TASKS, {"title": "A"}, headers=KEY), range(50)))

        assert {201} == {answer.status_code for answer in answers}
        assert 1 == len({answer.content for answer in answers})
        assert 1 == len(_tasks(world, ann))

    def test_fifty_copies_of_a_change_have_one_effect(
        self, world: World, crowd: ThreadPoolExecutor
    ):
        """The document they all change is contended, too."""
        ann = world.person("Ann")
        path = f"{TASKS}/{ann.post(TASKS, {'title': 'A'}).json()['id']}"

        answers = list(crowd.map(lambda _: ann.patch(path, {"title": "B"}, headers=KEY), range(50)))

        assert {(200, 2)} == {(a.status_code, a.json()["rev"]) for a in answers}
        assert 2 == ann.get(path).json()["rev"]

    def test_it_holds_across_a_restart(self, world: World):
        """The answer is in the database, not in the process."""
        ann = world.person("Ann")
        first = ann.post(TASKS, {"title": "A"}, headers=KEY)

        with serving(world.services.settings, world.clock) as (services, url):
            reborn = World(services, url, world.clock, world.tasks, world.fcm)
            second = Caller(reborn, ann.uid, ann.name).post(TASKS, {"title": "A"}, headers=KEY)

        assert first.content == second.content
        assert 1 == len(_tasks(world, ann))

    def test_a_repeated_deletion_succeeds_again(self, world: World):
        """Although what it deletes is gone by then."""
        ann = world.person("Ann")
        path = f"{TASKS}/{ann.post(TASKS, {'title': 'A'}).json()['id']}"

        answers = [ann.delete(path, headers=KEY) for _ in range(2)]

        assert [(204, b""), (204, b"")] == [(a.status_code, a.content) for a in answers]
        assert 404 == ann.delete(path).status_code

    def test_a_repeated_change_is_not_stale(self, world: World):
        """Its `If-Match` named the revision before itself."""
        ann = world.person("Ann")
        path = f"{TASKS}/{ann.post(TASKS, {'title': 'A'}).json()['id']}"
        headers = {**KEY, "If-Match": '"1"'}

        answers = [ann.patch(path, {"title": "B"}, headers=headers) for _ in range(2)]

        assert [(200, '"2"'), (200, '"2"')] == [(a.status_code, a.headers["ETag"]) for a in answers]

    def test_an_answer_that_firestore_lost_is_found_again(
        self, world: World, mocker: MockerFixture
    ):
        """The commit took place, and the SDK was told otherwise."""
        ann = world.person("Ann")
        commit, answers = WriteBatch.commit, iter([gcp.Aborted("lost")])

        def loses_its_first_answer(batch: WriteBatch, **options):
            results = commit(batch, **options)
            for error in answers:
                raise error
            return results

        mocker.patch.object(WriteBatch, "commit", loses_its_first_answer)
        answer = ann.post(TASKS, {"title": "A"}, headers=KEY)

        (task,) = _tasks(world, ann)
        assert (201, task["createdBy"]) == (answer.status_code, ann.uid)
        assert answer.headers["Idempotent-Replayed"] == "true"


class TestOtherRequests:
    """What is no repetition."""

    @pytest.mark.parametrize("change", ["body", "path", "method", "If-Match"])
    def test_a_key_belongs_to_one_request(self, world: World, change: str):
        """Reusing it for another is a mistake of the app, which must hear of it."""
        ann = world.person("Ann")
        path, other = (f"{TASKS}/{ann.post(TASKS, {'title': n}).json()['id']}" for n in "AB")
        ann.patch(path, {"title": "C"}, headers=KEY)

        answer = {
            "body": lambda: ann.patch(path, {"title": "D"}, headers=KEY),
            "path": lambda: ann.patch(other, {"title": "C"}, headers=KEY),
            "method": lambda: ann.delete(path, headers=KEY),
            "If-Match": lambda: ann.patch(path, {"title": "C"}, headers={**KEY, "If-Match": '"9"'}),
        }[change]()

        assert (422, "idempotency-key-reuse") == (answer.status_code, answer.json()["code"])
        assert ["B", "C"] == sorted(task["title"] for task in _tasks(world, ann))

    def test_a_key_belongs_to_one_person(self, world: World):
        """Another's replays nothing of theirs."""
        ann, bob = world.person("Ann"), world.person("Bob")
        first = ann.post(TASKS, {"title": "A"}, headers=KEY)

        second = bob.post(TASKS, {"title": "A"}, headers=KEY)

        assert first.json()["id"] != second.json()["id"]
        assert bob.uid == second.json()["createdBy"]

    def test_a_failure_keeps_nothing(self, world: World):
        """Nothing happened, so the mended request may use the same key."""
        ann = world.person("Ann")

        answers = [ann.post(TASKS, {"title": title}, headers=KEY) for title in ("", "A")]

        assert [422, 201] == [answer.status_code for answer in answers]

    def test_a_key_is_forgotten_after_a_day(self, world: World):
        """Judged when it is read: deletion by TTL may be late."""
        ann = world.person("Ann")
        ann.post(TASKS, {"title": "A"}, headers=KEY)
        world.clock.advance(timedelta(hours=24))

        again, and_again = (ann.post(TASKS, {"title": "A"}, headers=KEY) for _ in range(2))

        assert 2 == len(_tasks(world, ann))
        assert again.content == and_again.content

    @pytest.mark.parametrize("key", ["", "a b", "x" * 256, "ä"])
    def test_a_strange_key_is_refused(self, world: World, key: str):
        """Before anything happens."""
        ann = world.person("Ann")

        answer = ann.post(TASKS, {"title": "A"}, headers={"Idempotency-Key": key.encode("latin-1")})

        assert (400, "malformed-request") == (answer.status_code, answer.json()["code"])
        assert [] == _tasks(world, ann)


class TestCost:
    """Against the budget: a key costs one write, and a replay two round trips."""

    def test_the_answer_is_kept_by_the_same_commit(self, world: World):
        """Authorisation apart, as it may come from a cache."""
        ann = world.person("Ann")
        ann.get(TASKS)
        plain = _cost(ann.post(TASKS, {"title": "A"}))

        first = _cost(ann.post(TASKS, {"title": "A"}, headers=KEY))
        second = _cost(ann.post(TASKS, {"title": "A"}, headers=KEY))

        assert (0, 0, 1) == _difference(first, plain)
        assert (1, 1, -1) == _difference(second, plain)


def _tasks(world: World, person: Caller) -> list[dict]:
    return world.documents(f"workspaces/{person.uid}/tasks")


def _cost(answer: requests.Response) -> tuple[int, int, int]:
    assert answer.ok, answer.text
    return cost_of(answer)


def _difference(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a - b for a, b in zip(one, other, strict=True))
