"""Less ordinary lives: no address, spaces, somebody else at work, documents nobody can read."""

from datetime import timedelta

import pytest

from backend.adapters.firestore import Store
from backend.leaving.model import GRACE, erasure_id
from backend.leaving.receipts import receipt_path
from backend.tasks.model import TaskRef
from tests.api.factories import app_task, task_fields
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody without an address, as who signs in by telephone."""
    return world.person("Ann")


class TestCases:
    """Each ends with nothing found, and with what is others' untouched."""

    def test_without_an_address_nothing_of_others_is_taken_for_hers(
        self, world: World, ann: Caller
    ):
        """An invitation that nobody has accepted yet is not one that she has."""
        bob = world.person("Bob", "bob@example.org")
        team = world.team(bob, ann)
        invite = {"emailLower": "carl@example.org", "invitedBy": ann.uid, "acceptedBy": None}
        world.write(f"workspaces/{team}/invites/i", {**invite, "state": "pending"})

        _erase(world, ann)

        left = world.document(f"workspaces/{team}/invites/i")
        assert {**invite, "invitedBy": "erased", "state": "pending"} == left

    def test_a_space_of_hers_goes_to_the_owner_of_its_team(self, world: World, ann: Caller):
        """And what is in it stays."""
        bob = world.person("Bob")
        team = world.team(bob, ann)
        space = ann.post("/workspaces", {"name": "Corner", "parentId": team}).json()["id"]
        ann.post(f"/workspaces/{space}/tasks", {"title": "In the corner"})

        _erase(world, ann)

        assert bob.uid == world.document(f"workspaces/{space}")["ownerUid"]
        assert ["In the corner"] == [
            each["title"] for each in bob.get(f"/workspaces/{space}/tasks").json()["items"]
        ]

    def test_a_team_in_the_trash_holds_nobody_back(self, world: World, ann: Caller):
        """It is on its way already."""
        team = world.team(ann, world.person("Bob"))
        assert 409 == ann.delete("/users/me").status_code
        ann.delete(f"/workspaces/{team}")

        _erase(world, ann)

        assert world.document(f"workspaces/{team}") is None

    def test_who_is_at_work_meanwhile_loses_nothing(
        self, world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
    ):
        """An edit between the look and the commit is kept; the look is repeated."""
        bob = world.person("Bob")
        team = world.team(bob, ann)
        tasks = [app_task(world, team, by=ann, title="Before") for _ in range(3)]
        world.settle()
        edited = f"workspaces/{team}/tasks/{tasks[1]}"
        commit, done = Store._commit, []

        def racing(self: Store, writes: list) -> object:
            if not done and any(getattr(each, "of", None) for each in writes):
                done.extend(each for each in writes if _path(each) == edited)
                if done:
                    world.database.document(edited).update({"title": "After"})
            return commit(self, writes)

        _until_it_begins(world, ann)
        monkeypatch.setattr(Store, "_commit", racing)
        _until_it_ends(world, ann)

        assert done
        assert {"Before", "After"} == {
            each["title"] for each in world.documents(f"workspaces/{team}/tasks")
        }
        assert {"erased"} == {
            each["createdBy"] for each in world.documents(f"workspaces/{team}/tasks")
        }

    def test_the_next_edit_is_not_blamed_for_it(
        self, world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
    ):
        """Task and shadow change in one commit: a history tells of Bob's edit, and nothing else."""
        bob = world.person("Bob")
        team = world.team(bob, ann)
        task_id = app_task(world, team, by=bob, assignees=[ann, bob])
        world.settle()
        path = f"workspaces/{team}/tasks/{task_id}"
        commit, done = Store._commit, []

        def followed(self: Store, writes: list) -> object:
            result = commit(self, writes)
            if not done and path in map(_path, writes):
                done.append(True)
                world.database.document(path).update({"title": "After", "rev": 2})
                world.services.reactor.react(TaskRef(team, task_id))
            return result

        _until_it_begins(world, ann)
        monkeypatch.setattr(Store, "_commit", followed)
        _until_it_ends(world, ann)

        assert done
        assert {"title": "After"} == world.document(f"{path}/history/2")["patch"]

    def test_what_nobody_can_read_is_no_obstacle(self, world: World, ann: Caller):
        """Documents of older versions, or spoilt by hand."""
        bob = world.person("Bob")
        team = world.team(bob, ann)
        spoilt = {
            f"workspaces/{team}/tasks/t": {"createdBy": ann.uid, "assigneeIds": None},
            f"workspaces/{team}/events/e": {"audience": [ann.uid, 7, None], "actorUid": None},
            f"users/{bob.uid}/notifications/n": {"actorUid": ann.uid, "template": "old@0"},
            f"users/{bob.uid}/notifications/m": {"actorUid": ann.uid},
            f"users/{ann.uid}/notifications/x": {"a": 1},
            "idempotency/i": {
                "people": [ann.uid],
                "body": "no JSON",
                "headers": {},
                "uid": bob.uid,
            },
            "timers/failed": {
                "kind": "departure",
                "state": "failed",
                "subject": {"byUid": ann.uid, "uid": "somebody", "workspaceId": team},
                "fireAt": world.clock.now(),
                "attempts": 1,
            },
        }
        for path, fields in spoilt.items():
            world.write(path, fields)

        _erase(world, ann)

        assert {"createdBy": "erased", "assigneeIds": None} == world.document(
            f"workspaces/{team}/tasks/t"
        )
        assert [7, None] == world.document(f"workspaces/{team}/events/e")["audience"]
        assert "erased" == world.document("timers/failed")["subject"]["byUid"]

    def test_more_documents_than_one_job_has_time_for(
        self, world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
    ):
        """Each job does its share, and the next goes on at once."""
        bob = world.person("Bob")
        team = world.team(bob, ann)
        for number in range(0, 500, 100):
            batch = world.database.batch()
            for each in range(number, number + 100):
                path = f"workspaces/{team}/tasks/t{each:03}"
                batch.set(world.database.document(path), task_fields(world, by=ann))
            batch.commit()
        _until_it_begins(world, ann)
        commit = Store._commit

        def slowly(self: Store, writes: list) -> object:
            world.clock.advance(timedelta(seconds=5))
            return commit(self, writes)

        monkeypatch.setattr(Store, "_commit", slowly)
        _until_it_ends(world, ann)

        receipt = world.document(receipt_path(ann.uid))
        assert 500 == receipt["changed"]["tasks"]


def _path(write: object) -> str:
    of = getattr(write, "of", None)
    return of.path if of else ""


def _erase(world: World, person: Caller) -> None:
    _until_it_begins(world, person)
    _until_it_ends(world, person)


def _until_it_begins(world: World, person: Caller) -> None:
    assert person.delete("/users/me").status_code == 202
    world.pass_time(GRACE)


def _until_it_ends(world: World, person: Caller) -> None:
    for _ in range(12):
        if world.document(f"timers/{erasure_id(person.uid)}") is None:
            break
        world.pass_time(timedelta(minutes=66))
    found = _everything(world)
    assert [] == [path for path, fields in found.items() if person.uid in f"{path} {fields}"]


def _everything(world: World) -> dict[str, object]:
    store, found = world.services.ports.store, {}
    after = ""
    while page := store.below("", limit=300, after=after, whole=True):
        found |= {each.path: each.fields for each in page}
        after = page[-1].path
    return found
