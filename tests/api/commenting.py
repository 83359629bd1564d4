"""People who talk about a task: through the API, and as apps do it under the rules."""

from collections.abc import Sequence
from typing import Any

from google.cloud import firestore

from backend.comments.model import CommentRef
from backend.kit.ids import random_id
from tests.api.doorbells import ring
from tests.api.world import Caller, World


def new_task(caller: Caller, team: str, **wanted: Any) -> str:
    """Create a task; return its path in the API, which is that of its document too."""
    answer = caller.post(f"/workspaces/{team}/tasks", {"title": "Ship it", **wanted})
    assert 201 == answer.status_code, answer.text
    return f"/workspaces/{team}/tasks/{answer.json()['id']}"


def say(caller: Caller, task: str, body: str = "Hello", *mentioned: Caller) -> str:
    """Write a comment; return its path."""
    wanted = {"body": body, "mentionIds": [person.uid for person in mentioned]}
    answer = caller.post(f"{task}/comments", wanted)
    assert 201 == answer.status_code, answer.text
    return f"{task}/comments/{answer.json()['id']}"


def app_says(
    world: World, by: Caller, task: str, body: str = "Hello", *mentioned: Caller, **more: Any
) -> str:
    """Write a comment as an app does that the rules let through; return its path."""
    now = world.clock.now()
    path = f"{task}/comments/{random_id()}"
    fields = {
        "body": body,
        "bodyHtml": None,
        "mentionIds": [person.uid for person in mentioned],
        "reactions": [],
        "authorUid": by.uid,
        "deletedAt": None,
        "createdAt": now,
        "updatedAt": now,
        "updatedBy": by.uid,
        "rev": 1,
        **more,
    }
    world.write(path[1:], fields)
    return path


def app_changes(world: World, by: Caller, path: str, **changes: Any) -> None:
    """Change a comment as the app of its author does."""
    stamps = {
        "rev": firestore.Increment(1),
        "updatedAt": world.clock.now(),
        "updatedBy": by.uid,
    }
    world.database.document(path[1:]).update({**changes, **stamps})


def stored(world: World, path: str) -> dict[str, Any]:
    """The document of a task or comment, by its path in the API."""
    found = world.document(path[1:])
    assert found is not None, path
    return found


def ref_of(path: str) -> CommentRef:
    """Which comment a path names."""
    _, _, team, _, task, _, comment = path.split("/")
    return CommentRef(team, task, comment)


def ring_comment(world: World, path: str) -> None:
    """Ring the doorbell of a comment."""
    team, task, comment = ref_of(path)
    ring(world, "reactComment", workspaceId=team, taskId=task, commentId=comment)


def react(world: World, path: str) -> bool:
    """Look at a comment, as its job does."""
    return world.services.reactors.comments.react(ref_of(path))


def told(world: World, person: Caller) -> list[tuple[str, str, str]]:
    """What somebody was told: category, title and body, oldest first."""
    return [(each["category"], each["title"], each["body"]) for each in world.inbox(person)]


def events(world: World, team: str, *types: str) -> Sequence[dict[str, Any]]:
    """The events about comments, by when they were."""
    types = types or ("comment.created", "comment.mentioned")
    found = [each for each in world.documents(f"workspaces/{team}/events") if each["type"] in types]
    return sorted(found, key=lambda each: (each["at"], each["type"]))


def heard(world: World, people: dict[str, Caller]) -> dict[str, list[str]]:
    """Of which comments everybody was told, as category and body; who heard nothing is left out."""
    found = {
        name: [f"{category} {body}" for category, _, body in told(world, person)]
        for name, person in people.items()
    }
    about = ("comment", "mention")
    kept = {
        name: [each for each in bodies if each.startswith(about)] for name, bodies in found.items()
    }
    return {name: bodies for name, bodies in kept.items() if bodies}


def count(world: World, task: str) -> int:
    """How many comments the task says it has."""
    return stored(world, task)["counters"].get("comments", 0)
