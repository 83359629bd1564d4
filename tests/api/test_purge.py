"""Deleting everything of a workspace or a person: all of it, nothing else, at a known cost."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from backend.adapters.firestore import Store, metered
from backend.kit.documents import Create, Withdraw
from backend.leaving.forgetting import Forgetting
from backend.leaving.purge import WORK_S
from backend.leaving.receipts import ReceiptKind, receipt_path
from backend.tasks.model import TaskRef
from tests.api.factories import app_task, task_fields
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


class TestWorkspace:
    """A workspace that nobody needs any more."""

    def test_everything_of_it_goes_and_nothing_else(self, world: World, ann: Caller):
        """Also what only follows from it: shadows, timers, kept answers, files."""
        team, other = world.team(ann), world.team(ann)
        for place in (team, other):
            due = world.clock.now() + timedelta(days=3)
            task = app_task(world, place, by=ann, due_at=due)
            ann.post(
                f"/workspaces/{place}/tasks", {"title": "A"}, headers={"Idempotency-Key": place}
            )
            world.write(f"workspaces/{place}/tasks/{task}/comments/c", {"body": "x"})
            world.services.ports.blobs.put(
                f"workspaces/{place}/{task}/f", b"x", content_type="text/plain"
            )
        world.settle(times=2)
        ann.get(f"/workspaces/{team}")  # Now the membership is in the cache.

        purged = world.services.purge.empty_workspace(team)

        left = [path for path in _paths(world) if team in path or _names(world, path, team)]
        assert purged.is_done
        assert [] == left
        assert {
            "tasks": 2,
            "members": 1,
            "workspaces": 1,
            "files": 1,
        }.items() <= purged.deleted.items()
        assert {"shadows", "timers", "idempotency", "events", "comments"} <= purged.deleted.keys()
        assert 404 == ann.get(f"/workspaces/{team}").status_code
        assert 2 == len(ann.get(f"/workspaces/{other}/tasks").json()["items"])
        assert 1 == len(world.services.ports.blobs.listed(f"workspaces/{other}/", limit=9))

    def test_done_again_it_finds_nothing(self, world: World, ann: Caller):
        """And says so."""
        team = world.team(ann)
        world.services.purge.empty_workspace(team)

        again = world.services.purge.empty_workspace(team)

        assert ({}, True) == (again.deleted, again.is_done)

    def test_what_lies_below_a_missing_document_goes_too(self, world: World, ann: Caller):
        """A deleted task leaves its comments, which no query by task finds any more."""
        team = world.team(ann)
        world.write(f"workspaces/{team}/tasks/gone/comments/c", {"body": "x"})
        world.write(f"workspaces/{team}/unknown/u", {"body": "x"})

        purged = world.services.purge.empty_workspace(team)

        assert {"comments": 1, "unknown": 1} == {
            name: purged.deleted[name] for name in ("comments", "unknown")
        }

    def test_a_neighbour_whose_id_begins_alike_stays(self, world: World):
        """Ids are compared whole."""
        for place in ("team", "team-2", "team2"):
            world.write(f"workspaces/{place}/tasks/t", {"title": "A"})

        world.services.purge.empty_workspace("team")

        assert {"workspaces/team-2/tasks/t", "workspaces/team2/tasks/t"} == set(_paths(world))

    def test_it_stops_when_its_time_is_over_and_goes_on_another_time(
        self, world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
    ):
        """A page at a time, however large the workspace is."""
        team = world.team(ann)
        for number in range(900):
            if number % 300 == 0:
                _tasks(world, ann, team, range(number, number + 300))
        commit = Store._commit

        def slowly(self: Store, writes: list) -> object:
            world.clock.advance(timedelta(seconds=WORK_S / 2))
            return commit(self, writes)

        monkeypatch.setattr(Store, "_commit", slowly)
        calls = 1
        while not world.services.purge.empty_workspace(team).is_done:
            calls += 1

        assert 3 <= calls <= 5
        assert [] == [path for path in _paths(world) if team in path]

    def test_reactions_find_nothing_afterwards(self, world: World, ann: Caller):
        """A doorbell or a timer that comes late writes nothing again."""
        team = world.team(ann)
        task = app_task(world, team, by=ann, due_at=world.clock.now() + timedelta(hours=3))
        world.settle()
        world.services.purge.empty_workspace(team)
        before = set(_paths(world))

        world.ring(team, task)
        world.pass_time(timedelta(days=1))

        assert not world.services.reactor.react(TaskRef(team, task))
        assert set() == {path for path in set(_paths(world)) - before if team in path}

    def test_a_second_look_finds_what_a_reaction_wrote_behind_its_back(
        self, world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
    ):
        """It had read the task before, and committed after: the last moment of all races."""
        team = world.team(ann)
        task = app_task(world, team, by=ann)
        commit, purged = Store._commit, []

        def late(self: Store, writes: list) -> object:
            if not purged:
                purged.append(True)
                purged.append(world.services.purge.empty_workspace(team))
            return commit(self, writes)

        monkeypatch.setattr(Store, "_commit", late)
        world.services.reactor.react(TaskRef(team, task))
        left_over = [path for path in _paths(world) if team in path]
        world.services.purge.empty_workspace(team)

        assert left_over != []
        assert [] == [path for path in _paths(world) if team in path or _names(world, path, team)]


class TestCounting:
    """A receipt counts what went, however often the work was interrupted."""

    def test_each_commit_counts_what_it_deletes(self, world: World, ann: Caller):
        """So that nothing is lost between a deletion and its count."""
        receipts, uid = world.services.receipts, ann.uid
        ann.post("/workspaces/me/tasks", {"title": "A"})
        world.services.ports.store.attempt([receipts.opening(uid, ReceiptKind.GUEST_EXPIRED)])

        purged = world.services.purge.empty_person(uid, counted_at=receipt_path(uid))

        assert dict(purged.deleted) == dict(receipts.find(uid)[1].deleted)
        assert 1 == purged.deleted["tasks"]
        assert world.document(f"users/{uid}") is None
        assert receipts.is_gone(uid)

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_what_two_delete_is_counted_once(
        self, world: World, ann: Caller, when: str, monkeypatch: pytest.MonkeyPatch
    ):
        """Another job is faster; or our own commit took place, and only its answer was lost."""
        services, uid = world.services, ann.uid
        for _ in range(3):
            ann.post("/workspaces/me/tasks", {"title": "A"})
        services.ports.store.attempt([services.receipts.opening(uid, ReceiptKind.ERASED)])
        commit, done = Store._commit, []

        def doubled(self: Store, writes: list) -> object:
            if not done and any(isinstance(write, Withdraw) for write in writes):
                done.append(True)
                if when == "after":
                    commit(self, writes)
                else:
                    services.purge.empty_person(uid, counted_at=receipt_path(uid))
            return commit(self, writes)

        monkeypatch.setattr(Store, "_commit", doubled)
        services.purge.empty_person(uid, counted_at=receipt_path(uid))

        counted = services.receipts.find(uid)[1].deleted
        assert done
        assert {"tasks": 3, "users": 1, "workspaces": 1, "members": 1} == counted


class TestCost:
    """What is stored elsewhere costs nothing: the slope is what is deleted or changed."""

    def test_a_purge_reads_and_writes_each_document_once(self, world: World, ann: Caller):
        """Beside one empty answer for each place where something might be."""
        costs = []
        for count in (10, 110):
            team = world.team(ann)
            _tasks(world, ann, team, range(count))
            with metered() as usage:
                world.services.purge.empty_workspace(team)
            costs.append((usage.reads, usage.writes, usage.rpcs))

        (reads, writes, rpcs), (more_reads, more_writes, more_rpcs) = costs
        assert (100, 100, 0) == (more_reads - reads, more_writes - writes, more_rpcs - rpcs)
        assert reads <= 34

    def test_forgetting_reads_what_names_the_person(self, world: World, ann: Caller):
        """However many documents there are that do not."""
        store = world.services.ports.store
        forgetting, bob = Forgetting(store, world.clock), world.person("Bob")
        receipt = receipt_path(ann.uid)
        store.attempt([world.services.receipts.opening(ann.uid, ReceiptKind.ERASED)])
        world.services.purge.empty_person(ann.uid, keeping_account=True)
        _tasks(world, bob, world.team(bob), range(200))
        with metered() as none:
            forgetting.forget(ann.uid, "ann@example.org", counted_at=receipt)
        team = world.team(bob)
        _tasks(world, ann, team, range(50))
        with metered() as fifty:
            forgetting.forget(ann.uid, "ann@example.org", counted_at=receipt)

        assert none.reads == none.rpcs <= 48
        assert 0 == none.writes
        # Each task, and a look for its shadow.
        assert (100, 51) == (fifty.reads - none.reads, fifty.writes)


def _tasks(world: World, by: Caller, workspace_id: str, numbers: range) -> None:
    """Write tasks without anybody reacting to them."""
    fields = task_fields(world, by=by)
    paths = [f"workspaces/{workspace_id}/tasks/t{number:04}" for number in numbers]
    assert world.services.ports.store.attempt([Create(path, fields) for path in paths])


def _paths(world: World) -> Iterator[str]:
    store, after = world.services.ports.store, ""
    while found := store.below("", limit=300, after=after):
        yield from (each.path for each in found)
        after = found[-1].path


def _names(world: World, path: str, workspace_id: str) -> bool:
    """Whether a document of the server follows the workspace."""
    is_followers = path.startswith(("shadows/", "timers/", "idempotency/"))
    return is_followers and workspace_id in str(world.document(path))
