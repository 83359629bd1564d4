"""Overdue in several workspaces at one instant, as all that is due on a day: some are muted."""

from datetime import timedelta
from typing import Any

import pytest

from backend.notifications import bundling
from tests.api.lateness import heard, new_task, soon, until, window_passes, zoned
from tests.api.wishes import decision, ids, prefers
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def late_in(world: World, ann: Caller, *workspaces: str) -> None:
    """In each of these workspaces a task of Ann's falls due, at one instant."""
    at = soon(world)
    for each in workspaces:
        new_task(ann, each, title=f"In {each}", due=zoned(at), assigneeIds=[ann.uid])
    world.settle(times=2)
    until(world, at + timedelta(seconds=1))
    window_passes(world)


def told(world: World, ann: Caller) -> dict[str, dict[str, Any]]:
    """What Ann was told of overdue tasks, by the workspace."""
    return {str(each["workspaceId"]): each for each in heard(world, ann)}


def settings_named(world: World, ann: Caller) -> set[tuple[str, str | None]]:
    """What was decided about each push of what is overdue, and by which setting."""
    found = [decision(world, ann, each, "push") for each in ids(world, ann)]
    return {
        (each["decision"], each["setting"])
        for each in found
        if each["inputs"]["category"] == "overdue"
    }


def test_what_is_muted_is_not_told_with_what_is_not(world: World, ann: Caller):
    """It lies in the archive, by itself, and says which setting put it there."""
    phone = ann.has_phone()
    muted = world.team(ann)
    prefers(world, ann, workspaces={muted: "mentions"})

    late_in(world, ann, ann.uid, muted)

    found = told(world, ann)
    assert {ann.uid, muted} == {*found}
    assert [False, True] == [found[each]["archivedAt"] is not None for each in (ann.uid, muted)]
    assert {("sent", None), ("muted", f"/workspaces/{muted}")} == settings_named(world, ann)
    pushed = [each.message["data"] for each in world.fcm.messages(phone)]
    assert [ann.uid] == [each["workspaceId"] for each in pushed if each["category"] == "overdue"]
    badge = world.document(f"users/{ann.uid}/counters/inbox") or {}
    assert 1 == badge["unreadByCategory"]["overdue"]


def test_many_that_are_muted(world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch):
    """Each is filed by itself: as many by one commit as it has room for, and the others behind."""
    monkeypatch.setattr(bundling, "MOST_APART", 2)
    muted = [world.team(ann) for _ in range(5)]
    prefers(world, ann, workspaces=dict.fromkeys(muted, "none"))

    late_in(world, ann, *muted)

    assert {*muted} == {*told(world, ann)}
    assert {("muted", f"/workspaces/{each}") for each in muted} == settings_named(world, ann)
