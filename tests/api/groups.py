"""Projects, boards, lists and labels in tests: made through the API, and tasks in them."""

from collections.abc import Sequence
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from tests.api.factories import task_fields
from tests.api.world import Caller, World

KINDS = ("projects", "boards", "lists", "labels")


def made(who: Caller, workspace_id: str, kind: str, **wanted: Any) -> dict[str, Any]:
    """Make a group through the API; return it."""
    if kind == "lists" and "boardId" not in wanted:
        wanted["boardId"] = made(who, workspace_id, "boards")["id"]
    answer = who.post(f"/workspaces/{workspace_id}/{kind}", {"name": "Garden", **wanted})
    assert answer.status_code == 201, answer.text
    return answer.json()


def named(answer: Any) -> list[str]:
    """Return the names of the items of a page."""
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


def cards(
    world: World,
    workspace_id: str,
    by: Caller,
    states: Sequence[dict[str, Any]],
    *,
    name: str = "card",
) -> list[str]:
    """Write tasks as apps do, without waiting for what follows; return their ids."""
    batch = world.database.batch()
    ids = [f"{name}-{number:03}" for number in range(len(states))]
    for task_id, state in zip(ids, states, strict=True):
        fields = {**task_fields(world, by=by, title=task_id), **state}
        batch.set(world.database.document(f"workspaces/{workspace_id}/tasks/{task_id}"), fields)
    batch.commit()
    return ids


def counters(who: Caller, workspace_id: str, kind: str, group_id: str) -> tuple[int, int]:
    """Return the open and the done tasks of a group."""
    found = who.get(f"/workspaces/{workspace_id}/{kind}/{group_id}").json()["counters"]
    return found["openTasks"], found["doneTasks"]


def undo(who: Caller, answer: Any) -> Any:
    """Take back what an answer offers to take back."""
    return who.post("/undo", {"token": answer.headers["Undo-Token"]})


def place_of(given: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return what puts a task into a list."""
    return {"listId": given["id"], "boardId": given["boardId"], **more}


def move(who: Caller, task_id: str, **to: Any) -> Any:
    """Put a task of one's own elsewhere."""
    return who.post(f"/workspaces/me/tasks/{task_id}:move", to)


def listed(world: World, who: Caller, list_id: str) -> list[str]:
    """Return the ids of the live tasks of a list, in the order that every listener shows."""
    query = world.database.collection(f"workspaces/{who.uid}/tasks")
    for field, value in (("deletedAt", None), ("archivedAt", None), ("listId", list_id)):
        query = query.where(filter=FieldFilter(field, "==", value))
    return [snapshot.id for snapshot in query.order_by("rank").stream()]
