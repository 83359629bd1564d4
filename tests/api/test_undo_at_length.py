"""Undo of what did much: records instead of a long token, and an operation for very much."""

from datetime import timedelta
from typing import Any

import pytest
import requests

from backend.kit.documents import Query, Where
from backend.leaving.traces import forgetting
from local.cloudtasks import Fault, FaultKind
from tests.api.guest_merging import ended
from tests.api.mortality import Fate, Killed, mortal_services
from tests.api.undoing import UNDO_TOKEN, undo, undone
from tests.api.world import Caller, World

LONGEST = 2_000


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def batch(person: Caller, operations: list[dict[str, Any]]) -> requests.Response:
    body = {"mode": "atomic", "operations": operations}
    answer = person.post("/workspaces/me/tasks:batch", body)
    assert answer.ok, answer.text
    return answer


def made(person: Caller, count: int) -> list[str]:
    """Make tasks; return their ids."""
    found: list[str] = []
    while len(found) < count:
        number = min(100, count - len(found))
        operations = [
            {"op": "create", "title": f"Task {n}", "description": "As it was. " * 20}
            for n in range(number)
        ]
        found += [each["taskId"] for each in batch(person, operations).json()["results"]]
    return found


def updates(ids: list[str]) -> list[dict[str, Any]]:
    return [
        {"op": "update", "taskId": each, "title": "Changed", "description": "Gone"} for each in ids
    ]


def titles(world: World, person: Caller) -> set[str]:
    found = world.documents(f"workspaces/{person.uid}/tasks")
    return {each["title"] for each in found}


class TestRecords:
    """What a token cannot carry is kept for a day."""

    def test_at_once(self, world: World, ann: Caller):
        """A hundred tasks go back in one commit, and forth again."""
        ids = made(ann, 100)
        changed = batch(ann, updates(ids))
        assert len(changed.headers[UNDO_TOKEN]) < LONGEST
        assert {"Changed"} == titles(world, ann)

        back = undo(ann, changed)

        assert (200, 100, []) == (
            back.status_code,
            len(back.json()["undone"]),
            back.json()["kept"],
        )
        assert {f"Task {n}" for n in range(100)} == titles(world, ann)
        assert len(back.headers[UNDO_TOKEN]) < LONGEST
        undone(ann, back)
        assert {"Changed"} == titles(world, ann)

    def test_what_is_kept_goes_after_a_day(self, world: World, ann: Caller):
        """Records, operation and timer; until then nobody else can ask for it."""
        bob = world.person("Bob")
        changed = batch(ann, updates(made(ann, 90)))
        assert world.documents("undoRecords")
        assert 409 == undo(bob, changed).status_code

        world.pass_time(timedelta(hours=26))
        world.pass_time(timedelta(minutes=5))

        assert [] == world.documents("undoRecords")
        assert [] == world.documents("operations")
        assert 409 == undo(ann, changed).status_code

    def test_records_name_nobody_who_is_erased(self, world: World, ann: Caller):
        """Bob was on the tasks before they were changed; then he left for good."""
        bob = world.person("Bob")
        team = world.team(ann, bob)
        operations = [
            {"op": "create", "title": f"Task {n}", "assigneeIds": [bob.uid]} for n in range(90)
        ]
        body = {"mode": "atomic", "operations": operations}
        ids = [
            each["taskId"]
            for each in ann.post(f"/workspaces/{team}/tasks:batch", body).json()["results"]
        ]
        operations = [{"op": "update", "taskId": each, "assigneeIds": []} for each in ids]
        ann.post(f"/workspaces/{team}/tasks:batch", {"mode": "atomic", "operations": operations})
        store = world.services.ports.store
        naming = Query("undoRecords", limit=9, where=(Where("people", "array_contains", bob.uid),))

        found = store.find(naming)
        assert store.attempt([forgetting(each, bob.uid) for each in found])

        assert found
        assert bob.uid not in repr(world.documents("undoRecords"))


class TestOperations:
    """More than a commit can take back."""

    def test_at_length(self, world: World, ann: Caller):
        """An operation takes it back record by record; its own token takes that back."""
        changed = batch(ann, updates(made(ann, 150)))
        assert 202 == changed.status_code
        early = undo(ann, changed)
        ended(ann, changed.json()["id"])
        assert {"Changed"} == titles(world, ann)

        begun = [undo(ann, changed) for _ in range(2)]
        operation = ended(ann, begun[0].json()["id"])

        assert (409, "invalid-transition") == (early.status_code, early.json()["code"])
        assert [202, 202] == [each.status_code for each in begun]
        assert 1 == len({each.json()["id"] for each in begun})
        assert ("undo", "done") == (operation["kind"], operation["state"])
        assert {"undone": 150, "kept": 0, "keptPaths": []} == operation["result"]
        assert {f"Task {n}" for n in range(100)} == titles(world, ann)

        ended(ann, undo(ann, begun[0]).json()["id"])
        assert {"Changed"} == titles(world, ann)

    def test_killed_at_each_moment(self, world: World, ann: Caller):
        """Each record is put back once, whenever its worker dies; what was changed since stays."""
        ids = made(ann, 120)
        changed = batch(ann, updates(ids))
        ended(ann, changed.json()["id"])
        ann.patch(f"/workspaces/me/tasks/{ids[0]}", {"title": "Mine", "description": "Mine"})
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=1))
        begun = undo(ann, changed)

        deaths = 0
        for moment in range(1, 12):
            timers = world.database.collection("timers").stream()
            due = [each for each in timers if each.get("kind") == "operation"]
            mortal = mortal_services(world, Fate(moment))
            for each in due:
                body = {"timerId": each.id, "kind": "operation", **each.get("subject")}
                try:
                    mortal.firing.fire(body)
                except Killed:
                    deaths += 1
        operation = ended(ann, begun.json()["id"])

        assert deaths > 2
        path = f"workspaces/{ann.uid}/tasks/{ids[0]}"
        assert {"undone": 119, "kept": 1, "keptPaths": [path]} == operation["result"]
        revs = [each["rev"] for each in world.documents(f"workspaces/{ann.uid}/tasks")]
        assert [3] * 120 == revs
        assert "Mine" == world.document(path)["title"]

    def test_who_has_left_meanwhile_takes_nothing_back(self, world: World, ann: Caller):
        """The operation fails with the problem that a request would have."""
        bob = world.person("Bob")
        team = world.team(ann, bob)
        body = {
            "mode": "atomic",
            "operations": [{"op": "create", "title": f"Task {n}"} for n in range(110)],
        }
        changed = bob.post(f"/workspaces/{team}/tasks:batch", body)
        ended(bob, changed.json()["id"])
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")

        begun = undo(bob, changed)
        operation = ended(bob, begun.json()["id"])

        assert ("failed", "not-found") == (operation["state"], operation["problem"])
        tasks = world.documents(f"workspaces/{team}/tasks")
        assert [None] * 110 == [each["deletedAt"] for each in tasks]
