"""As many people as a task can concern, told of one event: more than one commit has room for."""

from typing import Any

import pytest

from backend.adapters.firestore import metered
from backend.notifications.filing import AT_ONCE
from backend.tasks.model import MAX_ASSIGNEES, MAX_WATCHERS, TaskRef
from tests.api.broadcasting import crowd_of
from tests.api.factories import task_fields
from tests.api.firebase_person import hold_jobs_back
from tests.api.test_grouping import notify_bodies
from tests.api.wishes import ALWAYS, DEFAULTS
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def team(world: World, ann: Caller) -> str:
    return world.team(ann)


@pytest.fixture
def crowd(world: World, team: str, ann: Caller) -> list[str]:
    """As many as do and watch one task; it is quiet for all of them, so each costs the most."""
    uids = crowd_of(world, MAX_ASSIGNEES + MAX_WATCHERS)
    settings = {**DEFAULTS, "quietHours": ALWAYS, "updatedAt": world.clock.now()}
    pattern = world.document(f"workspaces/{team}/members/{ann.uid}") or {}
    batch = world.database.batch()
    for uid in uids:
        member = {**pattern, "uid": uid, "role": "member"}
        batch.set(world.database.document(f"workspaces/{team}/members/{uid}"), member)
        batch.set(world.database.document(f"users/{uid}/settings/notifications"), settings)
    batch.commit()
    return uids


@pytest.fixture
def task(world: World, team: str, ann: Caller, crowd: list[str]) -> str:
    """A task of Ann's that all of them do or watch; return its path in the API."""
    people = {"assigneeIds": crowd[:MAX_ASSIGNEES], "watcherIds": crowd[MAX_ASSIGNEES:]}
    path = f"workspaces/{team}/tasks/t"
    world.write(path, {**task_fields(world, by=ann), **people})
    return f"/{path}"


def calls_to_tell(world: World, team: str) -> list[int]:
    """React to the task, and tell everybody; return how many calls each commit took."""
    world.services.reactor.react(TaskRef(team, "t"))
    calls = []
    while bodies := notify_bodies(world):
        for body in bodies:
            with metered() as usage:
                world.services.firing.fire(body)
            calls.append(usage.rpcs)
    return calls


def changes(world: World, uid: str) -> list[dict[str, Any]]:
    """What somebody was told of the status of tasks."""
    found = world.documents(f"users/{uid}/notifications")
    return [each for each in found if each["category"] == "statusChanged"]


def test_everybody_is_told_once(world: World, task: str, ann: Caller, crowd: list[str]):
    """Some by a second commit, which goes on behind the last of the first."""
    ann.post(f"{task}/comments", {"body": "Lunch?"})
    world.settle(times=2)

    found = {uid: world.documents(f"users/{uid}/notifications") for uid in crowd}
    told = [sum(each["category"] == "comment" for each in inbox) for inbox in found.values()]
    assert AT_ONCE < len(crowd)
    assert [1] * len(crowd) == told


def test_a_group_is_joined_by_all_together(
    world: World, team: str, task: str, ann: Caller, crowd: list[str]
):
    """What it is called is asked once for all of a commit, not for each of them."""
    hold_jobs_back(world)
    calls_to_tell(world, team)
    ann.patch(task, {"status": "in_progress"})
    first = calls_to_tell(world, team)

    ann.patch(task, {"status": "open"})
    joining = calls_to_tell(world, team)

    assert {2} == {each["count"] for uid in crowd for each in changes(world, uid)}
    assert 2 == len(joining)
    assert max(first) + 1 >= max(joining)
