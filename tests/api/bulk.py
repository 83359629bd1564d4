"""Sending commands in bulk."""

from typing import Any

import requests

from tests.api.guest_merging import ended
from tests.api.world import Caller, World


def path_of(workspace: str) -> str:
    return f"/workspaces/{workspace}/tasks:batch"


def batch(
    caller: Caller, operations: list[Any], *, workspace: str = "me", mode: str = "perItem", **more
) -> requests.Response:
    """Send commands."""
    body = {"mode": mode, "operations": operations}
    return caller.post(path_of(workspace), body, **more)


def at_length(caller: Caller, operations: list[Any], **more: Any) -> dict[str, Any]:
    """Send more commands than are answered at once; return the operation when it has ended."""
    answer = batch(caller, operations, **more)
    assert answer.status_code == 202, answer.text
    return ended(caller, answer.json()["id"])


def creating(count: int) -> list[dict[str, Any]]:
    return [{"op": "create", "title": f"Task {number:03}"} for number in range(count)]


def made(caller: Caller, count: int, workspace: str = "me") -> list[str]:
    """Create some tasks; return their ids in their order."""
    found: list[str] = []
    while len(found) < count:
        page = creating(count)[len(found) : len(found) + 100]
        answer = batch(caller, page, workspace=workspace, mode="atomic")
        assert answer.status_code == 200, answer.text
        found += [each["taskId"] for each in answer.json()["results"]]
    return found


def tasks(world: World, workspace: str) -> dict[str, dict[str, Any]]:
    """The tasks of a workspace as they are stored, by id."""
    collection = world.database.collection(f"workspaces/{workspace}/tasks")
    return {each.id: each.to_dict() for each in collection.stream()}


def outcomes(report: dict[str, Any]) -> list[str]:
    return [each["outcome"] for each in report["results"]]
