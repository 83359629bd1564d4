"""Boards and lists are found by name, whoever names them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backend.adapters.firestore import metered
from backend.adapters.jobs import Job
from backend.boards.model import GroupKind, GroupRef
from backend.kit.ids import random_id
from tests.api.groups import made, undo
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def _search(caller: Caller, workspace_id: str, q: str, **query: Any) -> list[dict[str, Any]]:
    answer = caller.get(f"/workspaces/{workspace_id}/search", params={"q": q, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def _titles(caller: Caller, workspace_id: str, q: str, **query: Any) -> list[str]:
    return [hit["title"] for hit in _search(caller, workspace_id, q, **query)]


class TestBoardsAndLists:
    """Boards and lists by name."""

    @pytest.mark.parametrize("kind", ["board", "list"])
    def test_they_are_found_by_name(self, world: World, ann: Caller, kind: str):
        """Also when an app wrote them itself and no doorbell rang; until they are gone."""
        path = f"workspaces/{ann.uid}/{kind}s/x1"
        world.write(path, _place(world, ann, "Roadmap", kind))
        world.settle()
        first = _search(ann, "me", "road")
        world.write(path, _place(world, ann, "Route", kind))
        world.settle()
        renamed = [_titles(ann, "me", "road"), _titles(ann, "me", "rout")]
        world.database.document(path).delete()
        world.services.ports.jobs.enqueue(_ringing(kind, ann.uid))
        world.settle()

        assert [(kind, "x1", "b1" if kind == "list" else None)] == [
            (hit["kind"], hit["id"], hit["boardId"]) for hit in first
        ]
        assert [[], ["Route"]] == renamed
        assert [] == _titles(ann, "me", "rout")

    @pytest.mark.parametrize("kind", ["boards", "lists"])
    def test_changes_through_the_api_are_found_at_once(self, world: World, ann: Caller, kind: str):
        """In the commit of the change, or of its undoing: no doorbell rings for a new name."""
        path = f"/workspaces/{ann.uid}/{kind}/{made(ann, 'me', kind, name='Roadmap')['id']}"
        world.settle()
        found = [_titles(ann, "me", "r")]
        renamed = ann.patch(path, {"name": "Route"})
        found.append(_titles(ann, "me", "r"))
        undo(ann, renamed)
        found.append(_titles(ann, "me", "r"))
        ann.post(f"{path}/archive")
        found.append([hit["isArchived"] for hit in _search(ann, "me", "r")])
        deleted = ann.delete(path)
        found.append(_titles(ann, "me", "r"))
        undo(ann, deleted)
        found.append(_titles(ann, "me", "r"))

        assert [["Roadmap"], ["Route"], ["Roadmap"], [True], [], ["Roadmap"]] == found

    def test_a_kind_can_be_asked_for(self, world: World, ann: Caller):
        """Alone, without the others of the same name."""
        ann.post("/workspaces/me/tasks", {"title": "Roadmap"})
        world.write(f"workspaces/{ann.uid}/boards/x1", _place(world, ann, "Roadmap", "board"))
        world.settle()

        assert {"task", "board"} == {hit["kind"] for hit in _search(ann, "me", "roadmap")}
        assert ["board"] == [hit["kind"] for hit in _search(ann, "me", "roadmap", kind="board")]
        assert [] == _search(ann, "me", "roadmap", kind="list")


class TestReactions:
    """What a doorbell of a board or list leads to."""

    def test_late_and_doubled_doorbells_change_nothing(self, world: World, ann: Caller):
        """Two reads show that the entry is true; what nobody can read is passed over."""
        path = f"workspaces/{ann.uid}/boards/x1"
        ref = GroupRef(ann.uid, GroupKind.BOARD, "x1")
        world.write(path, _place(world, ann, "Roadmap", "board"))
        costs = [_reacted(world, ref), _reacted(world, ref)]
        world.write(path, {"name": "no board"})
        costs.append(_reacted(world, ref))
        world.database.document(path).delete()
        costs += [_reacted(world, ref), _reacted(world, ref)]

        assert [(2, 2, 1), (1, 2, 0), (1, 2, 0), (2, 2, 1), (1, 2, 0)] == costs

    def test_reactors_at_once_leave_one_true_entry(
        self, world: World, ann: Caller, crowd: ThreadPoolExecutor
    ):
        """While somebody renames the list again and again."""
        path = f"workspaces/{ann.uid}/lists/x1"
        ref = GroupRef(ann.uid, GroupKind.LIST, "x1")
        world.write(path, _place(world, ann, "Name 0", "list"))

        def rename(number: int) -> None:
            world.database.document(path).update({"name": f"Name {number}"})
            world.services.reactors.places.react(ref)

        list(crowd.map(rename, range(1, 13)))

        name = (world.document(path) or {})["name"]
        assert [name] == [each["title"] for each in world.documents("searchEntries")]


def _reacted(world: World, ref: GroupRef) -> tuple[int, int, int]:
    with metered() as usage:
        world.services.reactors.places.react(ref)
    return usage.rpcs, usage.reads, usage.writes


def _place(world: World, by: Caller, name: str, kind: str) -> dict[str, Any]:
    own: dict[str, Any] = {"boardId": "b1", "wipLimit": None} if kind == "list" else {}
    board = {"color": None, "projectId": None} if kind == "board" else {}
    now = world.clock.now()
    return {
        "name": name,
        "rank": "V",
        "archivedAt": None,
        "counters": {},
        **own,
        **board,
        "rev": 1,
        "createdAt": now,
        "createdBy": by.uid,
        "updatedAt": now,
        "updatedBy": by.uid,
    }


def _ringing(kind: str, workspace_id: str) -> Job:
    handler = {"board": "reactBoard", "list": "reactList"}[kind]
    return Job(handler, {"workspaceId": workspace_id, f"{kind}Id": "x1"}, key=random_id())
