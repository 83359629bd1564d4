"""Attaching files as an app does: announce, send to Cloud Storage, finalize."""

from hashlib import sha256
from typing import Any

import requests

from tests.api.world import Caller, World
from tests.files import png

PIXEL = png()


def announced(
    person: Caller, task: str, content: bytes = PIXEL, **changes: Any
) -> requests.Response:
    """Announce a file, an image if nothing else is said, at a path of a task."""
    wanted = {"name": "a.png", "contentType": "image/png", "size": len(content), **changes}
    return person.post(f"{task}/attachments", wanted)


def send(upload: dict[str, Any], content: bytes = PIXEL, **headers: str) -> requests.Response:
    """Send a file to where an answer says."""
    return requests.request(
        upload["method"],
        upload["url"],
        data=content,
        headers={**upload["headers"], **headers},
        timeout=60,
    )


def finalized(person: Caller, task: str, attachment_id: str) -> requests.Response:
    """Have a file that was sent taken in."""
    return person.post(f"{task}/attachments/{attachment_id}:finalize")


def attached(person: Caller, task: str, content: bytes = PIXEL, **changes: Any) -> dict[str, Any]:
    """Attach a file, all the way; return the attachment."""
    made = announced(person, task, content, **changes)
    assert made.status_code == 201, made.text
    sent = send(made.json()["upload"], content)
    assert sent.status_code == 200, sent.text
    answer = finalized(person, task, made.json()["id"])
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def files_of(world: World) -> list[str]:
    """The names of all files in the bucket."""
    return [blob.name for blob in world.services.ports.blobs.listed("", limit=1000)]


def room_of(world: World, workspace_id: str) -> tuple[int, int]:
    """How many bytes and files of a workspace are counted."""
    usage = world.document(f"fileUsage/{workspace_id}") or {"bytes": 0, "files": 0}
    return usage["bytes"], usage["files"]


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def new_task(person: Caller) -> str:
    """Make a task of somebody's own; return its id."""
    return str(person.post("/workspaces/me/tasks", {"title": "A"}).json()["id"])


def faults(answer: requests.Response) -> list[tuple[str, str]]:
    """What was refused: pointers and codes."""
    return [(each["pointer"], each["code"]) for each in answer.json().get("errors", [])]
