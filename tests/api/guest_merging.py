"""Merging guests, and what their workspaces hold."""

from collections.abc import Sequence
from typing import Any

from backend.kit.documents import Create
from tests.api.factories import task_fields
from tests.api.guest import Guest
from tests.api.world import Caller, World


def merge(person: Caller, someone: Guest) -> dict[str, Any]:
    """Merge a guest, let it happen, and return the operation as it is then."""
    answer = person.post("/users/me:mergeGuest", {"guestToken": someone.token()})
    assert answer.status_code == 202, answer.text
    return ended(person, answer.json()["id"])


def undo(person: Caller, merged: dict[str, Any]) -> dict[str, Any]:
    """Undo a merge, and return the operation that did."""
    answer = person.post("/users/me:undoMerge", {"operationId": merged["id"]})
    assert answer.status_code == 202, answer.text
    return ended(person, answer.json()["id"])


def ended(person: Caller, operation_id: str) -> dict[str, Any]:
    """Let time do its work until an operation has ended; return it."""
    operation: dict[str, Any] = {}
    for _ in range(10):
        person.world.settle(times=2)
        operation = person.get(f"/operations/{operation_id}").json()
        if operation.get("state") not in (None, "running"):
            return operation
    raise AssertionError(f"it did not end: {operation}")


def titles(person: Caller) -> list[str]:
    """What somebody sees in their own workspace."""
    found = person.get("/workspaces/me/tasks", params={"pageSize": 100}).json()["items"]
    return sorted(task["title"] for task in found)


def home(world: World, person: Caller) -> dict[str, dict[str, Any]]:
    """Everything in somebody's workspace that a merge is about, by its place there."""
    root = f"workspaces/{person.uid}"
    found = world.services.ports.store.below(root, limit=1000, whole=True)
    left_out = ("members", "events")
    places = {each.path.removeprefix(f"{root}/"): dict(each.fields) for each in found}
    return {place: each for place, each in places.items() if not place.startswith(left_out)}


def stored(world: World, owner: Caller, count: int, *, title: str = "Task") -> None:
    """Write many tasks at once."""
    fields = task_fields(world, by=owner)
    for start in range(0, count, 300):
        documents = [
            Create(
                f"workspaces/{owner.uid}/tasks/{owner.uid[:5]}-{number:04}",
                {**fields, "title": f"{title} {number}"},
            )
            for number in range(start, min(count, start + 300))
        ]
        assert world.services.ports.store.attempt(documents)


def app_documents(world: World, owner: Guest, task_id: str) -> None:
    """Write a project, board, list, label and comment as the app does, and put the task there."""
    now, root = world.clock.now(), f"workspaces/{owner.uid}"
    made = {"createdAt": now, "createdBy": owner.uid, "updatedAt": now, "updatedBy": owner.uid}
    named = {"name": "N", "color": None, "rank": "a", "archivedAt": None, "counters": {}, "rev": 1}
    places: Sequence[tuple[str, dict[str, Any]]] = [
        ("projects/p1", named),
        ("boards/b1", {**named, "projectId": "p1"}),
        ("lists/l1", {**named, "boardId": "b1", "wipLimit": None}),
        ("labels/x1", {"name": "N", "color": None, "rank": "a", "rev": 1}),
    ]
    for place, fields in places:
        world.write(f"{root}/{place}", {**fields, **made})
    world.write(f"{root}/tasks/{task_id}/comments/c1", comment_fields(world, owner))
    on_board = {"projectId": "p1", "boardId": "b1", "listId": "l1", "labelIds": ["x1"]}
    world.database.document(f"{root}/tasks/{task_id}").update(on_board)


def comment_fields(world: World, author: Caller) -> dict[str, Any]:
    now = world.clock.now()
    return {
        "body": "Hello",
        "mentionIds": [author.uid],
        "authorUid": author.uid,
        "createdAt": now,
        "updatedAt": now,
        "updatedBy": author.uid,
        "deletedAt": None,
        "rev": 1,
    }
