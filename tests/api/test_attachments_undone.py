"""What is done to attachments is taken back: with the file, the count and the timer."""

import pytest
import requests

from backend.attachments.model import ABANDONED_AFTER, KEPT_FOR
from tests.api.attaching import PIXEL, announced, attached, files_of, finalized, room_of, send
from tests.api.undoing import undo, undone
from tests.api.world import Caller, World, cost_of


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def task(ann: Caller) -> str:
    made = ann.post("/workspaces/me/tasks", {"title": "A"}).json()["id"]
    return f"/workspaces/{ann.uid}/tasks/{made}"


def is_open(person: Caller, path: str) -> bool:
    """Whether a file can be fetched, and is what it was."""
    download = person.get(path).json().get("download")
    return bool(download) and requests.get(download["url"], timeout=60).content == PIXEL


class TestUndo:
    """`Undo-Token` of each command."""

    def test_a_deletion(self, world: World, ann: Caller, task: str):
        """The attachment is back with its file, also long after the file would have gone."""
        path = f"{task}/attachments/{attached(ann, task)['id']}"
        found = undone(ann, ann.delete(path))
        world.pass_time(KEPT_FOR * 2)

        assert {"undone": [path[1:]], "kept": []} == found
        assert is_open(ann, path) is True
        assert {"attachments": 1} == ann.get(task).json()["counters"]
        assert [path[1:]] == files_of(world)

    def test_a_finalization(self, world: World, ann: Caller, task: str):
        """It waits to be finalized again; forgotten, it goes with its file."""
        made = announced(ann, task).json()
        path = f"{task}/attachments/{made['id']}"
        send(made["upload"])
        found = undone(ann, finalized(ann, task, made["id"]))
        listed = ann.get(f"{task}/attachments").json()["items"]
        again = finalized(ann, task, made["id"]).json()["state"]
        counters = ann.get(task).json()["counters"]

        assert ([path[1:]], []) == (found["undone"], listed)
        assert ("ready", {"attachments": 1}) == (again, counters)

    def test_a_finalization_and_nobody_cares(self, world: World, ann: Caller, task: str):
        """Nothing stays of it, in the bucket or elsewhere."""
        made = announced(ann, task).json()
        send(made["upload"])
        undone(ann, finalized(ann, task, made["id"]))
        world.pass_time(ABANDONED_AFTER)

        assert ([], (0, 0)) == (files_of(world), room_of(world, ann.uid))
        assert {"attachments": 0} == ann.get(task).json()["counters"]

    def test_an_announcement(self, world: World, ann: Caller, task: str):
        """It cannot be finalized any more."""
        made = announced(ann, task)
        send(made.json()["upload"])
        undone(ann, made)
        late = finalized(ann, task, made.json()["id"])
        world.pass_time(KEPT_FOR)

        assert 409 == late.status_code
        assert ([], (0, 0)) == (files_of(world), room_of(world, ann.uid))

    def test_an_announcement_that_went_on(self, world: World, ann: Caller, task: str):
        """What has become of it stays."""
        made = announced(ann, task)
        path = f"{task}/attachments/{made.json()['id']}"
        send(made.json()["upload"])
        finalized(ann, task, made.json()["id"])

        answer = undo(ann, made)

        assert 409 == answer.status_code or answer.json()["kept"] == [path[1:]]
        assert is_open(ann, path) is True

    def test_an_undo(self, world: World, ann: Caller, task: str):
        """There and back, as often as one likes; a repeated one changes nothing."""
        path = f"{task}/attachments/{attached(ann, task)['id']}"
        deleted = ann.delete(path)
        back = undo(ann, deleted)
        before = world.document(path[1:])
        again = undone(ann, deleted)
        unchanged = world.document(path[1:])
        gone = undone(ann, back)

        assert ([path[1:]], [path[1:]]) == (again["undone"], gone["undone"])
        assert before == unchanged
        assert 404 == ann.get(path).status_code
        assert {"attachments": 0} == ann.get(task).json()["counters"]

    def test_it_costs_little(self, ann: Caller, task: str):
        """The attachment and its task; the attachment, the timer and the count."""
        path = f"{task}/attachments/{attached(ann, task)['id']}"

        assert (2, 2, 3) == cost_of(undo(ann, ann.delete(path)))
