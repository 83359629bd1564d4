"""Moving tasks between workspaces."""

from typing import Any

import requests

from local.cloudtasks import Fault, FaultKind
from tests.api.attaching import attached
from tests.api.guest_merging import ended
from tests.api.world import Caller, World


def task(caller: Caller, workspace: str, **fields: Any) -> str:
    answer = caller.post(f"/workspaces/{workspace}/tasks", {"title": "Root", **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def below(world: World, caller: Caller, workspace: str, parent: str, title: str) -> str:
    made = task(caller, workspace, title=title)
    moved = caller.post(f"/workspaces/{workspace}/tasks/{made}:move", {"parentId": parent})
    assert moved.status_code == 200, moved.text
    world.settle()
    return made


def move(caller: Caller, source: str, task_id: str, target: str, **more: Any) -> requests.Response:
    path = f"/workspaces/{source}/tasks/{task_id}:move"
    return caller.post(path, {"workspaceId": target}, **more)


def moved(caller: Caller, source: str, task_id: str, target: str) -> dict[str, Any]:
    """Move a task, and return the operation when all has followed."""
    answer = move(caller, source, task_id, target)
    assert answer.status_code == 202, answer.text
    return ended(caller, answer.json()["id"])


def furnish(caller: Caller, workspace: str, task_id: str, comments: int = 3) -> None:
    """Give a task comments, a file and a history."""
    path = f"/workspaces/{workspace}/tasks/{task_id}"
    caller.patch(path, {"title": "Second title"})
    for number in range(comments):
        said = caller.post(f"{path}/comments", {"body": f"Comment **{number}**"})
        assert said.status_code == 201, said.text
    attached(caller, path)


def unattended(
    world: World, caller: Caller, source: str, task_id: str, target: str
) -> tuple[requests.Response, dict[str, str]]:
    """Move a task while all jobs get lost; return the answer, and the body of the job."""
    world.tasks.settle()
    world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=0))
    answer = move(caller, source, task_id, target)
    assert answer.status_code == 202, answer.text
    ((timer_id, fields),) = (
        (timer.id, timer.to_dict())
        for timer in world.database.collection("timers").stream()
        if timer.to_dict()["subject"].get("operationId") == answer.json()["id"]
        and timer.to_dict()["fireAt"] <= world.clock.now()
    )
    return answer, {"timerId": timer_id, "kind": fields["kind"], **fields["subject"]}


def belongings(world: World, workspace: str, task_id: str) -> dict[str, int]:
    """How much lies below a task, by kind."""
    path = f"workspaces/{workspace}/tasks/{task_id}"
    kinds = ("comments", "attachments", "history")
    return {kind: len(world.documents(f"{path}/{kind}")) for kind in kinds}
